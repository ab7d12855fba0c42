"""Checks that stop a report before any format is written.

They repeat what earlier steps promise: one title, no skipped heading level, unique ids,
a table behind each chart, and no chart that carries more values than its table shows.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from twinimpact.errors import DisclosureError, RunError
from twinimpact.report.blocks import Document, Heading, ListBlock, Notice, Paragraph, plain
from twinimpact.report.content import ID_PATTERN, Chart, Table
from twinimpact.report.numbers import is_withheld

LONGEST = 20_000
NETWORK_LAYOUT = ("geo", "map", "mapbox")
NETWORK_TRACES = ("geo", "choropleth", "map", "mapbox")


def check_document(document: Document) -> None:
    """Stop unless every format can be written from the document.

    Raises
    ------
    RunError
        With the reason: headings, ids, missing words or data, a chart that needs the network.
    DisclosureError
        If a chart holds more values than its data table shows.
    """
    _check_headings(document)
    _check_ids(document)
    for block in document.blocks:
        if isinstance(block, Heading | Paragraph | Notice):
            _check_length(plain(block.spans))
        if isinstance(block, ListBlock):
            for item in block.items:
                _check_length(plain(item.spans))
                for spans in item.nested:
                    _check_length(plain(spans))
        if isinstance(block, Table):
            _check_table(block)
        if isinstance(block, Chart):
            _check_chart(block)


def decode_arrays(value: Any) -> Any:
    """The figure with plotly's base64 arrays as plain lists, so that they can be counted."""
    if isinstance(value, Mapping):
        if "bdata" in value and "dtype" in value:
            return _decoded(value)
        return {key: decode_arrays(item) for key, item in value.items()}
    if isinstance(value, list):
        return [decode_arrays(item) for item in value]
    return value


def _decoded(value: Mapping[str, Any]) -> list[Any]:
    raw = base64.b64decode(str(value["bdata"]), validate=True)
    array = np.frombuffer(raw, dtype=np.dtype(str(value["dtype"])).newbyteorder("<"))
    if "shape" in value:
        array = array.reshape([int(size) for size in str(value["shape"]).split(",")])
    listed: list[Any] = array.astype(object).tolist()
    return [None if isinstance(item, float) and item != item else item for item in listed]


def _check_headings(document: Document) -> None:
    levels = [block.level for block in document.blocks if isinstance(block, Heading)]
    if levels.count(1) != 1:
        raise RunError(
            f"A report needs exactly one heading of level 1; this one has {levels.count(1)}.",
            hint="Keep the report's title as the only level-1 heading of the notebook.",
        )
    before = 0
    for block in document.blocks:
        if not isinstance(block, Heading):
            continue
        if not plain(block.spans).strip():
            raise RunError("A heading is empty.", hint="Give it words or remove it.")
        if block.level > before + 1 or block.level > 4:
            raise RunError(
                f"The heading {plain(block.spans)!r} jumps from level {before} to {block.level}.",
                hint="Use each level in turn, from 1 to 4.",
            )
        before = block.level


def _check_ids(document: Document) -> None:
    ids = [block.id for block in document.blocks if isinstance(block, Chart | Table)]
    ids += [block.data.id for block in document.charts()]
    twice = sorted(name for name, count in Counter(ids).items() if count > 1)
    if twice:
        raise RunError(
            f"The id {twice[0]} is used more than once.", hint="Give each chart and table its own."
        )
    wrong = [name for name in ids if not ID_PATTERN.match(name)]
    if wrong:
        raise RunError(f"{wrong[0]!r} is not an id of the form fig-words or tab-words.")


def _check_length(text: str) -> None:
    if len(text) > LONGEST:
        raise RunError(
            f"A block of text has {len(text)} characters; at most {LONGEST} are allowed.",
            hint="Split it into paragraphs.",
        )


def _check_table(table: Table) -> None:
    if not table.caption.strip() or not table.columns:
        raise RunError("A table needs a caption and at least one column.", where=table.id)
    for column in table.columns:
        if not column.label.strip():
            raise RunError(f"The column {column.key!r} has no label.", where=table.id)
    for row in table.rows:
        for value in row.values():
            if isinstance(value, str):
                _check_length(value)


def _check_chart(chart: Chart) -> None:
    missing = [name for name in ("alt", "caption") if not getattr(chart, name).strip()]
    if missing:
        raise RunError(f"The chart has no {' and no '.join(missing)}.", where=chart.id)
    _check_table(chart.data)
    if not chart.data.rows:
        raise RunError("The chart has no data behind it.", where=chart.id)
    layout, traces = chart.figure.get("layout", {}), chart.figure.get("data", [])
    used = [name for name in layout if name.rstrip("0123456789") in NETWORK_LAYOUT]
    used += [
        str(trace.get("type"))
        for trace in traces
        if str(trace.get("type", "")).endswith(NETWORK_TRACES)
    ]
    if used or layout.get("images"):
        raise RunError(
            f"The chart uses {used[0] if used else 'layout.images'}, which asks the network.",
            where=chart.id,
            hint="Draw outlines as ordinary lines.",
        )
    allowed = sum(
        not is_withheld(row.get(column.key))
        for row in chart.data.rows
        for column in chart.data.columns
    )
    for name, length in _arrays(traces):
        if length > allowed:
            raise DisclosureError(
                f"The chart's array {name!r} has {length} values; the table behind it shows "
                f"{allowed}.",
                where=chart.id,
                hint="Draw bins or quantiles, and give exactly those as data.",
            )


def _arrays(value: Any, name: str = "data") -> Iterator[tuple[str, int]]:
    """Every array below ``value`` with the number of its values; gaps (null) do not count."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _arrays(item, f"{name}.{key}")
    elif isinstance(value, list):
        yield name, _size(value)
        for item in value:
            if isinstance(item, Mapping):
                yield from _arrays(item, name)


def _size(value: Any) -> int:
    if isinstance(value, list):
        return sum(_size(item) for item in value)
    return 0 if value is None or isinstance(value, Mapping) else 1
