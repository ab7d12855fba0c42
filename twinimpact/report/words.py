"""Numbers into sentences: the wording ladder.

One function decides what may be said of a number. The verb follows from the design
(Maryland level), the verdict, the interval, the number of people and the status of
the row, never from the size of the estimate alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from twinimpact.language import N_, Translator
from twinimpact.report import words_templates as w

Row = Mapping[str, Any]
DESCRIBE_BELOW = 10
INDICATIVE_BELOW = 30
CAUSAL_LEVEL = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What a sentence is about and how its numbers are read.

    Parameters
    ----------
    label
        Name of the outcome.
    unit
        ``points`` (0 to 100) or ``count``.
    direction
        ``better`` or ``worse``: what a higher value means.
    sesoi
        Smallest change worth having, in ``unit``; ``None`` when the plan sets none.
    """

    label: str
    unit: str = "points"
    direction: str = "better"
    sesoi: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is said about one number: the outcome's name and the sentences about it."""

    label: str
    text: str
    status: str


def finding(row: Row | None, topic: Topic, translate: Translator) -> Finding:
    """Put one row of the results table into words.

    Parameters
    ----------
    row
        A row of :data:`twinimpact.schema.RESULT_COLUMNS`; ``None`` when there is none.
    topic
        The outcome it is about.
    translate
        Language of the sentences.

    Returns
    -------
    Finding
        Estimate, people and towns, interval, design level, verdict and at most one caveat.
    """
    if row is None:
        return Finding(label=topic.label, text=translate.text(w.STATUS["missing"]), status="none")
    status = _status(row)
    if status == "descriptive":
        text = _described(row, topic, translate)
    elif status == "ok":
        text = _estimated(row, topic, translate)
    else:
        text = withheld(row, translate)
    return Finding(label=topic.label, text=text, status=status)


def withheld(row: Row, translate: Translator) -> str:
    """Why a number is not shown, and what would be needed."""
    status = _status(row)
    code = next((code for code in notes(row) if code in w.REFUSED), "")
    if code and status != "suppressed":
        return translate.text(w.REFUSED[code])
    return translate.text(w.STATUS.get(status, w.STATUS["not_available"]))


def level_meaning(row: Row, translate: Translator) -> tuple[str, str]:
    """What the design of a design row means, and how to reach the next level (empty at 5)."""
    meaning, climb = w.LEVELS[grade(row)]
    if grade(row) == 1:
        meaning = w.DESIGNS.get(str(row.get("estimand") or ""), meaning)
    return translate.text(meaning), translate.text(climb)


def reasons(row: Row, translate: Translator) -> list[str]:
    """Sentences that say why a design row's level is not higher, each once."""
    codes = dict.fromkeys(code for code in notes(row) if code in w.REASONS)
    return [translate.text(w.REASONS[code]) for code in codes]


def average(row: Row | None, topic: Topic, translate: Translator) -> Finding:
    """Put an average of participants at one moment into words."""
    if row is None or row.get("status") not in {"ok", "descriptive"}:
        text = translate.text(w.STATUS["missing_once"]) if row is None else withheld(row, translate)
        return Finding(label=topic.label, text=text, status="none" if row is None else "withheld")
    values = {
        "size": points(number(row, "estimate") or 0.0, topic.unit, translate),
        "basis": "; ".join(
            part for part in (interval(row, translate), people_and_towns(row, translate)) if part
        ),
    }
    few = not has_interval(row)
    parts = [translate.text(w.FEW_AVERAGE if few else w.AVERAGE, values)]
    if not few and (number(row, "n") or 0) < INDICATIVE_BELOW:
        parts.append(translate.text(w.INDICATIVE))
    if topic.direction == "worse":
        parts.append(translate.text(w.LOWER_IS_BETTER))
    return Finding(label=topic.label, text=" ".join(parts), status=str(row["status"]))


def points(value: float, unit: str, translate: Translator, *, signed: bool = False) -> str:
    """A size with its unit: ``6.2 points``, or the plain number for counts."""
    number = translate.signed(value) if signed else translate.number(value)
    if unit != "points":
        return number
    return translate.text(N_("{number} points"), {"number": number})


def people(count: float, translate: Translator) -> str:
    """``43 people``."""
    return translate.plural("{count} person", "{count} people", int(count))


def people_and_towns(row: Row, translate: Translator) -> str:
    """``43 people in 2 towns``; towns are left out where they were not counted."""
    written = people(number(row, "n") or 0, translate)
    towns = number(row, "clusters")
    if not towns:
        return written
    return translate.plural(
        "{people} in {count} town", "{people} in {count} towns", int(towns), {"people": written}
    )


def interval(row: Row, translate: Translator) -> str:
    """``95 % interval: 2.1 to 10.3``; empty without an interval."""
    low, high = number(row, "conf_low"), number(row, "conf_high")
    if low is None or high is None:
        return ""
    values = {
        "level": translate.percent(number(row, "conf_level") or 0.95),
        "low": translate.number(low),
        "high": translate.number(high),
    }
    return translate.text(N_("{level} interval: {low} to {high}"), values)


def has_interval(row: Row) -> bool:
    """Whether both limits are known."""
    return number(row, "conf_low") is not None and number(row, "conf_high") is not None


def level_note(row: Row, translate: Translator) -> str:
    """``design level 1 of 5``."""
    return translate.text(N_("design level {level} of 5"), {"level": translate.integer(grade(row))})


def number(row: Row, name: str) -> float | None:
    """A numeric field, ``None`` when it is absent or not a number."""
    value = row.get(name)
    if value is None:
        return None
    value = float(value)
    return value if math.isfinite(value) else None


def grade(row: Row) -> int:
    """Maryland level of the row; an absent level counts as 0."""
    return int(number(row, "grade") or 0)


def excludes_zero(row: Row) -> bool:
    """Whether the row has an interval and zero lies outside it."""
    low, high = number(row, "conf_low"), number(row, "conf_high")
    return low is not None and high is not None and (low > 0 or high < 0)


def notes(row: Row) -> tuple[str, ...]:
    """Warning codes of the row, without their parameters."""
    listed = str(row.get("note") or "").split(";")
    return tuple(part.split("=")[0].split(":")[0].strip() for part in listed if part.strip())


def left_out(row: Row, translate: Translator) -> str:
    """How many partnerships are not in a programme's number; empty when all are."""
    for part in str(row.get("note") or "").split(";"):
        code, _, value = part.partition(":")
        if code == "left_out" and value.isdigit():
            return translate.plural(
                "Not included: {count} small partnership.",
                "Not included: {count} small partnerships.",
                int(value),
            )
    return ""


def _status(row: Row) -> str:
    status = str(row.get("status") or "ok")
    if status not in {"ok", "descriptive"}:
        return status
    if number(row, "estimate") is None:
        return "not_available"
    few = (number(row, "n") or 0) < DESCRIBE_BELOW
    return "descriptive" if few or not has_interval(row) else status


def _described(row: Row, topic: Topic, translate: Translator) -> str:
    family = _family(row)
    few = (number(row, "n") or 0) < DESCRIBE_BELOW
    basis = f"{people_and_towns(row, translate)}; {level_note(row, translate)}"
    if few:
        template = w.DESCRIPTIVE[_described_group(row, family)][_sign(row)]
    else:
        template = w.CHANGE[_contrast(row) if family == "change" else family][_sign(row)]
    sentence = translate.text(template, {"size": _size(row, topic, translate), "basis": basis})
    parts = [sentence, translate.text(w.FEW_PEOPLE if few else w.NO_INTERVAL)]
    if topic.direction == "worse":
        parts.append(translate.text(w.LOWER_IS_BETTER))
    return " ".join(parts)


def _described_group(row: Row, family: str) -> str:
    if family == "difference":
        return "difference"
    if family in {"cross", "adjusted"}:
        return "cross"
    return "comparison" if row.get("arm") == "comparison" else "participant"


def _estimated(row: Row, topic: Topic, translate: Translator) -> str:
    values = {
        "size": _size(row, topic, translate),
        "signed": points(number(row, "estimate") or 0.0, topic.unit, translate, signed=True),
        "low": translate.number(number(row, "conf_low")),
        "high": translate.number(number(row, "conf_high")),
        "sesoi": points(topic.sesoi or 0.0, topic.unit, translate),
        "basis": "; ".join(
            (
                interval(row, translate),
                people_and_towns(row, translate),
                level_note(row, translate),
            )
        ),
    }
    parts = [
        translate.text(_fact(row), values),
        translate.text(_verdict(row, topic), values),
    ]
    if (number(row, "n") or 0) < INDICATIVE_BELOW or "indicative" in notes(row):
        parts.append(translate.text(w.INDICATIVE))
    if topic.direction == "worse":
        parts.append(translate.text(w.LOWER_IS_BETTER))
    caveat = caveat_of(row)
    if caveat:
        parts.append(translate.text(w.CAVEATS[caveat]))
    parts.append(left_out(row, translate))
    return " ".join(part for part in parts if part)


def _fact(row: Row) -> str:
    family, level, verdict = _family(row), grade(row), _verdict_word(row)
    if family not in {"difference", "adjusted"} or level < CAUSAL_LEVEL:
        key = _contrast(row) if family == "change" else family
        return w.CHANGE[key][_sign(row)]
    if not excludes_zero(row) or verdict == "trivial":
        return w.DIFFERENCE
    causal = verdict in {"beneficial", "harmful"} and level > CAUSAL_LEVEL
    return w.CAUSAL[level][_sign(row)] if causal else w.ESTIMATED


def _verdict(row: Row, topic: Topic) -> str:
    """Template of the verdict clause for this design."""
    word = _verdict_word(row) if topic.sesoi is not None else "not_assessed"
    if word in {"inconclusive", "not_assessed"} and not excludes_zero(row):
        word = "open" if word == "inconclusive" else "not_assessed_open"
    family = _family(row)
    if family in {"difference", "adjusted"} and grade(row) >= CAUSAL_LEVEL:
        if word == "trivial":
            return w.TRIVIAL_EFFECT[grade(row)]
        return w.VERDICT_EFFECT.get(word, w.VERDICT.get(word, ""))
    if family == "difference":
        return w.VERDICT_DIFFERENCE.get(word, w.VERDICT[word])
    if family in {"cross", "adjusted"}:
        return w.VERDICT_LEVEL.get(word, w.VERDICT[word])
    return w.VERDICT[word]


def _verdict_word(row: Row) -> str:
    word = str(row.get("verdict") or "not_assessed")
    if word in {"beneficial", "harmful"} and not excludes_zero(row):
        return "inconclusive"
    return word if word in w.VERDICT else "not_assessed"


def caveat_of(row: Row) -> str:
    """The weightiest caveat that applies to a row; empty when none does."""
    found = set(notes(row))
    family = _family(row)
    if family in {"difference", "adjusted"} and grade(row) < CAUSAL_LEVEL:
        found.add("other_events")
    if family == "unlinked":
        found.add("unlinked")
    return next((code for code in w.CAVEATS if code in found), "")


def _family(row: Row) -> str:
    estimand = str(row.get("estimand") or "")
    contrast, _, between = estimand.partition("|")
    if between.startswith(("participant-comparison", "twinned-comparison")):
        return "adjusted" if contrast == "post" else "difference"
    if between.startswith("cross-section"):
        return "unlinked"
    if contrast == "participant-comparison":
        return "cross"
    return "change"


def _contrast(row: Row) -> str:
    if row.get("arm") == "comparison":
        return "comparison"
    contrast = str(row.get("estimand") or "").partition("|")[0]
    return contrast if contrast in w.CHANGE else "post-pre"


def _sign(row: Row) -> str:
    value = round(number(row, "estimate") or 0.0, 1)
    return "up" if value > 0 else "down" if value < 0 else "same"


def _size(row: Row, topic: Topic, translate: Translator) -> str:
    return points(abs(number(row, "estimate") or 0.0), topic.unit, translate)
