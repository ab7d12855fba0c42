"""Telling how far a long piece of work has come; whoever asked decides how to show it."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with the name of what is being done, the number done and the total."""


def no_progress(name: str, done: int, total: int) -> None:
    """Tell nobody."""


class Steps:
    """Counts the steps of one piece of work."""

    def __init__(self, progress: Progress, total: int) -> None:
        self.progress = progress
        self.total = total
        self.done = 0

    def begin(self, name: str) -> None:
        """Say what comes next."""
        self.progress(name, self.done, self.total)
        self.done += 1

    def end(self) -> None:
        """Say that everything is done."""
        if self.total:
            self.progress("", self.total, self.total)
