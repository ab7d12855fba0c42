"""What is no table of answers: recognised, refused, and told what to use instead."""

from __future__ import annotations

import re
from dataclasses import dataclass

from twinimpact.errors import IngestError

_HEAD = 4_096
_CONTROL = re.compile(rb"[\x01-\x08\x0b\x0e-\x1f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refusal:
    what: str
    hint: str


_ANSWERS = "This is the questionnaire, not the answers. "
_LIMESURVEY = _ANSWERS + "In LimeSurvey use Responses > Export > CSV."
_SAS = _Refusal(
    what="This is a SAS data file; no reader is built for it.",
    hint="Export the answers as CSV or XLSX, or save the data as an SPSS or Stata file.",
)
_SAS7BDAT = bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011")
_MAGIC: tuple[tuple[bytes, _Refusal], ...] = (
    (b"%PDF", _Refusal(what="This is a PDF.", hint="Export the answers as CSV or XLSX.")),
    (b"\x89PNG", _Refusal(what="This is a picture.", hint="Export the answers as CSV or XLSX.")),
    (b"\xff\xd8\xff", _Refusal(what="This is a picture.", hint="Export the answers as CSV.")),
    (b"GIF8", _Refusal(what="This is a picture.", hint="Export the answers as CSV or XLSX.")),
    (b"\x1f\x8b", _Refusal(what="This is a gzip archive.", hint="Unpack it and import the file.")),
    (b"7z\xbc\xaf", _Refusal(what="This is a 7-Zip archive.", hint="Unpack it first.")),
    (b"Rar!", _Refusal(what="This is a RAR archive.", hint="Unpack it first.")),
    (b"{\\rtf", _Refusal(what="This is a text document.", hint="Export the answers as CSV.")),
    (b"HEADER RECORD*******LIBRARY", _SAS),
    (_SAS7BDAT, _SAS),
    (b"RDX2", _Refusal(what="This is an R data file.", hint="Write the table as CSV in R.")),
    (b"RDX3", _Refusal(what="This is an R data file.", hint="Write the table as CSV in R.")),
    (b"SQLite format 3", _Refusal(what="This is a database.", hint="Export a table as CSV.")),
    (b"PAR1", _Refusal(what="This is a Parquet file.", hint="Export the answers as CSV.")),
)
_TEXTS: tuple[tuple[re.Pattern[str], _Refusal], ...] = (
    (
        re.compile(r"<LimeSurveyDocType>", re.IGNORECASE),
        _Refusal(what="This is a LimeSurvey survey file (.lss, .lsg or .lsq).", hint=_LIMESURVEY),
    ),
    (
        re.compile(r'^\s*\{\s*"SurveyEntry"'),
        _Refusal(
            what="This is a Qualtrics survey definition (.qsf).",
            hint=_ANSWERS + "In Qualtrics use Data & Analysis > Export & Import > CSV.",
        ),
    ),
    (
        re.compile(r"^\s*(?:<!DOCTYPE html|<html|<table|<meta|<head|<body|<div)", re.IGNORECASE),
        _Refusal(
            what="This is a web page, even if its name ends in .xls.",
            hint="Open it in a spreadsheet program and save it as XLSX, or sign in and download "
            "the export again.",
        ),
    ),
    (
        re.compile(r"urn:schemas-microsoft-com:office:spreadsheet"),
        _Refusal(
            what="This is a workbook in the old XML format of Excel 2003.",
            hint="Open it in Excel and save it as XLSX.",
        ),
    ),
    (
        re.compile(r"^\s*<(?:\?xml|[A-Za-z][\w:-]*(?:\s[^>]*)?>\s*<[A-Za-z])"),
        _Refusal(what="This is an XML file; no reader is built for it.", hint="Export as CSV."),
    ),
    (
        re.compile(r"^\s*[{\[]\s*[\"{\[]"),
        _Refusal(what="This is a JSON file; no reader is built for it.", hint="Export as CSV."),
    ),
    (
        re.compile(r"^BEGIN:(?:VCALENDAR|VEVENT)", re.MULTILINE),
        _Refusal(
            what="This is a calendar, not a table of answers.",
            hint='List it in evaluation.toml with table = "calendar".',
        ),
    ),
    (
        re.compile(r"^BEGIN:VCARD", re.MULTILINE),
        _Refusal(what="This is a list of contacts, not of answers.", hint="Export the answers."),
    ),
    (
        re.compile(
            r"^\s*(?:\w+\s*(?:<-|=)\s*read\.(?:table|delim|csv)|attributes\(data\)|data\[\s*,\s*\d+\]\s*<-|library\()"
            r"|^\s*(?:GET DATA|DATA LIST|VARIABLE LABELS|NEW FILE|SET UNICODE|\*\$)\b",
            re.MULTILINE,
        ),
        _Refusal(
            what="This is a syntax file for R or SPSS, not the data.",
            hint="Export the answers as CSV; the syntax file is not needed.",
        ),
    ),
)
_TABLES: tuple[tuple[frozenset[str], _Refusal], ...] = (
    (
        frozenset({"class", "type/scale", "name", "relevance", "text"}),
        _Refusal(what="This is the structure of a LimeSurvey survey.", hint=_LIMESURVEY),
    ),
    (
        frozenset({"position", "code", "field_type", "label", "values_json"}),
        _Refusal(
            what="This is the code book of a LimeSurvey export.",
            hint=_LIMESURVEY + " This file can be given as the code book.",
        ),
    ),
    (
        frozenset({"variable / field name", "form name", "field type"}),
        _Refusal(
            what="This is a REDCap data dictionary.",
            hint=_ANSWERS + "In REDCap use Data Exports > Export Data > CSV (raw data).",
        ),
    ),
    (
        frozenset({"field_name", "form_name", "field_type", "field_label"}),
        _Refusal(
            what="This is a REDCap data dictionary.",
            hint=_ANSWERS + "In REDCap use Data Exports > Export Data > CSV (raw data).",
        ),
    ),
    (
        frozenset({"event", "node", "start", "end"}),
        _Refusal(
            what="This is the audit log of an ODK form: how long each question took.",
            hint="Export the submissions instead.",
        ),
    ),
    *(
        (
            frozenset(names),
            _Refusal(
                what="This is the activity log of EUSurvey.",
                hint="Export the contributions instead (Results > Export > XLSX or XML).",
            ),
        )
        # whoever exports the log chooses its columns
        for names in (
            ("logid", "event"),
            ("logid", "object"),
            ("logid", "property"),
            ("logid", "user"),
            ("logid", "description"),
            ("oldvalue", "newvalue"),
            ("event", "object", "property"),
        )
    ),
    (
        frozenset({"invitation token", "email", "last name"}),
        _Refusal(what="This is a list of invitations.", hint="Export the answers instead."),
    ),
)
_CONTACTS = ("name", "email")
_MOST_ATTRIBUTES = 12
_XLSFORM_CHOICES = frozenset({"list_name", "list name"})


def refuse_bytes(data: bytes, file: str = "") -> None:
    """Refuse what is no text, from its first bytes.

    Raises
    ------
    IngestError
        With one sentence on what the file is and what to export instead.
    """
    if not data:
        raise IngestError("The file is empty.", where=file, hint="Download the export again.")
    for magic, refusal in _MAGIC:
        if data.startswith(magic):
            raise _error(refusal, file)


def refuse_text(text: str, file: str = "") -> None:
    """Refuse text that is no table: definitions, web pages, syntax, other formats.

    Raises
    ------
    IngestError
        With one sentence on what the file is and what to export instead.
    """
    head = text[:_HEAD]
    if not text or text.isspace():
        raise IngestError("The file is empty.", where=file, hint="Download the export again.")
    for pattern, refusal in _TEXTS:
        if pattern.search(head):
            raise _error(refusal, file)
    odd = len(_CONTROL.findall(head.encode("utf-8", errors="replace"))) + head.count("\0")
    if odd > len(head) * 0.02:
        raise IngestError(
            "The file is not a table in a format this program reads.",
            where=file,
            hint="Export the answers as CSV or XLSX.",
        )


def refuse_table(sheets: tuple[tuple[str, tuple[str, ...]], ...], file: str = "") -> None:
    """Refuse tables that define questions or log events; ``sheets`` are (name, header) pairs.

    Raises
    ------
    IngestError
        With one sentence on what the file is and what to export instead.
    """
    for _, header in sheets:
        names = frozenset(cell.strip().casefold() for cell in header)
        for signature, refusal in _TABLES:
            if signature <= names:
                raise _error(refusal, file)
        if tuple(header[:2]) == _CONTACTS and len(header) <= _MOST_ATTRIBUTES:
            raise _error(
                _Refusal(
                    what="This is a list of contacts, as EUSurvey exports its address book.",
                    hint="Export the contributions instead (Results > Export > XLSX or XML). If "
                    'it holds answers all the same, write platform = "spreadsheet".',
                ),
                file,
            )
    forms = {name.strip().casefold(): header for name, header in sheets}
    survey = {cell.strip().casefold() for cell in forms.get("survey", ())}
    plain = {cell.strip().casefold() for cell in sheets[0][1]} if len(sheets) == 1 else set()
    choices = {cell.strip().casefold() for cell in forms.get("choices", ())}
    is_form = {"type", "name"} <= survey or (
        {"type", "name"} <= plain
        and any(cell.startswith(("label", "appearance", "relevant")) for cell in plain)
    )
    if is_form or choices & _XLSFORM_CHOICES:
        raise _error(
            _Refusal(
                what="This is a form definition (XLSForm), not the answers.",
                hint="Export the answers: in KoboToolbox with Data > Downloads, in ODK Central "
                "with Submissions > Download, in SurveyCTO with Export > Download data. The form "
                "itself can be given as the code book.",
            ),
            file,
        )


def survey_archive(file: str) -> IngestError:
    """The refusal of a LimeSurvey archive that holds the questionnaire alone."""
    what = "This is a LimeSurvey archive without responses."
    return _error(_Refusal(what=what, hint=_LIMESURVEY), file)


def _error(refusal: _Refusal, file: str) -> IngestError:
    return IngestError(refusal.what, where=file, hint=refusal.hint)
