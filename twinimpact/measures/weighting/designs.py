"""How a sample was drawn: weights, strata, clusters and the share of clusters taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from twinimpact.measures.weighting.margins import Array, refused
from twinimpact.measures.weighting.sample import DENSE, labels_of, numbers_of, unusable
from twinimpact.problems import Problem

Lonely = Literal["error", "certainty", "adjust", "average"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Design:
    """The design of a sample, ready for any number of domains and outcomes.

    Parameters
    ----------
    frame
        The rows.
    weights
        Weight of each row.
    stratum, cluster
        Codes of each row; a cluster belongs to one stratum. Without clusters each row is one.
    cluster_stratum
        Stratum of each cluster; clusters are numbered stratum by stratum.
    clusters
        Clusters of each stratum in the sample, shape (strata,).
    taken
        Share of the stratum's clusters that is in the sample; 0 without an fpc.
    single
        Labels of the strata that have one cluster.
    lonely
        What is done about them.
    weighted, clustered, stratified
        What was declared.
    shared_labels
        Cluster labels that occur in several strata, where they are different clusters.
    conf_level
        Of the intervals.
    """

    frame: pd.DataFrame
    weights: Array
    stratum: Array
    cluster: Array
    cluster_stratum: Array
    clusters: Array
    taken: Array
    single: tuple[str, ...]
    lonely: Lonely
    weighted: bool
    clustered: bool
    stratified: bool
    shared_labels: int
    conf_level: float = 0.95

    def method(self) -> str:
        """What the clusters are: ``survey_taylor``, or with persons in their place."""
        return "survey_taylor" if self.clustered else "survey_taylor_persons"


def survey_design(
    frame: pd.DataFrame,
    *,
    weights: str | None = None,
    strata: str | None = None,
    cluster: str | None = None,
    fpc: str | None = None,
    lonely: Lonely = "error",
) -> Design:
    """Declare how the rows of a frame were drawn.

    First-stage clusters count as drawn with replacement unless ``fpc`` is given. All rows stay
    in the design, whichever of them a later question is about.

    Parameters
    ----------
    frame
        One row per respondent; it is not changed.
    weights
        Column of the weights; equal weights if ``None``.
    strata
        Column of the strata; one stratum if ``None``.
    cluster
        Column of the clusters: delegations, events, schools. Equal labels in two strata are two
        clusters. If ``None``, every person is one, which the method's name says.
    fpc
        Column with the number of clusters there are in the row's stratum.
    lonely
        What to do about a stratum with one cluster, whose variance cannot be seen: ``error``,
        ``certainty`` (it adds nothing), ``adjust`` (its distance from the mean of all clusters)
        or ``average`` (as much as the other strata on average).

    Raises
    ------
    DesignError
        With every fault found: columns that are not there, weights that are not above zero,
        rows without a label, strata with one cluster nobody has decided about, an impossible
        number of clusters.
    """
    problems: list[Problem] = []
    size = len(frame)
    given = _weights(frame, weights, problems)
    stratum, names = _labels(frame, strata, problems)
    clusters, own = np.arange(size), stratum
    shared = 0
    if cluster is not None:
        labels, _ = _labels(frame, cluster, problems)
        clusters, own, shared = _clusters(stratum, labels, len(names))
    counts = np.bincount(own, minlength=len(names))
    taken = _taken(frame, fpc, (stratum, counts, names), problems)
    single = tuple(names[(counts == 1) & (taken < 1)])
    if single and lonely == "error":
        listed = ", ".join(single[:10]) + (" …" if len(single) > 10 else "")
        problems.append(Problem(code="design_single_cluster", column=strata or "", got=listed))
    if problems:
        raise refused("This design cannot be used yet.", problems)
    return Design(
        frame=frame,
        weights=given,
        stratum=stratum,
        cluster=clusters,
        cluster_stratum=own,
        clusters=counts,
        taken=taken,
        single=single,
        lonely=lonely,
        weighted=weights is not None,
        clustered=cluster is not None,
        stratified=strata is not None,
        shared_labels=shared,
    )


def _weights(frame: pd.DataFrame, weights: str | None, problems: list[Problem]) -> Array:
    if weights is None:
        return np.ones(len(frame))
    if not present(frame, weights, problems):
        return np.ones(len(frame))
    values = numbers_of(frame[weights])
    bad = unusable(values)
    if bad:
        problems.append(Problem(code="weights_prior", column=weights, got=str(bad)))
    return values


def _labels(
    frame: pd.DataFrame, column: str | None, problems: list[Problem]
) -> tuple[Array, Array]:
    if column is None or not present(frame, column, problems):
        return np.zeros(len(frame), dtype="int64"), np.array([""], dtype=object)
    codes, names = labels_of(frame[column])
    absent = int(np.count_nonzero(codes < 0))
    if absent:
        problems.append(Problem(code="design_no_label", column=column, got=str(absent)))
    return np.maximum(codes, 0), names


def _clusters(stratum: Array, labels: Array, strata: int) -> tuple[Array, Array, int]:
    """Cluster of each row, stratum of each cluster, and labels that mean several clusters.

    Clusters are numbered stratum by stratum.
    """
    width = int(labels.max(initial=0)) + 1
    keys = stratum.astype("int64", copy=False) * width + labels
    if strata * width <= DENSE * len(keys) + 1024:
        met = np.bincount(keys, minlength=strata * width) > 0
        kept = np.flatnonzero(met)
        cluster = (np.cumsum(met) - 1)[keys]
    else:
        kept, cluster = np.unique(keys, return_inverse=True)
    distinct = int(np.count_nonzero(np.bincount(labels)))
    return cluster, kept // width, len(kept) - distinct


def _taken(
    frame: pd.DataFrame,
    fpc: str | None,
    strata: tuple[Array, Array, Array],
    problems: list[Problem],
) -> Array:
    stratum, counts, names = strata
    if fpc is None or not present(frame, fpc, problems):
        return np.zeros(len(counts))
    total = numbers_of(frame[fpc])
    first = np.full(len(counts), np.nan)
    first[stratum[::-1]] = total[::-1]
    same = total == first[stratum]
    wrong = (np.bincount(stratum[~same], minlength=len(counts)) > 0) | ~(first >= counts)
    for h in np.flatnonzero(wrong & (counts > 0))[:20]:
        problems.append(
            Problem(code="design_bad_fpc", column=fpc, got=str(names[h]), expected=str(counts[h]))
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(counts / first)


def present(frame: pd.DataFrame, column: str, problems: list[Problem]) -> bool:
    """Whether the frame has a column; a problem is noted if not."""
    if column in frame:
        return True
    columns = ", ".join(map(str, frame.columns))[:200]
    problems.append(Problem(code="design_no_column", column=column, expected=columns))
    return False
