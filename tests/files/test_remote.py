"""One remote file: what is asked of the store, and what becomes of everything that can go wrong there."""

from __future__ import annotations

import pickle
import time
import zlib
from collections.abc import Iterator

import pytest

from extractor import (
    AccessDeniedError,
    ExtractorError,
    FileAccessError,
    LimitExceededError,
    Limits,
    ReplacedError,
    TransientError,
    UnsupportedFormatError,
    extract,
)
from extractor.errors import WorkerDiedError
from extractor.files import fsspecstore, objectstore
from extractor.files.address import Address, Known
from extractor.files.remote import open_remote
from tests.rangeserver import MTIME, Store, etag_of
from tests.support import INFOTEXT, chunk, ihdr, png, text_chunk

PICTURE = png(text_chunk("parameters", INFOTEXT))
ROWS = zlib.compress(b"".join(b"\0" + bytes(900) for _ in range(1000)), 0)
LONG = png(text_chunk("parameters", INFOTEXT), header=ihdr(300, 1000), pixels=chunk(b"IDAT", ROWS))
"""900 KB."""
ADDRESS = "s3://b/x/a.png"


@pytest.fixture(autouse=True)
def _filled(store: Store) -> Iterator[None]:
    store.objects |= {"/b/x/a.png": PICTURE, "/b/long.png": LONG, "/b/empty.png": b"", "/b/a b#?%20.png": PICTURE}
    yield


def web(store: Store, key: str) -> str:
    return f"http://127.0.0.1:{store.port}/b/{key}"


def test_a_record_has_its_address_as_url(store: Store) -> None:
    record = extract(ADDRESS, remote=True)
    assert record.url == ADDRESS
    assert record.meta is not None and record.meta.seed == 1
    assert record.created_at == "2023-11-14T22:13:20.000Z"
    assert record.extraction is not None and record.extraction.stamp is not None
    stamp = record.extraction.stamp
    assert (stamp.size, stamp.mtime_ns, stamp.etag) == (len(PICTURE), MTIME * 10**9, etag_of(PICTURE))
    assert store.requests == [("GET", "/b/x/a.png", "")]  # whole, in one request


def test_without_being_told_nothing_is_fetched(store: Store) -> None:
    with pytest.raises(FileAccessError, match="No such file"):
        extract(ADDRESS)
    assert store.requests == []


def test_headers_alone(store: Store) -> None:
    record = extract("s3://b/long.png", remote=True, hash=False)
    assert record.extraction is not None and record.extraction.sha256 is None
    assert record.url == "s3://b/long.png"
    assert (len(store.requests), store.requests[0][2]) == (2, "bytes=0-98303")
    assert store.sent < 200_000
    store.clear()
    assert extract("s3://b/long.png", remote=True, hash=False, url="u", base_url="https://x.test").url == "u"
    assert (
        extract("s3://b/long.png", remote=True, hash=False, base_url="https://x.test").url == "https://x.test/long.png"
    )


@pytest.mark.parametrize("key", ["x/a.png", "a%20b%23%3F%2520.png", "x/a.png?sig=a/b&c"])
def test_the_web(store: Store, key: str) -> None:
    record = extract(web(store, key), remote=True, hash=False)
    assert record.url == web(store, key)
    assert record.meta is not None


def test_keys_are_taken_as_they_are(store: Store) -> None:
    assert extract("s3://b/a b#?%20.png", remote=True, hash=False).meta is not None


def test_a_server_without_ranges(store: Store) -> None:
    store.with_ranges = False
    assert extract(web(store, "long.png"), remote=True, hash=False).meta is not None
    store.clear()
    with pytest.raises(LimitExceededError, match="stream_bytes = 1000"):
        extract(web(store, "long.png"), remote=True, hash=False, limits=Limits(stream_bytes=1000))


def test_a_server_without_etags(store: Store) -> None:
    store.with_etags = False
    record = extract(web(store, "long.png"), remote=True, hash=False)
    assert record.meta is not None
    assert record.extraction is not None and record.extraction.stamp is not None
    assert record.extraction.stamp.etag is None


@pytest.mark.parametrize("hash", [False, True])
def test_an_empty_object(store: Store, hash: bool) -> None:
    with pytest.raises(UnsupportedFormatError, match="empty"):
        extract("s3://b/empty.png", remote=True, hash=hash)
    assert open_remote(Address("s3://b/empty.png"), Known(0), Limits()).bytes.size == 0


def test_a_long_file_is_not_held_in_memory(store: Store) -> None:
    record = extract("s3://b/long.png", remote=True, limits=Limits(stream_bytes=500_000))
    assert record.extraction is not None and record.extraction.sha256 is not None
    assert record.hash is not None


@pytest.mark.parametrize("hash", [False, True])
@pytest.mark.parametrize(
    ("fault", "error", "says"),
    [
        ("503", TransientError, "503"),
        ("cut", TransientError, "error"),
        ("403", AccessDeniedError, "AWS_ACCESS_KEY_ID.*AWS_SKIP_SIGNATURE"),
        ("hang", TransientError, "error"),
    ],
)
def test_what_goes_wrong(store: Store, fault: str, error: type[ExtractorError], says: str, hash: bool) -> None:
    store.fault = lambda method, path, number: fault
    start = time.monotonic()
    with pytest.raises(error, match=says) as caught:
        extract(ADDRESS, remote=True, hash=hash)
    assert time.monotonic() - start < 20
    assert type(caught.value) is error
    assert isinstance(caught.value, FileAccessError) and caught.value.filename == ADDRESS
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (type(copy), str(copy)) == (error, str(caught.value))


def test_what_goes_wrong_once_is_tried_again(store: Store) -> None:
    for fault in ("503", "cut", "hang"):
        store.clear()
        store.fault = lambda method, path, number, fault=fault: fault if number == 0 else None  # type: ignore[misc]
        assert extract(ADDRESS, remote=True, hash=False).meta is not None
        assert len(store.requests) == 2


def test_nothing_there(store: Store) -> None:
    with pytest.raises(FileAccessError, match="no such object") as caught:
        extract("s3://b/gone.png", remote=True)
    assert (type(caught.value), caught.value.errno) == (FileAccessError, 2)
    assert len(store.requests) == 1  # asking again would not help


def test_nobody_there(store: Store) -> None:
    with pytest.raises(TransientError):
        extract("http://127.0.0.1:1/a.png", remote=True)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("s3://", "names no bucket"),
        ("s3://b/x//a.png", "empty path segment"),
        ("nosuch://b/a.png", "Protocol not known"),
        ("az://c/a.png", "Account"),
    ],
)
def test_addresses_that_mean_nothing(address: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)
    pytest.importorskip("fsspec")
    with pytest.raises(FileAccessError, match=says) as caught:
        extract(address, remote=True)
    assert not isinstance(caught.value, TransientError)


class Replacing:
    """Puts another picture in the place of one when a certain request comes."""

    def __init__(self, store: Store, times: int) -> None:
        self._store = store
        self._left = times

    def __call__(self, method: str, path: str, number: int) -> None:
        is_second_part = "bytes=0-" not in self._store.requests[-1][2]
        if is_second_part and self._left:
            self._left -= 1
            changed = LONG + bytes(self._left + 1)
            self._store.objects["/b/long.png"] = changed


@pytest.mark.parametrize("with_etags", [True, False])
def test_a_file_that_is_replaced_while_it_is_read_is_read_once_more(store: Store, with_etags: bool) -> None:
    store.with_etags = with_etags
    store.fault = Replacing(store, 1)
    assert extract("s3://b/long.png", remote=True, hash=False).meta is not None
    store.fault = Replacing(store, 9)
    with pytest.raises(ReplacedError, match="replaced while it was read"):
        extract("s3://b/long.png", remote=True, hash=False)


def test_a_file_that_is_not_the_listed_one(store: Store) -> None:
    for known in (Known(len(PICTURE), None, '"other"'), Known(len(PICTURE) + 1)):
        with pytest.raises(ReplacedError):
            open_remote(Address(ADDRESS), known, Limits())
    weak = Known(len(PICTURE), None, 'W/"other"')  # never sent, yet compared
    with pytest.raises(ReplacedError):
        open_remote(Address(ADDRESS), weak, Limits())
    assert open_remote(Address(ADDRESS), Known(len(PICTURE), None, etag_of(PICTURE)), Limits()).known.size == len(
        PICTURE
    )


def test_without_the_extra(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    for module in (objectstore, fsspecstore):
        monkeypatch.setattr(module, "import_module", missing)
    with pytest.raises(FileAccessError, match=r"needs obstore: pip install 'ai-image-metadata\[remote\]'"):
        extract(ADDRESS, remote=True)
    with pytest.raises(FileAccessError, match="needs fsspec"):
        extract("memory://x/a.png", remote=True)


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("x"),
        ConnectionResetError("x"),
        OSError(5, "x"),
        KeyError("x"),
        TimeoutError(),
        PermissionError("x"),
    ],
)
def test_whatever_a_client_raises_is_an_error_of_ours(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    fsspec = pytest.importorskip("fsspec")

    def broken(self: object, *arguments: object, **options: object) -> None:
        raise error

    system = fsspec.filesystem("memory")
    system.pipe("/x/a.png", PICTURE)
    monkeypatch.setattr(type(system), "cat_file", broken)
    with pytest.raises(FileAccessError) as caught:
        extract("memory://x/a.png", remote=True)
    assert isinstance(caught.value, TransientError) == isinstance(error, (ConnectionError, TimeoutError))
    assert isinstance(caught.value, AccessDeniedError) == isinstance(error, PermissionError)


@pytest.mark.parametrize(
    ("says", "error"),
    [
        ("Error performing PUT http://169.254.169.254/latest/api/token in 1ms - status code: 403", "no credentials"),
        (
            "Error performing GET https://b/x in 1ms - Server returned non-2xx status code: 401",
            "denies access; the addr",
        ),
        (
            "Error performing GET https://b/x in 1.5ms, after 3 retries - status code: 301 Moved: <xml/>",
            "^status code: 301 Moved: ",
        ),
    ],
)
def test_what_stores_say(store: Store, says: str, error: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import obstore

    def broken(*arguments: object, **options: object) -> None:
        raise obstore.exceptions.GenericError(f"{says}\n\nDebug source:\nGeneric")

    monkeypatch.setattr(obstore, "get", broken)
    with pytest.raises(FileAccessError, match=error) as caught:
        extract("http://127.0.0.1:1/a.png", remote=True)
    assert not isinstance(caught.value, TransientError)


def test_file_objects_that_know_their_address(store: Store) -> None:
    fsspec = pytest.importorskip("fsspec")
    system = fsspec.filesystem("memory")
    system.pipe("/x/a.png", PICTURE)
    with system.open("/x/a.png") as stream:
        assert extract(stream, hash=False).url == "memory:///x/a.png"
        assert extract(stream, hash=False, url="u").url == "u"
    assert extract("memory://x/a.png", remote=True).hash is not None


def test_a_reader_of_obstore(store: Store) -> None:
    import obstore
    from obstore.store import S3Store

    reader = obstore.open_reader(S3Store("b", client_options={"allow_http": True}), "long.png", buffer_size=4096)
    with pytest.raises(ValueError, match="does not tell its address; pass url="):
        extract(reader, hash=False)  # type: ignore[arg-type]
    store.clear()
    record = extract(reader, hash=False, url="s3://b/long.png")  # type: ignore[arg-type]
    assert record.meta is not None
    assert store.sent < len(LONG) / 2
    assert extract(reader).url.startswith("urn:sha256:")  # type: ignore[arg-type]


def test_errors_are_of_one_family() -> None:
    for kind in (TransientError, AccessDeniedError, ReplacedError):
        assert issubclass(kind, FileAccessError)
        assert issubclass(kind, OSError)
    assert not issubclass(WorkerDiedError, OSError)
