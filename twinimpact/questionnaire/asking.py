"""One item, record or question as it is put to a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from twinimpact.errors import DefinitionError
from twinimpact.instruments import (
    Catalogue,
    FixedWords,
    Item,
    Question,
    Record,
    Site,
    conditions,
)
from twinimpact.questionnaire.pictures import SHARES, picture_name
from twinimpact.questionnaire.plan import Answer, Ask, Words

Fill = Callable[[Mapping[str, str]], dict[str, str]]
WIDEST_LIST = 11
"""Ranges with more codes than this are asked as a number."""


def ask_item(item: Item, catalogue: Catalogue, words: FixedWords, fill: Fill) -> Ask:
    """A scored item: a list of its codes with the missing codes last, or a number."""
    text = fill(item.text)
    languages = tuple(text)
    kind = _kind(item)
    dont_know = {language: words.text(language, "dont_know") for language in languages}
    listed = kind in ("scale", "choice", "picture")
    answers = _answers(item, kind, dont_know, words, fill) if listed else ()
    marks: tuple[Answer, ...] = ()
    if kind == "thermometer":
        marks = tuple(
            Answer(code=str(code), label=fill(label))
            for code, label in item.anchors.items()
            if item.lo < code < item.hi
        )
    scales = tuple(name for name, scale in catalogue.scales.items() if item.id in scale.items)
    return Ask(
        id=item.id,
        kind=kind,
        number=0,
        text=text,
        low=fill(item.low_label),
        high=fill(item.high_label),
        answers=answers,
        marks=marks,
        lo=item.lo,
        hi=item.hi,
        missing=str(item.missing[0]) if item.missing else "",
        dont_know=dont_know if item.missing else {},
        relevant=_xpath(item, catalogue),
        source=item.instrument,
        scales=scales,
        reverse=item.reverse,
        licensed=not item.printable,
    )


def _kind(item: Item) -> str:
    if item.kind == "count":
        return "number"
    if item.kind == "picture":
        return "picture"
    codes = stored_codes(item)
    if len(codes) > WIDEST_LIST:
        return "thermometer"
    return "choice" if all(code in item.anchors for code in codes) else "scale"


def stored_codes(item: Item) -> tuple[int, ...]:
    """Codes a form offers for the item, without the missing codes."""
    if item.recode:
        return tuple(sorted(stored for stored, _ in item.recode))
    return tuple(range(item.lo, item.hi + 1))


def _answers(
    item: Item, kind: str, dont_know: Words, words: FixedWords, fill: Fill
) -> tuple[Answer, ...]:
    codes = stored_codes(item)
    found = []
    for position, code in enumerate(codes):
        image = ""
        if kind == "choice":
            label: Words = fill(item.anchors[code])
        elif kind == "picture":
            label = {one: picture_words(words.text, one, position) for one in dont_know}
            image = picture_name(position)
        else:
            label = dict.fromkeys(dont_know, str(code))
        found.append(Answer(code=str(code), label=label, image=image))
    for code in item.missing[:1]:
        found.append(Answer(code=str(code), label=dont_know, missing=True))
    return tuple(found)


Say = Callable[[str, str, Mapping[str, object] | None], str]


def picture_words(say: Say, language: str, position: int) -> str:
    """Alternative text of one overlap picture; ``say`` gives fixed words of a language."""
    share = round(100 * SHARES[position])
    values = {"number": position + 1, "share": share}
    return say(language, "picture_share" if share else "picture_apart", values)


def _xpath(item: Item, catalogue: Catalogue) -> str:
    """The condition as an XLSForm writes it: a missing code never fulfils it."""
    parts = []
    for condition in conditions(item.relevant):
        operator = "=" if condition.operator == "==" else condition.operator
        parts.append(f"${{{condition.item}}} {operator} {condition.value}")
        for code in catalogue.items[condition.item].missing:
            parts.append(f"${{{condition.item}}} != {code}")
    return " and ".join(parts)


_COMPARE: Mapping[str, Callable[[int, int], bool]] = {
    ">": lambda a, b: a > b, ">=": lambda a, b: a >= b, "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b, "==": lambda a, b: a == b, "!=": lambda a, b: a != b,
}  # fmt: skip


def number_of(ask: Ask, item: Item, before: list[Ask], words: FixedWords) -> Ask:
    """The question with its condition in words for paper, naming the question it depends on."""
    if not item.relevant:
        return ask
    asked = conditions(item.relevant)
    other = next((one for one in before if one.id == asked[0].item), None)
    if other is None or not other.answers:
        return ask
    fitting = [
        answer
        for answer in other.answers
        if not answer.missing
        and all(
            _COMPARE[one.operator](int(answer.code), one.value)
            for one in asked
            if one.item == other.id
        )
    ]
    only_if = {}
    for language in ask.text:
        listed = "; ".join(answer.label[language] for answer in fitting)
        values = {"number": other.number, "answers": listed}
        only_if[language] = words.text(language, "only_if", values)
    return replace(ask, only_if=only_if)


def ask_record(record: Record, words: FixedWords, fill: Fill) -> Ask:
    """An open question or a fact."""
    text = fill(record.text)
    dont_know = {language: words.text(language, "dont_know") for language in text}
    kinds = {"text": "text", "count": "number", "choice": "choice"}
    return Ask(
        id=record.id,
        kind=kinds[record.kind],
        number=0,
        text=text,
        hint=fill(record.hint),
        answers=tuple(
            Answer(code=choice.code, label=fill(choice.label)) for choice in record.choices
        ),
        lo=record.lo,
        hi=record.hi,
        missing=str(record.missing[0]) if record.missing else "",
        dont_know=dont_know if record.missing else {},
        source=record.instrument,
    )


def ask_question(question: Question, site: Site, words: FixedWords, fill: Fill) -> Ask:
    """A question about the person; its town list comes from the site."""
    text = fill(question.text)
    answers = tuple(
        Answer(code=choice.code, label=fill(choice.label)) for choice in question.choices
    )
    kind = {"open": "text", "town": "choice"}.get(question.kind, question.kind)
    if question.kind == "town":
        answers = _towns(site, words, tuple(text))
    return Ask(
        id=question.column or question.id,
        kind=kind,
        number=0,
        text=text,
        hint=fill(question.hint),
        answers=answers,
        pattern=question.pattern,
        gate=question.gate,
        column=question.column,
    )


def _towns(site: Site, words: FixedWords, languages: tuple[str, ...]) -> tuple[Answer, ...]:
    places = (("town", site.town_id), ("partner_town", site.partner_town_id))
    if not all(town_id for _, town_id in places):
        raise DefinitionError(
            "The site file does not say which towns the list offers.",
            where=site.file,
            expected="town_id and partner_town_id, as in the register of towns",
        )
    found = [
        Answer(code=town_id, label={one: site.name(name, one) for one in languages})
        for name, town_id in places
    ]
    elsewhere = {one: words.text(one, "elsewhere") for one in languages}
    return (*found, Answer(code="elsewhere", label=elsewhere))
