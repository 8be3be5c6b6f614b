"""Runs over archives: each is one row of the manifest, and its rows are those that a scan of it gives."""

from __future__ import annotations

import io
import pickle
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

from extractor import scan  # noqa: E402
from extractor.arrow import SCHEMA  # noqa: E402
from extractor.batch import part as module  # noqa: E402
from extractor.batch.local import do_parts  # noqa: E402
from extractor.batch.manifest import Count  # noqa: E402
from extractor.batch.part import Hands, PartReport, alone, attempt_status, retry_part, run_part  # noqa: E402
from extractor.batch.run import Run, begin, resume  # noqa: E402
from extractor.batch.runfile import Inputs  # noqa: E402
from extractor.errors import BatchError, TransientError  # noqa: E402
from extractor.export.nested import fitted_row  # noqa: E402
from extractor.extraction.options import Options  # noqa: E402
from extractor.files.address import address_of  # noqa: E402
from extractor.files.remote import RangeFetch  # noqa: E402
from extractor.limits import KIB  # noqa: E402
from tests.batch.runs import batch, parts, states, table, urls  # noqa: E402
from tests.rangeserver import Store  # noqa: E402
from tests.support import INFOTEXT, png, text_chunk, zip_of  # noqa: E402

HASHES = [False, True]


def picture(seed: int) -> bytes:
    return png(text_chunk("parameters", INFOTEXT.replace("Seed: 1", f"Seed: {seed}")))


def tar_of(names: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, data in names.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), 1_700_000_000
            archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def parquet_of(**columns: Any) -> bytes:
    stream = io.BytesIO()
    parquet.write_table(pa.table(columns), stream)
    return stream.getvalue()


SHARD = {"1.png": picture(1), "1.txt": b"a caption", "2.png": b"milk", "3": picture(3)}
FILES = {
    "a.png": picture(100),
    "b.tar": tar_of(SHARD),
    "c/d.zip": zip_of(SHARD),
    "c/e.parquet": parquet_of(
        image=[{"bytes": picture(5), "path": "5.png"}, None, {"bytes": picture(6), "path": None}]
    ),
    "f.png": picture(101),
    "g.zip": zip_of({}),
    "h.tar": tar_of({"1.png": picture(7), "2.png": picture(8)})[:1600],
    "i.zip": b"PK\3\4" + bytes(600),
    "j.tar": picture(9),
    "k.txt": b"milk",
    "l.tar.gz": b"\x1f\x8b\x08" + bytes(600),
}
SEEDS = [100, 1, None, 3, 1, None, 3, 5, 6, 101, 7, None, None, 9]
COUNTS = [1, 3, 3, 2, 1, 0, 2, 1, 1]


class Place(NamedTuple):
    """Where the same files are, and where a run's folder may be."""

    files: str
    run: str
    store: Store | None

    def rows(self) -> Any:
        """All rows of the run."""
        if self.store is None:
            return table(Path(self.run))
        keys = sorted(key for key in self.store.objects if key.startswith("/b/run/rows/"))
        return pa.concat_tables([parquet.read_table(io.BytesIO(self.store.objects[key])) for key in keys])


@pytest.fixture(params=["here", "far"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "far":
        store: Store = request.getfixturevalue("store")
        store.objects |= {f"/b/p/{name}": data for name, data in FILES.items()}
        return Place("s3://b/p/", "s3://b/run", store)
    for name, data in FILES.items():
        path = tmp_path / "p" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return Place(str(tmp_path / "p"), str(tmp_path / "run"), None)


def begun(
    place: Place, paths: Sequence[str] = (), *, rows: int | None = None, hash: bool = False, column: str | None = None,
    count: Count | None = None, **filters: Any,
) -> Run:  # fmt: skip
    given = [address_of(path) or path for path in paths or [place.files]]
    inputs = Inputs(given, {"archives": True, **filters}, rows, column=column)
    return begin(address_of(place.run) or place.run, inputs, Options(hash=hash, foreign_sidecars=None), count)


def do(run: Run, work: Any = run_part, workers: int = 1) -> list[PartReport]:
    return list(do_parts(work, run, range(run.parts), Hands(workers)))


def seeds(rows: Any) -> list[int | None]:
    return [meta and meta["seed"] for meta in rows.column("meta").to_pylist()]


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row as every route gives it."""
    error = row["error"] and (row["error"]["type"], row["error"]["message"])
    return {**row, "error": error, "url": row["url"] if error is None else None}


@pytest.mark.parametrize("hash", HASHES)
def test_rows_are_those_of_a_scan(place: Place, hash: bool) -> None:
    count = Count()
    run = begun(place, hash=hash, count=count)
    assert (run.parts, run.files, run.archives, run.rows_of([0])) == (1, 9, 7, None)
    assert (count.passed_over, count.archives_passed_over) == (2, 0)
    assert do(run, workers=2) == [PartReport(0, rows=sum(COUNTS), failed=4)]
    rows = place.rows()
    assert rows.schema == SCHEMA
    assert seeds(rows) == SEEDS
    scanned = list(scan(place.files, remote=True, hash=hash, foreign_sidecars=None, archives=True))
    expected = [fitted_row(result) for result in scanned if not result.passed_over]
    schema = pa.Table.from_pylist(expected, schema=SCHEMA).to_pylist()
    assert [plain(row) for row in rows.to_pylist()] == [plain(row) for row in schema]


def test_urls_of_rows_and_what_the_manifest_has(place: Place) -> None:
    run = begun(place)
    do(run)
    root = place.files if place.store else f"{Path(place.files).as_uri()}/"
    assert [url.replace(root, "") for url in place.rows().column("url").to_pylist()] == [
        "a.png",
        *(f"tar://{name}::b.tar" for name in ("1.png", "2.png", "3")),
        *(f"zip://{name}::c/d.zip" for name in ("1.png", "2.png", "3")),
        *(f"parquet://image/{row}::c/e.parquet" for row in (0, 2)),
        "f.png",
        "tar://1.png::h.tar",
        "tar://2.png::h.tar",
        "i.zip",
        "j.tar",
    ]  # fmt: skip
    if place.store is None:
        listed = table(Path(place.run), "manifest").select(["url", "archive", "size"]).to_pylist()
        names = [name for name in FILES if not name.startswith(("k", "l"))]
        assert listed == [
            {"url": root + name, "archive": not name.endswith(".png"), "size": len(FILES[name])} for name in names
        ]


def test_archives_in_folders_are_passed_over_unless_asked_for(place: Place) -> None:
    count = Count()
    run = begun(place, archives=False, count=count)
    assert (run.files, run.archives, count.passed_over, count.archives_passed_over) == (2, 0, 9, 7)
    do(run)
    assert seeds(place.rows()) == [100, 101]


def test_archives_that_are_named_are_gone_through(place: Place) -> None:
    join = "" if place.files.endswith("/") else "/"
    names = [f"{place.files}{join}{name}" for name in ("b.tar", "l.tar.gz", "c/d.zip")]
    run = begun(place, names, archives=False, exclude=("3",))
    assert run.archives == 3
    do(run)
    rows = place.rows()
    assert seeds(rows) == [1, None, None, 1, None]
    assert "gunzip" in rows.column("error").to_pylist()[2]["message"]


def test_globs_choose_in_archives_as_in_folders(place: Place) -> None:
    run = begun(place, include=("1.png", "a.png"), exclude=("c", "h.*", "i.*", "j.*"))
    do(resume(address_of(place.run) or place.run))
    assert seeds(place.rows()) == [100, 1]
    assert run.files == 3


def test_the_column_of_a_table(tmp_path: Path) -> None:
    data = parquet_of(before=[picture(1)], after=[picture(2)])
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "x.parquet").write_bytes(data)
    seen = []
    for column in (None, "before", "after", "none"):
        place = Place(str(tmp_path / "p"), str(tmp_path / f"run-{column}"), None)
        begun(place, column=column)
        do(resume(place.run))
        seen += seeds(place.rows())
    assert seen == [None, 1, 2, None]
    assert "say --image-column" in place.rows().column("error").to_pylist()[0]["message"]
    with pytest.raises(BatchError, match="chooses them otherwise"):
        begun(place, column="after")


def test_parts_are_cut_by_the_size_of_archives(tmp_path: Path) -> None:
    folder = tmp_path / "p"
    folder.mkdir()
    sizes = {"a.tar": 300, "b.tar": 100, "c.tar": 250, "d.tar": 5000, "e.png": 9000, "f.png": 1, "g.tar": 1}
    for name, size in sizes.items():
        (folder / name).write_bytes(bytes(size * KIB))
    run = begun(Place(str(folder), str(tmp_path / "run"), None), rows=4)
    cut = [
        [url.rpartition("/")[2] for url in parquet.read_table(path).column("url").to_pylist()]
        for path in parts(tmp_path / "run", "manifest")
    ]
    assert cut == [["a.tar", "b.tar", "c.tar"], ["d.tar"], ["e.png", "f.png", "g.tar"]]
    assert (run.parts, run.files, run.archives) == (3, 7, 5)


def test_one_part_after_the_other_and_none_twice(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    run = pickle.loads(pickle.dumps(begun(place, rows=2)))
    assert run.parts == 5
    assert alone(run_part, run, 1) == PartReport(1, rows=5, failed=1)
    assert [report.rows for report in do(run)] == [4, 0, 1, 3, 1]
    assert seeds(place.rows()) == SEEDS
    assert run.finished() == set(range(5))
    assert attempt_status(run, 1) == PartReport(1, rows=5, failed=1, is_new=False)
    monkeypatch.setattr(module, "read_all", None)
    assert do(run) == [PartReport(number, is_new=False) for number in range(5)]


class Failing:
    """Has ranges of one object fail from some byte on, until it is mended."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, first: int) -> None:
        self.first: int | None = first
        self.tries = 0
        fetch = RangeFetch.__call__

        def call(this: RangeFetch, start: int, end: int) -> bytes:
            if this._key.endswith("b.tar") and self.first is not None and end > self.first:
                self.tries += 1
                raise TransientError(None, "busy")
            return fetch(this, start, end)

        monkeypatch.setattr(RangeFetch, "__call__", call)


@pytest.fixture
def shards(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setattr("extractor.files.ahead.BLOCK", 64 * KIB)
    store.objects["/b/p/a.png"] = picture(100)
    members = {f"{number}.png": picture(number) + bytes(200 * KIB) for number in range(1, 10)}
    store.objects["/b/p/b.tar"] = tar_of(members)
    store.objects["/b/p/c.png"] = picture(101)
    yield Place("s3://b/p/", "s3://b/run", store)


def test_a_store_that_fails_within_an_archive_is_mended_by_a_retry(
    shards: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = Failing(monkeypatch, 1000 * KIB)
    run = begun(shards)
    (report,) = do(run)
    assert (report.failed, report.transient, report.problem) == (1, 1, None)
    before = shards.rows()
    found = seeds(before)
    assert found == [100, 1, 2, 3, 4, None, 101]
    assert before.column("url").to_pylist()[-2] == "s3://b/p/b.tar"
    assert failing.tries >= 2  # once more at the end of the part
    failing.first = 300 * KIB
    (worse,) = do(run, retry_part)
    assert (worse.rows, worse.failed, worse.transient) == (report.rows, 1, 1)
    assert shards.rows() == before  # what was read stays
    failing.first = None
    assert shards.store is not None
    data = shards.store.objects.pop("/b/p/b.tar")
    (gone,) = do(run, retry_part)
    assert (gone.rows, gone.transient) == (report.rows, 1)
    shards.store.objects["/b/p/b.tar"] = data
    assert do(run, retry_part) == [PartReport(0, rows=11)]
    assert seeds(shards.rows()) == [100, *range(1, 10), 101]
    assert do(run, retry_part) == [PartReport(0, rows=11, is_new=False)]


def test_a_store_that_fails_for_a_while_costs_nothing(shards: Place) -> None:
    assert shards.store is not None
    shards.store.fault = lambda method, path, number: ("503", "cut")[number % 2] if number % 5 == 3 else None
    assert do(begun(shards)) == [PartReport(0, rows=11)]
    assert seeds(shards.rows()) == [100, *range(1, 10), 101]


@pytest.mark.parametrize("new", [1, 12])
def test_an_archive_replaced_since_it_was_listed_is_read_as_it_is_and_says_so(shards: Place, new: int) -> None:
    assert shards.store is not None
    run = begun(shards)
    shards.store.objects["/b/p/b.tar"] = tar_of({f"{number}.png": picture(number + 20) for number in range(new)})
    assert do(run) == [PartReport(0, rows=new + 2)]
    rows = shards.rows()
    assert seeds(rows) == [100, *range(20, 20 + new), 101]
    codes = [[one["code"] for one in found["warnings"] or ()] for found in rows.column("extraction").to_pylist()]
    assert codes == [[], *[["replaced-since-listed"]] * new, []]


def test_denied_archives_fail_the_part(shards: Place) -> None:
    assert shards.store is not None
    run = begun(shards, exclude=("*.png",))
    shards.store.fault = lambda method, path, number: "403" if path.startswith("/b/p/") else None
    (report,) = do(run)
    assert "denies access" in (report.problem or "")
    assert run.finished() == set()


def test_more_rows_than_a_part_may_have(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PART_ROWS", sum(COUNTS) - 1)
    (report,) = do(begun(place))
    assert report.problem == f"more than {sum(COUNTS) - 1} rows: an archive of so many files is read by extractor scan"


@pytest.mark.parametrize("counts", [b"1,1", b"1,-1,1", b"", b"x", b"1,,1", b"99999999999999999999", b"1,1,1"])
def test_counts_that_lie(tmp_path: Path, counts: bytes) -> None:
    place = Place(str(tmp_path / "p"), str(tmp_path / "run"), None)
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "a.zip").write_bytes(zip_of(SHARD))
    run = begun(place)
    error = {"type": "TransientError", "message": "busy", "transient": True}
    rows = pa.Table.from_pylist([dict.fromkeys(SCHEMA.names) | {"error": error}] * 3, schema=SCHEMA)
    (tmp_path / "run" / "rows").mkdir()
    path = tmp_path / "run" / "rows" / "part-00000.parquet"
    parquet.write_table(rows.replace_schema_metadata({b"extractor.counts": counts}), path)
    (report,) = do(run, retry_part)
    assert report.problem is not None
    parquet.write_table(rows.replace_schema_metadata({b"extractor.counts": b"3"}), path)
    assert do(run, retry_part) == [PartReport(0, rows=3, failed=1)]


def test_the_command(tmp_path: Path) -> None:
    for name, data in FILES.items():
        (tmp_path / "p" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "p" / name).write_bytes(data)
    run = tmp_path / "run"
    done = batch(tmp_path / "p", "-o", run, "--archives", "--image-column", "image", "--no-hash", "--rows", "3")
    assert done.returncode == 1
    assert done.stderr.startswith("9 files (7 of them archives) listed in 3 parts, 2 passed over\n")
    assert "3 read, 0 done before, 14 rows, 4 of them failed" in done.stderr
    assert seeds(table(run)) == SEEDS
    assert len(set(urls(run))) == 14
    before = states(run)
    again = batch(tmp_path / "p", "-o", run, "--archives", "--image-column", "image", "--no-hash")
    assert (again.returncode, states(run)) == (0, before)
    assert batch("--status", run).stdout == "parts   3 of 3\nrows    14 of 9 files (7 of them archives)\nfailed  4\n"
    other = batch(tmp_path / "p", "-o", run, "--no-hash")
    assert (other.returncode, "chooses them otherwise" in other.stderr) == (1, True)
