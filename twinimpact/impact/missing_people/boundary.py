"""Whether loss of people is small enough for a comparison, by the printed table."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import special

from twinimpact.errors import DefinitionError, DesignError
from twinimpact.resources import surveys_dir

COLUMNS = ("cautious", "optimistic")
STATUSES = ("project", "check")


@dataclass(frozen=True, slots=True, kw_only=True)
class LossRules:
    """The table and the model of ``surveys/attrition.toml``.

    Parameters
    ----------
    default
        Column that counts where none is named.
    limits
        By column: largest difference in loss in percentage points, by overall loss of 0, 1, ...
        per cent.
    correlations
        By column: correlation of outcome and staying, treated and comparison.
    status, provenance
        Whether the table has been checked against its source, and the source.
    """

    default: str
    limits: Mapping[str, tuple[float, ...]]
    correlations: Mapping[str, tuple[float, float]]
    status: str
    provenance: str


@functools.cache
def loss_rules(path: Path | None = None) -> LossRules:
    """Read the rules, by default the shipped ones.

    Raises
    ------
    DefinitionError
        If the file lacks a column, a source or a status, or reading fails.
    """
    path = path or surveys_dir() / "attrition.toml"
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        table, model = content["boundary"], content["model"]
        rules = LossRules(
            default=str(content["default"]),
            limits={name: tuple(map(float, table[name])) for name in COLUMNS},
            correlations={
                name: (float(model[name]["treated"]), float(model[name]["comparison"]))
                for name in COLUMNS
            },
            status=str(table["status"]),
            provenance=str(table["provenance"]),
        )
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise DefinitionError(
            "The rules about loss cannot be used.", where=path.name, got=str(error)
        ) from error
    if rules.default not in COLUMNS or rules.status not in STATUSES or not rules.provenance:
        raise DefinitionError(
            "The rules about loss lack a column, status or source.", where=path.name
        )
    return rules


def largest_difference(overall: float, column: str = "") -> float | None:
    """Largest difference in loss that overall loss allows; ``None`` beyond the table.

    Parameters
    ----------
    overall
        Share lost of everybody in both arms, in per cent.
    column
        ``cautious`` (default) or ``optimistic``.
    """
    rules = loss_rules()
    if column not in ("", *COLUMNS):
        raise DesignError("There is no such column.", got=column, expected=" or ".join(COLUMNS))
    limits = rules.limits[column or rules.default]
    if overall > len(limits) - 1:
        return None
    return float(np.interp(overall, range(len(limits)), limits))


def is_outside(overall: float, difference: float, column: str = "") -> bool:
    """Whether loss is outside the boundary; both in percentage points."""
    limit = largest_difference(overall, column)
    return limit is None or difference > limit + 1e-9


def model_bias(overall: float, difference: float, column: str = "") -> float | None:
    """Bias in SD of a difference when staying goes with the outcome; sensitivity only.

    a_t φ(z_t)/P_t − a_c φ(z_c)/P_c with P the shares that stay in either arm and z the normal
    quantile of 1 − P; ``overall`` and ``difference`` are shares lost, treated minus comparison.
    Deke & Chiang (2017) doi:10.1177/0193841X16670047. ``None`` when an arm has nobody left.
    """
    rules = loss_rules()
    stay = np.array([1 - overall - difference / 2, 1 - overall + difference / 2])
    if (stay <= 0).any() or (stay > 1 + 1e-12).any():
        return None
    density = np.exp(-(special.ndtri(1 - np.minimum(stay, 1.0)) ** 2) / 2) / np.sqrt(2 * np.pi)
    a, b = np.array(rules.correlations[column or rules.default]) * density / stay
    return float(a - b)
