"""The public doors: reliability of scales and statistics of items, per cell, as frames."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pandas as pd

from twinimpact.errors import DesignError, IngestError
from twinimpact.instruments import Catalogue, Scale
from twinimpact.measures.coding import code_answers
from twinimpact.measures.consistency.directed import Directed, directed
from twinimpact.measures.consistency.grid import GridRows, Pooling, grid_rows, undefined_rows
from twinimpact.measures.consistency.groups import (
    Groups,
    group_rows,
    lasting_numbers,
    safe_names,
)
from twinimpact.measures.consistency.item_statistics import (
    item_shapes,
    item_statistics,
    loevinger_h,
)
from twinimpact.measures.consistency.moments import (
    CellIndex,
    Moments,
    cell_index,
    cell_moments,
    in_units,
)
from twinimpact.measures.consistency.omega_bootstrap import BootstrapPlan
from twinimpact.measures.consistency.on_request import bootstrap_row, ordinal_rows
from twinimpact.measures.keys import Keys, catalogue_from

Array = npt.NDArray[Any]
RELIABILITY_COLUMNS = (
    "coefficient", "method", "estimate", "conf_low", "conf_high", "n", "n_scored", "k",
    "shrunken", "shrunken_low", "shrunken_high", "print_as", "status", "note",
)  # fmt: skip
ITEM_COLUMNS = (
    "item", "text", "reversed", "item_rest", "conf_low", "conf_high", "item_total",
    "alpha_if_dropped", "mean", "sd", "skew", "floor", "ceiling", "n", "n_available",
    "mean_available", "sd_available", "loevinger_h", "looks_unreversed", "note",
)  # fmt: skip
CEILING_SHARE = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityOptions:
    """What :func:`reliability` works out besides alpha.

    Parameters
    ----------
    wave
        Key column within whose values cells borrow from each other, if it is among the keys.
    conf_level
        Level of the intervals.
    omega
        Whether omega is worked out (three items or more).
    ordinal
        Whether reliability of underlying continuous answers is worked out beside it (from 100
        complete rows in a cell).
    resamples
        Resamples of a bootstrap interval of omega, beside the analytic one; 0 for none.
    seed
        Seed of the resamples; each scale and cell has its own stream of random numbers.
    """

    wave: str = "wave"
    conf_level: float = 0.95
    omega: bool = True
    ordinal: bool = False
    resamples: int = 0
    seed: int = 0


def reliability(
    answers: pd.DataFrame,
    keys: Keys,
    *,
    by: Sequence[str] = (),
    weights: str = "",
    options: ReliabilityOptions | None = None,
) -> pd.DataFrame:
    """Reliability of every scale in every cell, with exact intervals and shrunken values.

    Parameters
    ----------
    answers
        One row per questionnaire, one column of whole numbers per item.
    keys
        A catalogue of instruments, or scale names with their
        :class:`~twinimpact.measures.keys.ScaleKey`.
    by
        Columns that make up the cells, such as ``("partnership_id", "wave")``. Rows with a
        missing key belong to no cell.
    weights
        Column of positive weights. Moments are then weighted, intervals rest on the effective
        number of people and are approximations.
    options
        :class:`ReliabilityOptions`.

    Returns
    -------
    pandas.DataFrame
        One row per scale, cell and coefficient, sorted in this order:

        - ``scale``, the key columns (``by_n`` for a key that is called like a column below),
        - ``coefficient``: ``alpha``, ``omega`` (on the variance the model implies),
          ``omega_observed`` (on the observed variance), for two items ``spearman_brown``; on
          request ``alpha_ordinal`` and ``omega_ordinal``, which are about an underlying
          continuous composite and not about the score,
        - ``method``, ``estimate``, ``conf_low``, ``conf_high``,
        - ``n`` rows complete on the items of this scale, ``n_scored`` rows with a score,
          ``k`` items,
        - ``shrunken``, ``shrunken_low``, ``shrunken_high``: drawn towards all cells of the same
          scale and wave; absent with fewer than 5 cells,
        - ``print_as``: ``own`` from 30 people on, ``shrunken`` from 10, else ``none``,
        - ``status`` and ``note``: ``ok`` or why there is no estimate; codes of warnings.

    Raises
    ------
    IngestError
        If a weight is missing or not positive.
    DesignError
        If a column of ``by`` or ``weights`` is not there.

    Examples
    --------
    >>> import pandas as pd
    >>> from twinimpact.measures import ScaleKey, reliability
    >>> answers = pd.DataFrame(
    ...     {"a": [1, 2, 3, 4, 5, 4], "b": [2, 2, 3, 5, 5, 3], "c": [4, 5, 3, 2, 1, 3]}
    ... )
    >>> keys = {"trust": ScaleKey(items=("a", "b", "c"), low=1, high=5, reverse=("c",))}
    >>> table = reliability(answers, keys)
    >>> table[["coefficient", "n", "k", "print_as"]].astype(str).loc[0].tolist()
    ['alpha', '6', '3', 'none']
    >>> round(float(table.loc[0, "estimate"]), 3)
    0.958
    """
    options, catalogue = options or ReliabilityOptions(), catalogue_from(keys)
    groups = group_rows(answers, by)
    weight = _weights(answers, weights)
    lasting = lasting_numbers(groups) if options.resamples else np.zeros(0, dtype="int64")
    how = (_pooling(groups, by, options.wave), options, lasting)
    index = cell_index(groups.codes, groups.size)
    blocks = []
    for scale, asked in _scales(answers, catalogue):
        scored = index.sums(asked.scored[index.order])
        for rows in _reliability_of(asked, index, (scored, weight), how):
            blocks.append(_reliability_block(scale, rows, scored, groups, RELIABILITY_COLUMNS))
    return _joined(blocks, by, RELIABILITY_COLUMNS)


def items(
    answers: pd.DataFrame,
    keys: Keys,
    *,
    by: Sequence[str] = (),
    weights: str = "",
    conf_level: float = 0.95,
    homogeneity: bool = False,
) -> pd.DataFrame:
    """What each item adds to its scale, per cell.

    Parameters
    ----------
    answers, keys, by
        As for :func:`reliability`.
    weights
        Column of positive weights; for correlations and alpha without the item. Distributions
        are of unweighted rows.
    homogeneity
        Whether to work out Loevinger's H of the scale, which sorts all answers once per item.

    Returns
    -------
    pandas.DataFrame
        One row per scale, cell and item:

        - ``scale``, the key columns, ``item``, ``text`` (English), ``reversed``,
        - ``item_rest`` with ``conf_low`` and ``conf_high``; ``item_total`` (inflated, since the
          item is part of the total), ``alpha_if_dropped``,
        - ``mean``, ``sd``, ``skew``, ``floor`` and ``ceiling`` (shares) of the ``n`` complete
          rows, after reversal,
        - ``n_available``, ``mean_available``, ``sd_available`` of all valid answers,
        - ``loevinger_h`` of the scale,
        - ``looks_unreversed``; without ``by`` an item that goes against the others, in single
          cells only when the upper limit of ``item_rest`` is below 0,
        - ``note``: codes of warnings.

    Raises
    ------
    IngestError
        If a weight is missing or not positive.
    DesignError
        If a column of ``by`` or ``weights`` is not there.

    Examples
    --------
    >>> import pandas as pd
    >>> from twinimpact.measures import ScaleKey, items
    >>> answers = pd.DataFrame(
    ...     {"a": [1, 2, 3, 4, 5, 4], "b": [2, 2, 3, 5, 5, 3], "c": [4, 5, 3, 2, 1, 3]}
    ... )
    >>> table = items(answers, {"trust": ScaleKey(items=("a", "b", "c"), low=1, high=5)})
    >>> table.loc[table["looks_unreversed"], "item"].tolist()
    ['c']
    """
    catalogue = catalogue_from(keys)
    groups = group_rows(answers, by)
    weight = _weights(answers, weights)
    index = cell_index(groups.codes, groups.size)
    blocks = []
    for _, asked in _scales(answers, catalogue):
        if not asked.defined or not asked.asked or not groups.size:
            continue
        moments = _moments(asked, index, weight)
        h = np.full(groups.size, np.nan)
        if homogeneity:
            h = loevinger_h(asked.columns, index, _moments(asked, index, None))
        blocks += _item_blocks(asked, moments, index, (catalogue, groups, h, conf_level))
    return _joined(blocks, by, ITEM_COLUMNS)


def _scales(answers: pd.DataFrame, catalogue: Catalogue) -> Iterator[tuple[Scale, Directed]]:
    """Every scale of which an item was asked; one scale in memory at a time."""
    for scale in catalogue.scales.values():
        if any(name in answers.columns for name in scale.items):
            coded = code_answers(answers, catalogue, scale.items)
            yield scale, directed(scale, coded, len(answers))


def _moments(asked: Directed, index: CellIndex, weight: Array | None) -> Moments:
    found = cell_moments(list(asked.columns), index, index.size, weights=weight)
    return in_units(found, asked.lo, asked.hi, asked.unit)


def _reliability_of(
    asked: Directed,
    index: CellIndex,
    given: tuple[Array, Array | None],
    how: tuple[Pooling, ReliabilityOptions, Array],
) -> list[GridRows]:
    (scored, weight), (pooling, options, lasting) = given, how
    if not asked.defined:
        return [undefined_rows(scored, "alpha", "not_defined")]
    if not asked.asked:
        return [undefined_rows(np.zeros_like(scored), "alpha", "items_not_asked")]
    rows = grid_rows(
        _moments(asked, index, weight),
        scored,
        pooling,
        weighted=weight is not None,
        conf_level=options.conf_level,
        omega=options.omega,
    )
    if options.resamples and len(asked.columns) > 2:
        plan = BootstrapPlan(
            seed=options.seed,
            scale=crc32(asked.scale.id.encode()),
            resamples=options.resamples,
            conf_level=options.conf_level,
            cell_ids=lasting,
        )
        rows.append(bootstrap_row(asked.columns, index, plan))
    if options.ordinal:
        rows += ordinal_rows(asked.columns, index, asked.top)
    return rows


def _pooling(groups: Groups, by: Sequence[str], wave: str) -> Pooling:
    if wave not in by:
        return Pooling(group=np.zeros(groups.size, dtype="int64"), n_groups=1)
    codes, unique = pd.factorize(groups.labels[wave])
    return Pooling(group=codes, n_groups=len(unique))


def _weights(answers: pd.DataFrame, name: str) -> Array | None:
    if not name:
        return None
    if name not in answers.columns:
        raise DesignError("There is no such column.", got=name)
    found = answers[name].to_numpy(dtype="float64", na_value=np.nan)
    if not (np.isfinite(found) & (found > 0)).all():
        raise IngestError(
            "Some weights are missing or not above zero.",
            hint="Give every row a weight, or leave rows without one out first.",
            where=name,
        )
    return found


def _reliability_block(
    scale: Scale, rows: GridRows, scored: Array, groups: Groups, columns: Sequence[str]
) -> dict[str, Any]:
    drawn, nothing = rows.shrunken, np.full(groups.size, np.nan)
    values = (
        np.full(groups.size, rows.coefficient, dtype=object),
        np.full(groups.size, rows.method, dtype=object),
        rows.estimate,
        rows.conf_low,
        rows.conf_high,
        rows.n,
        scored,
        np.full(groups.size, len(scale.items)),
        nothing if drawn is None else drawn.estimate,
        nothing if drawn is None else drawn.conf_low,
        nothing if drawn is None else drawn.conf_high,
        rows.print_as,
        rows.status,
        rows.note,
    )
    return {
        "scale": np.full(groups.size, scale.id, dtype=object),
        **_keys(groups, columns),
        **dict(zip(columns, values, strict=True)),
    }


def _item_blocks(
    asked: Directed,
    moments: Moments,
    index: CellIndex,
    extra: tuple[Catalogue, Groups, Array, float],
) -> list[dict[str, Any]]:
    catalogue, groups, h, conf_level = extra
    pooled = not groups.labels
    found = item_statistics(moments.covariance, moments.n, pooled=pooled, conf_level=conf_level)
    shapes, available = (
        item_shapes(
            asked.columns, index, top=asked.top, lo=asked.lo, unit=asked.unit, complete=complete
        )
        for complete in (True, False)
    )
    size = groups.size
    blocks = []
    for i, name in enumerate(asked.names):
        note = np.where(found.unreversed[:, i], "check_item_coding", "").astype(object)
        values = (
            np.full(size, name, dtype=object),
            np.full(size, catalogue.items[name].text.get("en", ""), dtype=object),
            np.full(size, name in asked.scale.reverse),
            found.r_rest[:, i], found.rest_low[:, i], found.rest_high[:, i],
            found.r_total[:, i], found.alpha_if_dropped[:, i],
            shapes.mean[:, i], shapes.sd[:, i], shapes.skew[:, i],
            shapes.floor[:, i], shapes.ceiling[:, i], shapes.n[:, i],
            available.n[:, i], available.mean[:, i], available.sd[:, i],
            h, found.unreversed[:, i],
            _with_ceiling(note, shapes.ceiling[:, i]),
        )  # fmt: skip
        blocks.append(
            {
                "scale": np.full(size, asked.scale.id, dtype=object),
                **_keys(groups, ITEM_COLUMNS),
                **dict(zip(ITEM_COLUMNS, values, strict=True)),
            }
        )
    return blocks


def _with_ceiling(note: Array, share: Array) -> Array:
    high = share > CEILING_SHARE
    note[high] = np.where(note[high] == "", "above_15_percent", note[high] + ";above_15_percent")
    return note


def _keys(groups: Groups, columns: Sequence[str]) -> Mapping[str, Array]:
    names = safe_names(list(groups.labels), ("scale", *columns))
    return {names[name]: values for name, values in groups.labels.items()}


def _joined(
    blocks: Sequence[Mapping[str, Any]], by: Sequence[str], columns: Sequence[str]
) -> pd.DataFrame:
    """All blocks as one frame, sorted by scale as declared, then by cell."""
    names = ["scale", *safe_names(by, ("scale", *columns)).values(), *columns]
    full = [block for block in blocks if len(block["scale"])]
    if not full:
        return pd.DataFrame(columns=names)
    made = {name: np.concatenate([np.asarray(block[name]) for block in full]) for name in names}
    scale, _ = pd.factorize(made["scale"])
    cell = np.concatenate([np.arange(len(block["scale"])) for block in full])
    order = np.lexsort((cell, scale))
    return pd.DataFrame({name: values[order] for name, values in made.items()})
