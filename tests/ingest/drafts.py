"""What tests of export readers share: drafts from text, and what holds for every draft."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from shared_files import SHARED

from twinimpact.errors import IngestError
from twinimpact.ingest.draft import Draft, draft_of
from twinimpact.ingest.records import ROLES, STATES, DraftColumn
from twinimpact.problems import RULES


def expected_files(*folders: str) -> list[dict[str, Any]]:
    """Entries of the expectations for files with answers, one that skips where they are absent."""
    path = SHARED / "fixtures" / "EXPECTED.json"
    if not path.exists():
        return [{"path": "EXPECTED.json", "kind": "responses"}]
    listed = json.loads(path.read_text(encoding="utf-8"))
    return [
        entry
        for entry in listed
        if entry["kind"] == "responses"
        and entry["path"].startswith(folders)
        and not entry["path"].endswith(".dta")
    ]


def checked(draft: Draft) -> Draft:
    """What holds for every draft, whatever the platform."""
    keys = [column.key for column in draft.columns]
    assert len(set(keys)) == len(keys) and all(keys)
    assert [column.position for column in draft.columns] == list(range(len(keys)))
    assert {column.role for column in draft.columns} <= set(ROLES)
    for row in draft.rows:
        assert len(row.cells) == len(keys)
        assert row.state in STATES and row.response_id
        # a missing answer leaves its cell blank
        assert not any(row.cells[place] for place in row.reasons)
    numbers = [row.number for row in draft.rows]
    assert numbers == sorted(set(numbers))
    for problem in draft.problems:
        assert problem.code in RULES and problem.what() and problem.hint()
    return draft


def draft_text(folder: Path, text: str | bytes, platform: str = "", name: str = "e.csv") -> Draft:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return checked(draft_of(path, platform=platform))


def column(draft: Draft, key: str) -> DraftColumn:
    return next(one for one in draft.columns if one.key == key)


def cells(draft: Draft, key: str) -> list[str]:
    place = column(draft, key).position
    return [row.cells[place] for row in draft.rows]


def reasons(draft: Draft, key: str) -> list[str]:
    place = column(draft, key).position
    return [row.reasons.get(place, "") for row in draft.rows]


def roles(draft: Draft) -> dict[str, str]:
    return {one.key: one.role for one in draft.columns}


def told(draft: Draft) -> dict[str, str]:
    """Problem code to what was found."""
    return {problem.code: problem.got for problem in draft.problems}


def as_csv(
    rows: Sequence[Sequence[str]], delimiter: str = ",", end: str = "\n", quoting: int = 0
) -> str:
    target = io.StringIO(newline="")
    csv.writer(target, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)
    return target.getvalue()


def rows_of(path: Path, delimiter: str = ",") -> list[list[str]]:
    text = path.read_text(encoding="utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def table_of(draft: Draft, key: Callable[[Any], str] | None = None) -> dict[str, Any]:
    """A draft whatever the order of its rows and columns: responses with cells by column."""
    return {
        row.response_id: (
            row.state, row.submitted, row.language, row.token,
            {one.key: row.cells[one.position] for one in draft.columns},
        )
        for row in draft.rows
    }  # fmt: skip


def rewritten(
    rows: list[list[str]], header_rows: int = 1, keep_first: bool = False
) -> Iterator[tuple[str, bytes]]:
    """Copies of one export that say the same: other order, letters, delimiter, line ends."""
    dice = random.Random(11)
    width = len(rows[0])
    places = dice.sample(range(width), width)
    if keep_first:
        places = [0, *(place for place in places if place)]
    body = dice.sample(rows[header_rows:], len(rows) - header_rows)
    shuffled = [[row[place] for place in places] for row in [*rows[:header_rows], *body]]
    yield "shuffled", as_csv(shuffled).encode()
    yield "semicolon, CRLF, UTF-16", as_csv(rows, ";", "\r\n").encode("utf-16")
    yield "TAB, CR, BOM", b"\xef\xbb\xbf" + as_csv(rows, "\t", "\r", csv.QUOTE_ALL).encode()
    blank = [""] * width
    yield (
        "blank rows",
        as_csv([*rows[: header_rows + 1], blank, *rows[header_rows + 1 :], blank]).encode(),
    )


def broken(data: bytes, seed: int, times: int = 25) -> Iterator[bytes]:
    """Copies cut off, with flipped bytes, or with rubbish at the end."""
    dice = random.Random(seed)
    for number in range(times):
        copy = bytearray(data)
        if number % 3 == 0:
            del copy[dice.randrange(1, len(copy)) :]
        elif number % 3 == 1:
            for _ in range(dice.randrange(1, 20)):
                copy[dice.randrange(len(copy))] = dice.randrange(256)
        else:
            copy += bytes(dice.randrange(256) for _ in range(dice.randrange(1, 200)))
        yield bytes(copy)


def survives(folder: Path, data: bytes, name: str = "e.csv") -> None:
    """Broken copies give a draft or one clear refusal."""
    for number, copy in enumerate(broken(data, seed=len(data))):
        path = folder / f"{number}-{name}"
        path.write_bytes(copy)
        try:
            checked(draft_of(path))
        except IngestError as error:
            assert error.what
        path.unlink()
