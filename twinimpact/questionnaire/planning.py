"""From a form, its instruments, a site and fixed words to a :class:`Plan`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from twinimpact.errors import DefinitionError
from twinimpact.instruments import (
    Block,
    Catalogue,
    FixedWords,
    Form,
    Instrument,
    Question,
    Record,
    Scale,
    Site,
    lowest,
)
from twinimpact.problems import Problem
from twinimpact.questionnaire.asking import ask_item, ask_question, ask_record, number_of
from twinimpact.questionnaire.hashing import plan_hash
from twinimpact.questionnaire.plan import Ask, Plan, ScaleRow, Section, Words

CODE = "code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What a questionnaire is made from."""

    form: Form
    catalogue: Catalogue
    words: FixedWords
    site: Site


@dataclass(slots=True)
class Filler:
    """Fills placeholders in every language and collects what the site lacks."""

    site: Site
    languages: tuple[str, ...]
    problems: list[Problem]

    def __call__(self, texts: Mapping[str, str]) -> dict[str, str]:
        """The texts of the wanted languages with names in place of placeholders."""
        filled = {}
        for language in self.languages:
            if texts.get(language):
                filled[language], missing = self.site.fill(texts[language], language)
                self.problems.extend(missing)
        return filled


def make_plan(sources: Sources, *, languages: tuple[str, ...], wave: str, arm: str = "") -> Plan:
    """Plan one questionnaire.

    Parameters
    ----------
    languages
        The first is the one a device shows first.
    wave
        Kind of wave; the form must ask something in it.
    arm
        Group it is for; needed only where the form serves several.

    Raises
    ------
    DefinitionError
        If a language is incomplete, a form of a name is missing in the site file, or the form
        has no such wave or group.
    """
    form = sources.form
    _check_request(form, wave, arm)
    _check_languages(sources, languages, wave)
    fill = Filler(sources.site, languages, [])
    arm = arm or form.arms[0]
    sections, gates = _sections(sources, fill, wave, arm)
    texts = sources.words.texts
    plan = Plan(
        form=form.id,
        version=form.version,
        wave=wave,
        arm=arm if len(form.arms) > 1 else "",
        site=sources.site.id,
        partnership=sources.site.partnership,
        languages=languages,
        title=fill(form.title),
        towns=_towns(sources.site, languages),
        intro=fill(form.intro),
        consent=fill(form.consent),
        gates=gates,
        sections=sections,
        scales=_scales(sources.catalogue, sections),
        status=_status(sources, languages, wave),
        licensed=any(
            set(languages) & set(_instrument(sources, block).licensed)
            for block in _blocks(form, wave, arm)
        ),
        words={language: texts[language] for language in languages},
    )
    if fill.problems:
        raise DefinitionError(
            "The site file lacks forms of names that the questionnaire needs.",
            where=sources.site.file,
            problems=tuple(dict.fromkeys(fill.problems)),
        )
    return replace(plan, sha256=plan_hash(plan, sources.catalogue))


def _check_request(form: Form, wave: str, arm: str) -> None:
    if wave not in form.wave_kinds():
        raise DefinitionError(
            "The form asks nothing in this wave.",
            where=form.id,
            got=wave,
            expected=", ".join(form.wave_kinds()),
        )
    if arm and arm not in form.arms:
        raise DefinitionError(
            "The form is not for this group.",
            where=form.id,
            got=arm,
            expected=", ".join(form.arms),
        )


def _check_languages(sources: Sources, languages: tuple[str, ...], wave: str) -> None:
    """Every part of the questionnaire must be there in every language."""
    if not languages:
        raise DefinitionError("No language was named.", where=sources.form.id, expected="en")
    missing = []
    for language in languages:
        if language not in sources.form.languages():
            missing.append(f"{language}: form {sources.form.id}")
        if language not in sources.words.texts:
            missing.append(f"{language}: fixed words")
        if any(language not in one.text for one in sources.form.questions):
            missing.append(f"{language}: questions about the person")
        for block in sources.form.blocks:
            instrument = _instrument(sources, block)
            if wave in block.waves and not instrument.askable(language):
                missing.append(f"{language}: {block.instrument}")
    if missing:
        raise DefinitionError(
            "The questionnaire is not complete in every language asked for.",
            where=sources.form.id,
            got="; ".join(dict.fromkeys(missing)),
            hint="Add the translations, or build without these languages. Published scales "
            "need your own file with the licensed wording.",
        )


def _instrument(sources: Sources, block: Block) -> Instrument:
    return sources.catalogue.instrument(block.instrument)


def _blocks(form: Form, wave: str, arm: str) -> tuple[Block, ...]:
    return tuple(
        block
        for block in form.blocks
        if wave in block.waves and (not block.arms or arm in block.arms)
    )


def _sections(
    sources: Sources, fill: Filler, wave: str, arm: str
) -> tuple[tuple[Section, ...], tuple[Ask, ...]]:
    """The blocks, then the questions about the person and the code; gates come first."""
    asked = [one for one in sources.form.questions if wave in one.waves]
    gates = tuple(_question(one, sources, fill) for one in asked if one.gate)
    counter = [0]

    def numbered(ask: Ask) -> Ask:
        counter[0] += 1
        return replace(ask, number=counter[0])

    gates = tuple(numbered(ask) for ask in gates)
    sections = []
    for position, block in enumerate(_blocks(sources.form, wave, arm), start=1):
        instrument = _instrument(sources, block)
        asks = _block_asks(block, instrument, sources, fill, numbered)
        intro = [fill(texts) for texts in (block.intro, instrument.instructions) if texts]
        sections.append(
            Section(
                id=f"part_{position}_{block.instrument}",
                title=fill(block.title or instrument.heading),
                intro=tuple(intro),
                asks=asks,
            )
        )
    person = [one for one in asked if not one.gate and one.kind != CODE]
    codes = [one for one in asked if not one.gate and one.kind == CODE]
    for name, questions in (("person", person), ("code", codes)):
        if questions:
            title = {lang: sources.words.texts[lang][f"{name}_title"] for lang in fill.languages}
            sections.append(
                Section(
                    id=f"part_{name}",
                    title=title,
                    intro=(),
                    asks=tuple(numbered(_question(one, sources, fill)) for one in questions),
                )
            )
    return tuple(sections), gates


def _block_asks(
    block: Block,
    instrument: Instrument,
    sources: Sources,
    fill: Filler,
    numbered: Callable[[Ask], Ask],
) -> tuple[Ask, ...]:
    items = {item.id: item for item in instrument.items}
    records = {record.id: record for record in instrument.records}
    words = sources.words
    asks: list[Ask] = []
    for name in block.order or (*block.items, *block.records):
        if name in items:
            ask = ask_item(items[name], sources.catalogue, words, fill)
            asks.append(number_of(numbered(ask), items[name], asks, words))
        else:
            record: Record = records[name]
            asks.append(numbered(ask_record(record, words, fill)))
            if record.evidence:
                asks.append(_evidence(record, words, fill))
    return tuple(asks)


def _evidence(record: Record, words: FixedWords, fill: Filler) -> Ask:
    """The answer beside a fact: what shows it."""
    from twinimpact.questionnaire.plan import Answer

    def said(name: str) -> Words:
        return {language: words.text(language, name) for language in fill.languages}

    answers = tuple(
        Answer(code=code, label=said(f"evidence_{code}")) for code in ("document", "person", "none")
    )
    return Ask(
        id=f"{record.id}_evidence",
        kind="choice",
        number=0,
        text=said("evidence"),
        answers=answers,
        source=record.instrument,
    )


def _question(question: Question, sources: Sources, fill: Filler) -> Ask:
    return ask_question(question, sources.site, sources.words, fill)


def _towns(site: Site, languages: tuple[str, ...]) -> Words:
    return {
        language: " – ".join(
            name
            for name in (site.name("town", language), site.name("partner_town", language))
            if name
        )
        for language in languages
    }


def _scales(catalogue: Catalogue, sections: tuple[Section, ...]) -> tuple[ScaleRow, ...]:
    """The scales that can be scored from what is asked."""
    asked = {ask.id for section in sections for ask in section.asks}
    rows: list[ScaleRow] = []
    for scale in catalogue.scales.values():
        items = tuple(item for item in scale.items if item in asked)
        if not items or (len(items) < scale.min_valid):
            continue
        if scale.parts and not set(scale.parts) <= {row.scale for row in rows}:
            continue
        rows.append(_scale_row(scale, items, catalogue))
    return tuple(rows)


def _scale_row(scale: Scale, items: tuple[str, ...], catalogue: Catalogue) -> ScaleRow:
    instrument = catalogue.instrument(scale.instrument)
    return ScaleRow(
        instrument=instrument.id,
        instrument_version=instrument.version,
        instrument_sha256=instrument.sha256,
        scale=scale.id,
        items=items,
        reverse=tuple(item for item in items if item in scale.reverse),
        method=scale.method,
        min_valid=scale.min_valid,
        direction=scale.direction,
        lo=scale.lo,
        hi=scale.hi,
        parts=scale.parts,
        status_label=instrument.status_label,
    )


def _status(sources: Sources, languages: tuple[str, ...], wave: str) -> Words:
    """Per language the state of the least checked words in the questionnaire."""
    found = {}
    for language in languages:
        states = [
            sources.form.text_status.get(language, ""),
            sources.words.text_status.get(language, ""),
        ]
        for block in sources.form.blocks:
            instrument = _instrument(sources, block)
            if wave in block.waves and language not in instrument.licensed:
                states.append(instrument.text_status.get(language, ""))
        found[language] = lowest(states)
    return found
