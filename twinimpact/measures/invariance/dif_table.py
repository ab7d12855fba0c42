"""The door ``dif``: a frame of answers and a key in, one row per question out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from twinimpact.errors import DesignError, IngestError
from twinimpact.measures.coding import code_answers, reversed_codes
from twinimpact.measures.invariance.dif_regression import ItemDif, dif_pass, holm
from twinimpact.measures.invariance.rules import Limits, invariance_rules
from twinimpact.measures.keys import ScaleKey, catalogue_from

Array = npt.NDArray[Any]
LEAST_ANCHORS = 2
"""Questions that must be left in the rest score of every question."""
DIF_COLUMNS = (
    "item", "status", "note", "n", "groups", "categories", "merged", "anchors", "df",
    "chi2_uniform", "p_uniform", "chi2_nonuniform", "p_nonuniform", "chi2_total", "p_total",
    "p_adjusted", "r2_change", "size", "log_odds", "flagged",
    "first_chi2_total", "first_p_adjusted", "first_r2_change", "first_flagged",
)  # fmt: skip


def dif(answers: pd.DataFrame, key: ScaleKey, *, group: str) -> pd.DataFrame:
    """Which questions of a scale work differently for people who otherwise answer alike?

    Each question is regressed on the mean of the other questions, then on the group, then on
    their product (proportional odds). Questions that differ significantly are taken out of the
    rest score, and all are tested again.

    Parameters
    ----------
    answers
        One row per questionnaire, one numeric column per item (missing = NA). Rows complete on
        all items of the scale are used.
    key
        Items (three or more), declared range and reversal of the scale.
    group
        Column that names the group of each row. Groups of fewer than 100 complete rows are left
        out; the first name in alphabetical order is the reference.

    Returns
    -------
    pandas.DataFrame
        One row per item, in the order of the key:

        - ``item``, ``status`` (``ok``, ``not_testable``, ``not_converged``) and ``note``
          (codes: ``too_few_answers``, ``too_few_items``, ``too_few_used``, ``groups_left_out``,
          ``categories_merged``, ``no_anchors``),
        - ``n`` complete rows, ``groups``, ``categories`` after merging, ``merged`` (codes that
          were put together, such as ``1+2``), ``anchors`` in the rest score,
        - ``df`` of the total test; ``chi2_`` and ``p_`` ``uniform`` (group), ``nonuniform``
          (product) and ``total`` (both); ``p_adjusted``: the total test after Holm over items,
        - ``r2_change`` of Nagelkerke's R2 by group and product, ``size``: ``negligible``,
          ``moderate`` (from .035) or ``large`` (from .070),
        - ``log_odds`` of a higher answer in the second group; missing with more than two groups,
        - ``flagged``: significant after Holm and not negligible,
        - ``first_...``: the same from the first pass, with all other items in the rest score.

    Raises
    ------
    DesignError
        If a column is missing.
    IngestError
        If answers are outside the declared range.

    Notes
    -----
    Swaminathan and Rogers (1990), doi:10.1111/j.1745-3984.1990.tb00754.x, for two answers; limits
    and their source stand in the rule ``dif`` of ``surveys/invariance.toml``.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from twinimpact.measures import ScaleKey, dif
    >>> draw = np.random.default_rng(4)
    >>> view = draw.standard_normal((600, 1)) + 0.8 * draw.standard_normal((600, 4))
    >>> view[300:, 3] -= 1.2
    >>> frame = pd.DataFrame(np.clip(np.round(3 + view), 1, 5), columns=["a", "b", "c", "d"])
    >>> frame["town"] = np.repeat(["Elba", "Lindau"], 300)
    >>> found = dif(frame, ScaleKey(items=("a", "b", "c", "d"), low=1, high=5), group="town")
    >>> found.loc[found["flagged"], ["item", "size", "anchors"]].values.tolist()
    [['d', 'large', 3]]
    """
    columns, names, codes = _rows(answers, key, group)
    rule = invariance_rules().limits["dif"]
    counts = np.bincount(codes[codes >= 0], minlength=len(names))
    large = np.flatnonzero(counts >= rule["people"])
    left_out = ["groups_left_out"] if len(large) < len(names) else []
    few = ["too_few_answers"] if len(large) < 2 else []
    few += ["too_few_items"] if len(columns) < 3 else []
    if few:
        return _untestable(key, int(counts.sum()), len(large), ";".join([*few, *left_out]))
    place = np.full(len(names) + 1, -1)
    place[large] = np.arange(len(large))
    kept = place[codes] >= 0
    columns, codes = [column[kept] for column in columns], place[codes][kept]
    first = dif_pass(columns, codes, range(len(columns)), least=int(rule["answers"]))
    significant = holm(np.array([one.p_value[2] for one in first])) < rule["p_value"]
    anchors = [number for number in range(len(columns)) if not significant[number]]
    second, no_anchors = first, len(anchors) <= LEAST_ANCHORS and bool(significant.any())
    if significant.any() and not no_anchors:
        second = dif_pass(columns, codes, anchors, least=int(rule["answers"]))
    used = range(len(columns)) if second is first else anchors
    notes = [*left_out, *(["no_anchors"] if no_anchors else [])]
    return _table(key, (first, second), used, notes, rule)


def _rows(
    answers: pd.DataFrame, key: ScaleKey, group: str
) -> tuple[list[Array], tuple[str, ...], Array]:
    """Codes after reversal of the complete rows, names of the groups, group of each row."""
    absent = [name for name in (*key.items, group) if name not in answers.columns]
    if absent:
        raise DesignError("Columns are missing.", got=", ".join(absent))
    catalogue = catalogue_from({"scale": key})
    coded = code_answers(answers, catalogue)
    outside = sum(len(coded[name].outside) for name in key.items)
    if outside:
        raise IngestError(
            "Some answers lie outside the declared range.",
            got=str(outside),
            expected=f"{key.low}..{key.high}",
        )
    columns = [
        reversed_codes(coded[name]) if name in key.reverse else coded[name].codes
        for name in key.items
    ]
    text = answers[group].astype("str").where(answers[group].notna())
    codes, names = pd.factorize(text, sort=True)
    complete = np.logical_and.reduce([column > 0 for column in columns]) & (codes >= 0)
    return (
        [column[complete] for column in columns],
        tuple(str(name) for name in names),
        np.asarray(codes)[complete],
    )


def _untestable(key: ScaleKey, n: int, groups: int, note: str) -> pd.DataFrame:
    empty: dict[str, Any] = dict.fromkeys(DIF_COLUMNS, np.nan)
    rows = [
        {**empty, "item": item, "status": "not_testable", "note": note, "n": n, "groups": groups,
         "categories": 0, "merged": "", "anchors": 0, "df": 0, "size": "",
         "flagged": False, "first_flagged": False}
        for item in key.items
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(DIF_COLUMNS))


def _table(
    key: ScaleKey,
    passes: tuple[Sequence[ItemDif], Sequence[ItemDif]],
    anchors: Sequence[int],
    notes: Sequence[str],
    rule: Limits,
) -> pd.DataFrame:
    rows = []
    first, second = passes
    adjusted = [holm(np.array([one.p_value[2] for one in each])) for each in (first, second)]
    for place, (item, before, after) in enumerate(zip(key.items, first, second, strict=True)):
        merged = _merged(after.merged, key)
        note = [*notes, *(["categories_merged"] if merged else [])]
        note += ["too_few_used"] if after.status == "not_testable" else []
        rows.append((
            item, after.status, ";".join(note), after.n, after.df[0] + 1 if after.fits else 0,
            max(after.merged) + 1, merged, len(anchors) - (place in anchors), after.df[2],
            *(value for pair in zip(after.chi2, after.p_value, strict=True) for value in pair),
            adjusted[1][place], after.change, _size(after, rule),
            after.log_odds[0] if len(after.log_odds) == 1 else np.nan,
            _flag(after, adjusted[1][place], rule),
            before.chi2[2], adjusted[0][place], before.change,
            _flag(before, adjusted[0][place], rule),
        ))  # fmt: skip
    return pd.DataFrame(rows, columns=list(DIF_COLUMNS))


def _size(found: ItemDif, rule: Limits) -> str:
    """Word for the change of R2; empty without one."""
    if not np.isfinite(found.change):
        return ""
    words = ("large", "moderate")
    return next((word for word in words if found.change >= rule[word]), "negligible")


def _flag(found: ItemDif, adjusted: float, rule: Limits) -> bool:
    return bool(adjusted < rule["p_value"] and found.change >= rule["moderate"])


def _merged(places: Sequence[int], key: ScaleKey) -> str:
    """Codes put together, in the units of the answers after reversal."""
    parts: dict[int, list[int]] = {}
    for old, new in enumerate(places):
        parts.setdefault(new, []).append(old + key.low)
    joined = ("+".join(str(code) for code in part) for part in parts.values() if len(part) > 1)
    return "; ".join(joined)
