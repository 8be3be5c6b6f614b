"""What a file holds beside its picture, as the writers handle it, and the edits they ask a container for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol, TypeAlias

from extractor.files.bytesource import ByteSource
from extractor.files.splice import Splice
from extractor.ledger import LIMIT_PREFIX, Ledger

HoldingKind: TypeAlias = Literal["text", "exif", "xmp", "iptc", "c2pa"]


class Holding(NamedTuple):
    """One text or block, wherever in the file its parts stand."""

    kind: HoldingKind
    place: str
    """As in `Text.source`: ``png:tEXt:parameters``, ``jpeg:exif``."""
    ranges: tuple[tuple[int, int], ...]
    """(start, end) of its parts, with all that the container puts around them."""
    data: bytes = b""
    """The TIFF of an EXIF block, an XMP packet, the bytes of a text; empty where nobody needs them."""
    key: str = ""
    """Keyword of a text."""
    value: str = ""
    """A text, decoded."""
    form: str = ""
    """How the container stores it, where it is not the usual way."""
    item: int | None = None
    """Number of an item of AVIF and HEIC."""


@dataclass(slots=True)
class Changes:
    """What is to become of the holdings of a file."""

    drop: set[int] = field(default_factory=set)
    """Indices of holdings that go."""
    replace: dict[int, bytes] = field(default_factory=dict)
    """Index of a holding -> new data in its place."""
    texts: list[tuple[str, str]] = field(default_factory=list)
    """(keyword, text) to add, in containers that have such."""
    chunks: list[bytes] = field(default_factory=list)
    """Whole chunks to add as they are, in PNG."""
    exif: bytes | None = None
    """A TIFF to add."""
    xmp: bytes | None = None
    """A packet to add."""
    cut_trailing: bool = False
    """Leave out what stands behind the end of the picture's container."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing changes."""
        return not (
            self.drop or self.replace or self.texts or self.chunks or self.exif or self.xmp or self.cut_trailing
        )


class Editor(Protocol):
    """One open file of one container."""

    container: str
    holdings: list[Holding]
    most_exif: int | None
    """Bytes of the longest TIFF that fits; None where there is no such bound, 0 where there is no EXIF."""

    @property
    def has_trailing(self) -> bool:
        """Whether bytes that belong to nothing stand behind the end."""

    def rewritten(self, changes: Changes, *, split_exif: bool = False) -> Splice:
        """The file with these changes. Raises `DoesNotFitError` or `WriteRefusedError`."""


def check_whole(log: Ledger, what: str) -> None:
    """Raise `WriteRefusedError` when a limit ended the walk: what was not read could not be left in order."""
    from extractor.errors import WriteRefusedError

    reached = next((warning for warning in log.items if warning.code.startswith(LIMIT_PREFIX)), None)
    if reached is not None:
        raise WriteRefusedError(f"{what}: too large to be rewritten: {reached.message}")


def apply(splice: Splice, holdings: list[Holding], changes: Changes) -> None:
    """Delete what goes; of what is replaced, all parts but the first, whose place the container fills."""
    for index, holding in enumerate(holdings):
        if index in changes.drop:
            for start, end in holding.ranges:
                splice.delete(start, end)
        elif index in changes.replace:
            for start, end in holding.ranges[1:]:
                splice.delete(start, end)


def gaps(holdings: list[Holding], start: int, end: int) -> list[tuple[int, int]]:
    """(start, end) of what is no holding between two places; the holdings are in order, and of one part each."""
    found = []
    for holding in holdings:
        low, high = holding.ranges[0]
        if high > start:
            found.append((start, low))
            start = high
    return [(low, high) for low, high in (*found, (start, end)) if low < high]


def read_whole(source: ByteSource, start: int, length: int, what: str, log: Ledger) -> bytes:
    """The bytes of a holding. Raises `WriteRefusedError` when the limits on text do not allow them all."""
    allowed = log.allow_text(length, what)
    if allowed < length:
        check_whole(log, what)
    return source.read_at(start, allowed)
