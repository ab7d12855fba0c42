"""The quarantine files and the door of the workspace."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinimpact.ingest.files import expand, inside
from twinimpact.ingest.quarantine import COLUMNS, guarded, quarantine_name, write_quarantine
from twinimpact.problems import Problem

PROBLEM = Problem(
    code="answers_out_of_range",
    file="kobo.csv",
    sheet="Form",
    row=12,
    column="tw_civic_r1",
    got="=SUM(A1)",
    expected="0..10",
)


def test_both_files_name_place_value_rule_and_fix(tmp_path: Path) -> None:
    paths = write_quarantine(tmp_path / "q", "kobo.csv-1234abcd", [PROBLEM])
    assert [path.name for path in paths] == ["kobo.csv-1234abcd.csv", "kobo.csv-1234abcd.json"]
    assert paths[0].read_bytes().startswith(b"\xef\xbb\xbf")
    with paths[0].open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert tuple(rows[0]) == COLUMNS
    assert (rows[0]["row"], rows[0]["rule"]) == ("12", "answers_out_of_range")
    assert rows[0]["value"] == "'=SUM(A1)"
    assert "0..10" in rows[0]["what"]
    listed = json.loads(paths[1].read_text(encoding="utf-8"))
    assert listed[0]["value"] == "=SUM(A1)"
    assert listed[0]["fix"]


def test_equal_problems_give_equal_bytes(tmp_path: Path) -> None:
    first = [path.read_bytes() for path in write_quarantine(tmp_path, "a", [PROBLEM])]
    assert [path.read_bytes() for path in write_quarantine(tmp_path, "a", [PROBLEM])] == first
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "a.json"]


def test_what_is_mended_disappears(tmp_path: Path) -> None:
    write_quarantine(tmp_path, "a", [PROBLEM])
    assert write_quarantine(tmp_path, "a", []) == ()
    assert list(tmp_path.iterdir()) == []


@given(st.text(max_size=20))
def test_no_cell_can_start_a_formula(text: str) -> None:
    written = guarded(text)
    number = written.lstrip("+-").replace(",", "").replace(".", "").isdigit()
    assert number or not written.lstrip(" \n").startswith(("=", "+", "-", "@", "\t", "\r"))
    assert written in (text, "'" + text)


@pytest.mark.parametrize("text", ["-3", "+4.5", "-0,5", "7", "word"])
def test_plain_numbers_and_words_stay_as_they_are(text: str) -> None:
    assert guarded(text) == text


def test_a_phone_number_is_no_number() -> None:
    assert guarded("+91 99").startswith("'")


def test_the_name_of_a_quarantine_file_is_safe() -> None:
    assert quarantine_name("inbox/../My file (1).csv", "abcdef0123") == "My_file_1_.csv-abcdef01"
    assert quarantine_name("inbox/...", "") == "file-unread"


# --- files of the workspace ---


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "ws"
    (folder / "inbox").mkdir(parents=True)
    for name in ("b.csv", "a.csv", "[1].csv", "~$a.csv", ".hidden.csv"):
        (folder / "inbox" / name).write_text("x", encoding="utf-8")
    (tmp_path / "secret.csv").write_text("x", encoding="utf-8")
    return folder


def test_a_pattern_gives_files_in_order_without_lock_files(root: Path) -> None:
    files, problems = expand(root, "inbox/*.csv")
    assert [path.name for path in files] == ["[1].csv", "a.csv", "b.csv"]
    assert problems == ()
    assert [path.name for path in expand(root, "inbox/[1].csv")[0]] == ["[1].csv"]


@pytest.mark.parametrize(
    "pattern", ["../secret.csv", "/etc/passwd", "inbox/../../secret.csv", "C:/x.csv"]
)
def test_nothing_outside_the_workspace_is_named(root: Path, pattern: str) -> None:
    files, problems = expand(root, pattern)
    assert files == ()
    assert [problem.code for problem in problems] == ["import_outside"]


def test_a_link_out_of_the_workspace_is_not_followed(root: Path) -> None:
    (root / "inbox" / "link.csv").symlink_to(root.parent / "secret.csv")
    files, problems = expand(root, "inbox/link.csv")
    assert files == ()
    assert [problem.code for problem in problems] == ["import_outside"]
    assert inside(root, "inbox/link.csv") is None
    assert inside(root, "inbox/a.csv") is not None


def test_a_pattern_without_files_is_told(root: Path) -> None:
    assert [problem.code for problem in expand(root, "inbox/*.xlsx")[1]] == ["import_no_file"]
