"""What readers of definition files share: their text, and which codes are no answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from twinimpact.errors import IngestError
from twinimpact.ingest.decode import decode
from twinimpact.ingest.synonyms import option

MAX_FILE = 32 * 1024 * 1024
_SENTINEL = re.compile(r"^-?([7-9])\1{1,3}$|^-([1-9])\2{2}$|^-[1-9]$")
_WORDS: Mapping[str, str] = {
    "dont_know": r"don.?t know|do not know|unsure|unknown|can.?t say|cannot say|weiß|weiss|"
    r"ne sai[st]|no sabe|non so|nie wiem|nevím|can't choose",
    "refused": r"refus|declin|prefer not|rather not|no answer|not answered|no response|"
    r"keine angabe|pas de réponse|nicht beantwortet|odmow",
    "not_applicable": r"not applicable|does not apply|not yet|trifft nicht zu|sans objet|n/a\b",
}
_PATTERNS = {reason: re.compile(words, re.IGNORECASE) for reason, words in _WORDS.items()}


def text_of(path: Path) -> str:
    """Text of a definition file.

    Raises
    ------
    IngestError
        If it cannot be opened, or is larger than 32 MiB.
    """
    try:
        if path.stat().st_size > MAX_FILE:
            raise IngestError(
                "The definition file is larger than this program accepts.",
                where=path.name,
                expected=f"at most {MAX_FILE // 2**20} MiB",
            )
        data = path.read_bytes()
    except OSError as error:
        raise IngestError("The definition file cannot be opened.", where=path.name) from error
    return decode(data, "", path.name).text


def missing_reason(code: str, label: str) -> str:
    """Why an option is no answer, ``""`` if it is one.

    An exact wording such as "Don't know" says so by itself; a looser one only beside a code
    that people use for missing answers (99, -888, -1), so "99, Other" stays an answer.
    """
    if reason := option("missing", label):
        return reason
    if not _SENTINEL.match(code.strip()):
        return ""
    return next((why for why, pattern in _PATTERNS.items() if pattern.search(label)), "")


def split_options(
    labels: Mapping[str, Mapping[str, str]],
) -> tuple[dict[str, Mapping[str, str]], dict[str, str]]:
    """Options that are answers, and the reason of each code that is none."""
    options: dict[str, Mapping[str, str]] = {}
    missing: dict[str, str] = {}
    for code, texts in labels.items():
        reasons = [reason for text in texts.values() if (reason := missing_reason(code, text))]
        if reasons:
            missing[code] = reasons[0]
        else:
            options[code] = texts
    return options, missing
