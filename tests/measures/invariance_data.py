"""Moments of the reference files, and answers with known properties."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
from shared_files import reference

from twinimpact.measures.invariance.fit import Sample
from twinimpact.measures.invariance.model import Design, simple_structure

ITEMS = [f"x{number}" for number in range(1, 10)]
FACTORS = (0, 0, 0, 1, 1, 1, 2, 2, 2)


def read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        reference(f"measurement/{name}.json").read_text(encoding="utf-8")
    )
    return found


def school_sample(file: dict[str, Any]) -> Sample:
    groups = [file["moments"][name] for name in file["data"]["groups"]]
    return Sample(
        n=np.array([one["n"] for one in groups], dtype="float64"),
        mean=np.array([one["mean"] for one in groups]),
        covariance=np.array([one["cov_divisor_n"] for one in groups]),
    )


def wave_sample(file: dict[str, Any]) -> Sample:
    data = file["data"]
    return Sample(
        n=np.array([float(data["n"])]),
        mean=np.array([data["means"]]),
        covariance=np.array([data["cov_divisor_n"]]),
    )


def school_design(*, marker: bool = False) -> Design:
    return Design(structure=simple_structure(FACTORS), marker=marker)


def answers_of(
    n: int,
    loadings: tuple[float, ...],
    intercepts: tuple[float, ...],
    generator: np.random.Generator,
    *,
    mean: float = 0.0,
    spread: float = 1.0,
) -> np.ndarray[Any, Any]:
    """Continuous answers of one group to one-factor questions with residual variance 0.5."""
    factor = mean + spread * generator.standard_normal(n)
    noise = np.sqrt(0.5) * generator.standard_normal((n, len(loadings)))
    return np.asarray(intercepts) + factor[:, None] * np.asarray(loadings) + noise


def scale_frame(
    n: int, *, seed: int, shift: tuple[float, ...] = (0, 0, 0, 0), mean: float = 0.0
) -> pd.DataFrame:
    """Answers 0 to 10 of one group to four questions; ``shift`` moves single questions."""
    draw = np.random.default_rng(seed)
    factor = mean + draw.standard_normal((n, 1))
    values = 5 + 1.3 * factor + draw.standard_normal((n, 4)) + np.asarray(shift)
    return pd.DataFrame(np.clip(np.round(values), 0, 10), columns=list("abcd"))
