"""The door ``careless``: answers and keys in, one row of indices and flags per person out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from twinimpact.errors import DesignError, IngestError
from twinimpact.measures.careless_answers import (
    ANSWER_RULES,
    AnswerIndices,
    Rated,
    answer_flags,
    answer_indices,
    below,
    families_raised,
    rated_answers,
)
from twinimpact.measures.coding import Coded, code_answers
from twinimpact.measures.flag_rules import CONSENSUS, FlagRules, flag_rules
from twinimpact.measures.keys import Keys, catalogue_from

Array = npt.NDArray[Any]
_TIME = ("speeder_strong", "speeder_weak", "seconds_per_item")


def careless(
    answers: pd.DataFrame | Array,
    keys: Keys,
    *,
    seconds: npt.ArrayLike | None = None,
    instructed: Mapping[str, int] | None = None,
    rules: FlagRules | None = None,
) -> pd.DataFrame:
    """Screen questionnaires for careless answers; a flag is never a deletion.

    Parameters
    ----------
    answers
        One row per questionnaire of one wave, one numeric column per item (missing = NA), in
        questionnaire order; or an array whose columns are the items in the order of the keys.
    keys
        A catalogue of instruments, or scale names with their
        :class:`~twinimpact.measures.keys.ScaleKey`: range, reversal and scales of the items.
    seconds
        Time on the questionnaire of each person, where the survey tool gives it.
    instructed
        Columns of ``answers`` that ask for one answer ("please choose 4"), and that answer.
    rules
        Thresholds; those of ``surveys/careless.toml`` when left out.

    Returns
    -------
    pandas.DataFrame
        One row per person, index as in ``answers``:

        - ``longstring``, ``average_longstring``: longest and mean run of equal answers as asked,
        - ``irv``: standard deviation of the person's answers as asked (shares of the range when
          ranges differ),
        - ``repeated_pattern``: whether 2 to 5 answers come again and again,
        - ``even_odd``, ``psychometric_synonyms``, ``person_total``: consistency, -1 to 1,
        - ``mahalanobis_squared``: distance from all,
        - ``seconds_per_item``, ``missing_share``, ``failed_instructed`` (number),
        - ``flag_<rule>``: true, false, or missing where the rule cannot be asked,
        - ``families``: how many kinds of evidence raise a flag,
        - ``careless``: two kinds or more.

        An index that is not defined, such as the even-odd consistency of a straight line, is
        missing: neither passed nor failed.

    Raises
    ------
    DesignError
        If columns do not fit the keys.
    IngestError
        If answers are outside the declared range.

    Notes
    -----
    Each rule names its index, threshold and source: ``measures.flag_rules()``.

    Examples
    --------
    >>> import numpy as np
    >>> from twinimpact.measures import ScaleKey, careless
    >>> draw = np.random.default_rng(5)
    >>> trait = np.repeat(draw.standard_normal((200, 3)), 4, axis=1)
    >>> answers = np.clip(np.round(3 + trait + 0.5 * draw.standard_normal((200, 12))), 1, 5)
    >>> answers[0] = 3
    >>> names = [f"q{number}" for number in range(12)]
    >>> keys = {
    ...     f"scale{part}": ScaleKey(items=tuple(names[4 * part : 4 * part + 4]), low=1, high=5)
    ...     for part in range(3)
    ... }
    >>> found = careless(answers, keys)
    >>> int(found.loc[0, "longstring"]), bool(found.loc[0, "flag_longstring"])
    (12, True)
    >>> bool(found["even_odd"].isna()[0]), bool(found.loc[0, "careless"])
    (True, False)
    """
    rules = rules or flag_rules()
    catalogue = catalogue_from(keys)
    frame = _frame(answers, tuple(catalogue.items))
    names = [name for name in frame.columns if name in catalogue.items]
    if not names:
        raise DesignError("No column of the answers is an item of the keys.")
    coded = code_answers(frame, catalogue, names)
    outside = sum(len(one.outside) for one in coded.values())
    if outside:
        raise IngestError("Some answers lie outside their declared range.", got=str(outside))
    rated = rated_answers({name: coded[name] for name in names}, catalogue, slice(None))
    found = answer_indices(rated, rules)
    flags = answer_flags(rated, found, rules)
    table = _indices(found, rated)
    more, others = _others(frame, coded, seconds, instructed or {}, rules)
    table.update(more)
    flags.update(others)
    raised = {name: flag == 1 for name, flag in flags.items() if name != "instructed"}
    families = families_raised(raised, rules)
    if "instructed" in flags:
        attention = families_raised({"missing_share": flags["missing_share"] == 1}, rules) > 0
        families = families + ((flags["instructed"] == 1) & ~attention)
    for name in (*ANSWER_RULES, *_TIME, "missing_share", "instructed"):
        if name in flags:
            table[f"flag_{name}"] = _optional(flags[name])
    table["families"] = families
    table[CONSENSUS] = families >= rules.agree
    return pd.DataFrame(table, index=frame.index)


def _frame(answers: pd.DataFrame | Array, items: tuple[str, ...]) -> pd.DataFrame:
    if isinstance(answers, pd.DataFrame):
        return answers
    array = np.asarray(answers)
    if array.ndim != 2 or array.shape[1] != len(items):
        raise DesignError(
            "An array of answers has one column per item, in the order of the keys.",
            got=" × ".join(str(size) for size in array.shape),
            expected=f"{len(items)} columns",
        )
    return pd.DataFrame(array, columns=list(items))


def _indices(found: AnswerIndices, rated: Rated) -> dict[str, Any]:
    widths = {kind[2] - kind[1] for kind in rated.kinds}
    unit = widths.pop() if len(widths) == 1 else 1
    return {
        "longstring": found.longstring,
        "average_longstring": found.average_longstring,
        "irv": found.irv * unit,
        "repeated_pattern": _optional(found.repeated_pattern),
        "even_odd": found.even_odd,
        "mahalanobis_squared": found.mahalanobis,
        "psychometric_synonyms": found.synonyms,
        "person_total": found.person_total,
    }


def _others(
    frame: pd.DataFrame,
    coded: Mapping[str, Coded],
    seconds: npt.ArrayLike | None,
    instructed: Mapping[str, int],
    rules: FlagRules,
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Time, gaps and instructed items: indices and flags."""
    size, rule = len(frame), rules.rules
    answered = np.zeros(size, dtype="int64")
    asked = np.zeros(size, dtype="int64")
    for one in coded.values():
        answered += one.codes > 0
        asked += ~one.skipped
    missing = np.divide(asked - answered, asked, out=np.full(size, np.nan), where=asked > 0)
    flags = {"missing_share": _above(missing, rule["missing_share"].number("above"))}
    table = {"seconds_per_item": np.full(size, np.nan), "missing_share": missing}
    if seconds is not None:
        spent = pd.Series(seconds, dtype="Float64").to_numpy(dtype="float64", na_value=np.nan)
        if spent.shape != (size,):
            raise DesignError("There must be one time per row.", got=str(spent.shape))
        each = np.divide(spent, answered, out=np.full(size, np.nan), where=answered > 0)
        table["seconds_per_item"] = each
        enough = answered >= rule["seconds_per_item"].number("least")
        limit = rule["seconds_per_item"].number("below")
        flags["seconds_per_item"] = below(np.where(enough, each, np.nan), limit)
        for name in ("speeder_strong", "speeder_weak"):
            if np.isfinite(spent).sum() >= rule[name].number("least_people"):
                flags[name] = below(spent, rule[name].number("below") * float(np.nanmedian(spent)))
    absent = [name for name in instructed if name not in frame.columns]
    if absent:
        raise DesignError("Columns are missing.", got=", ".join(absent))
    if instructed:
        wrong = np.zeros(size)
        for name, right in instructed.items():
            given = frame[name].to_numpy(dtype="float64", na_value=np.nan)
            wrong += np.isfinite(given) & (given != right)
        table["failed_instructed"] = wrong
        flags["instructed"] = _above(wrong, 0)
    return table, flags


def _above(index: Array, limit: float) -> Array:
    return np.where(np.isfinite(index), index > limit, np.nan)


def _optional(flag: Array) -> pd.api.extensions.ExtensionArray:
    """True, false or missing."""
    unknown = np.isnan(flag)
    return pd.arrays.BooleanArray(flag == 1, unknown)
