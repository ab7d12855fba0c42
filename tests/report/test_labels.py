from __future__ import annotations

import pytest

from twinimpact import entities
from twinimpact.language import translator
from twinimpact.report import labels

ENGLISH = translator("en")
ENUMERATIONS = {
    "form": entities.FORMS,
    "basis": entities.BASES,
    "theme": entities.AIMS,
    "gender": entities.GENDERS,
    "age_band": entities.AGE_BANDS,
    "role": entities.ROLES,
    "activity_type": entities.ACTIVITY_TYPES,
    "status": entities.ACTIVITY_STATUSES,
    "mode": entities.MODES,
    "cerv_type": entities.CERV_TYPES,
    "arm": entities.ARMS,
}


@pytest.mark.parametrize("kind", ENUMERATIONS)
def test_every_value_of_an_enumeration_has_a_name(kind: str) -> None:
    for value in ENUMERATIONS[kind]:
        name = labels.name_of(kind, value, ENGLISH)
        assert name, value
        assert "_" not in name


def test_countries_are_named_by_babel_in_the_readers_language() -> None:
    assert labels.name_of("country", "CZ", translator("de")) == "Tschechien"


def test_unknown_values_of_any_breakdown_read_not_stated() -> None:
    assert labels.name_of("country", "unknown", ENGLISH) == "Not stated"
    assert labels.name_of("gender", "undisclosed", ENGLISH) == "Not stated"


def test_a_value_without_a_name_is_shown_as_written() -> None:
    assert labels.name_of("theme", "astronomy", ENGLISH) == "astronomy"


def test_groups_keep_the_order_of_the_enumeration_with_not_stated_last() -> None:
    groups = ["undisclosed", "45-64", "<14", "unknown", "18-29"]
    assert labels.order("age_band", groups) == ["<14", "18-29", "45-64", "undisclosed", "unknown"]


def test_lists_are_joined_as_the_language_does() -> None:
    assert labels.names_of("themes", "culture;youth", ENGLISH) == "Culture and Youth"
