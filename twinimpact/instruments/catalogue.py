"""All instruments of an evaluation together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from twinimpact.errors import DefinitionError
from twinimpact.instruments.definition import Instrument, Item, Scale
from twinimpact.instruments.fields import Faults
from twinimpact.instruments.hashing import digest
from twinimpact.instruments.loader import read_instrument
from twinimpact.instruments.overlay import apply_overlays
from twinimpact.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The instruments in use, in reading order.

    Parameters
    ----------
    instruments
        Sorted by their declared position, then by id.
    items, scales
        All items and scales by id, in reading order; made from the instruments.
    sha256
        Hash over the scoring of all instruments; it changes when any score may change.
    """

    instruments: tuple[Instrument, ...]
    items: Mapping[str, Item] = field(init=False)
    scales: Mapping[str, Scale] = field(init=False)
    sha256: str = field(init=False)

    def __post_init__(self) -> None:
        members = sorted(self.instruments, key=lambda one: (one.position, one.id))
        made: dict[str, object] = {
            "instruments": tuple(members),
            "items": {item.id: item for one in members for item in one.items},
            "scales": {scale.id: scale for one in members for scale in one.scales},
            "sha256": digest({one.id: one.sha256 for one in members}),
        }
        for name, value in made.items():
            object.__setattr__(self, name, value)

    def instrument(self, instrument_id: str) -> Instrument:
        """The instrument with this id.

        Raises
        ------
        KeyError
            If there is none.
        """
        for one in self.instruments:
            if one.id == instrument_id:
                return one
        raise KeyError(instrument_id)


def load_catalogue(
    *folders: Path,
    use: tuple[str, ...] = (),
    also: tuple[str, ...] = (),
    shelves: tuple[Path, ...] = (),
    overlays: tuple[Path, ...] = (),
    development: bool = False,
) -> Catalogue:
    """Read every ``*.toml`` of the folders, with the translations beside them.

    Parameters
    ----------
    folders
        Folders with instrument files; one that does not exist holds none.
    use
        Ids of the instruments wanted; all when empty. Files of other instruments must be
        sound too, so that a fault is not found only when it is needed.
    also
        Ids wanted besides all of the folders, or besides ``use``.
    shelves
        Folders from which only instruments named in ``use`` or ``also`` are taken: optional
        sets and the scoring keys of published scales.
    overlays
        Files with licensed wording for scoring keys.
    development
        Accept scoring keys that nobody has compared with their paper yet.

    Raises
    ------
    DefinitionError
        With every fault of every file in ``problems``.
    """
    problems: list[Problem] = []
    found: dict[str, Instrument] = {}
    names: dict[tuple[str, str], str] = {}
    files = [path for folder in folders for path in sorted(folder.glob("*.toml"))]
    standard = {path.stem for path in files}
    named = {*use, *also} - standard
    files += [
        path for folder in shelves for path in sorted(folder.glob("*.toml")) if path.stem in named
    ]
    for path in files:
        instrument, faults = read_instrument(path, development=development)
        problems.extend(faults)
        if instrument is not None:
            problems.extend(_taken(instrument, path.name, names))
            found.setdefault(instrument.id, instrument)
    asked = Faults("evaluation.toml")
    known = sorted({*found, *(path.stem for folder in shelves for path in folder.glob("*.toml"))})
    for field_name, names_asked in (("use", use), ("also", also)):
        for name in names_asked:
            if name not in found:
                field_path = f"instruments.{field_name}"
                asked.add("instrument_not_found", field_path, name, ", ".join(known))
    problems.extend(asked.found)
    wanted = {*use, *also} if use else set(found)
    kept = tuple(one for one in found.values() if one.id in wanted)
    kept, faults_of_overlays = apply_overlays(kept, overlays)
    problems.extend(faults_of_overlays)
    if problems:
        raise DefinitionError("The instrument files have faults.", problems=problems)
    return Catalogue(instruments=kept)


def _taken(
    instrument: Instrument, file: str, names: dict[tuple[str, str], str]
) -> tuple[Problem, ...]:
    """A problem for each id that an earlier file has already given away."""
    faults = Faults(file)
    used = {("id", instrument.id)}
    for item in instrument.items:
        used |= {("items", name) for name in (item.id, *item.aliases)}
    used |= {("scales", scale.id) for scale in instrument.scales}
    for kind, name in sorted(used):
        if (kind, name) in names:
            faults.add("instrument_duplicate_id", kind, name, names[kind, name])
        else:
            names[kind, name] = file
    return tuple(faults.found)
