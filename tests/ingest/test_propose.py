"""Proposed mappings: certain things active, doubtful ones as comments; and reuse over waves."""

from __future__ import annotations

import dataclasses
import tomllib

import pytest
from planning_data import CIVIC, LIKERT, YES_NO, catalogue, draft, settings
from shared_files import fixture

from twinimpact.ingest.codebook import CodeBook, Question
from twinimpact.ingest.columns import find_columns
from twinimpact.ingest.draft import Draft, draft_of
from twinimpact.ingest.headers import header_problems, renamed, signature_of
from twinimpact.ingest.ladders import LADDERS, steps
from twinimpact.ingest.mapping import ColumnMapping, parse_mapping
from twinimpact.ingest.proposal import Proposal, propose
from twinimpact.ingest.proposal_text import proposal_toml
from twinimpact.ingest.responses import response_rows
from twinimpact.instruments import Catalogue

KNOWN = {
    "wave": {"pre": "pre", "before": "pre", "post": "post", "after": "post"},
    "town": {"lin": "lin", "lindau": "lin", "mor": "mor", "morlaix": "mor"},
    "partnership": {"lin mor": "lin-mor"},
}
TEXTED = dataclasses.replace(
    CIVIC, text={"en": "How large a share do you have in how life {town:in} goes?"}
)


def proposed(made: Draft, items: Catalogue | None = None, book: CodeBook | None = None) -> str:
    return proposal_toml(propose(made, items or catalogue(), KNOWN, book), KNOWN)


def guesses(made: Draft, items: Catalogue | None = None) -> Proposal:
    return propose(made, items or catalogue(), KNOWN)


def asked(**columns: list[str]) -> Draft:
    names = [name.replace("__", " ") for name in columns]
    return draft(names, [list(row) for row in zip(*columns.values(), strict=True)])


def test_the_proposal_is_a_valid_mapping_that_plans_an_import() -> None:
    made = asked(
        consent=["yes", "yes", "no"],
        Geschlecht=["weiblich", "männlich", "weiblich"],
        tw_x_a=["5", "7", "9"],
        tw_x_b=["1", "2", "5"],
    )
    mapping = parse_mapping(tomllib.loads(proposed(made)), "map.toml")
    assert mapping.columns == {"gender": ("Geschlecht",)}
    assert (mapping.consent.column, mapping.consent.yes) == ("consent", ("yes",))
    assert {item.item for item in mapping.items} == {"tw_x_a", "tw_x_b"}
    assert header_problems(made, mapping) == []
    rows = response_rows(made, dataclasses.replace(settings(), mapping=mapping))
    assert len(rows.frame) == 2
    assert list(rows.frame["gender"]) == ["female", "male"]


def test_similar_wording_is_a_comment_with_its_score_and_never_active() -> None:
    made = asked(**{"How large a share do you have in how life in Lindau goes?": ["5", "7", "5"]})
    text = proposed(made, catalogue(TEXTED, LIKERT))
    assert "items" not in tomllib.loads(text)
    assert '# item = "tw_x_a"' in text
    assert "similar words, score 0." in text
    unlike = asked(**{"What is your shoe size?": ["5", "7", "5"]})
    assert "tw_x_a" not in proposed(unlike, catalogue(TEXTED, LIKERT))


def test_the_same_words_are_active() -> None:
    item = dataclasses.replace(CIVIC, text={"de": "Wie oft?"})
    text = proposed(asked(**{"Wie oft?": ["5", "7", "5"]}), catalogue(item, LIKERT))
    assert tomllib.loads(text)["items"] == [{"column": "Wie oft?", "item": "tw_x_a"}]


def test_columns_of_the_person_are_found_by_header_and_by_their_answers() -> None:
    made = asked(
        Zeitpunkt=["Before", "After", "Before", "After"],
        Who=["Lindau", "Morlaix", "Lindau", "Morlaix"],
        Group=["took part", "control", "took part", "control"],
        **{"First letter of your mother's first name": ["A", "B", "C", "D"]},
        **{"Day of the month on which you were born": ["1", "2", "30", "31"]},
        Email=["a@b.org", "c@d.org", "", ""],
    )
    found = {guess.role: guess.columns for guess in guesses(made).roles}
    assert found["wave"] == ("Zeitpunkt",)
    assert found["town"] == ("Who",)
    assert found["arm"] == ("Group",)
    assert found["code"] == (
        "First letter of your mother's first name",
        "Day of the month on which you were born",
    )


def test_numbers_are_never_taken_for_a_role() -> None:
    made = asked(Q1=["1", "2", "1", "2"], Q2=["0", "1", "0", "1"])
    assert guesses(made).roles == ()


def test_a_personal_column_is_listed_and_its_values_are_not() -> None:
    made = draft(
        ["Name", "tw_x_a"],
        [["Ana", "5"], ["Ana", "6"], ["Bo", "5"]],
        roles={"Name": "personal"},
    )
    text = proposed(made)
    assert "dropped while reading: Name." in text
    assert "Ana" not in text and "Bo" not in text


def test_labels_on_a_known_ladder_get_codes_in_its_order() -> None:
    item = dataclasses.replace(LIKERT, anchors={})
    labels = ["stimme zu", "teils teils", "stimme gar nicht zu", "stimme voll zu", "weiß nicht"]
    text = proposed(asked(tw_x_b=labels * 2), catalogue(item))
    table = tomllib.loads(text)["answers"]["for_tw_x_b"]
    assert {label: code for label, code in table.items() if label != "missing"} == {
        "stimme gar nicht zu": 1, "teils teils": 3, "stimme zu": 4, "stimme voll zu": 5,
    }  # fmt: skip
    assert table["missing"] == {"weiß nicht": "dont_know"}
    assert tomllib.loads(text)["items"][0]["answers"] == "for_tw_x_b"


def test_labels_without_a_known_order_wait_for_a_person() -> None:
    item = dataclasses.replace(LIKERT, anchors={})
    labels = ["azure", "beige", "coral", "denim", "ecru"]
    text = proposed(asked(tw_x_b=labels * 2), catalogue(item))
    assert "answers" not in tomllib.loads(text)
    assert '# "azure" = ?' in text
    parse_mapping(tomllib.loads(text), "map.toml")


def test_a_code_book_gives_codes_order_and_missing_answers() -> None:
    item = dataclasses.replace(LIKERT, anchors={})
    options = {
        "5": {"de": "prima"}, "4": {"de": "gut"}, "3": {"de": "so so"}, "2": {"de": "schwach"},
        "1": {"de": "mies"}, "99": {"de": "egal"},
    }  # fmt: skip
    question = Question(
        key="tw_x_b", text={}, kind="single", options=options, missing={"99": "refused"}
    )
    book = CodeBook(platform="limesurvey", file="a.lss", questions=(question,))
    text = proposed(asked(tw_x_b=["prima", "mies"] * 3), catalogue(item), book)
    table = tomllib.loads(text)["answers"]["for_tw_x_b"]
    assert table["prima"] == 5 and table["mies"] == 1 and len(table) == 6
    assert table["missing"] == {"99": "refused", "egal": "refused"}
    coded = {f"A{n}": {"de": label} for n, label in enumerate("abcde", start=1)}
    question = dataclasses.replace(question, options=coded, missing={})
    book = dataclasses.replace(book, questions=(question,))
    text = proposed(asked(tw_x_b=["A1", "A5"] * 3), catalogue(item), book)
    assert tomllib.loads(text)["answers"]["for_tw_x_b"] == {
        "A1": 1, "A2": 2, "A3": 3, "A4": 4, "A5": 5,
    }  # fmt: skip


def test_the_order_of_dates_is_active_only_with_evidence() -> None:
    sure = proposed(asked(Datum=["31.05.2025", "01.06.2025"], tw_x_a=["1", "2"]))
    assert tomllib.loads(sure)["date_order"] == "day-first"
    unsure = proposed(asked(Datum=["01/05/2025", "02/06/2025"], tw_x_a=["1", "2"]))
    assert "date_order" not in tomllib.loads(unsure)
    assert "both ways" in unsure


def test_any_header_survives_as_toml() -> None:
    names = ['a "quoted" one', "back\\slash", "two\nlines", "tab\there", "del\x7f", "'''", "# no"]
    made = draft([*names, "tw_x_a"], [["x"] * 7 + ["1"]])
    content = tomllib.loads(proposed(made))
    assert content["header"] == [*names, "tw_x_a"]


@pytest.mark.parametrize("ladder", LADDERS, ids=lambda one: min(one[0]))
def test_ladders_have_five_steps_and_no_word_twice(ladder: tuple[frozenset[str], ...]) -> None:
    words = [word for step in ladder for word in step]
    assert len(ladder) == 5
    assert len(words) == len(set(words))


def test_two_labels_of_one_step_are_no_ladder() -> None:
    assert steps(["Never", "often"]) == {"Never": 0, "often": 3}
    assert steps(["often", "never", "banana"]) == {}
    assert steps(["rarely", "seldom"]) == {}


# reuse of a mapping in a later wave


def changes(mapping: ColumnMapping, made: Draft) -> dict[str, tuple[str, str]]:
    return {one.code: (one.got, one.expected) for one in header_problems(made, mapping)}


def reviewed(made: Draft, **more: object) -> ColumnMapping:
    names = [column.name for column in made.columns]
    content = {"signature": signature_of(names), "header": names, **more}
    return parse_mapping(content, "map.toml")


def test_a_signature_ignores_order_case_and_spaces() -> None:
    assert signature_of(["a  B", "c"]) == signature_of(["C", "A b"])
    assert signature_of(["a"]) != signature_of(["a", "a"])


def test_new_gone_and_renamed_columns_are_told_and_nothing_crashes() -> None:
    old = asked(**{"How often do you meet?": ["1"], "Your town": ["x"], "Bus": ["1"]})
    new = asked(**{"How often did you meet?": ["1"], "Your town": ["x"], "Weather": ["1"]})
    assert changes(reviewed(old), old) == {}
    assert changes(reviewed(old), new) == {
        "mapping_header_renamed": ("How often do you meet?", "How often did you meet?"),
        "mapping_header_new": ("Weather", ""),
        "mapping_header_gone": ("Bus", ""),
    }
    assert header_problems(new, ColumnMapping()) == []


def test_without_the_list_only_named_columns_can_be_missed() -> None:
    old = asked(tw_x_a=["1"], extra=["1"])
    mapping = parse_mapping(
        {
            "signature": signature_of(["tw_x_a", "extra"]),
            "items": [{"column": "tw_x_a", "item": "tw_x_a"}],
        },
        "map.toml",
    )
    assert changes(mapping, old) == {}
    assert changes(mapping, asked(tw_x_a=["1"], other=["1"])) == {
        "mapping_header_new": ("other", "")
    }


def test_each_name_is_used_for_one_renaming() -> None:
    assert renamed(("question one", "question two"), ("question 1", "question two!")) == [
        ("question two", "question two!"),
        ("question one", "question 1"),
    ]
    assert renamed(("shoe size",), ("partner town",)) == []


def test_a_mapping_of_one_wave_says_what_the_next_one_changed() -> None:
    first = draft_of(fixture("google_forms/xarray_2021-01.csv"))
    second = draft_of(fixture("google_forms/xarray_2022-06.csv"))
    common = {c.name for c in first.columns if c.question} & {c.name for c in second.columns}
    assert len(common) == 54
    items = [{"column": c.name, "item": "tw_x_a"} for c in first.columns if "job title" in c.name]
    mapping = parse_mapping({**tomllib.loads(proposed(first)), "items": items}, "map.toml")
    assert header_problems(first, mapping) == []
    found = header_problems(second, mapping)
    gone = {c.name for c in first.columns if c.question} - common
    new = {c.name for c in second.columns if c.question} - common
    told = " ".join(one.got + one.expected for one in found)
    assert {one.code for one in found} <= {
        "mapping_header_new", "mapping_header_gone", "mapping_header_renamed",
    }  # fmt: skip
    assert all(" ".join(name.split()) in told for name in gone | new)
    assert not any(one.severity == "error" for one in found)
    places = find_columns(second, mapping, catalogue(CIVIC, YES_NO))
    assert [place.item.id for place in places.items] == ["tw_x_a"]


def test_a_column_the_mapping_names_is_an_error_when_it_is_missing() -> None:
    old = asked(tw_x_a=["1"], Sex=["f"])
    mapping = reviewed(old, columns={"gender": "Sex"})
    places = find_columns(asked(tw_x_a=["1"], Gender=["f"]), mapping, catalogue())
    codes = {one.code: one.severity for one in places.problems}
    assert codes["mapping_no_column"] == "error"
    assert codes["mapping_header_new"] == "info"
    assert codes["mapping_header_gone"] == "warning"
