"""Reads AI generation metadata out of local image files as records of the Civitai image schema."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from extractor.version import __version__

if TYPE_CHECKING:
    from extractor.catalog.find import search
    from extractor.catalog.query import QueryError
    from extractor.errors import (
        AccessDeniedError,
        BatchError,
        ContentCredentialsError,
        CorruptImageError,
        DoesNotFitError,
        ExtractorError,
        FileAccessError,
        LimitExceededError,
        OutputError,
        OutrankedError,
        ReplacedError,
        SidecarConflictError,
        TransientError,
        UnsupportedFormatError,
        WorkerDiedError,
        WriteRefusedError,
    )
    from extractor.export import open_writer
    from extractor.extraction.extract import extract
    from extractor.extraction.options import Completer
    from extractor.extraction.pasted import parse_infotext, parse_workflow
    from extractor.library.library import ModelLibrary, ResolvedModel
    from extractor.library.model import ModelFile
    from extractor.library.reading import ModelScanProgress, ScannedModels
    from extractor.limits import Limits
    from extractor.pixels.distance import hash_distance
    from extractor.record import Extraction, ImageRecord, Meta, ModelFill, RawText, Resource, Stamp, Stats
    from extractor.rows.base import RowWriter
    from extractor.rows.difference import Difference, differences
    from extractor.rows.frames import scan_rows
    from extractor.rows.same import SameGroup, find_same
    from extractor.scanning.scan import ScanResult, Skip, scan
    from extractor.sidecars.file import read_sidecar
    from extractor.sidecars.write import SidecarResult, SidecarStatus, sidecar_path, write_sidecars
    from extractor.writers.arguments import format_arguments
    from extractor.writers.civitai import CivitaiRemark, check_civitai
    from extractor.writers.copy import copy_metadata
    from extractor.writers.embed import embed
    from extractor.writers.infotext import format_infotext
    from extractor.writers.report import WriteReport
    from extractor.writers.strip import strip

_HOMES: Final = {
    "AccessDeniedError": "errors",
    "BatchError": "errors",
    "ContentCredentialsError": "errors",
    "CorruptImageError": "errors",
    "DoesNotFitError": "errors",
    "ExtractorError": "errors",
    "FileAccessError": "errors",
    "LimitExceededError": "errors",
    "OutputError": "errors",
    "OutrankedError": "errors",
    "ReplacedError": "errors",
    "SidecarConflictError": "errors",
    "TransientError": "errors",
    "UnsupportedFormatError": "errors",
    "WorkerDiedError": "errors",
    "WriteRefusedError": "errors",
    "extract": "extraction.extract",
    "hash_distance": "pixels.distance",
    "format_arguments": "writers.arguments",
    "format_infotext": "writers.infotext",
    "parse_infotext": "extraction.pasted",
    "parse_workflow": "extraction.pasted",
    "Limits": "limits",
    "Completer": "extraction.options",
    "ModelFile": "library.model",
    "ModelLibrary": "library.library",
    "ModelScanProgress": "library.reading",
    "ResolvedModel": "library.library",
    "ScannedModels": "library.reading",
    "ModelFill": "record",
    "Extraction": "record",
    "ImageRecord": "record",
    "Meta": "record",
    "RawText": "record",
    "Resource": "record",
    "Stamp": "record",
    "Stats": "record",
    "RowWriter": "rows.base",
    "Difference": "rows.difference",
    "differences": "rows.difference",
    "SameGroup": "rows.same",
    "find_same": "rows.same",
    "ScanResult": "scanning.scan",
    "Skip": "scanning.scan",
    "scan": "scanning.scan",
    "SidecarResult": "sidecars.write",
    "SidecarStatus": "sidecars.write",
    "sidecar_path": "sidecars.write",
    "write_sidecars": "sidecars.write",
    "read_sidecar": "sidecars.file",
    "open_writer": "export",
    "CivitaiRemark": "writers.civitai",
    "check_civitai": "writers.civitai",
    "copy_metadata": "writers.copy",
    "embed": "writers.embed",
    "WriteReport": "writers.report",
    "strip": "writers.strip",
    "scan_rows": "rows.frames",
    "QueryError": "catalog.query",
    "search": "catalog.find",
}
"""Public name -> module. Loaded on first use: a command that needs no record should not wait for pydantic."""

__all__ = [
    "AccessDeniedError",
    "BatchError",
    "CivitaiRemark",
    "Completer",
    "ContentCredentialsError",
    "CorruptImageError",
    "Difference",
    "DoesNotFitError",
    "Extraction",
    "ExtractorError",
    "FileAccessError",
    "ImageRecord",
    "LimitExceededError",
    "Limits",
    "Meta",
    "ModelFile",
    "ModelFill",
    "ModelLibrary",
    "ModelScanProgress",
    "OutputError",
    "OutrankedError",
    "QueryError",
    "RawText",
    "ReplacedError",
    "ResolvedModel",
    "Resource",
    "RowWriter",
    "SameGroup",
    "ScanResult",
    "ScannedModels",
    "SidecarConflictError",
    "SidecarResult",
    "SidecarStatus",
    "Skip",
    "Stamp",
    "Stats",
    "TransientError",
    "UnsupportedFormatError",
    "WorkerDiedError",
    "WriteRefusedError",
    "WriteReport",
    "__version__",
    "check_civitai",
    "copy_metadata",
    "differences",
    "embed",
    "extract",
    "find_same",
    "format_arguments",
    "format_infotext",
    "hash_distance",
    "open_writer",
    "parse_infotext",
    "parse_workflow",
    "read_sidecar",
    "scan",
    "scan_rows",
    "search",
    "sidecar_path",
    "strip",
    "write_sidecars",
]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"extractor.{home}"), name)
    globals()[name] = value
    return value
