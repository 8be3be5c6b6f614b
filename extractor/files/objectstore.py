"""S3, GCS, Azure and the web by obstore: one HTTP client for each bucket or host, with signatures and a second try."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from importlib import import_module
from itertools import count
from typing import Any, Final

from extractor.errors import FileAccessError, ReplacedError, TransientError, extra_command
from extractor.files.address import Known
from extractor.files.background import interruptible
from extractor.files.store import Listed, NoRangesError, Part, nanoseconds
from extractor.files.storeerrors import REPLACED, status_of, told

SCHEMES: Final = {
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
_PAGE: Final = 1000
"""Objects of a listing that come together."""
_BROKEN_OFF: Final = "response body"


class ObjectStore:
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
            self._store = getattr(stores, SCHEMES[scheme]).from_url(root, **options)
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
            meant = self._told(error)
            if start == 0 and status_of(error) == 416:  # a range of nothing
                return Part(b"", Known(0))
            raise meant from error

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
        return interruptible(lambda: self._obstore.get(self._store, key, options=options))

    def _answered(self, answer: Any, etag: str | None) -> Part:
        meta = answer.meta
        if etag is not None and _etag(meta) != etag:
            raise ReplacedError(None, REPLACED)
        return Part(interruptible(lambda: bytes(answer.bytes())), _known(meta))

    def folder(self, prefix: str) -> tuple[list[str], list[Listed]]:
        """See `Store.folder`."""
        for tries in count(1):
            try:
                found = interruptible(
                    lambda: self._obstore.list_with_delimiter(self._store, prefix.rstrip("/") or None)
                )
                break
            except Exception as error:  # noqa: BLE001 - raised again there
                self._wait(error, tries)
        return list(found["common_prefixes"]), [Listed(item["path"], _known(item)) for item in found["objects"]]

    def below(self, prefix: str) -> Iterator[Listed]:
        """See `Store.below`."""
        last: str | None = None
        for tries in count(1):
            try:
                pages = iter(self._obstore.list(self._store, prefix.rstrip("/") or None, offset=last, chunk_size=_PAGE))
                while page := interruptible(lambda pages=pages: next(pages, None)):  # type: ignore[misc]
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
        meant = self._told(error)
        if tries > RETRIES or not isinstance(meant, TransientError) or _BROKEN_OFF not in str(error):
            raise meant from error
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
        return told(error, _CREDENTIALS.get(SCHEMES[self._scheme], ""))


def _known(meta: Mapping[str, Any]) -> Known:
    return Known(meta["size"], nanoseconds(meta["last_modified"]), _etag(meta))


def _etag(meta: Any) -> str | None:
    """With quotes: Azure's listings have none, its answers do."""
    tag: str | None = meta["e_tag"]
    return tag if tag is None or tag.endswith('"') else f'"{tag}"'


def _allows_http(environment: Mapping[str, str]) -> bool:
    """Whether the environment names a store that speaks HTTP without encryption: options given here hide that."""
    endpoints = (environment.get(name, "") for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"))
    return environment.get("AWS_ALLOW_HTTP", "").lower() in ("1", "true") or any(
        endpoint.startswith("http://") for endpoint in endpoints
    )


def _boto3_credentials(scheme: str, environment: Mapping[str, str]) -> Any:
    """What reads ``~/.aws`` and named profiles, which obstore alone does not, where boto3 is installed."""
    if SCHEMES[scheme] != "S3Store" or any(name in environment for name in _AWS_KEYS):
        return None
    try:
        session = import_module("boto3").Session()
        if session.get_credentials() is None:
            return None
        return import_module("obstore.auth.boto3").Boto3CredentialProvider(session)
    except ImportError:
        return None
    except Exception as error:
        raise told(error, _CREDENTIALS["S3Store"]) from error


_AWS_KEYS: Final = ("AWS_ACCESS_KEY_ID", "AWS_SKIP_SIGNATURE", "AWS_WEB_IDENTITY_TOKEN_FILE")
_CREDENTIALS: Final = {
    "S3Store": "set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION, install boto3 to have ~/.aws read, or set "
    "AWS_SKIP_SIGNATURE=true for a public bucket",
    "GCSStore": "set GOOGLE_APPLICATION_CREDENTIALS, or GOOGLE_SKIP_SIGNATURE=true for a public bucket",
    "AzureStore": "set AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY or AZURE_STORAGE_SAS_TOKEN, or "
    "AZURE_SKIP_SIGNATURE=true for a public container",
    "HTTPStore": "the address may have to be signed",
}
