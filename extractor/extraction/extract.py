"""`extract`: one source to one record. Everything that handles many files is built on this path."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TypeVar

from extractor.errors import ReplacedError
from extractor.extraction.assembly import assemble
from extractor.extraction.given import Given, Naming, Opened, Source, opened
from extractor.extraction.identity import content_url, file_url, joined_url
from extractor.extraction.options import Completer, HashOption, Options, check_arguments, checked_options
from extractor.extraction.reading import Reading, read_file
from extractor.extraction.stack import with_room
from extractor.files.address import Address, Remote, address_of, name_of
from extractor.ledger import Ledger
from extractor.limits import Limits
from extractor.merging.merge import merge_findings
from extractor.parsers.registry import find
from extractor.readers.beside import ForeignSidecar, read_foreign, stamp_foreign
from extractor.record import ImageRecord


def extract(
    source: Source,
    *,
    remote: bool = False,
    hash: HashOption = True,
    stealth: bool | None = None,
    raw: bool = False,
    foreign_sidecars: bool | None = None,
    url: str | None = None,
    id: int | None = None,
    base_url: str | None = None,
    limits: Limits | None = None,
    models: Completer | None = None,
) -> ImageRecord:
    """The record of one image.

    Args:
        source: A path, the file's bytes, a binary file object (read from offset 0, its position restored; read
            once if it cannot seek), or a `PIL.Image.Image` that was opened from a file. A file object of fsspec
            gives the record its own address as url.
        remote: A string with a scheme is an address (``s3://bucket/a.png``, ``https://host/a.png``) that is fetched
            from. Without this, strings are paths.
        hash: Also read the whole file for its SHA-256 and decode its pixels for the BlurHash and for stealth data.
            False leaves these out. ``"bilinear"`` (the same as True) and ``"mipmap"`` are the two ways in which
            browsers scale a picture before they hash it.
        stealth: None looks for data in the alpha channel's lowest bits when there is one and pixels are decoded
            anyway; True looks there and in the colours, even with ``hash=False``; False looks nowhere.
        raw: Keep every text of the file in `extraction.raw`.
        foreign_sidecars: Also read files of other tools beside the image, below all that is embedded. None does so
            for files on disk (paths only).
        url: The record's url. Default: the path's ``file://`` URI, or ``urn:sha256:`` for bytes.
        id: The record's id. Default: derived from the url.
        base_url: Used with the file's name as the url when `url` is not given.
        limits: Bounds other than `Limits()`.
        models: A library of models, which fills absent names, hashes and version ids.

    Raises:
        FileAccessError: The path is missing, no regular file, or unreadable (also an `OSError`).
        UnsupportedFormatError: The bytes are of no known image or video.
        CorruptImageError: A known container in which nothing can be read.
        LimitExceededError: A limit was reached and nothing is left to return.
        TypeError: An argument is of the wrong type, or the file object is in text mode or returns no bytes.
        ValueError: `hash` is no way to scale; `url` or `base_url` cannot be written as UTF-8; a reader of obstore
            has no address, `url` is not given, and with ``hash=False`` not all of it is to be read.
    """
    check_arguments(url=url, id=id, remote=remote)
    options = checked_options(
        hash=hash,
        stealth=stealth,
        raw=raw,
        foreign_sidecars=foreign_sidecars,
        base_url=base_url,
        limits=limits,
        models=models,
    )
    if remote and isinstance(source, str):
        source = address_of(source) or source
    with Naming(source):
        return with_room(lambda: twice(source, lambda given: _extract(given, options, url, id)))


T = TypeVar("T")


def twice(source: Given, read: Callable[[Given], T]) -> T:
    """What `read` makes of a source; a remote file that is replaced meanwhile is read once more, as it is then."""
    try:
        return read(source)
    except ReplacedError:
        address = source.address if isinstance(source, Remote) else source
        if not isinstance(address, Address):
            raise
        return read(Remote(address))


def _extract(source: Given, options: Options, url: str | None, id: int | None) -> ImageRecord:
    with opened(source, options.limits, whole=options.decodes) as file:
        if options.base_url is not None and url is None:
            if file.path is not None:
                url = joined_url(options.base_url, os.path.basename(file.path))
            elif file.url is not None:
                url = joined_url(options.base_url, name_of(file.url))
        return extract_opened(file, options, url, id)


def extract_opened(
    file: Opened,
    options: Options,
    url: str | None = None,
    id: int | None = None,
    beside: Sequence[str | ForeignSidecar] | None = None,
) -> ImageRecord:
    """The record of an open source; `extract` without the checking of arguments.

    `beside` are the paths of other tools' sidecars where the caller knows them; None: they are looked for.
    """
    log = Ledger(options.limits)
    if url is None and file.path is None:
        url = file.url
    nameless = url is None and file.path is None
    if nameless and file.is_far and not options.hash:
        raise ValueError("the file object does not tell its address; pass url=, else all of it is read for one")
    reading = _read(file, options, log, digests=bool(options.hash) or nameless)
    foreign = _beside(file, options, beside)
    texts = reading.texts + read_foreign(foreign, log)
    size = (reading.embedded.width, reading.embedded.height)
    merged = merge_findings(find(texts, log, size), log)
    if file.changed():
        log.add("changed-while-read", "the file changed while it was read; read it again")
    if url is None:
        url = content_url(reading.digest) if file.path is None else file_url(file.path)
    record = assemble(file, reading, foreign, texts, merged, options, log, url=url, id=id)
    return record if options.models is None else options.models.complete(record)


def _beside(file: Opened, options: Options, known: Sequence[str | ForeignSidecar] | None) -> list[ForeignSidecar]:
    """Other tools' sidecars; those of files that have no path only where somebody has listed them."""
    if options.foreign_sidecars is False or (file.path is None and not known):
        return []
    return stamp_foreign(file.path or "", known)


def _read(file: Opened, options: Options, log: Ledger, *, digests: bool) -> Reading:
    if file.image is None:
        return read_file(file.bytes, options, log, digests=digests)
    from extractor.extraction.pilimage import read_image

    return read_image(file.image, options, log)
