"""Instruments: what was asked, how it is scored, and the strict reading of their files."""

from twinimpact.instruments.catalogue import Catalogue, load_catalogue
from twinimpact.instruments.definition import (
    Condition,
    Instrument,
    Item,
    Scale,
    conditions,
    in_language,
    usual_min_valid,
)
from twinimpact.instruments.forms import Block, Choice, Form, Question, load_form
from twinimpact.instruments.loader import load_instrument, read_instrument

__all__ = [
    "Block",
    "Catalogue",
    "Choice",
    "Condition",
    "Form",
    "Instrument",
    "Item",
    "Question",
    "Scale",
    "conditions",
    "in_language",
    "load_catalogue",
    "load_form",
    "load_instrument",
    "read_instrument",
    "usual_min_valid",
]
