"""What a change of one group rests on besides its columns."""

from __future__ import annotations

from dataclasses import dataclass

from twinimpact.impact.waves.responder_rows import Ends, Reliability


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePlan:
    """What counts as a change, which way is better, and how sure an interval is to be.

    Parameters
    ----------
    mic
        Smallest important change of a person, a size in raw units; half the SD before if absent.
        Only ``paired_change`` and ``responders`` count people by it.
    reliability
        Of the score: a number, or the columns of its items before, after reversal (alpha from 30
        people on). Without it reliable change is ``not_estimable``. Used where ``mic`` is.
    scale
        Ends of the scale, **the worst first**; names what is improvement (up, if absent), and is
        needed for the warnings ``ceiling`` and ``extreme_start``.
    conf_level
        Confidence level.
    seed
        Of the bootstrap and the drawn sign flips of ``paired_change``.
    """

    mic: float | None = None
    reliability: Reliability = None
    scale: Ends = None
    conf_level: float = 0.95
    seed: int = 20260301
