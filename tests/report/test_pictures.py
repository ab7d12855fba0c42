import sys

import pytest
from report_samples import chart

from twinimpact.report import pictures as module
from twinimpact.report.pictures import MESSAGES, Pictures, find_browser

FIGURE = chart().figure


class Server:
    """Stands for a browser; fails as often as it is told to."""

    started = 0
    faults: tuple = ()

    def __init__(self):
        Server.started += 1

    def picture(self, figure, size, form):
        if Server.faults:
            fault, *rest = Server.faults
            Server.faults = tuple(rest)
            raise fault("gone")
        return f"<svg>{size}{form}</svg>".encode()

    def close(self):
        pass


@pytest.fixture
def server(monkeypatch):
    Server.started, Server.faults = 0, ()
    monkeypatch.setattr(module, "_start", lambda browser: Server())
    monkeypatch.setattr(module, "_kaleido_present", lambda: True)
    return Server


def test_one_browser_serves_all_charts(server):
    with Pictures(browser="b") as pictures:
        first = pictures.draw(FIGURE, 760, 300)
        second = pictures.draw(FIGURE, 760, 301)
    assert first.svg == "<svg>[760, 300]svg</svg>"
    assert first.png and second.png
    assert server.started == 1
    assert pictures.message == ""


def test_the_png_is_drawn_only_when_wanted(server):
    assert Pictures(browser="b").draw(FIGURE, 1, 1, png=False).png == b""


def test_the_cache_needs_no_browser_and_knows_size_and_content(server, tmp_path):
    drawn = Pictures(browser="b", cache=tmp_path).draw(FIGURE, 760, 300)
    assert len(list(tmp_path.iterdir())) == 2
    without = Pictures(browser="", cache=tmp_path)
    assert without.draw(FIGURE, 760, 300) == drawn
    assert without.message == ""
    assert without.draw(FIGURE, 760, 301) is None
    assert without.draw({"data": [], "layout": {}}, 760, 300) is None
    assert without.message == "no_browser"


def test_a_browser_that_fails_is_started_once_more(server):
    server.faults = (module._BrowserError,)
    pictures = Pictures(browser="b")
    assert pictures.draw(FIGURE, 1, 1) is not None
    assert server.started == 2
    assert pictures.message == ""


def test_after_the_second_failure_reports_go_on_without_pictures(server):
    server.faults = (module._BrowserError,) * 2
    pictures = Pictures(browser="b")
    assert pictures.draw(FIGURE, 1, 1) is None
    assert pictures.draw(FIGURE, 1, 1) is None
    assert server.started == 2
    assert pictures.message == "browser_failed"


def test_one_chart_that_cannot_be_drawn_does_not_stop_the_others(server):
    server.faults = (module._ChartError,)
    pictures = Pictures(browser="b")
    assert pictures.draw(FIGURE, 1, 1) is None
    assert pictures.draw(FIGURE, 2, 2) is not None
    assert pictures.message == "chart_failed"


def test_without_kaleido_there_is_one_message(monkeypatch):
    monkeypatch.setattr(module, "_kaleido_present", lambda: False)
    pictures = Pictures(browser="b")
    assert pictures.draw(FIGURE, 1, 1) is None
    assert pictures.message == "no_kaleido"


def test_every_message_is_a_sentence_with_what_to_do():
    assert set(MESSAGES) == {"no_browser", "no_kaleido", "browser_failed", "chart_failed"}


def test_the_named_browser_comes_first_and_may_switch_pictures_off(monkeypatch):
    monkeypatch.setenv("TWINIMPACT_BROWSER", sys.executable)
    assert find_browser() == sys.executable
    monkeypatch.setenv("TWINIMPACT_BROWSER", "no-such-program")
    assert find_browser() == ""
    monkeypatch.delenv("TWINIMPACT_BROWSER")
    monkeypatch.setattr(module.shutil, "which", lambda name: name if name == "msedge" else None)
    assert find_browser() == "msedge"
