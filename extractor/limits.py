"""Every bound on untrusted input, in one place."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final, Literal, TypeAlias

KIB: Final = 1024
MIB: Final = 1024 * KIB

PATH_BYTES: Final = 64 * KIB
"""Bytes of one entry of a list of paths; longer than any system's paths."""

RUN_BYTES: Final = 4 * MIB
"""Bytes of the file that describes a batch run."""
RUN_PARTS: Final = 1_000_000
"""Parts of a batch run."""
PART_ROWS: Final = 1_000_000
"""Rows of one part of a batch run."""
PART_BYTES: Final = 2048 * MIB
"""Bytes of one part of a batch run, before and after decompression."""


_DEEPEST: Final = {"json_depth": 200, "cbor_depth": 200, "box_depth": 100, "graph_depth": 80}
"""What is read by functions that call themselves must stay well below Python's limit of 1,000 calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on what one file may cost. All can be set per call: ``extract(path, limits=Limits(...))``.

    A limit that is reached costs the item it bounds and leaves a warning that names the limit
    (``limit:<field name>``); the rest of the file is still read.
    """

    text_bytes: int = 16 * MIB
    """Bytes of one text (a chunk, a tag, a comment), after inflating."""
    text_total_bytes: int = 32 * MIB
    """Bytes of all texts of one file together, after inflating."""
    chunks: int = 10_000
    """Chunks, segments, boxes or blocks walked in one file (pixel data chunks do not count)."""
    pixel_chunks: int = 300_000
    """Pixel data chunks (PNG IDAT) hopped over in one file."""
    box_depth: int = 16
    """Nesting of boxes (AVIF, HEIC, JPEG XL, MP4, JUMBF) and of EBML elements."""
    key_bytes: int = 1 * KIB
    """Bytes of the name of one tag or key (MP4, Matroska)."""
    box_bytes: int = 4 * MIB
    """Bytes of one box or element that is read whole for its fields (item tables, track headers)."""
    sub_blocks: int = 500_000
    """Data sub-blocks of a GIF that are stepped over one by one (full ones come in runs and do not count)."""
    junk_bytes: int = 1 * MIB
    """Bytes that belong to no block and are passed over in search of the next one."""
    skip_bytes: int = 256 * MIB
    """Bytes read only to get past data whose length is not declared (GIF frames)."""
    stream_bytes: int = 128 * MIB
    """Bytes read from a file object that cannot seek."""
    decode_bytes: int = 256 * MIB
    """Bytes of compressed pixel data handed to the decoder."""
    exif_bytes: int = 16 * MIB
    """Bytes of one EXIF block."""
    exif_entries: int = 2_000
    """Entries of all IFDs of one EXIF block."""
    exif_ifds: int = 32
    """IFDs of one EXIF block."""
    exif_blocks: int = 8
    """EXIF blocks of one file."""
    xmp_bytes: int = 1 * MIB
    """Bytes of one XMP packet."""
    xmp_depth: int = 200
    """Nesting of elements in an XMP packet."""
    xmp_items: int = 10_000
    """Elements and attributes of one XMP packet."""
    xmp_packets: int = 8
    """XMP packets of one file."""
    json_bytes: int = 8 * MIB
    """Characters of all JSON texts of one file that are read."""
    json_values: int = 500_000
    """Values (members, items and containers) of one JSON text."""
    json_depth: int = 100
    """Nesting of one JSON text."""
    c2pa_stores: int = 4
    """C2PA manifest stores of one file that are tried until one can be read."""
    cbor_depth: int = 32
    """Nesting of one CBOR value (C2PA)."""
    cbor_items: int = 200_000
    """CBOR values of one C2PA manifest store."""
    integer_digits: int = 40
    """Digits of an integer; longer ones stay text."""
    sources: int = 40
    """Texts of one file that are taken for generation data; all others stay in the record's raw texts."""
    settings: int = 10_000
    """``Key: value`` pairs of one infotext."""
    infotext_lines: int = 10_000
    """Lines of all texts of one file, from the end of each, that are tried as the settings line of an infotext."""
    labels: int = 50_000
    """``label: value`` pairs of all texts of one file that are no infotexts."""
    name_length: int = 1_000
    """Characters of a model's name; longer ones keep their folder and extension."""
    resources: int = 10_000
    """Resources of one file."""
    graphs: int = 8
    """Executed ComfyUI graphs of one file."""
    graph_nodes: int = 20_000
    """Nodes of the ComfyUI graphs of one file."""
    graph_steps: int = 400_000
    """Links followed while the ComfyUI graphs of one file are read."""
    graph_depth: int = 64
    """Nested joins (of texts, of conditionings) in one ComfyUI graph."""
    graph_text: int = 1 * MIB
    """Characters of a text that nodes of a ComfyUI graph put together."""
    pixels: int = 89_478_485
    """Pixels of a picture that is decoded for its hash (Pillow's own warning bound)."""
    narrow_side: int = 1_000_000
    """The longer side of a picture that is too narrow for a hash and is decoded for hidden texts alone."""
    decoder_bytes: int = 768 * MIB
    """Memory of a decoder that holds the whole picture several times (WebP, AVIF, HEIC, JPEG XL, progressive JPEG):
    8192 x 8192 pixels of WebP."""
    rle_pixels: int = 4_000_000
    """Pixels of a run-length encoded BMP that is decoded for its hash."""
    jpeg_scans: int = 100
    """Scans of a progressive JPEG that is decoded for its hash."""
    model_header_bytes: int = 32 * MIB
    """Bytes of the header of one model file that is read (safetensors allows 100 MB)."""
    model_header_items: int = 2_000_000
    """Values of the header of one model file."""
    members: int = 4_000_000
    """Members of one archive."""
    directory_bytes: int = 64 * MIB
    """Bytes of the directory of one ZIP, which is held in memory: a million members."""
    inflate_ratio: int = 250
    """How many times longer a member of a ZIP may become, once it has 4 MiB; `stream_bytes` bounds it as well."""
    warnings: int = 100
    """Warnings kept for one file."""

    def __post_init__(self) -> None:
        """Raises ValueError for a negative limit, and for nesting that Python's own stack would not bear."""
        for item in fields(self):
            value, most = getattr(self, item.name), _DEEPEST.get(item.name)
            if value < 0 or (most is not None and value > most):
                raise ValueError(f"{item.name} = {value} is out of range" + (f" (at most {most})" if most else ""))


DEFAULT_LIMITS: Final = Limits()

LimitName: TypeAlias = Literal[
    "text_bytes", "text_total_bytes", "chunks", "pixel_chunks", "box_depth", "key_bytes", "box_bytes",
    "sub_blocks", "junk_bytes", "skip_bytes", "stream_bytes", "decode_bytes", "exif_bytes", "exif_entries",
    "exif_ifds", "exif_blocks", "xmp_bytes", "xmp_depth", "xmp_items", "xmp_packets", "json_bytes", "json_values",
    "json_depth", "c2pa_stores", "cbor_depth", "cbor_items", "integer_digits", "sources", "settings",
    "infotext_lines", "labels", "name_length", "resources", "graphs", "graph_nodes", "graph_steps", "graph_depth",
    "graph_text", "pixels", "narrow_side", "decoder_bytes", "rle_pixels", "jpeg_scans", "model_header_bytes",
    "model_header_items", "members", "directory_bytes", "inflate_ratio", "warnings",
]  # fmt: skip
"""The fields of `Limits`, so that a misspelt name is a type error; a test holds them equal."""
