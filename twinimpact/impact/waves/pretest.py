"""Ratings of the time before, given afterwards: three contrasts on the same people."""

from __future__ import annotations

from dataclasses import replace

from twinimpact.impact.estimate import Estimate
from twinimpact.impact.inputs import Data, columns_of
from twinimpact.impact.notes import note
from twinimpact.impact.result import Result
from twinimpact.impact.waves.mean_rows import change_rows, towns_of
from twinimpact.impact.waves.plan import ChangePlan
from twinimpact.impact.waves.responder_rows import direction_of


def retrospective(
    data: Data,
    *,
    post: str,
    retro: str,
    pre: str = "",
    cluster: str = "",
    plan: ChangePlan | None = None,
) -> Result:
    """Change by a true pre-test, change by looking back, and the shift between the two standards.

    ``post-pre`` is the sum of ``post-retro_pre`` and ``retro_pre-pre`` (the response shift),
    exactly, because all three are of the same people. Use the true pre-test for what changed and
    the retrospective one for the change people experienced: looking back tends to add to it.
    Hill & Betz (2005) doi:10.1177/1098214005281356.

    Parameters
    ----------
    data
        One row per person.
    post, retro
        Columns of the score after, and of the time before as rated after.
    pre
        Column of the score before; without it there is only ``post-retro_pre``.
    cluster
        Column of towns.
    plan
        Ends of the scale and confidence level.

    Returns
    -------
    Result
        The contrast with the true pre-test first. Rows with a retrospective score carry the note
        ``retro_pre``.

    Raises
    ------
    DesignError
        If a column is missing or holds no numbers, or nobody answered all of them.

    Examples
    --------
    >>> from twinimpact.impact import retrospective
    >>> data = {"before": [3, 3, 4, 2, 3, 4, 3, 3, 2, 3], "after": [4, 3, 4, 3, 3, 5, 4, 3, 3, 3],
    ...         "looking_back": [2, 3, 3, 2, 3, 4, 2, 3, 1, 3]}
    >>> result = retrospective(data, pre="before", post="after", retro="looking_back")
    >>> [(row.estimand, row.estimate) for row in result.rows]
    [('post-pre', 0.5), ('post-retro_pre', 0.9), ('retro_pre-pre', -0.4)]
    """
    plan = plan or ChangePlan()
    names = [name for name in (pre, post, retro) if name]
    columns = columns_of(data, numbers=names, labels=[cluster] if cluster else [])
    town, towns = towns_of(columns, cluster)
    after, back = columns.numbers[post], columns.numbers[retro]
    base = Estimate(
        outcome=post, estimand="post-pre", method="paired_t", grade=1, missing=columns.dropped,
        direction=direction_of(plan.scale)[0],
    )  # fmt: skip
    contrasts = {"post-retro_pre": after - back}
    if pre:
        before = columns.numbers[pre]
        contrasts = {"post-pre": after - before, **contrasts, "retro_pre-pre": back - before}
    rows: list[Estimate] = []
    for estimand, change in contrasts.items():
        code = "" if estimand == "post-pre" else "retro_pre"
        shared = replace(base, estimand=estimand, note=note(code))
        rows += change_rows(shared, change, town, towns, plan.conf_level)
    return Result(
        rows=tuple(rows),
        diagnostics={"retrospective_only": not pre},
        warnings=(f"rows_dropped:{columns.dropped}",) if columns.dropped else (),
    )
