from __future__ import annotations

import json
from typing import Any

import pytest

from extractor.finding import Kind
from tests.parsers.texts import codes, exif, found, only, png, said, stealth, warned, xmp

CENTERS = [{"x": 0.5, "y": 0.3}]
COMMENT = {
    "prompt": "2girls, テスト",
    "steps": 28,
    "height": 1216,
    "width": 832,
    "scale": 5.0,
    "seed": 1702945580,
    "n_samples": 1,
    "noise_schedule": "karras",
    "strength": 0.7,
    "v4_prompt": {
        "caption": {
            "base_caption": "2girls, テスト",
            "char_captions": [
                {"char_caption": "girl, miku, ", "centers": CENTERS},
                {"char_caption": "girl, rin", "centers": []},
            ],
        },
        "use_coords": True,
    },
    "v4_negative_prompt": {
        "caption": {
            "base_caption": "lowres",
            "char_captions": [{"char_caption": "", "centers": CENTERS}, {"char_caption": "hat", "centers": CENTERS}],
        },
        "use_coords": False,
    },
    "controlnet_model": None,
    "sampler": "k_euler_ancestral",
    "uc": "lowres",
    "request_type": "PromptGenerateRequest",
    "signed_hash": "abc==",
}
WANTED: dict[str, Any] = {
    "generator": "novelai",
    "prompt": "2girls, テスト",
    "negative_prompt": "lowres",
    "seed": 1702945580,
    "steps": 28,
    "cfg_scale": 5.0,
    "sampler": "Euler a Karras",
    "scheduler": "karras",
    "size": "832x1216",
    "model": "NovelAI Diffusion V4.5",
    "model_hash": "4BDE2A90",
    "character_prompts": [
        {"prompt": "girl, miku,", "centers": CENTERS},
        {"prompt": "girl, rin", "negativePrompt": "hat"},
    ],
}
OTHER = {
    "n_samples": 1,
    "strength": 0.7,
    "request_type": "PromptGenerateRequest",
    "signed_hash": "abc==",
    "v4_prompt": {"use_coords": True},
    "v4_negative_prompt": {"use_coords": False},
}
BESIDE = {"Title": "NovelAI generated image", "Generation time": "3.8"}
ENVELOPE = {
    "Comment": json.dumps(COMMENT),
    "Description": "\0\0\0\0" + "2girls, テスト",
    "Generation time": "3.8",
    "Software": "NovelAI",
    "Source": "NovelAI Diffusion V4.5 4BDE2A90",
    "Title": "NovelAI generated image",
}


def test_png_chunks() -> None:
    texts = (
        png("Title", "NovelAI generated image"),
        png("Description", "2girls, テスト"),
        png("Software", "NovelAI"),
        png("Source", "NovelAI Diffusion V4.5 4BDE2A90"),
        png("Generation time", "3.8"),
        png("Comment", COMMENT),
    )
    assert only(*texts) == {**WANTED, "other": {**OTHER, **BESIDE}}


def test_webp_exif() -> None:
    texts = (
        exif("Software", "NovelAI Diffusion V4.5 4BDE2A90", "webp"),
        exif("DocumentName", "NovelAI generated image", "webp"),
        exif("ImageDescription", "\0\0\0\0" + "2girls, テスト", "webp"),
        exif("UserComment", ENVELOPE, "webp"),
    )
    assert only(*texts) == {**WANTED, "other": {**OTHER, **BESIDE}}


def test_stealth() -> None:
    assert only(stealth(ENVELOPE)) == {**WANTED, "other": {**OTHER, **BESIDE}}


def test_envelope_with_an_object() -> None:
    assert only(stealth({**ENVELOPE, "Comment": COMMENT})) == {**WANTED, "other": {**OTHER, **BESIDE}}


def test_chunks_and_stealth_are_two_sources() -> None:
    findings = found(png("Comment", COMMENT), stealth(ENVELOPE))
    assert [(finding.kind, finding.text.source, finding.prompt) for finding in findings] == [
        (Kind.STRUCTURED, "png:tEXt:Comment", "2girls, テスト"),
        (Kind.STRUCTURED, "png:stealth-alpha", "2girls, テスト"),
    ]


def test_first_versions_keep_the_prompt_in_the_description() -> None:
    old = {
        "steps": 28,
        "sampler": "k_euler",
        "seed": 3,
        "strength": 0.69,
        "noise": 0.667,
        "scale": 11.0,
        "uc": "bad hands",
    }
    texts = (
        png("Description", "a cat, {{masterpiece}}"),
        png("Software", "NovelAI"),
        png("Source", "Stable Diffusion 81274D13"),
        png("Comment", old),
    )
    assert only(*texts) == {
        "generator": "novelai",
        "prompt": "a cat, {{masterpiece}}",
        "negative_prompt": "bad hands",
        "seed": 3,
        "steps": 28,
        "cfg_scale": 11.0,
        "sampler": "Euler",
        "model": "Stable Diffusion",
        "model_hash": "81274D13",
        "other": {"strength": 0.69, "noise": 0.667},
    }


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, {"prompt": "a", "other": {"strength": 0.5}}),
        (
            {"request_type": "Img2ImgRequest"},
            {"prompt": "a", "denoise": 0.5, "other": {"request_type": "Img2ImgRequest"}},
        ),
        (
            {"v4_prompt": {"caption": {"base_caption": "b", "char_captions": []}}},
            {"prompt": "b", "other": {"novelai:prompt": "a", "strength": 0.5}},
        ),
        ({"seed": 2**60}, {"prompt": "a", "seed": 2**60, "other": {"strength": 0.5}}),
    ],
)
def test_version_3(changes: dict[str, Any], wanted: dict[str, Any]) -> None:
    comment = {"prompt": "a", "uc": "", "scale": 5, "strength": 0.5, **changes}
    assert only(png("Comment", comment)) == {
        "generator": "novelai",
        "negative_prompt": "",
        "cfg_scale": 5,
        **wanted,
    }


def test_description_alone() -> None:
    texts = (png("Software", "NovelAI"), png("Description", "a cat"), png("Source", "NovelAI Diffusion V3"))
    assert only(*texts) == {"generator": "novelai", "prompt": "a cat", "model": "NovelAI Diffusion V3"}


@pytest.mark.parametrize(
    "texts",
    [
        (png("Software", "Adobe Photoshop 24.0"), png("Description", "a photo")),
        (png("Software", "NovelAI"),),
        (png("Description", "a photo"), xmp("dc:description", "a photo")),
        (exif("Software", "Ver.1.00"), exif("Model", "Canon EOS R5")),
        (png("Comment", {"uc": "x"}),),
    ],
)
def test_not_novelai(texts: Any) -> None:
    assert found(*texts) == []


@pytest.mark.parametrize(
    ("comment", "wanted"),
    [
        (
            {"v4_prompt": {"caption": [1]}, "sampler": 5},
            {"other": {"v4_prompt": {"caption": [1]}, "novelai:sampler": 5}},
        ),
        (
            {"v4_prompt": {"caption": {"char_captions": "x"}}, "sampler": None},
            {"other": {"v4_prompt": {"caption": {"char_captions": "x"}}}},
        ),
        (
            {"prompt": "a", "uc": 1, "scale": "7", "request_type": ["x"]},
            {"prompt": "a", "cfg_scale": 7, "other": {"uc": 1, "request_type": ["x"]}},
        ),
        (
            {
                "v4_prompt": {"caption": {"base_caption": "", "char_captions": [1, {}, {"char_caption": 2}]}},
                "sampler": "",
            },
            {"prompt": ""},
        ),
    ],
)
def test_hostile_values(comment: Any, wanted: dict[str, Any]) -> None:
    (finding,) = warned(png("Comment", comment))
    assert said(finding) == {"generator": "novelai", **wanted}


def test_broken_inner_json_leaves_the_envelope() -> None:
    envelope = {**ENVELOPE, "Comment": '{"prompt": '}
    (finding,) = warned(stealth(envelope))
    assert (finding.prompt, finding.model, finding.other["Comment"]) == (
        "2girls, テスト",
        "NovelAI Diffusion V4.5",
        '{"prompt": ',
    )
    assert codes(stealth(envelope)) == ["json-invalid"]
