"""Activity logs that tests of reach and vitality share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from twinimpact.schema import TABLES

AS_OF = dt.date(2025, 12, 31)
TOWNS: tuple[Mapping[str, Any], ...] = (
    {"town_id": "lin", "name": "Linden", "country": "DE", "population": 50_000},
    {"town_id": "elb", "name": "Elbes", "country": "FR", "population": 17_000},
    {"town_id": "far", "name": "Fara", "country": "IT", "population": None},
)
LINK: Mapping[str, Any] = {
    "partnership_id": "lin-elb", "name": "Linden and Elbes", "town_a": "lin", "town_b": "elb",
    "form": "formal", "date_signed": "1988-05-01",
}  # fmt: skip


def table(name: str, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """A canonical table as the workspace gives it: every column, typed."""
    kinds = {"text": "str", "enum": "str", "list": "str", "integer": "Int64",
             "number": "float64", "flag": "boolean", "date": "datetime64[us]"}  # fmt: skip
    frame = pd.DataFrame(list(rows), columns=list(TABLES[name].names()))
    for column in TABLES[name].columns:
        frame[column.name] = frame[column.name].astype(kinds[column.kind])
    return frame


def event(activity_id: str, start: str, **values: Any) -> dict[str, Any]:
    """A held event of the link."""
    return {
        "activity_id": activity_id, "partnership_id": "lin-elb", "title": activity_id,
        "type": "workshop", "start_date": start, "end_date": start, "status": "held",
        "host_town_id": "lin", "mode": "in_person", **values,
    }  # fmt: skip


def people(activity_id: str, first: int, last: int, **values: Any) -> list[dict[str, Any]]:
    """Signed-list rows of the people numbered ``first`` to ``last``."""
    return [
        {"activity_id": activity_id, "row_key": f"{n}", "participant_id": f"person-{n}",
         "count": 1, "attended": True, **values}
        for n in range(first, last + 1)
    ]  # fmt: skip


def heads(activity_id: str, key: str, count: int, **values: Any) -> dict[str, Any]:
    """A head-count row."""
    return {"activity_id": activity_id, "row_key": key, "count": count, "attended": True, **values}


Frames = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]


def log(
    events: Iterable[Mapping[str, Any]],
    attendance: Iterable[Mapping[str, Any]],
    links: Iterable[Mapping[str, Any]] = (LINK,),
) -> Frames:
    """Activities, attendance, towns and partnerships."""
    return (
        table("activities", events),
        table("attendance", attendance),
        table("towns", TOWNS),
        table("partnerships", links),
    )


def worked_example() -> Frames:
    """The example of the domain page: events A, B and C, and a newspaper article."""
    events = [
        event("A", "2025-05-01", end_date="2025-05-03", cerv_type="mutual_learning",
              indirect_reach=8000, indirect_method="circulation of the newspaper"),
        event("B", "2025-06-10", cerv_type="mutual_learning"),
        event("C", "2025-07-20", cerv_type="awareness", is_public=True),
    ]  # fmt: skip
    rows = [
        *people("A", 1, 36, town_id="elb"),
        *people("A", 37, 60, town_id="lin"),
        *people("B", 49, 60, town_id="lin"),
        *people("B", 61, 68, town_id="lin"),
        heads("C", "1", 300),
    ]
    return log(events, rows)
