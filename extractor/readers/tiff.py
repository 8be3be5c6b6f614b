"""TIFF and BigTIFF files: the tags of the EXIF reader, from the file itself. Pixels are never decoded."""

from __future__ import annotations

from extractor.containers.kinds import KINDS
from extractor.embedded import Embedded
from extractor.files.bytesource import ByteSource
from extractor.ledger import Ledger
from extractor.readers.blocks.exif import read_exif_source


def read_tiff(source: ByteSource, log: Ledger) -> Embedded:
    """Size, orientation, texts, XMP and IPTC of a TIFF, wherever in the file its directories stand."""
    embedded = Embedded("tiff", KINDS["tiff"].mime)
    facts = read_exif_source(source, embedded, log)
    embedded.width, embedded.height, embedded.orientation = facts.width, facts.height, facts.orientation
    return embedded
