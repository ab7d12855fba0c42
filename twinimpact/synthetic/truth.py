"""The true change of every scale, computed exactly from the planted model.

The expectation of a rounded and clipped normal variable is a finite sum of normal
probabilities, so no simulation is needed to know what an estimator should find.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import ndtr

from twinimpact.instruments import Catalogue, Item, Scale
from twinimpact.synthetic.model import ScaleModel, Settings, base_scale, item_offsets
from twinimpact.synthetic.world import WAVES


def true_changes(catalogue: Catalogue, settings: Settings) -> pd.DataFrame:
    """The exact expected change of every scale in every link.

    Returns
    -------
    DataFrame
        ``partnership, scale, contrast, unit, participant, comparison, difference``; in points
        from 0 to 100, or in the scale's own unit where it counts something. ``comparison`` and
        ``difference`` are missing without a comparison; wherever a scale is not asked at both
        waves there is no row.
    """
    rows = []
    for link in settings.links:
        for scale_id in catalogue.scales:
            base = base_scale(scale_id, catalogue, settings.model)
            if not base or settings.model[base].participants_only:
                continue
            asked = settings.model[base].waves
            for later, contrast in ((1, "post-pre"), (2, "followup-pre")):
                if not {"pre", WAVES[later]} <= set(asked):
                    continue
                own = _expected_change(scale_id, later, catalogue, settings, link.strength)
                other = (
                    _expected_change(scale_id, later, catalogue, settings, None)
                    if link.comparison
                    else np.nan
                )
                rows.append(
                    {
                        "partnership": link.partnership.partnership_id,
                        "scale": scale_id,
                        "contrast": contrast,
                        "unit": catalogue.scales[scale_id].unit,
                        "participant": own,
                        "comparison": other,
                        "difference": own - other,
                    }
                )
    return pd.DataFrame(rows)


def expected_answer(mean: float, sd: float, item: Item, scale: Scale, step: int) -> float:
    """Expected rounded and clipped answer when the position is normal (points from 0 to 100)."""
    width = (item.hi - item.lo) / step
    thresholds = np.arange(1, int(width) + 1) - 0.5
    reversed_item = item.id in scale.reverse
    centre = (100 - mean if reversed_item else mean) / 100 * width
    reach = ndtr((centre - thresholds) / (sd / 100 * width))
    return float(item.lo + step * reach.sum())


def _expected_change(
    scale_id: str, later: int, catalogue: Catalogue, settings: Settings, strength: float | None
) -> float:
    base = base_scale(scale_id, catalogue, settings.model)
    model, scale = settings.model[base], catalogue.scales[scale_id]
    whole = catalogue.scales[base]
    offsets = dict(zip(whole.items, item_offsets(whole, model), strict=True))
    before = model.level + (0.0 if strength is not None else model.comparison_gap)
    moved = _planted(model, later, strength) * settings.change_factor
    town_sd = np.hypot(model.town_sd, settings.town_change_sd)
    values = []
    for mean, spread in ((before, model.town_sd), (before + moved, town_sd)):
        sd = float(
            np.sqrt(
                spread**2 + model.general**2 + model.person_sd**2 + model.occasion_sd**2
                + model.item_sd**2
            )
        )  # fmt: skip
        answers = [
            _expected_item(mean + offsets[item_id], sd, catalogue.items[item_id], scale, model)
            for item_id in scale.items
        ]
        values.append(_aggregate(answers, scale, catalogue))
    return values[1] - values[0]


def _expected_item(mean: float, sd: float, item: Item, scale: Scale, model: ScaleModel) -> float:
    expected = sum(
        share * expected_answer(mean, sd, item, scale, step)
        for step, share in model.heaping.items()
    )
    return item.lo + item.hi - expected if item.id in scale.reverse else expected


def _aggregate(answers: Sequence[float], scale: Scale, catalogue: Catalogue) -> float:
    if scale.unit == "count":
        return float(np.sum(answers))
    items = [catalogue.items[item_id] for item_id in scale.items]
    shares = [
        (value - item.lo) / (item.hi - item.lo) for value, item in zip(answers, items, strict=True)
    ]
    return 100 * float(np.mean(shares))


def _planted(model: ScaleModel, later: int, strength: float | None) -> float:
    return model.drift[later - 1] if strength is None else model.change[later - 1] * strength
