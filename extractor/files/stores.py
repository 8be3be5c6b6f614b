"""Remote stores, as little as is needed of each: a range of an object, one folder of names, all names below a prefix.

S3, GCS, Azure and the web are read by obstore (one HTTP client for each bucket or host, retries and signatures
included), all other schemes by fsspec where that is installed. What either raises becomes an `ExtractorError`.
"""

from __future__ import annotations

import errno
import os
import re
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from importlib import import_module
from itertools import count
from typing import Any, Final, NamedTuple, Protocol, cast
from urllib.parse import quote, unquote

from extractor.errors import (
    AccessDeniedError,
    FileAccessError,
    ReplacedError,
    TransientError,
    access_error,
    extra_command,
)
from extractor.files.address import WEB, Known, Parts, parts_of
from extractor.text.printable import one_line

_SCHEMES: Final = {
    "s3": "S3Store", "s3a": "S3Store",
    "gs": "GCSStore",
    "az": "AzureStore", "azure": "AzureStore", "adl": "AzureStore", "abfs": "AzureStore", "abfss": "AzureStore",
    "http": "HTTPStore", "https": "HTTPStore",
}  # fmt: skip
"""Scheme -> the class of obstore."""

CONNECT_SECONDS: Final = 5
ANSWER_SECONDS: Final = 15
"""Without a byte for so long, a request is given up and tried again."""
REQUEST_SECONDS: Final = 120
"""For one request in all: 16 MiB at 140 KB a second."""
RETRIES: Final = 5
RETRY_SECONDS: Final = 20
"""Since the first try; no further one begins after that. obstore itself would go on for three minutes."""
PAUSE_SECONDS: Final = (0.1, 3.0)
"""Before the second try, and at most."""
_PERFORMING: Final = "Error performing"
_PAGE: Final = 1000
"""Objects of a listing that come together."""
_REASON: Final = 300
"""Characters of what a store says went wrong."""
_STORES: Final = 32
"""Stores kept open by a process."""


class NoRangesError(FileAccessError):
    """The server sends whole files only."""


class Part(NamedTuple):
    """What a store answered."""

    data: bytes
    known: Known
    """Of the whole object."""


class Listed(NamedTuple):
    """One object of a listing."""

    key: str
    known: Known


class Store(Protocol):
    """A bucket, container or host. Its methods raise `FileAccessError` and its kinds, nothing else."""

    def get(self, key: str, start: int, end: int | None, etag: str | None = None) -> Part:
        """The bytes from `start` up to `end` (None: to the end), or as many as there are.

        Raises `ReplacedError` where the object no longer has this etag.
        """

    def whole(self, key: str, most: int, etag: str | None = None) -> Part | None:
        """All bytes in one request; None where there are more than `most`, of which none are read then."""

    def folder(self, prefix: str) -> tuple[list[str], list[Listed]]:
        """The folders right below a prefix (without slash at their end), and the objects."""

    def below(self, prefix: str) -> Iterator[Listed]:
        """All objects below a prefix, page by page, in the store's order."""


class WritableStore(Store, Protocol):
    """A store that objects can be written to."""

    def put(self, key: str, data: bytes, *, new: bool) -> bool:
        """Write an object in one request; with `new` only where none stands, else False."""

    def delete(self, keys: list[str]) -> None:
        """Remove objects."""


def writable_store_of(address: str) -> tuple[WritableStore, str]:
    """As `store_of`, of S3, GCS or Azure. Raises `FileAccessError`."""
    parts = parts_of(address)
    if parts.scheme in WEB or parts.scheme not in _SCHEMES:
        raise FileAccessError(None, f"nothing can be written to {parts.scheme}://: only to s3, gs and az")
    store, key = store_of(address)
    return cast("WritableStore", store), key


def store_of(address: str) -> tuple[Store, str]:
    """The store of an address, and the key there. Raises `FileAccessError`."""
    parts = parts_of(address)
    if parts.scheme not in _SCHEMES:
        return _FsspecStore(parts.scheme), address
    if not parts.root.partition("://")[2]:
        raise FileAccessError(None, "the address names no bucket or host")
    if parts.scheme in WEB:
        return _web_store(parts)
    return _kept(parts.root, parts.scheme), parts.key


_open_stores: Final[dict[str, Store]] = {}
"""Root -> its store: connections, nothing of what came through them."""
_lock: Final = threading.Lock()


def forget_stores() -> None:
    """Have stores made anew, after the environment that they are configured by has changed."""
    with _lock:
        _open_stores.clear()


def _kept(root: str, scheme: str) -> Store:
    with _lock:
        store = _open_stores.get(root)
        if store is None:
            while len(_open_stores) >= _STORES:
                del _open_stores[next(iter(_open_stores))]
            store = _open_stores[root] = _ObjectStore(root, scheme)
    return store


def _web_store(parts: Parts) -> tuple[Store, str]:
    """The store of a host; of the very address where its path would not come out as it is written (signatures)."""
    path = unquote(parts.key)
    if parts.key in (quote(path), path) and not set("?#%") & set(path) and "" not in path.split("/"):
        return _kept(parts.root, parts.scheme), path
    return _ObjectStore(f"{parts.root}/{parts.key}", parts.scheme), ""


class _ObjectStore:
    """A store of obstore."""

    def __init__(self, root: str, scheme: str) -> None:
        self._scheme = scheme
        try:
            self._obstore = import_module("obstore")
            stores = import_module("obstore.store")
        except ImportError as error:
            raise FileAccessError(None, f"reading {scheme}:// needs obstore: {extra_command('remote')}") from error
        options = {
            "client_options": {
                "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
                "read_timeout": timedelta(seconds=ANSWER_SECONDS),
                "timeout": timedelta(seconds=REQUEST_SECONDS),
                "allow_http": scheme == "http" or _allows_http(os.environ),
            },
            "retry_config": {
                "max_retries": RETRIES,
                "retry_timeout": timedelta(seconds=RETRY_SECONDS),
                "backoff": {
                    "init_backoff": timedelta(seconds=PAUSE_SECONDS[0]),
                    "max_backoff": timedelta(seconds=PAUSE_SECONDS[1]),
                    "base": 2,
                },
            },
        }
        provider = _boto3_credentials(scheme, os.environ)
        if provider is not None:
            options["credential_provider"] = provider
        try:
            self._store = getattr(stores, _SCHEMES[scheme]).from_url(root, **options)
        except Exception as error:
            raise self._told(error) from error

    def get(self, key: str, start: int, end: int | None, etag: str | None = None) -> Part:
        """See `Store.get`."""
        span = {"offset": start} if end is None else (start, end)
        try:
            answer = self._asked(key, etag, range=span)
            return self._answered(answer, etag)
        except Exception as error:
            if type(error).__name__ == "NotSupportedError":
                raise NoRangesError(None, "the server gives no parts of files") from error
            told = self._told(error)
            if start == 0 and _status(error) == 416:  # a range of nothing
                return Part(b"", Known(0))
            raise told from error

    def whole(self, key: str, most: int, etag: str | None = None) -> Part | None:
        """See `Store.whole`."""
        try:
            answer = self._asked(key, etag)
            return None if answer.meta["size"] > most else self._answered(answer, etag)
        except Exception as error:
            raise self._told(error) from error

    def _asked(self, key: str, etag: str | None, **options: Any) -> Any:
        if etag is not None and etag.startswith('"'):  # a weak one never matches, by RFC 9110, 13.1.1
            options["if_match"] = etag
        return self._obstore.get(self._store, key, options=options)

    def _answered(self, answer: Any, etag: str | None) -> Part:
        meta = answer.meta
        if etag is not None and meta["e_tag"] != etag:
            raise ReplacedError(None, REPLACED)
        return Part(bytes(answer.bytes()), _known(meta))

    def folder(self, prefix: str) -> tuple[list[str], list[Listed]]:
        """See `Store.folder`."""
        for tries in count(1):
            try:
                found = self._obstore.list_with_delimiter(self._store, prefix.rstrip("/") or None)
                break
            except Exception as error:  # noqa: BLE001 - raised again there
                self._wait(error, tries)
        return list(found["common_prefixes"]), [Listed(item["path"], _known(item)) for item in found["objects"]]

    def below(self, prefix: str) -> Iterator[Listed]:
        """See `Store.below`."""
        last: str | None = None
        for tries in count(1):
            try:
                for page in self._obstore.list(self._store, prefix.rstrip("/") or None, offset=last, chunk_size=_PAGE):
                    found = [Listed(item["path"], _known(item)) for item in page]
                    yield from found
                    last = found[-1].key if found else last
                return
            except Exception as error:  # noqa: BLE001 - raised again there
                self._wait(error, tries)

    def _wait(self, error: Exception, tries: int) -> None:
        """Before a listing is asked for again: obstore does so for an answer that fails, not for one that breaks off.

        Raises what `error` means where that is something else, or it has been so too often.
        """
        told = self._told(error)
        if tries > RETRIES or not isinstance(told, TransientError) or _BROKEN_OFF not in str(error):
            raise told from error
        time.sleep(min(PAUSE_SECONDS[0] * 2**tries, PAUSE_SECONDS[1]))

    def put(self, key: str, data: bytes, *, new: bool) -> bool:
        """Write an object in one request; with `new` only where none stands, else False. Raises `FileAccessError`."""
        try:
            mode = "create" if new else "overwrite"
            self._obstore.put(self._store, key, data, mode=mode, use_multipart=False)
        except Exception as error:
            if new and type(error).__name__ in ("AlreadyExistsError", "PreconditionError"):
                return False
            raise self._told(error) from error
        return True

    def delete(self, keys: list[str]) -> None:
        """Remove objects. Raises `FileAccessError`."""
        try:
            self._obstore.delete(self._store, keys)
        except Exception as error:
            raise self._told(error) from error

    def _told(self, error: Exception) -> FileAccessError:
        """What obstore raised, as an error of ours."""
        return _told(error, _CREDENTIALS.get(_SCHEMES[self._scheme], ""))


class _FsspecStore:
    """The file system that fsspec has for a scheme; keys are whole addresses."""

    def __init__(self, scheme: str) -> None:
        try:
            fsspec = import_module("fsspec")
        except ImportError as error:
            raise FileAccessError(None, f"reading {scheme}:// needs fsspec: pip install fsspec") from error
        try:
            self._system = fsspec.filesystem(scheme)
        except Exception as error:
            raise FileAccessError(None, f"{scheme}:// cannot be read: {_shortened(error)}") from error

    def get(self, key: str, start: int, end: int | None, etag: str | None = None) -> Part:
        """See `Store.get`."""
        try:
            known = _fsspec_known(self._system.info(key))
            if etag is not None and known.etag != etag:
                raise ReplacedError(None, REPLACED)
            return Part(bytes(self._system.cat_file(key, start=start, end=end)), known)
        except Exception as error:
            raise _told(error) from error

    def whole(self, key: str, most: int, etag: str | None = None) -> Part | None:
        """See `Store.whole`."""
        try:
            size = _fsspec_known(self._system.info(key)).size
        except Exception as error:
            raise _told(error) from error
        return None if size > most else self.get(key, 0, None, etag)

    def folder(self, prefix: str) -> tuple[list[str], list[Listed]]:
        """See `Store.folder`."""
        try:
            names = self._system.ls(prefix, detail=True)
        except FileNotFoundError:
            return [], []
        except Exception as error:
            raise _told(error) from error
        folders = [self._system.unstrip_protocol(item["name"]) for item in names if item["type"] == "directory"]
        return folders, [self._listed(item) for item in names if item["type"] == "file"]

    def below(self, prefix: str) -> Iterator[Listed]:
        """See `Store.below`."""
        try:
            for _, _, files in self._system.walk(prefix, detail=True, on_error="raise"):
                yield from [self._listed(item) for item in files.values()]
        except FileNotFoundError:
            return
        except Exception as error:
            raise _told(error) from error

    def _listed(self, item: Mapping[str, Any]) -> Listed:
        return Listed(self._system.unstrip_protocol(item["name"]), _fsspec_known(item))


def _known(meta: Mapping[str, Any]) -> Known:
    return Known(meta["size"], _nanoseconds(meta["last_modified"]), meta["e_tag"])


def _fsspec_known(info: Mapping[str, Any]) -> Known:
    """The names differ from file system to file system."""
    moment = next((info[key] for key in ("LastModified", "last_modified", "mtime", "created") if info.get(key)), None)
    etag = next((str(info[key]) for key in ("ETag", "etag", "md5") if info.get(key)), None)
    return Known(info.get("size") or 0, _nanoseconds(moment), etag)


def _nanoseconds(moment: object) -> int | None:
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        return (moment - _EPOCH) // _MICROSECOND * 1000
    return int(moment * 10**9) if isinstance(moment, float) and moment > 0 else None


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def _allows_http(environment: Mapping[str, str]) -> bool:
    """Whether the environment names a store that speaks HTTP without encryption: options given here hide that."""
    endpoints = (environment.get(name, "") for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"))
    return environment.get("AWS_ALLOW_HTTP", "").lower() in ("1", "true") or any(
        endpoint.startswith("http://") for endpoint in endpoints
    )


def _boto3_credentials(scheme: str, environment: Mapping[str, str]) -> Any:
    """What reads ``~/.aws`` and named profiles, which obstore alone does not, where boto3 is installed."""
    if _SCHEMES[scheme] != "S3Store" or any(name in environment for name in _AWS_KEYS):
        return None
    try:
        session = import_module("boto3").Session()
        if session.get_credentials() is None:
            return None
        return import_module("obstore.auth.boto3").Boto3CredentialProvider(session)
    except ImportError:
        return None
    except Exception as error:
        raise _told(error, _CREDENTIALS["S3Store"]) from error


_AWS_KEYS: Final = ("AWS_ACCESS_KEY_ID", "AWS_SKIP_SIGNATURE", "AWS_WEB_IDENTITY_TOKEN_FILE")
_CREDENTIALS: Final = {
    "S3Store": "set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION, install boto3 to have ~/.aws read, or set "
    "AWS_SKIP_SIGNATURE=true for a public bucket",
    "GCSStore": "set GOOGLE_APPLICATION_CREDENTIALS, or GOOGLE_SKIP_SIGNATURE=true for a public bucket",
    "AzureStore": "set AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY or AZURE_STORAGE_SAS_TOKEN, or "
    "AZURE_SKIP_SIGNATURE=true for a public container",
    "HTTPStore": "the address may have to be signed",
}
REPLACED: Final = "the file was replaced while it was read"
_BROKEN_OFF: Final = "response body"
_STATUS: Final = re.compile(r"status code: (\d{3})")
_LASTING: Final = ("builder error", "Account must be specified")
"""In messages of requests that did not even begin."""
_NO_CREDENTIALS: Final = ("169.254.169.254", "metadata.google.internal", "NoCredentials", "computeMetadata")
"""In messages of those who looked for credentials at the last place there is."""


def _told(error: Exception, credentials: str = "") -> FileAccessError:
    """What a store's client raised, as an error of ours: by its class first, else by the status in its message."""
    if isinstance(error, FileAccessError):
        return error
    kind, code = type(error).__name__, _status(error)
    if kind in ("PreconditionError", "NotModifiedError"):
        return ReplacedError(None, REPLACED)
    denial = _denial(error)
    if denial is not None:
        return AccessDeniedError(None, f"{denial}; {credentials}" if credentials else denial)
    if isinstance(error, FileNotFoundError):
        return FileAccessError(errno.ENOENT, "there is no such object")
    if isinstance(error, (ConnectionError, TimeoutError)):
        return TransientError(None, _shortened(error))
    if isinstance(error, OSError) and error.errno is not None:
        return access_error(error, FileAccessError)
    lasting = kind != "GenericError" or code in _FINAL or any(word in str(error) for word in _LASTING)
    return (FileAccessError if lasting else TransientError)(None, _shortened(error))


def _denial(error: Exception) -> str | None:
    """What a store that lets nobody in said; None for other trouble."""
    if any(word in str(error) for word in _NO_CREDENTIALS):
        return "no credentials were found"
    return "the store denies access" if _status(error) in (401, 403) or isinstance(error, PermissionError) else None


def _status(error: Exception) -> int:
    """The status code of the answer; 0 where there was none."""
    found = _STATUS.search(str(error))
    return int(found[1]) if found else 0


_FINAL: Final = frozenset((*range(300, 408), *range(409, 429), *range(430, 500)))
"""Status codes that will be the same the next time: not 408, 429 and those of the server's own trouble."""


def _shortened(error: Exception) -> str:
    """What a client says, without its own state, times and numbers of requests: failures are counted by reason."""
    text = str(error).partition("\n\nDebug source:")[0].strip() or type(error).__name__
    _, tried, reason = text.rpartition(" - ")
    if _PERFORMING in text and tried:
        text = reason.partition(": <")[0]
    return one_line(text)[:_REASON]
