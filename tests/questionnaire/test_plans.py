"""From forms to plans: what is asked of whom, filled in, numbered and marked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from questionnaire_data import FORMS, catalogue_of, copy_surveys, languages_of, plan_of, sources_of

from twinimpact.errors import DefinitionError
from twinimpact.instruments import Catalogue, Site, load_questions, load_words, overlay_template
from twinimpact.instruments import load_catalogue as load
from twinimpact.questionnaire import Wanted, build_questionnaires, form_version, make_plan
from twinimpact.resources import surveys_dir


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return catalogue_of()


@pytest.mark.parametrize("form", FORMS)
def test_every_form_makes_a_plan_in_each_of_its_languages(form: str, catalogue: Catalogue) -> None:
    sources = sources_of(form, catalogue)
    languages = languages_of(sources)
    assert "en" in languages
    for wave in sources.form.wave_kinds():
        plan = make_plan(sources, languages=languages, wave=wave)
        for ask in plan.asks():
            assert set(ask.text) == set(languages), ask.id
            assert not any("{" in text for text in ask.text.values()), ask.id
            for answer in ask.answers:
                assert set(answer.label) == set(languages), (ask.id, answer.code)
        numbers = [ask.number for ask in plan.asks() if ask.number]
        assert numbers == list(range(1, len(numbers) + 1))
        names = [ask.id for ask in plan.asks()]
        assert len(set(names)) == len(names)


def test_a_list_is_the_declared_range_with_the_missing_code_last(catalogue: Catalogue) -> None:
    plan = plan_of("core_participant", "post", catalogue)
    asks = {ask.id: ask for ask in plan.asks()}
    assert [one.code for one in asks["tw_civic_r1"].answers] == [*map(str, range(11)), "88"]
    assert [one.code for one in asks["tw_react_m6"].answers] == [*map(str, range(-3, 4)), "88"]
    assert asks["tw_thermo_th1"].kind == "thermometer"
    assert (asks["tw_friends_f1"].kind, asks["tw_friends_f1"].missing) == ("number", "888")
    assert asks["tw_overlap_o1"].answers[0].image == "overlap_1.png"
    assert asks["tw_react_m7"].kind == "text"
    assert asks["town_id"].answers[0].code == "lindenfurt"


def test_a_condition_excludes_the_missing_code_and_is_said_in_words(catalogue: Catalogue) -> None:
    asks = {ask.id: ask for ask in plan_of("core_participant", "pre", catalogue).asks()}
    quality = asks["tw_contact_q3"]
    assert quality.relevant == "${tw_contact_q1} > 0 and ${tw_contact_q1} != 88"
    assert "more than thirty" in quality.only_if["en"]
    assert "none" not in quality.only_if["en"]
    assert str(asks["tw_contact_q1"].number) in quality.only_if["en"]


def test_only_scales_that_can_be_scored_are_listed(catalogue: Catalogue) -> None:
    youth = {row.scale for row in plan_of("youth", "pre", catalogue).scales}
    assert "tw_acts_youth" in youth
    assert "tw_eff_ext" not in youth
    organiser = plan_of("organiser", "single", catalogue).scales
    assert organiser[-1].scale == "tw_health_total"
    assert len(organiser[-1].parts) == 4


def test_the_comparison_group_is_not_asked_about_the_event(catalogue: Catalogue) -> None:
    sources = sources_of("youth", catalogue)
    participant = make_plan(sources, languages=("en",), wave="post", arm="participant")
    compared = make_plan(sources, languages=("en",), wave="post", arm="comparison_peer")
    assert any(ask.source == "tw_react" for ask in participant.asks())
    assert not any(ask.source == "tw_react" for ask in compared.asks())
    assert participant.name() == "youth-participant-post"


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"wave": "retro_pre"}, "asks nothing in this wave"),
        ({"arm": "resident_sample"}, "not for this group"),
        ({"languages": ("en", "xx")}, "not complete"),
        ({"languages": ()}, "No language"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    catalogue: Catalogue, wanted: dict[str, object], words: str
) -> None:
    asked = {"languages": ("en",), "wave": "pre", "arm": "", **wanted}
    with pytest.raises(DefinitionError, match=words):
        make_plan(sources_of("core_participant", catalogue), **asked)  # type: ignore[arg-type]


def test_a_form_of_a_name_that_the_site_lacks_is_an_error(catalogue: Catalogue) -> None:
    sources = sources_of("core_participant", catalogue)
    names = {"en": {name: {"name": "X", "in": "in X"} for name in sources.site.names["en"]}}
    poor = replace(sources, site=replace(sources.site, names=names))
    with pytest.raises(DefinitionError) as caught:
        make_plan(poor, languages=("en",), wave="pre")
    assert {problem.code for problem in caught.value.problems} == {"site_form_missing"}
    fields = {problem.column for problem in caught.value.problems}
    assert {"en.partner_country.from", "en.town.of", "en.partner_town.of"} <= fields
    nameless = replace(sources, site=Site(id="x", names=sources.site.names))
    with pytest.raises(DefinitionError, match="which towns"):
        make_plan(nameless, languages=("en",), wave="pre")


def test_the_version_follows_meaning_not_wording(catalogue: Catalogue, tmp_path: Path) -> None:
    plan = plan_of("core_participant", "pre", catalogue)
    root = copy_surveys(tmp_path)
    path = root / "own" / "tw_anx.toml"
    text = path.read_text(encoding="utf-8")
    marked = [line for line in text.splitlines() if not line.startswith("text_sha256")]
    reworded = "\n".join(marked).replace("How tense", "How very tense")
    path.write_text(reworded, encoding="utf-8")
    sources = replace(sources_of("core_participant", catalogue), catalogue=catalogue_of(root))
    again = make_plan(sources, languages=("en",), wave="pre")
    assert any("very tense" in ask.text["en"] for ask in again.asks())
    assert form_version(again) == form_version(plan)
    assert form_version(plan_of("core_participant", "post", catalogue)) != form_version(plan)


def test_drafts_are_refused_for_fielding_and_marked_otherwise(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    sources = sources_of("then", catalogue)
    with pytest.raises(DefinitionError, match="not ready") as caught:
        build_questionnaires(sources, Wanted(), tmp_path)
    assert "en: draft" in caught.value.got
    assert not list(tmp_path.iterdir())
    plan = make_plan(sources, languages=("en",), wave="retro_pre")
    assert plan.marked_title("en").endswith("[draft: en]")


def test_checked_wording_carries_no_mark(tmp_path: Path) -> None:
    root = copy_surveys(tmp_path)
    for path in [*root.glob("own/*.toml"), *root.glob("forms/*.toml"), *root.glob("shared/*.toml")]:
        text = path.read_text(encoding="utf-8")
        path.write_text(
            text.replace('text_status = {en = "draft"}', 'text_status = {en = "adjudicated"}'),
            encoding="utf-8",
        )
    catalogue = catalogue_of(root)
    from twinimpact.instruments import load_form

    form = load_form(
        root / "forms" / "then.toml", catalogue, load_questions(root / "shared/questions.toml")
    )
    sources = replace(
        sources_of("then", catalogue), form=form, words=load_words(root / "shared/words.toml")
    )
    plan = make_plan(sources, languages=("en",), wave="retro_pre")
    assert plan.status == {"en": "adjudicated"}
    assert plan.drafts() == ()
    assert "draft" not in plan.marked_title("en")
    built = build_questionnaires(sources, Wanted(), tmp_path / "out")
    assert [path.suffix for path in built[0].files] == [".xlsx", ".pdf", ".docx", ".csv", ".md"]


LICENSED_FORM = """
id = "trusting"
version = "1"
text_status = {en = "draft"}
title.en = "Trust"
arms = ["participant"]
[[blocks]]
instrument = "kusiv3"
waves = ["pre"]
title.en = "People"
"""


def test_licensed_wording_is_asked_and_marked_but_never_listed(tmp_path: Path) -> None:
    from twinimpact.instruments import load_form
    from twinimpact.questionnaire.codebook import codebook_rows
    from twinimpact.questionnaire.paper import paper_content
    from twinimpact.questionnaire.xlsform import form_sheets

    keys = load(surveys_dir() / "keys")
    text = overlay_template(keys.instrument("kusiv3"), "en")
    text = text.replace('licence_statement = ""', 'licence_statement = "for this test"')
    text = text.replace('text = ""', 'text = "Borrowed sentence"')
    text = text.replace('"1" = ""', '"1" = "left"').replace('"5" = ""', '"5" = "right"')
    overlay = tmp_path / "mine.toml"
    overlay.write_text(text, encoding="utf-8")
    form_path = tmp_path / "trusting.toml"
    form_path.write_text(LICENSED_FORM, encoding="utf-8")
    catalogue = load(surveys_dir() / "keys", overlays=(overlay,))
    base = sources_of("then", catalogue_of())
    sources = replace(base, catalogue=catalogue, form=load_form(form_path, catalogue))
    plan = make_plan(sources, languages=("en",), wave="pre")
    sheets = form_sheets(plan)
    about = {row[0]: row[1] for row in sheets["about"]}
    assert "do not redistribute" in about["licence"]
    assert any("Borrowed sentence" in cell for row in sheets["survey"] for cell in row)
    assert not any("Borrowed" in cell for row in codebook_rows(plan) for cell in row)
    assert any("do not redistribute" in note for note in paper_content(plan, "en")["notes"])
    without = replace(sources, catalogue=keys, form=load_form(form_path, keys))
    with pytest.raises(DefinitionError, match="not complete"):
        make_plan(without, languages=("en",), wave="pre")
