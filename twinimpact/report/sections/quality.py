"""What was read, what was wrong with it, and what the reports lack because of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from twinimpact.bundle import Bundle
from twinimpact.language import N_, Translator
from twinimpact.report import labels
from twinimpact.report.content import Block, Content, Table, Text, bullet, notice, paragraph
from twinimpact.report.sections import rows as r
from twinimpact.report.words import Row, number

MOST_PROBLEMS = 200
LONGEST_COLUMN = 60
SEVERITIES = ("error", "warning", "info")
NO_FILES = N_(
    "No files have been imported. Put the exports into the inbox folder and run the import."
)
EXCLUDED: Mapping[str, str] = {
    "partial": N_("Questionnaire not finished"),
    "test": N_("Test or preview entry"),
    "rejected": N_("Rejected in the survey tool"),
    "not_attending": N_("Ticket cancelled, refunded or declined"),
    "duplicate": N_("The same questionnaire twice"),
    "no_consent": N_("No consent"),
    "no_answers": N_("No answers at all"),
    "empty": N_("Empty row"),
    "superseded": N_("Replaced by a later entry"),
}


def quality_summary(bundle: Bundle) -> Content:
    """Rows read and what became of them, in sentences that add up."""
    t = r.speak(bundle)
    if not bundle.imports:
        return r.empty(t.text(NO_FILES))
    totals = {
        key: sum(int(one.get(key) or 0) for one in bundle.imports)
        for key in ("rows", "new", "changed", "unchanged", "quarantined")
    }
    totals["excluded"] = sum(_excluded(one) for one in bundle.imports)
    values = {key: t.integer(value) for key, value in totals.items()}
    blocks: list[Block] = [
        paragraph(
            t.plural(
                "{count} file was read, with {rows} rows.",
                "{count} files were read, with {rows} rows.",
                len({str(one["file"]) for one in bundle.imports}),
                values,
            )
        ),
        paragraph(
            t.text(
                N_(
                    "Of these rows {new} were new, {changed} changed and {unchanged} unchanged; "
                    "{excluded} were left out for a stated reason, and {quarantined} were set "
                    "aside because something in them has to be corrected."
                ),
                values,
            )
        ),
        paragraph(_problem_sentence(bundle, t)),
    ]
    wrong = [str(one["file"]) for one in bundle.imports if not _adds_up(one)]
    if wrong:
        text = t.text(
            N_("NOT CONSISTENT: the numbers of these files do not add up: {files}."),
            {"files": t.listing(sorted(set(wrong)))},
        )
        blocks.append(notice(text, "not_consistent"))
    return Text(blocks=tuple(blocks))


def _problem_sentence(bundle: Bundle, t: Translator) -> str:
    counts = {
        severity: sum(1 for one in bundle.problems if one["severity"] == severity)
        for severity in SEVERITIES
    }
    if not any(counts.values()):
        return t.text(N_("No problems were found."))
    parts = [
        t.plural("{count} error", "{count} errors", counts["error"]),
        t.plural("{count} warning", "{count} warnings", counts["warning"]),
        t.plural("{count} note", "{count} notes", counts["info"]),
    ]
    return t.text(N_("Problems found: {problems}."), {"problems": t.listing(parts)})


def _file(one: Mapping[str, Any]) -> str:
    """Name of a file without its folder."""
    return PurePosixPath(str(one["file"])).name


def _excluded(one: Mapping[str, Any]) -> int:
    return sum(int(count) for count in (one.get("excluded") or {}).values())


def _adds_up(one: Mapping[str, Any]) -> bool:
    parts = sum(int(one.get(key) or 0) for key in ("new", "changed", "unchanged", "quarantined"))
    return int(one.get("rows") or 0) == parts + _excluded(one)


def quality_files(bundle: Bundle) -> Content:
    """Per file: rows, new, changed, unchanged, left out, set aside."""
    t = r.speak(bundle)
    if not bundle.imports:
        return Text(blocks=())
    used = {key: any(one.get(key) for one in bundle.imports) for key in ("changed", "unchanged")}
    table = Table(
        id="tab-files",
        caption=t.text(N_("What became of the rows of each file")),
        columns=r.columns(
            t,
            ("file", N_("File")),
            ("table", N_("Contents")),
            ("platform", N_("Made by")),
            ("rows", N_("Rows"), "count", 0),
            ("new", N_("New"), "count", 0),
            ("changed", N_("Changed"), "count", 0),
            ("unchanged", N_("Unchanged"), "count", 0),
            ("excluded", N_("Left out"), "count", 0),
            ("quarantined", N_("Set aside"), "count", 0),
        ),
        rows=tuple(
            {
                "file": _file(one),
                "table": labels.name_of("table", str(one.get("table") or ""), t),
                "platform": labels.name_of("platform", str(one.get("platform") or ""), t),
                "rows": int(one.get("rows") or 0),
                "new": int(one.get("new") or 0),
                **{key: int(one.get(key) or 0) if used[key] else None for key in used},
                "excluded": _excluded(one),
                "quarantined": int(one.get("quarantined") or 0),
            }
            for one in bundle.imports
        ),
        note=t.text(N_("The numbers to the right of Rows add up to it.")),
    )
    return r.without_empty_columns(table)


def quality_excluded(bundle: Bundle) -> Content:
    """Rows left out, by file and reason."""
    t = r.speak(bundle)
    records = [
        {
            "file": _file(one),
            "reason": t.text(EXCLUDED[reason]) if reason in EXCLUDED else reason.replace("_", " "),
            "count": int(count),
        }
        for one in bundle.imports
        for reason, count in sorted((one.get("excluded") or {}).items())
        if count
    ]
    if not records:
        return Text(blocks=())
    return Table(
        id="tab-left-out",
        caption=t.text(N_("Rows left out, by reason")),
        columns=r.columns(
            t, ("file", N_("File")), ("reason", N_("Reason")), ("count", N_("Rows"), "count", 0)
        ),
        rows=tuple(records),
    )


def quality_problems(bundle: Bundle) -> Content:
    """The first 200 problems, the gravest first and notes last, with place and fix.

    The same problem in consecutive rows of a file is one line.
    """
    t = r.speak(bundle)
    if not bundle.problems:
        return r.sentences(t.text(N_("No problems were found. Nothing has to be corrected.")))
    ranked = _together(
        sorted(bundle.problems, key=lambda one: SEVERITIES.index(str(one["severity"])))
    )
    shown = ranked[:MOST_PROBLEMS]
    note = ""
    if len(ranked) > len(shown):
        note = t.text(
            N_(
                "The first {shown} of {all} problems, the gravest first. All of them are in the "
                "files of the quarantine folder, one beside each imported file."
            ),
            {"shown": t.integer(len(shown)), "all": t.integer(len(ranked))},
        )
    return Table(
        id="tab-problems",
        caption=t.text(N_("Problems, where they are, and what to do")),
        columns=r.columns(
            t,
            ("severity", N_("Kind")),
            ("place", N_("Where")),
            ("what", N_("What is wrong, and what to do")),
        ),
        rows=tuple(
            {
                "severity": labels.name_of("severity", str(one["severity"]), t),
                "place": _place(one, last, t),
                "what": " ".join(str(one.get(key) or "") for key in ("what", "hint")).strip(),
            }
            for one, last in shown
        ),
        note=note,
    )


SAME = ("severity", "file", "sheet", "column", "what", "hint")


def _together(problems: Sequence[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], int | None]]:
    """Problems with the last row they hold for; equal ones of consecutive rows are joined."""
    made: list[tuple[Mapping[str, Any], int | None]] = []
    for one in problems:
        row = one.get("row")
        before, last = made[-1] if made else (None, None)
        same = before is not None and all(before.get(key) == one.get(key) for key in SAME)
        if same and before is not None and last is not None and row == last + 1:
            made[-1] = (before, row)
        else:
            made.append((one, row))
    return made


def _place(one: Mapping[str, Any], last: int | None, t: Translator) -> str:
    """File, sheet, rows and column as ``kobo.csv, row 12, column Town``."""
    first = one.get("row")
    column = " ".join(str(one.get("column") or "").split())
    values = {"sheet": one.get("sheet"), "first": first, "last": last}
    parts = [str(one.get("file") or "")]
    if one.get("sheet"):
        parts.append(t.text(N_("sheet {sheet}"), values))
    if first is not None:
        parts.append(
            t.text(N_("row {first}") if last == first else N_("rows {first}–{last}"), values)
        )
    if column:
        if len(column) > LONGEST_COLUMN:
            column = column[: LONGEST_COLUMN - 1].rstrip() + "…"
        parts.append(t.text(N_("column {column}"), {"column": column}))
    return ", ".join(part for part in parts if part)


def quality_matching(bundle: Bundle) -> Content:
    """How many questionnaires were matched, and how."""
    t = r.speak(bundle)
    found = r.in_wave_order(bundle, r.select(bundle, {"outcome": "Q02", "partnership": "any"}))
    found = sorted((row for row in found if row["partnership"] != "*"), key=_by_partnership)
    if not found:
        return r.empty(
            t.text(
                N_(
                    "Nothing was matched: there is one wave only, or no questionnaires with a "
                    "personal code."
                )
            )
        )
    grouped: dict[tuple[str, str, str], dict[str, Row]] = {}
    for row in found:
        key = (str(row["partnership"]), str(row["wave"]), str(row["arm"]))
        grouped.setdefault(key, {})[str(row["estimand"])] = row
    return Table(
        id="tab-matching",
        caption=t.text(N_("Matching of questionnaires by the personal code")),
        columns=r.columns(
            t,
            ("name", N_("Partnership")),
            ("wave", N_("Wave")),
            ("arm", N_("Group")),
            ("linked", N_("Matched"), "count", 0),
            ("rate", N_("Match rate"), "percent", 0),
            ("fuzzy", N_("With one difference"), "count", 0),
            ("ambiguous", N_("Unclear"), "count", 0),
        ),
        rows=tuple(
            {
                "name": _partnership_name(bundle, partnership),
                "wave": r.wave_label(bundle, wave),
                "arm": labels.name_of("arm", arm, t),
                "linked": r.cell(parts.get("linked")),
                "rate": r.cell(parts.get("match_rate")),
                "fuzzy": r.cell(parts.get("fuzzy")),
                "ambiguous": r.cell(parts.get("ambiguous")),
            }
            for (partnership, wave, arm), parts in grouped.items()
        ),
        note=t.text(
            N_(
                "With one difference: codes that differ in one element and fit nobody else. "
                "Unclear: codes that fit several people; these are not matched."
            )
        ),
    )


def _by_partnership(row: Row) -> str:
    return str(row["partnership"])


def _partnership_name(bundle: Bundle, partnership: str) -> str:
    found = (
        str(one["name"]) for one in bundle.partnerships if one["partnership_id"] == partnership
    )
    return next(found, partnership)


def quality_completeness(bundle: Bundle) -> Content:
    """Unanswered questions, and what the reports will lack."""
    t = r.speak(bundle)
    lacking = [bullet(text) for text in _lacking(bundle, t)]
    closing = Text(
        blocks=(
            paragraph(t.text(N_("What the reports will lack because of this:"))),
            *lacking,
        )
        if lacking
        else (paragraph(t.text(N_("Every partnership has events, participants and answers."))),)
    )
    found = [
        row
        for row in r.in_wave_order(
            bundle, r.select(bundle, {"outcome": "Q04", "partnership": "any"})
        )
        if row["partnership"] != "*"
    ]
    found.sort(key=_by_partnership)
    if not found:
        return closing
    table = Table(
        id="tab-completeness",
        caption=t.text(N_("Unanswered questions")),
        columns=r.columns(
            t,
            ("name", N_("Partnership")),
            ("wave", N_("Wave")),
            ("arm", N_("Group")),
            ("n", N_("Questionnaires"), "count", 0),
            ("share", N_("Unanswered"), "percent", 1),
        ),
        rows=tuple(
            {
                "name": _partnership_name(bundle, str(row["partnership"])),
                "wave": r.wave_label(bundle, str(row["wave"])),
                "arm": labels.name_of("arm", str(row["arm"]), t),
                "n": number(row, "n"),
                "share": r.cell(row),
            }
            for row in found
        ),
    )
    return (table, closing)


def _lacking(bundle: Bundle, t: Translator) -> list[str]:
    """One sentence per kind of data that some partnerships do not have."""
    events = bundle.activities
    counted = events["participations"].notna() | (events["participations_status"] == "suppressed")
    everywhere: r.Where = {"partnership": "any"}
    answered = r.select(bundle, {**everywhere, "outcome": "Q01", "estimand": "responses"})
    linked = r.select(bundle, {**everywhere, "outcome": "Q02", "estimand": "linked"})
    designs = r.select(bundle, {**everywhere, "outcome": "Q07"})
    checks = (
        (
            set(events["partnership_id"]),
            N_("No events on record, hence no timeline and no numbers of participants: {names}."),
        ),
        (
            set(events.loc[counted, "partnership_id"]),
            N_("No attendance on record, hence no numbers of participants: {names}."),
        ),
        (
            _having(answered),
            N_("No questionnaires, hence nothing about what people said: {names}."),
        ),
        (
            _having(linked),
            N_("No matched questionnaires, hence no change of the same people: {names}."),
        ),
        (
            {str(row["partnership"]) for row in designs if "comparison" in str(row["estimand"])},
            N_("No comparison group, hence nothing about why answers changed: {names}."),
        ),
    )
    texts = []
    for have, sentence in checks:
        without = [
            str(one["name"]) for one in bundle.partnerships if one["partnership_id"] not in have
        ]
        if without:
            texts.append(t.text(sentence, {"names": t.listing(sorted(without))}))
    return texts


def _having(found: list[Row]) -> set[str]:
    return {str(row["partnership"]) for row in found if r.value(row) or r.hidden(row)}
