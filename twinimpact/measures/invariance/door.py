"""The door ``comparability``: a frame of answers and a key in, a record with a sentence out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from twinimpact.errors import DesignError, IngestError
from twinimpact.instruments import Scale
from twinimpact.language import translator
from twinimpact.measures.coding import Coded, code_answers, reversed_codes
from twinimpact.measures.invariance.comparing import (
    Bias,
    Compared,
    compare_groups,
    compare_waves,
)
from twinimpact.measures.invariance.rules import InvarianceRules, invariance_rules
from twinimpact.measures.invariance.two_items import TwoItems
from twinimpact.measures.invariance.verdict import COMPARABLE, Verdict, sentence
from twinimpact.measures.keys import ScaleKey, catalogue_from

Array = npt.NDArray[Any]
SCALED = {
    "factor": "scaling",
    "chi2": "chi2_scaled",
    "p_value": "p_scaled",
    "cfi": "cfi_robust",
    "rmsea": "rmsea_robust",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparability:
    """Whether levels of one scale may be compared over groups or waves.

    Parameters
    ----------
    over
        ``groups`` or ``waves``.
    groups, n
        Groups that were large enough (or the two waves), and their complete rows; over waves
        ``n`` has one number, the people linked.
    left_out
        Groups that were too small, with their complete rows.
    needed
        Complete rows a group needs.
    verdict
        ``scalar``, ``partial_small``, ``partial_large``, ``aligned``, ``metric``, ``none`` or
        ``not_testable``.
    reasons
        Codes that explain or qualify it.
    levels
        One row per level: ``level``, ``status``, ``chi2``, ``df``, ``p_value``, ``cfi``,
        ``rmsea``, ``srmr``, ``bic``, and against the level before ``chi2_diff``, ``df_diff``,
        ``p_diff``; without the assumption of normal answers ``scaling`` (what chi2 is divided
        by), ``chi2_scaled``, ``p_scaled``, ``cfi_robust``, ``rmsea_robust``; after releases
        ``final_chi2``, ``final_df``, ``final_cfi``, ``final_rmsea``, ``final_srmr``; over waves
        ``cfi_longitudinal``.
    released
        One row per step: ``level``, ``item``, ``parameter``, ``score``, ``df``, ``p_value``,
        ``limit``, ``chi2``, ``chi2_df``.
    dmacs
        One row per item and focal group: ``item``, ``group``, ``dmacs``, ``signed``, ``size``,
        ``released``.
    pair
        Of two questions: whether their difference and correlation are equal over groups.
    bias
        Difference in points and what of it comes from the questions; over waves the change, with
        and without the questions that may be judged by another yardstick.
    differing
        Items of the sentence: released ones, those that may have shifted, or those that differ
        after alignment.
    share_differing
        Share of question parameters that differ after alignment.
    rules
        The rules applied, with their version and sources.
    """

    over: str
    groups: tuple[str, ...]
    n: tuple[int, ...]
    left_out: tuple[tuple[str, int], ...]
    needed: int
    verdict: str
    reasons: tuple[str, ...]
    levels: pd.DataFrame
    released: pd.DataFrame
    dmacs: pd.DataFrame
    pair: TwoItems | None
    bias: Bias | None
    differing: tuple[str, ...]
    share_differing: float
    rules: InvarianceRules

    @property
    def compare_levels(self) -> bool:
        """Whether a report may put levels side by side."""
        return self.verdict in COMPARABLE

    @property
    def second_largest(self) -> int:
        """Complete rows of the second-largest group; over waves of the people linked."""
        if self.over == "waves":
            return self.n[0]
        every = sorted((*self.n, *(count for _, count in self.left_out)), reverse=True)
        return every[1] if len(every) > 1 else 0

    def sentence(self, language: str = "en", labels: Mapping[str, str] | None = None) -> str:
        """The verdict in words.

        Parameters
        ----------
        labels
            Words for items and groups, by their names.
        """
        words = labels or {}
        bias = self.bias
        verdict = Verdict(
            code=self.verdict,
            over=self.over,
            groups=tuple(words.get(name, name) for name in self.groups),
            count=len(self.groups),
            items=tuple(words.get(name, name) for name in self.differing),
            observed=None if bias is None else bias.observed,
            bias=None if bias is None else bias.bias,
            left=None if bias is None else bias.left,
            low=None if bias is None else bias.low,
            high=None if bias is None else bias.high,
            share=self.share_differing,
            needed=self.needed,
            n=self.second_largest,
            contradicted="rule_contradicted" in self.reasons,
        )
        return sentence(verdict, translator(language))


def comparability(
    answers: pd.DataFrame,
    key: ScaleKey,
    *,
    group: str = "",
    person: str = "",
    wave: str = "",
    top: str = "scalar",
) -> Comparability:
    """Can groups, or two waves of the same people, be compared on a scale?

    Parameters
    ----------
    answers
        One row per questionnaire, one numeric column per item (missing = NA).
    key
        Items, declared range and reversal of the scale.
    group
        Column that names the group of each row; groups are compared in the order of their names.
    person, wave
        Columns that name the person and the wave: the waves are compared on people who answered
        every item at both, in the order in which waves first appear. Not together with ``group``.
    top
        Last level to test: ``metric``, ``scalar`` or ``strict``.

    Raises
    ------
    DesignError
        If neither a group nor person and wave are named, a column is missing, there are not two
        waves, or a person has two rows in a wave.
    IngestError
        If answers are outside the declared range.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from twinimpact.measures import ScaleKey, comparability
    >>> draw = np.random.default_rng(7)
    >>> view = draw.standard_normal((400, 1)) + 0.8 * draw.standard_normal((400, 4))
    >>> frame = pd.DataFrame(np.clip(np.round(3 + view), 1, 5), columns=["a", "b", "c", "d"])
    >>> frame["town"] = np.repeat(["Lindau", "Elba"], 200)
    >>> key = ScaleKey(items=("a", "b", "c", "d"), low=1, high=5)
    >>> found = comparability(frame, key, group="town")
    >>> found.verdict, found.compare_levels, found.n
    ('scalar', True, (200, 200))
    >>> few = comparability(frame.iloc[150:250], key, group="town")
    >>> few.verdict, few.reasons, few.needed
    ('not_testable', ('too_few_answers',), 100)
    """
    catalogue = catalogue_from({"scale": key})
    scale = catalogue.scales["scale"]
    named = [name for name in (group, person, wave) if name]
    absent = [name for name in (*key.items, *named) if name not in answers.columns]
    if absent:
        raise DesignError("Columns are missing.", got=", ".join(absent))
    if bool(group) == bool(person and wave):
        raise DesignError("Comparing needs either a group, or a person and a wave.")
    coded = code_answers(answers, catalogue)
    outside = sum(len(coded[name].outside) for name in key.items)
    if outside:
        raise IngestError(
            "Some answers lie outside the declared range.",
            got=str(outside),
            expected=f"{key.low}..{key.high}",
        )
    columns, widths = scale_columns(scale, coded)
    if group:
        names, codes = _codes(answers[group])
        found = compare_groups(columns, widths, codes, names, top=top)
        return record(found, scale, names, "groups")
    names, pairs = _pairs(answers, person, wave)
    first, last = ([column[rows] for column in columns] for rows in pairs)
    found = compare_waves(first, last, widths, top=top)
    return record(found, scale, names, "waves")


def scale_columns(scale: Scale, coded: Mapping[str, Coded]) -> tuple[list[Array], Array]:
    """Codes of a scale's items after reversal, and the width of each item's range."""
    members = [coded[name] for name in scale.items]
    columns = [
        reversed_codes(one) if one.item.id in scale.reverse else one.codes for one in members
    ]
    return columns, np.array([one.item.hi - one.item.lo for one in members], dtype="float64")


def _codes(column: pd.Series[Any]) -> tuple[tuple[str, ...], Array]:
    text = column.astype("str").where(column.notna())
    codes, names = pd.factorize(text, sort=True)
    return tuple(str(name) for name in names), np.asarray(codes)


def _pairs(answers: pd.DataFrame, person: str, wave: str) -> tuple[tuple[str, ...], list[Array]]:
    """The two waves, and the rows of the people who are in both, person by person."""
    waves = answers[wave].dropna().astype("str")
    names = tuple(dict.fromkeys(waves))
    if len(names) != 2:
        raise DesignError("Two waves are compared at a time.", got=", ".join(names))
    people = answers[person].astype("str").where(answers[person].notna())
    sides = []
    for name in names:
        here = np.flatnonzero((answers[wave].astype("str") == name) & people.notna())
        side = pd.Series(here, index=people.iloc[here])
        if side.index.has_duplicates:
            raise DesignError("A person has two questionnaires in one wave.", where=name)
        sides.append(side)
    both = sides[0].index.intersection(sides[1].index)
    return names, [side.loc[both].to_numpy() for side in sides]


def record(found: Compared, scale: Scale, names: tuple[str, ...], over: str) -> Comparability:
    """What was found, with the names of items and groups."""
    rules = invariance_rules() if found.ladder is None else found.ladder.rules
    used = found.used if over == "groups" else tuple(range(len(names)))
    small = [place for place in range(len(names)) if place not in used]
    return Comparability(
        over=over,
        groups=tuple(names[place] for place in used),
        n=tuple(int(found.n[place]) for place in used) if over == "groups" else (int(found.n[0]),),
        left_out=tuple((names[place], int(found.n[place])) for place in small),
        needed=found.needed,
        verdict=found.verdict,
        reasons=found.reasons,
        levels=_levels(found),
        released=_released(found, scale),
        dmacs=_dmacs(found, scale, [names[place] for place in used], rules),
        pair=found.pair,
        bias=found.bias,
        differing=tuple(scale.items[place] for place in differing(found)),
        share_differing=float("nan") if found.aligned is None else found.aligned.share_differing,
        rules=rules,
    )


def differing(found: Compared) -> tuple[int, ...]:
    """Positions of the items that work differently."""
    if found.aligned is not None:
        flags = found.aligned.differing_loadings | found.aligned.differing_intercepts
        return tuple(int(place) for place in np.flatnonzero(flags.any(axis=0)))
    if found.waves is not None:
        return found.waves.shifted
    return () if found.ladder is None else tuple(sorted(set(found.ladder.intercepts)))


def _levels(found: Compared) -> pd.DataFrame:
    rungs = () if found.ladder is None else found.ladder.rungs
    cfi = () if found.waves is None else found.waves.cfi
    rows = []
    for place, rung in enumerate(rungs):
        row: dict[str, Any] = {"level": rung.level, "status": rung.status}
        for name in ("chi2", "df", "p_value", "cfi", "rmsea", "srmr", "bic"):
            row[name] = getattr(rung.fit, name)
        scaled = found.scaled[place] if found.scaled else None
        for name, key in SCALED.items():
            row[key] = np.nan if scaled is None else getattr(scaled, name)
        if cfi:
            row["cfi_longitudinal"] = cfi[place]
        for name, key in (("chi2", "chi2_diff"), ("df", "df_diff"), ("p_value", "p_diff")):
            row[key] = np.nan if rung.against is None else getattr(rung.against, name)
        for name in ("chi2", "df", "cfi", "rmsea", "srmr"):
            row[f"final_{name}"] = getattr(rung.final, name)
        rows.append(row)
    return pd.DataFrame(rows)


def _released(found: Compared, scale: Scale) -> pd.DataFrame:
    columns = ["level", "item", "parameter", "score", "df", "p_value", "limit", "chi2", "chi2_df"]
    rungs = () if found.ladder is None else found.ladder.rungs
    rows = [
        (
            step.level, scale.items[step.test.question], step.test.parameter, step.test.chi2,
            step.test.df, step.test.p_value, step.limit, step.fit.chi2, step.fit.df,
        )
        for rung in rungs
        for step in rung.releases
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _dmacs(
    found: Compared, scale: Scale, groups: list[str], rules: InvarianceRules
) -> pd.DataFrame:
    columns = ["item", "group", "dmacs", "signed", "size", "released"]
    if found.dmacs is None or found.signed is None:
        return pd.DataFrame(columns=columns)
    focal = groups[1:] if len(groups) == 2 else groups
    released = differing(found)
    rows = [
        (
            item, name, found.dmacs[row, place], found.signed[row, place],
            size_of(float(found.dmacs[row, place]), rules), place in released,
        )
        for row, name in enumerate(focal)
        for place, item in enumerate(scale.items)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def size_of(value: float, rules: InvarianceRules) -> str:
    """``large``, ``medium``, ``small`` or ``negligible``; empty without a number."""
    if not np.isfinite(value):
        return ""
    limits = rules.limits["dmacs"]
    return next(
        (name for name in ("large", "medium", "small") if value >= limits[name]), "negligible"
    )
