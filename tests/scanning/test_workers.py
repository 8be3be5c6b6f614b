from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest

from extractor.scanning import pool, process, workers
from extractor.scanning.workers import available_processors, run
from tests.jobs import Echo, Say

pytestmark = pytest.mark.skipif(os.name == "nt", reason="looks at processes the POSIX way")


def children() -> set[int]:
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(os.getpid())], capture_output=True, text=True, check=False
    )
    return {
        int(pid) for pid in found.stdout.split() if Path(f"/proc/{pid}/cmdline").exists() and b"serve()" in cmd(pid)
    }


def cmd(pid: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    yield
    assert children() == set()
    assert [thread.name for thread in threading.enumerate() if thread.daemon and "_work" in thread.name] == []


@pytest.mark.parametrize("count", [1, 2, 3, None])
@pytest.mark.parametrize("batch", [1, 4])
def test_results_come_in_the_order_of_the_items(count: int | None, batch: int) -> None:
    items = [Say("slow"), "ready", *(Say(f"t{number}") for number in range(9)), "ready too", "and this", Say("last")]
    assert list(run(items, Echo(batch), count)) == [
        "SLOW",
        "ready",
        *(f"T{number}" for number in range(9)),
        "ready too",
        "and this",
        "LAST",
    ]


@pytest.mark.parametrize("count", [1, 2, None])
def test_nothing_gives_nothing(count: int | None) -> None:
    assert list(run([], Echo(), count)) == []


def test_items_that_need_no_work_start_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process.subprocess, "Popen", None)
    assert list(run(map(str, range(1000)), Echo(), 2)) == [str(number) for number in range(1000)]


def test_a_little_work_starts_no_process_unless_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process.subprocess, "Popen", None)
    assert list(run([Say("pid")], Echo(), None)) == [str(os.getpid())]


def test_much_work_starts_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "available_processors", lambda: 2)
    pids = []
    results = run(chain([Say("slow")] * 2, repeat(Say("pid"))), Echo(), None)
    assert [next(results), next(results)] == ["SLOW", "SLOW"]
    end = time.monotonic() + 30
    while len(set(pids)) < 3 and time.monotonic() < end:
        pids.append(next(results))
    results.close()
    assert pids[0] == str(os.getpid()), "nothing is waited for while processes start"
    assert len(set(pids)) == 3
    assert str(os.getpid()) not in pids[pids.index(next(pid for pid in pids if pid != pids[0])) :]


def test_nothing_more_to_do_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "available_processors", lambda: 2)
    monkeypatch.setattr(process.subprocess, "Popen", None)
    items = [Say("slow"), Say("slow"), *map(str, range(1000))]
    assert list(run(items, Echo(), None)) == ["SLOW", "SLOW", *map(str, range(1000))]


@pytest.mark.parametrize("batch", [1, 4])
def test_a_task_that_kills_its_process_fails_alone(batch: int) -> None:
    tasks = [Say(text) for text in ("a", "die", "b", "exit", "c", "d")]
    assert list(run(tasks, Echo(batch), 2)) == [
        "A",
        "die: WorkerDiedError: the process that read it ended: signal 9",
        "B",
        "exit: WorkerDiedError: the process that read it ended: exit status 3",
        "C",
        "D",
    ]


def test_processes_killed_from_outside_are_replaced() -> None:
    results = run((Say("slow") for _ in range(12)), Echo(), 2)
    collected = [next(results)]
    victims = children()
    for pid in victims:
        os.kill(pid, signal.SIGKILL)
    collected += results
    died = "slow: WorkerDiedError: the process that read it ended: signal 9"
    assert len(victims) == 2
    assert len(collected) == 12
    assert set(collected) <= {"SLOW", died}
    assert collected.count(died) <= 2


def test_what_a_task_prints_reaches_nobody(capfd: pytest.CaptureFixture[str]) -> None:
    assert list(run([Say("print"), Say("a")], Echo(), 2)) == ["PRINT", "A"]
    assert capfd.readouterr() == ("", "")


def test_closing_ends_the_work_at_once() -> None:
    results = run([Say("a"), *(Say("hang") for _ in range(6))], Echo(), 2)
    assert next(results) == "A"
    while len(children()) < 2:
        time.sleep(0.01)
    start = time.monotonic()
    results.close()
    assert time.monotonic() - start < 1
    assert children() == set()


@pytest.mark.parametrize("delay", [0, 0.02, 0.05, 0.1, 0.2, 0.3])
def test_closing_while_processes_start_leaves_nothing(delay: float) -> None:
    def items() -> Iterator[Say]:
        yield from (Say("hang"), Say("hang"))
        time.sleep(delay)
        raise KeyError("source")

    start = time.monotonic()
    with pytest.raises(KeyError, match="source"):
        list(run(items(), Echo(), 2))
    assert time.monotonic() - start < 5


def test_an_iterator_that_is_let_go_of_ends_the_work() -> None:
    results = run([Say("a"), *(Say("hang") for _ in range(6))], Echo(), 2)
    next(results)
    del results
    assert children() == set()


def test_the_items_are_read_a_bounded_number_ahead() -> None:
    taken = 0

    def items() -> Iterator[Say]:
        nonlocal taken
        for taken in range(1, 10_000):  # noqa: B007 - counted outside
            yield Say("a")

    results = run(items(), Echo(4), 2)
    for _ in range(10):
        next(results)
    assert taken < 10 + 4 * 2 * pool._LOOK_AHEAD + 8
    results.close()


def test_the_others_go_on_while_one_task_takes_long() -> None:
    taken = 0

    def items() -> Iterator[Say]:
        nonlocal taken
        for taken in range(1, 10_000):
            yield Say("slow" if taken == 1 else "a")

    results = run(items(), Echo(), 2)
    assert next(results) == "SLOW"
    assert taken == 2 * pool._LOOK_AHEAD_TASKS + 1
    results.close()


def test_an_error_of_the_items_comes_out_and_ends_the_work() -> None:
    def items() -> Iterator[Say]:
        yield Say("a")
        raise KeyError("source")

    with pytest.raises(KeyError, match="source"):
        list(run(items(), Echo(), 2))


@pytest.mark.parametrize("executable", ["", "/usr/bin/uwsgi", "/no/such/python3"])
def test_without_an_interpreter_to_start_threads_do_the_work(monkeypatch: pytest.MonkeyPatch, executable: str) -> None:
    monkeypatch.setattr(process.sys, "executable", executable)
    assert list(run([Say("a"), Say("pid"), Say("b")], Echo(), 2)) == ["A", str(os.getpid()), "B"]


def test_an_interpreter_that_cannot_do_the_work_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_BOOT", "import sys; sys.exit(1) # serve()")
    started = []
    real = subprocess.Popen

    def counting(*arguments: Any, **named: Any) -> subprocess.Popen[bytes]:
        started.append(arguments)
        return real(*arguments, **named)

    monkeypatch.setattr(process.subprocess, "Popen", counting)
    assert list(run([Say("a"), *(Say("pid") for _ in range(20))], Echo(), 2)) == ["A", *[str(os.getpid())] * 20]
    assert 1 <= len(started) <= 2


def test_errors_of_a_job_done_by_a_thread_come_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process.sys, "executable", "")
    with pytest.raises(SystemExit):
        list(run([Say("a"), Say("exit")], Echo(), 2))


def test_it_works_from_a_thread() -> None:
    results: list[str] = []
    thread = threading.Thread(target=lambda: results.extend(run([Say("a"), Say("b")], Echo(), 2)))
    thread.start()
    thread.join()
    assert results == ["A", "B"]


def test_a_program_without_a_guarded_main_module_can_use_it(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    root = str(Path(__file__).parents[2])
    script.write_text(
        f"import sys; sys.path.insert(0, {root!r})\n"
        "from tests.jobs import Echo, Say\nfrom extractor.scanning.workers import run\n"
        "print(list(run([Say('a'), Say('b')], Echo(), 2)))\n"
    )
    process = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    assert (process.stdout, process.stderr) == ("['A', 'B']\n", "")


INTERRUPTED = """
import sys; sys.path.insert(0, sys.argv[1])
from tests.jobs import Echo, Say
from extractor.scanning.workers import run
for result in run([Say("a"), Say("a"), *(Say("hang") for _ in range(6))], Echo(), 2):
    print(result, flush=True)
"""


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_ends_everything_within_a_second() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(Path(__file__).parents[2])],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        assert [process.stdout.readline(), process.stdout.readline()] == ["A\n", "A\n"]
        workers_of_it = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True, check=True
        ).stdout.split()
        start = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        process.wait()
        took = time.monotonic() - start
        assert process.stderr.read().strip().endswith("KeyboardInterrupt")
    assert process.returncode == -signal.SIGINT
    assert took < 1
    assert len(workers_of_it) == 2
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers_of_it)


def test_workers_end_when_their_caller_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED.replace('"hang"', '"slow"'), str(Path(__file__).parents[2])],
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        pids = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True, check=True
        )
        process.kill()
    end = time.monotonic() + 10
    while any(b"serve()" in cmd(pid) for pid in pids.stdout.split()) and time.monotonic() < end:
        time.sleep(0.02)
    assert len(pids.stdout.split()) == 2
    assert not any(b"serve()" in cmd(pid) for pid in pids.stdout.split())


def test_processors_are_those_this_process_may_use() -> None:
    assert 1 <= available_processors() <= (os.cpu_count() or 1)


@pytest.mark.parametrize("count", [1, 2, None])
def test_isolated_tasks_are_never_done_here(count: int | None) -> None:
    items = [Say("pid"), "ready", Say("slow"), Say("slow"), Say("pid"), Say("pid")]
    results = list(run(items, Echo(), count, isolated=True))
    assert results[1:4] == ["ready", "SLOW", "SLOW"]
    pids = {results[0], *results[4:]}
    assert str(os.getpid()) not in pids
    assert len(pids) <= (count or available_processors())


@pytest.mark.parametrize("count", [1, 2, None])
def test_an_isolated_task_that_kills_its_process_fails_alone(count: int | None) -> None:
    tasks = [Say(text) for text in ("die", "a", "exit", "die", "b")]
    died = "WorkerDiedError: the process that read it ended:"
    assert list(run(tasks, Echo(), count, isolated=True)) == [
        f"die: {died} signal 9",
        "A",
        f"exit: {died} exit status 3",
        f"die: {died} signal 9",
        "B",
    ]


@pytest.mark.parametrize("count", [1, None])
def test_isolated_results_do_not_wait_for_the_next_item(count: int | None) -> None:
    taken = []

    def items() -> Iterator[Say]:
        for text in ("a", "b", "c"):
            taken.append(text)
            yield Say(text)

    results = run(items(), Echo(), count, isolated=True)
    for number, text in enumerate(("A", "B", "C"), 1):
        assert next(results) == text
        assert len(taken) == number


def test_isolated_items_that_need_no_work_start_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process.subprocess, "Popen", None)
    for count in (1, 2, None):
        assert list(run(["a", "b"], Echo(), count, isolated=True)) == ["a", "b"]


@pytest.mark.parametrize("count", [1, 2, None])
@pytest.mark.parametrize("isolated", [True, False])
def test_memory_that_runs_out_costs_one_task(count: int | None, isolated: bool) -> None:
    assert list(run([Say("a"), Say("memory"), Say("b")], Echo(), count, isolated=isolated)) == [
        "A",
        "memory: WorkerDiedError: memory ran out while it was read",
        "B",
    ]


@pytest.mark.parametrize("few", [0, 1, 3])
@pytest.mark.parametrize("isolated", [True, False])
def test_fewer_threads_than_workers(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, few: int, isolated: bool
) -> None:
    started = []
    real = threading.Thread.start

    def start(self: threading.Thread) -> None:
        if len(started) >= few:
            raise RuntimeError("can't start new thread")
        started.append(self)
        real(self)

    monkeypatch.setattr(threading.Thread, "start", start)
    tasks = [Say(f"t{number}") for number in range(40)]
    assert list(run(tasks, Echo(), 8, isolated=isolated)) == [f"T{number}" for number in range(40)]
    assert [record.getMessage() for record in caplog.records] == [
        "fewer workers than there could be: can't start new thread"
    ]
    assert not any(thread.is_alive() for thread in started)


@pytest.mark.parametrize("few", [0, 1, 3])
def test_fewer_processes_than_workers(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, few: int
) -> None:
    started = []
    real = subprocess.Popen

    def popen(*arguments: Any, **named: Any) -> subprocess.Popen[bytes]:
        if len(started) >= few:
            raise OSError(11, "Resource temporarily unavailable")
        started.append(arguments)
        return real(*arguments, **named)

    monkeypatch.setattr(process.subprocess, "Popen", popen)
    tasks = [Say("pid") for _ in range(60)]
    pids = set(run(tasks, Echo(), 8))
    assert len(pids) <= max(1, few)
    assert (str(os.getpid()) in pids) == (few == 0)
    assert len(caplog.records) == 1


SHORT = """
import resource, sys
resource.setrlimit(getattr(resource, sys.argv[1]), (int(sys.argv[2]),) * 2)
sys.path.insert(0, sys.argv[3])
from extractor.scanning.workers import run
from tests.jobs import Echo, Read
print(list(run([Read(sys.argv[4])] * 300, Echo(), 30)) == [b"here"] * 300)
"""


@pytest.mark.parametrize(("resource", "most"), [("RLIMIT_NOFILE", 20), ("RLIMIT_NOFILE", 9), ("RLIMIT_AS", 180 << 20)])
def test_a_machine_with_little_room_reads_every_file(tmp_path: Path, resource: str, most: int) -> None:
    (tmp_path / "file").write_bytes(b"here")
    arguments = [resource, str(most), str(Path(__file__).parents[2]), str(tmp_path / "file")]
    ran = subprocess.run([sys.executable, "-c", SHORT, *arguments], capture_output=True, text=True, check=True)
    assert ran.stdout == "True\n"
    assert ran.stderr.startswith("fewer workers than there could be: ")
    assert ran.stderr.count("\n") == 1
