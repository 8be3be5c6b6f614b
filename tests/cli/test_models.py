"""``extractor models`` and ``--models``, through the command line."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from extractor.library import scan as library_scan
from tests.clidriver import Cli
from tests.library.modelfiles import answer, checkpoint, lora, put, sha256, tensors_sha256
from tests.support import png, text_chunk

BASE, ZORB = checkpoint("base"), lora("zorb")


def picture(*settings: str) -> bytes:
    return png(
        text_chunk("parameters", f"a cat\nSteps: 20, Sampler: Euler a, Seed: 1, {', '.join(settings)}, Version: v1.9.0")
    )


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with models, pictures, and a data folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")
    put(tmp_path / "models/Stable-diffusion/base.safetensors", BASE)
    put(tmp_path / "models/Lora/Zorb.safetensors", ZORB)
    put(tmp_path / "models/Lora/Zorb.civitai.info", answer(ZORB, "Zorb.safetensors", baseModel="SD 1.5"))
    put(tmp_path / "models/Lora/copy/spare.safetensors", ZORB)
    put(tmp_path / "pics/here.png", picture("Model: base", f"Model hash: {sha256(BASE)[:10]}"))
    put(tmp_path / "pics/named.png", picture("Model: base"))
    put(tmp_path / "pics/other.png", picture("Model: base", "Model hash: aaaaaaaaaa"))
    put(tmp_path / "pics/gone.png", picture("Model: lost", "Model hash: bbbbbbbbbb"))
    return tmp_path


def rows(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def names(text: str) -> list[str]:
    return [os.path.basename(row["path"]) for row in rows(text)]


def test_a_scan_and_what_it_says(cli: Cli, place: Path) -> None:
    assert cli("models", "scan", "models") == (0, "", "3 models: 3 new, 3 hashed\n")
    assert cli("models", "scan", "models") == (0, "", "3 models: nothing new\n")
    assert (place / "data/extractor/models.db").is_file()
    assert cli("models", "scan", "-q", "models") == (0, "", "")
    (place / "models/Lora/copy/spare.safetensors").rename(place / "models/Lora/moved.safetensors")
    assert cli("models", "scan", "models").err == "3 models: 1 moved\n"
    (place / "models/Lora/moved.safetensors").unlink()
    assert cli("models", "scan", "models").err == "2 models: 1 gone\n"


def test_what_is_wrong_with_files_is_said(cli: Cli, place: Path) -> None:
    put(place / "models/bad\x1b.safetensors", b"12345678 not a model")
    ran = cli("models", "scan", "models")
    assert ran.code == 0
    first, second = ran.err.splitlines()
    assert first.endswith(
        "bad\\u001b.safetensors: header-length: the header is said to have 4050765991979987505 bytes, the file has 20"
    )
    assert second == "4 models: 4 new, 4 hashed"


def test_a_folder_that_is_not_there_is_a_failure(cli: Cli, place: Path) -> None:
    ran = cli("models", "scan", "nowhere")
    assert ran.code == 1
    assert ran.err.splitlines() == [f"{place}/nowhere: unreadable: No such file or directory", "0 models: nothing new"]


def test_what_is_not_hashed_is_said(cli: Cli, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library_scan, "SMALL", 10)
    assert cli("models", "scan", "models").err == "3 models: 3 new, 3 not hashed yet (--hash all)\n"
    assert cli("models", "scan", "models", "--hash", "all").err == "3 models: 3 hashed\n"


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ([], ["Zorb.safetensors", "spare.safetensors", "base.safetensors"]),
        (["--type", "lora"], ["Zorb.safetensors", "spare.safetensors"]),
        (["--base", "sd 1"], ["Zorb.safetensors", "spare.safetensors", "base.safetensors"]),
        (["--base", "flux"], []),
        (["--duplicates"], ["Zorb.safetensors", "spare.safetensors"]),
        (["--type", "checkpoint", "--duplicates"], []),
    ],
)
def test_the_list(cli: Cli, place: Path, options: list[str], found: list[str]) -> None:
    cli("models", "scan", "models")
    ran = cli("models", "list", *options)
    assert (ran.code, names(ran.out), ran.err) == (0, found, "")


def test_a_row_of_the_list(cli: Cli, place: Path) -> None:
    cli("models", "scan", "models")
    (row,) = rows(cli("models", "find", "zorb").out)[:1]
    hashes = row.pop("hashes")
    assert (hashes["sha256"], hashes["tensors"]) == (sha256(ZORB), tensors_sha256(ZORB))
    assert row == {
        "path": str(place / "models/Lora/Zorb.safetensors"),
        "name": "Zorb",
        "type": "lora",
        "base": "SD 1.5",
        "hash": tensors_sha256(ZORB)[:12],
        "title": "Zorblax Style",
        "version": "v1",
        "modelId": 11,
        "modelVersionId": 101,
        "trust": "verified",
        "trustBy": "sha256 of civitai.info",
        "trainedWords": ["zorblax", "quux"],
        "size": len(ZORB),
        "format": "safetensors",
        "typeBy": "header",
        "baseBy": "civitai.info",
    }


def test_a_table(cli: Cli, place: Path) -> None:
    cli("models", "scan", "models")
    out = cli("models", "list", "--type", "checkpoint", "--format", "table").out
    assert out == cli("models", "list", "--type", "checkpoint", terminal=True).out
    path = place / "models/Stable-diffusion/base.safetensors"
    title, line = out.splitlines()
    assert title.split() == ["type", "base", "name", "hash", "modelVersionId", "trust", "title", "path"]
    assert line.split() == ["checkpoint", "SD", "1.5", "base", sha256(BASE)[:10], str(path)]


@pytest.mark.parametrize("query", ["ZORB", "101", tensors_sha256(ZORB)[:12], sha256(ZORB)[:6].upper(), "zorblax sty"])
def test_find(cli: Cli, place: Path, query: str) -> None:
    cli("models", "scan", "models")
    ran = cli("models", "find", query)
    assert ran.code == 0
    assert names(ran.out)[0] == "Zorb.safetensors"


def test_find_nothing(cli: Cli, place: Path) -> None:
    cli("models", "scan", "models")
    assert cli("models", "find", "no\x1bthing") == (1, "", "nothing in the library is no\\u001bthing\n")


def test_resolve(cli: Cli, place: Path) -> None:
    cli("models", "scan", "models")
    ran = cli("models", "resolve", "pics", "pics/here.png")
    base = str(place / "models/Stable-diffusion/base.safetensors")
    assert ran.code == 0
    assert rows(ran.out) == [
        {
            "status": "missing",
            "type": "model",
            "name": "lost",
            "hash": "bbbbbbbbbb",
            "pictures": 1,
            "picture": "pics/gone.png",
        },
        {
            "status": "here",
            "by": "sha256",
            "type": "model",
            "name": "base",
            "hash": sha256(BASE)[:10],
            "pictures": 2,
            "picture": "pics/here.png",
            "files": [base],
        },
        {
            "status": "here",
            "by": "name",
            "type": "model",
            "name": "base",
            "pictures": 1,
            "picture": "pics/named.png",
            "files": [base],
        },
        {
            "status": "other file",
            "by": "name",
            "type": "model",
            "name": "base",
            "hash": "aaaaaaaaaa",
            "pictures": 1,
            "picture": "pics/other.png",
            "files": [base],
        },
    ]
    assert ran.err == "4 models: 2 here, 1 other file, 1 missing\n"
    assert [row["name"] for row in rows(cli("models", "resolve", "pics", "--only", "missing", "-q").out)] == ["lost"]
    assert cli("models", "resolve", "pics/none.png").code == 1


def test_resolve_hashes_only_what_could_be_it(cli: Cli, place: Path) -> None:
    cli("models", "scan", "models", "--hash", "none")
    assert rows(cli("models", "resolve", "pics/here.png").out)[0]["status"] == "unproven"
    assert rows(cli("models", "resolve", "pics/here.png", "--hash").out)[0]["status"] == "here"
    assert [bool(row.get("hashes", {}).get("sha256")) for row in rows(cli("models", "list").out)] == [
        False,
        False,
        True,
    ]


def test_used_and_unused(cli: Cli, place: Path) -> None:
    put(place / "pics/lora.png", picture("Model: lost", f'Lora hashes: "any: {tensors_sha256(ZORB)[:12]}"'))
    cli("models", "scan", "models")
    cli("scan", "pics", "-o", "pics.db")
    pics = place / "pics"
    assert rows(cli("models", "used", "base", "pics.db").out) == [
        {"path": str(pics / "here.png"), "by": "sha256"},
        {"path": str(pics / "named.png"), "by": "name"},
    ]
    wanted = [{"path": str(pics / "lora.png"), "by": "tensors"}]
    for model in ("zorb", "101", "models/Lora/copy/spare.safetensors", sha256(ZORB)):
        assert rows(cli("models", "used", model, "pics.db").out) == wanted
    assert cli("models", "used", "nothing", "pics.db").code == 1
    put(place / "models/Lora/idle.safetensors", lora("idle"))
    cli("models", "scan", "models")
    assert names(cli("models", "list", "--unused", "--catalog", "pics.db").out) == ["idle.safetensors"]


@pytest.mark.parametrize("catalog", ["missing.db", "models/Lora/Zorb.safetensors", "data/extractor/models.db"])
def test_what_is_no_catalog(cli: Cli, place: Path, catalog: str) -> None:
    cli("models", "scan", "models")
    ran = cli("models", "used", "base", catalog)
    assert (ran.code, ran.out) == (1, "")
    assert "catalog" in ran.err
    assert not (place / "missing.db").exists()


def test_import(cli: Cli, place: Path) -> None:
    put(
        place / "dump.json",
        [answer(BASE, "b.safetensors", id=7, model={"name": "Base", "type": "Checkpoint"})],
    )
    cli("models", "scan", "models")
    assert cli("models", "import", "dump.json") == (0, "", "dump.json: 1 version\n")
    (row,) = rows(cli("models", "find", "7").out)
    assert (row["title"], row["version"], row["modelVersionId"], row["trustBy"]) == (
        "Base",
        "v1",
        7,
        "sha256 of import",
    )
    put(place / "far.json", answer(lora("far"), "far.safetensors", id=8))
    cli("models", "import", "far.json")
    for query in ("8", sha256(lora("far"))[:10]):
        (row,) = rows(cli("models", "find", query).out)
        assert (row["title"], row["modelVersionId"], row["trustBy"], "path" in row) == (
            "Zorblax Style",
            8,
            "import",
            False,
        )
    put(place / "wrong.json", "[]")
    ran = cli("models", "import", "wrong.json")
    assert (ran.code, ran.err) == (1, "Error: wrong.json: no model version of Civitai stands in the file\n")
    assert cli("models", "import", "missing.json").code == 1


def test_hashes(cli: Cli, place: Path) -> None:
    cli("models", "scan", "models")
    lora_path, copy, base = (
        place / "models" / name
        for name in (
            "Lora/Zorb.safetensors",
            "Lora/copy/spare.safetensors",
            "Stable-diffusion/base.safetensors",
        )
    )
    assert cli("models", "hashes").out.splitlines() == [
        f"{sha256(ZORB)}  {lora_path}",
        f"{sha256(ZORB)}  {copy}",
        f"{sha256(BASE)}  {base}",
    ]
    assert cli("models", "hashes", "--kind", "autov3", "--unknown").out.splitlines() == [
        f"{tensors_sha256(ZORB)[:12]}  {copy}",
        f"{tensors_sha256(BASE)[:12]}  {base}",
    ]
    assert json.loads(cli("models", "hashes", "--kind", "autov2", "--json").out) == [
        sha256(ZORB)[:10].upper(),
        sha256(BASE)[:10].upper(),
    ]


@pytest.mark.parametrize("command", ["list", "find x", "resolve pics", "used x y.db", "hashes"])
def test_without_a_library(cli: Cli, place: Path, command: str) -> None:
    ran = cli("models", *command.split())
    assert (ran.code, ran.out) == (1, "")
    assert "there is no library yet" in ran.err
    assert not (place / "data").exists()


@pytest.mark.parametrize("command", ["scan", "list", "find", "resolve", "used", "import", "hashes"])
def test_each_command_has_an_example(cli: Cli, command: str) -> None:
    ran = cli("models", command, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert f"\n  Example:\n    extractor models {command}" in ran.out


def test_wrong_usage(cli: Cli, place: Path) -> None:
    assert cli("models", "list", "--unused").code == 2
    assert cli("models", "list", "--type", "what").code == 2
    assert cli("models", "scan").code == 2
    assert cli("models", "no-such").code == 2


FILLED = sha256(BASE)[:10]


@pytest.mark.parametrize("given", ["models", "library.db"])
def test_records_are_completed(cli: Cli, place: Path, given: str) -> None:
    cli("models", "scan", "models", "--db", "library.db")
    ran = cli("show", "pics/named.png", "--json", "--models", given)
    assert (ran.code, ran.err) == (0, "")
    record = json.loads(ran.out)
    assert record["meta"]["Model hash"] == FILLED
    assert [fill["at"] for fill in record["extraction"]["models"]] == ["resources[0]", "Model"]
    (row,) = rows(cli("scan", "pics/named.png", "--models", given).out)
    assert row["meta"] == record["meta"]
    cli("sidecar", "pics", "--models", given)
    assert json.loads((place / "pics/named.png.json").read_text())["meta"] == record["meta"]
    assert cli("sidecar", "pics", "--models", given).err.endswith(
        "0 written, 4 unchanged, 0 in conflict, 0 failed, 4 passed over\n"
    )


def test_show_says_where_things_come_from(cli: Cli, place: Path) -> None:
    out = cli("show", "pics/named.png", "--models", "models").out
    assert "From the model library\n" in out
    assert f"  Model         Model hash {FILLED}  by name  base.safetensors\n" in out
    out = cli("show", "pics/other.png", "--models", "models").out
    assert "\n  model-hash-differs\n    base: aaaaaaaaaa is no hash of base.safetensors in the library\n" in out


def test_embed_writes_what_a_library_knows(cli: Cli, place: Path) -> None:
    ran = cli("embed", "pics/named.png", "--models", "models", "-o", "named.png")
    assert ran.code == 0, ran.err
    assert json.loads(cli("show", "named.png", "--json").out)["meta"]["Model hash"] == FILLED
    assert cli("embed", "pics/named.png", "--models", "models", "--text", "x", "-o", "x.png").code == 2


def test_a_library_that_is_not_there(cli: Cli, place: Path) -> None:
    for command in (["show", "pics/named.png"], ["scan", "pics"], ["sidecar", "pics"]):
        ran = cli(*command, "--models", "missing.db")
        assert ran.code == 1
        assert "there is no library and no folder" in ran.err
    assert not (place / "missing.db").exists()
    put(place / "not.db", "text " * 100)
    assert cli("show", "pics/named.png", "--models", "not.db").code == 1
