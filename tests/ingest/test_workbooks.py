"""The worker that reads workbooks: whatever becomes of it, the program goes on."""

from __future__ import annotations

import ast
import json
import os
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from shared_files import fixture

from twinimpact.errors import IngestError
from twinimpact.ingest import guarded, workbook_worker, workbooks, worker_start
from twinimpact.ingest.container import kind_of, open_workbook
from twinimpact.ingest.guarded import Limits, StoppedError, run_guarded
from twinimpact.ingest.source import ReadOptions, read_tables
from twinimpact.problems import RULES

ROOT = Path(__file__).parents[2]
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX systems")
linux = pytest.mark.skipif(sys.platform != "linux", reason="the limit of memory holds on Linux")


@pytest.fixture(autouse=True)
def nothing_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No process, no open pipe, no thread and no temporary file is left behind."""
    started: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            started.append(self)

    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setattr(guarded.subprocess, "Popen", Noted)
    threads = threading.active_count()
    yield
    assert not list(folder.iterdir())
    assert threading.active_count() == threads
    for process in started:
        assert process.returncode is not None
        for pipe in (process.stdin, process.stdout, process.stderr):
            assert pipe is None or pipe.closed


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return workbook(tmp_path / "answers.xlsx")


def workbook(path: Path, last: tuple[int, int] = (1, 1)) -> Path:
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("S")
    sheet.write_row(0, 0, ["a", "b"])
    sheet.write(*last, "x")
    book.close()
    return path


def worker(monkeypatch: pytest.MonkeyPatch, folder: Path, code: str) -> None:
    """Another script in the place of the worker."""
    script = folder / "worker.py"
    script.write_text(f"import os, signal, sys, time\n{code}\n", encoding="utf-8")
    monkeypatch.setattr(workbooks, "WORKER", script)


def refused(path: Path, code: str, limits: Limits | None = None) -> IngestError:
    """The refusal, which has the sentence and the fix of a rule and names the file."""
    with pytest.raises(IngestError) as caught:
        read_tables(path, ReadOptions(limits=limits))
    error = caught.value
    assert error.where == path.name
    assert error.what.split("{")[0].startswith(RULES[code].what.split("{")[0])
    assert error.hint == RULES[code].hint
    assert "Traceback" not in str(error) and "{" not in str(error)
    return error


# --- what can become of a worker ---------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", "workbook_killed"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "workbook_reader_stopped"),
        ("os.kill(os.getpid(), signal.SIGXCPU)", "workbook_time"),
        ("os.kill(os.getpid(), signal.SIGALRM)", "workbook_time"),
        ("os.abort()", "workbook_reader_stopped"),
        ("sys.stdin.buffer.read(); os.abort()", "workbook_reader_stopped"),
        ("sys.stdout.write('half'); sys.stdout.flush(); os.abort()", "workbook_reader_stopped"),
        ("os.write(2, b'memory allocation of 9 bytes failed'); os.abort()", "workbook_memory"),
    ],
)
@posix
def test_a_worker_that_is_stopped_ends_as_a_sentence(
    code: str, rule: str, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker(monkeypatch, tmp_path, code)
    refused(path, rule)


def test_an_error_in_the_worker_is_never_shown(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    worker(monkeypatch, tmp_path, "raise RuntimeError('an answer of somebody')")
    error = refused(path, "workbook_reader_stopped")
    assert "somebody" not in str(error)
    assert capfd.readouterr() == ("", "")


def test_much_chatter_of_a_worker_does_not_block_it(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker(monkeypatch, tmp_path, "sys.stderr.write('x' * 10**6); sys.exit(3)")
    refused(path, "workbook_reader_stopped")


@pytest.mark.parametrize(
    "code",
    [
        "time.sleep(60)",
        "sys.stdin.buffer.read()\nwhile True: pass",
        "os.close(1); time.sleep(60)",
        "import subprocess as s; s.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])",
    ],
)
def test_a_worker_that_takes_too_long_is_ended_with_all_it_started(
    code: str, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guarded, "_GRACE", 1.0)
    worker(monkeypatch, tmp_path, code)
    start = time.monotonic()
    error = refused(path, "workbook_time", Limits(seconds=0.5))
    assert "longer than 0.5 seconds" in error.what
    assert time.monotonic() - start < 20


@posix
def test_what_a_worker_has_started_ends_with_it(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = tmp_path / "pid"
    code = f"""
child = os.fork()
if child:
    open({str(note)!r}, "w").write(str(child))
time.sleep(60)
"""
    worker(monkeypatch, tmp_path, code)
    refused(path, "workbook_time", Limits(seconds=1))
    number = int(note.read_text())
    for _ in range(50):
        if not running(number):
            return
        time.sleep(0.1)
    os.kill(number, signal.SIGKILL)
    pytest.fail("the process is still there")


def running(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{number}/stat")
    try:
        # where nobody takes note of orphans they stay as zombies, which do nothing
        return state.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return not Path("/proc/self").exists()


@linux
@pytest.mark.parametrize(
    "code", ["x = bytes(2**30)", "x = [b'']\nwhile True: x.append(bytes(9**6))"]
)
def test_a_worker_that_asks_for_too_much_memory_is_refused(
    code: str, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker(monkeypatch, tmp_path, code)
    error = refused(path, "workbook_memory", Limits(memory=256 * 2**20))
    assert "256 MiB" in error.what


@linux
@pytest.mark.parametrize("memory", [24, 48, 96, 192])
def test_a_real_workbook_that_needs_more_memory_than_allowed_is_refused(
    memory: int, tmp_path: Path
) -> None:
    # one stray cell: nine million cells, 32 bytes each, and only then Python's own
    path = workbook(tmp_path / "far.xlsx", (899_999, 9))
    refused(path, "workbook_memory", Limits(memory=memory * 2**20))


def test_an_interpreter_that_is_not_there_is_no_fault_of_the_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for executable in (str(path.parent / "no-python"), "", None):
        monkeypatch.setattr(sys, "executable", executable)
        refused(path, "workbook_reader_missing")


# --- what a worker can say ---------------------------------------------------------------


def blocks(*parts: bytes | object) -> bytes:
    packed = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in parts]
    return b"".join(struct.pack("<Q", len(part)) + part for part in packed)


FACTS: dict[str, Any] = {"sheet": "S", "hidden": False, "width": 2, "height": 1, "rounded": []}
CELLS = array("I", [0, 1]).tobytes()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"hello",
        b"\xff" * 400,
        blocks(FACTS, ["a", "b"], CELLS),
        blocks(FACTS, ["a", "b"], CELLS, {"end": 2}),
        blocks(FACTS, ["a", "b"], CELLS, {"end": 1}, {"end": 1}),
        blocks(FACTS, ["a", "b"], CELLS, {"end": 1})[:-1],
        blocks(FACTS, ["a"], CELLS, {"end": 1}),
        blocks(FACTS, ["a", 2], CELLS, {"end": 1}),
        blocks(FACTS, ["a", ["b"]], CELLS, {"end": 1}),
        blocks(FACTS, ["a", "b"], CELLS[:-1], {"end": 1}),
        blocks(FACTS, ["a", "b"], CELLS[:-4], {"end": 1}),
        blocks({**FACTS, "width": 10**12, "height": 0}, [], b"", {"end": 2}),
        blocks({**FACTS, "width": -1, "height": -2}, ["a", "b"], CELLS, {"end": 2}),
        blocks({**FACTS, "width": "2"}, ["a", "b"], CELLS, {"end": 1}),
        blocks({**FACTS, "sheet": 5}, ["a", "b"], CELLS, {"end": 1}),
        blocks({**FACTS, "rounded": [["a", {}]]}, ["a", "b"], CELLS, {"end": 1}),
        blocks({"end": 0}, {}),
        blocks("problem"),
        blocks(["problem"]),
        blocks({"problem": "no such thing"}),
        blocks({"problem": []}),
        blocks(b"\xff\xfe"),
        blocks(b"[" * 100_000),
    ],
)
def test_an_answer_that_is_none_is_refused(
    answer: bytes, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = tmp_path / "said"
    said.write_bytes(answer)
    worker(monkeypatch, tmp_path, f"sys.stdout.buffer.write(open({str(said)!r}, 'rb').read())")
    refused(path, "workbook_answer")


def test_an_answer_without_end_is_cut_off(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker(monkeypatch, tmp_path, "while True: sys.stdout.write('x' * 10**6)")
    refused(path, "workbook_answer", Limits(answer=10**7))


def test_a_worker_without_its_library_says_so(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hide = "import runpy; sys.modules['python_calamine'] = None\n"
    run = f"runpy.run_path({workbook_worker.__file__!r}, run_name='__main__')"
    worker(monkeypatch, tmp_path, hide + run)
    refused(path, "workbook_reader_missing")


# --- how it is started -------------------------------------------------------------------


def test_a_worker_sees_no_secrets_and_nothing_of_the_folder_it_is_called_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWINIMPACT_KEY", "secret")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.syspath_prepend(str(tmp_path / "last"))
    script = tmp_path / "look.py"
    script.write_text(
        "import json, os, sys\n"
        "print(json.dumps([dict(os.environ), sys.path, sys.flags.isolated, sys.argv[1:],\n"
        "  os.getsid(0) == os.getpid() if hasattr(os, 'getsid') else True, sys.stdin.read()]))\n",
        encoding="utf-8",
    )
    environment, folders, isolated, arguments, session, read = json.loads(
        run_guarded(script, ("one", ""), (b"ab", b"c"), Limits())
    )
    assert "TWINIMPACT_KEY" not in environment and "HOME" not in environment
    assert str(tmp_path / "last") in folders[1:] and "" not in folders
    assert (isolated, arguments, session, read) == (1, ["one", ""], True, "abc")


@linux
def test_limits_hold_before_a_script_begins_and_nothing_is_dumped(tmp_path: Path) -> None:
    script = tmp_path / "look.py"
    script.write_text(
        "import json, resource as r\n"
        "limits = (r.RLIMIT_AS, r.RLIMIT_CPU, r.RLIMIT_CORE)\n"
        "print(json.dumps([r.getrlimit(limit)[0] for limit in limits]))",
        encoding="utf-8",
    )
    found = json.loads(run_guarded(script, (), (), Limits(memory=2**29, seconds=6.5)))
    assert found == [2**29, 7, 0]


@pytest.mark.parametrize("module", [workbook_worker, worker_start])
def test_a_worker_imports_nothing_but_the_reader_and_the_standard_library(module: Any) -> None:
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names | {
        "python_calamine"
    }


def test_any_way_of_starting_the_program_finds_the_worker(path: Path, tmp_path: Path) -> None:
    # a file of the same name in the folder of a call must not be taken for the reader
    (tmp_path / "python_calamine.py").write_text("raise SystemExit(9)", encoding="utf-8")
    code = (
        "import sys; from pathlib import Path; from twinimpact.ingest import read_tables; "
        f"print(tuple(read_tables(Path({path.name!r}))[0].rows))"
    )
    for way in ({"PYTHONPATH": str(ROOT)}, {"PYTHONPATH": os.path.relpath(ROOT, tmp_path)}):
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", code],
            cwd=tmp_path,
            env={**os.environ, **way},
            capture_output=True,
            text=True,
        )
        assert (done.stdout, done.stderr) == ("(('a', 'b'), ('', 'x'))\n", "")


# --- the same cells as ever --------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["excel_traps/deaths.xlsx", "excel_traps/sheetjs_1904.ods", "kobo/nested_repeats_xml.xlsx",
     "eusurvey/everse_content_export.xls"],
)  # fmt: skip
def test_the_worker_gives_the_cells_the_reader_gives(name: str) -> None:
    calamine = pytest.importorskip("python_calamine")
    source = fixture(name)
    data = source.read_bytes()
    kind = kind_of(data)
    checked = data if kind == "xls" else open_workbook(data, kind).data
    read = workbooks.read_sheets(checked, "f")
    book = calamine.CalamineWorkbook.from_path(str(source))
    assert [sheet.name for sheet in read] == book.sheet_names
    for sheet in read:
        rows = book.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
        texts = [[workbook_worker.as_text(cell) for cell in row] for row in rows]
        filled = [number for number, row in enumerate(texts, 1) if "".join(row).strip()]
        assert list(sheet.numbers) == filled
        for row, number in zip(sheet.rows, filled, strict=True):
            whole = texts[number - 1]
            assert list(row) == whole[: len(row)] and not any(whole[len(row) :])


def test_a_worker_that_cannot_answer_tells_its_kind(tmp_path: Path) -> None:
    script = tmp_path / "no.py"
    script.write_text("raise SystemExit(1)", encoding="utf-8")
    with pytest.raises(StoppedError) as caught:
        run_guarded(script, (), (b"x" * 10**6,), Limits())
    assert caught.value.kind == "crash"
