"""Responses, registers, links and imports: what goes in comes back, typed and in order."""

from __future__ import annotations

import pandas as pd
import pytest
from workspace_data import NO_REASONS, responses, source, store

from twinimpact.errors import IngestError
from twinimpact.problems import Problem
from twinimpact.schema import RESPONSE_COLUMNS, TABLES
from twinimpact.workspace import (
    Workspace,
    imports_of,
    is_imported,
    known_rows,
    problems_of,
    read_links,
    read_missing,
    read_responses,
    read_table,
    row_hashes,
    unit_of_work,
)


def test_an_empty_workspace_gives_typed_empty_frames(workspace: Workspace) -> None:
    frame = read_responses(workspace)
    assert list(frame) == [*RESPONSE_COLUMNS.names(), "person"]
    assert len(frame) == len(read_missing(workspace)) == len(read_links(workspace)) == 0
    assert list(read_table(workspace, "towns")) == list(TABLES["towns"].names())
    assert list(known_rows(workspace, "responses")) == ["response_id", "row_hash"]
    assert list(known_rows(workspace, "attendance")) == ["activity_id", "row_key", "row_hash"]


def test_responses_come_back_typed_and_ordered(workspace: Workspace) -> None:
    store(workspace, responses(["r2", "r1"]))
    frame = read_responses(workspace)
    assert list(frame["response_id"]) == ["r2", "r1"], "by row in the file"
    assert list(frame)[-2:] == ["tw_civic_r2", "tw_civic_r10"], "natural order"
    assert str(frame["tw_civic_r10"].dtype) == str(frame["tw_civic_r2"].dtype) == "Int16"
    assert str(frame["date"].dtype) == "datetime64[us]"
    assert str(frame["gender"].dtype) == str(frame["town_id"].dtype) == "str"
    assert frame["gender"].isna().all(), "an empty text is absent"
    assert list(frame["person"]) == ["r2", "r1"], "unlinked people are their own person"


def test_the_newest_version_of_a_response_counts(workspace: Workspace) -> None:
    store(workspace, responses(["r1", "r2"], 3), "a")
    store(workspace, responses(["r2", "r3"], 5), "b")
    frame = read_responses(workspace).set_index("response_id")["tw_civic_r10"]
    assert frame.to_dict() == {"r1": 3, "r2": 5, "r3": 5}
    assert dict(known_rows(workspace, "responses").itertuples(index=False)) == {
        "r1": "r1-3", "r2": "r2-5", "r3": "r3-5",
    }  # fmt: skip


def test_batches_with_different_items_are_read_together(workspace: Workspace) -> None:
    store(workspace, responses(["r1"]), "a")
    other = responses(["r2"], wave="post").rename(columns={"tw_civic_r10": "tw_trust_1"})
    store(workspace, other, "b")
    frame = read_responses(workspace).set_index("response_id")
    assert list(frame.columns[-3:]) == ["tw_civic_r2", "tw_civic_r10", "tw_trust_1"]
    assert pd.isna(frame.loc["r1", "tw_trust_1"])
    assert frame.loc["r2", "tw_trust_1"] == 3


def test_reasons_follow_the_newest_version(workspace: Workspace) -> None:
    first = pd.DataFrame(
        {"response_id": ["r1", "r2"], "item_id": ["q", "q"], "reason": ["refused", "dont_know"]}
    )
    store(workspace, responses(["r1", "r2"], 3), "a", first)
    store(workspace, responses(["r2"], 4), "b")
    assert read_missing(workspace).values.tolist() == [["r1", "q", "refused"]]


def test_links_name_the_person(workspace: Workspace) -> None:
    store(workspace, responses(["r1", "r2"]))
    links = pd.DataFrame(
        {"response_id": ["r1", "r2"], "person": ["p1", "p1"], "method": ["exact", "fuzzy"]}
    )
    with unit_of_work(workspace) as work:
        work.set_links(links)
    assert list(read_responses(workspace)["person"]) == ["p1", "p1"]
    with unit_of_work(workspace) as work:
        work.set_links(links.iloc[1:].assign(person="p2", method="unlinked"))
    assert read_links(workspace).values.tolist() == [
        ["r1", "p1", "exact"], ["r2", "p2", "unlinked"],
    ]  # fmt: skip


ACTIVITY = {
    "activity_id": ["e2", "e1"],
    "partnership_id": ["lin-mor", "lin-mor"],
    "title": ["Fête", "Meeting"],
    "type": ["concert", "workshop"],
    "themes": [("culture", "youth"), ""],
    "start_date": ["2025-05-01", pd.Timestamp("2025-04-01")],
    "hours": [2.5, None],
    "is_public": [True, None],
    "planned_participants": [30, None],
}


def test_small_tables_come_back_typed_and_by_key(workspace: Workspace) -> None:
    with unit_of_work(workspace) as work:
        work.add_import(source(table="activities"), {"rows": 2})
        work.upsert("activities", pd.DataFrame(ACTIVITY), source(table="activities"))
    frame = read_table(workspace, "activities")
    assert list(frame) == list(TABLES["activities"].names())
    assert list(frame["activity_id"]) == ["e1", "e2"]
    assert frame["themes"].tolist()[1] == "culture;youth"
    assert pd.isna(frame["themes"].tolist()[0])
    assert list(frame["start_date"]) == [pd.Timestamp("2025-04-01"), pd.Timestamp("2025-05-01")]
    kinds = {
        name: str(frame[name].dtype) for name in ("hours", "is_public", "planned_participants")
    }
    assert kinds == {"hours": "float64", "is_public": "boolean", "planned_participants": "Int64"}


def test_a_row_with_the_same_key_is_replaced(workspace: Workspace) -> None:
    frame = pd.DataFrame(ACTIVITY)
    for name, title in (("a", "Old"), ("b", "New")):
        with unit_of_work(workspace) as work:
            work.upsert("activities", frame.assign(title=title), source(name, "activities"))
    assert set(read_table(workspace, "activities")["title"]) == {"New"}
    expected = row_hashes(frame.assign(title="New"), "activities")
    assert set(known_rows(workspace, "activities")["row_hash"]) == set(expected)


def test_row_hashes_do_not_depend_on_types_or_order_of_columns() -> None:
    typed = pd.DataFrame(
        {
            "town_id": ["lin"],
            "name": ["Lin"],
            "country": ["DE"],
            "population": pd.array([12], dtype="Int64"),
            "lat": [1.0],
        }
    )
    text = pd.DataFrame(
        {"lat": ["1"], "population": ["12"], "country": ["DE"], "name": ["Lin"],
         "town_id": ["lin"], "local_code": [""]}
    )  # fmt: skip
    assert row_hashes(typed, "towns").tolist() == row_hashes(text, "towns").tolist()
    assert row_hashes(typed.assign(lat=2), "towns")[0] != row_hashes(typed, "towns")[0]


def test_row_hashes_of_responses_count_answers_and_not_the_row_in_the_file() -> None:
    first = row_hashes(responses(["r1"], 3).assign(source_row=2), "responses")[0]
    moved = row_hashes(responses(["r1"], 3).assign(source_row=9), "responses")[0]
    other = row_hashes(responses(["r1"], 4), "responses")[0]
    assert first == moved != other


def test_imports_and_problems_are_kept(workspace: Workspace) -> None:
    counts = {
        "rows": 10, "new": 4, "changed": 1, "unchanged": 2, "excluded": {"test": 2},
        "quarantined": 1, "encoding": "utf-8",
    }  # fmt: skip
    problem = Problem(
        code="evaluation_absent", file="a.csv", sheet="S", row=3, column="q1", got="•••"
    )
    assert not is_imported(workspace, source())
    with unit_of_work(workspace) as work:
        work.add_import(source(), counts, [problem])
    assert is_imported(workspace, source())
    assert not is_imported(workspace, source(table="activities"))
    assert imports_of(workspace) == (
        {"file": "inbox/a.csv", "table": "responses", "platform": "kobo", **counts},
    )
    assert problems_of(workspace) == (problem,)


def test_the_same_import_twice_is_refused_and_leaves_nothing(workspace: Workspace) -> None:
    store(workspace, responses(["r1"]))
    with pytest.raises(IngestError, match="imported already"):
        store(workspace, responses(["r9"]))
    assert list(read_responses(workspace)["response_id"]) == ["r1"]
    assert len(list((workspace.data / "batches").rglob("*.*"))) == 1


def test_a_failure_half_way_leaves_nothing(workspace: Workspace) -> None:
    def fail() -> None:
        with unit_of_work(workspace) as work:
            work.add_import(source(), {"rows": 1})
            work.add_responses(responses(["r1"]), NO_REASONS, source())
            work.upsert("activities", pd.DataFrame(ACTIVITY), source())
            raise KeyError("half way")

    with pytest.raises(KeyError):
        fail()
    assert imports_of(workspace) == ()
    assert len(read_table(workspace, "activities")) == 0
    assert not [path for path in (workspace.data / "batches").rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        (responses(["r1", "r1"]), "stands twice"),
        (responses(["r1"], wave=""), "no wave"),
        (responses([""]), "no key"),
        (responses(["r1"]).assign(tw_civic_r2="often"), "does not fit"),
        (responses(["r1"]).assign(tw_civic_r2=99999), "does not fit"),
        (responses(["r1"]).assign(date="yesterday"), "does not fit"),
    ],
)
def test_rows_that_cannot_be_stored_are_refused(
    workspace: Workspace, frame: pd.DataFrame, sentence: str
) -> None:
    with pytest.raises(IngestError, match=sentence):
        store(workspace, frame)


def test_unknown_tables_and_counts_are_refused(workspace: Workspace) -> None:
    with pytest.raises(ValueError, match="no such table"):
        read_table(workspace, "batch")
    with unit_of_work(workspace) as work:
        with pytest.raises(ValueError, match="no such table"):
            work.upsert("meta", pd.DataFrame(), source())
        with pytest.raises(ValueError, match="unknown counts"):
            work.add_import(source(), {"lost": 3})


def test_wave_names_never_become_paths(workspace: Workspace) -> None:
    store(workspace, responses(["r1"], wave="../../Con é"))
    (path,) = (workspace.data / "batches").rglob("*.parquet")
    assert path.parent.parent == workspace.data / "batches"
    assert path.parent.name.isascii()
    assert list(read_responses(workspace)["wave"]) == ["../../Con é"]
