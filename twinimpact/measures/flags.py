"""Quality flags of questionnaires: said, counted, and never a deletion.

Each rule of ``surveys/careless.toml`` gives each questionnaire a yes, a no, or nothing where it
cannot be asked. Where rules of two different families agree the questionnaire is marked
``careless``; results are then shown with and without these.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from twinimpact.instruments import Catalogue
from twinimpact.measures.careless_answers import (
    answer_flags,
    answer_indices,
    families_raised,
    rated_answers,
)
from twinimpact.measures.cells import cells_of
from twinimpact.measures.coding import Coded, code_answers
from twinimpact.measures.flag_rules import CONSENSUS, FLAGS, FlagRules, flag_rules
from twinimpact.measures.rows import Rows, join_notes, results_of

Array = npt.NDArray[Any]
Windows = Mapping[str, tuple[dt.date | None, dt.date | None]]
"""First and last day of each wave, where they are set."""


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
        answers = rated_answers(coded, catalogue, places)
        verdicts = answer_flags(answers, answer_indices(answers, rules), rules)
        for name, verdict in verdicts.items():
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
    families = families_raised({name: raised[name].to_numpy() for name in FLAGS}, rules)
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
