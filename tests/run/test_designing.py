"""What a plan comes to, in words, and what the demo's data support."""

from __future__ import annotations

import pandas as pd
import pytest
from typer.testing import CliRunner

from twinimpact.cli import app
from twinimpact.errors import DesignError
from twinimpact.impact import Towns
from twinimpact.language import translator
from twinimpact.run.designing import MAY_SAY, PRIMARY, _primary, plan_towns
from twinimpact.schema import result_frame

ENGLISH = translator("en")
BETWEEN = "post-pre|participant-comparison"


def test_a_plan_says_what_is_seen_and_where_more_people_stop_helping() -> None:
    told = plan_towns(Towns(towns=8, per_town=30), ENGLISH)
    # by hand: (t(.975; 6) + t(.80; 6)) · √(.05/2 + .95/60) = 3.353 · .2021
    assert told.sentences[0].startswith("With this plan a difference of 0.68")
    assert "only more towns help" in told.sentences[1]
    assert told.table[0]["Towns"] == "4"
    assert [row["20 people each"] for row in told.table] == sorted(
        (row["20 people each"] for row in told.table), reverse=True
    )


def test_a_plan_for_an_effect_names_the_towns_it_takes() -> None:
    told = plan_towns(Towns(effect=0.4), ENGLISH, learned=("tw_thermo", 0.07))
    assert told.sentences[0].startswith("At least ")
    assert "7% of the variation of tw_thermo" in told.sentences[2]


def test_power_on_the_command_line_says_towns_and_table() -> None:
    done = CliRunner().invoke(app, ["power", "--effect", "0.3"])
    assert done.exit_code == 0
    # by hand: 36 towns show .3002 SD, 37 towns .2958
    assert "At least 37 towns are needed" in done.stdout
    assert "20 people each" in done.stdout


def test_power_without_a_question_is_refused_with_a_sentence() -> None:
    done = CliRunner().invoke(app, ["power"])
    assert done.exit_code == 2
    assert "exactly one number" in done.output


def test_every_level_says_what_may_be_claimed_and_none_below_three_an_effect() -> None:
    assert set(MAY_SAY) == set(range(6))
    for level in range(3):
        assert "effect" not in MAY_SAY[level]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"estimand": BETWEEN, "method": "town_mean_t", "status": "ok"}], "town_mean_t"),
        ([{"estimand": BETWEEN, "method": "town_mean_t", "status": "refused"}], "refused"),
        (
            [
                {"estimand": BETWEEN, "method": "town_mean_t", "status": "ok", "note": "beside"},
                {"estimand": BETWEEN, "method": "change_cr2", "status": "ok"},
            ],
            "change_cr2",
        ),
        ([{"estimand": "post-pre", "method": "paired_t", "status": "ok"}], "paired_t"),
    ],
)
def test_the_first_estimate_is_the_main_row(rows: list[dict[str, str]], said: str) -> None:
    table = result_frame([{"partnership": "p", "outcome": "tw_thermo", **row} for row in rows])
    assert _primary(table, "p", ENGLISH) == PRIMARY[said]


def test_nothing_estimated_is_described_only() -> None:
    assert _primary(result_frame([]), "p", ENGLISH) == "description only"


def test_an_effect_too_small_for_any_number_of_towns_is_refused() -> None:
    with pytest.raises(DesignError, match="realistic"):
        plan_towns(Towns(effect=0.001, icc=0.3), ENGLISH)


def test_own_answers_need_five_towns() -> None:
    from twinimpact.impact.planning import icc_of

    data = pd.DataFrame({"score": [1.0, 2.0, 3.0], "town": ["a", "b", "c"]})
    with pytest.raises(DesignError, match="five towns"):
        icc_of(data, outcome="score", cluster="town")
