"""What the command line draws on a terminal: tables and progress bars."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


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
        yield lambda name, done, total: print(f"{title} {done}/{total}: {name}", file=sys.stderr)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console) as bar:
        task = bar.add_task(title, total=None)

        def step(name: str, done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, description=f"{title}: {name}")

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
