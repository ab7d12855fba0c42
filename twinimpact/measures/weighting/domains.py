"""Means, shares, ratios, changes and differences by domain, with design-based standard errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from twinimpact.measures.weighting.designs import Design, present, survey_design
from twinimpact.measures.weighting.limits import share_limits, t_limits, wilson_limits
from twinimpact.measures.weighting.linearised import (
    Domains,
    degrees,
    domains_of,
    placed,
    variances,
)
from twinimpact.measures.weighting.margins import Array, refused
from twinimpact.measures.weighting.sample import labels_of
from twinimpact.problems import Problem

FEW_CLUSTERS = 10
EVERYBODY = "*"
"""The domain of all rows, where no domain is named."""
COLUMNS = (
    "by", "domain", "outcome", "estimand", "method", "estimate", "std_error", "df", "conf_low",
    "conf_high", "conf_level", "n", "n_missing", "n_eff", "deff", "sum_weights", "clusters",
    "strata", "single_strata", "note",
)  # fmt: skip


def domain_means(
    frame: pd.DataFrame | Design,
    *,
    value: str | Sequence[str],
    domain: str | Sequence[str] | None = None,
    weights: str | None = None,
    strata: str | None = None,
    cluster: str | None = None,
) -> pd.DataFrame:
    """Weighted means of domains with linearised standard errors, in one pass over the rows.

    All rows stay in the design: clusters without a row in a domain count as zeros. Rows without
    an outcome stay in the design too; the domain is the rows that answered.

    Parameters
    ----------
    frame
        One row per respondent; it is not changed. Or a :func:`survey_design`, which may also
        have an fpc and a policy for strata with one cluster.
    value
        Columns of the outcomes. A column of true and false gives a share, with its interval on
        the logit scale; Wilson's at 0 and 100 per cent and for plain samples.
    domain
        Column of the domains, or several columns whose domains may overlap; everybody if
        ``None``. Rows without a label are in no domain.
    weights, strata, cluster
        Columns of the design, unless ``frame`` is one. Without ``cluster`` every person is one.

    Returns
    -------
    pandas.DataFrame
        One row per outcome and domain, in order of first appearance: ``by`` (column of the
        domain), ``domain``, ``outcome``, ``estimand`` (``mean`` or ``share``), ``method``
        (``survey_taylor``, ``survey_taylor_persons``, ``taylor_logit``, ``wilson``),
        ``estimate``, ``std_error``, ``df``
        (clusters less strata with a row in the domain), ``conf_low``, ``conf_high``,
        ``conf_level``, ``n`` (people who answered), ``n_missing``, ``n_eff`` (Kish), ``deff``
        (against a simple random sample with replacement), ``sum_weights``, ``clusters``,
        ``strata``, ``single_strata`` (of the whole design), ``note``.

    Raises
    ------
    DesignError
        With every fault found in the columns or the design.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({
    ...     "town": ["A", "A", "A", "B", "B", "B"], "school": [1, 1, 2, 3, 4, 4],
    ...     "trust": [3.0, 4.0, 5.0, 1.0, 2.0, 2.0], "weights": [1, 1, 2, 1, 2, 1]})
    >>> found = domain_means(answers, value="trust", domain="town", weights="weights",
    ...                      cluster="school")
    >>> found[["domain", "estimate", "std_error", "n", "clusters"]].round(3).values.tolist()
    [['A', 4.25, 0.612, 3, 2], ['B', 1.75, 0.306, 3, 2]]
    """
    return estimates(_design(frame, weights, strata, cluster), _listed(value), _by(domain))


def domain_ratios(
    design: Design,
    *,
    numerator: str,
    denominator: str,
    domain: str | Sequence[str] | None = None,
) -> pd.DataFrame:
    """Ratios Σwy/Σwx of domains; columns as :func:`domain_means`.

    Rows without one of the two are not in the domain.

    Raises
    ------
    DesignError
        If a column is not there or holds no numbers.
    """
    top, bottom = _numbers(design, (numerator, denominator))
    parts = []
    for by, codes, names in _keys(design, _by(domain)):
        where = domains_of(design, codes, len(names), np.isfinite(top) & np.isfinite(bottom))
        w = design.weights[where.rows]
        y, x = top[where.rows], bottom[where.rows]
        with np.errstate(divide="ignore", invalid="ignore"):
            total = np.bincount(where.domain, weights=w * x, minlength=where.size)
            ratio = np.bincount(where.domain, weights=w * y, minlength=where.size) / total
            influence = w * (y - ratio[where.domain] * x)
        found = _Found(ratio, influence, total, np.full(where.size, np.nan))
        outcome = f"{numerator}/{denominator}"
        labels = (by, names, outcome, "ratio", design.method())
        parts.append(_rows(design, where, found, labels, codes))
    return pd.concat(parts, ignore_index=True)


def domain_changes(
    design: Design, *, before: str, after: str, domain: str | Sequence[str] | None = None
) -> pd.DataFrame:
    """Mean change of the people who answered twice; columns as :func:`domain_means`.

    The person's own difference is the outcome, so what the two answers share cancels out.

    Raises
    ------
    DesignError
        If a column is not there or holds no numbers.
    """
    first, second = _numbers(design, (before, after))
    name = f"{after}-{before}"
    changed = replace(design, frame=design.frame.assign(**{name: second - first}))
    return estimates(changed, (name,), _by(domain)).assign(estimand="change")


def domain_differences(
    design: Design, *, value: str, domain: str | Sequence[str], pairs: Sequence[tuple[str, str]]
) -> pd.DataFrame:
    """Differences of domains' means; what they share by common clusters is taken into account.

    Parameters
    ----------
    domain
        Column of the domains, or several columns with overlapping ones.
    pairs
        First and second domain of each difference; a domain of one of several columns is named
        ``column=label``.

    Returns
    -------
    pandas.DataFrame
        As :func:`domain_means`, with ``first - second`` as ``domain`` and ``difference`` as
        ``estimand``.

    Raises
    ------
    DesignError
        If a column or a domain is not there.
    """
    (y,) = _numbers(design, (value,))
    keys = _keys(design, _by(domain))
    rows, of, names = _stacked(keys)
    answered = np.isfinite(y[rows])
    rows, of = rows[answered], of[answered]
    places: dict[str, int] = {}
    for place, (by, name) in enumerate(names):
        places.setdefault(name, place)
        places[f"{by}={name}"] = place
    unknown = [name for pair in pairs for name in pair if name not in places]
    if unknown:
        raise refused(
            "A domain that should be compared is not in the data.",
            [
                Problem(code="design_no_domain", column=name, expected=", ".join(places)[:200])
                for name in unknown
            ],
        )
    ends = np.array([[places[a], places[b]] for a, b in pairs], dtype="int64")
    w = design.weights[rows]
    mean, total, centred = _mean(w, y[rows], of, len(names))
    influence = w * centred / total[of]
    order = np.argsort(of, kind="stable")
    first = np.searchsorted(of[order], np.arange(len(names) + 1))
    lengths = np.diff(first)[ends.ravel()]
    within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    taken = order[np.repeat(first[ends.ravel()], lengths) + within]
    contrast = np.repeat(np.arange(len(pairs)).repeat(2), lengths)
    sign = np.repeat(np.tile([1.0, -1.0], len(pairs)), lengths)
    where = placed(design, rows[taken], contrast, len(pairs), repeated=True)
    labels = np.array([f"{a} - {b}" for a, b in pairs], dtype=object)
    found = _Found(
        mean[ends[:, 0]] - mean[ends[:, 1]],
        influence[taken] * sign,
        np.ones(len(pairs)),
        np.full(len(pairs), np.nan),
    )
    by = "+".join(_by(domain) or ())
    return _rows(design, where, found, (by, labels, value, "difference", design.method()), None)


@dataclass(frozen=True, slots=True)
class _Found:
    """Estimates of domains, and what their precision is made of.

    ``influence`` is that of each row, times ``scale`` of its domain; ``squares`` are the
    weighted squares of deviations, NaN where there is no design effect.
    """

    estimate: Array
    influence: Array
    scale: Array
    squares: Array
    share: bool = False


def estimates(design: Design, values: Sequence[str], by: Sequence[str] | None) -> pd.DataFrame:
    """Means and shares of every outcome in every domain."""
    numbers = _numbers(design, values)
    parts = []
    for name, codes, names in _keys(design, by):
        for value, y in zip(values, numbers, strict=True):
            where = domains_of(design, codes, len(names), np.isfinite(y))
            w, own = design.weights[where.rows], y[where.rows]
            mean, total, centred = _mean(w, own, where.domain, where.size)
            influence = w * centred
            squares = np.bincount(where.domain, weights=influence * centred, minlength=where.size)
            share = pd.api.types.is_bool_dtype(design.frame[value].dtype)
            found = _Found(mean, influence, total, squares, share)
            estimand = "share" if share else "mean"
            labels = (name, names, value, estimand, design.method())
            parts.append(_rows(design, where, found, labels, codes))
    return pd.concat(parts, ignore_index=True)


def _mean(w: Array, y: Array, domain: Array, size: int) -> tuple[Array, Array, Array]:
    """Mean and weights of each domain, and each row's distance from its mean."""
    centre = float(y.mean()) if len(y) else 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        total = np.bincount(domain, weights=w, minlength=size)
        mean = np.bincount(domain, weights=w * (y - centre), minlength=size) / total + centre
        return mean, total, y - mean[domain]


def _rows(
    design: Design,
    where: Domains,
    found: _Found,
    labels: tuple[str, Array, str, str, str],
    codes: Array | None,
) -> pd.DataFrame:
    by, names, outcome, estimand, method = labels
    w = design.weights[where.rows]
    n = np.bincount(where.domain, minlength=where.size)
    total = np.bincount(where.domain, weights=w, minlength=where.size)
    with np.errstate(divide="ignore", invalid="ignore"):
        n_eff = total**2 / np.bincount(where.domain, weights=w * w, minlength=where.size)
        variance = variances(design, where, found.influence) / found.scale**2
        deff = variance / (found.squares / total / (n - 1))
    df = degrees(where)
    error = np.where((n > 0) & (df > 0) & (n > 1), np.sqrt(variance), np.nan)
    methods = np.full(where.size, method, dtype=object)
    if found.share:
        low, high, at_end = share_limits(found.estimate, error, df, n_eff, design.conf_level)
        plain = not (design.weighted or design.clustered or design.stratified)
        if plain:
            low, high = wilson_limits(found.estimate, n, design.conf_level)
        methods[:] = np.where(at_end | plain, "wilson", "taylor_logit")
    else:
        low, high = t_limits(found.estimate, error, df, design.conf_level)
    asked = n
    if codes is not None and len(where.domain) < len(codes):
        asked = np.bincount(codes[codes >= 0], minlength=where.size)
    columns = {
        "by": by,
        "domain": names,
        "outcome": outcome,
        "estimand": estimand,
        "method": methods,
        "estimate": found.estimate,
        "std_error": error,
        "df": df,
        "conf_low": low,
        "conf_high": high,
        "conf_level": np.where(np.isfinite(low), design.conf_level, np.nan),
        "n": n,
        "n_missing": asked - n,
        "n_eff": n_eff,
        "deff": deff,
        "sum_weights": total,
        "clusters": where.clusters,
        "strata": where.strata,
        "single_strata": len(design.single),
        "note": _notes(design, where, df, n),
    }
    return pd.DataFrame(columns, columns=list(COLUMNS))


def _notes(design: Design, where: Domains, df: Array, n: Array) -> Array:
    notes = np.full(where.size, "", dtype=object)
    marks = [
        (n == 0, "no_answers"),
        ((n > 0) & (df < 1), "df_below_1"),
        (design.clustered & (df >= 1) & (where.clusters < FEW_CLUSTERS), "few_clusters"),
        (np.full(where.size, bool(design.single)), f"single_cluster_{design.lonely}"),
        (np.full(where.size, design.shared_labels > 0), "cluster_labels_shared"),
    ]
    for mask, code in marks:
        notes[mask] = np.where(notes[mask] == "", code, notes[mask] + ";" + code)
    return notes


def _design(
    frame: pd.DataFrame | Design, weights: str | None, strata: str | None, cluster: str | None
) -> Design:
    if isinstance(frame, Design):
        return frame
    return survey_design(frame, weights=weights, strata=strata, cluster=cluster)


def _listed(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _by(domain: str | Sequence[str] | None) -> tuple[str, ...] | None:
    return None if domain is None else _listed(domain)


def _numbers(design: Design, columns: Sequence[str]) -> list[Array]:
    """Outcomes as numbers; NaN where there is no answer."""
    problems: list[Problem] = []
    values = []
    for name in columns:
        if not present(design.frame, name, problems):
            continue
        column = design.frame[name]
        if not (
            pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype)
        ):
            problems.append(Problem(code="design_not_number", column=name))
            continue
        values.append(column.to_numpy("float64", na_value=np.nan))
    if problems:
        raise refused("These columns cannot be used.", problems)
    return values


def _keys(design: Design, by: Sequence[str] | None) -> list[tuple[str, Array, Array]]:
    """Name, codes and labels of each column of domains."""
    if by is None:
        codes = np.zeros(len(design.frame), dtype="int64")
        return [("", codes, np.array([EVERYBODY], dtype=object))]
    problems: list[Problem] = []
    found = [name for name in by if present(design.frame, name, problems)]
    if problems:
        raise refused("These columns cannot be used.", problems)
    return [(name, *labels_of(design.frame[name])) for name in found]


def _stacked(
    keys: Sequence[tuple[str, Array, Array]],
) -> tuple[Array, Array, list[tuple[str, str]]]:
    """Rows and domains of all columns one after the other, and the domains' names."""
    rows, of = [], []
    names: list[tuple[str, str]] = []
    for by, codes, labels in keys:
        inside = np.flatnonzero(codes >= 0)
        rows.append(inside)
        of.append(codes[inside].astype("int64") + len(names))
        names += [(by, str(label)) for label in labels]
    return np.concatenate(rows), np.concatenate(of), names
