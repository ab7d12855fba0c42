"""Signatures of export formats that are recognised but have no reader yet."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from twinimpact.ingest.records import Match
from twinimpact.ingest.shape import plain
from twinimpact.ingest.source import RawTable

_QUALTRICS = frozenset(("startdate", "enddate", "status", "progress", "duration (in seconds)",
                        "responseid", "finished", "recordeddate", "ipaddress"))  # fmt: skip
_MONKEY_CODE = re.compile(r"^q\d{4}(?:_\d{4})*$")
_MONKEY_NUMBER = re.compile(r"^\d+[a-z]?\. ")
_CHECKBOX = re.compile(r"^\w+___\w+$")


def _header(table: RawTable, row: int = 0) -> list[str]:
    return [plain(name) for name in table.rows[row]] if len(table.rows) > row else []


def _match(confidence: float, *evidence: str, header_rows: int = 1) -> Match:
    return Match(confidence=confidence, header_rows=header_rows, evidence=evidence)


def _qualtrics(table: RawTable) -> Match | None:
    third = table.rows[2] if len(table.rows) > 2 else ()
    if third and sum("ImportId" in cell for cell in third) > 0.8 * len(third):
        return _match(1.0, "“ImportId” in the third row", header_rows=3)
    names, second = _header(table), _header(table, 1)
    if names[:3] == ["v1", "v2", "v3"] and "responseid" in second[:1]:
        return _match(1.0, "columns V1, V2, V3 above ResponseID", header_rows=2)
    found = _QUALTRICS & set(names)
    return _match(0.9, "columns " + ", ".join(sorted(found))) if len(found) >= 5 else None


def _eusurvey(table: RawTable) -> Match | None:
    first = [row[0].strip() for row in table.rows[:2]]
    return _match(1.0, "cells Alias and Export Date") if first == ["Alias", "Export Date"] else None


def _sosci(table: RawTable) -> Match | None:
    found = {"case", "questnnr", "mode", "started"} <= set(_header(table))
    return _match(1.0, "columns CASE, QUESTNNR, MODE, STARTED") if found else None


def _typeform(table: RawTable) -> Match | None:
    names = set(_header(table))
    found = "#" in names and {"start date (utc)", "submit date (utc)"} <= names
    return _match(1.0, "columns #, Start Date (UTC), Submit Date (UTC)") if found else None


def _pretix(table: RawTable) -> Match | None:
    found = {"order code", "attendee name"} <= set(_header(table))
    return _match(1.0, "columns Order code and Attendee name") if found else None


def _eventbrite(table: RawTable) -> Match | None:
    names = set(_header(table))
    found = "order #" in names and bool(names & {"attendee #", "attendee status"})
    return _match(1.0, "columns Order # and Attendee #") if found else None


def _luma(table: RawTable) -> Match | None:
    found = {"api_id", "approval_status"} <= set(_header(table))
    return _match(1.0, "columns api_id and approval_status") if found else None


def _is_odk(names: Sequence[str]) -> bool:
    return "key" in names and bool({"submissiondate", "parent_key"} & set(names))


def _surveycto(table: RawTable) -> Match | None:
    names = _header(table)
    found = _is_odk(names) and bool({"formdef_version", "deviceid"} & set(names))
    # ODK Central has a DeviceID column too, beside AttachmentsPresent
    own = found and "attachmentspresent" not in names
    return _match(0.95, "columns KEY and formdef_version") if own else None


def _odk(table: RawTable) -> Match | None:
    names = _header(table)
    if not _is_odk(names) or _surveycto(table) is not None:
        return None
    return _match(0.95, "columns KEY and SubmissionDate or PARENT_KEY")


def _redcap(table: RawTable) -> Match | None:
    names = _header(table)
    complete = any(name.endswith("_complete") for name in names)
    record = any(name in ("record_id", "study_id", "redcap_event_name", "record id") or
                 name.startswith("redcap_") or _CHECKBOX.match(name) for name in names)  # fmt: skip
    return _match(0.95, "a column ending in _complete") if complete and record else None


def _alchemer(table: RawTable) -> Match | None:
    found = {"time started", "date submitted", "status"} <= set(_header(table))
    return _match(0.95, "columns Time Started, Date Submitted, Status") if found else None


def _surveymonkey(table: RawTable) -> Match | None:
    names = _header(table)
    if {"respondentid", "respondent id"} & set(names):
        return _match(0.9, "a column RespondentID")
    filled = [name for name in names if name]
    if len(filled) >= 3 and sum(bool(_MONKEY_CODE.match(n)) for n in filled) > len(filled) / 2:
        return _match(0.8, "columns like q0004_0001")
    if len(filled) >= 3 and sum(bool(_MONKEY_NUMBER.match(n)) for n in filled) > len(filled) / 2:
        return _match(0.6, "numbered questions as headers")
    return None


def _limesurvey_vv(table: RawTable) -> Match | None:
    second = table.rows[1] if len(table.rows) > 1 else ()
    coded = sum(bool(re.match(r"^\d+X\d+X\d+", cell)) for cell in second)
    return _match(1.0, "field names like 123X4X5 in row 2", header_rows=2) if coded >= 2 else None


SIGNATURES: tuple[tuple[str, str, Callable[[RawTable], Match | None]], ...] = (
    ("qualtrics", "Qualtrics", _qualtrics),
    ("eusurvey", "EUSurvey", _eusurvey),
    ("sosci", "SoSci Survey", _sosci),
    ("typeform", "Typeform", _typeform),
    ("pretix", "pretix (an attendance list)", _pretix),
    ("eventbrite", "Eventbrite (an attendance list)", _eventbrite),
    ("luma", "Luma (an attendance list)", _luma),
    ("surveycto", "SurveyCTO", _surveycto),
    ("odk", "ODK", _odk),
    ("redcap", "REDCap", _redcap),
    ("alchemer", "Alchemer", _alchemer),
    ("surveymonkey", "SurveyMonkey", _surveymonkey),
    ("limesurvey_vv", "LimeSurvey VV", _limesurvey_vv),
)
