"""The evidence grade and the plan's table of deviations in the partnership report."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from sample_bundle import sample_bundle

from twinimpact.bundle import Bundle
from twinimpact.impact.notes import CODES
from twinimpact.report import sections
from twinimpact.report.content import Content, Table, Text
from twinimpact.report.sections.evidence import evidence_blocks
from twinimpact.report.words_evidence import GRADE_REASONS, GRADES
from twinimpact.schema import concat_results, result_frame


def with_grades(*grades: tuple[str, str, str], status: str = "ok") -> Bundle:
    bundle = sample_bundle()
    rows = [
        {
            "outcome": "Q08", "estimand": estimand, "method": "grade_rule", "unit": "class",
            "partnership": "lin-mor", "group": letter, "note": note, "status": status,
        }
        for estimand, letter, note in grades
    ]  # fmt: skip
    return replace(bundle, results=concat_results([bundle.results, result_frame(rows)]))


def words(content: Content | list[Any]) -> str:
    parts = content if isinstance(content, tuple) else (content,)
    return " ".join(
        span.text
        for part in parts
        if isinstance(part, Text)
        for block in part.blocks
        for span in block.spans
    )


def test_the_grade_is_said_with_its_reasons_heaviest_first() -> None:
    bundle = with_grades(
        ("grade", "C", "grade_design:C=1;grade_linking:B=0.62;grade_lowest:tw_thermo"),
        ("grade|tw_thermo", "C", ""),
        ("grade|tw_trust", "B", ""),
    )
    text = words(sections.design_level(bundle))
    design, linking = (
        text.index(part) for part in ("The design is at level 1 of 5", "% were found")
    )
    assert text.index("Evidence grade C") < design < linking
    assert "By scale: B: Trust; C: Warmth." in text


def test_without_a_grade_nothing_is_said_and_a_hidden_one_says_so() -> None:
    assert evidence_blocks(sample_bundle()) == []
    hidden = with_grades(("grade", "", "grade_hidden"), status="not_estimable")
    assert "hidden or missing" in words(sections.design_level(hidden))


@pytest.mark.parametrize("letter", GRADES)
def test_every_reason_and_grade_has_finished_words(letter: str) -> None:
    for code in GRADE_REASONS:
        told = f"{code}:{letter}" if code.endswith("_unknown") else f"{code}:{letter}=0.50"
        text = words(sections.design_level(with_grades(("grade", letter, told))))
        assert not re.search(r"[{}]|\bnan\b", text), code
        assert not re.search(r"\beffects?\b|\bcaused?\b|significan|proves", GRADE_REASONS[code])
    assert set(GRADE_REASONS) <= set(CODES)


def planned(*changes: dict[str, str]) -> Bundle:
    bundle = sample_bundle()
    plan = {"version": 2, "date": "2026-03-01", "sha256": "a" * 64, "deviations": list(changes)}
    return replace(bundle, evaluation={**bundle.evaluation, "plan": plan})


def test_deviations_stand_under_limits_only_when_there_is_a_plan() -> None:
    assert isinstance(sections.limits(sample_bundle()), Text)
    content = sections.limits(
        planned(
            {"item": "sides", "planned": "one", "executed": "two", "consequence": "none",
             "reason": ""},
            {"item": "estimands.E1.date", "planned": "in_time", "executed": "too_late",
             "consequence": "exploratory", "reason": "data came early"},
        )
    )  # fmt: skip
    assert isinstance(content, tuple)
    (table,) = (part for part in content if isinstance(part, Table))
    first, second = table.rows
    assert (first["planned"], first["executed"], first["reason"]) == (
        "one", "two", "no reason given",
    )  # fmt: skip
    assert second["executed"] == "named after the first answer afterwards"
    assert second["reason"] == "data came early"
    assert "version 2, March 1, 2026" in words(content)


def test_a_plan_that_was_followed_says_so() -> None:
    content = sections.limits(planned())
    assert "Nothing that was done differs from it." in words(content)
