"""What is read of headers, against bytes worked out by hand."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.files.bytesource import BytesSource
from extractor.ledger import Ledger
from extractor.library.formats import read_header
from extractor.library.header import Header
from extractor.limits import Limits
from tests.library.modelfiles import CHECKPOINT, LORA, SDXL, SDXL_LORA, gguf, gguf_pair, gguf_text, safetensors


def read(name: str, data: bytes, limits: Limits | None = None) -> tuple[Header | None, list[str]]:
    log = Ledger(limits or Limits())
    header = read_header(name, BytesSource(data), log)
    return header, [code for code, _ in log.items]


TENSORS = [
    ("SD 1 checkpoint", CHECKPOINT, "checkpoint", "SD 1.5"),
    ("SDXL checkpoint", SDXL, "checkpoint", "SDXL 1.0"),
    (
        "SDXL refiner",
        {
            "model.diffusion_model.out.2.weight": [4],
            "conditioner.embedders.0.model.ln_final.weight": [1280],
        },
        "checkpoint",
        "SDXL Refiner",
    ),
    (
        "SD 2 checkpoint",
        {
            "model.diffusion_model.out.2.weight": [4],
            "first_stage_model.encoder.conv_in.weight": [1],
            "cond_stage_model.model.ln_final.weight": [1024],
        },
        "checkpoint",
        "SD 2.1",
    ),
    ("SD 1 LoRA", LORA, "lora", "SD 1.5"),
    ("SDXL LoRA", SDXL_LORA, "lora", "SDXL 1.0"),
    (
        "SD 2 LoRA",
        {
            "lora_unet_up_blocks_3_attentions_0_attn2_to_k.lora_down.weight": [4, 1024],
            "lora_unet_up_blocks_3_attentions_0_attn2_to_k.lora_up.weight": [320, 4],
        },
        "lora",
        "SD 2.1",
    ),
    ("PEFT LoRA", {"transformer.single_transformer_blocks.0.attn.to_k.lora_A.weight": [16, 3072]}, "lora", "Flux.1"),
    ("LoKr", {"lycoris_blocks_0_attn.lokr_w1": [4, 4]}, "lora", None),
    ("LoHa", {"lora_unet_output_blocks_5_1_proj_in.hada_w1_a": [4, 4]}, "lora", "SDXL 1.0"),
    (
        "Flux.1 D",
        {"double_blocks.0.img_attn.norm.key_norm.scale": [128], "guidance_in.in_layer.weight": [3072, 256]},
        "diffusion-model",
        "Flux.1 D",
    ),
    (
        "Flux.1 S",
        {"model.diffusion_model.double_blocks.0.img_attn.norm.key_norm.scale": [128]},
        "diffusion-model",
        "Flux.1 S",
    ),
    (
        "Flux.2 D",
        {"double_blocks.0.x": [1], "double_stream_modulation_img.lin.weight": [36864, 6144]},
        "diffusion-model",
        "Flux.2 D",
    ),
    (
        "Flux.2 Klein 4B",
        {"double_blocks.0.x": [1], "double_stream_modulation_img.lin.weight": [18432, 3072]},
        "diffusion-model",
        "Flux.2 Klein 4B",
    ),
    (
        "Chroma",
        {
            "double_blocks.0.img_attn.norm.key_norm.scale": [128],
            "distilled_guidance_layer.norms.0.scale": [5120],
        },
        "diffusion-model",
        "Chroma",
    ),
    ("SD 3", {"model.diffusion_model.joint_blocks.0.x_block.attn.qkv.weight": [1]}, "diffusion-model", "SD 3"),
    ("Qwen", {"transformer_blocks.0.attn.add_k_proj.bias": [3072]}, "diffusion-model", "Qwen"),
    ("Wan 14B", {"blocks.0.cross_attn.k.bias": [5120]}, "diffusion-model", "Wan Video 14B"),
    ("Wan 1.3B", {"model.diffusion_model.blocks.0.cross_attn.k.bias": [1536]}, "diffusion-model", "Wan Video 1.3B"),
    (
        "Z-Image",
        {
            "model.diffusion_model.cap_embedder.0.weight": [2560],
            "model.diffusion_model.context_refiner.0.attention.k_norm.weight": [128],
        },
        "diffusion-model",
        "Z Image",
    ),
    ("VAE", {"encoder.conv_in.weight": [1], "decoder.conv_in.weight": [1], "quant_conv.bias": [8]}, "vae", None),
    ("VAE of a checkpoint", {"first_stage_model.encoder.a": [1], "first_stage_model.decoder.a": [1]}, "vae", None),
    ("embedding", {"emb_params": [8, 768]}, "embedding", None),
    ("SDXL embedding", {"clip_l": [8, 768], "clip_g": [8, 1280]}, "embedding", None),
    ("ControlNet", {"control_model.input_blocks.0.0.weight": [1]}, "controlnet", None),
    ("text encoder", {"text_model.encoder.layers.0.mlp.fc1.weight": [1]}, "text-encoder", None),
    ("T5", {"encoder.block.0.layer.0.SelfAttention.k.weight": [1]}, "text-encoder", None),
    ("no model", {"weight": [1], "encoder": [2]}, None, None),
    ("nothing", {}, None, None),
]


@pytest.mark.parametrize(("shapes", "kind", "base"), [row[1:] for row in TENSORS], ids=[row[0] for row in TENSORS])
def test_tensors_tell_type_and_base(shapes: dict[str, list[int]], kind: str | None, base: str | None) -> None:
    header, warnings = read("a.safetensors", safetensors(shapes))
    assert header is not None
    assert (header.type, header.base, warnings) == (kind, base, [])


def test_what_a_trainer_writes_is_read() -> None:
    metadata = {
        "ss_output_name": "zorblax_v2",
        "ss_base_model_version": "sdxl_base_v1-0",
        "sshs_model_hash": "0x" + "ab" * 32,
        "sshs_legacy_hash": "1234abcd",
        "modelspec.title": "Zorblax",
        "modelspec.architecture": "stable-diffusion-v1/lora",
        "modelspec.hash_sha256": "0x" + "cd" * 32,
        "modelspec.trigger_phrase": "zorblax",
    }
    data = safetensors(LORA, metadata)
    header, warnings = read("a.SAFETENSORS", data)
    assert header == Header(
        format="safetensors",
        type="lora",
        base="SDXL 1.0",
        title="Zorblax",
        alias="zorblax_v2",
        words=["zorblax"],
        hashes={"sshs": "0x" + "ab" * 32, "sshs-legacy": "1234abcd", "modelspec": "0x" + "cd" * 32},
        data_start=8 + int.from_bytes(data[:8], "little"),
    )
    assert warnings == []


@pytest.mark.parametrize(
    ("said", "base"),
    [
        ("sd_v1", "SD 1.5"),
        ("sd_v2_768_v", "SD 2.1"),
        ("sdxl_base_v1-0", "SDXL 1.0"),
        ("sd3", "SD 3"),
        ("flux1", "Flux.1"),
        ("no such thing", "SD 1.5"),
    ],
)
def test_a_trainers_word_goes_before_the_tensors(said: str, base: str) -> None:
    header, _ = read("a.safetensors", safetensors(LORA, {"ss_base_model_version": said}))
    assert header is not None
    assert header.base == base


TENSOR = '"a":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}'


@pytest.mark.parametrize(
    ("data", "code", "start"),
    [
        (b"", "header-length", None),
        (b"\x05\0\0", "header-length", None),
        (safetensors({}, length=10_000), "header-length", None),
        (safetensors({}, length=2**63), "header-length", None),
        (safetensors(header=b"{]"), "header-invalid", 10),
        (safetensors(header=b"[1]"), "header-invalid", 11),
        (safetensors(header=b'{"\xff": 1}'), "header-invalid", 16),
        (safetensors(header=b'{"a":' + b"[" * 300 + b"]" * 300 + b"}"), "header-invalid", 614),
        (safetensors(header=b'{"a":{"dtype":"F16","shape":[1]}}'), "header-invalid", 41),
        (safetensors(header=f"{{{TENSOR}}}".encode(), data=b"x"), "truncated", 62),
        (safetensors(header=f"{{{TENSOR},{TENSOR}}}".encode()), "duplicate-keys", 115),
    ],
)
def test_a_bad_header_is_a_warning(data: bytes, code: str, start: int | None) -> None:
    header, warnings = read("a.safetensors", data)
    assert header is not None
    assert (header.format, header.data_start, warnings) == ("safetensors", start, [code])


def test_a_header_beyond_the_limit_is_not_read() -> None:
    data = safetensors(LORA, {"ss_output_name": "x"})
    header, warnings = read("a.safetensors", data, Limits(model_header_bytes=20))
    assert header is not None
    assert (header.type, header.alias, warnings) == (None, None, ["limit:model_header_bytes"])
    assert header.data_start == len(data) - len(b"tensor data")


def test_keys_that_stand_twice_say_nothing() -> None:
    text = '{"__metadata__":{"ss_output_name":"a","ss_output_name":"b","modelspec.title":"T"},' + TENSOR + "}"
    header, warnings = read("a.safetensors", safetensors(header=text.encode()))
    assert header is not None
    assert (header.alias, header.title, warnings) == (None, "T", ["duplicate-keys"])
    twice = '{"__metadata__":{"ss_output_name":"a"},"__metadata__":{"modelspec.title":"T"},' + TENSOR + "}"
    header, warnings = read("a.safetensors", safetensors(header=twice.encode()))
    assert header is not None
    assert (header.alias, header.title, warnings) == (None, None, ["duplicate-keys"])


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_quotes_and_colons_in_texts_are_no_keys(separators: tuple[str, str]) -> None:
    import json

    values = {"__metadata__": {"ss_output_name": 'a":"b": "c', "modelspec.title": ": "}}
    header, warnings = read("a.safetensors", safetensors(header=json.dumps(values, separators=separators).encode()))
    assert header is not None
    assert (header.alias, header.title, warnings) == ('a":"b": "c', ":", [])


GGUF_FLUX = [
    gguf_pair("general.architecture", 8, gguf_text("flux")),
    gguf_pair("general.quantization_version", 4, struct.pack("<I", 2)),
    gguf_pair("tokens", 9, struct.pack("<IQ", 8, 2) + gguf_text("a") + gguf_text("bc")),
    gguf_pair("scores", 9, struct.pack("<IQff", 6, 2, 1.0, 2.0)),
    gguf_pair("general.name", 8, gguf_text("Flux")),
]


@pytest.mark.parametrize("version", [2, 3])
def test_gguf(version: int) -> None:
    shapes = {"double_blocks.0.img_attn.norm.key_norm.scale": [128], "guidance_in.in_layer.weight": [3072, 256]}
    header, warnings = read("a.gguf", gguf(GGUF_FLUX, shapes, version=version))
    assert header == Header(format="gguf", type="diffusion-model", base="Flux.1 D", title="Flux")
    assert warnings == []


def test_shapes_of_gguf_stand_the_other_way_round() -> None:
    shapes = {"double_stream_modulation_img.lin.weight": [24576, 4096]}
    header, _ = read("a.gguf", gguf([gguf_pair("general.architecture", 8, gguf_text("flux"))], shapes))
    assert header is not None
    assert header.base == "Flux.2 Klein 9B"


@pytest.mark.parametrize(
    ("name", "kind", "base"), [("t5encoder", "text-encoder", None), ("sdxl", "diffusion-model", "SDXL 1.0")]
)
def test_the_architecture_of_gguf(name: str, kind: str, base: str | None) -> None:
    header, _ = read("a.gguf", gguf([gguf_pair("general.architecture", 8, gguf_text(name))]))
    assert header is not None
    assert (header.type, header.base) == (kind, base)


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        (b"GGML", ["header-invalid"]),
        (gguf([], version=1), ["header-invalid"]),
        (gguf(GGUF_FLUX)[:60], ["truncated"]),
        (b"GGUF" + struct.pack("<IQQ", 3, 2**60, 0), ["limit:model_header_bytes"]),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 2**60), ["limit:model_header_bytes"]),
        (gguf([gguf_pair("a", 9, struct.pack("<IQ", 4, 2**61))]), ["truncated"]),
        (gguf([gguf_pair("a", 77, b"")]), ["truncated"]),
    ],
)
def test_a_bad_gguf_is_a_warning(data: bytes, codes: list[str]) -> None:
    header, warnings = read("a.gguf", data)
    assert header is not None
    assert (header.format, warnings) == ("gguf", codes)


@pytest.mark.parametrize("begin", [b"PK\x03\x04", b"\x80\x02"])
def test_a_pickle_is_not_looked_into(begin: bytes) -> None:
    assert read("a.ckpt", begin + b"cos\nsystem\n(S'touch /tmp/x'\ntR.") == (Header(format="pickle"), [])


def test_what_is_no_model_is_none() -> None:
    assert read("firmware.bin", b"\x7fELF") == (None, [])
    assert read("a.txt", safetensors(LORA)) == (None, [])


@given(st.binary(max_size=200), st.sampled_from(["a.safetensors", "a.gguf", "a.pt"]), st.booleans())
def test_any_bytes_give_a_header_or_a_warning(data: bytes, name: str, prefixed: bool) -> None:
    if prefixed:
        data = b"GGUF\3\0\0\0" + data if name == "a.gguf" else len(data).to_bytes(8, "little") + data
    header, _ = read(name, data)
    assert header is None or header.format in ("safetensors", "gguf", "pickle")
