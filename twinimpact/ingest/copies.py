"""Rows of one file that carry the same response number."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from twinimpact.ingest.shape import problem_in
from twinimpact.ingest.source import RawTable
from twinimpact.problems import Problem


def versions_of(ids: Sequence[str], numbers: Sequence[int], table: RawTable) -> list[Problem]:
    """One problem for each row whose number another row has too; equal copies are gone before.

    No version is preferred: which one counts is decided by a person.
    """
    rows: dict[str, list[int]] = {}
    for response, number in zip(ids, numbers, strict=True):
        rows.setdefault(response, []).append(number)
    found = []
    for listed in rows.values():
        for number in listed if len(listed) > 1 else ():
            others = ", ".join(str(other) for other in listed if other != number)
            problem = problem_in(table, "same_id_differs", row=number)
            found.append(dataclasses.replace(problem, expected=others))
    return found
