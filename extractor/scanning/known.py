"""What records of files would have now, without the files being opened: their stamps and urls."""

from __future__ import annotations

import os
from typing import Any

from extractor.extraction.identity import file_url, joined_url, quoted
from extractor.extraction.options import Options
from extractor.extraction.stamp import make_stamp
from extractor.files.address import Known
from extractor.readers.beside import stamp_foreign
from extractor.scanning.walk import FileEntry, Folder


class Stamps:
    """Tells the stamps that records of files would have now, without opening the files."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._plain = make_stamp(0, 0, options, [])

    def now(self, entry: FileEntry) -> dict[str, Any] | None:
        """The stamp of a file; None if it cannot be asked."""
        if entry.origin is not None:
            return self._of_origin(entry, entry.origin.known)
        try:
            status = os.stat(entry.path)
        except OSError:
            return None
        wanted = self._options.foreign_sidecars is not False
        foreign = stamp_foreign(entry.path, entry.beside) if wanted else []
        if foreign:
            return make_stamp(status.st_size, status.st_mtime_ns, self._options, foreign)
        return {**self._plain, "size": status.st_size, "mtimeNs": status.st_mtime_ns}

    def _of_origin(self, entry: FileEntry, known: Known | None) -> dict[str, Any] | None:
        """As the listing says; None where there was none."""
        if known is None:
            return None
        foreign = stamp_foreign("", entry.beside) if entry.beside else []
        return make_stamp(known.size, known.mtime_ns, self._options, foreign, known.etag)


class Urls:
    """The urls of records, without a file being opened."""

    def __init__(self, base_url: str | None) -> None:
        self._base_url = base_url
        self._folder: Folder | None = None
        self._prefix = ""

    def of(self, entry: FileEntry) -> str:
        """The url of a file of the walk."""
        if self._base_url is not None:
            return joined_url(self._base_url, entry.relative)
        if entry.origin is not None:
            return entry.origin.url
        if entry.folder is None:
            return file_url(entry.path)
        if entry.folder is not self._folder:
            self._folder = entry.folder
            url = file_url(entry.folder.path)
            self._prefix = url if url.endswith("/") else url + "/"
        return self._prefix + quoted(entry.name)
