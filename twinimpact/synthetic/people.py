"""The invented people: who they are, when they answer, and the code they remember."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from twinimpact.synthetic.world import Link

CODE_ELEMENTS = 6
LETTERS = "AMEKJLSBRTGHCDPNFVIWZOUYXQ"
"""Letters by falling frequency; the draw follows a Zipf law with exponent 0.8."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Shares by age band, gender and role of one kind of exchange."""

    ages: tuple[tuple[str, float], ...]
    genders: tuple[tuple[str, float], ...]
    roles: tuple[tuple[str, float], ...]


_GENDERS = (("female", 0.53), ("male", 0.43), ("non_binary", 0.02), ("undisclosed", 0.02))
PROFILES = {
    "citizens": Profile(
        ages=(("18-29", 0.17), ("30-44", 0.22), ("45-64", 0.36), ("65-74", 0.19), ("75+", 0.06)),
        genders=_GENDERS,
        roles=(
            ("citizen", 0.42), ("association", 0.22), ("volunteer_organiser", 0.12),
            ("teacher", 0.07), ("business", 0.06), ("elected_official", 0.06),
            ("municipal_staff", 0.05),
        ),
    ),
    "school": Profile(
        ages=(("14-17", 0.64), ("18-29", 0.2), ("30-44", 0.06), ("45-64", 0.1)),
        genders=_GENDERS,
        roles=(("pupil_student", 0.84), ("teacher", 0.16)),
    ),
    "officials": Profile(
        ages=(("30-44", 0.34), ("45-64", 0.56), ("65-74", 0.1)),
        genders=(("female", 0.41), ("male", 0.57), ("undisclosed", 0.02)),
        roles=(("elected_official", 0.34), ("municipal_staff", 0.36), ("expert", 0.18),
               ("institution_employee", 0.12)),
    ),
}  # fmt: skip


def draw_people(links: Sequence[Link], rng: np.random.Generator) -> pd.DataFrame:
    """One row per person of every link.

    Returns
    -------
    DataFrame
        ``person, partnership_id, town_id, arm, gender, age_band, role``, the remembered code
        ``code_1`` to ``code_6``, and whether the person answers: ``pre, post, followup``.
    """
    frames = []
    for link in links:
        groups = [("participant", link.participants), ("comparison_town", link.comparison)]
        for arm, towns in groups:
            if towns:
                frames.append(_people_of(link, arm, towns, rng))
    people = pd.concat(frames, ignore_index=True)
    people.insert(0, "person", [f"p{number:04d}" for number in range(1, len(people) + 1)])
    return pd.concat([people, draw_codes(len(people), rng)], axis=1)


def draw_codes(count: int, rng: np.random.Generator) -> pd.DataFrame:
    """Self-generated codes of six elements.

    First letters of the mother's first name and of the birthplace, second letter of the own
    surname, day and month of birth, number of older siblings.
    """
    weights = np.arange(1, len(LETTERS) + 1) ** -0.8
    letters = rng.choice(list(LETTERS), size=(count, 3), p=weights / weights.sum())
    return pd.DataFrame(
        {
            "code_1": letters[:, 0],
            "code_2": letters[:, 1],
            "code_3": letters[:, 2],
            "code_4": [f"{day:02d}" for day in rng.integers(1, 32, count)],
            "code_5": [f"{month:02d}" for month in rng.integers(1, 13, count)],
            "code_6": rng.choice(list("01234"), size=count, p=[0.2, 0.4, 0.25, 0.1, 0.05]),
        }
    )


def misremember(codes: pd.DataFrame, rate: float, rng: np.random.Generator) -> pd.DataFrame:
    """Codes as written down: each element is drawn anew with probability ``rate``."""
    fresh = draw_codes(len(codes), rng)
    fresh.index = codes.index
    slips = rng.random(codes.shape) < rate
    return codes.where(~slips, fresh)


def _people_of(
    link: Link, arm: str, towns: tuple[tuple[str, int], ...], rng: np.random.Generator
) -> pd.DataFrame:
    first = sum(count for _, count in towns)
    newcomers = link.newcomers if arm == "participant" else 0
    count = first + newcomers
    town_ids = [town for town, people in towns for _ in range(people)]
    town_ids += [towns[index % len(towns)][0] for index in range(newcomers)]
    profile = PROFILES[link.profile]
    ages = _draw(profile.ages, count, rng)
    roles = _draw(profile.roles, count, rng)
    if link.profile == "school":
        grown = np.isin(ages, ("30-44", "45-64"))
        roles = np.where(grown, "teacher", "pupil_student")
    return pd.DataFrame(
        {
            "partnership_id": link.partnership.partnership_id,
            "town_id": town_ids,
            "arm": arm,
            "gender": _draw(profile.genders, count, rng),
            "age_band": ages,
            "role": roles,
            "pre": np.arange(count) < first,
            "post": _returning(first, newcomers, link.returns[0], rng),
            "followup": _returning(first, 0, link.returns[1], rng, pad=newcomers),
        }
    )


def _returning(
    first: int, always: int, share: float, rng: np.random.Generator, pad: int = 0
) -> np.ndarray:
    # who stays does not depend on the answers, so the planted change is also that of the stayers
    stays = np.zeros(first + always + pad, dtype=bool)
    stays[rng.permutation(first)[: round(share * first)]] = True
    stays[first : first + always] = True
    return stays


def _draw(
    shares: tuple[tuple[str, float], ...], count: int, rng: np.random.Generator
) -> np.ndarray:
    values, weights = zip(*shares, strict=True)
    return rng.choice(values, size=count, p=np.asarray(weights) / sum(weights))
