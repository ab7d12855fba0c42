"""How far the linking of waves can be trusted: false links, and who could not be linked.

**Estimated false-link rate.** Take one partnership, arm and pair of waves, with ``n1`` and ``n2``
usable codes of which ``L`` pairs were linked by code. Let ``p_e`` be the chance that element
``e`` of two different people agrees: the sum over its values of the share in the one wave times
the share in the other. Two strangers then differ in at most one element with the chance

    q = prod(p_e) + sum over e of (1 - p_e) * prod of the others' p

and are each other's only candidate with ``(1 - q) ** (n1 + n2 - 2)`` on top. The people left
for false links are those without a true one, ``n1 - L`` and ``n2 - L``, so that

    expected false links = (n1 - L) * (n2 - L) * q * (1 - q) ** (n1 + n2 - 2)

divided by ``L`` is the rate. It assumes that elements are independent of each other and that
nobody shares them for a reason; families do, so the true rate is somewhat higher.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from twinimpact.measures.cells import arm_of
from twinimpact.measures.quality import named
from twinimpact.measures.rows import FEW_PEOPLE, Rows, join_notes, results_of
from twinimpact.measures.scoring import Scores
from twinimpact.schema import PROGRAMME

BY_CODE = ("exact", "fuzzy")
INEXACT = ("fuzzy", "decided")
CRITICAL = 1.959963984540054
"""97.5 per cent point of the normal distribution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChanceLinks:
    """Expected false links of one partnership, arm and pair of waves, and the links made."""

    expected: float
    links: int


def chance_agreement(left: Sequence[str], right: Sequence[str]) -> float:
    """Chance that codes of two different people differ in at most one element.

    Parameters
    ----------
    left, right
        Codes of two waves, elements joined by ``-``; only codes of the most usual number of
        elements are used, and a blank element agrees with nothing.
    """
    split = [[code.split("-") for code in side if code] for side in (left, right)]
    if not all(split):
        return 0.0
    usual = Counter(len(parts) for side in split for parts in side).most_common(1)[0][0]
    agree = []
    for element in range(usual):
        one, two = (
            Counter(parts[element] for parts in side if len(parts) == usual) for side in split
        )
        pairs = sum(count * two[value] for value, count in one.items() if value)
        agree.append(pairs / max(one.total() * two.total(), 1))
    p = np.array(agree)
    others = np.array([np.prod(np.delete(p, element)) for element in range(len(p))])
    return float(np.prod(p) + ((1 - p) * others).sum())


def chance_links(left: Sequence[str], right: Sequence[str], links: int) -> ChanceLinks:
    """Expected false links between two waves, see the head of this module.

    Parameters
    ----------
    left, right
        Usable codes of the two waves.
    links
        Pairs that were linked by their codes.
    """
    n1, n2 = len(left), len(right)
    q = chance_agreement(left, right)
    free = max(n1 - links, 0) * max(n2 - links, 0)
    expected = free * q * (1 - q) ** max(n1 + n2 - 2, 0)
    return ChanceLinks(expected=min(expected, float(links)), links=links)


def exact_persons(responses: pd.DataFrame, links: pd.DataFrame) -> pd.Series[str]:
    """People as they are when only tokens and exactly equal codes link questionnaires.

    Whoever has a link of another kind is taken apart by token, else by code; others stay.

    Returns
    -------
    Series
        Person of each response, aligned with ``responses``.
    """
    method = links.drop_duplicates("response_id").set_index("response_id")["method"]
    inexact = responses["response_id"].map(method).isin(INEXACT)
    person = responses["person"].astype("str")
    touched = person.isin(set(person[inexact]))
    text = {name: _text(responses, name) for name in ("participant_token", "code", "response_id")}
    own = text["participant_token"].where(text["participant_token"] != "", text["code"])
    own = own.where(own != "", text["response_id"])
    return person.where(~touched, person + " " + own)


def linking_rows(
    responses: pd.DataFrame,
    links: pd.DataFrame,
    scores: Scores,
    wave_pairs: Sequence[tuple[str, str]],
    smallest: int = 0,
) -> pd.DataFrame:
    """Result rows Q02 ``false_link_rate`` and Q03 (linked and unlinked people before).

    Parameters
    ----------
    responses, links
        Canonical responses with ``person``; ``response_id`` and ``method``.
    scores
        Scores of the same rows.
    wave_pairs
        Earlier and later wave between which people are linked; Q03 is about the first pair.
    smallest
        Fewest questionnaires of a partnership in the programme's comparison of Q03.
    """
    parts = [
        named(row, pair, wave_pairs)
        for pair in wave_pairs
        for row in _false_rows(responses, links, pair)
    ]
    if wave_pairs:
        parts += _attrition_rows(responses, scores, wave_pairs[0], smallest)
    return results_of(parts)


def _false_rows(responses: pd.DataFrame, links: pd.DataFrame, pair: tuple[str, str]) -> list[Rows]:
    frame = _facts(responses).assign(
        code=_text(responses, "code"),
        method=responses["response_id"].map(
            links.drop_duplicates("response_id").set_index("response_id")["method"]
        ),
    )
    frame = frame[frame["wave"].isin(pair) & frame["arm"].notna()]
    found: dict[tuple[str, str], list[ChanceLinks]] = {}
    for (partnership, arm), block in frame.groupby(["partnership", "arm"], sort=True):
        sides = [block[block["wave"] == wave] for wave in pair]
        both = set(sides[0]["person"]) & set(sides[1]["person"])
        by_code = sides[1]["person"].isin(both) & sides[1]["method"].isin(BY_CODE)
        # whom a token or a judgement has linked is no candidate for a code
        other = both - set(sides[1].loc[by_code, "person"])
        codes = [
            side.loc[(side["code"] != "") & ~side["person"].isin(other), "code"].tolist()
            for side in sides
        ]
        chance = chance_links(codes[0], codes[1], int(by_code.sum()))
        for scope in (str(partnership), PROGRAMME):
            found.setdefault((scope, str(arm)), []).append(chance)
    scopes = sorted(found)
    total = [sum(one.links for one in found[scope]) for scope in scopes]
    expected = [sum(one.expected for one in found[scope]) for scope in scopes]
    linked = np.array(total, dtype="float64")
    known = linked >= FEW_PEOPLE
    rate = np.full(len(scopes), np.nan)
    np.divide(np.array(expected), linked, out=rate, where=known)
    columns = {
        "outcome": "Q02", "estimand": "false_link_rate", "method": "count", "unit": "share",
        "partnership": np.array([scope for scope, _ in scopes], dtype=object),
        "arm": np.array([arm for _, arm in scopes], dtype=object), "wave": pair[1],
        "estimate": rate, "n": np.where(known, linked, np.nan),
        "denominator": np.where(known, linked, np.nan),
        "status": np.where(known, "ok", "not_estimable"),
        "note": join_notes(len(scopes), [(known, "chance_agreement"), (~known, "few_people")]),
        "source": "responses;links", "direction": "worse",
    }  # fmt: skip
    return [Rows(columns=columns, size=len(scopes))]


def _attrition_rows(
    responses: pd.DataFrame, scores: Scores, pair: tuple[str, str], smallest: int
) -> list[Rows]:
    """Q03: standardised difference before between people found again and those who were not.

    Found again are those with a score at both waves: the people of the change. Any other line
    between the two groups would, beside the change, tell of the few who stand between.
    """
    facts = _facts(responses)
    who = ["partnership", "arm", "person"]
    keys = pd.Series(list(zip(*(facts[name] for name in who), strict=True)), index=facts.index)
    before = facts[(facts["wave"] == pair[0]) & facts["arm"].notna()]
    after = facts["wave"] == pair[1]
    parts = []
    for scale in scores.points.columns:
        points = scores.points[scale].loc[before.index]
        if not points.notna().any():
            continue
        again = set(keys[after & scores.points[scale].notna()])
        data = before.assign(points=points, linked=keys[before.index].isin(again))
        answered = data[data["points"].notna()]
        size = answered.groupby(["partnership", "arm"])["points"].transform("size")
        whole = answered[size >= smallest].assign(partnership=PROGRAMME)
        parts.append(_smd_rows(pd.concat([whole, answered]), data, str(scale), pair[0]))
    return parts


def _smd_rows(answered: pd.DataFrame, everyone: pd.DataFrame, scale: str, wave: str) -> Rows:
    keys = ["partnership", "arm"]
    grouped = answered.groupby([*keys, "linked"], sort=True)["points"]
    table = grouped.agg(["size", "mean", "var"]).unstack("linked")
    index = table.index
    part = {
        name: {
            side: table[name].get(side, pd.Series(np.nan, index=index)).to_numpy("float64")
            for side in (True, False)
        }
        for name in ("size", "mean", "var")
    }
    n1, n2 = (np.nan_to_num(part["size"][side]) for side in (True, False))
    enough = (n1 >= FEW_PEOPLE) & (n2 >= FEW_PEOPLE)
    df = np.where(enough, n1 + n2 - 2, 1.0)
    v1, v2 = (np.nan_to_num(part["var"][side]) for side in (True, False))
    spread = np.sqrt(((n1 - 1) * v1 + (n2 - 1) * v2) / df, where=enough, out=np.zeros(len(df)))
    ok = enough & (spread > 1e-9)
    gap = np.nan_to_num(part["mean"][True] - part["mean"][False])
    smd, error = np.full(len(df), np.nan), np.full(len(df), np.nan)
    np.divide(gap, spread, out=smd, where=ok)
    safe1, safe2 = np.maximum(n1, 1), np.maximum(n2, 1)
    np.sqrt(1 / safe1 + 1 / safe2 + smd**2 / (2 * (safe1 + safe2)), out=error, where=ok)
    missing = everyone[everyone["points"].isna()].groupby(keys).size()
    notes = [
        f"both_waves:{int(a)};before_only:{int(b)}" if good else "few_people"
        for a, b, good in zip(n1, n2, enough, strict=True)
    ]
    columns: Mapping[str, object] = {
        "outcome": "Q03", "estimand": "linked-unlinked", "method": "smd", "unit": "sd",
        "dimension": "scale", "group": scale, "wave": wave,
        "partnership": index.get_level_values(0).to_numpy(dtype=object),
        "arm": index.get_level_values(1).to_numpy(dtype=object),
        "estimate": smd, "std_error": error,
        "conf_low": smd - CRITICAL * error, "conf_high": smd + CRITICAL * error,
        "conf_level": np.where(ok, 0.95, np.nan), "n": np.where(ok, n1 + n2, np.nan),
        "missing": np.where(ok, missing.reindex(index).fillna(0).to_numpy("float64"), np.nan),
        "status": np.where(ok, "ok", "not_estimable"),
        "note": np.array(notes, dtype=object), "source": "responses;links",
    }  # fmt: skip
    return Rows(columns=columns, size=len(index))


def _text(responses: pd.DataFrame, name: str) -> pd.Series[str]:
    if name not in responses:
        return pd.Series("", index=responses.index, dtype="str")
    return responses[name].astype("object").fillna("").astype("str")


def _facts(responses: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "partnership": responses["partnership_id"].astype("str"),
            "arm": arm_of(responses),
            "wave": responses["wave"].astype("str"),
            "person": responses["person"].astype("str"),
        },
        index=responses.index,
    )
