from __future__ import annotations

import subprocess
import sys
from typing import get_args

from extractor.embedded import Embedded
from extractor.ledger import Ledger
from extractor.readers.blocks.registry import BlockKind, read_block
from tests.readers.exifblocks import tiff


def test_every_kind_of_block_has_a_reader() -> None:
    for kind in get_args(BlockKind):
        embedded = Embedded("jpeg", "image/jpeg")
        assert read_block(kind, b"", embedded, Ledger()) == 1
        assert embedded.texts == []


def test_only_exif_turns_the_picture() -> None:
    block = tiff([(0x0112, 3, 1, b"\0\x06")])
    assert read_block("exif", block, Embedded("jpeg", "image/jpeg"), Ledger()) == 6
    assert read_block("exif-item", bytes(4) + block, Embedded("avif", "image/avif"), Ledger()) == 1


def test_blocks_are_loaded_on_first_use() -> None:
    code = (
        "import sys, extractor.readers.png, extractor.readers.jpeg, extractor.readers.webp; "
        "print([name for name in sys.modules if name.startswith('extractor.readers.blocks.')])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "['extractor.readers.blocks.registry']"
