"""The XLSForm: its sheets, what pyxform says, equal bytes."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import pytest
from questionnaire_data import (
    FORMS,
    NINE,
    catalogue_of,
    copy_surveys,
    languages_of,
    plan_of,
    sources_of,
    translate_all,
)

from twinimpact.errors import DefinitionError
from twinimpact.instruments import Catalogue
from twinimpact.questionnaire import form_version, lint_form, make_plan
from twinimpact.questionnaire.languages import display_name
from twinimpact.questionnaire.validation import compile_form
from twinimpact.questionnaire.xlsform import form_sheets, write_xlsform

needs_pyxform = pytest.mark.skipif(
    importlib.util.find_spec("pyxform") is None, reason="pyxform is not installed"
)
needs_java = pytest.mark.skipif(
    shutil.which("java") is None, reason="ODK Validate needs Java, which is not here"
)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return catalogue_of()


def rows_of(sheet: list[list[str]]) -> list[dict[str, str]]:
    return [dict(zip(sheet[0], row, strict=True)) for row in sheet[1:]]


@needs_pyxform
@pytest.mark.parametrize("form", FORMS)
def test_every_form_compiles_in_all_its_languages_and_passes_our_linter(
    form: str, catalogue: Catalogue, tmp_path: Path
) -> None:
    sources = sources_of(form, catalogue)
    languages = languages_of(sources)
    for wave in sources.form.wave_kinds():
        plan = make_plan(sources, languages=languages, wave=wave)
        path = tmp_path / f"{plan.name()}.xlsx"
        write_xlsform(plan, path)
        compiled = compile_form(path, validate=False)
        assert compiled.ran
        assert compiled.warnings == ()
        assert lint_form(path, catalogue) == ()


@pytest.fixture(scope="module")
def nine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped definitions in nine languages, made up where no translation is shipped."""
    root = copy_surveys(tmp_path_factory.mktemp("nine"))
    for language in NINE[1:]:
        if not any(root.glob(f"*/{language}")):
            translate_all(root, language)
    return root


@needs_pyxform
@pytest.mark.parametrize("form", FORMS)
def test_every_form_compiles_in_nine_languages_with_its_drafts_marked(
    form: str, nine: Path, tmp_path: Path
) -> None:
    catalogue = catalogue_of(nine)
    sources = sources_of(form, catalogue, nine)
    languages = languages_of(sources)
    if languages != NINE:
        pytest.skip(f"not every shipped translation of {form} is complete: {languages}")
    plan = make_plan(sources, languages=NINE, wave=sources.form.wave_kinds()[0])
    path = tmp_path / "form.xlsx"
    write_xlsform(plan, path)
    assert compile_form(path, validate=False).warnings == ()
    assert lint_form(path, catalogue) == ()
    sheets = form_sheets(plan)
    labels = [head for head in sheets["survey"][0] if head.startswith("label::")]
    assert labels == [f"label::{display_name(language)}" for language in NINE]
    (settings,) = rows_of(sheets["settings"])
    assert settings["form_title"].endswith(f"[draft: {', '.join(NINE)}]")
    first = next(row for row in rows_of(sheets["survey"]) if row["name"] == "introduction")
    for language in NINE:
        note = sources.words.text(language, "draft_note")
        assert note in first[f"label::{display_name(language)}"]


@needs_pyxform
@needs_java
@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_odk_validate_accepts_every_form(form: str, catalogue: Catalogue, tmp_path: Path) -> None:
    sources = sources_of(form, catalogue)
    wave = sources.form.wave_kinds()[-1]
    path = tmp_path / "form.xlsx"
    write_xlsform(make_plan(sources, languages=languages_of(sources), wave=wave), path)
    assert compile_form(path).validated


def test_questions_are_named_by_item_and_codes_are_text(catalogue: Catalogue) -> None:
    sheets = form_sheets(plan_of("core_participant", "pre", catalogue))
    survey = {row["name"]: row for row in rows_of(sheets["survey"]) if row["name"]}
    item = survey["tw_civic_r1"]
    assert item["type"] == "select_one tw_civic_r1_answers"
    assert item["appearance"] == "likert"
    assert (item["twin_item"], item["twin_scale"]) == ("tw_civic_r1", "tw_civic")
    choices = [row for row in rows_of(sheets["choices"])
               if row["list_name"] == "tw_civic_r1_answers"]  # fmt: skip
    assert [row["name"] for row in choices] == [*map(str, range(11)), "88"]
    assert choices[0]["label::English (en)"] == "0 – no share"
    assert survey["tw_friends_f1"]["constraint"] == "(. >= 0 and . <= 99) or . = 888"
    assert survey["tw_thermo_th1"]["constraint"] == "(. >= 0 and . <= 100) or . = 888"
    assert survey["code_day"]["constraint"] == "regex(., '^[0-9]{2}$')"
    assert survey["wave"] == {**survey["wave"], "type": "hidden", "default": "pre"}
    assert "88" in survey["tw_contact_q3"]["relevant"]


def test_settings_carry_draft_mark_version_and_a_language_that_exists(
    catalogue: Catalogue,
) -> None:
    plan = plan_of("core_participant", "pre", catalogue)
    sheets = form_sheets(plan)
    (settings,) = rows_of(sheets["settings"])
    assert settings["form_title"].endswith("[draft: en]")
    assert settings["version"] == form_version(plan)
    assert f"label::{settings['default_language']}" in sheets["survey"][0]
    introduction = next(row for row in rows_of(sheets["survey"]) if row["name"] == "introduction")
    assert "draft" in introduction["label::English (en)"]


def test_the_scoring_sheet_says_how_each_item_counts(catalogue: Catalogue) -> None:
    rows = rows_of(form_sheets(plan_of("organiser", "single", catalogue))["scoring"])
    reverse = {row["item"] for row in rows if row["reverse"] == "yes"}
    assert reverse == {f"tw_health_{facet}4" for facet in "abcd"}
    total = [row for row in rows if row["scale"] == "tw_health_total"]
    assert {row["parts"] for row in total} == {
        "tw_health_mutual tw_health_comm tw_health_aims tw_health_part"
    }
    assert {row["status"] for row in rows} == {"new, not validated"}


def test_refusing_ends_the_questionnaire(catalogue: Catalogue) -> None:
    rows = rows_of(form_sheets(plan_of("youth", "pre", catalogue))["survey"])
    by_name = {row["name"]: row for row in rows if row["name"]}
    assert by_name["questionnaire"]["relevant"] == "${consent} = 'yes'"
    assert by_name["after_parental_consent"]["relevant"] == "${parental_consent} = 'yes'"
    kinds = [row["type"] for row in rows]
    assert kinds.count("begin_group") == kinds.count("end_group")


def test_each_fact_of_exchange_has_its_evidence(catalogue: Catalogue) -> None:
    rows = rows_of(form_sheets(plan_of("organiser", "single", catalogue))["survey"])
    names = [row["name"] for row in rows]
    assert names.index("tw_exch_k1_evidence") == names.index("tw_exch_k1") + 1
    assert "tw_exch_year_evidence" not in names


def test_equal_plans_give_equal_bytes(catalogue: Catalogue, tmp_path: Path) -> None:
    plan = plan_of("then", "retro_pre", catalogue)
    for name in ("a.xlsx", "b.xlsx"):
        write_xlsform(plan, tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_without_pyxform_nothing_is_claimed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    compiled = compile_form(tmp_path / "any.xlsx")
    assert (compiled.ran, compiled.validated) == (False, False)


@needs_pyxform
def test_what_pyxform_refuses_is_told_in_our_words(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "bad.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("survey")
    sheet.write_row(0, 0, ["type", "name", "label"])
    sheet.write_row(1, 0, ["select_one nowhere", "a", "A"])
    book.close()
    with pytest.raises(DefinitionError, match="does not compile"):
        compile_form(path, validate=False)
