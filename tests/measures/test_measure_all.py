"""One door: everything in one results table, and the scores."""

from __future__ import annotations

import pandas as pd
from log_data import AS_OF, worked_example
from measures_data import answers

from twinimpact.instruments import load_catalogue
from twinimpact.measures import INDICATORS, MeasureSettings, measure_all
from twinimpact.resources import surveys_dir
from twinimpact.schema import RESULT_COLUMNS

ON_REQUEST = frozenset({"R20", "R21", "R22", "V10", "K08", "U01", "U02", "U04", "U05"})
"""Indicators that need a funding call, a target or the ledger of links."""


class Snapshot:
    """Frames by name, as the workspace's snapshot gives them."""

    def __init__(self, responses: pd.DataFrame) -> None:
        names = ("activities", "attendance", "towns", "partnerships")
        self.frames = dict(zip(names, worked_example(), strict=True))
        self.frames["responses"] = responses
        self.frames["links"] = pd.DataFrame(
            {"response_id": responses["response_id"], "method": "exact"}
        )
        self.frames["missing"] = pd.DataFrame(
            {"response_id": [], "item_id": [], "reason": []}, dtype="str"
        )

    def frame(self, name: str) -> pd.DataFrame:
        return self.frames.get(name, pd.DataFrame()).copy()


def test_all_measures_come_in_one_table_with_scores() -> None:
    catalogue = load_catalogue(surveys_dir() / "own")
    responses = answers({"tw_thermo_th1": [40, 60], "tw_anx_x1": [2, 3], "tw_anx_x2": [4, 3]})
    settings = MeasureSettings(wave_pairs=[("pre", "post")])
    results, scores = measure_all(Snapshot(responses), catalogue, AS_OF, settings)
    assert list(results.columns) == list(RESULT_COLUMNS)
    assert {"R03", "V06", "Q01", "Q02", "Q04", "tw_thermo", "tw_anx", "tw_anx_x1"} <= set(
        results["outcome"]
    )
    assert set(results["as_of"]) == {"2025-12-31"}
    assert scores.points["tw_anx"].tolist() == [30.0, 30.0]
    keys = [
        "outcome",
        "estimand",
        "method",
        "partnership",
        "town",
        "wave",
        "arm",
        "dimension",
        "group",
    ]
    assert not results.duplicated(keys).any()


def test_every_indicator_that_is_computed_is_in_the_catalogue_and_none_is_left_out() -> None:
    catalogue = load_catalogue(surveys_dir() / "own")
    responses = answers({"tw_thermo_th1": [40]})
    settings = MeasureSettings(wave_pairs=[("pre", "post")])
    results, _ = measure_all(Snapshot(responses), catalogue, AS_OF, settings)
    computed = {name for name in results["outcome"] if name[0] in "RVKUGQ" and name[1].isdigit()}
    assert computed <= set(INDICATORS)
    of_log = {name for name in INDICATORS if name[0] in "RVKUG"}
    assert of_log - computed == {"R07", "R08", "R09", *ON_REQUEST}
    for indicator in INDICATORS.values():
        assert indicator.definition.endswith(".")
        units = set(results.loc[results["outcome"] == indicator.id, "unit"])
        if indicator.id in computed:
            assert indicator.unit in units, (indicator.id, units)


def test_an_empty_workspace_gives_a_table_not_a_crash() -> None:
    snapshot = Snapshot(answers({"tw_thermo_th1": []}))
    for name in ("activities", "attendance", "towns", "partnerships"):
        snapshot.frames[name] = snapshot.frames[name].iloc[:0]
    results, scores = measure_all(snapshot, load_catalogue(surveys_dir() / "own"), AS_OF)
    assert set(results["status"]) == {"not_available"}
    assert len(scores.points) == 0


def test_small_partnerships_are_left_out_of_the_programme_when_asked() -> None:
    large, small = (answers({"tw_thermo_th1": codes}) for codes in ([40] * 6 + [60] * 6, [90] * 5))
    small = small.assign(partnership_id="p2", response_id=[f"s{i}" for i in range(5)])
    snapshot = Snapshot(pd.concat([large, small], ignore_index=True))
    catalogue = load_catalogue(surveys_dir() / "own")
    results, _ = measure_all(snapshot, catalogue, AS_OF, MeasureSettings(smallest=10))
    mean = results[(results["outcome"] == "tw_thermo") & (results["estimand"] == "mean")]
    mean = mean.set_index("partnership")
    assert mean["estimate"].to_dict() == {"*": 50.0, "lin-elb": 50.0, "p2": 90.0}
    assert mean["note"]["*"] == "indicative;left_out:1"
    # numbers that are not made of answers count everybody
    asked = results[(results["outcome"] == "Q01") & (results["partnership"] == "*")]
    assert asked["estimate"].tolist() == [17]
