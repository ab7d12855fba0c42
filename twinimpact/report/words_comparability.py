"""Whether levels may be set side by side, in words: result rows into the sentence of a verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from twinimpact.language import Translator
from twinimpact.measures.invariance import Verdict, sentence
from twinimpact.report.words import Row, notes, number

FAMILY = "comparability"


def verdict_of(
    found: Sequence[Row], scope: str, groups: Mapping[str, str], items: Mapping[str, str]
) -> Verdict | None:
    """The verdict on one scale, ``None`` where there is none that may be told.

    Parameters
    ----------
    found
        Rows of one scale, and of its items, whose estimands begin with ``comparability|``.
    scope
        ``partnership``, ``town``, ``language`` or ``wave``.
    groups, items
        Names of groups and short labels of items, by their ids.
    """
    whole = f"{FAMILY}|{scope}"
    parts = {str(row["estimand"]): row for row in found}
    told = parts.get(whole)
    if told is None or not told["group"] or told.get("status") == "suppressed":
        return None
    named = [str(row["group"]) for row in found if row["estimand"] == f"{whole}|people"]
    differ = [str(row["outcome"]) for row in found if row["estimand"] == f"{whole}|differs"]
    over_time = scope == "wave"
    sizes = {
        name: _size(parts.get(f"{whole}|{part}"))
        for name, part in (
            ("observed", "change" if over_time else "observed"),
            ("bias", "change_without" if over_time else "bias"),
            ("left", "comparable"),
            ("share", "differing"),
        )
    }
    comparable = parts.get(f"{whole}|comparable")
    return Verdict(
        code=str(told["group"]),
        over="waves" if over_time else "groups",
        groups=tuple(groups.get(name, name) for name in named),
        count=len(named),
        items=tuple(items.get(name, name) for name in dict.fromkeys(differ)),
        low=None if comparable is None else number(comparable, "conf_low"),
        high=None if comparable is None else number(comparable, "conf_high"),
        needed=_needed(told),
        contradicted="rule_contradicted" in notes(told),
        observed=sizes["observed"],
        bias=sizes["bias"],
        left=sizes["left"],
        share=sizes["share"],
    )


def verdict_text(verdict: Verdict, translate: Translator) -> str:
    """The sentence of a verdict."""
    return sentence(verdict, translate)


def _size(row: Row | None) -> float | None:
    return None if row is None else number(row, "estimate")


def _needed(row: Row) -> int:
    """Complete questionnaires each group needs, from the note."""
    for part in str(row.get("note") or "").split(";"):
        code, _, value = part.partition(":")
        if code == "needed" and value.isdigit():
            return int(value)
    return 0
