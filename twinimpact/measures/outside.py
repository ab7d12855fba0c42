"""What an evaluation brings along besides its data: figures, funding calls, indicator rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from twinimpact.measures.calls import Call, load_calls
from twinimpact.measures.indicator_rules import IndicatorRule, indicator_rules
from twinimpact.measures.parameters import Parameters, load_parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Figures from outside, funding calls, and the questions behind indicators of answers."""

    parameters: Parameters = field(default_factory=Parameters)
    calls: Mapping[str, Call] = field(default_factory=dict)
    rules: Sequence[IndicatorRule] = field(default_factory=indicator_rules)


def load_outside(folder: Path) -> Outside:
    """What lies in an evaluation folder: ``parameters.toml``, ``calls``, ``surveys``.

    Raises
    ------
    DefinitionError
        If one of the files cannot be used.
    """
    return Outside(
        parameters=load_parameters(folder),
        calls=load_calls(folder),
        rules=indicator_rules(folder / "surveys"),
    )
