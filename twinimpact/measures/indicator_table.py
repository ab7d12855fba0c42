"""The catalogue of indicators, filled in: one tidy table read off the results table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from twinimpact.measures.indicator_catalogue import INDICATORS
from twinimpact.measures.indicator_rules import IndicatorRule, indicator_rules

COLUMNS = (
    "indicator", "part", "measure", "partnership", "town", "wave", "arm", "dimension", "group",
    "value", "unit", "n", "denominator", "conf_low", "conf_high", "conf_level", "missing",
    "status", "note", "method", "source", "as_of",
)  # fmt: skip
_NAMES = {"estimand": "part", "estimate": "value", "outcome": "measure"}
_CHANGE = "post-pre"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pick:
    """Rows of the results table that are an indicator under another name."""

    indicator: str
    outcomes: tuple[str, ...] = ()
    estimands: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    dimension: str | None = None
    starts: tuple[str, ...] = ()


_PICKS = (
    _Pick(indicator="R07", outcomes=("R03", "R04"), dimension="country"),
    _Pick(indicator="R07", outcomes=("R14",), estimands=("countries",)),
    _Pick(indicator="R08", outcomes=("R03", "R04"), dimension="gender"),
    _Pick(indicator="R09", outcomes=("R03", "R04"), dimension="age_band"),
    _Pick(
        indicator="X01", methods=("paired_t", "town_mean_t"),
        estimands=(_CHANGE, "followup-pre", "followup-post"),
    ),
    _Pick(
        indicator="X02", methods=("d_av_bonett", "d_av_hedges", "d_z_nct"), estimands=(_CHANGE,),
    ),
    _Pick(
        indicator="X03", methods=("wilson", "rci"),
        estimands=tuple(f"{_CHANGE}|{name}" for name in ("improved", "unchanged", "worse")),
    ),
    _Pick(
        indicator="X04", estimands=(f"{_CHANGE}|participant-comparison",),
        methods=("town_mean_t", "change_cr2", "town_two_stage_t", "ancova_cr2", "refused"),
    ),
    _Pick(indicator="X05", estimands=(f"{_CHANGE}|cross-section",)),
    _Pick(indicator="X06", starts=("post-retro_pre", "retro_pre-pre", "post-retro")),
    _Pick(indicator="X07", starts=("kept_share",)),
    _Pick(indicator="X08", methods=("dose_linear", "dose_spline")),
    _Pick(
        indicator="Q05", starts=("alpha", "omega", "spearman_brown"), dimension="",
    ),
    _Pick(indicator="Q06", estimands=("ceiling",), methods=("describe",)),
    _Pick(indicator="Q10", starts=("comparability|language",)),
)  # fmt: skip


def indicators(
    results: pd.DataFrame,
    *,
    rules: Sequence[IndicatorRule] | None = None,
    partnership: str = "",
) -> pd.DataFrame:
    """Every indicator with its value, unit, number of people, base, interval and source.

    Parameters
    ----------
    results
        A results table (``schema.RESULT_COLUMNS``), such as ``measure_all`` or
        ``build_results(...).table`` give.
    rules
        Which scale stands behind an indicator of answers; the shipped ones by default.
    partnership
        Only this partnership, or ``*`` for the whole programme; all by default.

    Returns
    -------
    pandas.DataFrame
        One row per number: ``indicator``, ``part`` (such as ``total``, ``share`` or
        ``post-pre``), ``measure`` (the scale, where one stands behind it), who and when, ``value``
        in ``unit``, ``n``, ``denominator`` of a share, limits of the interval, ``missing``,
        ``status`` (``ok``, or why there is no value), ``note``, ``method``, ``source`` tables and
        ``as_of``. Indicators nothing is known about have one row with status
        ``not_available`` and note ``no_data``.

    Examples
    --------
    >>> from twinimpact.measures import indicators
    >>> from twinimpact.schema import result_frame
    >>> rows = [{"outcome": "R01", "estimand": "held", "method": "count", "estimate": 12,
    ...          "partnership": "lin-mor", "unit": "events", "n": 12, "source": "activities"}]
    >>> table = indicators(result_frame(rows), partnership="lin-mor")
    >>> table.loc[table["indicator"] == "R01", ["part", "value", "unit"]].to_dict("records")
    [{'part': 'held', 'value': 12.0, 'unit': 'events'}]
    """
    rules = indicator_rules() if rules is None else rules
    if partnership:
        results = results[results["partnership"] == partnership]
    own = results[results["outcome"].isin(INDICATORS)]
    parts = [own.assign(indicator=own["outcome"])]
    parts += [_of_scale(results, rule) for rule in rules if rule.is_scale]
    answers = results[~results["outcome"].isin(INDICATORS)]
    parts += [_picked(results if pick.outcomes else answers, pick) for pick in _PICKS]
    found = pd.concat([part for part in parts if len(part)] or [own.assign(indicator="")])
    table = found.rename(columns=_NAMES)
    unknown = [name for name in INDICATORS if name not in set(table["indicator"])]
    return _completed(table, unknown, partnership)


def _of_scale(results: pd.DataFrame, rule: IndicatorRule) -> pd.DataFrame:
    """The mean of one scale under the name of its indicator."""
    means = results[(results["outcome"] == rule.scales[0]) & (results["estimand"] == "mean")]
    return means.assign(indicator=rule.id, estimand=rule.part or "mean")


def _picked(results: pd.DataFrame, pick: _Pick) -> pd.DataFrame:
    chosen = pd.Series(True, index=results.index)
    tests: Mapping[str, tuple[str, ...]] = {
        "outcome": pick.outcomes,
        "estimand": pick.estimands,
        "method": pick.methods,
    }
    for column, allowed in tests.items():
        if allowed:
            chosen &= results[column].isin(allowed)
    if pick.starts:
        chosen &= results["estimand"].str.startswith(pick.starts)
    if pick.dimension is not None:
        chosen &= results["dimension"] == pick.dimension
    return results[chosen].assign(indicator=pick.indicator)


def _completed(table: pd.DataFrame, unknown: Sequence[str], partnership: str) -> pd.DataFrame:
    """The table in the order of the catalogue, with a row for what nothing is known about."""
    place = {name: order for order, name in enumerate(INDICATORS)}
    told = {
        "indicator": list(unknown),
        "unit": [INDICATORS[name].unit for name in unknown],
        "source": [";".join(INDICATORS[name].sources) for name in unknown],
        "partnership": partnership,
        "status": "not_available",
        "note": "no_data",
    }
    blanks = pd.DataFrame(index=range(len(unknown)))
    for name in COLUMNS:
        kind = table[name].dtype
        absent = "" if str(kind) == "str" else float("nan")
        blanks[name] = pd.Series(told.get(name, absent), index=blanks.index, dtype=kind)
    full = pd.concat([table[list(COLUMNS)], blanks], ignore_index=True)
    order = full["indicator"].map(place)
    keys = ["partnership", "part", "measure", "wave", "arm", "dimension", "group"]
    return (
        full.assign(_place=order)
        .sort_values(["_place", *keys], kind="stable", ignore_index=True)
        .drop(columns="_place")
    )
