"""The command as it is really run, stopped and killed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("pyarrow")

from tests.batch.runs import COMMAND, batch, batch_process, everything, images, parts, states, table, urls
from tests.scanning.test_scan import heic
from tests.support import ROOT, png

posix = pytest.mark.skipif(os.name == "nt", reason="POSIX signals and processes")


@pytest.fixture
def pics(tmp_path: Path) -> Path:
    return images(tmp_path / "pics", 5)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return tmp_path / "run"


def times(text: str) -> str:
    return re.sub(r"\d+\.\d s", "N s", text)


def test_a_run_from_beginning_to_end(pics: Path, run: Path) -> None:
    (pics / "00003.png").write_bytes(b"milk")
    (pics / "notes.txt").write_bytes(b"milk")
    first = batch_process(pics, "-o", run, "--no-hash", "--rows", "2")
    assert (first.returncode, first.stdout, times(first.stderr)) == (
        1,
        "",
        "5 files listed in 3 parts, 1 passed over\n3 parts in N s: 3 read, 0 done before, 5 rows, 1 of them failed\n",
    )
    assert everything(run) == [
        *(f"manifest/part-0000{number}.parquet" for number in range(3)),
        *(f"rows/part-0000{number}.parquet" for number in range(3)),
        "run.json",
    ]
    assert urls(run) == urls(run, "manifest") == [path.as_uri() for path in sorted(pics.glob("*.png"))]
    status = batch("--status", run)
    assert (status.returncode, status.stdout, status.stderr) == (
        1,
        "parts   3 of 3\nrows    5 of 5\nfailed  1\n",
        "",
    )
    assert batch("--retry-failed", run, "-q").returncode == 1


def test_a_folder_without_images_tells_what_it_passed_over(tmp_path: Path, run: Path) -> None:
    folder = tmp_path / "archives"
    folder.mkdir()
    (folder / "a.zip").write_bytes(b"PK")
    done = batch(folder, "-o", run, "--no-hash")
    assert (done.returncode, done.stdout, times(done.stderr)) == (
        0,
        "",
        "0 files listed in 0 parts, 1 passed over, 1 of them archives (--archives reads them)\n"
        "0 parts in N s: 0 read, 0 done before, 0 rows, 0 of them failed\n",
    )


def test_a_rerun_reads_no_image_and_lists_nothing(pics: Path, run: Path) -> None:
    batch(pics, "-o", run, "--no-hash", "--rows", "2")
    before = states(run)
    for path in pics.iterdir():
        path.unlink()
    again = batch(pics, "-o", run, "--no-hash")
    assert (again.returncode, times(again.stderr)) == (
        0,
        "0 parts in N s: 0 read, 3 done before, 0 rows, 0 of them failed\n",
    )
    assert states(run) == before
    assert batch(run, "--status").stdout == "parts   3 of 3\nrows    5 of 5\nfailed  0\n"


def test_shares_together_are_all_of_it(pics: Path, run: Path) -> None:
    for share, done in (("0/2", {0, 2}), ("1/2", {0, 1, 2})):
        assert batch(pics, "-o", run, "--no-hash", "--rows", "2", "--part", share, "-q").returncode == 0
        assert {int(path.stem[-1]) for path in parts(run)} == done
    assert batch("--status", run).returncode == 0
    for path in parts(run):
        path.unlink()
    missing = batch("--status", run)
    assert (missing.returncode, missing.stdout) == (1, "parts   0 of 3; missing: 0 to 2\nrows    0 of 5\nfailed  0\n")
    assert batch("-o", run, "--no-hash", "--part", "2/2", "-q").returncode == 0
    assert [path.stem for path in parts(run)] == ["part-00000", "part-00002"]


@pytest.mark.parametrize("share", ["0/0", "3/2", "1", "-1/2", "a/b", "1/2/3", "9999999999/9999999999"])
def test_what_is_no_share(pics: Path, run: Path, share: str) -> None:
    ran = batch(pics, "-o", run, "--part", share)
    assert (ran.returncode, "is no share such as 3/16" in ran.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["pics"], 2, "give the run's folder: -o RUN"),
        (["--status"], 2, "take the folder of one run"),
        (["--status", "a", "b"], 2, "take the folder of one run"),
        (["--status", "pics"], 1, "Error: there is no run in"),
        (["-o", "run"], 1, "name what is to be read"),
        (["gone", "-o", "run"], 1, "Error: there is nothing at gone"),
        (["pics", "-o", "pics/00001.png"], 1, "Error: "),
        (["pics", "-o", "run", "--rows", "0"], 2, "0 is not in the range"),
    ],
)
@pytest.mark.usefixtures("pics")
def test_wrong_usage(tmp_path: Path, arguments: list[str], code: int, says: str) -> None:
    ran = batch(*arguments, cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (code, "")
    assert says in ran.stderr
    assert "Traceback" not in ran.stderr
    assert os.listdir(tmp_path) == ["pics"]


def test_other_options_are_an_error_that_helps(pics: Path, run: Path) -> None:
    batch(pics, "-o", run, "--no-hash")
    ran = batch(pics, "-o", run)
    assert (ran.returncode, ran.stderr) == (
        1,
        'Error: the run was begun with other options (hash was false, is "bilinear"): give the same again, or begin '
        "another folder\n",
    )


def test_paths_from_a_list(pics: Path, run: Path) -> None:
    listed = "".join(f"{path}\n" for path in sorted(pics.iterdir()))
    assert batch("--files-from", "-", "-o", run, "--no-hash", "-q", input=listed).returncode == 0
    assert urls(run) == [path.as_uri() for path in sorted(pics.iterdir())]


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@posix
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_killed_driver_leaves_only_whole_parts(tmp_path: Path, run: Path, workers: str) -> None:
    pics = images(tmp_path / "pics", 3000)
    arguments = [str(pics), "-o", str(run), "--no-hash", "--rows", "100", "-q", "--workers", workers]
    with subprocess.Popen([*COMMAND, *arguments]) as process:
        wait_until((run / "rows" / "part-00002.parquet").exists)
        process.kill()
    before = states(run)
    assert 3 <= len(before) < 30
    assert batch(*arguments).returncode == 0
    assert {name: state for name, state in states(run).items() if name in before} == before
    assert len(urls(run)) == len(set(urls(run))) == 3000
    assert urls(run) == urls(run, "manifest")
    assert [meta["seed"] for meta in table(run).column("meta").to_pylist()] == list(range(3000))
    assert not [name for name in everything(run) if not name.endswith((".parquet", "run.json"))]


def children(pid: int) -> list[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(child) for child in found.stdout.split()]


@posix
def test_a_killed_worker_costs_nothing(tmp_path: Path, run: Path) -> None:
    pics = images(tmp_path / "pics", 400)
    arguments = [str(pics), "-o", str(run), "--rows", "100", "--workers", "2"]
    with subprocess.Popen([*COMMAND, *arguments], stderr=subprocess.PIPE) as process:
        killed: set[int] = set()
        for number in range(3):
            wait_until((run / "rows" / f"part-0000{number}.parquet").exists)
            for child in children(process.pid)[:1]:
                os.kill(child, signal.SIGKILL)
                killed.add(child)
        assert process.wait(60) == 0
    assert len(killed) > 1
    assert len(set(urls(run))) == 400
    assert table(run).column("error").null_count == 400


@posix
def test_a_file_that_kills_its_process_costs_one_row(tmp_path: Path, run: Path) -> None:
    pics = images(tmp_path / "pics", 3)
    (pics / "00001.heic").write_bytes(heic())
    plugin = tmp_path / "pillow_heif"
    plugin.mkdir()
    (plugin / "__init__.py").write_text("import os\nos.kill(os.getpid(), 9)\n")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    ran = batch_process(pics, "-o", run, "--rows", "2", env=environment)
    assert (ran.returncode, ran.stderr.splitlines()[1].partition(": ")[2]) == (
        1,
        "2 read, 0 done before, 4 rows, 1 of them failed",
    )
    assert [error and error["type"] for error in table(run).column("error").to_pylist()] == [
        None,
        "WorkerDiedError",
        None,
        None,
    ]
    assert urls(run) == urls(run, "manifest")


def test_two_runs_at_once_never_mix(tmp_path: Path, run: Path) -> None:
    pics = images(tmp_path / "pics", 600)
    arguments = [str(pics), "-o", str(run), "--no-hash", "--rows", "50", "-q"]
    both = [subprocess.Popen([*COMMAND, *arguments], stderr=subprocess.PIPE) for _ in range(2)]
    assert [(process.communicate()[1], process.returncode) for process in both] == [(b"", 0)] * 2
    assert urls(run) == urls(run, "manifest")
    assert len(set(urls(run))) == 600
    assert [meta["seed"] for meta in table(run).column("meta").to_pylist()] == list(range(600))
    assert len(everything(run)) == 12 + 12 + 1


def test_a_damaged_manifest_is_told_and_others_go_on(pics: Path, run: Path) -> None:
    batch(pics, "-o", run, "--no-hash", "--rows", "2", "--part", "0/3", "-q")
    (run / "manifest" / "part-00001.parquet").write_bytes(b"milk")
    ran = batch(pics, "-o", run, "--no-hash")
    assert ran.returncode == 1
    told, summary = ran.stderr.splitlines()
    assert told.startswith("part 1 failed: manifest/part-00001.parquet is damaged: ")
    assert summary.endswith(": 1 read, 1 done before, 1 not; 1 rows, 0 of them failed")
    assert batch("--status", run).stdout.startswith("parts   2 of 3; missing: 1\n")


@posix
@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_keeps_the_parts_so_far(tmp_path: Path, run: Path) -> None:
    pics = images(tmp_path / "pics", 3000)
    arguments = [str(pics), "-o", str(run), "--no-hash", "--rows", "100", "--workers", "1"]
    with subprocess.Popen([*COMMAND, *arguments], stderr=subprocess.PIPE, text=True) as process:
        wait_until((run / "rows" / "part-00002.parquet").exists)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=30)
    assert process.returncode == 130, told
    assert re.fullmatch(
        r"30 parts interrupted after N s: \d+ read, 0 done before, \d+00 rows, 0 of them failed",
        times(told.splitlines()[1]),
    )
    assert batch(*arguments, "-q").returncode == 0
    assert len(set(urls(run))) == 3000


@posix
def test_a_terminal_shows_how_far_it_is(pics: Path, run: Path) -> None:
    import pty

    mine, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    (pics / "big.png").write_bytes(png(pixels=b""))
    with subprocess.Popen(
        [*COMMAND, str(images(pics / "more", 900)), str(pics), "-o", str(run), "--no-hash", "--workers", "1"],
        stderr=theirs,
        env=environment,
    ) as process:
        os.close(theirs)
        shown = b""
        while block := _read(mine):
            shown += block
    assert process.returncode == 0
    assert re.search(rb"[\d,]+ of 1,806 files", shown)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


def test_what_it_needs_is_named(pics: Path, run: Path) -> None:
    code = (
        "import sys; sys.modules['pyarrow'] = None; from extractor.cli.program import run; sys.exit(run(sys.argv[1:]))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, "batch", str(pics), "-o", str(run)], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (
        1,
        "Error: batch needs pyarrow: pip install 'ai-image-metadata[parquet]'\n",
    )


def test_the_run_file_tells_people_what_it_is(pics: Path, run: Path) -> None:
    batch(pics, "-o", run, "--no-hash", "--exclude", "*.jpg", "-q")
    told = json.loads((run / "run.json").read_text())
    assert (told["inputs"]["paths"], told["inputs"]["exclude"]) == ([str(pics)], ["*.jpg"])
    assert (told["parts"], told["files"], told["rows"]) == (1, 5, 10_000)
    assert told["options"] == {"hash": False, "raw": False, "foreignSidecars": True}
