"""Translations: whole or not at all, with a state that a changed source takes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from twinimpact.errors import DefinitionError
from twinimpact.instruments import (
    item_source,
    load_catalogue,
    load_form,
    load_instrument,
    load_questions,
    load_words,
    read_instrument,
    record_source,
)
from twinimpact.resources import surveys_dir

ENGLISH = """
id = "demo"
kind = "own"
version = "1.0.0"
title = "Demo"
status_label = "new, not validated"
key_status = "new"
licence = {tier = "own"}
range = [1, 3]
text_status = {en = "draft"}
anchors.en = {"1" = "low", "2" = "middle", "3" = "high"}
heading.en = "Life"
instructions.en = "Think of today."

[[items]]
id = "demo_a"
label.en = "Life"
text.en = "How is life {town:in}?"

[[items]]
id = "demo_b"
range = [0, 10]
label.en = "Work"
text.en = "How is work?"
low.en = "bad"
high.en = "good"

[[records]]
id = "demo_c"
kind = "choice"
label.en = "Why"
text.en = "Why?"
hint.en = "One answer"
choices = [{code = "x", label = {en = "weather"}}, {code = "y", label = {en = "people"}}]

[[scales]]
id = "demo"
title.en = "Life"
items = ["demo_a"]
"""
GERMAN = """
language = "de"
instrument = "demo"
status = "reviewed"
date = "2026-11-24"
role = "translator"
heading = "Leben"
instructions = "Denken Sie an heute."

[anchors]
"1" = "niedrig"
"2" = "mittel"
"3" = "hoch"

[items.demo_a]
label = "Leben"
text = "Wie ist das Leben {town:in}?"

[items.demo_b]
label = "Arbeit"
text = "Wie ist die Arbeit?"
low = "schlecht"
high = "gut"

[records.demo_c]
label = "Warum"
text = "Warum?"
hint = "Eine Antwort"
[records.demo_c.choices]
x = "Wetter"
y = "Menschen"

[scales.demo]
title = "Leben"
"""


def write(folder: Path, german: str = GERMAN, english: str = ENGLISH) -> Path:
    (folder / "de").mkdir(exist_ok=True)
    (folder / "de" / "demo.toml").write_text(german, encoding="utf-8")
    path = folder / "demo.toml"
    path.write_text(english, encoding="utf-8")
    return path


def test_a_translation_fills_every_text_and_changes_no_score(tmp_path: Path) -> None:
    path = write(tmp_path)
    instrument = load_instrument(path)
    (tmp_path / "de" / "demo.toml").unlink()
    assert load_instrument(path).sha256 == instrument.sha256
    assert instrument.languages() == ("de", "en")
    first, second = instrument.items
    assert first.text["de"] == "Wie ist das Leben {town:in}?"
    assert first.anchors[2]["de"] == "mittel"
    assert (first.low_label["de"], first.high_label["de"]) == ("niedrig", "hoch")
    assert (second.low_label["de"], second.high_label["de"]) == ("schlecht", "gut")
    assert (instrument.heading["de"], instrument.instructions["de"]) == (
        "Leben", "Denken Sie an heute.",
    )  # fmt: skip
    record = instrument.records[0]
    assert (record.hint["de"], record.choices[1].label["de"]) == ("Eine Antwort", "Menschen")
    assert instrument.scales[0].label("de") == "Leben"
    assert instrument.askable("de")
    assert not instrument.askable("fr")


def with_sources(path: Path) -> str:
    instrument = load_instrument(path)
    german = path.parent.joinpath("de", "demo.toml").read_text(encoding="utf-8")
    for item in instrument.items:
        mark = item_source(item, instrument)
        german = german.replace(f"[items.{item.id}]", f'[items.{item.id}]\nsource = "{mark}"')
    mark = record_source(instrument.records[0])
    return german.replace("[records.demo_c]", f'[records.demo_c]\nsource = "{mark}"')


def test_a_state_counts_only_with_the_fingerprint_of_the_english_words(tmp_path: Path) -> None:
    path = write(tmp_path)
    assert load_instrument(path).text_status == {"en": "draft", "de": "draft"}
    german = with_sources(path)
    write(tmp_path, german)
    assert load_instrument(path).text_status["de"] == "reviewed"
    # one English word changes: that item is a draft again, and so is the whole
    write(tmp_path, german, ENGLISH.replace("How is work?", "How is your work?"))
    changed = load_instrument(path)
    assert [item.text_status["de"] for item in changed.items] == ["reviewed", "draft"]
    assert changed.text_status["de"] == "draft"
    # the instructions belong to every item
    write(tmp_path, german, ENGLISH.replace("Think of today.", "Think of now."))
    assert {item.text_status["de"] for item in load_instrument(path).items} == {"draft"}


def test_one_item_may_have_a_state_of_its_own(tmp_path: Path) -> None:
    path = write(tmp_path)
    german = with_sources(path).replace("[items.demo_b]", '[items.demo_b]\nstatus = "pretested"')
    write(tmp_path, german)
    instrument = load_instrument(path)
    assert [item.text_status["de"] for item in instrument.items] == ["reviewed", "pretested"]
    assert instrument.text_status["de"] == "reviewed"


@pytest.mark.parametrize(
    ("old", "new", "code", "field"),
    [
        ('text = "Wie ist die Arbeit?"', "", "instrument_translation_incomplete",
         "items.demo_b.text"),
        ('high = "gut"', "", "instrument_translation_incomplete", "items.demo_b.high"),
        ('"2" = "mittel"', "", "instrument_translation_incomplete", "items.demo_a.anchors.2"),
        ('x = "Wetter"', "", "instrument_translation_incomplete", "records.demo_c.choices.x"),
        ('heading = "Leben"', "", "instrument_translation_incomplete", "heading"),
        ("[items.demo_b]", "[items.demo_z]", "instrument_unknown_item", "items"),
        ('"3" = "hoch"', '"3" = "hoch"\n"4" = "mehr"', "instrument_unknown_item", "anchors"),
        ('low = "schlecht"', 'low = "schlecht"\nrange = [0, 1]', "instrument_unknown_field",
         "items.demo_b.range"),
        ('language = "de"', 'language = "fr"', "instrument_wrong_value", "language"),
        ('instrument = "demo"', 'instrument = "other"', "instrument_wrong_value", "instrument"),
        ('status = "reviewed"', 'status = "done"', "instrument_wrong_value", "status"),
        ('status = "reviewed"', "", "instrument_missing_field", "status"),
        ("{town:in}", "{town:inside}", "instrument_placeholder", "items.demo_a.text.de"),
        ('label = "Arbeit"', f'label = "{"x" * 61}"', "instrument_label_too_long",
         "items.demo_b.label.de"),
        ('title = "Leben"', f'title = "{"x" * 29}"', "instrument_label_too_long",
         "scales.demo.short_title.de"),
        ('language = "de"', "language = de", "instrument_unreadable", ""),
        ('role = "translator"', 'text_sha256 = "0"', "instrument_text_hash_differs",
         "text_sha256"),
    ],
)  # fmt: skip
def test_a_fault_is_told_in_the_file_of_the_translation(
    tmp_path: Path, old: str, new: str, code: str, field: str
) -> None:
    assert old in GERMAN
    _, problems = read_instrument(write(tmp_path, GERMAN.replace(old, new, 1)))
    assert (code, field) in {(problem.code, problem.column) for problem in problems}
    assert {problem.file for problem in problems} == {"de/demo.toml"}


def test_a_language_stands_in_one_place_only(tmp_path: Path) -> None:
    english = ENGLISH.replace('label.en = "Work"', 'label = {en = "Work", de = "Arbeit"}')
    _, problems = read_instrument(write(tmp_path, GERMAN, english))
    assert "instrument_duplicate_id" in {problem.code for problem in problems}


SHARED = """
text_status = {en = "draft"}
[[questions]]
id = "age"
kind = "choice"
text.en = "How old?"
choices = [{code = "1", label = {en = "young"}}, {code = "2", label = {en = "old"}}]
"""


def test_shared_questions_are_translated_whole(tmp_path: Path) -> None:
    path = tmp_path / "questions.toml"
    path.write_text(SHARED, encoding="utf-8")
    source = load_questions(path).source
    (tmp_path / "de").mkdir()
    german = tmp_path / "de" / "questions.toml"
    good = (
        f'language = "de"\nstatus = "adjudicated"\nsource = "{source}"\n[questions.age]\n'
        'text = "Wie alt?"\n[questions.age.choices]\n"1" = "jung"\n"2" = "alt"\n'
    )
    german.write_text(good, encoding="utf-8")
    loaded = load_questions(path)
    assert loaded.questions["age"].choices[1].label["de"] == "alt"
    assert loaded.text_status == {"en": "draft", "de": "adjudicated"}
    german.write_text(good.replace('"2" = "alt"', '"3" = "alt"'), encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        load_questions(path)
    found = {(problem.code, problem.column) for problem in caught.value.problems}
    assert found == {
        ("instrument_unknown_item", "questions.age.choices"),
        ("instrument_translation_incomplete", "questions.age.choices.2"),
    }


FORM = """
id = "mini"
version = "1"
text_status = {en = "draft"}
title.en = "Mini"
consent.en = "Yes?"
arms = ["participant"]
ask = ["gender"]
[[blocks]]
instrument = "tw_anx"
waves = ["pre"]
title.en = "Guests"
[[questions]]
id = "why"
kind = "open"
text.en = "Why?"
"""


def test_a_form_has_translations_of_its_own(tmp_path: Path) -> None:
    catalogue = load_catalogue(surveys_dir() / "own")
    path = tmp_path / "mini.toml"
    path.write_text(FORM, encoding="utf-8")
    assert [question.id for question in load_form(path, catalogue).questions] == ["gender", "why"]
    (tmp_path / "xx").mkdir()
    german = (
        'language = "xx"\nform = "mini"\nstatus = "draft"\ntitle = "Klein"\nconsent = "Ja?"\n'
        '[blocks.tw_anx]\ntitle = "Gäste"\n[questions.why]\ntext = "Warum?"\n'
    )
    (tmp_path / "xx" / "mini.toml").write_text(german, encoding="utf-8")
    form = load_form(path, catalogue)
    assert form.languages() == ("en", "xx")
    assert (form.title["xx"], form.blocks[0].title["xx"]) == ("Klein", "Gäste")
    (tmp_path / "xx" / "mini.toml").write_text(
        german.replace('title = "Gäste"', "").replace("[questions.why]", "[questions.who]"),
        encoding="utf-8",
    )
    with pytest.raises(DefinitionError) as caught:
        load_form(path, catalogue)
    codes = {problem.code for problem in caught.value.problems}
    assert codes == {"instrument_translation_incomplete", "instrument_unknown_item"}


def test_fixed_words_keep_their_placeholders(tmp_path: Path) -> None:
    english = (surveys_dir() / "shared" / "words.toml").read_text(encoding="utf-8")
    path = tmp_path / "words.toml"
    path.write_text(english, encoding="utf-8")
    (tmp_path / "xx").mkdir()
    table = english[english.index("[words]") :]
    other = f'language = "xx"\nstatus = "draft"\n{table}'
    (tmp_path / "xx" / "words.toml").write_text(other, encoding="utf-8")
    words = load_words(path)
    assert words.text("xx", "page", {"page": 1, "pages": 2}) == "Page 1 of 2"
    with pytest.raises(KeyError):
        words.text("yy", "page")
    (tmp_path / "xx" / "words.toml").write_text(
        other.replace("of {pages}", "of {all}"), encoding="utf-8"
    )
    with pytest.raises(DefinitionError) as caught:
        load_words(path)
    assert [problem.code for problem in caught.value.problems] == ["instrument_placeholder"]


def test_a_form_that_looks_back_is_short_and_stands_alone(tmp_path: Path) -> None:
    catalogue = load_catalogue(surveys_dir() / "own")
    path = tmp_path / "mini.toml"
    for waves, instrument in (('["retro_pre", "post"]', "tw_anx"), ('["retro_pre"]', "tw_acts")):
        text = FORM.replace('["pre"]', waves).replace("tw_anx", instrument)
        path.write_text(text, encoding="utf-8")
        with pytest.raises(DefinitionError) as caught:
            load_form(path, catalogue)
        assert [problem.code for problem in caught.value.problems] == ["form_then_items"]
