"""Complete pairs: whom a row about change is made of, and what all its rows share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from twinimpact.impact.groups import Groups
from twinimpact.impact.paired import Moments, moments
from twinimpact.impact.sample import Outcome, People

Array = np.ndarray[Any, Any]
CONTRASTS = {
    "post-pre": ("pre", "post"),
    "followup-pre": ("pre", "followup"),
    "followup-post": ("post", "followup"),
}
"""What is subtracted from what: contrast to the roles of its earlier and its later wave."""
GRADE = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Complete pairs of one outcome and contrast, with the columns all their rows share.

    ``waves`` maps the roles of the two waves, the earlier one first, to their ids.
    """

    outcome: Outcome
    estimand: str
    waves: Mapping[str, str]
    groups: Groups
    level: float
    pre: Array
    post: Array
    group: Array
    moments: Moments
    missing: Array
    clusters: Array
    spread_pre: Array


def pairs_of(
    people: People, position: int, estimand: str, groups: Groups, level: float
) -> Pairs | None:
    """Complete pairs of one outcome; ``None`` when no group has scores at both waves.

    ``missing`` counts people of the group who returned a questionnaire in one of the two waves
    and are not among the pairs. A programme of which every partnership is left out keeps its row.
    """
    first, second = CONTRASTS[estimand]
    if not {first, second} <= set(people.waves):
        return None
    inside = groups.code >= 0
    code = groups.code[inside]
    pre = people.scores[first][inside, position]
    post = people.scores[second][inside, position]
    has_pre, has_post = ~np.isnan(pre), ~np.isnan(post)
    asked = count_of(code, has_pre, groups.count) * count_of(code, has_post, groups.count) > 0
    asked |= groups.left_out > 0
    if not asked.any():
        return None
    renumber = np.where(asked, np.cumsum(asked) - 1, -1)
    rows = np.flatnonzero(asked)
    groups = replace(
        groups,
        code=np.where(inside, renumber[groups.code], -1),
        partnership=tuple(groups.partnership[i] for i in rows),
        town=tuple(groups.town[i] for i in rows),
    )
    code = renumber[code]
    used = (code >= 0) & has_pre & has_post
    present = people.present[first][inside] | people.present[second][inside]
    everyone = count_of(code[code >= 0], present[code >= 0], groups.count)
    start = (code >= 0) & has_pre
    m = moments(pre[used], post[used], code[used], groups.count)
    return Pairs(
        outcome=people.outcomes[position],
        estimand=estimand,
        waves={role: people.waves[role] for role in (first, second)},
        groups=groups,
        level=level,
        pre=pre[used],
        post=post[used],
        group=code[used],
        moments=m,
        missing=everyone - m.n,
        clusters=_towns(code[used], people.town[inside][used], groups.count),
        spread_pre=np.sqrt(moments(pre[start], pre[start], code[start], groups.count).var_pre),
    )


def shared_columns(pairs: Pairs) -> dict[str, Any]:
    """Columns that every row about these pairs has; one entry per group where they differ."""
    return {
        "outcome": pairs.outcome.scale,
        "estimand": pairs.estimand,
        "n": pairs.moments.n,
        "clusters": pairs.clusters,
        "missing": pairs.missing,
        "grade": GRADE,
        "partnership": np.array(pairs.groups.partnership, dtype=object),
        "town": np.array(pairs.groups.town, dtype=object),
        "arm": "participant",
        "direction": pairs.outcome.direction,
    }


def chosen_rows(columns: Mapping[str, Any], rows: Array) -> dict[str, Any]:
    """Columns of some of the rows."""
    return {k: v[rows] if isinstance(v, np.ndarray) else v for k, v in columns.items()}


def count_of(group: Array, chosen: Array, groups: int) -> Array:
    """People of each group among the chosen."""
    return np.bincount(group[chosen], minlength=groups)


def _towns(group: Array, town: Array, groups: int) -> Array:
    known = town >= 0
    size = int(town.max(initial=0)) + 1
    pairs = np.unique(group[known].astype(np.int64) * size + town[known])
    return np.bincount(pairs // size, minlength=groups)
