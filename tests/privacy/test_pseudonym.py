"""Pseudonyms: equal people get equal pseudonyms, and the key stays secret."""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path

import pytest

from twinimpact.errors import DefinitionError
from twinimpact.evaluation import Pseudonym
from twinimpact.privacy import Key, code_elements, create_key, load_key, pseudonym

KEY = Key(value=bytes(range(32)), key_id="test")


def test_a_pseudonym_is_the_start_of_a_keyed_digest() -> None:
    digest = hmac.new(bytes(range(32)), b"person\0anna@example.org", hashlib.sha256).hexdigest()
    assert pseudonym(KEY, "person", "anna@example.org") == digest[:20]


@pytest.mark.parametrize(
    "spelling", [" Anna@Example.org", "ANNA@EXAMPLE.ORG\n", "ａnna@example.org"]
)
def test_spellings_of_one_id_give_one_pseudonym(spelling: str) -> None:
    assert pseudonym(KEY, "person", spelling) == pseudonym(KEY, "person", "anna@example.org")


def test_purposes_and_keys_cannot_be_linked() -> None:
    other = Key(value=bytes(32), key_id="other")
    values = {
        pseudonym(KEY, "person", "7"),
        pseudonym(KEY, "response", "7"),
        pseudonym(other, "person", "7"),
    }
    assert len(values) == 3


def test_nothing_has_no_pseudonym() -> None:
    assert pseudonym(KEY, "person", "  ") == ""
    assert code_elements(KEY, ["", " "]) == ""


def test_code_elements_are_hashed_one_by_one() -> None:
    first = code_elements(KEY, ["AB", "3", "3", ""]).split("-")
    second = code_elements(KEY, ["ab", "4", "3", ""]).split("-")
    assert [a == b for a, b in zip(first, second, strict=True)] == [True, False, True, True]
    assert first[1] != first[2], "the same answer to two questions must not look the same"
    assert first[3] == ""


def test_a_created_key_is_private_and_loads(tmp_path: Path) -> None:
    path = tmp_path / "config" / "demo.key"
    created = create_key(path)
    assert len(created.value) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_key(Pseudonym(key_file=str(path))) == created
    assert created.value.hex() not in repr(created)
    assert created.key_id not in created.value.hex()


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "demo.key"
    created = create_key(path)
    with pytest.raises(DefinitionError, match="never overwritten"):
        create_key(path)
    assert load_key(Pseudonym(key_file="demo.key"), tmp_path) == created


@pytest.mark.skipif(os.name != "posix", reason="file modes are a POSIX matter")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "demo.key"
    create_key(path)
    path.chmod(mode)
    with pytest.raises(DefinitionError, match="Other users"):
        load_key(Pseudonym(key_file=str(path)))


def test_a_key_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWIN_KEY", KEY.value.hex() + "\n")
    assert load_key(Pseudonym(key_env="TWIN_KEY")).value == KEY.value
    monkeypatch.setenv("TWIN_KEY", "5ecret")
    with pytest.raises(DefinitionError, match="not a key") as caught:
        load_key(Pseudonym(key_env="TWIN_KEY"))
    assert "5ecret" not in str(caught.value)
    monkeypatch.delenv("TWIN_KEY")
    with pytest.raises(DefinitionError, match="TWIN_KEY is not set"):
        load_key(Pseudonym(key_env="TWIN_KEY"))


def test_missing_and_broken_keys_are_refused_kindly(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="No key"):
        load_key(None)
    with pytest.raises(DefinitionError, match="not there"):
        load_key(Pseudonym(key_file=str(tmp_path / "absent.key")))
    with pytest.raises(DefinitionError, match="cannot be read"):
        load_key(Pseudonym(key_file=str(tmp_path)))
