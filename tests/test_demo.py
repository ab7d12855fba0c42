"""The whole road as a user walks it: ``twinimpact demo``, and what it leaves behind."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from demo_run import Demo

PARTNERSHIPS = (
    "lin-mor", "asc-lip", "vrb-obe", "pie-cas", "tis-vil", "oos-lin", "kle-dui", "kra-jav",
)  # fmt: skip
FORMATS = ("html", "pdf", "docx", "xlsx")
pytestmark = pytest.mark.slow


def twinimpact(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "twinimpact", *arguments], capture_output=True, text=True
    )


def test_the_demo_ends_well_and_says_where_the_reports_are(demo: Demo) -> None:
    assert demo.code == 0, demo.output + demo.errors
    assert "failed: 0" in demo.output
    assert str(demo.root / "reports" / "index.html") in demo.output.replace("\n", "")
    assert "Traceback" not in demo.output + demo.errors


@pytest.mark.parametrize("partnership", PARTNERSHIPS)
def test_every_partnership_has_both_reports_in_all_four_formats(
    demo: Demo, partnership: str
) -> None:
    folder = demo.root / "reports" / partnership
    for report in ("partnership-report", "council-onepager"):
        for form in FORMATS:
            path = folder / f"{report}.en.{form}"
            assert path.stat().st_size > 3_000, path
    assert (folder / "partnership-report.en.pdf").read_bytes().startswith(b"%PDF")


def test_the_programme_reports_and_the_index_exist(demo: Demo) -> None:
    for report in ("programme-rollup", "data-quality"):
        for form in FORMATS:
            assert (demo.root / "reports" / "programme" / f"{report}.en.{form}").is_file()
    index = (demo.root / "reports" / "index.html").read_text(encoding="utf-8")
    for link in re.findall(r'href="([^"#]+)"', index):
        assert (demo.root / "reports" / link).is_file(), link


def test_what_was_set_aside_is_listed_with_place_rule_and_fix(demo: Demo) -> None:
    rows = []
    for path in (demo.root / "quarantine").glob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as handle:
            rows += list(csv.DictReader(handle))
    assert len(rows) >= 10
    for row in rows:
        assert row["file"]
        assert row["rule"]
        assert row["what"]
        assert row["fix"]
    rules = {row["rule"] for row in rows}
    assert {"value_out_of_range", "partnership_unknown"} <= rules or len(rules) >= 6
    assert "quarantine" in demo.output


def test_nothing_that_identifies_a_person_is_in_any_stored_or_written_file(demo: Demo) -> None:
    inbox = demo.root / "inbox"
    secrets = set()
    for path in inbox.glob("*.csv"):
        text = path.read_bytes().decode("mac-roman" if "mac" in path.name else "utf-8-sig")
        secrets |= set(re.findall(r"[\w.+-]+@[\w-]+\.[a-z]{2,}", text))
        secrets |= set(re.findall(r"\b(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.\d{1,3}){3}\b", text))
        secrets |= set(re.findall(r"uuid:[0-9a-f-]{36}", text))
    assert secrets, "the demo's exports hold addresses, as real ones do"
    for path in demo.root.rglob("*"):
        if path.is_file() and not path.is_relative_to(inbox):
            content = path.read_bytes()
            if path.suffix in (".docx", ".xlsx"):
                archive = zipfile.ZipFile(path)
                content = b"".join(archive.read(name) for name in archive.namelist())
            for secret in secrets:
                assert secret.encode() not in content, f"{secret} in {path.name}"


def test_the_disclosure_gate_left_no_small_group_in_the_data_files(demo: Demo) -> None:
    for path in (demo.root / "reports").rglob("*.json"):
        for row in json.loads(path.read_text(encoding="utf-8"))["rows"]:
            if row.get("method") == "count":
                if row.get("unit") in ("people", "participations") and row.get("dimension"):
                    value = row.get("estimate")
                    assert value is None or value == 0 or value >= 5, row
            elif row.get("n") is not None and row["method"] != "design_rule":
                assert row["n"] == 0 or row["n"] >= 10 or row.get("estimate") is None, row


def test_intervals_of_the_demo_hold_the_planted_changes(demo: Demo) -> None:
    truth = {
        (row["partnership"], row["scale"]): row["participant"]
        for row in json.loads((demo.root / "truth.json").read_text(encoding="utf-8"))["changes"]
        if row["contrast"] == "post-pre"
    }
    held, missed = 0, []
    for partnership in PARTNERSHIPS:
        path = demo.root / "reports" / partnership / "partnership-report.en.json"
        for row in json.loads(path.read_text(encoding="utf-8"))["rows"]:
            key = (partnership, row["outcome"])
            is_change = row["estimand"] == "post-pre" and row["method"] == "paired_t"
            if is_change and "town" not in row and "conf_low" in row and key in truth:
                if row["conf_low"] <= truth[key] <= row["conf_high"]:
                    held += 1
                else:
                    missed.append(key)
    # 95 % intervals of one world: 9 in 10 is far below chance for so many
    assert held + len(missed) > 50
    assert held / (held + len(missed)) > 0.88, missed


def test_a_second_import_finds_nothing_new(demo: Demo) -> None:
    run = twinimpact("ingest", "--apply", str(demo.root))
    assert "Stored 0 rows." in run.stdout
    assert "Traceback" not in run.stderr


def test_reports_that_have_not_changed_are_left_alone(demo: Demo) -> None:
    path = demo.root / "reports" / "lin-mor" / "partnership-report.en.pdf"
    before = path.stat().st_mtime_ns
    run = twinimpact("report", str(demo.root))
    assert run.returncode == 0
    assert "made: 0, unchanged: 18, failed: 0" in run.stdout
    assert path.stat().st_mtime_ns == before


def test_the_same_data_give_the_same_bytes(demo: Demo) -> None:
    folder = demo.root / "reports" / "kra-jav"
    names = ["partnership-report.en.html", "partnership-report.en.pdf"]
    before = [(folder / name).read_bytes() for name in names]
    run = twinimpact(
        "report", "--force", "-p", "kra-jav", "-t", "partnership_report", "-f", "html", "-f", "pdf",
        str(demo.root),
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    assert [(folder / name).read_bytes() for name in names] == before


def test_status_names_files_answers_and_reports(demo: Demo) -> None:
    run = twinimpact("status", str(demo.root))
    assert run.returncode == 0
    for word in ("kobo_pre.csv", "lin-mor", "partnership_report"):
        assert word in run.stdout


def test_no_secret_reaches_a_kernel_or_an_executed_notebook(demo: Demo) -> None:
    key = next(Path.home().rglob("demo-not-secret.key")).read_bytes()
    for path in (demo.root / "runs").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert key not in content
            assert key.hex().encode() not in content
            assert b'"response_id"' not in content
