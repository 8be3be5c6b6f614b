"""Same bytes, same record: on disk, in a bucket, over HTTP, in a ZIP, a tar or a Parquet file, here or far away."""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from extractor import ScanResult, extract, scan
from extractor.containers.kinds import VIDEO_SUFFIXES
from tests.rangeserver import Store
from tests.realfiles import FILES, REAL
from tests.support import needs_shared

ROUTES = ("zip", "deflated", "tar", "parquet")
PICTURES = {path.name: path for path in FILES if path.suffix not in VIDEO_SUFFIXES}


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The pictures in one archive of each kind."""
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    folder = tmp_path_factory.mktemp("packed")
    found = {
        "zip": folder / "s.zip",
        "deflated": folder / "d.zip",
        "tar": folder / "t.tar",
        "parquet": folder / "p.parquet",
    }
    with (
        zipfile.ZipFile(found["zip"], "w") as stored,
        zipfile.ZipFile(found["deflated"], "w", zipfile.ZIP_DEFLATED, compresslevel=1) as pressed,
        tarfile.open(found["tar"], "w") as tar,
    ):
        for name, path in PICTURES.items():
            stored.write(path, f"in/{name}")
            pressed.write(path, f"in/{name}")
            tar.add(path, f"in/{name}")
    rows = [{"bytes": path.read_bytes(), "path": name} for name, path in PICTURES.items()]
    pq.write_table(pa.table({"image": rows, "label": list(range(len(rows)))}), found["parquet"], row_group_size=50)
    return found


def outcome(result: ScanResult) -> Any:
    """All of a record but url, id, date and stamp, or the kind of error; nothing for what was passed over."""
    if result.record is None:
        return type(result.error).__name__ if result.error is not None else None
    record = result.record.model_dump(by_alias=True, exclude_none=True)
    for key in ("id", "url", "createdAt"):
        record.pop(key, None)
    record["extraction"].pop("stamp")
    return record


@pytest.fixture(scope="module")
def expected() -> dict[bool, list[Any]]:
    """With the hash and without: the outcome of each picture as a file of its own."""
    paths = list(map(str, PICTURES.values()))
    return {
        hash: [outcome(result) for result in scan(paths, hash=hash, foreign_sidecars=False)] for hash in (False, True)
    }


def outcomes(given: str, **options: Any) -> list[Any]:
    return [outcome(result) for result in scan(given, **options)]


@pytest.mark.parametrize("hash", [False, True])
@pytest.mark.parametrize("route", ROUTES)
def test_archives_on_disk(route: str, hash: bool, packed: dict[str, Path], expected: dict[bool, list[Any]]) -> None:
    assert outcomes(str(packed[route]), hash=hash) == expected[hash]


@pytest.fixture
def filled(store: Store, packed: dict[str, Path]) -> Iterator[Store]:
    store.objects |= {f"/b/{path.name}": path.read_bytes() for path in packed.values()}
    store.objects |= {f"/b/in/{name}": path.read_bytes() for name, path in PICTURES.items()}
    yield store


@pytest.mark.parametrize("hash", [False, True])
@pytest.mark.parametrize("route", ROUTES)
def test_archives_far_away(
    route: str, hash: bool, filled: Store, packed: dict[str, Path], expected: dict[bool, list[Any]]
) -> None:
    assert outcomes(f"s3://b/{packed[route].name}", hash=hash, remote=True) == expected[hash]


@pytest.mark.parametrize("hash", [False, True])
def test_buckets_and_the_web(hash: bool, filled: Store, expected: dict[bool, list[Any]]) -> None:
    by_name = dict(zip(PICTURES, expected[hash], strict=True))
    found = {result.path.rpartition("/")[2]: outcome(result) for result in scan("s3://b/in/", hash=hash, remote=True)}
    assert found == by_name
    web = [f"http://127.0.0.1:{filled.port}/b/in/{name}" for name in PICTURES]
    assert [outcome(result) for result in scan(web, hash=hash, remote=True)] == expected[hash]


@needs_shared
def test_how_much_is_asked_for(store: Store) -> None:
    """Per file: at most 2.1 requests and 160 KB; never more than three requests for PNG, JPEG and WebP."""
    store.objects |= {f"/b/{path.name}": path.read_bytes() for path in REAL}
    for path in REAL:
        store.clear()
        extract(f"s3://b/{path.name}", remote=True, hash=False)
        assert len(store.gets) <= 3, path.name
    for by_listing in (True, False):
        store.clear()
        given = ["s3://b/"] if by_listing else [f"s3://b/{path.name}" for path in REAL]
        assert all(result.record for result in scan(given, remote=True, hash=False))
        assert len(store.gets) <= 2.1 * len(REAL)
        assert store.sent <= 160_000 * len(REAL)


@needs_shared
def test_how_much_is_asked_for_in_a_zip(filled: Store, packed: dict[str, Path]) -> None:
    filled.clear()
    assert len(list(scan("s3://b/s.zip", remote=True, hash=False))) == len(PICTURES)
    assert len(filled.gets) <= 2.1 * len(PICTURES)
    assert filled.sent < 160_000 * len(PICTURES)
    filled.clear()
    list(scan("s3://b/t.tar", remote=True, hash=False))
    assert len(filled.gets) <= packed["tar"].stat().st_size / (8 << 20) + 4
