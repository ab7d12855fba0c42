"""Groups of people that overlap almost entirely: subtracting them must not tell of the few.

The same scores are published for several groups: everybody who answered at a wave (``mean``),
those who also answered at another (``level|``, and their change), and those of them who can be
compared (``cell|``, ``first_difference``). A sum over one group minus the sum over another is
the sum over the few people who are only in one of them. So for each partnership and outcome

- a reader knows the sums that are shown, and those that follow: two groups of the same size, one
  inside the other, are the same people, and before plus change is after;
- no two groups may be known, one inside the other, with 1 to ``k_answers - 1`` people between
  them; nor both waves and the change, when so few people are outside the change.

Hidden is what costs the report least. At a wave that is not the latest that is the set of
everybody (with the answers to the scale's questions). At the latest it is the means of the matched
people, so that what people said last stays visible; or, if that does not help, everybody there.
The programme's number gives way when it would lead back to a partnership's.

Numbers about people who were lost tell the sum of everybody who could have been lost, before
(:mod:`twinimpact.privacy.losses`): one more group, between those of a change and everybody.

Three waves can be combined in more ways (:mod:`twinimpact.privacy.three_waves`); where these give
a few people away, the changes to the third wave are hidden.

Not covered: three waves, where one would have to know how many people answered all of them, which
is not shown; and groups of people in different outcomes.
"""

from __future__ import annotations

import heapq
import math
import re
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import permutations, product
from typing import Any

import pandas as pd

from twinimpact.privacy.losses import FAMILY as LOSS
from twinimpact.privacy.losses import SUMS
from twinimpact.privacy.rules import DisclosureRules, is_small
from twinimpact.privacy.three_waves import Sum, tells_of_few
from twinimpact.schema import PROGRAMME

Node = tuple[str, str, str]
"""A sum a reader may know: arm, group of people, and wave (empty: the sum of their changes)."""
Piece = tuple[str, str, str]
"""Rows that are hidden together: what they are, arm and wave or contrast where it matters."""
EVERYBODY, COMPARED, LINKED = "everybody", "compared", "linked"
FOLLOWED = "followed"
"""Everybody with a score before, counted once: those who stayed and those who were lost."""
ARMS = ("participant", "comparison")
LEVELS: Piece = ("levels", "", "")
CELLS: Piece = ("cells", "", "")
FIRST: Piece = ("first", "", "")
BETWEEN: Piece = ("between", "", "")
COSTS = {
    LINKED: 0.3, LOSS: 0.5, "first": 0.7, EVERYBODY: 1.0, "cells": 2.2, "levels": 4.0,
    "latest": 4.5, "followup-post": 2.5, "followup-pre": 8.0, "between": 12.0, "post-pre": 30.0,
}  # fmt: skip
"""What it costs a report to do without; the order in which things are given up follows."""
ROLES = ("pre", "post", "followup")
CONTRASTS = ("post-pre", "followup-pre", "followup-post")
LINKED_PEOPLE = re.compile(r"(?:^|;)linked:(\d+)")
COLUMNS = [
    "outcome", "partnership", "arm", "wave", "estimand", "family", "contrast", "group",
    "town", "n", "note",
]  # fmt: skip


@dataclass(slots=True, kw_only=True)
class _Scope:
    """One outcome of one partnership: its rows by piece, and what they tell.

    ``n`` counts the people of a group; ``tells`` lists the sums a piece shows; of each of the
    ``lines`` the last unknown sum follows from the others.
    """

    rows: dict[Piece, list[int]] = field(default_factory=lambda: defaultdict(list))
    n: dict[Node, float] = field(default_factory=dict)
    tells: dict[Piece, set[Node]] = field(default_factory=lambda: defaultdict(set))
    lines: list[tuple[Node, ...]] = field(default_factory=list)
    secrets: list[tuple[float, tuple[Node, ...]]] = field(default_factory=list)
    latest: str = ""

    def cost(self, piece: Piece) -> float:
        """What the report loses without a piece."""
        kind, _, at = piece
        if kind == EVERYBODY and at == self.latest:
            return COSTS["latest"]
        return COSTS[at if kind == "change" else kind]


def hide_overlaps(rows: pd.DataFrame, hidden: set[int], rules: DisclosureRules) -> set[int]:
    """Further rows to hide, so that no two groups of people differ by a few who are then known.

    Parameters
    ----------
    rows
        Rows made of answers, with ``family`` and ``contrast``.
    hidden
        Labels of the rows hidden so far.
    rules
        Thresholds, waves in order, and items of scales.

    Returns
    -------
    set of int
        Labels of rows of ``rows``.
    """
    scopes = _scopes(rows, rules)
    found: set[int] = set()
    given: dict[tuple[str, Piece], list[float]] = defaultdict(list)
    programme: list[tuple[str, _Scope]] = []
    for (outcome, partnership), scope in scopes.items():
        if partnership == PROGRAMME:
            programme.append((outcome, scope))
            continue
        for piece in _given_up(scope, _shown(scope, hidden), rules):
            found.update(scope.rows[piece])
            given[outcome, piece].append(min((left for left, _ in scope.secrets), default=1.0))
    for outcome, scope in programme:
        shown = _shown(scope, hidden)
        for piece in list(shown):
            lefts = given.get((outcome, piece), [])
            if lefts and (len(lefts) < 2 or sum(lefts) < rules.k_answers):
                shown.remove(piece)
                found.update(scope.rows[piece])
        for piece in _given_up(scope, shown, rules):
            found.update(scope.rows[piece])
    return found - hidden


def _shown(scope: _Scope, hidden: set[int]) -> list[Piece]:
    return sorted(piece for piece, rows in scope.rows.items() if not hidden.issuperset(rows))


def _given_up(scope: _Scope, shown: Collection[Piece], rules: DisclosureRules) -> set[Piece]:
    """The cheapest pieces without which no secret is known.

    Every way out gives up one of the pieces that tell a secret together; the cheapest choices
    are followed first.
    """
    waiting: list[tuple[float, tuple[Piece, ...]]] = [(0.0, ())]
    seen = {waiting[0]}
    while True:
        _, given = heapq.heappop(waiting)
        without = {*given, CELLS} if LEVELS in given else set(given)
        left = [piece for piece in shown if piece not in without]
        telling = _telling(scope, left) or _three_waves_tell(scope, left, rules)
        if not telling:
            return without.intersection(shown)
        for piece in telling:
            more = tuple(sorted({*given, piece}))
            step = (sum(scope.cost(one) for one in more), more)
            if step not in seen:
                seen.add(step)
                heapq.heappush(waiting, step)


def _telling(scope: _Scope, shown: list[Piece]) -> list[Piece]:
    """Pieces that tell a secret together, none of them too many; empty when no secret is known."""
    known = _known(scope, shown)
    told = next((nodes for _, nodes in scope.secrets if known.issuperset(nodes)), None)
    if told is None:
        return []
    needed = shown
    for piece in shown:
        fewer = [one for one in needed if one != piece]
        if _known(scope, fewer).issuperset(told):
            needed = fewer
    return needed


def _three_waves_tell(scope: _Scope, shown: list[Piece], rules: DisclosureRules) -> list[Piece]:
    """The changes to the third wave, when all that is shown of participants tells of a few."""
    arm = ARMS[0]
    changes: list[Piece] = [("change", arm, contrast) for contrast in CONTRASTS[1:]]
    changes = [piece for piece in changes if piece in shown]
    if not changes:
        return []
    lost: list[Piece] = [piece for piece in shown if piece == (LOSS, arm, "")]
    waves = [rules.waves.get(role, role) for role in ROLES]
    sizes = {frozenset({at}): scope.n.get((arm, EVERYBODY, wave), 0.0)
             for at, wave in enumerate(waves)}  # fmt: skip
    answered = {
        contrast: frozenset(map(ROLES.index, contrast.split("-"))) for contrast in CONTRASTS
    }
    sizes |= {both: scope.n.get((arm, contrast, ""), 0.0) for contrast, both in answered.items()}
    if scope.n.get((arm, COMPARED, "")) == scope.n.get((arm, "post-pre", "")):
        answered[COMPARED] = answered["post-pre"]
    sums: set[Sum] = set()
    for node in set().union(*(scope.tells[piece] for piece in shown)):
        at = waves.index(node[2]) if node[2] in waves else None
        if node[0] == arm and node[1] in (EVERYBODY, FOLLOWED) and at is not None:
            sums.add((frozenset({at}), ((at, 1),)))
        elif node[0] == arm and node[1] in answered:
            both = answered[node[1]]
            signs = ((max(both), 1), (min(both), -1)) if at is None else ((at, 1),)
            sums.add((both, signs))
    return [*lost, *changes] if tells_of_few(sizes, frozenset(sums), rules.k_answers) else []


def _known(scope: _Scope, shown: Iterable[Piece]) -> set[Node]:
    known: set[Node] = set().union(*(scope.tells[piece] for piece in shown))
    grown = bool(known and scope.secrets)
    while grown:
        grown = False
        for line in scope.lines:
            unknown = [node for node in line if node not in known]
            if len(unknown) == 1:
                known.add(unknown[0])
                grown = True
    return known


def _scopes(rows: pd.DataFrame, rules: DisclosureRules) -> dict[tuple[str, str], _Scope]:
    scopes: dict[tuple[str, str], _Scope] = defaultdict(_Scope)
    scales: dict[str, list[str]] = defaultdict(list)
    for scale, items in rules.scale_items.items():
        for item in items:
            scales[item].append(scale)
    chosen = rows.loc[~rows["family"].isin(["alpha", "over_time"]), COLUMNS]
    for label, row in zip(chosen.index.to_list(), chosen.to_dict(orient="records"), strict=True):
        outcomes = [row["outcome"]]
        if row["family"] == "answer":
            outcomes = scales[row["outcome"]]
        elif row["estimand"] == "linked-unlinked":
            outcomes = [row["group"]]
        for outcome in outcomes:
            _place(scopes[outcome, row["partnership"]], label, row, rules.waves)
    for scope in scopes.values():
        _connect(scope, rules)
    return scopes


def _place(
    scope: _Scope, label: int, row: Mapping[Hashable, Any], roles: Mapping[str, str]
) -> None:
    """File a row under its piece, and note how many people it counts."""
    arm, wave, n = row["arm"], row["wave"], row["n"]
    words, contrast = row["estimand"].split("|"), row["contrast"].split("|")[0]
    group = (arm, contrast, "")
    if row["family"] in ("level", "answer"):
        piece, group = (EVERYBODY, arm, wave), (arm, EVERYBODY, wave)
        counts = words[0] == "mean"
    elif row["family"] == LOSS:
        if words[-1] not in SUMS:
            return  # made of counts and the change
        piece, group, counts = (LOSS, arm, ""), (arm, FOLLOWED, roles.get("pre", "pre")), True
    elif words[0] in ("level", "level_sd"):
        piece, counts = LEVELS, True
        scope.tells[LEVELS].add((arm, contrast, roles.get(words[1], words[1])))
    elif words[0] in ("cell", "cell_sd", "first_difference"):
        piece, group = FIRST if words[0] == "first_difference" else CELLS, (arm, COMPARED, "")
        counts = True
        if piece == CELLS:
            scope.tells[CELLS].add((arm, COMPARED, roles.get(words[1], words[1])))
    elif words[0] == "linked-unlinked":
        piece, group = (LINKED, arm, wave), (arm, LINKED, wave)
        found = LINKED_PEOPLE.search(row["note"])
        counts, n = found is not None, float(found.group(1)) if found else 0.0
    elif row["family"] == "between" and not wave:
        piece, counts = BETWEEN, False
    elif contrast in CONTRASTS:
        piece = ("change", arm, contrast)
        counts = words == [contrast] and not row["town"]
    else:
        return
    scope.rows[piece].append(label)
    if counts and n > 0:
        scope.n[group] = max(n, scope.n.get(group, 0.0))


def _connect(scope: _Scope, rules: DisclosureRules) -> None:
    """What each piece tells, what follows from what, and what must not be known together."""
    waves = [node[2] for node in scope.n if node[1] == EVERYBODY]
    scope.latest = next((wave for wave in reversed(rules.wave_order) if wave in waves), "")
    for arm in ARMS:
        _connect_arm(scope, arm, rules)
    if len(scope.tells[FIRST]) == 2:
        between: Node = ("", COMPARED, "")
        scope.tells[BETWEEN] = {between}
        scope.lines.append((*sorted(scope.tells[FIRST]), between))
        sides = [_near_change(scope, arm, rules) for arm in ARMS]
        for (left, nodes), (more, others) in product(*sides):
            if is_small(left + more, rules.k_answers):
                scope.secrets.append((left + more, (*nodes, *others, between)))


def _near_change(
    scope: _Scope, arm: str, rules: DisclosureRules
) -> list[tuple[float, tuple[Node, ...]]]:
    """What tells the change of the compared people of an arm, and of how many others besides."""
    here, matched = (arm, COMPARED, ""), (arm, "post-pre", "")
    found: list[tuple[float, tuple[Node, ...]]] = [(0.0, (here,))]
    if matched in scope.n:
        found.append((scope.n[matched] - scope.n[here], (matched,)))
    return [*found, _by_means(scope, here, rules)]


def _by_means(scope: _Scope, here: Node, rules: DisclosureRules) -> tuple[float, tuple[Node, ...]]:
    """The means of everybody at both waves of a change, and how many of these are not in it."""
    arm, group, _ = here
    ends = tuple((arm, EVERYBODY, rules.waves.get(role, role)) for role in _roles(group))
    sizes = [scope.n.get(end, math.nan) for end in ends]
    both = scope.n.get((arm, "post-pre", ""), math.nan) if group == COMPARED else scope.n[here]
    # at least so many, where it is not known how many answered both
    outside = max(sizes) if math.isnan(both) else sum(sizes) - both
    return outside - scope.n[here], ends


def _connect_arm(scope: _Scope, arm: str, rules: DisclosureRules) -> None:
    def secret(left: float, *nodes: Node) -> None:
        if is_small(left, rules.k_answers):
            scope.secrets.append((left, nodes))

    sizes = {node[1:]: n for node, n in scope.n.items() if node[0] == arm}
    at_wave: dict[str, dict[str, float]] = defaultdict(dict)
    for (group, wave), n in sizes.items():
        here = (arm, group, wave)
        if group == EVERYBODY:
            scope.tells[EVERYBODY, arm, wave] = {here}
        elif group == FOLLOWED:
            scope.tells[LOSS, arm, ""] = {here}
        elif group == LINKED:
            gap = (arm, "gap", wave)
            scope.tells[LINKED, arm, wave] = {gap}
            scope.lines.append(((arm, EVERYBODY, wave), gap, here))
        else:
            compared = group == COMPARED
            change = FIRST if compared else ("change", arm, group)
            scope.tells[change].add(here)
            pair = [rules.waves.get(role, role) for role in _roles(group)]
            scope.lines.append((*((arm, group, at) for at in pair), here))
            left, ends = _by_means(scope, here, rules)
            secret(left, *ends, here)
            for at in pair:
                at_wave[at][group] = n
        at_wave[wave][group] = n
    for wave, groups in at_wave.items():
        for inner, outer in _nested(groups):
            sums = ((arm, inner, wave), (arm, outer, wave))
            if groups[inner] == groups[outer]:
                scope.lines.append(sums)
            secret(groups[outer] - groups[inner], *sums)


def _roles(group: str) -> list[str]:
    """Roles of the two waves at which a group has scores."""
    return ("post-pre" if group == COMPARED else group).split("-")


def _nested(groups: Mapping[str, float]) -> Iterator[tuple[str, str]]:
    """Pairs of groups of which the first is inside the second."""
    for inner, outer in permutations(groups, 2):
        if (
            outer == EVERYBODY
            or (outer == FOLLOWED and inner != EVERYBODY)
            or (outer == LINKED and inner in (COMPARED, "post-pre"))
            or (outer == "post-pre" and inner == COMPARED)
        ):
            yield inner, outer
