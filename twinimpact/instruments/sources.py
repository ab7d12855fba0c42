"""Where an instrument comes from and what has been published about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """A published reliability coefficient of one scale; ``source`` says where it stands."""

    scale: str
    coef: str
    value: float
    source: str
    n: int = 0
    sample: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Norm:
    """Published mean and standard deviation of one scale, in its own range."""

    scale: str
    m: float
    sd: float
    source: str
    n: int = 0
    population: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a reader should know about an instrument; all sentences are our own."""

    citation: str = ""
    doi: str = ""
    evidence: str = ""
    checked_on: str = ""
    construct: str = ""
    target: str = ""
    caveats: str = ""
    notes: str = ""
    reliability: tuple[Reliability, ...] = ()
    norms: tuple[Norm, ...] = ()


def about(head: Mapping[str, Any], licence: Mapping[str, Any]) -> About:
    """The record of an instrument's sources from the fields of its file.

    Figures without a scale, a number or a source are left out here; the checks refuse them.
    """
    words = {
        name: str(head.get(name, ""))
        for name in ("citation", "doi", "construct", "target", "caveats", "notes")
    }
    return About(
        **words,
        evidence=str(licence.get("evidence", "")),
        checked_on=str(licence.get("checked_on", "")),
        reliability=tuple(
            Reliability(
                scale=str(entry["scale"]),
                coef=str(entry.get("coef", "")),
                value=float(entry["value"]),
                source=str(entry["source"]),
                n=int(entry.get("n", 0)),
                sample=str(entry.get("sample", "")),
            )
            for entry in head.get("reliability", ())
            if _whole(entry, ("value",))
        ),
        norms=tuple(
            Norm(
                scale=str(entry["scale"]),
                m=float(entry["m"]),
                sd=float(entry["sd"]),
                source=str(entry["source"]),
                n=int(entry.get("n", 0)),
                population=str(entry.get("population", "")),
            )
            for entry in head.get("norms", ())
            if _whole(entry, ("m", "sd"))
        ),
    )


def _whole(entry: Mapping[str, Any], numbers: tuple[str, ...]) -> bool:
    said = all(isinstance(entry.get(name), str) and entry[name] for name in ("scale", "source"))
    return said and all(isinstance(entry.get(name), int | float) for name in numbers)
