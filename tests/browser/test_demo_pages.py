"""Every page the demo makes, opened offline."""

from __future__ import annotations

from typing import Any

import pytest
from demo_run import Demo

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def test_every_page_opens_offline_without_a_request_or_an_error(demo: Demo, visit: Any) -> None:
    pages = sorted((demo.root / "reports").rglob("*.html"))
    assert len(pages) == 19
    for path in pages:
        visit.requests.clear()
        visit.open(path)
        assert visit.quiet(path), path.name
        assert visit.page.title()
