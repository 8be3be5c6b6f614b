"""Tiles: their shape in four bytes, and what is drawn of those on the screen."""

from __future__ import annotations

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.gallery.galleries import TOKEN, Client


def test_the_shape_of_a_view(client: Client) -> None:
    key = client.view()["key"]
    data = client.get(f"view/{key}/shape")
    tiles = [tuple(data[at : at + 4]) for at in range(0, len(data), 4)]
    assert [tile[0] for tile in tiles] == [115, 115, 141, 128, 128]  # 2 ** (-13 / 32) is 0.755, of 48 x 64
    assert tiles[0][1:] == (0x33, 0x66, 0x99)


def test_a_shape_is_packed_for_the_far_end_of_a_tunnel_only(client: Client) -> None:
    key = client.view()["key"]
    path, accept = f"/{TOKEN}/view/{key}/shape", {"accept-encoding": "gzip"}
    near = client.http.get(path, headers=accept)
    assert "content-encoding" not in near.headers
    with client.http.stream("GET", path, headers={**accept, "host": "localhost:9"}) as far:
        assert far.headers["content-encoding"] == "gzip"
        assert gzip.decompress(b"".join(far.iter_raw())) == near.content
    assert client.http.get(path, headers={"if-none-match": near.headers["etag"]}).status_code == 304


def test_cells(client: Client, folder: Path) -> None:
    key = client.view()["key"]
    answer = client.get(f"view/{key}/cells?from=1&n=2")
    assert answer["from"] == 1
    assert [cell["name"] for cell in answer["cells"]] == ["a2.png", "b.png"]
    cell = answer["cells"][1]
    assert len(cell.pop("v")) == 16
    assert len(cell.pop("hash")) == 36
    assert cell == {
        "id": client.id("b.png"),
        "name": "b.png",
        "width": 64,
        "height": 48,
        "stack": 1,
        "missing": False,
        "ai": False,
        "video": False,
    }
    assert client.get(f"view/{key}/cells?from=99")["cells"] == []
    for bad in ("from=-1", "n=501", "from=x", "n=1.5"):
        client.get(f"view/{key}/cells?{bad}", 400)


def test_stacks_tell_how_many_they_are(client: Client) -> None:
    view = client.view(stacks="1")
    assert (view["total"], view["images"], view["stacked"]) == (4, 5, True)
    cells = client.get(f"view/{view['key']}/cells")["cells"]
    assert [(cell["name"], cell["stack"]) for cell in cells] == [
        ("a1.png", 2), ("b.png", 1), ("c.png", 1), ("plain.png", 1)
    ]  # fmt: skip


def test_where_an_image_stands(client: Client) -> None:
    key = client.view(sort="oldest")["key"]
    assert client.get(f"view/{key}/place?id={client.id('b.png')}") == {"position": 2}
    assert client.get(f"view/{key}/place?id=4711") == {"position": None}
    stacked = client.view(stacks="1")["key"]
    assert client.get(f"view/{stacked}/place?id={client.id('a2.png')}") == {"position": 0}  # within the stack
    assert client.get(f"view/{client.view(q='lighthouse')['key']}/place?id={client.id('a1.png')}") == {"position": None}


def test_an_image_that_has_left_the_catalog_leaves_its_tile(client: Client, catalog: Path) -> None:
    view, image = client.view(), client.id("b.png")
    with closing(sqlite3.connect(catalog)) as connection, connection:
        connection.execute("DELETE FROM images WHERE id = ?", (image,))
    cell = client.get(f"view/{view['key']}/cells")["cells"][2]
    assert cell == {"id": image, "v": "", "name": "", "width": 0, "height": 0, "stack": 1, "gone": True}
    assert len(client.get(f"view/{view['key']}/shape")) == 20
    assert client.get(f"image/{image}", 404)["error"]["code"] == "unknown"


def test_a_file_that_is_gone_is_known_once_it_was_asked_for(client: Client, folder: Path) -> None:
    image = client.id("b.png")
    (folder / "b.png").rename(folder / "elsewhere")
    assert client.get(f"file/{image}", 404)["error"]["code"] == "gone"
    cells = client.get(f"view/{client.view()['key']}/cells")["cells"]
    assert [cell["name"] for cell in cells if cell.get("gone")] == ["b.png"]
    (folder / "elsewhere").rename(folder / "b.png")
    client.get(f"file/{image}")
    cells = client.get(f"view/{client.view()['key']}/cells")["cells"]
    assert not any(cell.get("gone") for cell in cells)
