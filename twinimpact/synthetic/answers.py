"""Answers drawn from the planted model, as the numbers a questionnaire would hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from twinimpact.instruments import Catalogue, Item, Scale
from twinimpact.synthetic.model import (
    ASKED_ON_CONTACT,
    BLANK,
    CONTACT_QUESTION,
    ScaleModel,
    Settings,
    item_offsets,
)
from twinimpact.synthetic.world import WAVES


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Answers of every person at every wave, whether or not the person answered then.

    ``values`` maps an item to an integer array (people, waves); ``unknown`` and ``blank`` to
    boolean arrays of the same shape; ``asked`` tells where the item was put to the person.
    """

    values: Mapping[str, np.ndarray]
    unknown: Mapping[str, np.ndarray]
    blank: Mapping[str, np.ndarray]
    asked: Mapping[str, np.ndarray]


def draw_answers(
    people: pd.DataFrame, catalogue: Catalogue, settings: Settings, rng: np.random.Generator
) -> Answers:
    """Draw what every person would answer at every wave."""
    warmth = rng.standard_normal(len(people))
    towns, town_index = np.unique(people["town_id"].to_numpy(dtype=str), return_inverse=True)
    values: dict[str, np.ndarray] = {}
    unknown: dict[str, np.ndarray] = {}
    blank: dict[str, np.ndarray] = {}
    asked: dict[str, np.ndarray] = {}
    shape = (len(people), len(WAVES))
    for scale_id, model in settings.model.items():
        scale = catalogue.scales[scale_id]
        town_level = rng.normal(0, model.town_sd, len(towns))[town_index]
        latent = town_level + model.general * warmth + rng.normal(0, model.person_sd, len(people))
        latent = latent[:, None] + _means(people, model, settings)
        latent = latent + rng.normal(0, model.occasion_sd, shape)
        if settings.town_change_sd:
            own = rng.normal(0, settings.town_change_sd, len(towns))[town_index]
            latent = latent + own[:, None] * (np.arange(len(WAVES)) > 0)
        step = rng.choice(list(model.heaping), size=len(people), p=list(model.heaping.values()))
        for item_id, offset in zip(scale.items, item_offsets(scale, model), strict=True):
            item = catalogue.items[item_id]
            position = latent + offset + rng.normal(0, model.item_sd, shape)
            values[item_id] = to_answer(position, item, scale, step[:, None])
            unknown[item_id] = rng.random(shape) < (model.dont_know if item.missing else 0.0)
            blank[item_id] = rng.random(shape) < BLANK
            asked[item_id] = _asked(people, model)
    if CONTACT_QUESTION in values and ASKED_ON_CONTACT in settings.model:
        unclear = unknown[CONTACT_QUESTION] | blank[CONTACT_QUESTION]
        met = (values[CONTACT_QUESTION] > 0) & ~unclear
        for item_id in catalogue.scales[ASKED_ON_CONTACT].items:
            asked[item_id] = asked[item_id] & met
    return Answers(values=values, unknown=unknown, blank=blank, asked=asked)


def to_answer(position: np.ndarray, item: Item, scale: Scale, step: np.ndarray) -> np.ndarray:
    """Positions in points as answers on the item's own format."""
    turned = 100 - position if item.id in scale.reverse else position
    width = item.hi - item.lo
    steps = np.rint(turned / 100 * width / step) * step
    return np.asarray(item.lo + np.clip(steps, 0, width), dtype=np.int16)


def _means(people: pd.DataFrame, model: ScaleModel, settings: Settings) -> np.ndarray:
    strengths = {link.partnership.partnership_id: link.strength for link in settings.links}
    strength = people["partnership_id"].map(strengths).to_numpy(dtype=float)
    takes_part = (people["arm"] == "participant").to_numpy()
    means = np.empty((len(people), len(WAVES)))
    means[:, 0] = np.where(takes_part, model.level, model.level + model.comparison_gap)
    for later in (1, 2):
        moved = np.where(takes_part, model.change[later - 1] * strength, model.drift[later - 1])
        means[:, later] = means[:, 0] + moved * settings.change_factor
    return means


def _asked(people: pd.DataFrame, model: ScaleModel) -> np.ndarray:
    waves = np.isin(WAVES, model.waves)
    takes_part = (people["arm"] == "participant").to_numpy()
    return waves[None, :] & (takes_part[:, None] | (not model.participants_only))
