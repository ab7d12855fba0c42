"""How firm the changes are: with certain matches, without flagged answers, and who came back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from twinimpact.bundle import Bundle
from twinimpact.language import N_, Translator
from twinimpact.report.content import Content, Table, Text, Withheld, bullet, paragraph
from twinimpact.report.sections import rows as r
from twinimpact.report.sections.findings import change_scales, is_linked, labelled, told_scales
from twinimpact.report.words import Row, number

Scale = Mapping[str, Any]
CHECKS: Mapping[str, str] = {
    "exact_links": N_("With certain matches only (a token, or codes that are equal throughout)"),
    "unflagged": N_("Without questionnaires marked as careless"),
}
"""Estimand part to the words for a change of fewer people."""
SMALL_RATE = 0.001
PAIR = {"exact_links": ("certain", "certain_n"), "unflagged": ("careful", "careful_n")}


def change_firmness(bundle: Bundle) -> Content:
    """Whether the main changes stay the same for fewer people, and whom they stand for."""
    scales = told_scales(change_scales(bundle))
    if not scales or not is_linked(bundle) or not _computed(bundle, scales):
        return Text(blocks=())
    t = r.speak(bundle)
    told = [bullet(text) for check in CHECKS if (text := _told(bundle, scales, check, t))]
    question = N_("How firm are the changes from before to after? They were computed again:")
    lead = paragraph(t.text(question))
    parts: list[Table | Text] = [Text(blocks=(lead, *told))]
    table = _again_table(bundle, scales, t)
    if table is not None:
        parts.append(table)
    parts.append(r.sentences(false_links_sentence(r.match_row(bundle, "false_link_rate"), t)))
    return (*parts, *_returned(bundle, scales, t))


def _row(bundle: Bundle, scale: Scale, part: str) -> Row | None:
    where = {"outcome": str(scale["scale_id"]), "method": r.PAIRED}
    return r.first(bundle, {**where, "estimand": f"post-pre|{part}"})


def _shift(bundle: Bundle, scale: Scale, check: str) -> str:
    """``same``, ``moves``, or ``""`` where it is not known or may not be said."""
    row = r.first(
        bundle,
        {
            "outcome": str(scale["scale_id"]),
            "method": r.PAIRED,
            "estimand": f"post-pre|{check}|shift",
        },
    )
    return str(row["group"] or "") if row is not None and not r.hidden(row) else ""


def _computed(bundle: Bundle, scales: Sequence[Scale]) -> bool:
    return any(
        _row(bundle, scale, check) is not None or _shift(bundle, scale, check)
        for scale in scales
        for check in CHECKS
    )


def _told(bundle: Bundle, scales: Sequence[Scale], check: str, t: Translator) -> str:
    """One sentence about one check, whatever its state."""
    verdicts = {r.short(scale): _shift(bundle, scale, check) for scale in scales}
    moved = [name for name, verdict in verdicts.items() if verdict == "moves"]
    same = [name for name, verdict in verdicts.items() if verdict == "same"]
    values = {
        "check": t.text(CHECKS[check]),
        "moved": t.listing(moved),
        "same": t.listing(same),
    }
    if moved and same:
        text = N_("{check}, the change moves for {moved}; it stays the same for {same}.")
    elif moved:
        text = N_("{check}, the change moves for {moved}: read it with care.")
    elif same:
        text = N_("{check}, the change stays the same for {same}.")
    elif any(r.hidden(_row(bundle, scale, check)) for scale in scales):
        text = N_("{check}, nothing may be said, to protect the people who answered.")
    else:
        text = N_("{check}, there is no change to compare with.")
    return t.text(text, values)


def _again_table(bundle: Bundle, scales: Sequence[Scale], t: Translator) -> Table | None:
    rows = []
    for scale in scales:
        record: dict[str, Any] = {"label": labelled(scale, t)}
        whole = r.change_row(bundle, str(scale["scale_id"]))
        record |= {"all": r.cell(whole), "all_n": _people(whole)}
        for check, (change, people) in PAIR.items():
            row = _row(bundle, scale, check)
            record |= {change: r.cell(row), people: _people(row)}
        rows.append(record)
    table = Table(
        id="tab-firmness",
        caption=t.text(N_("The same changes for fewer people")),
        columns=r.columns(
            t,
            ("label", N_("Outcome")),
            ("all", N_("Change, everyone"), "signed", 1),
            ("all_n", N_("People"), "count", 0),
            ("certain", N_("Certain matches"), "signed", 1),
            ("certain_n", N_("People"), "count", 0),
            ("careful", N_("Without careless"), "signed", 1),
            ("careful_n", N_("People"), "count", 0),
        ),
        rows=tuple(rows),
        note=t.text(
            N_(
                "A change moves if it differs by half its standard error or more, or is read "
                "differently. Numbers are hidden where they would tell about the few people that "
                "make the difference; whether a change stays the same can be said all the same."
            )
        ),
    )
    hollow = all(row.get(key) is None or isinstance(row.get(key), Withheld)
                 for row in rows for key, _ in PAIR.values())  # fmt: skip
    return None if hollow else r.without_empty_columns(table)


def _people(row: Row | None) -> float | Withheld | None:
    if row is None:
        return None
    return Withheld() if r.hidden(row) else number(row, "n")


def false_links_sentence(row: Row | None, t: Translator) -> str:
    """How many matches by code may be wrong; why it is not said where it is not."""
    if row is None:
        return ""
    if r.hidden(row):
        return t.text(
            N_("How many matches may be wrong is hidden, to protect the people who answered.")
        )
    rate = r.value(row)
    if rate is None:
        return t.text(
            N_(
                "How many matches may be wrong is not estimated: too few were made by the "
                "personal code."
            )
        )
    values = {
        "count": t.integer(int(number(row, "n") or 0)),
        "rate": t.text(N_("fewer than 1 in 1,000")) if rate < SMALL_RATE else t.percent(rate, 1),
    }
    return t.text(
        N_(
            "Of the {count} matches by personal code, {rate} are expected to join two different "
            "people by chance. Relatives share more than strangers, so the true share may be "
            "somewhat higher."
        ),
        values,
    )


def both_and_only(row: Row | None) -> tuple[int, int] | None:
    """People who answered both times, and before only, as a row's note tells."""
    text = str((row or {}).get("note") or "")
    found = dict(part.split(":", 1) for part in text.split(";") if ":" in part)
    if not {"both_waves", "before_only"} <= found.keys():
        return None
    return int(found["both_waves"]), int(found["before_only"])


def returned_rows(bundle: Bundle, partnership: str = "") -> list[Row]:
    """Participants who came back, compared before with those who did not, by scale."""
    where = {"outcome": "Q03", "estimand": "linked-unlinked", "dimension": "scale"}
    found = r.select(bundle, {**where, **({"partnership": partnership} if partnership else {})})
    return [row for row in found if row.get("arm") in ("", "participant")]


def apart(row: Row) -> bool:
    """Whether the whole interval of a difference lies on one side of zero."""
    low, high = r.value(row, "conf_low"), r.value(row, "conf_high")
    return low is not None and high is not None and (low > 0 or high < 0)


def _returned(bundle: Bundle, scales: Sequence[Scale], t: Translator) -> tuple[Table | Text, ...]:
    """Whether people who answered both times had answered like the others before."""
    by_scale = {str(row["group"]): row for row in returned_rows(bundle)}
    found = [(scale, by_scale[str(scale["scale_id"])]) for scale in scales
             if str(scale["scale_id"]) in by_scale]  # fmt: skip
    if not found:
        return ()
    shown = [(scale, row) for scale, row in found if r.value(row) is not None]
    if not shown:
        secret = any(r.hidden(row) for _, row in found)
        text = (
            N_(
                "Whether people who answered both times differ from those who answered before "
                "only is hidden, to protect the people who answered."
            )
            if secret
            else N_(
                "Too few people answered before only to compare them with those who answered "
                "both times."
            )
        )
        return (r.sentences(t.text(text)),)
    other = [r.short(scale) for scale, row in shown if apart(row)]
    text = (
        N_(
            "People who answered both times had answered differently from the others already "
            "before the exchange about {outcomes}; the changes stand for those who came back."
        )
        if other
        else N_(
            "In their answers before the exchange, people who answered both times cannot be told "
            "apart from those who answered before only."
        )
    )
    table = Table(
        id="tab-returned",
        caption=t.text(N_("Before the exchange: those who came back, minus those who did not")),
        columns=r.columns(
            t,
            ("label", N_("Outcome")),
            ("both", N_("Answered twice"), "count", 0),
            ("only", N_("Answered once"), "count", 0),
            ("gap", N_("Difference in SD"), "signed", 2),
            ("low", N_("Interval from"), "signed", 2),
            ("high", N_("Interval to"), "signed", 2),
        ),
        rows=tuple(_returned_record(scale, row, t) for scale, row in found),
        note=t.text(N_("SD: the usual spread of the answers. Both groups answered before.")),
    )
    return (r.sentences(t.text(text, {"outcomes": t.listing(other)})), table)


def _returned_record(scale: Scale, row: Row, t: Translator) -> dict[str, Any]:
    people = both_and_only(row)
    gone = r.cell(row) if isinstance(r.cell(row), Withheld) else None
    return {
        "label": labelled(scale, t),
        "both": people[0] if people else gone,
        "only": people[1] if people else gone,
        "gap": r.cell(row),
        "low": r.cell(row, "conf_low"),
        "high": r.cell(row, "conf_high"),
    }
