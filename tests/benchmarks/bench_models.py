"""Cost of the model library: hashing against sha256sum on the same file, and headers of LoRAs.

Run by hand: ``python tests/benchmarks/bench_models.py [MIB]``. Best of five each, taken in turns so that other work
on the machine meets both alike. Files are in the page cache.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from time import perf_counter, process_time

from extractor import ModelLibrary
from extractor.files.bytesource import FileSource
from extractor.library.hashing import SHA256, TENSORS, available_kinds, hash_file

ROUNDS = 5
LORAS = 1_000
HEADER = 135_000
"""Bytes of JSON in the header of a usual LoRA with its training data's tags."""


def seconds(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def hashed(path: Path, kinds: frozenset[str]) -> dict[str, str] | None:
    with closing(FileSource(path)) as source:
        return hash_file(source, kinds, data_start=8)


def hashing(folder: Path, mib: int) -> None:
    path = folder / "checkpoint.safetensors"
    with path.open("wb") as file:
        file.write((0).to_bytes(8, "little"))
        block = os.urandom(1 << 20)
        for _ in range(mib):
            file.write(block)
    works: dict[str, Callable[[], object]] = {
        "ours, SHA-256": lambda: hashed(path, frozenset((SHA256,))),
        "ours, SHA-256 and tensors": lambda: hashed(path, frozenset((SHA256, TENSORS))),
        "ours, all kinds": lambda: hashed(path, available_kinds()),
        "hashlib.file_digest": lambda: hashlib.file_digest(path.open("rb"), "sha256"),
    }
    if shutil.which("sha256sum"):
        works["sha256sum"] = lambda: subprocess.run(["sha256sum", path], check=True, capture_output=True)
    best = dict.fromkeys(works, float("inf"))
    for _ in range(ROUNDS):
        for name, work in works.items():
            best[name] = min(best[name], seconds(work))
    for name, time in best.items():
        print(f"{name:28} {mib / 1024:.2f} GiB {time:7.2f} s {mib * 1.048576 / time:8.0f} MB/s")
    if "sha256sum" in best:
        print(f"ours / sha256sum: {best['ours, SHA-256'] / best['sha256sum']:.3f}")


def headers(folder: Path) -> None:
    tensors = {
        f"lora_unet_up_blocks_3_attentions_0_block_{index}.{part}.weight": {
            "dtype": "F16",
            "shape": [16, 320],
            "data_offsets": [0, 64],
        }
        for index in range(300)
        for part in ("lora_down", "lora_up")
    }
    for number in range(LORAS):
        metadata = {"ss_output_name": f"lora{number}", "ss_base_model_version": "sd_v1", "ss_tag_frequency": ""}
        size = len(json.dumps({"__metadata__": metadata, **tensors}))
        metadata["ss_tag_frequency"] = "tag, " * ((HEADER - size) // 5)
        header = json.dumps({"__metadata__": metadata, **tensors}).encode()
        data = len(header).to_bytes(8, "little") + header + number.to_bytes(8, "little") * 8
        (folder / f"lora{number:04}.safetensors").write_bytes(data)
    for hash in ("none", "small"):
        times, processor = [], []
        for _ in range(3):
            with ModelLibrary.open(":memory:") as library:
                start = process_time()
                times.append(seconds(lambda library=library, hash=hash: library.scan(folder, hash=hash)))
                processor.append(process_time() - start)
                again = seconds(lambda library=library, hash=hash: library.scan(folder, hash=hash))
        print(f"{LORAS:,} LoRA headers of {len(header):,} bytes, hash={hash}: {min(times):.2f} s")
        print(f"  {min(processor):.2f} s of them on the processor; a second scan {again:.2f} s")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        headers(Path(name))
    with tempfile.TemporaryDirectory() as name:
        hashing(Path(name), int(sys.argv[1]) if len(sys.argv) > 1 else 1024)
