"""Remake the sample report that the README shows: ``python -m twinimpact.run.sample FOLDER``."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from twinimpact.report import page_picture
from twinimpact.run.project import load_project
from twinimpact.run.verbs import Selection, apply_imports, make_selected, plan_all
from twinimpact.synthetic import write_demo

FORMATS = ("html", "pdf", "docx")


def make_sample(folder: Path, partnership: str) -> list[Path]:
    """Write one demo partnership's report as HTML, PDF and Word, and its first page as a picture.

    Parameters
    ----------
    folder
        Where the files go.
    partnership
        Partnership id of the demo.
    """
    folder.mkdir(parents=True, exist_ok=True)

    def quiet(name: str, done: int, total: int) -> None:
        """Say nothing: this runs unattended."""

    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch) / "demo"
        write_demo(root)
        project = load_project(root)
        apply_imports(project, plan_all(project))
        selection = Selection(
            partnerships=(partnership,), templates=("partnership_report",), formats=FORMATS
        )
        made = make_selected(project, selection, quiet)
        copied = []
        for form, name in made.outcomes[0].files.items():
            if form not in FORMATS:
                continue
            copied.append(folder / Path(name).name)
            shutil.copyfile(root / name, copied[-1])
        executed = root / "runs" / partnership / "partnership_report.en"
        picture = folder / "partnership-report.png"
        picture.write_bytes(page_picture(executed / "executed.ipynb", executed / "bundle.json"))
    return [*copied, picture]


if __name__ == "__main__":
    make_sample(Path(sys.argv[1]), "lin-mor")
