"""What a collection is made of: how many images of each model, LoRA, sampler, size, generator and month."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from extractor.catalog.facts import lora_names, milliseconds
from extractor.catalog.matching import matches
from extractor.catalog.query import Every, Query
from extractor.errors import OutputError
from extractor.rows.columns import BASE_SAMPLER
from extractor.rows.normal import normal_row
from extractor.rows.rows import row_object, value_at
from extractor.scanning.tally import Tally

if TYPE_CHECKING:
    from extractor.catalog.search import CatalogSearch
    from extractor.scanning.scan import ScanResult

EVERYTHING: Final = Every(())
KINDS: Final = ("models", "loras", "samplers", "schedulers", "sizes", "generators", "months")
"""What is counted, in the order it is told."""


@dataclass
class Stats:
    """Counts, from any number of catalogs and scans together."""

    images: int = 0
    with_metadata: int = 0
    failures: Tally = field(default_factory=Tally)
    """Files that could not be read, among them no images, and why."""
    counts: dict[str, Counter[str]] = field(default_factory=lambda: {kind: Counter() for kind in KINDS})
    """Kind of `KINDS` -> word -> images."""

    def add_result(self, result: ScanResult, query: Query = EVERYTHING) -> None:
        """Count a record that meets a query."""
        if result.error is not None:
            self.failures.add(result)
        if result.record is None or not matches(query, result):
            return
        row = normal_row(row_object(result))
        self.images += 1
        self.with_metadata += row.get("meta") is not None
        for kind, words in _words(row).items():
            self.counts[kind].update({word for word in words if isinstance(word, str) and word})

    @property
    def failed(self) -> int:
        """How many files could not be read."""
        return self.failures.failed

    def add_catalog(self, search: CatalogSearch, query: Query = EVERYTHING) -> None:
        """Count the images of a catalog that meet a query."""
        images, with_metadata, counts = search.counts(query)
        self.images += images
        self.with_metadata += with_metadata
        for kind, words in counts.items():
            self.counts[kind].update(words)

    def top(self, kind: str, limit: int | None = None) -> list[tuple[str, int]]:
        """The most frequent words of a kind, of equal ones by name; months in their order, the latest at the end."""
        if kind == "months":
            return sorted(self.counts[kind].items())[-limit if limit else 0 :]
        return sorted(self.counts[kind].items(), key=lambda item: (-item[1], item[0].casefold(), item[0]))[:limit]

    def as_object(self, limit: int | None = None) -> dict[str, Any]:
        """As JSON: ``{images, withMetadata, models: [{name, images}, ...], ...}``."""
        lists = {kind: [{"name": name, "images": count} for name, count in self.top(kind, limit)] for kind in KINDS}
        return {"images": self.images, "withMetadata": self.with_metadata, **lists}


def _words(row: dict[str, Any]) -> dict[str, Iterable[Any]]:
    width, height, created = row.get("width"), row.get("height"), row.get("createdAt")
    return {
        "models": [value_at(row, ("meta", "Model"))],
        "loras": lora_names(row),
        "samplers": [row.get(BASE_SAMPLER)],
        "schedulers": [value_at(row, ("meta", "scheduler"))],
        "sizes": [f"{width}x{height}" if width and height else None],
        "generators": [value_at(row, ("extraction", "generator"))],
        "months": [str(created)[:7] if milliseconds(created) is not None else None],
    }


def count(paths: Iterable[str], query: Query = EVERYTHING, **options: Any) -> Stats:
    """The counts of catalogs, files and folders; `options` are those of `extractor.search`."""
    from extractor.catalog.find import search
    from extractor.catalog.opening import is_catalog
    from extractor.catalog.search import CatalogSearch

    stats = Stats()
    for path in paths:
        if is_catalog(os.fspath(path)):
            try:
                with closing(CatalogSearch(path)) as catalog:
                    stats.add_catalog(catalog, query)
            except OutputError as error:
                raise OutputError(error.errno, f"{path}: {error}") from error
        else:
            for result in search(query, path, **options):
                stats.add_result(result)
    return stats
