"""Quality flags of questionnaires: said, counted, and never a deletion.

Each rule of ``surveys/careless.toml`` gives each questionnaire a yes, a no, or nothing where it
cannot be asked. Where rules of two different families agree the questionnaire is marked
``careless``; results are then shown with and without these.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from twinimpact.instruments import Catalogue
from twinimpact.measures import careless
from twinimpact.measures.cells import cells_of
from twinimpact.measures.coding import Coded, code_answers
from twinimpact.measures.flag_rules import CONSENSUS, FLAGS, FlagRules, flag_rules
from twinimpact.measures.rows import Rows, join_notes, results_of

Array = careless.Array
Windows = Mapping[str, tuple[dt.date | None, dt.date | None]]
"""First and last day of each wave, where they are set."""
NOT_RATED = ("yes_no", "count")
BLOCK = 20_000
MANY_ANSWERS = 4
"""Questions with fewer possible answers repeat themselves by chance."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Flags:
    """Flags by questionnaire, aligned with the responses.

    Parameters
    ----------
    raised
        One column per rule and ``careless``; true where the rule says so.
    asked
        Same shape: where the rule could be asked at all.
    """

    raised: pd.DataFrame
    asked: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Answers:
    """Rated questions of some questionnaires of one wave, in questionnaire order.

    ``codes`` as asked, ``values`` as shares of the range after reversal, ``kinds`` the kind of
    answer of each column, ``scales`` the columns of each scale.
    """

    codes: Array
    values: Array
    kinds: tuple[tuple[str, int, int], ...]
    scales: tuple[tuple[int, ...], ...]


def flag_responses(
    responses: pd.DataFrame,
    catalogue: Catalogue,
    windows: Windows | None = None,
    rules: FlagRules | None = None,
) -> Flags:
    """Ask every rule about every questionnaire; people are compared within their wave.

    Parameters
    ----------
    responses
        Canonical responses with one column per item.
    catalogue
        Instruments in use: order, range and reversal of the questions.
    windows
        Days of each wave, for answers given outside them.
    rules
        Thresholds; the shipped ones when left out.
    """
    rules = rules or flag_rules()
    coded = code_answers(responses, catalogue)
    found = {name: np.full(len(responses), np.nan, dtype="float32") for name in FLAGS}
    for group in responses.groupby("wave", sort=True).indices.values():
        places = np.asarray(group)
        answers = _answers(coded, catalogue, places)
        for name, verdict in _answer_flags(answers, rules):
            found[name][places] = verdict
        found["duplicate"][places] = _duplicates(
            answers.codes, responses.iloc[places], int(rules.rules["duplicate"].number("least"))
        )
    answered = sum((one.codes > 0 for one in coded.values()), np.zeros(len(responses), dtype=int))
    found.update(_time_flags(responses, np.asarray(answered), rules))
    found["missing_share"] = _missing_flag(responses, coded, rules)
    found["partial"] = (responses["state"].astype("str") == "partial").to_numpy(dtype="float32")
    found["out_of_window"] = _outside(responses, windows or {})
    raised = pd.DataFrame({name: found[name] == 1 for name in FLAGS}, index=responses.index)
    asked = pd.DataFrame({name: ~np.isnan(found[name]) for name in FLAGS}, index=responses.index)
    families = sum(
        raised[[n for n in FLAGS if rules.rules[n].family == family]].any(axis=1).astype(int)
        for family in rules.families
    )
    raised[CONSENSUS] = families >= rules.agree
    asked[CONSENSUS] = True
    return Flags(raised=raised, asked=asked)


def flag_rows(responses: pd.DataFrame, flags: Flags) -> pd.DataFrame:
    """Result rows Q04 ``flagged``: questionnaires by flag, wave, arm and partnership.

    ``dimension`` is ``flag`` and ``group`` the rule; the denominator are the questionnaires the
    rule could be asked about.
    """
    parts = []
    for programme in (True, False):
        cells = cells_of(responses, programme=programme)
        size, inside = len(cells), cells.codes >= 0
        for name in flags.raised:
            raised, asked = (
                np.bincount(cells.codes[inside & frame[name].to_numpy()], minlength=size)
                for frame in (flags.raised, flags.asked)
            )
            known = asked > 0
            columns = {
                "outcome": "Q04", "estimand": "flagged", "method": "count", "unit": "responses",
                "partnership": cells.partnership, "wave": cells.wave, "arm": cells.arm,
                "dimension": "flag", "group": str(name),
                "estimate": np.where(known, raised, np.nan),
                "n": np.where(known, asked, np.nan), "denominator": np.where(known, asked, np.nan),
                "status": np.where(known, "ok", "not_available"),
                "note": join_notes(size, [(~known, "not_computed")]),
                "source": "responses", "direction": "worse",
            }  # fmt: skip
            parts.append(Rows(columns=columns, size=size))
    return results_of(parts)


def _answers(coded: Mapping[str, Coded], catalogue: Catalogue, places: Array) -> _Answers:
    """The rated questions that somebody in the wave has answered."""
    rated = [
        one
        for one in coded.values()
        if one.item.kind not in NOT_RATED and (one.codes[places] > 0).any()
    ]
    column = {one.item.id: number for number, one in enumerate(rated)}
    reverse = {name for scale in catalogue.scales.values() for name in scale.reverse}
    codes = np.column_stack([one.codes[places] for one in rated] or [np.empty((len(places), 0))])
    codes = np.asfortranarray(codes.astype("uint8" if codes.max(initial=0) < 256 else "uint16"))
    values = np.full(codes.shape, np.nan, dtype="float64", order="F")
    for number, one in enumerate(rated):
        share = (codes[:, number].astype("float64") - 1) / (one.item.hi - one.item.lo)
        turned = 1 - share if one.item.id in reverse else share
        values[:, number] = np.where(codes[:, number] > 0, turned, np.nan)
    members = [
        tuple(column[name] for name in scale.items if name in column)
        for scale in catalogue.scales.values()
        if not scale.formative
    ]
    return _Answers(
        codes=codes,
        values=values,
        kinds=tuple((one.item.kind, one.item.lo, one.item.hi) for one in rated),
        scales=tuple(scale for scale in members if len(scale) >= 2),
    )


def _answer_flags(answers: _Answers, rules: FlagRules) -> Iterator[tuple[str, Array]]:
    """Flags of one wave that rest on its answers; ``NaN`` where a rule cannot be asked."""
    values, rule = answers.values, rules.rules
    count, people = np.isfinite(values).sum(axis=1), len(values)
    yield "longstring", _straight(answers, rule["longstring"].number("share"), rules)
    many = [
        place for place, kind in enumerate(answers.kinds) if kind[2] - kind[1] >= MANY_ANSWERS - 1
    ]
    repeated = rule["repeated_pattern"]
    least = int(repeated.number("least"))
    if len(many) >= least:
        periods, times = repeated.numbers["periods"], int(repeated.number("times"))
        flag = careless.repeated_pattern(answers.codes[:, many], periods, times, least)
        yield "repeated_pattern", np.where(count >= least, flag, np.nan)
    spread = careless.irv(values)
    enough = count >= rule["irv"].number("least")
    if enough.sum() >= rule["irv"].number("least_people"):
        limit = np.percentile(spread[enough], rule["irv"].number("percentile"))
        yield "irv", np.where(enough, spread < limit, np.nan)
    if len(answers.scales) >= rule["even_odd"].number("least"):
        yield "even_odd", _below(_even_odd(answers), rule["even_odd"].number("below"))
    if people >= rule["synonyms"].number("least_people"):
        pairs = careless.synonym_pairs(values, rule["synonyms"].number("correlation"))
        if len(pairs) >= rule["synonyms"].number("least"):
            index = _by_block(values, lambda part: careless.synonyms(part, pairs))
            yield "synonyms", _below(index, rule["synonyms"].number("below"))
    if people >= rule["person_total"].number("least_people"):
        index = np.where(
            count >= rule["person_total"].number("least"), careless.person_total(values), np.nan
        )
        yield "person_total", _below(index, rule["person_total"].number("below"))
    yield "mahalanobis", _far(values, rules)


def _straight(answers: _Answers, share: float, rules: FlagRules) -> Array:
    least = rules.rules["longstring"].number("least")
    flag = np.full(len(answers.codes), np.nan)
    for kind in dict.fromkeys(answers.kinds):
        columns = [place for place, other in enumerate(answers.kinds) if other == kind]
        if len(columns) < least:
            continue
        codes = answers.codes[:, columns]
        longest, _ = careless.runs(codes)
        answered = (codes > 0).sum(axis=1)
        raised = (longest >= least) & (longest > share * answered)
        flag = np.where(answered >= least, np.fmax(flag, raised), flag)
    return flag


def _even_odd(answers: _Answers) -> Array:
    return _by_block(
        answers.values,
        lambda part: careless.even_odd([part[:, list(scale)] for scale in answers.scales]),
    )


def _far(values: Array, rules: FlagRules) -> Array:
    """Mahalanobis distance over the questions that nearly everybody answered."""
    from scipy import stats

    rule = rules.rules["mahalanobis"]
    flag = np.full(len(values), np.nan)
    if not len(values):
        return flag
    usual = np.flatnonzero(
        (np.isfinite(values).mean(axis=0) >= 0.8) & (np.nanstd(values, axis=0) > 0)
    )
    chosen = values[:, usual]
    complete = int(np.isfinite(chosen).all(axis=1).sum())
    if len(usual) < 2 or complete < rule.number("people_per_item") * len(usual):
        return flag
    limit = stats.chi2.isf(rule.number("p_value"), len(usual))
    distance = careless.mahalanobis_squared(chosen)
    return np.where(np.isfinite(distance), distance > limit, np.nan)


def _duplicates(codes: Array, responses: pd.DataFrame, least: int) -> Array:
    """Later questionnaires with exactly the answers of an earlier one of the partnership."""
    answered = (codes > 0).sum(axis=1)
    varied = (codes.max(axis=1, initial=0) != codes.min(axis=1, initial=255)) if codes.size else []
    text = pd.Series([row.tobytes() for row in np.ascontiguousarray(codes)], dtype=object)
    keys = pd.DataFrame({"who": responses["partnership_id"].to_numpy(), "what": text})
    enough = (answered >= least) & np.asarray(varied, dtype=bool).reshape(-1)
    same = keys[enough].duplicated(keep="first").reindex(keys.index, fill_value=False)
    return np.where(enough, same.to_numpy(dtype="float32"), np.nan)


def _time_flags(responses: pd.DataFrame, answered: Array, rules: FlagRules) -> dict[str, Array]:
    nothing = pd.Series(pd.NA, index=responses.index, dtype="Int64")
    spent = responses.get("seconds", nothing).astype("Float64").astype("float64")
    by = [responses["wave"].astype("str"), responses["language"].astype("object").fillna("")]
    group = spent.groupby(by, sort=False)
    median, people = group.transform("median"), group.transform("count")
    found: dict[str, Array] = {}
    for name in ("speeder_strong", "speeder_weak"):
        rule = rules.rules[name]
        enough = spent.notna() & (people >= rule.number("least_people"))
        found[name] = np.where(enough, spent < rule.number("below") * median, np.nan)
    rule = rules.rules["seconds_per_item"]
    known = spent.notna().to_numpy() & (answered >= rule.number("least"))
    fast = spent.to_numpy() < rule.number("below") * answered
    return {**found, "seconds_per_item": np.where(known, fast, np.nan)}


def _missing_flag(responses: pd.DataFrame, coded: Mapping[str, Coded], rules: FlagRules) -> Array:
    """Most of the questions asked are open; asked is what anybody in the same file answered."""
    size = len(responses)
    form = (
        responses.groupby(["wave", "arm", "source"], sort=False, dropna=False).ngroup().to_numpy()
    )
    asked, answered = np.zeros(size, dtype="int32"), np.zeros(size, dtype="int32")
    for one in coded.values():
        there = one.codes > 0
        met = np.bincount(form[there], minlength=int(form.max(initial=-1)) + 1) > 0
        asked += met[form] & ~one.skipped
        answered += there
    limit = rules.rules["missing_share"].number("above")
    return np.where(asked > 0, (asked - answered) > limit * asked, np.nan)


def _outside(responses: pd.DataFrame, windows: Windows) -> Array:
    date = pd.to_datetime(responses["date"])
    ends: list[Any] = []
    for side in (0, 1):
        days = {wave: window[side] for wave, window in windows.items() if window[side]}
        ends.append(pd.to_datetime(responses["wave"].astype("str").map(days)))
    known = date.notna() & (ends[0].notna() | ends[1].notna())
    outside = (date < ends[0]) | (date > ends[1])
    return np.where(known, outside.astype("float32"), np.nan)


def _by_block(values: Array, index: Any) -> Array:
    parts = [index(values[part]) for part in careless.blocks(len(values), BLOCK)]
    return np.concatenate(parts) if parts else np.empty(0)


def _below(index: Array, limit: float) -> Array:
    return np.where(np.isfinite(index), index < limit, np.nan)
