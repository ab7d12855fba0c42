"""One group asked several times: change, responders, retrospective pre-tests, kept share; items."""

from twinimpact.impact.waves.change_door import paired_change
from twinimpact.impact.waves.kept import kept_share
from twinimpact.impact.waves.ordinal_door import ordinal_item
from twinimpact.impact.waves.plan import ChangePlan
from twinimpact.impact.waves.pretest import retrospective
from twinimpact.impact.waves.responder_door import responders, share_change

__all__ = [
    "ChangePlan",
    "kept_share",
    "ordinal_item",
    "paired_change",
    "responders",
    "retrospective",
    "share_change",
]
