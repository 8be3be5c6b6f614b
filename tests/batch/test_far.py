"""Runs over a store, and in one."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from typing import Any

import pytest

pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")
pytest.importorskip("obstore")

from extractor.arrow import extract_batch  # noqa: E402
from extractor.batch.local import do_parts  # noqa: E402
from extractor.batch.manifest import Count  # noqa: E402
from extractor.batch.part import Hands, PartReport, retry_part, run_part  # noqa: E402
from extractor.batch.run import Run, begin, resume  # noqa: E402
from extractor.batch.runfile import Inputs  # noqa: E402
from extractor.batch.store import RemoteStore  # noqa: E402
from extractor.errors import BatchError, FileAccessError  # noqa: E402
from extractor.extraction.options import Options  # noqa: E402
from extractor.files import objectstore  # noqa: E402
from extractor.files.address import Address  # noqa: E402
from extractor.files.stores import forget_stores  # noqa: E402
from tests.rangeserver import Store, environment, etag_of, serving  # noqa: E402
from tests.support import INFOTEXT, png, text_chunk  # noqa: E402

FILES = 40


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    with serving() as store:
        for name, value in environment(store.port).items():
            monkeypatch.setenv(name, value)
        forget_stores()
        for number in range(FILES):
            text = INFOTEXT.replace("Seed: 1", f"Seed: {number}")
            store.objects[f"/b/pics/{number:03}.png"] = png(text_chunk("parameters", text))
        store.objects["/b/pics/notes.txt"] = b"milk"
        store.objects["/b/pics/.hidden/a.png"] = png()
        yield store
    forget_stores()


def run_of(place: str = "s3://b/run", rows: int = 25, *, hash: bool = False, source: str = "s3://b/pics") -> Run:
    return begin(Address(place), Inputs([Address(source)], {}, rows), Options(hash=hash))


def rows(bucket: Store) -> list[dict[str, Any]]:
    keys = sorted(key for key in bucket.objects if key.startswith("/b/run/rows/"))
    tables = [parquet.read_table(io.BytesIO(bucket.objects[key])) for key in keys]
    listed: list[dict[str, Any]] = pa.concat_tables(tables).to_pylist()
    return listed


@pytest.mark.parametrize("hash", [False, True])
def test_a_run_in_a_bucket(bucket: Store, hash: bool) -> None:
    count = Count()
    run = begin(Address("s3://b/run"), Inputs([Address("s3://b/pics")], {}, 25), Options(hash=hash), count)
    assert (run.parts, run.files, count.passed_over) == (2, FILES, 1)
    assert list(do_parts(run_part, run, range(2), Hands(2))) == [PartReport(0, rows=25), PartReport(1, rows=15)]
    made = rows(bucket)
    assert [row["url"] for row in made] == [f"s3://b/pics/{number:03}.png" for number in range(FILES)]
    assert [row["meta"]["seed"] for row in made] == list(range(FILES))
    assert [row["extraction"]["sha256"] is not None for row in made] == [hash] * FILES
    bucket.clear()
    joined = resume(Address("s3://b/run"))
    assert (joined.parts, joined.files, joined.finished()) == (2, FILES, {0, 1})
    assert not [path for _, path, _ in bucket.gets if path.startswith("/b/pics/")]


def test_busy_and_broken_answers_cost_nothing(bucket: Store) -> None:
    bucket.fault = lambda method, path, number: ("503", "cut")[number % 2] if number % 10 == 3 else None
    run = run_of()
    assert all(report.failed == 0 for report in do_parts(run_part, run, range(2), Hands()))
    assert len({row["url"] for row in rows(bucket)}) == FILES


def test_credentials_that_are_denied_fail_the_part(bucket: Store) -> None:
    run = run_of()
    bucket.fault = lambda method, path, number: "403" if path.startswith("/b/pics/") else None
    reports = list(do_parts(run_part, run, range(2), Hands()))
    assert all("denies access" in (report.problem or "") for report in reports)
    assert not [thread.name for thread in threading.enumerate() if "_work" in thread.name]  # none waits for more
    assert run.finished() == set()
    bucket.fault = None
    assert [report.problem for report in do_parts(run_part, run, range(2), Hands())] == [None, None]


@pytest.fixture
def _short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objectstore, "ANSWER_SECONDS", 1)
    monkeypatch.setattr(objectstore, "RETRY_SECONDS", 3)
    forget_stores()


@pytest.mark.usefixtures("_short_patience")
def test_a_server_that_hangs_once_costs_nothing(bucket: Store) -> None:
    run = run_of()
    hung: set[str] = set()

    def fault(method: str, path: str, number: int) -> str | None:
        if path not in ("/b/pics/003.png", "/b/pics/030.png") or path in hung:
            return None
        hung.add(path)
        return "hang"

    bucket.fault = fault
    assert list(do_parts(run_part, run, range(2), Hands())) == [PartReport(0, rows=25), PartReport(1, rows=15)]
    assert len(hung) == 2


@pytest.mark.usefixtures("_short_patience")
def test_an_object_that_always_hangs_is_one_row_and_can_be_retried(bucket: Store) -> None:
    run = run_of()
    bucket.fault = lambda method, path, number: "hang" if path == "/b/pics/007.png" else None
    assert list(do_parts(run_part, run, [0], Hands())) == [PartReport(0, rows=25, failed=1, transient=1)]
    assert rows(bucket)[7]["error"]["type"] == "TransientError"
    bucket.fault = None
    assert list(do_parts(retry_part, run, [0], Hands())) == [PartReport(0, rows=25)]
    assert [row["meta"]["seed"] for row in rows(bucket)] == list(range(25))


def test_one_private_object_is_one_row_and_can_be_retried(bucket: Store) -> None:
    run = run_of()
    bucket.fault = lambda method, path, number: "403" if path == "/b/pics/007.png" else None
    assert list(do_parts(run_part, run, [0], Hands())) == [PartReport(0, rows=25, failed=1, transient=1)]
    assert rows(bucket)[7]["error"]["type"] == "AccessDeniedError"
    bucket.fault = None
    assert list(do_parts(retry_part, run, [0], Hands())) == [PartReport(0, rows=25)]
    assert [row["meta"]["seed"] for row in rows(bucket)] == list(range(25))


def test_an_object_that_is_gone_is_one_row(bucket: Store) -> None:
    run = run_of()
    del bucket.objects["/b/pics/003.png"]
    assert list(do_parts(run_part, run, [0], Hands())) == [PartReport(0, rows=25, failed=1)]
    assert rows(bucket)[3]["url"] == "s3://b/pics/003.png"
    assert rows(bucket)[3]["error"]["type"] == "FileAccessError"


def replaced(rows: list[dict[str, Any]]) -> list[int]:
    """Places of the rows that say that their file is another one than was listed."""
    codes = [[warning["code"] for warning in row["extraction"]["warnings"] or ()] for row in rows]
    return [place for place, of_row in enumerate(codes) if "replaced-since-listed" in of_row]


@pytest.mark.parametrize("hash", [False, True])
@pytest.mark.parametrize("seed", ["7", "777"], ids=["same size", "other size"])
def test_an_object_replaced_since_it_was_listed_is_read_as_it_is_and_says_so(
    bucket: Store, seed: str, hash: bool
) -> None:
    run = run_of(hash=hash)
    new = png(text_chunk("parameters", INFOTEXT.replace("Seed: 1", f"Seed: {seed}")))
    bucket.objects["/b/pics/003.png"] = new
    assert list(do_parts(run_part, run, [0], Hands())) == [PartReport(0, rows=25)]
    made = rows(bucket)
    assert replaced(made) == [3]
    assert (made[3]["meta"]["seed"], made[3]["extraction"]["stamp"]["etag"]) == (int(seed), etag_of(new))


def test_an_object_that_is_replaced_whenever_it_is_read_is_mended_by_a_retry(bucket: Store) -> None:
    run = run_of()
    bucket.objects["/b/pics/003.png"] = whole = png(text_chunk("parameters", INFOTEXT), b"\0" * 400_000)
    turns = iter(range(1000))

    def replace(method: str, path: str, number: int) -> None:
        if path == "/b/pics/003.png":
            bucket.objects[path] = whole + bytes(next(turns))

    bucket.fault = replace
    assert list(do_parts(run_part, run, [0], Hands())) == [PartReport(0, rows=25, failed=1, transient=1)]
    assert rows(bucket)[3]["error"]["type"] == "ReplacedError"
    bucket.fault = None
    assert list(do_parts(retry_part, run, [0], Hands())) == [PartReport(0, rows=25)]
    assert rows(bucket)[3]["meta"]["seed"] == 1
    assert replaced(rows(bucket)) == [3]


def test_etags_without_quotes_in_a_listing_are_those_of_answers(bucket: Store) -> None:
    bucket.with_quotes = False
    run = run_of()
    bucket.clear()
    assert list(do_parts(run_part, run, [0], Hands())) == [PartReport(0, rows=25)]
    assert replaced(rows(bucket)) == []
    assert len([path for _, path, _ in bucket.gets if path.startswith("/b/pics/")]) == 25


def test_of_two_writers_one_wins(bucket: Store) -> None:
    store = RemoteStore("s3://b/run/")
    assert store.create("rows/a", b"one")
    assert not store.create("rows/a", b"two")
    assert (store.read("rows/a", 9), store.names("rows"), store.has("rows/b")) == (b"one", ["a"], False)
    assert store.read("rows/b", 9) is None
    with pytest.raises(BatchError, match="more than the 2 bytes"):
        store.read("rows/a", 2)
    store.replace("rows/a", b"three")
    assert store.read("rows/a", 9) == b"three"
    with pytest.raises(BatchError, match="rows/d is missing"):
        store.move("rows/c", "rows/d")


def test_a_lost_answer_does_not_lose_the_list(bucket: Store) -> None:
    """The first PUT of run.json is done, and its answer cut off: the second one finds a file that is its own."""
    lost: list[str] = []

    def fault(method: str, path: str, number: int) -> str | None:
        if method == "PUT" and path.endswith("run.json") and not lost:
            lost.append(path)
            return "cut"
        return None

    bucket.fault = fault
    run = run_of()
    assert lost
    assert all(report.problem is None for report in do_parts(run_part, run, range(2), Hands()))
    assert len(rows(bucket)) == FILES


def test_an_object_by_its_name_and_nothing_at_all(bucket: Store) -> None:
    assert run_of("s3://b/one", source="s3://b/pics/003.png").files == 1
    with pytest.raises(BatchError, match="there is nothing at s3://b/none/"):
        run_of("s3://b/two", source="s3://b/none/")
    with pytest.raises(FileAccessError, match="only to s3, gs and az"):
        run_of("https://127.0.0.1/run")


def test_a_table_of_addresses(bucket: Store) -> None:
    urls = ["s3://b/pics/001.png", "s3://b/pics/none.png", "nosuchscheme://x/y.png"]
    made = extract_batch(pa.table({"url": urls, "size": pa.array([None] * 3, pa.int64())}), hash=False).to_pylist()
    assert [row["url"] for row in made] == urls
    assert [row["meta"] and row["meta"]["seed"] for row in made] == [1, None, None]
