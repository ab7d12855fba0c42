"""What all tests share: an isolated home for keys, and the demo workspace, made once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from demo_run import Demo


@pytest.fixture(scope="session", autouse=True)
def own_configuration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Pseudonym keys of tests go into a temporary folder, never into the user's own."""
    folder = tmp_path_factory.mktemp("config")
    saved = {name: os.environ.get(name) for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "HOME")}
    os.environ["XDG_CONFIG_HOME"] = str(folder)
    os.environ["XDG_CACHE_HOME"] = str(folder)
    os.environ["HOME"] = str(folder)
    yield folder
    for name, value in saved.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The whole demo, run once as a user would run it."""
    import subprocess
    import sys

    root = tmp_path_factory.mktemp("demo") / "demo-workspace"
    run = subprocess.run(
        [sys.executable, "-m", "twinimpact", "demo", str(root)], capture_output=True, text=True
    )
    return Demo(root=root, output=run.stdout, errors=run.stderr, code=run.returncode)
