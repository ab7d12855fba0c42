"""The ``survey`` commands: questionnaires out of instruments, and checks of forms."""

from __future__ import annotations

from contextvars import ContextVar
from pathlib import Path
from typing import Annotated

import typer

from twinimpact.console import DONE, USAGE, failures, print_table, speaker
from twinimpact.language import N_

survey = typer.Typer(help="Questionnaires: build, check, prepare wording.", no_args_is_help=True)
Many = list[str] | None
FOLDER: ContextVar[Path | None] = ContextVar("folder", default=None)


@survey.callback()
def root(
    folder: Annotated[
        Path | None, typer.Option(help="Evaluation with its own instruments and wording.")
    ] = None,
) -> None:
    """Options that come before the command."""
    FOLDER.set(folder)


@survey.command()
def build(
    form: Annotated[
        str,
        typer.Argument(help="A form, or a .toml file; as form@group for one group."),
    ],
    site: Annotated[str, typer.Option(help="Name of a site, or a .toml file.")],
    out: Annotated[Path, typer.Option(help="Folder to write into.")],
    language: Annotated[Many, typer.Option(help="Language; repeat for several.")] = None,
    wave: Annotated[Many, typer.Option(help="Kind of wave; without it all of the form.")] = None,
    allow_draft: Annotated[
        bool, typer.Option("--allow-draft", help="Field wording that nobody has adjudicated.")
    ] = False,
) -> None:
    """Write a questionnaire as XLSForm, PDF and Word, with its code book."""
    from twinimpact.questionnaire import Wanted
    from twinimpact.run import build_survey, built_sentences

    with failures():
        name, _, group = form.partition("@")
        wanted = Wanted(
            languages=tuple(language or ("en",)),
            waves=tuple(wave or ()),
            arm=group,
            allow_draft=allow_draft,
        )
        built = build_survey(name, site, wanted, out, FOLDER.get())
        for sentence in built_sentences(built, speaker()):
            print(sentence)


@survey.command()
def lint(
    file: Annotated[Path, typer.Argument(help="An XLSForm, as .xlsx or .xls.")],
    as_json: Annotated[bool, typer.Option("--json", help="The findings as JSON.")] = False,
) -> None:
    """Check anybody's XLSForm for what form compilers pass over in silence."""
    from twinimpact.run import lint_survey

    with failures():
        linted = lint_survey(file)
        if as_json:
            print(linted.as_json())
        elif linted.problems:
            print_table(file.name, linted.rows())
        else:
            print(speaker().text(N_("Nothing to mend in {file}."), {"file": file.name}))
        raise typer.Exit(USAGE if linted.severe() else DONE)


@survey.command()
def overlay(
    instrument: Annotated[str, typer.Argument(help="Id of a published scale, such as kusiv3.")],
    language: Annotated[str, typer.Argument(help="Language of the wording, such as de.")],
) -> None:
    """Print an empty file for wording you are licensed to use."""
    from twinimpact.run import survey_overlay

    with failures():
        print(survey_overlay(instrument, language), end="")


@survey.command()
def fingerprints() -> None:
    """List the marks of the English words that checked translations name as their source."""
    from twinimpact.run import source_fingerprints

    with failures():
        print_table("Sources", source_fingerprints())
