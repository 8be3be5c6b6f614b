"""What other programs put beside models, and how far it is believed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor import ModelLibrary
from extractor.ledger import Ledger
from extractor.library.claims import Claim
from extractor.library.model import ModelFile
from extractor.library.sidecars import SIDECARS, Sidecar
from tests.library.modelfiles import SDXL_LORA, answer, lora, put, safetensors, sha256, tensors_sha256

DATA = safetensors(SDXL_LORA, data=b"tensors of zorblax")
OTHER = lora("another file")


KEYS = (
    *("id", "modelId", "name", "baseModel", "trainedWords", "model", "type", "files", "hashes", "sizeKB", "SHA256"),
    *("modelVersions", "items", "ModelId", "VersionId", "Hashes", "civitai", "raw", "sha256", "size", "file_name"),
    *("sd version", "activation text", "modelspec.title", "modelspec.hash_sha256", "word"),
)


def scanned(tmp_path: Path, *, hash: str = "small") -> ModelFile:
    with ModelLibrary.open(":memory:") as library:
        library.scan(tmp_path, hash=hash)
        (model,) = library.models()
        return model


def ids(model: ModelFile) -> tuple[Any, ...]:
    return model.trust, model.trust_by, model.model_id, model.version_id, model.version_name, model.title


def model_answer() -> dict[str, Any]:
    old = {**answer(OTHER, "old.safetensors"), "id": 100, "name": "v0"}
    return {"id": 11, "name": "Zorblax Style", "type": "LORA", "modelVersions": [old, answer(DATA, "zorb.safetensors")]}


VERIFIED = [
    ("civitai.info", answer(DATA, "any name.safetensors"), (11, 101, "v1", "Zorblax Style")),
    ("api_info.json", model_answer(), (11, 101, "v1", "Zorblax Style")),
    (
        "cm-info.json",
        {
            "ModelId": 11,
            "VersionId": 101,
            "ModelName": "Zorblax Style",
            "VersionName": "v1",
            "BaseModel": "Pony",
            "TrainedWords": ["zorblax", "quux"],
            "ModelType": "LORA",
            "Hashes": {"SHA256": sha256(DATA).upper(), "CRC32": "00000000"},
        },
        (11, 101, "v1", "Zorblax Style"),
    ),
    (
        "metadata.json",
        {
            "file_name": "zorb",
            "sha256": sha256(DATA),
            "base_model": "Pony",
            "civitai": {**answer(DATA, "x"), "files": []},
            "hash_status": "completed",
        },
        (11, 101, "v1", "Zorblax Style"),
    ),
    (
        "json",
        {"sha256": sha256(DATA), "modelId": 11, "sd version": "Pony", "activation text": "zorblax, quux"},
        (None, None, None, None),
    ),
]


@pytest.mark.parametrize(("suffix", "value", "wanted"), VERIFIED, ids=[row[0] for row in VERIFIED])
def test_a_sidecar_with_the_files_own_hash_is_believed(
    tmp_path: Path, suffix: str, value: dict[str, Any], wanted: tuple[Any, ...]
) -> None:
    put(tmp_path / "zorb.safetensors", DATA)
    put(tmp_path / f"zorb.{suffix}", value)
    model = scanned(tmp_path)
    named = wanted[1] is not None
    assert ids(model) == ("verified" if named else None, f"sha256 of {suffix}" if named else None, *wanted)
    assert (model.base, model.base_by, model.words) == ("Pony", suffix, ["zorblax", "quux"])
    assert model.warnings == []


@pytest.mark.parametrize("at", ["civitai", "raw"])
def test_rgthrees_file_has_the_models_whole_name(tmp_path: Path, at: str) -> None:
    put(tmp_path / "zorb.safetensors", DATA)
    inner = {**answer(DATA, "x"), "files": [], "trainedWords": []}
    value = {
        "sha256": sha256(DATA),
        "trainedWords": [{"word": "zorblax", "civitai": True}, {"word": "quux"}],
        at: inner if at == "civitai" else {"civitai": inner},
    }
    put(tmp_path / "zorb.safetensors.rgthree-info.json", value)
    model = scanned(tmp_path)
    assert ids(model) == ("verified", "sha256 of rgthree-info.json", 11, 101, "v1", "Zorblax Style")
    assert model.words == ["zorblax", "quux"]


@pytest.mark.parametrize(("suffix", "value", "wanted"), VERIFIED, ids=[row[0] for row in VERIFIED])
def test_a_stale_sidecar_gives_its_words_and_no_ids(
    tmp_path: Path, suffix: str, value: dict[str, Any], wanted: tuple[Any, ...]
) -> None:
    put(tmp_path / "zorb.safetensors", safetensors(SDXL_LORA, data=b"a newer version of them"))
    put(tmp_path / f"zorb.{suffix}", value)
    model = scanned(tmp_path)
    assert ids(model) == (None, None, None, None, None, None)
    # Several versions in one answer do not say which one's words would be this file's.
    words = ("SDXL 1.0", []) if suffix == "api_info.json" else ("Pony", ["zorblax", "quux"])
    assert (model.base, model.words) == words
    assert [code for code, _ in model.warnings] == ["sidecar-stale"]


def test_size_and_name_make_it_likely_until_there_is_a_hash(tmp_path: Path) -> None:
    put(tmp_path / "zorb.safetensors", DATA)
    put(tmp_path / "zorb.civitai.info", answer(DATA, "ZORB.safetensors"))
    model = scanned(tmp_path, hash="none")
    assert ids(model) == ("likely", "name and size of civitai.info", 11, 101, "v1", "Zorblax Style")
    assert model.hash("sha256") is None
    assert model.hash("sha256", "claimed") == sha256(DATA)
    assert scanned(tmp_path).trust == "verified"


@pytest.mark.parametrize(("data", "name"), [(DATA + b"x", "zorb.safetensors"), (DATA, "other.safetensors")])
def test_another_size_or_name_is_not_even_likely(tmp_path: Path, data: bytes, name: str) -> None:
    put(tmp_path / "zorb.safetensors", DATA)
    put(tmp_path / "zorb.civitai.info", answer(data, name))
    model = scanned(tmp_path, hash="none")
    assert ids(model) == (None, None, None, None, None, None)
    assert [item.origin for item in model.hashes] == []
    assert (model.base, model.words) == ("Pony", ["zorblax", "quux"])


def test_an_edited_header_is_known_by_its_tensors(tmp_path: Path) -> None:
    """SwarmUI writes into headers: the file's SHA-256 is no longer the one that was published."""
    edited = safetensors(SDXL_LORA, {"modelspec.title": "Z"}, data=b"tensors of zorblax")
    assert tensors_sha256(edited) == tensors_sha256(DATA)
    put(tmp_path / "zorb.safetensors", edited)
    put(tmp_path / "zorb.civitai.info", answer(DATA, "zorb.safetensors"))
    model = scanned(tmp_path)
    assert ids(model) == ("verified", "tensors of civitai.info", 11, 101, "v1", "Zorblax Style")
    assert model.is_edited
    assert model.hash("sha256") == sha256(edited)
    assert model.hash("sha256", "claimed") == sha256(DATA)


def test_lora_managers_autov3_proves_nothing(tmp_path: Path) -> None:
    """It is a copy of what the header says."""
    put(tmp_path / "zorb.safetensors", DATA)
    value = {
        "file_name": "zorb",
        "sha256": "",
        "autov3": tensors_sha256(DATA)[:12],
        "civitai": {**answer(DATA, "x"), "files": []},
    }
    put(tmp_path / "zorb.metadata.json", value)
    assert ids(scanned(tmp_path)) == (None, None, None, None, None, None)


def test_an_empty_answer_says_that_it_is_unknown(tmp_path: Path) -> None:
    put(tmp_path / "zorb.safetensors", DATA)
    put(tmp_path / "zorb.civitai.info", "{}")
    assert scanned(tmp_path).is_unknown


def test_a_users_own_card(tmp_path: Path) -> None:
    put(tmp_path / "zorb.safetensors", DATA)
    put(tmp_path / "zorb.json", {"sd version": "SDXL", "activation text": "zorblax", "preferred weight": 0.8})
    model = scanned(tmp_path)
    assert (model.base, model.base_by, model.words, model.trust) == ("SDXL 1.0", "json", ["zorblax"], None)


def test_swarms_own_file(tmp_path: Path) -> None:
    put(tmp_path / "zorb.safetensors", DATA)
    spec = {
        "modelspec.title": "Zorblax!",
        "modelspec.hash_sha256": "0x" + tensors_sha256(DATA),
        "modelspec.architecture": "stable-diffusion-xl-v1-base/lora",
        "modelspec.trigger_phrase": "zorblax",
    }
    put(tmp_path / "zorb.swarm.json", spec)
    model = scanned(tmp_path)
    assert (model.title, model.base, model.words, model.trust) == ("Zorblax!", "SDXL 1.0", ["zorblax"], None)


@pytest.mark.parametrize(
    "text", [f"{sha256(DATA)}\n", f"{sha256(DATA)}  zorb.safetensors\n", f"{sha256(DATA).upper()}"]
)
def test_a_sum_is_not_believed_without_hashing(tmp_path: Path, text: str) -> None:
    """Nobody checks whether the file has changed since."""
    put(tmp_path / "zorb.safetensors", DATA)
    put(tmp_path / "zorb.sha256", text)
    assert scanned(tmp_path, hash="none").hashes == []
    assert scanned(tmp_path).warnings == []
    put(tmp_path / "zorb.safetensors", OTHER)
    assert [code for code, _ in scanned(tmp_path).warnings] == ["sidecar-stale"]


def test_the_header_goes_before_a_word_it_cannot_be(tmp_path: Path) -> None:
    put(tmp_path / "zorb.safetensors", lora("zorblax"))
    put(tmp_path / "zorb.json", {"sd version": "SDXL"})
    model = scanned(tmp_path)
    assert (model.base, model.base_by) == ("SD 1.5", "header")
    assert model.warnings == [("sidecar-base-differs", "json says SDXL 1.0, the header SD 1.5")]


@pytest.mark.parametrize("sibling", ["zorb.gguf", "zorb.ckpt"])
def test_two_files_of_one_stem_share_no_words(tmp_path: Path, sibling: str) -> None:
    put(tmp_path / "zorb.safetensors", DATA)
    put(tmp_path / sibling, b"PK\3\4" if sibling.endswith("ckpt") else b"GGUF")
    put(tmp_path / "zorb.civitai.info", answer(DATA, "zorb.safetensors"))
    put(tmp_path / "zorb.json", {"activation text": "wrong"})
    with ModelLibrary.open(":memory:") as library:
        library.scan(tmp_path)
        found = {Path(model.path).name: model for model in library.models()}
    assert ids(found["zorb.safetensors"]) == ("verified", "sha256 of civitai.info", 11, 101, "v1", "Zorblax Style")
    assert found["zorb.safetensors"].words == ["zorblax", "quux"]
    assert ids(found[sibling]) == (None, None, None, None, None, None)
    assert (found[sibling].words, found[sibling].base) == ([], None)
    for model in found.values():
        assert "shared-stem" in [code for code, _ in model.warnings]


@pytest.mark.parametrize(
    ("suffix", "text", "code"),
    [
        ("civitai.info", "{", "json-invalid"),
        ("json", "[" * 1000, "limit:json_depth"),
        ("sha256", "what?", "sidecar-invalid"),
        ("swarm.json", " " * (8 * 1024 * 1024 + 1), "sidecar-invalid"),
    ],
)
def test_a_broken_sidecar_is_a_warning(tmp_path: Path, suffix: str, text: str, code: str) -> None:
    put(tmp_path / "zorb.safetensors", DATA)
    put(tmp_path / f"zorb.{suffix}", text)
    model = scanned(tmp_path)
    assert [found for found, _ in model.warnings] == [code]
    assert model.hash("sha256") == sha256(DATA)


@pytest.mark.parametrize(
    "value",
    [
        {"id": "x", "files": 3, "trainedWords": {"a": 1}, "model": []},
        {"id": True},
        {"id": 5, "modelId": -1, "name": ["a"], "files": [1, {"hashes": [], "sizeKB": "big", "name": 7}]},
        {"id": 5, "files": [{"hashes": {"SHA256": "zz", "AutoV3": None, "BLAKE3": "e3b0c44298"}, "sizeKB": -1}]},
        {"Hashes": 4, "ModelId": 2**70},
        [1, 2],
        "text",
        None,
    ],
)
def test_values_of_wrong_types_harm_nobody(tmp_path: Path, value: Any) -> None:
    put(tmp_path / "zorb.safetensors", DATA)
    for suffix in ("civitai.info", "api_info.json", "cm-info.json", "metadata.json", "json", "swarm.json"):
        put(tmp_path / f"zorb.{suffix}", json.dumps(value))
    model = scanned(tmp_path)
    assert (model.trust, model.words) == (None, [])


def test_an_address_of_the_sidecar_is_the_stem_to_its_last_dot(tmp_path: Path) -> None:
    put(tmp_path / "zorb.v1.0.safetensors", DATA)
    put(tmp_path / "zorb.v1.json", {"activation text": "wrong"})
    put(tmp_path / "zorb.v1.0.json", {"activation text": "right"})
    assert scanned(tmp_path).words == ["right"]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=3), inner, max_size=6)
    ),
    max_leaves=20,
)


@given(_JSON, st.sampled_from(SIDECARS))
def test_any_json_makes_claims_that_can_be_kept(value: Any, kind: Sidecar) -> None:
    for claim in kind.read(json.dumps(value), "x", Ledger()):
        assert Claim.from_json(json.loads(json.dumps(claim.to_json()))) == claim
        assert claim.version_id is None or claim.version_id > 0
