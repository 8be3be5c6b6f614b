"""Joining records with files: what is filled, by what, and what is not."""

from __future__ import annotations

import hashlib
import os
import pickle
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor import ImageRecord, ModelLibrary, extract, scan, write_sidecars
from extractor.library.match import Status
from tests.library.modelfiles import (
    SDXL,
    SDXL_LORA,
    answer,
    checkpoint,
    gguf,
    lora,
    put,
    safetensors,
    sha256,
    tensors_sha256,
)
from tests.support import png, text_chunk

BASE = checkpoint("base")
ZORB = lora("zorb", {"ss_output_name": "zorblax_trained"})
SSHS = "5e" * 32
TRAINED = lora("trained", {"sshs_model_hash": SSHS, "sshs_legacy_hash": "12345678"})
CUT = lora("cut", {"sshs_model_hash": "0x" + "c7" * 32})
SWARM_SPEC = "ab" * 32
PUBLISHED = safetensors(SDXL_LORA, data=b"edited tensors")
EDITED = safetensors(SDXL_LORA, {"modelspec.title": "E"}, data=b"edited tensors")
EDITED_BASE = safetensors(
    SDXL, {"modelspec.hash_sha256": "0x" + hashlib.sha256(b"edited base").hexdigest()}, data=b"edited base"
)
BIG = safetensors(SDXL, data=b"V" * 0x100000 + b"slice")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelLibrary]:
    root = tmp_path_factory.mktemp("models")
    put(root / "Stable-diffusion/sub/base.safetensors", BASE)
    put(root / "Stable-diffusion/big one.safetensors", BIG)
    put(root / "Stable-diffusion/swarmed.safetensors", EDITED_BASE)
    put(root / "Stable-diffusion/twice.safetensors", checkpoint("twice"))
    put(root / "Stable-diffusion/copies/twice.safetensors", checkpoint("twice"))
    put(root / "Stable-diffusion/forged.safetensors", checkpoint("forged"))
    put(root / "unet/forged.gguf", gguf([]))
    put(root / "Lora/Zorb.safetensors", ZORB)
    put(root / "Lora/Zorb.civitai.info", answer(ZORB, "Zorb.safetensors"))
    put(root / "Lora/trained.safetensors", TRAINED)
    put(root / "Lora/cut.safetensors", CUT)
    put(root / "Lora/edited.safetensors", EDITED)
    put(root / "Lora/edited.civitai.info", {**answer(PUBLISHED, "edited.safetensors"), "id": 202})
    put(root / "Lora/old.pt", b"PK\3\4 old LoRA")
    put(root / "Lora/one/style.safetensors", lora("style one"))
    put(root / "Lora/two/style.safetensors", lora("style two"))
    put(root / "Lora/v1.safetensors", lora("v1", {"ss_output_name": "same"}))
    put(root / "Lora/v2.safetensors", lora("v2", {"ss_output_name": "same"}))
    put(root / "Lora/likely.safetensors", lora("likely"))
    put(root / "embeddings/base.pt", b"PK\3\4 embedding")
    with ModelLibrary.open(root / "models.db") as library:
        library.scan(root)
        yield library


def one(kind: str, **values: Any) -> ImageRecord:
    return ImageRecord.model_validate({"meta": {"resources": [{"type": kind, **values}]}})


def resolved(library: ModelLibrary, kind: str, **values: Any) -> tuple[str, str | None, list[str]]:
    (found,) = library.resolve(one(kind, **values))
    return found.status.value, found.by, [os.path.basename(file.path) for file in found.files]


def b3(data: bytes) -> str:
    blake3 = pytest.importorskip("blake3", reason="the extra 'models' is not installed").blake3
    digest: str = blake3(data).hexdigest()
    return digest


BY_HASH = [
    ("AutoV2", "model", sha256(BASE)[:10], "sha256", "base.safetensors"),
    ("12 of SHA-256, as Forge's LoRAs", "lora", sha256(ZORB)[:12], "sha256", "Zorb.safetensors"),
    ("SHA-256", "model", sha256(BASE), "sha256", "base.safetensors"),
    ("SHA-256 in capitals with 0x", "model", "0x" + sha256(BASE).upper(), "sha256", "base.safetensors"),
    ("AutoV3", "lora", tensors_sha256(ZORB)[:12], "tensors", "Zorb.safetensors"),
    ("tensors", "lora", tensors_sha256(ZORB), "tensors", "Zorb.safetensors"),
    ("trainer's", "lora", SSHS[:12], "sshs", "trained.safetensors"),
    ("trainer's, cut by 0x", "lora", "0x" + ("c7" * 32)[:10], "sshs", "cut.safetensors"),
    ("published hash of an edited file", "lora", sha256(PUBLISHED)[:10], "sha256", "edited.safetensors"),
    ("AutoV3 of an edited file", "lora", tensors_sha256(PUBLISHED)[:12], "tensors", "edited.safetensors"),
    ("of a pickle", "lora", sha256(b"PK\3\4 old LoRA")[:12], "sha256", "old.pt"),
    ("whatever the type is said to be", "model", sha256(ZORB)[:10], "sha256", "Zorb.safetensors"),
]


@pytest.mark.parametrize(
    ("kind", "digest", "by", "file"), [row[1:] for row in BY_HASH], ids=[row[0] for row in BY_HASH]
)
def test_by_hash(library: ModelLibrary, kind: str, digest: str, by: str, file: str) -> None:
    assert resolved(library, kind, hash=digest) == ("here", by, [file])
    assert resolved(library, kind, hash=digest, name="some other name") == ("here", by, [file])


def test_by_blake3(library: ModelLibrary) -> None:
    """InvokeAI's."""
    assert resolved(library, "model", hash=f"blake3:{b3(BASE)}") == ("here", "blake3", ["base.safetensors"])
    assert resolved(library, "model", hash=b3(BASE)) == ("here", "blake3", ["base.safetensors"])
    assert resolved(library, "model", hash=f"sha256:{b3(BASE)}")[0] == "missing"


AUTOV1 = sha256(BIG[0x100000:0x110000])[:8]


@pytest.mark.parametrize("digest", [AUTOV1, sha256(BIG)[:8]])
def test_eight_digits_only_with_the_name(library: ModelLibrary, digest: str) -> None:
    by = "autov1" if digest == AUTOV1 else "sha256"
    assert resolved(library, "model", hash=digest, name="Big One") == ("here", by, ["big one.safetensors"])
    assert resolved(library, "model", hash=digest) == ("missing", None, [])
    assert resolved(library, "model", hash=digest, name="base") == (
        "other file",
        "name",
        ["base.safetensors"],
    )


def test_too_few_digits_are_none(library: ModelLibrary) -> None:
    assert resolved(library, "lora", hash=tensors_sha256(ZORB)[:11]) == ("missing", None, [])
    assert resolved(library, "lora", hash=SSHS[:10]) == ("missing", None, [])
    assert resolved(library, "model", hash=sha256(BASE)[:9]) == ("missing", None, [])


BY_NAME = [
    ("zorb", "lora", "Zorb.safetensors"),
    ("loras/ZORB.safetensors", "lora", "Zorb.safetensors"),
    ("zorblax_trained", "lora", "Zorb.safetensors"),
    ("base", "model", "base.safetensors"),
    ("base", "embed", "base.pt"),
    ("zorb", "lycoris", "Zorb.safetensors"),
    ("twice", "model", "twice.safetensors"),
]


@pytest.mark.parametrize(("name", "kind", "file"), BY_NAME)
def test_by_a_unique_name_within_the_type(library: ModelLibrary, name: str, kind: str, file: str) -> None:
    assert resolved(library, kind, name=name) == ("here", "name", [file])


@pytest.mark.parametrize(
    ("name", "kind", "status", "files"),
    [
        ("style", "lora", "ambiguous", ["style.safetensors", "style.safetensors"]),
        ("same", "lora", "ambiguous", ["v1.safetensors", "v2.safetensors"]),
        ("zorb", "model", "missing", []),
        ("base", "vae", "missing", []),
        ("base", "no such type", "missing", []),
        ("nothing", "lora", "missing", []),
        ("", "lora", "missing", []),
        ("\udcff\0'", "lora", "missing", []),
    ],
)
def test_names_that_do_not_tell(library: ModelLibrary, name: str, kind: str, status: str, files: list[str]) -> None:
    assert (resolved(library, kind, name=name)[0], resolved(library, kind, name=name)[2]) == (status, files)
    record = one(kind, name=name)
    assert library.complete(record) == record


def test_a_name_chooses_among_files_of_one_hash(library: ModelLibrary, tmp_path: Path) -> None:
    """A LoRA that was resized keeps its trainer's hash."""
    for name in ("a", "b"):
        put(tmp_path / f"Lora/{name}.safetensors", lora(name, {"sshs_model_hash": SSHS}))
    with ModelLibrary.open(":memory:") as other:
        other.scan(tmp_path)
        assert resolved(other, "lora", hash=SSHS[:12])[0] == "ambiguous"
        assert resolved(other, "lora", hash=SSHS[:12], name="b") == ("here", "sshs", ["b.safetensors"])


def test_a_files_own_hash_goes_before_a_claimed_one(tmp_path: Path) -> None:
    put(tmp_path / "Lora/real.safetensors", lora("real"))
    put(tmp_path / "Lora/liar.safetensors", lora("liar", {"sshs_model_hash": tensors_sha256(lora("real"))}))
    with ModelLibrary.open(":memory:") as other:
        other.scan(tmp_path)
        assert resolved(other, "lora", hash=tensors_sha256(lora("real"))[:12]) == (
            "here",
            "tensors",
            ["real.safetensors"],
        )


def test_the_hash_of_nothing_is_no_hash(tmp_path: Path) -> None:
    """Broken trainers store it; a picture that names it names no file."""
    nothing = hashlib.sha256(b"").hexdigest()
    put(tmp_path / "Lora/a.safetensors", lora("a", {"sshs_model_hash": nothing}))
    put(tmp_path / "Lora/b.safetensors", b"")
    with ModelLibrary.open(":memory:") as other:
        scanned = other.scan(tmp_path)
        assert resolved(other, "lora", hash=nothing[:12]) == ("missing", None, [])
        assert resolved(other, "lora", hash=nothing[:8], name="a") == ("here", "name", ["a.safetensors"])
    assert "header-hash" in [code for _, code, _ in scanned.problems]


def test_a_header_without_tensors_has_no_autov3(tmp_path: Path) -> None:
    empty = safetensors(metadata={"modelspec.architecture": "stable-diffusion-v1/lora"}, data=b"")
    put(tmp_path / "Lora/a.safetensors", empty)
    with ModelLibrary.open(":memory:") as other:
        other.scan(tmp_path)
        done = other.complete(one("lora", name="a"))
        assert done.to_civitai()["meta"]["resources"] == [{"type": "lora", "name": "a", "hash": sha256(empty)[:10]}]


def test_by_version_only_when_it_is_verified(library: ModelLibrary, tmp_path: Path) -> None:
    assert resolved(library, "lora", modelVersionId=101) == ("here", "version", ["Zorb.safetensors"])
    put(tmp_path / "Lora/x.safetensors", lora("x"))
    put(tmp_path / "Lora/x.civitai.info", answer(lora("x"), "x.safetensors"))
    with ModelLibrary.open(":memory:") as other:
        other.scan(tmp_path, hash="none")
        assert other.models()[0].trust == "likely"
        assert resolved(other, "lora", modelVersionId=101) == ("missing", None, [])
        assert resolved(other, "lora", modelVersionId=101, name="x") == ("unproven", "name", ["x.safetensors"])
        assert resolved(other, "lora", hash=sha256(lora("x"))[:10]) == ("here", "likely sha256", ["x.safetensors"])
        done = other.complete(one("lora", hash=sha256(lora("x"))[:10]))
        assert done.to_civitai()["meta"]["resources"] == [{"type": "lora", "hash": sha256(lora("x"))[:10], "name": "x"}]


def test_a_hash_chooses_among_files_of_one_version(tmp_path: Path) -> None:
    files = {name: lora(name) for name in ("full", "pruned")}
    claims = [answer(data, f"{name}.safetensors")["files"][0] for name, data in files.items()]
    for name, data in files.items():
        put(tmp_path / f"Lora/{name}.safetensors", data)
        put(tmp_path / f"Lora/{name}.civitai.info", {**answer(data, "x"), "files": claims})
    with ModelLibrary.open(":memory:") as other:
        other.scan(tmp_path)
        assert resolved(other, "lora", modelVersionId=101)[0] == "ambiguous"
        assert resolved(other, "lora", modelVersionId=101, name="pruned")[2] == ["pruned.safetensors"]
        digest = sha256(files["full"])[:10]
        assert resolved(other, "lora", modelVersionId=101, hash=digest) == ("here", "sha256", ["full.safetensors"])


def test_fewer_digits_than_any_hash_has_prove_nothing(library: ModelLibrary) -> None:
    for digest in (sha256(BASE)[:7], "aaaaaaa"):
        record = one("model", name="base", hash=digest)
        assert resolved(library, "model", name="base", hash=digest) == ("unproven", "name", ["base.safetensors"])
        assert library.complete(record) == record


def test_a_name_with_another_version_is_another_file(library: ModelLibrary) -> None:
    record = one("lora", name="Zorb", modelVersionId=999)
    assert resolved(library, "lora", name="Zorb", modelVersionId=999) == ("other file", "name", ["Zorb.safetensors"])
    assert library.complete(record) == record


FILLED = [
    ("hash of a checkpoint", "model", {"name": "base"}, {"hash": sha256(BASE)[:10]}),
    ("of a LoRA", "lora", {"name": "zorb"}, {"hash": tensors_sha256(ZORB)[:12], "modelVersionId": 101}),
    ("of a pickled LoRA", "lora", {"name": "old"}, {"hash": sha256(b"PK\3\4 old LoRA")[:10]}),
    ("of an edited file", "model", {"name": "swarmed"}, {"hash": tensors_sha256(EDITED_BASE)[:12]}),
    ("name", "model", {"hash": sha256(BASE)[:10]}, {"name": "base"}),
    ("name and version", "lora", {"hash": sha256(ZORB)[:10]}, {"name": "Zorb", "modelVersionId": 101}),
    ("by version", "lora", {"modelVersionId": 101}, {"name": "Zorb", "hash": tensors_sha256(ZORB)[:12]}),
    ("nothing more", "lora", {"modelVersionId": 5, "name": "q", "hash": sha256(ZORB)[:10]}, {}),
]


@pytest.mark.parametrize(("kind", "given", "filled"), [row[1:] for row in FILLED], ids=[row[0] for row in FILLED])
def test_what_is_filled(library: ModelLibrary, kind: str, given: dict[str, Any], filled: dict[str, Any]) -> None:
    record = one(kind, **given)
    before = record.model_dump()
    done = library.complete(record)
    assert done.to_civitai() == {"meta": {"resources": [{"type": kind, **given, **filled}]}}
    assert record.model_dump() == before
    assert [fill.filled for fill in (done.extraction.models if done.extraction else None) or ()] == [filled] * bool(
        filled
    )
    assert library.complete(done) == done
    assert str(library._store.path).rpartition("/")[0] not in done.model_dump_json()


def test_provenance(library: ModelLibrary) -> None:
    done = library.complete(
        ImageRecord.model_validate(
            {
                "meta": {
                    "Model": "base",
                    "resources": [
                        {"type": "lora", "name": "nothing"},
                        {"type": "model", "name": "base"},
                        {"type": "lora", "hash": sha256(ZORB)[:10]},
                    ],
                }
            }
        )
    )
    assert done.extraction is not None
    assert done.extraction.model_dump(by_alias=True, exclude_unset=True) == {
        "models": [
            {"at": "resources[1]", "by": "name", "filled": {"hash": sha256(BASE)[:10]}, "file": "base.safetensors"},
            {"at": "Model", "by": "name", "filled": {"Model hash": sha256(BASE)[:10]}, "file": "base.safetensors"},
            {
                "at": "resources[2]",
                "by": "sha256",
                "filled": {"name": "Zorb", "modelVersionId": 101},
                "file": "Zorb.safetensors",
            },
        ]
    }


def test_what_only_civitais_list_has_is_resolved_and_not_filled(library: ModelLibrary) -> None:
    record = ImageRecord.model_validate(
        {
            "meta": {
                "Model": "nothing",
                "resources": [{"type": "lora", "modelVersionId": 202, "name": "e", "hash": "1234567890"}],
                "civitaiResources": [
                    {"type": "lora", "modelVersionId": 202},
                    {"type": "lora", "modelVersionId": 101, "weight": 0.5},
                    {"type": "lora", "modelVersionId": 2**70},
                    {"air": "urn:air:x"},
                    "odd",
                ],
            }
        }
    )
    assert [(item.at, item.status, item.by) for item in library.resolve(record)] == [
        ("resources[0]", "here", "version"),
        ("Model", "missing", None),
        ("civitaiResources[1]", "here", "version"),
    ]
    assert library.complete(record) == record


@pytest.mark.parametrize(
    ("given", "filled"),
    [
        ({"Model": "base"}, {"Model hash": sha256(BASE)[:10]}),
        ({"Model hash": sha256(BASE)[:10]}, {"Model": "base"}),
        ({"Model": "nothing"}, {}),
        ({"Model": 5, "Model hash": ["x"]}, {}),
    ],
)
def test_the_main_model_without_resources(library: ModelLibrary, given: dict[str, Any], filled: dict[str, Any]) -> None:
    done = library.complete(ImageRecord.model_validate({"meta": given}))
    assert done.to_civitai() == {"meta": {**given, **filled}}
    assert library.complete(done) == done


def test_a_hash_that_differs_fills_nothing_and_is_warned_about(library: ModelLibrary) -> None:
    for kind, name, digest in (
        ("lora", "zorb", "aaaaaaaaaaaa"),
        ("model", "base", "aaaaaaaaaa"),
        ("model", "base", "aa" * 32),
        ("model", "big one", "aaaaaaaa"),
    ):
        record = one(kind, name=name, hash=digest)
        done = library.complete(record)
        assert done.to_civitai() == record.to_civitai()
        assert done.extraction is not None
        (warning,) = done.extraction.warnings or ()
        file = done.extraction and resolved(library, kind, name=name, hash=digest)[2][0]
        assert warning.code == "model-hash-differs"
        assert warning.message == f"{name}: {digest} is no hash of {file} in the library"
        assert library.complete(done) == done


def test_eight_digits_of_a_controlnet_prove_nothing(tmp_path: Path) -> None:
    """They are no SHA-256."""
    put(tmp_path / "ControlNet/canny.pth", b"PK\3\4 canny")
    with ModelLibrary.open(":memory:") as other:
        other.scan(tmp_path)
        record = one("controlnet", name="canny", hash="e3fe7712")
        assert resolved(other, "controlnet", name="canny", hash="e3fe7712") == ("unproven", "name", ["canny.pth"])
        assert other.complete(record) == record


def test_a_file_without_hashes_proves_nothing(tmp_path: Path) -> None:
    put(tmp_path / "Stable-diffusion/base.safetensors", BASE)
    with ModelLibrary.open(":memory:") as other:
        other.scan(tmp_path, hash="none")
        record = one("model", name="base", hash=sha256(BASE)[:10])
        assert resolved(other, "model", name="base", hash=sha256(BASE)[:10])[0] == "unproven"
        assert other.complete(record) == record
        other.hash(other.models())
        assert resolved(other, "model", name="base", hash=sha256(BASE)[:10]) == ("here", "sha256", ["base.safetensors"])


def name_hash(name: str, digits: int = 10) -> str:
    return sha256(name.encode())[:digits]


@pytest.mark.parametrize(
    ("given", "file", "digest"),
    [
        (name_hash("forged.safetensors"), "forged.safetensors", sha256(checkpoint("forged"))[:10]),
        (name_hash("forged.safetensors", 12), "forged.safetensors", sha256(checkpoint("forged"))[:10]),
        (name_hash("forged.gguf"), "forged.gguf", sha256(gguf([]))[:10]),
    ],
)
def test_the_hash_of_a_name_gives_way_to_a_real_one(library: ModelLibrary, given: str, file: str, digest: str) -> None:
    record = ImageRecord.model_validate(
        {
            "meta": {
                "Model": "forged",
                "Model hash": given,
                "hashes": {"model": given},
                "resources": [{"type": "model", "name": "forged", "hash": given}],
            }
        }
    )
    done = library.complete(record)
    assert done.to_civitai()["meta"] == {
        "Model": "forged",
        "Model hash": given,
        "hashes": {"model": given},
        "resources": [{"type": "model", "name": "forged", "hash": digest}],
    }
    assert done.extraction is not None
    assert [fill.model_dump(by_alias=True, exclude_unset=True) for fill in done.extraction.models or ()] == [
        {"at": "resources[0]", "by": "name", "filled": {"hash": digest}, "replaced": {"hash": given}, "file": file}
    ]
    assert done.extraction.warnings is None
    assert library.complete(done) == done


def test_imported_answers_name_what_is_not_here(tmp_path: Path) -> None:
    data = lora("never seen")
    put(
        tmp_path / "dump.json",
        {"items": [{"id": 11, "name": "Far Away", "type": "LORA", "modelVersions": [answer(data, "far.safetensors")]}]},
    )
    with ModelLibrary.open(":memory:") as other:
        assert other.import_answers(tmp_path / "dump.json") == 1
        for values, by, filled in (
            ({"modelVersionId": 101}, "version", {"name": "Far Away", "hash": tensors_sha256(data)[:12]}),
            ({"hash": sha256(data)[:10]}, "sha256", {"name": "Far Away", "modelVersionId": 101}),
            ({"hash": tensors_sha256(data)[:12]}, "tensors", {"name": "Far Away", "modelVersionId": 101}),
            ({"hash": sha256(data)[:8]}, None, {}),
            ({"name": "Far Away"}, None, {}),
        ):
            done = other.complete(one("lora", **values))
            assert done.to_civitai()["meta"]["resources"] == [{"type": "lora", **values, **filled}], values
            (found,) = other.resolve(one("lora", **values))
            assert (found.status, found.by) == (Status.MISSING, by)
            assert [fill.by for fill in (done.extraction.models if done.extraction else None) or ()] == [by] * bool(by)
            assert (found.known_as == "Far Away / v1") == bool(filled)


def test_imported_answers_verify_files(tmp_path: Path) -> None:
    put(tmp_path / "Lora/a.safetensors", lora("a"))
    lines = "\n".join(
        __import__("json").dumps({**answer(lora(name), f"{name}.safetensors"), "id": number})
        for number, name in ((5, "a"), (6, "b"))
    )
    put(tmp_path / "dump.jsonl", lines)
    with ModelLibrary.open(":memory:") as other:
        other.scan(tmp_path)
        revision = other.revision
        assert other.import_answers(tmp_path / "dump.jsonl") == 2
        (model,) = other.models()
        assert (model.version_id, model.trust, model.trust_by, model.base) == (
            5,
            "verified",
            "sha256 of import",
            "SD 1.5",
        )
        assert other.revision != revision
        assert [model.name for model in other.find("5")] == ["a"]


def test_answers_that_name_two_versions_for_one_file_choose_none(tmp_path: Path) -> None:
    put(tmp_path / "Lora/a.safetensors", lora("a"))
    put(tmp_path / "dump.json", [answer(lora("a"), "a"), {**answer(lora("a"), "a"), "id": 102}])
    with ModelLibrary.open(":memory:") as other:
        other.scan(tmp_path)
        other.import_answers(tmp_path / "dump.json")
        assert other.models()[0].version_id is None


@pytest.mark.parametrize("text", ["", "{}", "[]", "not JSON", '{"id": "x"}', "[" * 5000])
def test_a_dump_without_versions_is_an_error(tmp_path: Path, text: str) -> None:
    from extractor import ExtractorError

    with ModelLibrary.open(":memory:") as other, pytest.raises(ExtractorError, match="no model version"):
        other.import_answers(put(tmp_path / "dump.json", text))


PICTURE = png(text_chunk("parameters", "a cat\nSteps: 20, Sampler: Euler a, Seed: 1, Model: base, Version: v1.9.0"))


def test_extract_scan_and_sidecars_complete_records(library: ModelLibrary, tmp_path: Path) -> None:
    paths = [put(tmp_path / f"{number}.png", PICTURE) for number in range(3)]
    record = extract(paths[0], models=library)
    assert record.meta is not None
    assert record.meta.model_hash == sha256(BASE)[:10]
    assert record.extraction is not None
    assert record.extraction.stamp is not None
    assert record.extraction.stamp.models == library.revision
    assert next(result.record for result in scan([tmp_path], models=library, workers=2)) == record
    assert [result.status for result in write_sidecars(paths, models=library)] == ["written"] * 3
    assert [result.status for result in write_sidecars(paths, models=library)] == ["unchanged"] * 3
    assert [result.status for result in write_sidecars(paths)] == ["written"] * 3


def test_a_changed_library_makes_sidecars_anew(tmp_path: Path) -> None:
    picture = put(tmp_path / "a.png", PICTURE)
    put(tmp_path / "models/Stable-diffusion/x.safetensors", checkpoint("x"))
    with ModelLibrary.open(tmp_path / "models.db") as other:
        other.scan(tmp_path / "models")
        assert [result.status for result in write_sidecars([picture], models=other)] == ["written"]
        other.scan(tmp_path / "models")
        assert [result.status for result in write_sidecars([picture], models=other)] == ["unchanged"]
        put(tmp_path / "models/Stable-diffusion/base.safetensors", BASE)
        other.scan(tmp_path / "models")
        (result,) = write_sidecars([picture], models=other)
        assert result.status == "written"
        assert result.record is not None
        assert result.record.meta is not None
        assert result.record.meta.model_hash == sha256(BASE)[:10]


def test_what_is_no_library_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="models must be"):
        extract(png(), models="models.db")  # type: ignore[arg-type]


def test_a_library_goes_to_other_processes_by_its_path(library: ModelLibrary) -> None:
    other = pickle.loads(pickle.dumps(library))
    assert other.revision == library.revision
    assert other.resolve(one("model", name="base")) == library.resolve(one("model", name="base"))
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        other._store.sql.execute("DELETE FROM files")
    other.close()
    with ModelLibrary.open(":memory:") as memory, pytest.raises(TypeError, match="in memory"):
        pickle.dumps(memory)


@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "type": st.sampled_from(["model", "lora", "x"]) | st.none() | st.integers(),
                "name": st.sampled_from(["base", "zorb", "forged", "style"]) | st.text(max_size=5) | st.integers(),
                "hash": st.sampled_from([sha256(BASE)[:10], name_hash("forged.gguf"), "aaaaaaaaaa", "None"])
                | st.none(),
                "modelVersionId": st.sampled_from([101, 202, 7]) | st.booleans() | st.text(max_size=3),
            },
        )
        | st.text(max_size=3),
        max_size=4,
    ),
    st.fixed_dictionaries(
        {}, optional={"Model": st.sampled_from(["base", "forged", ""]), "Model hash": st.text(max_size=12)}
    ),
)
def test_nothing_that_is_there_is_overwritten(
    library: ModelLibrary, resources: list[Any], model: dict[str, Any]
) -> None:
    record = ImageRecord.model_validate({"meta": {**model, "resources": resources}})
    done = library.complete(record)
    before, after = record.to_civitai()["meta"], done.to_civitai()["meta"]
    assert {key: value for key, value in after.items() if key in model} == {
        key: value for key, value in before.items() if key in model
    }
    assert len(after["resources"]) == len(before["resources"])
    for old, new in zip(before["resources"], after["resources"], strict=True):
        if isinstance(old, dict):
            kept = {key: value for key, value in old.items() if value is not None}
            if kept.get("hash") == name_hash("forged.gguf"):
                del kept["hash"]
            assert kept.items() <= new.items()
        else:
            assert new == old
    assert library.complete(done) == done
    assert library.complete(record) == done


def test_nothing_that_is_there_is_overwritten_by_a_full_library(library: ModelLibrary) -> None:
    values = {"name": "base", "hash": sha256(ZORB)[:10], "modelVersionId": 3, "weight": 0.5}
    record = one("lora", **values)
    assert library.complete(record) == record
