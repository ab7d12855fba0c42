"""From drawn answers to the cells a survey tool holds.

The demo's mapping files say which header holds which item and which label stands for
which code. Read backwards they are the description of the forms, so a form and its
mapping cannot disagree.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from twinimpact.instruments import Catalogue
from twinimpact.synthetic.answers import Answers
from twinimpact.synthetic.people import CODE_ELEMENTS
from twinimpact.synthetic.simulate import World
from twinimpact.synthetic.world import WAVES

DONT_KNOW = "dont_know"
Cell = str | int | float | pd.Timestamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One questionnaire: who, when, the code as written, and the answers that are there.

    ``answers`` maps an item to its code or to :data:`DONT_KNOW`; what is blank or was not asked
    is absent. ``asked`` names the items that were put to the person, ``slips`` the positions
    (from 1) of code elements that were written down wrongly.
    """

    person: str
    wave: str
    moment: pd.Timestamp
    code: tuple[str, ...]
    facts: Mapping[str, str]
    answers: Mapping[str, int | str]
    asked: frozenset[str]
    slips: tuple[int, ...] = ()


@dataclass(slots=True, kw_only=True)
class Grid:
    """A table on its way into a file; faults are planted here, cell by cell.

    ``sheets`` runs beside ``rows``: the questionnaire a row was made from, or ``None``.
    """

    header: list[str]
    rows: list[list[Cell]]
    sheets: list[Sheet | None]

    def column(self, header: str) -> int:
        """Position of a column."""
        return self.header.index(header)


def sheets_of(world: World, partnerships: Sequence[str], wave: str = "") -> list[Sheet]:
    """The questionnaires of some links in the order they came in; of one wave, or of all."""
    people = world.people
    frame = world.sheets
    wanted = people["partnership_id"].isin(partnerships).to_numpy()[frame["person"].to_numpy()]
    if wave:
        wanted = wanted & (frame["wave"].to_numpy() == WAVES.index(wave))
    chosen = frame[wanted].sort_values("moment", kind="stable")
    facts = people[["partnership_id", "town_id", "arm", "gender", "age_band", "role"]]
    fact_rows = facts.rename(columns={"partnership_id": "partnership", "town_id": "town"}).to_dict(
        orient="records"
    )
    elements = [f"code_{number}" for number in range(1, CODE_ELEMENTS + 1)]
    codes, true_codes = chosen[elements].to_numpy(), people[elements].to_numpy()
    found = []
    for row, code in zip(chosen.itertuples(index=False), codes, strict=True):
        answers, asked = _answers_of(world.answers, row.person, row.wave)
        wrong = np.flatnonzero(code != true_codes[row.person])
        found.append(
            Sheet(
                person=str(people["person"].iat[row.person]),
                wave=WAVES[row.wave],
                moment=row.moment,
                code=tuple(code),
                facts=fact_rows[row.person] | {"wave": WAVES[row.wave]},
                answers=answers,
                asked=asked,
                slips=tuple(int(position) + 1 for position in wrong),
            )
        )
    return found


def read_form(path: Path) -> Mapping[str, Any]:
    """A mapping file of the demo, as plain TOML."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def grid_of(form: Mapping[str, Any], sheets: Sequence[Sheet], blank: str = "") -> Grid:
    """Fill a form with questionnaires: consent, the columns with a role, then the items.

    Parameters
    ----------
    blank
        What the tool writes where a question was asked and not answered.
    """
    consent = form.get("consent", {})
    roles = {
        role: column
        for role, column in form["columns"].items()
        if role not in ("code", "date", "response_id", "language")
    }
    code = form["columns"]["code"]
    header = [consent["column"]] if "column" in consent else []
    header += list(roles.values())
    header += code if isinstance(code, list) else [code]
    header += [entry["column"] for entry in form.get("items", [])]
    labels = _labels(form)
    words = {role: _turned(table) for role, table in form.get("values", {}).items()}
    rows = []
    for sheet in sheets:
        row: list[Cell] = [consent["yes"][0]] if "column" in consent else []
        row += [words.get(role, {}).get(sheet.facts[role], sheet.facts[role]) for role in roles]
        row += sheet.code if isinstance(code, list) else ["".join(sheet.code)]
        for entry in form.get("items", []):
            row.append(_cell(entry, sheet, labels, blank))
        rows.append(row)
    return Grid(header=header, rows=rows, sheets=list(sheets))


def code_cell(sheet: Sheet, item_id: str, catalogue: Catalogue) -> str:
    """An answer as a number, the declared missing code for "don't know", or nothing."""
    answer = sheet.answers.get(item_id)
    if answer is None:
        return ""
    if answer == DONT_KNOW:
        return str(catalogue.items[item_id].missing[0])
    return str(answer)


def _cell(
    entry: Mapping[str, str],
    sheet: Sheet,
    labels: Mapping[str, tuple[Mapping[int, str], str]],
    blank: str,
) -> Cell:
    item_id = entry["item"]
    answer = sheet.answers.get(item_id)
    vocabulary, unknown = labels.get(entry.get("answers", ""), ({}, "Don't know"))
    if answer is None:
        return blank if item_id in sheet.asked else ""
    if isinstance(answer, str):
        return unknown
    return vocabulary.get(answer, answer)


def _labels(form: Mapping[str, Any]) -> dict[str, tuple[dict[int, str], str]]:
    found = {}
    for name, table in form.get("answers", {}).items():
        unknown = next(iter(table.get("missing", {"Don't know": ""})))
        found[name] = (
            {code: label for label, code in table.items() if isinstance(code, int)},
            unknown,
        )
    return found


def _turned(table: Mapping[str, str]) -> dict[str, str]:
    return {value: label for label, value in table.items()}


def _answers_of(
    answers: Answers, person: int, wave: int
) -> tuple[dict[str, int | str], frozenset[str]]:
    given: dict[str, int | str] = {}
    asked = set()
    for item_id, values in answers.values.items():
        if not answers.asked[item_id][person, wave]:
            continue
        asked.add(item_id)
        if answers.unknown[item_id][person, wave]:
            given[item_id] = DONT_KNOW
        elif not answers.blank[item_id][person, wave]:
            given[item_id] = int(np.int64(values[person, wave]))
    return given, frozenset(asked)
