"""Ticket lists: registrations, attendances and people stay three numbers."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from planning_data import KEY, catalogue, lookup
from shared_files import fixture

from twinimpact.errors import IngestError
from twinimpact.evaluation import Evaluation, parse_evaluation
from twinimpact.ingest.apply import apply_plans
from twinimpact.ingest.checkins import READERS, ticket_rows
from twinimpact.ingest.detect import detect
from twinimpact.ingest.draft import draft_of
from twinimpact.ingest.mapping import ColumnMapping, parse_mapping
from twinimpact.ingest.plan import plan_imports
from twinimpact.ingest.rows import CheckedRows
from twinimpact.ingest.source import read_tables
from twinimpact.workspace import create_workspace, read_table

SECRET = "abcdefghijklmnopqrstuvwxyz23456"
PRETIX = (
    "Order code,Attendee name,Attendee name: Given name,Attendee name: Family name,Product,Price,"
    "Checked in,Checked out,Automatically checked in,Secret,E-mail,Home town,Company,Voucher code,"
    "Order date\n"
)
PRETIX_ROWS = (
    f"AB3CD,Ann Lee,Ann,Lee,Ticket,0.00,2025-05-03 10:02,,No,{SECRET}a,ann@example.org,Lindau,,,"
    "2025-04-01\n"
    f"AB3CD,Bo Lee,Bo,Lee,Ticket,0.00,,,No,{SECRET}b,ann@example.org,Morlaix,,,2025-04-01\n"
    f"XY9ZZ,,,,Ticket,0.00,03.05.2025 11:00,,No,{SECRET}c,cy@example.org,,,,2025-04-02\n"
)
POSITIONS = (
    "Event slug,Order code,Position ID,Status,E-mail,Order date,Product,Price,Attendee name,"
    "Attendee email,Country,Pseudonymization ID,Checked in\n"
    "fest,AB3CD,1,Paid,ann@example.org,2025-04-01,Day,5.00,Ann Lee,ann@example.org,DE,ABCDEFGH12,\n"
    "fest,AB3CD,2,Paid,ann@example.org,2025-04-01,Ticket,5.00,Bo Lee,,FR,ABCDEFGH34,\n"
    "fest,XY9ZZ,1,Canceled,cy@example.org,2025-04-02,Ticket,5.00,Cy,,,ABCDEFGH56,\n"
)
EVENTBRITE = "Order #,Order Date,First Name,Last Name,Email,Quantity,Attendee #,Attendee Status\n"
LUMA = (
    "api_id,name,first_name,last_name,email,phone_number,created_at,approval_status,checked_in_at\n"
)


def tickets(
    folder: Path,
    text: str | bytes,
    mapping: dict[str, object] | None = None,
    **constants: str,
) -> CheckedRows:
    path = folder / "list.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    tables = read_tables(path)
    content = {"constants": constants, **(mapping or {})}
    checked = parse_mapping(content, "map.toml", "attendance")
    made = ticket_rows(tables, detect(tables), checked, (lookup(), KEY))
    assert len(made.frame) + sum(made.excluded.values()) + made.quarantined == made.rows
    return made


def three_numbers(checked: CheckedRows) -> tuple[int, int, int]:
    frame = checked.frame
    there = frame[frame["attended"].fillna(False).astype(bool)]
    people = there["participant_id"].dropna().nunique()
    return int(frame["count"].sum()), int(there["count"].sum()), int(people)


def codes(checked: CheckedRows) -> list[str]:
    return [problem.code for problem in checked.problems]


# --- real files ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "pretix/checkinlist_simple.csv",
        "pretix/checkinlist_two_orders.csv",
        "eventbrite/attendee_report_32col.csv",
    ],
)
def test_a_real_list_gives_the_expected_tickets(name: str) -> None:
    listed = json.loads(fixture("EXPECTED.json").read_text(encoding="utf-8"))
    entry = next(one for one in listed if one["path"] == name)
    tables = read_tables(fixture(name))
    draft = draft_of(fixture(name))
    assert draft.platform == name.split("/")[0]
    assert len(draft.columns) == entry["n_cols"]
    assert len(draft.rows) == entry["n_responses"]
    ids = [row.response_id for row in draft.rows]
    assert len(set(ids)) == entry["n_unique_ids"]
    assert (ids[0], ids[-1]) == (entry["first_id"], entry["last_id"])
    assert [c.name for c in draft.columns if c.role == "id"] == [entry["id_column"]]
    mapping = ColumnMapping(constants={"activity": "fest"})
    checked = ticket_rows(tables, detect(tables), mapping, (lookup(), KEY))
    meaning = entry.get("semantics", {})
    registered = meaning.get("registrations", meaning.get("attending", entry["n_responses"]))
    assert three_numbers(checked) == (registered, meaning.get("checked_in", 0), 0)
    assert checked.frame["participant_id"].nunique() == registered
    texts = checked.frame.to_csv() + "".join(str(problem) for problem in checked.problems)
    for row in tables[0].rows[1:]:
        for cell in row:
            personal = "@" in cell or cell in ids or len(cell.split()) > 2
            assert not personal or cell not in texts
    orders = meaning.get("order_ids_text")
    if orders:
        assert [row.cells[0] for row in draft.rows] == orders


# --- pretix --------------------------------------------------------------------------------


def test_an_order_code_is_no_person_and_an_empty_check_in_no_presence(tmp_path: Path) -> None:
    checked = tickets(tmp_path, PRETIX + PRETIX_ROWS, activity="fest")
    assert three_numbers(checked) == (3, 2, 2)
    frame = checked.frame
    assert frame["town_id"].fillna("").tolist() == ["lin", "mor", ""]
    assert frame["evidence"].tolist() == ["ticket", "registration", "ticket"]
    assert frame["participant_id"].nunique() == 3
    assert codes(checked) == []


def test_the_same_person_at_two_events_is_one(tmp_path: Path) -> None:
    one = tickets(tmp_path, PRETIX + PRETIX_ROWS, activity="fest").frame
    other = PRETIX_ROWS.splitlines()[0].replace(SECRET, SECRET[::-1]).replace("AB3CD", "QQ1QQ")
    two = tickets(tmp_path, PRETIX + other + "\n", activity="lin-mor-1").frame
    assert set(two["participant_id"]) < set(one["participant_id"])
    assert set(two["activity_id"]) == {"lin-mor-1"}


def test_two_tickets_in_one_name_are_two_people(tmp_path: Path) -> None:
    row = PRETIX_ROWS.splitlines()[0]
    twice = row + "\n" + row.replace(SECRET + "a", SECRET + "z") + "\n"
    assert three_numbers(tickets(tmp_path, PRETIX + twice, activity="fest")) == (2, 2, 2)


def test_order_positions_know_registrations_and_not_who_came(tmp_path: Path) -> None:
    checked = tickets(tmp_path, POSITIONS)
    assert checked.excluded == {"not_attending": 1}
    assert three_numbers(checked) == (2, 0, 0)
    assert checked.frame["attended"].isna().all()
    assert checked.frame["country"].tolist() == ["DE", "FR"]
    assert codes(checked) == ["guests_nobody_there"]
    assert checked.problems[0].got == "2"
    draft = draft_of(tmp_path / "list.csv")
    assert draft.rows[0].response_id == "ABCDEFGH12"
    assert [row.state for row in draft.rows].count("not_attending") == 1


def test_a_position_is_told_by_its_order_and_number(tmp_path: Path) -> None:
    lines = [line.rsplit(",", 2)[0] for line in POSITIONS.splitlines()]
    tickets(tmp_path, "\n".join(lines) + "\n")
    ids = [row.response_id for row in draft_of(tmp_path / "list.csv").rows]
    assert ids == ["AB3CD-1", "AB3CD-2", "XY9ZZ-1"]


GERMAN = {
    "Order code": "Bestellnummer", "Attendee name: Given name": "Name Teilnehmer*in: Vorname",
    "Attendee name: Family name": "Name Teilnehmer*in: Nachname",
    "Attendee name": "Name Teilnehmer*in", "Product": "Produkt", "Price": "Preis",
    "Automatically checked in": "Automatisch eingecheckt", "Checked in": "Eingecheckt",
    "Checked out": "Ausgecheckt", "Secret": "Geheimnis", "Home town": "Wohnort",
    "Order date": "Bestelldatum", ",No,": ",Nein,",
}  # fmt: skip
# Romanian and Greek words that no list of headers holds
STRANGE = {
    "Order code": "Cod comandă", "Attendee name: Given name": "Nume participant: Prenume",
    "Attendee name: Family name": "Nume participant: Nume",
    "Attendee name": "Nume participant", "Product": "Produs", "Price": "Preț",
    "Automatically checked in": "Αυτόματα", "Checked in": "Είσοδος",
    "Checked out": "Έξοδος", "Secret": "Μυστικό", "E-mail": "Ηλεκτρονικό",
    "Order date": "Data comenzii", "Home town": "Stadt",
}  # fmt: skip


@pytest.mark.parametrize("words", [GERMAN, STRANGE], ids=["German", "not listed"])
def test_translated_headers_give_the_same_list(tmp_path: Path, words: dict[str, str]) -> None:
    text = PRETIX + PRETIX_ROWS
    wanted = tickets(tmp_path, text, activity="fest").frame
    for old, new in words.items():
        text = text.replace(old, new)
    made = tickets(tmp_path, text, activity="fest")
    assert three_numbers(made) == (3, 2, 2)
    assert made.frame["participant_id"].tolist() == wanted["participant_id"].tolist()
    personal = {c.name for c in draft_of(tmp_path / "list.csv").columns if c.role == "personal"}
    assert any("participant" in name or "Teilnehmer" in name for name in personal)


def test_ordinary_tables_are_no_ticket_lists(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("code,name,price,a,b,c,d,e\nABC,x,1.00,yes,no,1,2,3\n")
    assert detect(read_tables(path)).platform == "spreadsheet"


# --- Eventbrite ----------------------------------------------------------------------------


def eventbrite(*rows: str) -> str:
    return EVENTBRITE + "".join(f"{row}\n" for row in rows)


def test_given_back_tickets_do_not_count_and_a_row_can_stand_for_several(tmp_path: Path) -> None:
    text = eventbrite(
        "11211912243,11/29/24 22:28,Ann,Lee,ann@example.org,1,18441583423,Checked In",
        "11211912244,11/29/24 22:28,Bo,Lee,bo@example.org,3,18441583424,Checked In",
        "11211912245,11/30/24 22:28,Cy,Lee,cy@example.org,1,18441583425,Attending",
        "11211912246,11/30/24 22:28,Di,Lee,di@example.org,1,18441583426,Not Attending",
        "11211912247,11/30/24 22:28,Ed,Lee,ed@example.org,1,18441583427,Refunded",
        "11211912248,11/30/24 22:28,Flo,Lee,flo@example.org,1,18441583428,Cancelled",
    )
    checked = tickets(tmp_path, text, activity="fest")
    assert checked.excluded == {"not_attending": 3}
    assert three_numbers(checked) == (5, 4, 1)
    assert checked.frame["attended"].tolist() == [True, True, False]
    draft = draft_of(tmp_path / "list.csv")
    assert draft.rows[0].cells[0] == "11211912243"
    assert draft.rows[0].submitted == "2024-11-29T22:28:00"


def test_a_quantity_that_repeats_the_rows_of_its_order_is_not_counted_twice(tmp_path: Path) -> None:
    text = eventbrite(
        "1,11/29/24 22:28,Ann,Lee,ann@example.org,2,10,Checked In",
        "1,11/29/24 22:28,Bo,Lee,ann@example.org,2,11,Checked In",
    )
    assert three_numbers(tickets(tmp_path, text, activity="fest")) == (2, 2, 2)


def test_attending_alone_does_not_say_who_came(tmp_path: Path) -> None:
    checked = tickets(
        tmp_path, eventbrite("1,11/29/24 22:28,A,Lee,a@example.org,1,10,Attending"), activity="fest"
    )
    assert checked.frame["attended"].isna().all()
    assert codes(checked) == ["guests_nobody_there"]


def test_a_status_nobody_knows_is_told(tmp_path: Path) -> None:
    text = eventbrite("1,11/29/24 22:28,A,Lee,a@example.org,1,10,Hovering")
    checked = tickets(tmp_path, text, activity="fest")
    assert "guests_unknown_status" in codes(checked)
    assert three_numbers(checked)[0] == 1


def test_a_number_of_tickets_that_is_none_is_quarantined(tmp_path: Path) -> None:
    text = eventbrite("1,11/29/24 22:28,A,Lee,a@example.org,many,10,Attending")
    checked = tickets(tmp_path, text, activity="fest")
    assert checked.quarantined == 1
    assert "attendance_bad_count" in codes(checked)


@pytest.mark.parametrize(
    ("header", "out", "there"),
    [
        ("Bestellnummer,Bestelldatum,Vorname,Nachname,E-Mail-Adresse,Anzahl,Teilnehmernummer,"
         "Teilnehmerstatus", "Storniert", "Eingecheckt"),
        ("N° de commande,Date de commande,Prénom,Nom de famille,Adresse e-mail,Quantité,"
         "N° de participant,Statut du participant", "Remboursé", "Enregistré"),
        ("Número de pedido,Fecha de pedido,Nombre,Apellidos,Correo electrónico,Cantidad,"
         "Número de asistente,Estado del asistente", "Cancelado", "Registrado"),
        ("Numero ordine,Data ordine,Nome,Cognome,Indirizzo e-mail,Quantità,Numero partecipante,"
         "Stato del partecipante", "Annullato", "Check-in effettuato"),
    ],
)  # fmt: skip
def test_a_report_in_another_language_is_the_same_list(
    tmp_path: Path, header: str, out: str, there: str
) -> None:
    rows = (
        f"1,29/11/24 22:28,Ann,Lee,ann@example.org,1,10,{there}\n"
        f"2,30/11/24 22:28,Bo,Lee,bo@example.org,1,11,{out}\n"
    )
    checked = tickets(tmp_path, header + "\n" + rows, activity="fest")
    assert checked.excluded == {"not_attending": 1}
    assert three_numbers(checked) == (1, 1, 1)
    english = tickets(tmp_path, eventbrite(rows.splitlines()[0].replace(there, "Checked In")),
                      activity="fest")  # fmt: skip
    assert english.frame["participant_id"].tolist() == checked.frame["participant_id"].tolist()


# --- Luma ----------------------------------------------------------------------------------


def test_only_approved_guests_are_registered(tmp_path: Path) -> None:
    text = LUMA + (
        "gst-1,Ann Lee,Ann,Lee,ann@example.org,+4911111111,2025-05-01T10:00:00.000Z,approved,"
        "2025-05-03T08:00:00.000Z\n"
        "gst-2,Bo Lee,Bo,Lee,bo@example.org,,2025-05-01T10:00:00.000Z,approved,\n"
        "gst-3,Cy Lee,Cy,Lee,cy@example.org,,2025-05-01T10:00:00.000Z,pending_approval,\n"
        "gst-4,Di Lee,Di,Lee,di@example.org,,2025-05-01T10:00:00.000Z,declined,\n"
    )
    checked = tickets(tmp_path, text, activity="fest")
    assert checked.excluded == {"not_attending": 2}
    assert three_numbers(checked) == (2, 1, 1)
    assert set(READERS) == {"pretix", "eventbrite", "luma"}


# --- which event ---------------------------------------------------------------------------


def test_without_an_event_the_list_is_refused_with_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(IngestError, match="which event") as caught:
        tickets(tmp_path, PRETIX + PRETIX_ROWS)
    assert "constants = {activity" in caught.value.hint


def test_an_event_of_the_list_can_be_translated_in_the_mapping(tmp_path: Path) -> None:
    text = POSITIONS.replace("\nfest,", "\nchor25,")
    unknown = tickets(tmp_path, text)
    assert unknown.quarantined == 2
    assert codes(unknown)[:2] == ["attendance_unknown_activity"] * 2
    values = {"values": {"activity_id": {"chor25": "lin-mor-1"}}}
    assert set(tickets(tmp_path, text, values).frame["activity_id"]) == {"lin-mor-1"}
    # a person's word about the whole list needs no translation
    assert set(tickets(tmp_path, text, activity="fest").frame["activity_id"]) == {"fest"}


# --- the same list again -------------------------------------------------------------------


@pytest.mark.parametrize("change", ["rows", "columns", "utf-16", "semicolon", "bom", "crlf"])
def test_a_copy_in_another_order_or_encoding_adds_nobody(tmp_path: Path, change: str) -> None:
    text = PRETIX + PRETIX_ROWS
    wanted = tickets(tmp_path, text, activity="fest").frame
    lines = [line.split(",") for line in text.splitlines()]
    if change == "rows":
        lines[1:] = lines[:0:-1]
    order = list(range(len(lines[0])))
    if change == "columns":
        random.Random(3).shuffle(order)
    mark = ";" if change == "semicolon" else ","
    end = "\r\n" if change == "crlf" else "\n"
    made = end.join(mark.join(line[place] for place in order) for line in lines) + end
    encoding = {"utf-16": "utf-16", "bom": "utf-8-sig"}.get(change, "utf-8")
    frame = tickets(tmp_path, made.encode(encoding), activity="fest").frame
    key = ["activity_id", "row_key", "row_hash"]
    assert (
        frame[key].sort_values("row_key").to_numpy().tolist()
        == wanted[key].sort_values("row_key").to_numpy().tolist()
    )


def test_no_name_address_or_ticket_leaves_the_list(tmp_path: Path) -> None:
    checked = tickets(tmp_path, PRETIX + PRETIX_ROWS, activity="fest")
    kept = checked.frame.to_csv() + repr(checked.problems)
    for word in ("Ann", "Lee", "example.org", SECRET, "AB3CD"):
        assert word not in kept


# --- on a real workspace -------------------------------------------------------------------

SETTINGS = """
schema = 1
[evaluation]
id = "demo"
title = "Demo"
as_of = 2025-12-31
[[sources]]
file = "inbox/towns.csv"
table = "towns"
[[sources]]
file = "inbox/partnerships.csv"
table = "partnerships"
[[sources]]
file = "inbox/log.csv"
table = "activities"
[[sources]]
file = "inbox/tickets.csv"
table = "attendance"
platform = "pretix"
constants = {activity = "Fest"}
"""
FILES = {
    "towns.csv": "town_id;name;country\nlin;Lindau;DE\nmor;Morlaix;FR\n",
    "partnerships.csv": "partnership_id;name;town_a;town_b\nlin-mor;L – M;lin;mor\n",
    "log.csv": "Titel;Datum;Teilnehmende;Status\nFest;3.5.2025;48;durchgeführt\n",
}


@pytest.mark.parametrize("scanned", [True, False])
def test_a_log_counts_where_nobody_was_scanned_and_the_tickets_elsewhere(
    tmp_path: Path, scanned: bool
) -> None:
    root = tmp_path / "demo"
    (root / "inbox").mkdir(parents=True)
    workspace = create_workspace(root)
    rows = PRETIX_ROWS if scanned else PRETIX_ROWS.splitlines()[1] + "\n"
    for name, text in {**FILES, "tickets.csv": PRETIX + rows}.items():
        (root / "inbox" / name).write_text(text, encoding="utf-8")
    settings: Evaluation = parse_evaluation(SETTINGS, "evaluation.toml", Path())
    plans = plan_imports(workspace, settings, catalogue(), KEY)
    assert not any(plan.failed for plan in plans), [plan.problems for plan in plans]
    tickets_plan = next(plan for plan in plans if plan.platform == "pretix")
    assert tickets_plan.evidence
    apply_plans(workspace, plans)
    attendance = read_table(workspace, "attendance")
    there = attendance[attendance["attended"].fillna(False).astype(bool)]
    assert there["count"].sum() == (2 if scanned else 48)
    missing = [p.code for plan in plans for p in plan.problems]
    assert "activities_no_attendance" not in missing
    again = plan_imports(workspace, settings, catalogue(), KEY)
    assert sum(len(plan.new) + len(plan.changed) for plan in again) == 0
