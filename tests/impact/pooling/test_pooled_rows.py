"""Programme rows are made of what is shown, and of nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from twinimpact.impact import PoolPlan, Studies, pool, pooled_rows, shrink
from twinimpact.schema import RESULT_COLUMNS, result_frame

KEYS = ["outcome", "estimand", "method", "partnership"]


def change(partnership: str, estimate: float, **fields: Any) -> dict[str, Any]:
    return {
        "outcome": "tw_thermo", "estimand": "post-pre", "method": "paired_t", "n": 30.0,
        "estimate": estimate, "std_error": 2.0, "arm": "participant", "unit": "points",
        "direction": "better", "grade": 1.0, "partnership": partnership, **fields,
    }  # fmt: skip


SHOWN = [change(f"p{place}", value) for place, value in enumerate((2.0, 4.0, 9.0, 3.0, 12.0, 6.0))]


def found(table: pd.DataFrame, part: str) -> pd.DataFrame:
    return table[table["estimand"].eq(f"post-pre|{part}")]


def test_rows_are_those_of_the_doors() -> None:
    table = pooled_rows(result_frame(SHOWN), {"tw_thermo": 3.0})
    assert list(table.columns) == list(RESULT_COLUMNS)
    data = {"y": [row["estimate"] for row in SHOWN], "se": [2.0] * 6, "n": [30] * 6}
    studies = Studies(estimate="y", std_error="se", n="n")
    whole = pool(data, studies=studies, plan=PoolPlan(sesoi=3.0))
    (mean,) = found(table, "pooled").to_dict(orient="records")
    for name in ("estimate", "std_error", "df", "conf_low", "conf_high", "n", "clusters"):
        assert mean[name] == pytest.approx(getattr(whole.primary, name))
    assert (mean["verdict"], mean["partnership"]) == (whole.primary.verdict, "*")
    (further,) = found(table, "prediction").to_dict(orient="records")
    assert further["conf_low"] < mean["conf_low"] < mean["conf_high"] < further["conf_high"]
    each = shrink(data, studies=studies)
    drawn = found(table, "shrunken")
    assert drawn["partnership"].tolist() == [f"p{place}" for place in range(6)]
    assert drawn["estimate"].tolist() == pytest.approx([r.estimate for r in each.rows[:6]])
    assert drawn["conf_high"].tolist() == pytest.approx([r.conf_high for r in each.rows[:6]])
    (ranks,) = found(table, "ranks").to_dict(orient="records")
    assert ranks["status"] == each.row("blup", "ranks").status == "ok"
    assert np.isnan(ranks["estimate"])


def test_what_is_not_shown_is_counted_and_changes_no_number() -> None:
    hidden = [
        change("x1", np.nan, status="suppressed", std_error=np.nan, n=np.nan),
        change("x2", 40.0, status="descriptive", std_error=np.nan, n=8.0),
    ]
    others = [
        change("*", 80.0), change("p0", 70.0, town="t1"), change("p0", 60.0, arm="comparison"),
        change("p0", 50.0, dimension="gender", group="w"),
        change("p0", 0.5, method="d_av_bonett", unit="sd"),
    ]  # fmt: skip
    plain = pooled_rows(result_frame(SHOWN))
    mixed = pooled_rows(result_frame([*hidden, *others, *SHOWN]))
    assert mixed[KEYS].equals(plain[KEYS])
    numbers = ["estimate", "std_error", "conf_low", "conf_high", "n", "clusters"]
    pd.testing.assert_frame_equal(mixed[numbers], plain[numbers])
    assert found(mixed, "pooled")["note"].str.contains("left_out:2").all()
    # a hidden number may be anything: it is not looked at
    loud = [{**hidden[0], "estimate": 1e6, "std_error": 1.0, "n": 9.0}, hidden[1]]
    other = pooled_rows(result_frame([*loud, *others, *SHOWN]))
    pd.testing.assert_frame_equal(other, mixed)


def test_two_partnerships_are_refused_and_none_gives_no_row() -> None:
    table = pooled_rows(result_frame(SHOWN[:2]))
    (row,) = table.to_dict(orient="records")
    assert (row["status"], row["note"]) == ("refused", "too_few_partnerships:3")
    assert np.isnan(row["estimate"])
    hidden = change("p0", np.nan, status="suppressed")
    assert pooled_rows(result_frame([hidden])).empty
    assert pooled_rows(result_frame([])).empty


def test_ranks_are_refused_with_their_reason() -> None:
    alike = [change(f"p{place}", 4.0 + 0.1 * place) for place in range(6)]
    (row,) = found(pooled_rows(result_frame(alike)), "ranks").to_dict(orient="records")
    assert (row["status"], row["note"]) == ("refused", "rank_unreliable:0.00")
    (tau,) = found(pooled_rows(result_frame(alike)), "tau").to_dict(orient="records")
    assert tau["status"] == "boundary"
    assert np.isnan(tau["estimate"])
    (few,) = found(pooled_rows(result_frame(SHOWN[:4])), "ranks").to_dict(orient="records")
    assert few["note"] == "rank_few_partnerships:5"


def test_lower_is_better_turns_the_verdict_round() -> None:
    lower = [{**row, "estimate": -row["estimate"] - 10, "direction": "worse"} for row in SHOWN]
    (row,) = found(pooled_rows(result_frame(lower), {"tw_thermo": 1.0}), "pooled").to_dict(
        orient="records"
    )
    assert row["verdict"] == "beneficial"


def test_a_thousand_partnerships_and_twelve_outcomes_take_seconds() -> None:
    import time

    rng = np.random.default_rng(1)
    blocks = [
        pd.DataFrame(
            {
                **change("p", 0.0),
                "outcome": f"o{outcome:02d}",
                "partnership": [f"p{place:04d}" for place in range(1_000)],
                "estimate": rng.normal(3, 4, size=1_000),
                "std_error": rng.uniform(1, 3, size=1_000),
            }
        )
        for outcome in range(12)
    ]
    frame = pd.concat(blocks, ignore_index=True).reindex(columns=list(RESULT_COLUMNS))
    text = ["town", "dimension", "wave", "note", "group"]
    frame = frame.assign(status="ok", **dict.fromkeys(text, ""))
    start = time.perf_counter()
    table = pooled_rows(frame)
    assert time.perf_counter() - start < 15
    assert len(table) == 12 * (1_000 + 5)
