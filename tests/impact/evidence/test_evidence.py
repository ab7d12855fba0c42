"""The evidence grade follows from shown numbers, and never goes beyond the design."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from twinimpact.errors import DefinitionError
from twinimpact.impact.evidence import Evidence, evidence_rules, grade_evidence
from twinimpact.impact.evidence.criteria import CRITERIA
from twinimpact.impact.notes import unknown_codes
from twinimpact.resources import surveys_dir
from twinimpact.schema import result_frame

SCALE = "tw_trust"
DIFFERENCE = "post-pre|participant-comparison"


def row(outcome: str, estimand: str, estimate: float, **more: Any) -> dict[str, Any]:
    return {
        "outcome": outcome, "estimand": estimand, "estimate": estimate, "partnership": "p1",
        "method": "count",
    } | more  # fmt: skip


def table(level: int = 1, n: int = 120, **changes: Any) -> list[dict[str, Any]]:
    """A partnership that would get A if its design level allowed it."""
    estimand = DIFFERENCE if level >= 2 else "post-pre"
    method = "town_mean_t" if level >= 2 else "paired_t"
    label = "pre_post_comparison" if level >= 2 else "one_group_pre_post"
    values = {"match": 0.8, "smd": 0.1, "alpha": 0.8} | changes
    return [
        row("Q07", label, level, method="design_rule", grade=level, n=n),
        row(SCALE, estimand, 6.0, method=method, grade=level, n=n, conf_low=2.0, conf_high=10.0,
            arm="" if level >= 2 else "participant", verdict="inconclusive", direction="better"),
        row("Q02", "match_rate", values["match"], wave="post", arm="participant"),
        row("Q03", "linked-unlinked", values["smd"], wave="pre", arm="participant",
            dimension="scale", group=SCALE),
        row(SCALE, "alpha", values["alpha"], wave="pre", method="alpha_feldt"),
        row(SCALE, "alpha", 0.85, wave="post", method="alpha_feldt"),
    ]  # fmt: skip


def graded(rows: list[dict[str, Any]], **settings: Any) -> Evidence:
    return grade_evidence(result_frame(rows), scales={SCALE: 5.0}, **settings)


def grade(rows: list[dict[str, Any]], estimand: str = f"grade|{SCALE}") -> tuple[str, str]:
    found = graded(rows).rows
    one = found[found["estimand"] == estimand].iloc[0]
    return str(one["group"]), str(one["note"])


def test_the_design_alone_sets_the_best_grade() -> None:
    assert grade(table(level=3)) == ("A", "")
    assert grade(table(level=2)) == ("B", "grade_design:B=2")
    assert grade(table(level=1)) == ("C", "grade_design:C=1")
    assert grade(table(level=0)) == ("D", "grade_design:D=0")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"n": 99}, ("B", "grade_people:B=99")),
        ({"n": 29}, ("C", "grade_people:C=29")),
        ({"n": 9}, ("D", "grade_people:D=9")),
        ({"match": 0.5}, ("B", "grade_linking:B=0.50")),
        ({"match": 0.2}, ("C", "grade_linking:C=0.20")),
        ({"smd": -0.3}, ("B", "grade_linked_differ:B=0.30")),
        ({"smd": 0.7}, ("C", "grade_linked_differ:C=0.70")),
        ({"alpha": 0.65}, ("B", "grade_reliability:B=0.65")),
        ({"alpha": 0.4}, ("C", "grade_reliability:C=0.40")),
        ({"alpha": math.nan}, ("A", "")),  # the other wave's is known
        ({"match": math.nan}, ("B", "grade_linking_unknown:B")),
    ],
)
def test_each_criterion_says_what_it_leaves(
    change: dict[str, float], expected: tuple[str, str]
) -> None:
    assert grade(table(level=3, **change)) == expected  # type: ignore[arg-type]


def test_no_combination_goes_beyond_the_design() -> None:
    best = {0: "D", 1: "C", 2: "B", 3: "A", 4: "A", 5: "A"}
    for level, n, match in itertools.product(range(6), (9, 29, 99, 500), (0.2, 0.6, 0.9)):
        found = graded(table(level=level, n=n, match=match)).rows
        assert all(letter >= best[level] for letter in found["group"]), (level, n, match)
        assert not unknown_codes(found["note"])


def test_response_counts_only_where_it_is_known() -> None:
    known = [*table(level=3), row("Q01", "response_rate", 0.3, arm="participant")]
    assert grade(known) == ("C", "grade_response:C=0.30")


def test_a_single_question_has_no_known_reliability() -> None:
    rows = [one for one in table(level=3) if one["estimand"] != "alpha"]
    assert grade(rows) == ("B", "grade_reliability_unknown:B")


def test_a_small_partnership_borrows_the_reliability_of_the_programme() -> None:
    rows = [one for one in table(level=3) if one["estimand"] != "alpha"]
    rows.append(row(SCALE, "alpha", 0.75, partnership="*", wave="pre"))
    assert grade(rows) == ("A", "")


def test_linking_is_no_criterion_when_other_people_were_asked_each_time() -> None:
    rows = [one for one in table(level=3) if one["outcome"] not in ("Q02", "Q03")]
    assert set(graded(rows, linked=False).rows["group"]) == {"A"}


def test_a_hidden_number_has_no_grade_and_the_grade_tells_nothing_of_it() -> None:
    rows = table(level=3)
    rows[1] |= {"status": "suppressed", "estimate": None, "n": None, "grade": None}
    found = graded(rows).rows.set_index("estimand")
    scale = found.loc[f"grade|{SCALE}"]
    told = (scale["group"], scale["status"], scale["note"])
    assert told == ("", "not_estimable", "grade_hidden")
    assert found.loc["grade", "status"] == "not_estimable"
    steps = graded(rows).grades
    assert steps.empty


def test_a_partnership_gets_the_grade_of_its_weakest_scale_and_says_which() -> None:
    rows = table(level=3)
    rows += [one | {"outcome": "tw_conf", "n": 25} for one in rows if one["outcome"] == SCALE]
    rows += [one | {"group": "tw_conf"} for one in rows if one["outcome"] == "Q03"]
    found = grade_evidence(result_frame(rows), scales={SCALE: None, "tw_conf": None}).rows
    whole = found[found["estimand"] == "grade"].iloc[0]
    assert (whole["group"], whole["note"]) == ("C", "grade_people:C=25;grade_lowest:tw_conf")


def test_a_partnership_never_goes_beyond_its_own_design_level() -> None:
    rows = table(level=3)
    rows[0] |= {"estimate": 2, "grade": 2}
    assert grade(rows) == ("A", "")
    assert grade(rows, "grade") == ("B", f"grade_design:B=2;grade_lowest:{SCALE}")


def test_a_refused_comparison_is_passed_over_for_the_change_of_participants() -> None:
    rows = table(level=2)
    rows[1] |= {"status": "refused", "estimate": None}
    rows.append(row(SCALE, "post-pre", 3.0, method="paired_t", grade=1, n=60, arm="participant"))
    assert grade(rows) == ("C", "grade_design:C=1;grade_people:B=60")


def test_order_and_other_rows_do_not_matter() -> None:
    rows = table(level=2, n=40, smd=0.3)
    mixed = [row("R01", "held", 3.0), *rows[::-1], row(SCALE, "ceiling", 0.2)]
    assert grade(mixed) == grade(rows)


def test_the_shipped_limits_have_reasons_and_never_lift_a_design() -> None:
    rules = evidence_rules()
    assert tuple(rules.criteria) == CRITERIA
    caps = rules.criteria["design"].caps(np.arange(6.0))
    assert caps.tolist() == [0, 1, 2, 3, 3, 3]
    assert all(len(one.reason) > 40 for one in rules.criteria.values())


@pytest.mark.parametrize(
    ("old", "new"),
    [("A = 100", "A = 10\n#"), ('id = "people"', 'id = "persons"'), ('better = "higher"', "")],
)
def test_limits_that_do_not_hold_together_are_refused(tmp_path: Path, old: str, new: str) -> None:
    text = (surveys_dir() / "evidence.toml").read_text(encoding="utf-8")
    path = tmp_path / "evidence.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DefinitionError):
        evidence_rules(path)


def ladder(found: Evidence, name: str, partnership: str = "p1") -> pd.DataFrame:
    steps = found.grades
    return steps[(steps["ladder"] == name) & (steps["partnership"] == partnership)]


def change(**more: Any) -> list[dict[str, Any]]:
    rows = table(level=1)
    rows[1] |= more
    return rows


def final(rows: list[dict[str, Any]], name: str = "GRADE", partnership: str = "p1") -> str:
    return str(ladder(graded(rows), name, partnership)["level"].iloc[-1])


def test_grade_starts_low_without_randomising_and_high_with_it() -> None:
    assert final(change()) == "low"
    assert final(table(level=5)) == "high"


def test_grade_goes_down_by_one_for_each_trigger_and_not_below_very_low() -> None:
    wide = change(conf_low=-1.0, conf_high=9.0)
    assert final(wide) == "very low"
    narrow = change(conf_low=-1.0, conf_high=4.0)
    assert final(narrow) == "low", "zero inside, the size worth having outside"
    assert final(change(note="retro_pre")) == "very low"
    assert final(change(note="retro_pre", conf_low=-1.0, conf_high=9.0)) == "very low"
    lost = [*change(), row(SCALE, "loss|overall", 0.7, method="wilson")]
    steps = ladder(graded(lost), "GRADE").set_index("step")
    assert steps.loc["loss", "change"] == -1
    assert steps.loc["loss", "value"] == pytest.approx(0.7)


def test_grade_goes_up_for_a_large_firm_change_only_without_a_step_down() -> None:
    size = row(SCALE, "post-pre", 1.6, method="d_av_bonett", unit="sd", std_error=0.15,
               arm="participant")  # fmt: skip
    # exp(0.91 * 1.6 - 1.78 * 0.15) = 3.28, E-value 6.0
    up = graded([*change(), size])
    step = ladder(up, "GRADE").set_index(["step", "trigger"]).loc[("large", "e_value_of_limit")]
    low = math.exp(0.91 * 1.6 - 1.78 * 0.15)
    assert step["value"] == pytest.approx(low + math.sqrt(low * (low - 1)))
    assert final([*change(), size]) == "moderate"
    assert final([*change(note="retro_pre"), size]) == "very low"
    assert final([*change(), size | {"estimate": 0.7}]) == "low"


def programme(i2: float, low: float, partnerships: int = 6) -> list[dict[str, Any]]:
    rows = [one | {"partnership": "*"} for one in change()]
    shared = {"partnership": "*", "method": "meta_reml_hk", "arm": "participant"}
    rows.append(row(SCALE, "post-pre|prediction", 4.0, conf_low=low, conf_high=9.0,
                    clusters=partnerships, direction="better", **shared))  # fmt: skip
    rows.append(row(SCALE, "post-pre|i2", i2, **shared))
    return rows


def test_partnerships_that_disagree_take_the_programme_down() -> None:
    assert final(programme(80.0, -2.0), partnership="*") == "very low"
    assert final(programme(80.0, 1.0), partnership="*") == "low"
    assert final(programme(70.0, -2.0), partnership="*") == "low"
    assert final(programme(80.0, -2.0, partnerships=4), partnership="*") == "low"


def test_nesta_needs_change_then_a_comparison_then_several_partnerships() -> None:
    assert final(change(), "Nesta") == "2"
    good = table(level=3)
    good[1] |= {"verdict": "beneficial"}
    assert final(good, "Nesta") == "3"
    two = good + [one | {"partnership": "p2"} for one in good]
    assert final(two + programme(10.0, 1.0), "Nesta", "*") == "4"
    assert final(two + programme(10.0, -1.0), "Nesta", "*") == "2"
    assert final(good + programme(10.0, 1.0), "Nesta", "*") == "2"


def test_what_cannot_be_told_from_data_is_a_step_that_says_so() -> None:
    steps = graded(change()).grades
    told = set(steps.loc[steps["trigger"] == "not_derivable", "step"])
    assert told == {"publication_bias", "5"}
    assert list(steps.columns)[3:7] == ["step", "trigger", "value", "threshold"]


def test_an_empty_table_gives_empty_answers() -> None:
    found = graded([])
    assert found.rows.empty
    assert found.grades.empty
