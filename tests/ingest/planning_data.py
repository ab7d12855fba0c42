"""Small drafts, instruments and registers for the planning side of ingest."""

from __future__ import annotations

import pandas as pd

from twinimpact.ingest.draft import Draft, DraftColumn, DraftRow
from twinimpact.ingest.mapping import ColumnMapping, parse_mapping
from twinimpact.ingest.responses import ResponseSettings
from twinimpact.ingest.rows import Lookup, build_lookup
from twinimpact.ingest.source import RawTable
from twinimpact.instruments import Catalogue, Instrument, Item
from twinimpact.privacy.pseudonym import Key

KEY = Key(value=bytes(range(32)), key_id="test")
OTHER_KEY = Key(value=bytes(32), key_id="other")

CIVIC = Item(id="tw_x_a", instrument="tw_x", kind="ends", lo=0, hi=10, missing=(88,))
LIKERT = Item(
    id="tw_x_b",
    instrument="tw_x",
    kind="agreement",
    lo=1,
    hi=5,
    missing=(88,),
    anchors={
        1: {"en": "Strongly disagree", "de": "Stimme gar nicht zu"},
        5: {"en": "Strongly agree"},
    },
    aliases=("old_b",),
)
YES_NO = Item(
    id="tw_y_p", instrument="tw_y", kind="yes_no", lo=0, hi=1, missing=(9,), recode=((1, 1), (2, 0))
)


def catalogue(*items: Item) -> Catalogue:
    chosen = items or (CIVIC, LIKERT, YES_NO)
    names = dict.fromkeys(item.instrument for item in chosen)
    return Catalogue(
        instruments=tuple(
            Instrument(
                id=name,
                kind="own",
                version="1.0.0",
                title=name,
                status_label="new, not validated",
                licence="CC-BY-4.0",
                tier="own",
                items=tuple(item for item in chosen if item.instrument == name),
                scales=(),
            )
            for name in names
        )
    )


TOWNS = pd.DataFrame(
    {
        "town_id": ["lin", "mor", "ver"],
        "name": ["Lindau", "Morlaix", "Vergleichsdorf"],
        "country": ["DE", "FR", "DE"],
    }
)
PARTNERSHIPS = pd.DataFrame(
    {
        "partnership_id": ["lin-mor", "lin-xyz"],
        "name": ["Lindau – Morlaix", "Lindau – Xyz"],
        "town_a": ["lin", "lin"],
        "town_b": ["mor", None],
        "further_towns": [None, None],
        "comparison_towns": ["ver", None],
    }
)
ACTIVITIES = pd.DataFrame(
    {
        "activity_id": ["lin-mor-1", "fest"],
        "partnership_id": ["lin-mor", "lin-mor"],
        "title": ["Choir weekend", "Town festival"],
        "start_date": pd.to_datetime(["2025-05-01", "2025-06-01"]),
    }
)


def lookup() -> Lookup:
    return build_lookup([("pre", "Before"), ("post", "After")], TOWNS, PARTNERSHIPS, ACTIVITIES)


def draft(
    header: list[str],
    rows: list[list[str]],
    *,
    platform: str = "kobo",
    states: list[str] | None = None,
    ids: list[str] | None = None,
    submitted: str = "2025-03-01 10:00",
    roles: dict[str, str] | None = None,
) -> Draft:
    columns = tuple(
        DraftColumn(
            position=place,
            key=name,
            name=name,
            question=name,
            role=(roles or {}).get(name, "question"),
        )
        for place, name in enumerate(header)
    )
    listed = tuple(
        DraftRow(
            number=place + 2,
            response_id=ids[place] if ids else f"id-{place}",
            state=states[place] if states else "complete",
            submitted=submitted,
            language="en",
            token="",
            cells=tuple(row),
            reasons={},
        )
        for place, row in enumerate(rows)
    )
    return Draft(
        file="export.csv",
        sheet="",
        sha256="ab" * 32,
        encoding="utf-8",
        delimiter=",",
        platform=platform,
        variant="",
        mode="code",
        columns=columns,
        rows=listed,
        excluded={},
        problems=(),
    )


def settings(
    mapping: dict[str, object] | None = None, constants: dict[str, str] | None = None
) -> ResponseSettings:
    checked = parse_mapping(mapping or {"consent": {"waived": "on paper"}}, "map.toml")
    given = {"wave": "pre", "partnership": "lin-mor"} if constants is None else constants
    return ResponseSettings(
        mapping=checked,
        catalogue=catalogue(),
        lookup=lookup(),
        key=KEY,
        constants={**checked.constants, **given},
    )


def table(rows: list[list[str]], file: str = "log.csv") -> tuple[RawTable, ...]:
    return (
        RawTable(
            file=file,
            sheet="",
            rows=tuple(tuple(row) for row in rows),
            numbers=tuple(range(1, len(rows) + 1)),
            sha256="cd" * 32,
            encoding="utf-8",
            delimiter=";",
            container="text",
            problems=(),
        ),
    )


def no_mapping(**constants: str) -> ColumnMapping:
    return parse_mapping({"constants": constants}, "map.toml")
