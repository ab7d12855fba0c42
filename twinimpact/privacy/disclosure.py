"""The one gate between the results table and anything a person can see.

Small numbers are withheld, and so are the numbers from which they could be worked out. What
is withheld keeps its row, with status ``suppressed`` and without any number, so that a report
can say that something is withheld instead of passing over it.

The rules are explained in :mod:`~twinimpact.privacy.answers` (numbers made of answers) and
:mod:`~twinimpact.privacy.counts` (head-counts). Not covered: tables outside this results table,
such as earlier versions of a report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from twinimpact.privacy.answers import hide_answers
from twinimpact.privacy.complement import Strategy, smallest_first
from twinimpact.privacy.counts import UNITS, hide_counts
from twinimpact.privacy.derived import hide_derived
from twinimpact.privacy.losses import blank_losses
from twinimpact.privacy.rules import DisclosureRules, Verdicts

NUMBERS = (
    "estimate", "std_error", "df", "conf_low", "conf_high", "p_value", "p_adjusted", "n",
    "denominator", "missing",
)  # fmt: skip
NAMED = ("outcome", "estimand", "partnership", "dimension", "group", "wave")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gated:
    """Results that may be shown.

    Parameters
    ----------
    results
        The results table; withheld rows have status ``suppressed`` and no number.
    withheld
        One mapping per withheld row: ``outcome``, ``estimand``, ``partnership``, ``dimension``,
        ``group``, ``wave`` and ``reason``, which is ``primary`` (too small itself) or
        ``complementary`` (would give another away). The reason is for the log of a run and never
        for a report: that a number is too small says what it may be.
    """

    results: pd.DataFrame
    withheld: tuple[Mapping[str, str], ...]


def apply(
    results: pd.DataFrame, rules: DisclosureRules, strategy: Strategy = smallest_first
) -> Gated:
    """Withhold what may not be shown.

    Parameters
    ----------
    results
        ``schema.RESULT_COLUMNS``, all partnerships of a programme together: what one report
        shows must not give away what another withholds.
    rules
        Thresholds.
    strategy
        How further head-counts are chosen that must be hidden with the small ones.

    Raises
    ------
    DisclosureError
        If the numbers cannot be protected; then nothing may be shown.
    """
    table = results.reset_index(drop=True)
    verdicts = {**hide_counts(table, rules, strategy), **hide_answers(table, rules)}
    verdicts |= hide_derived(table, verdicts, rules)
    rows = sorted(verdicts)
    named = table.loc[rows, list(NAMED)].to_dict(orient="records")
    withheld = tuple(
        {**{str(name): str(value) for name, value in entry.items()}, "reason": verdicts[row]}
        for row, entry in zip(rows, named, strict=True)
    )
    _blank_what_tells_of_hidden(table, rules, verdicts)
    blank_losses(table, verdicts)
    table.loc[rows, list(NUMBERS)] = float("nan")
    table.loc[rows, "status"] = "suppressed"
    table.loc[rows, "note"] = ""
    judged = table.index.isin(rows) & table["verdict"].ne("")
    table.loc[judged, "verdict"] = "not_assessed"
    return Gated(results=table, withheld=withheld)


def _blank_what_tells_of_hidden(
    table: pd.DataFrame, rules: DisclosureRules, verdicts: Verdicts
) -> None:
    """Counts beside shown numbers that repeat a hidden one."""
    hidden = table.loc[sorted(verdicts)]
    heads = table["method"].eq("count") & table["unit"].isin(UNITS)
    # "missing" beside the groups of a dimension is the count of the group "undisclosed"
    tables = set(zip(hidden["partnership"], hidden["dimension"], strict=True))
    keys = zip(table["partnership"], table["dimension"], strict=True)
    same_table = pd.Series([key in tables for key in keys], index=table.index, dtype="bool")
    beside = heads & table["dimension"].ne("") & same_table
    # beside guests and locals it is what both lack to all participations
    places = hidden[hidden["outcome"].isin(("R03", "R05", "R06")) & hidden["dimension"].eq("")]
    beside |= table["outcome"].isin(("R05", "R06")) & table["partnership"].isin(
        set(places["partnership"])
    )
    table.loc[beside, "missing"] = float("nan")
    # the n of a design counts both arms
    arms = hidden["arm"].eq("comparison") | hidden["estimand"].str.contains(
        "participant-comparison", regex=False
    )
    few = table["n"].lt(rules.k_answers) | table["partnership"].isin(
        set(hidden.loc[arms, "partnership"])
    )
    few &= table["method"].eq("design_rule")
    table.loc[few, "n"] = float("nan")
