"""What a scan keeps of folders of models, and what it does when they change."""

from __future__ import annotations

import itertools
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from extractor import ModelLibrary
from extractor.errors import OutputError
from extractor.library import hashing, scan
from extractor.library.reading import ModelScanProgress, ScannedModels
from tests.library.modelfiles import TIME, answer, checkpoint, gguf, lora, put, safetensors, sha256, tensors_sha256


def counts(scanned: ScannedModels) -> dict[str, int]:
    names = ("files", "added", "changed", "moved", "removed", "hashed", "unhashed")
    return {name: getattr(scanned, name) for name in names if getattr(scanned, name)}


def shown(library: ModelLibrary, root: Path) -> list[tuple[Any, ...]]:
    return [
        (os.path.relpath(model.path, root), model.type, model.type_by, (model.hash("sha256") or "")[:10])
        for model in library.models()
    ]


def tree(root: Path) -> Path:
    put(root / "Lora/zorb.safetensors", lora("zorb"))
    put(root / "Stable-diffusion/base.ckpt", b"PK\3\4 not really")
    put(root / "embeddings/neg.pt", b"\x80\2 not really")
    put(root / "unet/flux.gguf", gguf([]))
    put(root / "Lora/notes.txt", "x")
    put(root / "firmware.bin", b"\x7fELF")
    put(root / "pipe/model_index.json", {"_class_name": "StableDiffusionXLPipeline"})
    put(root / "pipe/unet/diffusion_pytorch_model.safetensors", checkpoint("part"))
    put(root / "pipe/vae/deep/diffusion_pytorch_model.bin", b"PK\3\4")
    put(root / "wrong.safetensors", "not a model")
    return root


def test_everything_that_is_a_model(tmp_path: Path) -> None:
    root = tree(tmp_path)
    with ModelLibrary.open(":memory:") as library:
        scanned = library.scan(root)
        assert counts(scanned) == {"files": 6, "added": 6, "hashed": 5}
        assert shown(library, root) == [
            ("Lora/zorb.safetensors", "lora", "header", sha256(lora("zorb"))[:10]),
            ("Stable-diffusion/base.ckpt", "checkpoint", "folder", sha256(b"PK\3\4 not really")[:10]),
            ("embeddings/neg.pt", "embedding", "folder", sha256(b"\x80\2 not really")[:10]),
            ("pipe", "checkpoint", "header", ""),
            ("unet/flux.gguf", "diffusion-model", "folder", sha256(gguf([]))[:10]),
            ("wrong.safetensors", None, None, sha256(b"not a model")[:10]),
        ]
        (pipe,) = library.find("pipe")
        assert (pipe.format, pipe.base, pipe.hashes) == ("diffusers", "SDXL 1.0", [])
        assert [(os.path.basename(path), code) for path, code, _ in scanned.problems] == [
            ("wrong.safetensors", "header-length")
        ]
        assert counts(library.scan(root)) == {"files": 6}


def test_the_order_of_scans_makes_no_difference(tmp_path: Path) -> None:
    parts = [tmp_path / name for name in ("a", "b", "c")]
    same = lora("same")
    for part in parts:
        put(part / "Lora/x.safetensors", same)
        put(part / f"Lora/{part.name}.safetensors", lora(part.name))
    put(parts[1] / "Lora/x.civitai.info", answer(same, "x.safetensors"))
    put(parts[2] / "Lora/x.civitai.info", {**answer(same, "x.safetensors"), "id": 7})
    put(tmp_path / "dump.json", [answer(same, "x.safetensors"), {**answer(lora("a"), "a"), "id": 3}])
    results = set()
    for order in itertools.permutations([*parts, "dump"]):
        with ModelLibrary.open(":memory:") as library:
            for item in order:
                if isinstance(item, Path):
                    library.scan(item)
                else:
                    library.import_answers(tmp_path / "dump.json")
            results.add((library.revision, repr(library.models())))
    with ModelLibrary.open(":memory:") as library:
        library.import_answers(tmp_path / "dump.json")
        library.scan(parts[::-1])
        results.add((library.revision, repr(library.models())))
        found = {os.path.relpath(model.path, tmp_path): model.version_id for model in library.models()}
    assert len(results) == 1
    assert found == {
        "a/Lora/a.safetensors": 3,
        "a/Lora/x.safetensors": 101,
        "b/Lora/b.safetensors": None,
        "b/Lora/x.safetensors": 101,
        "c/Lora/c.safetensors": None,
        "c/Lora/x.safetensors": 7,
    }


@pytest.fixture
def read_counter(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that are hashed."""
    hashed: list[str] = []
    real = scan._hashes

    def counting(item: Any, counter: Any) -> Any:
        hashed.append(os.path.basename(item.path))
        return real(item, counter)

    monkeypatch.setattr(scan, "_hashes", counting)
    return hashed


def test_a_moved_file_is_not_hashed_again(tmp_path: Path, read_counter: list[str]) -> None:
    put(tmp_path / "in/zorb.safetensors", lora("zorb"))
    with ModelLibrary.open(":memory:") as library:
        library.scan(tmp_path)
        revision = library.revision
        os.renames(tmp_path / "in/zorb.safetensors", tmp_path / "out/renamed.safetensors")
        assert counts(library.scan(tmp_path)) == {"files": 1, "moved": 1}
        assert shown(library, tmp_path) == [("out/renamed.safetensors", "lora", "header", sha256(lora("zorb"))[:10])]
        assert library.revision != revision
        os.renames(tmp_path / "out/renamed.safetensors", tmp_path / "there/zorb.safetensors")
        library.scan(tmp_path / "there")
        assert [os.path.relpath(model.path, tmp_path) for model in library.models()] == ["there/zorb.safetensors"]
        assert library.revision == revision, "paths are no part of it"
    assert read_counter == ["zorb.safetensors"]


def test_files_that_change_places_keep_their_hashes(tmp_path: Path, read_counter: list[str]) -> None:
    one, two = (
        put(tmp_path / "1.safetensors", lora("one")),
        put(tmp_path / "2.safetensors", lora("other"), time=TIME + 1),
    )
    with ModelLibrary.open(":memory:") as library:
        library.scan(tmp_path)
        one.rename(tmp_path / "x")
        two.rename(one)
        (tmp_path / "x").rename(two)
        library.scan(tmp_path)
        assert [model.hash("sha256") for model in library.models()] == [sha256(lora("other")), sha256(lora("one"))]
    assert len(read_counter) == 2


def test_a_copy_is_hashed_for_itself(tmp_path: Path, read_counter: list[str]) -> None:
    """Of the same size, time and ends, and yet another file."""
    data = bytearray(safetensors(data=bytes(200_000)))
    put(tmp_path / "a.safetensors", bytes(data))
    data[100_000] = 1
    put(tmp_path / "b/a.safetensors", bytes(data))
    with ModelLibrary.open(":memory:") as library:
        library.scan(tmp_path)
        assert [model.hash("sha256") for model in library.models()] == [
            sha256((tmp_path / "a.safetensors").read_bytes()),
            sha256(bytes(data)),
        ]
    assert len(read_counter) == 2


def test_links_to_one_file_are_hashed_once(tmp_path: Path, read_counter: list[str]) -> None:
    put(tmp_path / "a.safetensors", lora("a"))
    (tmp_path / "b.safetensors").symlink_to(tmp_path / "a.safetensors")
    os.link(tmp_path / "a.safetensors", tmp_path / "c.safetensors")
    with ModelLibrary.open(":memory:") as library:
        library.scan(tmp_path)
        assert [model.hash("sha256") for model in library.models()] == [sha256(lora("a"))] * 3
    assert len(read_counter) == 1


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = put(tmp_path / "a.safetensors", lora("old"))
    with ModelLibrary.open(":memory:") as library:
        library.scan(tmp_path)
        put(path, lora("new"), time=TIME + 5)
        assert counts(library.scan(tmp_path)) == {"files": 1, "changed": 1, "hashed": 1}
        assert [model.hash("sha256") for model in library.models()] == [sha256(lora("new"))]
        assert library.find(sha256(lora("old"))) == []


def test_a_new_or_changed_sidecar_is_read_without_the_model(tmp_path: Path, read_counter: list[str]) -> None:
    put(tmp_path / "a.safetensors", lora("a"))
    with ModelLibrary.open(":memory:") as library:
        library.scan(tmp_path)
        assert library.models()[0].version_id is None
        sidecar = put(tmp_path / "a.civitai.info", answer(lora("a"), "a.safetensors"))
        library.scan(tmp_path)
        assert library.models()[0].version_id == 101
        put(sidecar, {**answer(lora("a"), "a.safetensors"), "id": 102})
        os.utime(sidecar, (TIME + 1, TIME + 1))
        library.scan(tmp_path)
        assert library.models()[0].version_id == 102
        sidecar.unlink()
        library.scan(tmp_path)
        assert library.models()[0].version_id is None
    assert len(read_counter) == 1


def test_what_is_gone_leaves_the_library_only_below_a_folder_that_is_there(tmp_path: Path) -> None:
    put(tmp_path / "disk/a.safetensors", lora("a"))
    put(tmp_path / "disk/b.safetensors", lora("b"))
    with ModelLibrary.open(":memory:") as library:
        library.scan(tmp_path / "disk")
        (tmp_path / "disk/a.safetensors").unlink()
        assert counts(library.scan(tmp_path / "disk")) == {"files": 1, "removed": 1}
        (tmp_path / "disk").rename(tmp_path / "unplugged")
        scanned = library.scan(tmp_path / "disk")
        assert [code for _, code, _ in scanned.problems] == ["unreadable"]
        assert len(library.models()) == 1


def test_an_interrupted_scan_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read_counter: list[str]) -> None:
    for name in "abc":
        put(tmp_path / f"{name}.safetensors", lora(name))
    real = hashing.hash_file

    def interrupted(source: Any, *arguments: Any, **more: Any) -> Any:
        if len(read_counter) == 2:
            raise KeyboardInterrupt
        return real(source, *arguments, **more)

    db = tmp_path / "models.db"
    monkeypatch.setattr(scan, "hash_file", interrupted)
    with ModelLibrary.open(db) as library, pytest.raises(KeyboardInterrupt):
        library.scan(tmp_path)
    monkeypatch.setattr(scan, "hash_file", real)
    with ModelLibrary.open(db) as library:
        assert [model.hash("sha256") is not None for model in library.models()] == [True, False, False]
        assert counts(library.scan(tmp_path)) == {"files": 3, "hashed": 2}
    assert read_counter == ["a.safetensors", "b.safetensors", "b.safetensors", "c.safetensors"]


def test_large_files_are_hashed_when_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "SMALL", 1000)
    put(tmp_path / "small.safetensors", lora("a"))
    data = safetensors(data=b"t" * 2000)
    put(tmp_path / "large.safetensors", data)
    with ModelLibrary.open(":memory:") as library:
        assert counts(library.scan(tmp_path)) == {"files": 2, "added": 2, "hashed": 1, "unhashed": 1}
        assert counts(library.scan(tmp_path, hash="all")) == {"files": 2, "hashed": 1}
        (large,) = library.find("large")
        assert {item.kind: item.value for item in large.hashes} == {"sha256": sha256(data)}
        assert counts(library.scan(tmp_path, hash="all")) == {"files": 2}


def test_tensors_of_a_large_lora_are_hashed_as_it_is_known_by_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "SMALL", 10)
    put(tmp_path / "a.safetensors", lora("a"))
    with ModelLibrary.open(":memory:") as library:
        library.scan(tmp_path, hash="all")
        assert library.models()[0].hash("tensors") == tensors_sha256(lora("a"))


def test_a_problem_that_is_gone_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    with ModelLibrary.open(":memory:") as library:
        assert [code for _, code, _ in library.scan(path).problems] == ["unreadable"]
        put(path, lora("a"))
        assert library.scan([path]).problems == []


def test_tensors_of_a_large_file_are_hashed_where_only_they_can_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "SMALL", 100)
    published = safetensors(data=b"t" * 2000)
    edited = safetensors(metadata={"x": "y"}, data=b"t" * 2000)
    put(tmp_path / "large.safetensors", edited)
    put(tmp_path / "large.civitai.info", answer(published, "large.safetensors"))
    with ModelLibrary.open(":memory:") as library:
        library.scan(tmp_path, hash="all")
        (model,) = library.models()
        assert model.hash("tensors") == tensors_sha256(published)
        assert (model.trust, model.is_edited) == ("verified", True)


def test_progress_is_told(tmp_path: Path) -> None:
    put(tmp_path / "a.safetensors", lora("a"))
    told: list[ModelScanProgress] = []
    with ModelLibrary.open(":memory:") as library:
        library.scan(tmp_path, report=told.append)
    size = len(lora("a"))
    path = str(tmp_path / "a.safetensors")
    assert told == [
        ModelScanProgress("reading", 1, None, path=path),
        ModelScanProgress("hashing", 0, 1, size, size, path),
    ]


def test_globs_choose_files(tmp_path: Path) -> None:
    for name in ("a.safetensors", "b.safetensors", "no/c.safetensors"):
        put(tmp_path / name, lora(name))
    with ModelLibrary.open(":memory:") as library:
        library.scan(tmp_path, exclude=["no", "b*"])
        assert [model.name for model in library.models()] == ["a"]


def test_names_that_are_no_text(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path)
    with open(os.path.join(folder, b"\xff.safetensors"), "wb") as file:
        file.write(lora("a"))
    with ModelLibrary.open(":memory:") as library:
        library.scan(tmp_path)
        (model,) = library.models()
        assert os.fsencode(model.path) == os.path.join(folder, b"\xff.safetensors")
        assert counts(library.scan(tmp_path)) == {"files": 1}


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    path = put(tmp_path / "x.db", "not SQLite" * 100)
    with pytest.raises(OutputError, match="cannot be used"):
        ModelLibrary.open(path)
    assert path.read_text() == "not SQLite" * 100
    import sqlite3

    connection = sqlite3.connect(tmp_path / "other.db")
    connection.execute("CREATE TABLE t (x)")
    connection.close()
    with pytest.raises(OutputError, match="not a model library"):
        ModelLibrary.open(tmp_path / "other.db")


def test_nothing_is_written_beside_models(tmp_path: Path) -> None:
    root = tree(tmp_path / "models")
    before = sorted(map(str, root.rglob("*")))
    with ModelLibrary.open(tmp_path / "models.db") as library:
        library.scan(root)
    assert sorted(map(str, root.rglob("*"))) == before
    shutil.rmtree(root)


def test_a_fifo_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.safetensors")
    with ModelLibrary.open(":memory:") as library:
        assert library.scan(tmp_path).files == 0
        scanned = library.scan(tmp_path / "a.safetensors")
        assert [code for _, code, _ in scanned.problems] == ["unreadable"]
