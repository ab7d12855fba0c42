"""The planted model: where people stand on each scale, and how far they move.

A person's latent position on a scale is a normal variable in points from 0 to 100. An
answer is that position, moved by the item's own difficulty and noise, put on the item's
answer format, rounded and clipped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from twinimpact.instruments import Catalogue, Scale
from twinimpact.synthetic.world import LINKS, WAVES, Link


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleModel:
    """How the answers of one scale come about; all numbers are points from 0 to 100.

    Parameters
    ----------
    level, comparison_gap
        Mean position before, and how far comparison people differ from it.
    change, drift
        Change of participants and of comparison people at the second and third wave.
    town_sd, person_sd, occasion_sd, item_sd
        Spread between towns (about 2 % of the variance), between people, between occasions of a
        person, between items of an occasion.
    general
        Weight of the person's general warmth, a trait shared by all attitude scales.
    offsets
        Difficulty of each item; an even spread by default.
    heaping
        Step of round answers to share of people who use it, e.g. ``{10: 0.5, 1: 0.5}``.
    dont_know
        Share of "don't know" answers.
    waves, participants_only
        When and of whom it is asked.
    """

    level: float
    comparison_gap: float = -2.0
    change: tuple[float, float] = (0.0, 0.0)
    drift: tuple[float, float] = (0.0, 0.0)
    town_sd: float = 2.0
    person_sd: float = 12.0
    occasion_sd: float = 6.0
    item_sd: float = 12.0
    general: float = 5.0
    offsets: tuple[float, ...] = ()
    heaping: Mapping[int, float] = field(default_factory=lambda: MappingProxyType({1: 1.0}))
    dont_know: float = 0.02
    waves: tuple[str, ...] = WAVES
    participants_only: bool = False


_BEFORE_AND_LATER = ("pre", "followup")
_REACTION = ScaleModel(
    level=76, waves=("post",), participants_only=True, item_sd=8, general=4, dont_know=0.01
)
MODEL: Mapping[str, ScaleModel] = MappingProxyType(
    {
        "tw_civic": ScaleModel(level=56, change=(2.5, 2.0), drift=(0.5, 0.5)),
        "tw_eff_int": ScaleModel(level=51, change=(2.0, 1.5), dont_know=0.03),
        "tw_eff_ext": ScaleModel(level=42, change=(1.0, 0.5), dont_know=0.06),
        "tw_local_gtrust": ScaleModel(level=52, item_sd=9),
        "tw_local_council": ScaleModel(level=50, item_sd=9, dont_know=0.03),
        "tw_attach_town": ScaleModel(level=68, item_sd=8),
        "tw_attach_country": ScaleModel(level=66, item_sd=8),
        "tw_attach_europe": ScaleModel(level=58, item_sd=8),
        "tw_contact_quantity": ScaleModel(
            level=34, comparison_gap=-16, change=(14, 7), person_sd=18, occasion_sd=12,
            item_sd=0, general=0, offsets=(0, -14), dont_know=0.01,
        ),
        "tw_contact_quality": ScaleModel(level=67, change=(4, 2), general=4, dont_know=0.03),
        "tw_friends": ScaleModel(
            level=1.5, comparison_gap=-1.2, change=(1.1, 0.9), town_sd=0.2, person_sd=2,
            occasion_sd=0.7, item_sd=0, general=0, dont_know=0.01,
        ),
        "tw_thermo": ScaleModel(
            level=60, comparison_gap=-4, change=(8, 5), drift=(1.0, 0.5), person_sd=14,
            occasion_sd=8, item_sd=0, general=7,
            heaping=MappingProxyType({10: 0.4, 5: 0.45, 1: 0.15}), dont_know=0.03,
        ),
        "tw_overlap": ScaleModel(
            level=38, comparison_gap=-8, change=(9, 6), drift=(0.5, 0.5), person_sd=15,
            occasion_sd=9, item_sd=0,
        ),
        "tw_anx": ScaleModel(
            level=44, comparison_gap=3, change=(-7, -5), drift=(-0.5, -0.5), general=-6
        ),
        "tw_trust": ScaleModel(
            level=59, comparison_gap=-3, change=(5, 3), drift=(0.5, 0.5), general=7, dont_know=0.04
        ),
        "tw_conf": ScaleModel(level=58, comparison_gap=-3, change=(6, 4), drift=(0.5, 0.5)),
        "tw_acts_all": ScaleModel(
            level=34, comparison_gap=-3, change=(0, 4), person_sd=18, occasion_sd=8, item_sd=30,
            general=0, offsets=(6, -16, 12, -12, 2, 6, 2), waves=_BEFORE_AND_LATER,
        ),
        "tw_react_m1": replace(_REACTION, level=79),
        "tw_react_m2": replace(_REACTION, level=82),
        "tw_react_m3": replace(_REACTION, level=66),
        "tw_react_m4": replace(_REACTION, level=69),
        "tw_react_m5": replace(_REACTION, level=4, town_sd=0.5, person_sd=3, occasion_sd=0,
                               item_sd=0, general=0),
        "tw_react_m6": replace(_REACTION, level=68, person_sd=9),
    }
)  # fmt: skip
BLANK = 0.012
ASKED_ON_CONTACT = "tw_contact_quality"
CONTACT_QUESTION = "tw_contact_q1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What one synthetic world is drawn from.

    Parameters
    ----------
    links, model
        The partnerships and the scales.
    change_factor
        Multiplies every planted change; 0 gives a world in which nothing changes.
    town_change_sd
        Spread of the towns' own changes around the planted one; 0 in the demo.
    code_error
        Share of code elements written down wrongly at each wave.
    """

    links: tuple[Link, ...] = LINKS
    model: Mapping[str, ScaleModel] = field(default_factory=lambda: MODEL)
    change_factor: float = 1.0
    town_change_sd: float = 0.0
    code_error: float = 0.03


def item_offsets(scale: Scale, model: ScaleModel) -> np.ndarray:
    """Difficulty of each item of a scale, summing to zero unless the model names them."""
    if model.offsets:
        return np.asarray(model.offsets, dtype=float)
    count = len(scale.items)
    return np.linspace(4, -4, count) if count > 1 else np.zeros(1)


def base_scale(scale_id: str, catalogue: Catalogue, model: Mapping[str, ScaleModel]) -> str:
    """The scale whose model a scale's items follow: itself, or the one it is part of; or ``""``."""
    if scale_id in model:
        return scale_id
    items = set(catalogue.scales[scale_id].items)
    return next((base for base in model if items <= set(catalogue.scales[base].items)), "")
