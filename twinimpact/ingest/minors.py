"""Who is too young to consent alone: the age of digital consent of each country."""

from __future__ import annotations

import datetime as dt
import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

from twinimpact.resources import surveys_dir

YOUNGEST: Mapping[str, int] = {"<14": 0, "14-17": 14}
"""Lowest age in each band that has minors."""
ADULT = 18
OTHER_CODES: Mapping[str, str] = {"UK": "GB", "EL": "GR"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentAges:
    """Ages by country (ISO 3166-1 alpha-2), and the usual one for all others.

    Parameters
    ----------
    verify
        Countries whose age is the general rule and should be checked in the national law.
    provenance
        Where the ages come from.
    """

    ages: Mapping[str, int]
    usual: int
    verify: frozenset[str]
    provenance: str

    def of(self, country: str) -> int:
        """Age from which people of a country consent by themselves."""
        return self.ages.get(OTHER_CODES.get(country, country), self.usual)


@functools.cache
def consent_ages() -> ConsentAges:
    """The shipped table, ``surveys/consent_ages.toml``."""
    text = (surveys_dir() / "consent_ages.toml").read_text(encoding="utf-8")
    content = tomllib.loads(text)
    countries = content["country"]
    return ConsentAges(
        ages={code: int(entry["age"]) for code, entry in countries.items()},
        usual=int(content["usual"]),
        verify=frozenset(c for c, entry in countries.items() if entry["status"] == "verify"),
        provenance=str(content["provenance"]),
    )


def too_young(age_band: str, birth_year: int | None, date: dt.date | None, country: str) -> bool:
    """Whether somebody may be below the age of consent.

    Parameters
    ----------
    age_band, birth_year, date
        What is known about the age at the day of the answers; the year of birth says more than
        the band. Where both ages of a range are possible, the lower one counts.
    country
        Of the respondent's town; ``""`` where it is not known.
    """
    if birth_year is not None and date is not None:
        lowest = date.year - birth_year - 1
    else:
        lowest = YOUNGEST.get(age_band, ADULT)
    return lowest < min(consent_ages().of(country), ADULT)
