"""A number shown again for fewer people must not tell of those who were left out.

The change with exact links only, or without flagged questionnaires, stands beside the change
of everybody. Subtracting one from the other gives the change of the rest. So such a number is
hidden when the whole is hidden, or when the rest has fewer people than may be shown; and the
programme's is hidden when it would lead there by way of the partnerships.
"""

from __future__ import annotations

import pandas as pd

from twinimpact.privacy.rules import DisclosureRules, is_small
from twinimpact.schema import PROGRAMME

SUBSETS = ("exact_links", "unflagged")
"""Last part of the estimands about fewer people: ``post-pre|exact_links``."""
PATTERN = r"\|(?:" + "|".join(SUBSETS) + r")$"
FAMILY = "subset"
WHO = ["outcome", "partnership", "arm"]


def hide_subsets(
    cells: pd.DataFrame, hidden: pd.Series[bool], rules: DisclosureRules
) -> pd.Series[bool]:
    """Numbers for fewer people that would tell of the rest.

    Parameters
    ----------
    cells
        All cells with ``family``, ``outcome``, ``partnership``, ``arm``, ``contrast``, ``n``;
        the contrast of a subset is its whole estimand.
    hidden
        Cells hidden so far.
    rules
        Thresholds.
    """
    found = pd.Series(False, index=cells.index)
    subsets = cells[cells["family"].eq(FAMILY)]
    if subsets.empty:
        return found
    whole = cells[cells["family"].eq("change")].copy()
    whole["gone"] = hidden[whole.index]
    whole = whole.set_index([*WHO, "contrast"])[["n", "gone"]]
    keys = list(zip(*(subsets[name] for name in WHO), subsets["contrast"], strict=True))
    mains = [(*key[:3], str(key[3]).split("|")[0]) for key in keys]
    known = whole.reindex(pd.MultiIndex.from_tuples(mains, names=whole.index.names))
    rest = pd.Series(known["n"].to_numpy(), index=subsets.index) - subsets["n"]
    gone = pd.Series([one is not False for one in known["gone"].tolist()], index=subsets.index)
    few = pd.Series([is_small(value, rules.k_answers) for value in rest], index=subsets.index)
    found[subsets.index] = gone | few
    return found | _by_way_of_partnerships(subsets, rest, hidden | found, rules).reindex(
        cells.index, fill_value=False
    )


def _by_way_of_partnerships(
    subsets: pd.DataFrame, rest: pd.Series[float], hidden: pd.Series[bool], rules: DisclosureRules
) -> pd.Series[bool]:
    """The programme's number, where its hidden partnerships have too small a rest together."""
    inside = subsets["partnership"].ne(PROGRAMME) & (subsets["n"] >= rules.k_answers)
    below = subsets[inside & hidden[subsets.index]]
    kinds = ["outcome", "arm", "contrast"]
    sums = rest[below.index].groupby([below[name] for name in kinds]).sum()
    unsafe = {key for key, value in sums.items() if is_small(float(value), rules.k_answers)}
    keys = zip(*(subsets[name] for name in kinds), strict=True)
    tells = pd.Series([key in unsafe for key in keys], index=subsets.index)
    return tells & subsets["partnership"].eq(PROGRAMME)
