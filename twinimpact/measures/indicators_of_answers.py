"""Indicators of answers: civic (C), intercultural (I), European (E), satisfaction (S)."""

from __future__ import annotations

from twinimpact.language import N_
from twinimpact.measures.indicator_record import Indicator

_ASKED = ("responses",)

_CIVIC = (
    Indicator(
        id="C01", name=N_("Civic attitude"), unit="points", sources=_ASKED,
        definition=N_("Mean of the questions about felt responsibility, 0 to 100."),
    ),
    Indicator(
        id="C02", name=N_("Civic behaviour"), unit="points", sources=_ASKED,
        definition=N_("Share of the listed acts a person has done, as 0 to 100, on average."),
    ),
    Indicator(
        id="C03", name=N_("Civic efficacy"), unit="points", sources=_ASKED,
        definition=N_(
            "Mean of trusting one's own ability and of expecting the council to listen, 0 to 100."
        ),
    ),
    Indicator(
        id="C04", name=N_("Volunteering"), unit="share", sources=_ASKED,
        definition=N_("Share of people who did unpaid voluntary work in the last 12 months."),
    ),
    Indicator(
        id="C05", name=N_("Interest in local and European affairs"), unit="points", sources=_ASKED,
        definition=N_("Mean of the questions about interest, 0 to 100."),
    ),
    Indicator(
        id="C06", name=N_("Knowledge of the European Union"), unit="share", sources=_ASKED,
        definition=N_("Share of quiz questions answered correctly, on average."),
    ),
    Indicator(
        id="C07", name=N_("Intention to vote"), unit="share", sources=_ASKED,
        definition=N_("Share of those entitled to vote who are fairly sure that they will."),
    ),
    Indicator(
        id="C08", name=N_("Acted afterwards"), unit="share", sources=_ASKED,
        definition=N_("Share of people who name at least one civic act."),
    ),
    Indicator(
        id="C09", name=N_("Joined a committee or association"), unit="share", sources=_ASKED,
        definition=N_("Share of people who have joined a committee or an association since."),
    ),
)  # fmt: skip

_INTERCULTURAL = (
    Indicator(
        id="I01", name=N_("Warmth towards the partner country"), unit="points", sources=_ASKED,
        definition=N_("Mean of the feeling thermometer, 0 to 100."),
    ),
    Indicator(
        id="I02", name=N_("Warmth gap"), unit="points", sources=_ASKED,
        definition=N_(
            "Warmth towards the partner country minus the same person's warmth "
            "towards a country without a link."
        ),
    ),
    Indicator(
        id="I03", name=N_("Social distance"), unit="points", sources=_ASKED,
        definition=N_("Mean of the questions about closeness one would accept, 0 to 100."),
    ),
    Indicator(
        id="I04", name=N_("Unease with strangers"), unit="points", sources=_ASKED,
        definition=N_("Mean of the questions about tension and worry; lower is better."),
    ),
    Indicator(
        id="I05", name=N_("Trust in people of the partner country"), unit="points", sources=_ASKED,
        definition=N_("Mean of the questions about reliance and fairness, 0 to 100."),
    ),
    Indicator(
        id="I06", name=N_("Seeing the other side"), unit="points", sources=_ASKED,
        definition=N_("Mean of the questions about taking another person's view, 0 to 100."),
    ),
    Indicator(
        id="I07", name=N_("Intercultural confidence"), unit="points", sources=_ASKED,
        definition=N_("Mean of the questions about dealing with unfamiliar people, 0 to 100."),
    ),
    Indicator(
        id="I08", name=N_("Contact with the partner town"), unit="points", sources=_ASKED,
        definition=N_("How much contact, and how pleasant and equal it was; two means, 0 to 100."),
    ),
    Indicator(
        id="I09", name=N_("Conditions of contact"), unit="points", sources=_ASKED,
        definition=N_(
            "Mean of five conditions: equal standing, common aim, working together, "
            "support of those in charge, chance of friendship."
        ),
    ),
    Indicator(
        id="I10", name=N_("New contacts"), unit="share", sources=_ASKED,
        definition=N_("Share of people who exchanged contact details, and the median number."),
    ),
    Indicator(
        id="I11", name=N_("Contacts kept"), unit="share", sources=_ASKED,
        definition=N_(
            "Share of people in touch later, of those who had a contact after the event."
        ),
    ),
    Indicator(
        id="I12", name=N_("Bad experiences"), unit="share", sources=_ASKED,
        definition=N_("Share of people with at least one bad experience of contact."),
    ),
    Indicator(
        id="I13", name=N_("Use of the partner's language"), unit="points", sources=_ASKED,
        definition=N_("Mean of the questions about the partner's language, 0 to 100."),
    ),
)  # fmt: skip

_EUROPE = (
    Indicator(
        id="E01", name=N_("Belonging"), unit="points", sources=_ASKED,
        definition=N_("Belonging to town, country and Europe; separate means, never one total."),
    ),
    Indicator(
        id="E02", name=N_("Feels a citizen of the European Union"), unit="share", sources=_ASKED,
        definition=N_("Share of people who feel so definitely or to some extent."),
    ),
    Indicator(
        id="E03", name=N_("People in the European Union have much in common"), unit="share",
        sources=_ASKED, definition=N_("Share of people who agree."),
    ),
    Indicator(
        id="E04", name=N_("Residents who know of the link"), unit="share", sources=_ASKED,
        definition=N_("Share of a sample of residents; participants are not asked."),
    ),
)  # fmt: skip

_SATISFACTION = (
    Indicator(
        id="S01", name=N_("Satisfaction"), unit="points", sources=_ASKED,
        definition=N_("Mean, and the share of people who chose one of the two best answers."),
    ),
    Indicator(
        id="S02", name=N_("Recommendation score"), unit="percentage_points", sources=_ASKED,
        definition=N_(
            "Share of people answering 9 or 10 minus share answering 0 to 6, "
            "from −100 to 100."
        ),
    ),
    Indicator(
        id="S03", name=N_("Goal gap"), unit="points", sources=("goals", "responses"),
        definition=N_(
            "What participants say was reached minus what the organisers set out to reach, "
            "per goal."
        ),
    ),
    Indicator(
        id="S04", name=N_("Self-reported gain"), unit="share", sources=_ASKED,
        definition=N_(
            "Share of people who say that they understand the partner town better than before. "
            "It is shown apart from measured change."
        ),
    ),
)  # fmt: skip

ANSWER_INDICATORS = (*_CIVIC, *_INTERCULTURAL, *_EUROPE, *_SATISFACTION)
