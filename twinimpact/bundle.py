"""What a report notebook is given: everything it may show, and nothing more.

A bundle is one JSON file. All numbers in it have passed the disclosure gate, so no
respondent's answers ever reach a kernel.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from twinimpact.errors import RunError
from twinimpact.schema import RESULT_COLUMNS, TEXT_RESULT_COLUMNS, result_frame

SCHEMA = 1
ACTIVITY_COLUMNS = (
    "activity_id", "partnership_id", "title", "type", "themes", "start_date", "end_date",
    "host_town_id", "status", "mode", "participations", "participations_status",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """The checked contents of one report.

    Parameters
    ----------
    report
        Template name, e.g. ``partnership_report``.
    language
        Language of the report.
    evaluation
        ``id``, ``title``, ``as_of`` (ISO date), ``timezone``.
    partnerships
        One mapping per partnership in scope: ``partnership_id``, ``name``, ``form``, ``basis``,
        ``date_signed``, ``aims`` (list), ``towns`` and ``comparison_towns`` (lists of mappings with
        ``town_id``, ``name``, ``country``, ``population``).
    waves
        ``wave_id``, ``kind``, ``label``, ``start``, ``end`` in fielding order.
    scales
        ``scale_id``, ``title``, ``short_title``, ``direction``, ``method``, ``unit``, ``lo``,
        ``hi``, ``items`` (ids), ``role``, ``sesoi``, ``status_label``, ``formative``, in catalogue
        order; titles are in the report's language.
    items
        Item id to ``label``, ``lo``, ``hi``, ``low_label``, ``high_label``, ``scale_id``,
        ``reverse``, ``anchors`` (code as text to label).
    results
        The results table (``schema.RESULT_COLUMNS``).
    activities
        One row per event (:data:`ACTIVITY_COLUMNS`); ``themes`` joined by ``;``.
    imports
        One mapping per imported file and table: ``file``, ``table``, ``platform``, ``rows``,
        ``new``, ``changed``, ``unchanged``, ``excluded`` (reason to count), ``quarantined``,
        ``encoding``.
    problems
        Problems as ``Problem.to_dict`` gives them; only in the data-quality report.
    disclosure
        ``k_answers``, ``k_counts``, ``k_minors``, ``suppressed`` (count), ``withheld`` (list of
        mappings with ``outcome``, ``estimand``, ``partnership``, ``dimension``, ``group``,
        ``wave``).
    stamp
        ``snapshot``, ``template`` (hash of the notebook), ``versions`` (package to version),
        ``parameters``.
    """

    report: str
    language: str
    evaluation: Mapping[str, Any]
    partnerships: tuple[Mapping[str, Any], ...]
    waves: tuple[Mapping[str, Any], ...]
    scales: tuple[Mapping[str, Any], ...]
    items: Mapping[str, Mapping[str, Any]]
    results: pd.DataFrame
    activities: pd.DataFrame
    imports: tuple[Mapping[str, Any], ...]
    problems: tuple[Mapping[str, Any], ...]
    disclosure: Mapping[str, Any]
    stamp: Mapping[str, Any]


def write_bundle(bundle: Bundle, path: Path) -> None:
    """Write a bundle as JSON with sorted keys, so equal contents give equal bytes."""
    content = {
        "schema": SCHEMA,
        "report": bundle.report,
        "language": bundle.language,
        "evaluation": dict(bundle.evaluation),
        "partnerships": list(bundle.partnerships),
        "waves": list(bundle.waves),
        "scales": list(bundle.scales),
        "items": dict(bundle.items),
        "results": records(bundle.results),
        "activities": records(bundle.activities),
        "imports": list(bundle.imports),
        "problems": list(bundle.problems),
        "disclosure": dict(bundle.disclosure),
        "stamp": dict(bundle.stamp),
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, allow_nan=False, indent=0)
    path.write_text(text, encoding="utf-8")


def read_bundle(path: Path) -> Bundle:
    """Read a bundle.

    Raises
    ------
    RunError
        If the file was written by a newer version of the package.
    """
    content = json.loads(path.read_text(encoding="utf-8"))
    if content["schema"] > SCHEMA:
        raise RunError(
            f"The bundle has schema {content['schema']}; this version reads up to {SCHEMA}.",
            where=path.name,
            hint="Install a newer version of twinimpact.",
        )
    activities = pd.DataFrame(content["activities"], columns=list(ACTIVITY_COLUMNS))
    activities["participations"] = pd.to_numeric(activities["participations"]).astype("float64")
    return Bundle(
        report=content["report"],
        language=content["language"],
        evaluation=content["evaluation"],
        partnerships=tuple(content["partnerships"]),
        waves=tuple(content["waves"]),
        scales=tuple(content["scales"]),
        items=content["items"],
        results=result_frame(content["results"]),
        activities=activities,
        imports=tuple(content["imports"]),
        problems=tuple(content["problems"]),
        disclosure=content["disclosure"],
        stamp=content["stamp"],
    )


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dictionaries with ``None`` for every missing number, ready for JSON."""
    as_objects = frame.astype(object).where(frame.notna(), None)
    return [
        {str(name): value for name, value in row.items() if not _absent(str(name), value)}
        for row in as_objects.to_dict(orient="records")
    ]


def _absent(name: str, value: object) -> bool:
    # a results row has 31 columns and uses about 12: absent ones are left out
    return name in RESULT_COLUMNS and (
        value is None or (name in TEXT_RESULT_COLUMNS and value == "")
    )
