"""Coefficients beside the usual ones: omega with a bootstrap interval, ordinal versions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twinimpact.measures.consistency.alpha import Array
from twinimpact.measures.consistency.grid import GridRows, print_rule
from twinimpact.measures.consistency.moments import CellIndex
from twinimpact.measures.consistency.omega import STATUS_AND_NOTE as OMEGA_WORDS
from twinimpact.measures.consistency.omega import OmegaStatus
from twinimpact.measures.consistency.omega_bootstrap import BootstrapPlan, omega_bootstrap
from twinimpact.measures.consistency.ordinal import (
    STATUS_AND_NOTE as ORDINAL_WORDS,
)
from twinimpact.measures.consistency.ordinal import (
    OrdinalStatus,
    ordinal_reliability,
)
from twinimpact.measures.rows import join_notes

NOT_THE_SCORE = "underlying_composite"
"""Note of ordinal versions: reliability of an underlying continuous composite, not of the
score in use."""
MOST_CATEGORIES = 11


def bootstrap_row(columns: Sequence[Array], index: CellIndex, plan: BootstrapPlan) -> GridRows:
    """Omega once more, with the interval of resampled people.

    Parameters
    ----------
    columns
        Codes after reversal, 0 = none; at least three.
    """
    found = omega_bootstrap(list(columns), _cell_of(index, columns), index.size, plan=plan)
    point = found.estimates
    words = {int(code): OMEGA_WORDS[code] for code in OmegaStatus}
    marks = [(point.status == code, note) for code, (_, note) in words.items() if note]
    return GridRows(
        coefficient="omega",
        method=found.method,
        estimate=point.omega,
        conf_low=found.low,
        conf_high=found.high,
        status=np.array([words[int(code)][0] for code in point.status], dtype=object),
        note=join_notes(index.size, marks),
        n=point.n,
        n_eff=point.n.astype("float64"),
        pools=None,
        shrunken=None,
        print_as=print_rule(point.n, point.omega, None),
    )


def ordinal_rows(columns: Sequence[Array], index: CellIndex, top: int) -> list[GridRows]:
    """Ordinal alpha and omega; nothing for items of more than eleven answers.

    Parameters
    ----------
    top
        The highest code.
    """
    if top > MOST_CATEGORIES:
        return []
    found = ordinal_reliability(list(columns), _cell_of(index, columns), index.size, top)
    words = {int(code): ORDINAL_WORDS[code] for code in OrdinalStatus}
    marks = [
        *((found.status == code, note) for code, (_, note) in words.items() if note),
        (found.dropped_categories > 0, "unused_categories"),
        (found.at_bound, "correlation_at_bound"),
        (found.not_positive_definite, "not_positive_definite"),
        (np.isfinite(found.alpha), NOT_THE_SCORE),
    ]
    nothing = np.full(index.size, np.nan)
    note = join_notes(index.size, marks)
    status = np.array([words[int(code)][0] for code in found.status], dtype=object)
    rows = []
    for name, estimate in (("alpha_ordinal", found.alpha), ("omega_ordinal", found.omega)):
        if name == "omega_ordinal" and len(columns) < 3:
            continue
        known = np.where(np.isfinite(estimate), status, "not_estimable").astype(object)
        rows.append(
            GridRows(
                coefficient=name,
                method=found.method,
                estimate=estimate,
                conf_low=nothing,
                conf_high=nothing,
                status=np.where(status == "ok", known, status),
                note=note,
                n=found.n,
                n_eff=found.n.astype("float64"),
                pools=None,
                shrunken=None,
                print_as=print_rule(found.n, estimate, None),
            )
        )
    return rows


def _cell_of(index: CellIndex, columns: Sequence[Array]) -> Array:
    """Cell of each row, −1 for none."""
    cell = np.full(len(columns[0]), -1, dtype="int64")
    cell[index.order] = index.row_cells()
    return cell
