"""The printable questionnaire as a tagged PDF, laid out by Typst."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import tempfile
from pathlib import Path

from twinimpact.errors import RunError
from twinimpact.questionnaire.paper import Content
from twinimpact.questionnaire.pictures import picture_name, svg_picture
from twinimpact.resources import fonts_dir

TEMPLATE = Path(__file__).parent / "paper.typ"
# the clock has no place in a questionnaire: equal questionnaires give equal bytes
FIXED_DATE = dt.datetime(2000, 1, 1, 12, tzinfo=dt.UTC)


def write_pdf(content: Content, path: Path) -> None:
    """Write the questionnaire of one language.

    Raises
    ------
    RunError
        If Typst refuses the document.
    """
    import typst

    with tempfile.TemporaryDirectory(prefix="twinimpact-form-") as name:
        folder = Path(name)
        shutil.copyfile(TEMPLATE, folder / TEMPLATE.name)
        (folder / "form.json").write_text(json.dumps(content), encoding="utf-8")
        for section in content["sections"]:
            for block in section["blocks"]:
                for position, image in enumerate(block.get("images", ())):
                    file = (folder / picture_name(position)).with_suffix(".svg")
                    file.write_text(svg_picture(position, image["alt"]), encoding="utf-8")
        try:
            typst.compile(
                str(folder / TEMPLATE.name),
                root=str(folder),
                font_paths=[str(fonts_dir())],
                ignore_system_fonts=True,
                timestamp=FIXED_DATE,
                output=str(path),
                pdf_standards=["ua-1"],
            )
        except typst.TypstError as error:
            raise RunError("The PDF could not be made.", cause=str(error.message)) from error
