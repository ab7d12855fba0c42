"""Change, comparison and design: what the answers can say about the exchange, and what not."""

from twinimpact.impact.assess import assess
from twinimpact.impact.design import LABELS
from twinimpact.impact.estimate import Estimate, estimates_frame
from twinimpact.impact.finding import VERDICTS, verdict
from twinimpact.impact.notes import CODES, codes_of

__all__ = [
    "CODES",
    "LABELS",
    "VERDICTS",
    "Estimate",
    "assess",
    "codes_of",
    "estimates_frame",
    "verdict",
]
