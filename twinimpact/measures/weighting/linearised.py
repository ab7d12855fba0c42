"""Variances of linearised values by domain, in one pass over the rows.

Taylor linearisation (Woodruff 1971, doi:10.1080/01621459.1971.10482279): each row carries its
influence on the estimate; totals per cluster, then sums and sums of squares per stratum and
domain give all variances. Clusters without a row in a domain enter as zeros without being made.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinimpact.measures.weighting.designs import Design
from twinimpact.measures.weighting.margins import Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Domains:
    """Where the rows of each domain lie in the design; made once per key and outcome.

    Parameters
    ----------
    rows, domain
        Rows that are in a domain and answered, and the domain of each.
    size
        Number of domains.
    order
        These rows in the order of domain, stratum and cluster.
    clusters_at
        Where each pair of domain and cluster starts in that order; ``None`` where each row is a
        cluster of its own.
    parts_at
        Where each part, a pair of domain and stratum, starts among the clusters.
    part_domain, part_stratum
        Of each part.
    clusters, strata
        Clusters and strata with a row in each domain.
    """

    rows: Array | slice
    domain: Array
    size: int
    order: Array
    clusters_at: Array | None
    parts_at: Array
    part_domain: Array
    part_stratum: Array
    clusters: Array
    strata: Array


def domains_of(design: Design, codes: Array, size: int, answered: Array) -> Domains:
    """Where the rows of domains lie that share no row.

    Parameters
    ----------
    codes
        Domain of each row of the design, −1 for none.
    size
        Number of domains.
    answered
        Rows with an outcome.
    """
    inside = (codes >= 0) & answered
    rows = slice(None) if inside.all() else np.flatnonzero(inside)
    return placed(design, rows, codes[rows].astype("int64", copy=False), size, repeated=False)


def placed(
    design: Design, rows: Array | slice, domain: Array, size: int, *, repeated: bool
) -> Domains:
    """Order of the rows by domain, stratum and cluster, and where each of them starts.

    Parameters
    ----------
    rows, domain
        Rows of the design and the domain each is in.
    size
        Number of domains.
    repeated
        Whether a row may stand twice in one domain, as in a difference of two domains.
    """
    grouped = design.clustered or repeated
    if grouped:
        cluster, stratum_of = _numbered(design)
        unit = cluster[rows]
    else:
        unit, stratum_of = design.stratum[rows], np.arange(len(design.clusters))
    bits = max(len(stratum_of) - 1, 1).bit_length()
    keys = (domain << bits) | unit
    order = _order(keys, max(size - 1, 1).bit_length() + bits)
    ordered = keys[order]
    first = _starts(ordered)
    kept = ordered[first]
    own, stratum = kept >> bits, stratum_of[kept & ((1 << bits) - 1)]
    if grouped:
        parts_at = np.flatnonzero(_changes(own) | _changes(stratum))
        clusters = np.bincount(own, minlength=size)
    else:
        parts_at = np.arange(len(first))
        clusters = np.bincount(domain, minlength=size)
    return Domains(
        rows=rows,
        domain=domain,
        size=size,
        order=order,
        clusters_at=first if grouped else None,
        parts_at=parts_at if grouped else first,
        part_domain=own[parts_at],
        part_stratum=stratum[parts_at],
        clusters=clusters,
        strata=np.bincount(own[parts_at], minlength=size),
    )


def _numbered(design: Design) -> tuple[Array, Array]:
    """Number of each row's cluster, those of one stratum in a row, and their strata."""
    if design.clustered:
        return design.cluster, design.cluster_stratum
    order = np.argsort(design.stratum, kind="stable")
    number = np.empty_like(order)
    number[order] = np.arange(len(order))
    return number, design.stratum[order]


def _order(keys: Array, bits: int) -> Array:
    """Stable order of keys of so many bits.

    Sixteen bits at a time: NumPy sorts those by counting, which for the keys of many domains
    and clusters takes a quarter of the time that comparing does.
    """
    order = np.argsort(keys.astype("uint16"), kind="stable")
    for shift in range(16, bits, 16):
        digit = (keys >> shift).astype("uint16")
        order = order[np.argsort(digit[order], kind="stable")]
    return order


def _changes(ordered: Array) -> Array:
    """Whether each entry differs from the one before; the first one does."""
    first = np.ones(len(ordered), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return first


def _starts(ordered: Array) -> Array:
    return np.flatnonzero(_changes(ordered))


def variances(design: Design, domains: Domains, influence: Array) -> Array:
    """Variance of the sum of the influences in each domain, shape (domains,).

    ``Σ_h (1 − f_h)·n_h/(n_h − 1)·(S2 − S1²/n_h)``, where n_h counts all clusters of the
    stratum. Strata with one cluster follow the design's policy.

    Parameters
    ----------
    influence
        Linearised value of each row in ``domains.rows``.
    """
    if not len(domains.parts_at):
        return np.full(domains.size, np.nan)
    z = influence[domains.order]
    if domains.clusters_at is not None:
        z = np.add.reduceat(z, domains.clusters_at)
    first = np.add.reduceat(z, domains.parts_at)
    second = np.add.reduceat(z * z, domains.parts_at)
    n = design.clusters[domains.part_stratum].astype("float64")
    left = 1 - design.taken[domains.part_stratum]
    alone = n == 1
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = n / (n - 1) * np.maximum(second - first**2 / n, 0)
    if design.lonely == "adjust":
        # over all clusters the influences of a domain sum to 0, so their mean is 0
        spread = np.where(alone, second, spread)
    else:
        spread = np.where(alone, 0.0, spread)
    total = np.bincount(domains.part_domain, weights=left * spread, minlength=domains.size)
    if design.lonely == "average" and design.single:
        strata = len(design.clusters)
        seen = strata - len(design.single)
        return np.asarray(total * strata / seen if seen else np.full_like(total, np.nan))
    return np.asarray(total)


def degrees(domains: Domains) -> Array:
    """Clusters less strata that have a row in the domain."""
    return (domains.clusters - domains.strata).astype("float64")
