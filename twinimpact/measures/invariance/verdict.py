"""The sentence "can these be compared?": one place for its words, whoever asks.

A verdict is a code with the numbers its sentence needs, so that a report can say it from result
rows and the door from its own record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from twinimpact.language import N_, Translator

COMPARABLE = ("scalar", "partial_small", "partial_large", "aligned")
"""Verdicts after which levels may be put side by side."""
VERDICTS = (*COMPARABLE, "metric", "none", "not_testable")
MOST_NAMED = 3
"""Up to so many groups are called by their names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the sentence says.

    Parameters
    ----------
    code
        One of :data:`VERDICTS`.
    over
        ``groups`` or ``waves``.
    groups
        Names of the groups or waves, as the reader knows them.
    count
        Number of groups; also where their names are not given.
    items
        Questions that work differently, as the reader knows them.
    observed, bias
        Difference of the scale means in points (0 to 100), and how much of it comes from
        ``items``; over waves the change, and the change without ``items``.
    left, low, high
        The difference that can be compared, and its limits.
    share
        Share of question parameters that differ after alignment.
    needed, n
        Complete questionnaires each group needs; those of the second-largest group, or of the
        people who answered both times.
    contradicted
        Whether the chi-squared test alone would have decided otherwise at some level.
    """

    code: str
    over: str = "groups"
    groups: tuple[str, ...] = ()
    count: int = 0
    items: tuple[str, ...] = ()
    observed: float | None = None
    bias: float | None = None
    left: float | None = None
    low: float | None = None
    high: float | None = None
    share: float | None = None
    needed: int = 0
    n: int | None = None
    contradicted: bool = False

    @property
    def compare_levels(self) -> bool:
        """Whether levels may be put side by side."""
        return self.code in COMPARABLE


BETWEEN: Mapping[str, str] = {
    "scalar": N_(
        "The averages of {groups} may be compared: no sign was found that the questions work "
        "differently there."
    ),
    "partial_small": N_(
        "The averages of {groups} may be compared with care. Not all questions work the same way: "
        "{items}. Of the difference of {observed} points ({last} minus {first}), {bias} come from "
        "there."
    ),
    "partial_large": N_(
        "The averages of {groups} differ by {observed} points ({last} minus {first}), but {bias} "
        "points come from questions that work differently: {items}. The difference that can be "
        "compared is {left} points ({low} to {high})."
    ),
    "several_small": N_(
        "The averages of {groups} may be compared with care. Not all questions work the same way: "
        "{items}. That moves an average by up to {bias} points; the averages lie up to {observed} "
        "points from their middle."
    ),
    "several_large": N_(
        "The averages of {groups} may be compared only after allowing for questions that work "
        "differently: {items}. These move an average by up to {bias} points; the averages lie up "
        "to {observed} points from their middle."
    ),
    "metric": N_(
        "The averages of {groups} may not be compared: some questions are answered higher or "
        "lower in one of them whatever people think. Changes within each of them may be."
    ),
    "none": N_(
        "The questions do not measure the same thing in {groups}. Each is to be read by itself."
    ),
    "aligned": N_(
        "The averages of {groups} may be compared roughly: {share} of what describes the questions "
        "differs between them. Questions that differ somewhere: {items}."
    ),
    "aligned_all": N_(
        "The averages of {groups} may be compared roughly: no question was found that differs."
    ),
    "not_testable": N_(
        "There are too few answers to find out whether the questions work the same way everywhere: "
        "at least two groups need {needed} complete questionnaires each. Averages are not ranked."
    ),
    "not_testable_scale": N_(
        "Whether these questions work the same way everywhere cannot be tested: that needs at "
        "least three questions about the same thing. Averages are not ranked."
    ),
}
"""Sentences about groups."""

OVER_TIME: Mapping[str, str] = {
    "scalar": N_(
        "No sign was found that the questions worked differently at the two times, so the averages "
        "of both may be compared."
    ),
    "partial_small": N_(
        "On some questions people may have judged by another yardstick the second time: {items}. "
        "The average moved by {observed} points with all questions and by {bias} points without "
        "these."
    ),
    "metric": N_(
        "People may have judged by another yardstick the second time, most of all here: {items}. "
        "So the averages of the two times should not be compared. The average moved by {observed} "
        "points with all questions and by {bias} points without these."
    ),
    "none": N_(
        "The questions do not measure the same thing at the two times, so the averages should not "
        "be compared."
    ),
    "not_testable": N_(
        "Too few people answered all questions both times to find out whether they understood "
        "them the same way: {needed} are needed."
    ),
    "not_testable_scale": N_(
        "Whether people understood these questions the same way both times cannot be tested: that "
        "needs at least three questions about the same thing."
    ),
}
"""Sentences about waves."""

SECOND_LARGEST = N_("The second-largest group has {n}.")
BOTH_TIMES = N_("{n} did.")
CONTRADICTED = N_(
    "At one step the exact test (chi-squared, 5 %) would have decided otherwise than the rule."
)
GROUPS = N_("the {count} groups")
ALL = N_("all groups")


def sentence(verdict: Verdict, translate: Translator) -> str:
    """The verdict in the reader's language."""
    waves = verdict.over == "waves"
    template = (OVER_TIME if waves else BETWEEN)[_key(verdict)]
    values = {
        "groups": _named(verdict, translate),
        "first": verdict.groups[0] if verdict.groups else "",
        "last": verdict.groups[-1] if verdict.groups else "",
        "items": translate.listing(list(verdict.items)),
        "observed": _points(verdict.observed, translate, signed=waves),
        "bias": _points(verdict.bias, translate, signed=waves or verdict.count <= 2),
        "left": translate.signed(verdict.left),
        "low": translate.signed(verdict.low),
        "high": translate.signed(verdict.high),
        "share": translate.percent(verdict.share),
        "needed": translate.integer(verdict.needed),
    }
    if verdict.code.startswith("partial") and not waves:
        values["observed"] = translate.signed(verdict.observed)
    said = translate.text(template, values)
    if verdict.code == "not_testable" and verdict.n is not None and verdict.needed:
        more = BOTH_TIMES if waves else SECOND_LARGEST
        said = f"{said} {translate.text(more, {'n': translate.integer(verdict.n)})}"
    if verdict.contradicted:
        said = f"{said} {translate.text(CONTRADICTED)}"
    return said


def _points(value: float | None, translate: Translator, *, signed: bool) -> str:
    return translate.signed(value) if signed else translate.number(value)


def _named(verdict: Verdict, translate: Translator) -> str:
    if 0 < len(verdict.groups) <= MOST_NAMED:
        return translate.listing(list(verdict.groups))
    if verdict.count:
        return translate.text(GROUPS, {"count": translate.integer(verdict.count)})
    return translate.text(ALL)


def _key(verdict: Verdict) -> str:
    """Which of the sentences."""
    code = verdict.code
    if code == "not_testable":
        return code if verdict.needed else "not_testable_scale"
    if verdict.over == "waves":
        return "partial_small" if code == "partial_large" else code
    if code.startswith("partial") and verdict.count > 2:
        return code.replace("partial", "several")
    return "aligned_all" if code == "aligned" and not verdict.items else code
