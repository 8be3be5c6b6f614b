from __future__ import annotations

import threading

import pytest

from extractor.files.background import Background, interruptible, outcome


def test_results_and_errors_come_where_they_are_taken() -> None:
    def failing(error: BaseException) -> None:
        raise error

    assert interruptible(lambda: 5) == 5
    for error in (KeyError("x"), TimeoutError("x"), MemoryError()):
        with pytest.raises(type(error)) as caught:
            interruptible(lambda error=error: failing(error))  # type: ignore[misc]
        assert caught.value is error


def test_only_the_main_thread_has_another_one_do_it() -> None:
    assert interruptible(threading.current_thread) is not threading.current_thread()
    seen: list[bool] = []
    thread = threading.Thread(target=lambda: seen.append(interruptible(threading.current_thread) is thread))
    thread.start()
    thread.join()
    assert seen == [True]


def test_no_more_threads_than_were_asked_for() -> None:
    background, gate = Background(2), threading.Event()
    running: list[str] = []

    def work() -> str:
        running.append(threading.current_thread().name)
        gate.wait(10)
        return "done"

    futures = [background.submit(work) for _ in range(6)]
    gate.set()
    assert [outcome(future) for future in futures] == ["done"] * 6
    assert len(set(running)) <= 2
    background.close()


def test_what_was_not_begun_is_dropped() -> None:
    background, gate = Background(1), threading.Event()
    first = background.submit(lambda: gate.wait(10))
    later = background.submit(lambda: None)
    background.close()
    gate.set()
    assert outcome(first)
    assert not later.done()
