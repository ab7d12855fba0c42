"""Groups of people that overlap almost entirely: nobody between them can be worked out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from demo_run import Demo
from hypothesis import given, settings
from hypothesis import strategies as st

from twinimpact.privacy import DisclosureRules, apply_disclosure
from twinimpact.run import load_project
from twinimpact.run.verbs import gather
from twinimpact.schema import TEXT_RESULT_COLUMNS, result_frame

K = 10
TWO, THREE = ("pre", "post"), ("pre", "post", "followup")
ITEMS = {"tw_civic": ("tw_civic_r1", "tw_civic_r2")}
BOTH = "post-pre|participant-comparison"
Counts = Mapping[tuple[str, str, bool], int]
"""People by arm, waves they answered, and whether they can be compared with the other arm."""


def row(estimand: str, n: float, **more: Any) -> dict[str, Any]:
    absent = dict.fromkeys(TEXT_RESULT_COLUMNS, "") | {"status": "ok", "confirmatory": False}
    return absent | {
        "outcome": "tw_civic", "estimand": estimand, "method": "describe", "partnership": "p1",
        "arm": "participant", "n": n, "estimate": 60.0, "std_error": 2.0, "unit": "points",
    } | more  # fmt: skip


def everybody(wave: str, n: float, **more: Any) -> list[dict[str, Any]]:
    names = ("mean", "sd", "mean_raw", "ceiling", "floor")
    rows = [row(name, n, wave=wave, estimate=0.5, **more) for name in names]
    if more.get("arm") != "comparison":
        for item in ITEMS["tw_civic"]:
            answer = {"outcome": item, "wave": wave, "dimension": "answer", "unit": "people"}
            for code, people in (("1", n // 2), ("2", n - n // 2)):
                rows.append(row("count", n, **answer, group=code, estimate=people, **more))
    return rows


def matched(n: float, contrast: str = "post-pre", **more: Any) -> list[dict[str, Any]]:
    change = row(contrast, n, method="paired_t", **more)
    if contrast != "post-pre":
        return [change]
    names = [f"{kind}|{role}|post-pre" for kind in ("level", "level_sd") for role in TWO]
    return [change, *(row(name, n, wave=name.split("|")[1], **more) for name in names)]


def compared(n: float, others: float, **more: Any) -> list[dict[str, Any]]:
    rows = [row(BOTH, n + others, arm="", method="town_mean_t", **more)]
    for arm, people in (("participant", n), ("comparison", others)):
        rows.append(row("first_difference", people, arm=arm, method="paired_t", **more))
        for kind in ("cell", "cell_sd"):
            rows += [row(f"{kind}|{at}", people, arm=arm, wave=at, **more) for at in TWO]
    return rows


def gate(rows: list[dict[str, Any]], order: tuple[str, ...] = TWO, **more: Any) -> pd.DataFrame:
    rules = DisclosureRules(wave_order=order, scale_items=ITEMS, **more)
    return apply_disclosure(result_frame(rows), rules).results


def shown(frame: pd.DataFrame) -> set[str]:
    """What is shown, in short: ``mean pre``, ``answers pre``, ``levels``, ``cells participant``."""
    found = set()
    for one in frame[frame["status"] != "suppressed"].to_dict(orient="records"):
        kind, _, rest = str(one["estimand"]).partition("|")
        if kind in ("mean", "count"):
            found.add(f"{'mean' if kind == 'mean' else 'answers'} {one['wave']}")
        elif kind in ("level", "level_sd"):
            found.add("levels")
        elif kind in ("cell", "cell_sd"):
            found.add(f"cells {one['arm']}")
        elif kind == "first_difference":
            found.add(f"first {one['arm']}")
        elif kind not in ("sd", "mean_raw", "ceiling", "floor"):
            found.add("between" if rest else kind)
    return found


def at(*waves: str) -> set[str]:
    return {f"{kind} {wave}" for kind in ("mean", "answers") for wave in waves}


# --- worked by hand ---


def test_at_an_earlier_wave_everybody_is_hidden_and_the_change_stays() -> None:
    frame = gate([*everybody("pre", 26), *everybody("post", 40), *matched(24)])
    assert shown(frame) == at("post") | {"levels", "post-pre"}
    gone = frame[frame["status"] == "suppressed"]
    assert set(gone["estimand"]) == {"mean", "sd", "mean_raw", "ceiling", "floor", "count"}
    assert set(gone["wave"]) == {"pre"}
    assert gone["n"].isna().all()


def test_at_the_latest_wave_what_people_said_last_stays() -> None:
    frame = gate([*everybody("pre", 40), *everybody("post", 26), *matched(24)])
    assert shown(frame) == at("pre", "post") | {"post-pre"}


def test_few_at_both_waves_hide_both_ways() -> None:
    frame = gate([*everybody("pre", 26), *everybody("post", 27), *matched(24)])
    assert shown(frame) == at("post") | {"post-pre"}


def test_when_all_of_one_wave_are_matched_the_change_tells_of_the_other() -> None:
    # 24 before, all of them after: mean before + change = mean after of 24; 26 answered after
    frame = gate([*everybody("pre", 24), *everybody("post", 26), *matched(24)])
    assert shown(frame) == at("pre") | {"levels", "post-pre"}
    # where the matched have no means of their own, what people said last can stay
    rows = [*everybody("pre", 24), *everybody("followup", 26), *matched(24, "followup-pre")]
    assert shown(gate(rows, THREE)) == at("followup") | {"followup-pre"}


def test_a_change_without_levels_tells_of_the_few_outside_it_at_both_waves_together() -> None:
    # after - before - change is 3 answers after minus 2 before: 5 people
    rows = [*everybody("pre", 26), *everybody("followup", 27), *matched(24, "followup-pre")]
    assert shown(gate(rows, THREE)) == at("followup") | {"followup-pre"}
    rows = [*everybody("pre", 30), *everybody("followup", 28), *matched(24, "followup-pre")]
    assert shown(gate(rows, THREE)) == at("pre", "followup") | {"followup-pre"}


@pytest.mark.parametrize("between", [0, K, 30])
def test_nobody_or_enough_people_in_between_hide_nothing(between: int) -> None:
    rows = [*everybody("pre", 24 + between), *everybody("post", 24), *matched(24)]
    assert shown(gate(rows)) == at("pre", "post") | {"levels", "post-pre"}


def test_without_an_order_no_wave_is_the_latest() -> None:
    rows = [*everybody("pre", 40), *everybody("post", 26), *matched(24)]
    assert shown(gate(rows, ())) == at("pre") | {"levels", "post-pre"}


def test_waves_have_their_own_names() -> None:
    named = {"pre": "spring", "post": "autumn"}
    rows = [*everybody("spring", 26), *everybody("autumn", 40), *matched(24)]
    frame = gate(rows, ("spring", "autumn"), waves=named)
    assert shown(frame) == at("autumn") | {"levels", "post-pre"}


def test_matched_people_who_cannot_be_compared() -> None:
    rows = [*everybody("pre", 60), *everybody("post", 60), *matched(33), *compared(30, 30)]
    assert shown(gate(rows)) == at("pre", "post") | {"levels", "post-pre", "between"}


def test_comparison_people_are_covered_too() -> None:
    arms = [*everybody("pre", 60), *everybody("post", 60), *matched(30), *compared(30, 30)]
    others = [*everybody("pre", 32, arm="comparison"), *everybody("post", 60, arm="comparison")]
    frame = gate([*arms, *others])
    means = frame[frame["estimand"].eq("mean") & frame["status"].eq("ok")]
    assert set(zip(means["arm"], means["wave"], strict=True)) == {
        ("participant", "pre"), ("participant", "post"), ("comparison", "post"),
    }  # fmt: skip
    assert {"cells comparison", "first comparison", "between"} <= shown(frame)
    others = [*everybody("pre", 60, arm="comparison"), *everybody("post", 32, arm="comparison")]
    frame = gate([*arms, *others])
    assert shown(frame) == at("pre", "post") | {
        "levels", "post-pre", "between", "first participant", "first comparison",
    }  # fmt: skip


def test_those_found_again_must_not_tell_of_the_few_who_skipped_the_scale() -> None:
    rows = [*everybody("pre", 60), *everybody("post", 60), *matched(30)]
    again = {"outcome": "Q03", "dimension": "scale", "group": "tw_civic", "wave": "pre"}
    for linked, visible in ((32, False), (30, True), (40, True)):
        note = f"linked:{linked};unlinked:{60 - linked}"
        frame = gate([*rows, row("linked-unlinked", 60, method="smd", note=note, **again)])
        assert ("linked-unlinked" in shown(frame)) is visible
        assert {"levels", *at("pre", "post")} <= shown(frame)


def programme(*outside: int) -> list[dict[str, Any]]:
    """Partnerships of 24 matched people with so many more before, one of 50 more, and ``*``."""
    rows = []
    for place, more in enumerate((*outside, 50)):
        name = f"p{place}"
        rows += [*everybody("pre", 24 + more, partnership=name), *matched(24, partnership=name)]
        rows += everybody("post", 40, partnership=name)
    parts = len(outside) + 1
    rows += everybody("pre", 24 * parts + sum(outside) + 50, partnership="*")
    rows += everybody("post", 40 * parts, partnership="*")
    return [*rows, *matched(24 * parts, partnership="*")]


@pytest.mark.parametrize(
    ("outside", "visible"),
    [((3,), False), ((3, 4), False), ((6, 7), True), ((0, 0), True), ((3, 0), False)],
)
def test_the_programme_gives_way_when_it_leads_back_to_the_few(
    outside: tuple[int, ...], visible: bool
) -> None:
    frame = gate(programme(*outside), THREE, programme_without_small=True)
    of_all = frame[frame["partnership"] == "*"]
    assert ("mean pre" in shown(of_all)) is visible
    assert {"levels", "post-pre"} <= shown(of_all)


def test_the_people_of_a_design_do_not_tell_of_a_hidden_arm() -> None:
    design = {"outcome": "Q07", "method": "design_rule", "estimate": 2.0, "arm": ""}
    rows = [
        row("pre_post_comparison", 70, **design),
        row("pre_post_comparison", 36, partnership="p2", **design),
        *matched(40), *compared(40, 30),
        *(one | {"partnership": "p2"} for one in [*matched(30), *compared(30, 6)]),
    ]  # fmt: skip
    frame = gate(rows)
    assert frame.loc[0, "n"] == 70
    assert frame["n"].isna().tolist()[:2] == [False, True]
    assert frame.loc[1, "status"] == "ok"


# --- an attack by subtraction ---


def published(people: Counts, waves: tuple[str, ...]) -> list[dict[str, Any]]:
    """All rows about one outcome of these people."""

    def size(arm: str, *at_waves: str, comparable: bool = False) -> int:
        return sum(
            n for (side, answered, able), n in people.items()
            if side == arm and set(at_waves) <= set(answered.split()) and able >= comparable
        )  # fmt: skip

    rows = []
    arms = {arm for arm, _, _ in people}
    for arm in sorted(arms):
        for wave in waves:
            rows += everybody(wave, size(arm, wave), arm=arm)
    contrasts = [("post", "pre"), ("followup", "pre"), ("followup", "post")]
    for later, earlier in contrasts[: 1 if waves == TWO else 3]:
        rows += matched(size("participant", earlier, later), f"{later}-{earlier}")
    able = [size(arm, *TWO, comparable=True) for arm in ("participant", "comparison")]
    if min(able):
        rows += compared(*able)
    return rows


def known(people: Counts, frame: pd.DataFrame, waves: tuple[str, ...]) -> np.ndarray:
    """What each shown number says about the score sums of each kind of people at each wave."""
    kinds = list(people)
    place = {(kind, wave): i for i, (kind, wave) in enumerate(
        (kind, wave) for kind in kinds for wave in waves)}  # fmt: skip
    listed = []
    for one in frame[frame["status"] != "suppressed"].to_dict(orient="records"):
        line = np.zeros(len(place))
        name, *words = str(one["estimand"]).split("|")

        def add(arm: str, signs: Mapping[str, float], able: bool = False) -> None:
            inside = [k for k in kinds if k[0] == arm and k[2] >= able]
            inside = [k for k in inside if set(signs) <= set(k[1].split())]
            for kind in inside:
                for wave, sign in signs.items():
                    line[place[kind, wave]] += sign  # noqa: B023

        if name == "mean":
            add(one["arm"], {one["wave"]: 1})
        elif name == "level":
            add(one["arm"], dict.fromkeys(TWO, 0.0) | {words[0]: 1})
        elif name == "cell":
            add(one["arm"], dict.fromkeys(TWO, 0.0) | {words[0]: 1}, True)
        elif name == "first_difference":
            add(one["arm"], {"post": 1, "pre": -1}, True)
        elif one["estimand"] == BOTH:
            for arm, side in (("participant", 1), ("comparison", -1)):
                n = sum(people[k] for k in kinds if k[0] == arm and k[2])
                add(arm, {"post": side / n, "pre": -side / n}, True)
        elif "-" in name:
            later, earlier = name.split("-")
            add(one["arm"], {later: 1, earlier: -1})
        listed.append(line)
    lines = np.array(listed).reshape(-1, len(place))
    return np.unique(lines[np.abs(lines).sum(axis=1) > 0], axis=0)


def told(people: Counts, frame: pd.DataFrame, waves: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    """Kinds of people, 1 to 9 together, about whom alone some combination of numbers speaks.

    There is one exactly when leaving out their columns makes the shown numbers dependent.
    """
    numbers = known(people, frame, waves)
    kinds = list(people)
    there = np.repeat([people[kind] > 0 for kind in kinds], len(waves))
    rank = np.linalg.matrix_rank(numbers[:, there]) if numbers.size else 0
    few = [place for place, kind in enumerate(kinds) if 0 < people[kind] < K]
    for some in chain.from_iterable(combinations(few, size) for size in range(1, len(few) + 1)):
        together = sum(people[kinds[place]] for place in some)
        others = [people[kinds[place]] for place in few if place not in some]
        if together >= K or any(together + one < K for one in others):
            continue  # too many; or more could be left out, which makes it easier
        rest = there & ~np.repeat(np.isin(np.arange(len(kinds)), some), len(waves))
        if rank and np.linalg.matrix_rank(numbers[:, rest]) < rank:
            yield tuple(kinds[place] for place in some)


def populations(waves: tuple[str, ...], arms: tuple[str, ...]) -> st.SearchStrategy[Counts]:
    kinds = []
    for arm in arms:
        for size in range(1, len(waves) + 1):
            for answered in combinations(waves, size):
                able = (False, True) if waves == answered == TWO else (False,)
                kinds += [(arm, " ".join(answered), one) for one in able]
    counts = st.sampled_from([0, 0, 0, 1, 2, 4, 6, 9, 11, 20, 40])
    return st.tuples(*[counts] * len(kinds)).map(lambda n: dict(zip(kinds, n, strict=True)))


def lookalikes(people: Counts) -> Iterator[Counts]:
    """All ways in which as many people may have answered each wave, and each two of them.

    Who moves from two waves to all three leaves a gap in each pair, which another fills.
    """
    for more in range(-40, 41):
        signs = {1: 1, 2: -1, 3: 1}
        moved = {kind: n + more * signs[len(kind[1].split())] for kind, n in people.items()}
        if min(moved.values()) >= 0:
            yield moved


def test_the_attack_finds_what_is_there_to_find() -> None:
    people = {("participant", "pre", False): 2, ("participant", "pre post", False): 24}
    rows = [*everybody("pre", 26), *matched(24)]
    assert list(told(people, result_frame(rows), TWO)) == [(("participant", "pre", False),)]
    people = people | {("participant", "pre", False): 12}
    assert list(told(people, result_frame(rows), TWO)) == []


@settings(max_examples=50, deadline=None)
@given(populations(TWO, ("comparison", "participant")))
def test_nobody_can_be_worked_out_from_two_waves_and_two_arms(people: Counts) -> None:
    frame = gate(published(people, TWO))
    assert list(told(people, frame, TWO)) == []


@settings(max_examples=50, deadline=None)
@given(populations(THREE, ("participant",)))
def test_nobody_can_be_worked_out_from_three_waves_by_the_numbers_of_people(
    people: Counts,
) -> None:
    # how many answered all three is not shown: an attack must hold whatever their number is
    frame = gate(published(people, THREE), THREE)
    assert any(not any(told(one, frame, THREE)) for one in lookalikes(people))


# --- the demo ---


def test_no_two_numbers_of_the_demo_differ_by_a_few_people(demo: Demo) -> None:
    table = gather(load_project(demo.root)).results.table
    seen = table[table["status"].ne("suppressed") & table["n"].gt(0) & table["town"].eq("")]
    contrasts = {"post-pre": TWO, "followup-pre": THREE[::2], "followup-post": THREE[1:]}
    checked = 0
    for _, rows in seen.groupby(["partnership", "outcome"]):
        for arm in ("participant", "comparison"):
            one = rows[rows["arm"].eq(arm)]
            n = {(k, w): v for k, w, v in zip(one["estimand"], one["wave"], one["n"], strict=True)}
            means = {wave: n["mean", wave] for wave in THREE if ("mean", wave) in n}
            lefts = []
            for wave, size in means.items():
                lefts += [size - n[k, w] for k, w in n if k.startswith(("level|", "cell|"))
                          and w == wave]  # fmt: skip
            for contrast, ends in contrasts.items():
                if (contrast, "") in n and set(ends) <= set(means):
                    lefts.append(sum(means[wave] for wave in ends) - 2 * n[contrast, ""])
            whole, part = n.get(("post-pre", "")), n.get(("first_difference", ""))
            lefts.append(whole - part if whole and part else 0)
            assert not [left for left in lefts if 0 < left < K], (rows.iloc[0].to_dict(), lefts)
            checked += len(lefts)
    assert checked > 300
