"""Codes that may stand in ``note``: ``code`` or ``code:value``, separated by ``;``.

The sentences for them live with the other words of the report.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

CODES: Mapping[str, str] = {
    "adjusted": "adjusted for the score before (ANCOVA)",
    "arm_below_10": "fewer than ten people in one arm or wave; value: the smaller number",
    "arm_within_town": "comparison people live in the same towns as participants",
    "average_person": "the estimate is about the average person",
    "average_town": "the estimate is about the average town: towns count equally",
    "baseline_difference": "arms differed before; value: standardised difference",
    "beside": "shown beside the main row, not instead of it",
    "bracketing": "change score and adjusted difference disagree",
    "cannot_reject": "this design cannot reject at the chosen level",
    "ceiling": "many were already at the good end before; value: per cent",
    "comparison_not_linked": "no comparison person answered both times",
    "comparison_one_wave": "comparison people answered in one wave only",
    "correlation": "correlation of the scores before and after; value: r",
    "design_no_comparison": "there is no comparison group",
    "design_single_wave": "there is one wave only",
    "df_below_4": "too few effective degrees of freedom for an interval or a p value",
    "equal_variance_assumption": "rests on both kinds of towns varying equally",
    "extreme_start": "the mean before lay in an end fifth of the scale",
    "hedges_j": "small-sample factor used; value: J",
    "indicative": "10 to 29 people",
    "latest_wave": "several waves but no before and after; value: the wave described",
    "left_out": "partnerships with too few people are not in the programme's number, so that "
    "they cannot be worked out from it; value: how many",
    "levels_not_comparable": "levels of different towns are not shown to be comparable",
    "loss_outside_boundary": "too many people lost; value: per cent overall, difference",
    "no_data": "one of the two arms or waves has no usable answers",
    "no_pairs": "nobody answered both times",
    "no_plan": "no dated plan: nothing above level 3 can be given",
    "no_variation": "no variation, so no interval",
    "not_tested": "described, not tested",
    "one_person": "one person only",
    "one_town_in_arm": "one arm has a single town",
    "one_town_per_arm": "one town in each arm: town and programme cannot be separated",
    "people_not_towns": "the interval is about these people, not about towns",
    "repeated_answers": "people who answered a wave twice: the newest counts; value: number",
    "sd_change": "divided by the SD of the change; value: SD",
    "sd_mean_variance": "divided by the root of the mean of both variances; value: SD",
    "sd_pre_pooled": "divided by the pooled SD before; value: SD",
    "single_town_small": "the single town of an arm has clearly fewer people than the others: its "
    "interval may be too narrow; value: people",
    "smallest_p": "smallest p value this method can give; value: p",
    "threshold_half_sd": "threshold is half an SD of the scores before; value: threshold",
    "threshold_sesoi": "threshold is the smallest change worth having; value: threshold",
    "too_few_towns": "fewer towns than an interval needs",
    "town_dummies": "compared within towns by an indicator of each town",
    "town_missing": "people without a town, left out of town-level rows; value: number",
    "town_person_differ": "average town and average person differ by more than half the size "
    "worth having",
    "towns_in_both_arms": "towns with both arms, left out; value: number",
    "unlinked": "different people, or people who could not be matched, in each wave",
}


def note(*codes: str) -> str:
    """Join codes (or notes), leaving out empty ones and repetitions and keeping the order."""
    return ";".join(dict.fromkeys(code for part in codes for code in part.split(";") if code))


def with_value(code: str, value: float, decimals: int = 2) -> str:
    """``code:value`` with a fixed number of decimals."""
    return f"{code}:{round(value, decimals) + 0.0:.{decimals}f}"


def codes_of(text: str) -> tuple[str, ...]:
    """Codes of a note without their values."""
    return tuple(part.split(":")[0] for part in text.split(";") if part)


def unknown_codes(texts: Iterable[str]) -> set[str]:
    """Codes that are not declared here."""
    return {code for text in texts for code in codes_of(text)} - set(CODES)
