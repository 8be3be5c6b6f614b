"""What came of one image of a run that writes sidecars."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from extractor.errors import ExtractorError
from extractor.record import ImageRecord
from extractor.scanning.scan import Facts


class SidecarStatus(StrEnum):
    """What came of one file."""

    WRITTEN = "written"
    WOULD_WRITE = "would-write"
    """In a dry run."""
    UNCHANGED = "unchanged"
    """Up to date: reading the image again would give the same record."""
    CONFLICT = "conflict"
    """The sidecar's place is taken; `SidecarResult.error` says by what."""
    FAILED = "failed"
    """The image could not be read or its sidecar not be written; `SidecarResult.error` says why."""
    PASSED_OVER = "passed-over"
    """Met in a folder and no image."""
    PRUNED = "pruned"
    """The image is gone and so is its sidecar now."""
    WOULD_PRUNE = "would-prune"
    """In a dry run."""


@dataclass(frozen=True, slots=True)
class SidecarResult:
    """What came of one file."""

    path: str
    """The image, as given or joined to what was given."""
    status: SidecarStatus
    sidecar: str | None = None
    """Path of its sidecar; None where there can be none."""
    record: ImageRecord | None = None
    """What was written, or would be (without its hash then). None where records were not asked for."""
    error: ExtractorError | None = None
    warning: str | None = None
    """What was wrong with the sidecar that stood there, and was put right."""
    facts: Facts | None = None
    """Of the record, also where that is not handed over."""
