"""``[[weights]]``: who may be weighted to whom, and margins kept in a file."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from twinimpact.evaluation.messages import key_path, shown
from twinimpact.evaluation.models import Evaluation, Target
from twinimpact.problems import Problem

CHOSEN_BY_THEMSELVES = ("participant", "comparison_peer", "comparison_waitlist")
"""Arms whose people came, or were named, because of who they are."""
WAYS = ("margins", "targets", "file")
NEEDED = ("variable", "level", "target")
MOST_BYTES = 16 * 1024 * 1024


def weights_check(content: Mapping[str, Any], name: str) -> Iterator[Problem]:
    """Weights that cannot be meant: participants as their town, no margins or two sets of them."""
    listed = content.get("weights")
    waves = content.get("waves")
    known = [w.get("id") for w in waves if isinstance(w, dict)] if isinstance(waves, list) else []
    seen: dict[str, str] = {}
    for position, entry in enumerate(listed if isinstance(listed, list) else []):
        if not isinstance(entry, Mapping):
            continue
        here = ("weights", position)
        arm = entry.get("arm", "resident_sample")
        residents = entry.get("population", "residents") == "residents"
        if residents and arm in CHOSEN_BY_THEMSELVES:
            column = key_path((*here, "arm"))
            yield Problem(code="weights_self_selected", file=name, column=column, got=shown(arm))
        given = [way for way in WAYS if entry.get(way)]
        if len(given) != 1:
            code = "weights_no_margins_given" if not given else "weights_margins_given_twice"
            yield Problem(code=code, file=name, column=key_path(here), got=", ".join(given))
        wave = entry.get("wave")
        if isinstance(wave, str) and wave not in known:
            yield Problem(
                code="evaluation_unknown_wave" if known else "evaluation_no_waves",
                file=name,
                column=key_path((*here, "wave")),
                got=shown(wave),
                expected=", ".join(shown(one) for one in known),
            )
        own = entry.get("id")
        if isinstance(own, str):
            column = key_path((*here, "id"))
            if own in seen:
                yield Problem(
                    code="evaluation_repeated",
                    file=name,
                    column=column,
                    got=shown(own),
                    expected=seen[own],
                )
            seen.setdefault(own, column)


def with_margin_files(evaluation: Evaluation, folder: Path) -> tuple[Evaluation, list[Problem]]:
    """The settings with margins read from their files, and what is wrong with these."""
    problems: list[Problem] = []
    weights = []
    for one in evaluation.weights:
        if one.file is not None:
            targets = tuple(_targets(folder / one.file, one.file, problems))
            one = one.model_copy(update={"targets": targets})
        weights.append(one)
    return evaluation.model_copy(update={"weights": tuple(weights)}), problems


def _targets(path: Path, name: str, problems: list[Problem]) -> Iterator[Target]:
    try:
        text = path.read_bytes()[:MOST_BYTES].decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        problems.append(Problem(code="weights_file_unreadable", file=name))
        return
    lines = text.splitlines()
    first = lines[0] if lines else ""
    delimiter = max(";,\t", key=first.count)
    rows = csv.reader(lines, delimiter=delimiter)
    header = [cell.strip().casefold() for cell in next(rows, [])]
    if not set(NEEDED) <= set(header):
        problems.append(Problem(code="weights_file_columns", file=name, expected=", ".join(NEEDED)))
        return
    for number, cells in enumerate(rows, start=2):
        row = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        if not any(row.values()):
            continue
        target = _number(row.get("target", ""))
        if not row.get("variable") or not row.get("level") or target is None:
            got = row.get("target", "")
            problems.append(Problem(code="weights_file_row", file=name, row=number, got=got))
            continue
        yield Target(
            variable=row["variable"],
            level=row["level"],
            target=target,
            group=row.get("group", ""),
        )


def _number(text: str) -> float | None:
    percent = text.endswith("%")
    try:
        value = float(text.removesuffix("%").strip().replace(",", "."))
    except ValueError:
        return None
    if not 0 <= value < float("inf"):
        return None
    return value / 100 if percent else value
