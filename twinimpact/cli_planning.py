"""The commands ``design`` and ``power``: what the data support, and what a plan could show."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from twinimpact.console import failures, print_table, speaker
from twinimpact.language import N_


def design(
    folder: Annotated[Path, typer.Argument(help="Folder of the evaluation.")] = Path(),
) -> None:
    """Say which comparison the data support, what may be claimed, and how to climb one level."""
    from twinimpact.run import design_rows, load_project

    with failures():
        rows = design_rows(load_project(folder), speaker())
        for row in rows:
            name, *rest = row.items()
            print(f"\n{name[1]}")
            for label, text in rest:
                if text:
                    print(f"  {label}: {text}")


def power(
    *,
    towns: Annotated[int | None, typer.Option(help="Towns, both kinds together.")] = None,
    people: Annotated[float, typer.Option(help="People per town.")] = 20.0,
    effect: Annotated[float | None, typer.Option(help="Effect in standard deviations.")] = None,
    icc: Annotated[
        str,
        typer.Option(help="Share of variation between towns, or FOLDER:SCALE to learn it there."),
    ] = "0.05",
    twinned: Annotated[float, typer.Option(help="Share of the towns that are twinned.")] = 0.5,
    pre: Annotated[
        float, typer.Option(help="Correlation with the score before, if adjusted for.")
    ] = 0.0,
) -> None:
    """Plan a collection: give towns or an effect (power 0.8), or both to learn the power."""
    from twinimpact.impact import Towns
    from twinimpact.run import icc_from, plan_towns

    with failures():
        share, learned = icc_from(icc)
        plan = Towns(
            towns=towns,
            per_town=people,
            icc=share,
            twinned_share=twinned,
            r2_people=pre**2,
            r2_towns=pre**2,
            effect=effect,
            power=None if towns is not None and effect is not None else 0.8,
        )
        told = plan_towns(plan, speaker(), learned=learned)
        for sentence in told.sentences:
            print(sentence)
        print_table(speaker().text(N_("Detectable effect in standard deviations")), told.table)
