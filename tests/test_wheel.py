"""The wheel works without the checkout."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), "."],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return next(folder.glob("*.whl"))


@pytest.mark.slow
def test_the_wheel_carries_notebooks_instruments_templates_and_no_fixture(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for needed in (
        "twinimpact/_shipped/notebooks/partnership_report.ipynb",
        "twinimpact/_shipped/surveys/own/tw_civic.toml",
        "twinimpact/_shipped/surveys/demo/evaluation.toml",
        "twinimpact/report/report.typ",
        "twinimpact/workspace/migrations/0001_first.sql",
        "twinimpact/workspace/migrations/0002_decisions.sql",
        "twinimpact/_shipped/surveys/careless.toml",
        "twinimpact/_shipped/surveys/benchmarks.toml",
        "twinimpact/_shipped/surveys/indicators.toml",
        "twinimpact/_shipped/surveys/invariance.toml",
        "twinimpact/_shipped/surveys/calls/cerv_tt_2024.toml",
        "twinimpact/_shipped/surveys/own/de/tw_civic.toml",
        "twinimpact/ingest/words/hu.toml",
        "twinimpact/_shipped/surveys/consent_ages.toml",
        "twinimpact/_shipped/surveys/keys/kusiv3.toml",
        "twinimpact/_shipped/surveys/shared/words.toml",
        "twinimpact/questionnaire/paper.typ",
    ):
        assert needed in names
    assert not [name for name in names if "tests/" in name or "fixtures" in name]


@pytest.mark.slow
def test_no_scoring_key_in_the_wheel_has_a_text_field(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    keys = [name for name in archive.namelist() if "/surveys/keys/" in name]
    assert len(keys) >= 11
    for name in keys:
        table = tomllib.loads(archive.read(name).decode("utf-8"))
        assert not {"anchors", "instructions", "heading", "records"} & set(table), name
        for item in table["items"]:
            assert set(item) <= {"id", "source_no", "reverse"}, name


@pytest.mark.slow
def test_the_installed_wheel_makes_the_demo_reports(wheel: Path, tmp_path: Path) -> None:
    # dependencies come from this environment through a .pth file; the package itself only from
    # the wheel, because an editable install is not seen through a .pth file of another one
    environment = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    python = environment / "bin" / "python"
    if not python.exists():
        python = environment / "Scripts" / "python.exe"
    site = subprocess.run(
        [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    subprocess.run(
        [str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", str(wheel)],
        check=True,
    )
    Path(site, "borrowed.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    where = subprocess.run(
        [str(python), "-c", "import twinimpact; print(twinimpact.__file__)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    ).stdout
    assert str(environment) in where
    run = subprocess.run(
        [str(python), "-m", "twinimpact", "demo", "demo"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert (tmp_path / "demo" / "reports" / "index.html").is_file()
