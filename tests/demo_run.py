"""What running ``twinimpact demo`` left behind; made once by the fixture ``demo``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Demo:
    """The demo workspace, and what the command said."""

    root: Path
    output: str
    errors: str
    code: int
