"""Decisions that are a person's: which version of a response counts, and who is whom.

Both queues are lists without answers and without code text. A queue is written as a table
with an empty column; filled in, the same table is carried out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twinimpact.errors import DefinitionError, IngestError
from twinimpact.ingest import read_tables
from twinimpact.ingest.ambiguity import Candidate, decide_links, queue_of
from twinimpact.ingest.quarantine import guarded
from twinimpact.language import N_, Translator
from twinimpact.run.project import Project
from twinimpact.workspace import (
    conflicts_of,
    file_names,
    read_links,
    read_responses,
    unit_of_work,
)

Row = dict[str, str]
UNDO = "undo"
LINK_WORDS: Mapping[str, str] = {"same": "same", "different": "different", UNDO: ""}
CONFLICT_WORDS: Mapping[str, str] = {
    "first": "first", "keep": "first", "second": "second", "replace": "second",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a command has to say: a table and sentences."""

    title: str
    rows: list[Row]
    sentences: tuple[str, ...]


def settle_links(
    project: Project, write: Path | None, decide: Path | None, translate: Translator
) -> Told:
    """The queue of pairs that may be of one person; ``decide`` is carried out first.

    Raises
    ------
    IngestError
        If the table names pairs that are not in the queue, or other words than ``same``,
        ``different`` and ``undo``.
    """
    sentences = []
    design = project.evaluation.design
    waves = tuple(wave.id for wave in project.evaluation.waves) if design.linked else ()
    if decide is not None:
        pairs = {pair.key: pair for pair in queue_of(project.workspace, waves)}
        said = read_decisions(decide, "pair", pairs, LINK_WORDS)
        decisions = {(pairs[k].first, pairs[k].second): word for k, word in said.items()}
        count = decide_links(project.workspace, waves, decisions)
        sentences.append(_changed(count, translate))
    queue = queue_of(project.workspace, waves)
    rows = _link_rows(project, queue)
    person = read_links(project.workspace).set_index("response_id")["person"].to_dict()
    apart = [
        pair.key
        for pair in queue
        if pair.verdict == "same" and person.get(pair.first) != person.get(pair.second)
    ]
    if apart:
        message = N_(
            "Not one person all the same, because that person would have two questionnaires of "
            "one wave: {pairs}."
        )
        sentences.append(translate.text(message, {"pairs": ", ".join(apart)}))
    return _told("Pairs to decide on", rows, sentences, write, translate)


def settle_conflicts(
    project: Project, write: Path | None, decide: Path | None, translate: Translator
) -> Told:
    """Responses with contradicting versions; ``decide`` is carried out first.

    Raises
    ------
    IngestError
        If the table names conflicts that do not exist, or other words than ``first`` and
        ``second`` (or ``keep`` and ``replace``).
    """
    sentences = []
    if decide is not None:
        known = {str(one.id): one for one in conflicts_of(project.workspace)}
        said = read_decisions(decide, "conflict", known, CONFLICT_WORDS)
        states = {int(number): word for number, word in said.items()}
        with unit_of_work(project.workspace) as work:
            work.decide_conflicts(states)
        changed = sum(known[str(number)].state != state for number, state in states.items())
        design = project.evaluation.design
        waves = tuple(wave.id for wave in project.evaluation.waves) if design.linked else ()
        decide_links(project.workspace, waves, {})  # other versions may have other codes
        sentences.append(_changed(changed, translate))
    rows = _conflict_rows(project)
    return _told("Versions to decide on", rows, sentences, write, translate)


def read_decisions(
    path: Path, key: str, known: Mapping[str, object], words: Mapping[str, str]
) -> dict[str, str]:
    """Decisions of a filled-in table: key to word; rows without a decision are left out.

    Raises
    ------
    DefinitionError
        If there is no such file.
    IngestError
        If a column, a key or a word is not right; nothing is carried out then.
    """
    if not path.is_file():
        raise DefinitionError("There is no such file.", where=str(path))
    table = read_tables(path)[0]
    header = [cell.strip().casefold() for cell in table.rows[0]] if table.rows else []
    if key not in header or "decision" not in header:
        raise IngestError(
            "The table of decisions lacks a column.", where=path.name, expected=f"{key}, decision"
        )
    said: dict[str, str] = {}
    wrong = []
    for number, row in zip(table.numbers[1:], table.rows[1:], strict=True):
        name = row[header.index(key)].strip()
        word = row[header.index("decision")].strip().casefold()
        if not word:
            continue
        if name not in known or word not in words:
            wrong.append(f"row {number}: {name or '-'} {word}")
        said[name] = words.get(word, "")
    if wrong:
        raise IngestError(
            "Some decisions cannot be carried out; none was.",
            where=path.name,
            got="; ".join(wrong[:10]),
            expected=", ".join(words),
            hint="Write the table anew, or correct these rows.",
        )
    return said


def trace_rows(project: Project, partnership: str, scale: str = "") -> list[Row]:
    """Files and rows that the answers of a partnership came from; no answers.

    Parameters
    ----------
    scale
        Only questionnaires with an answer to one of the scale's questions.

    Raises
    ------
    DefinitionError
        If there is no such partnership or scale.
    """
    responses = read_responses(project.workspace)
    known = sorted(responses["partnership_id"].astype("str").unique())
    if partnership not in known:
        raise DefinitionError(
            "There are no answers about this partnership.",
            got=partnership,
            expected=", ".join(known),
        )
    chosen = responses[responses["partnership_id"] == partnership]
    if scale:
        scales = project.catalogue.scales
        if scale not in scales:
            raise DefinitionError("There is no such scale.", got=scale, expected=", ".join(scales))
        items = [item for item in scales[scale].items if item in chosen]
        chosen = chosen[chosen[items].notna().any(axis=1)] if items else chosen.iloc[:0]
    names = file_names(project.workspace)
    return [
        {
            "wave": str(wave),
            "group": str(arm),
            "file": names.get(str(source), ""),
            "sha256": str(source),
            "questionnaires": str(len(part)),
            "rows": row_ranges(part["source_row"].astype("int64").tolist()),
        }
        for (wave, arm, source), part in chosen.groupby(["wave", "arm", "source"], sort=True)
    ]


def row_ranges(numbers: Sequence[int]) -> str:
    """Row numbers in short.

    >>> row_ranges([2, 3, 4, 9])
    '2-4, 9'
    """
    found: list[list[int]] = []
    for number in sorted(set(numbers)):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in found)


def _link_rows(project: Project, queue: Sequence[Candidate]) -> list[Row]:
    where = _places(project)
    return [
        {
            "pair": pair.key,
            "group": str(pair.group),
            **where(pair.first, "1"),
            **where(pair.second, "2"),
            "in common": "token" if pair.basis == "token" else "code",
            "differing elements": str(pair.differing),
            "which": str(pair.element or ""),
            "decision": pair.verdict,
        }
        for pair in queue
    ]


def _places(project: Project) -> Callable[[str, str], Row]:
    responses = read_responses(project.workspace).set_index("response_id")
    names = file_names(project.workspace)

    def where(response: str, side: str) -> Row:
        row: Any = responses.loc[response]
        first = {"partnership": str(row["partnership_id"])} if side == "1" else {}
        return {
            **first,
            f"wave {side}": str(row["wave"]),
            f"file {side}": names.get(str(row["source"]), str(row["source"])),
            f"row {side}": str(row["source_row"]),
        }

    return where


def _conflict_rows(project: Project) -> list[Row]:
    names = file_names(project.workspace)
    return [
        {
            "conflict": str(one.id),
            "response": one.response_id[:8],
            "first file": names.get(one.first_source, one.first_source),
            "first row": str(one.first_row),
            "second file": names.get(one.second_source, one.second_source),
            "second row": str(one.second_row),
            "decision": "" if one.state == "open" else one.state,
        }
        for one in conflicts_of(project.workspace)
    ]


def _told(
    title: str, rows: list[Row], sentences: list[str], write: Path | None, translate: Translator
) -> Told:
    if write is not None and rows:
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(rows[0])
        writer.writerows([guarded(cell) for cell in row.values()] for row in rows)
        write.write_bytes(text.getvalue().encode("utf-8-sig"))
        message = N_("Written: {path}. Fill in its last column, then give it to --decide.")
        sentences = [*sentences, translate.text(message, {"path": write})]
    still = sum(not row["decision"] for row in rows)
    sentences = [
        *sentences,
        translate.plural(N_("{count} is undecided."), N_("{count} are undecided."), still),
    ]
    return Told(title=title, rows=rows, sentences=tuple(sentences))


def _changed(count: int, translate: Translator) -> str:
    return translate.plural(
        N_("{count} decision was carried out."), N_("{count} decisions were carried out."), count
    )
