"""The command line. No logic here: every command calls one verb and says what came of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from twinimpact import __version__
from twinimpact.cli_planning import design, power
from twinimpact.cli_survey import survey
from twinimpact.console import DONE, INVALID_DATA, LANGUAGE, SOME_FAILED, failures, progress_bar
from twinimpact.console import print_table as _table
from twinimpact.console import speaker as _translator
from twinimpact.errors import DefinitionError
from twinimpact.language import N_

if TYPE_CHECKING:
    from twinimpact.ingest import ImportPlan, Inspection, Receipt
    from twinimpact.run import Told
    from twinimpact.run.batch import Outcome

SHOWN_PROBLEMS = 50
READING, STORING = N_("Reading"), N_("Storing")

app = typer.Typer(
    help="Survey and impact evaluation for town twinning: exports and activity logs in, "
    "evaluation reports out.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(survey, name="survey")
app.command()(design)
app.command()(power)
Folder = Annotated[Path, typer.Argument(help="Folder of the evaluation.")]
Write = Annotated[Path | None, typer.Option(help="Write the list as a table to fill in.")]
Decide = Annotated[Path | None, typer.Option(help="Carry out a table that was filled in.")]
Formats = Annotated[
    list[str] | None,
    typer.Option("--format", "-f", help="html, pdf, docx or xlsx; repeat for several."),
]


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
    lang: Annotated[str, typer.Option(help="Language of the messages.")] = "en",
) -> None:
    """Options that come before the command."""
    LANGUAGE.set(lang)
    if version:
        print(f"twinimpact {__version__}")
        raise typer.Exit


@app.command()
def new(
    folder: Folder,
    title: Annotated[str, typer.Option(help="Title of the evaluation.")] = "",
) -> None:
    """Make a new evaluation folder with commented settings and template workbooks."""
    from twinimpact.scaffold import new_workspace

    with failures():
        written = new_workspace(folder, title or folder.resolve().name)
        _say(N_("A new evaluation is ready in {folder}:"), folder=folder)
        for path in written:
            print(f"  {path.relative_to(folder) if path.is_relative_to(folder) else path}")
        _say(
            N_(
                "Fill in the workbooks in inbox/, put your survey exports beside them, name them "
                "in evaluation.toml, and check everything with: twinimpact check {folder}"
            ),
            folder=folder,
        )


@app.command()
def check(folder: Folder = Path()) -> None:
    """Check settings, instruments and data; writes nothing but a new plan into the plan log."""
    from twinimpact.run import load_project, note_plan, plan_all

    with failures():
        project = load_project(folder)
        note_plan(folder)
        with _progress(READING) as step:
            plans = plan_all(project, progress=step)
        _say_plans(plans)
        raise typer.Exit(_data_code(plans))


@app.command()
def inspect(
    file: Annotated[Path, typer.Argument(help="An export as it was downloaded.")],
    as_json: Annotated[bool, typer.Option("--json", help="Everything as JSON.")] = False,
    platform: Annotated[str, typer.Option(help="The tool, if you know it.")] = "",
    sheet: Annotated[str, typer.Option(help="Sheet of a workbook.")] = "",
    encoding: Annotated[str, typer.Option(help="Encoding, such as cp1252.")] = "",
    codebook: Annotated[Path | None, typer.Option(help="Definition file of the same form.")] = None,
) -> None:
    """Say what a file is and holds, without storing anything."""
    from twinimpact.ingest import ReadOptions, codebook_of, inspect_file

    with failures():
        for path in filter(None, (file, codebook)):
            if not path.is_file():
                raise DefinitionError("There is no such file.", where=str(path))
        book = codebook_of(codebook) if codebook else None
        options = ReadOptions(encoding=encoding, sheet=sheet, codebook=book)
        seen = inspect_file(file, options, platform=platform)
        _say_inspection(seen, as_json)
        raise typer.Exit(INVALID_DATA if seen.refused else DONE)


@app.command()
def ingest(
    folder: Folder = Path(),
    apply: Annotated[bool, typer.Option("--apply", help="Store what the dry run shows.")] = False,
    propose: Annotated[
        Path | None, typer.Option(help="Write a mapping for this file, to review.")
    ] = None,
    out: Annotated[str, typer.Option(help="Name of the mapping, in the folder.")] = "",
    codebook: Annotated[str, typer.Option(help="Definition file of the same form.")] = "",
    on_conflict: Annotated[
        str, typer.Option(help="A response with two versions: keep the first, replace it, or ask.")
    ] = "ask",
) -> None:
    """Show what importing would do; with --apply, do exactly that."""
    from twinimpact.run import apply_imports, load_project, plan_all, propose_mapping

    with failures():
        project = load_project(folder)
        if propose is not None:
            for path in propose_mapping(project, propose, out=out, codebook=codebook):
                _say(N_("Written: {path}. Read it line by line before you use it."), path=path)
            raise typer.Exit
        with _progress(READING) as step:
            plans = plan_all(project, on_conflict, step)
        _say_plans(plans)
        if not apply:
            _say(
                N_("Nothing has been stored. To store it: twinimpact ingest --apply {folder}"),
                folder=folder,
            )
        else:
            with _progress(STORING) as step:
                receipt = apply_imports(project, plans, on_conflict, step)
            _say_receipt(receipt)
        raise typer.Exit(_data_code(plans))


@app.command()
def conflicts(folder: Folder = Path(), write: Write = None, decide: Decide = None) -> None:
    """List responses with two versions; write them as a table, carry out its decisions."""
    from twinimpact.run import load_project, settle_conflicts

    with failures():
        _say_told(settle_conflicts(load_project(folder), write, decide, _translator()))


@app.command()
def link(folder: Folder = Path(), write: Write = None, decide: Decide = None) -> None:
    """List pairs that may be of one person; write them as a table, carry out its decisions."""
    from twinimpact.run import load_project, settle_links

    with failures():
        _say_told(settle_links(load_project(folder), write, decide, _translator()))


@app.command()
def trace(
    folder: Folder,
    partnership: Annotated[str, typer.Argument(help="Id of the partnership.")],
    outcome: Annotated[str, typer.Option(help="Only answers to this scale.")] = "",
) -> None:
    """Say which files and rows the answers about a partnership came from."""
    from twinimpact.run import load_project, trace_rows

    with failures():
        _table("Sources", trace_rows(load_project(folder), partnership, outcome))


@app.command()
def report(
    folder: Folder = Path(),
    partnership: Annotated[
        list[str] | None, typer.Option("--partnership", "-p", help="Only this partnership.")
    ] = None,
    template: Annotated[
        list[str] | None, typer.Option("--template", "-t", help="Only this report.")
    ] = None,
    formats: Formats = None,
    force: Annotated[
        bool, typer.Option("--force", help="Remake reports that have not changed.")
    ] = False,
) -> None:
    """Make the reports of all partnerships, or of those named."""
    from twinimpact.run import Selection, load_project, make_selected

    with failures():
        selection = Selection(
            partnerships=tuple(partnership or ()),
            templates=tuple(template or ()),
            formats=tuple(formats or ()),
            force=force,
        )
        with progress_bar("Reports") as step:
            made = make_selected(load_project(folder), selection, step)
        _say_outcomes(made.outcomes)
        for message in made.messages:
            print(message)
        _say(N_("Open {index} in a browser to see them all."), index=made.index)
        raise typer.Exit(_outcome_code(made.outcomes))


@app.command()
def status(folder: Folder = Path()) -> None:
    """Say what has been imported, what it holds and which reports exist."""
    from twinimpact.run import load_project, status_tables

    with failures():
        for title, rows in status_tables(load_project(folder)):
            _table(title, rows)


@app.command()
def demo(folder: Folder = Path("demo-workspace")) -> None:
    """Make a demo evaluation from made-up data, import it and make every report."""
    from twinimpact.run import Selection, apply_imports, load_project, make_selected, plan_all
    from twinimpact.synthetic import write_demo

    with failures():
        _say(
            N_("Writing a made-up evaluation: eight partnerships, three waves, real file formats.")
        )
        write_demo(folder)
        project = load_project(folder)
        with _progress(READING) as step:
            plans = plan_all(project, progress=step)
        _say_plans(plans)
        with _progress(STORING) as step:
            receipt = apply_imports(project, plans, progress=step)
        _say_receipt(receipt)
        with progress_bar("Reports") as step:
            made = make_selected(project, Selection(), step)
        _say_outcomes(made.outcomes)
        for message in made.messages:
            print(message)
        _say(
            N_("The reports are in {folder}. Start with {index}"),
            folder=folder / "reports",
            index=made.index,
        )
        raise typer.Exit(_outcome_code(made.outcomes))


@app.command(name="open")
def open_reports(folder: Folder = Path()) -> None:
    """Open the index of the reports in a browser."""
    import webbrowser

    index = folder / "reports" / "index.html"
    if not index.is_file():
        _say(
            N_("There are no reports yet. Make them with: twinimpact report {folder}"),
            folder=folder,
        )
        raise typer.Exit(SOME_FAILED)
    webbrowser.open(index.resolve().as_uri())
    print(index)


def _say(message: str, **values: object) -> None:
    """Print a sentence in the language of the ``--lang`` option."""
    print(_translator().text(message, values))


def _progress(title: str) -> AbstractContextManager[Callable[[str, int, int], None]]:
    """The progress bar of one part of the work, titled in the language of the messages."""
    return progress_bar(_translator().text(title))


def main() -> None:
    """Entry point of the ``twinimpact`` command."""
    app()


def _say_plans(plans: tuple[ImportPlan, ...]) -> None:
    from twinimpact.run import plan_rows

    _table("Import", plan_rows(plans, _translator()))
    problems = [problem for plan in plans for problem in plan.problems]
    for problem in problems[:SHOWN_PROBLEMS]:
        print(f"[{problem.severity}] {problem}")
    if len(problems) > SHOWN_PROBLEMS:
        _say(
            N_("… and {count} more; importing lists all of them in the quarantine files."),
            count=len(problems) - SHOWN_PROBLEMS,
        )


def _say_inspection(seen: Inspection, as_json: bool) -> None:
    from twinimpact.run import (
        inspection_facts,
        inspection_json,
        inspection_remarks,
        question_rows,
    )

    if as_json:
        print(inspection_json(seen))
        return
    print(seen.file)
    for name, value in inspection_facts(seen, _translator()):
        print(f"  {name}: {value}")
    if seen.questions:
        _table("Questions", question_rows(seen, _translator()))
    for remark in inspection_remarks(seen, _translator()):
        print(remark)
    if seen.refused:
        print(f"{seen.refusal} {seen.hint}".strip(), file=sys.stderr)


def _say_receipt(receipt: Receipt) -> None:
    from twinimpact.run import receipt_sentences

    for sentence in receipt_sentences(receipt, _translator()):
        print(sentence)


def _say_told(told: Told) -> None:
    _table(told.title, told.rows)
    for sentence in told.sentences:
        print(sentence)


def _data_code(plans: tuple[ImportPlan, ...]) -> int:
    severe = any(problem.severity == "error" for plan in plans for problem in plan.problems)
    return INVALID_DATA if severe else DONE


def _say_outcomes(outcomes: list[Outcome]) -> None:
    counts = {
        state: sum(outcome.state == state for outcome in outcomes)
        for state in ("done", "unchanged", "failed")
    }
    _say(
        N_("Reports made: {done}, unchanged: {unchanged}, failed: {failed}."),
        done=counts["done"],
        unchanged=counts["unchanged"],
        failed=counts["failed"],
    )
    for outcome in outcomes:
        if outcome.state == "failed":
            print(f"  {outcome.request.name()}: {outcome.message}")


def _outcome_code(outcomes: list[Outcome]) -> int:
    return SOME_FAILED if any(outcome.state == "failed" for outcome in outcomes) else DONE
