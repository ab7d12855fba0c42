"""A batch goes on when one report fails, and a worker has no secrets."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from twinimpact.bundle import read_bundle, write_bundle
from twinimpact.errors import RunError
from twinimpact.report import Pictures
from twinimpact.run import batch
from twinimpact.run.batch import (
    KEPT_ENVIRONMENT,
    Task,
    run_notebooks,
    run_one,
    scrub_environment,
    slug,
)
from twinimpact.run.request import Request, request_key, template_path
from twinimpact.workspace import RunRecord

if TYPE_CHECKING:
    from twinimpact.run.bundles import Material


def request(**changes: object) -> Request:
    facts = {
        "template": "council_onepager", "partnership": "lin-mor", "language": "en",
        "formats": ("html",),
    }  # fmt: skip
    return Request(**{**facts, **changes})  # type: ignore[arg-type]


def test_partnership_ids_become_safe_folder_names() -> None:
    assert slug("*") == "programme"
    assert slug("lin-mor") == "lin-mor"
    assert slug("../../etc/passwd") == "etc-passwd"
    assert "/" not in slug("Żółw/..\\x") and slug("Żółw")
    assert slug("***") == "partnership"


def test_the_key_changes_with_anything_a_report_reads(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.json"
    bundle.write_text("{}", encoding="utf-8")
    key = request_key(request(), bundle)
    assert request_key(request(), bundle) == key
    assert request_key(request(language="de"), bundle) != key
    assert request_key(request(template="data_quality"), bundle) != key
    bundle.write_text('{"a": 1}', encoding="utf-8")
    assert request_key(request(), bundle) != key


def test_an_unknown_template_is_named_with_the_known_ones() -> None:
    with pytest.raises(RunError, match="horoscope") as caught:
        template_path("horoscope")
    assert "partnership_report" in str(caught.value)


def test_a_worker_keeps_no_secret_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        monkeypatch.setenv(name, os.environ[name])
    monkeypatch.setenv("DATABASE_PASSWORD", "x")
    monkeypatch.setenv("TWINIMPACT_KEY", "y")
    scrub_environment()
    left = set(os.environ)
    assert not {"DATABASE_PASSWORD", "TWINIMPACT_KEY"} & left
    assert left <= {*KEPT_ENVIRONMENT, "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"}


@pytest.mark.slow
def test_one_failing_report_does_not_stop_the_others(tmp_path: Path) -> None:
    from sample_bundle import sample_bundle

    tasks = []
    for name in ("good", "bad"):
        folder = tmp_path / name
        folder.mkdir()
        task = Task(request=request(partnership=name), folder=folder, key=name)
        if name == "good":
            write_bundle(sample_bundle("council_onepager"), task.bundle)
            assert read_bundle(task.bundle).report == "council_onepager"
        else:
            task.bundle.write_text('{"schema": 99}', encoding="utf-8")
        tasks.append(task)
    outcome = {task.key: failure for task, _, failure in run_notebooks(tasks, 2)}
    assert outcome["good"] == ""
    assert "cell" in outcome["bad"]
    assert (tmp_path / "bad" / "executed.ipynb").exists()


def test_a_failure_is_a_message_and_no_exception(tmp_path: Path) -> None:
    task = Task(request=request(template="absent"), folder=tmp_path, key="k")
    seconds, failure = run_one(task)
    assert seconds == 0
    assert "absent" in failure


def test_without_a_browser_no_picture_is_drawn_and_the_reason_is_told() -> None:
    with Pictures("") as pictures:
        assert pictures.draw({"data": [], "layout": {}}, 100, 100) is None
        assert pictures.message == "no_browser"


def test_a_report_without_pictures_has_a_key_of_its_own(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.json"
    bundle.write_text("{}", encoding="utf-8")
    drawn = request_key(request(), bundle)
    assert request_key(request(), bundle, pictures=True) == drawn
    assert request_key(request(), bundle, pictures=False) != drawn
    # a workbook holds no charts, whatever can be drawn
    numbers = request(formats=("xlsx",))
    assert request_key(numbers, bundle) == request_key(numbers, bundle, pictures=False)


def test_reports_without_pictures_are_remade_once_there_is_a_browser_and_not_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    kept: list[RunRecord] = []
    sample = tmp_path / "reports" / "a.html"
    sample.parent.mkdir()
    sample.write_text("x", encoding="utf-8")

    def plan_and_make(drawn: bool) -> str:
        monkeypatch.setattr(batch, "can_draw", lambda: drawn)
        (outcome,) = batch.make_reports(material, [request()]).outcomes
        return outcome.state

    def keep(workspace: object, run: RunRecord) -> None:
        kept[:] = [run]

    material = cast(
        "Material",
        SimpleNamespace(
            project=SimpleNamespace(root=tmp_path, workspace=None),
            snapshot=SimpleNamespace(id="s"),
            results=SimpleNamespace(withheld=()),
        ),
    )
    monkeypatch.setattr(batch, "make_bundle", lambda *parts: None)
    monkeypatch.setattr(batch, "write_bundle", lambda made, path: path.write_text("{}"))
    monkeypatch.setattr(batch, "latest_runs", lambda workspace: tuple(kept))
    monkeypatch.setattr(batch, "record_run", keep)
    monkeypatch.setattr(
        batch, "run_notebooks", lambda tasks, jobs: [(task, 0.0, "") for task in tasks]
    )
    monkeypatch.setattr(
        batch,
        "finish",
        lambda material, task, pictures, seconds: (
            made.append(task.key)
            or batch.Outcome(request=task.request, state="done", files={"html": "reports/a.html"})
        ),
    )
    states = [plan_and_make(drawn) for drawn in (False, False, True, True, False)]
    assert states == ["done", "unchanged", "done", "unchanged", "unchanged"]
    assert len(set(made)) == 2
