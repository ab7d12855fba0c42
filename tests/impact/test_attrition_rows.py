"""Loss rows of the whole programme: equal to the door's, and of the people of the change."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from impact_data import design, normal, one, people, rows_of, run, twinpanel
from shared_files import reference

from twinimpact.impact import AttritionPlan, attrition
from twinimpact.impact.notes import unknown_codes


def blocks() -> pd.DataFrame:
    """The reference panel with its blocks as partnerships."""
    panel = pd.read_csv(reference("statistics/data/twinpanel.csv"))
    return twinpanel().assign(partnership_id="b" + panel["block"].astype(str))


def losses(results: pd.DataFrame) -> pd.DataFrame:
    return results[results["estimand"].str.startswith("loss")]


@pytest.mark.parametrize("where", ["b1", "*"])
@pytest.mark.parametrize("wave", ["post", "followup"])
def test_rows_are_those_of_the_door(where: str, wave: str) -> None:
    panel = blocks()
    found = rows_of(losses(run(design(follow_up="followup"), panel)), partnership=where, wave=wave)
    part = panel if where == "*" else panel[panel["partnership_id"] == where]
    twinned = part["arm"].eq("participant").to_numpy().astype(int)
    data = part.assign(treated=twinned)
    plan = AttritionPlan(scale=(0, 100))
    door = attrition(data, pre="pre", post=wave, arm="treated", plan=plan)
    arms = {"treated": "participant", "comparison": "comparison"}
    compared = 0
    for row in door.rows:
        wanted = {"estimand": row.estimand, "method": row.method, "arm": arms.get(row.arm, "")}
        same = rows_of(found, **wanted)
        if same.empty or row.estimate is None or same["status"].iloc[0] == "not_estimable":
            continue
        compared += 1
        assert same["estimate"].tolist() == pytest.approx([row.estimate], rel=1e-9)
        assert (same["n"].iloc[0], same["missing"].iloc[0]) == (row.n, row.missing)
        if row.conf_low is not None:
            limits = same[["conf_low", "conf_high"]].iloc[0].tolist()
            assert limits == pytest.approx([row.conf_low, row.conf_high], rel=1e-9)
    assert compared >= 8
    assert not unknown_codes(found["note"])


def test_fill_ins_lie_around_the_change_and_the_tipping_point_cancels_it() -> None:
    rng = np.random.default_rng(3)
    pre, post = normal(1, 60, 5.0)
    post[rng.permutation(60)[:15]] = np.nan
    results = run(design(), people(pre, post))
    change = one(results, partnership="p1", method="paired_t")
    found = {
        name: one(results, partnership="p1", estimand=f"loss|{name}")
        for name in ("worst", "best", "no_change", "tipping")
    }
    assert found["worst"]["estimate"] < change["estimate"] < found["best"]["estimate"]
    assert found["no_change"]["estimate"] == pytest.approx(change["estimate"] * 45 / 60)
    tipped = 45 * change["estimate"] + 15 * (change["estimate"] + found["tipping"]["estimate"])
    assert tipped == pytest.approx(0, abs=1e-9)
    assert {row["n"] for row in found.values()} == {60}
    assert {row["missing"] for row in found.values()} == {15}
    assert one(results, partnership="p1", estimand="loss|overall")["arm"] == "participant"
    assert rows_of(results, estimand="loss|differential").empty


def test_primary_outcomes_only_where_there_are_some() -> None:
    pre, post = normal(2, 40)
    post[:12] = np.nan
    for role in ("primary", "exploratory"):
        assert not losses(run(design(role=role), people(pre, post))).empty


def test_the_programme_leaves_out_who_is_not_in_its_change_and_nobody_else() -> None:
    parts = []
    for name, (n, lost) in {"p1": (40, 15), "p2": (40, 3), "p3": (15, 8)}.items():
        pre, post = normal(len(parts), n)
        post[:lost] = np.nan
        parts.append(people(pre, post, partnership=name))
    results = run(design(), *parts, smallest=10)
    whole = one(results, partnership="*", estimand="loss|overall")
    assert (whole["n"], whole["missing"]) == (80, 18)  # seven stayed of p3
    assert "left_out:1" in whole["note"]
    change = rows_of(results, partnership="*", method="paired_t", estimand="post-pre")
    assert change["n"].tolist() == [62]


def test_ends_of_a_scale_turn_with_its_direction() -> None:
    pre, post = normal(4, 40)
    post[:12] = np.nan
    for scale in ("tw_thermo", "tw_anx"):
        results = run(design(scale=scale), people(pre, post))
        worst, best = (
            one(results, partnership="p1", estimand=f"loss|{name}")["estimate"]
            for name in ("worst", "best")
        )
        assert bool(worst < best) is (scale == "tw_thermo")


def test_nobody_lost_nobody_left_and_few_people() -> None:
    pre, post = normal(5, 40)
    results = run(design(), people(pre, post))
    assert set(losses(results)["estimand"]) == {"loss", "loss|overall"}
    assert one(results, partnership="p1", estimand="loss|overall")["estimate"] == 0
    gone = run(design(), people(pre, post), people(pre, [np.nan] * 40, partnership="p2"))
    assert one(gone, partnership="p2", estimand="loss|overall")["estimate"] == 1
    assert rows_of(losses(gone), partnership="p2", method="fill_in").empty
    few = run(design(), people(pre[:6], [*post[:4], np.nan, np.nan]))
    row = one(few, partnership="p1", estimand="loss|overall")
    assert (row["status"], np.isnan(row["conf_low"])) == ("descriptive", True)
    assert one(few, partnership="p1", estimand="loss|baseline")["status"] == "not_estimable"


def test_loss_outside_the_boundary_is_noted() -> None:
    pre, post = normal(6, 60)
    other = post.copy()
    other[:30] = np.nan
    both = people(pre, post), people(pre, other, arm="comparison_town", town="B")
    row = one(run(design(), *both), partnership="p1", estimand="loss|differential")
    assert row["estimate"] == pytest.approx(-0.5)
    assert "loss_outside_boundary" in row["note"].split(";")


def test_unlinked_waves_have_no_losses() -> None:
    pre, post = normal(7, 40)
    assert losses(run(design(linked=False), people(pre, post))).empty
