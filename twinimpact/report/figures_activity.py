"""Charts of activity: the timeline of events, and participations by country or group."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from twinimpact.language import N_, Translator
from twinimpact.report import figures as f
from twinimpact.report.content import Chart, ColumnSpec, Table, Withheld

MOST_HOSTS = 6
"""More hosting towns than colours are drawn as one group."""
DAY = 86_400_000
SMALLEST_PART = 1 / 75
"""Smallest width of a bar as a part of the period, so that one-day events stay visible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event as it is drawn; names are already in the reader's language."""

    title: str
    kind: str
    host: str
    start: dt.date
    end: dt.date
    planned: bool
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar of a bar chart; ``value`` is ``None`` when it is hidden."""

    label: str
    value: float | None


def timeline_chart(
    name: str, events: Sequence[Event], title: str, as_of: dt.date | None, translate: Translator
) -> Chart:
    """Draw events by kind and date, coloured by the town that hosted them.

    Parameters
    ----------
    name
        End of the chart's id.
    events
        At least one event; planned ones are drawn as outlines.
    title
        The question the chart answers.
    as_of
        Day the report is true for; drawn as a line when it lies within the period.
    translate
        Language of the chart.
    """
    kinds = list(dict.fromkeys(event.kind for event in sorted(events, key=lambda e: e.kind)))
    rows = f.rows_of([f.wrap(kind, 26) for kind in kinds], 34)
    centres = dict(zip(kinds, rows.centres, strict=True))
    hosts = _hosts(events, translate)
    first = min(event.start for event in events)
    last = max(event.end for event in events)
    smallest = max(DAY, int((last - first).days * DAY * SMALLEST_PART))
    figure = go.Figure()
    keys = []
    for colour, host in zip(f.OKABE_ITO, hosts, strict=False):
        for planned in (False, True):
            drawn = [e for e in events if _host_name(e, hosts) == host and e.planned == planned]
            if drawn:
                _add_events(figure, drawn, centres, (colour, smallest))
                label = f"{host}: {drawn[0].status}" if planned else host
                fill = "#ffffff" if planned else colour
                keys.append(f.Key(name=label, fill=fill, line=colour))
    f.lay_out(figure, title, rows, right=30, keys=keys, axis_title=False)
    figure.update_layout(barmode="overlay")
    margin = dt.timedelta(days=max(7, (last - first).days // 30))
    ticks = _date_ticks(first - margin, last + margin)
    figure.update_xaxes(
        type="date",
        range=[(first - margin).isoformat(), (last + margin).isoformat()],
        tickvals=[day.isoformat() for day, _ in ticks],
        ticktext=[translate.date(day, form) for day, form in ticks],
        tickangle=0,
    )
    figure.update_yaxes(showgrid=True)
    marked = as_of is not None and first < as_of < last
    if as_of is not None and marked:
        figure.add_vline(x=as_of.isoformat(), line={"color": f.INK, "width": 1, "dash": "dot"})
    return f.finish(
        name,
        figure,
        f.Words(
            title=title,
            alt=_timeline_alt(events, translate),
            caption=_timeline_caption(events, as_of if marked else None, translate),
        ),
        _timeline_data(name, events, translate),
    )


def bars_chart(
    name: str, bars: Sequence[Bar], title: str, words: tuple[str, str], translate: Translator
) -> Chart:
    """Draw counts as labelled bars, a hidden count as the word instead of a bar.

    Parameters
    ----------
    name
        End of the chart's id.
    bars
        From the top.
    title
        The question the chart answers.
    words
        Heading of the labels, and what is counted.
    translate
        Language of the chart.
    """
    heading, counted = words
    rows = f.rows_of([f.wrap(bar.label) for bar in bars], 30)
    placed = list(zip(rows.centres, bars, strict=True))
    shown = [(centre, bar.value) for centre, bar in placed if bar.value is not None]
    figure = go.Figure()
    figure.add_bar(
        orientation="h",
        y=[centre for centre, _ in shown],
        x=[value for _, value in shown],
        width=18,
        marker={"color": f.OKABE_ITO[0]},
        text=[translate.integer(value) for _, value in shown],
        textposition="outside",
        cliponaxis=False,
    )
    for centre, bar in placed:
        if bar.value is None:
            f.add_word(figure, 0, centre, f.hidden_note(translate), left=True)
    f.lay_out(figure, title, rows, right=34)
    most = max((value for _, value in shown), default=1.0)
    ticks = _count_ticks(most)
    figure.update_xaxes(
        range=[0, max(most * 1.12, ticks[-1])],
        tickvals=ticks,
        ticktext=[translate.integer(tick) for tick in ticks],
        title={"text": counted},
    )
    return f.finish(
        name,
        figure,
        f.Words(
            title=title,
            alt=_bars_alt(bars, words, translate),
            caption=_bars_caption(bars, words, translate),
        ),
        Table(
            id=f"tab-{name}",
            caption=translate.text(N_("Numbers as drawn")),
            columns=(
                ColumnSpec(key="label", label=heading),
                ColumnSpec(key="value", label=counted, role="count"),
            ),
            rows=tuple(
                {"label": bar.label, "value": Withheld() if bar.value is None else bar.value}
                for bar in bars
            ),
        ),
    )


def _hosts(events: Sequence[Event], translate: Translator) -> list[str]:
    counts: dict[str, int] = {}
    for event in events:
        counts[event.host] = counts.get(event.host, 0) + 1
    ranked = sorted(counts, key=lambda host: (-counts[host], host))
    if len(ranked) <= MOST_HOSTS:
        return ranked
    return [*ranked[: MOST_HOSTS - 1], translate.text(N_("Other towns"))]


def _host_name(event: Event, hosts: Sequence[str]) -> str:
    return event.host if event.host in hosts else hosts[-1]


def _add_events(
    figure: go.Figure,
    events: Sequence[Event],
    centres: Mapping[str, float],
    look: tuple[str, int],
) -> None:
    colour, smallest = look
    planned = events[0].planned
    figure.add_bar(
        orientation="h",
        y=[centres[event.kind] for event in events],
        base=[event.start.isoformat() for event in events],
        x=[max(smallest, ((e.end - e.start).days + 1) * DAY) for e in events],
        width=20,
        marker={
            "color": "#ffffff" if planned else colour,
            "line": {"color": colour, "width": 2 if planned else 0.5},
        },
    )


def _date_ticks(first: dt.date, last: dt.date) -> list[tuple[dt.date, str]]:
    """Days to mark and the form they are written in: years, or every n-th month."""
    months = (last.year - first.year) * 12 + last.month - first.month
    if months > 40:
        step = max(1, months // 12 // 10)
        years = range(first.year + 1, last.year + 1, step)
        return [(dt.date(year, 1, 1), "yyyy") for year in years]
    step = 1 if months <= 8 else 3 if months <= 20 else 6
    starts = [
        dt.date(first.year + month // 12, month % 12 + 1, 1)
        for month in range(first.month - 1, first.month + months)
        if month % step == 0
    ]
    return [(day, "MMM y") for day in starts if first <= day <= last]


def _count_ticks(most: float) -> list[int]:
    step = 1
    while most / step > 5:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return list(range(0, int(most // step) * step + step, step))


def _timeline_caption(events: Sequence[Event], as_of: dt.date | None, translate: Translator) -> str:
    parts = [
        translate.text(
            N_(
                "Each bar is one event, placed at its date; its colour names the town that hosted "
                "it. Short events are drawn wider than they lasted."
            )
        )
    ]
    if any(event.planned for event in events):
        parts.append(translate.text(N_("Outlined bars had not taken place yet.")))
    if as_of is not None:
        parts.append(
            translate.text(
                N_("The dotted line is {as_of}, the date of this report."),
                {"as_of": translate.date(as_of)},
            )
        )
    return " ".join(parts)


def _timeline_alt(events: Sequence[Event], translate: Translator) -> str:
    by_host: dict[str, int] = {}
    for event in events:
        by_host[event.host] = by_host.get(event.host, 0) + 1
    most = max(by_host, key=lambda host: (by_host[host], host))
    return translate.text(
        N_(
            "Timeline of {events} events from {first} to {last} by kind of event and hosting "
            "town. Most were hosted by {host}: {count}."
        ),
        {
            "events": translate.integer(len(events)),
            "first": translate.date(min(event.start for event in events)),
            "last": translate.date(max(event.end for event in events)),
            "host": f.fit_alt(most, 80),
            "count": translate.integer(by_host[most]),
        },
    )


def _timeline_data(name: str, events: Sequence[Event], translate: Translator) -> Table:
    columns = (
        ("title", N_("Event"), "text"),
        ("kind", N_("Kind of event"), "text"),
        ("host", N_("Hosted by"), "text"),
        ("start", N_("First day"), "date"),
        ("end", N_("Last day"), "date"),
        ("status", N_("Status"), "text"),
    )
    return Table(
        id=f"tab-{name}",
        caption=translate.text(N_("Events, as drawn")),
        columns=tuple(
            ColumnSpec(key=key, label=translate.text(label), role=role)  # type: ignore[arg-type]
            for key, label, role in columns
        ),
        rows=tuple(
            {
                "title": event.title,
                "kind": event.kind,
                "host": event.host,
                "start": event.start.isoformat(),
                "end": event.end.isoformat(),
                "status": event.status,
            }
            for event in events
        ),
    )


def _bars_caption(bars: Sequence[Bar], words: tuple[str, str], translate: Translator) -> str:
    caption = translate.text(
        N_("The length of each bar, and the number beside it: {counted}."),
        {"counted": words[1].lower()},
    )
    if any(bar.value is None for bar in bars):
        caption += " " + translate.text(N_("Hidden: not shown, to protect people."))
    return caption


def _bars_alt(bars: Sequence[Bar], words: tuple[str, str], translate: Translator) -> str:
    shown = [bar for bar in bars if bar.value is not None]
    values = {
        "counted": words[1],
        "heading": words[0],
        "bars": translate.integer(len(bars)),
    }
    if not shown:
        return translate.text(
            N_(
                "Bar chart. {counted} by {heading}: {bars} bars, all of them "
                "hidden to protect people."
            ),
            values,
        )
    most = max(shown, key=lambda bar: bar.value or 0)
    return translate.text(
        N_("Bar chart. {counted} by {heading}: {bars} bars, the longest for {most} with {value}."),
        {**values, "most": f.fit_alt(most.label, 80), "value": translate.integer(most.value or 0)},
    )
