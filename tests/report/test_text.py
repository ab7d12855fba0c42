from twinimpact.report.text import breakable, clean_json, clean_label, clean_text, safe_link


def test_control_and_direction_characters_are_removed_and_text_is_composed():
    assert clean_text("a\x00\x07\u202eb\u2066c\ufeffe\u0301\n") == "abcé\n"


def test_labels_of_charts_keep_only_plain_marks():
    assert clean_label("<b>x</b><br><a href='https://e.org'>y</a>") == (
        "<b>x</b><br>&lt;a href='https://e.org'&gt;y&lt;/a&gt;"
    )
    assert clean_label('<span style="color:#333">n</span>') == '<span style="color:#333">n</span>'
    assert "<span" not in clean_label('<span style="background:url(x)">n')


def test_prices_in_labels_are_not_formulas():
    assert clean_label("$5 to $10") == "&#36;5 to &#36;10"
    assert clean_label("$,.2f") == "$,.2f"


def test_long_words_may_break_after_signs_and_short_ones_stay_whole():
    assert breakable("linz_2025_export.xlsx is a file", "|") == "linz_|2025_|export.|xlsx is a file"
    assert breakable("1,234.5 a_b") == "1,234.5 a_b"


def test_keys_and_values_of_json_are_cleaned():
    assert clean_json({"a\x00": ["b\x07", 1, None]}) == {"a": ["b", 1, None]}


def test_only_safe_links_pass():
    assert safe_link("https://example.org/a") == "https://example.org/a"
    assert safe_link("#tab-x") == "#tab-x"
    for link in ("javascript:alert(1)", "http://e.org", 'https://e.org/" onx', "data:text/html,x"):
        assert safe_link(link) == ""
