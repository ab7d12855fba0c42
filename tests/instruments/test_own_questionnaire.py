"""The shipped questionnaire keeps the keys and the wording rules it promises."""

from __future__ import annotations

import re

import pytest

from twinimpact.instruments import Catalogue, load_catalogue, load_form
from twinimpact.resources import surveys_dir

# id of a scale: items, range, missing codes, method, minimal answers, direction
KEYS = {
    "tw_civic": ("r1 r2 r3 r4", (0, 10), (88,), "mean", 3, "better"),
    "tw_eff_int": ("e1 e2", (0, 10), (88,), "mean", 2, "better"),
    "tw_eff_ext": ("e3 e4", (0, 10), (88,), "mean", 2, "better"),
    "tw_local_gtrust": ("g1", (0, 10), (88,), "mean", 1, "better"),
    "tw_local_council": ("g2", (0, 10), (88,), "mean", 1, "better"),
    "tw_attach_town": ("h1", (0, 10), (88,), "mean", 1, "better"),
    "tw_attach_country": ("h2", (0, 10), (88,), "mean", 1, "better"),
    "tw_attach_europe": ("h3", (0, 10), (88,), "mean", 1, "better"),
    "tw_contact_quantity": ("q1 q2", (0, 4), (88,), "mean", 2, "better"),
    "tw_contact_quality": ("q3 q4", (0, 10), (88,), "mean", 2, "better"),
    "tw_friends": ("f1", (0, 99), (888,), "value", 1, "better"),
    "tw_thermo": ("th1", (0, 100), (888,), "mean", 1, "better"),
    "tw_overlap": ("o1", (1, 7), (88,), "mean", 1, "better"),
    "tw_anx": ("x1 x2", (0, 10), (88,), "mean", 2, "worse"),
    "tw_trust": ("t1 t2", (0, 10), (88,), "mean", 2, "better"),
    "tw_conf": ("i1 i2 i3 i4", (0, 10), (88,), "mean", 3, "better"),
    "tw_acts_all": ("p1 p2 p3 p4 p5 p6 p7", (0, 1), (88,), "count", 5, "better"),
    "tw_acts_youth": ("p1 p3 p5 p6 p7", (0, 1), (88,), "count", 4, "better"),
    "tw_react_m1": ("m1", (0, 10), (88,), "mean", 1, "better"),
    "tw_react_m2": ("m2", (0, 10), (88,), "mean", 1, "better"),
    "tw_react_m3": ("m3", (0, 10), (88,), "mean", 1, "better"),
    "tw_react_m4": ("m4", (0, 10), (88,), "mean", 1, "better"),
    "tw_react_m5": ("m5", (0, 99), (888,), "value", 1, "better"),
    "tw_react_m6": ("m6", (-3, 3), (88,), "mean", 1, "better"),
    "tw_health_mutual": ("a1 a2 a3 a4", (1, 5), (88,), "mean", 3, "better"),
    "tw_health_comm": ("b1 b2 b3 b4", (1, 5), (88,), "mean", 3, "better"),
    "tw_health_aims": ("c1 c2 c3 c4", (1, 5), (88,), "mean", 3, "better"),
    "tw_health_part": ("d1 d2 d3 d4", (1, 5), (88,), "mean", 3, "better"),
}
HEALTH = " ".join(f"{facet}{number}" for facet in "abcd" for number in range(1, 5))
KEYS["tw_health_total"] = (HEALTH, (1, 5), (88,), "mean", 12, "better")
OPTIONAL = {
    "tw_lang_intent": ("n1", (0, 10), (88,), "mean", 1, "better"),
    "tw_lang_use": ("n2", (0, 4), (88,), "mean", 1, "better"),
    "tw_lang_cando": ("n3", (0, 10), (88,), "mean", 1, "better"),
    "tw_socdist": ("s1 s2 s3 s4 s5 s6 s7", (0, 1), (88,), "count", 5, "better"),
    "tw_thermo_other": ("th1", (0, 100), (888,), "mean", 1, "better"),
    "tw_easy_partner": ("v1 v2", (0, 4), (88,), "mean", 2, "better"),
    "tw_easy_nervous": ("v3", (0, 4), (88,), "mean", 1, "worse"),
    "tw_easy_talk": ("v4", (0, 4), (88,), "mean", 1, "better"),
    "tw_easy_local": ("v5 v6", (0, 4), (88,), "mean", 2, "better"),
    "tw_easy_town": ("v7", (0, 4), (88,), "mean", 1, "better"),
    "tw_easy_europe": ("v8", (0, 4), (88,), "mean", 1, "better"),
    "tw_easy_friends": ("v9", (0, 99), (888,), "value", 1, "better"),
    "tw_easy_help": ("v10", (0, 1), (88,), "count", 1, "better"),
    "tw_easy_event": ("v11", (0, 4), (88,), "mean", 1, "better"),
}
REVERSED = {"tw_health_a4", "tw_health_b4", "tw_health_c4", "tw_health_d4"}
NEGATION = re.compile(r"\b(not|no|never|nobody|nothing|none|without|don't|n't)\b", re.IGNORECASE)
PLACEHOLDER = re.compile(r"\{[^}]*\}")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(surveys_dir() / "own")


@pytest.fixture(scope="module")
def optional() -> Catalogue:
    return load_catalogue(surveys_dir() / "optional")


def keys_of(catalogue: Catalogue) -> dict[str, tuple[object, ...]]:
    found = {}
    for name, scale in catalogue.scales.items():
        items = [catalogue.items[item] for item in scale.items]
        found[name] = (
            " ".join(item.id.removeprefix(f"{item.instrument}_") for item in items),
            (items[0].lo, items[0].hi),
            items[0].missing,
            scale.method,
            scale.min_valid,
            scale.direction,
        )
    return found


def test_every_key_of_the_specification_is_there_and_no_other(
    catalogue: Catalogue, optional: Catalogue
) -> None:
    assert keys_of(catalogue) == KEYS
    assert keys_of(optional) == OPTIONAL
    assert catalogue.scales["tw_health_total"].parts == (
        "tw_health_mutual", "tw_health_comm", "tw_health_aims", "tw_health_part",
    )  # fmt: skip
    assert {item.id for item in catalogue.items.values() if item.reverse} == REVERSED


def test_only_the_acts_are_formative(catalogue: Catalogue) -> None:
    formative = {name for name, scale in catalogue.scales.items() if scale.formative}
    assert formative == {"tw_acts_all", "tw_acts_youth"}


def test_the_facts_of_exchange_are_listed_with_their_evidence_and_never_scored(
    catalogue: Catalogue,
) -> None:
    exchange = catalogue.instrument("tw_exch")
    assert exchange.scales == exchange.items == ()
    facts = {record.id.split("_")[2] for record in exchange.records} - {"year"}
    assert facts == {f"k{number}" for number in range(1, 9)}
    without = {record.id for record in exchange.records if not record.evidence}
    assert without == {"tw_exch_year", "tw_exch_k6_value"}


def test_the_open_reaction_is_a_record_beside_six_scored_ones(catalogue: Catalogue) -> None:
    react = catalogue.instrument("tw_react")
    assert [item.id for item in react.items] == [f"tw_react_m{number}" for number in range(1, 7)]
    assert [(record.id, record.kind) for record in react.records] == [("tw_react_m7", "text")]
    assert "tw_react_m7" not in catalogue.items  # open words have no column among the answers


def test_every_instrument_is_new_own_and_openly_licensed(
    catalogue: Catalogue, optional: Catalogue
) -> None:
    for instrument in (*catalogue.instruments, *optional.instruments):
        assert instrument.status_label == "new, not validated"
        assert (instrument.kind, instrument.tier, instrument.licence) == ("own", "own", "CC-BY-4.0")
        assert set(instrument.text_status.values()) == {"draft"}  # nobody has checked one yet
        assert "en" in instrument.languages()


@pytest.mark.parametrize("folder", ["own", "optional"])
def test_scoring_and_wording_of_every_file_are_recorded(folder: str) -> None:
    catalogue = load_catalogue(surveys_dir() / folder)
    for path in (surveys_dir() / folder).glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        instrument = catalogue.instrument(path.stem)
        assert f'sha256 = "{instrument.sha256}"' in text
        assert f'en = "{instrument.text_sha256["en"]}"' in text


def test_questions_are_short_and_without_negation(
    catalogue: Catalogue, optional: Catalogue
) -> None:
    records = [
        record for one in (*catalogue.instruments, *optional.instruments) for record in one.records
    ]
    for record in records:
        assert len(PLACEHOLDER.sub("in Lingen", record.text["en"]).split()) <= 25, record.id
        assert record.text["en"].endswith("?"), record.id
    for item in (*catalogue.items.values(), *optional.items.values()):
        words = PLACEHOLDER.sub("in Lingen", item.text["en"]).split()
        assert len(words) <= 25, (item.id, len(words))
        if item.instrument != "tw_health":  # statements to agree with
            assert not NEGATION.search(item.text["en"]), item.id
            assert item.text["en"].endswith("?"), item.id


def test_labels_fit_charts_and_differ(catalogue: Catalogue) -> None:
    labels = [item.label("en") for item in catalogue.items.values()]
    shorts = [scale.short_label("en") for scale in catalogue.scales.values()]
    assert len(set(labels)) == len(labels)
    assert len(set(shorts)) == len(shorts)
    assert max(map(len, labels)) <= 60
    assert max(map(len, shorts)) <= 28


def test_placeholders_carry_their_preposition(catalogue: Catalogue) -> None:
    bare = {
        item.id
        for item in catalogue.items.values()
        if re.search(r"\{(town|country|partner_town|partner_country)\}", item.text["en"])
    }
    assert bare == {"tw_attach_h1", "tw_attach_h2"}  # the bare name, after "to"


@pytest.mark.parametrize(
    ("form", "wave", "count"),
    [
        ("core_participant", "pre", 28 + 7),
        ("core_participant", "post", 28 + 6),  # the seventh reaction is an open question
        ("core_participant", "followup", 28 + 7),
        ("core_comparison", "pre", 28 + 7),
        ("core_comparison", "post", 28),
        ("youth", "pre", 26 + 5),
        ("youth", "post", 26 + 6),
        ("easy", "pre", 10),
        ("then", "retro_pre", 4),
        ("organiser", "single", 16),
    ],
)
def test_forms_ask_what_the_plan_says(form: str, wave: str, count: int) -> None:
    everything = load_catalogue(surveys_dir() / "own", surveys_dir() / "optional")
    loaded = load_form(surveys_dir() / "forms" / f"{form}.toml", everything)
    assert len(loaded.items(wave)) == count


def test_comparison_people_are_never_asked_about_the_event(catalogue: Catalogue) -> None:
    form = load_form(surveys_dir() / "forms" / "core_comparison.toml", catalogue)
    asked = {item for kind in ("pre", "post", "followup", "single") for item in form.items(kind)}
    assert not any(item.startswith("tw_react") for item in asked)
    participant = load_form(surveys_dir() / "forms" / "core_participant.toml", catalogue)
    assert form.items("pre") == participant.items("pre")
    assert set(form.arms) == {"comparison_peer", "comparison_waitlist", "comparison_town"}


def test_young_people_are_not_asked_what_is_closed_to_them(catalogue: Catalogue) -> None:
    form = load_form(surveys_dir() / "forms" / "youth.toml", catalogue)
    closed = {"tw_eff_e3", "tw_eff_e4", "tw_acts_p2", "tw_acts_p4"}
    for kind in form.wave_kinds():
        assert not closed & set(form.items(kind))
    assert set(catalogue.scales["tw_acts_youth"].items) <= set(form.items("pre"))
    assert [question.gate for question in form.questions if question.gate] == ["yes"]
