"""The gate: what it withholds from a results table, and that the rest gives nothing away."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twinimpact.errors import DisclosureError
from twinimpact.privacy import DisclosureRules, Strategy, apply_disclosure, smallest_first
from twinimpact.schema import TEXT_RESULT_COLUMNS, result_frame

RULES = DisclosureRules()
NUMBERS = ["estimate", "std_error", "df", "conf_low", "conf_high", "p_value", "n", "denominator"]


def frame_of(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    absent = dict.fromkeys(TEXT_RESULT_COLUMNS, "") | {"status": "ok", "confirmatory": False}
    return result_frame({**absent, **row} for row in rows)


def count(
    partnership: str, estimate: float, dimension: str = "", group: str = "", **more: Any
) -> dict[str, Any]:
    base = {
        "outcome": "R03", "estimand": "total", "method": "count", "unit": "participations",
        "partnership": partnership, "dimension": dimension, "group": group,
        "estimate": estimate, "n": estimate,
    }  # fmt: skip
    return base | more


def level(partnership: str, n: float, sd: float = 10.0, **more: Any) -> list[dict[str, Any]]:
    base = {
        "outcome": "tw_civic", "method": "describe", "partnership": partnership, "wave": "pre",
        "arm": "participant", "n": n, "unit": "points", "missing": 1,
    } | more  # fmt: skip
    return [
        base | {"estimand": "mean", "estimate": 60.0, "std_error": 2.0, "conf_low": 55.0},
        base | {"estimand": "sd", "estimate": sd},
        base | {"estimand": "ceiling", "estimate": 0.0},
    ]


def change(partnership: str, n: float, arm: str = "participant", **more: Any) -> dict[str, Any]:
    base = {
        "outcome": "tw_civic", "estimand": "post-pre", "method": "paired_t", "unit": "points",
        "partnership": partnership, "arm": arm, "n": n, "estimate": 4.0, "std_error": 1.0,
        "verdict": "beneficial", "note": "indicative",
    }  # fmt: skip
    return base | more


def answers(partnership: str, counts: Mapping[int, float], **more: Any) -> list[dict[str, Any]]:
    n = sum(counts.values())
    return [
        {
            "outcome": "tw_civic_r1", "estimand": "count", "method": "describe", "unit": "people",
            "partnership": partnership, "wave": "pre", "arm": "participant",
            "dimension": "answer", "group": str(code), "estimate": value, "n": n,
            "denominator": n,
        } | more
        for code, value in counts.items()
    ]  # fmt: skip


def gate(rows: list[dict[str, Any]], strategy: Strategy = smallest_first) -> pd.DataFrame:
    return apply_disclosure(frame_of(rows), RULES, strategy).results


def shown(frame: pd.DataFrame, *columns: str) -> set[Any]:
    rows = frame.loc[frame["status"] != "suppressed", list(columns)]
    values = [tuple(row) for row in rows.itertuples(index=False)]
    return {value[0] for value in values} if len(columns) == 1 else set(values)


# --- answers ---


def test_answers_of_few_people_are_withheld_with_every_number() -> None:
    frame = gate([*level("p1", 9), *level("p2", 10), *level("p3", 9), *level("p4", 9)])
    assert shown(frame, "partnership") == {"p2"}
    gone = frame[frame["status"] == "suppressed"]
    assert gone[[*NUMBERS, "missing"]].isna().all().all()
    assert frame["clusters"].isna().all()


def test_what_is_withheld_is_listed_with_its_reason() -> None:
    rows = [change("p1", 4), *level("*", 30), *level("p2", 4), *level("p3", 26)]
    gated = apply_disclosure(frame_of(rows), RULES)
    assert gated.withheld[0] == {
        "outcome": "tw_civic", "estimand": "post-pre", "partnership": "p1", "dimension": "",
        "group": "", "wave": "", "reason": "primary",
    }  # fmt: skip
    reasons = {(entry["partnership"], entry["reason"]) for entry in gated.withheld}
    assert reasons == {("p1", "primary"), ("*", "complementary"), ("p2", "primary")}


def test_a_number_without_its_number_of_people_is_withheld() -> None:
    row = change("p1", float("nan"))
    assert shown(gate([row]), "partnership") == set()
    beside = change("p1", 30, method="d_z_nct", estimate=0.2)
    assert shown(gate([row, beside]), "method") == {"paired_t", "d_z_nct"}


def test_everyone_alike_is_withheld() -> None:
    assert shown(gate(level("p1", 40, sd=0.0)), "estimand") == set()
    full = [row for row in level("p1", 40) if row["estimand"] != "sd"]
    full[1]["estimate"] = 1.0
    assert shown(gate(full), "estimand") == set()
    assert shown(gate(level("p1", 40)), "estimand") == {"mean", "sd", "ceiling"}


@pytest.mark.parametrize(
    ("counts", "visible"),
    [
        ({1: 3, 2: 3, 3: 3}, False),
        ({1: 4, 2: 3, 3: 3}, True),
        ({1: 0, 2: 30, 3: 0}, False),
        ({1: 1, 2: 29, 3: 0}, False),
        ({1: 1, 2: 28, 3: 1}, True),
    ],
)
def test_a_distribution_is_shown_or_withheld_whole(counts: dict[int, float], visible: bool) -> None:
    assert shown(gate(answers("p1", counts)), "group") == (
        {str(code) for code in counts} if visible else set()
    )


def test_a_change_is_withheld_with_everything_said_about_it() -> None:
    rows = [
        change("p1", 8),
        change("p1", 8, method="d_av_bonett", unit="sd"),
        change("p1", 8, estimand="post-pre|improved", method="wilson", estimate=0.5),
        change("p1", 20, estimand="followup-pre"),
    ]
    frame = gate(rows)
    assert shown(frame, "estimand") == {"followup-pre"}
    gone = frame[frame["status"] == "suppressed"]
    assert set(gone["verdict"]) == {"not_assessed"}
    assert set(gone["note"]) == {""}


def test_shares_of_change_are_withheld_together_when_everyone_improved() -> None:
    rows = [
        change("p1", 20, estimand=f"post-pre|{name}", method="wilson", estimate=share)
        for name, share in (("improved", 1.0), ("unchanged", 0.0), ("worse", 0.0))
    ]
    assert shown(gate([change("p1", 20), *rows]), "estimand") == {"post-pre"}


def test_a_difference_of_two_arms_is_withheld_with_either_arm() -> None:
    both = {"estimand": "post-pre|participant-comparison", "arm": ""}
    rows = [
        change("p1", 30, estimand="first_difference"),
        change("p1", 7, arm="comparison", estimand="first_difference"),
        change("p1", 37, **both),
        change("p2", 30, estimand="first_difference"),
        change("p2", 30, arm="comparison", estimand="first_difference"),
        change("p2", 60, **both),
    ]
    assert shown(gate(rows), "partnership", "estimand", "arm") == {
        ("p1", "first_difference", "participant"),
        ("p2", "first_difference", "participant"),
        ("p2", "first_difference", "comparison"),
        ("p2", "post-pre|participant-comparison", ""),
    }


def test_a_change_between_unlinked_waves_needs_both_waves() -> None:
    rows = [
        *level("p1", 30),
        *level("p1", 6, wave="post"),
        *level("p1", 6, wave="followup"),
        change("p1", 36, estimand="post-pre|cross-section", method="welch", arm=""),
    ]
    assert shown(gate(rows), "wave") == {"pre"}
    rows[3:6] = [*level("p1", 20, wave="post")]
    assert "post-pre|cross-section" in shown(gate(rows), "estimand")


def test_contrasts_follow_waves_of_other_names() -> None:
    rows = [
        *level("p1", 30, wave="spring"),
        *level("p1", 20, sd=0.0, wave="autumn"),
        change("p1", 20),
    ]
    rules = DisclosureRules(waves={"pre": "spring", "post": "autumn"})
    frame = apply_disclosure(frame_of(rows), rules).results
    assert shown(frame, "estimand") == {"mean", "sd", "ceiling"}
    assert shown(frame, "wave") == {"spring"}


def test_the_programme_gives_way_when_it_would_reveal_a_partnership() -> None:
    one = [*level("*", 46), *level("p1", 6), *level("p2", 20), *level("p3", 20)]
    assert shown(gate(one), "partnership") == {"p2", "p3"}
    two = [*level("*", 36), *level("p1", 8), *level("p2", 8), *level("p3", 20)]
    assert shown(gate(two), "partnership") == {"*", "p3"}
    tiny = [*level("*", 26), *level("p1", 3), *level("p2", 3), *level("p3", 20)]
    assert shown(gate(tiny), "partnership") == {"p3"}


def test_the_programme_gives_way_for_each_number_apart() -> None:
    rows = [
        *answers("*", {1: 10, 2: 30}), *answers("p1", {1: 1, 2: 5}), *answers("p2", {1: 9, 2: 25}),
        *level("*", 40), *level("p1", 12), *level("p2", 28),
        change("*", 40), change("p1", 5), change("p2", 35),
        change("*", 60, arm="", estimand="post-pre|participant-comparison"),
        change("*", 40, estimand="first_difference"),
        change("*", 20, arm="comparison", estimand="first_difference"),
    ]  # fmt: skip
    assert shown(gate(rows), "outcome", "partnership", "estimand") == {
        ("tw_civic_r1", "p2", "count"),
        *(("tw_civic", name, kind) for name in ("*", "p1", "p2")
          for kind in ("mean", "sd", "ceiling")),
        ("tw_civic", "p2", "post-pre"),
        ("tw_civic", "*", "first_difference"),
    }  # fmt: skip


def kept_promise(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return apply_disclosure(frame_of(rows), DisclosureRules(programme_without_small=True)).results


def test_a_programme_without_small_partnerships_need_not_give_way() -> None:
    parts = [*level("p1", 6), *level("p2", 20), *level("p3", 20)]
    parts += [change("p1", 6), change("p2", 20), change("p3", 20)]
    rows = [*level("*", 40), change("*", 40), *parts]
    assert shown(gate(rows), "partnership") == {"p2", "p3"}
    frame = kept_promise(rows)
    assert shown(frame, "partnership") == {"*", "p2", "p3"}
    n = frame[frame["estimand"] == "post-pre"].set_index("partnership")["n"]
    assert n["*"] - n["p2"] - n["p3"] == 0  # nobody is left to be worked out


def test_a_programme_that_breaks_the_promise_gives_way_as_before() -> None:
    parts = [*level("p1", 6), *level("p2", 20), *level("p3", 20)]
    parts += [change("p1", 6), change("p2", 20), change("p3", 20)]
    share = {"estimand": "post-pre|improved", "method": "wilson", "estimate": 0.5}
    both = {"estimand": "post-pre|participant-comparison", "arm": ""}
    rows = [*level("*", 46), change("*", 46), change("*", 46, **share), change("*", 90, **both)]
    assert shown(kept_promise([*rows, *parts]), "partnership") == {"p2", "p3"}
    # two small ones may be in a programme that promises nothing, but not in one that does
    two = [change("*", 34), change("p1", 7), change("p2", 7), change("p3", 20)]
    assert shown(gate(two), "partnership") == {"*", "p3"}
    assert shown(kept_promise(two), "partnership") == {"p3"}


def test_partnerships_hidden_for_another_reason_still_make_the_programme_give_way() -> None:
    alike, mixed = {1: 1, 2: 19}, {1: 10, 2: 10}
    small = answers("p4", {1: 2, 2: 4})
    one = [*answers("*", {1: 11, 2: 29}), *answers("p1", alike), *answers("p2", mixed), *small]
    assert shown(kept_promise(one), "partnership") == {"p2"}
    others = [*answers("p1", alike), *answers("p2", mixed), *answers("p3", alike), *small]
    exact = [*answers("*", {1: 12, 2: 48}), *others]
    assert shown(kept_promise(exact), "partnership") == {"*", "p2"}
    six_more = [*answers("*", {1: 14, 2: 52}), *others]
    assert shown(kept_promise(six_more), "partnership") == {"p2"}


def test_a_difference_of_arms_does_not_give_way_for_an_arm_that_is_not_in_it() -> None:
    both = {"estimand": "post-pre|participant-comparison", "arm": ""}
    first = {"estimand": "first_difference"}
    rows = [
        change("*", 60), change("*", 60, **first), change("*", 30, arm="comparison", **first),
        change("*", 90, **both),
        *(change(name, 30, **first) for name in ("p1", "p2")),
        change("p1", 7, arm="comparison", **first), change("p1", 37, **both),
        change("p2", 30, arm="comparison", **first), change("p2", 60, **both),
    ]  # fmt: skip
    assert ("*", both["estimand"]) not in shown(gate(rows), "partnership", "estimand")
    frame = kept_promise(rows)
    assert shown(frame[frame["estimand"] == both["estimand"]], "partnership") == {"*", "p2"}
    rows[6]["std_error"], rows[6]["n"] = 0.0, 20  # all alike: hidden although it is large
    again = kept_promise(rows)
    assert shown(again[again["estimand"] == both["estimand"]], "partnership") == {"p2"}


def test_unlinked_waves_of_a_programme_leave_out_who_is_small_in_one_of_them() -> None:
    over = {"estimand": "post-pre|cross-section", "method": "welch"}
    rows = [
        *level("p1", 30), *level("p1", 6, wave="post"), change("p1", 36, **over),
        *level("p2", 30), *level("p2", 20, wave="post"), change("p2", 50, **over),
        *level("*", 60), *level("*", 20, wave="post"), change("*", 50, **over),
    ]  # fmt: skip
    frame = kept_promise(rows)
    assert shown(frame[frame["partnership"] == "*"], "estimand", "wave") == {
        *((kind, wave) for kind in ("mean", "sd", "ceiling") for wave in ("pre", "post")),
        ("post-pre|cross-section", ""),
    }
    rows[-1]["n"] = 86
    frame = kept_promise(rows)
    assert over["estimand"] not in set(shown(frame[frame["partnership"] == "*"], "estimand"))


# --- before and after of the people of a change ---


def waves_of(
    partnership: str, n: float, contrast: str = "post-pre", sd: float = 10.0
) -> list[dict[str, Any]]:
    """The rows of ``impact.change`` about the waves of a contrast; ``sd`` is that at the first."""
    later, earlier = contrast.split("-")
    made = []
    for role, mean, spread in ((earlier, 60.0, sd), (later, 64.0, 9.0)):
        row = {"method": "describe", "wave": f"w_{role}", "verdict": "", "std_error": 2.0}
        name = f"{role}|{contrast}"
        made.append(change(partnership, n, estimand=f"level|{name}", **row | {"estimate": mean}))
        row |= {"std_error": float("nan"), "estimate": spread}
        made.append(change(partnership, n, estimand=f"level_sd|{name}", **row))
    return made


def test_the_means_of_a_change_are_hidden_with_it_and_for_each_contrast_apart() -> None:
    rows = [
        *waves_of("p1", 9), change("p1", 9),
        *waves_of("p1", 20, "followup-pre"), change("p1", 20, estimand="followup-pre"),
        *waves_of("p2", 20), change("p2", 20),
        *waves_of("p2", 9, "followup-post"), change("p2", 9, estimand="followup-post"),
    ]  # fmt: skip
    frame = gate(rows)
    assert shown(frame, "partnership", "estimand") == {
        *(("p1", f"{kind}|{role}|followup-pre")
          for kind in ("level", "level_sd") for role in ("pre", "followup")),
        ("p1", "followup-pre"),
        *(("p2", f"{kind}|{role}|post-pre")
          for kind in ("level", "level_sd") for role in ("pre", "post")),
        ("p2", "post-pre"),
    }  # fmt: skip
    assert frame.loc[frame["status"] == "suppressed", NUMBERS].isna().all(axis=None)


@pytest.mark.parametrize("sd", [0.0, 7e-15])
def test_the_same_score_of_everyone_at_one_wave_hides_the_whole_change(sd: float) -> None:
    rows = [*waves_of("p1", 20, sd=sd), change("p1", 20), *waves_of("p2", 20), change("p2", 20)]
    assert shown(gate(rows), "partnership") == {"p2"}
    cells = [
        change("p1", 20, estimand=f"{kind}|pre", method="describe", estimate=value, arm=arm)
        for arm, spread in (("participant", 10.0), ("comparison", sd))
        for kind, value in (("cell", 60.0), ("cell_sd", spread))
    ]
    firsts = [change("p1", 20, arm, estimand="first_difference") for arm in
              ("participant", "comparison")]  # fmt: skip
    both = change("p1", 40, arm="", estimand="post-pre|participant-comparison")
    frame = gate([*cells, *firsts, both])
    assert shown(frame, "arm", "estimand") == {
        ("participant", name) for name in ("cell|pre", "cell_sd|pre", "first_difference")
    }


def test_the_same_change_of_everyone_hides_it_and_its_means() -> None:
    alike = change("p1", 20, std_error=float("nan"), note="indicative;no_variation")
    assert shown(gate([*waves_of("p1", 20), alike]), "partnership") == set()
    town = change("p1", 20, method="town_mean_t", note="no_variation;average_town")
    assert shown(gate([change("p1", 20), town]), "method") == {"paired_t", "town_mean_t"}


def test_the_means_of_the_programme_give_way_with_its_change() -> None:
    parts = [*waves_of("p1", 6), change("p1", 6), *waves_of("p2", 30), change("p2", 30)]
    everybody = [*waves_of("*", 36), change("*", 36)]
    assert shown(gate([*everybody, *parts]), "partnership") == {"p2"}
    assert shown(kept_promise([*everybody, *parts]), "partnership") == {"p2"}
    large = [*waves_of("*", 30), change("*", 30)]
    assert shown(kept_promise([*large, *parts]), "partnership") == {"*", "p2"}


def test_the_people_of_a_reliability_cannot_be_worked_out() -> None:
    def alpha(partnership: str, n: float) -> dict[str, Any]:
        return level(partnership, n, estimand="alpha", arm="", method="alpha_feldt")[0] | {
            "estimand": "alpha", "estimate": 0.8, "std_error": float("nan"),
        }  # fmt: skip

    parts = [alpha("p1", 9), alpha("p2", 60)]
    assert shown(kept_promise([alpha("*", 69), *parts]), "partnership") == {"p2"}
    assert shown(gate([alpha("*", 69), *parts]), "partnership") == {"p2"}
    assert shown(kept_promise([alpha("*", 60), *parts]), "partnership") == {"*", "p2"}


def test_towns_are_withheld_together() -> None:
    town = {"estimand": "mean|single", "arm": "participant"}
    whole = level("p1", 42)
    rows = [
        *(row | town | {"town": "a", "n": 30} for row in whole[:1]),
        *(row | town | {"town": "b", "n": 8} for row in whole[:1]),
    ]
    assert shown(gate([*whole, *rows]), "town") == {""}
    rows[1]["n"] = 12
    assert shown(gate([*whole, *rows]), "town") == {"", "a", "b"}
    rows[1]["n"] = 11  # the one person left over could be worked out
    assert shown(gate([*whole, *rows]), "town") == {""}


def test_a_design_row_keeps_its_label_but_not_a_small_number() -> None:
    row = {"outcome": "Q07", "estimand": "one_group_pre_post", "method": "design_rule",
           "partnership": "p1", "estimate": 1, "n": 6, "note": "no_comparison"}  # fmt: skip
    frame = gate([row])
    assert frame.loc[0, "status"] == "ok"
    assert np.isnan(frame.loc[0, "n"])


# --- head-counts ---


def table(inner: np.ndarray, **more: Any) -> list[dict[str, Any]]:
    """R03 by country for partnerships p0, p1, ... with both margins."""
    rows = []
    for i, line in enumerate([*inner, inner.sum(axis=0)]):
        name = "*" if i == len(inner) else f"p{i}"
        rows.append(count(name, float(line.sum()), **more))
        rows += [count(name, float(v), "country", f"c{j}", **more) for j, v in enumerate(line)]
    return rows


def test_small_counts_are_withheld_and_zeros_stay() -> None:
    frame = gate(table(np.array([[3, 20, 30, 0], [12, 25, 8, 0], [15, 10, 40, 0]])))
    gone = frame[frame["status"] == "suppressed"]
    assert set(zip(gone["partnership"], gone["group"], strict=True)) == {
        ("p0", "c0"), ("p0", "c1"), ("p2", "c0"), ("p2", "c1"),
    }  # fmt: skip
    # the row of 3 needs 20, the smaller of 20 and 30; the column of 20 needs 10, the smaller of
    # 25 and 10; the row of 10 and the column of 3 meet in 15, which covers both
    zeros = frame[frame["group"] == "c3"]
    assert (zeros["estimate"] == 0).all()


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(st.integers(0, 30), min_size=4, max_size=4), min_size=2, max_size=5))
def test_shown_counts_never_fix_a_hidden_one(inner: list[list[int]]) -> None:
    # subtraction, the attack anyone can do: no line may have a single hidden count
    rows = table(np.array(inner))
    frame = gate(rows)
    hidden = frame["estimate"].isna()
    truth = frame_of(rows)["estimate"]
    assert hidden[(truth > 0) & (truth < 5)].all()
    for name, total in (("partnership", ""), ("group", "*")):
        margin = frame["group" if total == "" else "partnership"] == total
        for _, line in frame.groupby(name):
            gone = truth[line.index][hidden[line.index]]
            assert len(gone) != 1
            # where the total is hidden as well, there is nothing to subtract from
            total_hidden = (hidden & margin)[line.index].any()
            assert gone.empty or gone.sum() >= 5 or total_hidden


def test_two_tables_with_the_same_people_hide_the_same_counts() -> None:
    inner = np.array([[3, 20, 30], [12, 25, 8], [15, 10, 40]])
    people = table(inner, outcome="R04", unit="people")
    frame = gate([*people, *reversed(table(inner))])
    cells = [
        shown(frame[frame["outcome"] == name], "partnership", "group") for name in ("R03", "R04")
    ]
    assert cells[0] == cells[1]


def test_guests_and_locals_are_withheld_together() -> None:
    rows = [
        *(count(name, n) for name, n in (("p1", 60), ("p2", 50), ("p3", 70))),
        *(
            count(name, n, outcome="R05", missing=0)
            for name, n in (("p1", 3), ("p2", 20), ("p3", 30))
        ),
        *(
            count(name, n, outcome="R06", missing=0)
            for name, n in (("p1", 57), ("p2", 30), ("p3", 40))
        ),
    ]
    frame = gate(rows)
    assert shown(frame, "outcome", "partnership") == {
        ("R03", "p1"), ("R03", "p2"), ("R03", "p3"),
        ("R05", "p2"), ("R05", "p3"), ("R06", "p2"), ("R06", "p3"),
    }  # fmt: skip


def test_minors_have_their_own_threshold() -> None:
    rows = [
        count("p1", 75),
        count("p1", 9, "age_band", "14-17"),
        count("p1", 9, "age_band", "18-29"),
        count("p1", 57, "age_band", "30-44"),
    ]
    frame = gate(rows)
    assert shown(frame, "group") == {"", "30-44"}


def test_shares_follow_the_counts_they_are_made_of() -> None:
    def share(name: str, value: float, base: float, outcome: str = "R11") -> dict[str, Any]:
        return count(name, value, outcome=outcome, estimand="share", unit="share",
                     n=base, denominator=base)  # fmt: skip

    roles = [
        *(count(name, n) for name, n in (("p1", 63), ("p2", 73))),
        *(
            count("p1", n, "role", r)
            for r, n in (("citizen", 40), ("elected_official", 3), ("expert", 20))
        ),
        *(
            count("p2", n, "role", r)
            for r, n in (("citizen", 40), ("elected_official", 13), ("expert", 20))
        ),
    ]
    rows = [*roles, share("p1", 3 / 63, 63), share("p2", 13 / 73, 73), share("p2", 0.5, 70, "R09Y")]
    frame = gate(rows)
    assert shown(frame[frame["unit"] == "share"], "outcome", "partnership") == {
        ("R11", "p2"), ("R09Y", "p2"),
    }  # fmt: skip
    # without the table behind it a share is judged by the people it stands for, and the rest
    alone = gate([share("p1", 0.04, 50), share("p2", 0.96, 50), share("p3", 0.5, 50)])
    assert shown(alone, "partnership") == {"p3"}


def test_rates_days_and_bounds_follow_their_people() -> None:
    rows = [
        count("p1", 4), count("p2", 40), count("p3", 50), count("*", 94),
        *(count(name, days, outcome="R13", unit="participant_days", n=n)
          for name, days, n in (("p1", 8, 4), ("p2", 80, 40), ("p3", 50, 50), ("*", 138, 94))),
        count("p1", 0.2, outcome="V07", unit="per_1000", town="lin", n=4, denominator=20_000),
        count("p2", 2, outcome="V07", unit="per_1000", town="mor", n=40, denominator=20_000),
        *(count("p1", n, outcome="R04", unit="people", estimand=name)
          for name, n in (("listed", 3), ("lower_bound", 30), ("upper_bound", 60))),
    ]  # fmt: skip
    frame = gate(rows)
    assert shown(frame, "outcome", "partnership") == {
        ("R03", "p3"), ("R03", "*"), ("R13", "p3"), ("R13", "*"), ("V07", "p2"),
    }  # fmt: skip


def test_splits_by_kind_of_event_follow_the_single_events() -> None:
    mode = {"outcome": "R16", "estimand": "share", "unit": "share"}
    rows = [
        count("p1", 60),
        count("p1", 3, "activity", "e1"),
        count("p1", 7, "activity", "e2"),
        count("p1", 50, "activity", "e3"),
        *(count("p1", s, "mode", g, **mode, n=60, denominator=60)
          for g, s in (("online", 0.5), ("in_person", 0.5))),
    ]  # fmt: skip
    assert shown(gate(rows), "outcome", "group") == {("R03", ""), ("R03", "e3")}


def test_people_found_again_are_withheld_with_all_that_counts_them() -> None:
    again = {"outcome": "Q02", "wave": "post", "arm": "participant", "unit": "people"}
    rows = [
        count(name, value, **(again | {"estimand": kind, "unit": unit}), n=linked)
        for name, linked in (("p1", 3), ("p2", 30), ("p3", 40))
        for kind, unit, value in (("linked", "people", linked), ("match_rate", "share", 0.5))
    ]  # fmt: skip
    for row in rows:
        row["n"], row["denominator"] = row.pop("n"), 60
    assert shown(gate(rows), "partnership") == {"p2", "p3"}


def test_the_undisclosed_beside_shown_groups_are_blanked() -> None:
    rows = [
        count("p1", 60, missing=2),
        *(count("p1", n, "gender", g, missing=3)
          for g, n in (("female", 30), ("male", 20), ("non_binary", 7), ("undisclosed", 3))),
    ]  # fmt: skip
    frame = gate(rows)
    assert shown(frame, "group") == {"", "female", "male"}
    assert frame["missing"].tolist()[0] == 2
    assert frame["missing"][1:].isna().all()


def test_events_and_other_counts_are_untouched() -> None:
    rows = [
        count("p1", 2, outcome="R01", estimand="held", unit="events"),
        count("p1", 1, outcome="R02", unit="days"),
        count("p1", 3, outcome="R14", estimand="countries", unit="countries"),
        count("p1", float("nan"), outcome="R04", unit="people", status="not_available"),
    ]
    frame = gate(rows)
    pd.testing.assert_frame_equal(frame, frame_of(rows))


# --- the gate as a whole ---


def test_another_strategy_drops_in() -> None:
    calls = []

    def everything(system: Any, primary: frozenset[int]) -> frozenset[int]:
        calls.append(primary)
        return frozenset(range(len(system.values)))

    assert shown(gate(table(np.array([[3, 20], [12, 25]])), everything), "group") == set()
    assert len(calls) == 1


def test_row_order_does_not_matter() -> None:
    rows = [*table(np.array([[3, 20, 30], [12, 25, 8], [15, 10, 40]])), *level("p1", 9),
            *level("p2", 30), *level("*", 39), change("p1", 5), change("p2", 20)]  # fmt: skip
    first = gate(rows)
    mixed = np.random.default_rng(3).permutation(len(rows))
    second = gate([rows[i] for i in mixed])
    answers_only = first["method"] != "count"
    order = np.argsort(mixed)
    again = second.iloc[order].reset_index(drop=True)
    pd.testing.assert_frame_equal(first[answers_only], again[answers_only])
    # ties between equal counts aside, the same small counts are hidden
    small = (frame_of(rows)["estimate"] < 5) & ~answers_only
    assert again.loc[small, "estimate"].isna().all()


def test_passing_the_gate_twice_changes_nothing() -> None:
    rows = [*table(np.array([[3, 20, 30], [12, 25, 8], [15, 10, 40]])), *level("p1", 9),
            *level("p2", 30), *level("*", 39), change("p1", 5)]  # fmt: skip
    once = gate(rows)
    twice = apply_disclosure(once, RULES)
    pd.testing.assert_frame_equal(once, twice.results)


def test_the_input_stays_as_it_was_and_nothing_gives_nothing() -> None:
    rows = frame_of(level("p1", 4))
    copy = rows.copy()
    apply_disclosure(rows, RULES)
    pd.testing.assert_frame_equal(rows, copy)
    empty = apply_disclosure(rows.head(0), RULES)
    assert len(empty.results) == 0
    assert empty.withheld == ()


@pytest.mark.parametrize("name", ["k_answers", "k_counts", "k_minors"])
def test_thresholds_below_five_are_refused(name: str) -> None:
    with pytest.raises(DisclosureError, match="never shown"):
        DisclosureRules(**{name: 4})


def test_a_whole_programme_is_quick() -> None:
    dice = np.random.default_rng(1)
    rows = []
    for number in range(60):
        inner = dice.negative_binomial(1, 0.04, size=(9, 8))
        rows += table(inner, outcome=f"X{number:02d}", unit="people")
    frame = frame_of(rows)
    apply_disclosure(frame.head(50), RULES)  # imports SciPy
    start = time.process_time()
    gated = apply_disclosure(frame, RULES)
    assert time.process_time() - start < 3
    assert gated.results["estimate"].isna().sum() == len(gated.withheld) > 500
