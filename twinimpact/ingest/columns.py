"""Which column of an export plays which part: roles of the person and items asked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from twinimpact.ingest.answer_words import column_words
from twinimpact.ingest.draft import Draft, DraftColumn
from twinimpact.ingest.headers import header_problems
from twinimpact.ingest.mapping import Answers, ColumnMapping, ItemColumn
from twinimpact.ingest.synonyms import header
from twinimpact.ingest.values import fold, fold_label
from twinimpact.instruments import Catalogue, Item
from twinimpact.problems import Problem

# a wrong guess here would send every row to quarantine, so only the canonical names count
STRICT_ROLES: Mapping[str, tuple[str, ...]] = {
    "wave": ("wave",),
    "partnership": ("partnership", "partnership_id"),
    "town": ("town", "town_id", "home_town"),
    "arm": ("arm",),
    "participant": ("participant", "participant_id"),
}
LOOSE_ROLES = ("gender", "age_band", "birth_year", "role", "language", "consent")
SHOWN = 12

_CODE = re.compile(r"^code(?:_?element)?_?(\d*)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPlace:
    """Where the answers to one item stand, and the words they may use."""

    item: Item
    positions: tuple[int, ...]
    words: Answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Columns found in a draft; ``roles`` maps a role to column positions."""

    roles: Mapping[str, tuple[int, ...]]
    items: tuple[ItemPlace, ...]
    problems: tuple[Problem, ...]


def find_columns(draft: Draft, mapping: ColumnMapping, catalogue: Catalogue) -> Places:
    """Match a mapping and the instruments in use to the columns of a draft.

    Items without an entry in the mapping match the column that carries their id, an alias
    or their exact question.
    """
    finder = _Finder(draft)
    roles = _roles(finder, draft, mapping)
    items = _items(finder, draft, mapping, catalogue)
    changes = header_problems(draft, mapping)
    problems = [*finder.problems, *changes, *_absent(draft, items, catalogue)]
    return Places(roles=roles, items=tuple(items), problems=tuple(problems))


class _Finder:
    """Finds columns by key, shown name or question, exactly first."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.problems: list[Problem] = []
        self.by_name: dict[str, int] = {}
        for names in (_exact, _alike):
            for column in draft.columns:
                for name in names(column):
                    self.by_name.setdefault(name, column.position)

    def find(self, name: str) -> int | None:
        for candidate in (name, fold_label(name), fold(name), fold(name.rsplit("/", 1)[-1])):
            if candidate and candidate in self.by_name:
                return self.by_name[candidate]
        return None

    def required(self, name: str, key: str, mapping_file: str) -> int | None:
        position = self.find(name)
        if position is None:
            names = [column.name for column in self.draft.columns]
            shown = ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")
            problem = Problem(
                code="mapping_no_column",
                file=self.draft.file,
                sheet=self.draft.sheet,
                column=f"{mapping_file} {key}".strip(),
                got=name,
                expected=shown,
            )
            self.problems.append(problem)
        return position


def _exact(column: DraftColumn) -> tuple[str, ...]:
    return (column.key, column.name, column.question)


def _alike(column: DraftColumn) -> tuple[str, ...]:
    texts = _exact(column)
    return (*map(fold_label, texts), *map(fold, texts))


def _roles(finder: _Finder, draft: Draft, mapping: ColumnMapping) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    wanted = dict(mapping.columns)
    if mapping.consent.column:
        wanted["consent"] = (mapping.consent.column,)
    if mapping.consent.guardian:
        wanted["guardian"] = (mapping.consent.guardian,)
    for role, names in wanted.items():
        places = [finder.required(name, f"columns.{role}", mapping.file) for name in names]
        # an absent code element keeps its place, so that the others stay comparable
        kept = places if role == "code" else [place for place in places if place is not None]
        if any(place is not None for place in kept):
            found[role] = tuple(-1 if place is None else place for place in kept)
    taken = {place for places in found.values() for place in places}
    for column in draft.columns:
        role = _usual_role(column)
        free = role and role not in wanted and role not in mapping.constants
        if free and role not in found and column.position not in taken:
            found[role] = (column.position,)
    if "code" not in wanted:
        codes = _code_columns(draft.columns)
        if codes:
            found["code"] = codes
    return found


def _usual_role(column: DraftColumn) -> str:
    if column.role in ("consent", "language"):
        return column.role
    if column.role not in ("question", "ignore"):
        return ""
    for role, names in STRICT_ROLES.items():
        if column.key.casefold() in names or column.name.casefold() in names:
            return role
    for text in (column.key, column.name):
        role = header("responses", text)
        if role in LOOSE_ROLES:
            return role
    return ""


def _code_columns(columns: Sequence[DraftColumn]) -> tuple[int, ...]:
    numbered = []
    for column in columns:
        match = _CODE.match(column.key.casefold())
        if match and column.role in ("question", "personal"):
            numbered.append((int(match[1] or 0), column.position))
    return tuple(position for _, position in sorted(numbered))


def _items(
    finder: _Finder, draft: Draft, mapping: ColumnMapping, catalogue: Catalogue
) -> list[ItemPlace]:
    found: dict[str, ItemPlace] = {}
    for number, entry in enumerate(mapping.items, start=1):
        place = _mapped_item(finder, mapping, catalogue, entry, number)
        if place is not None:
            found[entry.item] = place
    mapped = {entry.item for entry in mapping.items}
    by_key = {column.name.casefold(): column for column in reversed(draft.columns)}
    # a code goes before a heading of the same words
    by_key.update({column.key.casefold(): column for column in draft.columns if column.key})
    for item in catalogue.items.values():
        names = (item.id, *item.aliases)
        hits = [by_key[name.casefold()] for name in names if name.casefold() in by_key]
        positions = [column.position for column in hits]
        if not positions:
            asked = [finder.find(text) for text in item.text.values() if "{" not in text]
            positions = [position for position in asked if position is not None]
        if positions and item.id not in mapped:
            found[item.id] = _place(finder, item, tuple(positions), Answers())
    return [found[item] for item in catalogue.items if item in found]


def _mapped_item(
    finder: _Finder,
    mapping: ColumnMapping,
    catalogue: Catalogue,
    entry: ItemColumn,
    number: int,
) -> ItemPlace | None:
    key = f"items[{number}]"
    if entry.item not in catalogue.items:
        problem = Problem(
            code="mapping_unknown_item", file=mapping.file, column=key, got=entry.item
        )
        finder.problems.append(problem)
        return None
    places = [finder.required(name, key, mapping.file) for name in entry.columns]
    positions = tuple(place for place in places if place is not None)
    if not positions:
        return None
    item = catalogue.items[entry.item]
    return _place(finder, item, positions, mapping.answers.get(entry.answers, Answers()))


def _place(finder: _Finder, item: Item, positions: tuple[int, ...], declared: Answers) -> ItemPlace:
    """An item with the words its columns use."""
    draft = finder.draft
    seen = {text for place in positions for text in draft.cells(place).distinct()}
    asked = [draft.asked(place) for place in positions]
    # language versions of a question may number their options differently
    alike = all(one is not None and one.options == asked[0].options for one in asked if asked[0])
    words, moved = column_words(item, declared, seen, asked[0] if alike else None)
    if moved:
        problem = Problem(
            code="answers_by_label",
            file=draft.file,
            sheet=draft.sheet,
            column=draft.columns[positions[0]].name,
            got=", ".join(f"{code} → {number}" for code, number in sorted(moved.items())),
            expected=item.id,
        )
        finder.problems.append(problem)
    return ItemPlace(item=item, positions=positions, words=words)


def _absent(draft: Draft, items: Sequence[ItemPlace], catalogue: Catalogue) -> list[Problem]:
    present = {place.item.instrument for place in items}
    if not present:
        names = ", ".join(one.id for one in catalogue.instruments)
        return [
            Problem(code="responses_no_items", file=draft.file, sheet=draft.sheet, expected=names)
        ]
    return [
        Problem(code="responses_no_instrument", file=draft.file, sheet=draft.sheet, got=one.id)
        for one in catalogue.instruments
        if one.id not in present
    ]
