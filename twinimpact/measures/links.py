"""Links between organisations: how dense, how new, whether they last; and the graph of towns."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from twinimpact.measures.attendance import links_of, members_of, per_link, with_programme
from twinimpact.measures.rows import Array, Rows, join_notes, results_of
from twinimpact.measures.tables import typed
from twinimpact.schema import PROGRAMME

YEAR = pd.DateOffset(months=12)
SOURCE = "link_ledger;organisations"


def link_rows(
    ledger: pd.DataFrame,
    organisations: pd.DataFrame,
    partnerships: pd.DataFrame,
    as_of: dt.date,
) -> pd.DataFrame:
    """Result rows V10, U01, U02, U04, U05 and K08 per partnership and for the programme.

    Nothing is said about an evaluation that keeps no ledger of links. A link counts from the day
    it began; one whose beginning is not known counts, but is never new and never due.

    Parameters
    ----------
    ledger, organisations, partnerships
        Canonical tables ``link_ledger``, ``organisations`` and ``partnerships``.
    as_of
        The day the numbers are true for; links begun later do not count.

    Returns
    -------
    pandas.DataFrame
        A results table. ``V10``: ``density`` (pairs of organisations of different member towns
        that have a living link, out of all such pairs; ``n`` and ``denominator`` are the two
        numbers), ``new`` (begun in the last 12 months), and for the programme the graph of
        towns: ``towns``, ``components``, ``largest_component``, and ``degree`` per town.
        ``U01``: links begun at an event. ``U02``: share alive 12 months after they began, of
        those old enough; links nobody asked about since are ``missing`` and not counted as
        alive, ``upper_bound`` counts them. ``K08``: economic links, also by ``verified``.
        ``U04``: follow-up actions done, of those agreed. ``U05``: practices taken over with a
        source, and ``without_source``.
    """
    day = pd.Timestamp(as_of)
    rows = typed(ledger, "link_ledger")
    register = typed(partnerships, "partnerships")
    homes = typed(organisations, "organisations").dropna(subset=["org_id", "town_id"])
    if rows.empty and homes.empty:
        return results_of([])
    rows = rows[~(rows["created"] > day)]
    links = links_of(register, rows)
    pairs = _pairs(rows, homes)
    parts = [
        _density_row(pairs, homes, register, links),
        _new_row(pairs, links, day),
        *_begun_rows(rows, links),
        *_alive_rows(rows, links, day),
        *_economic_rows(rows, links),
        *_action_rows(rows, links),
        *_graph_rows(pairs, register, day),
    ]
    table = results_of(parts)
    table["as_of"] = as_of.isoformat()
    return table


def _pairs(rows: pd.DataFrame, homes: pd.DataFrame) -> pd.DataFrame:
    """Links between two organisations with their towns, the two sides in one order."""
    named = rows[rows["kind"].eq("organisation") & rows["org_a"].notna() & rows["org_b"].notna()]
    town = homes.drop_duplicates("org_id").set_index("org_id")["town_id"]
    swapped = (named["org_a"] > named["org_b"]).to_numpy()
    first = named["org_a"].where(~swapped, named["org_b"])
    second = named["org_b"].where(~swapped, named["org_a"])
    return named.assign(
        first=first, second=second, town_first=first.map(town), town_second=second.map(town)
    )


def _row(
    links: pd.Index[str],
    values: Array,
    known: Array,
    columns: dict[str, Any],
    marks: list[tuple[Any, str]],
) -> Rows:
    defaults = {
        "partnership": links.to_numpy(dtype=object),
        "method": "count",
        "estimate": np.where(known, values, np.nan),
        "status": np.where(known, "ok", "not_available"),
        "note": join_notes(len(links), marks),
        "direction": "better",
        "source": SOURCE,
    }
    return Rows(columns=defaults | columns, size=len(links))


def _sizes(rows: pd.DataFrame, links: pd.Index[str]) -> Array:
    return per_link(with_programme(rows).groupby("partnership_id").size(), links)


def _density_row(
    pairs: pd.DataFrame, homes: pd.DataFrame, register: pd.DataFrame, links: pd.Index[str]
) -> Rows:
    """Pairs of organisations that are linked, out of all pairs across the member towns."""
    members = members_of(register)
    sizes = homes.groupby("town_id").size()
    n = members["town_id"].map(sizes).fillna(0.0)
    by = members["partnership_id"]
    # all pairs less the pairs within one town
    possible = (n.groupby(by).sum() ** 2 - (n**2).groupby(by).sum()) / 2
    possible.loc[PROGRAMME] = possible.sum()
    inside = pd.MultiIndex.from_frame(members)
    living = pairs[~pairs["alive"].eq(False).fillna(False).astype(bool)]
    across = (
        living["town_first"].ne(living["town_second"])
        & _in(living, "town_first", inside)
        & _in(living, "town_second", inside)
    )
    distinct = living[across].drop_duplicates(["partnership_id", "first", "second"])
    strangers = living[living["town_first"].isna() | living["town_second"].isna()]
    existing, all_pairs = _sizes(distinct, links), per_link(possible, links)
    lost = _sizes(strangers, links)
    known = all_pairs > 0
    columns = {
        "outcome": "V10",
        "estimand": "density",
        "unit": "ratio",
        "n": np.where(known, existing, np.nan),
        "denominator": np.where(known, all_pairs, np.nan),
        "missing": lost,
    }
    share = existing / np.where(known, all_pairs, 1.0)
    marks = [(~known, "no_organisations"), (lost > 0, "organisations_not_registered")]
    return _row(links, share, known, columns, marks)


def _in(rows: pd.DataFrame, town: str, members: pd.MultiIndex) -> pd.Series[bool]:
    keys = pd.MultiIndex.from_arrays([rows["partnership_id"], rows[town]])
    return pd.Series(keys.isin(members), index=rows.index)


def _new_row(pairs: pd.DataFrame, links: pd.Index[str], day: pd.Timestamp) -> Rows:
    new = _sizes(pairs[pairs["created"] > day - YEAR], links)
    undated = _sizes(pairs[pairs["created"].isna()], links)
    columns = {"outcome": "V10", "estimand": "new", "unit": "links", "missing": undated}
    return _row(links, new, np.full(len(links), True), columns, [(undated > 0, "links_undated")])


def _begun_rows(rows: pd.DataFrame, links: pd.Index[str]) -> list[Rows]:
    """U01: links between organisations that began at an event."""
    own = rows[rows["kind"].eq("organisation")]
    begun = _sizes(own[own["created_by_activity"].notna()], links)
    columns = {"outcome": "U01", "estimand": "total", "unit": "links", "n": begun}
    return [_row(links, begun, np.full(len(links), True), columns, [])]


def _alive_rows(rows: pd.DataFrame, links: pd.Index[str], day: pd.Timestamp) -> list[Rows]:
    """U02: links alive 12 months after they began, of those begun at least 12 months ago."""
    own = rows[rows["kind"].eq("organisation")]
    due = own[own["created"] + YEAR <= day]
    confirmed = due["last_confirmed"] >= due["created"] + YEAR
    says = due["alive"].fillna(False).astype(bool)
    # a link that ended later was alive at its twelfth month all the same
    alive = confirmed | (says & due["last_confirmed"].isna())
    ended = due["alive"].eq(False).fillna(False).astype(bool) & ~confirmed
    n_due, n_alive = _sizes(due, links), _sizes(due[alive], links)
    unasked = _sizes(due[~alive & ~ended], links)
    known = n_due > 0
    common = {
        "outcome": "U02",
        "unit": "share",
        "n": np.where(known, n_alive, np.nan),
        "denominator": np.where(known, n_due, np.nan),
        "missing": unasked,
    }
    marks = [(~known, "no_links_due"), (unasked > 0, "links_not_asked_about")]
    bounds = []
    for estimand, count in (("share", n_alive), ("upper_bound", n_alive + unasked)):
        share = count / np.where(known, n_due, 1.0)
        row = _row(links, share, known, common | {"estimand": estimand}, marks)
        bounds.append(row)
    return bounds


def _economic_rows(rows: pd.DataFrame, links: pd.Index[str]) -> list[Rows]:
    """K08: economic links declared, in all and by whether somebody has verified them."""
    own = rows[rows["kind"].eq("economic")]
    everywhere = np.full(len(links), True)
    total = _sizes(own, links)
    common = {"outcome": "K08", "estimand": "total", "unit": "links"}
    parts = [_row(links, total, everywhere, common | {"n": total}, [])]
    verified = own["verified"].map({True: "yes", False: "no"}).astype("object").fillna("unknown")
    for answer in ("yes", "no", "unknown"):
        count = _sizes(own[verified.eq(answer)], links)
        named = {"dimension": "verified", "group": answer, "n": count, "denominator": total}
        parts.append(_row(links, count, everywhere, common | named, []))
    return parts


def _action_rows(rows: pd.DataFrame, links: pd.Index[str]) -> list[Rows]:
    """U04: follow-up actions done, of those agreed; U05: practices taken over."""
    actions = rows[rows["kind"].eq("follow_up_action")]
    agreed, done = _sizes(actions, links), _sizes(actions[actions["status"].eq("done")], links)
    unsaid = _sizes(actions[actions["status"].isna()], links)
    known = agreed > 0
    columns = {
        "outcome": "U04",
        "estimand": "share",
        "unit": "share",
        "n": np.where(known, done, np.nan),
        "denominator": np.where(known, agreed, np.nan),
        "missing": unsaid,
    }
    share = done / np.where(known, agreed, 1.0)
    parts = [_row(links, share, known, columns, [(~known, "no_actions")])]
    practices = rows[rows["kind"].eq("good_practice")]
    shown = practices["evidence_url"].notna()
    for estimand, own in (("total", practices[shown]), ("without_source", practices[~shown])):
        count = _sizes(own, links)
        columns = {"outcome": "U05", "estimand": estimand, "unit": "links", "n": count}
        parts.append(_row(links, count, np.full(len(links), True), columns, []))
    return parts


def _graph_rows(pairs: pd.DataFrame, register: pd.DataFrame, day: pd.Timestamp) -> list[Rows]:
    """How the towns of the programme hang together, by partnerships and by living links."""
    # the graph library takes a tenth of a second to start; most calls do not come here
    import networkx as nx

    members = members_of(register)
    if members.empty:
        return []
    graph = nx.Graph()
    graph.add_nodes_from(sorted(set(members["town_id"])))
    over = register["status"].eq("ended") | (
        pd.to_datetime(register["date_ended"], format="ISO8601", errors="coerce") <= day
    )
    standing = members[~members["partnership_id"].isin(register.loc[over, "partnership_id"])]
    both = standing.merge(standing, on="partnership_id", suffixes=("_a", "_b"))
    both = both[both["town_id_a"] < both["town_id_b"]]
    graph.add_edges_from(zip(both["town_id_a"], both["town_id_b"], strict=True))
    living = pairs[~pairs["alive"].eq(False).fillna(False).astype(bool)]
    living = living.dropna(subset=["town_first", "town_second"])
    living = living[living["town_first"].ne(living["town_second"])]
    graph.add_edges_from(zip(living["town_first"], living["town_second"], strict=True))
    sizes = [len(part) for part in nx.connected_components(graph)]
    whole = {
        "towns": graph.number_of_nodes(),
        "components": len(sizes),
        "largest_component": max(sizes),
    }
    common = {"outcome": "V10", "method": "count", "partnership": PROGRAMME, "source": SOURCE}
    totals = common | {
        "estimand": np.array(list(whole), dtype=object),
        "estimate": np.array(list(whole.values()), dtype="float64"),
        "unit": np.array(["towns", "groups", "towns"], dtype=object),
        "n": float(graph.number_of_nodes()),
    }
    towns = sorted(graph.nodes)
    degrees = common | {
        "estimand": "degree",
        "town": np.array(towns, dtype=object),
        "estimate": np.array([graph.degree[town] for town in towns], dtype="float64"),
        "unit": "towns",
        "n": float(graph.number_of_nodes()),
    }
    return [Rows(columns=totals, size=len(whole)), Rows(columns=degrees, size=len(towns))]
