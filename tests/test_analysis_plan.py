"""The analysis plan: strict, hashed, its versions kept, and what counts as planned in time."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

import pytest

from twinimpact.errors import DefinitionError
from twinimpact.evaluation.plan import (
    LOG_FILE,
    confirmatory,
    load_plan,
    log_plan,
    parse_plan,
    read_record,
)
from twinimpact.evaluation.plan.models import not_planned

FULL = """
plan_version = 1
title = "Warmth after exchange weeks"
authors = ["A. Example"]
date = 2026-03-01
waves = ["pre", "post"]
clusters = ["partnership", "town"]
person_id = ["partnership", "person"]
covariates = ["age"]
alpha = 0.05
sides = "two"
conf_level = 0.95
equivalence_level = 0.95
exclusions = ["fewer than half of the items answered"]
seed = 20260301

[design]
type = "one_group_pre_post"
assigned_unit = "town"
mechanism = "none"

[arms]
column = "arm"
treated = "participant"
comparison = []

[[outcomes]]
name = "tw_trust"
role = "primary"
scale = [0, 10]
reverse = []
higher_is = "better"
sesoi = 5.0
mic = 10.0
reliability = "alpha"

[[estimands]]
id = "E1"
outcome = "tw_trust"
contrast = "post-pre"

[missing]
primary = "complete"
sensitivity = ["fill_ins"]

[[families]]
name = "primary"
outcomes = ["tw_trust"]
method = "holm"

[[subgroups]]
variable = "age_band"
confirmatory = false
"""
POST = dt.date(2026, 6, 1)


def write(folder: Path, text: str) -> Path:
    path = folder / "analysis_plan.toml"
    path.write_bytes(text.encode("utf-8"))
    return path


def logged(folder: Path, text: str, reason: str = "") -> bool:
    return log_plan(folder, load_plan(write(folder, text)), reason)


def counts(folder: Path, first_post: dt.date | None = POST, estimand: str = "E1") -> bool:
    record = read_record(folder, load_plan(folder / "analysis_plan.toml"))
    return confirmatory(record, estimand, "tw_trust", first_post)


def test_a_full_plan_is_read_and_hashed_by_its_bytes(tmp_path: Path) -> None:
    path = write(tmp_path, FULL)
    loaded = load_plan(path)
    assert loaded.plan.outcomes[0].sesoi == 5.0
    assert loaded.plan.design.type == "one_group_pre_post"
    assert loaded.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_every_fault_is_listed_at_once() -> None:
    text = (
        FULL.replace("seed = 20260301", "sed = 1\nwaves_ = []")
        .replace('sides = "two"', 'sides = "both"')
        .replace('outcomes = ["tw_trust"]', 'outcomes = ["tw_other"]')
    )
    text += '\n[[estimands]]\nid = "E1"\noutcome = "tw_trust"\n'
    with pytest.raises(DefinitionError) as caught:
        parse_plan(text.encode())
    found = {(problem.code, problem.column) for problem in caught.value.problems}
    assert found == {
        ("evaluation_misspelt_key", "sed"),
        ("evaluation_misspelt_key", "waves_"),
        ("evaluation_not_allowed", "sides"),
        ("plan_unknown_outcome", "families[1].outcomes"),
        ("evaluation_repeated", "estimands[2].id"),
    }


def test_broken_toml_and_other_encodings_name_the_line() -> None:
    with pytest.raises(DefinitionError) as caught:
        parse_plan(b'title = "a\ndate = 2026-03-01')
    assert caught.value.problems[0].code == "evaluation_syntax"
    with pytest.raises(DefinitionError) as caught:
        parse_plan(b'title = "a"\nauthors = ["\xff"]')
    assert caught.value.problems[0].row == 2


def test_a_missing_key_takes_its_default_and_is_on_record() -> None:
    plan = parse_plan(b'[[outcomes]]\nname = "tw_trust"\n[design]\nmechanism = "none"').plan
    gaps = dict(not_planned(plan))
    assert gaps["conf_level"] == 0.95
    assert gaps["outcomes.tw_trust.sesoi"] is None
    assert gaps["design.type"] is None
    assert "design.mechanism" not in gaps
    assert gaps["missing.primary"] == "complete", "also of a table that is left out"
    assert "deviations" not in gaps


def test_a_full_plan_leaves_few_gaps() -> None:
    gaps = {name for name, _ in not_planned(parse_plan(FULL.encode()).plan)}
    assert gaps == {
        "design.blocks", "design.probabilities",
        "estimands.E1.between", "estimands.E1.population", "estimands.E1.model",
    }  # fmt: skip


def test_the_log_gets_one_row_per_hash_and_keeps_earlier_rows_to_the_byte(tmp_path: Path) -> None:
    assert logged(tmp_path, FULL)
    before = (tmp_path / LOG_FILE).read_bytes()
    assert not logged(tmp_path, FULL)
    assert (tmp_path / LOG_FILE).read_bytes() == before
    later = FULL.replace("plan_version = 1", "plan_version = 2").replace("2026-03-01", "2026-04-01")
    assert logged(tmp_path, later, "=a new outcome,\nasked for")
    after = (tmp_path / LOG_FILE).read_bytes()
    assert after.startswith(before)
    lines = after.decode().splitlines()
    assert lines[0] == "version,date,hash,reason"
    assert lines[2].startswith("2,2026-04-01,")
    assert lines[2].endswith('''"'=a new outcome, asked for"''')


def test_a_log_that_is_damaged_is_refused_not_replaced(tmp_path: Path) -> None:
    (tmp_path / LOG_FILE).write_text("something else\n", encoding="utf-8")
    with pytest.raises(DefinitionError, match="plan log"):
        logged(tmp_path, FULL)
    assert (tmp_path / LOG_FILE).read_text(encoding="utf-8") == "something else\n"


def test_what_was_named_before_the_first_answer_is_confirmatory(tmp_path: Path) -> None:
    logged(tmp_path, FULL)
    assert counts(tmp_path)
    assert not counts(tmp_path, dt.date(2026, 3, 1)), "planned on the day itself is not before"
    assert not counts(tmp_path, None), "the day of the first answer is not known"
    assert not counts(tmp_path, estimand="E2")


def test_a_plan_without_a_date_makes_nothing_confirmatory(tmp_path: Path) -> None:
    logged(tmp_path, FULL.replace("date = 2026-03-01\n", ""))
    assert not counts(tmp_path)


def test_a_later_version_keeps_what_an_earlier_one_named(tmp_path: Path) -> None:
    logged(tmp_path, FULL)
    late = FULL.replace("date = 2026-03-01", "date = 2026-08-01")
    logged(tmp_path, late + '\n[[estimands]]\nid = "E2"\noutcome = "tw_trust"\nmodel = "ancova"\n')
    assert counts(tmp_path)
    assert not counts(tmp_path, estimand="E2")


def test_an_estimand_changed_under_the_same_id_is_not_the_planned_one(tmp_path: Path) -> None:
    logged(tmp_path, FULL)
    late = FULL.replace("date = 2026-03-01", "date = 2026-08-01")
    logged(tmp_path, late.replace('contrast = "post-pre"', 'contrast = "followup-pre"'))
    assert not counts(tmp_path)


def test_a_version_dated_back_behind_a_logged_one_does_not_count_as_earlier(
    tmp_path: Path,
) -> None:
    logged(tmp_path, FULL.replace("2026-03-01", "2026-08-01").replace('id = "E1"', 'id = "E0"'))
    write(tmp_path, FULL)
    assert not counts(tmp_path), "not even before it is logged"
    logged(tmp_path, FULL)
    assert not counts(tmp_path)


def test_a_kept_copy_that_was_changed_does_not_count(tmp_path: Path) -> None:
    logged(tmp_path, FULL)
    late = FULL.replace("date = 2026-03-01", "date = 2026-08-01")
    logged(tmp_path, late)
    assert counts(tmp_path)
    copy = next((tmp_path / "plan_versions").glob(f"{parse_plan(FULL.encode()).sha256}.toml"))
    copy.write_text(FULL + "\n", encoding="utf-8")
    assert not counts(tmp_path)
