"""`extract`: one source to one record. Everything that handles many files is built on this path."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

from extractor.extraction.assembly import assemble
from extractor.extraction.given import Opened, Source, opened
from extractor.extraction.identity import content_url, file_url, joined_url
from extractor.extraction.options import Options
from extractor.extraction.reading import Reading, read_file
from extractor.ledger import Ledger
from extractor.limits import DEFAULT_LIMITS, Limits
from extractor.merging.merge import merge_findings
from extractor.parsers.registry import find
from extractor.readers.beside import read_foreign, stamp_foreign
from extractor.record import ImageRecord


def extract(
    source: Source,
    *,
    hash: bool = True,
    stealth: bool | None = None,
    raw: bool = False,
    foreign_sidecars: bool = True,
    url: str | None = None,
    id: int | None = None,
    base_url: str | None = None,
    limits: Limits | None = None,
) -> ImageRecord:
    """The record of one image.

    Args:
        source: A path, the file's bytes, a binary file object (read from offset 0, its position restored; read
            once if it cannot seek), or a `PIL.Image.Image` that was opened from a file.
        hash: Also read the whole file for its SHA-256 and decode its pixels for the BlurHash and for stealth data.
            False leaves these out.
        stealth: None looks for data in the alpha channel's lowest bits when there is one and pixels are decoded
            anyway; True looks there and in the colours, even with ``hash=False``; False looks nowhere.
        raw: Keep every text of the file in `extraction.raw`.
        foreign_sidecars: Also read files of other tools beside the image (paths only), below all that is embedded.
        url: The record's url. Default: the path's ``file://`` URI, or ``urn:sha256:`` for bytes.
        id: The record's id. Default: derived from the url.
        base_url: Used with the file's name as the url when `url` is not given.
        limits: Bounds other than `Limits()`.

    Raises:
        FileAccessError: The path is missing, no regular file, or unreadable (also an `OSError`).
        UnsupportedFormatError: The bytes are of no known image or video.
        CorruptImageError: A known container in which nothing can be read.
        LimitExceededError: A limit was reached and nothing is left to return.
        TypeError: An argument is of the wrong type, or the file object is in text mode.
    """
    arguments = (hash, stealth, raw, foreign_sidecars, url, id, base_url, limits)
    if isinstance(id, bool) or not all(map(isinstance, arguments, _TYPES.values())):
        raise TypeError(_wrong_type(arguments))
    options = Options(hash, stealth, raw, foreign_sidecars, base_url, limits or DEFAULT_LIMITS)
    with opened(source, options.limits) as file:
        if base_url is not None and url is None and file.path is not None:
            url = joined_url(base_url, os.path.basename(file.path))
        return extract_opened(file, options, url, id)


_NONE: Final = type(None)
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "hash": (bool,),
    "stealth": (bool, _NONE),
    "raw": (bool,),
    "foreign_sidecars": (bool,),
    "url": (str, _NONE),
    "id": (int, _NONE),
    "base_url": (str, _NONE),
    "limits": (Limits, _NONE),
}
"""Argument of `extract` -> what it may be."""


def _wrong_type(arguments: tuple[object, ...]) -> str:
    return next(
        f"{name} must be {kinds[0].__name__}, not {type(value).__name__}"
        for value, (name, kinds) in zip(arguments, _TYPES.items(), strict=True)
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds)
    )


def extract_opened(
    file: Opened,
    options: Options,
    url: str | None = None,
    id: int | None = None,
    beside: Sequence[str] | None = None,
) -> ImageRecord:
    """The record of an open source; `extract` without the checking of arguments.

    `beside` are the paths of other tools' sidecars where the caller knows them; None: they are looked for.
    """
    log = Ledger(options.limits)
    reading = _read(file, options, log, digests=options.hash or (url is None and file.path is None))
    foreign = stamp_foreign(file.path, beside) if options.foreign_sidecars and file.path is not None else []
    texts = reading.texts + read_foreign(foreign, log)
    merged = merge_findings(find(texts, log), log)
    if file.changed():
        log.add("changed-while-read", "the file changed while it was read; read it again")
    if url is None:
        url = content_url(reading.digest) if file.path is None else file_url(file.path)
    return assemble(file, reading, foreign, texts, merged, options, log, url=url, id=id)


def _read(file: Opened, options: Options, log: Ledger, *, digests: bool) -> Reading:
    if file.image is None:
        return read_file(file.bytes, options, log, digests=digests)
    from extractor.extraction.pilimage import read_image

    return read_image(file.image, options, log)
