"""Which responses belong together: partnership × wave × arm, and the whole programme."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from twinimpact.entities import COMPARISON_ARMS
from twinimpact.schema import PROGRAMME

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """Groups of responses, sorted by partnership, wave and arm.

    Parameters
    ----------
    partnership, wave, arm
        Labels of each cell; the programme's cells come first.
    codes
        Cell of each response, −1 for none, shape (responses,).
    left_out
        Partnerships left out of each cell of the programme.
    """

    partnership: Array
    wave: Array
    arm: Array
    codes: Array
    left_out: Array

    def __len__(self) -> int:
        return len(self.partnership)


def arm_of(responses: pd.DataFrame) -> pd.Series[str]:
    """``participant``, ``comparison`` or nothing (residents sampled for other questions)."""
    arms = responses["arm"].astype("str")
    named = arms.where(arms == "participant")
    return named.where(~arms.isin(COMPARISON_ARMS), "comparison")


def cells_of(responses: pd.DataFrame, *, programme: bool, by_arm: bool = True) -> Cells:
    """Cells of the responses, per partnership or (``programme``) over all partnerships.

    Parameters
    ----------
    by_arm
        Whether participants and comparison people are apart; if not, ``arm`` is empty.
    """
    arms = arm_of(responses)
    keys = pd.DataFrame(
        {
            "partnership": PROGRAMME
            if programme
            else responses["partnership_id"].astype("str").to_numpy(),
            "wave": responses["wave"].astype("str").to_numpy(),
            "arm": arms.to_numpy() if by_arm else arms.where(arms.isna(), "").to_numpy(),
        },
        index=responses.index,
    )
    known = keys.notna().all(axis=1).to_numpy()
    codes = np.full(len(responses), -1, dtype="int64")
    grouped = keys[known].groupby(["partnership", "wave", "arm"], sort=True)
    codes[known] = grouped.ngroup().to_numpy()
    labels = keys[known].drop_duplicates().sort_values(["partnership", "wave", "arm"])
    return Cells(
        partnership=labels["partnership"].to_numpy(dtype=object),
        wave=labels["wave"].to_numpy(dtype=object),
        arm=labels["arm"].to_numpy(dtype=object),
        codes=codes,
        left_out=np.zeros(len(labels), dtype="int64"),
    )


def without_small(programme: Cells, own: Cells, answered: Array, smallest: int) -> Cells:
    """The programme's cells without partnerships that have too few people in them.

    With a number made of everybody, the one partnership whose number is withheld could be
    worked out by subtracting the others.

    Parameters
    ----------
    programme, own
        Cells of the programme and of its partnerships, of the same responses.
    answered
        Responses that count, shape (responses,).
    smallest
        Fewest people of a partnership in a cell; 0 leaves nobody out.
    """
    inside = own.codes >= 0
    n = np.bincount(own.codes[inside & answered], minlength=len(own))
    small = (n > 0) & (n < smallest)
    out = np.zeros(len(own.codes), dtype=bool)
    out[inside] = small[own.codes[inside]]
    whole = np.zeros(len(own), dtype="int64")
    whole[own.codes[inside]] = programme.codes[inside]
    return replace(
        programme,
        codes=np.where(out, -1, programme.codes),
        left_out=np.bincount(whole[small], minlength=len(programme)),
    )
