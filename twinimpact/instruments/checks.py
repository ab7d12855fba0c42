"""Rules that go across the fields of one instrument file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from twinimpact.instruments.definition import (
    DIRECTIONS,
    ID_PATTERN,
    ITEM_KINDS,
    KEY_STATUSES,
    KINDS,
    METHODS,
    ROLES,
    SOURCE_LANGUAGE,
    TEXT_STATUSES,
    TIERS,
    Instrument,
    Item,
    Scale,
    conditions,
    usual_min_valid,
)
from twinimpact.instruments.fields import Faults, read_fields

LABEL_LENGTH = 60
SHORT_TITLE_LENGTH = 28
PLACEHOLDERS = ("town", "partner_town", "country", "partner_country", "other_country")
_BRACES = re.compile(r"\{([^{}]*)\}?|\}")
PLACEHOLDER_FORMS = ("in", "from", "of", "to", "with")
_FILLABLE = re.compile(rf"^({'|'.join(PLACEHOLDERS)})(:({'|'.join(PLACEHOLDER_FORMS)}))?$")
_WORDING = ("heading", "instructions", "anchors", "records")
_ITEM_WORDING = ("label", "text", "low", "high", "anchors")

ORIGINALITY_FIELDS: Mapping[str, str] = {
    "compared_with": "text", "checked_on": "text", "outcome": "text",
}  # fmt: skip
AMENDMENT_FIELDS: Mapping[str, str] = {"version": "word", "sha256": "word", "change": "word"}
RELIABILITY_FIELDS: Mapping[str, str] = {
    "scale": "word", "coef": "word", "value": "number", "n": "whole", "sample": "text",
    "source": "text",
}  # fmt: skip
NORM_FIELDS: Mapping[str, str] = {
    "scale": "word", "m": "number", "sd": "number", "n": "whole", "population": "text",
    "source": "text",
}  # fmt: skip


def check_records(
    head: Mapping[str, Any], licence: Mapping[str, Any], development: bool, faults: Faults
) -> None:
    """Closed lists of words, the id, and keys that must not carry wording."""
    one_of(head, "kind", KINDS, "", faults)
    one_of(head, "key_status", KEY_STATUSES, "", faults)
    one_of(head, "anchor_type", ITEM_KINDS, "", faults)
    one_of(licence, "tier", TIERS, "licence.", faults)
    for language, status in head.get("text_status", {}).items():
        one_of({language: status}, language, TEXT_STATUSES, "text_status.", faults)
    if not ID_PATTERN.match(head.get("id", "x")):
        faults.add("instrument_wrong_value", "id", head["id"], "small letters, digits and _")
    if not development and head.get("key_status") in ("check", "none"):
        faults.add("instrument_not_ready", "key_status", head["key_status"])
    read_fields(head.get("originality", {}), ORIGINALITY_FIELDS, (), "originality", faults)
    for item in head.get("items", ()):
        one_of(item, "anchor_type", ITEM_KINDS, f"items.{item.get('id', '')}.", faults)
    if head.get("kind") == "key":
        wording = [name for name in _WORDING if name in head]
        for item in head.get("items", ()):
            wording += [
                f"items.{item.get('id', '')}.{name}" for name in _ITEM_WORDING if name in item
            ]
        for name in wording:
            faults.add("instrument_key_has_text", name)


def one_of(
    table: Mapping[str, Any], name: str, allowed: tuple[str, ...], path: str, faults: Faults
) -> None:
    """A fault unless the field is absent or one of the allowed words."""
    if name in table and table[name] not in allowed:
        faults.add("instrument_wrong_value", path + name, table[name], ", ".join(allowed))


def check_instrument(instrument: Instrument, head: Mapping[str, Any], faults: Faults) -> None:
    """Items, scales, wording, figures and versions of one instrument."""
    repeated(
        [
            *(item.id for item in instrument.items),
            *(record.id for record in instrument.records),
            *_aliases(instrument.items),
        ],
        "items",
        faults,
    )
    for record in instrument.records:
        if record.id and not ID_PATTERN.match(record.id):
            faults.add("instrument_wrong_value", f"records.{record.id}.id", record.id)
    repeated([scale.id for scale in instrument.scales], "scales", faults)
    names = [item.id for item in instrument.items]
    for item in instrument.items:
        _check_item(item, names, faults)
    notes = {table.get("id"): table.get("notes") for table in head.get("scales", ())}
    by_id = {item.id: item for item in instrument.items}
    for scale in instrument.scales:
        _check_scale(scale, by_id, bool(notes.get(scale.id) or scale.parts), faults)
    if instrument.kind == "own":
        _check_wording(instrument, faults)
    _check_figures(instrument, head, faults)
    _check_versions(instrument, head, faults)


def repeated(names: Iterable[str], path: str, faults: Faults) -> None:
    """A fault for every name that stands in the list more than once."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            faults.add("instrument_duplicate_id", path, name)
        seen.add(name)


def _aliases(items: tuple[Item, ...]) -> list[str]:
    return [alias for item in items for alias in item.aliases]


def _check_item(item: Item, names: list[str], faults: Faults) -> None:
    path = f"items.{item.id}"
    for _, new in item.recode:
        if not item.lo <= new <= item.hi:
            faults.add("instrument_code_outside", f"{path}.recode", new, f"{item.lo}..{item.hi}")
    for code in item.anchors:
        if not item.lo <= code <= item.hi:
            faults.add("instrument_code_outside", f"{path}.anchors", code, f"{item.lo}..{item.hi}")
    for code in item.missing:
        if item.accepts(code):
            faults.add("instrument_missing_code_inside", f"{path}.missing", code, item.allowed())
    others = [name for name in names if name != item.id]
    try:
        referred = [condition.item for condition in conditions(item.relevant)]
    except ValueError as error:
        faults.add("instrument_condition", f"{path}.relevant", error, "tw_contact_q1 > 0")
        referred = []
    for name in referred:
        if name not in others:
            faults.add("instrument_unknown_item", f"{path}.relevant", name, ", ".join(others))
    if item.not_above and item.not_above not in others:
        faults.add(
            "instrument_unknown_item", f"{path}.not_above", item.not_above, ", ".join(others)
        )


def _check_scale(scale: Scale, by_id: Mapping[str, Item], explained: bool, faults: Faults) -> None:
    path = f"scales.{scale.id}"
    words = {"method": scale.method, "direction": scale.direction, "role": scale.role}
    for name, allowed in (("method", METHODS), ("direction", DIRECTIONS), ("role", ROLES)):
        one_of(words, name, allowed, f"{path}.", faults)
    repeated(scale.items, f"{path}.items", faults)
    for name in scale.items:
        if name not in by_id:
            faults.add("instrument_unknown_item", f"{path}.items", name, ", ".join(by_id))
    k = len(scale.items)
    if not 1 <= scale.min_valid <= k:
        faults.add("instrument_min_valid", f"{path}.min_valid", scale.min_valid, k)
    elif scale.min_valid != usual_min_valid(k) and not explained:
        faults.add(
            "instrument_min_valid_unexplained",
            f"{path}.min_valid",
            scale.min_valid,
            usual_min_valid(k),
        )
    ranges = {(by_id[name].lo, by_id[name].hi) for name in scale.items if name in by_id}
    needed = {
        "value": (k == 1 and not scale.reverse, "exactly one item that is not reversed"),
        "count": (ranges <= {(0, 1)}, "items with the range [0, 1]"),
        "sum": (len(ranges) <= 1, "items that share one range"),
    }.get(scale.method)
    if needed is not None and not needed[0]:
        faults.add("instrument_method", path, scale.method, needed[1])


def _check_wording(instrument: Instrument, faults: Faults) -> None:
    """Labels fit a chart, placeholders can be filled, every language is whole."""
    languages = sorted({SOURCE_LANGUAGE, *instrument.text_sha256})
    for path, texts, optional in _texts(instrument):
        if optional and not texts:
            continue
        for language in languages:
            if not texts.get(language):
                faults.add("instrument_translation_incomplete", path, language)
    for path, limit, texts in _limits(instrument):
        for language, text in texts.items():
            if len(text) > limit:
                faults.add("instrument_label_too_long", f"{path}.{language}", len(text), limit)
            if "{" in text or "}" in text:
                faults.add(
                    "instrument_placeholder", f"{path}.{language}", text, "words without braces"
                )
    for path, texts, _ in _texts(instrument):
        for language, text in texts.items():
            for match in _BRACES.finditer(text):
                if not _FILLABLE.match(match[1] or "") or not match[0].endswith("}"):
                    faults.add(
                        "instrument_placeholder",
                        f"{path}.{language}",
                        match[0],
                        ", ".join(PLACEHOLDERS) + ", each with an optional form such as :in",
                    )


def _texts(instrument: Instrument) -> list[tuple[str, Mapping[str, str], bool]]:
    """Path, text per language, and whether it may be absent altogether."""
    found: list[tuple[str, Mapping[str, str], bool]] = [
        ("heading", instrument.heading, True),
        ("instructions", instrument.instructions, True),
    ]
    for item in instrument.items:
        path = f"items.{item.id}"
        counted = item.kind == "count"
        found += [
            (f"{path}.label", item.labels, False),
            (f"{path}.text", item.text, True),
            (f"{path}.low", item.low_label, counted),
            (f"{path}.high", item.high_label, counted),
        ]
        found += [(f"{path}.anchors.{code}", words, False) for code, words in item.anchors.items()]
    for record in instrument.records:
        path = f"records.{record.id}"
        found += [
            (f"{path}.label", record.labels, False),
            (f"{path}.text", record.text, False),
            (f"{path}.hint", record.hint, True),
        ]
        found += [(f"{path}.choices.{one.code}", one.label, False) for one in record.choices]
    for scale in instrument.scales:
        found.append((f"scales.{scale.id}.title", scale.title, False))
        found.append((f"scales.{scale.id}.short_title", scale.short_title, False))
    return found


def _limits(instrument: Instrument) -> list[tuple[str, int, Mapping[str, str]]]:
    found = [(f"items.{item.id}.label", LABEL_LENGTH, item.labels) for item in instrument.items]
    found += [(f"records.{one.id}.label", LABEL_LENGTH, one.labels) for one in instrument.records]
    for scale in instrument.scales:
        found.append((f"scales.{scale.id}.title", LABEL_LENGTH, scale.title))
        found.append((f"scales.{scale.id}.short_title", SHORT_TITLE_LENGTH, scale.short_title))
    return found


def _check_figures(instrument: Instrument, head: Mapping[str, Any], faults: Faults) -> None:
    """Published figures have a source; what has no reliability is given none."""
    scales = {scale.id: scale for scale in instrument.scales}
    for name, kinds in (("reliability", RELIABILITY_FIELDS), ("norms", NORM_FIELDS)):
        for number, table in enumerate(head.get(name, ()), start=1):
            path = f"{name}.{number}"
            fields = read_fields(table, kinds, ("scale",), path, faults)
            scale = scales.get(fields.get("scale", ""))
            if scale is None:
                if "scale" in fields:
                    faults.add("instrument_unknown_item", path, fields["scale"], ", ".join(scales))
            elif name == "reliability" and (scale.formative or len(scale.items) == 1):
                faults.add("instrument_no_reliability", path, scale.id)
            if not fields.get("source"):
                faults.add("instrument_number_without_source", path)


def _check_versions(instrument: Instrument, head: Mapping[str, Any], faults: Faults) -> None:
    """A change of scoring needs a new version; a change of wording a new hash."""
    amendments = [
        read_fields(table, AMENDMENT_FIELDS, tuple(AMENDMENT_FIELDS), "amendments", faults)
        for table in head.get("amendments", ())
    ]
    if amendments:
        last = amendments[-1].get("version", "")
        repeated([entry.get("version", "") for entry in amendments], "amendments", faults)
        if last != instrument.version:
            faults.add("instrument_version", "version", instrument.version, last)
        elif amendments[-1].get("sha256") != instrument.sha256:
            faults.add(
                "instrument_hash_differs", instrument.id, instrument.sha256, instrument.version
            )
    for language, recorded in head.get("text_sha256", {}).items():
        now = instrument.text_sha256.get(language, "")
        if now != recorded:
            faults.add("instrument_text_hash_differs", f"text_sha256.{language}", now)
