"""Checks across keys, made on the raw content so that they run beside the type checks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from twinimpact.evaluation.margins import weights_check
from twinimpact.evaluation.messages import MASK, SECRET_KEYS, key_path, shown
from twinimpact.problems import Problem

GLOB = frozenset("*?[")


def cross_check(content: Mapping[str, Any], name: str, folder: Path) -> list[Problem]:
    """Secrets, repeated ids, unknown waves, wrong order of dates, paths that leave the folder.

    Parameters
    ----------
    content
        The parsed file; nothing about its types is taken for granted.
    name
        File name used in the problems.
    folder
        The workspace.
    """
    return [
        *_secrets(content, (), name),
        *_key_choice(content, name, folder),
        *_repeated(content, name),
        *_dates(content, name),
        *_windows(content, name),
        *_waves_named(content, name),
        *_design(content, name),
        *_paths(content, name, folder),
        *_codebooks(content, name),
        *weights_check(content, name),
    ]


def _secrets(value: object, location: tuple[str | int, ...], name: str) -> Iterator[Problem]:
    if isinstance(value, Mapping):
        for key, entry in value.items():
            if key in SECRET_KEYS:
                yield Problem(
                    code="evaluation_inline_secret",
                    file=name,
                    column=key_path((*location, key)),
                    got=MASK,
                )
            else:
                yield from _secrets(entry, (*location, key), name)
    elif isinstance(value, list):
        for position, entry in enumerate(value):
            yield from _secrets(entry, (*location, position), name)


def _key_choice(content: Mapping[str, Any], name: str, folder: Path) -> Iterator[Problem]:
    pseudonym = _table(_table(content, "privacy"), "pseudonym")
    column = "privacy.pseudonym"
    chosen = [key for key in ("key_file", "key_env") if key in pseudonym]
    in_file = "pseudonym" in _table(content, "privacy")
    if in_file and len(chosen) != 1 and not SECRET_KEYS & pseudonym.keys():
        yield Problem(code="evaluation_key_choice", file=name, column=column)
    key_file = pseudonym.get("key_file")
    if isinstance(key_file, str) and key_file:
        path = Path(key_file).expanduser() if key_file.startswith("~") else folder / key_file
        if path.resolve().is_relative_to(folder.resolve()):
            yield Problem(
                code="evaluation_key_inside", file=name, column=f"{column}.key_file", got=MASK
            )


def _repeated(content: Mapping[str, Any], name: str) -> Iterator[Problem]:
    listed: list[tuple[tuple[str | int, ...], object]] = []
    for position, wave in _entries(content, "waves"):
        listed.append((("waves", position, "id"), wave.get("id")))
    for position, outcome in _entries(_table(content, "design"), "outcomes"):
        listed.append((("design", "outcomes", position, "scale"), outcome.get("scale")))
    for table, key in (
        ("evaluation", "languages"),
        ("reports", "formats"),
        ("design", "comparison_arms"),
        ("instruments", "use"),
    ):
        values = _table(content, table).get(key)
        if isinstance(values, list):
            listed.extend(((table, key, i), value) for i, value in enumerate(values))
    seen: dict[tuple[object, ...], str] = {}
    for location, value in listed:
        if not isinstance(value, str):
            continue
        group = (*[part for part in location if isinstance(part, str)], value)
        column = key_path(location)
        if group in seen:
            yield Problem(
                code="evaluation_repeated",
                file=name,
                column=column,
                got=shown(value),
                expected=seen[group],
            )
        seen.setdefault(group, column)


def _dates(content: Mapping[str, Any], name: str) -> Iterator[Problem]:
    for position, wave in _entries(content, "waves"):
        start, end = _date(wave.get("start")), _date(wave.get("end"))
        if start is not None and end is not None and end < start:
            yield Problem(
                code="evaluation_end_before_start",
                file=name,
                column=key_path(("waves", position, "end")),
                got=shown(end),
                expected=shown(start),
            )


def _windows(content: Mapping[str, Any], name: str) -> Iterator[Problem]:
    """Days of a calendar: in their order, and only where there is a calendar."""
    for position, source in _entries(content, "sources"):
        constants = _table(source, "constants")
        named = [key for key in ("from", "until") if key in constants]
        if named and source.get("table") != "calendar":
            location = ("sources", position, "constants", named[0])
            yield Problem(code="evaluation_window_unused", file=name, column=key_path(location))
        start, until = _date(constants.get("from")), _date(constants.get("until"))
        if start is not None and until is not None and until < start:
            yield Problem(
                code="evaluation_end_before_start",
                file=name,
                column=key_path(("sources", position, "constants", "until")),
                got=shown(until),
                expected=shown(start),
            )


def _date(value: object) -> dt.date | None:
    if isinstance(value, dt.datetime) or not isinstance(value, dt.date):
        return None
    return value


def _waves_named(content: Mapping[str, Any], name: str) -> Iterator[Problem]:
    known = [wave["id"] for _, wave in _entries(content, "waves") if "id" in wave]
    design = _table(content, "design")
    named: list[tuple[tuple[str | int, ...], object]] = [
        (("design", key), design[key]) for key in ("before", "after", "follow_up") if key in design
    ]
    for position, source in _entries(content, "sources"):
        constants = _table(source, "constants")
        if "wave" in constants:
            named.append((("sources", position, "constants", "wave"), constants["wave"]))
    for location, value in named:
        if isinstance(value, str) and value not in known:
            listed = ", ".join(shown(wave) for wave in known)
            yield Problem(
                code="evaluation_unknown_wave" if known else "evaluation_no_waves",
                file=name,
                column=key_path(location),
                got=shown(value),
                expected=listed,
            )


def _design(content: Mapping[str, Any], name: str) -> Iterator[Problem]:
    design = _table(content, "design")
    if ("before" in design) != ("after" in design):
        there, absent = ("before", "after") if "before" in design else ("after", "before")
        yield Problem(
            code="evaluation_half_design", file=name, column=f"design.{absent}", got=there
        )
    seen: dict[str, str] = {}
    for key in ("before", "after", "follow_up"):
        value = design.get(key)
        if not isinstance(value, str):
            continue
        if value in seen:
            yield Problem(
                code="evaluation_same_wave",
                file=name,
                column=f"design.{key}",
                got=shown(value),
                expected=seen[value],
            )
        seen.setdefault(value, f"design.{key}")


def _paths(content: Mapping[str, Any], name: str, folder: Path) -> Iterator[Problem]:
    listed = [("sources", *entry) for entry in _entries(content, "sources")]
    listed += [("weights", *entry) for entry in _entries(content, "weights")]
    for table, position, source in listed:
        for key in ("file", "mapping", "codebook"):
            value = source.get(key)
            if isinstance(value, str) and value and not _inside(value, folder):
                yield Problem(
                    code="evaluation_outside",
                    file=name,
                    column=key_path((table, position, key)),
                    got=shown(value),
                )


def _codebooks(content: Mapping[str, Any], name: str) -> Iterator[Problem]:
    """A code book explains answers; registers, logs and lists have none."""
    for position, source in _entries(content, "sources"):
        if "codebook" in source and source.get("table") != "responses":
            column = key_path(("sources", position, "codebook"))
            yield Problem(code="evaluation_codebook_unused", file=name, column=column)


def _inside(value: str, folder: Path) -> bool:
    """Whether a path, perhaps with a pattern, stays in the folder, symbolic links followed."""
    windows, posix = PureWindowsPath(value), PurePosixPath(value)
    if windows.is_absolute() or windows.drive or windows.root or posix.is_absolute():
        return False
    if value.startswith("~") or ".." in windows.parts or ".." in posix.parts:
        return False
    fixed: list[str] = []
    for part in posix.parts:
        if GLOB & set(part):
            break
        fixed.append(part)
    return folder.joinpath(*fixed).resolve().is_relative_to(folder.resolve())


def _table(content: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = content.get(key)
    return value if isinstance(value, Mapping) else {}


def _entries(content: Mapping[str, Any], key: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    value = content.get(key)
    if isinstance(value, Sequence) and not isinstance(value, str):
        for position, entry in enumerate(value):
            if isinstance(entry, Mapping):
                yield position, entry
