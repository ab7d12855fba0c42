"""Sentences, numbers and dates in the reader's language.

Messages are gettext message ids in English, kept in ``twinimpact/report/locale``
as ``.po`` files and read directly, so nothing has to be compiled. Numbers and
dates are always written by Babel, never by ``format`` or ``strftime``.
"""

from __future__ import annotations

import datetime as dt
import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CATALOGUES = Path(__file__).parent / "report" / "locale"
MINUS = "\N{MINUS SIGN}"


def N_(message: str) -> str:  # noqa: N802 - gettext's customary name
    """Mark a message for translation without translating it yet."""
    return message


@dataclass(frozen=True, slots=True)
class Translator:
    """Everything that depends on the reader's language.

    Parameters
    ----------
    language
        BCP-47 code such as ``en`` or ``de``.
    messages
        Message id to translation; a plural message maps to a tuple of forms.
    """

    language: str
    messages: Mapping[str, str | tuple[str, ...]]

    def text(self, message: str, values: Mapping[str, object] | None = None) -> str:
        """Translate ``message`` and fill in ``values``; an unknown message stays English."""
        found = self.messages.get(message) or message
        sentence = found if isinstance(found, str) else found[0]
        return sentence.format(**values) if values is not None else sentence

    def plural(
        self, one: str, many: str, count: int, values: Mapping[str, object] | None = None
    ) -> str:
        """Choose the plural form for ``count``; ``{count}`` is filled in, formatted."""
        found = self.messages.get(one)
        if isinstance(found, tuple) and all(found):
            sentence = found[self._locale().plural_form_index(count)]
        else:
            sentence = one if count == 1 else many
        return sentence.format(**{"count": self.integer(count), **(values or {})})

    def integer(self, value: float) -> str:
        """A whole number with the language's grouping."""
        return self.number(value, 0)

    def number(self, value: float | None, decimals: int = 1) -> str:
        """A number with fixed decimals; a missing one is an en dash."""
        from babel.numbers import format_decimal

        if value is None or not math.isfinite(value):
            return "\N{EN DASH}"
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        rounded = round(float(value), decimals) + 0.0  # no minus zero
        written = format_decimal(rounded, format=pattern, locale=self.language)
        return str(written).replace("-", MINUS)

    def signed(self, value: float | None, decimals: int = 1) -> str:
        """A number that always shows its sign, for changes and differences."""
        written = self.number(value, decimals)
        positive = value is not None and math.isfinite(value) and round(value, decimals) > 0
        return f"+{written}" if positive else written

    def percent(self, share: float | None, decimals: int = 0) -> str:
        """A share (0 to 1) as a percentage in the language's spacing."""
        from babel import Locale
        from babel.numbers import format_percent

        if share is None or not math.isfinite(share):
            return "\N{EN DASH}"
        pattern = Locale.parse(self.language, sep="-").percent_formats[None].pattern
        if decimals:
            pattern = pattern.replace("0", "0." + "0" * decimals, 1)
        written = format_percent(share, format=pattern, locale=self.language)
        return str(written).replace("-", MINUS)

    def date(self, value: dt.date, form: str = "long") -> str:
        """A date; ``form`` is Babel's ``short``, ``medium`` or ``long`` or a pattern."""
        from babel.dates import format_date

        return str(format_date(value, format=form, locale=self.language))

    def listing(self, items: list[str]) -> str:
        """``a, b and c`` in the reader's language."""
        from babel.lists import format_list

        return str(format_list(items, locale=self.language)) if items else ""

    def country(self, code: str) -> str:
        """Name of a country from its ISO 3166-1 alpha-2 code; the code itself if unknown."""
        from babel import Locale

        return str(Locale.parse(self.language, sep="-").territories.get(code, code))

    def _locale(self) -> _PluralLocale:
        from babel import Locale

        return _PluralLocale(Locale.parse(self.language, sep="-"))


@dataclass(frozen=True, slots=True)
class _PluralLocale:
    locale: Any

    def plural_form_index(self, count: int) -> int:
        """Position of the plural form gettext uses for ``count`` in this language."""
        from babel.messages.plurals import get_plural

        expression = str(get_plural(self.locale)[1])
        return int(_plural_function(expression)(count))


@functools.cache
def _plural_function(expression: str) -> Any:
    from gettext import c2py

    return c2py(expression)


@functools.cache
def translator(language: str) -> Translator:
    """The translator of a language; English (and any language without a catalogue) is empty."""
    path = CATALOGUES / language.replace("-", "_") / "LC_MESSAGES" / "twinimpact.po"
    if not path.is_file():
        return Translator(language, {})
    from babel.messages.pofile import read_po

    with path.open("rb") as handle:
        catalogue = read_po(handle, locale=language.replace("-", "_"))
    messages: dict[str, str | tuple[str, ...]] = {}
    for message in catalogue:
        if not message.id or message.fuzzy:
            continue
        key = message.id if isinstance(message.id, str) else message.id[0]
        forms = message.string
        if forms and any(forms):
            messages[key] = forms if isinstance(forms, str) else tuple(forms)
    return Translator(language, messages)
