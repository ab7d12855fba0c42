"""Published figures and targets beside own figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from log_data import table

from twinimpact.errors import DefinitionError
from twinimpact.measures.references import benchmark_rows, benchmarks, target_rows
from twinimpact.schema import result_frame

YOUNG = {
    "outcome": "R09Y", "estimand": "share", "method": "count", "unit": "share", "n": 200,
    "denominator": 200, "partnership": "a", "estimate": 0.30, "source": "attendance",
}  # fmt: skip
CIVIC = {
    "outcome": "tw_civic", "estimand": "mean", "method": "describe", "unit": "points", "n": 40,
    "partnership": "a", "wave": "post", "arm": "participant", "estimate": 66.0,
    "conf_low": 60.0, "conf_high": 72.0, "conf_level": 0.95,
}  # fmt: skip
HELD = {
    "outcome": "R01", "estimand": "held", "method": "count", "unit": "events", "estimate": 12,
    "partnership": "a",
}  # fmt: skip


def found(rows: pd.DataFrame, **where: str) -> pd.Series[Any]:
    for name, value in where.items():
        rows = rows[rows[name] == value]
    assert len(rows) == 1, rows
    return rows.iloc[0]


def test_the_shipped_figures_carry_source_population_and_comparability() -> None:
    figures = benchmarks()
    assert len(figures) >= 4
    assert all(one.source and one.comparability and one.population for one in figures)
    assert any(not one.enabled for one in figures)


def test_an_own_figure_stands_beside_the_published_one() -> None:
    row = found(benchmark_rows(result_frame([YOUNG]), benchmarks()), group="R09Y")
    assert (row["estimate"], row["denominator"]) == (pytest.approx(0.07), 0.23)
    assert row["note"] == "benchmark:keller-2018-under-30"


def test_a_withheld_figure_and_a_figure_nobody_checked_give_no_distance() -> None:
    hidden = YOUNG | {"status": "suppressed", "estimate": None, "n": None}
    assert benchmark_rows(result_frame([hidden]), benchmarks()).empty
    gain = YOUNG | {"outcome": "S04", "method": "wilson", "arm": "participant"}
    assert benchmark_rows(result_frame([gain]), benchmarks()).empty


def test_a_list_without_a_source_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('[[benchmark]]\nid = "x"\nindicator = "R01"\nvalue = 3\n', encoding="utf-8")
    with pytest.raises(DefinitionError, match="source"):
        benchmarks(path)


def test_a_target_is_reached_by_a_share_of_it_and_of_the_way() -> None:
    targets = table(
        "targets",
        [{"partnership_id": "a", "indicator_id": "R01", "part": "any", "baseline": 8,
          "target": 16}],
    )  # fmt: skip
    rows = target_rows(result_frame([HELD]), targets)
    assert found(rows, estimand="actual")["estimate"] == 12
    assert found(rows, estimand="of_target")["estimate"] == pytest.approx(0.75)
    assert found(rows, estimand="of_way")["estimate"] == pytest.approx(0.5)


def test_a_target_may_be_a_score_by_indicator_or_by_scale() -> None:
    for name in ("C01", "tw_civic"):
        targets = table(
            "targets",
            [{"partnership_id": "a", "indicator_id": name, "part": "mean", "target": 70}],
        )
        rows = target_rows(result_frame([CIVIC]), targets)
        assert found(rows, estimand="of_target")["estimate"] == pytest.approx(66 / 70)
        assert "of_way" not in set(rows["estimand"])


def test_what_is_withheld_stays_withheld_in_its_target() -> None:
    targets = table(
        "targets", [{"partnership_id": "a", "indicator_id": "C01", "part": "mean", "target": 70}]
    )
    hidden = {k: v for k, v in CIVIC.items() if k not in ("estimate", "n", "conf_low", "conf_high")}
    rows = target_rows(result_frame([hidden | {"status": "suppressed"}]), targets)
    assert found(rows, estimand="actual")["status"] == "suppressed"
    assert set(rows["estimand"]) == {"actual", "target"}


def test_a_target_nobody_measured_says_so() -> None:
    targets = table(
        "targets", [{"partnership_id": "a", "indicator_id": "U06", "part": "any", "target": 5}]
    )
    row = found(target_rows(result_frame([HELD]), targets), estimand="actual")
    assert (row["status"], row["note"]) == ("not_available", "no_data")
