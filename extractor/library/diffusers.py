"""A diffusers folder: one model in parts, told by its ``model_index.json``."""

from __future__ import annotations

import os
from typing import Final

from extractor.files.bytesource import FileSource
from extractor.ledger import Ledger
from extractor.library.bases import base_of_pipeline
from extractor.library.header import Header
from extractor.library.kinds import CHECKPOINT, DIFFUSERS, DIFFUSERS_INDEX
from extractor.limits import MIB
from extractor.text.jsontext import load_object

_MAX_BYTES: Final = 1 * MIB


def index_path(folder: str) -> str:
    """The file that stands for the folder."""
    return os.path.join(folder, DIFFUSERS_INDEX)


def read_diffusers(source: FileSource, log: Ledger) -> Header:
    """The facts in the index of a folder."""
    text = source.read_at(0, min(source.size, _MAX_BYTES)).decode("utf-8", "replace")
    value = load_object(text, log, DIFFUSERS_INDEX) or {}
    return Header(DIFFUSERS, type=CHECKPOINT, base=base_of_pipeline(value.get("_class_name")))
