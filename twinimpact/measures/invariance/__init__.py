"""Can groups or waves be compared: factor models with ever more in common."""

from twinimpact.measures.invariance.comparing import Bias, Compared, compare_groups, compare_waves
from twinimpact.measures.invariance.dif_table import dif
from twinimpact.measures.invariance.door import Comparability, comparability
from twinimpact.measures.invariance.rules import InvarianceRules, invariance_rules
from twinimpact.measures.invariance.verdict import COMPARABLE, VERDICTS, Verdict, sentence

__all__ = [
    "COMPARABLE",
    "VERDICTS",
    "Bias",
    "Comparability",
    "Compared",
    "InvarianceRules",
    "Verdict",
    "comparability",
    "compare_groups",
    "compare_waves",
    "dif",
    "invariance_rules",
    "sentence",
]
