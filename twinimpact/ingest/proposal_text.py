"""A proposed mapping as the TOML file a person reviews."""

from __future__ import annotations

import json
from collections.abc import Iterable

from twinimpact.entities import ARMS
from twinimpact.ingest.headers import signature_of
from twinimpact.ingest.mapping import REASONS
from twinimpact.ingest.proposal import AnswerGuess, ItemGuess, Known, Proposal, RoleGuess
from twinimpact.ingest.synonyms import allowed
from twinimpact.ingest.table_proposal import FIELDS, REFERS, TableProposal

_WAITING = ("wave", "partnership", "town", "arm")
_OWN = {
    "id": "names a response",
    "submitted": "time of the answer",
    "token": "token of the person",
    "language": "language of the questionnaire",
    "status": "state of the response",
}


def proposal_toml(proposal: Proposal, known: Known) -> str:
    """The text of the file: active lines only for what is certain, the rest as comments."""
    lines = [
        f"# Proposed mapping of {_plain(proposal.file)}. Read it line by line before you use it.",
        "#",
        *_checklist(proposal),
        "",
        "schema = 1",
        f"platform = {_text(proposal.platform)}",
        "# Tells later what a new export has changed.",
        f"signature = {_text(signature_of(proposal.header))}",
        *_list("header", proposal.header),
        *_dates(proposal),
        "",
        *_constants(proposal, known),
        *_roles(proposal),
        *_consent(proposal.consent),
        *_values(proposal, known),
        *_items(proposal),
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


def table_toml(proposal: TableProposal, known: Known) -> str:
    """The text of a mapping of a log, a list or a register, like :func:`proposal_toml`."""
    lines = [
        f"# Proposed mapping of {_plain(proposal.file)} as {proposal.table}. Read it line by line "
        "before you use it.",
        "#",
        *_table_checklist(proposal),
        "",
        "schema = 1",
    ]
    if proposal.platform:
        lines.append(f"platform = {_text(proposal.platform)}")
    if proposal.sheet:
        lines.append(f"sheet = {_text(proposal.sheet)}")
    if proposal.date_evidence:
        lines.append(f"# Dates: {proposal.date_evidence}.")
        order = _text(proposal.date_order or "day-first")
        lines.append(f"date_order = {order}" if proposal.date_order else f"# date_order = {order}")
    lines += ["", *_table_constants(proposal, known), "[columns]"]
    lines += [f"{role} = {_text(name)}" for role, name in proposal.columns]
    for one in proposal.similar:
        lines.append(f"# {one.role} = {_text(one.column)}  # similar words, score {one.score:.2f}")
    lines += ["", *_table_values(proposal, known)]
    if proposal.unmatched:
        lines.append("# Columns without a meaning here; they are not imported:")
        lines += [f"# - {_plain(name)}" for name in proposal.unmatched]
    return "\n".join(lines).rstrip("\n") + "\n"


def _table_checklist(proposal: TableProposal) -> list[str]:
    columns = [role for role, constant in proposal.absent if not constant]
    points = [
        "Each column under [columns]: is it what its name says? Remove what is not.",
        f"{len(proposal.similar)} headers are only similar to a usual name: take away the # where "
        "the meaning is the same." if proposal.similar else "",
        f"No column was found for: {', '.join(columns)}. Without it no row can be stored."
        if columns else "",
        *(f"No column tells: {constant}. Set it under [constants], here or in evaluation.toml."
          for _, constant in proposal.absent if constant),
        "Cells with a ? are no known word: say what each of them means."
        if proposal.unknown else "",
        f"Columns that look personal: {_names(proposal.personal)}. They are dropped while reading, "
        "or kept as pseudonyms only." if proposal.personal else "",
        f'List the file in evaluation.toml as table = "{proposal.table}" with this file as its '
        "mapping; then: twinimpact check",
    ]  # fmt: skip
    return ["# To do:", *(f"# [ ] {point}" for point in points if point)]


def _table_constants(proposal: TableProposal, known: Known) -> list[str]:
    waiting = [constant for _, constant in proposal.absent if constant]
    if not waiting:
        return []
    lines = ["[constants]"]
    for constant in waiting:
        ids = _ids(known, constant)
        lines.append(f'# {constant} = "?"' + (f"  # one of: {_names(ids)}" if ids else ""))
    return [*lines, ""]


def _table_values(proposal: TableProposal, known: Known) -> list[str]:
    lines: list[str] = []
    for role, cells in proposal.unknown.items():
        named = REFERS.get((proposal.table, role), "")
        if named == "town":
            # a town is known by its register, not by a mapping
            lines.append(f"# {role}: in no register of towns: {_names(cells)}")
            lines.append("# Add them there, or correct them in the file.")
        else:
            field = FIELDS.get((proposal.table, role), role)
            ids = _ids(known, named) if named else allowed(field)
            lines.append(f"# [values.{role}]" + (f"  # one of: {_names(ids)}" if ids else ""))
            lines += [f'# {_text(cell)} = "?"' for cell in cells]
        lines.append("")
    return lines


def _checklist(proposal: Proposal) -> list[str]:
    waiting = [role for role in _WAITING if role not in {guess.role for guess in proposal.roles}]
    doubtful = [guess for guess in proposal.items if guess.score < 1]
    points = [
        "Each column under [columns]: is it what its name says? Remove what is not.",
        f"No column tells: {', '.join(waiting)}. Set them under [constants], here or in "
        "evaluation.toml." if waiting else "",
        "Consent: name the column and what counts as yes, or say why none is needed.",
        f"{len(doubtful)} questions are only similar to an item: compare the wording. A different "
        "question is a different item." if doubtful else "",
        "Answers with a ? have no code yet; the order of labels is not guessed.",
        f"Personal columns are dropped while reading: {_names(proposal.personal)}."
        if proposal.personal else "No column looks personal. If one is, remove it from the file.",
        f"The options come from {_plain(proposal.codebook)}. If that is a file beside the export, "
        "name it in evaluation.toml as `codebook` of the same source." if proposal.codebook else "",
        "List the export in evaluation.toml with this file as its mapping; then: twinimpact check",
    ]  # fmt: skip
    return ["# To do:", *(f"# [ ] {point}" for point in points if point)]


def _dates(proposal: Proposal) -> list[str]:
    own = [f"# {_plain(name)}: {_OWN[role]}, found by the tool" for role, name in proposal.own]
    if not proposal.date_evidence:
        return own
    told = f"# Dates: {proposal.date_evidence}."
    if proposal.date_order:
        return [*own, told, f"date_order = {_text(proposal.date_order)}"]
    return [*own, told, '# date_order = "day-first"  # or month-first']


def _constants(proposal: Proposal, known: Known) -> list[str]:
    roles = {guess.role for guess in proposal.roles}
    lines = ["[constants]"]
    for role in _WAITING:
        if role not in roles:
            ids = ARMS if role == "arm" else _ids(known, role)
            lines.append(f'# {role} = "?"' + (f"  # one of: {_names(ids)}" if ids else ""))
    return [*lines, ""] if len(lines) > 1 else []


def _roles(proposal: Proposal) -> list[str]:
    lines = ["[columns]"]
    for guess in proposal.roles:
        lines.append(f"# {guess.evidence}")
        if guess.role == "code":
            lines += _list("code", guess.columns)
        else:
            lines.append(f"{guess.role} = {_text(guess.columns[0])}")
    return [*lines, ""] if proposal.roles else ["[columns]", "# no column was recognised", ""]


def _consent(guess: RoleGuess | None) -> list[str]:
    waived = [
        "# Nobody is imported without consent. If it was given in another way, say how:",
        "# [consent]",
        '# waived = "signed on paper on the day"',
        "",
    ]
    if guess is None:
        return ["# No column of consent was found.", *waived]
    yes = [label for label, value in guess.values.items() if value == "yes"]
    others = [label for label in guess.values if label not in yes]
    column = f"column = {_text(guess.columns[0])}"
    if not yes:
        seen = f"  # seen: {_names(others)}" if others else ""
        return [f"# {guess.evidence}", "# [consent]", f"# {column}", f'# yes = ["?"]{seen}', ""]
    not_yes = [f"# not yes: {_names(others)}"] if others else []
    return [f"# {guess.evidence}", "[consent]", column, f"yes = {_array(yes)}", *not_yes, ""]


def _values(proposal: Proposal, known: Known) -> list[str]:
    lines: list[str] = []
    for guess in proposal.roles:
        if not guess.values:
            continue
        role = guess.role
        ids = _ids(known, role) if role in known else allowed(role)
        lines.append(f"# [values.{role}]" + (f"  # one of: {_names(ids)}" if ids else ""))
        lines += [f'# {_text(label)} = "?"' for label in guess.values]
        lines.append("")
    return lines


def _items(proposal: Proposal) -> list[str]:
    lines: list[str] = []
    tables: dict[str, AnswerGuess] = {}
    # "same" answers of several items are written once
    for guess in proposal.items:
        lines += _item(guess, tables)
    for name, answers in tables.items():
        lines += _answers(name, answers)
    if proposal.unmatched:
        lines.append("# Columns without a meaning here; they are not imported:")
        lines += [
            f"# - {_plain(question.name)} ({question.kind})" for question in proposal.unmatched
        ]
    return lines


def _item(guess: ItemGuess, tables: dict[str, AnswerGuess]) -> list[str]:
    name = ""
    if guess.answers is not None:
        same = (n for n, one in tables.items() if one.codes == guess.answers.codes)
        name = next(same, guess.answers.name)
        tables.setdefault(name, guess.answers)
    active = guess.score >= 1
    mark = "" if active else "# "
    score = "" if active else f", score {guess.score:.2f}"
    lines = [
        f"# {guess.evidence}{score}",
        f"{mark}[[items]]",
        f"{mark}column = {_text(guess.column)}",
        f"{mark}item = {_text(guess.item)}",
    ]
    if guess.answers is not None:
        ready = active and guess.answers.evidence
        lines.append(f"{'' if ready else '# '}answers = {_text(name)}")
    return [*lines, ""]


def _answers(name: str, guess: AnswerGuess) -> list[str]:
    mark = "" if guess.evidence else "# "
    told = guess.evidence or "the number of labels fits the item, their order is not known"
    lines = [f"# {told}", f"{mark}[answers.{name}]"]
    for label, code in guess.codes.items():
        lines.append(f"{mark}{_text(label)} = {'?' if code is None else code}")
    usable = {label: why for label, why in guess.missing.items() if why in REASONS}
    if usable:
        lines.append(f"{mark}[answers.{name}.missing]")
        lines += [f"{mark}{_text(label)} = {_text(why)}" for label, why in usable.items()]
    return [*lines, ""]


def _ids(known: Known, role: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(known.get(role, {}).values()))


def _list(key: str, names: Iterable[str]) -> list[str]:
    return [f"{key} = [", *(f"  {_text(name)}," for name in names), "]"]


def _array(texts: Iterable[str]) -> str:
    return "[" + ", ".join(map(_text, texts)) + "]"


def _text(text: str) -> str:
    """A TOML string; its escapes are those of JSON, and DEL besides."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _plain(text: str) -> str:
    """Text that may stand in a comment."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _names(names: Iterable[str]) -> str:
    return ", ".join(map(_plain, names))
