"""Form files are read as strictly as instruments."""

from __future__ import annotations

from pathlib import Path

import pytest

from twinimpact.errors import DefinitionError
from twinimpact.instruments import Catalogue, load_catalogue, load_form
from twinimpact.resources import surveys_dir

SOUND = """
id = "demo"
version = "1"
title.en = "Demo"
arms = ["participant"]

[[blocks]]
instrument = "tw_anx"
waves = ["pre"]

[[questions]]
id = "gender"
kind = "choice"
column = "gender"
text.en = "Gender?"
choices = [{code = "female", label = {en = "female"}}]
"""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(surveys_dir() / "own")


def test_a_block_without_items_asks_the_whole_instrument(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    path = tmp_path / "demo.toml"
    path.write_text(SOUND, encoding="utf-8")
    form = load_form(path, catalogue)
    assert form.items("pre") == ("tw_anx_x1", "tw_anx_x2")
    assert form.items("post") == ()
    assert form.label("de") == "Demo"
    assert form.questions[0].choices[0].code == "female"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('"tw_anx"', '"tw_anxx"', "instrument_not_found"),
        ('waves = ["pre"]', 'waves = ["before"]', "instrument_wrong_value"),
        ('waves = ["pre"]', 'waves = ["pre"]\nitems = ["tw_anx_x9"]', "instrument_unknown_item"),
        ('arms = ["participant"]', 'arms = ["people"]', "instrument_wrong_value"),
        ('column = "gender"', 'column = "sex"', "instrument_wrong_value"),
        ('code = "female"', 'code = "woman"', "instrument_wrong_value"),
        ('version = "1"', "", "instrument_missing_field"),
        ('version = "1"', 'version = "1"\nvers = "2"', "instrument_unknown_field"),
        (
            "[[questions]]",
            '[[blocks]]\ninstrument = "tw_anx"\nwaves = ["pre"]\n\n[[questions]]',
            "instrument_duplicate_id",
        ),
        ('id = "demo"', "id = demo", "instrument_unreadable"),
    ],
)
def test_a_fault_in_a_form_is_told(
    tmp_path: Path, catalogue: Catalogue, old: str, new: str, code: str
) -> None:
    path = tmp_path / "demo.toml"
    path.write_text(SOUND.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        load_form(path, catalogue)
    assert code in {problem.code for problem in caught.value.problems}
