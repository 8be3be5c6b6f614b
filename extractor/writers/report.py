"""What was done to a file."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class WriteReport:
    """What `embed`, `copy_metadata` or `strip` did. Places are named as in `extraction.sources`."""

    written: list[str] = field(default_factory=list)
    """Places that were written: ``png:iTXt:parameters``, ``jpeg:exif:UserComment``."""
    removed: list[str] = field(default_factory=list)
    """Places whose content is gone from the new file."""
    kept: list[str] = field(default_factory=list)
    """Places that hold, or may hold, something of the generation and were left as they are."""
    lost: list[str] = field(default_factory=list)
    """What could not be written or copied, and why, in words."""
    changed: bool = False
    """Whether the new file differs from the old one."""
    data: bytes | None = None
    """The new file, where no target took it."""
    path: str | None = None
    """The file that was written."""
