"""Whole worlds of answers, without files: for the demo and for coverage simulations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from twinimpact.instruments import Catalogue
from twinimpact.schema import RESPONSE_COLUMNS
from twinimpact.synthetic.answers import Answers, draw_answers
from twinimpact.synthetic.model import Settings
from twinimpact.synthetic.people import CODE_ELEMENTS, draw_people, misremember
from twinimpact.synthetic.world import WAVES

OPENING = {"pre": "2025-03-03", "post": "2025-09-15", "followup": "2026-03-02"}
"""First day of each wave; answers come in over the following weeks."""
WEEKS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One drawn world.

    Parameters
    ----------
    people
        One row per person (see ``people.draw_people``).
    answers
        What everybody would answer at every wave.
    sheets
        One row per questionnaire handed in: ``person`` (row number in ``people``), ``wave``
        (position), ``moment`` and the code as written down.
    """

    people: pd.DataFrame
    answers: Answers
    sheets: pd.DataFrame


def simulate_world(
    catalogue: Catalogue, rng: np.random.Generator, settings: Settings | None = None
) -> World:
    """Draw people, their answers at three waves, and the questionnaires they hand in.

    Parameters
    ----------
    catalogue
        Instruments with the items of the planted model.
    rng
        Source of all randomness; equal generators give equal worlds.
    settings
        Links, planted changes and error rates; those of the demo by default.
    """
    settings = settings or Settings()
    people = draw_people(settings.links, rng)
    answers = draw_answers(people, catalogue, settings, rng)
    return World(people=people, answers=answers, sheets=_sheets(people, settings, rng))


def responses_of(world: World, catalogue: Catalogue) -> pd.DataFrame:
    """The questionnaires as a canonical responses frame, linked without error.

    Returns
    -------
    DataFrame
        The columns of ``schema.RESPONSE_COLUMNS``, ``person``, and one nullable ``Int16`` column
        per item of the catalogue; "don't know", blank and not asked are missing.
    """
    people = world.people.iloc[world.sheets["person"].to_numpy()].reset_index(drop=True)
    waves = np.array(WAVES)[world.sheets["wave"].to_numpy()]
    elements = [f"code_{number}" for number in range(1, CODE_ELEMENTS + 1)]
    columns: dict[str, object] = {
        "response_id": people["person"] + "-" + pd.Series(waves, dtype="str"),
        "participant_token": "",
        "code": world.sheets[elements].agg("-".join, axis=1),
        "date": world.sheets["moment"].dt.normalize(),
        "wave": waves,
        "language": "en",
        "state": "complete",
        "row_hash": "",
        "source": "synthetic",
        "source_row": np.arange(2, len(people) + 2),
    }
    for name in RESPONSE_COLUMNS.names():
        columns.setdefault(name, people.get(name, ""))
    frame = {name: columns[name] for name in RESPONSE_COLUMNS.names()}
    frame["person"] = people["person"]
    cell = (world.sheets["person"].to_numpy(), world.sheets["wave"].to_numpy())
    for item_id in catalogue.items:
        frame[item_id] = _item_column(world.answers, item_id, cell)
    table = pd.DataFrame(frame)
    order = pd.Categorical(table["wave"], categories=list(WAVES))
    keys = table.assign(_wave=order.codes)
    return keys.sort_values(["partnership_id", "_wave", "source_row"], ignore_index=True).drop(
        columns="_wave"
    )


def _item_column(
    answers: Answers, item_id: str, cell: tuple[np.ndarray, np.ndarray]
) -> pd.arrays.IntegerArray:
    if item_id not in answers.values:
        return pd.arrays.IntegerArray(
            np.zeros(len(cell[0]), dtype=np.int16), np.ones(len(cell[0]), dtype=bool)
        )
    hidden = answers.unknown[item_id] | answers.blank[item_id] | ~answers.asked[item_id]
    return pd.arrays.IntegerArray(answers.values[item_id][cell], hidden[cell])


def _sheets(people: pd.DataFrame, settings: Settings, rng: np.random.Generator) -> pd.DataFrame:
    elements = [f"code_{number}" for number in range(1, CODE_ELEMENTS + 1)]
    frames = []
    for position, wave in enumerate(WAVES):
        present = np.flatnonzero(people[wave].to_numpy())
        # most answers come early in a wave
        days = np.floor(WEEKS * 7 * rng.beta(1.2, 2.4, len(present)))
        seconds = rng.integers(7 * 3600, 21 * 3600, len(present))
        moments = pd.Timestamp(OPENING[wave]) + pd.to_timedelta(days * 86400 + seconds, unit="s")
        written = misremember(people.loc[present, elements], settings.code_error, rng)
        frame = written.reset_index(drop=True)
        frame.insert(0, "person", present)
        frame.insert(1, "wave", position)
        frame.insert(2, "moment", moments.as_unit("s"))
        frames.append(frame.sort_values("moment", kind="stable"))
    return pd.concat(frames, ignore_index=True)
