"""Where the shipped notebooks and instruments are, installed or in a checkout."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parent


def notebooks_dir() -> Path:
    """Folder of the report templates."""
    return _shipped("notebooks")


def surveys_dir() -> Path:
    """Folder of the instruments and the demo definitions."""
    return _shipped("surveys")


def fonts_dir() -> Path:
    """Folder of the fonts that PDFs are set in."""
    return PACKAGE / "report" / "fonts"


def _shipped(name: str) -> Path:
    installed = PACKAGE / "_shipped" / name
    return installed if installed.is_dir() else PACKAGE.parent / name
