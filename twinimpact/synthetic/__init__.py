"""Invented towns, people and events with a known true change, written as real exports."""

from twinimpact.synthetic.demo import write_demo
from twinimpact.synthetic.model import MODEL, ScaleModel, Settings
from twinimpact.synthetic.simulate import World, responses_of, simulate_world
from twinimpact.synthetic.truth import true_changes
from twinimpact.synthetic.world import COMPARISON_TOWNS, LINKS, TOWNS, WAVES, Link

__all__ = [
    "COMPARISON_TOWNS",
    "LINKS",
    "MODEL",
    "TOWNS",
    "WAVES",
    "Link",
    "ScaleModel",
    "Settings",
    "World",
    "responses_of",
    "simulate_world",
    "true_changes",
    "write_demo",
]
