"""The queue of pairs that the linking rule leaves to a person, and carrying out what they say."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from twinimpact.ingest.linkage import Judgements, candidates, coded, link_waves
from twinimpact.workspace import (
    Workspace,
    link_decisions_of,
    read_links,
    read_responses,
    unit_of_work,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Two questionnaires that may be of one person.

    Parameters
    ----------
    first, second
        Response ids, by wave.
    group
        Pairs that share a questionnaire have the same number, from 1.
    basis
        ``code`` or ``token``: what the two have in common.
    differing, element
        Number of differing code elements, and the position (from 1) of the one that differs;
        0 where none does.
    verdict
        What has been decided: ``same``, ``different`` or nothing.
    """

    first: str
    second: str
    group: int
    basis: str
    differing: int
    element: int
    verdict: str = ""

    @property
    def key(self) -> str:
        """Short name of the pair, without anything about the people."""
        return pair_key(self.first, self.second)


def pair_key(first: str, second: str) -> str:
    """Short name of a pair of responses, whatever their order."""
    text = "\x1f".join(sorted((first, second)))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def ambiguity_queue(
    responses: pd.DataFrame,
    links: pd.DataFrame,
    waves: Sequence[str],
    judged: Judgements | None = None,
) -> tuple[Candidate, ...]:
    """Pairs with at most one differing element, or an equal token, that were not linked.

    Parameters
    ----------
    responses
        As :func:`~twinimpact.ingest.linkage.link_waves` takes them.
    links
        ``response_id``, ``person``, ``method`` of the same responses.
    waves
        Wave ids in the order of fielding.
    judged
        Decisions so far; these pairs are listed too, so that they can be taken back.
    """
    known = {tuple(sorted(pair)): verdict for pair, verdict in (judged or {}).items()}
    names = ["response_id", "partnership_id", "arm", "wave", "participant_token", "code"]
    data = responses[names].fillna("").astype("str")
    data = data[data["wave"].isin(waves)].sort_values("response_id", ignore_index=True)
    person = dict(zip(links["response_id"], links["person"], strict=True))
    data["person"] = [person.get(key, key) for key in data["response_id"]]
    found: dict[tuple[str, str], Candidate] = {}
    for _, block in data.groupby(["partnership_id", "arm"], sort=True):
        by_wave = dict(iter(block.groupby("wave")))
        for one, two in itertools.combinations([w for w in waves if w in by_wave], 2):
            for pair in _open_pairs(by_wave[one], by_wave[two]):
                found.setdefault((pair.first, pair.second), pair)
    order = {wave: place for place, wave in enumerate(waves)}
    rows = data.set_index("response_id")
    for pair_ids, verdict in known.items():
        if all(key in rows.index for key in pair_ids):
            first, second = sorted(pair_ids, key=lambda key: order[str(rows.loc[key, "wave"])])
            found[first, second] = replace(_pair(rows, first, second), verdict=verdict)
    return _grouped([found[key] for key in sorted(found)])


def _open_pairs(left: pd.DataFrame, right: pd.DataFrame) -> Iterator[Candidate]:
    """Candidates of two waves among people without a questionnaire in the other wave."""
    ours = left[~left["person"].isin(right["person"])]
    theirs = right[~right["person"].isin(left["person"])]
    both = ours[ours["participant_token"] != ""].merge(
        theirs[theirs["participant_token"] != ""], on="participant_token", suffixes=("", "_other")
    )
    for first, second in zip(both["response_id"], both["response_id_other"], strict=True):
        yield _candidate(str(first), str(second), "token", 0, 0)
    ours, theirs = (side[side["code"] != ""] for side in (ours, theirs))
    lengths = [side["code"].str.count("-") for side in (ours, theirs)]
    for length in sorted(set(lengths[0]) & set(lengths[1])):
        one, two = ours[lengths[0] == length], theirs[lengths[1] == length]
        a, b = coded(one["code"].tolist(), two["code"].tolist())
        for x, y in zip(*candidates(a, b), strict=True):
            differ = np.flatnonzero(a[x] != b[y])
            yield _candidate(
                str(one["response_id"].iloc[x]),
                str(two["response_id"].iloc[y]),
                "code",
                len(differ),
                int(differ[0]) + 1 if len(differ) else 0,
            )


def _candidate(first: str, second: str, basis: str, differing: int, element: int) -> Candidate:
    return Candidate(
        first=first, second=second, group=0, basis=basis, differing=differing, element=element
    )


def _pair(rows: pd.DataFrame, first: str, second: str) -> Candidate:
    one, two = rows.loc[first], rows.loc[second]
    if one["participant_token"] and one["participant_token"] == two["participant_token"]:
        return _candidate(first, second, "token", 0, 0)
    parts = (str(one["code"]).split("-"), str(two["code"]).split("-"))
    if len(parts[0]) != len(parts[1]) or "" in (one["code"], two["code"]):
        return _candidate(first, second, "code", 0, 0)
    differ = [
        place for place, (a, b) in enumerate(zip(*parts, strict=True), start=1) if a != b or not a
    ]
    return _candidate(first, second, "code", len(differ), differ[0] if len(differ) == 1 else 0)


def _grouped(pairs: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Number the groups of pairs that hang together."""
    root: dict[str, str] = {}

    def find(key: str) -> str:
        root.setdefault(key, key)
        while root[key] != key:
            root[key] = root[root[key]]
            key = root[key]
        return key

    for pair in pairs:
        root[find(pair.first)] = find(pair.second)
    numbers: dict[str, int] = {}
    numbered = [
        replace(pair, group=numbers.setdefault(find(pair.first), len(numbers) + 1))
        for pair in pairs
    ]
    return tuple(sorted(numbered, key=lambda pair: (pair.group, pair.first, pair.second)))


def queue_of(workspace: Workspace, waves: Sequence[str]) -> tuple[Candidate, ...]:
    """The queue of what is stored now."""
    responses = read_responses(workspace)
    return ambiguity_queue(responses, read_links(workspace), waves, link_decisions_of(workspace))


def decide_links(
    workspace: Workspace, waves: Sequence[str], decisions: Mapping[tuple[str, str], str]
) -> int:
    """Store judgements about pairs and link everybody anew; gives the number of changes.

    Parameters
    ----------
    workspace, waves
        The evaluation and its wave ids in the order of fielding.
    decisions
        Pairs of response ids to ``same``, ``different``, or ``""`` to take a judgement back.

    Raises
    ------
    ValueError
        If a verdict is unknown.
    """
    responses = read_responses(workspace)
    new = {(min(pair), max(pair)): verdict for pair, verdict in decisions.items()}
    judged = {**link_decisions_of(workspace), **new}
    links = link_waves(responses, waves, {pair: word for pair, word in judged.items() if word})
    with unit_of_work(workspace) as work:
        changes = work.decide_links(new)
        work.set_links(links.frame)
    return changes
