"""The model library in the gallery: what is here, base models, and a model's page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from extractor.gallery.models import Models
from extractor.library.library import ModelLibrary
from tests.gallery.galleries import Client, infotext, make_catalog, make_folder, picture, shown
from tests.library.modelfiles import answer, checkpoint, lora, put, sha256

BASE = checkpoint("base")
STONE = lora("stone")


def with_hash(prompt: str, seed: int, model: str, digest: str) -> str:
    return infotext(prompt, seed, model).replace(f"Model: {model}", f"Model hash: {digest}, Model: {model}")


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    models = tmp_path / "models"
    put(models / "checkpoints" / "dream.safetensors", BASE)
    put(models / "loras" / "stone.safetensors", STONE)
    put(models / "loras" / "stone.civitai.info", answer(STONE, "stone.safetensors", baseModel="SD 1.5"))
    folder = make_folder(
        tmp_path / "pics",
        {
            "here.png": picture(with_hash("a castle", 1, "dream", sha256(BASE)[:10])),
            "lora.png": picture(infotext("a castle, <lora:stone:0.7>", 2, "gone")),
            "other.png": picture(with_hash("a castle", 3, "dream", "0123456789")),
            "plain.png": picture(None),
        },
    )
    catalog = make_catalog(folder, tmp_path / "catalog.db")
    with ModelLibrary.open(":memory:") as library:
        library.scan(str(models), hash="all")
        with shown(catalog, folder, models=Models(library)) as client:
            with client.gallery.source.connection() as connection:
                client.gallery.models.add_to(client.gallery.snapshot, connection)  # type: ignore[union-attr]
            yield client


def test_the_status_of_each_resource(client: Client) -> None:
    assert client.get("info")["models"] is True
    found = {}
    for name in ("here.png", "lora.png", "other.png"):
        resources = client.get(f"image/{client.id(name)}")["resources"]
        found[name] = {(one["type"], one["name"]): (one["status"], one["baseModel"], one["info"]) for one in resources}
    assert found == {
        "here.png": {("model", "dream"): ("here", "SD 1.5", True)},
        "lora.png": {("lora", "stone"): ("here", "SD 1.5", True), ("model", "gone"): ("missing", None, False)},
        "other.png": {("model", "dream"): ("another", None, True)},
    }


def test_what_the_library_fills_in_is_said_to_be_of_it(client: Client) -> None:
    resources = {one["type"]: one for one in client.get(f"image/{client.id('lora.png')}")["resources"]}
    assert (resources["lora"]["from"], resources["model"]["from"]) == ("models", "file")
    assert resources["lora"]["hash"] is not None


def test_base_models_are_a_facet(client: Client) -> None:
    facets = {facet["kind"]: facet["values"] for facet in client.view()["facets"]}
    assert facets["base"] == [
        {"value": "SD 1.5", "count": 2, "state": ""},
        {"value": "", "count": 2, "state": ""},
    ]
    assert sorted(client.names(f="base:SD 1.5")) == ["here.png", "lora.png"]
    assert "base" in [section["kind"] for section in client.get("stats")["sections"]]


def test_models_that_are_not_here_are_marked(client: Client) -> None:
    cells = client.get(f"view/{client.view()['key']}/cells")["cells"]
    assert {cell["name"]: cell["missing"] for cell in cells} == {
        "here.png": False, "lora.png": True, "other.png": True, "plain.png": False
    }  # fmt: skip
    assert sorted(client.names(f="missing:yes")) == ["lora.png", "other.png"]
    facets = {facet["kind"]: facet["values"] for facet in client.view()["facets"]}
    assert facets["missing"] == [{"value": "yes", "count": 2, "state": ""}]


def test_a_model_s_page(client: Client) -> None:
    page = client.get("model", params={"type": "model", "name": "dream", "hash": sha256(BASE)[:10]})
    assert page["status"] == "here"
    assert (page["type"], page["name"], page["baseModel"]) == ("checkpoint", "dream", "SD 1.5")
    assert page["file"]["size"] == len(BASE)
    assert page["file"]["path"].endswith("dream.safetensors")
    assert {"kind": "sha256", "value": sha256(BASE), "trust": "computed"} in page["hashes"]
    assert page["used"] == {"count": 2, "filter": "f=model:dream"}
    assert page["civitai"] is None
    stone = client.get("model", params={"type": "lora", "name": "stone"})
    assert stone["words"] == ["zorblax", "quux"]
    assert stone["civitai"] == {
        "modelId": 11,
        "versionId": 101,
        "url": "https://civitai.com/models/11?modelVersionId=101",
    }
    assert stone["used"] == {"count": 1, "filter": "f=lora:stone"}
    assert client.get("model", 404, params={"type": "lora", "name": "none"})["error"]["code"] == "unknown"


def test_without_a_library_there_is_no_page(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "pics", {"a.png": picture(None)})
    with shown(make_catalog(folder, tmp_path / "catalog.db"), folder) as client:
        assert client.get("info")["models"] is False
        client.get("model", 404, params={"type": "lora", "name": "stone"})


def test_the_library_is_asked_once_for_each_resource_and_not_for_each_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = {f"{number}.png": picture(infotext(f"castle {number}", number)) for number in range(20)}
    folder = make_folder(tmp_path / "pics", pictures)
    with ModelLibrary.open(":memory:") as library:
        asked = []
        real = library.match
        monkeypatch.setattr(library, "match", lambda wanted: asked.append(wanted) or real(wanted))
        models, catalog = Models(library), make_catalog(folder, tmp_path / "c.db", hash=False)
        with shown(catalog, folder, models=models) as client, client.gallery.source.connection() as connection:
            models.add_to(client.gallery.snapshot, connection)
    assert [wanted.name for wanted in asked] == ["dream"]
