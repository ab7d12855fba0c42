"""What the command line does on a terminal: tables, progress bars, failures and exit codes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

import typer

from twinimpact.errors import (
    DefinitionError,
    DesignError,
    DisclosureError,
    IngestError,
    LockedError,
    TwinImpactError,
)
from twinimpact.language import N_, Translator, translator

if TYPE_CHECKING:
    from rich.console import Console

# one meaning each; when several apply, the first of 2, 6, 3, 1 counts
DONE, SOME_FAILED, USAGE, INVALID_DATA, LOCKED, BLOCKED = 0, 1, 2, 3, 5, 6
LANGUAGE: ContextVar[str] = ContextVar("language", default="en")


def speaker() -> Translator:
    """The translator of the ``--lang`` option."""
    return translator(LANGUAGE.get())


@contextmanager
def failures() -> Iterator[None]:
    """Turn the package's errors into one clear message and an exit code, never a traceback."""
    codes = (
        (DefinitionError, USAGE),
        (DesignError, USAGE),
        (DisclosureError, BLOCKED),
        (IngestError, INVALID_DATA),
        (LockedError, LOCKED),
    )
    try:
        yield
    except KeyboardInterrupt:
        print(
            speaker().text(
                N_("Stopped. What was finished is kept; the same command goes on from here.")
            )
        )
        raise typer.Exit(130) from None
    except TwinImpactError as error:
        print(error, file=sys.stderr)
        code = next((code for kind, code in codes if isinstance(error, kind)), SOME_FAILED)
        raise typer.Exit(code) from None


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on a terminal, plain lines elsewhere; both on standard error."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    console = _console(stderr=True)
    if not console.is_terminal:
        yield lambda name, done, total: print(
            f"{title} {done}/{total}" + (f": {name}" if name else ""), file=sys.stderr
        )
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console) as bar:
        task = bar.add_task(title, total=None)

        def step(name: str, done: int, total: int) -> None:
            told = f"{title}: {name}" if name else title
            bar.update(task, completed=done, total=total, description=told)

        yield step


def print_table(title: str, rows: list[dict[str, str]]) -> None:
    """A table with the columns of its first row."""
    from rich.table import Table

    table = Table(title=title, title_justify="left", pad_edge=False)
    for name in rows[0] if rows else ():
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*row.values())
    _console().print(table if rows else f"{title}: nothing yet.")


def _console(stderr: bool = False) -> Console:
    from rich.console import Console

    console = Console(stderr=stderr, highlight=False)
    # a log or a pipe has no width of its own; 80 columns would break file names
    return console if console.is_terminal else Console(stderr=stderr, highlight=False, width=160)
