"""Reliability as a grid of cells, against metafor 3.8.1 (R 4.2.2) and on known cases."""

from __future__ import annotations

import ast
import inspect
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from reliability_data import grid, key, one_factor

from twinimpact.errors import DesignError, IngestError
from twinimpact.measures import ReliabilityOptions, ScaleKey, items, reliability
from twinimpact.measures.consistency import door
from twinimpact.measures.consistency.grid import print_rule
from twinimpact.measures.consistency.pooling import alpha_log_scale, pool

BY = ("partnership", "wave")
ALPHA_ONLY = ReliabilityOptions(omega=False)


def alphas(frame: pd.DataFrame, keys: dict[str, ScaleKey], **settings: object) -> pd.DataFrame:
    table = reliability(frame, keys, options=ALPHA_ONLY, **settings)  # type: ignore[arg-type]
    return table[table["coefficient"].isin(["alpha", "spearman_brown"])]


def test_every_cell_of_the_grid_equals_the_reference() -> None:
    expected, frame, keys = grid()
    table = alphas(frame, keys, by=BY).set_index(list(BY))
    assert len(table) == len(expected["cells"])
    for cell in expected["cells"]:
        found = table.loc[(cell["partnership"], cell["wave"])]
        assert found["n"] == cell["n_complete"]
        notes = found["note"].split(";")
        for flag in ("n_below_2", "zero_variance_item"):
            assert (flag in notes) == (flag in cell["flags"])
        if "alpha" not in cell:
            assert np.isnan(found["estimate"])
            assert found["status"] == "not_estimable"
            continue
        assert found["estimate"] == pytest.approx(cell["alpha"], abs=1e-12)
        interval = [found["conf_low"], found["conf_high"]]
        assert interval == pytest.approx(cell["feldt_95"], abs=1e-9)


def test_shrunken_values_equal_the_reference_and_the_rest_gets_the_typical_value() -> None:
    expected, frame, keys = grid()
    table = alphas(frame, keys, by=BY).set_index(list(BY))
    for wave, pooled in expected["pools"].items():
        inside = set()
        for cell in pooled["shrunken"]:
            found = table.loc[(cell["partnership"], wave)]
            inside.add(cell["partnership"])
            assert found["shrunken"] == pytest.approx(cell["alpha_shrunken"], abs=1e-5)
            interval = [found["shrunken_low"], found["shrunken_high"]]
            assert interval == pytest.approx(cell["interval_95"], abs=1e-5)
        others = table.xs(wave, level="wave").drop(index=sorted(inside))
        assert len(others) > 0
        typical = pooled["not_pooled_cell_gets"]
        np.testing.assert_allclose(others["shrunken"], typical["alpha"], atol=1e-5)
        np.testing.assert_allclose(others["shrunken_low"], typical["prediction_95"][0], atol=1e-5)
        np.testing.assert_allclose(others["shrunken_high"], typical["prediction_95"][1], atol=1e-5)


def test_mean_and_variance_between_cells_equal_the_reference() -> None:
    expected, frame, keys = grid()
    table = alphas(frame, keys, by=BY)
    for wave, wanted in expected["pools"].items():
        cells = table[table["wave"] == wave]
        n = cells["n"].to_numpy()
        constant = cells["note"].str.contains("zero_variance_item").to_numpy()
        estimate = np.where((n >= 5) & ~constant, cells["estimate"], np.nan)
        y, v = alpha_log_scale(estimate, n, 4)
        for one in wanted["shrunken"]:
            place = (cells["partnership"] == one["partnership"]).to_numpy()
            assert y[place][0] == pytest.approx(one["y"], abs=1e-10)
            assert v[place][0] == pytest.approx(one["v"], abs=1e-10)
        found = pool(y, v, n, np.zeros(len(n), dtype=int), 1)
        assert found.cells[0] == wanted["cells"]
        assert found.mu[0] == pytest.approx(wanted["mu"], abs=1e-6)
        assert found.mu_se[0] == pytest.approx(wanted["mu_se"], abs=1e-6)
        assert found.tau2[0] == pytest.approx(wanted["tau2"], abs=1e-6)
        typical = [part[0] for part in found.typical()]
        assert typical == pytest.approx(
            [wanted["alpha_typical"], *wanted["alpha_typical_95"]], abs=1e-6
        )


def test_pools_side_by_side_equal_each_by_itself_and_equal_cells_do_not_vary() -> None:
    rng = np.random.default_rng(8)
    y, v = rng.normal(1.5, 0.5, 60), rng.uniform(0.05, 0.4, 60)
    group = np.repeat([0, 1, 2], 20)
    y[40:] = 1.0  # no spread at all: the variance between cells is zero, not negative
    both = pool(y, v, np.full(60, 20), group, 3)
    for number in range(3):
        inside = group == number
        alone = pool(y[inside], v[inside], np.full(20, 20), np.zeros(20, dtype=int), 1)
        for name in ("mu", "mu_se", "tau2"):
            assert getattr(both, name)[number] == pytest.approx(getattr(alone, name)[0], abs=1e-9)
    assert both.tau2[2] == 0.0


def test_with_fewer_than_five_cells_nothing_is_borrowed() -> None:
    frame = pd.concat([one_factor(40, seed=s).assign(town=f"t{s}") for s in range(4)])
    assert alphas(frame, key(), by=["town"])["shrunken"].isna().all()
    more = pd.concat([frame, one_factor(40, seed=9).assign(town="t9")])
    assert alphas(more, key(), by=["town"])["shrunken"].notna().all()


def test_what_is_printed_depends_on_the_number_of_people() -> None:
    n = np.array([5, 9, 10, 29, 30, 30, 29])
    own = np.array([0.7, 0.7, 0.7, 0.7, 0.7, np.nan, 0.7])
    drawn = np.array([0.6, 0.6, 0.6, 0.6, 0.6, 0.6, np.nan])
    assert print_rule(n, own, drawn).tolist() == [
        "none", "none", "shrunken", "shrunken", "own", "shrunken", "none",
    ]  # fmt: skip


def test_the_interval_with_missing_answers_is_that_of_the_complete_rows() -> None:
    # 120 of 400 complete; taking all 400 rows would give a much too narrow interval
    frame = one_factor(400).astype("float64")
    frame.loc[120:, "i2"] = np.nan
    found, clean = (alphas(one, key()).iloc[0] for one in (frame, frame.iloc[:120]))
    assert found["n"] == 120
    assert found["n_scored"] == 400
    assert "few_complete_rows" in found["note"]
    for name in ("estimate", "conf_low", "conf_high"):
        assert found[name] == clean[name]


def test_a_second_scale_does_not_change_the_first() -> None:
    frame = one_factor(80, 6).astype("float64")
    frame.loc[:30, "i6"] = np.nan
    first = {"a": ScaleKey(items=("i1", "i2", "i3"), low=1, high=5)}
    both = first | {"b": ScaleKey(items=("i4", "i5", "i6"), low=1, high=5)}
    alone = reliability(frame, first)
    together = reliability(frame, both)
    pd.testing.assert_frame_equal(together[together["scale"] == "a"], alone)


def test_two_items_have_spearman_brown_and_no_alpha() -> None:
    table = reliability(one_factor(60, 2), key(2))
    assert table["coefficient"].tolist() == ["spearman_brown"]
    assert table.loc[0, "method"] == "spearman_brown"


def test_scales_that_have_no_reliability_say_so() -> None:
    frame = one_factor(60)
    keys = {
        "one": ScaleKey(items=("i1",), low=1, high=5),
        "acts": ScaleKey(items=("i1", "i2"), low=1, high=5, method="count"),
        "formed": ScaleKey(items=("i1", "i2", "i3"), low=1, high=5, formative=True),
        "partly": ScaleKey(items=("i1", "i2", "i9"), low=1, high=5),
    }
    table = reliability(frame, keys).set_index("scale")
    assert set(table["status"]) == {"not_estimable"}
    assert table["note"].to_dict() == {
        "one": "not_defined", "acts": "not_defined", "formed": "not_defined",
        "partly": "items_not_asked",
    }  # fmt: skip
    assert table["estimate"].isna().all()


def test_a_negative_alpha_is_printed_with_a_warning() -> None:
    frame = one_factor(60, 3)
    frame["i3"] = 6 - frame["i3"]
    found = alphas(frame, key(3)).iloc[0]
    assert found["estimate"] < 0
    assert found["status"] == "ok"
    assert "check_item_coding" in found["note"].split(";")


def test_omega_stands_beside_alpha_and_each_variant_is_named() -> None:
    table = reliability(one_factor(200), key()).set_index("coefficient")
    assert table.index.tolist() == ["alpha", "omega", "omega_observed"]
    assert table.loc["omega", "method"] == "omega_ml_delta"
    omega = table.loc["omega"]
    assert omega["conf_low"] < omega["estimate"] < omega["conf_high"]
    assert np.isnan(table.loc["omega_observed", "conf_low"])


def test_an_improper_solution_is_marked_and_does_not_enter_the_pool() -> None:
    rng = np.random.default_rng(0)
    frames = [one_factor(60, 3, seed=s).assign(town=f"t{s}") for s in range(6)]
    # nearly the same answers to two items, unrelated to the third: no proper one-factor solution
    odd = one_factor(60, 3, seed=50)
    odd["i2"], odd["i3"] = odd["i1"], rng.integers(1, 6, 60).astype("int8")
    table = reliability(pd.concat([*frames, odd.assign(town="odd")]), key(3), by=["town"])
    omega = table[table["coefficient"] == "omega"].set_index("town")
    assert omega.loc["odd", "status"] in ("boundary", "not_estimable")
    assert np.isnan(omega.loc["odd", "conf_low"])
    typical = reliability(pd.concat(frames), key(3), by=["town"])
    typical = typical[typical["coefficient"] == "omega"].set_index("town")
    for town in typical.index:
        assert omega.loc[town, "shrunken"] == pytest.approx(typical.loc[town, "shrunken"])


def test_a_bootstrap_interval_of_a_cell_rests_on_its_own_answers_and_the_seed() -> None:
    frame = pd.concat([one_factor(40, seed=s).assign(town=f"t{s}") for s in range(3)])
    options = ReliabilityOptions(resamples=50, seed=4)
    table = reliability(frame, key(), by=["town"], options=options)
    boot = table[table["method"] == "omega_ml_boot"].set_index("town")
    assert (boot["conf_low"] < boot["estimate"]).all()
    assert (boot["estimate"] < boot["conf_high"]).all()
    part = frame[frame["town"] != "t0"].sample(frac=1, random_state=1)
    again = reliability(part, key(), by=["town"], options=options)
    again = again[again["method"] == "omega_ml_boot"].set_index("town")
    pd.testing.assert_frame_equal(again, boot.loc[["t1", "t2"]])
    other = reliability(part, key(), by=["town"], options=replace(options, seed=5))
    assert (
        other.loc[other["method"] == "omega_ml_boot", "conf_low"].iloc[0]
        != boot.loc["t1", "conf_low"]
    )


def test_ordinal_versions_stand_beside_and_never_instead_and_are_labelled() -> None:
    frame = pd.concat([one_factor(n, seed=n).assign(town=f"t{n}") for n in (150, 99)])
    table = reliability(frame, key(), by=["town"], options=ReliabilityOptions(ordinal=True))
    rows = table.set_index(["town", "coefficient"])
    for name in ("alpha", "omega"):
        assert rows.loc[("t150", name), "status"] == "ok"
        ordinal = rows.loc[("t150", f"{name}_ordinal")]
        assert ordinal["estimate"] > rows.loc[("t150", name), "estimate"]
        assert "underlying_composite" in ordinal["note"].split(";")
        few = rows.loc[("t99", f"{name}_ordinal")]
        assert (few["status"], few["note"]) == ("not_estimable", "n_below_100")


def test_equal_weights_change_nothing_but_the_name_and_unequal_ones_widen() -> None:
    frame = one_factor(80)
    plain = alphas(frame, key()).iloc[0]
    equal = alphas(frame.assign(weights=3.0), key(), weights="weights").iloc[0]
    assert equal["method"] == "alpha_feldt_neff"
    for name in ("estimate", "conf_low", "conf_high"):
        assert equal[name] == pytest.approx(plain[name], abs=1e-12)
    weighted = reliability(frame.assign(weights=3.0), key(), weights="weights")
    assert weighted["method"].tolist() == ["alpha_feldt_neff", "omega_ml_delta_neff", "omega_ml"]
    uneven = frame.assign(weights=np.tile([0.2, 4.0], 40))
    found = alphas(uneven, key(), weights="weights").iloc[0]
    assert found["conf_high"] - found["conf_low"] > plain["conf_high"] - plain["conf_low"]
    assert found["n"] == 80


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan])
def test_weights_must_be_there_and_above_zero(bad: float) -> None:
    frame = one_factor(10).assign(w=[1.0] * 9 + [bad])
    with pytest.raises(IngestError, match="weights"):
        reliability(frame, key(), weights="w")


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(DesignError, match="nowhere"):
        reliability(one_factor(10), key(), by=["nowhere"])
    with pytest.raises(DesignError, match="w"):
        items(one_factor(10), key(), weights="w")


def test_order_of_rows_changes_no_digit_and_a_copied_cell_gives_the_same_row() -> None:
    frame = pd.concat([one_factor(30, seed=s).assign(town=f"t{s}") for s in range(6)])
    table = reliability(frame, key(), by=["town"])
    again = reliability(frame.sample(frac=1, random_state=1), key(), by=["town"])
    pd.testing.assert_frame_equal(table, again)
    copy = pd.concat([frame, frame[frame["town"] == "t3"].assign(town="t9")])
    found = alphas(copy, key(), by=["town"]).set_index("town")
    for name in ("estimate", "conf_low", "conf_high", "shrunken"):
        assert found.loc["t3", name] == found.loc["t9", name]


def test_the_grid_in_one_cell_equals_the_pooled_call() -> None:
    frame = one_factor(90).assign(everyone="x")
    cells = reliability(frame, key(), by=["everyone"]).drop(columns="everyone")
    pd.testing.assert_frame_equal(cells, reliability(frame, key()))


def test_rows_without_a_key_belong_to_no_cell() -> None:
    frame = one_factor(50).assign(town=["a"] * 30 + [None] * 20)
    found = alphas(frame, key(), by=["town"])
    assert found[["town", "n"]].to_numpy().tolist() == [["a", 30]]


@pytest.mark.parametrize("name", ["weights", "strata", "psu", "n", "index", "scale"])
def test_keys_may_be_called_anything(name: str) -> None:
    frame = one_factor(60).assign(**{name: ["a"] * 30 + ["b"] * 30})
    for table in (reliability(frame, key(), by=[name]), items(frame, key(), by=[name])):
        own = name if name in ("weights", "strata", "psu", "index") else f"by_{name}"
        assert set(table[own]) == {"a", "b"}


def test_items_of_different_ranges_are_put_on_one_range_first() -> None:
    from measures_data import catalogue_of

    frame = one_factor(80, 3)
    keys = {"m": {"items": ["i1", "i2", "i3"], "reverse": ["i3"]}}
    same = catalogue_of(keys, dict.fromkeys(("i1", "i2", "i3"), (1, 5)))
    wide = catalogue_of(keys, {"i1": (1, 5), "i2": (2, 10), "i3": (1, 5)})
    stretched = frame.assign(i2=2 * frame["i2"])
    plain, other = (
        alphas(one, catalogue).iloc[0]  # type: ignore[arg-type]
        for one, catalogue in ((frame, same), (stretched, wide))
    )
    assert other["estimate"] == pytest.approx(plain["estimate"], abs=1e-12)
    assert items(stretched, wide)["mean"].between(0, 100).all()


def test_the_answers_are_not_changed() -> None:
    frame = one_factor(40).assign(town="a")
    before = frame.copy(deep=True)
    reliability(frame, key(), by=["town"])
    items(frame, key(), by=["town"])
    pd.testing.assert_frame_equal(frame, before)


def test_no_answers_give_empty_frames_with_all_columns() -> None:
    frame = one_factor(5).iloc[:0].assign(town="")
    assert len(reliability(frame, key(), by=["town"])) == 0
    assert "town" in reliability(frame, key(), by=["town"]).columns
    assert len(items(frame, key(), by=["town"])) == 0


def test_no_function_is_called_once_per_row_or_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    def calls(cells: int) -> int:
        frame = one_factor(20 * cells).assign(town=np.repeat(np.arange(cells), 20))
        count = 0

        def tell(*_: object) -> None:
            nonlocal count
            count += 1

        sys.setprofile(tell)
        try:
            reliability(frame, key(), by=["town"], options=ALPHA_ONLY)
        finally:
            sys.setprofile(None)
        return count

    few, many = calls(10), calls(400)
    assert many < few * 1.5


def test_no_column_of_a_result_is_undocumented() -> None:
    for function, columns in (
        (reliability, door.RELIABILITY_COLUMNS),
        (items, door.ITEM_COLUMNS),
    ):
        for name in columns:
            assert f"``{name}``" in (inspect.getdoc(function) or ""), name


def test_the_package_loops_over_no_rows() -> None:
    for path in Path(inspect.getfile(door)).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("iterrows", "itertuples", "apply", "applymap"), path.name
