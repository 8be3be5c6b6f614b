"""Safety 5 of docs/gallery.md: no way out of the folders that are shown, and only pictures by their first bytes."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from extractor.errors import FileAccessError
from extractor.gallery.served import GoneError, NotServedError, Place, open_image, place_of
from tests.gallery.galleries import TOKEN, Client, make_catalog, picture, shown
from tests.support import png

posix = pytest.mark.skipif(os.name == "nt", reason="symlinks and descriptors of folders")


def content(place: Place) -> bytes:
    file = open_image(place)
    with os.fdopen(file.descriptor, "rb") as stream:
        stream.seek(0)
        return stream.read()


def test_a_picture_below_a_root(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c.png").write_bytes(png())
    place = place_of(str(tmp_path / "a" / "b" / "c.png"), [os.path.realpath(tmp_path / "a")])
    assert content(place) == png()


@pytest.mark.parametrize("root", ["pic", "pics2", "pics/other", "pics/x.png"])
def test_a_file_beside_a_root_is_not_served(tmp_path: Path, root: str) -> None:
    (tmp_path / "pics").mkdir()
    (tmp_path / "pics" / "x.png").write_bytes(png())
    with pytest.raises(NotServedError, match="outside of the folders"):
        place_of(str(tmp_path / "pics" / "x.png"), [str(Path(os.path.realpath(tmp_path)) / root)])


def test_a_path_that_climbs_out_is_not_served(tmp_path: Path) -> None:
    (tmp_path / "pics").mkdir()
    (tmp_path / "secret.png").write_bytes(png())
    with pytest.raises(NotServedError):
        place_of(str(tmp_path / "pics" / ".." / "secret.png"), [os.path.realpath(tmp_path / "pics")])


@posix
@pytest.mark.parametrize("way", ["file", "folder"])
def test_a_symlink_out_of_the_root_is_not_served(tmp_path: Path, way: str) -> None:
    (tmp_path / "pics").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "x.png").write_bytes(png())
    if way == "file":
        (tmp_path / "pics" / "x.png").symlink_to(tmp_path / "out" / "x.png")
    else:
        (tmp_path / "pics" / "sub").symlink_to(tmp_path / "out")
    path = tmp_path / "pics" / ("x.png" if way == "file" else "sub/x.png")
    with pytest.raises(NotServedError):
        place_of(str(path), [os.path.realpath(tmp_path / "pics")])


@posix
def test_a_symlink_within_the_root_is_served(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(png())
    (tmp_path / "y.png").symlink_to("x.png")
    assert content(place_of(str(tmp_path / "y.png"), [os.path.realpath(tmp_path)])) == png()


@posix
@pytest.mark.parametrize("swapped", ["file", "folder"])
def test_what_is_swapped_for_a_symlink_after_the_check_is_not_followed(tmp_path: Path, swapped: str) -> None:
    folder, out = tmp_path / "pics" / "sub", tmp_path / "out"
    folder.mkdir(parents=True)
    out.mkdir()
    (folder / "x.png").write_bytes(png())
    (out / "x.png").write_bytes(picture("a secret"))
    place = place_of(str(folder / "x.png"), [os.path.realpath(tmp_path / "pics")])
    if swapped == "file":
        (folder / "x.png").unlink()
        (folder / "x.png").symlink_to(out / "x.png")
    else:
        folder.rename(tmp_path / "moved")
        folder.symlink_to(out)
    with pytest.raises(FileAccessError):
        place.open()


@posix
def test_a_fifo_does_not_hang_and_is_not_served(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.png")
    with pytest.raises(NotServedError, match="no regular file"):
        open_image(place_of(str(tmp_path / "x.png"), [os.path.realpath(tmp_path)]))


@pytest.mark.parametrize(
    "data", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<!doctype html>", b"#!/bin/sh\n"]
)
def test_only_pictures_by_their_bytes_are_served(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.png").write_bytes(data)
    with pytest.raises(NotServedError, match="no image"):
        open_image(place_of(str(tmp_path / "x.png"), [os.path.realpath(tmp_path)]))


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(GoneError, match="the file is gone"):
        place_of(str(tmp_path / "x.png"), [os.path.realpath(tmp_path)])


# Over HTTP


def test_a_file_has_the_type_of_its_bytes(client: Client, folder: Path) -> None:
    image = client.id("b.png")
    (folder / "b.png").write_bytes(b"\xff\xd8\xff\xe0 a jpeg by its head")
    answer = client.http.get(f"/{TOKEN}/file/{image}")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["content-disposition"].startswith('inline; filename="b.png"')
    (folder / "b.png").write_bytes(b"<html><script>alert(1)</script>")
    assert client.get(f"file/{image}", 403)["error"]["message"] == "no image"


@pytest.mark.parametrize(
    "path",
    ["file/../../etc/passwd", "file/%2e%2e%2fetc%2fpasswd", "file/..%2f..%2fetc%2fpasswd", "static/../app.py",
     "static/%2e%2e/app.py", "static/..%2fguard.py", "file/1/../../x", "static//etc/passwd", "static/%2fetc%2fpasswd",
     "file/1%00", "file/-1", "file/1e3", "file/0x1", "file/９", "thumb/%2e%2e/file/", "image/99999999999999999999"],
)  # fmt: skip
def test_no_address_is_a_path(client: Client, path: str) -> None:
    request = client.http.build_request("GET", f"http://127.0.0.1:7777/{TOKEN}/")
    request.url = request.url.copy_with(raw_path=f"/{TOKEN}/{path}".encode("ascii", "replace"))
    answer = client.http.send(request)
    assert answer.status_code in (400, 404)
    assert "root:" not in answer.text
    assert "import" not in answer.text


@posix
def test_a_symlink_out_of_the_scanned_folder_has_neither_file_nor_thumbnail(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(picture("secret"))
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    with shown(make_catalog(folder, tmp_path / "catalog.db"), folder) as client:
        image = client.id("link.png")
        assert client.get(f"file/{image}", 403)["error"]["code"] == "outside"
        assert client.get(f"thumb/{image}", 403)["error"]["code"] == "outside"
        assert client.get(f"image/{image}")["file"]["servable"] is False
        assert client.get(f"image/{image}")["texts"] == []


@posix
def test_of_a_catalog_the_recorded_folders_are_served(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(picture("secret"))
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    with shown(make_catalog(folder, tmp_path / "catalog.db")) as client:
        client.get(f"file/{client.id('a1.png')}")
        client.get(f"file/{client.id('c.png')}")
        assert client.get(f"file/{client.id('link.png')}", 403)["error"]["code"] == "outside"


@posix
def test_a_folder_that_becomes_a_symlink_later_is_no_way_out(folder: Path, tmp_path: Path) -> None:
    with shown(make_catalog(folder, tmp_path / "catalog.db")) as client:
        image = client.id("c.png")
        client.get(f"file/{image}")
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "c.png").write_bytes(picture("secret"))
        (folder / "sub").rename(tmp_path / "old")
        (folder / "sub").symlink_to(tmp_path / "out")
        assert client.get(f"file/{image}", 403)["error"]["code"] == "outside"


def test_a_catalog_that_names_a_file_outside_of_the_folder_is_not_believed(
    catalog: Path, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret.png").write_bytes(picture("secret"))
    with closing(sqlite3.connect(catalog)) as connection, connection:
        connection.execute("UPDATE images SET path = ? WHERE path LIKE '%a1.png'", (str(tmp_path / "secret.png"),))
    with shown(catalog, folder) as client:
        image = client.id("secret.png")
        assert client.get(f"file/{image}", 403)["error"]["code"] == "outside"
        assert client.get(f"thumb/{image}", 403)["error"]["code"] == "outside"


@pytest.mark.parametrize(
    ("asked", "status", "part", "said"),
    [
        ("bytes=0-3", 206, slice(0, 4), "bytes 0-3/{}"),
        ("bytes=4-", 206, slice(4, None), "bytes 4-{last}/{}"),
        ("bytes=-5", 206, slice(-5, None), "bytes {fifth}-{last}/{}"),
        ("bytes=2-999999", 206, slice(2, None), "bytes 2-{last}/{}"),
        ("bytes=999999-", 416, None, "bytes */{}"),
        ("bytes=-0", 416, None, "bytes */{}"),
        ("bytes=3-1", 200, slice(None), None),
        ("bytes=0-1,3-4", 200, slice(None), None),
        ("lines=0-1", 200, slice(None), None),
        ("bytes=" + "9" * 40 + "-", 200, slice(None), None),
    ],
)
def test_ranges(client: Client, folder: Path, asked: str, status: int, part: slice | None, said: str | None) -> None:
    whole = (folder / "a1.png").read_bytes()
    size = len(whole)
    answer = client.http.get(f"/{TOKEN}/file/{client.id('a1.png')}", headers={"range": asked})
    assert answer.status_code == status
    assert answer.content == (b"" if part is None else whole[part])
    expected = None if said is None else said.format(size, last=size - 1, fifth=size - 5)
    assert answer.headers.get("content-range") == expected


def test_a_file_that_has_not_changed_is_not_sent_again(client: Client) -> None:
    path = f"/{TOKEN}/file/{client.id('a1.png')}"
    etag = client.http.get(path).headers["etag"]
    answer = client.http.get(path, headers={"if-none-match": etag})
    assert (answer.status_code, answer.content) == (304, b"")
    other = client.http.get(path, headers={"range": "bytes=0-3", "if-range": '"other"'})
    assert other.status_code == 200
