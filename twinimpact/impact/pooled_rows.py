"""Programme rows: partnerships pooled, each drawn towards the others, from what may be shown.

Made after the disclosure gate from rows that are shown anyway, so that nothing hidden can be
worked out from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from twinimpact.impact.estimate import Block, Estimate, blocks_frame, estimates_frame
from twinimpact.impact.left_out import left_out_code
from twinimpact.impact.notes import note
from twinimpact.impact.pooling.door import METHOD, summary_rows
from twinimpact.impact.pooling.shrinkage import METHOD as SHRUNKEN
from twinimpact.impact.pooling.shrinkage import drawn_in, unrankable
from twinimpact.impact.pooling.studies import FEWEST
from twinimpact.impact.pooling.summary import Summary, summarise
from twinimpact.schema import PROGRAMME, concat_results

Array = np.ndarray[Any, Any]
CONTRAST = "post-pre"


def pooled_rows(
    results: pd.DataFrame,
    sesoi: Mapping[str, float | None] | None = None,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Pool the partnerships' changes of each outcome.

    Partnerships enter with the paired change that may be shown (method ``paired_t``, status
    ``ok``); the others are counted in the note ``left_out``. The change of people who took part,
    without a comparison: level 1. Formulas: :func:`~twinimpact.impact.pool` and
    :func:`~twinimpact.impact.shrink`.

    Parameters
    ----------
    results
        A results table that has passed the disclosure gate.
    sesoi
        Outcome to the smallest change worth having, where one is set.
    conf_level
        Confidence level of the intervals.

    Returns
    -------
    pandas.DataFrame
        A results table. For the whole programme: ``post-pre|pooled``, ``post-pre|prediction``,
        ``post-pre|tau`` and ``post-pre|i2`` (method ``meta_reml_hk``; ``clusters`` counts
        partnerships), and ``post-pre|ranks`` (method ``blup``, no number: ``refused`` where
        partnerships cannot be put in an order). For each partnership: ``post-pre|shrunken``
        (method ``blup``). Below three partnerships the pooled row is ``refused``.
    """
    changes = results[
        results["method"].eq("paired_t")
        & results["estimand"].eq(CONTRAST)
        & results["arm"].isin(("", "participant"))
        & ~results["partnership"].isin(("", PROGRAMME))
        & results["town"].eq("")
        & results["dimension"].eq("")
        & results["wave"].eq("")
    ]
    usable = changes["status"].eq("ok") & (changes["std_error"] > 0) & changes["estimate"].notna()
    tables = []
    for outcome, rows in changes.groupby("outcome", sort=True):
        kept = rows[usable[rows.index]].sort_values("partnership", kind="stable")
        if len(kept):
            worth = (sesoi or {}).get(str(outcome))
            tables += _outcome(kept, len(rows) - len(kept), worth, conf_level)
    return concat_results(tables)


def _outcome(
    rows: pd.DataFrame, gone: int, worth: float | None, level: float
) -> list[pd.DataFrame]:
    first = rows.iloc[0]
    direction = str(first["direction"])
    base = Estimate(
        outcome=str(first["outcome"]),
        estimand=f"{CONTRAST}|pooled",
        method=METHOD,
        n=int(rows["n"].sum()),
        clusters=len(rows),
        grade=1,
        note=left_out_code(gone),
        partnership=PROGRAMME,
        arm="participant",
        unit=str(first["unit"]),
        direction=direction,
    )
    y, v = rows["estimate"].to_numpy(), rows["std_error"].to_numpy() ** 2
    if len(rows) < FEWEST:
        few = note(f"too_few_partnerships:{FEWEST}", base.note)
        return [_table([base], status="refused", note=few)]
    summary = summarise(y, v, level)
    programme = summary_rows(base, summary, level, (worth, direction or "better"))
    ranks, shrunken = _shrunken(rows, (y, v), base, summary, level)
    return [estimates_frame([*programme, ranks]), shrunken]


def _table(rows: list[Estimate], **fields: str) -> pd.DataFrame:
    return estimates_frame(rows).assign(**fields)


def _shrunken(
    rows: pd.DataFrame,
    data: tuple[Array, Array],
    base: Estimate,
    summary: Summary,
    level: float,
) -> tuple[Estimate, pd.DataFrame]:
    """Whether partnerships can be put in an order, and each drawn towards the others."""
    found = drawn_in(*data, summary.fitted)
    code = unrankable(found.kept, rows["n"].to_numpy())
    ranks = Estimate(
        outcome=base.outcome,
        estimand=f"{CONTRAST}|ranks",
        method=SHRUNKEN,
        n=base.n,
        clusters=base.clusters,
        status="refused" if code else "ok",
        note=note(code, base.note),
        partnership=PROGRAMME,
        arm=base.arm,
        unit="class",
    )
    half = float(special.ndtri(0.5 + level / 2)) * found.std_error
    block = Block(
        length=len(rows),
        columns={
            "outcome": base.outcome,
            "estimand": f"{CONTRAST}|shrunken",
            "method": SHRUNKEN,
            "estimate": found.estimate,
            "std_error": found.std_error,
            "conf_low": found.estimate - half,
            "conf_high": found.estimate + half,
            "conf_level": level,
            "n": rows["n"].to_numpy(),
            "grade": 1,
            "note": np.array([f"own_share:{share:.2f}" for share in found.kept], dtype=object),
            "partnership": rows["partnership"].to_numpy(dtype=object),
            "arm": base.arm,
            "unit": base.unit,
            "direction": base.direction,
        },
    )
    return ranks, blocks_frame([block])
