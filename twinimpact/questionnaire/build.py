"""All files of a questionnaire in one folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from twinimpact.errors import DefinitionError
from twinimpact.questionnaire.asking import picture_words
from twinimpact.questionnaire.codebook import write_codebook
from twinimpact.questionnaire.paper import paper_content
from twinimpact.questionnaire.pictures import SHARES, write_pictures
from twinimpact.questionnaire.plan import Plan
from twinimpact.questionnaire.planning import Sources, make_plan
from twinimpact.questionnaire.validation import Compiled, compile_form
from twinimpact.questionnaire.xlsform import write_xlsform

FIELDABLE = ("adjudicated", "pretested")
"""States of wording that need no explicit permission to be fielded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to build: languages, waves (all of the form when empty) and a group.

    ``allow_draft`` permits wording that has not been adjudicated.
    """

    languages: tuple[str, ...] = ("en",)
    waves: tuple[str, ...] = ()
    arm: str = ""
    allow_draft: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """One questionnaire that was written: its plan, its files and what pyxform said."""

    plan: Plan
    files: tuple[Path, ...]
    compiled: Compiled


def build_questionnaires(sources: Sources, wanted: Wanted, out: Path) -> tuple[Built, ...]:
    """Write XLSForm, PDF, Word, pictures and code book of every wave.

    Parameters
    ----------
    sources
        Form, instruments, fixed words and site.
    out
        Folder to write into; made if it is not there.

    Raises
    ------
    DefinitionError
        If something is missing, or wording is not ready to be fielded and drafts are not allowed.
    RunError
        If the PDF cannot be made.
    """
    plans = [
        make_plan(sources, languages=wanted.languages, wave=wave, arm=wanted.arm)
        for wave in wanted.waves or sources.form.wave_kinds()
    ]
    if not wanted.allow_draft:
        _refuse_drafts(plans)
    out.mkdir(parents=True, exist_ok=True)
    return tuple(_write(plan, out) for plan in plans)


def _refuse_drafts(plans: list[Plan]) -> None:
    early = {
        f"{language}: {status}"
        for plan in plans
        for language, status in plan.status.items()
        if status not in FIELDABLE
    }
    if early:
        raise DefinitionError(
            "The wording is not ready to be fielded.",
            where=plans[0].form,
            got="; ".join(sorted(early)),
            expected=" or ".join(FIELDABLE),
            hint="Have it checked, or build with --allow-draft; drafts are marked on the form.",
        )


def _write(plan: Plan, out: Path) -> Built:
    from twinimpact.questionnaire.pdf import write_pdf
    from twinimpact.questionnaire.word import write_word

    files = [out / f"{plan.name()}.xlsx"]
    write_xlsform(plan, files[0])
    for language in plan.languages:
        content = paper_content(plan, language)
        stem = out / f"{plan.name()}-{language}"
        write_pdf(content, stem.with_suffix(".pdf"))
        write_word(content, stem.with_suffix(".docx"))
        files += [stem.with_suffix(".pdf"), stem.with_suffix(".docx")]
    files += write_codebook(plan, out / f"{plan.name()}-codebook")
    if any(ask.kind == "picture" for ask in plan.asks()):
        first = plan.languages[0]
        folder = out / "media"
        folder.mkdir(exist_ok=True)
        alts = tuple(picture_words(plan.say, first, place) for place in range(len(SHARES)))
        files += write_pictures(folder, alts)
    return Built(plan=plan, files=tuple(files), compiled=compile_form(files[0]))
