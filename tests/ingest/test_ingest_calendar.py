"""Calendars: every event of the text ends among the activities or in quarantine."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from planning_data import lookup
from shared_files import fixture

from twinimpact.errors import IngestError
from twinimpact.evaluation import parse_evaluation
from twinimpact.ingest.calendar import CalendarSettings, Window, calendar_rows, calendar_text
from twinimpact.ingest.reading import window_of
from twinimpact.ingest.rows import CheckedRows

NAMES = [
    "alarm_thunderbird_future", "bom_calendar", "broken_dtstart", "empty", "event_with_recurrence",
    "example", "issue_1050_multiple_calendars", "issue_1231_recurrence",
    "issue_127_categories_with_commas", "issue_348_exception_parsing_value",
    "issue_526_calendar_with_events", "multiple_timezones", "pr_480_summary_with_colon",
    "x_location",
]  # fmt: skip
ENDLESS = "x_location"


def read(
    text: str,
    start: str = "",
    end: str = "",
    partnership: str = "lin-mor",
    as_of: str = "2026-01-01",
) -> CheckedRows:
    window = Window(
        start=dt.date.fromisoformat(start) if start else None,
        end=dt.date.fromisoformat(end) if end else None,
    )
    return calendar_rows(
        text,
        "calendar.ics",
        CalendarSettings(
            lookup=lookup(),
            partnership=partnership,
            window=window,
            as_of=dt.date.fromisoformat(as_of),
            timezone="Europe/Brussels",
        ),
    )


def event(*lines: str, uid: str = "u1") -> str:
    body = (f"UID:{uid}", "SUMMARY:Choir", *lines)
    return "\r\n".join(["BEGIN:VEVENT", *body, "END:VEVENT"])


def calendar(*events: str) -> str:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *events, "END:VCALENDAR", ""])


def adds_up(checked: CheckedRows) -> bool:
    outcomes = len(checked.frame) + sum(checked.excluded.values()) + checked.quarantined
    return outcomes == checked.rows


def expected(name: str) -> dict[str, object]:
    listed = json.loads(fixture("EXPECTED.json").read_text(encoding="utf-8"))
    return next(entry for entry in listed if entry["path"] == f"ics/{name}.ics")


def text_of(name: str) -> str:
    return calendar_text(fixture(f"ics/{name}.ics").read_bytes())


@pytest.mark.parametrize("name", [name for name in NAMES if name != ENDLESS])
def test_every_event_of_a_real_calendar_is_stored_or_quarantined(name: str) -> None:
    wanted = expected(name)
    checked = read(text_of(name))
    assert adds_up(checked)
    if name == "event_with_recurrence":
        assert len(checked.frame) == wanted["semantics"]["occurrences_1996"]
        assert set(checked.frame["start_date"].dt.year) == {1996}
        return
    assert len(checked.frame) + checked.quarantined == wanted["n_vevents"]
    quarantined = wanted.get("semantics", {}).get("quarantined")
    if quarantined is not None:
        assert checked.quarantined == quarantined


def test_all_real_calendars_are_tried() -> None:
    listed = json.loads(fixture("EXPECTED.json").read_text(encoding="utf-8"))
    found = {entry["path"] for entry in listed if entry["path"].startswith("ics/")}
    assert found == {f"ics/{name}.ics" for name in NAMES}


def test_an_endless_rule_is_followed_inside_the_window_only() -> None:
    wanted = expected("x_location")["semantics"]["occurrences"]
    last = dt.date.fromisoformat(wanted["to_exclusive"]) - dt.timedelta(days=1)
    checked = read(text_of("x_location"), wanted["from"], last.isoformat())
    assert len(checked.frame) == wanted["n"]
    assert checked.frame["activity_id"].is_unique


def test_an_endless_rule_without_a_window_ends_all_the_same() -> None:
    checked = read(calendar(event("DTSTART:20250101T100000", "RRULE:FREQ=WEEKLY")))
    assert 100 < len(checked.frame) < 110


def test_a_missing_end_of_the_calendar_is_complained_about() -> None:
    checked = read(text_of("pr_480_summary_with_colon"))
    assert checked.problems[0].code == "calendar_no_end"
    assert "END:VCALENDAR is missing" in checked.problems[0].what()
    whole = calendar(event("DTSTART:20250503")).replace("END:VCALENDAR", "")
    assert len(read(whole).frame) == 1


def test_one_bad_event_does_not_take_the_others_along() -> None:
    text = calendar(
        event("DTSTART:20250503", uid="good"),
        event("DTSTART:20251345", uid="bad"),
        event("DTSTART:20250503T100000", "RRULE:FREQ=SOMETIMES", uid="odd"),
        "BEGIN:VEVENT\r\nUID:cut\r\nSUMMARY:Cut",
    )
    checked = read(text)
    assert len(checked.frame) == 1
    assert checked.quarantined == 3
    assert [problem.code for problem in checked.problems] == ["calendar_bad_event"] * 3
    assert all(problem.row for problem in checked.problems)


def test_whole_days_end_on_their_last_day_and_equal_dates_mean_that_day() -> None:
    text = calendar(
        event("DTSTART;VALUE=DATE:20250503", "DTEND;VALUE=DATE:20250506", uid="a"),
        event("DTSTART;VALUE=DATE:20250503", "DTEND;VALUE=DATE:20250503", uid="b"),
        event("DTSTART:20250503T200000", "DURATION:PT6H", uid="c"),
        event("DTSTART:20250503T230000Z", uid="d"),
    )
    frame = read(text).frame
    days = [
        (str(a.date()), str(b.date()))
        for a, b in zip(frame["start_date"], frame["end_date"], strict=True)
    ]
    assert days == [
        ("2025-05-03", "2025-05-05"), ("2025-05-03", "2025-05-03"), ("2025-05-03", "2025-05-04"),
        ("2025-05-04", "2025-05-04"),
    ]  # fmt: skip


def test_status_follows_the_calendar_and_the_day_of_the_evaluation() -> None:
    text = calendar(
        event("DTSTART:20250503", uid="a"),
        event("DTSTART:20270503", uid="b"),
        event("DTSTART:20250504", "STATUS:CANCELLED", uid="c"),
    )
    assert read(text).frame["status"].tolist() == ["held", "planned", "cancelled"]


def test_categories_give_kind_themes_and_partnership() -> None:
    text = calendar(event("DTSTART:20250503", "CATEGORIES:Konzert,Kultur,Lindau – Morlaix"))
    row = read(text, partnership="").frame.iloc[0]
    assert (row["type"], row["themes"], row["partnership_id"]) == ("concert", "culture", "lin-mor")


def test_an_event_of_no_partnership_is_quarantined() -> None:
    checked = read(calendar(event("DTSTART:20250503")), partnership="")
    assert [problem.code for problem in checked.problems] == ["calendar_no_partnership"]
    assert adds_up(checked)


def test_events_outside_the_window_are_counted() -> None:
    text = calendar(event("DTSTART:20200101", uid="a"), event("DTSTART:20250503", uid="b"))
    checked = read(text, "2025-01-01", "2025-12-31")
    assert checked.excluded == {"out_of_window": 1}
    assert adds_up(checked)


def test_a_moved_occurrence_replaces_the_one_of_the_rule() -> None:
    text = calendar(
        event("DTSTART:20250501T100000", "RRULE: FREQ=DAILY; COUNT=3"),
        event("RECURRENCE-ID:20250502T100000", "DTSTART:20250509T100000", "SEQUENCE:1"),
    )
    frame = read(text).frame
    assert sorted(str(day.date()) for day in frame["start_date"]) == [
        "2025-05-01", "2025-05-03", "2025-05-09",
    ]  # fmt: skip


def test_guests_organisers_and_descriptions_never_leave_the_file() -> None:
    text = calendar(
        event(
            "DTSTART:20250503", "ATTENDEE;CN=Anna:mailto:anna@example.org",
            "ORGANIZER:mailto:anna@example.org", "DESCRIPTION:with Anna\\, at",
            " the lake", "BEGIN:VALARM\r\nSUMMARY:Anna\r\nEND:VALARM",
        )
    )  # fmt: skip
    checked = read(text)
    assert "nna" not in checked.frame.to_csv()
    assert checked.frame["title"].tolist() == ["Choir"]


def test_the_same_event_has_the_same_id_in_another_export() -> None:
    one = calendar(event("DTSTART:20250503", uid="a"))
    two = calendar(event("DTSTART:20250101", uid="z"), event("DTSTART:20250504", uid="a"))
    assert set(read(one).frame["activity_id"]) < set(read(two).frame["activity_id"])


@pytest.mark.parametrize("text", ["", "Datum;Titel\n", "<html></html>"])
def test_what_is_no_calendar_is_refused(text: str) -> None:
    with pytest.raises(IngestError, match="not a calendar"):
        read(text)


def test_text_with_a_bom_or_in_an_old_encoding_is_read() -> None:
    text = calendar(event("DTSTART:20250503").replace("Choir", "Fête"))
    for data in (text.encode("utf-8-sig"), text.encode("cp1252")):
        assert read(calendar_text(data)).frame["title"].tolist() == ["Fête"]


WINDOW = """
schema = 1
[evaluation]
id = "demo"
title = "Demo"
as_of = 2025-12-31
[[waves]]
id = "pre"
kind = "single"
label = "Once"
start = 2025-03-01
end = 2025-04-30
[[sources]]
file = "inbox/a.ics"
table = "calendar"
"""


@pytest.mark.parametrize(
    ("constants", "days"),
    [
        ("", ("2025-03-01", "2027-01-01")),
        ("constants = {from = 2024-01-01}", ("2024-01-01", "2027-01-01")),
        ("constants = {from = 2024-01-01, until = 2024-12-31}", ("2024-01-01", "2024-12-31")),
    ],
)
def test_the_days_of_a_calendar_are_those_its_source_names(
    constants: str, days: tuple[str, str]
) -> None:
    settings = parse_evaluation(f"{WINDOW}{constants}\n", "evaluation.toml", Path())
    (source,) = settings.sources
    window = window_of(settings, source)
    assert (str(window.start), str(window.end)) == days
    assert source.constants.texts() == {}


def test_a_calendar_cut_anywhere_ends_in_events_or_a_clear_error() -> None:
    text = text_of("multiple_timezones") + text_of("issue_526_calendar_with_events")
    for end in range(0, len(text), 61):
        try:
            checked = read(text[:end], "2000-01-01", "2020-01-01")
        except IngestError as error:
            assert "not a calendar" in error.what
        else:
            assert adds_up(checked)
