"""What each flag of a questionnaire means, and where its threshold comes from, in words."""

from __future__ import annotations

from collections.abc import Mapping

from twinimpact.language import N_

CARELESS = "careless"
RULE, SOURCE = "rule", "source"
_OURS = N_("Rule of this project, not validated.")
_JOHNSON = N_("Rule of this project; index: Johnson 2005, doi:10.1016/j.jrp.2004.09.009.")
_MEADE = N_("Meade and Craig 2012, doi:10.1037/a0028085; the cut-off is still to be checked.")

FLAGS: Mapping[str, tuple[str, str, str]] = {
    CARELESS: (
        N_("Counted as careless"),
        N_("Flags of at least two different kinds agree."),
        _OURS,
    ),
    "longstring": (
        N_("Straight line"),
        N_("At least 8 equal answers in a row, more than half of the questions of that kind."),
        _JOHNSON,
    ),
    "irv": (
        N_("Hardly any spread"),
        N_("Spread of the answers among the lowest 1 in 100; from 100 questionnaires in a wave."),
        N_("Rule of this project; index: Dunn and others 2018, doi:10.1007/s10869-016-9479-0."),
    ),
    "repeated_pattern": (
        N_("Repeated pattern"),
        N_("The same 2 to 5 answers at least three times in a row, over 10 answers or more."),
        _OURS,
    ),
    "even_odd": (
        N_("Halves disagree"),
        N_("Odd and even questions of the scales agree less than 0; from 3 scales."),
        _JOHNSON,
    ),
    "synonyms": (
        N_("Alike questions disagree"),
        N_(
            "Agreement below 0 within at least 5 pairs of questions that others answer alike "
            "(correlation 0.6 or more)."
        ),
        _MEADE,
    ),
    "person_total": (
        N_("Unlike all others"),
        N_("Agreement below 0 with the mean answers of all others; from 10 answers."),
        N_("Curran 2016, doi:10.1016/j.jesp.2015.07.006; the cut-off is still to be checked."),
    ),
    "mahalanobis": (
        N_("Far from all others"),
        N_("Distance from all answers of the wave so large that 1 in 1,000 would reach it."),
        _MEADE,
    ),
    "speeder_strong": (
        N_("Very fast"),
        N_("Less than 0.3 of the middle time of the same wave and language."),
        _OURS,
    ),
    "speeder_weak": (
        N_("Fast"),
        N_("Less than 0.5 of the middle time of the same wave and language."),
        _OURS,
    ),
    "seconds_per_item": (
        N_("Seconds for each answer"),
        N_("Less than 2 seconds for each answer."),
        N_(
            "Huang and others 2012, doi:10.1007/s10869-011-9231-8; for whole questionnaires still "
            "to be checked."
        ),
    ),
    "missing_share": (
        N_("Mostly unanswered"),
        N_("More than 0.5 of the questions asked have no answer."),
        _OURS,
    ),
    "partial": (
        N_("Not finished"),
        N_("The survey tool says so."),
        N_("State in the export."),
    ),
    "duplicate": (
        N_("Same answers as another"),
        N_("At least 10 answers, all as in an earlier questionnaire of the wave."),
        _OURS,
    ),
    "out_of_window": (
        N_("Outside the days of the wave"),
        N_("Answered before its first or after its last day."),
        N_("Days set in evaluation.toml."),
    ),
}
"""Flag to its name, its rule and the source of its threshold, in the order of the report."""
