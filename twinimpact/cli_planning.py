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
    wanted: Annotated[
        float | None, typer.Option("--power", help="Wanted power; 0.8 unless solved for.")
    ] = 0.8,
    icc: Annotated[float, typer.Option(help="Share of variation between towns, 0 to 1.")] = 0.05,
    twinned: Annotated[float, typer.Option(help="Share of the towns that are twinned.")] = 0.5,
    pre: Annotated[
        float, typer.Option(help="Correlation with the score before, if adjusted for.")
    ] = 0.0,
    own: Annotated[
        str, typer.Option(help="FOLDER:SCALE to learn the share between towns from own answers.")
    ] = "",
) -> None:
    """Plan a collection: detectable effect, towns needed, or power. Leave one of them out."""
    from twinimpact.impact import Towns
    from twinimpact.run import load_project, own_icc, plan_towns

    with failures():
        learned = None
        if own:
            place, _, scale = own.rpartition(":")
            learned = (scale, own_icc(load_project(Path(place or ".")), scale))
            icc = learned[1]
        if towns is not None and effect is not None:
            wanted = None
        plan = Towns(
            towns=towns,
            per_town=people,
            icc=icc,
            twinned_share=twinned,
            r2_people=pre**2,
            r2_towns=pre**2,
            effect=effect,
            power=wanted,
        )
        told = plan_towns(plan, speaker(), learned=learned)
        for sentence in told.sentences:
            print(sentence)
        print_table(speaker().text(N_("Detectable effect in standard deviations")), told.table)
