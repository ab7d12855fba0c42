"""The queue of unclear pairs, and judgements about them that linking respects."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from twinimpact.ingest.ambiguity import ambiguity_queue, decide_links, pair_key, queue_of
from twinimpact.ingest.linkage import link_waves
from twinimpact.workspace import (
    SourceRecord,
    Workspace,
    create_workspace,
    link_decisions_of,
    read_links,
    unit_of_work,
)
from twinimpact.workspace.catalogue import connection

WAVES = ("pre", "post", "followup")
Row = tuple[str, str, str, str]
UNCLEAR: tuple[Row, ...] = (
    ("a", "pre", "A-B-C-D", ""), ("b", "post", "A-B-C-X", ""), ("c", "post", "A-B-C-Y", ""),
    ("z", "pre", "Q-R-S-T", ""), ("y", "post", "Q-R-S-T", ""),
)  # fmt: skip


def frame(*rows: Row) -> pd.DataFrame:
    table = pd.DataFrame(list(rows), columns=["response_id", "wave", "code", "participant_token"])
    return table.assign(partnership_id="lin-mor", arm="participant")


def linked(table: pd.DataFrame, judged: dict[tuple[str, str], str]) -> set[frozenset[str]]:
    links = link_waves(table, WAVES, judged).frame
    return {frozenset(group) for _, group in links.groupby("person")["response_id"]}


def test_the_queue_lists_pairs_with_what_differs_and_groups_them() -> None:
    table = frame(*UNCLEAR)
    queue = ambiguity_queue(table, link_waves(table, WAVES).frame, WAVES)
    assert [(p.first, p.second, p.differing, p.element, p.group) for p in queue] == [
        ("a", "b", 1, 4, 1), ("a", "c", 1, 4, 1),
    ]  # fmt: skip
    assert {pair.basis for pair in queue} == {"code"}
    assert queue[0].key == pair_key("b", "a") != queue[1].key


def test_a_code_or_token_used_twice_is_listed_with_nothing_differing() -> None:
    table = frame(
        ("a", "pre", "A-B-C-D", ""), ("b", "pre", "A-B-C-D", ""), ("c", "post", "A-B-C-D", ""),
        ("d", "pre", "", "t"), ("e", "pre", "", "t"), ("f", "post", "", "t"),
    )  # fmt: skip
    queue = ambiguity_queue(table, link_waves(table, WAVES).frame, WAVES)
    assert [(p.first, p.second, p.basis, p.differing) for p in queue] == [
        ("a", "c", "code", 0), ("b", "c", "code", 0),
        ("d", "f", "token", 0), ("e", "f", "token", 0),
    ]  # fmt: skip
    assert {pair.group for pair in queue} == {1, 2}


def test_same_links_two_and_different_frees_the_other_candidate() -> None:
    table = frame(*UNCLEAR)
    assert frozenset("ab") in linked(table, {("a", "b"): "same"})
    methods = link_waves(table, WAVES, {("a", "b"): "same"}).frame.set_index("response_id")
    assert methods.loc[["a", "b", "c"], "method"].tolist() == ["decided", "decided", "unlinked"]
    assert frozenset("ac") in linked(table, {("a", "b"): "different"})


def test_different_also_holds_against_an_exact_code_a_token_and_a_third_wave() -> None:
    table = frame(("z", "pre", "Q-R-S-T", ""), ("y", "post", "Q-R-S-T", ""))
    assert linked(table, {("y", "z"): "different"}) == {frozenset("z"), frozenset("y")}
    tokens = frame(("z", "pre", "", "t"), ("y", "post", "", "t"))
    assert linked(tokens, {("y", "z"): "different"}) == {frozenset("z"), frozenset("y")}
    three = frame(
        ("a", "pre", "A-B-C-D", ""), ("b", "post", "A-B-C-D", ""), ("c", "followup", "A-B-C-D", "")
    )
    groups = linked(three, {("a", "c"): "different"})
    assert not any({"a", "c"} <= group for group in groups)


def test_a_judgement_never_joins_one_wave_arms_or_partnerships() -> None:
    table = frame(("a", "pre", "", ""), ("b", "pre", "", ""), ("c", "post", "", ""))
    table.loc[2, "arm"] = "comparison_town"
    judged = {("a", "b"): "same", ("a", "c"): "same", ("a", "nobody"): "same"}
    assert all(len(group) == 1 for group in linked(table, judged))


def test_decided_pairs_stay_in_the_list_with_their_verdict() -> None:
    table = frame(*UNCLEAR)
    judged = {("a", "b"): "same", ("y", "z"): "different"}
    links = link_waves(table, WAVES, judged).frame
    queue = ambiguity_queue(table, links, WAVES, judged)
    assert {(p.first, p.second): p.verdict for p in queue} == {
        ("a", "b"): "same", ("z", "y"): "different",
    }  # fmt: skip


@pytest.fixture
def workspace(tmp_path: object) -> Workspace:
    made = create_workspace(tmp_path)  # type: ignore[arg-type]
    table = frame(*UNCLEAR).assign(
        date="2025-03-01", row_hash="h", source="s", source_row=range(2, 7)
    )
    record = SourceRecord(sha256="ab" * 32, file="inbox/a.csv", size=1, table="responses")
    nothing = pd.DataFrame({"response_id": [], "item_id": [], "reason": []}, dtype="str")
    with unit_of_work(made) as work:
        work.add_import(record, {"rows": 5, "new": 5})
        work.add_responses(table, nothing, record)
        work.set_links(link_waves(table, WAVES).frame)
    return made


def test_judgements_are_stored_audited_respected_and_taken_back(workspace: Workspace) -> None:
    before = read_links(workspace)
    assert decide_links(workspace, WAVES, {("b", "a"): "same"}) == 1
    assert link_decisions_of(workspace) == {("a", "b"): "same"}
    assert set(read_links(workspace)["method"]) == {"decided", "exact", "unlinked"}
    assert [pair.verdict for pair in queue_of(workspace, WAVES)] == ["same"]
    assert decide_links(workspace, WAVES, {("a", "b"): "same"}) == 0
    assert decide_links(workspace, WAVES, {("a", "b"): ""}) == 1
    pd.testing.assert_frame_equal(read_links(workspace), before)
    with connection(workspace) as con:
        entries = con.execute(
            "SELECT details FROM audit WHERE action = 'link_decision' ORDER BY seq"
        ).fetchall()
    assert [json.loads(entry[0])["verdict"] for entry in entries] == ["same", "taken back"]


def test_an_unknown_verdict_changes_nothing(workspace: Workspace) -> None:
    with pytest.raises(ValueError, match="perhaps"):
        decide_links(workspace, WAVES, {("a", "b"): "perhaps"})
    assert link_decisions_of(workspace) == {}
