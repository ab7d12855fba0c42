import json

import numpy as np
import pytest
from report_samples import chart, table

from twinimpact.report.content import Text, bullet, heading, notice, paragraph
from twinimpact.report.show import FIGURE, PLOTLY, TABLE, TEXT, mimebundle, show


def test_a_chart_carries_its_words_its_data_and_no_cloud_button():
    bundle = mimebundle(chart())
    assert bundle[FIGURE]["alt"].startswith("Bar chart")
    assert bundle[FIGURE]["schema"] == 1
    assert bundle[FIGURE]["data"]["rows"][0] == {"town": "Linz", "n": 812}
    assert bundle[PLOTLY]["config"] == {"showSendToCloud": False, "displaylogo": False}
    assert bundle["text/plain"].startswith("[Figure fig-participation: Bar chart")
    json.dumps(bundle, allow_nan=False)


def test_arrays_and_missing_numbers_of_a_figure_become_plain_json():
    figure = {"data": [{"x": np.array([1.0, np.nan])}], "layout": {}}
    assert mimebundle(chart(figure=figure))[PLOTLY]["data"] == [{"x": [1.0, None]}]


def test_a_table_travels_with_typed_values_and_counts_hidden_cells():
    bundle = mimebundle(table())
    assert bundle[TABLE]["suppressed"] == 2
    assert bundle[TABLE]["rows"][1]["n"] == {"withheld": "suppressed"}
    assert bundle[TABLE]["rows"][0]["day"] == "2026-05-14"


def test_the_preview_is_escaped():
    assert "<script>" not in mimebundle(table("<script>"))["text/html"]


def test_text_keeps_kinds_and_marks():
    text = Text(blocks=(heading("H", 2), paragraph("P"), bullet("B"), notice("N", "caution")))
    blocks = mimebundle(text)[TEXT]["blocks"]
    assert [block["kind"] for block in blocks] == ["heading", "paragraph", "bullet", "notice"]
    assert blocks[0]["level"] == 2
    assert blocks[3]["notice"] == "caution"


def test_show_displays_each_part_of_a_tuple(monkeypatch):
    seen = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: seen.append((data, raw)))
    show((table(), chart()))
    assert [raw for _, raw in seen] == [True, True]
    assert TABLE in seen[0][0]


def test_anything_else_is_refused():
    with pytest.raises(TypeError, match="not dict"):
        show({"a": 1})


def test_a_chart_without_alternative_text_or_caption_cannot_be_made():
    with pytest.raises(TypeError, match="needs alt"):
        chart(alt=" ")
    with pytest.raises(TypeError, match="needs caption"):
        chart(caption="")
