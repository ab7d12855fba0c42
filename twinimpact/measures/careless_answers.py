"""From answers to indices of careless answering, and from indices to flags, by the rules file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from twinimpact.instruments import Catalogue
from twinimpact.measures import careless_indices
from twinimpact.measures.coding import Coded
from twinimpact.measures.flag_rules import FlagRule, FlagRules

Array = npt.NDArray[Any]
NOT_RATED = ("yes_no", "count")
MANY_ANSWERS = 4
"""Questions with fewer possible answers repeat themselves by chance."""
USUALLY_ANSWERED = 0.8
ANSWER_RULES = (
    "longstring", "repeated_pattern", "irv", "even_odd", "synonyms", "person_total", "mahalanobis",
)  # fmt: skip
"""Rules that rest on the answers alone."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rated:
    """Rated questions of some questionnaires, in questionnaire order.

    Parameters
    ----------
    codes
        As asked, 0 = no answer, shape (people, questions), columns one after the other.
    values
        Shares of the range after reversal, ``NaN`` = no answer, same shape.
    reverse
        Which columns were reversed.
    kinds
        Kind of answer and range of each column.
    scales
        Columns of each scale of two questions or more.
    """

    codes: Array
    values: Array
    reverse: Array
    kinds: tuple[tuple[str, int, int], ...]
    scales: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AnswerIndices:
    """Indices of each person, ``NaN`` where one is not defined, shape (people,).

    ``irv`` in shares of the range before reversal; ``far`` is the number of questions behind
    the distance (its degrees of freedom); ``answered`` counts answers.
    """

    answered: Array
    longstring: Array
    average_longstring: Array
    repeated_pattern: Array
    irv: Array
    even_odd: Array
    synonyms: Array
    person_total: Array
    mahalanobis: Array
    far: int


def rated_answers(coded: Mapping[str, Coded], catalogue: Catalogue, places: Array | slice) -> Rated:
    """The rated questions that somebody among ``places`` has answered."""
    rated = [
        one
        for one in coded.values()
        if one.item.kind not in NOT_RATED and (one.codes[places] > 0).any()
    ]
    size = len(next(iter(coded.values())).codes[places]) if coded else 0
    column = {one.item.id: number for number, one in enumerate(rated)}
    reverse = {name for scale in catalogue.scales.values() for name in scale.reverse}
    kind = np.result_type("uint8", *(one.codes.dtype for one in rated))
    codes = np.empty((size, len(rated)), dtype=kind, order="F")
    values = np.empty(codes.shape, dtype="float64", order="F")
    for number, one in enumerate(rated):
        here = codes[:, number]
        here[:] = one.codes[places]
        share = values[:, number]
        np.subtract(here, 1.0, out=share)
        share /= one.item.hi - one.item.lo
        if one.item.id in reverse:
            np.subtract(1.0, share, out=share)
        if not here.all():
            share[here == 0] = np.nan
    members = [
        tuple(column[name] for name in scale.items if name in column)
        for scale in catalogue.scales.values()
        if not scale.formative
    ]
    return Rated(
        codes=codes,
        values=values,
        reverse=np.array([one.item.id in reverse for one in rated], dtype=bool),
        kinds=tuple((one.item.kind, one.item.lo, one.item.hi) for one in rated),
        scales=tuple(scale for scale in members if len(scale) >= 2),
    )


def answer_indices(rated: Rated, rules: FlagRules) -> AnswerIndices:
    """Compute every index that can be computed.

    The rules say from how many scales, pairs and people on an index means something.
    """
    values, rule, people = rated.values, rules.rules, len(rated.values)
    missing = np.full(people, np.nan)
    answered = np.zeros(people, dtype="int32")
    for column in rated.codes.T:
        answered += column > 0
    longest, mean = careless_indices.runs(rated.codes)
    even_odd = synonyms = total = missing
    # without gaps one matrix of products serves two indices
    complete = values.size > 0 and bool((answered == values.shape[1]).all())
    products = careless_indices.centred_products(values) if complete else None
    if len(rated.scales) >= rule["even_odd"].number("least"):
        even_odd = careless_indices.even_odd([values[:, _columns(one)] for one in rated.scales])
    if people >= rule["synonyms"].number("least_people"):
        least = rule["synonyms"].number("correlation")
        pairs = careless_indices.synonym_pairs(values, least, products)
        if len(pairs) >= rule["synonyms"].number("least"):
            synonyms = careless_indices.synonyms(values, pairs)
    if people >= rule["person_total"].number("least_people"):
        enough = answered >= rule["person_total"].number("least")
        total = np.where(enough, careless_indices.person_total(values), np.nan)
    distance, far = _distance(values, rule["mahalanobis"], products)
    as_asked = values
    if rated.reverse.any():
        as_asked = values.copy(order="F")
        as_asked[:, rated.reverse] = 1 - values[:, rated.reverse]
    return AnswerIndices(
        answered=answered, longstring=longest.astype("float64"), average_longstring=mean,
        repeated_pattern=_pattern(rated, answered, rule["repeated_pattern"]),
        irv=careless_indices.irv(as_asked), even_odd=even_odd, synonyms=synonyms,
        person_total=total, mahalanobis=distance, far=far,
    )  # fmt: skip


def answer_flags(rated: Rated, indices: AnswerIndices, rules: FlagRules) -> dict[str, Array]:
    """1 where a rule is broken, 0 where it is kept, ``NaN`` where it cannot be asked."""
    from scipy.special import chdtri

    rule = rules.rules
    limit = chdtri(indices.far, rule["mahalanobis"].number("p_value")) if indices.far else np.nan
    distance = indices.mahalanobis
    return {
        "longstring": _straight(rated, indices, rule["longstring"]),
        "repeated_pattern": indices.repeated_pattern,
        "irv": _alike(indices, rule["irv"]),
        "even_odd": below(indices.even_odd, rule["even_odd"].number("below")),
        "synonyms": below(indices.synonyms, rule["synonyms"].number("below")),
        "person_total": below(indices.person_total, rule["person_total"].number("below")),
        "mahalanobis": np.where(np.isfinite(distance), distance > limit, np.nan),
    }


def families_raised(raised: Mapping[str, Array], rules: FlagRules) -> Array:
    """How many families of evidence each person has a flag of, shape (people,)."""
    size = len(next(iter(raised.values())))
    count = np.zeros(size, dtype="int64")
    for family in rules.families:
        here = [flag for name, flag in raised.items() if rules.rules[name].family == family]
        count += np.any(here, axis=0) if here else False
    return count


def below(index: Array, limit: float) -> Array:
    """1 below the limit, 0 from it on, ``NaN`` without an index."""
    return np.where(np.isfinite(index), index < limit, np.nan)


def _straight(rated: Rated, indices: AnswerIndices, rule: FlagRule) -> Array:
    """Long runs among the questions with one kind of answer."""
    least, share = rule.number("least"), rule.number("share")
    flag = np.full(len(rated.codes), np.nan)
    kinds = list(dict.fromkeys(rated.kinds))
    for kind in kinds:
        columns = [place for place, other in enumerate(rated.kinds) if other == kind]
        if len(columns) < least:
            continue
        if len(kinds) == 1:
            longest, answered = indices.longstring, indices.answered
        else:
            codes = rated.codes[:, columns]
            longest, answered = careless_indices.runs(codes)[0], (codes > 0).sum(axis=1)
        raised = (longest >= least) & (longest > share * answered)
        flag = np.where(answered >= least, np.fmax(flag, raised), flag)
    return flag


def _pattern(rated: Rated, answered: Array, rule: FlagRule) -> Array:
    many = [
        place for place, kind in enumerate(rated.kinds) if kind[2] - kind[1] >= MANY_ANSWERS - 1
    ]
    least = int(rule.number("least"))
    if len(many) < least:
        return np.full(len(rated.codes), np.nan)
    codes = rated.codes if len(many) == len(rated.kinds) else rated.codes[:, many]
    periods: Sequence[int] = rule.numbers["periods"]
    found = careless_indices.repeated_pattern(codes, periods, int(rule.number("times")), least)
    return np.where(answered >= least, found, np.nan)


def _alike(indices: AnswerIndices, rule: FlagRule) -> Array:
    enough = (indices.answered >= rule.number("least")) & np.isfinite(indices.irv)
    if enough.sum() < rule.number("least_people"):
        return np.full(len(indices.irv), np.nan)
    limit = np.percentile(indices.irv[enough], rule.number("percentile"))
    return np.where(enough, indices.irv < limit, np.nan)


def _distance(values: Array, rule: FlagRule, products: Array | None) -> tuple[Array, int]:
    """Distance over the questions that nearly everybody answered, and their number."""
    nothing = np.full(len(values), np.nan), 0
    if not values.size:
        return nothing
    if products is not None:
        usual, complete = np.flatnonzero(np.diag(products) > 0), len(values)
    else:
        there = np.isfinite(values)
        known = there.mean(axis=0) >= USUALLY_ANSWERED
        usual = np.array(
            [place for place in np.flatnonzero(known) if np.nanstd(values[:, place]) > 0], dtype=int
        )
        complete = int(there[:, usual].all(axis=1).sum())
    if len(usual) < 2 or complete < rule.number("people_per_item") * len(usual):
        return nothing
    if len(usual) < values.shape[1]:
        values = values[:, usual]
        products = None if products is None else products[np.ix_(usual, usual)]
    return careless_indices.mahalanobis_squared(values, products), len(usual)


def _columns(places: tuple[int, ...]) -> slice | list[int]:
    """Neighbouring columns as a slice, which needs no copy."""
    first, last = places[0], places[-1]
    whole = places == tuple(range(first, last + 1))
    return slice(first, last + 1) if whole else list(places)
