"""Whole sentences of the wording ladder, by contrast, direction and verdict.

Which sentence is used is decided in :mod:`twinimpact.report.words`; here they are
only written down, so that a translator sees them together.
"""

from __future__ import annotations

from collections.abc import Mapping

from twinimpact.language import N_

Sign = str  # "up", "down" or "same"

CHANGE: Mapping[str, Mapping[Sign, str]] = {
    "post-pre": {
        "up": N_("On average, participants scored {size} higher after than before ({basis})."),
        "down": N_("On average, participants scored {size} lower after than before ({basis})."),
        "same": N_("On average, participants scored the same after as before ({basis})."),
    },
    "followup-pre": {
        "up": N_("On average, participants scored {size} higher later on than before ({basis})."),
        "down": N_("On average, participants scored {size} lower later on than before ({basis})."),
        "same": N_("On average, participants scored the same later on as before ({basis})."),
    },
    "followup-post": {
        "up": N_(
            "On average, participants scored {size} higher later on than just after ({basis})."
        ),
        "down": N_(
            "On average, participants scored {size} lower later on than just after ({basis})."
        ),
        "same": N_("On average, participants scored the same later on as just after ({basis})."),
    },
    "comparison": {
        "up": N_(
            "On average, people who did not take part scored {size} higher after than before "
            "({basis})."
        ),
        "down": N_(
            "On average, people who did not take part scored {size} lower after than before "
            "({basis})."
        ),
        "same": N_(
            "On average, people who did not take part scored the same after as before ({basis})."
        ),
    },
    "unlinked": {
        "up": N_("People asked after scored {size} higher than people asked before ({basis})."),
        "down": N_("People asked after scored {size} lower than people asked before ({basis})."),
        "same": N_("People asked after scored the same as people asked before ({basis})."),
    },
    "cross": {
        "up": N_("Participants scored {size} higher than people who did not take part ({basis})."),
        "down": N_("Participants scored {size} lower than people who did not take part ({basis})."),
        "same": N_("Participants scored the same as people who did not take part ({basis})."),
    },
    "adjusted": {
        "up": N_(
            "After taking into account where each group started, participants scored {size} "
            "higher afterwards than people who did not take part ({basis})."
        ),
        "down": N_(
            "After taking into account where each group started, participants scored {size} "
            "lower afterwards than people who did not take part ({basis})."
        ),
        "same": N_(
            "After taking into account where each group started, participants scored the same "
            "afterwards as people who did not take part ({basis})."
        ),
    },
    "difference": {
        "up": N_(
            "Compared with people who did not take part, participants moved {size} further up "
            "({basis})."
        ),
        "down": N_(
            "Compared with people who did not take part, participants moved {size} further down "
            "({basis})."
        ),
        "same": N_("Participants and people who did not take part moved alike ({basis})."),
    },
}
"""Estimate sentences below Maryland level 3: what was seen, without a cause."""

ESTIMATED = N_(
    "Effect estimated at {signed} ({basis}), assuming that both groups would otherwise have "
    "developed alike."
)
"""From level 3 on, when the interval excludes zero."""

DIFFERENCE = N_(
    "The average change of participants, minus that of people who did not take part, was {signed} "
    "({basis})."
)
"""From level 3 on, when the interval includes zero or the difference is too small to matter."""

CAUSAL: Mapping[int, Mapping[Sign, str]] = {
    4: {
        "up": N_("Taking part probably raised the average by {size} ({basis})."),
        "down": N_("Taking part probably lowered the average by {size} ({basis})."),
    },
    5: {
        "up": N_("Taking part raised the average by {size} ({basis})."),
        "down": N_("Taking part lowered the average by {size} ({basis})."),
    },
}
"""Verdict beneficial or harmful at levels 4 and 5; nowhere else does a verb claim a cause."""

VERDICT: Mapping[str, str] = {
    "beneficial": N_(
        "The whole interval lies beyond {sesoi}, the size set as worth having, in the hoped-for "
        "direction."
    ),
    "harmful": N_("The whole interval lies beyond {sesoi} in the direction nobody hoped for."),
    "trivial": N_(
        "In either direction the whole interval stays below {sesoi}, the size set as worth having."
    ),
    "inconclusive": N_(
        "The interval leaves open whether the change reaches {sesoi}, the size set as worth having."
    ),
    "open": N_(
        "The data cannot tell whether scores rose or fell, nor whether by {sesoi}, the size set "
        "as worth having."
    ),
    "not_assessed": N_("No size worth having was set, so the size is not judged."),
    "not_assessed_open": N_("The data cannot tell whether scores rose or fell."),
}
"""What the interval says, below level 3 and for differences over time."""

VERDICT_LEVEL: Mapping[str, str] = {
    "inconclusive": N_(
        "The interval leaves open whether the difference reaches {sesoi}, the size set as worth "
        "having."
    ),
    "open": N_(
        "The data cannot tell which group scored higher, nor whether by {sesoi}, the size set as "
        "worth having."
    ),
    "not_assessed_open": N_("The data cannot tell which group scored higher."),
}
"""The same for differences between groups."""

VERDICT_DIFFERENCE: Mapping[str, str] = {
    "inconclusive": VERDICT_LEVEL["inconclusive"],
    "open": N_(
        "The data cannot tell whose scores moved further up, nor whether by {sesoi}, the size set "
        "as worth having."
    ),
    "not_assessed_open": N_("The data cannot tell whose scores moved further up."),
}
"""The same for differences between the changes of two groups."""

VERDICT_EFFECT: Mapping[str, str] = {
    "inconclusive": N_(
        "The interval leaves open whether the effect reaches {sesoi}, the size set as worth having."
    ),
    "open": N_(
        "The data cannot tell whether there is an effect, nor whether it reaches {sesoi}, the size "
        "set as worth having."
    ),
    "not_assessed_open": N_("The data cannot tell whether there is an effect in either direction."),
}
"""The same from level 3 on."""

TRIVIAL_EFFECT: Mapping[int, str] = {
    3: N_("Any effect is estimated to be smaller than {sesoi}, the size set as worth having."),
    4: N_(
        "Taking part probably changes the average by less than {sesoi}, the size set as worth "
        "having."
    ),
    5: N_("Taking part changed the average by less than {sesoi}, the size set as worth having."),
}

DESCRIPTIVE: Mapping[str, Mapping[Sign, str]] = {
    "participant": {
        "up": N_("Participants reported {size} more after than before on average ({basis})."),
        "down": N_("Participants reported {size} less after than before on average ({basis})."),
        "same": N_("Participants reported the same after as before on average ({basis})."),
    },
    "comparison": {
        "up": N_(
            "People who did not take part reported {size} more after than before on average "
            "({basis})."
        ),
        "down": N_(
            "People who did not take part reported {size} less after than before on average "
            "({basis})."
        ),
        "same": N_(
            "People who did not take part reported the same after as before on average ({basis})."
        ),
    },
    "difference": {
        "up": N_("Participants reported a change {size} further up than the others ({basis})."),
        "down": N_("Participants reported a change {size} further down than the others ({basis})."),
        "same": N_("Participants and the others reported the same change ({basis})."),
    },
    "cross": {
        "up": N_("Participants reported {size} more than the others on average ({basis})."),
        "down": N_("Participants reported {size} less than the others on average ({basis})."),
        "same": N_("Participants reported the same as the others on average ({basis})."),
    },
}
AVERAGE = N_("On average, participants scored {size} ({basis}).")
FEW_AVERAGE = N_("The few participants who answered reported {size} on average ({basis}).")
FEW_PEOPLE = N_(
    "With fewer than 10 people this describes only those who answered; an interval is not given."
)
NO_INTERVAL = N_("This design allows no interval, so the number is a description only.")
INDICATIVE = N_("This is indicative only: fewer than 30 people answered in a group.")
LOWER_IS_BETTER = N_("On this scale lower is better.")

STATUS: Mapping[str, str] = {
    "suppressed": N_("Hidden to protect the people who answered."),
    "refused": N_("No statement is made: this design cannot answer that question."),
    "not_estimable": N_("Not calculated: the answers do not suffice for this number."),
    "not_available": N_("Not available: the data for this number were not recorded."),
    "boundary": N_("Not stated: the variation between towns could not be estimated."),
    "not_converged": N_("Not stated: the calculation did not settle on one answer."),
    "unbounded": N_("Not stated: the data set no limit to this number in one direction."),
    "missing": N_("Nobody answered these questions both before and after."),
    "missing_once": N_("Nobody answered these questions."),
}
"""One sentence for every reason a number is withheld."""

REFUSED: Mapping[str, str] = {
    "one_town_per_arm": N_(
        "No interval is given. With one town on each side, an event in one of them cannot be told "
        "apart from the exchange. At least two partner towns and two comparison towns are needed."
    ),
    "too_few_towns": N_(
        "No interval is given, because too few towns took part in the comparison. At least two "
        "towns on each side are needed, ten on each side for firm answers."
    ),
    "town_missing": N_(
        "No interval is given, because the home towns of the people who answered are not known. "
        "Please ask for the town in the questionnaire."
    ),
    "arm_below_10": N_(
        "Fewer than 10 people on one side answered both times, so the groups are not compared."
    ),
    "one_person": N_("Only one person answered both times, so nothing can be said."),
    "no_data": N_("One of the groups has no usable answers, so the groups cannot be compared."),
    "no_pairs": N_(
        "Nobody answered these questions both times, or nobody could be recognised by the personal "
        "code."
    ),
    "no_variation": N_("Everybody's score moved by the same amount, so no interval can be given."),
    "too_few_partnerships": N_(
        "Too few partnerships have a change with an interval, so they are not pooled."
    ),
    "too_few_to_predict": N_(
        "With fewer than five partnerships nothing is said about a further one."
    ),
    "rank_few_partnerships": N_(
        "These partnerships cannot be ranked: fewer than five have a change with an interval."
    ),
    "rank_unreliable": N_(
        "These partnerships cannot be ranked: more than half of what they differ by may be chance."
    ),
    "rank_small_partnership": N_(
        "These partnerships cannot be ranked: fewer than 10 people answered in some of them."
    ),
}
"""Why a number is refused or cannot be calculated, and what would be needed."""

CAVEATS: Mapping[str, str] = {
    "one_town_in_arm": N_("One side is a single town; other events in that town may explain it."),
    "too_few_towns": N_("It rests on few towns; other events in one of them may explain it."),
    "loss_outside_boundary": N_(
        "Many people who answered before did not answer after, and they may differ."
    ),
    "bracketing": N_("The two usual ways of calculating it disagree; both are in the table."),
    "baseline_difference": N_("The two groups already differed before."),
    "arm_within_town": N_(
        "Both groups live in the same towns, so people outside may have changed a little too."
    ),
    "unlinked": N_("Different people answered before and after, so part may be who answered."),
    "ceiling": N_(
        "Many had already reached the good end of the scale before, which leaves little room."
    ),
    "extreme_start": N_(
        "Scores that start near an end of the scale tend to move towards the middle by themselves."
    ),
    "retro_pre": N_("Participants rated the time before looking back, which tends to add to it."),
    "single_town_small": N_(
        "The single town has clearly fewer people than the others, so the interval may be too "
        "narrow."
    ),
    "equal_variance_assumption": N_(
        "It assumes that partner towns and comparison towns vary alike."
    ),
    "levels_not_comparable": N_("Levels in different towns need not mean the same."),
    "town_person_differ": N_("Counting towns equally or people equally gives different answers."),
    "other_events": N_("Other events in these towns may explain it."),
    "cannot_reject": N_("So few took part that chance can hardly be ruled out."),
}
"""Caveats in order of weight; a sentence carries the first that applies."""

REASONS: Mapping[str, str] = {
    "design_single_wave": N_("People were asked once only, so there is no before and after."),
    "design_no_comparison": N_("Nobody was asked who did not take part."),
    "comparison_one_wave": N_("People who did not take part were asked once only."),
    "comparison_not_linked": N_(
        "No answers of people who did not take part could be matched before and after."
    ),
    "unlinked": N_("Answers before and after could not be matched person by person."),
    "one_town_per_arm": N_("There is one town on each side only."),
    "one_town_in_arm": N_("One side consists of a single town."),
    "too_few_towns": N_("Too few towns took part in the comparison."),
    "town_missing": N_("The home towns of some people are not known."),
    "baseline_difference": N_(
        "The groups already differed before by more than a quarter of the usual spread."
    ),
    "loss_outside_boundary": N_("Too many people who answered before were lost afterwards."),
    "arm_within_town": N_("People who did not take part live in the same towns as participants."),
    "no_plan": N_("No plan was fixed in advance of who takes part and what is compared."),
    "no_data": N_("There are no usable answers."),
    "latest_wave": N_("There are several waves but no before and after; the latest is described."),
}
"""Why the design level is not higher."""

DESIGNS: Mapping[str, str] = {
    "one_group_pre_post": N_(
        "One group was asked before and after. This shows change; it cannot show why."
    ),
    "repeated_cross_section": N_(
        "Different people were asked before and after. This shows how answers differ between the "
        "two times; it cannot show who changed, nor why."
    ),
    "cross_section_comparison": N_(
        "Two groups were asked once. This shows how they differ; it cannot show why."
    ),
}
"""Meaning of level 1 by design, where the design is known."""

LEVELS: Mapping[int, tuple[str, str]] = {
    0: (
        N_("One group was asked once. This describes what people say; it shows no change."),
        N_("Ask the same people before and after the next exchange."),
    ),
    1: (
        N_(
            "One group was asked before and after, or two groups once. This shows change or a "
            "difference; it cannot show why."
        ),
        N_("Ask people who did not take part as well, both times."),
    ),
    2: (
        N_(
            "Participants are compared with people who did not take part, but with too few towns "
            "or groups too unlike to rule out other reasons."
        ),
        N_(
            "Use at least two partner towns and two comparison towns with similar people, and "
            "keep in touch so that few are lost."
        ),
    ),
    3: (
        N_(
            "Similar groups in several towns were compared before and after. If both would "
            "otherwise have developed alike, the difference can be put down to the exchange."
        ),
        N_(
            "Write down before the second wave how people were chosen, for instance by a waiting "
            "list, and ask about something the exchange should not change."
        ),
    ),
    4: (
        N_(
            "How people were chosen was written down in advance, and a check question behaved as "
            "expected. The exchange is the probable reason for the difference."
        ),
        N_("Draw lots among people who apply."),
    ),
    5: (
        N_("Lots decided who took part, so the difference can be put down to the exchange."),
        "",
    ),
}
"""Meaning of each Maryland level (Sherman et al. 1998), and how to reach the next one."""
