"""Buckets and archives in a scan: what is met, in which order, and what is not."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from extractor import AccessDeniedError, ScanResult, TransientError, scan
from extractor.files.address import Address
from extractor.files.listing import list_objects
from tests.rangeserver import Store, etag_of
from tests.support import INFOTEXT, png, text_chunk, zip_of

PICTURE = png(text_chunk("parameters", INFOTEXT))
NAMES = (
    "a.png", "a/x.png", "a-b/x.png", "a b.png", "B.png", "é.png", "a/deep/er/y.png", "a.png.json", "z.txt",
    ".hidden.png", ".git/h.png", "a/.x/h.png", "b/c/d/e.png", "b/c.png", "10.png", "9.png",
)  # fmt: skip
"""Names whose order in a bucket's listing is another one than in folders."""


@pytest.fixture
def both(store: Store, tmp_path: Path) -> Iterator[tuple[Store, str]]:
    """The same files in a bucket and in a folder."""
    for name in NAMES:
        path = tmp_path / "p" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PICTURE)
        store.objects[f"/b/p/{name}"] = PICTURE
    yield store, str(tmp_path / "p")


def met(results: Any, root: str) -> list[tuple[str, str]]:
    """(path below the root, what came of it) of each result."""
    return [(result.path.removeprefix(root), kind(result)) for result in results]


def kind(result: ScanResult) -> str:
    if result.error is not None:
        return type(result.error).__name__
    return "record" if result.record is not None else "passed over" if result.passed_over else "skipped"


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"hidden": True},
        {"include": "*.png", "exclude": ["b", "a/deep"]},
        {"exclude": "a/x.png"},
        {"include": "a/*"},
    ],
)
@pytest.mark.parametrize("slash", ["/", ""])
@pytest.mark.parametrize("page", [1000, 1])
def test_a_bucket_is_gone_through_like_a_folder(
    both: tuple[Store, str], options: dict[str, Any], slash: str, page: int
) -> None:
    store, folder = both
    store.page = page
    far = met(scan(f"s3://b/p{slash}", remote=True, hash=False, **options), "s3://b/p/")
    assert far == met(scan(folder, hash=False, **options), f"{folder}{os.sep}")
    assert len(far) > 1


def test_urls_and_stamps_of_what_was_listed(store: Store) -> None:
    store.objects["/b/p/é x.png"] = PICTURE
    (result,) = scan("s3://b/p/", remote=True, hash=False)
    assert type(result.path) is Address
    assert result.record is not None and result.record.url == result.path == "s3://b/p/é x.png"
    assert result.record.extraction is not None and result.record.extraction.stamp is not None
    seen: list[tuple[str, Any]] = []
    (skipped,) = scan(
        "s3://b/p/", remote=True, hash=False, skip=lambda path, stamp: bool(seen.append((path, stamp))) or True
    )
    assert kind(skipped) == "skipped"
    assert seen == [(result.path, result.record.extraction.stamp.model_dump(by_alias=True, exclude_none=True))]
    assert seen[0][1]["etag"] == etag_of(PICTURE)
    (other,) = scan("s3://b/p/", remote=True, hash=False, base_url="https://x.test")
    assert other.record is not None and other.record.url == "https://x.test/%C3%A9%20x.png"


def test_a_replaced_object_is_read_as_it_is_now(store: Store) -> None:
    store.objects |= {"/b/p/a.png": PICTURE, "/b/p/b.png": PICTURE}

    def replace(method: str, path: str, number: int) -> None:
        if path == "/b/p/a.png":
            store.objects["/b/p/b.png"] = png(text_chunk("parameters", INFOTEXT.replace("Seed: 1", "Seed: 2")))

    store.fault = replace
    results = list(scan("s3://b/p/", remote=True, hash=False, connections=1))
    assert [result.record.meta.seed for result in results if result.record and result.record.meta] == [1, 2]


def test_markers_of_folders_and_empty_buckets(store: Store) -> None:
    store.objects |= {"/b/p/": b"", "/b/p/a/": b"", "/b/p/a/x.png": PICTURE}
    assert met(scan("s3://b/p/", remote=True, hash=False), "s3://b/p/") == [("a/x.png", "record")]
    (nothing,) = scan("s3://b/q/", remote=True)
    assert str(nothing.error) == "there is nothing below this address"
    (gone,) = scan("s3://b/q", remote=True)
    assert str(gone.error) == "there is no such object"


def test_without_being_told_addresses_are_paths(store: Store) -> None:
    (result,) = scan("s3://b/p/")
    assert str(result.error) == "No such file or directory"
    assert store.requests == []


def test_other_tools_sidecars_only_when_asked(store: Store) -> None:
    store.objects |= {"/b/p/a.png": png(), "/b/p/a.txt": INFOTEXT.encode(), "/b/p/b.png": png()}
    plain = list(scan("s3://b/p/", remote=True, hash=False))
    assert [result.record.meta for result in plain if result.record] == [None, None]
    store.clear()
    asked = list(scan("s3://b/p/", remote=True, hash=False, foreign_sidecars=True))
    first = asked[0].record
    assert first is not None and first.meta is not None and first.meta.seed == 1
    assert first.extraction is not None and first.extraction.stamp is not None
    assert first.extraction.stamp.foreign == [("a.txt", len(INFOTEXT), 1_700_000_000 * 10**9)]
    stamps: list[dict[str, Any]] = []
    list(
        scan(
            "s3://b/p/a.png",
            remote=True,
            hash=False,
            foreign_sidecars=True,
            skip=lambda _, stamp: bool(stamps.append(stamp)),
        )
    )
    list(
        scan(
            "s3://b/p/",
            remote=True,
            hash=False,
            foreign_sidecars=True,
            skip=lambda _, stamp: bool(stamps.append(stamp)),
        )
    )
    assert stamps[0] == first.extraction.stamp.model_dump(by_alias=True, exclude_none=True, mode="json")


def test_ten_in_a_hundred_requests_fail(store: Store) -> None:
    """Every record comes through."""
    store.objects |= {f"/b/p/{number:03}.png": PICTURE for number in range(200)}
    faults = {0: "503", 5: "cut"}
    store.fault = lambda method, path, number: faults.get(number % 20)
    results = list(scan("s3://b/p/", remote=True, hash=False, connections=8))
    assert [kind(result) for result in results] == ["record"] * 200
    assert len(store.requests) > 210


@pytest.mark.parametrize("flat", [True, False])
def test_listings_that_break_off_are_asked_for_again(store: Store, flat: bool) -> None:
    store.objects |= {f"/b/p/{number:03}.png": PICTURE for number in range(50)}
    store.page = 10
    store.fault = lambda method, path, number: "cut" if number in (2, 3, 5) and path == "/b" else None
    if flat:
        found = [item.address for item in list_objects(Address("s3://b/p"))]
    else:
        found = [Address(result.path) for result in scan("s3://b/p/", remote=True, hash=False)]
    assert found == [f"s3://b/p/{number:03}.png" for number in range(50)]
    store.fault = lambda method, path, number: "cut"
    with pytest.raises(TransientError):
        list(list_objects(Address("s3://b/p")))


def test_one_hanging_file_does_not_stop_the_others(store: Store) -> None:
    store.objects |= {f"/b/p/{number}.png": PICTURE for number in range(9)}
    store.fault = lambda method, path, number: "hang" if path.endswith("4.png") else None
    results = list(scan("s3://b/p/", remote=True, hash=False))
    assert [kind(result) for result in results] == ["record"] * 4 + ["TransientError"] + ["record"] * 4
    assert isinstance(results[4].error, TransientError)


def test_denied(store: Store) -> None:
    store.objects["/b/p/a.png"] = PICTURE
    store.fault = lambda method, path, number: "403"
    for given in ("s3://b/p/", "s3://b/p/a.png"):
        (result,) = scan(given, remote=True)
        assert isinstance(result.error, AccessDeniedError)
        assert result.path == given


@pytest.mark.parametrize("hash", [False, True])
def test_connections(store: Store, hash: bool) -> None:
    store.objects |= {f"/b/p/{number}.png": PICTURE for number in range(20)}
    store.delay = 0.02
    list(scan("s3://b/p/", remote=True, hash=hash, connections=5))
    assert 3 <= store.most <= 5
    for wrong in (0, -1, 2000):
        with pytest.raises(ValueError, match="connections must be"):
            scan("s3://b/p/", remote=True, connections=wrong)


def test_closing_ends_a_scan_at_once(store: Store) -> None:
    store.objects |= {f"/b/p/{number:03}.png": PICTURE for number in range(500)}
    results = scan("s3://b/p/", remote=True, hash=False, connections=4)
    next(results)
    results.close()
    assert len(store.requests) < 100


def test_everything_below_a_prefix_page_by_page(store: Store) -> None:
    store.objects |= {f"/b/{name}": PICTURE for name in ("p/a.png", "p/x/b.png", "pq/c.png")}
    store.page = 1
    found = list(list_objects(Address("s3://b/p")))
    assert [(item.address, item.known and item.known.size) for item in found] == [
        ("s3://b/p/a.png", len(PICTURE)),
        ("s3://b/p/x/b.png", len(PICTURE)),
    ]
    assert [item.known.etag for item in found if item.known] == [etag_of(PICTURE)] * 2


def test_a_file_system_of_fsspec() -> None:
    fsspec = pytest.importorskip("fsspec")
    system = fsspec.filesystem("memory")
    system.pipe({"/far/a.png": PICTURE, "/far/x/b.png": PICTURE, "/far/c.txt": b"x"})
    assert met(scan("memory://far/", remote=True, hash=False), "memory:///far/") == [
        ("a.png", "record"),
        ("c.txt", "passed over"),
        ("x/b.png", "record"),
    ]
    assert [item.address for item in list_objects(Address("memory://far"))] == [
        "memory:///far/a.png",
        "memory:///far/c.txt",
        "memory:///far/x/b.png",
    ]


def test_what_is_met_in_an_archive(tmp_path: Path) -> None:
    inner = zip_of({"deep.png": PICTURE})
    path = tmp_path / "x.zip"
    path.write_bytes(
        zip_of(
            {
                "b/x.png": PICTURE, "a.png": PICTURE, "../../up.png": PICTURE, "b/note.txt": b"text",
                "bad.png": b"text", "inner.zip": inner, ".h/y.png": PICTURE, "__MACOSX/._a.png": PICTURE,
                "no-suffix": PICTURE, "a.txt": b"x",
            }
        )
    )  # fmt: skip
    assert met(scan(path, hash=False), "zip://") == [
        (f"b/x.png::{path}", "record"),
        (f"a.png::{path}", "record"),
        (f"../../up.png::{path}", "record"),
        (f"b/note.txt::{path}", "passed over"),
        (f"bad.png::{path}", "UnsupportedFormatError"),
        (f"inner.zip::{path}", "passed over"),  # never opened
        (f"no-suffix::{path}", "record"),
        (f"a.txt::{path}", "passed over"),
    ]
    assert len(list(scan(path, hash=False, hidden=True))) == 10
    chosen = met(scan(path, hash=False, include="*.png", exclude="b"), "zip://")
    assert chosen == [(f"{name}::{path}", came) for name, came in [
        ("a.png", "record"), ("../../up.png", "record"), ("bad.png", "UnsupportedFormatError"),
    ]]  # fmt: skip
    (first, *_) = scan(path, hash=False)
    assert first.record is not None
    assert first.record.url == f"zip://b/x.png::{path.as_uri()}"


def test_an_archive_is_opened_only_when_it_was_named(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(zip_of({"a.png": PICTURE}))
    assert met(scan(tmp_path, hash=False), str(tmp_path)) == [("/x.zip", "passed over")]
    assert [kind(result) for result in scan(tmp_path / "x.zip", hash=False)] == ["record"]
    lying = tmp_path / "lying.png"
    lying.write_bytes(zip_of({"a.png": PICTURE}))
    assert [kind(result) for result in scan(lying, hash=False)] == ["UnsupportedFormatError"]
    both = tmp_path / "both.dat"
    both.write_bytes(PICTURE + zip_of({"a.png": PICTURE}))
    assert met(scan(both, hash=False), str(tmp_path)) == [("/both.dat", "record")]  # a picture with a ZIP behind it


@pytest.fixture(params=["here", "far"])
def shards(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A folder, or a prefix of a bucket, with archives among its files; with what ends it."""
    files = {
        "a.png": PICTURE,
        "deep/x.zip": zip_of({"1.png": PICTURE, "1.txt": b"caption", "inner.zip": zip_of({"2.png": PICTURE})}),
        "lying.tar": PICTURE,
        "noise.zip": b"PK\3\4" + bytes(600),
        "none.zip": zip_of({}),
        "other.gz": zip_of({"3.png": PICTURE}),
        "y.cbz": zip_of({"b/1.png": PICTURE}),
    }
    if request.param == "far":
        request.getfixturevalue("store").objects |= {f"/b/p/{name}": data for name, data in files.items()}
        return "s3://b/p/"
    for name, data in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    return f"{tmp_path}{os.sep}"


def test_archives_that_are_met_are_gone_through_where_that_is_asked_for(shards: str) -> None:
    def found(**options: Any) -> list[tuple[str, str]]:
        results = scan(shards, remote="://" in shards, hash=False, archives=True, **options)
        return [(result.path.replace(shards, ""), kind(result)) for result in results]

    inside = [("zip://1.png::deep/x.zip", "record"), ("zip://b/1.png::y.cbz", "record")]
    assert found() == [
        ("a.png", "record"),
        inside[0],
        ("zip://1.txt::deep/x.zip", "passed over"),
        ("zip://inner.zip::deep/x.zip", "passed over"),  # one in another is not opened
        ("lying.tar", "record"),
        ("noise.zip", "CorruptImageError"),
        ("other.gz", "passed over"),
        inside[1],
    ]
    assert found(include="*.png", exclude=["noise.zip", "lying.*"]) == [("a.png", "record"), *inside]
    urls = [
        result.record.url
        for result in scan(
            shards, remote=True, hash=False, archives=True, exclude="noise.zip", base_url="https://x.test"
        )
        if result.record is not None
    ]
    assert urls == [f"https://x.test/{name}" for name in ("a.png", "deep/x.zip/1.png", "lying.tar", "y.cbz/b/1.png")]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\x1f\x8b\x08" + bytes(600), "gzip archives are not read; unpack it first: gunzip"),
        (b"BZh9" + bytes(600), "bzip2 archives"),
        (b"\xfd7zXZ\0" + bytes(600), "xz archives"),
        (b"\x28\xb5\x2f\xfd" + bytes(600), "Zstandard archives"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(600), "7-Zip archives"),
        (b"PK\3\4" + bytes(600), "zip: the directory at the end is missing"),
    ],
)
def test_archives_that_are_not_read(data: bytes, says: str, tmp_path: Path) -> None:
    path = tmp_path / "x.tar.gz"
    path.write_bytes(data)
    (*_, result) = scan(path)
    assert says in str(result.error)
    assert result.path == str(path)


def test_an_archive_that_is_replaced_while_it_is_gone_through(tmp_path: Path) -> None:
    path = tmp_path / "x.tar"
    with tarfile.open(path, "w") as archive:
        for name in ("a.png", "b.png"):
            info = tarfile.TarInfo(name)
            info.size = len(PICTURE)
            archive.addfile(info, io.BytesIO(PICTURE))
    results = scan(path, hash=False, workers=1)
    assert kind(next(results)) == "record"
    with path.open("ab") as stream:
        stream.write(bytes(512))
    assert kind(next(results)) == "ReplacedError"


def test_stamps_of_members(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(zip_of({"a.png": PICTURE}))
    (result,) = scan(path, hash=False)
    seen: list[dict[str, Any]] = []
    list(scan(path, hash=False, skip=lambda _, stamp: bool(seen.append(stamp))))
    assert (
        result.record is not None
        and result.record.extraction is not None
        and result.record.extraction.stamp is not None
    )
    assert seen == [result.record.extraction.stamp.model_dump(by_alias=True, exclude_none=True)]
    path.write_bytes(zip_of({"a.png": PICTURE, "b.png": PICTURE}))
    list(scan(path, hash=False, skip=lambda _, stamp: bool(seen.append(stamp))))
    assert seen[1]["etag"] != seen[0]["etag"]  # the archive was made again


def test_rows_of_a_table(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"image": [{"bytes": PICTURE, "path": "a.png"}, {"bytes": b"text", "path": "b"}]}), path)
    results = list(scan(path, hash=False, workers=2))
    assert met(results, "parquet://") == [
        (f"image/0::{path}", "record"),
        (f"image/1::{path}", "UnsupportedFormatError"),
    ]
    (wrong,) = scan(path, hash=False, image_column="nothing")
    assert "there is no column 'nothing': there are 'image'; say --image-column NAME" in str(wrong.error)
