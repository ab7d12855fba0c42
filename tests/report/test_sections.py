"""Sections on a rich bundle, an empty one, and one in which every cell is one person."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from sample_bundle import (
    LONG_NAME,
    empty_bundle,
    one_person_bundle,
    results_of,
    sample_bundle,
)

from twinimpact.bundle import Bundle, read_bundle, write_bundle
from twinimpact.report import sections
from twinimpact.report.content import Chart, Table, Text, Withheld
from twinimpact.resources import notebooks_dir

REPORTS = ("partnership_report", "council_onepager", "programme_rollup", "data_quality")
MAKERS = {"rich": sample_bundle, "empty": empty_bundle, "one person": one_person_bundle}
Part = Chart | Table | Text


def contents(bundle: Bundle) -> list[Part]:
    """Everything the template of a bundle's report shows, in order."""
    path = notebooks_dir() / f"{bundle.report}.ipynb"
    found: list[Part] = []
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        match = re.search(r"sections\.(\w+)\(bundle\)", "".join(cell["source"]))
        if match:
            shown = getattr(sections, match[1])(bundle)
            found += list(shown) if isinstance(shown, tuple) else [shown]
    return found


def words(parts: list[Part] | Part) -> str:
    """All words of some contents."""
    listed = parts if isinstance(parts, list) else [parts]
    texts: list[str] = []
    for part in listed:
        if isinstance(part, Text):
            texts += ["".join(span.text for span in block.spans) for block in part.blocks]
        elif isinstance(part, Table):
            texts += [part.caption, part.note, *(column.label for column in part.columns)]
            texts += [str(value) for row in part.rows for value in row.values()]
        else:
            texts += [part.alt, part.caption, part.note, words(part.data)]
    return "\n".join(texts)


def tables(parts: list[Part]) -> dict[str, Table]:
    return {part.id: part for part in parts if isinstance(part, Table)}


def with_rows(bundle: Bundle, rows: list[dict[str, Any]]) -> Bundle:
    """A bundle whose results are only these rows."""
    return replace(bundle, results=results_of({"partnership": "lin-mor", **row} for row in rows))


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize("kind", MAKERS)
def test_every_report_can_be_shown_with_any_data(report: str, kind: str) -> None:
    parts = contents(MAKERS[kind](report))
    text = words(parts)
    assert not re.search(r"\bnan\b|None\b(?! of)|\{\w+\}", re.sub(r"^None$", "", text, flags=re.M))
    for part in parts:
        if isinstance(part, Table):
            assert part.rows, part.id
        if isinstance(part, Chart):
            assert part.data.rows, part.id
            assert 60 <= len(part.alt) <= 300
    ids = [part.id for part in parts if not isinstance(part, Text)]
    ids += [part.data.id for part in parts if isinstance(part, Chart)]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("report", REPORTS)
def test_a_report_has_one_title_and_it_comes_first(report: str) -> None:
    parts = contents(sample_bundle(report))
    headings = [
        block for part in parts if isinstance(part, Text) for block in part.blocks
        if block.kind == "heading"
    ]  # fmt: skip
    assert [block.level for block in headings] == [1]
    assert isinstance(parts[0], Text) and parts[0].blocks[0] == headings[0]


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize("kind", MAKERS)
def test_no_report_uses_a_forbidden_word(report: str, kind: str) -> None:
    text = words(contents(MAKERS[kind](report)))
    assert not re.search(r"no effect|no difference|significan|proves|trend towards|\bimpact", text)


@pytest.mark.parametrize("report", ["partnership_report", "council_onepager"])
def test_below_level_3_nothing_is_called_an_effect(report: str) -> None:
    assert "effect" not in words(contents(sample_bundle(report)))


def test_in_short_has_five_to_eight_findings() -> None:
    found = sections.in_short(sample_bundle())
    assert 5 <= len([block for block in found.blocks if block.kind == "bullet"]) <= 8


def test_example_data_are_marked_and_other_data_are_not() -> None:
    rich = sample_bundle()
    assert any(block.kind == "notice" for block in sections.title(rich).blocks)
    real = replace(rich, evaluation={**rich.evaluation, "id": "saarland-2026"})
    assert not any(block.kind == "notice" for block in sections.title(real).blocks)


def test_unknown_numbers_of_people_are_given_as_bounds_and_never_as_zero() -> None:
    parts = contents(sample_bundle())
    row = next(r for r in tables(parts)["tab-reach"].rows if r["count"] == "Different people")
    assert row["number"] == Withheld(reason="not_available")
    assert "between 300 and 498" in words(parts)


def test_a_hidden_group_hides_the_shares_of_its_breakdown() -> None:
    rich = sample_bundle()
    frame = rich.results.copy()
    one = (frame["dimension"] == "gender") & (frame["group"] == "male")
    frame.loc[one, "status"] = "suppressed"
    frame.loc[one, "estimate"] = float("nan")
    shown = sections.reach_by_group(replace(rich, results=frame))
    assert isinstance(shown, tuple)
    rows = {row["group"]: row for row in tables(list(shown))["tab-gender"].rows}
    assert rows["Men"]["visits"] == Withheld()
    assert rows["Women"]["share"] == Withheld()


def test_a_change_without_matched_averages_says_so_under_the_table() -> None:
    rich = sample_bundle()
    frame = rich.results[~rich.results["estimand"].str.startswith("cell|")]
    table = tables(contents(replace(rich, results=frame)))["tab-change"]
    assert "need not be the difference of the two" in table.note


def test_rows_about_one_town_never_stand_for_the_partnership() -> None:
    table = tables(contents(sample_bundle()))["tab-change"]
    assert [row["change"] for row in table.rows if row["label"] == "Warmth"] == [8.2]


def test_changes_named_first_are_the_planned_ones_not_the_largest() -> None:
    rich = sample_bundle()
    bold = [
        block.spans[0].text for block in sections.in_short(rich).blocks if len(block.spans) == 2
    ]
    assert [label.split(" ")[0] for label in bold] == ["Warmth", "Trust", "Warmth"]


def test_a_single_wave_tells_averages_and_asks_for_a_second_one() -> None:
    bundle = with_rows(
        replace(sample_bundle(), waves=sample_bundle().waves[:1]),
        [
            {"outcome": "Q01", "estimand": "responses", "estimate": 80.0, "wave": "pre",
             "arm": "participant"},
            {"outcome": "tw_trust", "estimand": "mean", "estimate": 61.0, "conf_low": 57.0,
             "conf_high": 65.0, "conf_level": 0.95, "n": 80.0, "wave": "pre",
             "arm": "participant"},
            *(
                {"outcome": "tw_trust", "estimand": "mean|single", "estimate": mean, "n": 40.0,
                 "wave": "pre", "arm": "participant", "town": town}
                for town, mean in (("lin", 63.0), ("mor", 59.0))
            ),
        ],
    )  # fmt: skip
    text = words(contents(bundle))
    assert "participants scored 61.0 points" in text
    assert "People were asked once" in text
    assert [row["town"] for row in tables(contents(bundle))["tab-towns"].rows] == [
        "Linden", "Moravice",
    ]  # fmt: skip


def test_unlinked_waves_say_that_different_people_answered() -> None:
    bundle = with_rows(
        sample_bundle(),
        [
            {"outcome": "Q01", "estimand": "responses", "estimate": 80.0, "wave": "pre"},
            {"outcome": "tw_trust", "estimand": "post-pre|cross-section", "method": "welch",
             "estimate": 4.0, "conf_low": 1.0, "conf_high": 7.0, "conf_level": 0.95, "n": 160.0,
             "grade": 1.0, "verdict": "inconclusive", "note": "unlinked", "arm": "participant"},
        ],
    )  # fmt: skip
    text = words(contents(bundle))
    assert "People asked after scored 4.0 points higher than people asked before" in text
    assert "Different people were asked before and after" in text


def test_one_town_per_side_is_refused_once_for_all_outcomes() -> None:
    rows = [
        {"outcome": scale, "estimand": "post-pre|participant-comparison", "method": "town_mean_t",
         "estimate": 4.0, "status": "refused", "note": "one_town_per_arm", "n": 60.0,
         "clusters": 2.0, "grade": 2.0}
        for scale in ("tw_thermo", "tw_trust")
    ]  # fmt: skip
    shown = sections.comparison_findings(with_rows(sample_bundle(), rows))
    text = words([shown] if not isinstance(shown, tuple) else list(shown))
    assert text.count("At least two partner towns") == 1
    assert "4.0" not in text


def test_nobody_else_asked_tells_what_would_be_needed() -> None:
    text = words(contents(empty_bundle()))
    assert "at least two partner towns and two comparison towns" in text


def test_hidden_answers_are_not_called_missing_ones() -> None:
    text = words(contents(one_person_bundle()))
    assert "No questionnaires have been imported" not in text
    assert "Nothing is on record about who took part" not in text
    assert "Hidden to protect the people who answered" in text


def test_the_council_page_is_short_and_recommends_nothing() -> None:
    parts = contents(sample_bundle("council_onepager"))
    charts = [part for part in parts if isinstance(part, Chart)]
    assert len(charts) == 1 and charts[0].height <= 320
    found = sections.council_findings(sample_bundle("council_onepager"))
    assert 4 <= len(found.blocks) <= 6
    options = words(sections.council_options(sample_bundle("council_onepager")))
    assert "recommends none" in options
    assert not re.search(r"\bshould\b|\bmust\b|\bbest\b", options)


def test_the_roll_up_orders_by_design_then_name_and_never_by_size() -> None:
    parts = contents(sample_bundle("programme_rollup"))
    names = [row["name"] for row in tables(parts)["tab-coverage"].rows]
    assert names == ["Linden – Moravice", "Biała Dolina – Szentmiklós", LONG_NAME]
    forest = next(part for part in parts if isinstance(part, Chart) and "thermo" in part.id)
    assert [row["label"] for row in forest.data.rows][:3] == names


def test_different_people_are_never_added_over_partnerships() -> None:
    table = tables(contents(sample_bundle("programme_rollup")))["tab-programme-reach"]
    total = table.rows[-1]
    assert total["visits"] == 612.0 + 612.0 + 140.0
    assert total["people"] is None


def test_rows_of_a_file_that_do_not_add_up_are_called_not_consistent() -> None:
    bundle = sample_bundle("data_quality")
    assert "NOT CONSISTENT" not in words(contents(bundle))
    wrong = ({**bundle.imports[0], "new": 1}, *bundle.imports[1:])
    assert "NOT CONSISTENT" in words(contents(replace(bundle, imports=wrong)))


def test_the_quality_report_shows_the_gravest_200_problems_and_says_where_the_rest_is() -> None:
    bundle = sample_bundle("data_quality")
    many = replace(bundle, problems=bundle.problems * 100)
    table = tables(contents(many))["tab-problems"]
    assert len(table.rows) == 200
    assert table.rows[0]["severity"] == "Error"
    assert "quarantine folder" in table.note


def test_the_quality_report_holds_no_results() -> None:
    text = words(contents(sample_bundle("data_quality")))
    assert "Warmth" not in text
    assert "scored" not in text


def test_a_bundle_survives_its_file(tmp_path: Any) -> None:
    path = tmp_path / "bundle.json"
    write_bundle(sample_bundle(), path)
    assert contents(read_bundle(path)) == contents(sample_bundle())


def test_reports_can_be_written_in_a_language_without_a_catalogue() -> None:
    text = words(contents(sample_bundle("partnership_report", "de")))
    assert "Deutschland" in text
    assert "8,2" in text


def test_events_that_did_not_take_place_have_no_missing_participants() -> None:
    rows = tables(contents(sample_bundle()))["tab-events"].rows
    assert {row["visits"] for row in rows if row["status"] in {"planned", "cancelled"}} == {""}


def test_questions_follow_the_order_of_the_catalogue_not_of_the_alphabet() -> None:
    rich = sample_bundle()
    chart = next(p for p in contents(rich) if isinstance(p, Chart) and p.id == "fig-answers-01")
    assert "keep an agreement" in chart.data.rows[0]["question"]


def test_waves_are_told_in_the_order_they_were_fielded() -> None:
    rich = sample_bundle()
    shuffled = replace(rich, results=rich.results.iloc[::-1].reset_index(drop=True))
    rows = tables(contents(shuffled))["tab-responses"].rows
    assert [(row["wave"], row["arm"]) for row in rows][:2] == [
        ("Before the exchange", "Participants"),
        ("Before the exchange", "People who did not take part"),
    ]


def test_sentences_are_given_for_planned_main_outcomes_and_a_reading_for_all() -> None:
    shown = sections.change_findings(sample_bundle())
    told = shown if isinstance(shown, tuple) else (shown,)
    bold = [
        b.spans[0].text for p in told if isinstance(p, Text) for b in p.blocks if b.spans[0].bold
    ]
    assert [label.split(" ")[0] for label in bold] == ["Warmth", "Trust"]
    table = tables(contents(sample_bundle()))["tab-change"]
    readings = {row["label"]: row["reading"] for row in table.rows}
    assert readings == {
        "Warmth": "higher, worth having",
        "Trust": "cannot tell",
        "Civic responsibility": "cannot tell",
        "Confidence": "smaller than worth having",
        "Unease – lower is better": "lower (indicative)",
    }
    assert "Design level of these numbers: 1 of 5." in table.note


def test_without_planned_main_outcomes_at_most_five_get_sentences() -> None:
    rich = sample_bundle()
    plain = tuple({**scale, "role": "exploratory"} for scale in rich.scales)
    extra = tuple({**plain[0], "scale_id": f"more_{place}"} for place in range(4))
    frame = rich.results
    copies = [
        frame[(frame["outcome"] == "tw_thermo") & (frame["method"] == "paired_t")].assign(outcome=o)
        for o in (f"more_{place}" for place in range(4))
    ]
    many = replace(rich, scales=(*plain, *extra), results=pd.concat([frame, *copies]))
    shown = sections.change_findings(many)
    parts = shown if isinstance(shown, tuple) else (shown,)
    bullets = [b for p in parts if isinstance(p, Text) for b in p.blocks if b.kind == "bullet"]
    labels = ", ".join(block.spans[0].text for block in bullets)
    assert 1 <= labels.count(",") + 1 <= 5 and len(tables(contents(many))["tab-change"].rows) == 9


def test_the_later_wave_is_a_table_and_sentences_for_main_outcomes() -> None:
    rich = sample_bundle()
    later = rich.results[rich.results["estimand"] == "post-pre"].assign(estimand="followup-pre")
    bundle = replace(rich, results=pd.concat([rich.results, later]))
    parts = contents(bundle)
    assert len(tables(parts)["tab-later"].rows) == 5
    assert words(parts).count("higher later on than before") == 2


def test_hidden_numbers_are_counted_by_kind_and_no_reason_is_given() -> None:
    rich = sample_bundle("programme_rollup")
    kinds = [
        ("R03", "total", "country"), ("R11", "share", ""), ("Q02", "linked", ""),
        ("tw_civic_r1", "count", "answer"), ("tw_civic", "mean", ""), ("tw_civic", "post-pre", ""),
    ]  # fmt: skip
    withheld = [
        {
            "outcome": o,
            "estimand": e,
            "dimension": d,
            "group": str(n),
            "wave": "",
            "partnership": "x",
        }
        for o, e, d in kinds
        for n in range(50)
    ]
    many = replace(rich, disclosure={**rich.disclosure, "withheld": withheld, "suppressed": 300})
    table = tables(contents(many))["tab-hidden"]
    assert [row["count"] for row in table.rows] == [50] * 6
    assert len(table.rows) <= 10
    assert not re.search(r"too few|too small|reason", words([table]))


def test_without_events_each_section_says_so_once() -> None:
    parts = contents(empty_bundle())
    notices = [
        "".join(span.text for span in block.spans)
        for part in parts
        if isinstance(part, Text)
        for block in part.blocks
        if block.kind == "notice"
    ]
    assert sum("No events are on record" in text for text in notices) == 1
    assert sum("on record about who took part" in text for text in notices) == 1
    assert not any("home countries" in text or "per 1,000" in text for text in notices)


def test_the_share_of_those_who_did_not_state_it_is_a_dash() -> None:
    rows = {row["group"]: row for row in tables(contents(sample_bundle()))["tab-gender"].rows}
    assert rows["Not stated"]["share"] == "–"


def test_scales_without_a_standing_are_called_the_evaluations_own() -> None:
    rich = sample_bundle()
    own = replace(rich, scales=tuple({**scale, "status_label": ""} for scale in rich.scales))
    text = words(contents(own))
    assert "evaluation's own" in text
    assert "published" not in text and "not validated" not in text
    assert "new, not validated" in words(contents(rich))


def test_a_low_reliability_is_named_under_the_scales() -> None:
    rich = sample_bundle()
    assert "Low reliability" not in tables(contents(rich))["tab-scales"].note
    frame = rich.results.copy()
    one = (frame["outcome"] == "tw_civic") & (frame["estimand"] == "alpha")
    frame.loc[one, "estimate"] = 0.59
    table = tables(contents(replace(rich, results=frame)))["tab-scales"]
    assert "Low reliability (below 0.60): Civic responsibility." in table.note


def test_shares_of_people_are_told_with_the_number_they_are_shares_of() -> None:
    assert "27% of the 520 participations with a known age" in words(
        [sections.in_short(sample_bundle())]
    )


def test_the_same_problem_in_consecutive_rows_is_one_line_and_notes_come_last() -> None:
    bundle = sample_bundle("data_quality")
    one = {**bundle.problems[0], "sheet": "Teilnahme"}
    rows = ({**one, "row": number} for number in (7, 8, 9, 12))
    made = replace(bundle, problems=(*bundle.problems[2:], *rows))
    table = tables(contents(made))["tab-problems"]
    assert [row["place"] for row in table.rows] == [
        "kobo_before.csv, sheet Teilnahme, rows 7–9, column tw_trust_t1",
        "kobo_before.csv, sheet Teilnahme, row 12, column tw_trust_t1",
        "kobo_before.csv, row 31, column code",
    ]
    assert "outside 0 to 10. Correct it" in table.rows[0]["what"]


def test_the_wave_after_the_exchange_is_told_even_when_there_is_a_later_one() -> None:
    rich = sample_bundle()
    later = {**rich.waves[1], "wave_id": "later", "kind": "followup", "label": "Half a year later"}
    rows = rich.results[rich.results["wave"] == "post"].assign(wave="later")
    bundle = replace(rich, waves=(*rich.waves, later), results=pd.concat([rich.results, rows]))
    charts = [part for part in contents(bundle) if isinstance(part, Chart)]
    titles = [c.figure["layout"]["title"]["text"] for c in charts if c.id.startswith("fig-answers")]
    assert titles and all("After the exchange" in title for title in titles)


def test_ends_of_answers_stand_in_the_data_table_and_not_in_the_rows() -> None:
    chart = next(p for p in contents(sample_bundle()) if isinstance(p, Chart) and "answers" in p.id)
    labels = chart.figure["layout"]["yaxis"]["ticktext"]
    assert all(label.count("<br>") <= 1 and "[" not in label for label in labels)
    assert chart.data.rows[0]["low"] == "not at all"
    assert "“not at all” and “entirely”" in chart.caption


def test_a_town_named_like_its_country_is_not_named_twice() -> None:
    rich = sample_bundle()
    town = {"town_id": "de", "name": "Germany", "country": "DE", "population": None}
    bundle = replace(rich, partnerships=({**rich.partnerships[0], "towns": [town]},))
    assert "Germany (Germany)" not in words(contents(bundle))


def test_several_groups_hidden_as_a_whole_are_named_in_the_note_only() -> None:
    rich = sample_bundle()
    frame = rich.results.copy()
    some = (frame["dimension"] == "role") & frame["group"].isin(
        ["teacher", "municipal_staff", "elected_official"]
    )
    frame.loc[some, "status"] = "suppressed"
    frame.loc[some, "estimate"] = float("nan")
    table = tables(contents(replace(rich, results=frame)))["tab-role"]
    assert [row["group"] for row in table.rows] == ["Residents", "Pupils and students"]
    assert "Elected officials, Municipal staff, and Teachers" in table.note
    assert not re.search(r"zero|few", table.note)


def test_little_room_for_improvement_is_seen_at_the_good_end_of_the_scale() -> None:
    rich = sample_bundle()
    assert "room for improvement: Confidence." in words(contents(rich))
    ends = rich.results["estimand"].eq("ceiling") & rich.results["outcome"].eq("tw_anx")
    floor = rich.results[ends].assign(estimand="floor", estimate=0.4)
    both = replace(rich, results=pd.concat([rich.results, floor]))
    assert "room for improvement: Confidence and Unease." in words(contents(both))


def test_changes_that_are_all_hidden_are_said_to_be_so_once() -> None:
    rich = one_person_bundle()
    shown = [
        sections.change_chart(rich),
        sections.change_table(rich),
        sections.change_findings(rich),
    ]
    assert words([part for part in shown if isinstance(part, Text)]).count("hidden") == 1


def test_many_outcomes_are_reminded_of_chance() -> None:
    rich = sample_bundle()
    assert "by chance alone" not in tables(contents(rich))["tab-change"].note
    scale = {**rich.scales[2], "scale_id": "more", "short_title": "More"}
    one = rich.results[rich.results["outcome"] == "tw_civic"].assign(outcome="more")
    six = replace(rich, scales=(*rich.scales, scale), results=pd.concat([rich.results, one]))
    assert "With 6 outcomes" in tables(contents(six))["tab-change"].note
