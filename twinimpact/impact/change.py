"""Paired change of the participants, for every partnership and the programme at once.

A contrast is ``post-pre``, ``followup-pre`` or ``followup-post``. All rows of one contrast are of
the same people: those with a score at both of its waves. Each has its mean change, named like
the contrast. Only ``post-pre`` has more:

- ``level|pre|post-pre``, ``level|post|post-pre``: the mean at each of the two waves, so that
  before plus change is after; ``level_sd|pre|post-pre``, ``level_sd|post|post-pre``: the spread;
- ``post-pre|improved``, ``post-pre|unchanged``, ``post-pre|worse``: shares of people.

So ``level|pre|post-pre`` is the mean before of those who also answered after. It differs from
``mean`` at that wave, which is of everyone who answered it. The means of the people of other
contrasts are left out: the more overlapping groups are described, the more can be worked out
about the few who are in one and not in another.

The ``cell|`` rows of :mod:`twinimpact.impact.comparison` are of the people of the difference
between arms: who live in towns that cannot be compared are not among them, and in the programme
a partnership must be large enough for them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from twinimpact.impact.estimate import Block
from twinimpact.impact.finding import verdicts
from twinimpact.impact.groups import by_partnership, programme, two_towns
from twinimpact.impact.intervals import t_limits, t_p_value
from twinimpact.impact.left_out import left_out_code
from twinimpact.impact.notes import note, with_value
from twinimpact.impact.paired import (
    MAX_SIGN_FLIP,
    beyond,
    d_average,
    d_z_limits,
    hedges_j,
    sign_flip_p,
)
from twinimpact.impact.pairs import (
    CONTRASTS,
    Pairs,
    chosen_rows,
    count_of,
    pairs_of,
    shared_columns,
)
from twinimpact.impact.sample import People
from twinimpact.measures.proportions import wilson

Array = np.ndarray[Any, Any]
FEWEST = 10
"""Below this many people a number is described only."""
FEWEST_TOWNS = 3
"""From this many towns on the mean over towns is the main row and people stand beside it."""
FIRM = 30
"""From this many people on an interval is no longer called indicative."""


def change_blocks(people: People, level: float, smallest: int = 0) -> list[Block]:
    """Rows of ``impact.change``: A1 per outcome, contrast, partnership and programme.

    Parameters
    ----------
    people
        Everybody; comparison people are left out here.
    level
        Confidence level.
    smallest
        Fewest pairs of a partnership in the programme's rows.
    """
    people = people.where(people.arm)
    blocks = []
    for position in range(len(people.outcomes)):
        for estimand, (first, second) in CONTRASTS.items():
            if not {first, second} <= set(people.waves):
                continue
            change = people.scores[second][:, position] - people.scores[first][:, position]
            everybody = programme(people, ~np.isnan(change), smallest)
            for groups in (by_partnership(people), everybody):
                pairs = pairs_of(people, position, estimand, groups, level)
                if pairs is not None:
                    blocks += _blocks(pairs)
        blocks += _town_blocks(people, position, level)
    return blocks


def _blocks(pairs: Pairs) -> list[Block]:
    blocks = [mean_change(pairs), sign_flips(pairs)]
    if pairs.estimand == "post-pre":
        blocks += [*levels(pairs), *effect_sizes(pairs), *responders(pairs)]
    code = left_out_code(pairs.groups.left_out)
    return [_noted(block, code) for block in blocks] if code else blocks


def _noted(block: Block, code: str) -> Block:
    notes = [note(text, code) for text in block.columns["note"]]
    return replace(block, columns={**block.columns, "note": np.array(notes, dtype=object)})


def _town_blocks(people: People, position: int, level: float) -> list[Block]:
    """Both towns separately, as long as nobody else could be worked out from the rows."""
    if not {"pre", "post"} <= set(people.waves):
        return []
    groups = two_towns(people)
    pairs = pairs_of(people, position, "post-pre", groups, level) if groups.count else None
    whole = pairs_of(people, position, "post-pre", by_partnership(people), level)
    if pairs is None or whole is None:
        return []
    everybody = dict(zip(whole.groups.partnership, whole.moments.n, strict=True))
    names, place = np.unique(np.array(pairs.groups.partnership), return_inverse=True)
    n = pairs.moments.n
    large = np.bincount(place, n >= FEWEST, len(names)) == 2
    rest = np.array([everybody[name] for name in names]) - np.bincount(place, n, len(names))
    rows = np.flatnonzero((large & ((rest == 0) | (rest >= FEWEST)))[place])
    return [Block(columns=chosen_rows(mean_change(pairs).columns, rows), length=len(rows))]


def mean_change(pairs: Pairs) -> Block:
    """Mean paired change with the t interval; null hypothesis: the mean change is zero.

    Below ten people, or without variation, the mean is described without an interval.
    """
    m = pairs.moments
    ok = (m.n >= FEWEST) & m.varies()
    n = np.where(ok, m.n, 2).astype(float)
    std_error = np.where(ok, np.sqrt(m.var_change / n), np.nan)
    df = np.where(ok, n - 1, np.nan)
    low, high = t_limits(m.mean_change, std_error, df, pairs.level)
    outcome = pairs.outcome
    columns = shared_columns(pairs) | {
        "method": "paired_t",
        "estimate": np.where(m.n >= 2, m.mean_change, np.nan),
        "std_error": std_error,
        "df": df,
        "conf_low": low,
        "conf_high": high,
        "conf_level": np.where(ok, pairs.level, np.nan),
        "p_value": t_p_value(m.mean_change, std_error, df),
        "status": np.where(m.n < 2, "not_estimable", np.where(ok, "ok", "descriptive")),
        "note": np.array(_notes(pairs), dtype=object),
        "unit": outcome.unit,
        "verdict": verdicts(low, high, outcome.sesoi, outcome.direction),
    }
    return Block(columns=columns, length=pairs.groups.count)


def levels(pairs: Pairs) -> list[Block]:
    """Mean with its t interval, and SD, at both waves, of exactly the people of the change.

    Below ten people, or when all have the same score at that wave, there is no interval.
    """
    m, found = pairs.moments, []
    means, variances = (m.mean_pre, m.mean_post), (m.var_pre, m.var_post)
    shared = shared_columns(pairs) | {"method": "describe", "unit": pairs.outcome.unit}
    for (role, wave), mean, variance in zip(pairs.waves.items(), means, variances, strict=True):
        varies = m.differ(variance)
        ok = (m.n >= FEWEST) & varies
        n = np.where(ok, m.n, 2).astype(float)
        std_error = np.where(ok, np.sqrt(variance / n), np.nan)
        df = np.where(ok, n - 1, np.nan)
        low, high = t_limits(mean, std_error, df, pairs.level)
        columns = shared | {
            "wave": wave,
            "grade": np.nan,
            "status": np.where(m.n < 2, "not_estimable", np.where(ok, "ok", "descriptive")),
            "note": np.array(_level_notes(pairs, varies), dtype=object),
        }
        limits = {
            "estimand": f"level|{role}|{pairs.estimand}",
            "estimate": np.where(m.n >= 2, mean, np.nan),
            "std_error": std_error,
            "df": df,
            "conf_low": low,
            "conf_high": high,
            "conf_level": np.where(ok, pairs.level, np.nan),
        }
        spread = {
            "estimand": f"level_sd|{role}|{pairs.estimand}",
            "estimate": np.where(m.n >= 2, np.sqrt(variance), np.nan),
        }
        found += [Block(columns=columns | part, length=len(m.n)) for part in (limits, spread)]
    return found


def sign_flips(pairs: Pairs) -> Block:
    """Exact sign-flip p for 2 to 20 people."""
    m = pairs.moments
    rows = np.flatnonzero((m.n >= 2) & (m.n <= MAX_SIGN_FLIP))
    change = pairs.post - pairs.pre
    order = np.argsort(pairs.group, kind="stable")
    ends = np.cumsum(m.n)
    p_values, notes = [], []
    for row in rows:
        people = order[ends[row] - m.n[row] : ends[row]]
        smallest = 2.0 / 2.0 ** int(m.n[row])
        p_values.append(sign_flip_p(change[people]))
        alpha = 1 - pairs.level
        hopeless = "cannot_reject" if smallest > alpha else ""
        notes.append(note(with_value("smallest_p", smallest, 6), hopeless))
    columns = chosen_rows(shared_columns(pairs), rows) | {
        "method": "signflip",
        "p_value": np.array(p_values),
        "note": np.array(notes, dtype=object),
        "unit": pairs.outcome.unit,
    }
    return Block(columns=columns, length=len(rows))


def effect_sizes(pairs: Pairs) -> list[Block]:
    """Standardised changes, each saying what it is divided by: d_av, d_av times J, and d_z."""
    m = pairs.moments
    rows = np.flatnonzero(m.n >= FEWEST)
    ok = (m.varies() & (m.var_pre + m.var_post > 0))[rows]
    n, level = m.n[rows].astype(float), pairs.level
    d, std_error = (np.where(ok, values[rows], np.nan) for values in d_average(m))
    low, high = t_limits(d, std_error, np.full(len(rows), np.inf), level)
    j = hedges_j(n - 1)
    spread = np.sqrt(np.where(ok, m.var_change[rows], 1.0))
    mean = np.where(ok, m.mean_change[rows], 0.0)
    z_low, z_high = d_z_limits(mean / spread * np.sqrt(n), n, level)
    d_z = np.where(ok, mean / spread, np.nan)
    found = ok & np.isfinite(z_low) & np.isfinite(z_high)
    notes = {
        "d_av_bonett": [_scaled(pairs, row) for row in rows],
        "d_av_hedges": [
            note(_scaled(pairs, row), with_value("hedges_j", factor, 4))
            for row, factor in zip(rows, j, strict=True)
        ],
        "d_z_nct": [with_value("sd_change", value) for value in spread],
    }
    numbers = {
        "d_av_bonett": (d, std_error, low, high, ok),
        "d_av_hedges": (d * j, std_error * j, low * j, high * j, ok),
        "d_z_nct": (d_z, np.full(len(rows), np.nan), z_low, z_high, found),
    }
    blocks = []
    for method, (value, error, lower, upper, good) in numbers.items():
        columns = chosen_rows(shared_columns(pairs), rows) | {
            "method": method,
            "estimate": np.where(good, value, np.nan),
            "std_error": np.where(good, error, np.nan),
            "conf_low": np.where(good, lower, np.nan),
            "conf_high": np.where(good, upper, np.nan),
            "conf_level": np.where(good, level, np.nan),
            "status": np.where(good, "ok", "not_estimable"),
            "note": np.where(good, np.array(notes[method], dtype=object), "no_variation"),
            "unit": "sd",
        }
        blocks.append(Block(columns=columns, length=len(rows)))
    return blocks


def responders(pairs: Pairs) -> list[Block]:
    """Shares improved, unchanged and worse by a threshold, with Wilson intervals.

    The threshold is the smallest change worth having, or else half the SD of all participants'
    scores before. Improved is a change of at least the threshold in the good direction.
    """
    m, outcome = pairs.moments, pairs.outcome
    half = pairs.spread_pre / 2
    threshold = half if outcome.sesoi is None else np.full(len(half), float(outcome.sesoi))
    code = "threshold_half_sd" if outcome.sesoi is None else "threshold_sesoi"
    change = outcome.sign * (pairs.post - pairs.pre)
    limit = threshold[pairs.group]
    better, worse = beyond(change, limit)
    rows = np.flatnonzero((m.n >= 2) & (threshold > 1e-9))
    n = m.n[rows].astype(float)
    firm = n >= FEWEST
    names = [with_value(code, value) for value in threshold[rows]]
    notes = [
        note(name, "indicative" if FEWEST <= count < FIRM else "")
        for name, count in zip(names, n, strict=True)
    ]
    blocks = []
    for name, mask in (
        ("improved", better),
        ("unchanged", ~better & ~worse),
        ("worse", worse),
    ):
        count = np.bincount(pairs.group[mask], minlength=pairs.groups.count)[rows]
        low, high = wilson(count, n, pairs.level)
        columns = chosen_rows(shared_columns(pairs), rows) | {
            "estimand": f"{pairs.estimand}|{name}",
            "method": "wilson",
            "estimate": count / n,
            "conf_low": np.where(firm, low, np.nan),
            "conf_high": np.where(firm, high, np.nan),
            "conf_level": np.where(firm, pairs.level, np.nan),
            "status": np.where(firm, "ok", "descriptive"),
            "note": np.array(notes, dtype=object),
            "unit": "share",
            "denominator": n,
        }
        blocks.append(Block(columns=columns, length=len(rows)))
    return blocks


def _notes(pairs: Pairs) -> list[str]:
    m, outcome = pairs.moments, pairs.outcome
    at_end = np.abs(pairs.pre - outcome.good_end) < 1e-9
    full = count_of(pairs.group, at_end, pairs.groups.count) / np.maximum(m.n, 1)
    span = outcome.high - outcome.low
    place = (m.mean_pre - outcome.low) / span if span > 0 else np.full(len(m.n), 0.5)
    varies = m.varies()
    notes = []
    for i, n in enumerate(m.n):
        beside = "beside" if pairs.clusters[i] >= FEWEST_TOWNS else ""
        codes = [_few(pairs, int(n)), beside, "indicative" if FEWEST <= n < FIRM else ""]
        if n >= FEWEST:
            codes += [
                "" if varies[i] else "no_variation",
                with_value("ceiling", 100 * full[i], 0) if full[i] >= 0.2 - 1e-9 else "",
                "extreme_start" if not 0.2 <= place[i] <= 0.8 else "",
                "people_not_towns" if pairs.clusters[i] > 1 else "",
            ]
        notes.append(note(*codes))
    return notes


def _level_notes(pairs: Pairs, varies: Array) -> list[str]:
    notes = []
    for i, n in enumerate(pairs.moments.n):
        codes = [_few(pairs, int(n)), "indicative" if FEWEST <= n < FIRM else ""]
        if n >= FEWEST:
            codes.append("" if varies[i] else "no_variation")
            codes.append("people_not_towns" if pairs.clusters[i] > 1 else "")
        notes.append(note(*codes))
    return notes


def _few(pairs: Pairs, n: int) -> str:
    nobody = "" if pairs.groups.left_out else "no_pairs"
    return {0: nobody, 1: "one_person"}.get(n, "")


def _scaled(pairs: Pairs, row: Any) -> str:
    m = pairs.moments
    spread = float(np.sqrt((m.var_pre[row] + m.var_post[row]) / 2))
    product = float(np.sqrt(m.var_pre[row] * m.var_post[row]))
    r = with_value("correlation", float(m.covariance[row]) / product) if product > 0 else ""
    return note(with_value("sd_mean_variance", spread), r)
