"""Safety 7 of docs/gallery.md: what is dropped on the page is read within bounds, and nothing of it stays. And 6."""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from extractor.gallery.dropped import DropTask, Read
from tests.gallery.galleries import TOKEN, Client, infotext, picture
from tests.hostile import png_files
from tests.hostile.case import Found

DROP = {"content-type": "application/octet-stream"}


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def read(client: Client, data: bytes | Iterator[bytes], status: int = 200, **headers: str) -> dict:
    answer = client.http.post(f"/{TOKEN}/read", content=data, headers={**DROP, **headers})
    assert answer.status_code == status, answer.text[:300]
    found: dict = answer.json()
    return found


def test_a_dropped_file(client: Client, temporary: Path) -> None:
    answer = read(client, picture(infotext("a red castle, <lora:stone:0.7>", 99)), **{"x-name": "my%20c%C3%A4t.png"})
    assert answer["name"] == "my cät.png"
    assert answer["prompt"] == "a red castle, <lora:stone:0.7>"
    assert (answer["id"], answer["path"], answer["folder"], answer["thumb"], answer["known"]) == (None,) * 5
    assert answer["siblings"]["count"] == 2
    assert client.names(f=answer["siblings"]["filter"][2:]) == ["a1.png", "a2.png"]
    assert answer["texts"][0]["source"] == "png:iTXt:parameters"
    assert answer["copies"]["infotext"] == infotext("a red castle, <lora:stone:0.7>", 99)
    assert answer["record"]["url"].startswith("urn:sha256:")
    assert "raw" not in answer["record"]["extraction"]
    assert str(temporary) not in json.dumps(answer)


def test_a_file_that_the_catalog_knows(client: Client, folder: Path) -> None:
    (folder / "sub" / "plain.png").rename(folder / "elsewhere.png")
    answer = read(client, (folder / "elsewhere.png").read_bytes())
    assert answer["known"] == client.id("plain.png")
    assert answer["siblings"] == {"count": 0, "filter": None}


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "C%3A%5CUsers%5Cme%5Cx.png", "%2Fhome%2Fme%2Fx.png", "%ff%00", "x" * 5000]
)
def test_of_a_name_its_last_part_is_shown_and_used_for_nothing(client: Client, temporary: Path, name: str) -> None:
    shown = read(client, picture(None), **{"x-name": name})["name"]
    assert "/" not in shown
    assert "\\" not in shown
    assert len(shown) <= 1000


def test_nothing_stays(client: Client, catalog: Path, folder: Path, temporary: Path) -> None:
    before = sorted(folder.rglob("*")), catalog.stat().st_size
    read(client, picture(infotext("x")))
    read(client, b"no picture", 422)
    assert list(temporary.iterdir()) == []
    assert (sorted(folder.rglob("*")), catalog.stat().st_size) == before
    assert client.view()["all"] == 5


@pytest.mark.parametrize(
    "data", [b"", b"no picture", b"<svg/>", b"MZ" + bytes(1000), b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"]
)
def test_what_is_no_picture(client: Client, data: bytes) -> None:
    error = read(client, data, 422)["error"]
    assert error["code"] == "unreadable"
    assert error["message"]


def test_hostile_files_are_read_as_ever(client: Client) -> None:
    cases = [*png_files.HEADERS, *png_files.CHUNKS[:10]]
    for case in cases:
        answer = client.http.post(f"/{TOKEN}/read", content=case.make(), headers=DROP)
        assert answer.status_code == (200 if isinstance(case.expected, Found) else 422), case.name


def test_a_file_larger_than_allowed_is_refused_before_it_is_there(client: Client, temporary: Path) -> None:
    client.gallery.drops.most_bytes = 1 << 20
    headers = {"content-length": str((1 << 20) + 1)}
    request = client.http.build_request(
        "POST", f"http://127.0.0.1:7777/{TOKEN}/read", content=b"x", headers={**DROP, **headers}
    )
    answer = client.http.send(request)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too-large")


def test_a_length_that_lies_is_found_out(client: Client, temporary: Path) -> None:
    client.gallery.drops.most_bytes = 1 << 20
    error = read(client, (bytes(1 << 16) for _ in range(40)), 413)["error"]
    assert error["code"] == "too-large"
    assert list(temporary.iterdir()) == []


def test_two_at_once_and_no_more(client: Client) -> None:
    held = [client.gallery.drops.slot() for _ in range(2)]
    assert read(client, picture(None), 429)["error"]["code"] == "busy"
    client.gallery.drops.back(held[0])
    read(client, picture(None))
    read(client, b"no picture", 422)  # a failure gives its place back, too
    read(client, picture(None))
    client.gallery.drops.back(held[1])


class Killer:
    batch = 1

    def __call__(self, task: DropTask) -> Read:
        os.abort()

    def failed(self, task: DropTask, error: Exception) -> Read:
        return Read(None, str(error))


def test_a_file_that_kills_its_reader_costs_itself(client: Client, temporary: Path) -> None:
    for pool in client.gallery.drops._pools:
        pool._job = Killer()  # type: ignore[assignment]
    error = read(client, picture(None), 422)["error"]
    assert error["message"].startswith("the process that read it ended: ")
    assert list(temporary.iterdir()) == []
    client.view()


# Safety 6: the database


def test_the_server_cannot_write_to_the_catalog(client: Client) -> None:
    with pytest.raises(Exception, match="readonly database"), client.gallery.source.connection() as connection:
        connection.execute("PRAGMA query_only = OFF")
        connection.execute("DELETE FROM images")
    assert client.view()["all"] == 5


@pytest.mark.parametrize(
    "text",
    ["'; DROP TABLE images; --", '" OR 1=1 --', 'x" OR prompt:y', "NEAR(a b)", "prompt : castle", "{prompt} : x",
     "a AND b NOT c", "castle^2", "*", "(", '"castle" * + -', "\0castle", "\ud800"],
)  # fmt: skip
def test_a_query_is_words_to_the_index_and_nothing_else(client: Client, catalog: Path, text: str) -> None:
    for asked in ({"q": text.encode("utf-8", "replace")}, {"f": b"model:" + text.encode("utf-8", "replace")}):
        assert client.http.get(f"/{TOKEN}/view", params=asked).status_code in (200, 400)
    with sqlite3.connect(f"file:{catalog}?mode=ro", uri=True) as connection:
        assert connection.execute("SELECT count(*) FROM images").fetchone() == (5,)
    connection.close()
