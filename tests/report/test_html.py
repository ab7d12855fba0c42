import base64
import hashlib
import json
import re
from dataclasses import replace

import pytest
from report_samples import DRAWN, HOSTILE, document

from twinimpact.language import translator
from twinimpact.report import html
from twinimpact.report.html import html_page, json_for_script

EN = translator("en")


def page(text="", drawn=DRAWN):
    return html_page(document(text), drawn, EN)


@pytest.fixture
def small_library(monkeypatch):
    library = "var Plotly = {newPlot() {}}; // </script>"
    monkeypatch.setattr(html, "plotly_javascript", lambda: library)


def test_the_policy_is_the_first_meta_after_the_character_set():
    head = page().split("<head>")[1]
    assert head.strip().startswith(
        '<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy"'
    )
    assert "script-src" not in head.split(">")[1]
    assert "default-src 'none'" in head


def test_a_static_page_has_no_script_and_no_address_to_load():
    made = page()
    assert "<script" not in made
    assert not re.search(r'(?:src|href)="(?!#|https://example\.org/guide")', made)
    assert "url(" not in made.replace("url(#fig-participation-", "")


def test_page_structure_for_screen_readers():
    made = page()
    assert '<html lang="en" dir="ltr">' in made
    assert '<a class="skip" href="#report">' in made
    assert made.count("<h1") == 1
    assert '<th scope="col"' in made and '<th scope="row">' in made
    assert "<figcaption><strong>Figure 1.</strong>" in made
    assert "<details><summary>Data behind this figure</summary>" in made
    assert "<caption><strong>Table 1.</strong> Reach of the partnership</caption>" in made
    assert "<strong>Caution.</strong>" in made and "<strong>Example.</strong>" in made
    assert 'role="img" aria-label="Bar chart of participations' in made


def test_the_footer_says_how_the_report_was_made():
    footer = page().split("<footer>")[1]
    for words in ("How this report was made", "June", "7c2e91", "twinimpact 0.1.0", "3 numbers"):
        assert words in footer


def test_contents_are_listed_only_in_longer_reports():
    assert "<nav" not in page()
    made = document()
    longer = replace(made, blocks=(*made.blocks, *[made.blocks[2]] * 3))
    assert html_page(longer, DRAWN, EN).count('<li><a href="#section-') == 4


def test_equal_documents_give_equal_pages():
    assert page() == page()


def test_hostile_text_is_only_text(small_library):
    for drawn in (DRAWN, {}):
        made = page(HOSTILE.replace("\x00", "").replace("\x07", ""), drawn)
        assert "<img" not in made
        assert "<script>alert" not in made
        assert 'href="javascript' not in made
        assert "&lt;script&gt;alert(1)" in made


def test_without_pictures_the_library_stands_in_the_page_once_and_is_allowed_by_hash(
    small_library,
):
    made = page(drawn={})
    scripts = re.findall(r"<script>(.*?)</script>", made, re.DOTALL)
    assert len(scripts) == 2
    assert "<\\/script>" in scripts[0]
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in made.split("</head>")[0]
    assert "'unsafe-inline' 'sha256" not in made
    content = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', made)
    figure = json.loads(content[0])
    assert figure["config"]["showSendToCloud"] is False
    assert "width" not in figure["layout"]


def test_json_cannot_leave_its_script_element():
    text = json_for_script({"a": "</script><!--\u2028\u2029&"})
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == {"a": "</script><!--\u2028\u2029&"}


def test_an_empty_table_says_so():
    made = document()
    table = next(block for block in made.blocks if getattr(block, "id", "") == "tab-reach")
    empty = replace(made, blocks=(made.blocks[0], replace(table, rows=())))
    assert "Nothing to show." in html_page(empty, {}, EN)


def test_a_page_stays_small():
    assert len(page().encode()) < 40_000
