"""Result rows that say whether levels may be compared: over partnerships, towns, languages, waves.

Every scale gives one row per scope with the verdict in ``group`` (``unit`` is ``class``). With a
handful of answers that is ``not_testable`` at once; only groups that are large enough cost
anything. Partnerships with fewer than ``smallest`` complete rows are not in numbers about the
programme, and points are rounded to the one decimal a report prints, so that nobody's answers
follow from them. What a test found stands beside the verdict:

===================================  =======================================================
``comparability|town``               verdict; note with reasons and ``needed:100``
``comparability|town|people``        complete rows of each group compared (``group``)
``comparability|town|metric``        chi2, cfi, rmsea, srmr, bic, chi2_diff (``unit``)
(the same, method ``mgcfa_mlr``)     without the assumption of normal answers
``comparability|town|metric_final``  the same after questions were released
``comparability|town|released``      score test of each question released
``comparability|town|differs``       each question that works differently in the end
``comparability|town|dmacs``         largest dMACS of each question, plain and signed
``comparability|town|observed``      difference of the averages; ``bias``, ``comparable``
===================================  =======================================================
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from twinimpact.instruments import Catalogue, Scale
from twinimpact.measures.coding import Coded, code_answers
from twinimpact.measures.comparability_found import Question, found_rows, refused_row
from twinimpact.measures.invariance.comparing import compare_groups, compare_waves
from twinimpact.measures.invariance.door import scale_columns
from twinimpact.measures.invariance.rules import InvarianceRules, invariance_rules
from twinimpact.measures.rows import Rows, results_of
from twinimpact.schema import PROGRAMME, concat_results, result_frame

Array = npt.NDArray[Any]
TWO = "two_questions"
SCOPES = {"partnership": "partnership_id", "town": "town_id", "language": "language"}
"""What the programme's answers are grouped by, and the column that says so."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Groups:
    """Groups of rows: ``codes`` is −1 where a row belongs to none."""

    names: tuple[str, ...]
    codes: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Asked:
    """The answers to one scale.

    Parameters
    ----------
    columns, widths
        Codes after reversal, and the width of each item's range; empty where ``stopped``.
    answered, complete
        Rows with an answer to any item, to all items.
    stopped
        Why there is nothing to test, whatever the number of answers; or nothing.
    needed
        Complete rows a group needs; 0 where nothing is described either.
    """

    scale: Scale
    columns: tuple[Array, ...]
    widths: Array
    answered: Array
    complete: Array
    stopped: str
    needed: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _People:
    """Who answered: the groups they belong to, and those who answered at two waves."""

    scopes: Mapping[str, _Groups]
    waves: _Groups
    pairs: Mapping[tuple[str, str], tuple[Array, Array]]
    rules: InvarianceRules
    smallest: int

    def without_small(self, rows: Array, complete: Array) -> Array:
        """``complete`` without the rows of partnerships that have too few in their wave."""
        links = self.scopes.get("partnership")
        if links is None or not self.smallest:
            return complete
        cell = links.codes[rows] * max(len(self.waves.names), 1) + self.waves.codes[rows]
        inside = complete & (links.codes[rows] >= 0) & (self.waves.codes[rows] >= 0)
        counts = np.bincount(cell[inside], minlength=1)
        kept = inside.copy()
        kept[inside] = counts[cell[inside]] >= self.smallest
        return np.asarray(kept)


def comparability_rows(
    responses: pd.DataFrame,
    catalogue: Catalogue,
    wave_pairs: Sequence[tuple[str, str]] = (),
    smallest: int = 0,
    rules: InvarianceRules | None = None,
) -> pd.DataFrame:
    """Verdicts on comparing levels, of every scale that was asked.

    Groups are compared within the wave that has most of them large enough. Over time the people
    of an earlier and a later wave are compared; of two earlier waves the first.

    Parameters
    ----------
    responses
        Canonical responses with one column per item.
    wave_pairs
        Earlier and later wave between which people are linked.
    smallest
        Fewest complete rows with which a partnership enters numbers of the programme.
    rules
        Limits; the shipped ones by default.

    Returns
    -------
    pandas.DataFrame
        A results table, see the head of this module.
    """
    rules = rules or invariance_rules()
    coded = code_answers(responses, catalogue)
    first_of = {last: first for first, last in reversed(list(wave_pairs))}
    people = _People(
        scopes={
            name: _groups(responses[column])
            for name, column in SCOPES.items()
            if column in responses.columns
        },
        waves=_groups(responses["wave"]),
        pairs={
            (first, last): _linked(responses, (first, last)) for last, first in first_of.items()
        },
        rules=rules,
        smallest=smallest,
    )
    rows: list[dict[str, Any]] = []
    blocks: list[Rows] = []
    every = np.arange(len(responses))
    for scale in catalogue.scales.values():
        asked = _asked(scale, coded, len(responses), rules)
        if not asked.answered.any():
            continue
        for name, groups in people.scopes.items():
            rows += _group_rows(asked, Question.of(scale, name, PROGRAMME), groups, people, every)
        for pair, sides in people.pairs.items():
            rows += _wave_rows(asked, pair, sides, people)
        made, block = _town_rows(asked, people)
        rows += made
        blocks.append(block)
    return concat_results([result_frame(rows), results_of(blocks)])


def _groups(column: pd.Series[Any]) -> _Groups:
    text = column.astype("str").where(column.notna())
    codes, names = pd.factorize(text.where(text != ""), sort=True)
    return _Groups(names=tuple(str(name) for name in names), codes=np.asarray(codes))


def _linked(responses: pd.DataFrame, pair: tuple[str, str]) -> tuple[Array, Array]:
    """Rows of the people who answered at both waves, person by person."""
    person = responses["person"].astype("str").where(responses["person"].notna())
    sides = []
    for wave in pair:
        rows = np.flatnonzero(responses["wave"].eq(wave) & person.notna())
        side = pd.Series(rows, index=person.iloc[rows])
        sides.append(side[~side.index.duplicated()])
    both = sides[0].index.intersection(sides[1].index)
    return sides[0].loc[both].to_numpy(), sides[1].loc[both].to_numpy()


def _asked(scale: Scale, coded: Mapping[str, Coded], size: int, rules: InvarianceRules) -> _Asked:
    members = [coded[name] for name in scale.items if name in coded]
    answered, complete = np.zeros(size, dtype=bool), np.ones(size, dtype=bool)
    for one in members:
        answered |= one.codes > 0
        complete &= one.codes > 0
    stopped = _not_defined(scale, members)
    described = not stopped or stopped == TWO
    columns, widths = scale_columns(scale, coded) if described else ([], np.zeros(0))
    return _Asked(
        scale=scale,
        columns=tuple(columns),
        widths=widths,
        answered=answered,
        complete=complete,
        stopped=stopped,
        needed=rules.needed(len(members)) if described else 0,
    )


def _not_defined(scale: Scale, members: Sequence[Coded]) -> str:
    """Why a scale has no common factor to speak of; empty if it may have one."""
    if scale.formative or scale.method in ("value", "count"):
        return "not_defined"
    if len(members) < len(scale.items):
        return "items_not_asked"
    return {1: "one_question", 2: TWO}.get(len(members), "")


def _wave_rows(
    asked: _Asked, pair: tuple[str, str], sides: tuple[Array, Array], people: _People
) -> list[dict[str, Any]]:
    question = Question.of(asked.scale, "wave", PROGRAMME, wave=pair[1])
    if asked.stopped:
        return [refused_row(question, asked.stopped, 0)]
    before, after = sides
    both = asked.complete[before] & asked.complete[after]
    kept = people.without_small(before, both)
    first, last = ([column[side[kept]] for column in asked.columns] for side in sides)
    found = compare_waves(first, last, asked.widths, rules=people.rules)
    return found_rows(question, found, pair)


def _group_rows(
    asked: _Asked, question: Question, groups: _Groups, people: _People, rows: Array
) -> list[dict[str, Any]]:
    """Groups compared on some of the rows, within the wave that serves best."""
    if not asked.needed:
        return [refused_row(question, asked.stopped, 0)]
    complete, codes, at = asked.complete[rows], groups.codes[rows], people.waves.codes[rows]
    if question.partnership == PROGRAMME:
        complete = people.without_small(rows, complete)
    wave, large = _wave_used(at, codes, complete, (people.waves, groups), asked.needed)
    if large < 2:
        return [_untested(question, asked)]
    found = compare_groups(
        [column[rows] for column in asked.columns],
        asked.widths,
        np.where(complete & (at == wave), codes, -1),
        groups.names,
        rules=people.rules,
    )
    question = Question.of(
        asked.scale, question.scope, question.partnership, wave=people.waves.names[wave]
    )
    return found_rows(question, found, groups.names)


def _untested(question: Question, asked: _Asked) -> dict[str, Any]:
    """That groups are too small, or that the scale has no test whatever their size."""
    if asked.stopped:
        return refused_row(question, asked.stopped, 0)
    return refused_row(question, "too_few_answers", asked.needed)


def _wave_used(
    at: Array, codes: Array, complete: Array, kinds: tuple[_Groups, _Groups], needed: int
) -> tuple[int, int]:
    """The wave with most groups that are large enough (then most people), and their number."""
    waves, size = len(kinds[0].names), len(kinds[1].names)
    if not waves or not size:
        return 0, 0
    inside = complete & (codes >= 0) & (at >= 0)
    counts = np.bincount(at[inside] * size + codes[inside], minlength=waves * size)
    counts = counts.reshape(waves, size)
    large = (counts >= needed).sum(axis=1)
    best = int(np.lexsort((-counts.sum(axis=1), -large))[0])
    return best, int(large[best])


def _town_rows(asked: _Asked, people: _People) -> tuple[list[dict[str, Any]], Rows]:
    """Towns within each partnership: rows of those that can be tested, a block of the others."""
    links, towns = people.scopes.get("partnership"), people.scopes.get("town")
    if links is None or towns is None:
        return [], Rows(columns={}, size=0)
    size = max(len(towns.names), 1)
    inside = asked.answered & (links.codes >= 0) & (towns.codes >= 0)
    pairs = np.unique(links.codes[inside] * size + towns.codes[inside])
    several = np.bincount(pairs // size, minlength=len(links.names)) >= 2
    whole = asked.complete & (links.codes >= 0)
    n = np.bincount(links.codes[whole], minlength=len(links.names))
    tested = several & (n >= 2 * asked.needed) & (asked.needed > 0)
    made: list[dict[str, Any]] = []
    for link in np.flatnonzero(tested).tolist():
        question = Question.of(asked.scale, "town", links.names[link])
        made += _group_rows(asked, question, towns, people, np.flatnonzero(links.codes == link))
    left = [links.names[link] for link in np.flatnonzero(several & ~tested).tolist()]
    row = _untested(Question.of(asked.scale, "town", ""), asked)
    return made, Rows(columns=row | {"partnership": np.array(left, dtype=object)}, size=len(left))
