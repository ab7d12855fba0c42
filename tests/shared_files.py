"""Finds real export files and reference values kept beside the project, or skips visibly."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("TWINIMPACT_SHARED", Path(__file__).parents[2] / "shared"))


def fixture(name: str) -> Path:
    """A real export file such as ``kobo/dietary_needs_xml.csv``."""
    return _present(SHARED / "fixtures" / name)


def reference(name: str) -> Path:
    """A file of reference values such as ``statistics/01_paired_change.json``."""
    return _present(SHARED / "reference" / name)


def _present(path: Path) -> Path:
    if not path.exists():
        pytest.skip(
            f"{path.parent.name}/{path.name} is not here: set TWINIMPACT_SHARED to run this test"
        )
    return path
