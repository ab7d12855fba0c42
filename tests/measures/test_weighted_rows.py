"""Weighted scores in an evaluation: who may be weighted, what the rows say, who is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from measures_data import catalogue_of

from twinimpact.errors import DefinitionError, DesignError
from twinimpact.evaluation import Evaluation, parse_evaluation
from twinimpact.instruments import Catalogue
from twinimpact.measures import rake, raked_means, score_responses, weighted_rows
from twinimpact.privacy import DisclosureRules, apply_disclosure
from twinimpact.problems import Problem
from twinimpact.scaffold import new_workspace

HEAD = (
    'schema = 1\n[evaluation]\nid = "a"\ntitle = "A"\n[[waves]]\nid = "pre"\nkind = "pre"\n'
    'label = "B"\n[[weights]]\nid = "town"\n'
)
GENDER = "[weights.margins.gender]\nfemale = 0.5\nmale = 0.5\n"
AGES = (
    GENDER + "[weights.margins.age_band]\nyoung = 0.3\nold = 0.7\n"
    '[weights.levels.age_band]\nyoung = ["18-29"]\nold = ["30-44", "45-64", "65-74"]\n'
)


def settings(text: str, folder: Path = Path()) -> Evaluation:
    return parse_evaluation(HEAD + text, "evaluation.toml", folder)


def problems(text: str, folder: Path = Path()) -> tuple[Problem, ...]:
    with pytest.raises(DefinitionError) as error:
        settings(text, folder)
    return error.value.problems


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return catalogue_of({"trust": {"items": ["t1", "t2"]}}, {"t1": (1, 5), "t2": (1, 5)})


def residents(n: int = 120, arm: str = "resident_sample") -> pd.DataFrame:
    rng = np.random.default_rng(8)
    frame = pd.DataFrame(
        {
            "response_id": [f"r{i}" for i in range(n)],
            "partnership_id": np.where(np.arange(n) % 2, "lin-mor", "asc-lip"),
            "town_id": "t",
            "arm": arm,
            "wave": "pre",
            "gender": rng.choice(["female", "male"], n, p=[0.7, 0.3]),
            "age_band": rng.choice(["18-29", "30-44", "45-64", "65-74"], n),
            "t1": pd.array(rng.integers(1, 6, n), "Int16"),
            "t2": pd.array(rng.integers(1, 6, n), "Int16"),
        }
    )
    frame.loc[:3, "t1"] = pd.NA
    frame.loc[:3, "t2"] = pd.NA
    return frame


def rows_of(frame: pd.DataFrame, evaluation: Evaluation, catalogue: Catalogue) -> pd.DataFrame:
    scores = score_responses(frame, catalogue)
    return weighted_rows(frame, scores, catalogue, evaluation.weights)


def test_scores_of_residents_are_weighted_in_each_partnership_on_its_own(
    catalogue: Catalogue,
) -> None:
    frame = residents()
    found = rows_of(frame, settings(AGES), catalogue)
    own = frame[frame["partnership_id"] == "lin-mor"]
    broad = own.assign(
        age_band=own["age_band"].map(lambda band: "young" if band == "18-29" else "old")
    )
    raked = rake(
        broad, {"gender": {"female": 0.5, "male": 0.5}, "age_band": {"young": 0.3, "old": 0.7}}
    )
    points = score_responses(own, catalogue).points[["trust"]]
    want = raked_means(raked, points).iloc[0]
    mine = found[found["partnership"].eq("lin-mor") & found["outcome"].eq("trust")]
    mine = mine.set_index("estimand")
    for name in ("estimate", "std_error", "df", "conf_low", "conf_high", "n"):
        assert mine.loc["mean", name] == pytest.approx(want[name])
    assert mine.loc["n_eff", "estimate"] == pytest.approx(want["n_eff"])
    assert mine.loc["deff", "estimate"] == pytest.approx(want["deff"])
    assert mine.loc["mean", "missing"] == 60 - want["n"] > 0
    assert (mine["method"] == "rake").all()
    assert mine.loc["mean", ["dimension", "group", "arm", "unit"]].tolist() == [
        "weights", "town", "resident_sample", "points",
    ]  # fmt: skip


def test_the_weights_own_numbers_are_rows_too(catalogue: Catalogue) -> None:
    found = rows_of(residents(), settings(AGES + "\n"), catalogue)
    mine = found[found["partnership"].eq("lin-mor") & found["outcome"].eq("weights")]
    whole = mine[mine["dimension"].eq("weights")].set_index("estimand")
    assert whole.loc["deff", "estimate"] > 1
    assert whole.loc["n_eff", "estimate"] == pytest.approx(60 / whole.loc["deff", "estimate"])
    assert set(whole.index) == {
        "deff_before", "deff", "n_eff", "max_over_mean", "share_at_cap", "cycles",
    }  # fmt: skip
    after = mine[mine["estimand"].eq("share_after") & mine["dimension"].eq("age_band")]
    assert dict(zip(after["group"], after["estimate"], strict=True)) == pytest.approx(
        {"young": 0.3, "old": 0.7}
    )


def test_a_partnership_that_cannot_be_weighted_is_refused_and_the_others_go_on(
    catalogue: Catalogue,
) -> None:
    frame = residents()
    frame.loc[frame["partnership_id"].eq("lin-mor"), "gender"] = "female"
    found = rows_of(frame, settings(GENDER), catalogue)
    refused = found[found["partnership"].eq("lin-mor")]
    assert refused[["outcome", "status", "note"]].to_numpy().tolist() == [
        ["weights", "refused", "weights_empty_level"]
    ]
    assert refused["estimate"].isna().all()
    assert found[found["partnership"].eq("asc-lip")]["outcome"].eq("trust").any()


def test_a_margin_that_does_not_sum_to_one_stops_everything(catalogue: Catalogue) -> None:
    wrong = settings("[weights.margins.gender]\nfemale = 0.5\nmale = 0.4\n")
    with pytest.raises(DesignError) as error:
        rows_of(residents(), wrong, catalogue)
    assert {p.code for p in error.value.problems} == {"weights_margin_sum"}
    assert {p.sheet for p in error.value.problems} == {"lin-mor", "asc-lip"}


def test_who_did_not_tell_has_no_value_unless_that_is_a_level(catalogue: Catalogue) -> None:
    frame = residents()
    frame.loc[frame.index[-20:], "gender"] = "undisclosed"
    with pytest.raises(DesignError) as error:
        rows_of(frame, settings(GENDER), catalogue)
    assert {p.code for p in error.value.problems} == {"weights_missing"}
    kept = rows_of(frame, settings('missing = "own_level"\n' + GENDER), catalogue)
    assert kept.loc[kept["estimand"].eq("cycles"), "note"].str.contains("missing_own_level").all()
    third = "[weights.margins.gender]\nfemale = 0.45\nmale = 0.45\nundisclosed = 0.1\n"
    told = rows_of(frame, settings(third), catalogue)
    assert "undisclosed" in set(told["group"])


def test_answers_that_are_all_alike_are_not_given(catalogue: Catalogue) -> None:
    frame = residents()
    frame[["t1", "t2"]] = 3
    found = rows_of(frame, settings(GENDER), catalogue)
    means = found[found["estimand"].eq("mean")]
    assert set(means["status"]) == {"not_estimable"}
    assert means["estimate"].isna().all()


@pytest.mark.parametrize("arm", ["participant", "comparison_peer", "comparison_waitlist"])
def test_participants_cannot_be_weighted_to_their_town(arm: str) -> None:
    (problem,) = problems(f'arm = "{arm}"\n' + GENDER)
    assert problem.code == "weights_self_selected"
    assert "chose to come" in str(problem)
    assert "resident_sample" in problem.hint()


def test_participants_can_be_weighted_to_the_attendance_list(catalogue: Catalogue) -> None:
    evaluation = settings('arm = "participant"\npopulation = "attendance"\n' + GENDER)
    found = rows_of(residents(arm="participant"), evaluation, catalogue)
    assert set(found["arm"]) == {"participant"}
    assert (found.loc[found["outcome"].eq("trust"), "dimension"] == "weights").all()


def test_margins_of_towns_stand_in_a_file(catalogue: Catalogue, tmp_path: Path) -> None:
    lines = ["Variable;Level;Target;Group"]
    for town, share in (("asc-lip", "60 %"), ("lin-mor", "0,5")):
        other = "40 %" if town == "asc-lip" else "0,5"
        lines += [f"gender;female;{share};{town}", f"gender;male;{other};{town}"]
    (tmp_path / "margins.csv").write_text("\n".join(lines), encoding="utf-8-sig")
    found = rows_of(residents(), settings('file = "margins.csv"\n', tmp_path), catalogue)
    after = found[found["estimand"].eq("share_after") & found["group"].eq("female")]
    assert dict(zip(after["partnership"], after["estimate"], strict=True)) == pytest.approx(
        {"asc-lip": 0.6, "lin-mor": 0.5}
    )
    only = rows_of(
        residents(),
        settings('file = "margins.csv"\npartnership = "lin-mor"\n', tmp_path),
        catalogue,
    )
    assert set(only["partnership"]) == {"lin-mor"}


def test_faults_of_a_file_name_their_line(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("variable,level,target\ngender,female,half\ngender,,1\n")
    found = problems('file = "m.csv"\n', tmp_path)
    assert [(p.code, p.row) for p in found] == [("weights_file_row", 2), ("weights_file_row", 3)]
    (tmp_path / "m.csv").write_text("variable,share\n")
    assert problems('file = "m.csv"\n', tmp_path)[0].code == "weights_file_columns"
    assert problems('file = "no.csv"\n', tmp_path)[0].code == "weights_file_unreadable"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "weights_no_margins_given"),
        ('file = "m.csv"\n' + GENDER, "weights_margins_given_twice"),
        ('wave = "later"\n' + GENDER, "evaluation_unknown_wave"),
        ("cap = 0.5\n" + GENDER, "evaluation_out_of_range"),
        ('missing = "drop"\n' + GENDER, "evaluation_not_allowed"),
        ('file = "../m.csv"\n', "evaluation_outside"),
        (GENDER + '[[weights]]\nid = "town"\n' + GENDER, "evaluation_repeated"),
    ],
)
def test_faults_of_the_settings_are_named(text: str, code: str) -> None:
    assert code in {problem.code for problem in problems(text)}


def test_the_example_in_a_new_evaluation_can_be_used(catalogue: Catalogue, tmp_path: Path) -> None:
    new_workspace(tmp_path / "new", "New")
    text = (tmp_path / "new" / "evaluation.toml").read_text(encoding="utf-8")
    lines = text[text.index("# [[weights]]") :].splitlines()
    example = "\n".join(line.removeprefix("# ") for line in lines)
    evaluation = parse_evaluation(
        HEAD[: HEAD.index("[[weights]]")] + example, "evaluation.toml", tmp_path
    )
    found = rows_of(residents(), evaluation, catalogue)
    after = found[found["estimand"].eq("share_after") & found["dimension"].eq("age_band")]
    assert set(after["group"]) == {"younger", "older"}
    assert found["outcome"].eq("trust").any()


def test_the_gate_shows_weighted_rows_and_hides_those_of_few_people(catalogue: Catalogue) -> None:
    rules = DisclosureRules(k_answers=10)
    shown = apply_disclosure(rows_of(residents(), settings(GENDER), catalogue), rules).results
    assert not shown["status"].eq("suppressed").any()
    few = residents(16).assign(gender=["female", "female", "male", "male"] * 4)
    cap = "cap = 6.0\n" + GENDER
    hidden = apply_disclosure(rows_of(few, settings(cap), catalogue), rules).results
    assert hidden["estimate"].isna().all()
