"""Who is compared: people with their scores at each wave side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from twinimpact.errors import DesignError
from twinimpact.schema import PROGRAMME

if TYPE_CHECKING:
    from twinimpact.evaluation import Design
    from twinimpact.instruments import Catalogue

Array = np.ndarray[Any, Any]
ROLES = ("pre", "post", "followup")
"""Parts a wave can play in a design."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A scale as an outcome; ``low`` and ``high`` are the ends of its scores."""

    scale: str
    role: str
    sesoi: float | None
    direction: str
    unit: str
    low: float
    high: float

    @property
    def sign(self) -> int:
        """+1 when a higher score is better, -1 when it is worse."""
        return 1 if self.direction == "better" else -1

    @property
    def good_end(self) -> float:
        """The end of the scale nobody can improve beyond."""
        return self.high if self.direction == "better" else self.low


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """One entry per person (or, with unlinked waves, per questionnaire) in every array.

    ``partnership`` and ``town`` are positions in ``partnerships`` and ``towns`` (-1: town not
    known); ``arm`` is true for participants. ``present`` says who returned a questionnaire,
    ``scores`` holds one array ``(people, outcomes)`` per wave role, NaN where there is no score.
    """

    partnerships: tuple[str, ...]
    towns: tuple[str, ...]
    waves: Mapping[str, str]
    outcomes: tuple[Outcome, ...]
    partnership: Array
    town: Array
    arm: Array
    repeated: Array
    present: Mapping[str, Array]
    scores: Mapping[str, Array]

    def scopes(self) -> Iterator[tuple[str, People]]:
        """Each partnership with its people, then the programme with everybody."""
        order = np.argsort(self.partnership, kind="stable")
        ends = np.cumsum(np.bincount(self.partnership, minlength=len(self.partnerships)))
        for name, chosen in zip(self.partnerships, np.split(order, ends[:-1]), strict=True):
            yield name, self.where(chosen)
        yield PROGRAMME, self

    def where(self, chosen: Array) -> People:
        """The people for whom ``chosen`` (mask or positions) holds."""
        return replace(
            self,
            partnership=self.partnership[chosen],
            town=self.town[chosen],
            arm=self.arm[chosen],
            repeated=self.repeated[chosen],
            present={role: mask[chosen] for role, mask in self.present.items()},
            scores={role: scores[chosen] for role, scores in self.scores.items()},
        )


def outcomes_of(catalogue: Catalogue, design: Design, points: pd.DataFrame) -> tuple[Outcome, ...]:
    """Outcomes in the design's order, or every scale with scores when the design names none.

    Descriptive outcomes and outcomes without any score are left out.

    Raises
    ------
    DesignError
        If the design names a scale that no instrument has.
    """
    planned = [(o.scale, o.role, o.sesoi) for o in design.outcomes]
    unknown = [scale for scale, _, _ in planned if scale not in catalogue.scales]
    if unknown:
        raise DesignError(
            "The design names outcomes that are no scale of the instruments in use.",
            where="design.outcomes",
            got=", ".join(unknown),
            expected=", ".join(catalogue.scales),
            hint="Correct the name, or add the instrument it belongs to.",
        )
    if not planned:
        planned = [
            (name, "descriptive" if scale.role == "descriptive" else "exploratory", None)
            for name, scale in catalogue.scales.items()
        ]
    found = []
    for name, role, sesoi in planned:
        if role == "descriptive" or name not in points or not points[name].notna().any():
            continue
        scale = catalogue.scales[name]
        counted = scale.unit == "count"
        outcome = Outcome(
            scale=name,
            role=role,
            sesoi=sesoi,
            direction=scale.direction,
            unit=scale.unit,
            low=float(scale.lo) if counted else 0.0,
            high=float(scale.hi) if counted else 100.0,
        )
        found.append(outcome)
    return tuple(found)


def people_of(
    responses: pd.DataFrame,
    points: pd.DataFrame,
    design: Design,
    outcomes: tuple[Outcome, ...],
    order: tuple[str, ...] = (),
) -> People:
    """Set each person's questionnaires side by side.

    A person is identified within partnership and arm. If somebody answered a wave twice, the
    newest questionnaire counts (by date, then by id, so the order of rows does not matter).
    Questionnaires of other arms or waves are left out.

    Parameters
    ----------
    responses, points
        The responses table and the scores with the same index.
    design
        Wave roles, comparison arms and whether people are linked across waves.
    outcomes
        Scales to keep, in order.
    order
        Partnership ids in the order wanted; others follow, sorted.
    """
    waves = _wave_roles(responses, design)
    role = responses["wave"].astype("str").map({wave: name for name, wave in waves.items()})
    arm = responses["arm"].astype("str")
    wanted = (arm == "participant") | arm.isin(list(design.comparison_arms))
    chosen = (wanted & role.notna()).to_numpy()
    kept = responses[chosen]
    rows = pd.DataFrame(
        {
            "partnership": kept["partnership_id"].astype("str").to_numpy(),
            "arm": (kept["arm"].astype("str") == "participant").to_numpy(),
            "person": _identity(kept, design.linked),
            "town": kept["town_id"].astype("str").to_numpy(),
            "role": role.to_numpy()[chosen],
            "date": kept["date"].to_numpy(),
            "response": kept["response_id"].astype("str").to_numpy(),
            "row": np.flatnonzero(chosen),
        }
    )
    key = ["partnership", "arm", "person"]
    rows = rows.sort_values([*key, "role", "date", "response"], na_position="first")
    rows["repeated"] = rows.duplicated([*key, "role"], keep="last")
    rows["person_number"] = rows.groupby(key, sort=True).ngroup()
    values = points[[outcome.scale for outcome in outcomes]].to_numpy(dtype=float, na_value=np.nan)
    return _side_by_side(rows, values, waves, outcomes, order)


def _side_by_side(
    rows: pd.DataFrame,
    values: Array,
    waves: Mapping[str, str],
    outcomes: tuple[Outcome, ...],
    order: tuple[str, ...],
) -> People:
    repeated = rows.groupby("person_number")["repeated"].any()
    newest = rows[~rows["repeated"]]
    first = newest.drop_duplicates("person_number").set_index("person_number").sort_index()
    count = len(first)
    present = {name: np.zeros(count, dtype=bool) for name in waves}
    scores = {name: np.full((count, len(outcomes)), np.nan) for name in waves}
    home = np.full(count, "", dtype=object)
    for name in reversed([r for r in (*ROLES, "single") if r in waves]):  # the town before wins
        part = newest[newest["role"] == name]
        position = part["person_number"].to_numpy()
        present[name][position] = True
        scores[name][position] = values[part["row"].to_numpy()]
        known = part["town"].notna().to_numpy() & ~part["town"].isin(["", "nan"]).to_numpy()
        home[position[known]] = part["town"].to_numpy()[known]
    found = sorted(set(first["partnership"]))
    partnerships = tuple(p for p in order if p in set(found))
    partnerships += tuple(p for p in found if p not in set(order))
    towns = tuple(sorted(set(home) - {""}))
    number = {town: i for i, town in enumerate(towns)}
    place = {partnership: i for i, partnership in enumerate(partnerships)}
    return People(
        partnerships=partnerships,
        towns=towns,
        waves=waves,
        outcomes=outcomes,
        partnership=first["partnership"].map(place).to_numpy(dtype=np.int64),
        town=np.array([number.get(town, -1) for town in home], dtype=np.int64),
        arm=first["arm"].to_numpy(dtype=bool),
        repeated=repeated.to_numpy(dtype=bool),
        present=present,
        scores=scores,
    )


def _identity(kept: pd.DataFrame, linked: bool) -> Array:
    alone = "response " + kept["response_id"].astype("str")
    if not linked or "person" not in kept:
        return np.asarray(alone.to_numpy(dtype=object))
    return np.asarray(kept["person"].astype("str").where(kept["person"].notna(), alone), object)


def _wave_roles(responses: pd.DataFrame, design: Design) -> dict[str, str]:
    """Role to wave id; a design without before and after describes the latest wave."""
    if design.before and design.after:
        roles = {"pre": design.before, "post": design.after, "followup": design.follow_up}
        return {role: wave for role, wave in roles.items() if wave}
    if design.before or design.after:
        return {"single": str(design.after or design.before)}
    if responses.empty:
        return {}
    latest = responses.groupby(responses["wave"].astype("str"))["date"].max()
    latest = latest.sort_index().sort_values(kind="stable", na_position="first")
    return {"single": str(latest.index[-1])}
