"""Costs, links, goals, targets and other tables kept by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from planning_data import lookup, no_mapping, table

from twinimpact.errors import IngestError
from twinimpact.ingest.further_tables import record_rows
from twinimpact.ingest.rows import CheckedRows
from twinimpact.ingest.sheets import NEEDED
from twinimpact.scaffold.examples import EXAMPLES
from twinimpact.scaffold.workbook import header_of
from twinimpact.schema import RECORD_TABLES, TABLES

HERE = {
    "activity_id": "fest", "partnership_id": "lin-mor", "town_id": "lin", "from_town_id": "mor",
    "created_by_activity": "fest",
}  # fmt: skip


def read(kind: str, *rows: dict[str, str]) -> CheckedRows:
    header = list(dict.fromkeys(name for row in rows for name in row))
    cells = [[row.get(name, "") for name in header] for row in rows]
    return record_rows(table([header, *cells]), kind, no_mapping(), lookup())


def codes(checked: CheckedRows) -> list[str]:
    return [problem.code for problem in checked.problems]


def only(checked: CheckedRows) -> dict[str, Any]:
    assert not checked.problems
    (row,) = checked.frame.to_dict(orient="records")
    return {str(name): value for name, value in row.items()}


@pytest.mark.parametrize("kind", RECORD_TABLES)
def test_the_example_of_the_template_is_read_whole(kind: str) -> None:
    example = {
        header_of(TABLES[kind].column(name)): HERE.get(name, text)
        for name, text in EXAMPLES[kind].items()
    }
    row = only(read(kind, example))
    for name, text in EXAMPLES[kind].items():
        if text:
            assert row[name] not in (None, ""), name
    assert set(NEEDED[kind]) <= set(TABLES[kind].names())


def test_a_cost_keeps_its_currency_and_its_receipt() -> None:
    row = only(
        read("costs", {"event": "Town festival", "receipt": "R-7", "category": "catering",
                       "amount": "1250,50", "currency": "€", "paid by": "council"})
    )  # fmt: skip
    assert (row["activity_id"], row["row_key"], row["category"]) == ("fest", "R-7", "meals")
    assert (row["amount"], row["currency"], row["payer"]) == (1250.5, "EUR", "town")


def test_an_amount_without_a_currency_is_kept_out() -> None:
    checked = read("costs", {"event": "fest", "category": "meals", "amount": "12", "currency": ""})
    assert (codes(checked), checked.quarantined) == (["records_no_currency"], 1)


def test_the_same_cost_twice_counts_once_and_another_amount_is_another_cost() -> None:
    one = {"event": "fest", "category": "meals", "amount": "12", "currency": "EUR"}
    checked = read("costs", one, one, one | {"amount": "13"})
    assert len(checked.frame) == 2
    assert checked.excluded == {"duplicate": 1}


def test_an_unknown_event_or_town_is_said() -> None:
    cost = {"event": "nowhere", "category": "meals", "amount": "1", "currency": "EUR"}
    assert codes(read("costs", cost)) == ["attendance_unknown_activity"]
    choir = {"organisation": "Choir", "town": "Atlantis", "kind": "club"}
    assert codes(read("organisations", choir)) == ["table_unknown_town"]


def test_an_organisation_gets_a_key_from_its_town_and_name() -> None:
    row = only(read("organisations", {"name": "Song Circle", "town": "Lindau", "type": "club"}))
    assert row["org_id"] == "lin-song-circle"


def test_a_link_between_organisations_names_both() -> None:
    base = {"partnership": "lin-mor", "kind": "organisation", "organisation a": "a"}
    assert codes(read("link_ledger", base)) == ["records_link_without_sides"]
    row = only(read("link_ledger", base | {"organisation b": "b", "since": "2025-05-03"}))
    assert row["created"].date() == dt.date(2025, 5, 3)
    friends = {"partnership": "lin-mor", "kind": "friendship", "alive": "yes"}
    assert only(read("link_ledger", friends))["kind"] == "personal"


@pytest.mark.parametrize("level", ["0", "6"])
def test_a_goal_has_a_level_from_one_to_five(level: str) -> None:
    checked = read("goals", {"event": "fest", "goal": "Meet", "level": level})
    assert codes(checked) == ["records_goal_level"]


def test_a_target_holds_for_the_whole_indicator_when_no_part_is_named() -> None:
    row = only(read("targets", {"partnership": "lin-mor", "indicator": "R03", "target": "120"}))
    assert (row["part"], row["target"]) == ("any", 120)


def test_a_project_does_not_end_before_it_starts() -> None:
    project = {"partnership": "lin-mor", "title": "P", "start": "2026-05-02", "end": "2026-05-01"}
    assert codes(read("projects", project)) == ["activities_end_before_start"]


def test_an_audience_without_a_method_is_left_blank() -> None:
    report = {"partnership": "lin-mor", "outlet": "press", "readers": "8000"}
    checked = read("media", report)
    assert codes(checked) == ["activities_reach_without_method"]
    assert checked.frame["audience"].isna().all()


def test_a_sheet_without_the_needed_columns_is_refused() -> None:
    with pytest.raises(IngestError, match="costs"):
        read("costs", {"name": "x", "colour": "y"})
