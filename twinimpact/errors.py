"""The error tree: each error is named by who has to act on it.

::

    TwinImpactError(what, where, got, expected, hint)
     ├ DefinitionError  an instrument, mapping or evaluation file is wrong → its author acts
     ├ IngestError      data failed                                        → the data keeper acts
     ├ DesignError      these data cannot answer that question             → the evaluator acts
     ├ DisclosureError  a number may not be shown                          → nobody is let through
     └ RunError         kernel, notebook, store or schedule failed         → the operator acts

Bad data are values, not exceptions: checks collect every
:class:`~twinimpact.problems.Problem` first and raise once, with all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twinimpact.problems import Problem


class TwinImpactError(Exception):
    """Base of all errors this package raises on purpose.

    Parameters
    ----------
    what
        One sentence: what is wrong.
    where
        File, sheet, row, key or cell it is about.
    got, expected
        The offending value and the rule it breaks.
    hint
        What the reader can do about it.
    problems
        All problems found, when more than one thing is wrong.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        got: str = "",
        expected: str = "",
        hint: str = "",
        problems: Sequence[Problem] = (),
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.got = got
        self.expected = expected
        self.hint = hint
        self.problems = tuple(problems)

    def __str__(self) -> str:
        parts = [f"{self.where}: {self.what}" if self.where else self.what]
        if self.got:
            parts.append(f"Found: {self.got}.")
        if self.expected:
            parts.append(f"Expected: {self.expected}.")
        if self.hint:
            parts.append(self.hint)
        parts.extend(f"\n  - {problem}" for problem in self.problems)
        return " ".join(parts[: len(parts) - len(self.problems)]) + "".join(
            parts[len(parts) - len(self.problems) :]
        )


class DefinitionError(TwinImpactError):
    """An instrument, mapping or evaluation file is wrong; its author acts."""


class IngestError(TwinImpactError):
    """Data could not be read or checked; the data keeper acts."""


class DesignError(TwinImpactError):
    """These data cannot answer that question; the evaluator acts."""


class DisclosureError(TwinImpactError):
    """A number may not be shown; nobody is let through."""


class RunError(TwinImpactError):
    """A kernel, notebook, store or schedule failed; the operator acts."""

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        hint: str = "",
        notebook: str = "",
        cell: int | None = None,
        cause: str = "",
    ) -> None:
        super().__init__(what, where=where, got=cause, hint=hint)
        self.notebook = notebook
        self.cell = cell
        self.cause = cause


class LockedError(RunError):
    """Another run is writing to the evaluation; the operator waits."""
