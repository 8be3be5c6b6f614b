"""What is known of an image, and what it gives to copy."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from extractor.gallery.details import workflow_of
from tests.gallery.galleries import Client, infotext, make_catalog, make_folder, picture, shown

GRAPH = {"1": {"class_type": "KSampler", "inputs": {"seed": 5, "steps": 20}}}
EDITOR = {"nodes": [{"id": 1, "type": "KSampler"}], "links": []}
NAME = "<b>&'\".png"
HOSTILE = "</script><img src=x onerror=alert(1)>\u202e\u0000\"'&<svg/onload=alert(2)>"


def test_an_image(client: Client, folder: Path) -> None:
    answer = client.get(f"image/{client.id('a1.png')}")
    assert answer["path"] == str(folder / "a1.png")
    assert (answer["name"], answer["folder"]) == ("a1.png", str(folder))
    assert answer["file"]["servable"] is True
    assert answer["file"]["gone"] is False
    assert answer["file"]["modified"] == "2023-11-14T22:13:20+00:00"
    assert (answer["width"], answer["height"]) == (48, 64)
    assert answer["created"] == "2023-11-14T22:13:20.000Z"
    assert answer["generator"] == {"name": "a1111", "version": None}
    assert answer["prompt"] == "a red castle, <lora:stone:0.7>"
    assert answer["negativePrompt"] == "bad"
    assert answer["parameters"] == [
        {"key": "cfgScale", "label": "CFG scale", "value": "7", "filter": "q=cfg:7"},
        {"key": "steps", "label": "Steps", "value": "20", "filter": "q=steps:20"},
        {"key": "sampler", "label": "Sampler", "value": "Euler a", "filter": "f=sampler:Euler a"},
        {"key": "seed", "label": "Seed", "value": "1", "filter": "f=seed:1"},
        {"key": "Size", "label": "Size", "value": "512x768", "filter": None},
        {"key": "Model", "label": "Model", "value": "dream", "filter": "f=model:dream"},
    ]
    lora = next(resource for resource in answer["resources"] if resource["type"] == "lora")
    assert lora == {
        "type": "lora",
        "name": "stone",
        "hash": None,
        "weight": 0.7,
        "strengthClip": None,
        "modelVersionId": None,
        "baseModel": None,
        "status": None,
        "filter": "f=lora:stone",
        "info": False,
        "from": "file",
    }
    assert answer["sources"] == [{"kind": "png", "place": "iTXt:parameters", "source": "png:iTXt:parameters"}]
    # The catalog has no texts: they are read from the file.
    assert answer["texts"] == [{"source": "png:iTXt:parameters", "text": infotext("a red castle, <lora:stone:0.7>", 1)}]
    assert answer["copies"]["infotext"] == infotext("a red castle, <lora:stone:0.7>", 1)
    assert answer["copies"]["args"].startswith('--prompt "a red castle, <lora:stone:0.7>"')
    assert json.loads(answer["copies"]["civitai"])["meta"]["seed"] == 1
    assert answer["copies"]["workflow"] is None
    assert answer["record"]["extraction"]["generator"] == "a1111"


def test_values_that_filter_find_the_image_itself(client: Client) -> None:
    for name in ("a1.png", "b.png", "c.png"):
        answer = client.get(f"image/{client.id(name)}")
        filters = [one["filter"] for one in (*answer["parameters"], *answer["resources"]) if one["filter"]]
        assert len(filters) >= 5
        for text in filters:
            key, _, value = text.partition("=")
            assert name in client.names(**{key: value}), text


def test_texts_that_the_catalog_holds_are_not_read_again(folder: Path, tmp_path: Path) -> None:
    with shown(make_catalog(folder, tmp_path / "catalog.db", raw=True), folder) as client:
        image = client.id("a1.png")
        (folder / "a1.png").unlink()
        answer = client.get(f"image/{image}")
        assert answer["texts"][0]["source"] == "png:iTXt:parameters"
        assert answer["file"] | {"size": 0, "modified": None} == {
            "size": 0, "modified": None, "servable": False, "gone": True
        }  # fmt: skip


def test_the_workflow_of_a_file(tmp_path: Path) -> None:
    both = picture(None, prompt=json.dumps(GRAPH), workflow=json.dumps(EDITOR))
    pictures = {"w.png": both, "p.png": picture(None, prompt=json.dumps(GRAPH))}
    folder = make_folder(tmp_path / "pics", pictures)
    with shown(make_catalog(folder, tmp_path / "catalog.db"), folder) as client:
        assert json.loads(client.get(f"image/{client.id('w.png')}")["copies"]["workflow"]) == EDITOR
        texts = client.get(f"image/{client.id('p.png')}/texts")
        assert json.loads(texts["workflow"]) == GRAPH
        assert [text["source"] for text in texts["texts"]] == ["png:iTXt:prompt"]


@pytest.mark.parametrize(
    ("text", "graph"),
    [
        (json.dumps(EDITOR), EDITOR),
        ("Workflow:" + json.dumps(EDITOR), EDITOR),
        (json.dumps({"workflow": json.dumps(EDITOR), "prompt": GRAPH}), EDITOR),
        (json.dumps({"prompt": GRAPH}), GRAPH),
        ("a cat {a|b}\nSteps: 20", None),
        ("[" * 1000, None),
        ('{"nodes": [], "links": []}', None),
    ],
)
def test_workflows_wherever_they_stand(text: str, graph: dict[str, object] | None) -> None:
    found = workflow_of([{"source": "x", "text": text}])
    assert (None if found is None else json.loads(found)) == graph


def test_any_text_arrives_as_it_is(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "pics", {"x.png": picture(infotext("x")), NAME: picture(infotext("y"))})
    catalog = make_catalog(folder, tmp_path / "catalog.db")
    with closing(sqlite3.connect(catalog)) as connection, connection:
        record = json.loads(connection.execute("SELECT record FROM images WHERE path LIKE '%x.png'").fetchone()[0])
        record["meta"] |= {
            "prompt": HOSTILE,
            "Model": HOSTILE,
            "sampler": HOSTILE,
            HOSTILE: HOSTILE,
            "steps": float("nan"),
        }
        connection.execute(
            "UPDATE images SET record = ?, model = ? WHERE path LIKE '%x.png'", (json.dumps(record), HOSTILE)
        )
    with shown(catalog, folder) as client:
        answer = client.get(f"image/{client.id('x.png')}")
        assert answer["prompt"] == HOSTILE
        shown_values = {one["key"]: one["value"] for one in answer["parameters"]}
        assert (shown_values["Model"], shown_values[HOSTILE]) == (HOSTILE, HOSTILE)
        models = next(facet for facet in client.view()["facets"] if facet["kind"] == "model")
        assert HOSTILE in [value["value"] for value in models["values"]]
        assert client.names(f=f"model:{HOSTILE}") == ["x.png"]
        assert client.get(f"image/{client.id(NAME)}")["name"] == NAME


def test_a_path_that_is_no_text(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "pics", {"a.png": picture(infotext("x"))})
    try:
        (folder / "b\udcff.png").write_bytes(picture(infotext("y"), colour="#ffffff"))
    except OSError:
        pytest.skip("this file system takes UTF-8 only")
    with shown(make_catalog(folder, tmp_path / "catalog.db"), folder) as client:
        cells = client.get(f"view/{client.view()['key']}/cells")["cells"]
        image = next(cell["id"] for cell in cells if cell["name"] != "a.png")
        assert client.get(f"image/{image}")["prompt"] == "y"
        client.get(f"file/{image}")
        client.get(f"thumb/{image}")


def test_an_id_that_is_none(client: Client) -> None:
    assert client.get("image/4711", 404)["error"] == {"message": "no such image", "position": None, "code": "unknown"}
    for bad in ("x", "-1", "9007199254740992"):
        client.get(f"image/{bad}", 400)


def test_two_images_compared(client: Client) -> None:
    a, b = client.id("a1.png"), client.id("b.png")
    answer = client.get(f"compare?a={a}&b={b}")
    assert {one["field"]: (one["label"], one["a"], one["b"]) for one in answer["fields"]} == {
        "seed": ("Seed", "1", "3"),
        "steps": ("Steps", "20", "28"),
        "sampler": ("Sampler", "Euler a", "DPM++ 2M Karras"),
        "Model": ("Model", "dream", "flux"),
        "lora stone": ("lora stone", '{"weight": 0.7}', None),
        "model dream": ("model dream", "used", None),
        "model flux": ("model flux", None, "used"),
    }
    assert answer["prompts"] == [
        {
            "field": "prompt",
            "words": [["=", "a "], ["-", "red castle, <lora:stone:0.7>"], ["+", "blue lighthouse"]],
        }
    ]
    assert client.get(f"compare?a={a}&b={a}") == {"fields": [], "prompts": []}
    client.get(f"compare?a={a}&b=4711", 404)
    client.get(f"compare?a={a}", 400)
