"""``evaluation.toml``: what is evaluated, with which data, design and privacy settings."""

from twinimpact.evaluation.loading import load_evaluation, parse_evaluation
from twinimpact.evaluation.models import (
    Constants,
    Design,
    Disclosure,
    Evaluation,
    Instruments,
    Outcome,
    Privacy,
    Pseudonym,
    Reports,
    Source,
    Study,
    Target,
    WaveSettings,
    Weighting,
)

__all__ = [
    "Constants",
    "Design",
    "Disclosure",
    "Evaluation",
    "Instruments",
    "Outcome",
    "Privacy",
    "Pseudonym",
    "Reports",
    "Source",
    "Study",
    "Target",
    "WaveSettings",
    "Weighting",
    "load_evaluation",
    "parse_evaluation",
]
