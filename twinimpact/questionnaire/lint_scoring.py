"""Checks of a form against the instruments it asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from twinimpact.instruments import Catalogue, Item
from twinimpact.problems import Problem
from twinimpact.questionnaire.asking import stored_codes
from twinimpact.questionnaire.lint_survey import list_of
from twinimpact.questionnaire.sheets import Row, XlsForm


def check_items(form: XlsForm, catalogue: Catalogue) -> Iterator[Problem]:
    """Choice lists equal the declared codes, and scales can be scored from what is asked."""
    asked = {row.get("name"): row for row in form.survey.rows if row.get("name")}
    lists = form.lists()
    for name, row in asked.items():
        item = catalogue.items.get(name)
        if item is not None and list_of(row) in lists:
            yield from _codes(form, item, row, lists[list_of(row)])
    if form.scoring.rows:
        yield from _scoring_sheet(form, asked)
    else:
        yield from _scales(form, catalogue, asked)


def _codes(form: XlsForm, item: Item, row: Row, choices: list[Row]) -> Iterator[Problem]:
    offered = {choice.get("name") or choice.get("value") for choice in choices}
    needed = {str(code) for code in stored_codes(item)}
    allowed = needed | {str(code) for code in item.missing}
    lacking, extra = sorted(needed - offered), sorted(offered - allowed)
    if lacking or extra:
        parts = [f"without {', '.join(lacking)}" if lacking else "",
                 f"with {', '.join(extra)}" if extra else ""]  # fmt: skip
        missing = ", ".join(str(code) for code in item.missing)
        yield form.problem(
            "lint_choices_differ",
            form.survey,
            row.number,
            item.id,
            got="; ".join(part for part in parts if part),
            expected=f"{item.allowed()}" + (f"; {missing}" if missing else ""),
        )


def _scoring_sheet(form: XlsForm, asked: Mapping[str, Row]) -> Iterator[Problem]:
    for row in form.scoring.rows:
        item = row.get("item")
        if item and item not in asked:
            yield form.problem(
                "lint_scale_incomplete",
                form.scoring,
                row.number,
                "item",
                got=item,
                expected=row.get("scale"),
            )


def _scales(form: XlsForm, catalogue: Catalogue, asked: Mapping[str, Row]) -> Iterator[Problem]:
    for scale in catalogue.scales.values():
        there = [item for item in scale.items if item in asked]
        if scale.parts or not there or len(there) == len(scale.items):
            continue
        others = [
            other
            for other in catalogue.scales.values()
            if other.instrument == scale.instrument and set(other.items) == set(there)
        ]
        if others:  # asked as another scale of the same instrument, such as the youth version
            continue
        lacking = [item for item in scale.items if item not in asked]
        yield form.problem(
            "lint_scale_incomplete",
            form.survey,
            asked[there[0]].number,
            "name",
            got=", ".join(lacking),
            expected=scale.id,
        )
