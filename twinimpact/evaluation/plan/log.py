"""The plan log: which versions of the plan there were, in order, never rewritten.

A date in a plan is what its authors say. What the log adds is the order: a version noted after
a later one cannot count as earlier, and a version whose kept copy was changed does not count.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

from twinimpact.errors import DefinitionError
from twinimpact.evaluation.plan.models import AnalysisPlan, PlannedEstimand
from twinimpact.evaluation.plan.reading import LoadedPlan, parse_plan

LOG_FILE = "plan_log.csv"
COPIES = "plan_versions"
"""Folder beside the log with a copy of each version, named by its hash."""
COLUMNS = ("version", "date", "hash", "reason")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanVersion:
    """One row of the log; ``plan`` is ``None`` where its copy is missing or was changed.

    ``since`` is the date that counts: never before that of a version noted earlier, ``None``
    without a date.
    """

    version: str
    date: dt.date | None
    since: dt.date | None
    sha256: str
    reason: str
    plan: AnalysisPlan | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRecord:
    """The plan as it stands and every version there was, the present one last or among them."""

    plan: AnalysisPlan
    sha256: str
    versions: tuple[PlanVersion, ...]


def log_plan(folder: Path, plan: LoadedPlan, reason: str = "") -> bool:
    """Append a plan to ``plan_log.csv`` if its hash is new, and keep a copy of it.

    Rows that stand in the log are never changed.

    Parameters
    ----------
    folder
        Folder of the evaluation.
    plan
        The plan as it was read.
    reason
        Why there is a new version; the plan's own ``change_reason`` by default.

    Returns
    -------
    bool
        Whether a row was added.

    Raises
    ------
    DefinitionError
        If the log is no table of versions any more.
    """
    path = folder / LOG_FILE
    if any(row["hash"] == plan.sha256 for row in _rows(path)):
        return False
    copies = folder / COPIES
    copies.mkdir(exist_ok=True)
    (copies / f"{plan.sha256}.toml").write_bytes(plan.content)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    there = path.read_bytes() if path.is_file() else b""
    if not there:
        writer.writerow(COLUMNS)
    elif not there.endswith(b"\n"):
        text.write("\n")
    day = plan.plan.date
    why = reason or plan.plan.change_reason
    writer.writerow(
        [plan.plan.plan_version, day.isoformat() if day else "", plan.sha256, _plain(why)]
    )
    with path.open("ab") as log:
        log.write(text.getvalue().encode("utf-8"))
    return True


def read_record(folder: Path, plan: LoadedPlan) -> PlanRecord:
    """The plan with its earlier versions; one that is not in the log yet counts as the last.

    Raises
    ------
    DefinitionError
        If the log is no table of versions any more.
    """
    rows = _rows(folder / LOG_FILE)
    versions: list[PlanVersion] = []
    latest: dt.date | None = None
    for row in rows:
        day = _day(row["date"])
        latest = max((one for one in (day, latest) if one), default=None)
        copy = _copy(folder, row["hash"], plan)
        versions.append(
            PlanVersion(
                version=row["version"],
                date=day,
                since=latest if day else None,
                sha256=row["hash"],
                reason=row["reason"],
                plan=copy,
            )
        )
    if all(one.sha256 != plan.sha256 for one in versions):
        day = plan.plan.date
        versions.append(
            PlanVersion(
                version=str(plan.plan.plan_version),
                date=day,
                since=max(day, latest or day) if day else None,
                sha256=plan.sha256,
                reason=plan.plan.change_reason,
                plan=plan.plan,
            )
        )
    return PlanRecord(plan=plan.plan, sha256=plan.sha256, versions=tuple(versions))


def confirmatory(
    record: PlanRecord, estimand: str, outcome: str, first_post_date: dt.date | None
) -> bool:
    """Whether an estimand was named, as it is now, before the first answer afterwards came in.

    Parameters
    ----------
    record
        The plan and its versions.
    estimand
        Id of the estimand in the plan.
    outcome
        Its outcome.
    first_post_date
        Day of the first answer of the later wave; ``None`` when it is not known: nothing is
        confirmatory then.
    """
    now = _named(record.plan, estimand, outcome)
    if now is None or first_post_date is None:
        return False
    return any(
        version.plan is not None
        and version.since is not None
        and version.since < first_post_date
        and _named(version.plan, estimand, outcome) == now
        for version in record.versions
    )


def _named(plan: AnalysisPlan, estimand: str, outcome: str) -> PlannedEstimand | None:
    return next(
        (one for one in plan.estimands if one.id == estimand and one.outcome == outcome), None
    )


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    try:
        table = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    except (OSError, ValueError, csv.Error) as error:
        raise _damaged(path, str(error)) from error
    if not table:
        return []
    if tuple(table[0]) != COLUMNS:
        raise _damaged(path, ", ".join(table[0])[:80])
    rows = [row for row in table[1:] if any(row)]
    if any(len(row) != len(COLUMNS) for row in rows):
        raise _damaged(path, "a row with another number of cells")
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def _copy(folder: Path, sha256: str, now: LoadedPlan) -> AnalysisPlan | None:
    if sha256 == now.sha256:
        return now.plan
    path = folder / COPIES / f"{Path(sha256).name}.toml"
    if not path.is_file():
        return None
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        return None
    try:
        return parse_plan(content, path.name).plan
    except DefinitionError:
        return None  # written for another version of this program: it cannot be compared


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _plain(text: str) -> str:
    """One line, and nothing a spreadsheet program would take for a formula."""
    line = " ".join(text.split())
    return f"'{line}" if line.startswith(FORMULA) else line


def _damaged(path: Path, got: str) -> DefinitionError:
    return DefinitionError(
        "The plan log cannot be read.",
        where=path.name,
        got=got,
        expected=", ".join(COLUMNS),
        hint="Restore the file from a copy; it is only ever added to.",
    )
