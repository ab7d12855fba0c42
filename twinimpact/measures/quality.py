"""How complete the answers are: responses, people found again, questions left open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from twinimpact.instruments import Catalogue
from twinimpact.measures.cells import arm_of, cells_of
from twinimpact.measures.coding import code_answers
from twinimpact.measures.rows import Rows, join_notes, results_of
from twinimpact.schema import PROGRAMME

NOT_ASKED = ("not_shown", "not_applicable")


def quality_rows(
    responses: pd.DataFrame,
    links: pd.DataFrame,
    missing: pd.DataFrame,
    catalogue: Catalogue,
    wave_pairs: Sequence[tuple[str, str]] = (),
) -> pd.DataFrame:
    """Result rows Q01, Q02 and Q04.

    Parameters
    ----------
    responses
        Canonical responses with ``person`` and one column per item.
    links
        ``response_id`` and ``method`` (exact, fuzzy, token, unlinked, ambiguous).
    missing
        ``response_id``, ``item_id``, ``reason`` of every empty answer that is not just blank.
    wave_pairs
        Earlier and later wave between which people are linked; none if different people
        were asked in each wave.

    Returns
    -------
    pandas.DataFrame
        A results table; Q02 rows carry the later wave, see :func:`named`.
    """
    parts = [
        *_response_rows(responses),
        *(
            named(row, pair, wave_pairs)
            for pair in wave_pairs
            for row in _match_rows(responses, links, pair)
        ),
        *_missing_rows(responses, missing, catalogue),
    ]
    return results_of(parts)


def named(rows: Rows, pair: tuple[str, str], pairs: Sequence[tuple[str, str]]) -> Rows:
    """Rows about two waves; if a pair with the same later wave came before, they name the earlier.

    ``dimension`` is then ``since`` and ``group`` the earlier wave.
    """
    if pair == next(other for other in pairs if other[1] == pair[1]):
        return rows
    return Rows(columns={**rows.columns, "dimension": "since", "group": pair[0]}, size=rows.size)


def _response_rows(responses: pd.DataFrame) -> list[Rows]:
    """Q01: questionnaires per wave and arm."""
    rows = []
    for programme in (True, False):
        cells = cells_of(responses, programme=programme)
        count = np.bincount(cells.codes[cells.codes >= 0], minlength=len(cells))
        columns = {
            "outcome": "Q01", "estimand": "responses", "method": "count", "unit": "responses",
            "partnership": cells.partnership, "wave": cells.wave, "arm": cells.arm,
            "estimate": count, "n": count, "source": "responses",
        }  # fmt: skip
        rows.append(Rows(columns=columns, size=len(cells)))
    return rows


def _match_rows(responses: pd.DataFrame, links: pd.DataFrame, pair: tuple[str, str]) -> list[Rows]:
    """Q02: people found in both waves, per partnership and arm and for the programme."""
    frame = pd.DataFrame(
        {
            "partnership": responses["partnership_id"].astype("str"),
            "arm": arm_of(responses),
            "wave": responses["wave"].astype("str"),
            "person": responses["person"].astype("str"),
            "method": responses["response_id"].map(
                links.drop_duplicates("response_id").set_index("response_id")["method"]
            ),
        }
    )
    frame = frame[frame["wave"].isin(pair) & frame["arm"].notna()]
    if frame.empty:
        return []
    frame = pd.concat([frame.assign(partnership=PROGRAMME), frame], ignore_index=True)
    keys = ["partnership", "arm"]
    people = frame.groupby([*keys, "person"]).agg(
        waves=("wave", "nunique"),
        fuzzy=("method", lambda methods: bool((methods == "fuzzy").any())),
    )
    together = people[people["waves"] == 2]
    per_wave = frame.groupby([*keys, "wave"])["person"].nunique().unstack(fill_value=0)
    per_wave = per_wave.reindex(columns=list(pair), fill_value=0).sort_index()
    base = per_wave.min(axis=1).to_numpy(dtype="float64")
    index = per_wave.index
    linked = together.groupby(keys).size().reindex(index).fillna(0).to_numpy(dtype="float64")
    fuzzy = together.groupby(keys)["fuzzy"].sum().reindex(index).fillna(0).to_numpy("float64")
    ambiguous = (frame["method"] == "ambiguous").groupby([frame[key] for key in keys]).sum()
    possible = base > 0
    shared: dict[str, Any] = {
        "outcome": "Q02", "method": "count", "unit": "people", "wave": pair[1],
        "partnership": index.get_level_values(0).to_numpy(dtype=object),
        "arm": index.get_level_values(1).to_numpy(dtype=object),
        "n": linked, "source": "responses;links",
        "status": np.where(possible, "ok", "not_available"),
        "note": join_notes(len(index), [(~possible, "one_wave_only")]),
    }  # fmt: skip
    rate = linked / np.where(possible, base, np.nan)
    values = (
        ("linked", np.where(possible, linked, np.nan), "people", np.nan),
        ("match_rate", rate, "share", base),
        ("fuzzy", np.where(possible, fuzzy, np.nan), "people", linked),
        ("ambiguous", ambiguous.reindex(index).fillna(0).to_numpy("float64"), "responses", np.nan),
    )
    return [
        Rows(
            columns=shared
            | {"estimand": name, "estimate": value, "unit": unit, "denominator": denominator}
            | ({"status": "ok", "note": ""} if name == "ambiguous" else {}),
            size=len(index),
        )
        for name, value, unit, denominator in values
    ]


def _missing_rows(
    responses: pd.DataFrame, missing: pd.DataFrame, catalogue: Catalogue
) -> list[Rows]:
    """Q04: share of questions left open among those that were asked."""
    coded = code_answers(responses, catalogue)
    position = pd.Series(np.arange(len(responses)), index=responses["response_id"].to_numpy())
    reasons = missing.assign(place=missing["response_id"].map(position)).dropna(subset=["place"])
    by_item = dict(tuple(reasons.groupby("item_id")))
    rows = []
    for programme in (True, False):
        cells = cells_of(responses, programme=programme)
        size = len(cells)
        inside = cells.codes >= 0
        people = np.bincount(cells.codes[inside], minlength=size)
        asked, open_ = np.zeros(size), np.zeros(size)
        for name, answers in coded.items():
            noted = by_item.get(name)
            exempt = answers.skipped.copy()
            shown = answers.codes > 0
            if noted is not None:
                places = noted["place"].to_numpy(dtype="int64")
                not_asked = noted["reason"].isin(NOT_ASKED).to_numpy()
                exempt[places[not_asked]] = True
                shown[places[~not_asked]] = True
            met = np.bincount(cells.codes[inside & shown], minlength=size) > 0
            counted = inside & ~exempt
            asked += np.where(met, np.bincount(cells.codes[counted], minlength=size), 0)
            empty = counted & (answers.codes == 0)
            open_ += np.where(met, np.bincount(cells.codes[empty], minlength=size), 0)
        known = asked > 0
        columns = {
            "outcome": "Q04", "estimand": "share", "method": "count", "unit": "share",
            "partnership": cells.partnership, "wave": cells.wave, "arm": cells.arm,
            "estimate": np.where(known, open_ / np.where(known, asked, np.nan), np.nan),
            "n": people, "denominator": asked,
            "status": np.where(known, "ok", "not_available"),
            "note": join_notes(size, [(~known, "no_answers")]),
            "source": "responses", "direction": "worse",
        }  # fmt: skip
        rows.append(Rows(columns=columns, size=size))
    return rows
