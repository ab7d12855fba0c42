"""LimeSurvey questionnaires: .lss, .lsg, .lsa, the structure as TSV, and the R syntax file."""

from __future__ import annotations

from pathlib import Path

from twinimpact.errors import IngestError
from twinimpact.ingest import container
from twinimpact.ingest.codebook import CodeBook
from twinimpact.ingest.codebooks.common import MAX_FILE, text_of
from twinimpact.ingest.decode import decode
from twinimpact.ingest.limesurvey_files import is_definition, is_survey, read_definition

KIND = "limesurvey"
_ENDS = (".lss", ".lsg", ".lsq", ".lsa", ".zip", ".r", ".txt", ".tsv", ".xml", ".csv")


def accepts(path: Path) -> bool:
    """Whether a file defines the questions of a LimeSurvey survey."""
    if path.suffix.lower() not in _ENDS:
        return False
    try:
        text = _survey_in(path) or text_of(path)
    except IngestError:
        return False
    return is_definition(text)


def read_codebook(path: Path) -> CodeBook:
    """Every column of the survey's exports, with wordings in all its languages.

    Raises
    ------
    IngestError
        If the file is damaged, or no questionnaire.
    """
    text = _survey_in(path) or text_of(path)
    if not is_definition(text):
        raise IngestError(
            "This is no questionnaire of LimeSurvey.",
            where=path.name,
            hint="In LimeSurvey use Display/Export > Survey structure (.lss).",
        )
    return read_definition(text, path.name)


def _survey_in(path: Path) -> str:
    """The survey file of a survey archive, ``""`` for other files."""
    if path.suffix.lower() not in (".lsa", ".zip") or path.stat().st_size > MAX_FILE:
        return ""
    data = path.read_bytes()
    if container.kind_of(data) != "zip":
        return ""
    for name, part in container.open_archive(data, path.name).items():
        if name.lower().endswith(".lss"):
            text = decode(part, "", name).text
            if is_survey(text):
                return text
    return ""
