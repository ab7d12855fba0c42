"""Sites: the names that fill the placeholders of a questionnaire, in every form a sentence needs.

A form includes its preposition, because case endings and articles change the word:
``{partner_country:from}`` is "from Poland", "aus Polen", "z Polska".
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from twinimpact.instruments.checks import PLACEHOLDER_FORMS, PLACEHOLDERS
from twinimpact.instruments.definition import LANGUAGE_FOLDER
from twinimpact.instruments.fields import Faults, read_fields
from twinimpact.instruments.questions import raise_all
from twinimpact.problems import Problem

FACT_FIELDS: Mapping[str, str] = {
    "id": "word", "partnership": "word", "town_id": "word", "partner_town_id": "word",
}  # fmt: skip
NAME_FIELDS: Mapping[str, str] = {"name": "word", **dict.fromkeys(PLACEHOLDER_FORMS, "word")}
PLACEHOLDER = re.compile(r"\{([a-z_]+)(?::([a-z]+))?\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One town's side of a partnership.

    ``names`` maps language, placeholder and form to words; the bare name has the form ``name``.
    """

    id: str
    partnership: str = ""
    town_id: str = ""
    partner_town_id: str = ""
    names: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    file: str = ""

    def fill(self, text: str, language: str) -> tuple[str, tuple[Problem, ...]]:
        """``text`` with every placeholder filled; a form that is not there is a problem."""
        names = self.names.get(language, {})
        missing = []

        def put(match: re.Match[str]) -> str:
            form = match[2] or "name"
            words = names.get(match[1], {}).get(form)
            if words is None:
                column = f"{language}.{match[1]}.{form}"
                missing.append(
                    Problem(code="site_form_missing", file=self.file, column=column, got=text)
                )
                return match[0]
            return words

        return PLACEHOLDER.sub(put, text), tuple(missing)

    def name(self, placeholder: str, language: str) -> str:
        """The bare name, or nothing where the site has none."""
        return self.names.get(language, {}).get(placeholder, {}).get("name", "")


def load_site(path: Path) -> Site:
    """Read a site file: facts at the top, one table per language.

    Raises
    ------
    DefinitionError
        With every fault of the file in ``problems``.
    """
    faults = Faults(path.name)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        reason = (error.strerror or "") if isinstance(error, OSError) else str(error)
        faults.add("instrument_unreadable", "", reason)
        table = {}
    facts = {name: value for name, value in table.items() if not isinstance(value, dict)}
    head = read_fields(facts, FACT_FIELDS, ("id",) if table else (), "", faults)
    names = {}
    for language, words in table.items():
        if not isinstance(words, dict):
            continue
        if not LANGUAGE_FOLDER.match(language):
            faults.add("instrument_unknown_field", language, language, "a language code")
            continue
        kinds = dict.fromkeys(PLACEHOLDERS, "table")
        given = read_fields(words, kinds, (), language, faults)
        names[language] = {
            placeholder: read_fields(
                forms, NAME_FIELDS, ("name",), f"{language}.{placeholder}", faults
            )
            for placeholder, forms in given.items()
        }
    raise_all(tuple(faults.found), "The site file has faults.", path)
    return Site(
        id=head["id"],
        partnership=head.get("partnership", ""),
        town_id=head.get("town_id", ""),
        partner_town_id=head.get("partner_town_id", ""),
        names=names,
        file=path.name,
    )
