"""The result rows of one comparison: verdict, fit of each level, releases, effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from twinimpact.instruments import Scale
from twinimpact.measures.invariance.comparing import Compared
from twinimpact.measures.invariance.door import differing
from twinimpact.measures.invariance.ladder import Rung

FAMILY = "comparability"
DECIMALS = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Question:
    """One scale of one scope: what its rows have in common."""

    scale: Scale
    scope: str
    partnership: str
    wave: str

    @classmethod
    def of(cls, scale: Scale, scope: str, partnership: str, *, wave: str = "") -> Question:
        """A scale, what is compared, and where."""
        return cls(scale=scale, scope=scope, partnership=partnership, wave=wave)

    def row(self, part: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """A row about the scale; ``part`` is the last part of its estimand."""
        whole = f"{FAMILY}|{self.scope}"
        named = {
            "outcome": self.scale.id,
            "estimand": f"{whole}|{part}" if part else whole,
            "method": "mgcfa_ml",
            "partnership": self.partnership,
            "wave": self.wave,
            "direction": self.scale.direction,
            "source": "responses",
        }
        return named | dict(values)


def refused_row(asked: Question, reasons: str, needed: int) -> dict[str, Any]:
    """A verdict that there is nothing to test; it says nothing of how many answered.

    Parameters
    ----------
    reasons
        Codes, joined by ``;``.
    """
    note = ";".join(("not_testable", reasons, *((f"needed:{needed}",) if needed else ())))
    return asked.row(
        "", {"unit": "class", "group": "not_testable", "status": "refused", "note": note}
    )


def found_rows(asked: Question, found: Compared, names: Sequence[str]) -> list[dict[str, Any]]:
    """Everything a test found.

    Parameters
    ----------
    names
        Names of the groups, or of the two waves.
    """
    if found.ladder is None or found.verdict == "not_testable":
        refused = refused_row(asked, ";".join(found.reasons), found.needed)
        return [refused, *_pair_rows(asked, found)]
    over_time = asked.scope == "wave"
    n = float(found.n[0] if over_time else sum(found.n[place] for place in found.used))
    base = {"n": n, "clusters": float(len(found.used))}
    left_out = 0 if over_time else len(names) - len(found.used)
    codes = [*found.reasons, f"needed:{found.needed}", f"rules:{found.ladder.rules.version}"]
    codes += [f"groups_left_out:{left_out}"] if left_out else []
    codes += [f"since:{names[0]}"] if over_time else []
    rows = [
        asked.row("", base | {"unit": "class", "group": found.verdict, "note": ";".join(codes)})
    ]
    if not over_time:
        rows += [_people_row(asked, names[place], float(found.n[place])) for place in found.used]
    for rung in found.ladder.rungs:
        rows += _rung_rows(asked, rung, base)
    rows += _scaled_rows(asked, found, base)
    rows += _release_rows(asked, found, base)
    rows += _dmacs_rows(asked, found, base)
    return rows + _effect_rows(asked, found, base)


def _pair_rows(asked: Question, found: Compared) -> list[dict[str, Any]]:
    """Two questions: whether their difference and their correlation are equal over groups."""
    pair = found.pair
    if pair is None:
        return []
    base = {
        "unit": "chi2",
        "df": float(pair.df),
        "n": float(sum(found.n[place] for place in found.used)),
        "clusters": float(len(found.used)),
    }
    tests = {
        "pair_difference": (pair.difference_chi2, pair.difference_p, "cochran_q"),
        "pair_correlation": (pair.correlation_chi2, pair.correlation_p, "fisher_z"),
    }
    return [
        asked.row(part, {**base, "estimate": chi2, "p_value": p, "method": method})
        for part, (chi2, p, method) in tests.items()
    ]


def _people_row(asked: Question, name: str, n: float) -> dict[str, Any]:
    group = {"dimension": asked.scope, "group": name}
    return asked.row("people", group | {"unit": "people", "estimate": n, "n": n})


def _rung_rows(asked: Question, rung: Rung, base: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Fit of one level, and once more after questions were released."""
    rows = []
    parts = [(rung.level, rung.fit, rung.against)]
    if rung.status == "partial":
        parts.append((f"{rung.level}_final", rung.final, rung.final_against))
    for part, fit, against in parts:
        test = {"df": float(fit.df), "p_value": fit.p_value, "estimate": fit.chi2}
        rows.append(asked.row(part, {**base, **test, "unit": "chi2", "group": rung.status}))
        for unit in ("cfi", "rmsea", "srmr", "bic"):
            rows.append(asked.row(part, {**base, "unit": unit, "estimate": getattr(fit, unit)}))
        if against is not None:
            test = {"df": float(against.df), "p_value": against.p_value, "estimate": against.chi2}
            rows.append(asked.row(part, {**base, **test, "unit": "chi2_diff"}))
    return rows


def _scaled_rows(asked: Question, found: Compared, base: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Tests and fit of the levels without the assumption of normal answers."""
    rows = []
    rungs = () if found.ladder is None else found.ladder.rungs
    for rung, scaled in zip(rungs, found.scaled, strict=False):
        if scaled is None:
            continue
        robust = {**base, "method": "mgcfa_mlr"}
        test = {"df": float(scaled.df), "p_value": scaled.p_value, "estimate": scaled.chi2}
        rows.append(asked.row(rung.level, {**robust, **test, "unit": "chi2"}))
        for unit, value in (("cfi", scaled.cfi), ("rmsea", scaled.rmsea)):
            rows.append(asked.row(rung.level, {**robust, "unit": unit, "estimate": value}))
    return rows


def _item(asked: Question, place: int) -> dict[str, Any]:
    """Columns of a row about one question of the scale."""
    return {
        "outcome": asked.scale.items[place],
        "dimension": "scale",
        "group": asked.scale.id,
    }


def _release_rows(
    asked: Question, found: Compared, base: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Each step of the release, and the questions that work differently in the end."""
    rungs = () if found.ladder is None else found.ladder.rungs
    steps = [step for rung in rungs for step in rung.releases]
    rows = []
    for number, step in enumerate(steps, start=1):
        test = {
            "method": "score_test",
            "unit": step.test.parameter,
            "estimate": step.test.chi2,
            "df": float(step.test.df),
            "p_value": step.test.p_value,
            "note": f"step:{number};{step.level}",
        }
        rows.append(asked.row("released", {**base, **_item(asked, step.test.question), **test}))
    for place in differing(found):
        told = {"unit": "class", "note": "works_differently"}
        rows.append(asked.row("differs", {**base, **_item(asked, place), **told}))
    return rows


def _dmacs_rows(asked: Question, found: Compared, base: Mapping[str, Any]) -> list[dict[str, Any]]:
    """dMACS of every question, of the group where it is largest."""
    rows: list[dict[str, Any]] = []
    if found.dmacs is None or found.signed is None:
        return rows
    for place in np.flatnonzero(np.isfinite(found.dmacs).any(axis=0)).tolist():
        most = int(np.nanargmax(found.dmacs[:, place]))
        for unit, sizes in (("sd", found.dmacs), ("sd_signed", found.signed)):
            size = {"method": "dmacs", "unit": unit, "estimate": float(sizes[most, place])}
            rows.append(asked.row("dmacs", {**base, **_item(asked, place), **size}))
    return rows


def _effect_rows(asked: Question, found: Compared, base: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The effect of the questions on the average, and the share that differs."""
    rows = []
    bias, over_time = found.bias, asked.scope == "wave"
    if bias is not None and not (over_time and found.verdict == "scalar"):
        names = ("change", "change_without") if over_time else ("observed", "bias")
        points = {**base, "method": "dmacs", "unit": "points"}
        for part, value in zip(names, (bias.observed, bias.bias), strict=True):
            rows.append(asked.row(part, {**points, "estimate": round(value, DECIMALS)}))
        if np.isfinite(bias.left):
            sizes = {"estimate": bias.left, "conf_low": bias.low, "conf_high": bias.high}
            limits = {name: round(size, DECIMALS) for name, size in sizes.items()}
            rows.append(asked.row("comparable", {**points, **limits, "conf_level": 0.95}))
    if found.aligned is not None:
        share = {"method": "alignment", "unit": "share", "estimate": found.aligned.share_differing}
        rows.append(asked.row("differing", {**base, **share}))
    return rows
