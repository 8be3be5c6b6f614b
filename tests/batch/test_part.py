from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

from extractor.arrow import SCHEMA  # noqa: E402
from extractor.batch.local import do_parts  # noqa: E402
from extractor.batch.part import Hands, PartReport, alone, attempt_status, crew_for, retry_part, run_part  # noqa: E402
from extractor.batch.run import Run, begin  # noqa: E402
from extractor.batch.runfile import Inputs  # noqa: E402
from extractor.errors import BatchError, FileAccessError  # noqa: E402
from extractor.extraction.options import Options  # noqa: E402
from extractor.files.bytesource import FileSource  # noqa: E402
from tests.batch.runs import images, states, table, urls  # noqa: E402


@pytest.fixture
def run(tmp_path: Path) -> Run:
    images(tmp_path / "pics", 5)
    (tmp_path / "pics" / "00003.png").write_bytes(b"milk")
    return begin(str(tmp_path / "run"), Inputs([str(tmp_path / "pics")], {}, 2), Options(hash=False))


def do(run: Run, number: int, work: Any = run_part) -> PartReport:
    with crew_for(run, Hands()) as crew:
        report: PartReport = work(run, number, crew)
    return report


def test_each_row_of_the_manifest_gives_one_row(run: Run, tmp_path: Path) -> None:
    told: list[int] = []
    assert list(do_parts(run_part, run, range(3), Hands(2), told.append)) == [
        PartReport(0, rows=2),
        PartReport(1, rows=2, failed=1),
        PartReport(2, rows=1),
    ]
    assert sum(told) == 5
    home = tmp_path / "run"
    assert urls(home) == urls(home, "manifest")
    rows = table(home)
    assert rows.schema == SCHEMA
    assert [meta and meta["seed"] for meta in rows.column("meta").to_pylist()] == [0, 1, 2, None, 4]
    assert run.finished() == {0, 1, 2}
    assert attempt_status(run, 1) == PartReport(1, rows=2, failed=1, is_new=False)


def test_a_part_that_is_done_reads_nothing(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    do(run, 1)
    before = states(tmp_path / "run")
    monkeypatch.setattr("extractor.batch.part.read_all", None)
    assert do(run, 1) == PartReport(1, is_new=False)
    assert states(tmp_path / "run") == before


def test_writing_twice_gives_the_same_bytes(run: Run, tmp_path: Path) -> None:
    do(run, 0)
    path = tmp_path / "run" / "rows" / "part-00000.parquet"
    first = path.read_bytes()
    path.unlink()
    do(run, 0)
    assert path.read_bytes() == first


def failing(monkeypatch: pytest.MonkeyPatch, times: int, error: int) -> list[str]:
    """Have the first reads of one file fail."""
    failed: list[str] = []
    real = FileSource.read_at

    def read_at(self: FileSource, offset: int, length: int) -> bytes:
        data = real(self, offset, length)
        if b"Seed: 1," in data and len(failed) < times:
            failed.append("")
            raise FileAccessError(error, "busy")
        return data

    monkeypatch.setattr(FileSource, "read_at", read_at)
    return failed


def test_what_may_pass_is_tried_once_more(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = failing(monkeypatch, 1, 110)
    assert do(run, 0) == PartReport(0, rows=2)
    assert len(failed) == 1


def test_what_will_not_pass_is_not(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = failing(monkeypatch, 9, 13)
    assert do(run, 0) == PartReport(0, rows=2, failed=1)
    assert len(failed) == 1


def test_failures_that_have_passed_are_mended(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, 2, 110)
    assert do(run, 0) == PartReport(0, rows=2, failed=1, transient=1)
    before = table(tmp_path / "run")
    assert before.column("error").to_pylist()[1] == {"type": "FileAccessError", "message": "busy", "transient": True}
    do(run, 1)
    whole = states(tmp_path / "run")["part-00001.parquet"]
    assert do(run, 0, retry_part) == PartReport(0, rows=2)
    assert do(run, 1, retry_part) == PartReport(1, rows=2, failed=1, is_new=False)
    assert do(run, 0, retry_part) == PartReport(0, rows=2, is_new=False)
    rows = table(tmp_path / "run")
    assert [meta and meta["seed"] for meta in rows.column("meta").to_pylist()] == [0, 1, 2, None]
    assert rows.column("url").to_pylist() == urls(tmp_path / "run", "manifest")[:4]
    assert states(tmp_path / "run")["part-00001.parquet"] == whole


def written(columns: dict[str, Any], **options: Any) -> bytes:
    stream = io.BytesIO()
    parquet.write_table(pa.table(columns), stream, **options)
    return stream.getvalue()


GOOD = {
    "url": ["a.png"],
    "size": [1],
    "mtime": pa.array([0], pa.timestamp("us", "UTC")),
    "etag": ["x"],
    "archive": [False],
}
SURROGATE = pa.Array.from_buffers(
    pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\3\0\0\0"), pa.py_buffer(b"\xed\xa0\x80")]
)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is damaged"),
        (b"PAR1" + b"\xff" * 50 + b"PAR1", "is damaged"),
        (written(GOOD)[:-20] + b"\xff" * 12 + b"\0\0\0\x7fPAR1", "is damaged"),
        (written(GOOD)[:100] + written(GOOD)[120:], "is damaged"),
        (written({**GOOD, "url": SURROGATE}), "is damaged"),
        (written({"path": ["a"]}), "has no column url"),
        (written({**GOOD, "url": [["a"]]}), "is damaged"),
        (written({**GOOD, "size": ["x"]}), "is damaged"),
        (written({**GOOD, "archive": [["x"]]}), "is damaged"),
        (written({name: pa.array([None] * 1_000_001, pa.string()) for name in GOOD}), "too large: 1000001 rows"),
    ],
)
def test_a_hostile_manifest_fails_the_part(run: Run, tmp_path: Path, data: bytes, says: str) -> None:
    (tmp_path / "run" / "manifest" / "part-00001.parquet").write_bytes(data)
    reports = list(do_parts(run_part, run, range(3), Hands()))
    assert [report.problem is None for report in reports] == [True, False, True]
    assert says in (reports[1].problem or "")
    assert run.finished() == {0, 2}


@pytest.mark.parametrize(
    "data",
    [
        b"milk",
        written({"url": ["a"]}),
        written({"error": ["a"]}),
        written({"error": [{"transient": "yes"}]}),
        written(GOOD),
    ],
)
def test_rows_that_are_none_of_ours(run: Run, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "run" / "rows").mkdir()
    (tmp_path / "run" / "rows" / "part-00000.parquet").write_bytes(data)
    assert attempt_status(run, 0).problem is not None
    with pytest.raises(BatchError):
        do(run, 0, retry_part)
    assert (tmp_path / "run" / "rows" / "part-00000.parquet").read_bytes() == data


def test_rows_that_do_not_go_with_the_manifest(run: Run, tmp_path: Path) -> None:
    error = {"type": "TransientError", "message": "busy", "transient": True}
    row = dict.fromkeys(SCHEMA.names) | {"error": error}
    (tmp_path / "run" / "rows").mkdir()
    parquet.write_table(
        pa.Table.from_pylist([row] * 3, schema=SCHEMA), tmp_path / "run" / "rows" / "part-00000.parquet"
    )
    with pytest.raises(BatchError, match="has 2 rows in place of 3"):
        do(run, 0, retry_part)


def test_a_part_alone_tells_what_went_wrong(run: Run, tmp_path: Path) -> None:
    assert alone(run_part, run, 0) == PartReport(0, rows=2)
    (tmp_path / "run" / "manifest" / "part-00001.parquet").unlink()
    assert alone(run_part, run, 1) == PartReport(1, problem="manifest/part-00001.parquet is missing")
