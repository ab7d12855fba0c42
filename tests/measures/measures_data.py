"""Small frames and instruments that tests of measures share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from twinimpact.instruments import Catalogue, Instrument, Item, Scale, usual_min_valid


def catalogue_of(
    keys: Mapping[str, Mapping[str, object]], ranges: Mapping[str, tuple[int, int]]
) -> Catalogue:
    """A catalogue with one instrument from scoring keys as the reference files write them."""
    items: dict[str, Item] = {}
    scales = []
    for name, key in keys.items():
        members = tuple(key["items"])  # type: ignore[call-overload]
        for item in members:
            lo, hi = ranges[item]
            if item in items:
                continue
            items[item] = Item(
                id=item,
                instrument="demo",
                kind="ends",
                lo=lo,
                hi=hi,
                reverse=item in key.get("reverse", ()),  # type: ignore[operator]
                missing=tuple(int(code) for code in key.get("missing", ())),  # type: ignore[attr-defined]
                recode=tuple(
                    (int(a), b)
                    for a, b in key.get("recode", {}).items()  # type: ignore[attr-defined]
                ),
            )
        method = str(key.get("method", "mean"))
        lo, hi = ranges[members[0]]
        times = len(members) if method in ("sum", "count") else 1
        same = len({ranges[item] for item in members}) == 1
        scales.append(
            Scale(
                id=name,
                instrument="demo",
                title={},
                short_title={},
                items=members,
                reverse=frozenset(key.get("reverse", ())),  # type: ignore[call-overload]
                method=method,
                min_valid=int(key.get("min_valid", usual_min_valid(len(members)))),  # type: ignore[call-overload]
                direction="better",
                formative=bool(key.get("formative", False)),
                lo=float(lo * times) if same else 0.0,
                hi=float(hi * times) if same else 100.0,
                unit="count" if method == "value" else "points",
            )
        )
    instrument = Instrument(
        id="demo", kind="own", version="1", title="Demo", status_label="test", licence="",
        tier="own", items=tuple(items.values()), scales=tuple(scales),
    )  # fmt: skip
    return Catalogue(instruments=(instrument,))


def answers(
    columns: Mapping[str, Sequence[float | None]], arm: str = "participant", prefix: str = "r"
) -> pd.DataFrame:
    """Responses of one partnership and wave, one per entry."""
    size = len(next(iter(columns.values())))
    frame = pd.DataFrame(
        {
            "response_id": [f"{prefix}{i}" for i in range(size)],
            "person": [f"p{i}" for i in range(size)],
            "partnership_id": "lin-elb",
            "wave": "pre",
            "arm": arm,
            "source": "abc",
            "source_row": range(2, size + 2),
        }
    )
    for name, values in columns.items():
        frame[name] = pd.array(list(values), dtype="Int16")
    return frame
