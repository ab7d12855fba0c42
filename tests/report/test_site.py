from pathlib import Path

from report_samples import HOSTILE

from twinimpact.report.site import ReportEntry, write_index


def entry(folder, title="Partnership report", group="Linz – Morlaàs", name="linz"):
    return ReportEntry(
        title=title,
        group=group,
        as_of="2026-06-30",
        language="en",
        paths={form: folder / name / f"{name}.{form}" for form in ("html", "pdf", "docx", "xlsx")},
    )


def test_reports_are_grouped_and_linked_relatively(tmp_path):
    entries = [entry(tmp_path), entry(tmp_path, group="Other"), entry(tmp_path, "One-pager")]
    path = tmp_path / "index.html"
    write_index(entries, path, "Reports")
    made = path.read_text(encoding="utf-8")
    assert made.count("<section>") == 2
    assert made.count("<li>") == 3
    assert 'href="./linz/linz.docx"' in made
    assert made.index("One-pager") < made.index("Other")
    assert "script-src 'sha256-" in made
    assert [p.name for p in tmp_path.iterdir()] == ["index.html"]


def test_hostile_names_are_text(tmp_path):
    path = tmp_path / "index.html"
    bad = entry(tmp_path, HOSTILE, HOSTILE, name='a"><script>x')
    write_index([bad], path, HOSTILE)
    made = path.read_text(encoding="utf-8")
    assert made.count("<script>") == 1
    assert "<img" not in made
    assert "\u202e" not in made
    assert "a%22%3E%3Cscript%3Ex" in made


def test_an_address_can_never_be_a_scheme(tmp_path):
    path = tmp_path / "index.html"
    shown = ReportEntry(
        title="t", group="g", as_of="", language="xx-unknown",
        paths={"html": tmp_path / "javascript:alert(1)"},
    )  # fmt: skip
    write_index([shown], path, "Reports")
    assert 'href="./javascript' in path.read_text(encoding="utf-8")


def test_no_reports_is_said_in_words(tmp_path):
    path = tmp_path / "new" / "index.html"
    write_index([], path, "Reports")
    assert "There are no reports yet." in path.read_text(encoding="utf-8")


def test_an_entry_is_small(tmp_path):
    sizes = []
    for count in (10, 110):
        write_index([entry(tmp_path, name=f"n{n}") for n in range(count)], Path(tmp_path, "i"), "R")
        sizes.append((tmp_path / "i").stat().st_size)
    assert (sizes[1] - sizes[0]) / 100 < 500
