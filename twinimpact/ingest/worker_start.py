"""The first file a worker process runs: limits first, then the script it was started for.

A script that imports nothing of the package and little else: it has to start quickly, and
nothing of the program may be within reach of a foreign reader.
"""

from __future__ import annotations

import contextlib
import json
import runpy
import signal
import sys

ORPHANED = 10
"""Seconds after which a worker ends itself, once nobody is left who would end it."""


def main() -> None:
    """``worker_start.py SETTINGS SCRIPT [ARGUMENT ...]``; the settings are JSON."""
    settings = json.loads(sys.argv[1])
    _limit(int(settings["memory"]), int(settings["seconds"]))
    # isolated mode does not look at PYTHONPATH; what is installed comes first all the same
    sys.path.extend(folder for folder in settings["path"] if folder not in sys.path)
    sys.argv = sys.argv[2:]
    runpy.run_path(sys.argv[0], run_name="__main__")


def _limit(memory: int, seconds: int) -> None:
    """Memory, time and no dump of the answers in memory, as far as the system knows them."""
    if sys.platform == "win32":
        return
    import resource

    spaces = [
        resource.RLIMIT_DATA,
        *([resource.RLIMIT_AS] if hasattr(resource, "RLIMIT_AS") else []),
    ]
    for what, limit in (
        *((space, memory) for space in spaces),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            _, most = resource.getrlimit(what)
            allowed = limit if most == resource.RLIM_INFINITY else min(limit, most)
            resource.setrlimit(what, (allowed, most))
    signal.alarm(seconds + ORPHANED)


if __name__ == "__main__":
    main()
