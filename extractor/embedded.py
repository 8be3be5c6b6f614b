"""What the readers hand on: one flat description of a file, whatever its container."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, NamedTuple


class Carrier(IntEnum):
    """How a text is carried. The order is the precedence between texts of equal kind."""

    CHUNK = 0
    """A text chunk or tag of the container itself (PNG tEXt/zTXt/iTXt, MP4 ilst, Matroska SimpleTag)."""
    EXIF = 1
    XMP = 2
    COMMENT = 3
    """A comment without a keyword (JPEG COM, GIF comment extension)."""
    STEALTH = 4
    """Least significant bits of the pixels."""
    SIDECAR = 5
    """A file beside the image, written by another tool."""
    BEHIND = 6
    """A text behind the end of a PNG whose keyword stands before it too: never a source."""


XMP_PACKET: Final = "packet"
"""Key of the text that holds a whole XMP packet; its properties are texts of their own."""


class Text(NamedTuple):
    """One text of a file, with the place it was found."""

    container: str
    """``png``, ``jpeg``, ``webp``, ... as in `Embedded.container`; ``sidecar`` for a file beside it."""
    place: str
    """Where in the container: ``tEXt``, ``exif``, ``xmp``, ``COM``, ``comment``, ``ilst``, ``stealth-alpha``..."""
    key: str
    """PNG keyword, EXIF tag name, XMP property (``dc:description``), tag name; empty where there is none."""
    value: str
    carrier: Carrier

    @property
    def source(self) -> str:
        """The place as one word: ``png:tEXt:parameters``, ``jpeg:exif:UserComment``, ``jpeg:COM``."""
        return f"{self.container}:{self.place}:{self.key}" if self.key else f"{self.container}:{self.place}"


@dataclass(frozen=True, slots=True)
class C2pa:
    """What a C2PA manifest says of who made the picture. Signatures are not verified."""

    claim_generator: str | None = None
    software_agents: tuple[tuple[str, str | None], ...] = ()
    """(name, version) of each action's software agent, in file order, each once."""
    digital_source_types: tuple[str, ...] = ()
    """Last part of each IPTC digital source type URI, e.g. ``trainedAlgorithmicMedia``."""
    ai_assertion: bool = False
    """Whether an assertion says that AI made it, whoever signed."""


@dataclass(slots=True)
class Embedded:
    """Everything a reader found in one file, without decoding a pixel."""

    container: str
    """``png jpeg webp avif heic jxl gif tiff bmp mp4 webm`` (MOV and M4V are ``mp4``, MKV is ``webm``)."""
    mime: str
    width: int = 0
    """Stored width in pixels from the header, before `orientation` is applied; 0 when unknown."""
    height: int = 0
    orientation: int = 1
    """EXIF orientation 1..8 that a browser applies when it shows the file (always 1 for WebP and GIF)."""
    has_alpha: bool = False
    """Whether the header promises an alpha channel (decides whether stealth bits are looked for)."""
    texts: list[Text] = field(default_factory=list)
    """In file order; repeated keys are kept."""
    created_at: str | None = None
    """EXIF DateTimeOriginal with its offset tag as ISO 8601 with zone."""
    c2pa: C2pa | None = None
    pixel_ranges: tuple[tuple[int, int], ...] | None = None
    """(offset, length) pieces of the file that a decoder needs, in order; None: it must not be decoded."""

    def add(self, place: str, key: str, value: str, carrier: Carrier) -> None:
        """Append one text of this container."""
        self.texts.append(Text(self.container, place, key, value, carrier))

    @property
    def displayed_size(self) -> tuple[int, int]:
        """(width, height) as shown: orientations 5 to 8 swap the stored ones."""
        return (self.height, self.width) if self.orientation >= 5 else (self.width, self.height)
