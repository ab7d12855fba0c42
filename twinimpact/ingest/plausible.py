"""Facts of a response that hardly go together: warnings, never a reason to leave a row out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from twinimpact.evaluation import Evaluation
from twinimpact.ingest.rows import Lookup
from twinimpact.ingest.values import fold
from twinimpact.problems import Problem

LATER = ("post", "followup")
"""Kinds of waves whose questions are about what has happened."""
TOO_YOUNG: Mapping[str, frozenset[str]] = {
    "<14": frozenset(
        ("elected_official", "municipal_staff", "institution_employee", "expert", "business",
         "teacher")
    ),
    "14-17": frozenset(("elected_official", "municipal_staff", "expert", "teacher")),
}  # fmt: skip
"""Age band to roles that people of that age hardly have."""
TOO_OLD = ("65-74", "75+")
"""Age bands in which hardly anybody is at school."""


def implausible(
    frame: pd.DataFrame,
    place: tuple[str, str],
    lookup: Lookup,
    evaluation: Evaluation,
    activity: str = "",
) -> list[Problem]:
    """Warnings about accepted responses of one file, in the order of its rows.

    Parameters
    ----------
    frame
        Canonical responses.
    place
        File and sheet.
    lookup
        Which towns a partnership has, and when its events began.
    evaluation
        Waves and their kinds.
    activity
        The event the file is about, where ``evaluation.toml`` names one.
    """
    found = [
        *_town_elsewhere(frame, lookup),
        *_before_event(frame, lookup, evaluation, activity),
        *_age_and_role(frame),
    ]
    rows = frame["source_row"]
    return [
        Problem(
            code=code,
            file=place[0],
            sheet=place[1],
            row=int(rows[at]),
            column=column,
            got=got,
            expected=expected,
        )
        for at, code, column, got, expected in sorted(found, key=lambda one: int(rows[one[0]]))
    ]


_Found = tuple[int, str, str, str, str]


def _town_elsewhere(frame: pd.DataFrame, lookup: Lookup) -> Iterable[_Found]:
    """Respondents from a town that is none of their partnership's."""
    town_of, towns = pd.factorize(frame["town_id"])
    link_of, links = pd.factorize(frame["partnership_id"])
    wrong = np.array(
        [
            [link not in lookup.partnerships_of_town.get(town, ()) for link in links]
            for town in towns
        ],
        dtype=bool,
    ).reshape(len(towns), len(links))
    known = np.flatnonzero((town_of >= 0) & (link_of >= 0))
    for place in known[wrong[town_of[known], link_of[known]]].tolist():
        town, link = str(towns[town_of[place]]), str(links[link_of[place]])
        yield int(frame.index[place]), "responses_town_elsewhere", "town_id", town, link


def _before_event(
    frame: pd.DataFrame, lookup: Lookup, evaluation: Evaluation, activity: str
) -> Iterable[_Found]:
    """Answers about what has happened from a day on which nothing had happened yet."""
    later = [wave.id for wave in evaluation.waves if wave.kind in LATER]
    named = lookup.activities.get(fold(activity), ()) if activity else ()
    used = frame[["wave", "arm", "partnership_id", "date"]]
    asked = used[used["wave"].isin(later) & used["arm"].eq("participant")]
    if activity:
        start = lookup.event_starts.get(named[0]) if len(named) == 1 else None
        first = pd.Series([start] * len(asked), index=asked.index)
    else:
        first = asked["partnership_id"].map(dict(lookup.first_events))
    days = pd.to_datetime(first)
    early = pd.to_datetime(asked["date"]) < days
    for at in np.asarray(asked.index[early]):
        day = days[at].date().isoformat()
        yield int(at), "responses_before_event", "date", _day(frame["date"][at]), day


def _day(value: object) -> str:
    return value.date().isoformat() if isinstance(value, dt.datetime) else ""


def _age_and_role(frame: pd.DataFrame) -> Iterable[_Found]:
    age, role = frame["age_band"], frame["role"]
    odd = age.isin(TOO_OLD) & role.eq("pupil_student")
    for band, roles in TOO_YOUNG.items():
        odd |= age.eq(band) & role.isin(roles)
    for at in np.asarray(frame.index[odd.fillna(False)]):
        # neither is repeated: together with the row they could tell who it was
        yield int(at), "responses_age_and_role", "age_band, role", "", ""
