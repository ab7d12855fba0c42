"""Answers and reference values that tests of reliability share."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
from shared_files import reference

from twinimpact.measures import ScaleKey


def bfi() -> dict[str, Any]:
    text = reference("measurement/reliability_bfi.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def grid() -> tuple[dict[str, Any], pd.DataFrame, dict[str, ScaleKey]]:
    text = reference("measurement/reliability_grid.json").read_text(encoding="utf-8")
    expected: dict[str, Any] = json.loads(text)
    data = expected["data"]
    low, high = data["range"]
    key = ScaleKey(items=tuple(data["items"]), low=low, high=high, reverse=tuple(data["reversed"]))
    frame = pd.read_csv(reference("measurement/reliability_grid_input.csv"))
    return expected, frame, {"scale": key}


def one_factor(
    n: int, k: int = 4, *, seed: int = 3, loading: float = 0.7, top: int = 5
) -> pd.DataFrame:
    """Answers 1 to ``top`` to ``k`` items that share one factor: ``i1``, ``i2``, ..."""
    rng = np.random.default_rng(seed)
    trait = rng.normal(size=(n, 1))
    latent = loading * trait + np.sqrt(1 - loading**2) * rng.normal(size=(n, k))
    codes = np.clip(np.round((top + 1) / 2 + latent * top / 5), 1, top).astype("int8")
    return pd.DataFrame(codes, columns=[f"i{j + 1}" for j in range(k)])


def key(k: int = 4, top: int = 5, **settings: Any) -> dict[str, ScaleKey]:
    items = tuple(f"i{j + 1}" for j in range(k))
    return {"s": ScaleKey(items=items, low=1, high=top, **settings)}
