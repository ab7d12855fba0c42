"""Questions with several answers: the base is people, not ticks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from twinimpact.errors import DesignError, IngestError
from twinimpact.measures.proportions import wilson

Array = npt.NDArray[Any]
HOW = ("any", "all")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MultipleResponse:
    """What was ticked, and by how many of whom.

    Parameters
    ----------
    shares
        One row per group and option, then per combination: ``group``, ``option``, ``kind``
        (``option``, ``none`` or ``combination``), ``ticks`` (people), ``n`` (people in the base),
        ``share`` with ``conf_low`` and ``conf_high`` (Wilson), ``share_weighted``, ``std_error``
        (linearised), ``share_of_ticks`` (options other than "none"). Shares of people may sum
        to more than 1.
    base
        One row per group: ``group``, ``rows``, ``not_asked``, ``nothing_ticked``,
        ``contradictions`` ("none" together with another option; they stay in the base as
        ticked), ``n`` people in the base, ``n_weighted``, ``n_eff`` (Kish), ``ticks`` without
        "none".
    """

    shares: pd.DataFrame
    base: pd.DataFrame


def ticks_of_bits(mask: npt.ArrayLike, options: Sequence[str]) -> pd.DataFrame:
    """One column per option from one bit mask per person; a missing mask was not asked.

    Parameters
    ----------
    mask
        Whole numbers, bit 0 for the first option; missing or negative: not asked.

    Raises
    ------
    IngestError
        If a mask has a bit beyond the options.

    Examples
    --------
    >>> ticks_of_bits([3, 0, None], ["sport", "music"]).iloc[:, 0].tolist()
    [1, 0, <NA>]
    """
    bits: Array = pd.array(np.asarray(mask, dtype=object), dtype="Int64").to_numpy(
        dtype="int64", na_value=-1
    )
    there = bits >= 0
    bits = np.maximum(bits, 0)
    if (there & (bits >> len(options) > 0)).any():
        raise IngestError("A mask of ticks has more bits than there are options.")
    columns = {
        option: pd.arrays.IntegerArray(((bits >> place) & 1).astype("int8"), ~there)
        for place, option in enumerate(options)
    }
    return pd.DataFrame(columns)


def multiple_response(
    ticks: pd.DataFrame,
    *,
    none: str = "",
    asked: npt.ArrayLike | None = None,
    weights: npt.ArrayLike | None = None,
    group: npt.ArrayLike | None = None,
    combinations: Mapping[str, tuple[str, ...]] | None = None,
) -> MultipleResponse:
    """Shares of people who ticked each option.

    The base are people who were asked and ticked something, "none of these" included. A blank
    beside ticks of the same person counts as not ticked.

    Parameters
    ----------
    ticks
        One row per person, one column per option: 1 or 0 (true or false), missing = not asked.
    none
        Name of the option "none of these", if there is one.
    asked
        Whether each person was asked; by default those with at least one value.
    weights
        Positive weight of each person.
    group
        Group of each person; missing ones belong to no group.
    combinations
        Derived shares by name: ``("any", "sport", "music")`` or ``("all", ...)``.

    Raises
    ------
    DesignError
        If an option is not there, or lengths differ.
    IngestError
        If a tick is neither 0 nor 1, or a weight is missing or not positive.

    Examples
    --------
    >>> import pandas as pd
    >>> ticks = pd.DataFrame({"sport": [1, 1, 0, 0], "music": [1, 0, 0, 0], "none": [0, 0, 1, 0]})
    >>> found = multiple_response(ticks, none="none")
    >>> found.base[["rows", "nothing_ticked", "n"]].values.tolist()
    [[4, 1, 3]]
    >>> found.shares[["option", "ticks"]].values.tolist()
    [['sport', 2], ['music', 1], ['none', 1]]
    """
    chosen, there = _ticked(ticks)
    if none and none not in ticks.columns:
        raise DesignError("The option for none of these is not a column.", got=none)
    size = len(ticks)
    was_asked = there if asked is None else _sized(asked, size, "asked").astype(bool)
    weight = np.ones(size) if weights is None else _sized(weights, size, "weights").astype(float)
    if not (np.isfinite(weight) & (weight > 0)).all():
        raise IngestError("Some weights are missing or not positive.")
    names, codes = _groups(group, size)
    real = [option for option in ticks.columns if option != none]
    columns = {str(option): chosen[option] & was_asked for option in ticks.columns}
    several = np.zeros(size, dtype="int64")
    for option in real:
        several += columns[str(option)]
    substance = several > 0
    denied = columns[none] if none else np.zeros(size, dtype=bool)
    inside = (substance | denied) & (codes >= 0)
    combined = {name: _combined(columns, one) for name, one in (combinations or {}).items()}
    if combined.keys() & columns.keys():
        raise DesignError("A combination is called like an option.")
    count = _Counter(codes=codes, size=len(names), weight=weight, inside=inside)
    base = pd.DataFrame({
        "group": names,
        "rows": count.all(np.ones(size, dtype=bool)),
        "not_asked": count.all(~was_asked),
        "nothing_ticked": count.all(was_asked & ~substance & ~denied),
        "contradictions": count.all(substance & denied),
        "n": count.people(inside),
        "n_weighted": count.weighted(inside),
        "n_eff": count.effective(),
        "ticks": count.people(several),
    })  # fmt: skip
    kinds = {name: "none" if name == none else "option" for name in columns}
    kinds |= dict.fromkeys(combined, "combination")
    parts = [
        count.share(name, column, kinds[name], base)
        for name, column in (columns | combined).items()
    ]
    shares = pd.concat(parts, ignore_index=True)
    place = shares["group"].map({name: number for number, name in enumerate(names)})
    order = np.argsort(place.to_numpy(), kind="stable")
    return MultipleResponse(shares=shares.iloc[order].reset_index(drop=True), base=base)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Counter:
    """Counts by group; people of the base are ``inside``."""

    codes: Array
    size: int
    weight: Array
    inside: Array

    def all(self, flag: Array) -> Array:
        """Rows of each group with the flag, in the base or not."""
        kept = flag & (self.codes >= 0)
        return np.bincount(self.codes[kept], minlength=self.size)

    def people(self, values: Array) -> Array:
        """Sum of whole numbers over the base of each group."""
        kept = self.codes[self.inside]
        summed = np.bincount(kept, np.asarray(values)[self.inside], minlength=self.size)
        return np.round(summed).astype("int64")

    def weighted(self, flag: Array, power: int = 1) -> Array:
        """Sum of weights (to a power) of people with the flag."""
        kept = flag & self.inside
        summed: Array = np.bincount(
            self.codes[kept], self.weight[kept] ** power, minlength=self.size
        )
        return summed

    def effective(self) -> Array:
        """Kish's effective number of people, ``(sum of w)**2 / sum of w**2``."""
        total, square = self.weighted(self.inside), self.weighted(self.inside, 2)
        n_eff: Array = np.divide(total**2, square, out=np.zeros(self.size), where=square > 0)
        return n_eff

    def share(self, name: str, flag: Array, kind: str, base: pd.DataFrame) -> pd.DataFrame:
        """Rows of one option."""
        n, ticks = base["n"].to_numpy(), self.people(flag)
        known = n > 0
        empty = np.full(self.size, np.nan)
        share = np.divide(ticks, n, out=empty.copy(), where=known)
        total = self.weighted(self.inside)
        weighted = np.divide(self.weighted(flag), total, out=empty.copy(), where=known)
        own, square = self.weighted(flag, 2), self.weighted(self.inside, 2)
        spread = own * (1 - 2 * weighted) + weighted**2 * square
        factor = np.divide(n, n - 1, out=empty.copy(), where=n > 1)
        error = np.sqrt(factor * np.maximum(spread, 0)) / np.where(known, total, np.nan)
        low, high = (np.where(known, limit, np.nan) for limit in wilson(ticks, n, 0.95))
        every = base["ticks"].to_numpy()
        of_ticks = np.divide(ticks, every, out=empty.copy(), where=every > 0)
        return pd.DataFrame({
            "group": base["group"], "option": name, "kind": kind, "ticks": ticks, "n": n,
            "share": share, "conf_low": low, "conf_high": high, "share_weighted": weighted,
            "std_error": error, "share_of_ticks": of_ticks if kind == "option" else np.nan,
        })  # fmt: skip


def _ticked(ticks: pd.DataFrame) -> tuple[dict[Any, Array], Array]:
    chosen: dict[Any, Array] = {}
    there = np.zeros(len(ticks), dtype=bool)
    for name in ticks.columns:
        values = ticks[name].to_numpy(dtype="float64", na_value=np.nan)
        known = ~np.isnan(values)
        if not np.isin(values[known], (0, 1)).all():
            raise IngestError("A tick is neither 0 nor 1.", where=str(name))
        chosen[name] = values == 1
        there |= known
    return chosen, there


def _sized(values: npt.ArrayLike, size: int, name: str) -> Array:
    array = np.asarray(values)
    if array.shape != (size,):
        raise DesignError("There must be one value per row of the ticks.", where=name)
    return array


def _groups(group: npt.ArrayLike | None, size: int) -> tuple[tuple[str, ...], Array]:
    if group is None:
        return ("",), np.zeros(size, dtype="int64")
    series = pd.Series(_sized(group, size, "group"))
    codes, names = pd.factorize(series.astype("str").where(series.notna()), sort=True)
    return tuple(str(name) for name in names), np.asarray(codes)


def _combined(columns: Mapping[str, Array], parts: tuple[str, ...]) -> Array:
    how, *names = parts
    unknown = [name for name in names if name not in columns]
    if how not in HOW or not names or unknown:
        raise DesignError(
            'A combination is ("any", option, ...) or ("all", option, ...).', got=", ".join(parts)
        )
    chosen = [columns[name] for name in names]
    joined: Array = (np.logical_or if how == "any" else np.logical_and).reduce(chosen)
    return joined
