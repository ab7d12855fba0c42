"""Proposed mappings of logs, lists and registers."""

from __future__ import annotations

import tomllib

import pytest
from planning_data import lookup, table

from twinimpact.errors import IngestError
from twinimpact.ingest.activities import activity_rows
from twinimpact.ingest.mapping import parse_mapping
from twinimpact.ingest.proposal_text import table_toml
from twinimpact.ingest.source import RawTable
from twinimpact.ingest.table_proposal import propose_table, table_kinds

KNOWN = {
    "town": {"lindau": "lin", "lin": "lin", "morlaix": "mor"},
    "partnership": {"lin mor": "lin-mor"},
}
LOG = [
    ["Aktivitäten 2025", "", "", "", "", ""],
    ["Titel", "Datum von", "Art", "Ort der Veranstaltung", "Teilnehmende", "Bemerkung"],
    ["Chor", "14.05.2025", "Konzert", "Lindau", "48", "schön"],
    ["Lager", "20.06.2025", "Zeltlager", "Morlaix", "30", ""],
]
LIST = [
    ["Veranstaltung", "Teilnehmer-Nr.", "Name", "Stadt", "Geschlecht", "Anwesend"],
    ["Chor", "A1", "Ana Muster", "Lindau", "w", "ja"],
    ["Chor", "A2", "Bo Beispiel", "Atlantis", "xx", "ja"],
    ["Chor", "A3", "Cy Probe", "Atlantis", "w", "ja"],
]
TOWN_LIST = [["Name", "Country", "Population"], ["Lindau", "DE", "25000"]]
LINK_LIST = [["Town A", "Town B", "Form", "Signed"], ["Lindau", "Atlantis", "eternal", "1.4.1963"]]


def text(rows: list[list[str]], kind: str, platform: str = "") -> str:
    return table_toml(propose_table(table(rows), kind, KNOWN, platform), KNOWN)


@pytest.mark.parametrize(
    ("rows", "kind"),
    [(LOG, "activities"), (LIST, "attendance"), (TOWN_LIST, "towns"), (LINK_LIST, "partnerships")],
)
def test_what_a_table_is_about_is_told_from_its_headers(rows: list[list[str]], kind: str) -> None:
    assert table_kinds(table(rows)) == (kind,)
    parse_mapping(tomllib.loads(text(rows, kind)), "map.toml", kind)


def test_answers_are_no_register_and_a_workbook_may_hold_two() -> None:
    assert table_kinds(table([["Timestamp", "Town", "How was it?"], ["1", "2", "3"]])) == ()
    both: tuple[RawTable, ...] = (*table(TOWN_LIST), *table(LINK_LIST))
    assert table_kinds(both) == ("towns", "partnerships")


def test_a_log_becomes_a_mapping_that_reads_it() -> None:
    made = text(LOG, "activities")
    content = tomllib.loads(made)
    assert content["date_order"] == "day-first"
    assert content["columns"] == {
        "title": "Titel", "start_date": "Datum von", "type": "Art", "participants": "Teilnehmende",
    }  # fmt: skip
    # a header that only holds a usual name is a comment with its score
    assert '# host_town_id = "Ort der Veranstaltung"  # similar words, score 0.75' in made
    assert "# - Bemerkung" in made
    assert "# [values.type]" in made and '# "Zeltlager" = "?"' in made and '"Konzert"' not in made
    assert '# partnership = "?"  # one of: lin-mor' in made
    mapping = parse_mapping({**content, "constants": {"partnership": "lin-mor"}}, "m", "activities")
    log = activity_rows(table(LOG), mapping, lookup())
    assert log.activities.frame["title"].tolist() == ["Chor", "Lager"]
    assert log.counts.frame["count"].tolist() == [48, 30]


def test_nobody_on_a_list_is_named_in_its_mapping() -> None:
    made = text(LIST, "attendance")
    for secret in ("Ana", "Bo", "Cy", "A1", "A2", "A3", "xx"):
        assert secret not in made.replace("Anwesend", "")
    assert "look personal: Name" in made
    # what stands there more than once is about no one person
    assert "town_id: in no register of towns: Atlantis" in made


def test_what_a_table_lacks_is_said() -> None:
    rows = [["Stadt", "Geschlecht", "Anzahl"], ["Lindau", "w", "12"]]
    made = text(rows, "attendance")
    assert "No column tells: activity." in made
    assert '# activity = "?"' in made
    ticketed = text(rows, "attendance", "pretix")
    assert tomllib.loads(ticketed)["platform"] == "pretix"
    with pytest.raises(IngestError, match="No table of towns"):
        text(rows, "towns")


def test_a_register_of_partnerships_names_unknown_towns_and_words() -> None:
    made = text(LINK_LIST, "partnerships")
    assert "town_b: in no register of towns: Atlantis" in made
    assert '# "eternal" = "?"' in made
    assert tomllib.loads(made)["date_order"] == "day-first"


def test_an_order_of_dates_that_cannot_be_known_is_asked() -> None:
    rows = [["Title", "Date", "Type"], ["Fair", "3/4/2025", "concert"]]
    made = text(rows, "activities")
    assert '# date_order = "day-first"' in made
    assert "date_order" not in tomllib.loads(made)
