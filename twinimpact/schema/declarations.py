"""How a canonical table is declared: its columns, their kinds and their meaning."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: ``kind`` is text, integer, number, date, flag, enum or list."""

    name: str
    kind: str
    meaning: str
    required: bool = False
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A canonical table; ``key`` names the columns that identify a row."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The declaration of one column."""
        return next(column for column in self.columns if column.name == name)


def text(name: str, meaning: str, required: bool = False) -> Column:
    """A column of text."""
    return Column(name=name, kind="text", meaning=meaning, required=required)


def integer(name: str, meaning: str, required: bool = False) -> Column:
    """A column of whole numbers."""
    return Column(name=name, kind="integer", meaning=meaning, required=required)


def number(name: str, meaning: str, required: bool = False) -> Column:
    """A column of numbers."""
    return Column(name=name, kind="number", meaning=meaning, required=required)


def date(name: str, meaning: str, required: bool = False) -> Column:
    """A column of days."""
    return Column(name=name, kind="date", meaning=meaning, required=required)


def flag(name: str, meaning: str) -> Column:
    """A column of yes and no."""
    return Column(name=name, kind="flag", meaning=meaning)


def enum(name: str, meaning: str, allowed: tuple[str, ...], required: bool = False) -> Column:
    """A column with a closed list of values."""
    return Column(name=name, kind="enum", meaning=meaning, required=required, allowed=allowed)


def listing(name: str, meaning: str, allowed: tuple[str, ...] = ()) -> Column:
    """A column of values joined by ``;``."""
    return Column(name=name, kind="list", meaning=meaning, allowed=allowed)
