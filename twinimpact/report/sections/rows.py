"""Finding rows of the results table in a bundle, and turning them into cells and topics."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from twinimpact.bundle import Bundle
from twinimpact.language import N_, Translator, translator
from twinimpact.report.content import ColumnSpec, Role, Table, Text, Withheld, notice, paragraph
from twinimpact.report.words import Row, Topic, number
from twinimpact.schema import PROGRAMME

PAIRED = "paired_t"
DIFFERENCE = "post-pre|participant-comparison"
Where = Mapping[str, str | tuple[str, ...]]
NUMBERLESS = ("suppressed", "refused", "not_estimable", "not_available", "unbounded")


def speak(bundle: Bundle) -> Translator:
    """The translator of the bundle's language."""
    return translator(bundle.language)


def scope(bundle: Bundle) -> str:
    """Value of ``partnership`` the report is about: an id, or ``*`` for a programme."""
    if bundle.report in {"programme_rollup", "data_quality"} or len(bundle.partnerships) != 1:
        return PROGRAMME
    return str(bundle.partnerships[0]["partnership_id"])


def select(bundle: Bundle, where: Where) -> list[Row]:
    """Rows that match, outcome by outcome in the order of the results table.

    Parameters
    ----------
    bundle
        The report's contents.
    where
        Column to value, or to the values allowed. ``partnership`` defaults to the report's scope;
        ``town`` and ``dimension`` default to none, because rows about a town or a category stand
        beside the total. The value ``"any"`` lifts a condition.
    """
    conditions = {"partnership": scope(bundle), "town": "", "dimension": "", **where}
    tests = [
        (column, (wanted,) if isinstance(wanted, str) else wanted)
        for column, wanted in conditions.items()
        if wanted != "any"
    ]
    by_outcome = _indexed(bundle.results)
    outcome = where.get("outcome", "any")
    if isinstance(outcome, str) and outcome != "any":
        candidates: Iterable[Row] = by_outcome.get(outcome, ())
    else:
        candidates = (row for found in by_outcome.values() for row in found)
    return [row for row in candidates if all(row[column] in wanted for column, wanted in tests)]


_INDEX: dict[int, tuple[pd.DataFrame, Mapping[str, Sequence[Row]]]] = {}
"""The last results table as rows by outcome: a report looks into it hundreds of times. The table
itself is kept beside its identity, so that the identity cannot be given to another one."""


def _indexed(frame: pd.DataFrame) -> Mapping[str, Sequence[Row]]:
    known = _INDEX.get(id(frame))
    if known is not None:
        return known[1]
    by_outcome: dict[str, list[Row]] = {}
    for record in frame.to_dict(orient="records"):
        row = {str(name): found for name, found in record.items()}
        by_outcome.setdefault(str(row["outcome"]), []).append(row)
    _INDEX.clear()
    _INDEX[id(frame)] = (frame, by_outcome)
    return by_outcome


def in_wave_order(bundle: Bundle, found: Sequence[Row]) -> list[Row]:
    """Rows in the order the waves were fielded, participants before others."""
    places = {str(wave["wave_id"]): place for place, wave in enumerate(bundle.waves)}
    arms = {"": 0, "participant": 1}
    return sorted(
        found,
        key=lambda row: (places.get(str(row["wave"]), len(places)), arms.get(str(row["arm"]), 2)),
    )


def match_row(bundle: Bundle, estimand: str) -> Row | None:
    """How participants of the main pair of waves were matched: before with after."""
    found = [
        row
        for row in select(bundle, {"outcome": "Q02", "estimand": estimand})
        if row.get("arm") in {"", "participant"}
    ]
    after = wave(bundle, "post")
    main = [row for row in found if after and row["wave"] == after["wave_id"]]
    return next(iter(main or found), None)


def first(bundle: Bundle, where: Where) -> Row | None:
    """The first row that matches, ``None`` when there is none."""
    return next(iter(select(bundle, where)), None)


def value(row: Row | None, field: str = "estimate") -> float | None:
    """A number that may be shown, ``None`` otherwise."""
    if row is None or row.get("status") in NUMBERLESS:
        return None
    return number(row, field)


def cell(row: Row | None, field: str = "estimate") -> float | Withheld | None:
    """What a table shows of a row: its number, the reason it is withheld, or nothing."""
    if row is None:
        return None
    status = str(row.get("status") or "ok")
    if status in NUMBERLESS:
        return Withheld(reason=status)
    found = number(row, field)
    if found is None and field in {"conf_low", "conf_high"} and status == "descriptive":
        return Withheld(reason="descriptive")
    return found


def hidden(row: Row | None) -> bool:
    """Whether a row is withheld to protect people."""
    return row is not None and row.get("status") == "suppressed"


def scale_of(bundle: Bundle, scale_id: str) -> Mapping[str, Any]:
    """The declaration of a scale."""
    return next(scale for scale in bundle.scales if scale["scale_id"] == scale_id)


def topic(scale: Mapping[str, Any]) -> Topic:
    """What sentences need to know about a scale."""
    return Topic(
        label=str(scale.get("title") or scale["scale_id"]),
        unit=str(scale.get("unit") or "points"),
        direction=str(scale.get("direction") or "better"),
        sesoi=scale.get("sesoi"),
    )


def short(scale: Mapping[str, Any]) -> str:
    """Short name of a scale."""
    return str(scale.get("short_title") or scale.get("title") or scale["scale_id"])


def outcomes(bundle: Bundle, where: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """Scales that have rows matching ``where``, planned ones first, then catalogue order."""
    found = {str(row["outcome"]) for row in select(bundle, where)}
    ranks = {"primary": 0, "secondary": 1}
    listed = [scale for scale in bundle.scales if scale["scale_id"] in found]
    return sorted(listed, key=lambda scale: ranks.get(str(scale.get("role")), 2))


def change_row(bundle: Bundle, scale_id: str, partnership: str = "") -> Row | None:
    """The paired change of one scale."""
    where = {"outcome": scale_id, "estimand": "post-pre", "method": PAIRED}
    return first(bundle, {**where, **({"partnership": partnership} if partnership else {})})


def difference_row(bundle: Bundle, scale_id: str, partnership: str = "") -> Row | None:
    """The main row of the difference between participants' change and the others'."""
    where: Where = {
        "outcome": scale_id,
        "estimand": DIFFERENCE,
        "method": ("town_mean_t", "change_cr2"),
    }
    found = select(bundle, {**where, **({"partnership": partnership} if partnership else {})})
    return next((row for row in found if stands_alone(row)), None)


def stands_alone(row: Row) -> bool:
    """Whether a row is a main one, not one shown beside another."""
    return "beside" not in str(row.get("note") or "").split(";")


def pair_mean(bundle: Bundle, scale_id: str, moment: str, partnership: str = "") -> Row | None:
    """Participants' mean at ``pre`` or ``post``, of the people who answered both times."""
    where = {"outcome": scale_id, "estimand": f"cell|{moment}", "arm": "participant"}
    return first(bundle, {**where, **({"partnership": partnership} if partnership else {})})


def wave(bundle: Bundle, kind: str) -> Mapping[str, Any] | None:
    """The first wave of a kind."""
    return next((wave for wave in bundle.waves if wave["kind"] == kind), None)


def wave_label(bundle: Bundle, wave_id: str) -> str:
    """What the evaluation calls a wave."""
    found = (str(wave["label"]) for wave in bundle.waves if wave["wave_id"] == wave_id)
    return next(found, wave_id)


def towns(bundle: Bundle) -> dict[str, Mapping[str, Any]]:
    """Town id to town, partner towns first, then comparison towns."""
    listed: dict[str, Mapping[str, Any]] = {}
    for key in ("towns", "comparison_towns"):
        for partnership in bundle.partnerships:
            for town in partnership.get(key, ()):
                listed.setdefault(str(town["town_id"]), town)
    return listed


def town_name(bundle: Bundle, town_id: str) -> str:
    """Name of a town; its id when it is not in the register."""
    found = towns(bundle).get(town_id)
    return str(found["name"]) if found else town_id


def day(text: object) -> dt.date | None:
    """A date from ISO text; ``None`` for anything else, such as a bare year."""
    try:
        return dt.date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


def written_day(text: object, translate: Translator) -> str:
    """A date in words; a bare year or other text as it is."""
    found = day(text)
    return translate.date(found) if found else str(text or "")


def columns(
    translate: Translator, *specs: tuple[str, str] | tuple[str, str, Role, int]
) -> tuple[ColumnSpec, ...]:
    """Columns from ``(key, label)`` for text and ``(key, label, role, decimals)`` for numbers."""
    made = []
    for spec in specs:
        role: Role = spec[2] if len(spec) == 4 else "text"
        decimals = spec[3] if len(spec) == 4 else 0
        made.append(
            ColumnSpec(key=spec[0], label=translate.text(spec[1]), role=role, decimals=decimals)
        )
    return tuple(made)


def sentences(*texts: str) -> Text:
    """One paragraph per text."""
    return Text(blocks=tuple(paragraph(text) for text in texts if text))


def empty(*texts: str) -> Text:
    """An honest empty state: why there is nothing here and what to do."""
    return Text(blocks=tuple(notice(text) for text in texts if text))


def without_empty_columns(table: Table, keep: Sequence[str] = ()) -> Table:
    """The table without columns that have no value in any row; hidden values are kept."""
    kept = tuple(
        column
        for column in table.columns
        if column.key in keep or any(not _vacant(row.get(column.key)) for row in table.rows)
    )
    return replace(table, columns=kept)


def _vacant(cell: object) -> bool:
    if isinstance(cell, Withheld):
        return cell.reason in {"not_available", "not_estimable"}
    return cell in (None, "")


def shown(table: Table) -> Table | None:
    """The table, or ``None`` when every number in it is hidden or absent."""
    numbers = [column.key for column in table.columns if column.role != "text"]
    cells = [row.get(key) for row in table.rows for key in numbers]
    hollow = all(cell is None or isinstance(cell, Withheld) for cell in cells)
    return None if hollow else table


def listed(items: Iterable[str], translate: Translator) -> str:
    """``a, b and c``."""
    return translate.listing(list(items))


NOTHING_ANSWERED = N_(
    "No questionnaires have been imported for this partnership. Import the survey export and run "
    "the report again."
)
