"""What the header of a model file tells, whatever its format."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Header:
    """The facts of one file. All but `format` may be absent."""

    format: str
    type: str | None = None
    base: str | None = None
    title: str | None = None
    alias: str | None = None
    """The name its trainer gave it; A1111 may write it in place of the file's."""
    words: list[str] = field(default_factory=list)
    """Words that set it off."""
    hashes: dict[str, str] = field(default_factory=dict)
    """Kind -> hash that the header claims, as it is written there."""
    data_start: int | None = None
    """Offset of the tensors (safetensors)."""
