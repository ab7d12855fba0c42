"""The fingerprint of a questionnaire: what an answer means, not how it is worded."""

from __future__ import annotations

import hashlib
import json

from twinimpact.instruments import Catalogue
from twinimpact.questionnaire.plan import Plan

VERSION_DIGITS = 10


def plan_hash(plan: Plan, catalogue: Catalogue) -> str:
    """SHA-256 over questions, codes, conditions and the scoring of the instruments asked."""
    instruments = sorted({ask.source for ask in plan.asks() if ask.source})
    content = {
        "form": [plan.form, plan.version, plan.wave, plan.arm],
        "instruments": {name: catalogue.instrument(name).sha256 for name in instruments},
        "questions": [
            [
                ask.id,
                ask.kind,
                [answer.code for answer in ask.answers],
                [ask.lo, ask.hi, ask.missing],
                ask.relevant,
                ask.gate,
            ]
            for ask in plan.asks()
        ],
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def form_version(plan: Plan) -> str:
    """What stands as ``version`` in the settings of an XLSForm and at the foot of a page."""
    return plan.sha256[:VERSION_DIGITS]
