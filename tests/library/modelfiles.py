"""Tiny model files, built by hand."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

TIME = 1_700_000_000


def safetensors(
    shapes: Mapping[str, Sequence[int]] | None = None,
    metadata: Mapping[str, str] | None = None,
    *,
    data: bytes = b"tensor data",
    header: bytes | None = None,
    length: int | None = None,
) -> bytes:
    """A file whose tensors all begin at 0; `header` and `length` may lie."""
    if header is None:
        values: dict[str, Any] = {"__metadata__": dict(metadata)} if metadata else {}
        for name, shape in (shapes or {}).items():
            values[name] = {"dtype": "F16", "shape": list(shape), "data_offsets": [0, len(data)]}
        header = json.dumps(values).encode()
    return struct.pack("<Q", len(header) if length is None else length) + header + data


LORA = {"lora_unet_up_blocks_3_attentions_0_proj_in.lora_down.weight": [4, 320]}
SDXL_LORA = {"lora_te2_text_model_encoder_layers_0_mlp_fc1.lora_down.weight": [4, 1280]}
CHECKPOINT = {
    "model.diffusion_model.input_blocks.0.0.weight": [320, 4, 3, 3],
    "first_stage_model.decoder.conv_in.weight": [512, 4, 3, 3],
    "cond_stage_model.transformer.text_model.embeddings.token_embedding.weight": [49408, 768],
}
SDXL = {
    "model.diffusion_model.input_blocks.0.0.weight": [320, 4, 3, 3],
    "first_stage_model.decoder.conv_in.weight": [512, 4, 3, 3],
    "conditioner.embedders.1.model.ln_final.weight": [1280],
}


def lora(seed: str, metadata: Mapping[str, str] | None = None) -> bytes:
    """A LoRA whose tensors are the words of `seed`."""
    return safetensors(LORA, metadata, data=f"tensors of {seed}".encode())


def checkpoint(seed: str, metadata: Mapping[str, str] | None = None) -> bytes:
    return safetensors(CHECKPOINT, metadata, data=f"tensors of {seed}".encode())


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def tensors_sha256(data: bytes) -> str:
    """AutoV3 in full, by its definition."""
    return sha256(data[8 + int.from_bytes(data[:8], "little") :])


def gguf_text(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def gguf(pairs: Sequence[bytes], tensors: Mapping[str, Sequence[int]] | None = None, *, version: int = 3) -> bytes:
    """`pairs` as `gguf_pair` makes them; shapes as PyTorch has them."""
    body = b"".join(pairs)
    for name, shape in (tensors or {}).items():
        body += gguf_text(name) + struct.pack("<I", len(shape))
        body += b"".join(struct.pack("<Q", size) for size in reversed(shape)) + struct.pack("<IQ", 0, 0)
    return b"GGUF" + struct.pack("<IQQ", version, len(tensors or {}), len(pairs)) + body + b"quants"


def gguf_pair(key: str, kind: int, value: bytes) -> bytes:
    return gguf_text(key) + struct.pack("<I", kind) + value


def put(path: Path, data: bytes | str | dict[str, Any] | list[Any], *, time: int = TIME) -> Path:
    """A file with a known modification time, its folders made."""
    import os

    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(data, (dict, list)):
        data = json.dumps(data)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    os.utime(path, (time, time))
    return path


def answer(data: bytes, name: str, **more: Any) -> dict[str, Any]:
    """Civitai's answer about a version whose file is `data`."""
    return {
        "id": 101,
        "modelId": 11,
        "name": "v1",
        "baseModel": "Pony",
        "trainedWords": ["zorblax", "quux"],
        "model": {"name": "Zorblax Style", "type": "LORA"},
        "files": [
            {
                "name": name,
                "sizeKB": len(data) / 1024,
                "hashes": {
                    "SHA256": sha256(data).upper(),
                    "AutoV2": sha256(data)[:10].upper(),
                    "AutoV3": tensors_sha256(data)[:12].upper(),
                },
            }
        ],
        **more,
    }
