"""A bundle made by hand: three partnerships, three waves, a comparison group.

The towns and numbers are invented. ``sample_bundle`` is a rich one, ``empty_bundle`` has
nothing but the register, and in ``one_person_bundle`` every cell is one person, so that the
disclosure gate has hidden every number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from twinimpact.bundle import ACTIVITY_COLUMNS, Bundle
from twinimpact.schema import TEXT_RESULT_COLUMNS, result_frame

LONG_NAME = "Neustadt an der Langen Wasserscheide – Saint-Martin-sur-Loire"
TOWNS = {
    "lin": ("Linden", "DE", 24_300),
    "mor": ("Moravice", "CZ", 9_800),
    "neu": ("Neustadt an der Langen Wasserscheide", "DE", 51_000),
    "stm": ("Saint-Martin-sur-Loire", "FR", 17_400),
    "bia": ("Biała Dolina", "PL", 12_000),
    "sze": ("Szentmiklós", "HU", 8_100),
    "erl": ("Erlbach", "DE", 22_000),
    "rok": ("Rokytno", "CZ", 10_100),
}
PARTNERSHIPS = {
    "lin-mor": ("Linden – Moravice", "formal", "1991-05-04", ("lin", "mor"), ("erl", "rok")),
    "neu-stm": (LONG_NAME, "formal", "1968", ("neu", "stm"), ()),
    "bia-sze": ("Biała Dolina – Szentmiklós", "project", "2023-09-01", ("bia", "sze"), ()),
}
SCALES = (
    (
        "tw_thermo",
        "Warmth towards people of the partner country",
        "Warmth",
        "better",
        "primary",
        5.0,
    ),
    ("tw_trust", "Trust in people of the partner country", "Trust", "better", "primary", 5.0),
    ("tw_civic", "Civic responsibility", "Civic responsibility", "better", "secondary", None),
    ("tw_conf", "Intercultural confidence", "Confidence", "better", "secondary", 5.0),
    ("tw_anx", "Unease when meeting strangers from there", "Unease", "worse", "exploratory", None),
)
ITEMS: Mapping[str, tuple[str, int, int, str, str, str]] = {
    "tw_civic_r1": ("How large is your share in how life in your town goes?", 0, 10,
                    "no share", "a very large share", "tw_civic"),
    "tw_civic_r3": ("How ready are you to give free time to something that benefits others?", 0, 10,
                    "not ready", "fully ready", "tw_civic"),
    "tw_trust_t1": ("How far would you rely on people from Czechia to keep an agreement?", 0, 10,
                    "not at all", "entirely", "tw_trust"),
    "tw_trust_t2": ("How far would you rely on people from Czechia to treat people fairly?", 0, 10,
                    "not at all", "entirely", "tw_trust"),
    "tw_health_a1": ("Both towns decided together what this partnership should do.", 1, 5,
                     "strongly disagree", "strongly agree", "tw_health"),
    "tw_thermo_th1": ("How warm do you feel towards people from Czechia?", 0, 100,
                      "very cold", "very warm", "tw_thermo"),
}  # fmt: skip
AGREEMENT = {
    "1": "strongly disagree", "2": "disagree", "3": "neither", "4": "agree", "5": "strongly agree",
}  # fmt: skip
MEANS = {  # before, after, SD of each, mean change, its standard error, n
    "tw_thermo": (61.2, 69.4, 18.0, 8.2, 1.4, 43),
    "tw_trust": (58.0, 60.1, 20.0, 2.1, 1.9, 43),
    "tw_civic": (55.5, 57.0, 17.0, 1.5, 1.6, 43),
    "tw_conf": (66.0, 66.4, 15.0, 0.4, 1.1, 43),
    "tw_anx": (38.0, 31.5, 21.0, -6.5, 2.2, 22),
}
T_42, T_21 = 2.018, 2.080


def sample_bundle(report: str = "partnership_report", language: str = "en") -> Bundle:
    """A rich bundle for one of the four reports."""
    one = report in {"partnership_report", "council_onepager"}
    rows = _partnership_rows("lin-mor", survey=True)
    if not one:
        rows += _partnership_rows("neu-stm", survey=False)
        rows += _small_partnership_rows("bia-sze")
        rows += _programme_rows()
        rows = [row for row in rows if row["outcome"][0] == "Q" or report != "data_quality"]
    return Bundle(
        report=report,
        language=language,
        evaluation={
            "id": "demo-2026",
            "title": "Bridges between towns 2025–2026",
            "as_of": "2026-06-30",
            "timezone": "Europe/Berlin",
        },
        partnerships=tuple(_partnership(key) for key in (["lin-mor"] if one else PARTNERSHIPS)),
        waves=(
            _wave("pre", "pre", "Before the exchange", "2025-03-01"),
            _wave("post", "post", "After the exchange", "2025-07-01"),
        ),
        scales=tuple(_scale(*scale) for scale in SCALES),
        items={key: _item(*item) for key, item in ITEMS.items()},
        results=results_of(rows),
        activities=_activities(),
        imports=_imports(),
        problems=_problems() if report == "data_quality" else (),
        disclosure={
            "k_answers": 10,
            "k_counts": 5,
            "k_minors": 10,
            "suppressed": 2,
            "withheld": [
                {"outcome": "R03", "estimand": "total", "dimension": "country", "group": "AT",
                 "wave": ""},
                {"outcome": "tw_health_a1", "estimand": "count", "dimension": "answer",
                 "group": "1", "wave": "post"},
            ],
        },
        stamp={"snapshot": "a1b2c3", "template": "t1", "versions": {}, "parameters": {}},
    )  # fmt: skip


def results_of(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows as a results table, every column given explicitly."""
    absent = dict.fromkeys(TEXT_RESULT_COLUMNS, "") | {"status": "ok", "confirmatory": False}
    return result_frame([{**absent, **row} for row in rows])


def empty_bundle(report: str = "partnership_report", language: str = "en") -> Bundle:
    """A partnership that is registered and nothing else."""
    return replace(
        sample_bundle(report, language),
        waves=(),
        scales=(),
        items={},
        results=result_frame([]),
        activities=_no_activities(),
        imports=(),
        problems=(),
        disclosure={"k_answers": 10, "k_counts": 5, "k_minors": 10, "suppressed": 0,
                    "withheld": []},
    )  # fmt: skip


def one_person_bundle(report: str = "partnership_report", language: str = "en") -> Bundle:
    """One person in every cell: all numbers are hidden, and nothing is left to tell how many."""
    rich = sample_bundle(report, language)
    frame = rich.results.copy()
    private = ~frame["outcome"].isin(["Q07", "R01", "V02", "V06"])
    frame.loc[private, "status"] = "suppressed"
    numbers = [name for name in frame.columns if pd.api.types.is_float_dtype(frame[name].dtype)]
    frame.loc[private, numbers] = float("nan")
    events = rich.activities.assign(participations=float("nan"), participations_status="suppressed")
    disclosure = {**rich.disclosure, "suppressed": int(private.sum())}
    return replace(rich, results=frame, activities=events, disclosure=disclosure)


def _partnership(key: str) -> dict[str, Any]:
    name, form, signed, towns, others = PARTNERSHIPS[key]
    return {
        "partnership_id": key,
        "name": name,
        "form": form,
        "basis": "agreement" if form == "formal" else "none",
        "date_signed": signed,
        "aims": ["culture", "youth", "reconciliation"],
        "towns": [_town(town) for town in towns],
        "comparison_towns": [_town(town) for town in others],
    }


def _town(key: str) -> dict[str, Any]:
    name, country, population = TOWNS[key]
    return {"town_id": key, "name": name, "country": country, "population": population}


def _wave(key: str, kind: str, label: str, start: str) -> dict[str, Any]:
    return {"wave_id": key, "kind": kind, "label": label, "start": start, "end": ""}


def _scale(
    key: str, title: str, short: str, direction: str, role: str, sesoi: float | None
) -> dict[str, Any]:
    return {
        "scale_id": key, "title": title, "short_title": short, "direction": direction,
        "method": "mean", "unit": "points", "lo": 0, "hi": 100,
        "items": [name for name, item in ITEMS.items() if item[5] == key],
        "role": role, "sesoi": sesoi, "status_label": "new, not validated", "formative": False,
    }  # fmt: skip


def _item(label: str, lo: int, hi: int, low: str, high: str, scale: str) -> dict[str, Any]:
    return {
        "label": label, "lo": lo, "hi": hi, "low_label": low, "high_label": high,
        "scale_id": scale, "reverse": False, "anchors": AGREEMENT if hi == 5 else {},
    }  # fmt: skip


def _partnership_rows(key: str, *, survey: bool) -> list[dict[str, Any]]:
    rows = [*_reach_rows(key), *_vitality_rows(key)]
    if survey:
        rows += [*_answer_rows(key), *_mean_rows(key), *_change_rows(key), *_comparison_rows(key)]
    return [{"partnership": key, "as_of": "2026-06-30", **row} for row in rows]


def _count(outcome: str, estimand: str, estimate: float | None, **more: Any) -> dict[str, Any]:
    return {"outcome": outcome, "estimand": estimand, "method": "count", "estimate": estimate,
            "source": "activities", **more}  # fmt: skip


def _reach_rows(key: str) -> Iterable[dict[str, Any]]:
    towns = PARTNERSHIPS[key][3]
    yield _count("R01", "held", 11.0)
    yield _count("R01", "planned", 2.0)
    yield _count("R01", "cancelled", 1.0)
    yield _count("R02", "total", 19.0)
    yield _count("R03", "total", 612.0)
    yield _count("R04", "total", None, status="not_available")
    yield _count("R04", "lower_bound", 300.0)
    yield _count("R04", "upper_bound", 498.0)
    yield _count("R05", "total", 180.0)
    yield _count("R06", "total", 432.0)
    yield _count("R11", "total", 0.18, unit="share", denominator=540.0)
    yield _count("R09Y", "total", 0.27, unit="share", denominator=520.0)
    yield _count("R13", "total", 901.0)
    yield _count("R14", "towns", 5.0)
    yield _count("R14", "countries", 4.0)
    yield _count("R17", "total", 8000.0)
    for kind, number in (("mutual_learning", 212.0), ("awareness", 400.0)):
        yield _count("R18", "total", number, dimension="cerv_type", group=kind)
    for mode, number in (("in_person", 0.93), ("online", 0.07)):
        yield _count("R16", "share", number, dimension="mode", group=mode, unit="share")
    for country, number in (("DE", 410.0), ("CZ", 180.0), ("PL", 12.0), ("SK", 6.0)):
        yield _count("R03", "total", number, dimension="country", group=country)
    yield _count("R03", "total", None, dimension="country", group="AT", status="suppressed")
    for gender, number in (("female", 320.0), ("male", 270.0), ("undisclosed", 22.0)):
        yield _count("R03", "total", number, dimension="gender", group=gender)
    for age, number in (("14-17", 60.0), ("18-29", 80.0), ("30-44", 130.0), ("45-64", 180.0),
                        ("65-74", 90.0), ("undisclosed", 72.0)):  # fmt: skip
        yield _count("R03", "total", number, dimension="age_band", group=age)
    for role, number in (("citizen", 330.0), ("elected_official", 50.0), ("municipal_staff", 47.0),
                         ("teacher", 41.0), ("pupil_student", 72.0)):  # fmt: skip
        yield _count("R03", "total", number, dimension="role", group=role)
    for town in towns:
        yield _count("V07", "rate", None, town=town, status="not_available", unit="per_1000")


def _vitality_rows(key: str) -> Iterable[dict[str, Any]]:
    yield _count("V01", "total", 4.0, unit="events per year")
    yield _count("V02", "total", 2.0, unit="months")
    yield _count("V03", "total", 0.82, unit="ratio")
    yield _count("V04", "number", 3.0)
    for theme, number in (("culture", 5.0), ("youth", 4.0), ("environment", 2.0)):
        yield _count("V04", "events", number, dimension="theme", group=theme)
    yield _count("V06", "total", None, group="active", unit="class")
    compared = key == "lin-mor"
    level = 2.0 if compared else 0.0
    yield {
        "outcome": "Q07",
        "estimand": "pre_post_comparison" if compared else "single_wave",
        "method": "design_rule",
        "estimate": level,
        "grade": level,
        "unit": "level",
        "n": 90.0,
        "clusters": 4.0,
        "note": "baseline_difference:tw_thermo=0.31;no_plan"
        if compared
        else "design_single_wave;design_no_comparison",
    }


def _answer_rows(key: str) -> Iterable[dict[str, Any]]:
    for wave, participants, others in (("pre", 71.0, 52.0), ("post", 58.0, 49.0)):
        yield _count("Q01", "responses", participants, wave=wave, arm="participant")
        yield _count("Q01", "responses", others, wave=wave, arm="comparison")
        yield _count("Q04", "item_missing", 0.034, wave=wave, arm="participant", unit="share",
                     n=participants)  # fmt: skip
    yield _count("Q02", "linked", 43.0, arm="participant", wave="post")
    yield _count("Q02", "match_rate", 0.74, arm="participant", wave="post", denominator=58.0)
    yield _count("Q02", "fuzzy", 5.0, arm="participant", wave="post")
    yield _count("Q02", "ambiguous", 1.0, arm="participant", wave="post")
    shares = {
        "tw_civic_r1": (2, 3, 4, 5, 5, 9, 10, 9, 6, 3, 2),
        "tw_civic_r3": (1, 1, 2, 2, 4, 8, 10, 12, 9, 5, 4),
        "tw_trust_t1": (0, 1, 1, 2, 3, 7, 11, 13, 11, 6, 3),
        "tw_trust_t2": (1, 1, 2, 3, 5, 10, 12, 10, 8, 4, 2),
        "tw_health_a1": (None, 5, 8, 14, 6),
    }
    for item, counts in shares.items():
        total = float(sum(count or 0 for count in counts))
        for code, count in enumerate(counts, start=ITEMS[item][1]):
            hidden = {"status": "suppressed"} if count is None else {"n": total}
            yield _count(item, "count", None if count is None else float(count), wave="post",
                         arm="participant", dimension="answer", group=str(code), unit="people",
                         denominator=None if count is None else total, **hidden)  # fmt: skip


def _mean_rows(key: str) -> Iterable[dict[str, Any]]:
    for scale, (before, after, spread, _, _, _) in MEANS.items():
        for wave, mean, n in (("pre", before, 71.0), ("post", after, 58.0)):
            error = spread / n**0.5
            common = {"outcome": scale, "method": "describe", "wave": wave, "arm": "participant",
                      "n": n, "unit": "points"}  # fmt: skip
            yield {**common, "estimand": "mean", "estimate": mean, "std_error": error,
                   "conf_low": mean - 2 * error, "conf_high": mean + 2 * error,
                   "conf_level": 0.95}  # fmt: skip
            share = {"estimate": 0.24 if scale == "tw_conf" else 0.05, "unit": "share"}
            yield {**common, "estimand": "ceiling", **share}
            yield {"outcome": scale, "estimand": "alpha", "method": "alpha_feldt", "wave": wave,
                   "estimate": 0.81, "n": n, "unit": "coefficient"}  # fmt: skip


def _change_rows(key: str) -> Iterable[dict[str, Any]]:
    sesois = {scale[0]: scale[5] for scale in SCALES}
    directions = {scale[0]: scale[3] for scale in SCALES}
    for scale, (_, _, spread, change, error, n) in MEANS.items():
        t = T_42 if n == 43 else T_21
        low, high = change - t * error, change + t * error
        common = {"outcome": scale, "estimand": "post-pre", "arm": "participant", "grade": 1.0,
                  "n": float(n), "clusters": 2.0, "direction": directions[scale]}  # fmt: skip
        yield {**common, "method": "paired_t", "estimate": change, "std_error": error,
               "df": n - 1.0, "conf_low": low, "conf_high": high, "conf_level": 0.95,
               "p_value": 0.04, "unit": "points", "verdict": _verdict(low, high, sesois[scale]),
               "note": "indicative" if n < 30 else "people_not_towns"}  # fmt: skip
        yield {**common, "method": "d_av_bonett", "estimate": change / spread, "unit": "sd"}
        yield {**common, "method": "paired_t", "estimate": change + 1, "town": "lin",
               "unit": "points", "conf_low": low, "conf_high": high}  # fmt: skip
        for part, share in (("improved", 0.49), ("unchanged", 0.40), ("worse", 0.11)):
            yield {**common, "estimand": f"post-pre|{part}", "method": "wilson",
                   "estimate": share, "unit": "share", "denominator": float(n),
                   "note": "threshold_half_sd:9.0"}  # fmt: skip


def _verdict(low: float, high: float, sesoi: float | None) -> str:
    if sesoi is None:
        return "not_assessed"
    if low > sesoi:
        return "beneficial"
    if high < -sesoi:
        return "harmful"
    return "trivial" if low > -sesoi and high < sesoi else "inconclusive"


def _comparison_rows(key: str) -> Iterable[dict[str, Any]]:
    for scale, (before, after, _, change, _, n) in MEANS.items():
        if n < 30:
            continue
        for arm, pre, post, people in (
            ("participant", before, after, 43.0),
            ("comparison", 57.0, 58.2, 38.0),
        ):
            common = {"outcome": scale, "method": "describe", "arm": arm, "n": people,
                      "clusters": 2.0, "unit": "points"}  # fmt: skip
            yield {**common, "estimand": "cell|pre", "estimate": pre, "wave": "pre"}
            yield {**common, "estimand": "cell|post", "estimate": post, "wave": "post"}
            yield {**common, "estimand": "first_difference", "method": "paired_t", "grade": 1.0,
                   "estimate": post - pre, "conf_low": post - pre - 3, "conf_high": post - pre + 3,
                   "conf_level": 0.95}  # fmt: skip
        difference = change - 1.2
        base = {"outcome": scale, "n": 81.0, "clusters": 4.0, "grade": 2.0, "unit": "points",
                "estimand": "post-pre|participant-comparison", "conf_level": 0.95,
                "note": "average_town;baseline_difference:0.31", "direction": "better"}  # fmt: skip
        low, high = difference - 5.5, difference + 5.5
        yield {**base, "method": "town_mean_t", "estimate": difference, "conf_low": low,
               "conf_high": high, "verdict": _verdict(low, high, 5.0)}  # fmt: skip
        yield {**base, "method": "change_cr2", "estimate": difference, "note": "beside"}
        yield {**base, "method": "town_two_stage_t", "estimate": difference + 0.3,
               "conf_low": low, "conf_high": high}  # fmt: skip


def _small_partnership_rows(key: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        _count("R01", "held", 3.0),
        _count("R03", "total", 140.0),
        _count("R04", "total", 96.0),
        _count("R13", "total", 210.0),
        _count("Q01", "responses", 14.0, wave="pre", arm="participant"),
        _count("Q01", "responses", 12.0, wave="post", arm="participant"),
        _count("Q02", "linked", 8.0, wave="post", arm="participant"),
        {"outcome": "Q07", "estimand": "one_group_pre_post", "estimate": 1.0, "grade": 1.0,
         "method": "design_rule", "unit": "level", "n": 8.0, "note": "design_no_comparison"},
        {"outcome": "tw_thermo", "estimand": "post-pre", "method": "paired_t", "n": 8.0,
         "status": "descriptive", "estimate": 4.0, "grade": 1.0, "arm": "participant",
         "unit": "points"},
        {"outcome": "tw_trust", "estimand": "post-pre", "method": "paired_t",
         "status": "suppressed", "arm": "participant", "unit": "points"},
    ]  # fmt: skip
    return [{"partnership": key, **row} for row in rows]


def _programme_rows() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for scale, change in (("tw_thermo", 6.4), ("tw_trust", 1.8)):
        common = {"outcome": scale, "partnership": "*", "method": "town_mean_t", "unit": "points",
                  "conf_level": 0.95, "status": "ok"}  # fmt: skip
        rows.append(
            {**common, "estimand": "post-pre", "estimate": change, "conf_low": change - 4.1,
             "conf_high": change + 4.1, "n": 51.0, "clusters": 4.0, "grade": 1.0,
             "verdict": "inconclusive", "arm": "participant", "note": "average_town"}
        )  # fmt: skip
        rows.append(
            {**common, "estimand": "post-pre|participant-comparison", "estimate": change - 1,
             "conf_low": change - 7, "conf_high": change + 5, "n": 89.0, "clusters": 6.0,
             "grade": 3.0, "verdict": "inconclusive", "note": "average_town"}
        )  # fmt: skip
    return rows


def _activities() -> pd.DataFrame:
    kinds = ("citizens_meeting", "school_exchange", "festival_cultural", "official_visit",
             "workshop", "sport", "commemoration")  # fmt: skip
    rows = []
    for place in range(14):
        month = 1 + (place * 5) % 12
        year = 2023 + place // 5
        held = place < 11
        rows.append(
            {
                "activity_id": f"a{place:02d}",
                "partnership_id": "lin-mor",
                "title": f"Meeting number {place + 1}",
                "type": kinds[place % len(kinds)],
                "themes": "culture;youth",
                "start_date": f"{year}-{month:02d}-10",
                "end_date": f"{year}-{month:02d}-{10 + place % 4:02d}",
                "host_town_id": ("lin", "mor", "lin", "")[place % 4],
                "status": "held" if held else "cancelled" if place == 12 else "planned",
                "mode": "online" if place % 4 == 3 else "in_person",
                "participations": 40.0 + place if held and place != 3 else float("nan"),
                "participations_status": "suppressed" if place == 3 else "ok",
            }
        )
    return pd.DataFrame(rows, columns=list(ACTIVITY_COLUMNS))


def _no_activities() -> pd.DataFrame:
    return pd.DataFrame([], columns=list(ACTIVITY_COLUMNS))


def _imports() -> tuple[dict[str, Any], ...]:
    return (
        {"file": "kobo_before.csv", "table": "responses", "platform": "kobo", "rows": 130,
         "new": 121, "changed": 0, "unchanged": 0, "excluded": {"partial": 4, "duplicate": 2},
         "quarantined": 3, "encoding": "utf-8"},
        {"file": "aktivitaeten.xlsx", "table": "activities", "platform": "spreadsheet", "rows": 15,
         "new": 14, "changed": 0, "unchanged": 0, "excluded": {}, "quarantined": 1,
         "encoding": ""},
    )  # fmt: skip


def _problems() -> tuple[dict[str, Any], ...]:
    def one(severity: str, row: int, column: str, got: str, what: str, hint: str) -> dict[str, Any]:
        return {"code": "x", "severity": severity, "file": "kobo_before.csv", "sheet": "",
                "row": row, "column": column, "got": got, "expected": "", "what": what,
                "hint": hint}  # fmt: skip

    return (
        one("warning", 17, "tw_trust_t1", "14", "The answer 14 lies outside 0 to 10.",
            "Correct it in the survey tool and export again."),
        one("error", 23, "partnership", "lin-xyz", "The partnership lin-xyz is not registered.",
            "Add it to the register of partnerships or correct the spelling."),
        one("info", 31, "code", "•••", "This code fits two people.", "Nothing has to be done."),
    )  # fmt: skip
