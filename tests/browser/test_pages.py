"""Pages as a reader meets them: from a file, without a network."""

from __future__ import annotations

from dataclasses import replace

import pytest
from report_samples import DRAWN, HOSTILE, chart, document

from twinimpact.language import translator
from twinimpact.report.content import Chart
from twinimpact.report.html import html_page
from twinimpact.report.site import ReportEntry, write_index
from twinimpact.report.text import clean_json, clean_label, clean_text

pytestmark = pytest.mark.browser
EN = translator("en")


def write(folder, drawn=DRAWN):
    path = folder / "report.html"
    path.write_text(html_page(document(), drawn, EN), encoding="utf-8")
    return path


def test_a_static_page_asks_for_nothing_and_says_nothing(tmp_path, visit):
    path = write(tmp_path)
    visit.open(path)
    assert visit.quiet(path)
    assert visit.page.locator("svg[role=img]").count() == 1


def test_an_interactive_page_draws_offline_without_a_message_or_a_cloud_button(tmp_path, visit):
    path = write(tmp_path, drawn={})
    visit.open(path)
    visit.page.wait_for_selector(".plot .main-svg")
    assert visit.quiet(path)
    assert visit.page.locator(".plot .bars path").count() == 2
    assert visit.page.get_by_text("Share chart").count() == 0
    assert visit.page.locator("[data-title*='loud']").count() == 0


@pytest.mark.parametrize("drawn", [DRAWN, {}], ids=["static", "interactive"])
def test_hostile_text_does_nothing(tmp_path, visit, drawn):
    made = document(clean_text(HOSTILE))
    labels = clean_json(dict(chart(HOSTILE).figure), clean_label)  # as the notebook reader does
    blocks = [
        replace(block, figure=labels) if isinstance(block, Chart) else block
        for block in made.blocks
    ]
    path = tmp_path / "report.html"
    page = html_page(replace(made, blocks=tuple(blocks)), drawn, EN)
    path.write_text(page, encoding="utf-8")
    visit.open(path)
    assert visit.quiet(path)
    assert visit.page.locator("img").count() == 0
    assert visit.page.locator("a[href^=javascript]").count() == 0


def test_the_skip_link_and_the_data_tables_work_by_keyboard(tmp_path, visit):
    visit.open(write(tmp_path))
    visit.page.keyboard.press("Tab")
    assert visit.page.evaluate("document.activeElement.className") == "skip"
    visit.page.keyboard.press("Enter")
    assert visit.page.evaluate("document.activeElement.id") == "report"
    visit.page.focus("summary")
    visit.page.keyboard.press("Enter")
    assert visit.page.locator("details[open] table").is_visible()


@pytest.mark.parametrize("drawn", [DRAWN, {}], ids=["static", "interactive"])
def test_at_four_times_the_size_nothing_scrolls_sideways(tmp_path, visit, drawn):
    visit.page.set_viewport_size({"width": 320, "height": 256})
    visit.open(write(tmp_path, drawn))
    visit.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_list_of_reports_is_found_by_words(tmp_path, visit):
    path = tmp_path / "index.html"
    groups = {"Linz – Morlaàs": "Partnership report", "Třebíč – Győr": "One-pager"}
    entries = [
        ReportEntry(
            title=title, group=group, as_of="2026-06-30", language="en",
            paths={"html": tmp_path / "a.html"},
        )
        for group, title in {**groups, clean_text(HOSTILE): HOSTILE}.items()
    ]  # fmt: skip
    write_index(entries, path, "Reports")
    visit.open(path)
    assert visit.quiet(path)
    visit.page.fill("#search", "morlaàs PARTNER")
    assert visit.page.locator("section:visible h2").all_inner_texts() == ["Linz – Morlaàs"]
    assert visit.page.locator("#count").inner_text() == "Reports found: 1"
    visit.page.fill("#search", "")
    assert visit.page.locator("section:visible").count() == 3
