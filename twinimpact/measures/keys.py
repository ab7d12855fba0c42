"""Scoring keys written by hand: how items become one number, without an instrument file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from twinimpact.instruments import Catalogue, Instrument, Item, Scale, usual_min_valid


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleKey:
    """How the answers to some items become one number.

    Parameters
    ----------
    items
        Names of the answer columns.
    low, high
        Declared range of the answers; never taken from the data.
    reverse
        Items of which a higher answer means less.
    minimal_valid
        Answers needed; by default all of one or two, 2 of three, else two thirds.
    method
        ``mean``, ``sum``, ``count`` (share of "yes") or ``value`` (one number as it is).
    direction
        ``better`` or ``worse``: what a higher value means.
    missing
        Codes that mean "no answer"; outside the range.
    formative
        The items make up the construct and need not hang together; no reliability.
    """

    items: tuple[str, ...]
    low: int
    high: int
    reverse: tuple[str, ...] = ()
    minimal_valid: int | None = None
    method: str = "mean"
    direction: str = "better"
    missing: tuple[int, ...] = ()
    formative: bool = False


Keys = Catalogue | Mapping[str, ScaleKey]
"""A catalogue of instruments, or scale names with their keys."""


def catalogue_from(keys: Keys) -> Catalogue:
    """The catalogue itself, or one made of plain keys.

    Raises
    ------
    ValueError
        If a key contradicts itself or another key.
    """
    if isinstance(keys, Catalogue):
        return keys
    items: dict[str, Item] = {}
    for name, key in keys.items():
        _check(name, key)
        for item in _items(key):
            if items.setdefault(item.id, item) != item:
                raise ValueError(f"two keys declare different ranges or codes for {item.id}")
    scales = tuple(_scale(name, key) for name, key in keys.items())
    instrument = Instrument(
        id="keys", kind="key", version="", title="", status_label="", licence="", tier="own",
        items=tuple(items.values()), scales=scales,
    )  # fmt: skip
    return Catalogue(instruments=(instrument,))


def _check(name: str, key: ScaleKey) -> None:
    if not key.items or len(set(key.items)) < len(key.items):
        raise ValueError(f"the scale {name} needs items, each of them once")
    if key.low >= key.high:
        raise ValueError(f"the scale {name} needs a range from low to high")
    if not set(key.reverse) <= set(key.items):
        raise ValueError(f"the scale {name} reverses an item it does not have")
    if any(key.low <= code <= key.high for code in key.missing):
        raise ValueError(f"the scale {name} has a missing code inside its range")
    if key.method not in ("mean", "sum", "count", "value"):
        raise ValueError(f"the scale {name} has the unknown method {key.method}")
    if key.method == "value" and len(key.items) > 1:
        raise ValueError(f"the scale {name} takes one number as it is, so it has one item")
    if key.minimal_valid is not None and not 1 <= key.minimal_valid <= len(key.items):
        raise ValueError(f"the scale {name} needs between 1 and {len(key.items)} valid answers")


def _items(key: ScaleKey) -> Iterator[Item]:
    for name in key.items:
        yield Item(
            id=name, instrument="keys", kind="ends", lo=key.low, hi=key.high, missing=key.missing
        )


def _scale(name: str, key: ScaleKey) -> Scale:
    k = len(key.items)
    times = k if key.method in ("sum", "count") else 1
    return Scale(
        id=name,
        instrument="keys",
        title={},
        short_title={},
        items=key.items,
        reverse=frozenset(key.reverse),
        method=key.method,
        min_valid=usual_min_valid(k) if key.minimal_valid is None else key.minimal_valid,
        direction=key.direction,
        formative=key.formative,
        lo=float(key.low * times),
        hi=float(key.high * times),
        unit="count" if key.method == "value" else "points",
    )
