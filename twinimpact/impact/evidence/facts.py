"""What a grade is computed from: one row per partnership and scale, from numbers that are shown."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from twinimpact.impact.notes import codes_of
from twinimpact.schema import PROGRAMME

Array = np.ndarray[Any, Any]
DIFFERENCE = "post-pre|participant-comparison"
CHANGE = "post-pre"
PREFERENCE = (
    (DIFFERENCE, "town_mean_t"), (DIFFERENCE, "welch"), (CHANGE, "paired_t"),
    ("post-pre|cross-section", "welch"), ("post-pre|cross-section", "town_mean_t"),
    ("participant-comparison|single", "welch"), ("mean", "describe"),
)  # fmt: skip
"""The number a grade speaks about: the first of these that is there."""
SHOWN = ("ok", "descriptive")
KEYS = ["partnership", "outcome"]


def design_rows(results: pd.DataFrame) -> pd.DataFrame:
    """Rows Q07 with their level, one per partnership and the programme."""
    rows = results[results["outcome"].eq("Q07") & results["method"].eq("design_rule")]
    found: pd.DataFrame = rows.drop_duplicates("partnership").reset_index(drop=True)
    return found


def main_rows(results: pd.DataFrame, scales: tuple[str, ...]) -> pd.DataFrame:
    """The number each grade speaks about, with ``hidden`` where it may not be shown.

    A better comparison that was refused is passed over; one that is hidden is not, because the
    grade would then speak about another number.
    """
    order = {pair: place for place, pair in enumerate(PREFERENCE)}
    rows = results[
        results["outcome"].isin(scales)
        & results["arm"].isin(("", "participant"))
        & results["town"].eq("")
        & results["dimension"].eq("")
        & results["status"].isin((*SHOWN, "suppressed"))
    ]
    pairs = list(zip(rows["estimand"], rows["method"], strict=True))
    rank = np.array([order.get(pair, -1) for pair in pairs], dtype=np.int64)
    beside = np.array(["beside" in codes_of(text) for text in rows["note"]], dtype=bool)
    rows = rows.assign(rank=rank)[(rank >= 0) & ~beside]
    rows = rows.sort_values(
        ["rank", "n"], ascending=[True, False], kind="stable", na_position="last"
    ).drop_duplicates(KEYS)
    scale = {name: place for place, name in enumerate(scales)}
    rows = rows.assign(hidden=rows["status"].eq("suppressed"), place=rows["outcome"].map(scale))
    found: pd.DataFrame = rows.sort_values(["partnership", "place"], kind="stable")
    return found.reset_index(drop=True)


def facts(
    results: pd.DataFrame, main: pd.DataFrame, *, linked: bool, before: str, after: str
) -> pd.DataFrame:
    """Value of each criterion for every row of ``main``; NaN is not known.

    With waves of different people ``linking`` and ``linked_differ`` do not apply; they are then 1
    and 0.
    """
    level = main["grade"].fillna(0).to_numpy()
    shown = results[results["status"].isin(SHOWN)]
    table = pd.DataFrame(
        {
            "design": level,
            "people": main["n"].to_numpy(dtype=np.float64),
            "reliability": _reliability(shown, main),
            "response": _by_partnership(
                shown[shown["outcome"].eq("Q01") & shown["estimand"].eq("response_rate")], main
            ),
        }
    )
    if not linked:
        return table.assign(linking=1.0, linked_differ=0.0)
    both = shown["arm"].isin(("", "participant", "comparison"))
    match = shown[
        both
        & shown["outcome"].eq("Q02")
        & shown["estimand"].eq("match_rate")
        & shown["wave"].eq(after)
        & shown["dimension"].eq("")
    ]
    differ = shown[
        both
        & shown["outcome"].eq("Q03")
        & shown["estimand"].eq("linked-unlinked")
        & shown["wave"].eq(before)
    ]
    differ = differ.assign(estimate=differ["estimate"].abs(), outcome=differ["group"])
    compared = main["estimand"].eq(DIFFERENCE).to_numpy()
    own_match, own_differ = (rows[~rows["arm"].eq("comparison")] for rows in (match, differ))
    return table.assign(
        linking=np.where(
            compared,
            _by_partnership(match, main),
            _by_partnership(own_match, main),
        ),
        linked_differ=np.where(
            compared,
            _looked_up(differ.groupby(KEYS)["estimate"].max(), main),
            _looked_up(own_differ.groupby(KEYS)["estimate"].max(), main),
        ),
    )


def _reliability(shown: pd.DataFrame, main: pd.DataFrame) -> Array:
    """Lowest alpha of the waves: the partnership's own, else that of the programme."""
    rows = shown[
        shown["estimand"].eq("alpha")
        & shown["dimension"].eq("")
        & shown["arm"].isin(("", "participant"))
    ]
    lowest = rows.groupby(KEYS)["estimate"].min()
    own = _looked_up(lowest, main)
    everybody = _looked_up(lowest, main.assign(partnership=PROGRAMME))
    return np.where(np.isnan(own), everybody, own)


def _by_partnership(rows: pd.DataFrame, main: pd.DataFrame) -> Array:
    lowest = rows.groupby("partnership")["estimate"].min()
    return main["partnership"].map(lowest).to_numpy(dtype=np.float64)


def _looked_up(values: pd.Series[float], main: pd.DataFrame) -> Array:
    return values.reindex(pd.MultiIndex.from_frame(main[KEYS])).to_numpy(dtype=np.float64)
