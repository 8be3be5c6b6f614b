from __future__ import annotations

import json
from typing import Any

import pytest

from extractor.embedded import XMP_PACKET
from extractor.files.bytesource import BytesSource
from extractor.finding import Kind
from extractor.finding import ResourceClaim as Claim
from extractor.ledger import Ledger
from extractor.parsers.infotext.a1111 import infotext_finding
from extractor.parsers.registry import find
from extractor.readers.registry import read_embedded
from tests.parsers.texts import codes, exif, only, png, said, sidecar, sources, stealth, warned, xmp
from tests.support import SHARED, needs_shared

USUAL = "a cat\nNegative prompt: dog\nSteps: 20, Seed: 1"


def fields(settings: str) -> dict[str, Any]:
    """What settings say beside the prompt, steps and the usual generator."""
    (finding,) = warned(png("parameters", f"a\nSteps: 20, {settings}"))
    found = said(finding)
    assert (found.pop("prompt"), found.pop("steps")) == ("a", 20)
    if found["generator"] == "a1111":
        del found["generator"]
    return found


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("Seed: 0, CFG scale: 7, Size: 1x2", {"seed": 0, "cfg_scale": 7, "size": "1x2"}),
        ("Seed: 18446744073709551615, CFG scale: 7.0", {"seed": 18446744073709551615, "cfg_scale": 7.0}),
        ("CFG Scale: 8.5, CLiP-skip: 2", {"cfg_scale": 8.5, "clip_skip": 2}),
        ("Clip skip: 1", {"clip_skip": 1}),
        ("Clip skip: 1.3", {"clip_skip": 1.3}),
        ("CLiP-skip: 2.0", {"clip_skip": 2}),
        *(
            (
                f"Sampler: {word}, Model: {word}, Model hash: {word}, VAE: {word}, VAE hash: {word}, Refiner: {word}",
                other,
            )
            for word, other in (
                (word, {"other": {"VAE hash": word, "Refiner": word}})
                for word in (
                    *(
                        "Unknown",
                        "N/A",
                        "NA",
                        "-",
                        "undefined",
                        "null",
                        "None",
                        "(none)",
                        "n/a",
                        "N.A.",
                        "?",
                        "(unknown)",
                    ),
                    *("False", "no model", "Not specified", "not set"),
                )
            )
        ),
        ("Model: Automatic, VAE: Automatic", {}),
        ("Model: m, Model hash: e3b0c44298", {"model": "m"}),
        ("Model: m, Model hash: 0000000000", {"model": "m"}),
        ("Model: m.safetensors [6ce0161689]", {"model": "m.safetensors", "model_hash": "6ce0161689"}),
        ("Model hash: 1234567890, Model: m [6ce0161689]", {"model": "m", "model_hash": "1234567890"}),
        ("Model: m [20240131]", {"model": "m [20240131]"}),
        ("Model: m [decade]", {"model": "m [decade]"}),
        ("Model: m [x]", {"model": "m [x]"}),
        (
            "Model: , Unet: z.gguf, TE: a, TE: b, Sampler: euler discrete, Version: stable-diffusion.cpp",
            {
                "generator": "stable-diffusion-cpp",
                "model": "z.gguf",
                "sampler": "Euler",
                "scheduler": "discrete",
                "other": {"Unet": "z.gguf", "TE": ["a", "b"], "Version": "stable-diffusion.cpp"},
            },
        ),
        ("Model: m, UNet: u, TE: a", {"model": "m", "other": {"UNet": "u", "TE": "a"}}),
        ("TE: a, TE: b, TE: c", {"other": {"TE": ["a", "b", "c"]}}),
        ("Unet: None", {"other": {"Unet": "None"}}),
        ("Sampler: DPM++ 2M Karras", {"sampler": "DPM++ 2M Karras"}),
        ("Sampler: DPM++ 2M, Schedule type: Karras", {"sampler": "DPM++ 2M", "other": {"Schedule type": "Karras"}}),
        ("Sampler: Euler a, Schedule type: Automatic", {"sampler": "Euler a", "other": {"Schedule type": "Automatic"}}),
        ("Sampler: euler_ancestral_karras", {"sampler": "Euler a Karras", "scheduler": "karras"}),
        ("Sampler: Undefined", {}),
        ("Sampler: , Seed: , Model: ", {}),
        ("Denoising strength: 0.5, Foo (a+b): x", {"other": {"Denoising strength": "0.5", "Foo (a+b)": "x"}}),
        ("Model: dir/m.ckpt, Model hash: 0xABC1234567", {"model": "dir/m.ckpt", "model_hash": "ABC1234567"}),
        ("Model: m, Model hash: None", {"model": "m"}),
        ("VAE: v.pt", {"vae": "v.pt"}),
        (
            "VAE: v.pt, VAE hash: 1234567890",
            {"vae": "v.pt", "hashes": {"vae": "1234567890"}, "other": {"VAE hash": "1234567890"}},
        ),
        (
            "resources: x, prompt: y, hashes: z",
            {"other": {"infotext:resources": "x", "infotext:prompt": "y", "infotext:hashes": "z"}},
        ),
        ("infotext:prompt: y", {"other": {"infotext:infotext:prompt": "y"}}),
        (
            "Created Date: 2026-01-04T01:27:21.27Z",
            {"created_at": "2026-01-04T01:27:21.27Z", "other": {"Created Date": "2026-01-04T01:27:21.27Z"}},
        ),
        (
            "Model: urn:air:sdxl:checkpoint:civitai:1@2",
            {
                "civitai_resources": [{"type": "checkpoint", "modelVersionId": 2}],
                "other": {"infotext:Model": "urn:air:sdxl:checkpoint:civitai:1@2"},
            },
        ),
    ],
)
def test_fields(settings: str, expected: dict[str, Any]) -> None:
    assert fields(settings) == expected


@pytest.mark.parametrize(
    ("settings", "expected", "code"),
    [
        ("Seed: abc", {"other": {"Seed": "abc"}}, "bad-value"),
        ("seed: abc", {"other": {"infotext:seed": "abc"}}, "bad-value"),
        ("CFG scale: nan", {"other": {"CFG scale": "nan"}}, "bad-value"),
        ("Clip skip: x", {"other": {"Clip skip": "x"}}, "bad-value"),
        ("Seed: " + "9" * 42, {"other": {"Seed": "9" * 42}}, "limit:integer_digits"),
        ("Seed: 1, Seed: 2", {"seed": 1}, "repeated-key"),
        ("Seed: 1, SEED: 2", {"seed": 1}, "repeated-key"),
        ("Foo: 1, Foo: 2", {"other": {"Foo": "1"}}, "repeated-key"),
        ("Seed: 1\nby me", {"seed": 1, "other": {"infotext:tail": "by me"}}, "text-after-settings"),
    ],
)
def test_one_bad_value_costs_that_value(settings: str, expected: dict[str, Any], code: str) -> None:
    assert fields(settings) == expected
    assert codes(png("parameters", f"a\nSteps: 20, {settings}")) == [code]


def test_empty_value_is_no_first_value() -> None:
    assert only(png("parameters", "a\nSteps: 20, Seed: , Seed: 2"))["seed"] == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Negative prompt: \nSteps: 20", {"prompt": "", "negative_prompt": "", "steps": 20}),
        ("Steps: 20", {"prompt": "", "steps": 20}),
        (
            "Postprocess upscale by: 4, Postprocess upscaler: R",
            {"other": {"Postprocess upscale by": "4", "Postprocess upscaler": "R"}},
        ),
    ],
)
def test_empty_and_absent_prompts(text: str, expected: dict[str, Any]) -> None:
    assert only(png("parameters", text)) == {"generator": "a1111", **expected}


@pytest.mark.parametrize(
    ("settings", "generator", "version"),
    [
        ("Seed: 1", "a1111", None),
        ("Version: v1.10.1", "a1111", "v1.10.1"),
        ("Version: 1.10.1-4-gabc", "a1111", "1.10.1-4-gabc"),
        ("Version: v1.6.0-RC-3", "a1111", "v1.6.0-RC-3"),
        ("Version: f2.0.1v1.10.1-previous-669-gdfdcbab6", "forge", "f2.0.1v1.10.1-previous-669-gdfdcbab6"),
        ("Version: f0.0.17v1.8.0rc-latest-276-g29be1da7", "forge", "f0.0.17v1.8.0rc-latest-276-g29be1da7"),
        ("Version: f1.0.0v2-v1.10.1RC-latest-2498-g5120e679", "reforge", "f1.0.0v2-v1.10.1RC-latest-2498-g5120e679"),
        ("Version: f1.3.0-v1.10.1RC-latest-1038-g19395bf9", "easy-reforge", "f1.3.0-v1.10.1RC-latest-1038-g19395bf9"),
        ("Version: classic", "forge-classic", "classic"),
        ("Version: neo", "forge-neo", "neo"),
        ("ADetailer Version: Neo, Version: neo-2.28", "forge-neo", "neo-2.28"),
        ("ADetailer version: 24.9.0", "a1111", None),
        ("App: SD.Next, Version: 56a8aea", "sd-next", "56a8aea"),
        ("Version: 56a8aea", "sd-next", "56a8aea"),
        ("Version: ComfyUI", "comfyui", None),
        ("Version: Fooocus v2.5.5", "fooocus", "v2.5.5"),
        ("Version: Fooocus-MRE v2.0", "fooocus-mre", "v2.0"),
        ("Version: SomethingElse 3", "unknown", "SomethingElse 3"),
        ("Civitai resources: []", "civitai", None),
        ("Civitai metadata: {}", "civitai", None),
    ],
)
def test_generator(settings: str, generator: str, version: str | None) -> None:
    finding = infotext_finding(png("parameters", f"a\nSteps: 20, {settings}"), Ledger())
    assert finding is not None
    assert (finding.generator, finding.version) == (generator, version)


@pytest.mark.parametrize(
    ("settings", "hashes", "claims"),
    [
        pytest.param(
            'Lora hashes: "a: 112233445566, b c: 223344556677"',
            {"lora:a": "112233445566", "lora:b c": "223344556677"},
            [],
            id="Lora hashes",
        ),
        pytest.param('TI hashes: "e: 112233445566, e: 11"', {"embed:e": "112233445566"}, [], id="TI hashes"),
        pytest.param(
            'Lora hashes: "a: 112233445566", Hashes: {"lora:a": "aabbccddee", "model": "1234567890", "x": 5}',
            {"lora:a": "aabbccddee", "model": "1234567890"},
            [],
            id="Hashes come first",
        ),
        pytest.param("Hashes: {broken", {}, [], id="broken Hashes"),
        pytest.param(
            'Lora hashes: "a: 112233445566: 0.8"',
            {"lora:a": "112233445566"},
            [Claim(type="lora", name="a", weight=0.8)],
            id="Fooocus, hash and weight",
        ),
        pytest.param(
            'Lora hashes: "a: 112233445566", Lora weights: "a: 0.8"',
            {"lora:a": "112233445566"},
            [Claim(type="lora", name="a", weight=0.8)],
            id="Fooocus, weights apart",
        ),
        pytest.param(
            'LoRA networks: "a, b", LoRA hashes: "112233445566, 223344556677"',
            {},
            [Claim(type="lora", name="a", hash="112233445566"), Claim(type="lora", name="b", hash="223344556677")],
            id="SD.Next, as many hashes as names",
        ),
        pytest.param(
            'LoRA networks: "a, b", LoRA hashes: "112233445566"',
            {},
            [Claim(type="lora", name="a"), Claim(type="lora", name="b"), Claim(type="lora", hash="112233445566")],
            id="SD.Next, fewer hashes",
        ),
        pytest.param("LoRA hashes: 112233445566", {}, [Claim(type="lora", hash="112233445566")], id="SD.Next, alone"),
        pytest.param('Embeddings: "e, f"', {}, [Claim(type="embed", name="e"), Claim(type="embed", name="f")], id="e"),
        pytest.param(
            "Refiner: r [x] [1234567890], Refiner switch at: 0.8",
            {"refiner": "1234567890"},
            [Claim(type="model", name="r [x]", hash="1234567890")],
            id="refiner",
        ),
        pytest.param(
            "Hires checkpoint: h [1234567890]", {}, [Claim(type="model", name="h", hash="1234567890")], id="hires"
        ),
        pytest.param("Hires checkpoint: Use same checkpoint", {}, [], id="no other hires checkpoint"),
        pytest.param(
            "Hypernet: h(12345678), Hypernet strength: 0.5",
            {},
            [Claim(type="hypernet", name="h", hash="12345678", weight=0.5)],
            id="hypernetwork",
        ),
        pytest.param(
            "AddNet Enabled: True, AddNet Module 1: LoRA, AddNet Model 1: n (x)(123456789012), AddNet Weight A 1: 0.6, "
            "AddNet Weight B 1: 0.4, AddNet Module 2: LoRA, AddNet Model 2: m(1234), AddNet Weight 2: 1, "
            "AddNet Module 3: LoRA, AddNet Model 3: None, AddNet Model 4: o(abcdef12)",
            {},
            [
                Claim(type="lora", name="n (x)", hash="123456789012", weight=0.6, strength_clip=0.4, after_model=True),
                Claim(type="lora", name="m(1234)", weight=1, after_model=True),
                Claim(type="lora", name="o", hash="abcdef12", after_model=True),
            ],
            id="Additional Networks",
        ),
        pytest.param("AddNet Enabled: False, AddNet Model 1: n(123456789012)", {}, [], id="AddNet switched off"),
        pytest.param(
            "Hires upscaler: Latent, Postprocess upscaler: 4x.pth, ADetailer model: face.pt, ADetailer model 2nd: hand",
            {},
            [Claim(type="upscaler", name="4x.pth"), Claim(type="adetailer", name="face.pt")],
            id="files, not what is built in",
        ),
        *(
            pytest.param(
                settings, {}, [Claim(type="controlnet", name="c", hash="cab727d4", weight=weight)], id=settings
            )
            for settings, weight in (
                ("ControlNet Model: c [cab727d4], ControlNet Weight: 0.8", 0.8),
                ("ControlNet 0 Model: c [cab727d4]", None),
                ("ControlNet-0 Model: c [cab727d4], ControlNet-0 Weight: 1", 1),
                ("ControlNet-12 Model: c [cab727d4], ControlNet-12 Enabled: True", None),
                ('ControlNet 0: "Module: canny, Model: c [cab727d4], Weight: 0.8"', 0.8),
                ('ControlNet: "preprocessor: x, model: c [cab727d4], weight: 1, starting/ending: (0, 1)"', 1),
                ("ADetailer ControlNet model: c [cab727d4], ADetailer ControlNet weight: 0.5", 0.5),
                ("ADetailer ControlNet model 2nd: c [cab727d4]", None),
            )
        ),
        *(
            pytest.param(settings, {}, [Claim(type="lora", name="x", weight=0.8)], id=settings)
            for settings in (
                "Lora 1: x, Lora 1 weight: 0.8",
                "LoRA 1 name: x, LoRA 1 strength: 0.8",
                "Lora_1_name: x, Lora_1_weight: 0.8",
                "lora_name_1: x, lora_weight_1: 0.8",
                "Lora Model 1: x, Lora Weight 1: 0.8",
                'LoRA 1: "Model: x, Weight: 0.8"',
                "Lora-0 Model: x, Lora-0 Weight: 0.8, Lora-1 Model: y, Lora-1 Enabled: False",
                "Loras: <lora:x:0.8>",
                'Lora: "a <lora:x:0.8>, b"',
            )
        ),
        pytest.param("Lora 1: 0.8, Lora 2: None, Lora: x", {}, [], id="numbers and words for none are no names"),
        pytest.param(
            "ControlNet 0: canny, ADetailer ControlNet model: Passthrough, ControlNet Enabled: False, "
            "ControlNet Model: c [cab727d4]",
            {},
            [],
            id="what is switched off or passed through",
        ),
        pytest.param("Detailer model: face.pt", {}, [Claim(type="adetailer", name="face.pt")], id="SD.Next's detailer"),
        pytest.param("ControlNet 0 Model: None, ControlNet 1: , ADetailer ControlNet model: None", {}, [], id="no net"),
        pytest.param("ControlNet 0 Model: c [cab727d4], ControlNet 0 Enabled: False", {}, [], id="net switched off"),
        pytest.param(
            "Lora_0 Model name: x.safetensors, Lora_0 Model hash: 4605b2de07, Lora_0 Strength model: 0.8, "
            "Lora_0 Strength clip: 0.6, Lora_1 Model name: y, Lora_1 Strength model: 1, Lora_1 Strength clip: 1, "
            "Embedding_0 Name: e, Embedding_0 Hash: 1122334455",
            {},
            [
                Claim(type="lora", name="x.safetensors", hash="4605b2de07", weight=0.8, strength_clip=0.6),
                Claim(type="lora", name="y", weight=1),
                Claim(type="embed", name="e", hash="1122334455"),
            ],
            id="numbered keys",
        ),
        pytest.param(
            "LoRA 1 Model: x, LoRA 1 Weight: 0.8",
            {},
            [Claim(type="lora", name="x", weight=0.8)],
            id="Draw Things",
        ),
        *(
            pytest.param(
                f'Hashes: {{"lora:x": "{word}", "vae": "{word}", "embed:e": "{word}"}}, Lora hashes: "x: 4605b2de07", '
                f'TI hashes: "e: 1122334455", VAE hash: aabbccddee',
                {"lora:x": "4605b2de07", "embed:e": "1122334455", "vae": "aabbccddee"},
                [Claim(type="lora", name="x"), Claim(type="embed", name="e")],
                id=f"a hash that is {word!r} blocks none",
            )
            for word in ("", "None", "NOFILE", "e3b0c44298", "unknown", "000000000000")
        ),
        *(
            pytest.param(settings, {"lora:x": "4605b2de07"}, [], id=settings)
            for settings in (
                'Lora hashes: {"x": "4605b2de07"}',
                "Lora hashes: [x: 4605b2de07]",
                "Lora hashes: x: 4605b2de07",
            )
        ),
        pytest.param('Lora hashes: {"x": "4605b2de07"', {}, [], id="an object that is cut off"),
        pytest.param('TI hashes: "e: None"', {}, [Claim(type="embed", name="e")], id="an embedding without a hash"),
    ],
)
def test_resources(settings: str, hashes: dict[str, str], claims: list[Claim]) -> None:
    finding = infotext_finding(png("parameters", f"a\nSteps: 20, {settings}"), Ledger())
    assert finding is not None
    assert (finding.hashes, finding.resources) == (hashes, claims)


@pytest.mark.parametrize(
    ("text", "source"),
    [
        (png("parameters", USUAL), "png:tEXt:parameters"),
        (png("Anything", USUAL), "png:tEXt:Anything"),
        (exif("UserComment", USUAL), "jpeg:exif:UserComment"),
        (xmp("dc:description", USUAL), "png:xmp:dc:description"),
        (stealth(USUAL), "png:stealth-alpha"),
    ],
)
def test_places(text: Any, source: str) -> None:
    assert sources(text) == [("a1111", Kind.INFOTEXT, source)]


def test_sidecar_of_another_tool() -> None:
    assert sources(sidecar("txt", USUAL)) == [("a1111", Kind.SIDECAR, "sidecar:txt")]
    assert sources(sidecar("txt", "a cat, sitting")) == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(xmp(XMP_PACKET, f"<x>{USUAL}</x>"), id="XMP packet"),
        pytest.param(png("x", {"text": USUAL.replace("\n", ". ") + ", Size: 1x1"}), id="JSON"),
        pytest.param(exif("Make", "Note: " + json.dumps({"t": "a. Steps: 1, Seed: 2, Size: 3x3"})), id="labelled JSON"),
        pytest.param(exif("Model", "Canon EOS R5"), id="camera"),
        pytest.param(png("Comment", "Created with GIMP"), id="editor"),
    ],
)
def test_what_only_holds_such_words_is_none(text: Any) -> None:
    assert warned(text) == []


def test_prompt_of_wildcards_is_no_json() -> None:
    assert only(png("parameters", "{a|b} cat\nSteps: 20"))["prompt"] == "{a|b} cat"


@needs_shared
@pytest.mark.parametrize(
    "name",
    [
        "sd-webui.jpg",
        "sd-webui.webp",
        "forge.png",
        "forge-classic.jpeg",
        "forge-neo.webp",
        "forge-neo-adetailer.png",
        "reforge.png",
        "easy-reforge.png",
        "sd-next.jpg",
        "sd-next-en.png",
        "civitai.jpeg",
    ],
)
def test_real_files(name: str) -> None:
    expected = json.loads((SHARED / "samples" / "expected.json").read_text())[name]
    log = Ledger()
    (finding,) = find(read_embedded(BytesSource((SHARED / "samples" / name).read_bytes()), log).texts, log)
    got = {
        "prompt": finding.prompt,
        "negativePrompt": finding.negative_prompt,
        "seed": finding.seed,
        "steps": finding.steps,
        "cfgScale": finding.cfg_scale,
        "sampler": finding.sampler,
        "scheduler": finding.other.get("Schedule type"),
        "clipSkip": finding.clip_skip,
        "Model": finding.model,
        "Model hash": finding.model_hash,
    }
    assert {key: value for key, value in got.items() if value is not None} == {
        key: value for key, value in expected.items() if key in got
    }
    assert finding.generator == expected["generator"].replace("sd-webui", "a1111")
    assert log.items == []
