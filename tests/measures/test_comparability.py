"""The door: frames in, a verdict with its sentence out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from invariance_data import scale_frame

from twinimpact.errors import DefinitionError, DesignError, IngestError
from twinimpact.language import translator
from twinimpact.measures import Comparability, ScaleKey, comparability
from twinimpact.measures.invariance import VERDICTS, Verdict, invariance_rules, sentence
from twinimpact.measures.invariance.verdict import BETWEEN, OVER_TIME

KEY = ScaleKey(items=("a", "b", "c", "d"), low=0, high=10)
SHIFT = (0.0, 0.0, 1.5, 0.0)


def two_towns(
    n: int = 400, shift: tuple[float, ...] = (0, 0, 0, 0), mean: float = 0
) -> pd.DataFrame:
    return pd.concat(
        [
            scale_frame(n, seed=1).assign(town="A"),
            scale_frame(n, seed=2, shift=shift, mean=mean).assign(town="B"),
        ],
        ignore_index=True,
    )


def found(frame: pd.DataFrame, key: ScaleKey = KEY, **names: str) -> Comparability:
    return comparability(frame, key, **(names or {"group": "town"}))


def test_equal_questions_make_levels_comparable() -> None:
    made = found(two_towns())
    assert made.verdict == "scalar" and made.compare_levels
    assert made.groups == ("A", "B") and made.n == (400, 400)
    assert list(made.levels["level"]) == ["configural", "metric", "scalar"]
    assert made.released.empty and made.bias is None
    assert made.levels["scaling"].between(0.7, 1.3).all()
    assert made.levels["chi2_scaled"].to_numpy() == pytest.approx(
        (made.levels["chi2"] / made.levels["scaling"]).to_numpy()
    )
    assert made.sentence() == (
        "The averages of A and B may be compared: no sign was found that the questions work "
        "differently there."
    )


def test_a_planted_shift_is_found_named_and_taken_out() -> None:
    made = found(two_towns(shift=SHIFT))
    assert made.verdict == "partial_large" and made.differing == ("c",)
    assert made.bias is not None
    # 1.5 steps of 10 in one of four questions
    assert made.bias.bias == pytest.approx(3.75, abs=0.5)
    assert made.bias.low < 0 < made.bias.high
    assert made.bias.left == pytest.approx(made.bias.observed - made.bias.bias, abs=1e-9)
    table = made.dmacs.set_index("item")
    assert table.loc["c", "dmacs"] > 0.7 and table.loc["c", "size"] == "large"
    assert table.loc["c", "signed"] > 0 and bool(table.loc["c", "released"])
    assert table.loc[["a", "b", "d"], "dmacs"].max() < 0.2
    text = made.sentence(labels={"c": "how warm", "A": "Linden", "B": "Moravice"})
    assert "how warm" in text and "Moravice minus Linden" in text


def test_a_small_bias_beside_a_large_difference_is_said_with_care() -> None:
    made = found(two_towns(shift=SHIFT, mean=1.5))
    assert made.verdict == "partial_small" and made.compare_levels
    assert "with care" in made.sentence()


def test_only_relations_are_left_when_intercepts_fall_apart() -> None:
    made = found(two_towns(shift=(2.0, -2.0, 1.0, -1.0)))
    assert made.verdict == "metric" and not made.compare_levels
    assert made.bias is None and made.dmacs.empty
    assert "may not be compared" in made.sentence()


def test_items_that_do_not_belong_together_measure_nothing_common() -> None:
    frame = two_towns()
    draw = np.random.default_rng(4)
    one, two = draw.integers(0, 11, (2, len(frame)))
    for name, values in zip("abcd", (one, one + 0, two, two), strict=True):
        noise = draw.integers(-1, 2, len(frame))
        frame[name] = np.clip(values + noise, 0, 10)
    made = found(frame)
    assert made.verdict == "none" and not made.compare_levels
    assert list(made.levels["status"]) == ["rejected"]


def test_few_answers_are_not_testable_and_say_what_is_needed() -> None:
    frame = two_towns(99)
    made = found(frame)
    assert made.verdict == "not_testable" and made.reasons == ("too_few_answers",)
    assert made.needed == 100 and made.left_out == (("A", 99), ("B", 99))
    assert not made.compare_levels and made.levels.empty
    assert "need 100 complete questionnaires each" in made.sentence()
    assert "second-largest group has 99" in made.sentence()


def test_twelve_questions_need_ten_rows_each() -> None:
    assert invariance_rules().needed(12) == 120
    assert invariance_rules().needed(4) == 100


def test_small_groups_are_left_out_by_name() -> None:
    small = scale_frame(40, seed=9).assign(town="C")
    made = found(pd.concat([two_towns(), small]))
    assert made.groups == ("A", "B") and made.left_out == (("C", 40),)


def test_incomplete_rows_do_not_count() -> None:
    frame = two_towns(110)
    frame.loc[frame.index[:20], "d"] = np.nan
    assert found(frame).left_out == (("A", 90),)


def test_one_and_two_questions_have_no_ladder() -> None:
    frame = two_towns()
    one = found(frame, ScaleKey(items=("a",), low=0, high=10))
    assert (one.verdict, one.reasons, one.pair) == ("not_testable", ("one_question",), None)
    two = found(frame, ScaleKey(items=("a", "b"), low=0, high=10))
    assert (two.verdict, two.reasons) == ("not_testable", ("two_questions",))
    assert two.pair is not None and two.pair.df == 1
    assert two.pair.difference_p > 0.01 and two.pair.correlation_p > 0.01
    moved = found(two_towns(shift=(1.5, 0, 0, 0)), ScaleKey(items=("a", "b"), low=0, high=10))
    assert moved.pair is not None and moved.pair.difference_p < 1e-6
    assert "at least three questions" in two.sentence()


def test_two_questions_in_numbers() -> None:
    draw = np.random.default_rng(6)
    frame = pd.DataFrame(draw.integers(1, 6, (260, 2)), columns=["a", "b"])
    frame["g"] = np.repeat(["x", "y"], [120, 140])
    made = found(frame, ScaleKey(items=("a", "b"), low=1, high=5), group="g")
    gap = (frame["a"] - frame["b"]).groupby(frame["g"])
    error = gap.var() / gap.size()
    by_hand = (gap.mean()["x"] - gap.mean()["y"]) ** 2 / error.sum()
    assert made.pair is not None
    assert made.pair.difference_chi2 == pytest.approx(by_hand, rel=1e-9)


def test_three_questions_have_no_configural_test() -> None:
    made = found(two_towns(), ScaleKey(items=("a", "b", "c"), low=0, high=10))
    assert made.levels.loc[0, "df"] == 0 and np.isnan(made.levels.loc[0, "p_value"])
    assert "saturated" in made.reasons and made.verdict == "scalar"


def test_an_unused_answer_is_flagged_and_the_ladder_goes_on() -> None:
    frame = two_towns()
    frame.loc[frame["town"].eq("A") & frame["a"].eq(10), "a"] = 9
    made = found(frame)
    assert "category_unused" in made.reasons and len(made.levels) == 3


def test_questions_without_variance_are_not_testable() -> None:
    frame = two_towns()
    frame.loc[frame["town"].eq("A"), "b"] = 4
    assert found(frame).reasons == ("no_variance",)


def test_reversed_items_are_reversed() -> None:
    frame = two_towns(shift=SHIFT)
    turned = frame.assign(b=10 - frame["b"])
    key = ScaleKey(items=KEY.items, low=0, high=10, reverse=("b",))
    assert found(turned, key).levels.equals(found(frame).levels)


def test_order_of_rows_items_and_groups_changes_nothing() -> None:
    frame = two_towns(shift=SHIFT)
    there = found(frame)
    shuffled = frame.sample(frac=1, random_state=3)
    assert found(shuffled).levels.equals(there.levels)  # sums are exact
    turned = found(frame, ScaleKey(items=("d", "b", "c", "a"), low=0, high=10))
    assert turned.levels["chi2"].to_numpy() == pytest.approx(
        there.levels["chi2"].to_numpy(), abs=1e-5
    )
    other = found(frame.assign(town=frame["town"].map({"A": "Z", "B": "Y"})))
    assert other.levels["chi2"].to_numpy() == pytest.approx(
        there.levels["chi2"].to_numpy(), abs=1e-5
    )
    assert other.bias is not None and there.bias is not None
    assert other.bias.observed == pytest.approx(-there.bias.observed, abs=1e-9)


def test_input_frames_are_not_changed() -> None:
    frame = two_towns()
    before = frame.copy(deep=True)
    found(frame)
    pd.testing.assert_frame_equal(frame, before)


def linked(shift: float = 0.0, n: int = 300, gain: float = 0.6) -> pd.DataFrame:
    draw = np.random.default_rng(12)
    factor = draw.standard_normal((n, 1))
    later = 0.7 * factor + 0.7 * draw.standard_normal((n, 1)) + gain
    own = 0.5 * draw.standard_normal((n, 4))
    sides = []
    for name, level, move in (("pre", factor, 0.0), ("post", later, shift)):
        values = 5 + 1.3 * level + own + draw.standard_normal((n, 4))
        values[:, 1] += move
        side = pd.DataFrame(np.clip(np.round(values), 0, 10), columns=list("abcd"))
        sides.append(side.assign(person=[f"p{i}" for i in range(n)], wave=name))
    return pd.concat(sides, ignore_index=True)


def test_equal_questions_make_a_change_a_change() -> None:
    made = found(linked(), person="person", wave="wave")
    assert made.over == "waves" and made.groups == ("pre", "post") and made.n == (300,)
    assert made.verdict == "scalar" and made.compare_levels
    assert "cfi_longitudinal" in made.levels
    assert "so the averages of both may be compared" in made.sentence()


def test_another_yardstick_is_named_with_the_change_without_it() -> None:
    made = found(linked(shift=1.6), person="person", wave="wave")
    assert "response_shift_possible" in made.reasons and made.differing == ("b",)
    assert made.bias is not None
    assert made.bias.observed - made.bias.bias == pytest.approx(4.0, abs=1.0)
    assert "another yardstick" in made.sentence(labels={"b": "how ready"})
    assert "how ready" in made.sentence(labels={"b": "how ready"})


def test_few_linked_people_are_not_testable() -> None:
    made = found(linked(n=60), person="person", wave="wave")
    assert made.verdict == "not_testable" and "60 did." in made.sentence()


@pytest.mark.slow
def test_many_groups_are_aligned() -> None:
    draw = np.random.default_rng(31)
    frames = []
    for place in range(12):
        shift = np.zeros(4)
        shift[place % 4] = draw.choice([-1.0, 1.0]) if place % 3 == 0 else 0.0
        mean = float(draw.normal(0, 0.6))
        frame = scale_frame(220, seed=100 + place, shift=tuple(shift), mean=mean)
        frames.append(frame.assign(town=f"t{place:02d}"))
    made = found(pd.concat(frames, ignore_index=True))
    assert made.verdict in ("aligned", "metric")
    assert 0 < made.share_differing < 1
    assert "the 12 groups" in made.sentence()


@pytest.mark.parametrize(
    ("names", "error"),
    [
        ({"group": "town", "person": "town", "wave": "town"}, DesignError),
        ({"person": "town"}, DesignError),
        ({"group": "nowhere"}, DesignError),
        ({"person": "town", "wave": "a"}, DesignError),
    ],
)
def test_impossible_questions_are_refused(names: dict[str, str], error: type[Exception]) -> None:
    with pytest.raises(error):
        found(two_towns(110), **names)


def test_a_person_twice_in_a_wave_and_answers_out_of_range_are_refused() -> None:
    twice = linked(n=120)
    with pytest.raises(DesignError, match="two questionnaires"):
        found(pd.concat([twice, twice.iloc[:1]]), person="person", wave="wave")
    with pytest.raises(IngestError, match="declared range"):
        found(two_towns(110).assign(a=55))


def test_every_verdict_has_its_sentence_and_no_gap_in_it() -> None:
    t = translator("en")
    for over in ("groups", "waves"):
        for code in VERDICTS:
            if over == "waves" and code == "aligned":
                continue
            for count in (2, 7):
                for items in ((), ("how warm",)):
                    made = Verdict(
                        code=code, over=over, groups=("A", "B") if count == 2 else (), count=count,
                        items=items, observed=3.0, bias=1.0, left=2.0, low=1.0, high=3.0,
                        share=0.2, needed=100,
                    )  # fmt: skip
                    text = sentence(made, t)
                    assert text.endswith(".") and "{" not in text
    assert set(OVER_TIME) < set(BETWEEN) | {"scalar"}


def test_rules_say_where_they_come_from_and_what_is_unchecked() -> None:
    rules = invariance_rules()
    assert rules.version and set(rules.provenance) == set(rules.limits)
    assert "large" in rules.unchecked and "testable" not in rules.unchecked


def test_a_rules_file_without_a_source_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    from twinimpact.resources import surveys_dir

    text = (surveys_dir() / "invariance.toml").read_text(encoding="utf-8")
    path = tmp_path_factory.mktemp("rules") / "invariance.toml"
    path.write_text(text.replace('status = "check"', 'status = "sure"', 1), encoding="utf-8")
    with pytest.raises(DefinitionError, match="status or source"):
        invariance_rules(path)
    path.write_text("schema = 1", encoding="utf-8")
    with pytest.raises(DefinitionError, match="cannot be used"):
        invariance_rules(path)


@pytest.mark.slow
def test_known_truth_is_found_as_often_as_it_should_be() -> None:
    """Equal questions are rarely called unequal; one shifted question is found and sized."""
    equal, found_shift, sizes = 0, 0, []
    for seed in range(60):
        one = scale_frame(300, seed=2 * seed + 1000).assign(town="A")
        two = scale_frame(300, seed=2 * seed + 1001, mean=0.4).assign(town="B")
        equal += found(pd.concat([one, two])).verdict == "scalar"
        moved = scale_frame(300, seed=2 * seed + 1001, mean=0.4, shift=(0, 1.0, 0, 0))
        made = found(pd.concat([one, moved.assign(town="B")]))
        if made.differing == ("b",) and made.bias is not None:
            found_shift += 1
            sizes.append(made.bias.bias)
    assert equal >= 57
    assert found_shift >= 55
    # 1 step of 10 in one of four questions is 2.5 points; rounding and limits take a little
    assert np.mean(sizes) == pytest.approx(2.5, abs=0.25)
