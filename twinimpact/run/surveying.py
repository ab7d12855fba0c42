"""What the ``survey`` commands do: build questionnaires, check forms, prepare overlays."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from twinimpact.errors import DefinitionError
from twinimpact.evaluation import load_evaluation
from twinimpact.instruments import (
    Catalogue,
    item_source,
    load_catalogue,
    load_form,
    load_questions,
    load_site,
    load_words,
    overlay_template,
    record_source,
)
from twinimpact.language import N_, Translator
from twinimpact.problems import Problem
from twinimpact.questionnaire import (
    Built,
    Sources,
    Wanted,
    build_questionnaires,
    finding_rows,
    lint_form,
)
from twinimpact.resources import surveys_dir
from twinimpact.run.project import SETTINGS, overlay_paths


@dataclass(frozen=True, slots=True, kw_only=True)
class Linted:
    """Findings of the linter in the order of the form."""

    problems: tuple[Problem, ...]

    def severe(self) -> bool:
        """Whether anything has to be mended before the form is used."""
        return any(problem.severity == "error" for problem in self.problems)

    def rows(self) -> list[dict[str, str]]:
        """The findings for a table."""
        return [
            {name: str(value if value is not None else "") for name, value in row.items()}
            for row in finding_rows(self.problems)
        ]

    def as_json(self) -> str:
        """The findings for a program."""
        return json.dumps(list(finding_rows(self.problems)), ensure_ascii=False, indent=2)


def every_instrument(folder: Path | None = None) -> Catalogue:
    """All shipped instruments, and those and the overlays of an evaluation folder.

    Raises
    ------
    DefinitionError
        If an instrument, an overlay or the settings are wrong.
    """
    shipped = [surveys_dir() / name for name in ("own", "optional", "keys")]
    if folder is None:
        return load_catalogue(*shipped)
    overlays: tuple[Path, ...] = ()
    if (folder / SETTINGS).is_file():
        overlays = overlay_paths(load_evaluation(folder / SETTINGS), folder)
    own = folder / "surveys"
    return load_catalogue(*shipped, *([own] if own.is_dir() else []), overlays=overlays)


def build_survey(
    form: str, site: str, wanted: Wanted, out: Path, folder: Path | None = None
) -> tuple[Built, ...]:
    """Write the files of a questionnaire.

    Parameters
    ----------
    form, site
        Name of a shipped form or site, or a file.
    folder
        Evaluation whose instruments and overlays may be used too.

    Raises
    ------
    DefinitionError
        If something is not there, not complete or not ready.
    """
    catalogue = every_instrument(folder)
    sources = Sources(
        form=load_form(_file("forms", form), catalogue),
        catalogue=catalogue,
        words=load_words(),
        site=load_site(_file("sites", site)),
    )
    return build_questionnaires(sources, wanted, out)


def built_sentences(built: tuple[Built, ...], translate: Translator) -> list[str]:
    """What was written, and by whom the form was checked."""
    found = []
    for one in built:
        found += [str(path) for path in one.files]
        if not one.compiled.ran:
            found.append(
                translate.text(
                    N_(
                        "The form was not compiled: pyxform is not installed. "
                        "Install it with: pip install 'twinimpact[forms]'"
                    )
                )
            )
        elif not one.compiled.validated:
            found.append(
                translate.text(
                    N_("The form compiles. ODK Validate was not run, because Java was not found.")
                )
            )
        else:
            found.append(translate.text(N_("The form compiles and ODK Validate accepts it.")))
        found += list(one.compiled.warnings)
        drafts = one.plan.drafts()
        if drafts:
            found.append(
                translate.text(
                    N_("Draft wording, marked on the form: {languages}."),
                    {"languages": ", ".join(drafts)},
                )
            )
    return found


def lint_survey(file: Path) -> Linted:
    """Check an XLSForm against the rules form compilers do not check.

    Raises
    ------
    DefinitionError
        If the file is no XLSForm.
    IngestError
        If it cannot be opened.
    """
    return Linted(problems=lint_form(file, every_instrument()))


def survey_overlay(instrument: str, language: str) -> str:
    """An empty overlay for a published scale.

    Raises
    ------
    DefinitionError
        If there is no such scoring key.
    """
    keys = load_catalogue(surveys_dir() / "keys")
    known = {one.id: one for one in keys.instruments}
    if instrument not in known:
        raise DefinitionError(
            "There is no scoring key of this name.",
            got=instrument,
            expected=", ".join(sorted(known)),
        )
    return overlay_template(known[instrument], language)


def source_fingerprints() -> list[dict[str, str]]:
    """Fingerprints of the English words, which a checked translation names as its source.

    Raises
    ------
    DefinitionError
        If an instrument, a form or a shared file is wrong.
    """
    catalogue = every_instrument()
    rows = []
    for one in catalogue.instruments:
        if one.kind == "own":
            marks = {item.id: item_source(item, one) for item in one.items}
            marks |= {record.id: record_source(record) for record in one.records}
            rows += [
                {"file": f"{one.id}.toml", "entry": name, "source": mark}
                for name, mark in marks.items()
            ]
    for path in sorted((surveys_dir() / "forms").glob("*.toml")):
        form = load_form(path, catalogue)
        rows.append({"file": path.name, "entry": "whole file", "source": form.source})
    shared = {"questions.toml": load_questions().source, "words.toml": load_words().source}
    return rows + [
        {"file": name, "entry": "whole file", "source": mark} for name, mark in shared.items()
    ]


def _file(kind: str, name: str) -> Path:
    """A file that was named, or the shipped one of that name."""
    if name.endswith(".toml"):
        return Path(name)
    folder = surveys_dir() / kind
    path = folder / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(one.stem for one in folder.glob("*.toml")))
        raise DefinitionError(
            "There is no file of this name.",
            got=name,
            expected=known,
            hint="Name one of these, or a .toml file of your own.",
        )
    return path
