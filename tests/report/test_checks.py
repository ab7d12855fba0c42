import base64
from dataclasses import replace

import numpy as np
import pytest
from report_samples import chart, document, table

from twinimpact.errors import DisclosureError, RunError
from twinimpact.report.blocks import Heading, Paragraph
from twinimpact.report.checks import check_document, decode_arrays
from twinimpact.report.content import Span


def of(*blocks):
    made = document()
    return replace(made, blocks=(made.blocks[0], *blocks))


def head(level, text="x"):
    return Heading(level=level, spans=(Span(text=text),))


def test_a_sound_document_passes():
    check_document(document())


def test_two_titles_no_title_and_a_skipped_level_are_refused():
    with pytest.raises(RunError, match="has 2"):
        check_document(of(head(1)))
    with pytest.raises(RunError, match="has 0"):
        check_document(replace(document(), blocks=(head(2),)))
    with pytest.raises(RunError, match="jumps from level 2 to 4"):
        check_document(of(head(2), head(4)))
    with pytest.raises(RunError, match="heading is empty"):
        check_document(of(head(2, " ")))


def test_an_id_used_twice_is_refused():
    with pytest.raises(RunError, match="tab-reach is used more than once"):
        check_document(of(table(), table()))
    with pytest.raises(RunError, match="tab-participation"):
        check_document(of(chart(), chart(id="fig-other")))


def test_text_beyond_the_limit_is_refused():
    with pytest.raises(RunError, match="20001 characters"):
        check_document(of(Paragraph(spans=(Span(text="x" * 20_001),))))


def test_a_chart_needs_rows_behind_it():
    with pytest.raises(RunError, match="no data behind it"):
        check_document(of(chart(data=replace(chart().data, rows=()))))


def test_charts_that_ask_the_network_are_refused():
    for layout in ({"geo": {}}, {"map2": {}}, {"images": [{"source": "https://x.org"}]}):
        with pytest.raises(RunError, match="asks the network"):
            check_document(of(chart(figure={"data": [], "layout": layout})))
    for kind in ("scattergeo", "choropleth", "scattermap", "densitymapbox"):
        with pytest.raises(RunError, match="asks the network"):
            check_document(of(chart(figure={"data": [{"type": kind}], "layout": {}})))


def test_a_chart_with_more_values_than_its_table_is_refused_even_when_encoded():
    answers = np.arange(40, dtype="f8")
    encoded = {"dtype": "f8", "bdata": base64.b64encode(answers.tobytes()).decode()}
    figure = decode_arrays({"data": [{"type": "violin", "y": encoded}], "layout": {}})
    assert figure["data"][0]["y"] == list(answers)
    with pytest.raises(DisclosureError, match="has 40 values; the table behind it shows 4"):
        check_document(of(chart(figure=figure)))


def test_arrays_inside_markers_and_error_bars_count_too():
    trace = {"type": "bar", "x": [1], "customdata": [[1, 2, 3], [4, 5, 6]]}
    with pytest.raises(DisclosureError, match="customdata"):
        check_document(of(chart(figure={"data": [trace], "layout": {}})))
    trace = {"type": "bar", "error_x": {"array": [1, 2, 3, 4, 5]}}
    with pytest.raises(DisclosureError, match=r"error_x\.array"):
        check_document(of(chart(figure={"data": [trace], "layout": {}})))


def test_gaps_in_a_line_are_not_values():
    trace = {"type": "scatter", "x": [1, None, None, 2, None, 3, None, None]}
    check_document(of(chart(figure={"data": [trace], "layout": {}})))


def test_two_dimensional_arrays_are_decoded_in_shape():
    raw = base64.b64encode(np.arange(6, dtype="<i2").tobytes()).decode()
    assert decode_arrays({"bdata": raw, "dtype": "i2", "shape": "2, 3"}) == [[0, 1, 2], [3, 4, 5]]
