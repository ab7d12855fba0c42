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
    "grade_design": "evidence grade: level of the design; value: best grade left, level",
    "grade_hidden": "no evidence grade: the number it would speak about is not shown",
    "grade_linked_differ": "evidence grade: people found again differed before; value: best grade "
    "left, SD",
    "grade_linked_differ_unknown": "evidence grade: not known whether people found again differ",
    "grade_linking": "evidence grade: share of people found in both waves; value: best grade left, "
    "share",
    "grade_linking_unknown": "evidence grade: share of people found in both waves not known",
    "grade_lowest": "evidence grade: the scale that reaches least; value: scale",
    "grade_people": "evidence grade: number of people; value: best grade left, people",
    "grade_people_unknown": "evidence grade: number of people not known",
    "grade_reliability": "evidence grade: reliability; value: best grade left, coefficient",
    "grade_reliability_unknown": "evidence grade: reliability not known",
    "grade_response": "evidence grade: share of those asked who answered; value: best grade left, "
    "share",
    "hedges_j": "small-sample factor used; value: J",
    "few_lost": "fewer than ten people were lost, or fewer than ten stayed",
    "indicative": "10 to 29 people",
    "latest_wave": "several waves but no before and after; value: the wave described",
    "left_out": "partnerships with too few people are not in the programme's number, so that "
    "they cannot be worked out from it; value: how many",
    "levels_not_comparable": "levels of different towns are not shown to be comparable",
    "loss_outside_boundary": "too many people lost; value: per cent overall, difference",
    "no_data": "one of the two arms or waves has no usable answers",
    "no_pairs": "nobody answered both times",
    "no_partnership_variation": "no variation between partnerships could be estimated",
    "no_plan": "no dated plan: nothing above level 3 can be given",
    "no_variation": "no variation, so no interval",
    "not_tested": "described, not tested",
    "one_person": "one person only",
    "one_town_in_arm": "one arm has a single town",
    "one_town_per_arm": "one town in each arm: town and programme cannot be separated",
    "own_share": "share of a partnership's own deviation that is kept; value: share",
    "people_not_towns": "the interval is about these people, not about towns",
    "prediction_t_k1": "prediction with one degree of freedom less than partnerships",
    "rank_few_partnerships": "too few partnerships to put in an order; value: needed",
    "rank_small_partnership": "not put in an order: some have below ten people; value: how many",
    "rank_unreliable": "not put in an order: most variation is chance; value: share that is not",
    "repeated_answers": "people who answered a wave twice: the newest counts; value: number",
    "retro_pre": "the time before was rated looking back",
    "sd_change": "divided by the SD of the change; value: SD",
    "sd_mean_variance": "divided by the root of the mean of both variances; value: SD",
    "sd_pooled": "divided by the root of the mean of both groups' variances",
    "sd_pre_pooled": "divided by the pooled SD before; value: SD",
    "single_town_small": "the single town of an arm has clearly fewer people than the others: its "
    "interval may be too narrow; value: people",
    "smallest_p": "smallest p value this method can give; value: p",
    "threshold_half_sd": "threshold is half an SD of the scores before; value: threshold",
    "threshold_sesoi": "threshold is the smallest change worth having; value: threshold",
    "too_few_partnerships": "fewer partnerships than this needs; value: needed",
    "too_few_to_predict": "fewer partnerships than a prediction needs; value: needed",
    "too_few_towns": "fewer towns than an interval needs",
    "town_dummies": "compared within towns by an indicator of each town",
    "town_missing": "people without a town, left out of town-level rows; value: number",
    "town_person_differ": "average town and average person differ by more than half the size "
    "worth having",
    "towns_in_both_arms": "towns with both arms, left out; value: number",
    "unlinked": "different people, or people who could not be matched, in each wave",
    "usual_error_larger": "the usual standard error is the larger one and is used",
    "variation_below_chance": "partnerships differ by less than chance would make them: the "
    "interval of their variation is empty and set to 0",
}
"""Codes of the rows of reports, each with its meaning."""
DOOR_CODES: Mapping[str, str] = {
    "association_only": "says who changed more, not why",
    "blocks_one_arm": "blocks with one arm only; value: number",
    "by_town": "whole towns were drawn or flipped, not people",
    "categories_merged": "answers put together because few people gave them; value: fewer by",
    "constant_dropped": "columns that do not vary, left out; value: number",
    "df_capped": "degrees of freedom limited by the number of towns; value: without limit",
    "effect_touches_zero": "the interval of the difference touches zero: no ratio",
    "effective_n_small": "weighted, fewer than 20 people are left; value: effective number",
    "exploratory": "not named in the plan beforehand",
    "gain_unclear": "the gain itself is not clear of zero, so no share of it can be given",
    "hours_chosen": "people chose their hours: says who changed more, not what hours do",
    "no_effect_to_divide_by": "the design does not allow a cost per point",
    "no_reliability": "the reliability of the score is not known",
    "no_town_variation": "no variation between towns or people could be estimated",
    "odds_not_proportional": "the odds differ by cut point: not one number; value: p",
    "placebo_p": "share of towns that stand out as much as the single one; value: p",
    "prior_scale": "scale of the half-normal prior of the variation; value: scale",
    "r2_max": "share of variance a complete model would explain; value: R squared",
    "rank_people_unknown": "not put in an order: people are not known",
    "reliability": "reliability used; value: coefficient",
    "rows_dropped": "rows with a missing value, left out; value: number",
    "sd_pre": "divided by the SD before; value: SD",
    "sd_treated": "divided by the SD of the treated people",
    "slope_few_towns": "fewer towns than a slope between them needs; value: needed",
    "slopes_differ": "the slope on the score before differs between the arms: interacted model",
    "staying_told_apart": "who stayed can be told from the score before: no chance to weight by",
    "too_few_people": "fewer people than this needs; value: needed",
    "town_changes_unmodelled": "towns may also have changed differently: not in this model",
    "variance_pooled": "below ten people: variance taken from all; value: how many partnerships",
    "weight_concentrated": "one person carries more than a tenth of the weight; value: per cent",
    "weights_fixed": "the weights are taken as given",
    "weights_not_towns": "weights of people do not repair differences between towns",
}
"""Codes that only the functions for notebooks give: they explain themselves there."""


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
    return {code for text in texts for code in codes_of(text)} - set(CODES) - set(DOOR_CODES)
