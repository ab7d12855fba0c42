"""The demo workspace: one drawn world as the files an evaluation office would hold."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from twinimpact.errors import RunError
from twinimpact.instruments import Catalogue, load_catalogue
from twinimpact.resources import surveys_dir
from twinimpact.synthetic import exports, faults
from twinimpact.synthetic.faults import Fault
from twinimpact.synthetic.forms import Grid, read_form, sheets_of
from twinimpact.synthetic.logs import Logs, draw_logs, totals
from twinimpact.synthetic.model import Settings
from twinimpact.synthetic.records import record_pages
from twinimpact.synthetic.simulate import World, simulate_world
from twinimpact.synthetic.truth import true_changes
from twinimpact.synthetic.workbooks import (
    IN_CALENDAR,
    activity_pages,
    calendar_bytes,
    register_pages,
    workbook_bytes,
)
from twinimpact.synthetic.world import WAVES

SEED = 20260301
TRUTH, FAULTS = "truth.json", "faults.json"
KEY = "~/.config/twinimpact/demo-not-secret.key"
"""As in the demo's evaluation.toml; a key never lies inside the folder of an evaluation."""


def write_demo(folder: Path, seed: int = SEED) -> None:
    """Write a ready workspace with invented data.

    ``inbox`` holds real export formats, ``truth.json`` the planted changes, ``faults.json`` every
    fault planted on purpose. Equal seeds give equal bytes. For that the key for pseudonyms is
    the same everywhere, so it protects nobody and must not be used for real answers.

    Raises
    ------
    RunError
        If the folder holds something that is not a demo.
    """
    _claim(folder)
    definitions = surveys_dir() / "demo"
    shutil.copyfile(definitions / "evaluation.toml", folder / "evaluation.toml")
    forms = {}
    for path in sorted((definitions / "mappings").glob("*.toml")):
        shutil.copyfile(path, folder / "mappings" / path.name)
        forms[path.stem] = read_form(path)
    people_seed, cells_seed, logs_seed, records_seed = np.random.SeedSequence(seed).spawn(4)
    catalogue = load_catalogue(surveys_dir() / "own")
    settings = Settings()
    world = simulate_world(catalogue, np.random.default_rng(people_seed), settings)
    cells = np.random.default_rng(cells_seed)
    planted = _write_questionnaires(folder / "inbox", forms, world, catalogue, cells)
    counts, more, logs = _write_logs(folder / "inbox", settings, np.random.default_rng(logs_seed))
    records = record_pages(settings.links, logs, np.random.default_rng(records_seed))
    (folder / "inbox" / "records.xlsx").write_bytes(workbook_bytes(records))
    _write_json(
        folder / TRUTH,
        {
            "what": "Expected changes of the planted model; invented data.",
            "seed": seed,
            "changes": _records(true_changes(catalogue, settings)),
            "questionnaires": _questionnaires(world),
            "events": counts,
        },
    )
    _write_json(folder / FAULTS, {"faults": [fault.to_dict() for fault in [*planted, *more]]})
    _write_key(Path(KEY).expanduser())


def _claim(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()) and not (folder / TRUTH).exists():
        raise RunError(
            "The folder for the demo is not empty.",
            where=str(folder),
            hint="Name a new folder; the demo overwrites only a demo.",
        )
    for name in ("inbox", "mappings", "surveys"):
        (folder / name).mkdir(parents=True, exist_ok=True)


def _write_questionnaires(
    inbox: Path,
    forms: Mapping[str, Mapping[str, Any]],
    world: World,
    catalogue: Catalogue,
    rng: np.random.Generator,
) -> list[Fault]:
    planted: list[Fault] = []
    for wave in WAVES:
        kobo = exports.kobo_grid(forms["kobo"], sheets_of(world, ["lin-mor"], wave), catalogue, rng)
        planted += _kobo_faults(kobo, wave)
        (inbox / f"kobo_{wave}.csv").write_bytes(exports.kobo_bytes(kobo))
        form = forms["limesurvey_post" if wave == "post" else "limesurvey_stem"]
        sheets = sheets_of(world, ["asc-lip", "oos-lin"], wave)
        lime = exports.limesurvey_grid(form, sheets, rng)
        planted += _limesurvey_faults(lime, wave)
        (inbox / f"limesurvey_{wave}.csv").write_bytes(exports.limesurvey_bytes(lime))
    google = exports.google_grid(forms["google_forms"], sheets_of(world, ["pie-cas", "tis-vil"]))
    planted += _google_faults(google)
    (inbox / "google_forms.csv").write_bytes(exports.google_bytes(google))
    microsoft = exports.microsoft_grid(
        forms["microsoft_forms"], sheets_of(world, ["vrb-obe", "kra-jav"]), rng
    )
    planted += _microsoft_faults(microsoft, forms["microsoft_forms"])
    (inbox / "microsoft_forms.xlsx").write_bytes(exports.microsoft_bytes(microsoft))
    sheet = exports.spreadsheet_grid(forms["spreadsheet_mac"], sheets_of(world, ["kle-dui"]))
    planted += _spreadsheet_faults(sheet)
    (inbox / "kleinhain_mac.csv").write_bytes(exports.mac_bytes(sheet))
    return planted


def _kobo_faults(grid: Grid, wave: str) -> list[Fault]:
    file = f"kobo_{wave}.csv"
    found = faults.code_typos(grid, file)
    key = "4f1c2a66-8d5e-4b0a-9a31-6c0d7be2f951"
    new = {"_id": "418901", "_uuid": key, "meta/rootUuid": f"uuid:{key}"}
    other_code = {"code/mother_first": "Q", "code/birth_day": "31", "code/birth_month": "11"}
    if wave == "pre":
        found.append(
            faults.overwrite(grid, file, "out_of_range", (11, "people/tw_thermo_th1"), "150")
        )
        found.append(faults.duplicate(grid, file, 4))
    elif wave == "post":
        changed = {"about/consent": "no"} | new | other_code
        found.append(faults.extra_row(grid, file, "no_consent", 3, changed))
    else:
        changed = {"_validation_status": "validation_status_not_approved"} | new | other_code
        found.append(faults.extra_row(grid, file, "rejected_response", 2, changed))
    return found


def _limesurvey_faults(grid: Grid, wave: str) -> list[Fault]:
    file = f"limesurvey_{wave}.csv"
    found = faults.code_typos(grid, file)
    if wave == "pre":
        # someone who gave up after the first page: everything behind it stays blank
        answered = grid.header.index("civic[r4]")
        number = str(len(grid.rows) + 1)
        changes = {"submitdate": "", "id": number, "lastpage": "2", "code[mother]": "Q"}
        later = dict.fromkeys(grid.header[answered + 1 :], "")
        found.append(faults.extra_row(grid, file, "partial_response", 0, changes | later))
    elif wave == "followup":
        cell = (7, "conf[i2]")
        found.append(faults.overwrite(grid, file, "out_of_range", cell, "12"))
    return found


def _google_faults(grid: Grid) -> list[Fault]:
    file = "google_forms.csv"
    found = faults.code_typos(grid, file)
    first = grid.sheets[20]
    if first is not None:
        again = exports.google_time(first.moment + pd.Timedelta(seconds=74))
        found.append(faults.extra_row(grid, file, "double_submission", 20, {"Timestamp": again}))
    changes = {
        "Which partnership is it about?": "Pietravalda and Roccabruna",
        "First letter of your mother's first name": "Q",
        "Timestamp": "2026/05/20 9:05:11 PM GMT+1",
    }
    found.append(faults.extra_row(grid, file, "unknown_partnership", 2, changes))
    return found


def _microsoft_faults(grid: Grid, form: Mapping[str, Any]) -> list[Fault]:
    file = "microsoft_forms.xlsx"
    header = {entry["item"]: entry["column"] for entry in form["items"]}
    found = faults.code_typos(grid, file)
    found.append(
        faults.overwrite(grid, file, "unreadable_number", (9, header["tw_thermo_th1"]), "about 60")
    )
    found.append(faults.overwrite(grid, file, "out_of_range", (14, header["tw_anx_x1"]), "11"))
    return found


def _spreadsheet_faults(grid: Grid) -> list[Fault]:
    file = "kleinhain_mac.csv"
    found = faults.code_typos(grid, file)
    found.append(faults.overwrite(grid, file, "out_of_range", (2, "F24"), "22"))
    found.append(
        faults.extra_row(
            grid, file, "impossible_date", 1,
            {"Datum": "31.06.2025", "Bogen": "KD-900", "Code": "QXZ31120"},
        )
    )  # fmt: skip
    return found


def _write_logs(
    inbox: Path, settings: Settings, rng: np.random.Generator
) -> tuple[dict[str, dict[str, int]], list[Fault], Logs]:
    (inbox / "registers.xlsx").write_bytes(workbook_bytes(register_pages(settings.links)))
    logs = draw_logs(settings.links, rng)
    pages = activity_pages(logs)
    file = "aktivitaeten.xlsx"
    planted = faults.plant_in_logs(pages, file)
    (inbox / file).write_bytes(workbook_bytes(pages, title="Partnerschaftsbüro"))
    (inbox / "lindenfurt.ics").write_bytes(calendar_bytes())
    planted.append(
        Fault(kind="event_without_start", file="lindenfurt.ics", value="Termin noch offen")
    )
    counts = totals(logs, faults.miscounted(planted, pages))
    for status, events in IN_CALENDAR.items():
        counts[settings.links[0].partnership.partnership_id][status] += events
    return counts, planted, logs


def _write_key(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(hashlib.sha256(b"demo: protects nobody").hexdigest() + "\n")


def _questionnaires(world: World) -> list[dict[str, Any]]:
    people = world.people.iloc[world.sheets["person"].to_numpy()].reset_index(drop=True)
    people["wave"] = np.array(WAVES)[world.sheets["wave"].to_numpy()]
    counts = people.groupby(["partnership_id", "arm", "wave"], sort=True).size()
    return [
        {"partnership": str(key[0]), "arm": str(key[1]), "wave": str(key[2]), "people": int(size)}
        for key, size in counts.items()
        if isinstance(key, tuple)
    ]


def _records(frame: Any) -> list[dict[str, Any]]:
    return [
        {
            name: (None if value != value else round(value, 6))
            if isinstance(value, float)
            else value
            for name, value in row.items()
        }
        for row in frame.to_dict(orient="records")
    ]


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")
