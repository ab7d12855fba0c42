"""Forest chart: changes with their intervals, numbers at the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from twinimpact.language import N_, Translator
from twinimpact.report import figures as f
from twinimpact.report.content import Chart, ColumnSpec, Table, Withheld


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestRow:
    """One change with its interval.

    ``state`` is ``ok``, or ``described`` (few people: no interval), or ``hidden``, or ``none``;
    ``expected`` is the range in which a further row would be expected, no row of its own.
    """

    label: str
    state: str
    n: int | None = None
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    summary: bool = False
    expected: bool = False


def forest_chart(
    name: str, changes: Sequence[ForestRow], sesoi: float | None, title: str, translate: Translator
) -> Chart:
    """Draw changes with their intervals, the numbers written at the right.

    Parameters
    ----------
    name
        End of the chart's id.
    changes
        In the order they are read from the top; the order says nothing about size.
    sesoi
        Size worth having; the band between minus and plus this size is shaded.
    title
        The question the chart answers.
    translate
        Language of the chart.
    """
    rows = f.rows_of([_forest_label(change, translate) for change in changes], 30)
    written = [_forest_numbers(change, translate) for change in changes]
    limit = _forest_limit(changes, sesoi)
    figure = go.Figure()
    placed = list(zip(rows.centres, changes, strict=True))
    for summary in (False, True):
        _add_intervals(figure, placed, summary=summary)
    _add_expected(figure, placed)
    if sesoi:
        figure.add_vrect(x0=-sesoi, x1=sesoi, fillcolor=f.BAND, line={"width": 0}, layer="below")
    figure.add_vline(x=0, line={"color": f.INK, "width": 1, "dash": "dash"})
    f.lay_out(figure, title, rows, right=f.label_width(written) + 8)
    for centre, text in zip(rows.centres, written, strict=True):
        figure.add_annotation(
            x=1,
            xref="paper",
            xanchor="left",
            xshift=10,
            y=centre,
            text=text,
            showarrow=False,
            align="left",
        )
    ticks = _ticks(limit)
    figure.update_xaxes(
        range=[-limit, limit],
        tickvals=ticks,
        ticktext=[translate.signed(value, 0) for value in ticks],
        title={"text": translate.text(N_("Change in points"))},
    )
    return f.finish(
        name,
        figure,
        f.Words(
            title=title,
            alt=_forest_alt(changes, translate),
            caption=_forest_caption(changes, sesoi, translate),
        ),
        _forest_data(name, changes, translate),
    )


def _add_intervals(
    figure: go.Figure, placed: Sequence[tuple[float, ForestRow]], *, summary: bool
) -> None:
    shown = [
        (place, row)
        for place, row in placed
        if row.state == "ok"
        and not row.expected
        and row.estimate is not None
        and row.summary == summary
    ]
    if not shown:
        return
    figure.add_scatter(
        mode="markers",
        x=[row.estimate for _, row in shown],
        y=[place for place, _ in shown],
        marker={
            "symbol": "diamond" if summary else "square",
            "size": 15 if summary else 10,
            "color": f.INK if summary else f.OKABE_ITO[0],
        },
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [f.gap(row.high, row.estimate) for _, row in shown],
            "arrayminus": [f.gap(row.estimate, row.low) for _, row in shown],
            "color": f.INK if summary else f.OKABE_ITO[0],
            "thickness": 2,
            "width": 4,
        },
    )


def _add_expected(figure: go.Figure, placed: Sequence[tuple[float, ForestRow]]) -> None:
    """A broad bar without a mark: a range, not an estimate."""
    shown = [(place, row) for place, row in placed if row.expected and row.state == "ok"]
    for place, row in shown:
        figure.add_scatter(
            mode="lines",
            x=[row.low, row.high],
            y=[place, place],
            line={"color": f.GREY, "width": 8},
        )


def _forest_limit(rows: Sequence[ForestRow], sesoi: float | None) -> float:
    ends = [
        abs(value)
        for row in rows
        if row.state == "ok"
        for value in (row.estimate, row.low, row.high)
        if value is not None
    ]
    return max(5.0, -(-max([*ends, (sesoi or 0) * 1.2], default=5.0) * 1.05 // 5) * 5)


def _ticks(limit: float) -> list[int]:
    step = 5 if limit <= 15 else 10 if limit <= 40 else 25
    last = int(limit // step) * step
    return list(range(-last, last + 1, step))


def _forest_label(row: ForestRow, translate: Translator) -> str:
    label = f.with_n(row.label, row.n, translate)
    return f"<b>{label}</b>" if row.summary else label


def _forest_numbers(row: ForestRow, translate: Translator) -> str:
    if row.state == "hidden":
        return f.hidden_note(translate)
    if row.state == "described":
        return translate.text(N_("described only"))
    if row.estimate is None or row.state != "ok":
        return translate.text(N_("no data"))
    if row.expected:
        values = {
            "low": translate.signed(row.low or 0.0),
            "high": translate.signed(row.high or 0.0),
        }
        return translate.text(N_("{low} to {high}"), values)
    return translate.text(
        N_("{estimate} ({low} to {high})"),
        {
            "estimate": translate.signed(row.estimate),
            "low": translate.number(row.low),
            "high": translate.number(row.high),
        },
    )


def _forest_caption(rows: Sequence[ForestRow], sesoi: float | None, translate: Translator) -> str:
    parts = [
        translate.text(
            N_(
                "Square: average change; line: {level} interval, the range that fits the "
                "answers. The dashed line marks a change of zero."
            ),
            {"level": translate.percent(f.LEVEL)},
        )
    ]
    if any(row.summary for row in rows):
        parts.append(
            translate.text(N_("Diamond: the programme's average, every town counting once."))
        )
    if any(row.expected for row in rows):
        parts.append(
            translate.text(
                N_(
                    "Broad bar: where the change of one more partnership of this kind would be "
                    "expected."
                )
            )
        )
    if sesoi:
        parts.append(
            translate.text(
                N_("Grey band: changes smaller than {sesoi} points, the size set as worth having."),
                {"sesoi": translate.number(sesoi)},
            )
        )
    if any(row.state == "described" for row in rows):
        parts.append(
            translate.text(N_("Described only: fewer than 10 people, so no interval is given."))
        )
    return " ".join(parts)


def _forest_alt(rows: Sequence[ForestRow], translate: Translator) -> str:
    rows = [row for row in rows if not row.expected]
    shown = [row for row in rows if row.state == "ok" and row.estimate is not None]
    if not shown:
        return translate.text(
            N_(
                "Chart of changes in which no row has enough people for an interval; the rows are "
                "described only or hidden."
            )
        )
    sizes = [row.estimate for row in shown if row.estimate is not None]
    clear = sum(1 for row in shown if (row.low or 0) > 0 or (row.high or 0) < 0)
    return translate.text(
        N_(
            "Chart of average changes with intervals in {rows} rows. They run from {least} to "
            "{most} points; {clear} of {shown} intervals lie wholly on one side of zero."
        ),
        {
            "rows": translate.integer(len(rows)),
            "least": translate.signed(min(sizes)),
            "most": translate.signed(max(sizes)),
            "clear": translate.integer(clear),
            "shown": translate.integer(len(shown)),
        },
    )


def _forest_data(name: str, rows: Sequence[ForestRow], translate: Translator) -> Table:
    def record(row: ForestRow) -> dict[str, object]:
        values = {"estimate": row.estimate, "low": row.low, "high": row.high}
        if row.state == "hidden":
            values = dict.fromkeys(values, Withheld())  # type: ignore[arg-type]
        elif row.state != "ok":
            values = dict.fromkeys(values)
        return {
            "label": row.label,
            "n": Withheld() if row.state == "hidden" and row.n is None else row.n,
            **values,
        }

    labels = {
        "estimate": N_("Change"),
        "low": N_("Interval from"),
        "high": N_("Interval to"),
    }
    return Table(
        id=f"tab-{name}",
        caption=translate.text(N_("Changes in points with intervals, as drawn")),
        columns=(
            ColumnSpec(key="label", label=translate.text(N_("Row"))),
            ColumnSpec(key="n", label=translate.text(N_("People")), role="count"),
            *(
                ColumnSpec(key=key, label=translate.text(label), role="signed", decimals=1)
                for key, label in labels.items()
            ),
        ),
        rows=tuple(record(row) for row in rows),
    )
