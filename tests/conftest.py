from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.rangeserver import Store, environment, serving

settings.register_profile("suite", deadline=None)  # on a busy machine, 200 ms of one example say nothing of it
settings.load_profile("suite")
# Tests start hundreds of interpreters, each of which would compile the package anew: a third of their time.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Children can be sent Ctrl-C, which those of a process in the background ignore otherwise."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store on 127.0.0.1 that this process takes for S3; its bucket is ``b``. Nothing is waited for long."""
    pytest.importorskip("obstore")
    from extractor.files import objectstore, stores

    with serving() as served:
        for name, value in environment(served.port).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(objectstore, "ANSWER_SECONDS", 1)
        monkeypatch.setattr(objectstore, "RETRIES", 3)
        monkeypatch.setattr(objectstore, "RETRY_SECONDS", 3)
        monkeypatch.setattr(objectstore, "PAUSE_SECONDS", (0.01, 0.05))
        stores.forget_stores()
        yield served
        stores.forget_stores()
