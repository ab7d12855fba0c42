"""Repeated measures of complete people with corrections for unequal variances of differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import special

Array = np.ndarray[Any, Any]


def repeated_measures(scores: Array, arm: Array | None = None) -> pd.DataFrame:
    """F tests of waves (and of arm and arm by wave), as a check beside the mixed model.

    Greenhouse & Geisser (1959) doi:10.1007/BF02289823 and Huynh & Feldt (1976)
    doi:10.3102/10769986001001069 corrections; tests of the last kind (type III, effects adding up
    to zero).

    Parameters
    ----------
    scores
        Complete people, shape ``(people, waves)``.
    arm
        Whether each person is in the treated arm; one group if None.

    Returns
    -------
    pandas.DataFrame
        One row per term: ``term``, ``sum_sq``, ``num_df``, ``error_ss``, ``den_df``, ``f``, ``p``,
        and for terms with waves ``gg``, ``p_gg``, ``hf``, ``p_hf``.
    """
    n, waves = scores.shape
    x = np.ones((n, 1)) if arm is None else np.column_stack([np.ones(n), np.where(arm, 1.0, -1.0)])
    names = ["intercept"] if arm is None else ["intercept", "arm"]
    df = n - x.shape[1]
    contrasts = np.linalg.qr(np.column_stack([np.ones(waves), np.eye(waves)[:, 1:]]))[0]
    within = contrasts[:, 1:]
    mean = np.full((waves, 1), waves**-0.5)
    rows = [_test(name, x, scores @ mean, i, df) for i, name in enumerate(names)]
    for i, name in enumerate(names):
        term = "wave" if name == "intercept" else "arm:wave"
        rows.append(_test(term, x, scores @ within, i, df) | _corrected(x, scores @ within, i, df))
    return pd.DataFrame(rows)


def _squares(x: Array, y: Array, column: int) -> tuple[Array, Array]:
    """Sums of squares and products of one term and of the error."""
    bread = np.linalg.inv(x.T @ x)
    beta = bread @ x.T @ y
    residual = y - x @ beta
    return np.outer(beta[column], beta[column]) / bread[column, column], residual.T @ residual


def _test(term: str, x: Array, y: Array, column: int, df: int) -> dict[str, Any]:
    effect, error = _squares(x, y, column)
    p = y.shape[1]
    above, below = float(np.trace(effect)), float(np.trace(error))
    f = above / p / (below / (p * df)) if below > 0 else np.nan
    return {
        "term": term, "sum_sq": above, "num_df": p, "error_ss": below, "den_df": p * df, "f": f,
        "p": float(special.fdtrc(p, p * df, f)),
    }  # fmt: skip


def _corrected(x: Array, y: Array, column: int, df: int) -> dict[str, float]:
    _, error = _squares(x, y, column)
    p = y.shape[1]
    gg = float(np.trace(error) ** 2 / (p * np.trace(error @ error)))
    hf = ((df + 1) * p * gg - 2) / (p * (df - p * gg))
    f = _test("", x, y, column, df)["f"]
    return {
        "gg": gg,
        "p_gg": float(special.fdtrc(p * gg, p * df * gg, f)),
        "hf": float(hf),
        "p_hf": float(special.fdtrc(p * min(hf, 1), p * df * min(hf, 1), f)),
    }
