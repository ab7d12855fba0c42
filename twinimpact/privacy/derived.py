"""Indicators that are made of other numbers: hidden wherever one of those is hidden.

The share of people who chose an answer is part of that question's distribution, and the mean of
two scales gives one of them away beside the other.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from twinimpact.privacy.losses import PATTERN
from twinimpact.privacy.rules import DisclosureRules, Verdicts

WHERE = ["partnership", "wave", "arm"]


def hide_derived(results: pd.DataFrame, verdicts: Verdicts, rules: DisclosureRules) -> Verdicts:
    """Which rows of derived indicators have to go with what they are made of.

    Parameters
    ----------
    results
        The results table.
    verdicts
        What is hidden already.
    rules
        ``made_of`` names scales and items behind each indicator.
    """
    made_of: Mapping[str, tuple[str, ...]] = rules.made_of
    parts = {name for names in made_of.values() for name in names}
    hidden = results.loc[sorted(verdicts)]
    hidden = hidden[hidden["outcome"].isin(parts) & hidden["wave"].ne("")]
    hidden = hidden[~hidden["estimand"].str.contains(PATTERN)]  # about people, not about answers
    secret = set(zip(hidden["outcome"], *(hidden[name] for name in WHERE), strict=True))
    if not secret:
        return {}
    chosen = results[results["outcome"].isin(made_of) & results["estimate"].notna()]
    found = {}
    for row in chosen[["outcome", *WHERE]].itertuples():
        label, outcome, *place = row
        if label not in verdicts and any((name, *place) in secret for name in made_of[outcome]):
            found[int(label)] = "complementary"
    return found
