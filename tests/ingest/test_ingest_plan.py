"""Plan and apply on a real workspace: the dry run is the real run without the last step."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from planning_data import KEY, catalogue

from twinimpact.errors import IngestError
from twinimpact.evaluation import Evaluation, parse_evaluation
from twinimpact.ingest.apply import apply_plans
from twinimpact.ingest.plan import ImportPlan, plan_imports
from twinimpact.workspace import (
    Workspace,
    create_workspace,
    imports_of,
    problems_of,
    read_links,
    read_missing,
    read_responses,
    read_table,
)

TOWNS = "town_id;name;country\nlin;Lindau;DE\nmor;Morlaix;FR\n"
LINKS = "partnership_id;name;town_a;town_b;form\nlin-mor;Lindau – Morlaix;lin;mor;formal\n"
LOG = (
    "Titel;Datum;Art;Gastgeber;Teilnehmende;Status\n"
    "Chor;3.5.2025;Konzert;Lindau;48;durchgeführt\n"
    "Markt;14.6.2025;Fest;Morlaix;;durchgeführt\n"
    "Treffen;1.2.2026;Begegnung;Morlaix;30;geplant\n"
)
LIST = "event;participant;present\nChor;anna;yes\nChor;bert;yes\n"
CALENDAR = (
    "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:Chor\nDTSTART:20250503\nEND:VEVENT\n"
    "BEGIN:VEVENT\nUID:2\nSUMMARY:Lake day\nDTSTART:20250720\nEND:VEVENT\nEND:VCALENDAR\n"
)
HEADER = "nr,when,town,tw_x_a,tw_x_b,code_1,code_2,code_3,code_4\n"
PRE = HEADER + (
    "1,2025-03-01,lin,7,5,A,K,L,07\n"
    "2,2025-03-02,mor,6,4,B,M,N,12\n"
    "3,2025-03-02,mor,99,4,C,P,Q,30\n"
    "4,2025-03-02,Atlantis,6,4,D,R,S,31\n"
    "5,2025-03-03,lin,5,5,E,T,U,01\n"
    "5,2025-03-03,lin,5,5,E,T,U,01\n"
)
POST = HEADER + "1,2025-09-01,lin,9,5,A,K,L,07\n2,2025-09-02,mor,6,5,B,M,X,12\n"
MAPPING = """
schema = 1
platform = "spreadsheet"
consent = {waived = "on paper"}
[columns]
response_id = "nr"
date = "when"
"""


PAPER = 'table = "responses"\nmapping = "mappings/paper.toml"'
HEAD = """
schema = 1
[evaluation]
id = "demo"
title = "Demo"
as_of = 2025-12-31
[design]
before = "pre"
after = "post"
linked = true
[[waves]]
id = "pre"
kind = "pre"
label = "Before"
start = 2025-03-01
end = 2025-04-30
[[waves]]
id = "post"
kind = "post"
label = "After"
start = 2025-09-01
end = 2025-10-30
"""
SOURCES = (
    f'file = "inbox/pre*.csv"\nconstants = {{wave = "pre"}}\n{PAPER}',
    f'file = "inbox/post.csv"\nconstants = {{wave = "post"}}\n{PAPER}',
    'file = "inbox/list.csv"\ntable = "attendance"',
    'file = "inbox/events.ics"\ntable = "calendar"',
    'file = "inbox/log.csv"\ntable = "activities"',
    'file = "inbox/partnerships.csv"\ntable = "partnerships"',
    'file = "inbox/towns.csv"\ntable = "towns"',
)


def settings(*sources: str, linked: bool = True) -> Evaluation:
    head = HEAD if linked else HEAD.replace("linked = true", "linked = false")
    text = head + "".join(f"[[sources]]\n{source}\n" for source in sources or SOURCES)
    return parse_evaluation(text, "evaluation.toml", Path())


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    root = tmp_path / "demo"
    root.mkdir()
    made = create_workspace(root)
    for name, text in {
        "inbox/towns.csv": TOWNS, "inbox/partnerships.csv": LINKS, "inbox/log.csv": LOG,
        "inbox/list.csv": LIST, "inbox/events.ics": CALENDAR, "inbox/pre.csv": PRE,
        "inbox/post.csv": POST, "mappings/paper.toml": MAPPING,
    }.items():  # fmt: skip
        (root / name).write_text(text, encoding="utf-8")
    return made


def plan(workspace: Workspace, evaluation: Evaluation | None = None) -> tuple[ImportPlan, ...]:
    return plan_imports(workspace, evaluation or settings(), catalogue(), KEY)


def counts(plans: tuple[ImportPlan, ...]) -> dict[str, tuple[int, int, int, int, int]]:
    """rows, new, changed, unchanged, quarantined by file and table."""
    return {
        f"{Path(one.file).name} {one.table}": (
            one.rows, len(one.new), len(one.changed), one.unchanged, one.quarantined,
        )
        for one in plans
    }  # fmt: skip


FIRST = {
    "towns.csv towns": (2, 2, 0, 0, 0),
    "partnerships.csv partnerships": (1, 1, 0, 0, 0),
    "log.csv activities": (3, 3, 0, 0, 0),
    "events.ics activities": (2, 1, 0, 0, 0),
    "list.csv attendance": (2, 2, 0, 0, 0),
    "pre.csv responses": (6, 4, 0, 0, 1),
    "post.csv responses": (2, 2, 0, 0, 0),
    "log.csv attendance": (1, 0, 0, 0, 0),
}


def test_the_dry_run_counts_every_row_and_writes_nothing(workspace: Workspace) -> None:
    before = {path: path.stat().st_mtime_ns for path in workspace.root.rglob("*.csv")}
    plans = plan(workspace)
    assert counts(plans) == FIRST
    by_name = {f"{Path(one.file).name} {one.table}": one for one in plans}
    assert by_name["pre.csv responses"].excluded == {"duplicate": 1}
    assert by_name["events.ics activities"].excluded == {"in_activity_log": 1}
    assert by_name["log.csv attendance"].excluded == {"attendance_list": 1}
    assert by_name["pre.csv responses"].evidence
    assert imports_of(workspace) == ()
    assert list((workspace.root / "quarantine").iterdir()) == []
    assert {path: path.stat().st_mtime_ns for path in workspace.root.rglob("*.csv")} == before


def test_apply_stores_what_the_plan_held_and_a_second_import_adds_nothing(
    workspace: Workspace,
) -> None:
    receipt = apply_plans(workspace, plan(workspace))
    assert len(receipt.imported) == 8
    responses = read_responses(workspace)
    assert len(responses) == 6
    assert responses["tw_x_a"].dropna().sum() == 7 + 6 + 5 + 9 + 6
    assert len(read_table(workspace, "activities")) == 4
    assert len(read_table(workspace, "attendance")) == 2
    missing = read_missing(workspace)
    assert missing["reason"].tolist() == ["out_of_range"]
    again = plan(workspace)
    assert all(one.already_imported for one in again)
    assert sum(len(one.new) + len(one.changed) for one in again) == 0
    receipt = apply_plans(workspace, again)
    assert receipt.imported == ()
    assert len(receipt.skipped) == 8
    assert len(imports_of(workspace)) == 8
    pd.testing.assert_frame_equal(read_responses(workspace), responses)


def test_people_are_linked_over_waves_with_the_import(workspace: Workspace) -> None:
    receipt = apply_plans(workspace, plan(workspace))
    assert (
        sorted(read_links(workspace)["method"]) == ["exact"] * 2 + ["fuzzy"] * 2 + ["unlinked"] * 2
    )
    assert read_responses(workspace)["person"].nunique() == 4
    assert receipt.links["responses"].sum() == 6


def test_an_import_of_nothing_leaves_the_links_alone(workspace: Workspace) -> None:
    apply_plans(workspace, plan(workspace))
    before = read_links(workspace)
    apply_plans(workspace, ())
    apply_plans(workspace, plan(workspace, settings('file = "inbox/no.csv"\ntable = "towns"')))
    pd.testing.assert_frame_equal(read_links(workspace), before)


def test_unlinked_waves_link_nobody(workspace: Workspace) -> None:
    evaluation = settings(linked=False)
    apply_plans(workspace, plan(workspace, evaluation))
    assert set(read_links(workspace)["method"]) == {"unlinked"}


def test_a_changed_file_changes_its_changed_rows_only(workspace: Workspace) -> None:
    apply_plans(workspace, plan(workspace))
    path = workspace.root / "inbox" / "pre.csv"
    path.write_text(
        PRE.replace("mor,6,4", "mor,8,4") + "6,2025-03-05,lin,1,1,F,V,W,02\n", encoding="utf-8"
    )
    plans = plan(workspace)
    assert counts(plans)["pre.csv responses"] == (7, 1, 1, 3, 1)
    apply_plans(workspace, plans)
    responses = read_responses(workspace)
    assert len(responses) == 7
    assert 8 in responses["tw_x_a"].tolist()
    path.write_text(PRE, encoding="utf-8")
    assert counts(plan(workspace))["pre.csv responses"] == (6, 0, 0, 4, 1)


def test_a_later_file_of_one_run_has_the_last_word(workspace: Workspace) -> None:
    newer = PRE.replace("mor,6,4", "mor,8,4")
    (workspace.root / "inbox" / "pre_2.csv").write_text(newer, encoding="utf-8")
    plans = plan(workspace)
    assert counts(plans)["pre_2.csv responses"] == (6, 0, 1, 3, 1)
    apply_plans(workspace, plans)
    assert 8 in read_responses(workspace)["tw_x_a"].tolist()
    assert sum(len(one.changed) for one in plan(workspace)) == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\n".join([text.splitlines()[0], *text.splitlines()[:0:-1]]) + "\n",
        lambda text: text.replace(",", ";"),
        lambda text: "\ufeff" + text.replace("\n", "\r\n"),
        lambda text: text + "\n\n",
    ],
    ids=["rows shuffled", "semicolons", "BOM and CRLF", "empty lines"],
)
def test_the_same_answers_in_another_dress_are_nothing_new(
    workspace: Workspace, change: Any
) -> None:
    apply_plans(workspace, plan(workspace))
    path = workspace.root / "inbox" / "pre.csv"
    path.write_bytes(change(PRE).encode("utf-8"))
    path.rename(path.with_name("pre-renamed.csv"))
    found = counts(plan(workspace))["pre-renamed.csv responses"]
    assert found == (6, 0, 0, 4, 1)


def test_rows_that_fit_after_a_register_grew_are_imported_from_the_same_file(
    workspace: Workspace,
) -> None:
    apply_plans(workspace, plan(workspace))
    towns = workspace.root / "inbox" / "towns.csv"
    towns.write_text(TOWNS + "atl;Atlantis;PT\n", encoding="utf-8")
    links = workspace.root / "inbox" / "partnerships.csv"
    links.write_text(LINKS, encoding="utf-8")
    plans = plan(workspace)
    assert counts(plans)["pre.csv responses"] == (6, 1, 0, 4, 0)
    apply_plans(workspace, plans)
    assert len(read_responses(workspace)) == 7
    assert counts(plan(workspace))["pre.csv responses"] == (6, 0, 0, 5, 0)


def test_a_failure_in_the_middle_leaves_nothing(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr("twinimpact.ingest.apply.link_waves", fail)
    with pytest.raises(RuntimeError):
        apply_plans(workspace, plan(workspace))
    assert imports_of(workspace) == ()
    assert len(read_table(workspace, "towns")) == 0
    assert list((workspace.root / "data").rglob("*.parquet")) == []


def test_what_was_set_aside_is_written_beside(workspace: Workspace) -> None:
    receipt = apply_plans(workspace, plan(workspace))
    names = {path.name.partition("-")[0] for path in receipt.quarantine if path.suffix == ".csv"}
    assert names == {"pre.csv", "log.csv", "events.ics"}
    text = next(path for path in receipt.quarantine if "pre" in path.name).read_text("utf-8-sig")
    assert "Atlantis" in text
    assert "responses_unknown_town" in text
    assert {problem.code for problem in problems_of(workspace)} >= {
        "responses_unknown_town", "answers_out_of_range", "activities_no_attendance",
    }  # fmt: skip


def test_files_that_fail_become_plans_and_stop_nobody(workspace: Workspace) -> None:
    inbox = workspace.root / "inbox"
    (inbox / "log.csv").write_bytes(b"%PDF-1.4 nothing")
    (inbox / "post.csv").unlink()
    (workspace.root / "mappings" / "paper.toml").write_text("a = \n", encoding="utf-8")
    plans = plan(workspace)
    codes = {one.file: [problem.code for problem in one.problems] for one in plans if one.failed}
    assert codes == {
        "inbox/log.csv": ["import_failed"],
        "inbox/pre.csv": ["mapping_not_toml"],
        "inbox/post.csv": ["import_no_file"],
    }
    receipt = apply_plans(workspace, plans)
    assert len(receipt.failed) == 3
    assert len(read_table(workspace, "towns")) == 2


def test_a_mapping_outside_the_workspace_is_not_read(workspace: Workspace) -> None:
    source = 'file = "inbox/pre.csv"\ntable = "responses"'
    evaluation = settings(source)
    outside = evaluation.sources[0].model_copy(update={"mapping": "../secret.toml"})
    plans = plan(workspace, evaluation.model_copy(update={"sources": (outside,)}))
    assert [problem.code for problem in plans[0].problems] == ["import_outside"]


def test_without_a_register_the_missing_register_is_named_first(workspace: Workspace) -> None:
    plans = plan(workspace, settings(SOURCES[0]))
    assert plans[0].problems[0].code == "import_nothing_known"
    assert plans[0].quarantined == plans[0].rows


def test_a_plan_whose_rows_do_not_add_up_cannot_exist(workspace: Workspace) -> None:
    good = plan(workspace)[0]
    with pytest.raises(IngestError, match="do not add up"):
        dataclasses.replace(good, quarantined=good.quarantined + 1)


def test_a_calendar_is_read_from_the_first_wave_to_a_year_ahead(workspace: Workspace) -> None:
    path = workspace.root / "inbox" / "events.ics"
    more = "BEGIN:VEVENT\nUID:{0}\nSUMMARY:{0}\nDTSTART:{1}\nEND:VEVENT\nEND:VCALENDAR"
    text = CALENDAR.replace("20250720", "20240720")
    text = text.replace("END:VCALENDAR", more.format("soon", "20261001"))
    text = text.replace("END:VCALENDAR", more.format("late", "20271001"))
    path.write_text(text, encoding="utf-8")
    found = next(one for one in plan(workspace) if one.platform == "icalendar")
    assert found.excluded == {"in_activity_log": 1, "out_of_window": 2}
    assert found.new["status"].tolist() == ["planned"]


def test_two_sources_that_use_the_same_numbers_are_told_apart_or_warned_about(
    workspace: Workspace,
) -> None:
    other = PRE.replace(",7,5,", ",2,2,")
    (workspace.root / "inbox" / "other.csv").write_text(other, encoding="utf-8")
    same = SOURCES[0].replace("pre*.csv", "other.csv")
    plans = plan(workspace, settings(*SOURCES, same))
    assert [problem.code for problem in plans[-2].problems if "reused" in problem.code] == [
        "import_id_reused"
    ]
    apart = same.replace('wave = "pre"', 'wave = "pre", language = "de"')
    plans = plan(workspace, settings(*SOURCES, apart))
    assert len(plans[-2].new) == 4
    assert not any("reused" in problem.code for problem in plans[-2].problems)
