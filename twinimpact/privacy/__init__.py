"""Pseudonyms at the door and disclosure control at the gate."""

from twinimpact.privacy.complement import Strategy, smallest_first
from twinimpact.privacy.disclosure import Gated
from twinimpact.privacy.disclosure import apply as apply_disclosure
from twinimpact.privacy.pseudonym import Key, code_elements, create_key, load_key, pseudonym
from twinimpact.privacy.rules import DisclosureRules
from twinimpact.privacy.tables import audit, system_of

__all__ = [
    "DisclosureRules",
    "Gated",
    "Key",
    "Strategy",
    "apply_disclosure",
    "audit",
    "code_elements",
    "create_key",
    "load_key",
    "pseudonym",
    "smallest_first",
    "system_of",
]
