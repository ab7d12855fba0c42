"""Sections about how firm the numbers are, in every state a number can have."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sample_bundle import empty_bundle, results_of, sample_bundle

from twinimpact.bundle import Bundle
from twinimpact.measures.flag_rules import CONSENSUS, FLAGS, flag_rules
from twinimpact.report import sections
from twinimpact.report.content import Content, Table, Text, Withheld
from twinimpact.report.words_flags import CARELESS
from twinimpact.report.words_flags import FLAGS as WORDS

SCALE = "tw_thermo"
PEOPLE = "both_waves:40;before_only:14"
HIDDEN = {"status": "suppressed"}


LIMITS = ("share", "below", "above", "times")
"""Numbers of a rule that decide, beside those that say when it can be asked."""
WORDED = {("share", 0.5): "half", ("times", 3): "three times"}


def changed(*rows: dict[str, Any], report: str = "partnership_report") -> Bundle:
    """A bundle with one change of all people, and these rows."""
    change = {
        "outcome": SCALE, "estimand": "post-pre", "method": "paired_t", "arm": "participant",
        "estimate": 4.0, "std_error": 1.0, "conf_low": 2.0, "conf_high": 6.0, "n": 40.0,
        "unit": "points", "verdict": "inconclusive", "grade": 1.0,
    }  # fmt: skip
    listed = [{"partnership": "lin-mor", **row} for row in (change, *rows)]
    return replace(sample_bundle(report), results=results_of(listed))


def again(check: str, verdict: str = "", **row: Any) -> list[dict[str, Any]]:
    same = {"outcome": SCALE, "method": "paired_t", "arm": "participant"}
    made = [{**same, "estimand": f"post-pre|{check}", "unit": "points", **row}]
    if verdict:
        made.append({**same, "estimand": f"post-pre|{check}|shift", "group": verdict})
    return made


def rate(**row: Any) -> dict[str, Any]:
    return {
        "outcome": "Q02", "estimand": "false_link_rate", "wave": "post", "arm": "participant",
        "method": "count", "unit": "share", **row,
    }  # fmt: skip


def came_back(**row: Any) -> dict[str, Any]:
    return {
        "outcome": "Q03", "estimand": "linked-unlinked", "method": "smd", "unit": "sd",
        "dimension": "scale", "group": SCALE, "wave": "pre", "arm": "participant", **row,
    }  # fmt: skip


def flagged(name: str, estimate: float | None, n: float | None, **row: Any) -> dict[str, Any]:
    return {
        "outcome": "Q04", "estimand": "flagged", "dimension": "flag", "group": name,
        "wave": "post", "arm": "participant", "unit": "responses", "estimate": estimate, "n": n,
        "partnership": "*", **row,
    }  # fmt: skip


def parts(content: Content) -> list[Table | Text]:
    listed = content if isinstance(content, tuple) else (content,)
    return [one for one in listed if isinstance(one, Table | Text)]


def told(content: Content) -> str:
    return "\n".join(
        "".join(span.text for span in block.spans)
        for part in parts(content)
        if isinstance(part, Text)
        for block in part.blocks
    )


def table(content: Content, name: str) -> Table:
    return next(one for one in parts(content) if isinstance(one, Table) and one.id == name)


def test_a_change_that_stays_and_one_that_moves_are_told_apart() -> None:
    bundle = changed(
        *again("exact_links", "moves", estimate=5.5, n=30.0),
        *again("unflagged", "same", estimate=4.1, n=38.0),
    )
    text = told(sections.change_firmness(bundle))
    assert "codes that are equal throughout), the change moves for Warmth" in text
    assert "marked as careless, the change stays the same for Warmth" in text
    (row,) = table(sections.change_firmness(bundle), "tab-firmness").rows
    assert (row["all"], row["all_n"]) == (4.0, 40.0)
    assert (row["certain"], row["certain_n"]) == (5.5, 30.0)
    assert (row["careful"], row["careful_n"]) == (4.1, 38.0)


def test_whether_a_change_stays_is_said_where_its_number_is_hidden() -> None:
    content = sections.change_firmness(changed(*again("unflagged", "same", **HIDDEN)))
    assert "the change stays the same" in told(content)
    assert not [one for one in parts(content) if isinstance(one, Table)]
    assert "certain matches only" in told(content).lower()
    assert "there is no change to compare with" in told(content)


def test_a_hidden_verdict_is_said_to_be_hidden() -> None:
    rows = again("exact_links", "same", **HIDDEN)
    content = sections.change_firmness(changed(rows[0], {**rows[1], **HIDDEN}))
    assert "nothing may be said, to protect the people who answered" in told(content)


@pytest.mark.parametrize("bundle", [empty_bundle(), changed()])
def test_where_nothing_was_computed_nothing_is_said(bundle: Bundle) -> None:
    assert told(sections.change_firmness(bundle)) == ""


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"estimate": 0.0002, "n": 36.0}, "Of the 36 matches by personal code, fewer than 1 in"),
        ({"estimate": 0.034, "n": 36.0}, "3.4%"),
        (HIDDEN, "How many matches may be wrong is hidden"),
        ({"status": "not_estimable", "note": "few_people"}, "is not estimated: too few"),
    ],
)
def test_how_many_matches_may_be_wrong_is_told_in_every_state(
    row: dict[str, Any], words: str
) -> None:
    bundle = changed(*again("unflagged", "same", estimate=4.0, n=38.0), rate(**row))
    assert words in told(sections.change_firmness(bundle))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            {"estimate": 0.6, "conf_low": 0.1, "conf_high": 1.1, "note": PEOPLE},
            "had answered differently from the others already before the exchange about Warmth",
        ),
        (
            {"estimate": 0.1, "conf_low": -0.4, "conf_high": 0.6, "note": PEOPLE},
            "cannot be told apart",
        ),
        (HIDDEN, "before only is hidden"),
        ({"status": "not_estimable", "note": "few_people"}, "Too few people answered before only"),
    ],
)  # fmt: skip
def test_who_came_back_is_told_in_every_state(row: dict[str, Any], words: str) -> None:
    bundle = changed(*again("unflagged", "same", estimate=4.0, n=38.0), came_back(**row))
    content = sections.change_firmness(bundle)
    assert words in told(content)
    if "estimate" in row:
        (record,) = table(content, "tab-returned").rows
        assert (record["both"], record["only"]) == (40, 14)


def test_the_quality_report_tells_links_without_naming_outcomes() -> None:
    rows = [
        rate(estimate=0.0002, n=36.0),
        came_back(estimate=-0.6, conf_low=-1.1, conf_high=-0.1, note=PEOPLE),
        came_back(group="tw_trust", estimate=0.1, conf_low=-0.3, conf_high=0.5,
                  note="both_waves:38;before_only:12"),
    ]  # fmt: skip
    content = sections.quality_links(changed(*rows, report="data_quality"))
    (record,) = table(content, "tab-links").rows
    assert record["matched"] == 36.0 and record["false"] == "under 0.1%"
    assert record["people"] == 54
    assert record["back"] == "1 of 2 outcomes differ; largest difference 0.60 SD"
    assert "Warmth" not in str(content)


def test_links_that_are_hidden_or_too_few_are_said_to_be_so() -> None:
    content = sections.quality_links(
        changed(rate(**HIDDEN), came_back(**HIDDEN), report="data_quality")
    )
    (record,) = table(content, "tab-links").rows
    assert all(isinstance(record[key], Withheld) for key in ("matched", "false", "people"))
    assert record["back"] == "hidden"
    few = changed(rate(status="not_estimable", note="few_people"), report="data_quality")
    content = sections.quality_links(few)
    assert "Too few matches by the personal code" in told(content)
    assert not [one for one in parts(content) if isinstance(one, Table)]
    assert told(sections.quality_links(empty_bundle("data_quality"))) == ""


def test_flags_are_added_up_with_what_could_be_checked() -> None:
    bundle = changed(
        flagged(CARELESS, 2, 200), flagged(CARELESS, 1, 100, wave="pre"),
        flagged("longstring", 4, 180), flagged("speeder_weak", 3, 90),
        flagged("speeder_weak", None, None, wave="pre", status="not_available"),
        flagged("irv", 1, 90, **HIDDEN), flagged("irv", 1, 90, wave="pre"),
        report="data_quality",
    )  # fmt: skip
    content = sections.quality_flags(bundle)
    assert "3 of 300 questionnaires count as careless" in told(content)
    assert "No questionnaire is left out because of a mark." in told(content)
    rows = {row["flag"]: row for row in table(content, "tab-flags").rows}
    assert (rows["Fast"]["marked"], rows["Fast"]["asked"]) == (3, 90)
    assert rows["Counted as careless"]["share"] == pytest.approx(0.01)
    assert isinstance(rows["Hardly any spread"]["marked"], Withheld)
    assert "doi:10.1016/j.jrp.2004.09.009" in rows["Straight line"]["rule"]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([flagged(CARELESS, 1, 50)], "1 of 50 questionnaires counts as careless"),
        ([flagged(CARELESS, 1, 50, **HIDDEN)], "look careless is hidden"),
        ([flagged("irv", 1, 50)], "could not be checked"),
    ],
)
def test_what_looks_careless_is_told_in_every_state(rows: list[dict[str, Any]], words: str) -> None:
    assert words in told(sections.quality_flags(changed(*rows, report="data_quality")))


def test_every_rule_has_words_with_its_thresholds_and_its_source() -> None:
    assert CARELESS == CONSENSUS
    assert set(WORDS) == {CONSENSUS, *FLAGS}
    for name, rule in flag_rules().rules.items():
        label, words, source = WORDS[name]
        assert label and words and source
        doi = [part.strip(".,;") for part in rule.provenance.split() if part.startswith("doi:")]
        assert all(one in source for one in doi), name
        assert ("to be checked" in source.replace("still to", "to")) == (rule.status == "check")
        limits = {key: value for key, value in rule.numbers.items() if key in LIMITS}
        for key, value in limits.items():
            said = f"{value:g}" in words or WORDED.get((key, value), "-") in words
            assert said, (name, key)
