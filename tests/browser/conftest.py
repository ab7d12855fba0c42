"""A page in the system's browser, offline, that writes down every request and message."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from twinimpact.report.pictures import find_browser

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))


@dataclass
class Visit:
    """What happened while a page was open."""

    page: Any
    requests: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def open(self, path: Path) -> None:
        self.page.goto(path.as_uri())
        self.page.wait_for_timeout(200)

    def quiet(self, path: Path) -> bool:
        """Nothing but the file itself was asked for, nothing was said, nothing popped up."""
        return (self.requests, self.messages, self.dialogs) == ([path.as_uri()], [], [])


@pytest.fixture(scope="session")
def browser_program() -> str:
    program = find_browser()
    if not program:
        pytest.skip("no Chrome-family browser found; set TWINIMPACT_BROWSER to run this test")
    return program


@pytest.fixture(scope="session")
def browser(browser_program: str) -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=browser_program, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def visit(browser: Any) -> Iterator[Visit]:
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 900})
    visit = Visit(page=context.new_page())
    visit.page.on("request", lambda request: visit.requests.append(request.url))
    visit.page.on("console", lambda message: visit.messages.append(message.text))
    visit.page.on("pageerror", lambda error: visit.messages.append(str(error)))
    visit.page.on("dialog", lambda dialog: (visit.dialogs.append(dialog.message), dialog.dismiss()))
    yield visit
    context.close()
