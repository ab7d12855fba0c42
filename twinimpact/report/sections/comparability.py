"""May levels be set side by side? The verdict's sentence, for whatever a section compares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from twinimpact.bundle import Bundle
from twinimpact.language import N_, Translator
from twinimpact.measures.invariance import Verdict, invariance_rules
from twinimpact.report.content import Block, Table, Text, Withheld
from twinimpact.report.sections import rows as r
from twinimpact.report.sections.findings import finding_blocks
from twinimpact.report.words import Finding, Row, number
from twinimpact.report.words_comparability import FAMILY, verdict_of, verdict_text

Scale = Mapping[str, Any]
METHOD = N_(
    "Whether questions work the same way: a factor model is fitted to all groups, or to both "
    "times, with ever more in common (loadings, then intercepts). Equal averages need equal "
    "intercepts. They are given up where CFI falls by {cfi} and RMSEA rises by {rmsea} or SRMR by "
    "{srmr}; with up to {people} people by {few_cfi}, {few_rmsea} and {few_srmr}. These limits are "
    "customary and disputed (rules of {version}); all tests are in the data file of this report."
)


def comparability_blocks(
    bundle: Bundle, scope: str, scales: Sequence[Scale], t: Translator
) -> list[Block]:
    """One list item per verdict: the outcomes it holds for, and its sentence.

    Parameters
    ----------
    scope
        ``partnership``, ``town``, ``language`` or ``wave``.
    """
    findings = []
    for scale in scales:
        verdict = comparability_of(bundle, scope, str(scale["scale_id"]))
        if verdict is not None:
            text = verdict_text(verdict, t)
            findings.append(Finding(label=r.short(scale), text=text, status=verdict.code))
    return finding_blocks(findings, t)


def comparability_of(bundle: Bundle, scope: str, scale_id: str) -> Verdict | None:
    """The verdict on one scale; over waves that on the waves before and after."""
    after = r.wave(bundle, "post")
    found = [
        row
        for row in _rows(bundle, scale_id)
        if str(row["estimand"]).startswith(f"{FAMILY}|{scope}")
        and (scope != "wave" or (after is not None and row["wave"] == after["wave_id"]))
    ]
    items = {name: str(item.get("label") or name) for name, item in bundle.items.items()}
    return verdict_of(found, scope, _names(bundle, scope), items)


def _rows(bundle: Bundle, scale_id: str) -> list[Row]:
    """Rows about a scale and about its items as parts of it."""
    own = r.select(bundle, {"outcome": scale_id, "dimension": "any"})
    items = r.scale_of(bundle, scale_id).get("items") or ()
    parts = [
        row
        for item in items
        for row in r.select(bundle, {"outcome": str(item), "dimension": "scale"})
        if row["group"] == scale_id
    ]
    return [*own, *parts]


def _names(bundle: Bundle, scope: str) -> dict[str, str]:
    """What readers call the groups of a scope."""
    if scope == "partnership":
        return {str(one["partnership_id"]): str(one["name"]) for one in bundle.partnerships}
    if scope == "town":
        return {name: str(town["name"]) for name, town in r.towns(bundle).items()}
    return {}


def comparability_method(bundle: Bundle, t: Translator) -> str:
    """How comparability was tested, with the rules; empty where nothing was tested."""
    tested = r.select(
        bundle, {"partnership": "any", "dimension": "any", "method": "mgcfa_ml", "status": "ok"}
    )
    if not tested:
        return ""
    rules = invariance_rules()
    large, small = rules.limits["large"], rules.limits["small"]
    values = {
        "version": rules.version,
        "people": t.integer(large["above"]),
        "cfi": t.number(large["cfi"], 3),
        "rmsea": t.number(large["rmsea"], 3),
        "srmr": t.number(large["srmr"]["scalar"], 3),
        "few_cfi": t.number(small["cfi"], 3),
        "few_rmsea": t.number(small["rmsea"], 3),
        "few_srmr": t.number(small["srmr"]["scalar"], 3),
    }
    return t.text(METHOD, values)


def town_levels(bundle: Bundle, t: Translator) -> tuple[Table | Text, ...]:
    """Averages of each town where people were asked once, and whether they may be compared.

    Outcomes whose questions were found to work differently are left out of the table: what was
    found is said instead.
    """
    found = r.select(bundle, {"estimand": "mean|single", "town": "any"})
    if not found:
        return ()
    asked = {str(row["outcome"]) for row in found}
    scales = [scale for scale in bundle.scales if scale["scale_id"] in asked]
    apart = {
        str(scale["scale_id"])
        for scale in scales
        if not _may_stand_together(comparability_of(bundle, "town", str(scale["scale_id"])))
    }
    told = Text(blocks=tuple(comparability_blocks(bundle, "town", scales, t)))
    table = _town_table(bundle, [row for row in found if row["outcome"] not in apart], t)
    return tuple(part for part in (table, told if told.blocks else None) if part is not None)


def _may_stand_together(verdict: Verdict | None) -> bool:
    """Whether averages may stand side by side: compared, or untested and only described."""
    return verdict is None or verdict.compare_levels or verdict.code == "not_testable"


def _town_table(bundle: Bundle, found: Sequence[Row], t: Translator) -> Table | None:
    names = {scale["scale_id"]: r.short(scale) for scale in bundle.scales}
    order = {scale_id: place for place, scale_id in enumerate(names)}
    return r.shown(
        Table(
            id="tab-towns",
            caption=t.text(N_("Average scores by town")),
            columns=r.columns(
                t,
                ("label", N_("Scale")),
                ("town", N_("Town")),
                ("n", N_("People"), "count", 0),
                ("mean", N_("Average"), "number", 1),
            ),
            rows=tuple(
                {
                    "label": names.get(row["outcome"], row["outcome"]),
                    "town": r.town_name(bundle, str(row["town"])),
                    "n": Withheld() if r.hidden(row) else number(row, "n"),
                    "mean": r.cell(row),
                }
                for row in sorted(found, key=lambda row: order.get(row["outcome"], len(order)))
            ),
            note=t.text(
                N_(
                    "People in different places and languages use answer scales differently, so "
                    "the towns are described side by side and not ranked."
                )
            ),
        )
    )
