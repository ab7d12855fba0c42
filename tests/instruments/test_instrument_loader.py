"""Every rule of an instrument file is kept, and every fault is told with its field."""

from __future__ import annotations

from pathlib import Path

import pytest

from twinimpact.errors import DefinitionError
from twinimpact.instruments import conditions, load_instrument, read_instrument, usual_min_valid

HEAD = """
id = "demo"
kind = "own"
version = "1.0.0"
title = "Demo"
status_label = "new, not validated"
key_status = "new"
licence = {spdx = "CC-BY-4.0", tier = "own"}
range = [0, 10]
missing = [88]
"""
ITEMS = """
[[items]]
id = "demo_a"
label.en = "First"
text.en = "How is life {town:in}?"
low.en = "bad"
high.en = "good"

[[items]]
id = "demo_b"
label.en = "Second"
text.en = "And there?"
low.en = "bad"
high.en = "good"
reverse = true
"""
SCALES = """
[[scales]]
id = "demo"
title.en = "Demonstration"
items = ["demo_a", "demo_b"]
"""
SOUND = HEAD + ITEMS + SCALES


def write(folder: Path, text: str, name: str = "demo.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def faults(folder: Path, text: str) -> dict[str, str]:
    """Code of each fault to the first field it names."""
    _, problems = read_instrument(write(folder, text))
    assert all(problem.file == "demo.toml" for problem in problems)
    assert all(problem.what() and problem.hint() for problem in problems)
    return {problem.code: problem.column for problem in reversed(problems)}


def test_a_sound_file_gives_the_instrument_with_conventions_filled_in(tmp_path: Path) -> None:
    instrument = load_instrument(write(tmp_path, SOUND))
    scale = instrument.scales[0]
    assert (scale.method, scale.min_valid, scale.direction) == ("mean", 2, "better")
    assert (scale.lo, scale.hi, scale.unit) == (0.0, 10.0, "points")
    assert scale.reverse == frozenset({"demo_b"})
    assert scale.short_label("en") == "Demonstration"
    assert instrument.items[0].missing == (88,)
    assert instrument.languages() == ("en",)
    assert len(instrument.sha256) == 64


def test_labels_fall_back_to_english_and_then_to_the_id(tmp_path: Path) -> None:
    instrument = load_instrument(write(tmp_path, SOUND))
    assert instrument.items[0].label("de") == "First"
    assert instrument.scales[0].label("pt-BR") == "Demonstration"
    key = load_instrument(write(tmp_path, KEY))
    assert key.items[0].label("en") == "demo_1"


KEY = """
id = "demo"
kind = "key"
version = "1.0.0"
title = "A published scale"
status_label = "published"
key_status = "ship"
licence = {spdx = "CC-BY-4.0", tier = "green", checked_on = "2026-01-31"}
range = [1, 5]
items = [{id = "demo_1", source_no = "1"}, {id = "demo_2"}, {id = "demo_3", reverse = true}]
scales = [{id = "demo", items = ["demo_1", "demo_2", "demo_3"]}]
reliability = [{scale = "demo", coef = "alpha", value = 0.71, n = 300, source = "table 2"}]
norms = [{scale = "demo", m = 3, sd = 0.6, n = 300, source = "table 3"}]
"""


def test_a_key_holds_facts_only(tmp_path: Path) -> None:
    key = load_instrument(write(tmp_path, KEY))
    assert key.tier == "green"
    assert key.text_sha256 == {}
    with_text = KEY.replace('source_no = "1"', 'text = {en = "borrowed"}')
    assert faults(tmp_path, with_text) == {"instrument_key_has_text": "items.demo_1.text"}
    with_label = KEY.replace('source_no = "1"', 'label = {en = "borrowed"}')
    assert "instrument_key_has_text" in faults(tmp_path, with_label)
    told = KEY.replace("range", 'instructions = {en = "borrowed"}\nrange')
    assert faults(tmp_path, told) == {"instrument_key_has_text": "instructions"}


def test_a_green_licence_that_nobody_has_read_counts_as_amber(tmp_path: Path) -> None:
    unread = KEY.replace('"2026-01-31"', '""')
    assert load_instrument(write(tmp_path, unread)).tier == "amber"


@pytest.mark.parametrize("status", ["check", "none"])
def test_an_unchecked_key_is_refused_outside_development(tmp_path: Path, status: str) -> None:
    path = write(tmp_path, KEY.replace('"ship"', f'"{status}"'))
    with pytest.raises(DefinitionError) as caught:
        load_instrument(path)
    assert [problem.code for problem in caught.value.problems] == ["instrument_not_ready"]
    assert load_instrument(path, development=True).id == "demo"


@pytest.mark.parametrize(
    ("old", "new", "code", "field"),
    [
        ('version = "1.0.0"', "", "instrument_missing_field", "version"),
        ("missing = [88]", "missing = [88]\nmissin = 1", "instrument_unknown_field", "missin"),
        (
            'label.en = "First"',
            'labl.en = "First"',
            "instrument_unknown_field",
            "items.demo_a.labl",
        ),
        ("range = [0, 10]", "range = [10, 0]", "instrument_wrong_type", "range"),
        ("missing = [88]", 'missing = "88"', "instrument_wrong_type", "missing"),
        ("reverse = true", "reverse = 1", "instrument_wrong_type", "items.demo_b.reverse"),
        ("range = [0, 10]", "", "instrument_range_missing", "items.demo_a"),
        (
            "missing = [88]",
            "missing = [7]",
            "instrument_missing_code_inside",
            "items.demo_a.missing",
        ),
        ("missing = [88]", 'recode = {"1" = 11}', "instrument_code_outside", "items.demo_a.recode"),
        (
            'low.en = "bad"\nhigh.en = "good"\n\n',
            'anchors.en = {"0" = "bad", "10" = "good", "11" = "odd"}\n\n',
            "instrument_code_outside",
            "items.demo_a.anchors",
        ),
        ('kind = "own"', 'kind = "mine"', "instrument_wrong_value", "kind"),
        ('tier = "own"', 'tier = "free"', "instrument_wrong_value", "licence.tier"),
        ('key_status = "new"', 'key_status = "done"', "instrument_wrong_value", "key_status"),
        ('id = "demo_a"', 'id = "Demo A"', "instrument_wrong_value", "items.Demo A.id"),
        ('id = "demo_b"', 'id = "demo_a"', "instrument_duplicate_id", "items"),
        (
            '"demo_a", "demo_b"]',
            '"demo_a", "demo_c"]',
            "instrument_unknown_item",
            "scales.demo.items",
        ),
        (
            "[[scales]]",
            "[[scales]]\nmin_valid = 3",
            "instrument_min_valid",
            "scales.demo.min_valid",
        ),
        (
            "[[scales]]",
            "[[scales]]\nmin_valid = 1",
            "instrument_min_valid_unexplained",
            "scales.demo.min_valid",
        ),
        ("[[scales]]", '[[scales]]\nmethod = "count"', "instrument_method", "scales.demo"),
        ("[[scales]]", '[[scales]]\nmethod = "value"', "instrument_method", "scales.demo"),
        (
            "[[scales]]",
            '[[scales]]\nmethod = "median"',
            "instrument_wrong_value",
            "scales.demo.method",
        ),
        ("[[scales]]", '[[scales]]\nrole = "main"', "instrument_wrong_value", "scales.demo.role"),
        ('label.en = "Second"', "", "instrument_translation_incomplete", "items.demo_b.label"),
        (
            'label.en = "First"',
            'label = {en = "First", de = "Erstes"}',
            "instrument_translation_incomplete",
            "items.demo_a.text",
        ),
        (
            'low.en = "bad"\nhigh.en = "good"\nreverse',
            "reverse",
            "instrument_translation_incomplete",
            "items.demo_b.low",
        ),
        (
            'label.en = "First"',
            f'label.en = "{"x" * 61}"',
            "instrument_label_too_long",
            "items.demo_a.label.en",
        ),
        (
            'title.en = "Demonstration"',
            f'title.en = "{"x" * 29}"',
            "instrument_label_too_long",
            "scales.demo.short_title.en",
        ),
        (
            'label.en = "First"',
            'label.en = "Life {town:in}"',
            "instrument_placeholder",
            "items.demo_a.label.en",
        ),
        ("{town:in}", "{city:in}", "instrument_placeholder", "items.demo_a.text.en"),
        ("{town:in}", "{town", "instrument_placeholder", "items.demo_a.text.en"),
        ("reverse = true", 'relevant = "demo_a"', "instrument_condition", "items.demo_b.relevant"),
        (
            "reverse = true",
            'relevant = "demo_x > 0"',
            "instrument_unknown_item",
            "items.demo_b.relevant",
        ),
        ("reverse = true", 'not_above = "x"', "instrument_unknown_item", "items.demo_b.not_above"),
        ("range = [0", "range = 0", "instrument_unreadable", ""),
    ],
)
def test_a_fault_is_told_with_its_code_and_field(
    tmp_path: Path, old: str, new: str, code: str, field: str
) -> None:
    assert old in SOUND
    found = faults(tmp_path, SOUND.replace(old, new, 1))
    assert found.get(code) == field


def test_figures_need_a_source_and_a_scale_that_has_a_reliability(tmp_path: Path) -> None:
    unsourced = KEY.replace(', source = "table 3"', "")
    assert faults(tmp_path, unsourced) == {"instrument_number_without_source": "norms.1"}
    single = KEY.replace('"demo_1", "demo_2", "demo_3"]', '"demo_1"]')
    assert faults(tmp_path, single) == {"instrument_no_reliability": "reliability.1"}
    formative = KEY.replace('items = ["demo_1"', 'formative = true, items = ["demo_1"')
    assert faults(tmp_path, formative) == {"instrument_no_reliability": "reliability.1"}
    unknown = KEY.replace('norms = [{scale = "demo"', 'norms = [{scale = "other"')
    assert faults(tmp_path, unknown) == {"instrument_unknown_item": "norms.1"}


def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    text = SOUND.replace("[0, 10]", '"wide"').replace('kind = "own"', 'kind = "x"')
    with pytest.raises(DefinitionError) as caught:
        load_instrument(write(tmp_path, text))
    assert len(caught.value.problems) >= 3
    assert "demo.toml" in str(caught.value)


def test_a_change_of_scoring_needs_a_new_version(tmp_path: Path) -> None:
    recorded = load_instrument(write(tmp_path, SOUND)).sha256
    entry = f'amendments = [{{version = "1.0.0", sha256 = "{recorded}", change = "first"}}]\n'
    text = HEAD + entry + ITEMS + SCALES
    assert faults(tmp_path, text) == {}
    assert faults(tmp_path, text.replace("reverse = true", "")) == {
        "instrument_hash_differs": "demo"
    }
    newer = text.replace('version = "1.0.0"\n', 'version = "1.1.0"\n', 1)
    assert faults(tmp_path, newer) == {"instrument_version": "version"}


def test_a_change_of_wording_needs_a_new_text_hash_but_keeps_the_scoring_hash(
    tmp_path: Path,
) -> None:
    before = load_instrument(write(tmp_path, SOUND))
    reworded = SOUND.replace("And there?", "And over there?")
    after = load_instrument(write(tmp_path, reworded))
    assert after.sha256 == before.sha256
    assert after.text_sha256 != before.text_sha256
    entry = f'text_sha256 = {{en = "{before.text_sha256["en"]}"}}\n'
    assert faults(tmp_path, HEAD + entry + ITEMS + SCALES) == {}
    changed = HEAD + entry + ITEMS.replace("And there?", "And over there?") + SCALES
    assert faults(tmp_path, changed) == {"instrument_text_hash_differs": "text_sha256.en"}


def test_a_file_that_is_not_text_is_a_fault_not_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "demo.toml"
    path.write_bytes(b"\xff\xfe\x00id")
    instrument, problems = read_instrument(path)
    assert instrument is None
    assert [problem.code for problem in problems] == ["instrument_unreadable"]
    _, problems = read_instrument(tmp_path / "absent.toml")
    assert [problem.code for problem in problems] == ["instrument_unreadable"]


def test_the_convention_for_minimal_answers() -> None:
    assert [usual_min_valid(k) for k in range(1, 10)] == [1, 2, 2, 3, 4, 4, 5, 6, 6]


def test_conditions_are_item_operator_number() -> None:
    parts = conditions("tw_contact_q1 > 0 and tw_contact_q1 != 88")
    assert [(part.item, part.operator, part.value) for part in parts] == [
        ("tw_contact_q1", ">", 0),
        ("tw_contact_q1", "!=", 88),
    ]
    with pytest.raises(ValueError, match="x or y"):
        conditions("x or y")


def test_an_item_says_which_codes_it_takes(tmp_path: Path) -> None:
    item = load_instrument(write(tmp_path, SOUND)).items[0]
    assert item.accepts(0)
    assert not item.accepts(88)
    assert item.allowed() == "0..10"
    recoded = SOUND.replace("missing = [88]", 'recode = {"2" = 0, "1" = 1}')
    item = load_instrument(write(tmp_path, recoded)).items[0]
    assert item.accepts(2)
    assert not item.accepts(0)
    assert item.allowed() == "1 or 2"
