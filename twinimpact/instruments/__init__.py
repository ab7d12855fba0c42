"""Instruments: what was asked, how it is scored, and the strict reading of their files."""

from twinimpact.instruments.catalogue import Catalogue, load_catalogue
from twinimpact.instruments.definition import (
    TEXT_STATUSES,
    Condition,
    Instrument,
    Item,
    Scale,
    conditions,
    in_language,
    usual_min_valid,
)
from twinimpact.instruments.forms import Block, Form, load_form
from twinimpact.instruments.hashing import item_source, record_source
from twinimpact.instruments.loader import load_instrument, read_instrument
from twinimpact.instruments.overlay import overlay_template
from twinimpact.instruments.questions import Question, QuestionSet, load_questions
from twinimpact.instruments.records import Choice, Record
from twinimpact.instruments.sites import PLACEHOLDER, Site, load_site
from twinimpact.instruments.sources import About, Norm, Reliability
from twinimpact.instruments.translation import lowest
from twinimpact.instruments.words import FixedWords, load_words

__all__ = [
    "PLACEHOLDER",
    "TEXT_STATUSES",
    "About",
    "Block",
    "Catalogue",
    "Choice",
    "Condition",
    "FixedWords",
    "Form",
    "Instrument",
    "Item",
    "Norm",
    "Question",
    "QuestionSet",
    "Record",
    "Reliability",
    "Scale",
    "Site",
    "conditions",
    "in_language",
    "item_source",
    "load_catalogue",
    "load_form",
    "load_instrument",
    "load_questions",
    "load_site",
    "load_words",
    "lowest",
    "overlay_template",
    "read_instrument",
    "record_source",
    "usual_min_valid",
]
