"""The long results table: the glossary of its columns, and tables made of rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

RESULT_COLUMNS: Mapping[str, str] = {
    "outcome": "indicator id, scale id or item id",
    "estimand": "what is estimated, e.g. total, mean, post-pre, post-pre|twinned-comparison",
    "method": "how, from the closed list of the statistics page",
    "estimate": "the number, in `unit`",
    "std_error": "standard error, in `unit`",
    "df": "degrees of freedom",
    "conf_low": "lower limit",
    "conf_high": "upper limit",
    "conf_level": "confidence level of the interval",
    "p_value": "two-sided p value",
    "p_adjusted": "p value adjusted within a planned family",
    "n": "people (or, for counts, rows) used",
    "clusters": "towns used",
    "grade": "design level of the row (Maryland scale 0-5)",
    "confirmatory": "planned before the answers came in",
    "status": "ok, or why the number is withheld",
    "note": "codes of warnings, separated by ';'",
    "partnership": "partnership id, or * for the whole programme",
    "town": "town id where the row is about one town",
    "wave": "wave id",
    "arm": "participant or comparison",
    "dimension": "what `group` divides by: country, gender, age_band, ...",
    "group": "the category within the dimension",
    "unit": "points, raw, sd, share, people, days, months, ratio, class, ...",
    "denominator": "base of a share",
    "missing": "people or rows without a value",
    "direction": "better or worse: what a higher value means",
    "verdict": "beneficial, trivial, harmful, inconclusive or not_assessed",
    "as_of": "date the row is true for",
    "source": "tables the number comes from",
}
TEXT_RESULT_COLUMNS = (
    "outcome", "estimand", "method", "status", "note", "partnership", "town", "wave", "arm",
    "dimension", "group", "unit", "direction", "verdict", "as_of", "source",
)  # fmt: skip
PROGRAMME = "*"
"""Value of `partnership` on rows about all partnerships together."""


def result_frame(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows as a results table: every glossary column, in order, nothing else.

    Parameters
    ----------
    rows
        One mapping per number; a missing column is absent (``""`` for text, ``NaN`` for numbers).

    Raises
    ------
    ValueError
        If a row has a column that is not in :data:`RESULT_COLUMNS`.
    """
    import pandas as pd

    listed = list(rows)
    unknown = {name for row in listed for name in row} - set(RESULT_COLUMNS)
    if unknown:
        raise ValueError(f"not in the glossary of result columns: {sorted(unknown)}")
    frame = pd.DataFrame(listed, columns=list(RESULT_COLUMNS))
    for name in RESULT_COLUMNS:
        if name in TEXT_RESULT_COLUMNS:
            default = "ok" if name == "status" else ""
            # an all-absent column is made of floats, which take no text
            frame[name] = frame[name].astype(object).fillna(default).astype("str")
        elif name == "confirmatory":
            frame[name] = frame[name].astype(object).fillna(False).astype(bool)
        else:
            frame[name] = pd.to_numeric(frame[name]).astype("float64")
    return frame


def concat_results(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Several results tables as one, in the given order."""
    import pandas as pd

    kept = [frame for frame in frames if len(frame)]
    return pd.concat(kept, ignore_index=True) if kept else result_frame([])
