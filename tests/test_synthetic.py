"""The planted truth is what it says, and the demo's files have the platforms' habits."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from twinimpact.entities import Partnership
from twinimpact.errors import RunError
from twinimpact.evaluation import Evaluation, load_evaluation
from twinimpact.impact import assess
from twinimpact.ingest import draft_of, link_waves, load_mapping, plan_imports, read_tables
from twinimpact.instruments import Catalogue, load_catalogue
from twinimpact.measures import score_responses
from twinimpact.privacy import load_key
from twinimpact.resources import surveys_dir
from twinimpact.synthetic import (
    COMPARISON_TOWNS,
    LINKS,
    MODEL,
    TOWNS,
    Link,
    Settings,
    responses_of,
    simulate_world,
    true_changes,
    write_demo,
)
from twinimpact.workspace import open_workspace

SHOWN_FAULTS = {
    "code_typo", "duplicate_row", "double_submission", "out_of_range", "unreadable_number",
    "unknown_partnership", "impossible_date", "no_consent", "partial_response",
    "rejected_response", "count_mismatch", "unknown_activity", "event_without_start",
}  # fmt: skip


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(surveys_dir() / "own")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("synthetic") / "demo"
    write_demo(folder)
    return folder


@pytest.fixture(scope="module")
def evaluation(written: Path) -> Evaluation:
    return load_evaluation(written / "evaluation.toml")


def many_towns(towns: int, people: int) -> tuple[Link, ...]:
    """One link with so many towns and people that sampling error is small."""
    ids = tuple((f"t{number}", people) for number in range(towns))
    others = tuple((f"c{number}", people) for number in range(towns))
    link = Partnership(partnership_id="big", name="Big", form="formal", towns=("t0", "t1"))
    return (
        Link(
            partnership=link, participants=ids, comparison=others, returns=(1.0, 1.0), newcomers=0
        ),
    )


def changes(scores: pd.DataFrame, responses: pd.DataFrame, later: str) -> pd.DataFrame:
    """Score changes of people who answered before and at ``later``, by partnership and arm."""
    keys = responses[["person", "partnership_id", "arm", "wave"]]
    wide = pd.concat([keys, scores], axis=1).set_index(["partnership_id", "arm", "person", "wave"])
    before, after = (wide.xs(wave, level="wave") for wave in ("pre", later))
    return (after - before).dropna(how="all")


# --- the world ---


def test_fifteen_towns_in_nine_countries_make_eight_partnerships() -> None:
    assert len(TOWNS) == 15
    assert len({town.country for town in TOWNS}) == 9
    assert len(LINKS) == 8
    members = [town for link in LINKS for town in link.partnership.towns]
    assert set(members) == {town.town_id for town in TOWNS}
    assert sorted(members.count(town) for town in set(members))[-2:] == [1, 2]


def test_the_designs_differ_as_the_demo_needs() -> None:
    arms = sorted((len(link.participants), len(link.comparison)) for link in LINKS)
    assert arms == [(1, 1), (2, 0), (2, 0), (2, 0), (2, 0), (2, 1), (2, 2), (2, 2)]


def test_comparison_towns_are_no_members_of_any_partnership() -> None:
    outside = {town.town_id for town in COMPARISON_TOWNS}
    assert not outside & {town.town_id for town in TOWNS}
    assert outside == {town for link in LINKS for town, _ in link.comparison}


# --- the planted truth ---


def test_the_exact_truth_equals_the_mean_of_a_very_large_world(catalogue: Catalogue) -> None:
    settings = Settings(links=many_towns(120, 50))
    world = simulate_world(catalogue, np.random.default_rng(11), settings)
    responses = responses_of(world, catalogue)
    points = score_responses(responses, catalogue).points
    truth = true_changes(catalogue, settings)
    for contrast, later in (("post-pre", "post"), ("followup-pre", "followup")):
        found = changes(points, responses, later).groupby(level="arm")
        mean, error, n = found.mean(), found.std(), found.count()
        rows = truth[truth["contrast"] == contrast].set_index("scale")
        for arm, column in (("participant", "participant"), ("comparison_town", "comparison")):
            off = (mean.loc[arm] - rows[column]) / (error.loc[arm] / np.sqrt(n.loc[arm]))
            assert off.dropna().abs().max() < 4.2, off.dropna().abs().idxmax()
            assert off.notna().sum() == len(rows)


def test_the_true_change_is_smaller_than_the_latent_one_because_answers_are_clipped(
    catalogue: Catalogue,
) -> None:
    truth = true_changes(catalogue, Settings()).set_index(["partnership", "scale", "contrast"])
    thermometer = truth.loc[("lin-mor", "tw_thermo", "post-pre")]
    latent = MODEL["tw_thermo"].change[0]
    assert latent - 0.5 < thermometer["participant"] < latent
    assert thermometer["difference"] == thermometer["participant"] - thermometer["comparison"]


def test_general_trust_is_a_placebo_and_anxiety_falls(catalogue: Catalogue) -> None:
    truth = true_changes(catalogue, Settings())
    placebo = truth[truth["scale"].isin(["tw_local_gtrust", "tw_attach_europe"])]
    assert (placebo["participant"] == 0).all()
    assert (truth.loc[truth["scale"] == "tw_anx", "participant"] < 0).all()


def test_nothing_changes_when_the_factor_is_zero(catalogue: Catalogue) -> None:
    truth = true_changes(catalogue, Settings(change_factor=0))
    assert (truth["participant"] == 0).all()


def test_acts_are_compared_with_the_follow_up_only(catalogue: Catalogue) -> None:
    truth = true_changes(catalogue, Settings())
    assert set(truth.loc[truth["scale"] == "tw_acts_all", "contrast"]) == {"followup-pre"}
    assert not truth["scale"].str.startswith("tw_react").any()


def test_equal_generators_give_equal_worlds(catalogue: Catalogue) -> None:
    one, two = (
        responses_of(simulate_world(catalogue, np.random.default_rng(3)), catalogue)
        for _ in range(2)
    )
    pd.testing.assert_frame_equal(one, two)


def test_answers_lie_in_the_declared_ranges_and_do_not_contradict_each_other(
    catalogue: Catalogue,
) -> None:
    responses = responses_of(simulate_world(catalogue, np.random.default_rng(4)), catalogue)
    for item in catalogue.items.values():
        given = responses[item.id].dropna()
        assert given.between(item.lo, item.hi).all(), item.id
    both = responses[["tw_contact_q1", "tw_contact_q2"]].dropna()
    assert (both["tw_contact_q2"] <= both["tw_contact_q1"]).all()
    without = responses["tw_contact_q1"].fillna(0) == 0
    assert responses.loc[without, "tw_contact_q3"].isna().all()


def test_reactions_are_asked_of_participants_after_the_event_only(catalogue: Catalogue) -> None:
    responses = responses_of(simulate_world(catalogue, np.random.default_rng(4)), catalogue)
    asked = responses[responses["tw_react_m1"].notna()]
    assert set(asked["wave"]) == {"post"}
    assert set(asked["arm"]) == {"participant"}


def test_codes_link_most_people_and_hardly_ever_the_wrong_ones(catalogue: Catalogue) -> None:
    linked = wrong = possible = 0
    for seed in range(3):
        world = simulate_world(catalogue, np.random.default_rng(seed))
        responses = responses_of(world, catalogue)
        truth = responses.set_index("response_id")["person"]
        frame = link_waves(responses, ["pre", "post", "followup"]).frame
        frame["truth"] = frame["response_id"].map(truth)
        for _, rows in frame.groupby("person"):
            linked += len(rows) - 1
            wrong += rows["truth"].nunique() - 1
        possible += len(truth) - truth.nunique()
    # section 10 of the ingest page: 97 % of true pairs at 5 % element error, 0.1 % false links
    assert (linked - wrong) / possible > 0.95
    assert wrong / linked < 0.005


# --- intervals ---


def coverage(catalogue: Catalogue, seeds: range) -> pd.Series:
    """Share of 95 % intervals that hold the truth, per scale, over links with ten or more."""
    truth = true_changes(catalogue, Settings())
    planted = truth[truth["contrast"] == "post-pre"].pivot_table(
        index="partnership", columns="scale", values="participant"
    )
    held: list[pd.DataFrame] = []
    for seed in seeds:
        responses = responses_of(simulate_world(catalogue, np.random.default_rng(seed)), catalogue)
        points = score_responses(responses, catalogue).points[list(planted.columns)]
        change = changes(points, responses, "post").xs("participant", level="arm")
        found = change.groupby(level="partnership_id")
        n = found.count()
        reach = stats.t.ppf(0.975, n - 1) * found.std() / np.sqrt(n)
        inside = ((found.mean() - planted).abs() <= reach).where(n >= 10)
        held.append(inside.astype("float64"))
    return pd.concat(held).mean()


def test_intervals_hold_the_planted_change_in_a_short_simulation(catalogue: Catalogue) -> None:
    assert 0.92 < coverage(catalogue, range(1000, 1015)).mean() < 0.975


@pytest.mark.slow
def test_intervals_hold_the_planted_change_at_the_nominal_rate(catalogue: Catalogue) -> None:
    rates = coverage(catalogue, range(400))
    assert 0.94 < rates.mean() < 0.96
    assert rates.between(0.93, 0.97).all(), rates


@pytest.mark.slow
def test_the_package_finds_the_planted_changes_with_its_own_intervals(
    catalogue: Catalogue, evaluation: Evaluation
) -> None:
    outcomes = tuple(
        outcome for outcome in evaluation.design.outcomes if outcome.role in ("primary", "placebo")
    )
    design = evaluation.design.model_copy(update={"outcomes": outcomes})
    truth = true_changes(catalogue, Settings())
    partnerships = pd.DataFrame(
        {
            "partnership_id": [link.partnership.partnership_id for link in LINKS],
            "name": [link.partnership.name for link in LINKS],
            "town_a": [link.partnership.towns[0] for link in LINKS],
            "town_b": [link.partnership.towns[1] for link in LINKS],
            "further_towns": "",
            "comparison_towns": [";".join(town for town, _ in link.comparison) for link in LINKS],
        }
    )
    held: dict[str, list[bool]] = {"post-pre": [], "post-pre|participant-comparison": []}
    for seed in range(60):
        responses = responses_of(simulate_world(catalogue, np.random.default_rng(seed)), catalogue)
        scores = score_responses(responses, catalogue)
        rows = assess(responses, scores, catalogue, design, partnerships)
        rows = rows[(rows["status"] == "ok") & (rows["town"] == "") & rows["conf_low"].notna()]
        for estimand, method, column in (
            ("post-pre", "paired_t", "participant"),
            ("post-pre|participant-comparison", "town_mean_t", "difference"),
        ):
            wanted = rows[(rows["estimand"] == estimand) & (rows["method"] == method)]
            both = wanted.merge(
                truth[truth["contrast"] == "post-pre"],
                left_on=["partnership", "outcome"],
                right_on=["partnership", "scale"],
            )
            inside = both[column].between(both["conf_low"], both["conf_high"])
            held[estimand].extend(inside)
    for estimand, inside in held.items():
        assert len(inside) > 300
        assert 0.925 < np.mean(inside) < 0.975, estimand


# --- the files ---


def test_equal_seeds_give_equal_bytes_and_other_seeds_other_answers(
    written: Path, tmp_path: Path
) -> None:
    write_demo(tmp_path / "again")
    write_demo(tmp_path / "other", seed=1)
    for path in sorted(path for path in written.rglob("*") if path.is_file()):
        name = path.relative_to(written)
        assert path.read_bytes() == (tmp_path / "again" / name).read_bytes(), name
    kobo = Path("inbox/kobo_pre.csv")
    assert (written / kobo).read_bytes() != (tmp_path / "other" / kobo).read_bytes()


def test_the_demo_may_be_written_again_over_itself(written: Path) -> None:
    before = (written / "truth.json").read_bytes()
    write_demo(written)
    assert (written / "truth.json").read_bytes() == before


def test_the_demo_never_overwrites_another_folder(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(RunError, match="not empty"):
        write_demo(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_kobo_files_have_kobos_habits(written: Path) -> None:
    data = (written / "inbox/kobo_post.csv").read_bytes()
    assert not data.startswith(b"\xef\xbb\xbf")
    assert data.endswith(b'"\r\n')
    records = list(csv.reader(io.StringIO(data.decode("utf-8"), newline=""), delimiter=";"))
    assert records[0][-2:] == ["meta/rootUuid", "_index"]
    assert data.startswith(b'"start";"end";"about/consent"')
    assert {len(record) for record in records} == {len(records[0])}


def test_limesurvey_files_have_a_byte_order_mark_and_end_with_a_blank_line(written: Path) -> None:
    data = (written / "inbox/limesurvey_pre.csv").read_bytes()
    assert data.startswith(b'\xef\xbb\xbf"id";"submitdate"')
    assert data.endswith(b"\r\n\r\n")
    assert b'"N/A"' in data


def test_google_files_use_commas_and_have_no_line_end_after_the_last_record(
    written: Path,
) -> None:
    data = (written / "inbox/google_forms.csv").read_bytes()
    assert data.startswith(b"Timestamp,")
    assert not data.endswith(b"\n")
    assert b"How strongly do you feel that you belong, from 0 to 10? [To Europe]" in data


def test_the_mac_file_is_mac_roman_with_carriage_returns(written: Path) -> None:
    data = (written / "inbox/kleinhain_mac.csv").read_bytes()
    assert b"\n" not in data
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")
    assert "“Schön war’s”" in data.decode("mac-roman")


def test_microsoft_headers_hold_line_breaks_and_several_answers_end_with_a_semicolon(
    written: Path,
) -> None:
    (table,) = read_tables(written / "inbox/microsoft_forms.xlsx")
    assert table.rows[0][:3] == ("ID", "Start time", "Completion time")
    assert any("\n" in cell for cell in table.rows[0])
    ticked = [row[-1] for row in table.rows[1:] if row[-1]]
    assert ticked
    assert all(cell.endswith(";") for cell in ticked)


def test_the_german_workbook_has_decimal_commas_and_day_first_dates_as_text(
    written: Path,
) -> None:
    activities, attendance = read_tables(written / "inbox/aktivitaeten.xlsx")
    header = next(row for row in activities.rows if "Beginn" in row)
    cells = {name: [row[header.index(name)] for row in activities.rows[3:]] for name in header}
    assert any("," in cell for cell in cells["Stunden"])
    assert all(cell.count(".") == 2 for cell in cells["Beginn"])
    assert attendance.sheet == "Teilnahme"


def test_events_of_a_funded_year_belong_to_its_project_and_every_event_has_a_lead(
    written: Path,
) -> None:
    activities, _ = read_tables(written / "inbox/aktivitaeten.xlsx")
    place = next(number for number, row in enumerate(activities.rows) if "Beginn" in row)
    log = pd.DataFrame(activities.rows[place + 1 :], columns=activities.rows[place])
    log = log[log["Titel"] != "Winterwanderung"]
    funded = log["Partnerschaft"].isin(["lin-mor", "asc-lip", "pie-cas"])
    inside = funded & log["Beginn"].str.endswith("2025")
    assert inside.sum() > 5
    assert (log["Projekt"] == (log["Partnerschaft"] + "-2025").where(inside, "")).all()
    assert set(log["Federführung"]) == {
        "Stadtverwaltung", "Partnerschaftsverein", "Verein", "Schule",
    }  # fmt: skip
    expected = (inside & (log["Durchführung"] == "Präsenz")) | (log["Stand"] == "geplant")
    assert ((log["Geplante Gäste"] != "") == expected).all()
    assert (log["Personalstunden"] != "").all()


def test_lead_guests_and_staff_of_the_workbook_are_imported(plans: Any) -> None:
    activities = pd.concat([plan.new for plan in plans if plan.table == "activities"])
    log = activities[activities["staff_hours"].notna()]
    assert set(log["lead_org_type"]) == {"municipality", "twinning_association", "school", "club"}
    projects = pd.concat([plan.new for plan in plans if plan.table == "projects"])
    assert set(log["project_id"].replace("", None).dropna()) == set(projects["project_id"])
    assert log.loc[log["status"] == "planned", "planned_invited"].notna().all()


@pytest.mark.parametrize(
    "file",
    [
        "kobo_pre.csv", "kobo_post.csv", "kobo_followup.csv", "limesurvey_pre.csv",
        "limesurvey_post.csv", "limesurvey_followup.csv", "google_forms.csv",
        "microsoft_forms.xlsx",
    ],
)  # fmt: skip
def test_every_export_is_recognised_without_help(written: Path, file: str) -> None:
    platform = file.split("_", 1)[0]
    draft = draft_of(written / "inbox" / file)
    assert draft.platform.startswith(platform)


def test_every_column_a_mapping_names_is_in_its_export(
    written: Path, evaluation: Evaluation
) -> None:
    for source in evaluation.sources:
        if source.mapping is None:
            continue
        mapping = load_mapping(written / source.mapping)
        draft = draft_of(written / source.file, platform=source.platform or "")
        there = {name for c in draft.columns for name in (c.key, c.name)}
        named = {name for names in mapping.columns.values() for name in names}
        named |= {name for item in mapping.items for name in item.columns}
        assert named <= there, named - there


# --- the planted faults ---


def faults_of(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / "faults.json").read_text("utf-8"))["faults"]
    return found


def test_every_kind_of_fault_is_planted(written: Path) -> None:
    assert {fault["kind"] for fault in faults_of(written)} == SHOWN_FAULTS


def test_each_fault_stands_where_the_list_says(written: Path) -> None:
    for fault in faults_of(written):
        if fault["row"] is None or not fault["value"]:
            continue
        tables = read_tables(written / "inbox" / fault["file"])
        table = next(t for t in tables if fault["sheet"] in ("", t.sheet))
        row = table.rows[table.numbers.index(fault["row"])]
        header = next(r for r in table.rows if fault["column"] in r)
        assert row[header.index(fault["column"])] == fault["value"], fault


def test_a_duplicate_is_an_exact_copy(written: Path) -> None:
    fault = next(f for f in faults_of(written) if f["kind"] == "duplicate_row")
    (table,) = read_tables(written / "inbox" / fault["file"])
    assert table.rows.count(table.rows[table.numbers.index(fault["row"])]) == 2


def test_the_calendar_holds_six_events_one_of_them_without_a_start(written: Path) -> None:
    content = (written / "inbox/lindenfurt.ics").read_bytes()
    assert content.count(b"BEGIN:VEVENT") == 6
    assert content.count(b"DTSTART") == 5
    assert max(len(line) for line in content.split(b"\r\n")) <= 75


def test_the_truth_file_lists_changes_questionnaires_and_events(
    written: Path, catalogue: Catalogue
) -> None:
    truth = json.loads((written / "truth.json").read_text("utf-8"))
    assert len(truth["changes"]) == len(true_changes(catalogue, Settings()))
    tiny = [
        row
        for row in truth["questionnaires"]
        if row["partnership"] == "kle-dui" and row["wave"] == "pre"
    ]
    assert [row["people"] for row in tiny] == [10]
    assert truth["events"]["kra-jav"]["held"] == 31


CAUGHT_AS_PROBLEM = {
    "out_of_range": {"answers_out_of_range"},
    "unreadable_number": {"answers_unreadable"},
    "unknown_partnership": {"responses_unknown_partnership"},
    "impossible_date": {"table_bad_date", "responses_bad_date"},
    "count_mismatch": {"attendance_margins_differ"},
    "unknown_activity": {"attendance_unknown_activity"},
}
CAUGHT_AS_EXCLUDED = {
    "duplicate_row": "duplicate",
    "no_consent": "no_consent",
    "rejected_response": "rejected",
}


@pytest.fixture(scope="module")
def plans(written: Path, evaluation: Evaluation, tmp_path_factory: pytest.TempPathFactory) -> Any:
    root = tmp_path_factory.mktemp("import") / "demo"
    shutil.copytree(written, root)
    catalogue = load_catalogue(surveys_dir() / "own", use=evaluation.instruments.use)
    key = load_key(evaluation.privacy.pseudonym)
    return plan_imports(open_workspace(root), evaluation, catalogue, key)


def test_every_planted_fault_is_caught_by_the_import(written: Path, plans: Any) -> None:
    problems = [problem for plan in plans for problem in plan.problems]
    by_place = {(problem.code, problem.file, problem.row) for problem in problems}
    excluded = {Path(plan.file).name: plan.excluded for plan in plans}
    responses = pd.concat([plan.new for plan in plans if plan.table == "responses"])
    for fault in faults_of(written):
        kind, file, row = fault["kind"], fault["file"], fault["row"]
        if kind in CAUGHT_AS_PROBLEM:
            assert any((code, file, row) in by_place for code in CAUGHT_AS_PROBLEM[kind]), fault
        elif kind in CAUGHT_AS_EXCLUDED:
            assert excluded[file] == {CAUGHT_AS_EXCLUDED[kind]: 1}, fault
        elif kind == "event_without_start":
            assert any(problem.got == fault["value"] for problem in problems), fault
        elif kind == "partial_response":
            assert list(responses.loc[responses["state"] == "partial", "source_row"]) == [row]


def test_typos_are_bridged_and_a_double_submission_is_called_ambiguous(
    written: Path, plans: Any
) -> None:
    responses = pd.concat([plan.new for plan in plans if plan.table == "responses"])
    links = link_waves(responses, ["pre", "post", "followup"]).frame.set_index("response_id")
    google = responses[responses["source"] == source_of(responses, "tis-vil")]
    methods = google.set_index("source_row")["response_id"].map(links["method"])
    double = next(f for f in faults_of(written) if f["kind"] == "double_submission")
    typos = [
        f["row"]
        for f in faults_of(written)
        if f["kind"] == "code_typo" and f["file"] == "google_forms.csv" and len(f["column"]) == 1
    ]
    assert methods[double["row"]] == "ambiguous"
    assert len(typos) > 20
    assert (methods[typos] == "fuzzy").mean() > 0.6
    assert not (methods[typos] == "exact").any()


def source_of(responses: pd.DataFrame, partnership: str) -> str:
    sources = responses.loc[responses["partnership_id"] == partnership, "source"].unique()
    assert len(sources) == 1
    return str(sources[0])


def test_imported_questionnaires_and_events_are_those_of_the_truth_file(
    written: Path, plans: Any
) -> None:
    truth = json.loads((written / "truth.json").read_text("utf-8"))
    responses = pd.concat([plan.new for plan in plans if plan.table == "responses"])
    found = responses.groupby(["partnership_id", "arm", "wave"]).size()
    extra = 0
    for row in truth["questionnaires"]:
        extra += found[row["partnership"], row["arm"], row["wave"]] - row["people"]
    # one person gave up on the first page, one sent the form twice
    assert extra == 2
    activities = pd.concat([plan.new for plan in plans if plan.table == "activities"])
    counts = activities.groupby(["partnership_id", "status"]).size().unstack(fill_value=0)
    for partnership, events in truth["events"].items():
        for status in ("held", "planned", "cancelled"):
            assert counts.loc[partnership, status] == events[status], (partnership, status)
