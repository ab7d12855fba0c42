"""Dumbbell chart: averages before and after, with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from twinimpact.language import N_, Translator
from twinimpact.report import figures as f
from twinimpact.report.content import Chart, ColumnSpec, Table, Withheld

BEFORE_COLOUR, AFTER_COLOUR = f.OKABE_ITO[1], f.OKABE_ITO[0]
LIFT = 6
"""Half the distance in pixels between the two marks of a row, so that intervals stay apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """A mean with its interval; limits are ``None`` where none is given."""

    estimate: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BeforeAfter:
    """One outcome at two waves; both means are ``None`` when they are hidden."""

    label: str
    n: int | None
    before: Mean | None
    after: Mean | None
    lower_is_better: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveNames:
    """How the two waves are called in legend and table; ``basis`` says whose averages they are."""

    before: str
    after: str
    basis: str = ""


def dumbbell_chart(
    name: str, outcomes: Sequence[BeforeAfter], waves: WaveNames, title: str, translate: Translator
) -> Chart:
    """Draw means before and after on the full scale from 0 to 100.

    Parameters
    ----------
    name
        End of the chart's id.
    outcomes
        In points, from the top.
    waves
        Names of the two waves.
    title
        The question the chart answers.
    translate
        Language of the chart.
    """
    rows = f.rows_of([_label(outcome, translate) for outcome in outcomes], 38)
    figure = go.Figure()
    for centre, outcome in zip(rows.centres, outcomes, strict=True):
        if outcome.before and outcome.after:
            figure.add_shape(
                type="line",
                x0=outcome.before.estimate,
                x1=outcome.after.estimate,
                y0=centre - LIFT,
                y1=centre + LIFT,
                line={"color": "#9a9a9a", "width": 2},
                layer="below",
            )
        else:
            f.add_word(figure, 50, centre, f.hidden_note(translate))
    placed = list(zip(rows.centres, outcomes, strict=True))
    _add_means(figure, placed, before=True)
    _add_means(figure, placed, before=False)
    keys = (
        f.Key(name=waves.before, fill="#ffffff", line=BEFORE_COLOUR, symbol="circle"),
        f.Key(name=waves.after, fill=AFTER_COLOUR, line=AFTER_COLOUR, symbol="diamond"),
    )
    f.lay_out(figure, title, rows, right=30, keys=keys)
    figure.update_xaxes(
        range=[-3, 103],
        tickvals=[0, 25, 50, 75, 100],
        ticktext=[translate.integer(value) for value in (0, 25, 50, 75, 100)],
        title={"text": translate.text(N_("Average score, in points from 0 to 100"))},
    )
    return f.finish(
        name,
        figure,
        f.Words(
            title=title,
            alt=_dumbbell_alt(outcomes, translate),
            caption=_caption(outcomes, waves, translate),
        ),
        _dumbbell_data(name, outcomes, waves, translate),
    )


def _add_means(
    figure: go.Figure, placed: Sequence[tuple[float, BeforeAfter]], *, before: bool
) -> None:
    shown = [
        (centre + (-LIFT if before else LIFT), mean)
        for centre, row in placed
        if row.before and row.after and (mean := row.before if before else row.after)
    ]
    colour = BEFORE_COLOUR if before else AFTER_COLOUR
    figure.add_scatter(
        mode="markers",
        x=[mean.estimate for _, mean in shown],
        y=[place for place, _ in shown],
        marker={
            "symbol": "circle" if before else "diamond",
            "size": 11 if before else 12,
            "color": "#ffffff" if before else colour,
            "line": {"color": colour, "width": 2},
        },
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [f.gap(mean.high, mean.estimate) for _, mean in shown],
            "arrayminus": [f.gap(mean.estimate, mean.low) for _, mean in shown],
            "color": colour,
            "thickness": 1.5,
            "width": 4,
        },
    )


def _caption(outcomes: Sequence[BeforeAfter], waves: WaveNames, translate: Translator) -> str:
    marks = translate.text(
        N_("Open circle: {before}; filled diamond: {after}."),
        {"before": waves.before, "after": waves.after},
    )
    means = [mean for row in outcomes for mean in (row.before, row.after) if mean]
    if waves.basis:
        marks = f"{marks} {waves.basis}"
    if all(mean.low is None for mean in means):
        return marks
    interval = translate.text(
        N_(
            "The thin line through a mark is its {level} interval: the range that fits the answers."
        ),
        {"level": translate.percent(f.LEVEL)},
    )
    return f"{marks} {interval}"


def _label(row: BeforeAfter, translate: Translator) -> str:
    text = row.label
    if row.lower_is_better:
        text = translate.text(N_("{label} – lower is better"), {"label": text})
    return f.with_n(text, row.n, translate)


def _dumbbell_alt(rows: Sequence[BeforeAfter], translate: Translator) -> str:
    shown = [(row, row.before, row.after) for row in rows if row.before and row.after]
    if not shown:
        return translate.text(
            N_(
                "Chart of average scores before and after in which every outcome is hidden to "
                "protect the people who answered."
            )
        )
    row, before, after = max(shown, key=lambda one: abs(one[2].estimate - one[1].estimate))
    return translate.text(
        N_(
            "Dot chart of average scores before and after for {outcomes} outcomes. The largest "
            "change: {label}, from {before} to {after} points out of 100."
        ),
        {
            "outcomes": translate.integer(len(rows)),
            "label": f.fit_alt(row.label, 80),
            "before": translate.number(before.estimate),
            "after": translate.number(after.estimate),
        },
    )


def _dumbbell_data(
    name: str, outcomes: Sequence[BeforeAfter], waves: WaveNames, translate: Translator
) -> Table:
    low, high = translate.text(N_("from")), translate.text(N_("to"))
    columns = (
        ColumnSpec(key="label", label=translate.text(N_("Outcome"))),
        ColumnSpec(key="n", label=translate.text(N_("People")), role="count"),
        *(
            ColumnSpec(key=f"{wave}_{part}", label=label, role="number", decimals=1)
            for wave, title in (("before", waves.before), ("after", waves.after))
            for part, label in (
                ("estimate", title),
                ("low", f"{title}: {low}"),
                ("high", f"{title}: {high}"),
            )
        ),
    )
    return Table(
        id=f"tab-{name}",
        caption=translate.text(N_("Average scores with intervals, as drawn")),
        columns=columns,
        rows=tuple(_dumbbell_record(row) for row in outcomes),
    )


def _dumbbell_record(row: BeforeAfter) -> dict[str, object]:
    record: dict[str, object] = {
        "label": row.label,
        "n": Withheld() if row.n is None else row.n,
    }
    for wave, mean in (("before", row.before), ("after", row.after)):
        hidden = row.before is None or row.after is None or mean is None
        for part in ("estimate", "low", "high"):
            record[f"{wave}_{part}"] = Withheld() if hidden else getattr(mean, part)
    return record
