"""The definitions for the real files load, fit the files, and read every response."""

from __future__ import annotations

from pathlib import Path

import pytest
from real_input.build import RESPONSES, build_case

from twinimpact.evaluation import load_evaluation
from twinimpact.ingest.draft import draft_of
from twinimpact.ingest.mapping import load_mapping
from twinimpact.ingest.responses import ResponseSettings, response_rows
from twinimpact.ingest.rows import CheckedRows, Lookup
from twinimpact.instruments import Catalogue, load_catalogue
from twinimpact.measures import score_responses
from twinimpact.privacy import load_key

CASES = sorted(RESPONSES)


def read(case: str, folder: Path) -> tuple[dict[str, CheckedRows], Catalogue]:
    root = build_case(case, folder)
    evaluation = load_evaluation(root / "evaluation.toml")
    catalogue = load_catalogue(root / "surveys", use=evaluation.instruments.use)
    towns = ("germany", "netherlands", "users")
    found = {}
    for source in evaluation.sources:
        if source.mapping is None:
            continue
        constants = {k: v for k, v in source.constants.model_dump().items() if v}
        lookup = Lookup(
            waves={wave.id: wave.id for wave in evaluation.waves},
            towns={town: town for town in towns},
            partnerships={name: name for name in ("de nl", "users")} | {"de nl": "de-nl"},
            partnerships_of_town={},
        )
        settings = ResponseSettings(
            mapping=load_mapping(root / source.mapping),
            catalogue=catalogue,
            lookup=lookup,
            key=load_key(evaluation.privacy.pseudonym, root),
            constants=constants,
        )
        found[Path(source.file).name] = response_rows(draft_of(root / source.file), settings)
    return found, catalogue


@pytest.mark.parametrize("case", CASES)
def test_every_response_is_read_and_every_mapped_column_is_there(case: str, tmp_path: Path) -> None:
    found, catalogue = read(case, tmp_path / case)
    assert {name: len(rows.frame) for name, rows in found.items()} == RESPONSES[case]
    for name, rows in found.items():
        codes = {problem.code for problem in rows.problems}
        assert not codes & {"mapping_no_column", "mapping_unknown_item"}, name
        for item in catalogue.items:
            assert rows.frame[item].notna().mean() > 0.7, (name, item)


def test_agreement_has_the_same_five_answers_in_both_countries(tmp_path: Path) -> None:
    found, _ = read("rse", tmp_path)
    for rows in found.values():
        assert set(rows.frame["rse_joy_1"].dropna()) == {1, 2, 3, 4, 5}
        assert not {p.code for p in rows.problems} & {"answers_unreadable", "answers_out_of_range"}


def test_two_marks_in_one_grid_row_are_reported_and_not_guessed(tmp_path: Path) -> None:
    found, _ = read("xarray", tmp_path)
    for rows in found.values():
        unreadable = [p for p in rows.problems if p.code == "answers_unreadable"]
        assert unreadable
        assert all("," in problem.got for problem in unreadable)


@pytest.mark.parametrize("case", CASES)
def test_scales_spread_over_their_range(case: str, tmp_path: Path) -> None:
    found, catalogue = read(case, tmp_path)
    for rows in found.values():
        points = score_responses(rows.frame, catalogue).points
        assert points.mean().between(15, 85).all()
        assert (points.std() > 8).all()
