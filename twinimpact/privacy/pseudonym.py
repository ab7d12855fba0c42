"""Pseudonyms: keyed digests that link a person's answers without naming anyone.

A plain digest of an e-mail address is undone by hashing a list of addresses. With a
secret key of 32 random bytes that is impossible for whoever lacks the key, so the key is
kept outside the workspace and outside every file a person edits or shares.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from twinimpact.errors import DefinitionError
from twinimpact.evaluation import Pseudonym

KEY_BYTES = 32
LENGTH = 20
ELEMENT_LENGTH = 8
_HALF = LENGTH // 2
_MANY = 8_192
_BLOCK = 64
"""Bytes that SHA-256 takes at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A secret key; ``key_id`` names it without revealing it, and is what may be stored."""

    value: bytes = field(repr=False)
    key_id: str


def normalised(value: str) -> str:
    """One form for all spellings of an id: NFKC, case folded, trimmed.

    >>> normalised("  ANNA@Example.org ")
    'anna@example.org'
    """
    if value.isascii():
        return value.casefold().strip()
    folded = unicodedata.normalize("NFKC", value).casefold()
    return unicodedata.normalize("NFKC", folded).strip()


def pseudonym(key: Key, purpose: str, value: str) -> str:
    """The pseudonym of a value: 20 hexadecimal characters (80 bits) of HMAC-SHA256.

    Parameters
    ----------
    key
        The programme's key; the same key over all waves, or people cannot be linked.
    purpose
        What the value is, e.g. ``person`` or ``response``: equal values used for different
        purposes must not be linkable.
    value
        The identifier as it stands in the file.

    Returns
    -------
    str
        The pseudonym, or ``""`` when there is nothing to name.
    """
    return _digest(key, purpose, value, LENGTH)


def pseudonyms(key: Key, purpose: str, values: Sequence[str], prefix: str = "") -> list[str]:
    """The pseudonyms of many values; each is what :func:`pseudonym` gives for it alone.

    Parameters
    ----------
    prefix
        What all values begin with.
    """
    made: list[str] = []
    for start in range(0, len(values), _MANY):
        made += _pseudonyms(key, purpose, values[start : start + _MANY], prefix)
    return made


def _pseudonyms(key: Key, purpose: str, values: Sequence[str], prefix: str) -> list[str]:
    whole = "\0".join(values)
    if not (whole.isascii() and prefix.isascii()) or whole.count("\0") != len(values) - 1:
        return [pseudonym(key, purpose, prefix + value) for value in values]
    bare = [value.rstrip() for value in values] if prefix.strip() else map(str.strip, values)
    texts = "\0".join(bare).casefold().encode().split(b"\0")
    block = key.value if len(key.value) <= _BLOCK else hashlib.sha256(key.value).digest()
    block = block.ljust(_BLOCK, b"\0")
    begin = f"{purpose}\0{prefix.lstrip().casefold()}".encode()
    # HMAC (RFC 2104) with the two halves that only depend on the key made once
    inner = hashlib.sha256(bytes(one ^ 0x36 for one in block) + begin).copy
    outer = hashlib.sha256(bytes(one ^ 0x5C for one in block)).copy
    digests = []
    for text in texts:
        first, second = inner(), outer()
        first.update(text)
        second.update(first.digest())
        digests.append(second.digest()[:_HALF])
    found = b"".join(digests).hex()
    listed = [found[start : start + LENGTH] for start in range(0, len(found), LENGTH)]
    if not all(texts):
        alone = pseudonym(key, purpose, prefix)
        return [one if text else alone for one, text in zip(listed, texts, strict=True)]
    return listed


def code_elements(key: Key, elements: Iterable[str]) -> str:
    """The elements of a self-generated code, hashed one by one and joined by ``-``.

    Hashing them apart keeps "at most one element differs" decidable. An element that was left
    blank stays blank between its dashes; a code without any element is ``""``.
    """
    hashed = [code_element(key, position, element) for position, element in enumerate(elements)]
    return "-".join(hashed) if any(hashed) else ""


def code_element(key: Key, position: int, element: str) -> str:
    """One hashed element of a self-generated code; a blank one stays blank."""
    return _digest(key, f"code-{position}", element, ELEMENT_LENGTH)


def create_key(path: Path) -> Key:
    """Write a new random key to a file only its owner can read; never overwrites one.

    Raises
    ------
    DefinitionError
        If the file exists: replacing a key would cut the link between waves for good.
    """
    path = path.expanduser()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    value = secrets.token_bytes(KEY_BYTES)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise DefinitionError(
            "A key is kept here already, and a key is never overwritten.",
            where=path.name,
            hint="Use it, or name another file under privacy.pseudonym.",
        ) from None
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(f"{value.hex()}\n")
        file.flush()
        os.fsync(file.fileno())
    return _key(value)


def load_key(settings: Pseudonym | None, folder: Path | None = None) -> Key:
    """The key named by ``privacy.pseudonym``.

    Parameters
    ----------
    settings
        The section of ``evaluation.toml``.
    folder
        The workspace, from which a relative path is read.

    Raises
    ------
    DefinitionError
        If there is no key, it is not 32 bytes in hexadecimal, or other users can read it.
    """
    if settings is None:
        raise DefinitionError(
            "No key for pseudonyms is named.",
            where="privacy.pseudonym",
            hint='Add pseudonym = {key_file = "~/.config/twinimpact/name.key"} under [privacy].',
        )
    if settings.key_env is not None:
        text = os.environ.get(settings.key_env)
        if text is None:
            raise DefinitionError(
                f"The environment variable {settings.key_env} is not set.",
                where="privacy.pseudonym.key_env",
                hint="Set it to the key, 64 hexadecimal characters, before running the command.",
            )
        return _key(_parsed(text, f"environment variable {settings.key_env}"))
    path = key_path(settings, folder)
    return _key(_parsed(_read(path), path.name))


def key_path(settings: Pseudonym, folder: Path | None = None) -> Path:
    """The key file named by the settings, with ``~`` expanded."""
    path = Path(settings.key_file or "").expanduser()
    return path if path.is_absolute() or folder is None else folder / path


def _read(path: Path) -> str:
    try:
        with path.open(encoding="ascii") as file:
            mode = os.fstat(file.fileno()).st_mode
            if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise DefinitionError(
                    "Other users of this computer can read the key.",
                    where=path.name,
                    got=f"mode {stat.S_IMODE(mode):03o}",
                    expected="mode 600",
                    hint=f"Run: chmod 600 {path}",
                )
            return file.read()
    except FileNotFoundError:
        raise DefinitionError(
            "The key for pseudonyms is not there.",
            where=str(path),
            hint="Copy the key of this evaluation to that place. A new key would not match "
            "people already imported.",
        ) from None
    except (OSError, UnicodeDecodeError):
        raise DefinitionError("The key for pseudonyms cannot be read.", where=str(path)) from None


def _parsed(text: str, where: str) -> bytes:
    try:
        value = bytes.fromhex(text.strip())
    except ValueError:
        value = b""
    if len(value) != KEY_BYTES:
        raise DefinitionError(
            "This is not a key for pseudonyms.",
            where=where,
            expected="64 hexadecimal characters",
            hint="Keys are written by the command `twinimpact new`.",
        )
    return value


def _key(value: bytes) -> Key:
    return Key(value=value, key_id=hashlib.sha256(b"twinimpact key " + value).hexdigest()[:12])


def _digest(key: Key, purpose: str, value: str, length: int) -> str:
    text = normalised(value)
    if not text:
        return ""
    message = f"{purpose}\0{text}".encode()
    return hmac.digest(key.value, message, "sha256").hex()[:length]
