"""Decisions and traces from the command line, on the demo; and results for fewer people."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from twinimpact.cli import app
from twinimpact.run import apply_imports, load_project, plan_all
from twinimpact.run.settling import row_ranges
from twinimpact.run.verbs import gather
from twinimpact.synthetic import write_demo
from twinimpact.workspace import read_links, read_responses


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("settling") / "demo"
    write_demo(root)
    project = load_project(root)
    apply_imports(project, plan_all(project))
    return root


@pytest.fixture
def folder(imported: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(imported, tmp_path / "demo"))


def call(*arguments: object) -> Result:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def listed(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def fill(path: Path, words: dict[str, str], delimiter: str = ";") -> None:
    """The table as a person gives it back, saved by a spreadsheet program."""
    rows = listed(path)
    with path.open("w", encoding="cp1252", newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows({**row, "decision": words.get(row["pair"], "")} for row in rows)


def test_the_queue_is_written_without_codes_or_ids(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "decisions.csv"
    result = call("link", folder, "--write", path)
    assert result.exit_code == 0
    rows = listed(path)
    assert rows
    assert all(row["decision"] == "" for row in rows)
    assert {row["differing elements"] for row in rows} <= {"0", "1"}
    stored = read_responses(load_project(folder).workspace)
    text = path.read_text(encoding="utf-8-sig") + result.output
    for name in ("response_id", "code", "participant_token", "person"):
        assert not any(value in text for value in stored[name].dropna())


def test_decisions_are_carried_out_and_taken_back(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "decisions.csv"
    workspace = load_project(folder).workspace
    before = read_links(workspace)
    call("link", folder, "--write", path)
    pair = listed(path)[0]["pair"]
    fill(path, {pair: "Same"})
    result = call("link", folder, "--decide", path)
    assert "1 decision was carried out" in result.output
    assert "decided" in set(read_links(workspace)["method"])
    again = apply_imports(load_project(folder), plan_all(load_project(folder)))
    assert again.imported == ()
    assert "decided" in set(read_links(workspace)["method"])
    call("link", folder, "--write", path)
    fill(path, {pair: "undo"})
    assert call("link", folder, "--decide", path).exit_code == 0
    assert read_links(workspace).equals(before)


def test_what_cannot_be_true_is_said(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "decisions.csv"
    call("link", folder, "--write", path)
    by_group: dict[tuple[str, str, str], list[str]] = {}
    for row in listed(path):
        place = (row["group"], row["wave 2"], row["row 2"])
        by_group.setdefault(place, []).append(row["pair"])
    both = next(pairs for pairs in by_group.values() if len(pairs) > 1)
    fill(path, dict.fromkeys(both, "same"))
    result = call("link", folder, "--decide", path)
    assert "two questionnaires of one wave" in " ".join(result.output.split())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("same", "perhaps"), "cannot be carried out"),
        (("pair", "couple"), "lacks a column"),
    ],
)
def test_a_table_that_cannot_be_carried_out_changes_nothing(
    folder: Path, tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    path = tmp_path / "decisions.csv"
    workspace = load_project(folder).workspace
    before = read_links(workspace)
    call("link", folder, "--write", path)
    fill(path, {listed(path)[0]["pair"]: "same"})
    path.write_text(path.read_text("cp1252").replace(*change), encoding="cp1252")
    result = call("link", folder, "--decide", path)
    assert result.exit_code == 3
    assert message in " ".join((result.output + result.stderr).split())
    assert read_links(workspace).equals(before)


def test_a_table_that_does_not_exist_is_named(folder: Path) -> None:
    assert call("conflicts", folder, "--decide", folder / "none.csv").exit_code == 2


def test_a_trace_names_files_hashes_and_rows_and_no_answers(folder: Path) -> None:
    result = call("trace", folder, "kra-jav", "--outcome", "tw_thermo")
    assert result.exit_code == 0
    frame = read_responses(load_project(folder).workspace)
    mine = frame[(frame["partnership_id"] == "kra-jav") & frame["tw_thermo_th1"].notna()]
    for source in mine["source"].unique():
        assert source in result.output
    assert "inbox/microsoft_forms.xlsx" in result.output
    counts = [int(n) for n in re.findall(r"│ (\d+) +│", result.output)]
    assert sum(counts) == len(mine)


def test_a_trace_of_something_unknown_names_what_there_is(folder: Path) -> None:
    result = call("trace", folder, "nowhere")
    assert result.exit_code == 2
    assert "kra-jav" in result.output + result.stderr
    assert call("trace", folder, "kra-jav", "--outcome", "nothing").exit_code == 2


def test_row_numbers_are_written_in_short() -> None:
    assert row_ranges([]) == ""
    assert row_ranges([5, 2, 3, 4, 9, 9]) == "2-5, 9"


def contradict(folder: Path) -> None:
    """Send the first response of a Kobo export a second time, with one other answer."""
    path = folder / "inbox" / "kobo_pre.csv"
    text = path.read_bytes().decode("utf-8-sig")
    dialect = csv.Sniffer().sniff(text.splitlines()[0], ";,")
    rows = list(csv.reader(text.splitlines(), delimiter=dialect.delimiter))
    place = next(i for i, name in enumerate(rows[0]) if name.endswith("tw_thermo_th1"))
    copy = list(rows[2])
    copy[place] = "1" if copy[place] != "1" else "2"
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, delimiter=dialect.delimiter).writerows([*rows, copy])


def test_a_conflict_goes_through_the_commands(tmp_path: Path) -> None:
    folder, path = tmp_path / "demo", tmp_path / "conflicts.csv"
    write_demo(folder)
    contradict(folder)
    result = call("ingest", folder, "--apply")
    assert "with different content" in result.output
    call("conflicts", folder, "--write", path)
    (row,) = listed(path)
    assert (row["first row"], row["decision"]) == ("3", "")
    path.write_text(path.read_text("utf-8-sig").rstrip() + "replace\n", encoding="utf-8")
    result = call("conflicts", folder, "--decide", path)
    assert "1 decision was carried out" in result.output
    assert "0 are undecided" in result.output
    frame = read_responses(load_project(folder).workspace)
    mine = frame[(frame["source_row"] == int(row["second row"])) & (frame["wave"] == "pre")]
    assert mine["tw_thermo_th1"].isin([1, 2]).any()
    assert call("ingest", folder, "--on-conflict", "guess").exit_code == 2


def test_results_for_fewer_people_stand_beside_the_main_ones(imported: Path) -> None:
    table = gather(load_project(imported)).results.table
    main = table[(table["estimand"] == "post-pre") & (table["town"] == "")]
    for name, code in (("exact_links", "exact_links_only"), ("unflagged", "without_flagged")):
        rows = table[table["estimand"] == f"post-pre|{name}"]
        assert set(rows["outcome"]) == {"tw_thermo", "tw_overlap", "tw_anx"}
        assert set(rows["method"]) == {"paired_t", "town_mean_t"}
        shown = rows[rows["status"] == "ok"]
        assert len(shown)
        assert shown["note"].str.contains(code).all()
        keys = ["outcome", "partnership", "method", "arm"]
        both = shown.merge(main, on=keys, suffixes=("", "_main"))
        rest = both["n_main"] - both["n"]
        own = both["partnership"] != "*"
        assert ((rest[own] == 0) | (rest[own] >= 10)).all()
        shift = table[table["estimand"] == f"post-pre|{name}|shift"]
        assert set(shift["group"]) <= {"same", "moves"}
        assert shift[["estimate", "n"]].isna().all().all()


def test_how_far_links_can_be_trusted_is_in_the_results(imported: Path) -> None:
    table = gather(load_project(imported)).results.table
    rate = table[(table["estimand"] == "false_link_rate") & (table["partnership"] == "*")]
    assert (rate["estimate"].dropna() < 0.01).all()
    assert len(rate["estimate"].dropna())
    attrition = table[(table["outcome"] == "Q03") & (table["status"] == "ok")]
    assert set(attrition["method"]) == {"smd"}
    assert "tw_thermo" in set(attrition["group"])
    flagged = table[table["estimand"] == "flagged"]
    assert {"speeder_weak", "careless", "longstring"} <= set(flagged["group"])
    assert set(flagged["dimension"]) == {"flag"}
