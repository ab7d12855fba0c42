"""A request to make one report, and the key by which an unchanged one is recognised."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from twinimpact import __version__
from twinimpact.errors import RunError
from twinimpact.resources import notebooks_dir
from twinimpact.schema import PROGRAMME

PARTNERSHIP_TEMPLATES = ("partnership_report", "council_onepager")
PROGRAMME_TEMPLATES = ("programme_rollup", "data_quality")
FORMATS = ("html", "pdf", "docx", "xlsx")
PICTURE_FORMATS = frozenset({"html", "pdf", "docx"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One report: which template, about whom, in which language and formats.

    Parameters
    ----------
    template
        Name of a notebook in the templates folder, without its ending.
    partnership
        Partnership id, or ``*`` for the whole programme.
    language
        Language of the report.
    formats
        Any of ``html``, ``pdf``, ``docx``, ``xlsx``.
    """

    template: str
    partnership: str
    language: str
    formats: tuple[str, ...]

    def name(self) -> str:
        """A short name for progress lines and messages."""
        scope = "all partnerships" if self.partnership == PROGRAMME else self.partnership
        return f"{self.template} · {scope} · {self.language}"


def template_path(template: str) -> Path:
    """The notebook of a template.

    Raises
    ------
    RunError
        If there is no template of that name.
    """
    path = notebooks_dir() / f"{template}.ipynb"
    if not path.is_file():
        known = ", ".join(sorted(found.stem for found in notebooks_dir().glob("*.ipynb")))
        raise RunError(
            f"There is no report template called {template!r}.", hint=f"Templates: {known}."
        )
    return path


def template_hash(template: str) -> str:
    """Hash of a template's notebook."""
    return hashlib.sha256(template_path(template).read_bytes()).hexdigest()


def request_key(request: Request, bundle: Path, *, pictures: bool = True) -> str:
    """Hash of everything that decides what a report contains.

    Parameters
    ----------
    request
        The report asked for.
    bundle
        File with the numbers the report may show; its bytes are part of the key, so a report is
        remade exactly when something it reads has changed.
    pictures
        Whether charts can be drawn as pictures. Where they cannot, reports show tables instead,
        and are remade once there is a browser.
    """
    drawn = pictures or not PICTURE_FORMATS & set(request.formats)
    parts = {
        "request": asdict(request),
        "charts": "pictures" if drawn else "tables",
        "template": template_hash(request.template),
        "bundle": hashlib.sha256(bundle.read_bytes()).hexdigest(),
        "version": __version__,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:20]
