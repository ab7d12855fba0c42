"""Grades of everything that may be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from twinimpact.impact.evidence.criteria import CRITERIA, LETTERS, EvidenceRules, evidence_rules
from twinimpact.impact.evidence.facts import design_rows, facts, main_rows
from twinimpact.impact.evidence.ladders import STEP_COLUMNS, grade_steps, nesta_steps
from twinimpact.impact.evidence.letters import OUTCOME, partnership_rows, scale_rows
from twinimpact.schema import concat_results


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Evidence grades and the steps that led to them.

    Parameters
    ----------
    rows
        Results rows Q08: estimand ``grade`` for a partnership (``*``: the programme) and
        ``grade|<scale>`` for a scale; the letter in ``group``, what keeps it below A in ``note``.
    grades
        One row per step of each ladder (``Q08``, ``GRADE``, ``Nesta``):
        ``impact.evidence.STEP_COLUMNS``.
    """

    rows: pd.DataFrame
    grades: pd.DataFrame


def grade_evidence(
    results: pd.DataFrame,
    *,
    scales: Mapping[str, float | None],
    waves: tuple[str, str] = ("pre", "post"),
    linked: bool = True,
    theory: bool = False,
    rules: EvidenceRules | None = None,
) -> Evidence:
    """Grade how far numbers carry, by rules and never from a claim.

    Parameters
    ----------
    results
        A results table that has passed the disclosure gate.
    scales
        Scales the grades speak for, each with the smallest change worth having, where one is set.
    waves
        Ids of the waves before and after.
    linked
        Whether people can be followed from wave to wave.
    theory
        Whether a theory of change is on file.
    rules
        Thresholds; those of ``surveys/evidence.toml`` by default.

    Examples
    --------
    >>> from twinimpact.impact import grade_evidence
    >>> from twinimpact.schema import result_frame
    >>> table = result_frame([
    ...     {"outcome": "Q07", "estimand": "one_group_pre_post", "method": "design_rule",
    ...      "estimate": 1, "grade": 1, "partnership": "lin-mor", "n": 120},
    ...     {"outcome": "tw_trust", "estimand": "post-pre", "method": "paired_t", "estimate": 4,
    ...      "grade": 1, "partnership": "lin-mor", "arm": "participant", "n": 120},
    ... ])
    >>> found = grade_evidence(table, scales={"tw_trust": 5.0}, linked=False)
    >>> found.rows[["estimand", "group"]].values.tolist()
    [['grade', 'C'], ['grade|tw_trust', 'C']]
    """
    rules = rules or evidence_rules()
    main = main_rows(results, tuple(scales))
    values = facts(results, main, linked=linked, before=waves[0], after=waves[1])
    of_scales = scale_rows(main, values, rules)
    whole = partnership_rows(design_rows(results), of_scales, rules)
    steps = [
        *_letter_steps(main[~main["hidden"]], values[~main["hidden"].to_numpy()], rules),
        *grade_steps(results, main, scales),
        *nesta_steps(results, main, theory),
    ]
    return Evidence(
        rows=concat_results([whole, of_scales]),
        grades=pd.DataFrame(steps, columns=list(STEP_COLUMNS)),
    )


def _letter_steps(
    main: pd.DataFrame, values: pd.DataFrame, rules: EvidenceRules
) -> list[dict[str, Any]]:
    """Each criterion of Q08 with its value, the limit of an A, and the grade it leaves."""
    tables = []
    for name in CRITERIA:
        criterion = rules.criteria[name]
        tables.append(
            pd.DataFrame(
                {
                    "partnership": main["partnership"].to_numpy(),
                    "outcome": main["outcome"].to_numpy(),
                    "ladder": OUTCOME,
                    "step": name,
                    "trigger": values[name].isna().map({True: "not_known", False: name}).to_numpy(),
                    "value": values[name].to_numpy(),
                    "threshold": criterion.limits[0],
                    "change": 0,
                    "level": [LETTERS[cap] for cap in criterion.caps(values[name].to_numpy())],
                }
            )
        )
    rows = pd.concat(tables).sort_values(["partnership", "outcome"], kind="stable")
    return [{str(k): v for k, v in row.items()} for row in rows.to_dict(orient="records")]
