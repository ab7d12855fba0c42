"""People who answered before and not after: what a report may say of them.

The lost differ from everybody by those who stayed, and the change of those who stayed is shown.
So numbers about loss tell of the lost. For each partnership, outcome and arm

- they are hidden when fewer than ``k_answers`` people were lost or stayed, at any of the waves:
  how many answered before would tell the rest;
- they are hidden with the change of those who stayed, and with the means before;
- numbers of both arms together go with those of either arm;
- the programme's give way when they would lead to hidden ones: when one partnership of those in
  it is hidden, or when the hidden ones together lost fewer than ``k_answers`` people, or when it
  does not have the people that the partnerships add up to.

Difference before, worst and best case tell the sum of everybody's scores before; which other sums
may be known beside it is judged in :mod:`twinimpact.privacy.overlap`.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from twinimpact.privacy.rules import DisclosureRules, Verdicts, is_small
from twinimpact.schema import PROGRAMME

FAMILY = "loss"
PATTERN = r"^loss(?:\||$)"
"""Estimands about loss: ``loss``, ``loss|overall``, ``loss|worst``."""
SUMS = ("baseline", "worst", "best")
"""Last part of those that tell a sum of scores; the others are made of counts and the change."""
CHANGE = r"^(?:level\||level_sd\||cell\||cell_sd\||first_difference|(?:post|followup)-)"
"""Estimands of people who answered twice."""
ARMS = ("participant", "comparison")
VALUE = re.compile(r"\bloss_outside_boundary:([^;=]*=)?[\d.,]+")
"""The code in a note, with shares of people lost; in a design row with the outcome before them."""


def few_lost_or_stayed(rows: pd.DataFrame, rules: DisclosureRules) -> pd.Series[bool]:
    """Which rows about loss are about too few lost people, or too few who stayed."""
    stayed = rows["n"] - rows["missing"]
    about = rows["family"].eq(FAMILY)
    found = [
        is_small(lost, rules.k_answers) or is_small(rest, rules.k_answers)
        for lost, rest in zip(rows["missing"], stayed, strict=True)
    ]
    unknown = rows["missing"].isna() & rows["n"].notna()
    return about & (pd.Series(found, index=rows.index, dtype="bool") | unknown)


def hide_losses(
    cells: pd.DataFrame, hidden: pd.Series[bool], rules: DisclosureRules
) -> pd.Series[bool]:
    """Cells about loss that have to go, as the head of this module says.

    Parameters
    ----------
    cells
        All cells with ``family``, ``outcome``, ``partnership``, ``arm``, ``wave``, ``contrast``,
        ``n`` and ``lost``.
    hidden
        Cells hidden so far.
    rules
        Thresholds and waves.
    """
    found = pd.Series(False, index=cells.index)
    losses = cells[cells["family"].eq(FAMILY)]
    if losses.empty:
        return found
    gone = hidden[losses.index] | _with_the_change(losses, cells, hidden, rules)
    gone = _all_waves_and_arms(losses, gone)
    gone = _all_waves_and_arms(losses, gone | _programme(losses, gone, rules))
    found[losses.index] = gone
    return found


def _with_the_change(
    losses: pd.DataFrame, cells: pd.DataFrame, hidden: pd.Series[bool], rules: DisclosureRules
) -> pd.Series[bool]:
    """Losses beside a change, or means before, that are hidden."""
    roles = {wave: role for role, wave in rules.waves.items()}
    before = rules.waves.get("pre", "pre")
    changes = cells[cells["family"].eq("change")]
    who = ("outcome", "partnership", "arm", "contrast")
    secret_change = _keys(changes[hidden[changes.index]], who)
    levels = cells[cells["family"].eq("level") & cells["wave"].eq(before)]
    secret = _keys(levels[hidden[levels.index]], who[:3])
    result = []
    for row in losses.itertuples():
        place = (row.outcome, row.partnership, row.arm)
        contrast = f"{roles.get(str(row.wave), row.wave)}-pre"
        result.append(place in secret or (*place, contrast) in secret_change)
    return pd.Series(result, index=losses.index, dtype="bool")


def _all_waves_and_arms(losses: pd.DataFrame, gone: pd.Series[bool]) -> pd.Series[bool]:
    """One wave hides the others of its arm; one arm hides what is about both."""
    who = [losses["outcome"], losses["partnership"]]
    by_arm = gone.groupby([*who, losses["arm"]]).transform("any")
    return by_arm | (losses["arm"].eq("") & by_arm.groupby(who).transform("any"))


def _programme(
    losses: pd.DataFrame, gone: pd.Series[bool], rules: DisclosureRules
) -> pd.Series[bool]:
    """The programme's cells that would lead to a hidden partnership's."""
    keys = ["outcome", "arm", "wave"]
    stayed = losses["n"] - losses["lost"]
    inside = losses["partnership"].ne(PROGRAMME) & losses["arm"].isin(ARMS)
    if rules.programme_without_small:
        inside &= ~stayed.map(lambda value: is_small(value, rules.k_answers))
    parts = losses[inside]
    secret = parts[gone[parts.index]].groupby(keys)["lost"].agg(["size", "sum"])
    unsafe = set(secret[(secret["size"] < 2) | (secret["sum"] < rules.k_answers)].index)
    people = parts.groupby(keys)["n"].sum()
    result = []
    for row in losses.itertuples():
        key = (row.outcome, row.arm, row.wave)
        whole = row.partnership == PROGRAMME and str(row.arm) in ARMS
        result.append(whole and (key in unsafe or people.get(key, 0.0) != row.n))
    return pd.Series(result, index=losses.index, dtype="bool")


def _keys(cells: pd.DataFrame, names: tuple[str, ...]) -> set[tuple[str, ...]]:
    return set(zip(*(cells[name] for name in names), strict=True))


def blank_losses(table: pd.DataFrame, verdicts: Verdicts) -> None:
    """Take numbers of lost people out of rows beside losses that are hidden."""
    _blank_missing(table, verdicts)
    _blank_shares(table, verdicts)


def _blank_missing(table: pd.DataFrame, verdicts: Verdicts) -> None:
    """People without both scores of a change: the lost, and those who came later."""
    hidden = table.loc[sorted(verdicts)]
    hidden = hidden[hidden["estimand"].str.contains(PATTERN)]
    arms = set(zip(hidden["partnership"], hidden["arm"], strict=True))
    both = {where for where, arm in arms if arm == "comparison"}
    changes = table["estimand"].str.contains(CHANGE) & table["method"].ne("count")
    places = zip(table["partnership"], table["arm"], strict=True)
    beside = [place in arms or (place[1] == "" and place[0] in both) for place in places]
    table.loc[changes & pd.Series(beside, index=table.index, dtype="bool"), "missing"] = np.nan


def _blank_shares(table: pd.DataFrame, verdicts: Verdicts) -> None:
    """Shares lost in notes, where the difference in loss is not shown."""
    told = table[table["note"].str.contains("loss_outside_boundary:", regex=False)]
    if told.empty:
        return
    differences = table[table["estimand"].eq("loss|differential")]
    shown = differences[~differences.index.isin(list(verdicts)) & differences["estimate"].notna()]
    known = set(zip(shown["outcome"], shown["partnership"], strict=True))
    for label, outcome, partnership, text in told[["outcome", "partnership", "note"]].itertuples():

        def bare(
            found: re.Match[str], outcome: str = outcome, partnership: str = partnership
        ) -> str:
            named = found.group(1) or ""
            about = named.removesuffix("=") or outcome
            if (about, partnership) in known:
                return found.group()
            code = "loss_outside_boundary"
            return f"{code}:{about}" if named else code

        table.loc[label, "note"] = VALUE.sub(bare, text)
