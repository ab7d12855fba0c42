"""Who was lost from before to after, for every partnership and the programme at once.

Rows of the primary outcomes (of all, where none is primary), about people with a score before:
``n`` counts them, ``missing`` those of them without a score at ``wave``.

- ``loss``: share lost of an arm; ``loss|overall``: of both arms, or of the participants where
  there is no comparison; ``loss|differential``: participants minus comparison;
- ``loss|baseline``: mean before of the lost minus that of those who stayed, over the root of
  the mean of both variances, from ten people in each on;
- ``loss|worst``, ``loss|best``, ``loss|no_change``: the participants' mean change if the lost
  had ended at the worst or best end of the scale, or where they began; ``loss|tipping``: how
  far their mean change would have to lie from that of the others for the mean to be zero.

A programme's rows are of the partnerships that are in its change, those with few lost people
included: else only partnerships with much loss would be left. The disclosure gate
(:mod:`twinimpact.privacy.losses`) hides what would tell of a few.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from twinimpact.impact.estimate import Block
from twinimpact.impact.left_out import left_out_code, stay
from twinimpact.impact.missing_people.boundary import is_outside
from twinimpact.impact.notes import note
from twinimpact.impact.sample import Outcome, People
from twinimpact.measures.proportions import wilson
from twinimpact.schema import PROGRAMME

Array = np.ndarray[Any, Any]
FEWEST = 10
"""Below this many people there is no interval, and no difference before."""
FIRM = 30
"""From this many people on an interval is no longer called indicative."""
ARMS = ("participant", "comparison")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Losses:
    """One arm by scope: people before and stayed, their sums, and what rows have in common.

    ``gap`` is the standardised difference before, lost minus stayed, NaN where it is not known.
    """

    shared: Mapping[str, Any]
    names: Array
    n: Array
    stayed: Array
    change: Array
    before_lost: Array
    gap: Array
    left_out: int

    @property
    def lost(self) -> Array:
        """People lost."""
        return np.asarray(self.n - self.stayed)


def attrition_blocks(people: People, level: float, smallest: int = 0) -> list[Block]:
    """Rows about loss, as the head of this module lists them.

    Parameters
    ----------
    people
        Everybody, both arms.
    level
        Confidence level.
    smallest
        Fewest pairs of a partnership and arm in the programme's rows.
    """
    if "pre" not in people.waves:
        return []
    primary = [place for place, one in enumerate(people.outcomes) if one.role == "primary"]
    blocks: list[Block] = []
    for place in primary or range(len(people.outcomes)):
        for role in ("post", "followup"):
            if role in people.waves:
                for sides in _scopes(people, place, role, smallest):
                    blocks += _blocks(sides, people.outcomes[place], level)
    return blocks


def _scopes(
    people: People, place: int, role: str, smallest: int
) -> Iterator[tuple[_Losses, _Losses]]:
    """Participants and comparison people, by partnership and then of the programme."""
    pre, post = people.scores["pre"][:, place], people.scores[role][:, place]
    shared = {"outcome": people.outcomes[place].scale, "wave": people.waves[role]}
    asked = ~np.isnan(pre)
    for whole in (False, True):
        sides = []
        for side in (people.arm, ~people.arm):
            inside, left_out = asked & side, 0
            code, names = people.partnership, np.array(people.partnerships, dtype=object)
            if whole:
                kept = stay(people, [inside & ~np.isnan(post)], smallest)
                inside, left_out = inside & kept.inside, kept.either
                code, names = np.zeros_like(code), np.array([PROGRAMME], dtype=object)
            found = _losses(code[inside], pre[inside], post[inside], names)
            sides.append(_Losses(**found, names=names, shared=shared, left_out=left_out))
        yield sides[0], sides[1]


def _losses(code: Array, pre: Array, post: Array, names: Array) -> dict[str, Array]:
    size = len(names)
    stays = ~np.isnan(post)

    def summed(values: Array, chosen: Array) -> Array:
        return np.asarray(np.bincount(code[chosen], values[chosen], size), dtype=np.float64)

    ones = np.ones(len(code))
    counts, means, variances = [], [], []
    for chosen in (~stays, stays):
        count = summed(ones, chosen)
        mean = summed(pre, chosen) / np.maximum(count, 1)
        counts.append(count)
        means.append(mean)
        variances.append(summed((pre - mean[code]) ** 2, chosen) / np.maximum(count - 1, 1))
    spread = np.sqrt((variances[0] + variances[1]) / 2)
    known = (np.minimum(*counts) >= FEWEST) & (spread > 1e-9)
    gap = np.full(size, np.nan)
    np.divide(means[0] - means[1], spread, out=gap, where=known)
    return {
        "n": counts[0] + counts[1],
        "stayed": counts[1],
        "change": summed(np.where(stays, post, pre) - pre, stays),
        "before_lost": summed(pre, ~stays),
        "gap": gap,
    }


def _blocks(sides: tuple[_Losses, _Losses], outcome: Outcome, level: float) -> list[Block]:
    blocks = []
    for arm, one in zip(ARMS, sides, strict=True):
        there = one.n > 0
        blocks += [
            _share("loss", arm, one, there, level),
            _baseline(arm, one, there & (one.lost > 0) & (one.stayed > 0)),
        ]
    both = (sides[0].n > 0) & (sides[1].n > 0)
    pooled = _Losses(
        shared=sides[0].shared, names=sides[0].names, gap=sides[0].gap,
        left_out=sides[0].left_out + sides[1].left_out,
        n=sides[0].n + sides[1].n, stayed=sides[0].stayed + sides[1].stayed,
        change=sides[0].change, before_lost=sides[0].before_lost,
    )  # fmt: skip
    alone = ~both & (sides[0].n > 0)
    blocks += [
        _share("loss|overall", ARMS[0], sides[0], alone, level),
        _share("loss|overall", "", pooled, both, level),
        _differential(sides, pooled, both, level),
        *_fill_ins(ARMS[0], sides[0], outcome),
    ]
    return [block for block in blocks if block.length]


def _block(one: _Losses, chosen: Array, columns: Mapping[str, Any]) -> Block:
    """One row for each chosen scope; arrays of all scopes are cut to these."""
    whole = {"partnership": one.names, "n": one.n, "missing": one.lost, **columns}
    cut = {k: v[chosen] if isinstance(v, np.ndarray) else v for k, v in whole.items()}
    size = int(chosen.sum())
    notes = cut.pop("note", np.full(size, "", dtype=object))
    code = left_out_code(one.left_out)
    cut["note"] = np.array([note(text, code) for text in notes], dtype=object)
    return Block(columns={**one.shared, **cut}, length=size)


def _size_notes(n: Array) -> Array:
    return np.where((n >= FEWEST) & (n < FIRM), "indicative", "").astype(object)


def _share(estimand: str, arm: str, one: _Losses, chosen: Array, level: float) -> Block:
    low, high = wilson(one.lost, np.maximum(one.n, 1), level)
    firm = one.n >= FEWEST
    columns = {
        "estimand": estimand,
        "method": "wilson",
        "arm": arm,
        "unit": "share",
        "estimate": one.lost / np.maximum(one.n, 1),
        "conf_low": np.where(firm, low, np.nan),
        "conf_high": np.where(firm, high, np.nan),
        "conf_level": np.where(firm, level, np.nan),
        "status": np.where(firm, "ok", "descriptive").astype(object),
        "note": _size_notes(one.n),
    }
    return _block(one, chosen, columns)


def _differential(
    sides: tuple[_Losses, _Losses], pooled: _Losses, both: Array, level: float
) -> Block:
    """Newcombe (1998) limits; held against the boundary in absolute size."""
    n = [np.maximum(one.n, 1) for one in sides]
    shares = [one.lost / count for one, count in zip(sides, n, strict=True)]
    limits = [wilson(one.lost, count, level) for one, count in zip(sides, n, strict=True)]
    difference = shares[0] - shares[1]
    down = np.hypot(shares[0] - limits[0][0], limits[1][1] - shares[1])
    up = np.hypot(limits[0][1] - shares[0], shares[1] - limits[1][0])
    overall = pooled.lost / np.maximum(pooled.n, 1)
    outside = [
        "loss_outside_boundary" if is_outside(100 * float(a), 100 * abs(float(d))) else ""
        for a, d in zip(overall, difference, strict=True)
    ]
    fewest = np.minimum(sides[0].n, sides[1].n)
    firm = fewest >= FEWEST
    texts = [
        note(told, size, "people_not_towns")
        for told, size in zip(outside, _size_notes(fewest), strict=True)
    ]
    columns = {
        "estimand": "loss|differential",
        "method": "newcombe",
        "unit": "share",
        "estimate": difference,
        "conf_low": np.where(firm, difference - down, np.nan),
        "conf_high": np.where(firm, difference + up, np.nan),
        "conf_level": np.where(firm, level, np.nan),
        "status": np.where(firm, "ok", "descriptive").astype(object),
        "note": np.array(texts, dtype=object),
    }
    return _block(pooled, both, columns)


def _baseline(arm: str, one: _Losses, chosen: Array) -> Block:
    known = ~np.isnan(one.gap)
    columns = {
        "estimand": "loss|baseline",
        "method": "describe",
        "arm": arm,
        "unit": "sd",
        "estimate": one.gap,
        "status": np.where(known, "ok", "not_estimable").astype(object),
        "note": np.where(known, "sd_pooled", "few_lost").astype(object),
    }
    return _block(one, chosen, columns)


def _fill_ins(arm: str, one: _Losses, outcome: Outcome) -> list[Block]:
    low, high = outcome.low, outcome.high
    worst, best = (low, high) if outcome.direction == "better" else (high, low)
    n, lost, stayed = (np.maximum(count, 1) for count in (one.n, one.lost, one.stayed))
    values = {
        "worst": (one.change + one.lost * worst - one.before_lost) / n,
        "best": (one.change + one.lost * best - one.before_lost) / n,
        "no_change": one.change / n,
        "tipping": -one.change / stayed * one.n / lost,
    }
    there = (one.stayed > 0) & (one.lost > 0)
    columns = {
        "method": "fill_in",
        "arm": arm,
        "unit": outcome.unit,
        "direction": outcome.direction,
        "status": np.where(one.n >= FEWEST, "ok", "descriptive").astype(object),
    }
    return [
        _block(one, there, columns | {"estimand": f"loss|{name}", "estimate": value})
        for name, value in values.items()
    ]
