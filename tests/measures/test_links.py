"""Links between organisations, counted by hand; and the graph of towns."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from twinimpact.measures.links import link_rows

AS_OF = dt.date(2026, 6, 30)
PARTNERSHIPS = pd.DataFrame(
    {
        "partnership_id": ["ab", "cde", "fg"],
        "name": ["A and B", "C, D and E", "F and G"],
        "town_a": ["A", "C", "F"],
        "town_b": ["B", "D", "G"],
        "further_towns": [None, "E", None],
        "form": "formal",
        "date_ended": [None, None, "2020"],
    }
)
ORGANISATIONS = pd.DataFrame(
    [
        ("a1", "A"), ("a2", "A"), ("b1", "B"), ("b2", "B"), ("b3", "B"),
        ("c1", "C"), ("d1", "D"), ("e1", "E"), ("e2", "E"),
    ],
    columns=["org_id", "town_id"],
).assign(type="club")  # fmt: skip
COLUMNS = [
    "link_id", "partnership_id", "org_a", "org_b", "kind", "created_by_activity", "created",
    "last_confirmed", "alive", "status", "verified", "evidence_url",
]  # fmt: skip
NOTHING = (None, None, None)
LEDGER = pd.DataFrame(
    [
        # alive at 12 months; the same pair again, the other way round
        ("1", "ab", "a1", "b1", "organisation", "e1", "2024-05-01", "2025-06-01", True, *NOTHING),
        ("2", "ab", "b1", "a1", "organisation", None, "2026-01-10", None, True, *NOTHING),
        # ended before its twelfth month
        ("3", "ab", "a1", "b2", "organisation", "e1", "2024-05-01", "2024-12-01", False, *NOTHING),
        # ended after it
        ("4", "ab", "a2", "b2", "organisation", "e2", "2023-01-01", "2025-01-01", False, *NOTHING),
        # nobody asked since
        ("5", "ab", "a2", "b3", "organisation", "e2", "2025-01-01", "2025-02-01", None, *NOTHING),
        # within one town, with a stranger, and in the future: no pair of the density
        ("6", "ab", "a1", "a2", "organisation", None, None, None, True, *NOTHING),
        ("7", "ab", "a1", "zz", "organisation", None, "2026-06-01", None, True, *NOTHING),
        ("8", "ab", "a1", "b3", "organisation", None, "2026-07-01", None, True, *NOTHING),
        ("9", "cde", "c1", "e1", "organisation", None, "2026-02-01", None, None, *NOTHING),
        ("10", "ab", "a1", "b1", "economic", "e1", "2025-01-01", None, None, None, True, None),
        ("11", "ab", "a1", "b1", "economic", "e1", "2025-01-01", None, None, None, False, None),
        ("12", "cde", "c1", "e1", "economic", None, None, None, None, *NOTHING),
        ("13", "ab", None, None, "follow_up_action", "e1", None, None, None, "done", None, None),
        ("14", "ab", None, None, "follow_up_action", "e1", None, None, None, "planned", None, None),
        ("15", "ab", None, None, "good_practice", "e1", None, None, None, None, None, "https://x.y"),
        ("16", "ab", None, None, "good_practice", "e1", None, None, None, *NOTHING),
        ("17", "ab", None, None, "personal", "e1", "2025-01-01", None, True, *NOTHING),
    ],
    columns=COLUMNS,
).astype({"alive": "boolean", "verified": "boolean"})  # fmt: skip


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return link_rows(LEDGER, ORGANISATIONS, PARTNERSHIPS, AS_OF)


def one(
    rows: pd.DataFrame, outcome: str, estimand: str, partnership: str, **more: str
) -> pd.Series:
    chosen = rows[
        rows["outcome"].eq(outcome)
        & rows["estimand"].eq(estimand)
        & rows["partnership"].eq(partnership)
    ]
    for name in ("group", "town"):
        chosen = chosen[chosen[name].eq(more.get(name, ""))]
    assert len(chosen) == 1
    return chosen.iloc[0]


def test_density_is_the_share_of_pairs_across_towns_that_are_linked(rows: pd.DataFrame) -> None:
    ab = one(rows, "V10", "density", "ab")
    # 2 × 3 pairs; a1-b1 and a2-b3 live
    assert (ab["n"], ab["denominator"], ab["estimate"]) == (2, 6, pytest.approx(1 / 3))
    assert (ab["missing"], ab["note"]) == (1, "organisations_not_registered")
    cde = one(rows, "V10", "density", "cde")
    # C-D 1, C-E 2, D-E 2
    assert (cde["n"], cde["denominator"]) == (1, 5)
    whole = one(rows, "V10", "density", "*")
    assert (whole["n"], whole["denominator"]) == (3, 11)
    nobody = one(rows, "V10", "density", "fg")
    assert (nobody["status"], nobody["note"]) == ("not_available", "no_organisations")
    assert np.isnan(nobody["estimate"])


def test_new_links_are_those_of_the_last_twelve_months(rows: pd.DataFrame) -> None:
    assert one(rows, "V10", "new", "ab")["estimate"] == 2
    assert one(rows, "V10", "new", "ab")["missing"] == 1
    assert one(rows, "V10", "new", "*")["estimate"] == 3


def test_links_begun_at_an_event_are_counted(rows: pd.DataFrame) -> None:
    assert one(rows, "U01", "total", "ab")["estimate"] == 4
    assert one(rows, "U01", "total", "cde")["estimate"] == 0
    assert one(rows, "U01", "total", "*")["estimate"] == 4


def test_links_nobody_asked_about_are_not_called_alive(rows: pd.DataFrame) -> None:
    ab = one(rows, "U02", "share", "ab")
    # due: 1, 3, 4, 5; alive at their twelfth month: 1 and 4
    assert (ab["n"], ab["denominator"], ab["estimate"]) == (2, 4, 0.5)
    assert (ab["missing"], ab["note"]) == (1, "links_not_asked_about")
    assert one(rows, "U02", "upper_bound", "ab")["estimate"] == 0.75
    assert one(rows, "U02", "share", "cde")["status"] == "not_available"
    assert one(rows, "U02", "share", "cde")["note"] == "no_links_due"


def test_economic_links_are_told_apart_by_verification(rows: pd.DataFrame) -> None:
    assert one(rows, "K08", "total", "*")["estimate"] == 3
    found = {
        g: one(rows, "K08", "total", "*", group=g)["estimate"] for g in ("yes", "no", "unknown")
    }
    assert found == {"yes": 1, "no": 1, "unknown": 1}


def test_actions_and_practices(rows: pd.DataFrame) -> None:
    assert one(rows, "U04", "share", "ab")["estimate"] == 0.5
    assert one(rows, "U04", "share", "cde")["status"] == "not_available"
    assert one(rows, "U05", "total", "ab")["estimate"] == 1
    assert one(rows, "U05", "without_source", "ab")["estimate"] == 1


def test_the_graph_of_towns_has_parts_and_degrees(rows: pd.DataFrame) -> None:
    # A-B, C-D-E; F and G ended and stand alone
    assert one(rows, "V10", "towns", "*")["estimate"] == 7
    assert one(rows, "V10", "components", "*")["estimate"] == 4
    assert one(rows, "V10", "largest_component", "*")["estimate"] == 3
    found = {t: one(rows, "V10", "degree", "*", town=t)["estimate"] for t in "ABCDEFG"}
    assert found == {"A": 1, "B": 1, "C": 2, "D": 2, "E": 2, "F": 0, "G": 0}


def test_an_evaluation_without_a_ledger_says_nothing() -> None:
    assert link_rows(LEDGER[:0], ORGANISATIONS[:0], PARTNERSHIPS, AS_OF).empty


def test_a_partnership_twice_gives_its_rows_twice(rows: pd.DataFrame) -> None:
    again = LEDGER.assign(partnership_id=LEDGER["partnership_id"].replace({"cde": "new"}))
    more = PARTNERSHIPS.assign(
        partnership_id=PARTNERSHIPS["partnership_id"].replace({"cde": "new"})
    )
    both = link_rows(
        pd.concat([LEDGER, again[again["partnership_id"].eq("new")]]),
        ORGANISATIONS,
        pd.concat([PARTNERSHIPS, more[more["partnership_id"].eq("new")]]),
        AS_OF,
    )
    for outcome, estimand in (("V10", "density"), ("V10", "new"), ("U01", "total")):
        want, found = (one(both, outcome, estimand, key)["estimate"] for key in ("cde", "new"))
        assert want == found == one(rows, outcome, estimand, "cde")["estimate"]
