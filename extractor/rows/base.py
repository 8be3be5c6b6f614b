"""What all writers have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from extractor.scanning.scan import Make, ScanResult, Skip


class RowWriter(ABC):
    """Takes the results of a scan one by one; memory does not grow with their number."""

    def write(self, result: ScanResult) -> None:
        """Append a row for a record or a failure; a file that was passed over or skipped has none.

        Raises `OutputError` or, for a stream of the caller's, its own `OSError`.
        """
        if result.row is not None:
            self.write_ready(result.row)
        elif result.record is not None or result.error is not None:
            self.write_row(result)

    @abstractmethod
    def write_row(self, result: ScanResult) -> None:
        """Append the row of a result that has a record or an error."""

    def write_ready(self, row: Any) -> None:
        """Append a row that `make` has made."""
        raise NotImplementedError

    @property
    def make(self) -> Make | None:
        """For the scan whose results are written: makes what `write_ready` takes, in the process that read the file."""
        return None

    @property
    def skip(self) -> Skip | None:
        """For the scan whose results are written: tells the files that the target holds already as they are now."""
        return None

    def close(self) -> None:  # noqa: B027 - most formats end with their last row
        """Write what follows the last row. A stream stays open."""

    def abandon(self) -> None:  # noqa: B027
        """Let go of the stream: the file will not be used."""
