import pytest
from report_samples import SVG

from twinimpact.errors import RunError
from twinimpact.report.svg import clean_svg

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'


def clean(inside, **more):
    return clean_svg(f"{HEAD}{inside}</svg>", "fig-abc", "Words", **more)


def test_scripts_handlers_styles_and_foreign_content_are_gone():
    made = clean(
        "<script>alert(1)</script><style>x{}</style><foreignObject><p>y</p></foreignObject>"
        '<image href="https://x.org/a.png"/><rect width="1" onload="alert(1)" '
        'style="fill: url(https://x.org/f); stroke: red; background: url(&apos;http://y&apos;)"/>'
        '<animate attributeName="x"/><rect fill="url(javascript:x)" width="2"/>'
    )
    for word in ("script", "style>", "foreignObject", "image", "onload", "http://y", "x.org", "an"):
        assert word not in made.replace("http://www.w3.org", "")
    assert "stroke: red" in made


def test_links_become_plain_text():
    made = clean('<text>a<a xlink:href="javascript:alert(1)">town</a>b</text>')
    assert "javascript" not in made
    assert "town" in made


def test_random_ids_follow_the_figure_so_two_drawings_are_equal():
    other = SVG.replace("0a1b2c", "9f9f9f").replace("trace7f", "trace00")
    first, second = (clean_svg(text, "fig-abc", "Words") for text in (SVG, other))
    assert first == second
    assert 'id="fig-abc-1"' in first
    assert "url(#fig-abc-1)" in first
    assert "class=" not in first


def test_references_inside_quotes_are_followed():
    used = '<g clip-path="url(&quot;#c1&quot;)"><rect width="2"/></g>'
    made = clean(f'<clipPath id="c1"><rect width="1"/></clipPath>{used}')
    assert 'clip-path="url(#fig-abc-1)"' in made


def test_the_label_is_escaped_and_the_role_is_set():
    made = clean_svg(SVG, "fig-abc", '"><script>')
    assert 'role="img"' in made
    assert "<script>" not in made


def test_the_font_can_be_replaced_for_pdf():
    assert "font-family: Source Sans 3" in clean_svg(SVG, "fig-abc", "w", font="Source Sans 3")


def test_entities_broken_files_and_other_documents_are_refused():
    for text in ("<!DOCTYPE svg [<!ENTITY a 'b'>]><svg/>", "<svg", "<html/>"):
        with pytest.raises(RunError):
            clean_svg(text, "fig-abc", "w")
