"""Pictures of charts, drawn by one warm browser and remembered by content.

The browser starts at the first chart that is not in the cache and serves all later ones. It is
started once more if it fails; after that reports are written with tables instead of pictures.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import shutil
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import CancelledError
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from twinimpact.language import N_

BROWSER_NAMES = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
    "microsoft-edge", "microsoft-edge-stable", "msedge", "brave", "brave-browser",
)  # fmt: skip
WINDOWS_PROGRAMS = (
    "Microsoft/Edge/Application/msedge.exe",
    "Google/Chrome/Application/chrome.exe",
    "BraveSoftware/Brave-Browser/Application/brave.exe",
)
MAC_PROGRAMS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Brave Browser.app/Contents/MacOS/Brave Browser",
)
MESSAGES: Mapping[str, str] = {
    "no_browser": N_(
        "Charts as pictures need Edge, Chrome or Chromium. Install one or set TWINIMPACT_BROWSER. "
        "Word and PDF reports were written with tables instead."
    ),
    "no_kaleido": N_(
        "Charts as pictures need the package kaleido: install twinimpact[static]. "
        "Word and PDF reports were written with tables instead."
    ),
    "chart_failed": N_("A chart could not be drawn; the reports show its table instead."),
    "browser_failed": N_(
        "The browser that draws the charts stopped twice. "
        "Some reports were written with tables instead of pictures."
    ),
}
CHART_SECONDS = 60.0
START_SECONDS = 60.0
CLOSE_SECONDS = 10.0
SCALE = 2
CACHE_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One chart as a picture: SVG text, and PNG bytes at twice the size if they were wanted."""

    svg: str
    png: bytes = b""


class Pictures:
    """Draws charts; use it as a context manager so that the browser is closed.

    Parameters
    ----------
    browser
        Program of a Chrome-family browser; found by :func:`find_browser` when ``None``, none at
        all when ``""``.
    cache
        Folder where drawn charts are kept between runs.

    Attributes
    ----------
    message
        ``""``, or the code in :data:`MESSAGES` why charts are missing. Say it once.
    """

    def __init__(self, browser: str | None = None, cache: Path | None = None) -> None:
        self.browser = find_browser() if browser is None else browser
        self.cache = cache
        self.message = ""
        self._reason = "" if self.browser else "no_browser"
        if not self._reason and not _kaleido_present():
            self._reason = "no_kaleido"
        self._server: _Server | None = None
        self._failures = 0

    def __enter__(self) -> Pictures:
        """Nothing is started yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the browser."""
        self.close()

    def draw(
        self, figure: Mapping[str, Any], width: int, height: int, *, png: bool = True
    ) -> Drawn | None:
        """One chart as a picture, or ``None`` where none can be drawn (see ``message``).

        Parameters
        ----------
        figure
            Plotly figure as plain JSON.
        width, height
            Size in CSS pixels.
        png
            Whether the PNG (for Word) is wanted besides the SVG.
        """
        request = json.dumps(
            {
                "figure": {"data": figure["data"], "layout": figure["layout"]},
                "size": [width, height],
                "versions": [CACHE_VERSION, _plotly_version()],
            },
            sort_keys=True,
        )
        stem = hashlib.sha256(request.encode()).hexdigest()
        svg = self._picture(request, stem, "svg")
        bitmap = self._picture(request, stem, "png") if svg and png else b""
        if svg is None or bitmap is None:
            return None
        return Drawn(svg=svg.decode("utf-8"), png=bitmap)

    def close(self) -> None:
        """Close the browser, if one was started."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def _picture(self, request: str, stem: str, form: str) -> bytes | None:
        kept = self.cache / f"{stem}.{form}" if self.cache is not None else None
        if kept is not None and kept.is_file():
            return kept.read_bytes()
        picture = self._render(json.loads(request), form)
        if kept is not None and picture is not None:
            kept.parent.mkdir(parents=True, exist_ok=True)
            # written aside and moved: another process may read the same cache
            aside = kept.with_name(f"{kept.name}.{os.getpid()}")
            aside.write_bytes(picture)
            aside.replace(kept)
        return picture

    def _render(self, request: Mapping[str, Any], form: str) -> bytes | None:
        while not self._reason:
            try:
                if self._server is None:
                    self._server = _start(self.browser)
                return self._server.picture(request["figure"], request["size"], form)
            except _ChartError:
                self.message = "chart_failed"
                return None
            except _BrowserError:
                self.close()
                self._failures += 1
                if self._failures > 1:
                    self._reason = "browser_failed"
        self.message = self._reason
        return None


def find_browser() -> str:
    """Program of a Chrome-family browser, or ``""``.

    ``TWINIMPACT_BROWSER`` comes first; if it names nothing that exists there is no browser, so
    that one switch turns pictures off.
    """
    named = os.environ.get("TWINIMPACT_BROWSER")
    if named is not None:
        return shutil.which(named) or ""
    for name in BROWSER_NAMES:
        if found := shutil.which(name):
            return found
    places = [Path(program) for program in MAC_PROGRAMS] if sys.platform == "darwin" else []
    for variable in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"):
        if folder := os.environ.get(variable):
            places += [Path(folder, program) for program in WINDOWS_PROGRAMS]
    return next((str(place) for place in places if place.is_file()), "")


def can_draw() -> bool:
    """Whether there is all it takes to draw a chart: a browser and kaleido."""
    return bool(find_browser()) and _kaleido_present()


def plotly_javascript() -> str:
    """The plotly.js of the installed plotly, for interactive charts in one HTML file."""
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs())


def _plotly_version() -> str:
    from importlib.metadata import version

    return version("plotly")


def _kaleido_present() -> bool:
    from importlib.util import find_spec

    return find_spec("kaleido") is not None


class _ChartError(Exception):
    """The browser works but could not draw this chart."""


class _BrowserError(Exception):
    """The browser did not start, did not answer in time or went away."""


def _chart_faults() -> tuple[type[Exception], ...]:
    from kaleido.errors import JavascriptError, KaleidoError

    return (JavascriptError, KaleidoError)


def _browser_faults() -> tuple[type[Exception], ...]:
    from choreographer.errors import DevtoolsProtocolError

    # kaleido's and choreographer's other errors are kinds of RuntimeError and OSError
    return (TimeoutError, CancelledError, RuntimeError, OSError, ValueError, DevtoolsProtocolError)


class _Server:
    """A browser on an event loop in its own thread.

    kaleido's ready-made server waits without limit when its browser dies; here every call has
    a time limit.
    """

    def __init__(self, browser: str, sandbox: bool) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._kaleido: Any = None
        try:
            self._kaleido = self._wait(self._open(browser, sandbox), START_SECONDS)
        except (_ChartError, _BrowserError) as error:
            self.close()
            raise _BrowserError(str(error)) from error

    def picture(self, figure: Mapping[str, Any], size: list[int], form: str) -> bytes:
        options = {
            "format": form,
            "width": size[0],
            "height": size[1],
            "scale": SCALE if form == "png" else 1,
        }
        drawing = self._kaleido.calc_fig(dict(figure), opts=options)
        return bytes(self._wait(drawing, CHART_SECONDS))

    def close(self) -> None:
        if self._kaleido is not None:
            # a browser that no longer answers cannot be closed politely; nothing is lost
            with contextlib.suppress(_ChartError, _BrowserError):
                self._wait(self._kaleido.close(), CLOSE_SECONDS)
            self._kaleido = None
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CLOSE_SECONDS)
        if not self._thread.is_alive():
            self._loop.close()

    async def _open(self, browser: str, sandbox: bool) -> Any:
        from kaleido import Kaleido

        # mathjax=False: kaleido's own page would load it from the network
        kaleido = Kaleido(
            path=browser, mathjax=False, timeout=CHART_SECONDS, enable_sandbox=sandbox
        )
        await kaleido.open()
        return kaleido

    def _wait(self, coroutine: Any, seconds: float) -> Any:
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result(seconds)
        except _chart_faults() as error:
            raise _ChartError(str(error)) from error
        except _browser_faults() as error:
            future.cancel()
            raise _BrowserError(str(error)) from error


def _start(browser: str) -> _Server:
    """A browser with its sandbox on, or without it where the system forbids one."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if not root:
        # containers often forbid the sandbox to everyone
        with contextlib.suppress(_BrowserError):
            return _Server(browser, sandbox=True)
    return _Server(browser, sandbox=False)
