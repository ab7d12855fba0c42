"""The one door of this folder: answers and a design in, a results table out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from twinimpact.impact.attrition_rows import attrition_blocks
from twinimpact.impact.change import change_blocks
from twinimpact.impact.comparison import comparison_rows
from twinimpact.impact.cross_section import single_rows, unlinked_rows
from twinimpact.impact.design import Grade, design_row, facts_of
from twinimpact.impact.estimate import Estimate, blocks_frame, estimates_frame
from twinimpact.impact.notes import note
from twinimpact.impact.sample import Outcome, People, outcomes_of, people_of
from twinimpact.impact.town_change import town_change
from twinimpact.schema import PROGRAMME, concat_results

if TYPE_CHECKING:
    from twinimpact.evaluation import Design
    from twinimpact.instruments import Catalogue
    from twinimpact.measures import Scores


def assess(
    responses: pd.DataFrame,
    scores: Scores,
    catalogue: Catalogue,
    design: Design,
    partnerships: pd.DataFrame,
    smallest: int = 0,
) -> pd.DataFrame:
    """Every number on change and comparison that these answers can carry.

    Parameters
    ----------
    responses
        One row per questionnaire, with the linked ``person``.
    scores
        Scores of the same rows.
    catalogue
        Scales with direction and range.
    design
        Waves, comparison arms, linking, confidence level and outcomes.
    partnerships
        The register; gives the order of the rows.
    smallest
        Fewest people with whom a partnership enters a number of the programme (``*``), counted
        per number and arm; 0 leaves nobody out. A partnership that is too small to be shown
        could otherwise be worked out by subtracting the others.

    Returns
    -------
    pandas.DataFrame
        Results table: design rows, then change, comparison, cross-section and loss rows, by
        partnership and with the programme (``*``) last.

    Raises
    ------
    DesignError
        If the design names an outcome that is no scale.
    """
    outcomes = outcomes_of(catalogue, design, scores.points)
    order = tuple(partnerships["partnership_id"].astype("str"))
    people = people_of(responses, scores.points, design, outcomes, order)
    if not len(people.partnership):
        return concat_results([])
    level = design.conf_level
    several = responses["wave"].nunique() > 1 and "single" in people.waves
    about = f"latest_wave:{people.waves['single']}" if several else ""
    rows: list[Estimate] = []
    for partnership, scope in people.scopes():
        fewest = smallest if partnership == PROGRAMME else 0
        told, *others = _scope_rows(scope, partnership, design, fewest)
        rows += [replace(told, note=note(told.note, about)), *others]
    tables = [estimates_frame(rows)]
    if design.linked:
        tables.append(blocks_frame(change_blocks(people, level, smallest)))
        tables.append(blocks_frame(attrition_blocks(people, level, smallest)))
    return _sorted(concat_results(tables), (*people.partnerships, PROGRAMME))


def _scope_rows(scope: People, partnership: str, design: Design, smallest: int) -> list[Estimate]:
    level = design.conf_level
    facts = facts_of(scope, design.linked, smallest)
    rows: list[Estimate] = []
    grades: list[tuple[Outcome, Grade]] = []
    if facts.role:
        rows = single_rows(scope, partnership, facts.role, level, smallest)
    elif not facts.paired:
        rows, grades = unlinked_rows(scope, partnership, level, smallest)
    else:
        if facts.label == "pre_post_comparison":
            rows, grades = comparison_rows(scope, partnership, level, smallest)
        rows += town_change(scope.where(scope.arm), partnership, level, smallest)
    repeated = int(scope.repeated.sum())
    told = design_row(partnership, facts, _spoken_for(grades))
    if repeated:
        told = replace(told, note=note(told.note, f"repeated_answers:{repeated}"))
    return [told, *rows]


def _spoken_for(grades: Iterable[tuple[Outcome, Grade]]) -> list[tuple[str, Grade]]:
    """Primary outcomes if there are any, otherwise all."""
    listed = list(grades)
    primary = [pair for pair in listed if pair[0].role == "primary"]
    return [(outcome.scale, grade) for outcome, grade in primary or listed]


def _sorted(results: pd.DataFrame, scopes: tuple[str, ...]) -> pd.DataFrame:
    place = results["partnership"].map({scope: i for i, scope in enumerate(scopes)})
    order = np.argsort(place.to_numpy(), kind="stable")
    return results.iloc[order].reset_index(drop=True)
