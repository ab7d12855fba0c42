"""A foreign reader in a process of its own, so that it can fail without the program.

A reader written in another language can stop the whole process, wait for ever or ask for more
memory than there is, whatever is checked before. Here it gets the bytes on its standard input
and answers on its standard output, under a limit of memory and of time, in a session of its
own that ends with it. Where a system knows no limit of memory, the limit of time holds.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from twinimpact.ingest import worker_start

GIB = 1024**3
_GRACE = 5.0
_BLOCK = 1024 * 1024
_SAID = 64 * 1024
_NO_MEMORY = (b"memory allocation of", b"MemoryError", b"bad_alloc")
# where a system looks for the libraries of the interpreter, and nothing else
_KEPT = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PATH", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a worker may use: bytes of memory, seconds, and bytes of its answer."""

    memory: int = 2 * GIB
    seconds: float = 120
    answer: int = GIB


class StoppedError(Exception):
    """A worker gave no answer.

    ``kind`` is ``start`` (it could not be started), ``memory``, ``time``, ``killed`` (by the
    system or a person), ``crash`` or ``answer`` (more than it may say).
    """

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


def run_guarded(
    script: Path, arguments: Sequence[str], parts: Sequence[bytes], limits: Limits
) -> bytes:
    """Run a script of this package on some bytes; gives what it wrote.

    Parameters
    ----------
    script
        A file that imports nothing of the package.
    arguments
        Its arguments; others can see them, so nothing of a file's content.
    parts
        Its standard input, in pieces.

    Raises
    ------
    StoppedError
        If it gives no answer within the limits.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 - the interpreter and our own files, no shell
            _command(script, arguments, limits),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=script.parent,
            env=_environment(),
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except (OSError, ValueError) as error:
        raise StoppedError("start") from error
    answer = _Heard(process.stdout, limits.answer, hang_up=True)
    said = _Heard(process.stderr, _SAID, hang_up=False)
    threads = (
        answer,
        said,
        threading.Thread(target=_tell, args=(process.stdin, parts), daemon=True),
    )
    stopped = ""
    try:
        for thread in threads:
            thread.start()
        answer.join(limits.seconds)
        if answer.is_alive():
            stopped = "time"
        elif answer.too_much:
            stopped = "answer"
        else:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_GRACE)
            stopped = "time" if process.returncode is None else ""
    finally:
        _end(process)
        for thread in threads:
            if thread.ident is not None:
                thread.join(_GRACE)
    if stopped or process.returncode:
        raise StoppedError(_kind(process.returncode, said.heard(), stopped))
    return answer.heard()


def _command(script: Path, arguments: Sequence[str], limits: Limits) -> list[str]:
    settings = {
        "memory": limits.memory,
        "seconds": math.ceil(limits.seconds),
        "path": [folder for folder in sys.path if Path(folder).is_absolute()],
    }
    start = str(Path(worker_start.__file__).resolve())
    return [
        sys.executable or "",
        "-I",
        start,
        json.dumps(settings),
        str(script.resolve()),
        *arguments,
    ]


def _environment() -> dict[str, str]:
    """Next to nothing; a reader without memory would wait for ever in printing where it was."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "RUST_BACKTRACE": "0"}


class _Heard(threading.Thread):
    """Listens to a pipe, so that a worker never waits for us; closes it."""

    def __init__(self, stream: IO[bytes] | None, limit: int, *, hang_up: bool) -> None:
        super().__init__(daemon=True)
        self.stream = stream
        self.limit = limit
        self.hang_up = hang_up
        self.blocks: list[bytes] = []
        self.too_much = False

    def run(self) -> None:
        if self.stream is None:
            return
        left = self.limit
        with self.stream as stream, contextlib.suppress(OSError):
            while block := os.read(stream.fileno(), _BLOCK):
                self.too_much = self.too_much or len(block) > left
                if self.too_much and self.hang_up:
                    return
                self.blocks.append(block[:left])
                left -= len(self.blocks[-1])

    def heard(self) -> bytes:
        return b"".join(self.blocks)


def _tell(stream: IO[bytes] | None, parts: Sequence[bytes]) -> None:
    """Write the input; a worker that has ended does not listen, which its code tells."""
    if stream is None:
        return
    with contextlib.suppress(OSError), stream:
        for part in parts:
            stream.write(part)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a worker with all it has started, and take note of it, so that nothing stays."""
    if process.returncode is not None:
        return
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            process.kill()
        else:
            # not waited for yet, so its number is still its own
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _kind(code: int, said: bytes, stopped: str) -> str:
    """Why there is no answer; a reader that was refused memory may also hang."""
    if any(words in said for words in _NO_MEMORY):
        return "memory"
    if stopped:
        return stopped
    signals = {name: -getattr(signal, name, 0) for name in ("SIGXCPU", "SIGALRM", "SIGKILL")}
    if code in (signals["SIGXCPU"], signals["SIGALRM"]):
        return "time"
    return "killed" if code == signals["SIGKILL"] else "crash"
