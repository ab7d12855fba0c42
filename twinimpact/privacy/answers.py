"""Numbers made of answers: hidden with too few people, or when everyone answered alike.

The rows of the results table fall into cells: all numbers about the same answers of the same
people (mean, sd, share at the maximum) are shown or hidden together.

- A cell with fewer than ``k_answers`` people is hidden; so is one whose number of people is
  not known.
- A cell in which everyone answered alike is hidden: it tells what each person said. For the
  answers to one question the same holds when all but one chose the same answer, because that
  one person would learn what everyone else said.
- The means of the people of a change at its two waves (``level|pre|post-pre``, ``cell|pre``)
  are shown or hidden together with that change.
- A distribution that is shown is shown whole, small categories too. It has at least
  ``k_answers`` people and at least two outside its largest category, so that it tells of
  nobody in particular what they said; hiding single categories would protect no one
  further, since they are not crossed with anything that identifies people.
- Two arms: the difference of their changes is hidden when one of the changes is hidden.
- The programme's number gives way. It is hidden when it and the shown partnerships would give
  the hidden ones away: when only one partnership is hidden, or when the hidden ones together
  have fewer than ``k_answers`` people. Hiding a further partnership instead would take from a
  town results it has a right to, because of its neighbour.
- With ``programme_without_small`` the programme's number does not include partnerships that
  are too small, so that these are no reason to hide it. The gate counts: a programme's number
  of more people than its shown partnerships have (or these and all that are hidden for
  another reason) is hidden.
- Parts of a partnership (towns, groups of people) are hidden together.
- A change shown again for fewer people (:mod:`twinimpact.privacy.subsets`) is hidden when it
  would tell of those who were left out; numbers about people who were lost
  (:mod:`twinimpact.privacy.losses`) when they would tell of a few.
- Groups of people that overlap almost entirely, such as everyone who answered before and those
  of them who also answered after, are not shown together (:mod:`twinimpact.privacy.overlap`). A
  mean that is hidden for this is no reason to hide the change of those who answered twice.

Not covered: versions of a report over time, between which a few people were added.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from twinimpact.privacy.losses import FAMILY as LOSS
from twinimpact.privacy.losses import PATTERN as ABOUT_LOSS
from twinimpact.privacy.losses import few_lost_or_stayed, hide_losses
from twinimpact.privacy.overlap import hide_overlaps
from twinimpact.privacy.rules import DisclosureRules, Verdicts, is_small
from twinimpact.privacy.subsets import FAMILY, PATTERN, hide_subsets
from twinimpact.schema import PROGRAMME

LEVELS = (
    "mean", "sd", "mean_raw", "ceiling", "floor",
    "share", "median", "recommendation", "gap", "kept",
)  # fmt: skip
YES_OR_NO = ("share", "kept")
"""Shares of two answers: they tell of everyone when all, or all but one, gave the same."""
ADDITIVE = ("answer", "level", "change", "over_time", "alpha", FAMILY)
"""Families in which the people of a programme are those of its partnerships."""
RELIABILITY = ("alpha", "omega", "item_rest")
"""First words of estimands about how well the items of a scale go together."""
WAVE_OF_CHANGE = ("level|", "level_sd|")
"""Estimands about one wave of the people of a change: ``level|pre|post-pre``."""
SPREAD_OF_CHANGE = ("level_sd|", "cell_sd|")
NO_SPREAD = 1e-9
"""A standard deviation up to this is rounding noise: everyone answered alike."""
KEY = ["family", "outcome", "partnership", "wave", "arm", "dimension", "contrast"]
PROGRAMME_KEY = [name for name in KEY if name != "partnership"]
NOT_ANSWERS = ("count", "design_rule", "poisson_exact")
ARMS = ("participant", "comparison")


def hide_answers(results: pd.DataFrame, rules: DisclosureRules) -> Verdicts:
    """Which numbers made of answers may not be shown.

    Parameters
    ----------
    results
        The results table.
    rules
        Thresholds.

    Returns
    -------
    dict
        Label of each hidden row to ``primary`` or ``complementary``.
    """
    chosen = (results["dimension"] == "answer") | ~results["method"].isin(NOT_ANSWERS)
    rows = _with_cells(results[chosen])
    if rows.empty:
        return {}
    cells = _cells(rows, rules)
    primary = cells["small"] | cells["alike"]
    hidden = primary | _depends_on_hidden(cells, primary, rules)
    hidden |= _parts_of_a_whole(cells, hidden, rules)
    hidden |= hide_subsets(cells, hidden, rules)
    hidden |= _programme_gives_way(cells, hidden, rules)
    hidden |= hide_subsets(cells, hidden, rules)  # the programme's whole may have given way
    hidden |= hide_losses(cells, hidden, rules)
    reason = {cell: "primary" if own else "complementary" for cell, own in primary[hidden].items()}
    labels, numbers = rows.index.to_list(), rows["cell"].to_list()
    verdicts = {
        int(row): reason[cell] for row, cell in zip(labels, numbers, strict=True) if cell in reason
    }
    return verdicts | dict.fromkeys(hide_overlaps(rows, set(verdicts), rules), "complementary")


def _with_cells(rows: pd.DataFrame) -> pd.DataFrame:
    estimand = rows["estimand"]
    parts = (rows["town"] != "") | ~rows["dimension"].isin(("", "answer"))
    reliability = estimand.str.startswith(RELIABILITY)
    names = np.select(
        [
            rows["dimension"] == "answer",
            estimand.str.contains(ABOUT_LOSS),
            estimand.str.startswith("comparability|"),
            reliability,
            parts,
            estimand.isin(LEVELS) & (rows["wave"] != ""),
            estimand.str.contains("participant-comparison", regex=False),
            estimand.str.endswith("|cross-section"),
            estimand.str.contains(r"\|(?:improved|unchanged|worse)$"),
            estimand.str.contains(PATTERN),
        ],
        [
            "answer",
            LOSS,
            "comparability",
            "alpha",
            "part",
            "level",
            "between",
            "over_time",
            "share",
            FAMILY,
        ],
        default="change",
    )
    family = pd.Series(names, index=rows.index, dtype="str")
    words = estimand.str.split("|")
    named = words.str[0].where(~estimand.str.startswith(WAVE_OF_CHANGE), words.str[-1])
    contrast = named.where(named.str.contains("-", regex=False), "post-pre")
    timeless = family.isin(["change", "share", "over_time", FAMILY])
    contrast = contrast.where(~family.eq(FAMILY), estimand)
    cells = rows.assign(
        family=family,
        contrast=contrast.where(timeless | family.eq("part"), ""),
        wave=rows["wave"].where(~timeless, ""),
    )
    # rows about parts of a whole are one cell per whole: they are shown or hidden together; so
    # are all coefficients of a scale and those of its items, which are about the same people
    cells["dimension"] = cells["dimension"].where(~family.isin(["part", "alpha"]), "")
    return cells.assign(cell=cells.groupby(KEY, sort=True).ngroup())


def _cells(rows: pd.DataFrame, rules: DisclosureRules) -> pd.DataFrame:
    """One row per cell: its key, its people, and why it is hidden by itself."""
    there = rows["estimate"].notna()
    by = rows["cell"]
    cells = rows.groupby("cell")[KEY].first()
    few = rows["n"].between(0, rules.k_answers, inclusive="neither")
    few |= few_lost_or_stayed(rows, rules)
    unknown = there.groupby(by).any() & rows["n"].isna().groupby(by).all()
    cells["n"] = rows["n"].groupby(by).max()
    cells["lost"] = rows["missing"].where(rows["family"].eq(LOSS)).groupby(by).max()
    towns = rows["n"].where(rows["town"].ne("") & rows["estimand"].eq("mean|single"))
    cells["n_towns"] = towns.groupby(by).sum()
    cells["small"] = few.groupby(by).any() | unknown
    outside = rows["n"] - rows["estimate"].groupby(by).transform("max")
    same_answer = rows["family"].eq("answer") & there & (outside < 2)
    fewer = rows["n"] * np.minimum(rows["estimate"], 1 - rows["estimate"])
    flat = rows["estimate"].abs().le(NO_SPREAD)
    same_level = rows["family"].eq("level") & (
        (rows["estimand"].eq("sd") & flat)
        | (rows["estimand"].isin(("ceiling", "floor")) & rows["estimate"].eq(1))
        | (rows["estimand"].isin(YES_OR_NO) & there & (fewer < 2 - NO_SPREAD))
        | (rows["estimand"].eq("recommendation") & rows["estimate"].abs().eq(100))
    )
    unvaried = rows["note"].str.contains(r"(?:^|;)no_variation(?:;|$)")
    same_change = rows["family"].isin(["change", "over_time", FAMILY]) & (
        rows["std_error"].eq(0)
        | (rows["estimand"].str.startswith(SPREAD_OF_CHANGE) & flat)
        | (rows["method"].eq("paired_t") & unvaried & there)
    )
    same_share = rows["family"].eq("share") & rows["estimate"].eq(1)
    alike = same_answer | same_level | same_change | same_share
    cells["alike"] = alike.groupby(by).any()
    return cells


def _depends_on_hidden(
    cells: pd.DataFrame, hidden: pd.Series[bool], rules: DisclosureRules
) -> pd.Series[bool]:
    """Differences of which one side is hidden."""
    changed = cells["family"].isin(["change", "over_time"])
    levels = _keys(cells[hidden & cells["family"].eq("level")], "wave")
    changes = _keys(cells[hidden & changed], "contrast")
    linked = _linked(cells)
    waves_there = set(cells.loc[cells["family"].eq("level"), "wave"])
    found = []
    arms: tuple[str, ...]
    for row in cells.itertuples():
        who = (row.outcome, row.partnership)
        if row.family in ("change", "share", "over_time"):
            arms = (str(row.arm) or "participant",)
            unlinked = str(row.family) == "over_time"
        elif row.family == "between":
            arms, unlinked = ARMS, str(row.outcome) not in linked
        else:
            found.append(False)
            continue
        contrast = str(row.contrast) or "post-pre"
        waves = {str(row.wave)} if row.wave else _waves(contrast, rules, waves_there, unlinked)
        dependent = any((*who, arm, wave) in levels for arm in arms for wave in waves)
        if row.family == "between" and not row.wave:
            dependent |= any((*who, arm, "post-pre") in changes for arm in arms)
        found.append(dependent)
    return pd.Series(found, index=cells.index, dtype="bool")


def _linked(cells: pd.DataFrame) -> set[str]:
    """Outcomes with the change of comparison people, whose waves are therefore linked."""
    compared = cells["family"].eq("change") & cells["arm"].eq("comparison")
    return set(cells.loc[compared, "outcome"])


def _keys(cells: pd.DataFrame, last: str) -> set[tuple[str, ...]]:
    return set(_ordered_keys(cells, last))


def _ordered_keys(cells: pd.DataFrame, last: str = "wave") -> list[tuple[str, ...]]:
    columns = (cells["outcome"], cells["partnership"], cells["arm"], cells[last])
    return list(zip(*columns, strict=True))


def _waves(contrast: str, rules: DisclosureRules, there: set[str], unlinked: bool) -> set[str]:
    """Ids of the waves of a contrast; when they are not known and it matters, all waves."""
    waves = {rules.waves.get(role, role) for role in contrast.split("-")}
    return there if unlinked and not waves & there else waves


def _parts_of_a_whole(
    cells: pd.DataFrame, hidden: pd.Series[bool], rules: DisclosureRules
) -> pd.Series[bool]:
    """Parts of a partnership whose rest is too small, or whose whole is hidden."""
    levels = cells[cells["family"].eq("level")]
    people = dict(zip(_ordered_keys(levels), levels["n"], strict=True))
    gone = _keys(levels[hidden[levels.index]], "wave")
    found = pd.Series(False, index=cells.index)
    parts = cells[cells["family"].eq("part")]
    for cell, key, n in zip(parts.index, _ordered_keys(parts), parts["n_towns"], strict=True):
        rest = people.get(key, np.nan) - n
        found[cell] = key in gone or (n > 0 and is_small(rest, rules.k_answers))
    return found


def _programme_gives_way(
    cells: pd.DataFrame, hidden: pd.Series[bool], rules: DisclosureRules
) -> pd.Series[bool]:
    """The programme's cells that would give hidden partnerships away."""
    give_way: list[int] = []
    below = cells[hidden & cells["partnership"].ne(PROGRAMME) & (cells["n"] > 0)]
    below = below[below["family"].ne(LOSS)]  # these have a rule of their own
    broken: set[tuple[str, ...]] = set()
    if rules.programme_without_small:
        not_in_it = _left_out(cells, hidden, rules)
        below = below[~not_in_it[below.index]]
        broken = _broken_promises(cells, hidden, not_in_it)
    if below.empty and not broken:
        return pd.Series(False, index=cells.index)
    by = below.groupby(PROGRAMME_KEY)["n"].agg(["size", "sum"])
    unsafe = set(by[(by["size"] < 2) | (by["sum"] < rules.k_answers)].index) | broken
    linked = _linked(cells)
    waves_there = set(cells.loc[cells["family"].eq("level"), "wave"])
    compared = {key[1] for key in unsafe if key[0] == "change" and key[-1] == "post-pre"}
    levels = {(key[1], key[2]) for key in unsafe if key[0] == "level"}
    for row in cells[cells["partnership"].eq(PROGRAMME)].itertuples():
        give = tuple(getattr(row, name) for name in PROGRAMME_KEY) in unsafe
        if row.family == "between":
            give |= row.outcome in compared
            if row.wave or row.outcome not in linked:
                waves = {row.wave} if row.wave else _waves("post-pre", rules, waves_there, True)
                give |= any((row.outcome, wave) in levels for wave in waves)
        if give:
            give_way.append(int(str(row.Index)))
    return pd.Series(cells.index.isin(give_way), index=cells.index)


def _left_out(
    cells: pd.DataFrame, hidden: pd.Series[bool], rules: DisclosureRules
) -> pd.Series[bool]:
    """Hidden cells of partnerships that are too small to be in the programme's number.

    What rests on two arms or on two waves is left out when one side of it is, unless another
    side is hidden for another reason.
    """
    theirs = hidden & cells["partnership"].ne(PROGRAMME)
    few = theirs & (cells["n"] > 0) & (cells["n"] < rules.k_answers)
    two_sided = cells["family"].isin(["between", "over_time"])
    other = _depends_on_hidden(cells, theirs & ~few & ~two_sided, rules)
    return few | (theirs & two_sided & ~cells["alike"] & ~other)


def _broken_promises(
    cells: pd.DataFrame, hidden: pd.Series[bool], not_in_it: pd.Series[bool]
) -> set[tuple[str, ...]]:
    """Keys of the programme's cells that hold people of a partnership that should be left out.

    Allowed are the people of the shown partnerships, or exactly these and the people of all
    that are hidden for another reason.
    """
    chosen = cells["family"].isin(ADDITIVE)
    chosen &= cells["family"].ne("change") | cells["arm"].eq("participant")
    whole = chosen & cells["partnership"].eq(PROGRAMME)
    parts = chosen & cells["partnership"].ne(PROGRAMME) & ~not_in_it
    shown = cells[parts & ~hidden].groupby(PROGRAMME_KEY)["n"].sum()
    everyone = cells[parts].groupby(PROGRAMME_KEY)["n"].sum()
    broken: set[tuple[str, ...]] = set()
    for *names, n in cells.loc[whole, [*PROGRAMME_KEY, "n"]].itertuples(index=False):
        key = tuple(names)
        if n > 0 and n > shown.get(key, 0) and n != everyone.get(key, 0):
            broken.add(key)
            if key[0] == "change":
                broken.add(("share", *key[1:]))
    return broken
