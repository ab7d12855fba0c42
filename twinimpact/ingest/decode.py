"""From bytes to text: byte-order marks, UTF-16, UTF-8, and two old 8-bit alphabets.

General-purpose guessers choose wrongly on short files with few accents, so the ladder
is fixed: a mark decides, then zero bytes, then strict UTF-8, then the reading that puts
letters where letters belong (Windows-1252 or Mac-Roman).
"""

from __future__ import annotations

import codecs
import itertools
import re
from dataclasses import dataclass

from twinimpact.errors import IngestError
from twinimpact.problems import Problem

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HIGH = re.compile(r"[^\x00-\x7f]")
_R_ESCAPE = re.compile(r"<U\+([0-9A-Fa-f]{4,6})>")
_MOSTLY = 0.9
_SAMPLE = 5_000
_RARE_LETTERS = frozenset("šžœÿŠŽŒŸıﬁﬂ")
_MARKS_AFTER = frozenset("”’»")
_MARKS_BEFORE = frozenset("„«‚")
_MARKS_EITHER = frozenset("“‘")  # German closes with what English opens with
_LONE_ACCENTS = frozenset("ˆ˜¯˘˙˚¸˝˛ˇ")
_COMMON_SIGNS = frozenset("–—…€°§·•\u00a0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """Text of a file, how it was read, and what could not be read."""

    text: str
    encoding: str
    problems: tuple[Problem, ...] = ()


def decode(data: bytes, encoding: str = "", file: str = "") -> Decoded:
    """Text of ``data``; a given ``encoding`` is obeyed, otherwise the ladder decides.

    Raises
    ------
    IngestError
        If the given encoding is unknown, or the bytes are no text.
    """
    problems: list[Problem] = []
    name = encoding or _choose(data)
    text = _decode_as(data, name, file)
    # U+FFFD that somebody saved earlier is not ours to count
    replaced = text.count("\ufffd") - data.count("\ufffd".encode())
    if replaced > 0:
        problems.append(Problem(code="bytes_replaced", file=file, got=str(replaced), expected=name))
    if not encoding and name in ("cp1252", "mac-roman"):
        letters = " ".join(sorted({match[0] for match in _HIGH.finditer(text)})[:12])
        code = "encoding_undecided" if _undecidable(text) else "encoding_guessed"
        problems.append(Problem(code=code, file=file, got=name, expected=letters))
    return Decoded(text=clean(text, escapes=True), encoding=name, problems=tuple(problems))


def clean(text: str, escapes: bool = False) -> str:
    """Text without stray byte-order marks; with ``escapes``, R's ``<U+043E>`` become letters.

    R writes such escapes for every letter its locale cannot show, so one alone may be
    meant as text: they are replaced from three on.
    """
    if "\ufeff" in text:
        text = text.replace("\ufeff", "")
    if escapes and text.count("<U+") >= 3:
        text = _R_ESCAPE.sub(_letter, text)
    return text


def _letter(match: re.Match[str]) -> str:
    number = int(match[1], 16)
    # an escaped ASCII character was meant as text, and a surrogate is no letter
    if number < 0x80 or number > 0x10FFFF or 0xD800 <= number <= 0xDFFF or number == 0xFEFF:
        return "" if number == 0xFEFF else match[0]
    return chr(number)


def _decode_as(data: bytes, name: str, file: str) -> str:
    try:
        codecs.lookup(name)
        return data.decode(name, errors="replace")
    except (LookupError, UnicodeError, ValueError) as error:
        raise IngestError(
            "The file cannot be read as text.",
            where=file,
            got=f"encoding {name}",
            expected="a text encoding such as utf-8, cp1252 or mac-roman",
            hint="Correct `encoding` in evaluation.toml, or leave it out.",
        ) from error


def _choose(data: bytes) -> str:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    if data.isascii() and b"\0" not in data[:4096]:
        return "ascii"
    if name := _utf16_without_mark(data[:4096]):
        return name
    try:
        data.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        pass
    if _damaged_utf8(data):
        return "utf-8"
    return _eight_bit(data)


def _utf16_without_mark(head: bytes) -> str:
    """Western text in UTF-16 has a zero byte beside nearly every letter."""
    half = len(head) // 2
    if half < 2:
        return ""
    if head[1::2].count(0) > 0.3 * half and head[0::2].count(0) < 0.05 * half:
        return "utf-16-le"
    if head[0::2].count(0) > 0.3 * half and head[1::2].count(0) < 0.05 * half:
        return "utf-16-be"
    return ""


def _damaged_utf8(data: bytes) -> bool:
    """Whether a few broken bytes interrupt text that is UTF-8 otherwise."""
    text = data.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    good = sum(1 for _ in _HIGH.finditer(text)) - broken
    return good > 0 and good / (good + broken) >= _MOSTLY


def _eight_bit(data: bytes) -> str:
    windows = _fit(data.decode("cp1252", errors="replace"))
    mac = _fit(data.decode("mac-roman"))
    return "mac-roman" if mac > windows else "cp1252"


def _undecidable(text: str) -> bool:
    """Whether letters above ASCII stand beside no other letter, so nothing tells them apart."""
    found = list(itertools.islice(_HIGH.finditer(text), _SAMPLE))
    return bool(found) and all(
        match[0].isalpha()
        and not any(
            letter.isascii() and letter.isalpha()
            for letter in text[max(0, match.start() - 1) : match.end() + 1]
        )
        for match in found
    )


def _fit(text: str) -> float:
    """How well the accented characters stand where such characters stand in prose."""
    score = 0.0
    for count, match in enumerate(_HIGH.finditer(text)):
        if count >= _SAMPLE:
            break
        start = match.start()
        before = text[start - 1] if start else " "
        after = text[start + 1] if start + 1 < len(text) else " "
        score += _plausible(match[0], before, after)
    return score


def _plausible(sign: str, before: str, after: str) -> float:
    inside = before.isalpha() and after.isalpha()
    if sign == "\ufffd":
        return -2.0
    if sign in _LONE_ACCENTS:
        return -1.0
    if sign in _RARE_LETTERS:
        return -1.0 if sign.isupper() and inside else 0.5
    if sign.isalpha():
        if sign.isupper():
            return -1.0 if before.isalpha() and (before.islower() or after.islower()) else 0.5
        return 1.0 if before.isalpha() or after.isalpha() else 0.0
    if sign in _MARKS_BEFORE:
        return 0.5 if after.isalnum() and not before.isalnum() else -0.5
    if sign in _MARKS_EITHER:
        return 0.5 if before.isspace() != after.isspace() else -0.5
    if sign in _MARKS_AFTER:
        return 0.5 if not before.isspace() and (sign == "’" or not after.isalnum()) else -0.5
    if sign in _COMMON_SIGNS:
        return -1.0 if inside and sign in "§°" else 0.3
    return -1.0 if before.isalpha() or after.isalpha() else -0.2
