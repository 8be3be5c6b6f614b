from __future__ import annotations

import json
import pickle
from typing import Any, Literal

import jsonschema
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


def test_constructors_take_the_attributes_names() -> None:
    meta = Meta(prompt="a", negative_prompt="", cfg_scale=7, model="m", model_hash="ab", size=None, clip_skip=1.5)
    assert meta.model_dump() == {
        "prompt": "a", "negativePrompt": "", "cfgScale": 7, "Model": "m", "Model hash": "ab", "clipSkip": 1.5
    }  # fmt: skip
    assert (meta.model, meta.negative_prompt, meta.model_extra) == ("m", "", {})
    record = ImageRecord(id=1, url="x", width=1, height=1, created_at="2024", meta=meta, username=None)
    assert record.to_civitai() == {
        "id": 1, "url": "x", "width": 1, "height": 1, "createdAt": "2024", "meta": meta.model_dump()
    }  # fmt: skip


def test_mappings_take_the_schemas_names_alone_wherever_they_stand() -> None:
    tools_own = {"model": "sdxl", "vae": "auto", "clip_skip": 0, "Model": "m"}
    for meta in (
        Meta.model_validate(tools_own),
        Meta.model_validate_json(json.dumps(tools_own)),
        ImageRecord(meta=tools_own).meta,  # type: ignore[arg-type]
        Meta(model="m"),
    ):
        assert isinstance(meta, Meta)
        assert (meta.model, meta.vae, meta.clip_skip) == ("m", None, None)
        assert Meta.model_validate(meta.model_dump()) == meta


def test_a_value_given_twice_is_an_error() -> None:
    with pytest.raises(TypeError, match=r"cfg_scale and 'cfgScale' are one field of Meta"):
        Meta(cfg_scale=7, cfgScale=8)  # type: ignore[call-arg]


@pytest.mark.parametrize("record", [API_RECORD, {"meta": {"model": "own", "clip_skip": 1, "k": None}}, {}])
def test_a_dump_loads_again(record: dict[str, Any]) -> None:
    loaded = ImageRecord.model_validate(record)
    for again in (
        ImageRecord.model_validate_json(loaded.model_dump_json()),
        ImageRecord.model_validate_json(loaded.to_json(indent=2)),
        ImageRecord.model_validate(loaded.model_dump()),
        pickle.loads(pickle.dumps(loaded)),
        loaded.model_copy(deep=True),
    ):
        assert again == loaded
        assert again.to_civitai() == record
    assert json.loads(loaded.to_json()) == record


def test_what_is_absent_is_not_dumped() -> None:
    record = ImageRecord.model_validate({"id": 1, "meta": None, "stats": None, "extraction": {"stamp": None}})
    assert record.model_dump() == {"id": 1, "extraction": {}}
    assert ImageRecord.model_validate({"id": 1, "extraction": None}).to_civitai() == {"id": 1}
    assert record.to_civitai() == {"id": 1, "meta": None, "stats": None}


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_json_schemas_have_types(mode: Literal["validation", "serialization"]) -> None:
    schema = ImageRecord.model_json_schema(mode=mode)
    meta = schema["$defs"]["Meta"]
    assert schema["properties"]["width"] == {"type": "integer"}
    assert schema["properties"]["nsfwLevel"] == {"type": ["integer", "string"]}
    assert schema["properties"]["meta"] == {"$ref": "#/$defs/Meta"}
    assert schema["$defs"]["Extraction"]["properties"]["sources"] == {"type": "array", "items": {"type": "string"}}
    assert {name: meta["properties"][name] for name in ("seed", "cfgScale", "clipSkip", "Model", "hashes")} == {
        "seed": {"type": "integer"},
        "cfgScale": {"type": "number"},
        "clipSkip": {"type": "number"},
        "Model": {"type": "string"},
        "hashes": {"type": "object", "additionalProperties": {"type": "string"}},
    }
    assert meta["properties"]["resources"] == {"type": "array", "items": {"$ref": "#/$defs/Resource"}}
    assert meta["additionalProperties"] is True
    assert '"null"' not in json.dumps(schema)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate({key: value for key, value in API_RECORD.items() if key != "meta"}, schema)


def test_an_endpoint_shows_types_and_sends_no_nulls() -> None:
    fastapi = pytest.importorskip("fastapi", reason="fastapi is not installed")
    client = pytest.importorskip("fastapi.testclient", reason="fastapi's test client is not installed")
    app = fastapi.FastAPI()
    record = ImageRecord(id=1, url="x", width=1, height=2, meta=Meta(prompt="p", **{"Schedule type": "Karras"}))  # type: ignore[arg-type]
    app.get("/", response_model=ImageRecord)(lambda: record)
    app.post("/", response_model=ImageRecord)(_same)
    sent = client.TestClient(app).get("/")
    assert sent.text == record.to_json()
    assert client.TestClient(app).post("/", json=API_RECORD).json() == API_RECORD
    schemas = client.TestClient(app).get("/openapi.json").json()["components"]["schemas"]
    assert next(schema for name, schema in schemas.items() if name.startswith("Meta"))["properties"]["seed"] == {
        "type": "integer"
    }


def _same(record: ImageRecord) -> ImageRecord:
    return record
