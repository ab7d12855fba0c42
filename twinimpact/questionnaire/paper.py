"""A plan laid out for paper, in one language: what stands where, as plain data.

The PDF and the Word writer take this and add looks only.
"""

from __future__ import annotations

from typing import Any

from twinimpact.questionnaire.hashing import form_version
from twinimpact.questionnaire.plan import Answer, Ask, Plan, Section

Content = dict[str, Any]
LIST_FROM = 2
"""So many questions in a row with the same named answers become one grid."""
WIDE_LABEL = 16
TEXT_LINES = 4
CODE_CELLS = {"letter": 1, "two_digits": 2, "digits": 2}


def paper_content(plan: Plan, language: str) -> Content:
    """Everything on the pages of one language, in order."""
    page = plan.say(language, "page", {"page": "\0", "pages": "\1"})
    consent = None
    if plan.consent:
        consent = {
            "title": plan.say(language, "consent_title"),
            "text": plan.consent[language],
            "options": [plan.say(language, name) for name in ("consent_yes", "consent_no")],
        }
    notes = []
    if language in plan.drafts():
        notes.append(plan.say(language, "draft_note"))
    if plan.licensed:
        notes.append(plan.say(language, "licensed_note"))
    mark = f"[draft: {language}]" if language in plan.drafts() else ""
    return {
        "lang": language,
        "title": plan.title[language],
        "mark": mark,
        "towns": plan.towns.get(language, ""),
        "number": plan.say(language, "form_number"),
        "date": plan.say(language, "date"),
        "intro": plan.intro.get(language, ""),
        "notes": notes,
        "consent": consent,
        "gates": [_single(gate, plan, language) for gate in plan.gates],
        "sections": [_section(section, plan, language) for section in plan.sections],
        "thanks": plan.say(language, "thanks"),
        "page": _page_parts(page),
        "foot": f"{plan.name()} {plan.version} · {form_version(plan)}",
    }


def _page_parts(page: str) -> list[str]:
    """The words around the two numbers of "page x of y": before, between, after."""
    before, _, rest = page.partition("\0")
    between, _, after = rest.partition("\1")
    return [before, between, after]


def _section(section: Section, plan: Plan, language: str) -> Content:
    blocks: list[Content] = []
    asks = list(section.asks)
    while asks:
        together = _same_answers(asks)
        if len(together) >= LIST_FROM:
            blocks.append(_grid(together, plan, language))
        elif asks[0].kind == "code":
            together = [ask for ask in asks if ask.kind == "code"]
            blocks.append(_code(together, language))
        else:
            together = asks[:1]
            block = _single(asks[0], plan, language)
            if len(asks) > 1 and asks[1].id == f"{asks[0].id}_evidence":
                together = asks[:2]
                block["evidence"] = {
                    "text": asks[1].text[language],
                    "options": [answer.label[language] for answer in asks[1].answers],
                }
            blocks.append(block)
        del asks[: len(together)]
    return {
        "title": section.title.get(language, ""),
        "intro": [words[language] for words in section.intro if words.get(language)],
        "blocks": blocks,
    }


def _same_answers(asks: list[Ask]) -> list[Ask]:
    """Questions at the start that share named answers and are asked of everyone."""
    first = asks[0]
    if first.kind != "choice" or not first.scales:
        return []
    found = []
    for ask in asks:
        if ask.kind != "choice" or ask.answers != first.answers or ask.only_if or ask.hint:
            break
        found.append(ask)
    return found


def _valid(ask: Ask, language: str) -> list[str]:
    return [answer.label[language] for answer in ask.answers if not answer.missing]


def _unknown(ask: Ask, language: str) -> str:
    listed = [answer for answer in ask.answers if answer.missing]
    if listed:
        return listed[0].label[language]
    return ask.dont_know.get(language, "") if ask.missing else ""


def _grid(asks: list[Ask], plan: Plan, language: str) -> Content:
    return {
        "type": "grid",
        "rule": plan.say(language, "tick_one_each"),
        "heads": _valid(asks[0], language),
        "unknown": _unknown(asks[0], language),
        "rows": [{"n": ask.number, "text": ask.text[language]} for ask in asks],
    }


def _code(asks: list[Ask], language: str) -> Content:
    hints = [ask.hint.get(language, "") for ask in asks]
    longest = max(range(len(hints)), key=lambda place: len(hints[place]))
    # the longest hint explains the whole code and stands above it
    lead = hints[longest] if longest == 0 else ""
    return {
        "type": "code",
        "lead": lead,
        "rows": [
            {
                "n": ask.number,
                "text": ask.text[language],
                "hint": "" if position == 0 and lead else hints[position],
                "cells": CODE_CELLS.get(ask.pattern, 1),
            }
            for position, ask in enumerate(asks)
        ],
    }


def _single(ask: Ask, plan: Plan, language: str) -> Content:
    block: Content = {
        "n": ask.number,
        "text": ask.text[language],
        "hint": ask.hint.get(language, ""),
        "only_if": ask.only_if.get(language, ""),
        "unknown": _unknown(ask, language),
    }
    if ask.kind == "scale":
        codes = [answer.code.replace("-", "\N{MINUS SIGN}") for answer in _codes(ask)]
        ends = {"low": ask.low.get(language, ""), "high": ask.high.get(language, "")}
        rule = plan.say(language, "tick_one")
        return {**block, **ends, "type": "scale", "codes": codes, "rule": rule}
    if ask.kind == "picture":
        images = [{"file": one.image, "alt": one.label[language]} for one in _codes(ask)]
        rule = plan.say(language, "tick_picture")
        ends = {"low": ask.low.get(language, ""), "high": ask.high.get(language, "")}
        return {**block, **ends, "type": "pictures", "images": images, "rule": rule}
    if ask.kind == "choice":
        options = _valid(ask, language)
        wide = max(map(len, options), default=0) > WIDE_LABEL or len(options) > 5
        rule = plan.say(language, "tick_one")
        return {**block, "type": "options", "options": options, "rule": rule, "wide": wide}
    if ask.kind == "thermometer":
        marks = [(ask.lo, ask.low.get(language, "")), (ask.hi, ask.high.get(language, ""))]
        marks += [(int(mark.code), mark.label[language]) for mark in ask.marks]
        values = {"lowest": ask.lo, "highest": ask.hi}
        return {
            **block,
            "type": "thermometer",
            "lo": ask.lo,
            "hi": ask.hi,
            "marks": [{"at": at, "label": label} for at, label in sorted(marks)],
            "rule": plan.say(language, "write_scale", values),
        }
    if ask.kind == "number":
        cells = len(str(ask.hi))
        return {
            **block, "type": "number", "cells": cells, "rule": plan.say(language, "write_number")
        }  # fmt: skip
    rule = plan.say(language, "write_words")
    return {**block, "type": "lines", "lines": TEXT_LINES, "rule": rule}


def _codes(ask: Ask) -> list[Answer]:
    return [answer for answer in ask.answers if not answer.missing]
