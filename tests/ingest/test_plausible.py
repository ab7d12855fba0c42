"""Facts that hardly go together are told, row by row, and nothing is left out for them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from planning_data import ACTIVITIES, PARTNERSHIPS, TOWNS, draft, settings

from twinimpact.evaluation import parse_evaluation
from twinimpact.ingest.plausible import implausible
from twinimpact.ingest.responses import response_rows
from twinimpact.ingest.rows import Lookup, build_lookup
from twinimpact.problems import Problem

EVALUATION = parse_evaluation(
    'schema = 1\n[evaluation]\nid = "a"\ntitle = "A"\n'
    '[[waves]]\nid = "pre"\nkind = "pre"\nlabel = "B"\n'
    '[[waves]]\nid = "post"\nkind = "post"\nlabel = "A"\n',
    "evaluation.toml",
    Path(),
)
HEADER = ["town", "partnership", "wave", "arm", "date", "age", "role", "tw_x_a"]
MAPPING = {
    "consent": {"waived": "on paper"},
    "columns": {"date": "date", "age_band": "age", "role": "role"},
}


def found(*rows: list[str], activity: str = "", lookup: Lookup | None = None) -> list[Problem]:
    known = lookup or build_lookup(
        [("pre", "Before"), ("post", "After")], TOWNS, PARTNERSHIPS, ACTIVITIES
    )
    checked = response_rows(draft(HEADER, [list(row) for row in rows]), settings(MAPPING, {}))
    assert len(checked.frame) == len(rows), [str(one) for one in checked.problems]
    return implausible(checked.frame, ("export.csv", ""), known, EVALUATION, activity)


def row(**changes: str) -> list[str]:
    usual = {
        "town": "lin", "partnership": "lin-mor", "wave": "post", "arm": "participant",
        "date": "2025-06-02", "age": "30-44", "role": "teacher", "tw_x_a": "5",
    }  # fmt: skip
    return list({**usual, **changes}.values())


def test_usual_rows_raise_nothing() -> None:
    assert found(row(), row(wave="pre", date="2025-01-02"), row(age="", role="", date="")) == []


def test_a_town_of_another_partnership_is_told_with_row_and_fix() -> None:
    problems = found(row(), row(town="mor", partnership="lin-xyz"), row(town=""), row(town="ver"))
    assert [(one.code, one.row, one.got, one.expected) for one in problems] == [
        ("responses_town_elsewhere", 3, "mor", "lin-xyz")
    ]
    assert problems[0].severity == "warning"
    assert "register of partnerships" in problems[0].hint()


def test_answers_about_events_from_before_the_first_one_are_told() -> None:
    early = row(date="2025-04-30")
    others = [row(date="2025-04-30", wave="pre"), row(date="2025-04-30", arm="comparison_peer")]
    problems = found(row(), early, *others, row(date="2025-05-01"))
    assert [(one.code, one.row) for one in problems] == [("responses_before_event", 3)]
    assert (problems[0].got, problems[0].expected) == ("2025-04-30", "2025-05-01")


def test_with_a_named_event_its_own_day_counts() -> None:
    problems = found(row(date="2025-05-20"), row(date="2025-06-01"), activity="Town festival")
    assert [(one.row, one.expected) for one in problems] == [(2, "2025-06-01")]
    assert found(row(date="2025-01-01"), activity="unheard of") == []


def test_cancelled_events_and_events_without_a_day_do_not_count() -> None:
    events = ACTIVITIES.assign(status=["cancelled", "held"])
    events.loc[1, "start_date"] = pd.NaT
    known = build_lookup([("post", "After")], TOWNS, PARTNERSHIPS, events)
    assert known.first_events == {} and known.event_starts == {}
    assert found(row(date="2020-01-01"), lookup=known) == []


def test_age_and_role_that_hardly_fit_are_told_without_saying_them() -> None:
    odd = [row(age="<14"), row(age="14-17"), row(age="75+", role="pupil_student")]
    usual = [("14-17", "pupil_student"), ("<14", "athlete"), ("75+", "elected_official"),
             ("14-17", "volunteer_organiser")]  # fmt: skip
    fine = [row(age=age, role=role) for age, role in usual]
    problems = found(*odd, *fine)
    assert [one.row for one in problems] == [2, 3, 4]
    assert {one.code for one in problems} == {"responses_age_and_role"}
    assert not any(one.got or one.expected for one in problems)
