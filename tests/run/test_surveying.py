"""Questionnaires and overlays of an evaluation folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from twinimpact.errors import DefinitionError
from twinimpact.instruments import load_catalogue, overlay_template
from twinimpact.language import translator
from twinimpact.questionnaire import Wanted
from twinimpact.resources import surveys_dir
from twinimpact.run import build_survey, built_sentences, load_project
from twinimpact.run.surveying import every_instrument

SETTINGS = """
schema = 1
[evaluation]
id = "demo"
title = "Demo"
[instruments]
also = ["kusiv3", "tw_lang"]
overlays = ["wording/kusiv3-de.toml"]
"""


@pytest.fixture
def evaluation(tmp_path: Path) -> Path:
    keys = load_catalogue(surveys_dir() / "keys")
    text = overlay_template(keys.instrument("kusiv3"), "de")
    text = text.replace('licence_statement = ""', 'licence_statement = "for this test"')
    text = text.replace('text = ""', 'text = "Satz"').replace('"1" = ""', '"1" = "links"')
    (tmp_path / "wording").mkdir()
    (tmp_path / "wording" / "kusiv3-de.toml").write_text(
        text.replace('"5" = ""', '"5" = "rechts"'), encoding="utf-8"
    )
    (tmp_path / "evaluation.toml").write_text(SETTINGS, encoding="utf-8")
    return tmp_path


def test_settings_add_optional_sets_keys_and_licensed_wording(evaluation: Path) -> None:
    catalogue = load_project(evaluation).catalogue
    assert {"kusiv3", "tw_lang_use", "tw_civic"} <= set(catalogue.scales)
    assert "prica" not in catalogue.scales
    assert catalogue.items["kusiv3_1"].text["de"] == "Satz"
    assert catalogue.items["kusiv3_1"].label("de") == "kusiv3_1"
    assert every_instrument(evaluation).instrument("kusiv3").licensed == ("de",)


def test_a_questionnaire_of_an_own_instrument_is_built(evaluation: Path) -> None:
    form = evaluation / "trust.toml"
    form.write_text(
        'id = "trust"\nversion = "1"\ntext_status = {en = "draft"}\ntitle.en = "Trust"\n'
        'arms = ["participant"]\n[[blocks]]\ninstrument = "tw_lang"\nwaves = ["pre"]\n',
        encoding="utf-8",
    )
    built = build_survey(
        str(form), "example", Wanted(allow_draft=True), evaluation / "out", evaluation
    )
    sentences = built_sentences(built, translator("en"))
    assert any("Draft wording" in sentence for sentence in sentences)
    assert (evaluation / "out" / "trust-pre.xlsx").is_file()
    with pytest.raises(DefinitionError, match="no file of this name"):
        build_survey("trusts", "example", Wanted(), evaluation / "out")
