import pytest

from twinimpact.report.columns import SMALLEST, Face, column_widths

FACE = Face(text=5.0, word=6.0, margins=10.0)


def test_room_that_is_left_goes_to_the_first_column():
    widths, scale = column_widths([["Town", "n"], ["Linz", "812"]], 400, FACE)
    assert sum(widths) == pytest.approx(400)
    assert widths[1] == pytest.approx(10 + 3 * 6)
    assert scale == 1


def test_long_texts_share_the_room_and_no_word_is_broken():
    texts = [["Row", "What is wrong", "Hint"], ["12", "word " * 30, "word " * 5]]
    widths, scale = column_widths(texts, 300, FACE)
    assert sum(widths) == pytest.approx(300)
    assert widths[0] == pytest.approx(10 + 3 * 6)
    assert widths[1] > widths[2] >= 10 + 4 * 6
    assert scale == 1


def test_letters_shrink_before_words_break_but_not_without_limit():
    widths, scale = column_widths([["Participations"] * 5], 400, FACE)
    assert sum(widths) == pytest.approx(400)
    assert scale == pytest.approx(400 / (5 * 94))
    assert column_widths([["Participations"] * 50], 400, FACE)[1] == SMALLEST


def test_a_short_cell_stays_on_one_line():
    texts = [["Outcome", "Interval"], ["word " * 40, "+4.9 to +12.5"]]
    widths, _ = column_widths(texts, 200, FACE)
    assert widths[1] >= 10 + 13 * 5


def test_a_zero_width_space_lets_a_word_break():
    whole, broken = (
        column_widths([["x", "y"], ["a" * 20 + sign + "b" * 20, "word " * 40]], 300, FACE)[0][0]
        for sign in ("", "\u200b")
    )
    assert broken < whole


def test_room_that_is_left_goes_to_a_last_column_of_text():
    texts = [["Fact", "Entry"], ["Since", "a day in a year long ago"]]
    widths, scale = column_widths(texts, 400, FACE)
    assert sum(widths) == pytest.approx(400)
    assert widths[0] < 60
    assert scale == 1
