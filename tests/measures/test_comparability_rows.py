"""Verdicts as result rows, and that they tell nothing of few people."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from invariance_data import scale_frame
from measures_data import catalogue_of

from twinimpact.instruments import Catalogue
from twinimpact.measures.comparability_rows import comparability_rows
from twinimpact.privacy import DisclosureRules, apply_disclosure

ITEMS = ("a", "b", "c", "d")
CATALOGUE = catalogue_of(
    {
        "warm": {"items": ITEMS},
        "pair": {"items": ("a", "b")},
        "one": {"items": ("a",)},
        "acts": {"items": ITEMS, "formative": True},
    },
    dict.fromkeys(ITEMS, (0, 10)),
)


def responses(sizes: dict[tuple[str, str], int], **moved: float) -> pd.DataFrame:
    """Answers per partnership and town; ``moved`` shifts question c of a town."""
    frames = []
    for place, ((link, town), n) in enumerate(sizes.items()):
        shift = (0.0, 0.0, moved.get(town, 0.0), 0.0)
        frame = scale_frame(n, seed=50 + place, shift=shift)
        frames.append(
            frame.assign(
                partnership_id=link, town_id=town, wave="pre", language="en", arm="participant",
                person=[f"{town}{i}" for i in range(n)],
            )
        )  # fmt: skip
    made = pd.concat(frames, ignore_index=True)
    made[list(ITEMS)] = made[list(ITEMS)].astype("Int16")
    return made


def verdicts(rows: pd.DataFrame, scale: str = "warm") -> dict[tuple[str, str], str]:
    chosen = rows[rows["unit"].eq("class") & rows["outcome"].eq(scale)]
    return {(row.partnership, row.estimand.split("|")[1]): row.group for row in chosen.itertuples()}


def rows_of(frame: pd.DataFrame, catalogue: Catalogue = CATALOGUE, **options: int) -> pd.DataFrame:
    return comparability_rows(frame, catalogue, [], **options)


def test_small_data_are_not_testable_everywhere_and_at_once() -> None:
    frame = responses({("p1", "x"): 40, ("p1", "y"): 30, ("p2", "u"): 25, ("p2", "v"): 35})
    rows_of(frame)
    start = time.perf_counter()
    rows = rows_of(frame)
    assert time.perf_counter() - start < 0.5
    assert set(rows["status"]) == {"refused"}
    assert set(rows["group"]) == {"not_testable"}
    assert rows["n"].isna().all() and rows["estimate"].isna().all()
    assert verdicts(rows) == {
        ("*", "partnership"): "not_testable",
        ("*", "town"): "not_testable",
        ("*", "language"): "not_testable",
        ("p1", "town"): "not_testable",
        ("p2", "town"): "not_testable",
    }
    notes = rows.drop_duplicates(["outcome", "note"]).set_index("outcome")["note"]
    assert notes["warm"] == "not_testable;too_few_answers;needed:100"
    assert notes["pair"] == "not_testable;two_questions"
    assert notes["one"] == "not_testable;one_question"
    assert notes["acts"] == "not_testable;not_defined"


def test_large_groups_get_their_ladder_and_everything_found() -> None:
    frame = responses({("p1", "x"): 250, ("p1", "y"): 260, ("p2", "u"): 40, ("p2", "v"): 35}, y=1.6)
    rows = rows_of(frame)
    found = verdicts(rows)
    assert found["p1", "town"] == "partial_large" == found["*", "town"]
    assert found["p2", "town"] == "not_testable" == found["*", "partnership"]
    mine = rows[rows["partnership"].eq("p1") & rows["outcome"].isin(["warm", *ITEMS])]
    people = mine[mine["estimand"].eq("comparability|town|people")]
    assert dict(zip(people["group"], people["estimate"], strict=True)) == {"x": 250, "y": 260}
    scalar = mine[mine["estimand"].eq("comparability|town|scalar")]
    fit = scalar[scalar["method"].eq("mgcfa_ml")].set_index("unit")
    scaled = scalar[scalar["method"].eq("mgcfa_mlr")].set_index("unit")
    assert set(scaled.index) == {"chi2", "cfi", "rmsea"}
    assert scaled.loc["chi2", "estimate"] == pytest.approx(fit.loc["chi2", "estimate"], rel=0.1)
    assert set(fit.index) == {"chi2", "cfi", "rmsea", "srmr", "bic", "chi2_diff"}
    assert fit.loc["chi2", "df"] == 10 and fit.loc["chi2", "group"] == "partial"
    assert fit.loc["chi2", "p_value"] < 1e-6 and fit.loc["chi2", "n"] == 510
    step = mine[mine["estimand"].eq("comparability|town|released")].iloc[0]
    assert (step["outcome"], step["unit"], step["group"]) == ("c", "intercept", "warm")
    differs = mine[mine["estimand"].eq("comparability|town|differs")]
    assert list(differs["outcome"]) == ["c"]
    sizes = mine[mine["estimand"].eq("comparability|town|dmacs")]
    assert len(sizes) == 8 and set(sizes["unit"]) == {"sd", "sd_signed"}
    points = mine.set_index("estimand")["estimate"]
    assert points["comparability|town|bias"] == pytest.approx(4.0, abs=0.6)
    left = mine[mine["estimand"].eq("comparability|town|comparable")].iloc[0]
    assert left["conf_low"] < left["estimate"] < left["conf_high"]
    for value in mine.loc[mine["unit"].eq("points"), "estimate"]:
        assert value == round(value, 1)
    pair = rows[rows["outcome"].eq("pair") & rows["estimand"].str.contains("pair_")]
    assert set(pair["method"]) == {"cochran_q", "fisher_z"}


def test_keys_of_rows_are_unique() -> None:
    frame = responses({("p1", "x"): 250, ("p1", "y"): 260, ("p2", "u"): 250}, y=1.6)
    rows = rows_of(frame)
    key = ["partnership", "outcome", "estimand", "method", "unit", "wave", "dimension", "group"]
    assert not rows.duplicated(key).any()


def test_small_partnerships_are_not_in_the_programmes_numbers() -> None:
    frame = responses({("p1", "x"): 150, ("p2", "u"): 160, ("p3", "x"): 6})
    rows = rows_of(frame, smallest=10)
    people = rows[rows["estimand"].eq("comparability|town|people") & rows["outcome"].eq("warm")]
    assert dict(zip(people["group"], people["estimate"], strict=True)) == {"x": 150, "u": 160}


def test_the_wave_with_most_large_groups_is_used() -> None:
    early = responses({("p1", "x"): 120, ("p1", "y"): 20})
    late = responses({("p1", "x"): 110, ("p1", "y"): 115}).assign(wave="post")
    rows = rows_of(pd.concat([early, late], ignore_index=True))
    verdict = rows[rows["estimand"].eq("comparability|town") & rows["group"].ne("not_testable")]
    assert set(verdict["wave"]) == {"post"}


def test_waves_are_compared_on_linked_people() -> None:
    first = responses({("p1", "x"): 150, ("p1", "y"): 150, ("p2", "u"): 8})
    draw = np.random.default_rng(5)
    later = first.assign(wave="post")
    for name in ITEMS:
        noise = draw.integers(-1, 2, len(later))
        later[name] = np.clip(later[name].to_numpy(dtype="int64") + noise, 0, 10)
    frame = pd.concat([first, later.sample(frac=1, random_state=1)], ignore_index=True)
    frame[list(ITEMS)] = frame[list(ITEMS)].astype("Int16")
    pairs = [("pre", "post"), ("pre", "followup"), ("post", "followup")]
    rows = comparability_rows(frame, CATALOGUE, pairs, smallest=10)
    waves = rows[rows["estimand"].eq("comparability|wave") & rows["outcome"].eq("warm")]
    table = waves.set_index("wave")
    assert table.loc["post", "group"] == "scalar" and table.loc["post", "n"] == 300
    assert "rules:" in table.loc["post", "note"]
    assert "since:pre" in table.loc["post", "note"]
    assert table.loc["followup", "group"] == "not_testable"
    assert not rows["estimand"].str.startswith("comparability|wave|change").any()


def test_columns_that_were_not_asked_are_said() -> None:
    frame = responses({("p1", "x"): 120, ("p1", "y"): 120}).drop(columns="d")
    rows = rows_of(frame)
    assert "items_not_asked" in rows.loc[rows["outcome"].eq("warm"), "note"].iloc[0]


def test_nobody_asked_gives_no_rows() -> None:
    frame = responses({("p1", "x"): 5}).drop(columns=list(ITEMS))
    assert rows_of(frame).empty


def test_the_gate_shows_them_and_hides_groups_below_its_threshold() -> None:
    frame = responses({("p1", "x"): 250, ("p1", "y"): 260}, y=1.6)
    rows = rows_of(frame).assign(as_of="2026-01-01")
    gated = apply_disclosure(rows, DisclosureRules()).results
    assert not gated["status"].eq("suppressed").any()
    strict = apply_disclosure(rows, DisclosureRules(k_answers=255)).results
    people = strict[strict["estimand"].eq("comparability|town|people")].set_index("group")
    assert people.loc["x", "status"].tolist().count("suppressed") == len(people.loc["x"])
