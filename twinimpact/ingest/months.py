"""Month names in the languages of the towns, for dates that are written out."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping

LANGUAGES = (
    "en", "de", "fr", "es", "it", "pt", "nl", "pl", "cs", "sk", "hu", "ro", "sl", "hr", "bg",
    "el", "sv", "da", "nb", "fi", "et", "lv", "lt", "ca", "uk", "tr",
)  # fmt: skip


def month_numbers(names: Iterable[str]) -> Mapping[str, int]:
    """Month of each name, if one language knows all of them and no other disagrees.

    A word that is no month in any language is left out.

    Languages use the same word for different months (``lip`` is July in Polish and June in
    Croatian), so a name alone says nothing: the names of a whole column do.

    >>> month_numbers(["Apr", "Dec"])
    {'apr': 4, 'dec': 12}
    """
    wanted = sorted({plain_month(name) for name in names})
    if not all(name in _names("en") for name in wanted):
        wanted = [name for name in wanted if any(name in _names(one) for one in LANGUAGES)]
    found: list[dict[str, int]] = []
    for language in LANGUAGES if wanted else ():
        known = _names(language)
        if all(name in known for name in wanted):
            numbers = {name: known[name] for name in wanted}
            if language == "en":
                return numbers
            if numbers not in found:
                found.append(numbers)
    return found[0] if len(found) == 1 else {}


def plain_month(name: str) -> str:
    """Compare key of a month's name."""
    return name.casefold().strip(" .")


@functools.cache
def _names(language: str) -> Mapping[str, int]:
    from babel.dates import get_month_names

    names: dict[str, int] = {}
    for context in ("format", "stand-alone"):
        for width in ("abbreviated", "wide"):
            for month, name in get_month_names(width, context, language).items():
                plain = plain_month(name)
                names.setdefault(plain, month)
                # older programs cut a name to its first three or four letters
                if width == "wide":
                    names.setdefault(plain[:3], month)
                    names.setdefault(plain[:4], month)
    return names
