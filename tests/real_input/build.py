"""Lays out the real-input evaluations in a temporary folder, or skips when the files are absent."""

from __future__ import annotations

import contextlib
import csv
import re
import shutil
from pathlib import Path

from shared_files import fixture

from twinimpact.errors import DefinitionError
from twinimpact.privacy import create_key

HERE = Path(__file__).parent
EXPORTS = {
    "rse": ("limesurvey/rse2017_de_public.csv", "limesurvey/rse2017_nl_public.csv"),
    "xarray": ("google_forms/xarray_2021-01.csv", "google_forms/xarray_2022-06.csv"),
}
RESPONSES = {
    "rse": {"rse2017_de_public.csv": 325, "rse2017_nl_public.csv": 77},
    "xarray": {"xarray_2021-01.csv": 288, "xarray_2022-06.csv": 203},
}
"""Responses per file, from EXPECTED.json beside the files."""


def build_case(case: str, folder: Path) -> Path:
    """A workspace with the definitions of ``case`` and the real exports in its inbox.

    The key for pseudonyms is made under ``~/.config``, which tests point to a temporary folder.
    """
    exports = [fixture(name) for name in EXPORTS[case]]
    shutil.copytree(HERE / case, folder, dirs_exist_ok=True)
    for export in exports:
        shutil.copyfile(export, folder / "inbox" / export.name)
    header = first_record(exports[0])
    for path in (folder / "mappings").glob("*.toml"):
        path.write_text(with_headers(path.read_text("utf-8"), header), encoding="utf-8")
    key = Path(f"~/.config/twinimpact/real-{case}.key")
    with contextlib.suppress(DefinitionError):  # made by an earlier test of this session
        create_key(key)
    return folder


def first_record(path: Path) -> list[str]:
    """Header of a comma-separated file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return next(csv.reader(file))


def with_headers(mapping: str, header: list[str]) -> str:
    """A mapping with ``"@38"`` replaced by the header of the 38th column, quoted for TOML."""

    def named(match: re.Match[str]) -> str:
        text = header[int(match[1]) - 1].replace("\\", "\\\\").replace('"', '\\"')
        return f'"{text}"'

    return re.sub(r'(?<=^column = )"@(\d+)"', named, mapping, flags=re.MULTILINE)
