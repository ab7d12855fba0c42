"""Money, links, targets and conditions of a call in the partnership report."""

from __future__ import annotations

from typing import Any

from sample_bundle import sample_bundle
from test_sections import with_rows

from twinimpact.bundle import Bundle
from twinimpact.report import sections
from twinimpact.report.content import Content, Table, Text


def report(*rows: dict[str, Any]) -> Bundle:
    base = {"method": "count", "status": "ok"}
    return with_rows(sample_bundle(), [base | row for row in rows])


def table(content: Content) -> Table:
    assert isinstance(content, Table)
    return content


def said(content: Content) -> str:
    assert isinstance(content, Text)
    return " ".join(span.text for block in content.blocks for span in block.spans)


COST = {"outcome": "K01", "estimand": "total", "unit": "eur", "estimate": 68626.65}
SHARE = {"outcome": "K06", "estimand": "share", "unit": "share_of_cost", "estimate": 0.08}


def test_cost_is_written_in_euros_with_what_limits_it() -> None:
    shown = table(sections.effort(report(COST | {"note": "events_without_costs"}, SHARE)))
    assert shown.rows[0]["value"] == "68,627 euros"
    assert shown.rows[0]["remark"] == "Some events have no cost on record"
    assert shown.rows[1]["value"].replace("\N{NO-BREAK SPACE}", "") == "8%"
    assert [column.key for column in shown.columns] == ["what", "value", "remark"]


def test_a_withheld_number_stays_in_the_table_as_a_word() -> None:
    hidden = {"outcome": "K02", "estimand": "per_day", "unit": "eur", "status": "suppressed"}
    assert table(sections.effort(report(COST, hidden))).rows[1]["value"] == "hidden"


def test_nothing_on_record_says_what_to_fill_in() -> None:
    assert "records.xlsx" in said(sections.effort(report()))
    assert "records.xlsx" in said(sections.lasting(report()))
    assert sections.targets(report()) == ()
    assert sections.call_conditions(report()) == ()
    assert sections.references(report()) == ()


def test_a_trend_carries_its_likely_range() -> None:
    trend = {"outcome": "V05", "estimand": "rate_ratio", "unit": "rate_ratio", "estimate": 2.0,
             "conf_low": 0.43, "conf_high": 12.4, "method": "poisson_exact"}  # fmt: skip
    assert table(sections.lasting(report(trend))).rows[0]["between"] == "0.43 to 12.40"


def target(name: str, of_target: float) -> list[dict[str, Any]]:
    base = {"outcome": "R22", "dimension": "indicator", "group": name, "unit": "events"}
    return [
        base | {"estimand": "actual", "estimate": 12 * of_target},
        base | {"estimand": "target", "estimate": 12.0},
        base | {"estimand": "of_target", "estimate": of_target, "unit": "share_of_target"},
    ]


def test_every_target_has_a_word_beside_its_share() -> None:
    rows = [*target("R01", 1.25), *target("R03", 0.85), *target("R05", 0.2)]
    shown = table(sections.targets(report(*rows)))
    assert [row["state"] for row in shown.rows] == [
        "● reached",
        "◐ nearly reached",
        "○ not reached",
    ]
    assert shown.rows[0]["indicator"] == "Events held"


def test_conditions_of_a_call_that_nobody_checked_say_so() -> None:
    base = {"outcome": "R20", "dimension": "activity", "group": "e1", "note": "call_not_verified"}
    margin = base | {"estimand": "min_direct|actual", "unit": "margin", "estimate": -8.0,
                     "n": 42.0, "denominator": 50.0}  # fmt: skip
    met = base | {"estimand": "min_direct|actual|met", "unit": "class", "estimate": 0.0}
    shown = table(sections.call_conditions(report(margin, met)))
    assert shown.rows[0]["met"] == "✗ not met"
    assert shown.rows[0]["rule"] == "Enough participants"
    assert shown.rows[0]["margin"].endswith("8")
    assert "compared with the call document" in shown.note


def test_a_published_figure_comes_with_its_source_and_its_limits() -> None:
    row = {"outcome": "X09", "dimension": "indicator", "group": "R09Y", "unit": "share",
           "estimate": -0.05, "denominator": 0.23, "note": "benchmark:keller-2018-under-30",
           "method": "benchmark"}  # fmt: skip
    text = said(sections.references(report(row)))
    assert "23" in text and "Keller 2018" in text and "not counted from lists" in text
