"""Scoring keys of published scales: the key of the specification, and vectors worked by hand."""

from __future__ import annotations

import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from key_vectors import scored

from twinimpact.instruments import Catalogue, Item, Scale, load_catalogue, load_instrument
from twinimpact.resources import surveys_dir

KEYS = surveys_dir() / "keys"
# the shorthand of section 5.1: range, missing, recode, scale → (items, reversed, mv, method)
R24 = tuple(range(1, 25))
SPECIFIED: Mapping[str, dict[str, object]] = {
    "ess_eff": {"range": (1, 5), "missing": (7, 8, 9), "scales": {
        "ess_eff_int": (("a16", "a18"), (), 2), "ess_eff_ext": (("a15", "a17"), (), 2)}},
    "ess_acts": {"range": (0, 1), "missing": (7, 8, 9), "scales": {
        "ess_acts": (tuple(f"a{n}" for n in range(28, 36)), (), 6)}},
    "ess_ptrust": {"range": (0, 10), "missing": (77, 88, 99), "scales": {
        "ess_ptrust": (("a11", "a12", "a13"), (), 2)}},
    "kusiv3": {"range": (1, 5), "missing": (), "scales": {"kusiv3": ((1, 2, 3), (2,), 2)}},
    "ess_itrust": {"range": (0, 10), "missing": (77, 88, 99), "scales": {
        "ess_itrust": (tuple(f"a{n}" for n in range(19, 26)), (), 5)}},
    "bscs": {"range": (1, 5), "missing": (), "scales": {
        "bscs_total": (tuple(range(1, 9)), (), 6), "bscs_needs": ((1, 2), (), 2),
        "bscs_member": ((3, 4), (), 2), "bscs_infl": ((5, 6), (), 2),
        "bscs_conn": ((7, 8), (), 2)}},
    "ess_attach": {"range": (0, 10), "missing": (77, 88, 99), "scales": {
        "ess_attach_country": (("a68",), (), 1), "ess_attach_europe": (("a69",), (), 1)}},
    "eb_attach": {"range": (1, 4), "missing": (), "scales": {
        "eb_attach_eu": (("eu",), ("eu",), 1)}},
    "iss24": {"range": (1, 5), "missing": (), "scales": {
        "iss24_total": (R24, (2, 4, 7, 9, 12, 15, 18, 20, 22), 16)}},
    "sfcq": {"range": (1, 5), "missing": (), "scales": {"sfcq": (tuple(range(1, 11)), (), 7)}},
    "prica": {"range": (1, 5), "missing": (), "scales": {
        "prica": (tuple(range(1, 15)), (1, 3, 5, 7, 9, 10, 12), 10)}},
}  # fmt: skip


@pytest.fixture(scope="module")
def keys() -> Catalogue:
    return load_catalogue(KEYS)


@pytest.fixture(scope="module")
def everything() -> Catalogue:
    folders = [surveys_dir() / name for name in ("own", "optional", "keys")]
    return load_catalogue(*folders)


def test_every_key_is_the_one_of_the_specification_and_there_is_no_other(keys: Catalogue) -> None:
    assert {one.id for one in keys.instruments} == set(SPECIFIED)
    for one in keys.instruments:
        wanted = SPECIFIED[one.id]
        assert {(item.lo, item.hi) for item in one.items} == {wanted["range"]}, one.id
        assert {item.missing for item in one.items} == {wanted["missing"]}, one.id
        found = {scale.id: (scale.items, scale.reverse, scale.min_valid) for scale in one.scales}
        expected = {
            name: (
                tuple(f"{one.id}_{item}" for item in items),
                frozenset(f"{one.id}_{item}" for item in reverse),
                least,
            )
            for name, (items, reverse, least) in wanted["scales"].items()  # type: ignore[attr-defined]
        }
        assert found == expected, one.id


def test_methods_and_directions_of_the_keys(keys: Catalogue) -> None:
    methods = {name: scale.method for name, scale in keys.scales.items() if scale.method != "mean"}
    assert methods == {"ess_acts": "count", "prica": "sum"}
    worse = {name for name, scale in keys.scales.items() if scale.direction == "worse"}
    assert worse == {"prica"}
    assert {name for name, scale in keys.scales.items() if scale.formative} == {"ess_acts"}
    assert (keys.scales["prica"].lo, keys.scales["prica"].hi) == (14.0, 70.0)


def test_keys_hold_facts_and_no_wording(keys: Catalogue) -> None:
    for one in keys.instruments:
        assert (one.kind, one.key_status) == ("key", "ship")
        assert one.about.citation
        assert one.tier in ("amber", "red")  # nobody has dated the reading of a licence yet
        assert not any(item.text or item.labels or item.anchors for item in one.items)
        assert all(item.label("en") == item.id for item in one.items)
    for path in KEYS.glob("*.toml"):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        assert not {"anchors", "instructions", "heading"} & set(table)
        assert all("text" not in item for item in table["items"]), path.name


def test_a_built_package_holds_no_text_in_its_keys(tmp_path: Path) -> None:
    packed = tmp_path / "wheel.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in KEYS.glob("*.toml"):
            archive.write(path, f"twinimpact/_shipped/surveys/keys/{path.name}")
    with zipfile.ZipFile(packed) as archive:
        for name in archive.namelist():
            table = tomllib.loads(archive.read(name).decode("utf-8"))
            assert all(set(item) <= {"id", "source_no", "reverse"} for item in table["items"])


def test_published_figures_carry_their_source(keys: Catalogue) -> None:
    sfcq = keys.instrument("sfcq")
    norm = sfcq.about.norms[0]
    assert (norm.m, norm.sd, norm.n, norm.source) == (3.51, 0.63, 3500, "Thomas et al. 2015")
    assert {one.value for one in sfcq.about.reliability} == {0.77, 0.93}


def coded(item: Item, scale: Scale, top: bool) -> int:
    """The stored code that gives the highest (or lowest) contribution to the scale."""
    high = top != (item.id in scale.reverse)
    score = item.hi if high else item.lo
    if item.recode:
        return next(stored for stored, new in item.recode if new == score)
    return score


@pytest.mark.parametrize("top", [True, False])
def test_all_lowest_and_all_highest_answers_reach_the_ends_of_every_scale(
    everything: Catalogue, top: bool
) -> None:
    for name, scale in everything.scales.items():
        row = {item: coded(everything.items[item], scale, top) for item in scale.items}
        raw, points = scored(everything, row, name)
        wanted = scale.hi if top else scale.lo
        assert raw == pytest.approx(wanted), name
        if scale.unit == "points":
            assert points == pytest.approx(100.0 if top else 0.0), name


def prica(fearful: int, positive: int) -> dict[str, int]:
    reverse = (1, 3, 5, 7, 9, 10, 12)
    return {f"prica_{n}": positive if n in reverse else fearful for n in range(1, 15)}


@pytest.mark.parametrize(
    ("row", "total"), [(prica(3, 3), 42), (prica(1, 5), 14), (prica(5, 1), 70)]
)
def test_prica_totals(keys: Catalogue, row: dict[str, int], total: float) -> None:
    assert scored(keys, row, "prica")[0] == pytest.approx(total)


def test_prica_equals_its_published_formula(keys: Catalogue) -> None:
    answers = np.random.default_rng(7).integers(1, 6, size=(50, 14))
    first = np.array([1, 3, 5, 7, 9, 10, 12]) - 1
    others = np.array([2, 4, 6, 8, 11, 13, 14]) - 1
    formula = 42 - answers[:, first].sum(axis=1) + answers[:, others].sum(axis=1)
    for line, total in zip(answers, formula, strict=True):
        row = {f"prica_{n}": int(code) for n, code in enumerate(line, start=1)}
        assert scored(keys, row, "prica")[0] == pytest.approx(total)


def test_kusiv3_reverses_its_second_item(keys: Catalogue) -> None:
    row = {"kusiv3_1": 5, "kusiv3_2": 1, "kusiv3_3": 5}
    assert scored(keys, row, "kusiv3")[0] == pytest.approx(5.0)


def test_iss_total_of_all_ones(keys: Catalogue) -> None:
    row = {f"iss24_{n}": 1 for n in R24}
    assert scored(keys, row, "iss24_total")[0] == pytest.approx((15 * 1 + 9 * 5) / 24)


def test_parts_of_the_community_scale_cover_it_once(keys: Catalogue) -> None:
    parts = [item for name in ("needs", "member", "infl", "conn")
             for item in keys.scales[f"bscs_{name}"].items]  # fmt: skip
    assert sorted(parts) == sorted(keys.scales["bscs_total"].items)
    assert len(parts) == 8


def test_european_social_survey_codes_of_missing_answers_are_never_scored(keys: Catalogue) -> None:
    row = {"ess_ptrust_a11": 77, "ess_ptrust_a12": 5, "ess_ptrust_a13": 7}
    assert scored(keys, row, "ess_ptrust")[0] == pytest.approx(6.0)
    acts = {f"ess_acts_a{n}": 2 for n in range(28, 36)}
    assert scored(keys, acts, "ess_acts")[0] == pytest.approx(0.0)
    three = acts | {"ess_acts_a28": 7, "ess_acts_a29": 8, "ess_acts_a30": 9}
    assert np.isnan(scored(keys, three, "ess_acts")[0])
    two = acts | {"ess_acts_a28": 7, "ess_acts_a29": 8, "ess_acts_a30": 1}
    assert scored(keys, two, "ess_acts")[1] == pytest.approx(100 / 6)


def test_eurobarometer_and_cultural_intelligence(keys: Catalogue) -> None:
    assert scored(keys, {"eb_attach_eu": 1}, "eb_attach_eu")[0] == pytest.approx(4.0)
    norm = keys.instrument("sfcq").about.norms[0]
    scale = keys.scales["sfcq"]
    assert 100 * (norm.m - scale.lo) / (scale.hi - scale.lo) == pytest.approx(62.75)


UNCHECKED = """
id = "ces"
kind = "key"
version = "0"
title = "Two parts"
status_label = "not compared with the paper"
key_status = "check"
licence = {tier = "green"}
range = [1, 7]
items = [%s]
scales = [
  {id = "ces_att", items = [%s], min_valid = 6},
  {id = "ces_beh", items = [%s], min_valid = 4},
]
"""


def test_mean_of_the_valid_items_down_to_the_minimal_number(tmp_path: Path) -> None:
    names = [f"ces_{n}" for n in range(1, 15)]
    quoted = [f'"{name}"' for name in names]
    items = ", ".join(f"{{id = {name}}}" for name in quoted)
    path = tmp_path / "ces.toml"
    path.write_text(
        UNCHECKED % (items, ", ".join(quoted[:8]), ", ".join(quoted[8:])), encoding="utf-8"
    )
    catalogue = Catalogue(instruments=(load_instrument(path, development=True),))
    answers = {f"ces_{n}": n % 7 + 1 for n in range(1, 9)}
    two = {name: code for name, code in answers.items() if name not in ("ces_1", "ces_2")}
    assert scored(catalogue, two, "ces_att")[0] == pytest.approx(np.mean(list(two.values())))
    three = {name: code for name, code in two.items() if name != "ces_3"}
    assert np.isnan(scored(catalogue, three, "ces_att")[0])


def test_missing_codes_in_a_list_do_not_change_a_reversal(everything: Catalogue) -> None:
    row = {f"tw_health_a{n}": 4 for n in range(1, 5)}
    assert scored(everything, row, "tw_health_mutual")[0] == pytest.approx((4 * 3 + 2) / 4)
    assert 88 in everything.items["tw_health_a4"].missing


def test_own_scales_follow_their_vectors(everything: Catalogue) -> None:
    contact = {"tw_contact_q1": 0, "tw_contact_q2": 0, "tw_contact_q3": 9, "tw_contact_q4": 9}
    assert np.isnan(scored(everything, contact, "tw_contact_quality")[0])
    assert scored(everything, contact, "tw_contact_quantity")[0] == 0.0
    for answer, score in ((5, 4.0), (1, 2.0)):
        row = {f"tw_health_{facet}{n}": answer for facet in "abcd" for n in range(1, 5)}
        for facet in ("mutual", "comm", "aims", "part"):
            assert scored(everything, row, f"tw_health_{facet}")[0] == pytest.approx(score)
    acts = {f"tw_acts_p{n}": int(n % 2 == 0) for n in range(1, 8)}
    two = acts | {"tw_acts_p1": 88, "tw_acts_p2": 88}
    assert scored(everything, two, "tw_acts_all")[1] == pytest.approx(100 * 2 / 5)
    assert np.isnan(scored(everything, two | {"tw_acts_p3": 88}, "tw_acts_all")[0])
    assert scored(everything, {"tw_thermo_th1": 88}, "tw_thermo")[0] == 88.0
    assert np.isnan(scored(everything, {"tw_thermo_th1": 888}, "tw_thermo")[0])


def test_the_whole_of_partnership_health_needs_all_four_conditions(everything: Catalogue) -> None:
    row = {f"tw_health_{facet}{n}": 4 for facet in "abcd" for n in range(1, 5)}
    facets = [scored(everything, row, f"tw_health_{name}")[0]
              for name in ("mutual", "comm", "aims", "part")]  # fmt: skip
    assert scored(everything, row, "tw_health_total")[0] == pytest.approx(np.mean(facets))
    # with one answer missing the facets still weigh alike
    uneven = {name: code for name, code in row.items() if name != "tw_health_a1"} | {
        "tw_health_a2": 1
    }
    facets = [scored(everything, uneven, f"tw_health_{name}")[0]
              for name in ("mutual", "comm", "aims", "part")]  # fmt: skip
    assert scored(everything, uneven, "tw_health_total")[0] == pytest.approx(np.mean(facets))
    without = {name: code for name, code in row.items() if not name.startswith("tw_health_d")}
    assert np.isnan(scored(everything, without, "tw_health_total")[0])
    assert isinstance(everything.scales["tw_health_total"].parts, tuple)
    assert pd.notna(scored(everything, without, "tw_health_aims")[0])
