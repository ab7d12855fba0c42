"""Canonical tables and the glossary of result columns.

Every table the package stores and every column a result may carry is declared here
once: name, type, unit, meaning, allowed values. Readers, checks and documentation
follow these declarations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from twinimpact import entities as e

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: ``kind`` is text, integer, number, date, flag, enum or list."""

    name: str
    kind: str
    meaning: str
    required: bool = False
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A canonical table; ``key`` names the columns that identify a row."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The declaration of one column."""
        return next(column for column in self.columns if column.name == name)


def _text(name: str, meaning: str, required: bool = False) -> Column:
    return Column(name=name, kind="text", meaning=meaning, required=required)


def _integer(name: str, meaning: str, required: bool = False) -> Column:
    return Column(name=name, kind="integer", meaning=meaning, required=required)


def _number(name: str, meaning: str) -> Column:
    return Column(name=name, kind="number", meaning=meaning)


def _date(name: str, meaning: str, required: bool = False) -> Column:
    return Column(name=name, kind="date", meaning=meaning, required=required)


def _flag(name: str, meaning: str) -> Column:
    return Column(name=name, kind="flag", meaning=meaning)


def _enum(name: str, meaning: str, allowed: tuple[str, ...], required: bool = False) -> Column:
    return Column(name=name, kind="enum", meaning=meaning, required=required, allowed=allowed)


def _list(name: str, meaning: str, allowed: tuple[str, ...] = ()) -> Column:
    return Column(name=name, kind="list", meaning=meaning, allowed=allowed)


TOWNS = Table(
    name="towns",
    key=("town_id",),
    columns=(
        _text("town_id", "key of the town", required=True),
        _text("name", "name in its own language", required=True),
        _text("country", "ISO 3166-1 alpha-2", required=True),
        _integer("population", "inhabitants"),
        _integer("population_year", "year of the population figure"),
        _text("local_code", "AGS, INSEE, LAU or NUTS3 code"),
        _number("lat", "degrees north"),
        _number("lon", "degrees east"),
        _list("languages", "BCP-47"),
    ),
)

PARTNERSHIPS = Table(
    name="partnerships",
    key=("partnership_id",),
    columns=(
        _text("partnership_id", "key of the link", required=True),
        _text("name", "name used in reports", required=True),
        _text("town_a", "reporting town", required=True),
        _text("town_b", "partner town"),
        _list("further_towns", "more members of a network"),
        _list("comparison_towns", "towns outside the link whose people serve as comparison"),
        _enum("form", "legal form of the link", e.FORMS, required=True),
        _enum("basis", "document the link rests on", e.BASES),
        _text("date_signed", "date or year of the agreement"),
        _text("date_ended", "date or year the link ended"),
        _enum("status", "declared state of the link", e.STATUSES),
        _list("aims", "declared aims", e.AIMS),
    ),
)

ACTIVITIES = Table(
    name="activities",
    key=("activity_id",),
    columns=(
        _text("activity_id", "key of the event", required=True),
        _text("partnership_id", "link the event belongs to", required=True),
        _text("title", "public title", required=True),
        _enum("type", "kind of event", e.ACTIVITY_TYPES, required=True),
        _list("themes", "fields of exchange", e.THEMES),
        _enum("cerv_type", "way people are reached", e.CERV_TYPES),
        _date("start_date", "first day", required=True),
        _date("end_date", "last day"),
        _number("hours", "hours of programme"),
        _text("host_town_id", "town that hosted"),
        _list("organiser_towns", "towns that organised"),
        _enum("mode", "in person, online or hybrid", e.MODES),
        _enum("status", "planned, held, cancelled or postponed", e.ACTIVITY_STATUSES),
        _flag("is_public", "open to the public"),
        _integer("planned_participants", "participants expected"),
        _number("cost_total", "total cost"),
        _text("currency", "ISO 4217"),
        _number("volunteer_hours", "hours given by volunteers"),
        _integer("indirect_reach", "declared indirect audience"),
        _text("indirect_method", "how the indirect audience was estimated"),
    ),
)

ATTENDANCE = Table(
    name="attendance",
    key=("activity_id", "row_key"),
    columns=(
        _text("activity_id", "event attended", required=True),
        _text("row_key", "participant, or position of a head-count row", required=True),
        _text("participant_id", "pseudonym; blank on a head-count row"),
        _integer("count", "people counted; 1 on a person row", required=True),
        _flag("attended", "present, not only registered"),
        _text("town_id", "home town"),
        _text("country", "home country, ISO 3166-1 alpha-2"),
        _enum("gender", "declared gender", e.GENDERS),
        _enum("age_band", "age band", e.AGE_BANDS),
        _enum("role", "capacity in public life", e.ROLES),
        _text("margin_set", "set of head-count rows that add up to the event's total"),
        _enum("capacity_role", "part played at the event", e.CAPACITY_ROLES),
        _enum("evidence", "what proves the count", e.EVIDENCE),
        _number("hours", "hours present"),
        _number("days", "days present"),
    ),
)

RESPONSE_COLUMNS = Table(
    name="responses",
    key=("response_id",),
    columns=(
        _text("response_id", "pseudonymous key of the questionnaire", required=True),
        _text("participant_token", "pseudonym from the survey tool's token, if any"),
        _text("code", "hashed elements of the self-generated code, joined by '-'"),
        _text("partnership_id", "link asked about", required=True),
        _text("town_id", "home town of the respondent"),
        _enum("arm", "participant or kind of comparison", e.ARMS, required=True),
        _text("wave", "wave id of the evaluation", required=True),
        _date("date", "day of the answers"),
        _text("language", "language of the questionnaire"),
        _enum("gender", "declared gender", e.GENDERS),
        _enum("age_band", "age band", e.AGE_BANDS),
        _enum("role", "capacity in public life", e.ROLES),
        _text("state", "complete or partial"),
        _integer("seconds", "time spent on the questionnaire, where the survey tool says it"),
        _text("row_hash", "hash of the row's content"),
        _text("source", "short hash of the file"),
        _integer("source_row", "row in the original file"),
    ),
)

TABLES: Mapping[str, Table] = {
    table.name: table for table in (TOWNS, PARTNERSHIPS, ACTIVITIES, ATTENDANCE, RESPONSE_COLUMNS)
}

RESULT_COLUMNS: Mapping[str, str] = {
    "outcome": "indicator id, scale id or item id",
    "estimand": "what is estimated, e.g. total, mean, post-pre, post-pre|twinned-comparison",
    "method": "how, from the closed list of the statistics page",
    "estimate": "the number, in `unit`",
    "std_error": "standard error, in `unit`",
    "df": "degrees of freedom",
    "conf_low": "lower limit",
    "conf_high": "upper limit",
    "conf_level": "confidence level of the interval",
    "p_value": "two-sided p value",
    "p_adjusted": "p value adjusted within a planned family",
    "n": "people (or, for counts, rows) used",
    "clusters": "towns used",
    "grade": "design level of the row (Maryland scale 0-5)",
    "confirmatory": "planned before the answers came in",
    "status": "ok, or why the number is withheld",
    "note": "codes of warnings, separated by ';'",
    "partnership": "partnership id, or * for the whole programme",
    "town": "town id where the row is about one town",
    "wave": "wave id",
    "arm": "participant or comparison",
    "dimension": "what `group` divides by: country, gender, age_band, ...",
    "group": "the category within the dimension",
    "unit": "points, raw, sd, share, people, days, months, ratio, class, ...",
    "denominator": "base of a share",
    "missing": "people or rows without a value",
    "direction": "better or worse: what a higher value means",
    "verdict": "beneficial, trivial, harmful, inconclusive or not_assessed",
    "as_of": "date the row is true for",
    "source": "tables the number comes from",
}
TEXT_RESULT_COLUMNS = (
    "outcome", "estimand", "method", "status", "note", "partnership", "town", "wave", "arm",
    "dimension", "group", "unit", "direction", "verdict", "as_of", "source",
)  # fmt: skip
PROGRAMME = "*"
"""Value of `partnership` on rows about all partnerships together."""


def result_frame(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows as a results table: every glossary column, in order, nothing else.

    Parameters
    ----------
    rows
        One mapping per number; a missing column is absent (``""`` for text, ``NaN`` for numbers).

    Raises
    ------
    ValueError
        If a row has a column that is not in :data:`RESULT_COLUMNS`.
    """
    import pandas as pd

    listed = list(rows)
    unknown = {name for row in listed for name in row} - set(RESULT_COLUMNS)
    if unknown:
        raise ValueError(f"not in the glossary of result columns: {sorted(unknown)}")
    frame = pd.DataFrame(listed, columns=list(RESULT_COLUMNS))
    for name in RESULT_COLUMNS:
        if name in TEXT_RESULT_COLUMNS:
            default = "ok" if name == "status" else ""
            # an all-absent column is made of floats, which take no text
            frame[name] = frame[name].astype(object).fillna(default).astype("str")
        elif name == "confirmatory":
            frame[name] = frame[name].astype(object).fillna(False).astype(bool)
        else:
            frame[name] = pd.to_numeric(frame[name]).astype("float64")
    return frame


def concat_results(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Several results tables as one, in the given order."""
    import pandas as pd

    kept = [frame for frame in frames if len(frame)]
    return pd.concat(kept, ignore_index=True) if kept else result_frame([])
