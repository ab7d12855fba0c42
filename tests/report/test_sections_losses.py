"""Whom the changes are about, and what those who did not answer again could change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
from sample_bundle import empty_bundle, results_of, sample_bundle

from twinimpact.bundle import Bundle
from twinimpact.report import sections
from twinimpact.report.content import Chart, Table, Text, Withheld

VALUES = {
    "loss": 0.24, "loss|no_change": 6.2, "loss|worst": -11.5, "loss|best": 19.0,
    "loss|tipping": -33.7,
}  # fmt: skip


def losses(scale: str, n: float, lost: float, **more: Any) -> list[dict[str, Any]]:
    method = {"loss": "wilson"}
    return [
        {
            "outcome": scale, "estimand": estimand, "method": method.get(estimand, "fill_in"),
            "estimate": value, "n": n, "missing": lost, "arm": "participant", "wave": "post",
            "partnership": "lin-mor", "unit": "points", **more,
        }
        for estimand, value in VALUES.items()
    ]  # fmt: skip


def told(*rows: Mapping[str, Any]) -> tuple[str, Table | None]:
    """All sentences of the section, and its table."""
    bundle = sample_bundle()
    more = results_of(rows) if rows else bundle.results.iloc[:0]
    bundle = replace(bundle, results=pd.concat([bundle.results, more], ignore_index=True))
    return parts_of(bundle)


def parts_of(bundle: Bundle) -> tuple[str, Table | None]:
    found = sections.lost_people(bundle)
    parts = found if isinstance(found, tuple) else (found,)
    assert not any(isinstance(part, Chart) for part in parts)
    texts = [
        "".join(span.text for span in block.spans)
        for part in parts
        if isinstance(part, Text)
        for block in part.blocks
    ]
    return "\n".join(texts), next((part for part in parts if isinstance(part, Table)), None)


def test_the_changes_are_said_to_be_of_those_who_answered_both_times() -> None:
    text, table = told(*losses("tw_thermo", 57.0, 14.0), *losses("tw_trust", 55.0, 12.0))
    assert "among those who answered both times" in text
    assert "24% did not answer again" in text.replace("\u00a0", "").replace(" %", "%")
    assert "33.7 points less than the others" in text
    assert table is not None
    row = table.rows[0]
    assert (row["before"], row["lost"], row["worst"], row["best"]) == (57.0, 14.0, -11.5, 19.0)
    assert row["change"] == sections_change("tw_thermo")


def sections_change(scale: str) -> float:
    rows = sample_bundle().results
    chosen = rows["outcome"].eq(scale) & rows["estimand"].eq("post-pre") & rows["town"].eq("")
    chosen &= rows["method"].eq("paired_t") & rows["partnership"].eq("lin-mor")
    return float(rows.loc[chosen, "estimate"].iloc[0])


def test_hidden_losses_show_no_number_and_say_why() -> None:
    nothing = {"estimate": None, "n": None, "missing": None, "status": "suppressed"}
    hidden = [row | nothing for row in losses("tw_thermo", 57.0, 4.0)]
    text, table = told(*hidden)
    assert table is None
    assert "hidden, to protect the people who answered" in text
    assert not any(sign.isdigit() for sign in text)
    text, table = told(*hidden, *losses("tw_trust", 55.0, 12.0))
    assert table is not None
    assert all(isinstance(table.rows[0][key], Withheld) for key in ("before", "lost", "worst"))
    assert text.count("would be zero") == 1


def test_nobody_lost() -> None:
    row = losses("tw_thermo", 43.0, 0.0)[0] | {"estimate": 0.0}
    text, table = told(row)
    assert "everybody who answered before answered again" in text
    assert table is not None
    assert [column.key for column in table.columns] == ["label", "before", "lost", "change"]


def test_a_comparison_that_lost_too_differently_is_told() -> None:
    differs = {
        "outcome": "tw_thermo", "estimand": "loss|differential", "method": "newcombe", "n": 95.0,
        "estimate": 0.2, "missing": 30.0, "wave": "post", "partnership": "lin-mor", "arm": "",
    }  # fmt: skip
    text, _ = told(*losses("tw_thermo", 57.0, 14.0), differs)
    assert "distorted" not in text
    text, _ = told(*losses("tw_thermo", 57.0, 14.0), differs | {"note": "loss_outside_boundary"})
    assert "the comparison may be distorted for: Warmth." in text


def test_without_losses_there_is_nothing() -> None:
    assert told() == ("", None)
    assert parts_of(empty_bundle()) == ("", None)
