"""An empty workspace."""

from __future__ import annotations

from pathlib import Path

import pytest

from twinimpact.workspace import Workspace, create_workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    root = tmp_path / "demo"
    root.mkdir()
    (root / "evaluation.toml").write_text("schema = 1\n")
    return create_workspace(root)
