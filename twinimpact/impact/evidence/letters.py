"""The evidence grade Q08: the worst of what each criterion leaves."""

from __future__ import annotations

import numpy as np
import pandas as pd

from twinimpact.impact.estimate import Block, blocks_frame
from twinimpact.impact.evidence.criteria import CRITERIA, LETTERS, EvidenceRules
from twinimpact.impact.evidence.facts import Array
from twinimpact.impact.notes import note

OUTCOME = "Q08"
ESTIMAND = "grade"
METHOD = "grade_rule"
DECIMALS = {"design": 0, "people": 0}


def scale_rows(main: pd.DataFrame, values: pd.DataFrame, rules: EvidenceRules) -> pd.DataFrame:
    """Q08 of each partnership and scale: estimand ``grade|<scale>``, the letter in ``group``."""
    if main.empty:
        return blocks_frame([])
    caps = np.column_stack(
        [rules.criteria[name].caps(values[name].to_numpy()) for name in CRITERIA]
    )
    worst = caps.min(axis=1)
    hidden = main["hidden"].to_numpy(dtype=bool)
    letters = np.array(list(LETTERS), dtype=object)
    notes = [
        _reasons(row, cap) for row, cap in zip(values[list(CRITERIA)].to_numpy(), caps, strict=True)
    ]
    return _rows(
        {
            "partnership": main["partnership"].to_numpy(dtype=object),
            "estimand": (ESTIMAND + "|" + main["outcome"]).to_numpy(dtype=object),
            "group": np.where(hidden, "", letters[worst]),
            "status": np.where(hidden, "not_estimable", "ok"),
            "note": np.where(hidden, "grade_hidden", np.array(notes, dtype=object)),
            "n": main["n"].to_numpy(dtype=np.float64),
            "grade": np.where(hidden, np.nan, values["design"].to_numpy()),
        }
    )


def partnership_rows(
    designs: pd.DataFrame, scales: pd.DataFrame, rules: EvidenceRules
) -> pd.DataFrame:
    """Q08 of each partnership: the grade of the scale that reaches least.

    No partnership's grade goes beyond what its own design level (Q07) leaves. Without a scale
    that can be graded there is none, but for a design that leaves D only.
    """
    if designs.empty:
        return blocks_frame([])
    graded = scales[scales["status"].eq("ok")]
    graded = graded.assign(place=[LETTERS.index(letter) for letter in graded["group"]])
    least = graded.sort_values("place", kind="stable").drop_duplicates("partnership")
    least = least.set_index("partnership").reindex(designs["partnership"])
    level = designs["estimate"].to_numpy(dtype=np.float64)
    cap = rules.criteria["design"].caps(level)
    there = least["place"].notna().to_numpy()
    known = np.isfinite(level) & (there | (cap == 0))
    place = least["place"].fillna(len(LETTERS)).to_numpy(dtype=np.int64)
    worst = np.minimum(place, cap)
    names = least["estimand"].fillna("").str.removeprefix(f"{ESTIMAND}|")
    told = least["note"].fillna("")
    notes = [
        _with_design(row, cap[i], level[i], name) if known[i] else "grade_hidden"
        for i, (row, name) in enumerate(zip(told, names, strict=True))
    ]
    return _rows(
        {
            "partnership": designs["partnership"].to_numpy(dtype=object),
            "estimand": np.full(len(designs), ESTIMAND, dtype=object),
            "group": np.where(known, np.array(list(LETTERS), dtype=object)[worst], ""),
            "status": np.where(known, "ok", "not_estimable"),
            "note": np.array(notes, dtype=object),
            "n": designs["n"].to_numpy(dtype=np.float64),
            "grade": np.where(known, level, np.nan),
        }
    )


def _with_design(told: str, cap: int, level: float, scale: str) -> str:
    """Reasons of the lowest scale with the partnership's own design level, heaviest first."""
    codes = [code for code in told.split(";") if code and not code.startswith("grade_design")]
    if LETTERS[cap] != "A":
        codes = [f"grade_design:{LETTERS[cap]}={level:.0f}", *codes]
    codes.sort(key=lambda code: LETTERS.index(code.partition(":")[2][0]))
    return note(*codes, f"grade_lowest:{scale}" if scale else "")


def _reasons(values: Array, caps: Array) -> str:
    """Codes of what keeps a grade below A, the heaviest first: ``grade_people:C=24``."""
    codes = []
    for place in np.argsort(caps, kind="stable"):
        name, value = CRITERIA[place], values[place]
        letter = LETTERS[caps[place]]
        if letter == "A":
            continue
        if np.isnan(value):
            codes.append(f"grade_{name}_unknown:{letter}")
        else:
            codes.append(f"grade_{name}:{letter}={value:.{DECIMALS.get(name, 2)}f}")
    return note(*codes)


def _rows(columns: dict[str, Array]) -> pd.DataFrame:
    shared = {
        "outcome": OUTCOME, "method": METHOD, "unit": "class", "source": "responses;links",
    }  # fmt: skip
    return blocks_frame([Block(columns=shared | columns, length=len(columns["partnership"]))])
