"""Several answers joined by spaces in one cell, split with the options of the form.

KoboToolbox, ODK and SurveyCTO can leave out the tick boxes and keep only the summary. Names of
options hold no spaces, so a list of names splits anywhere; wordings do, so a list of them is
split only where it can be read in one single way.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping, Sequence

from twinimpact.ingest.cells import Column, Grid, Rows
from twinimpact.ingest.codebook import CodeBook, Question
from twinimpact.ingest.extent import column_letters
from twinimpact.ingest.shape import plain, problem_in
from twinimpact.ingest.source import RawTable
from twinimpact.problems import Problem

FORMS = ("xlsform", "surveycto")
_MOST_WORDS = 200


def split_by_form(
    table: RawTable, names: Sequence[str], rows: Rows, numbers: Sequence[int], done: Collection[int]
) -> tuple[Rows, list[Problem]]:
    """Answers to the form's multiple-choice questions joined by ``;`` instead of spaces.

    Parameters
    ----------
    table
        The table, which carries the code book.
    names
        Headers: names of questions, paths of groups or wordings.
    rows, numbers
        Cells below the header and their row numbers.
    done
        Columns that have been split already.

    Returns
    -------
    tuple
        The rows, and a warning for every column with cells that stay as they were.
    """
    book = table.codebook
    if book is None or book.platform not in FORMS:
        return rows, []
    asked = {
        place: question
        for place, question in _questions(names, book).items()
        if question.kind == "multi" and place not in done
    }
    if not asked or not rows:
        return rows, []
    grid = Grid.of(rows)
    changed: dict[int, Column] = {}
    problems = []
    for place, question in asked.items():
        column = grid.columns[place]
        unclear = {cell for cell in column.distinct() if _joined(cell, question) is None}
        changed[place] = column.map(functools.partial(_or_itself, question=question))
        unread = [n for n, cell in zip(numbers, column, strict=True) if cell in unclear]
        if unread:
            letters, count = column_letters(place + 1), str(len(unread))
            problems.append(
                problem_in(table, "choices_unclear", got=count, column=letters, row=unread[0])
            )
    return grid.replaced(changed), problems


def _or_itself(cell: str, question: Question) -> str:
    joined = _joined(cell, question)
    return cell if joined is None else joined


def _questions(names: Sequence[str], book: CodeBook) -> dict[int, Question]:
    """Columns of the form's questions, by name, last part of a path, or wording."""
    worded: dict[str, Question | None] = {}
    for question in book.questions:
        for text in set(map(plain, question.text.values())):
            worded[text] = None if text in worded else question
    found: dict[int, Question] = {}
    for place, name in enumerate(names):
        last = name.rsplit("/", 1)[-1]
        asked = (
            book.question(name)
            or book.question(last)
            or book.question(name.rsplit("-", 1)[-1])
            or worded.get(plain(name))
            or worded.get(plain(name.rsplit(" / ", 1)[-1]))
        )
        if asked is not None:
            found[place] = asked
    return found


def _joined(cell: str, question: Question) -> str | None:
    """The answers of one cell joined by ``;``, ``None`` if they cannot be told apart."""
    words = cell.split()
    codes = {*question.options, *question.missing}
    if all(word in codes for word in words):
        return ";".join(words)
    languages = dict.fromkeys(code for texts in question.options.values() for code in texts)
    ways = {
        found
        for language in languages
        if (
            found := only_split(words, [one.get(language, "") for one in question.options.values()])
        )
    }
    return ";".join(next(iter(ways))) if len(ways) == 1 else None


def only_split(words: Sequence[str], wordings: Sequence[str]) -> tuple[str, ...]:
    """The wordings, each at most once, that make up a text; nothing if there are two ways or none.

    >>> only_split("Round Flat and wide".split(), ["Round", "Flat", "Flat and wide"])
    ('Round', 'Flat and wide')
    >>> only_split("a b c".split(), ["a", "b c", "a b", "c"])
    ()
    """
    if len(words) > _MOST_WORDS:
        return ()
    known: Mapping[tuple[str, ...], str] = {
        tuple(wording.split()): wording for wording in wordings if wording.strip()
    }
    # ways[n] holds at most two ways to read the first n words: more than one is too many
    ways: list[list[tuple[str, ...]]] = [[()], *([] for _ in words)]
    for end in range(1, len(words) + 1):
        for parts, wording in known.items():
            start = end - len(parts)
            if start >= 0 and tuple(words[start:end]) == parts:
                ways[end] += [(*way, wording) for way in ways[start] if wording not in way]
        ways[end] = ways[end][:2]
    return ways[-1][0] if len(ways[-1]) == 1 else ()
