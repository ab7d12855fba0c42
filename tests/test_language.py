"""Sentences, plurals, numbers and dates in the reader's language."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from twinimpact import language
from twinimpact.language import translator

NARROW, NO_BREAK = "\u202f", "\u00a0"
GROUPED = {
    "en": "1,234,567.89",
    "de": "1.234.567,89",
    "it": "1.234.567,89",
    "es": "1.234.567,89",
    "fr": f"1{NARROW}234{NARROW}567,89",
    "cs": f"1{NO_BREAK}234{NO_BREAK}567,89",
    "sk": f"1{NO_BREAK}234{NO_BREAK}567,89",
    "pl": f"1{NO_BREAK}234{NO_BREAK}567,89",
    "hu": f"1{NO_BREAK}234{NO_BREAK}567,89",
}
SHARES = {
    "en": "42%", "it": "42%", "pl": "42%", "hu": "42%", "de": f"42{NO_BREAK}%",
    "es": f"42{NO_BREAK}%", "cs": f"42{NO_BREAK}%", "sk": f"42{NO_BREAK}%",
}  # fmt: skip
DATES = {
    "en": "March 1, 2026", "de": "1. März 2026", "fr": "1 mars 2026", "cs": "1. března 2026",
    "sk": "1. marca 2026", "pl": "1 marca 2026", "hu": "2026. március 1.", "it": "1 marzo 2026",
    "es": "1 de marzo de 2026",
}  # fmt: skip
POLISH = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: pl\\n"

msgid "Hello, {name}."
msgstr "Dzień dobry, {name}."

#, fuzzy
msgid "Not yet reviewed"
msgstr "Jeszcze nie"

msgid "{count} town"
msgid_plural "{count} towns"
msgstr[0] "{count} miasto"
msgstr[1] "{count} miasta"
msgstr[2] "{count} miast"
"""


@pytest.mark.parametrize(("code", "written"), GROUPED.items())
def test_numbers_have_the_languages_grouping_and_decimal_sign(code: str, written: str) -> None:
    assert translator(code).number(1234567.891, 2) == written


@pytest.mark.parametrize(("code", "written"), SHARES.items())
def test_shares_have_the_languages_spacing(code: str, written: str) -> None:
    assert translator(code).percent(0.42) == written


@pytest.mark.parametrize(("code", "written"), DATES.items())
def test_dates_are_written_out_in_the_language(code: str, written: str) -> None:
    assert translator(code).date(dt.date(2026, 3, 1)) == written


def test_negative_numbers_have_a_minus_sign_and_zero_has_none() -> None:
    english = translator("en")
    assert english.number(-3.25, 1) == "\N{MINUS SIGN}3.2"
    assert english.signed(-0.01, 1) == "0.0"
    assert english.signed(0.3, 1) == "+0.3"
    assert english.signed(-0.3, 1) == "\N{MINUS SIGN}0.3"


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_a_number_that_is_not_there_is_a_dash(value: float | None) -> None:
    assert translator("de").number(value) == "\N{EN DASH}"
    assert translator("de").percent(value) == "\N{EN DASH}"


def test_a_catalogue_translates_fills_in_and_chooses_the_plural(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "pl" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "twinimpact.po").write_text(POLISH, encoding="utf-8")
    monkeypatch.setattr(language, "CATALOGUES", tmp_path)
    translator.cache_clear()
    polish = translator("pl")
    assert polish.text("Hello, {name}.", {"name": "A"}) == "Dzień dobry, A."
    assert polish.text("Not yet reviewed") == "Not yet reviewed"
    assert polish.text("Unknown sentence") == "Unknown sentence"
    towns = [polish.plural("{count} town", "{count} towns", n) for n in (1, 2, 5, 22)]
    assert towns == ["1 miasto", "2 miasta", "5 miast", "22 miasta"]
    translator.cache_clear()


def test_every_marked_sentence_of_the_package_can_be_extracted() -> None:
    from babel.messages.extract import extract_from_dir

    keywords = {"N_": None, "text": None, "plural": (1, 2), "rule": (2, 3)}
    package = Path(language.__file__).parent
    found = {
        message if isinstance(message, str) else message[0]
        for _, _, message, _, _ in extract_from_dir(
            package, method_map=[("**.py", "python")], keywords=keywords
        )
    }
    assert len(found) > 500
    for sentence in (
        "Nothing has been stored. To store it: twinimpact ingest --apply {folder}",
        "Stored {count} row.",
    ):
        assert sentence in found
