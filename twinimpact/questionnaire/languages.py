"""Names of languages as a respondent reads them."""

from __future__ import annotations

NAMES = {
    "en": "English", "de": "Deutsch", "fr": "Français", "cs": "Čeština", "sk": "Slovenčina",
    "pl": "Polski", "hu": "Magyar", "it": "Italiano", "es": "Español",
}  # fmt: skip


def display_name(language: str) -> str:
    """``Deutsch (de)``: the name in the language itself, with its code."""
    name = NAMES.get(language)
    if name is None:
        from babel import Locale, UnknownLocaleError

        try:
            name = str(Locale.parse(language, sep="-").get_language_name(language) or language)
        except (UnknownLocaleError, ValueError):
            name = language
        name = name[:1].upper() + name[1:]
    return f"{name} ({language})"
