"""Making many reports: plan, run the notebooks in worker processes, export, record.

Finished reports are recorded one by one, so an interrupted batch continues where it
stopped; a report whose contents have not changed is left alone.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from twinimpact.bundle import read_bundle, write_bundle
from twinimpact.errors import TwinImpactError
from twinimpact.ingest.progress import Progress, no_progress
from twinimpact.report import Pictures, can_draw, export, read_document, stamp_of
from twinimpact.run.bundles import Material, make_bundle
from twinimpact.run.notebook import execute
from twinimpact.run.request import Request, request_key, template_path
from twinimpact.schema import PROGRAMME
from twinimpact.workspace import RunRecord, latest_runs, record_run

State = Literal["done", "unchanged", "failed"]
# a kernel gets what it needs to start, and no key, password or token
KEPT_ENVIRONMENT = (
    "PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "USERPROFILE",
    "APPDATA", "LOCALAPPDATA", "PYTHONPATH", "VIRTUAL_ENV", "JUPYTER_PATH", "PYTHONWARNINGS",
)  # fmt: skip
# numbers for people who calculate, beside the reports that show many of them
TABLES = ("json", "csv")
TABLED = ("partnership_report", "programme_rollup")
SINGLE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one request."""

    request: Request
    state: State
    files: Mapping[str, str]
    seconds: float = 0.0
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What a batch came to; ``remark`` is a code of ``report.MESSAGES`` or empty."""

    outcomes: list[Outcome]
    remark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A planned report: its files in the restricted ``runs`` folder and its key.

    ``full_key`` is the key it would have with a browser that draws the charts.
    """

    request: Request
    folder: Path
    key: str
    full_key: str = ""

    @property
    def bundle(self) -> Path:
        """The numbers the notebook may show."""
        return self.folder / "bundle.json"

    @property
    def executed(self) -> Path:
        """The executed notebook."""
        return self.folder / "executed.ipynb"


def plan_reports(material: Material, requests: Sequence[Request]) -> list[Task]:
    """Write the bundle of every request and compute its key."""
    tasks = []
    drawn = can_draw()
    for request in requests:
        folder = material.project.root / "runs" / folder_name(request)
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        bundle = folder / "bundle.json"
        write_bundle(make_bundle(material, request), bundle)
        key = request_key(request, bundle, pictures=drawn)
        full = key if drawn else request_key(request, bundle)
        tasks.append(Task(request=request, folder=folder, key=key, full_key=full))
    return tasks


def make_reports(
    material: Material,
    requests: Sequence[Request],
    *,
    force: bool = False,
    jobs: int = 2,
    progress: Progress = no_progress,
) -> Batch:
    """Make all requested reports; the failure of one never stops the others.

    Parameters
    ----------
    material
        Snapshot, results and settings of the evaluation.
    requests
        Reports to make.
    force
        Remake reports whose contents have not changed.
    jobs
        Notebooks that run at the same time.
    progress
        Called with a name, the number done and the total after every report.

    Returns
    -------
    Batch
        One outcome per request, and the code of a remark about missing charts, if any.
    """
    tasks = plan_reports(material, requests)
    runs = () if force else latest_runs(material.project.workspace)
    finished = {run.key: run for run in runs}
    waiting, outcomes = [], []
    for task in tasks:
        # what was made with pictures is not remade without them
        run = finished.get(task.full_key) or finished.get(task.key)
        if run and all((material.project.root / name).is_file() for name in run.files.values()):
            outcomes.append(Outcome(request=task.request, state="unchanged", files=run.files))
            progress(task.request.name(), len(outcomes), len(tasks))
        else:
            waiting.append(task)
    if not waiting:
        return Batch(outcomes=outcomes, remark="")
    with Pictures(cache=picture_cache()) as pictures:
        for task, seconds, failure in run_notebooks(waiting, jobs):
            outcome = (
                Outcome(
                    request=task.request, state="failed", files={}, seconds=seconds, message=failure
                )
                if failure
                else finish(material, task, pictures, seconds)
            )
            record_run(material.project.workspace, _record(material, task, outcome))
            outcomes.append(outcome)
            progress(task.request.name(), len(outcomes), len(tasks))
        return Batch(outcomes=outcomes, remark=pictures.message)


def picture_cache() -> Path:
    """Where drawn charts are kept between runs: the user's cache, outside every evaluation."""
    from platformdirs import user_cache_path

    return user_cache_path("twinimpact") / "pictures"


def run_notebooks(tasks: Sequence[Task], jobs: int) -> Iterator[tuple[Task, float, str]]:
    """Run notebooks in worker processes; yields task, seconds and a message if it failed."""
    context = multiprocessing.get_context("spawn")
    workers = min(jobs, len(tasks))
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=scrub_environment)
    try:
        futures: dict[Future[tuple[float, str]], Task] = {
            pool.submit(run_one, task): task for task in tasks
        }
        for future in as_completed(futures):
            try:
                seconds, failure = future.result()
            except BrokenProcessPool:
                seconds, failure = 0.0, "The worker process was killed."
            yield futures[future], seconds, failure
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def run_one(task: Task) -> tuple[float, str]:
    """Run one notebook in this process; a failure is a message, so that others go on."""
    try:
        executed = execute(
            template_path(task.request.template),
            task.executed,
            {"bundle_path": str(task.bundle.resolve())},
        )
    except TwinImpactError as error:
        return 0.0, str(error)
    return executed.seconds, ""


def finish(material: Material, task: Task, pictures: Pictures, seconds: float) -> Outcome:
    """Read the executed notebook and write every format of the report."""
    request = task.request
    bundle = read_bundle(task.bundle)
    folder = material.project.root / "reports" / slug(request.partnership)
    try:
        written = export(
            read_document(task.executed, request.language, stamp_of(bundle)),
            folder,
            basename=f"{request.template.replace('_', '-')}.{request.language}",
            formats=(*request.formats, *(TABLES if request.template in TABLED else ())),
            pictures=pictures,
            results=bundle.results,
        )
    except TwinImpactError as error:
        return Outcome(
            request=request, state="failed", files={}, seconds=seconds, message=str(error)
        )
    files = {
        name: path.relative_to(material.project.root).as_posix() for name, path in written.items()
    }
    return Outcome(request=request, state="done", files=files, seconds=seconds)


def scrub_environment() -> None:
    """Leave only what a kernel needs in this process's environment."""
    for name in list(os.environ):
        if name not in KEPT_ENVIRONMENT:
            del os.environ[name]
    for name in SINGLE_THREAD:
        os.environ[name] = "1"


def folder_name(request: Request) -> str:
    """Folder of a request below ``runs``."""
    return f"{slug(request.partnership)}/{request.template}.{request.language}"


def slug(partnership: str) -> str:
    """A partnership id as a folder name; the programme is ``programme``."""
    if partnership == PROGRAMME:
        return "programme"
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in partnership)
    return safe.strip("-").lower() or "partnership"


def _record(material: Material, task: Task, outcome: Outcome) -> RunRecord:
    return RunRecord(
        key=task.key,
        template=task.request.template,
        partnership=task.request.partnership,
        language=task.request.language,
        snapshot=material.snapshot.id,
        state=outcome.state,
        files=dict(outcome.files),
        suppressed=len(material.results.withheld),
        seconds=outcome.seconds,
        message=outcome.message,
    )
