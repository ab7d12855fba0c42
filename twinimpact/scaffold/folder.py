"""A new evaluation folder: settings with explanations, and workbooks to fill in."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from twinimpact.errors import DefinitionError
from twinimpact.privacy import create_key
from twinimpact.scaffold.texts import MAPPING, SETTINGS
from twinimpact.scaffold.workbook import WORKBOOKS, template_workbook

WORDING = "wording"
"""For licensed wording of published scales; what lies in it is kept out of version control."""
FOLDERS = ("inbox", "mappings", "surveys", WORDING)
KEY_FOLDER = Path("~/.config/twinimpact")


def new_workspace(folder: Path, title: str) -> tuple[Path, ...]:
    """Write a commented ``evaluation.toml``, template workbooks and a key for pseudonyms.

    Parameters
    ----------
    folder
        Made if it does not exist; nothing in it is overwritten.
    title
        Title of the evaluation; its id is made from it.

    Returns
    -------
    tuple of Path
        The files written, the key last. The key lies outside the folder on purpose: a copy of
        the folder must not carry it.

    Raises
    ------
    DefinitionError
        If the folder already holds an evaluation or one of the files.
    """
    books = {f"inbox/{name}": template_workbook(tables) for name, tables in WORKBOOKS.items()}
    names = ("evaluation.toml", "mappings/template.toml", *books)
    for name in names:
        if (folder / name).exists():
            raise DefinitionError(
                "The folder holds an evaluation already; nothing was written.",
                where=str(folder / name),
                hint="Name a new folder, or move this file away.",
            )
    evaluation_id = slug(title)
    key = _free_key(evaluation_id)
    # as_posix, because a backslash would be an escape in TOML
    shown_key = (KEY_FOLDER / key.name).as_posix()
    settings = SETTINGS.format(
        id=evaluation_id, title=_quoted(title.strip() or evaluation_id), key=shown_key
    )
    for name in FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / WORDING / ".gitignore").write_text("*\n", encoding="utf-8")
    for name, text in zip(names, (settings, MAPPING), strict=False):
        (folder / name).write_text(text, encoding="utf-8")
    for name, content in books.items():
        (folder / name).write_bytes(content)
    create_key(key)
    return (*(folder / name for name in names), key)


def slug(title: str) -> str:
    """An id made from a title: lower-case letters, digits and hyphens.

    >>> slug("Städtepartnerschaften 2026!")
    'stadtepartnerschaften-2026'
    """
    plain = unicodedata.normalize("NFKD", title.casefold().replace("ł", "l"))
    ascii_only = plain.encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:60].strip("-") or "evaluation"


def _free_key(evaluation_id: str) -> Path:
    folder = KEY_FOLDER.expanduser()
    candidate, number = folder / f"{evaluation_id}.key", 2
    while candidate.exists():
        candidate, number = folder / f"{evaluation_id}-{number}.key", number + 1
    return candidate


def _quoted(text: str) -> str:
    kept = "".join(character for character in text if character.isprintable())
    return '"' + kept.replace("\\", "\\\\").replace('"', '\\"') + '"'
