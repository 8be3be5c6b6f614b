"""The one table of columns: CSV, Parquet and the catalog follow from it, each in this order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Final, NamedTuple, TypeAlias


class Kind(Enum):
    """What a column holds. What does not fit is kept elsewhere, never bent to fit."""

    TEXT = "text"
    COUNT = "count"
    """An integer of our own: below 64 bits."""
    INTEGER = "integer"
    """An integer of the file's: usually below 64 bits."""
    BIG = "big"
    """An integer often beyond 64 bits: ComfyUI's seeds go to 2^64 - 1."""
    NUMBER = "number"
    FLAG = "flag"
    MAP = "map"
    """Text to text."""
    JSON = "json"
    """Any value, as a JSON text."""


Shape: TypeAlias = "Kind | Mapping[str, Shape] | Sequence[Shape]"
"""A value, a struct of named values, or a list of one kind."""

TEXT, COUNT, INTEGER, BIG, NUMBER, FLAG, MAP, JSON = Kind

RESOURCE: Final[dict[str, Kind]] = {
    "type": TEXT,
    "name": TEXT,
    "hash": TEXT,
    "weight": NUMBER,
    "strengthClip": NUMBER,
    "modelVersionId": COUNT,
}
"""Keys of a resource: the fields of Parquet's struct and the columns of the catalog's table, in this order."""


CREDENTIALS: Final[dict[str, Shape]] = {
    "claimGenerator": TEXT,
    "softwareAgents": [TEXT],
    "digitalSourceTypes": [TEXT],
    "verified": FLAG,
}
FOREIGN: Final[dict[str, Kind]] = {"name": TEXT, "size": COUNT, "mtimeNs": COUNT}
"""A file of another tool, which is a triple in a record."""
STAMP: Final[dict[str, Shape]] = {
    "size": COUNT,
    "mtimeNs": COUNT,
    "etag": TEXT,
    "extractor": TEXT,
    "hashRevision": COUNT,
    "options": JSON,
    "foreign": [FOREIGN],
    "models": TEXT,
}
MODEL_FILL: Final[dict[str, Kind]] = {"at": TEXT, "by": TEXT, "file": TEXT, "filled": JSON, "replaced": JSON}
"""What a library of models added to one part of a record."""


class Column(NamedTuple):
    """One column. Where it has no name or shape, that format has no such column."""

    csv: str | None
    place: tuple[str, ...]
    """Where its value stands in a row as `extractor.rows.rows.row_object` gives it."""
    shape: Shape | None
    """What Parquet holds, nested as the place is; what has none stands in Parquet's ``meta.other``."""
    sql: str | None = None
    """Name in the catalog's table ``images``."""


BASE_SAMPLER: Final = "baseSampler"
"""The sampler without its schedule: no key of a record, see `extractor.rows.normal`."""
OTHER: Final = ("meta", "other")
"""Stands for the keys of meta that have no column, so that nothing is lost. It is no key of a record."""

COLUMNS: Final = (
    Column("path", ("path",), TEXT),
    Column("url", ("url",), TEXT, "url"),
    Column("id", ("id",), COUNT, "record_id"),
    Column("width", ("width",), COUNT, "width"),
    Column("height", ("height",), COUNT, "height"),
    Column("hash", ("hash",), TEXT, "hash"),
    Column("createdAt", ("createdAt",), TEXT, "created_at"),
    Column("generator", ("extraction", "generator"), TEXT, "generator"),
    Column("generatorVersion", ("extraction", "version"), TEXT, "generator_version"),
    Column("prompt", ("meta", "prompt"), TEXT, "prompt"),
    Column("negativePrompt", ("meta", "negativePrompt"), TEXT, "negative_prompt"),
    Column("seed", ("meta", "seed"), BIG, "seed"),
    Column("steps", ("meta", "steps"), INTEGER, "steps"),
    Column("cfgScale", ("meta", "cfgScale"), NUMBER, "cfg_scale"),
    Column("sampler", ("meta", "sampler"), TEXT, "sampler"),
    Column("baseSampler", (BASE_SAMPLER,), TEXT, "base_sampler"),
    Column("scheduler", ("meta", "scheduler"), TEXT, "scheduler"),
    Column("denoise", ("meta", "denoise"), NUMBER, "denoise"),
    Column("clipSkip", ("meta", "clipSkip"), NUMBER, "clip_skip"),
    Column("Size", ("meta", "Size"), TEXT, "size"),
    Column("Model", ("meta", "Model"), TEXT, "model"),
    Column("Model hash", ("meta", "Model hash"), TEXT, "model_hash"),
    Column("VAE", ("meta", "VAE"), TEXT, "vae"),
    Column("resources", ("meta", "resources"), [RESOURCE]),
    Column("hashes", ("meta", "hashes"), MAP),
    Column("civitaiResources", ("meta", "civitaiResources"), None),
    Column("characterPrompts", ("meta", "characterPrompts"), None),
    Column("extra", ("meta", "extra"), None),
    Column("otherMeta", OTHER, MAP),
    Column("aiGenerated", ("extraction", "aiGenerated"), FLAG),
    Column("sources", ("extraction", "sources"), [TEXT]),
    Column("warnings", ("extraction", "warnings"), [{"code": TEXT, "message": TEXT}]),
    Column("sha256", ("extraction", "sha256"), TEXT, "sha256"),
    Column("fileSize", ("extraction", "fileSize"), COUNT, "file_size"),
    Column("mimeType", ("extraction", "mimeType"), TEXT, "mime_type"),
    Column(None, ("extraction", "contentCredentials"), CREDENTIALS),
    Column(None, ("extraction", "models"), [MODEL_FILL]),
    Column(None, ("extraction", "raw"), [{"source": TEXT, "text": TEXT}]),
    Column(None, ("extraction", "stamp"), STAMP),
    Column("errorType", ("error", "type"), TEXT),
    Column("errorMessage", ("error", "message"), TEXT),
    Column(None, ("error", "transient"), FLAG),
)

META_COLUMNS: Final = frozenset(
    column.place[1] for column in COLUMNS if column.place[0] == "meta" and column.place != OTHER
)
"""Keys of meta with a column of their own."""
