from __future__ import annotations

import json
from typing import Any

import pytest

from extractor.record import ImageRecord, Meta

API_RECORD: dict[str, Any] = {
    "id": 469632,
    "url": "https://image.civitai.test/x.jpeg",
    "hash": "UKHU@6H?_ND*_3M{t84o^+%MD%xuXSxasAt7",
    "width": 1024,
    "height": 1536,
    "nsfwLevel": "Soft",
    "nsfw": True,
    "createdAt": "2023-04-11T15:33:12.500Z",
    "postId": 138779,
    "username": "someone",
    "baseModel": "SDXL",
    "stats": {"cryCount": 0, "laughCount": 1, "likeCount": 2, "dislikeCount": 0, "heartCount": 3, "commentCount": 4},
    "meta": {
        "prompt": "a cat",
        "negativePrompt": "",
        "seed": 18446744073709551616,
        "steps": "20",
        "cfgScale": 7,
        "Model": "m",
        "Model hash": "0123456789",
        "model": "another key of the same spelling",
        "resources": [{"name": "x", "type": "lora", "weight": 0.8, "own": [None]}],
        "Denoising strength": "0.4",
    },
}


@pytest.mark.parametrize(
    "record",
    [
        API_RECORD,
        {**API_RECORD, "meta": None, "stats": None, "nsfwLevel": 4},
        {**API_RECORD, "meta": "broken", "width": "1024", "nsfw": 1, "hash": None},
        {"meta": {"vae": "a key of its own", "clip_skip": 0, "resources": [{"name": "x", "strength_clip": 1}, "y"]}},
        {"meta": {"clip_skip": 0, "clipSkip": 2, "resources": [{"name": "x", "strength_clip": 1}]}, "created_at": "x"},
        {},
    ],
)
def test_records_of_the_api_come_out_as_they_went_in(record: dict[str, Any]) -> None:
    loaded = ImageRecord.model_validate(record)
    assert loaded.to_civitai() == record
    assert ImageRecord.model_validate_json(json.dumps(record)).to_civitai() == record


def test_attributes_are_pythonic() -> None:
    record = ImageRecord.model_validate(API_RECORD)
    assert record.created_at == "2023-04-11T15:33:12.500Z"
    assert record.stats is not None
    assert record.stats.like_count == 2
    assert isinstance(record.meta, Meta)
    assert record.meta.negative_prompt == ""
    assert record.meta.cfg_scale == 7
    assert record.meta.model == "m"
    assert record.meta.model_hash == "0123456789"
    assert record.meta.resources is not None
    assert record.meta.resources[0].weight == 0.8
    assert record.meta.model_extra == {
        "model": "another key of the same spelling",
        "Denoising strength": "0.4",
    }


def test_a_caller_adds_what_only_the_site_knows() -> None:
    record = ImageRecord.model_validate({"id": 1, "url": "x", "width": 1, "height": 1})
    assert record.model_copy(update={"post_id": 5}).to_civitai() == {
        "id": 1, "url": "x", "width": 1, "height": 1, "postId": 5
    }  # fmt: skip


def test_json_leaves_absent_fields_out_and_gives_the_record_back() -> None:
    record = ImageRecord.model_validate(
        {"id": 1, "url": "x", "meta": {"prompt": "p", "seed": 10**30, "k": {"a": None}}}
    )
    text = record.model_dump_json(by_alias=True, exclude_none=True)
    assert text == ('{"id":1,"url":"x","meta":{"prompt":"p","seed":1000000000000000000000000000000,"k":{"a":null}}}')
    assert ImageRecord.model_validate_json(text) == record
