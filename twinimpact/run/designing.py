"""What the design of an evaluation supports, and what a planned collection could show."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from twinimpact.errors import DesignError
from twinimpact.impact import Towns, power
from twinimpact.impact.planning import detectable_table, icc_of
from twinimpact.language import N_, Translator
from twinimpact.report.words import level_meaning, reasons
from twinimpact.run.project import Project, load_project
from twinimpact.run.verbs import gather
from twinimpact.schema import PROGRAMME
from twinimpact.workspace import read_responses

MAY_SAY: Mapping[int, str] = {
    0: N_("Describe what people say. No change and no comparison can be claimed."),
    1: N_("Say what was higher or lower after. Do not say why."),
    2: N_("Say who changed more. Something else in these towns may explain it."),
    3: N_("Estimate an effect, with its interval, assuming that the groups are comparable."),
    4: N_("Say that it probably raised or lowered something."),
    5: N_("Say that it raised or lowered something."),
}
"""What may be claimed at each design level."""
PRIMARY: Mapping[str, str] = {
    "town_mean_t": N_("means of towns, t test"),
    "town_two_stage_t": N_("adjusted means of towns, t test"),
    "change_cr2": N_("people, town-robust standard errors"),
    "paired_t": N_("change of the same people, t interval"),
    "welch": N_("different people, Welch interval"),
    "refused": N_("refused"),
}
BETWEEN = "post-pre|participant-comparison"


def design_rows(project: Project, translate: Translator) -> list[dict[str, str]]:
    """One row per partnership, the programme last: what supports what, and how to climb."""
    material = gather(project)
    table = material.results.table
    names = {
        str(row["partnership_id"]): str(row["name"])
        for row in material.snapshot.frame("partnerships").to_dict(orient="records")
    }
    found = table[table["outcome"] == "Q07"]
    rows = []
    for row in found.to_dict(orient="records"):
        told = {str(name): value for name, value in row.items()}
        meaning, climb = level_meaning(told, translate)
        level = told["estimate"]
        grade = 0 if level != level else int(level)
        partnership = str(told["partnership"])
        everyone = translate.text(N_("All partnerships"))
        rows.append(
            {
                translate.text(N_("Partnership")): names.get(partnership, everyone),
                translate.text(N_("Level")): str(grade),
                translate.text(N_("What the data support")): meaning,
                translate.text(N_("First estimate")): _primary(table, partnership, translate),
                translate.text(N_("What may be said")): translate.text(MAY_SAY[grade]),
                translate.text(N_("Why not higher")): " ".join(reasons(told, translate)),
                translate.text(N_("Next step")): climb,
                "_last": "1" if partnership == PROGRAMME else "0",
            }
        )
    rows.sort(key=lambda row: row.pop("_last"))
    return rows


def _primary(table: pd.DataFrame, partnership: str, translate: Translator) -> str:
    """The method of the first estimate a report shows for this partnership."""
    own = table[table["partnership"].eq(partnership) & table["status"].ne("suppressed")]
    beside = own["note"].str.split(";").map(lambda codes: "beside" in codes)
    for estimand in (BETWEEN, "post-pre", "post-pre|cross-section"):
        rows = own[own["estimand"].eq(estimand) & own["method"].isin(PRIMARY) & ~beside]
        if not len(rows):
            continue
        status, method = str(rows["status"].iloc[0]), str(rows["method"].iloc[0])
        name = "refused" if status == "refused" else method
        return translate.text(PRIMARY[name])
    return translate.text(N_("description only"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What a plan comes to: sentences, and a table of towns by people."""

    sentences: tuple[str, ...]
    table: list[dict[str, str]]


def plan_towns(
    design: Towns, translate: Translator, *, learned: tuple[str, float] | None = None
) -> Planned:
    """Put a plan of towns into words: what is solved, the bottleneck, the table.

    Parameters
    ----------
    design
        Exactly one of towns, effect and power left out.
    learned
        Scale and ICC, where the ICC comes from the project's own answers.
    """
    result = power(design)
    row = result.primary
    value = row.estimate or 0.0
    values = {"value": translate.number(value, 2), "towns": translate.integer(math.ceil(value))}
    solved = {
        "detectable": N_(
            "With this plan a difference of {value} standard deviations or more would be seen with "
            "the wanted power."
        ),
        "towns": N_("At least {towns} towns are needed, both kinds together."),
        "power": N_("The chance of an interval that excludes zero is {value}."),
    }[row.estimand]
    sentences = [translate.text(solved, values)]
    floor = translate.number(float(result.diagnostics["floor"]), 2)
    sentences.append(
        translate.text(
            N_(
                "More people in the same towns stop helping at {floor} standard deviations: from "
                "there on only more towns help."
            ),
            {"floor": floor},
        )
    )
    if learned is not None:
        sentences.append(
            translate.text(
                N_("{icc} of the variation of {scale} lies between towns, by your own answers."),
                {"icc": translate.percent(learned[1]), "scale": learned[0]},
            )
        )
    return Planned(sentences=tuple(sentences), table=_table(design, translate))


def _table(design: Towns, translate: Translator) -> list[dict[str, str]]:
    found = detectable_table(replace(design, power=design.power or 0.8))
    head = translate.text(N_("Towns"))
    return [
        {
            head: translate.integer(float(towns)),
            **{
                translate.text(
                    N_("{n} people each"), {"n": translate.integer(float(str(people)))}
                ): (translate.number(float(value), 2) if math.isfinite(value) else "–")
                for people, value in line.items()
            },
        }
        for towns, line in ((int(str(index)), row) for index, row in found.iterrows())
    ]


def icc_from(text: str) -> tuple[float, tuple[str, float] | None]:
    """A share between towns as a number, or learnt from ``FOLDER:SCALE``.

    Returns
    -------
    tuple
        The share, and scale and share where it was learnt.

    Raises
    ------
    DesignError
        If it is neither, or cannot be learnt.
    """
    folder, colon, scale = text.rpartition(":")
    if colon:
        share = own_icc(load_project(Path(folder or ".")), scale)
        return share, (scale, share)
    try:
        return float(text), None
    except ValueError as error:
        raise DesignError(
            "The share between towns is no number.", got=text, expected="0.05 or FOLDER:SCALE"
        ) from error


def own_icc(project: Project, scale: str) -> float:
    """Share of a scale's variance between towns, from participants' first answers.

    Raises
    ------
    DesignError
        If the scale is not in use, or fewer than five towns answered.
    """
    from twinimpact.measures import score_responses

    if scale not in project.catalogue.scales:
        raise DesignError(
            "There is no such scale.", got=scale, expected=", ".join(project.catalogue.scales)
        )
    responses = read_responses(project.workspace)
    first = project.evaluation.design.before or str(responses["wave"].min())
    mine = responses[responses["wave"].eq(first) & responses["arm"].eq("participant")]
    scores = score_responses(mine, project.catalogue, out_of_range="set_missing")
    data: dict[str, Any] = {"score": scores.points[scale], "town": mine["town_id"]}
    return icc_of(pd.DataFrame(data), outcome="score", cluster="town")
