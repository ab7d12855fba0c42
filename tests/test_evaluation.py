"""evaluation.toml: a valid file is read as declared, a faulty one gets every fault named."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from twinimpact.errors import DefinitionError
from twinimpact.evaluation import Evaluation, load_evaluation, parse_evaluation
from twinimpact.problems import RULES, Problem

COMPLETE = """
schema = 1
[evaluation]
id = "demo-2026"
title = "Demo"
timezone = "Europe/Brussels"
languages = ["en", "de"]
as_of = 2026-06-30
[privacy]
disclosure = {k_answers = 12, k_counts = 6, k_minors = 10}
pseudonym = {key_file = "~/.config/twinimpact/demo-2026.key"}
[reports]
formats = ["html", "pdf"]
[[waves]]
id = "pre"
kind = "pre"
label = "Before"
start = 2025-03-01
end = 2025-05-31
[[waves]]
id = "post"
kind = "post"
label = "After"
[design]
before = "pre"
after = "post"
comparison_arms = ["comparison_town"]
linked = true
conf_level = 0.9
[[design.outcomes]]
scale = "tw_thermo"
role = "primary"
sesoi = 5
[instruments]
use = ["tw_civic"]
[[sources]]
file = "inbox/kobo*.csv"
table = "responses"
platform = "kobo"
mapping = "mappings/kobo.toml"
encoding = "mac-roman"
constants = {wave = "pre", partnership = "lin-mor", arm = "participant"}
"""
MINIMAL = 'schema = 1\n[evaluation]\nid = "a"\ntitle = "A"\n'
WAVES = (
    '[[waves]]\nid = "pre"\nkind = "pre"\nlabel = "B"\n'
    '[[waves]]\nid = "post"\nkind = "post"\nlabel = "A"\n'
)
SOURCE = '[[sources]]\ntable = "responses"\nfile = '


def parse(text: str, folder: Path = Path("/nowhere/demo")) -> Evaluation:
    return parse_evaluation(text, "evaluation.toml", folder)


def faults(text: str, folder: Path = Path("/nowhere/demo")) -> list[Problem]:
    with pytest.raises(DefinitionError) as caught:
        parse(text, folder)
    return list(caught.value.problems)


def fault(text: str) -> Problem:
    (only,) = faults(text)
    return only


def test_a_complete_file_is_read_as_written() -> None:
    evaluation = parse(COMPLETE)
    assert evaluation.evaluation.as_of == dt.date(2026, 6, 30)
    assert evaluation.privacy.disclosure.k_answers == 12
    assert evaluation.design.outcomes[0].sesoi == 5.0
    assert evaluation.design.comparison_arms == ("comparison_town",)
    assert evaluation.sources[0].constants.partnership == "lin-mor"
    assert evaluation.wave("post").label == "After"
    with pytest.raises(DefinitionError, match="no such wave"):
        evaluation.wave("later")


def test_defaults_of_a_minimal_file() -> None:
    evaluation = parse(MINIMAL)
    thresholds = evaluation.privacy.disclosure
    assert (thresholds.k_answers, thresholds.k_counts, thresholds.k_minors) == (10, 5, 10)
    assert evaluation.design.before is None
    assert evaluation.reports.formats == ("html", "pdf", "docx", "xlsx")


def test_settings_cannot_be_changed() -> None:
    from pydantic import ValidationError

    with pytest.raises(ValidationError):
        parse(MINIMAL).schema_version = 2  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "code", "column", "got", "expected"),
    [
        ("schema = 2\n", "newer_schema", "schema", "2", "1"),
        ("[evaluation]\nid = 'a'\ntitle = 'A'\n", "missing_key", "schema", "", ""),
        (MINIMAL + "[privcy]\n", "misspelt_key", "privcy", "privcy", "privacy"),
        (
            MINIMAL + "[reports]\ncolour = 1\n",
            "unknown_key",
            "reports.colour",
            "colour",
            "formats",
        ),
        (MINIMAL.replace('"A"', "7"), "not_text", "evaluation.title", "7", ""),
        (
            MINIMAL + '[privacy.disclosure]\nk_answers = "ten"\n',
            "not_whole",
            "privacy.disclosure.k_answers",
            "ten",
            "",
        ),
        (MINIMAL + "[design]\nlinked = 1\n", "not_flag", "design.linked", "1", ""),
        (MINIMAL + '[design]\nconf_level = "x"\n', "not_number", "design.conf_level", "x", ""),
        (MINIMAL + 'languages = "en"\n', "not_list", "evaluation.languages", "en", ""),
        (MINIMAL + 'as_of = "2026"\n', "not_date", "evaluation.as_of", "2026", ""),
        ("reports = 3\n" + MINIMAL, "not_table", "reports", "3", ""),
        (MINIMAL.replace('"A"', '""'), "empty", "evaluation.title", "", ""),
        (MINIMAL + "[reports]\nformats = []\n", "empty", "reports.formats", "", ""),
        (MINIMAL.replace('"a"', '"Demo 1"'), "bad_form", "evaluation.id", "Demo 1", ""),
        (MINIMAL + "[design]\nconf_level = 1.0\n", "out_of_range", "design.conf_level",
         "1.0", "< 1"),
        (
            MINIMAL + '[reports]\nformats = ["html", "odt"]\n',
            "not_allowed",
            "reports.formats[2]",
            "odt",
            "html, pdf, docx, xlsx",
        ),
        (
            MINIMAL + "[privacy.disclosure]\nk_counts = 3\n",
            "disclosure_floor",
            "privacy.disclosure.k_counts",
            "3",
            "5",
        ),
        (MINIMAL + 'timezone = "Europe/Nowhere"\n', "timezone", "evaluation.timezone",
         "Europe/Nowhere", ""),
        (MINIMAL + '[privacy.pseudonym]\nkey = "s3cret"\n', "inline_secret",
         "privacy.pseudonym.key", "•••", ""),
        (MINIMAL + "[privacy.pseudonym]\n", "key_choice", "privacy.pseudonym", "", ""),
        (MINIMAL + '[privacy.pseudonym]\nkey_file = "my.key"\n', "key_inside",
         "privacy.pseudonym.key_file", "•••", ""),
        (MINIMAL + WAVES.replace("post", "pre"), "repeated", "waves[2].id", "pre", "waves[1].id"),
        (MINIMAL + WAVES + "start = 2026-02-01\nend = 2026-01-01\n", "end_before_start",
         "waves[2].end", "2026-01-01", "2026-02-01"),
        (MINIMAL + WAVES + '[design]\nbefore = "pre"\nafter = "pst"\n', "unknown_wave",
         "design.after", "pst", "pre, post"),
        (MINIMAL + SOURCE + '"a.csv"\nconstants = {wave = "pre"}\n', "no_waves",
         "sources[1].constants.wave", "pre", ""),
        (MINIMAL + WAVES + '[design]\nbefore = "pre"\n', "half_design", "design.after",
         "before", ""),
        (MINIMAL + WAVES + '[design]\nbefore = "pre"\nafter = "pre"\n', "same_wave",
         "design.after", "pre", "design.before"),
        (MINIMAL + SOURCE + '"../a.csv"\n', "outside", "sources[1].file", "../a.csv", ""),
        (MINIMAL + f'[[waves]]\nid = "{"a" * 50}"\nkind = "pre"\nlabel = "B"\n', "too_long",
         "waves[1].id", "a" * 50, ""),
    ],
)  # fmt: skip
def test_a_fault_names_key_value_and_fix(
    text: str, code: str, column: str, got: str, expected: str
) -> None:
    problem = fault(text)
    assert problem == Problem(
        code=f"evaluation_{code}",
        file="evaluation.toml",
        column=column,
        got=got,
        expected=expected,
    )
    assert "{" not in problem.what() + problem.hint()


@pytest.mark.parametrize(
    ("text", "code", "row", "column"),
    [
        ("schema = 1\ntitle = \n", "syntax", 2, "9"),
        ('schema = 1\ntitle = """open\n', "syntax", 2, "1"),
        ("schema = 1\nschema = 1\n", "written_twice", 2, "11"),
        ('schema = 1\nfile = "inbox\\kobo.csv"\n', "backslash", 2, None),
        ('file = "c:\\users\\me"\n', "backslash", 1, None),
    ],
)
def test_broken_toml_names_its_line(text: str, code: str, row: int, column: str | None) -> None:
    problem = fault(text)
    assert (problem.code, problem.row) == (f"evaluation_{code}", row)
    assert column is None or problem.got


def test_every_fault_is_reported_at_once() -> None:
    text = COMPLETE.replace('kind = "post"', 'kind = "after"').replace(
        "k_counts = 6", "k_counts = 2"
    )
    text = text.replace('after = "post"', 'after = "late"').replace("inbox/kobo", "/etc/kobo")
    assert {problem.code for problem in faults(text)} == {
        "evaluation_not_allowed",
        "evaluation_disclosure_floor",
        "evaluation_unknown_wave",
        "evaluation_outside",
    }


@pytest.mark.parametrize("path", ["/etc/x.csv", "C:/x.csv", "c:x.csv", "~/x.csv", "a/../../x.csv"])
def test_paths_that_leave_the_folder_are_refused(path: str) -> None:
    assert fault(MINIMAL + SOURCE + f"'{path}'\n").code == "evaluation_outside"


def test_a_symbolic_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    (folder / "inbox").mkdir(parents=True)
    (folder / "inbox" / "away").symlink_to(tmp_path)
    problems = faults(MINIMAL + SOURCE + "'inbox/away/*.csv'\n", folder)
    assert [problem.code for problem in problems] == ["evaluation_outside"]


def test_a_secret_is_never_repeated_in_a_message() -> None:
    for line in ('key = "s3cret"', 'key_env = "s3cret value"', 'key_fil = "s3cret"'):
        with pytest.raises(DefinitionError) as caught:
            parse(MINIMAL + f"[privacy.pseudonym]\n{line}\n")
        assert "s3cret" not in str(caught.value)
        assert "s3cret" not in repr(caught.value.problems)


def test_files_that_cannot_be_read_are_refused_kindly(tmp_path: Path) -> None:
    def code(path: Path) -> str:
        with pytest.raises(DefinitionError) as caught:
            load_evaluation(path)
        return caught.value.problems[0].code

    path = tmp_path / "evaluation.toml"
    assert code(path) == "evaluation_absent"
    assert code(tmp_path) == "evaluation_unreadable"
    path.write_bytes("schema = 1\n# Städte\n".encode("latin-1"))
    assert code(path) == "evaluation_not_utf8"


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(tmp_path: Path) -> None:
    path = tmp_path / "evaluation.toml"
    path.write_bytes(b"\xef\xbb\xbf" + COMPLETE.replace("\n", "\r\n").encode())
    assert load_evaluation(path) == parse(COMPLETE)


def test_an_unforeseen_kind_of_error_still_names_its_key() -> None:
    from twinimpact.evaluation.messages import problems_of

    error = {"type": "new_in_pydantic", "loc": ("design", "linked"), "input": 3}
    (problem,) = problems_of([error], "evaluation.toml")
    assert (problem.code, problem.column) == ("evaluation_invalid", "design.linked")


def test_every_rule_of_the_settings_is_tested_here() -> None:
    source = Path(__file__).read_text(encoding="utf-8")
    codes = [code.removeprefix("evaluation_") for code in RULES if code.startswith("evaluation_")]
    assert not [
        code for code in codes if f'"{code}"' not in source and f"evaluation_{code}" not in source
    ]


def test_days_of_a_calendar_are_named_only_where_there_is_one() -> None:
    days = "constants = {from = 2025-02-01, until = 2025-01-01}\n"
    source = SOURCE.replace("responses", "calendar") + '"a.ics"\n'
    assert [p.code for p in faults(MINIMAL + source + days)] == ["evaluation_end_before_start"]
    found = faults(MINIMAL + SOURCE + '"a.csv"\nconstants = {until = 2025-01-01}\n')
    assert [(p.code, p.column) for p in found] == [
        ("evaluation_window_unused", "sources[1].constants.until")
    ]


def test_the_event_of_a_ticket_list_is_a_constant() -> None:
    text = SOURCE.replace("responses", "attendance") + '"a.csv"\nplatform = "pretix"\n'
    read = parse(MINIMAL + text + 'constants = {activity = "fest"}\n')
    assert read.sources[0].constants.texts() == {"activity": "fest"}


def test_a_code_book_belongs_to_answers_and_stays_in_the_folder() -> None:
    source = '[[sources]]\nfile = "inbox/a.csv"\ntable = "responses"\ncodebook = "inbox/a.lss"\n'
    assert parse(MINIMAL + source).sources[0].codebook == "inbox/a.lss"
    (problem,) = faults(MINIMAL + source.replace("responses", "towns"))
    assert (problem.code, problem.column) == ("evaluation_codebook_unused", "sources[1].codebook")
    (problem,) = faults(MINIMAL + source.replace("inbox/a.lss", "../a.lss"))
    assert (problem.code, problem.column) == ("evaluation_outside", "sources[1].codebook")
