"""Weighted scores of people with a known population, such as a sample of residents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from twinimpact.errors import DesignError
from twinimpact.evaluation import Weighting
from twinimpact.instruments import Catalogue
from twinimpact.measures.rows import (
    FEW_PEOPLE,
    INDICATIVE_PEOPLE,
    Rows,
    join_notes,
    results_of,
)
from twinimpact.measures.scoring import Scores
from twinimpact.measures.weighting import RakedWeights, rake, raked_means
from twinimpact.measures.weighting.margins import CROSS, Array, refused
from twinimpact.measures.weighting.sample import labels_of
from twinimpact.problems import Problem

WEIGHTS = "weights"
"""``outcome`` of rows about weights, and ``dimension`` of all rows that are weighted."""
NOT_TOLD = "undisclosed"
GROUP = ""
"""Column of the groups' keys; no question has an empty name."""
SEPARATOR = "\x1f"
DEFINITION = (
    "weights_margin_sum", "weights_totals_differ", "weights_bad_target", "weights_margin_twice",
)  # fmt: skip
"""Faults of the margins themselves, which no group should hide."""
DIAGNOSTICS = ("deff_before", "deff", "n_eff", "max_over_mean", "share_at_cap", "cycles")
UNITS = {"n_eff": "people", "share_at_cap": "share", "cycles": "cycles"}
LEVELS = ("share_before", "share_after", "smd_before", "smd_after")


def weighted_rows(
    responses: pd.DataFrame,
    scores: Scores,
    catalogue: Catalogue,
    weights: Sequence[Weighting],
    conf_level: float = 0.95,
    smallest: int = 0,
) -> pd.DataFrame:
    """Result rows about weighted scores and about the weights themselves.

    Each partnership (or town) and wave is raked on its own, all of them in the same cycles. A
    group that cannot be weighted gives one row with status ``refused`` and the reasons as
    codes; the others go on.

    Parameters
    ----------
    weights
        Entries of ``[[weights]]``.
    smallest
        Shares before weighting are given only for variables with at least this many respondents
        in each level.

    Returns
    -------
    pandas.DataFrame
        A results table, ``dimension`` ``weights`` and ``group`` the entry's id: per scale
        ``mean`` (method ``rake``; ``n`` is unweighted), ``n_eff`` and ``deff``; per group of
        people the diagnostics with outcome ``weights``, and per level (``dimension`` its
        variable) its shares and distances from the target.

    Raises
    ------
    DesignError
        If an entry is wrong for all groups: columns that are not there, margins that do not
        sum to 1.
    """
    blocks: list[Rows] = []
    for entry in weights:
        chosen = _chosen(responses, entry)
        if not len(chosen):
            continue
        frame, groups = _frame(chosen, entry)
        raked, refusals = _raked(frame, groups, entry)
        blocks += _refusal_rows(refusals, groups, entry)
        if raked is None:
            continue
        places = raked.weights.index
        blocks += _score_rows(
            raked, scores.points.loc[places], catalogue, (entry, groups), conf_level
        )
        blocks += _weight_rows(raked, entry, groups)
        blocks += _level_rows(raked, entry, groups, smallest)
    return results_of(blocks)


def _chosen(responses: pd.DataFrame, entry: Weighting) -> pd.DataFrame:
    mask = responses["arm"].eq(entry.arm) & responses["wave"].notna()
    for column, wanted in (
        ("wave", entry.wave),
        ("partnership_id", entry.partnership),
        ("town_id", entry.town),
    ):
        if wanted is not None:
            mask &= responses[column].eq(wanted)
    return responses[mask.fillna(False).astype(bool)]


def _frame(chosen: pd.DataFrame, entry: Weighting) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The variables of the margins with their broader levels, and the groups' labels."""
    town = chosen["town_id"] if entry.by == "town" else ""
    labels = pd.DataFrame(
        {"partnership": chosen["partnership_id"], "town": town, "wave": chosen["wave"]},
        index=chosen.index,
    )
    # an empty town is a group of its own, which then has no targets
    labels = labels.fillna("").astype("str")
    key = labels["partnership"] + SEPARATOR + labels["town"] + SEPARATOR + labels["wave"]
    groups = labels.assign(key=key).drop_duplicates("key").set_index("key")
    frame = pd.DataFrame({GROUP: key}, index=chosen.index)
    for variable in _variables(entry):
        for part in variable.split(CROSS):
            if part in chosen:
                frame[part] = _levels_of(chosen[part], entry)
    return frame, groups


def _levels_of(answers: pd.Series, entry: Weighting) -> pd.Series:
    """Answers as levels of the margins: broader where that is declared, blank where not told."""
    name = str(answers.name)
    several = entry.levels.get(name, {})
    broader = {old: new for new, olds in several.items() for old in olds}
    codes, labels = labels_of(answers)
    told = [
        None if label == NOT_TOLD and not _targets_level(entry, name, label) else label
        for label in (broader.get(label, label) for label in labels)
    ]
    return pd.Series(np.array([*told, None], dtype=object)[codes], index=answers.index)


def _variables(entry: Weighting) -> list[str]:
    return list(dict.fromkeys([*entry.margins, *(one.variable for one in entry.targets)]))


def _targets_level(entry: Weighting, variable: str, level: str) -> bool:
    listed = entry.margins.get(variable, {})
    return level in listed or any(
        one.variable == variable and one.level == level for one in entry.targets
    )


def _definition(entry: Weighting, groups: pd.DataFrame) -> pd.DataFrame:
    """Targets of each group: those of its partnership or town, or those for all."""
    rows = [("", v, level, t) for v, levels in entry.margins.items() for level, t in levels.items()]
    rows += [(one.group, one.variable, one.level, one.target) for one in entry.targets]
    table = pd.DataFrame(rows, columns=["unit", "variable", "level", "target"])
    units = groups.reset_index().rename(columns={"key": "group"})
    units["unit"] = units[entry.by]
    own = units[["group", "unit"]].merge(table[table["unit"] != ""], on="unit")
    common = units[["group"]].merge(table[table["unit"] == ""], how="cross")
    return pd.concat([own, common])[["group", "variable", "level", "target"]]


def _raked(
    frame: pd.DataFrame, groups: pd.DataFrame, entry: Weighting
) -> tuple[RakedWeights | None, dict[str, tuple[str, ...]]]:
    """Weights of the groups that can be weighted, and why the others cannot."""
    definition = _definition(entry, groups)
    refusals: dict[str, tuple[str, ...]] = {}
    for group in set(groups.index) - set(definition["group"]):
        refusals[group] = ("weights_no_targets",)
    while True:
        rest = frame[~frame[GROUP].isin(refusals)]
        if rest.empty:
            return None, refusals
        mine = definition[definition["group"].isin(rest[GROUP])]
        try:
            return (
                rake(rest, mine, group=GROUP, cap=entry.cap, missing=entry.missing),  # type: ignore[arg-type]
                refusals,
            )
        except DesignError as error:
            new = _by_group(error.problems)
            if not new:
                raise refused(
                    f"The weights {entry.id} cannot be made.", _readable(error.problems)
                ) from None
            refusals |= new


def _by_group(problems: Sequence[Problem]) -> dict[str, tuple[str, ...]]:
    """Codes of each group; nothing if a fault is not about one group."""
    found: dict[str, list[str]] = {}
    for problem in problems:
        group = problem.got if problem.code == "weights_no_targets" else problem.sheet
        if SEPARATOR not in group or problem.code in DEFINITION:
            return {}
        found.setdefault(group, []).append(problem.code)
    return {group: tuple(dict.fromkeys(codes)) for group, codes in found.items()}


def _readable(problems: Sequence[Problem]) -> list[Problem]:
    """The faults once for each partnership or town, whose name stands where a sheet's would."""
    named = [
        replace(one, sheet=" ".join(part for part in one.sheet.split(SEPARATOR)[:2] if part))
        for one in problems
    ]
    return list(dict.fromkeys(named))


def _common(entry: Weighting, labels: pd.DataFrame) -> dict[str, Any]:
    return {
        "partnership": labels["partnership"].to_numpy(dtype=object),
        "town": labels["town"].to_numpy(dtype=object),
        "wave": labels["wave"].to_numpy(dtype=object),
        "arm": entry.arm,
        "dimension": WEIGHTS,
        "group": entry.id,
        "method": "rake",
        "source": "responses",
    }


def _score_rows(
    raked: RakedWeights,
    points: pd.DataFrame,
    catalogue: Catalogue,
    about: tuple[Weighting, pd.DataFrame],
    conf_level: float,
) -> list[Rows]:
    """Rows ``mean``, ``n_eff`` and ``deff`` of every scale somebody of a group answered."""
    entry, groups = about
    listed = [name for name in points if points[name].notna().any()]
    if not listed:
        return []
    found = raked_means(raked, points[listed], conf_level=conf_level)
    found = found[found["n"] > 0]
    scales = [catalogue.scales[name] for name in found["outcome"]]
    flat = found["std_error"].le(1e-12).to_numpy()  # all alike: the mean would be everyone's answer
    n_eff = found["n_eff"].to_numpy()
    few = n_eff < FEW_PEOPLE
    limits = {
        name: np.where(few | flat, np.nan, found[name])
        for name in ("std_error", "df", "conf_low", "conf_high", "conf_level")
    }
    common = _common(entry, groups.loc[found["group"]]) | {
        "outcome": found["outcome"].to_numpy(dtype=object),
        "direction": np.array([scale.direction for scale in scales], dtype=object),
        "n": found["n"].to_numpy(),
        "missing": found["n_missing"].to_numpy(),
    }
    notes = [
        (True, "weighted"),
        (flat, "no_variance"),
        (few & ~flat, "n_below_10"),
        (~few & ~flat & (n_eff < INDICATIVE_PEOPLE), "indicative"),
    ]
    mean = limits | {
        "estimand": "mean",
        "estimate": np.where(flat, np.nan, found["estimate"]),
        "unit": np.array([scale.unit for scale in scales], dtype=object),
        "status": np.select([flat, few], ["not_estimable", "descriptive"], "ok").astype(object),
        "note": join_notes(len(found), notes),
    }
    others = [
        {"estimand": "n_eff", "estimate": n_eff, "unit": "people"},
        {"estimand": "deff", "estimate": found["deff"].to_numpy(), "unit": "ratio"},
    ]
    return [Rows(columns=common | one, size=len(found)) for one in (mean, *others)]


def _weight_rows(raked: RakedWeights, entry: Weighting, groups: pd.DataFrame) -> list[Rows]:
    """Rows about each group's weights: design effect, largest weight, cycles."""
    table = raked.diagnostics[raked.diagnostics["n"] > 0]
    common = _common(entry, groups.loc[table["group"]]) | {
        "outcome": WEIGHTS,
        "method": table["method"].to_numpy(dtype=object),
        "n": table["n"].to_numpy(),
        "missing": table["excluded"].to_numpy(),
        "note": join_notes(
            len(table),
            [
                (table["deff"] > 2, "deff_above_2"),
                (table["max_over_mean"] > 5, "weight_above_5"),
                (entry.missing == "own_level", "missing_own_level"),
                (entry.missing == "exclude", "missing_excluded"),
            ],
        ),
    }
    return [
        Rows(
            columns=common
            | {
                "estimand": name,
                "estimate": table[name].to_numpy("float64"),
                "unit": UNITS.get(name, "ratio"),
            },
            size=len(table),
        )
        for name in DIAGNOSTICS
    ]


def _level_rows(
    raked: RakedWeights, entry: Weighting, groups: pd.DataFrame, smallest: int
) -> list[Rows]:
    """Rows about each level: its share before and after, and how far from its target."""
    table = raked.levels[raked.levels["target"].notna()]
    people = raked.diagnostics.set_index("group")["n"]
    table = table[people.loc[table["group"]].to_numpy() > 0]
    fewest = table.groupby(["group", "variable"])["n"].transform("min")
    blocks = []
    for name in LEVELS:
        part = table[fewest >= smallest] if name.endswith("before") else table
        columns = _common(entry, groups.loc[part["group"]]) | {
            "outcome": WEIGHTS,
            "estimand": name,
            "estimate": part[name].to_numpy(),
            "dimension": part["variable"].to_numpy(dtype=object),
            "group": part["level"].to_numpy(dtype=object),
            "unit": "share" if name.startswith("share") else "sd",
            "n": people.loc[part["group"]].to_numpy(),
        }
        blocks.append(Rows(columns=columns, size=len(part)))
    return blocks


def _refusal_rows(
    refusals: dict[str, tuple[str, ...]], groups: pd.DataFrame, entry: Weighting
) -> list[Rows]:
    labels = groups.loc[sorted(refusals)]
    notes: Array = np.array([";".join(refusals[key]) for key in labels.index], dtype=object)
    columns = _common(entry, labels) | {
        "outcome": WEIGHTS,
        "estimand": "deff",
        "unit": "ratio",
        "status": "refused",
        "note": notes,
    }
    return [Rows(columns=columns, size=len(labels))]
