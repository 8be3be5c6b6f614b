"""The command as it is really run: its own process, pipes, terminals and signals."""

from __future__ import annotations

import array
import fcntl
import json
import os
import resource
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest

from tests.support import INFOTEXT, png, text_chunk

COMMAND = [sys.executable, "-m", "extractor"]


@pytest.mark.parametrize("closed", ["<&- >&-", "<&- 2>&-"])
def test_streams_that_are_closed(tmp_path: Path, closed: str) -> None:
    (tmp_path / "cat.png").write_bytes(png(text_chunk("parameters", INFOTEXT)))
    shell = f"exec '{sys.executable}' -m extractor cat.png --no-hash {closed}"
    ran = subprocess.run(["sh", "-c", shell], capture_output=True, check=False, cwd=tmp_path)
    assert ran.returncode == 0
    assert ran.stdout.startswith(b'{"path":"cat.png"') == ("2>&-" in closed)
    assert b"Traceback" not in ran.stderr


def images(folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:05}.png").write_bytes(png(text_chunk("parameters", INFOTEXT)))
    return folder


def test_python_m_extractor(tmp_path: Path) -> None:
    pics = images(tmp_path / "pics", 2)
    ran = subprocess.run([*COMMAND, str(pics), "--no-hash"], capture_output=True, check=False)
    assert ran.returncode == 0
    assert [json.loads(line)["meta"]["seed"] for line in ran.stdout.splitlines()] == [1, 1]
    assert ran.stderr.splitlines()[1:] == [b"generators: a1111 2"]
    assert subprocess.run([*COMMAND], capture_output=True, check=False).returncode == 2
    assert subprocess.run([*COMMAND, "gone.png", "-q"], capture_output=True, check=False).returncode == 1


def test_a_terminal_that_knows_only_ascii(tmp_path: Path) -> None:
    (tmp_path / "テ.png").write_bytes(png(text_chunk("parameters", b"\xe3\x83\x86\nSteps: 20, Seed: 1, Sampler: x")))
    for arguments in (["テ.png", "--no-hash"], ["show", "テ.png", "--no-hash"], ["gone-テ.png", "--format", "table"]):
        ran = subprocess.run(
            [*COMMAND, *arguments],
            capture_output=True,
            check=False,
            cwd=tmp_path,
            env={**os.environ, "PYTHONIOENCODING": "ascii"},
        )
        assert b"Traceback" not in ran.stderr
        assert ran.returncode == (1 if "gone-テ.png" in arguments else 0)


def test_a_reader_that_goes_away_ends_it_quietly(tmp_path: Path) -> None:
    pics = images(tmp_path / "pics", 500)
    with subprocess.Popen(
        [*COMMAND, str(pics), "--no-hash", "-q"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 0


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
@pytest.mark.parametrize("arguments", [["cat.png", "--no-hash"], ["show", "cat.png"], ["schema"], ["parse", "a cat"]])
def test_a_full_disk_on_stdout_is_said(tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "cat.png").write_bytes(png(text_chunk("parameters", INFOTEXT)))
    with open("/dev/full", "wb") as full:
        ran = subprocess.run([*COMMAND, *arguments], stdout=full, stderr=subprocess.PIPE, check=False, cwd=tmp_path)
    assert ran.returncode == 1
    assert ran.stderr == b"Error: No space left on device\n"


def test_a_full_disk_leaves_the_old_output(tmp_path: Path) -> None:
    pics = images(tmp_path / "pics", 100)
    output = tmp_path / "rows.csv"
    output.write_text("old")

    def small_files() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    ran = subprocess.run(
        [*COMMAND, str(pics), "--no-hash", "-q", "-o", str(output)],
        capture_output=True,
        check=False,
        preexec_fn=small_files,
    )
    assert (ran.returncode, ran.stderr) == (1, f"Error: {output}: File too large\n".encode())
    assert output.read_text() == "old"
    assert sorted(os.listdir(tmp_path)) == ["pics", "rows.csv"]


def interrupt(process: subprocess.Popen[bytes]) -> float:
    """Send Ctrl-C; the seconds until it ended."""
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.wait(30)
    return time.monotonic() - started


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_keeps_the_rows_so_far(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    pics = images(tmp_path / "pics", 3)
    with (
        open(writer, "wb", buffering=0) as listed,
        subprocess.Popen(
            [*COMMAND, "--files-from", "-", "--no-hash"],
            stdin=reader,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process,
    ):
        os.close(reader)
        assert process.stdout is not None
        assert process.stderr is not None
        listed.write(b"".join(os.fsencode(pics / f"{number:05}.png") + b"\n" for number in range(3)))
        rows = [json.loads(process.stdout.readline()) for _ in range(3)]
        assert interrupt(process) < 10
        assert process.returncode == 130
        assert [row["meta"]["seed"] for row in rows] == [1, 1, 1]
        assert process.stderr.read().strip().startswith(b"3 files interrupted after ")


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.csv", "rows.parquet"])
@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_leaves_the_old_output(tmp_path: Path, name: str) -> None:
    images(tmp_path / "pics", 3)
    output = tmp_path / name
    output.write_text("old")
    with subprocess.Popen(
        [*COMMAND, "pics", "--files-from", "-", "--no-hash", "-q", "-o", name, "--errors", "errors.jsonl"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
    ) as process:
        assert process.stdin is not None
        process.stdin.write(b"pics/00000.png\n")
        process.stdin.flush()
        wait_until(lambda: unread(process.stdin) == 0)
        assert len(os.listdir(tmp_path)) == 4
        assert interrupt(process) < 10
        assert process.returncode == 130
    assert output.read_text() == "old"
    assert sorted(os.listdir(tmp_path)) == ["pics", name]


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_leaves_a_catalog_of_whole_images(tmp_path: Path) -> None:
    images(tmp_path / "pics", 50)
    with subprocess.Popen(
        [*COMMAND, "--files-from", "-", "--no-hash", "-o", "catalog.db"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
    ) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(b"".join(b"pics/%05d.png\n" % number for number in range(50)))
        process.stdin.flush()
        wait_until(lambda: unread(process.stdin) == 0)
        wait_until((tmp_path / "catalog.db-wal").exists)
        time.sleep(1)  # rows that wait for their transaction show nowhere
        assert interrupt(process) < 10
        assert process.returncode == 130
        done = int(process.stderr.read().split()[0])
    assert done > 0
    again = subprocess.run(
        [*COMMAND, "pics", "--no-hash", "-o", "catalog.db"], capture_output=True, check=True, cwd=tmp_path
    )
    # The image that was being written when the signal came may be counted and not be there.
    assert any(
        f"{50 - stored} with metadata, 0 without, {stored} unchanged, 0 failed".encode() in again.stderr
        for stored in {done, done - 1} - {0}
    ) or (done == 1 and b"50 with metadata" in again.stderr)


def unread(pipe: IO[bytes] | None) -> int:
    """Bytes in a pipe that its reader has not taken yet."""
    assert pipe is not None
    count = array.array("i", [0])
    fcntl.ioctl(pipe, termios.FIONREAD, count)
    return count[0]


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.usefixtures("interruptible")
def test_on_a_terminal_a_table_with_progress_below(tmp_path: Path) -> None:
    import pty

    images(tmp_path / "pics", 3)
    out, err = pty.openpty(), pty.openpty()
    with subprocess.Popen(
        [*COMMAND, "pics", "--files-from", "-", "--no-hash"],
        stdin=subprocess.PIPE,
        stdout=out[1],
        stderr=err[1],
        cwd=tmp_path,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100", "NO_COLOR": "1"},
    ) as process:
        os.close(out[1])
        os.close(err[1])
        time.sleep(1)
        assert process.stdin is not None
        process.stdin.close()
        process.wait(30)
    rows, progress = drain(out[0]), drain(err[0])
    assert rows.splitlines() == [
        "file         size  generator  sampler  steps  CFG  seed  prompt",
        "pics/",
        *(f"  {number:05}.png  1x1   a1111      Euler a     20    7     1  a cat" for number in range(3)),
    ]
    assert "3 files" in progress
    assert process.returncode == 0


def drain(terminal: int) -> str:
    data = b""
    try:
        while block := os.read(terminal, 65536):
            data += block
    except OSError:  # Linux says so when the other end is closed
        pass
    os.close(terminal)
    return data.decode()


@pytest.mark.parametrize("arguments", [["--version"], ["--help"]])
def test_the_start_needs_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys; from extractor.cli.program import run; code = run(sys.argv[1:]);"
        "heavy = {'pydantic', 'rich', 'numpy', 'PIL', 'piexif', 'sqlite3', 'pyarrow', 'extractor.extraction.extract'};"
        "sys.exit(code or ' '.join(heavy & set(sys.modules)) or 0)"
    )
    ran = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_show_needs_no_pixels_and_no_progress(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(text_chunk("parameters", INFOTEXT)))
    code = (
        "import sys; from extractor.cli.program import run; code = run(sys.argv[1:]);"
        "heavy = {'rich.console', 'rich.progress', 'numpy', 'PIL', 'sqlite3', 'pyarrow', 'multiprocessing'};"
        "sys.exit(code or ' '.join(heavy & set(sys.modules)) or 0)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, "show", "a.png", "--no-hash"], capture_output=True, check=False, cwd=tmp_path
    )
    assert (ran.returncode, ran.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("words", "position", "completed"),
    [
        ("extractor sh", 1, "plain,show"),
        ("extractor show --raw", 2, "plain,--raw\nplain,--raw-source"),
        ("extractor scan --format c", 3, "plain,csv"),
        ("extractor pics", 1, "file,pics"),
        ("extractor show pics", 2, "file,pics"),
        ("extractor scan pics", 2, "file,pics"),
        ("extractor sidecar --color a", 3, "plain,auto\nplain,always"),
    ],
)
def test_shells_complete_commands_options_and_paths(words: str, position: int, completed: str) -> None:
    environment = {"COMP_WORDS": words, "COMP_CWORD": str(position), "_EXTRACTOR_COMPLETE": "bash_complete"}
    ran = subprocess.run(COMMAND, capture_output=True, check=True, text=True, env={**os.environ, **environment})
    assert ran.stdout.strip() == completed
