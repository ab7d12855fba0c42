"""Overlays: licensed wording outside the package, which can change no score."""

from __future__ import annotations

from pathlib import Path

import pytest

from twinimpact.errors import DefinitionError
from twinimpact.instruments import Catalogue, load_catalogue, load_site, overlay_template
from twinimpact.resources import surveys_dir

KEYS = surveys_dir() / "keys"


@pytest.fixture(scope="module")
def keys() -> Catalogue:
    return load_catalogue(KEYS)


def filled(keys: Catalogue, instrument: str = "kusiv3", language: str = "de") -> str:
    """The template with made-up words in place of a published scale's."""
    text = overlay_template(keys.instrument(instrument), language)
    lines = []
    for number, line in enumerate(text.splitlines()):
        if line.startswith("licence_statement"):
            line = 'licence_statement = "written for this test"'
        elif line.endswith('= ""') and "instructions" not in line:
            line = line.replace('""', f'"made-up words {number}"')
        lines.append(line)
    return "\n".join(lines)


def load(path: Path, text: str, development: bool = False) -> Catalogue:
    path.write_text(text, encoding="utf-8")
    return load_catalogue(KEYS, overlays=(path,), development=development)


def codes(path: Path, text: str) -> dict[str, str]:
    with pytest.raises(DefinitionError) as caught:
        load(path, text)
    assert all(problem.what() and problem.hint() for problem in caught.value.problems)
    return {problem.code: problem.column for problem in caught.value.problems}


def test_the_template_is_empty_and_names_reversed_items(keys: Catalogue) -> None:
    template = overlay_template(keys.instrument("iss24"), "de")
    assert template.count('text = ""') == 24
    marked = [line for line in template.splitlines() if "reversed before scoring" in line]
    assert [int(line.split("]")[0].split("_")[1]) for line in marked] == [
        2, 4, 7, 9, 12, 15, 18, 20, 22,
    ]  # fmt: skip


def test_an_overlay_adds_words_and_changes_no_score(tmp_path: Path, keys: Catalogue) -> None:
    catalogue = load(tmp_path / "mine.toml", filled(keys))
    before, after = keys.instrument("kusiv3"), catalogue.instrument("kusiv3")
    assert catalogue.sha256 == keys.sha256
    assert after.items[0].text["de"].startswith("made-up words")
    assert after.items[1].anchors[1]["de"].startswith("made-up words")
    assert after.licensed == ("de",)
    assert after.askable("de")
    assert not before.askable("de")


def test_reports_print_codes_unless_printing_is_permitted(tmp_path: Path, keys: Catalogue) -> None:
    item = load(tmp_path / "a.toml", filled(keys)).items["kusiv3_1"]
    assert (item.label("de"), item.wording("de")) == ("kusiv3_1", "kusiv3_1")
    allowed = filled(keys).replace("permits_printing = false", "permits_printing = true")
    item = load(tmp_path / "b.toml", allowed).items["kusiv3_1"]
    assert item.label("de").startswith("made-up words")
    assert item.wording("de") == item.text["de"]


@pytest.mark.parametrize(
    ("old", "new", "code", "field"),
    [
        ("[items.kusiv3_2]", "[items.kusiv3_2]\nreverse = false", "overlay_changes_scoring",
         "items.kusiv3_2.reverse"),
        ("[anchors]", "range = [1, 7]\n[anchors]", "overlay_changes_scoring", "range"),
        ("[items.kusiv3_2]", "[items.kusiv3_9]", "instrument_unknown_item", "items"),
        ("definition_sha256 = \"", "definition_sha256 = \"0", "overlay_other_hash",
         "definition_sha256"),
        ('for_version = "1.0.0"', 'for_version = "0.9"', "overlay_other_version", "for_version"),
        ('instrument = "kusiv3"', 'instrument = "kusiv"', "instrument_not_found", "instrument"),
        ('licence_statement = "written for this test"', 'licence_statement = ""',
         "overlay_no_licence", "licence_statement"),
        ('lang = "de"', 'lang = "German"', "instrument_wrong_value", "lang"),
        ("permits_printing = false", 'permits_printing = "no"', "instrument_wrong_type",
         "permits_printing"),
        ('"5" = ', '"6" = ', "instrument_code_outside", "anchors"),
        ("[items.kusiv3_2]", "[items.kusiv3_2]\nhint = 1", "instrument_unknown_field",
         "items.kusiv3_2.hint"),
    ],
)  # fmt: skip
def test_a_faulty_overlay_is_refused(
    tmp_path: Path, keys: Catalogue, old: str, new: str, code: str, field: str
) -> None:
    text = filled(keys)
    assert old in text
    assert codes(tmp_path / "mine.toml", text.replace(old, new, 1)).get(code) == field


def test_an_overlay_needs_every_item_and_both_ends(tmp_path: Path, keys: Catalogue) -> None:
    lines = filled(keys).splitlines()
    lines = [line for line in lines if not line.startswith('"1" =')]
    last = max(number for number, line in enumerate(lines) if line.startswith("text ="))
    lines[last] = 'text = ""'
    path = tmp_path / "mine.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        load_catalogue(KEYS, overlays=(path,))
    fields = {problem.column for problem in caught.value.problems}
    assert fields == {"items.kusiv3_3.text", "anchors.1"}


RED = """
id = "guarded"
kind = "key"
version = "1"
title = "Guarded"
status_label = "published"
key_status = "ship"
licence = {tier = "red"}
range = [1, 2]
items = [{id = "guarded_1", source_no = "1"}]
scales = [{id = "guarded", items = ["guarded_1"]}]
"""


def test_the_strictest_tier_needs_a_named_permission(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.mkdir()
    (keys / "guarded.toml").write_text(RED, encoding="utf-8")
    text = filled(load_catalogue(keys), "guarded")
    path = tmp_path / "mine.toml"
    path.write_text(text.replace('permission_reference = ""', "", 1), encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        load_catalogue(keys, overlays=(path,))
    assert [problem.code for problem in caught.value.problems] == ["overlay_no_permission"]
    path.write_text(
        text.replace('permission_reference = ""', 'permission_reference = "letter 7"', 1),
        encoding="utf-8",
    )
    assert load_catalogue(keys, overlays=(path,)).instrument("guarded").licensed == ("de",)


def test_own_wording_takes_no_overlay(tmp_path: Path) -> None:
    own = load_catalogue(surveys_dir() / "own")
    with pytest.raises(DefinitionError, match="own wording"):
        overlay_template(own.instrument("tw_anx"), "de")
    path = tmp_path / "mine.toml"
    anx = own.instrument("tw_anx")
    path.write_text(
        f'instrument = "tw_anx"\nfor_version = "{anx.version}"\n'
        f'definition_sha256 = "{anx.sha256}"\nlang = "xx"\nlicence_statement = "mine"\n'
        '[anchors]\n"0" = "a"\n"10" = "b"\n[items.tw_anx_x1]\ntext = "a"\n'
        '[items.tw_anx_x2]\ntext = "b"\n',
        encoding="utf-8",
    )
    with pytest.raises(DefinitionError) as caught:
        load_catalogue(surveys_dir() / "own", overlays=(path,))
    assert [problem.code for problem in caught.value.problems] == ["overlay_of_own"]


def test_an_overlay_inside_the_package_is_refused(
    tmp_path: Path, keys: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(filled(keys), encoding="utf-8")
    monkeypatch.setattr("twinimpact.instruments.overlay.PACKAGE", tmp_path.resolve())
    with pytest.raises(DefinitionError) as caught:
        load_catalogue(KEYS, overlays=(path,))
    assert [problem.code for problem in caught.value.problems] == ["overlay_in_package"]


def test_shelves_give_only_what_is_asked_for() -> None:
    own, shelves = surveys_dir() / "own", (surveys_dir() / "optional", KEYS)
    plain = load_catalogue(own, shelves=shelves)
    assert "kusiv3" not in plain.scales
    more = load_catalogue(own, also=("kusiv3", "tw_lang"), shelves=shelves)
    assert set(more.scales) - set(plain.scales) == {
        "kusiv3", "tw_lang_intent", "tw_lang_use", "tw_lang_cando",
    }  # fmt: skip
    only = load_catalogue(own, use=("tw_anx",), also=("kusiv3",), shelves=shelves)
    assert set(only.scales) == {"tw_anx", "kusiv3"}
    with pytest.raises(DefinitionError) as caught:
        load_catalogue(own, also=("kusiv4",), shelves=shelves)
    assert [problem.got for problem in caught.value.problems] == ["kusiv4"]


SITE = """
id = "here"
town_id = "a"
partner_town_id = "b"
[en]
town = {name = "Here", in = "in Here"}
"""


def test_a_site_fills_the_forms_it_has_and_names_those_it_lacks(tmp_path: Path) -> None:
    path = tmp_path / "here.toml"
    path.write_text(SITE, encoding="utf-8")
    site = load_site(path)
    assert site.fill("Life {town:in}, {town}", "en") == ("Life in Here, Here", ())
    text, problems = site.fill("People {town:from}", "en")
    assert text == "People {town:from}"
    assert [(problem.code, problem.column) for problem in problems] == [
        ("site_form_missing", "en.town.from")
    ]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('id = "here"', "", "instrument_missing_field"),
        ("in = ", "inside = ", "instrument_unknown_field"),
        ('name = "Here", ', "", "instrument_missing_field"),
        ("town = {", "city = {", "instrument_unknown_field"),
        ("[en]", "[English]", "instrument_unknown_field"),
        ("[en]", "[en", "instrument_unreadable"),
    ],
)
def test_a_faulty_site_file_is_refused(tmp_path: Path, old: str, new: str, code: str) -> None:
    path = tmp_path / "here.toml"
    path.write_text(SITE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        load_site(path)
    assert code in {problem.code for problem in caught.value.problems}
