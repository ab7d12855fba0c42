"""The road on real answers: two published surveys, from export to report."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from real_input.build import RESPONSES, build_case

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["rse", "xarray"])
def case(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path]:
    name = str(request.param)
    root = tmp_path_factory.mktemp("real") / name
    build_case(name, root)
    for command in (["ingest", "--apply"], ["report"]):
        run = subprocess.run(
            [sys.executable, "-m", "twinimpact", *command, str(root)],
            capture_output=True,
            text=True,
        )
        assert run.returncode == 0, run.stdout + run.stderr
    return name, root


def rows_of(root: Path) -> list[dict[str, object]]:
    path = next((root / "reports").glob("[!p]*/partnership-report.en.json"), None) or next(
        (root / "reports").glob("*/partnership-report.en.json")
    )
    rows: list[dict[str, object]] = json.loads(path.read_text(encoding="utf-8"))["rows"]
    return rows


def test_every_response_of_every_file_is_read(case: tuple[str, Path]) -> None:
    from twinimpact.workspace import imports_of, open_workspace

    name, root = case
    read = {
        Path(str(row["file"])).name: row["rows"]
        for row in imports_of(open_workspace(root))
        if row["table"] == "responses"
    }
    assert read == RESPONSES[name]


def test_the_report_exists_in_all_formats_and_claims_no_more_than_its_design(
    case: tuple[str, Path],
) -> None:
    name, root = case
    page = next((root / "reports").glob("*/partnership-report.en.html"))
    for form in ("pdf", "docx", "xlsx"):
        assert page.with_suffix(f".{form}").is_file()
    text = page.read_text(encoding="utf-8").lower()
    for word in ("no effect", "significant", "proves", " caused", "impact of"):
        assert word not in text
    level = 0 if name == "rse" else 1
    assert f"level {level}" in text


def test_scales_have_a_mean_an_interval_and_a_reliability(case: tuple[str, Path]) -> None:
    _, root = case
    rows = rows_of(root)
    means = [row for row in rows if row["estimand"] == "mean" and row["status"] == "ok"]
    assert means
    assert all(row["conf_low"] < row["estimate"] < row["conf_high"] for row in means)  # type: ignore[operator]
    assert any(row["estimand"] == "alpha" and "estimate" in row for row in rows)


def test_unlinked_waves_give_the_flagged_estimate_and_no_paired_one(case: tuple[str, Path]) -> None:
    name, root = case
    rows = rows_of(root)
    over_time = [row for row in rows if row["estimand"] == "post-pre|cross-section"]
    assert bool(over_time) == (name == "xarray")
    assert all("unlinked" in str(row["note"]) and row["method"] == "welch" for row in over_time)
    assert not [row for row in rows if row["method"] == "paired_t" and "estimate" in row]
