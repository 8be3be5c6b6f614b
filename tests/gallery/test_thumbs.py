"""Thumbnails: made by others, the newest first, kept in a bounded cache."""

from __future__ import annotations

import io
import os
import stat
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from extractor.gallery.ahead import ThumbsAhead, needed_bytes
from extractor.gallery.cache import ThumbCache
from extractor.gallery.served import Place
from extractor.gallery.thumbs import Dropped, Maker, Thumb, ThumbTask
from tests.gallery.galleries import TOKEN, Client, make_catalog, make_folder, picture, shown


def decoded(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "WEBP"
        image.load()
        return image


def test_a_thumbnail(client: Client, folder: Path) -> None:
    image = client.id("a1.png")
    answer = client.http.get(f"/{TOKEN}/thumb/{image}?v=x&edge=384")
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    thumb = decoded(answer.content)
    assert thumb.size == (48, 64)  # nothing is made larger
    assert all(abs(a - b) < 8 for a, b in zip(thumb.convert("RGB").getpixel((5, 5)), (0x33, 0x66, 0x99), strict=True))
    for bad in ("edge=385", "edge=0", "edge=99999"):
        client.get(f"thumb/{image}?{bad}", 400)
    client.get("thumb/4711", 404)


@pytest.mark.parametrize(("edge", "size"), [(192, (96, 192)), (384, (192, 384)), (768, (384, 768))])
def test_edges(tmp_path: Path, edge: int, size: tuple[int, int]) -> None:
    folder = make_folder(tmp_path / "pics", {"x.png": picture(None, (1000, 2000))})
    with shown(make_catalog(folder, tmp_path / "catalog.db", hash=False), folder) as client:
        assert decoded(client.get(f"thumb/{client.id('x.png')}?edge={edge}")).size == size


def test_it_is_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned right
    stored = Image.new("RGB", (80, 40), "red")
    stored.paste("blue", (0, 0, 40, 40))
    target = io.BytesIO()
    stored.save(target, "JPEG", exif=exif, quality=95)
    folder = make_folder(tmp_path / "pics", {"x.jpg": target.getvalue()})
    with shown(make_catalog(folder, tmp_path / "catalog.db", hash=False), folder) as client:
        thumb = decoded(client.get(f"thumb/{client.id('x.jpg')}")).convert("RGB")
    assert thumb.size == (40, 80)
    assert thumb.getpixel((20, 5))[2] > 200  # blue above
    assert thumb.getpixel((20, 75))[0] > 200


def test_a_thumbnail_stays_when_its_file_is_gone(client: Client, folder: Path) -> None:
    image, other = client.id("a1.png"), client.id("b.png")
    data = client.get(f"thumb/{image}")
    (folder / "a1.png").unlink()
    (folder / "b.png").unlink()
    assert client.get(f"thumb/{image}") == data
    assert client.get(f"thumb/{other}", 404)["error"]["code"] == "gone"


def test_pixels_that_do_not_decode(client: Client, folder: Path) -> None:
    whole = (folder / "a1.png").read_bytes()
    (folder / "a1.png").write_bytes(whole[:60])
    error = client.get(f"thumb/{client.id('a1.png')}", 415)["error"]
    assert (error["code"], error["message"]) == ("undecodable", "its pixels cannot be decoded")


def test_a_file_that_kills_its_reader_costs_one_thumbnail(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    (pool,) = client.gallery.maker._pools
    monkeypatch.setattr(pool, "_job", KillerJob())
    error = client.get(f"thumb/{client.id('a1.png')}", 415)["error"]
    assert error["message"].startswith("the process that read it ended: ")
    assert client.get(f"thumb/{client.id('b.png')}").startswith(b"RIFF")


class KillerJob:
    """As the real one, but for one name."""

    batch = 1

    def __call__(self, task: ThumbTask) -> Thumb:
        from extractor.gallery.thumbs import ThumbJob

        if task.place.path.endswith("a1.png"):
            os.abort()
        return ThumbJob()(task)

    def failed(self, task: ThumbTask, error: Exception) -> Thumb:
        return Thumb(None, str(error))


# The order of work


class Hand:
    """A pool whose work ends when it is told."""

    def __init__(self) -> None:
        self.began: list[str] = []
        self.go = threading.Semaphore(0)
        self.started = threading.Semaphore(0)

    def do(self, task: ThumbTask) -> Thumb:
        self.began.append(task.place.path)
        self.started.release()
        self.go.acquire()
        return Thumb(task.place.path.encode())

    def close(self) -> None:
        for _ in range(1000):
            self.go.release()


def task(name: str) -> ThumbTask:
    return ThumbTask(Place("/", name), 384)


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def maker(hand: Hand) -> Any:
    maker = Maker(1, lambda: hand)  # type: ignore[arg-type,return-value]
    yield maker
    maker.close()


def test_the_newest_request_goes_first(hand: Hand, maker: Maker) -> None:
    maker.submit(task("first"))
    hand.started.acquire()
    futures = [maker.submit(task(str(number))) for number in range(3)]
    patient = maker.submit(task("patient"), is_patient=True)
    for _ in range(5):
        hand.go.release()
    assert patient.result(5).data == b"patient"
    assert hand.began == ["first", "2", "1", "0", "patient"]
    assert [future.result(5).data for future in futures] == [b"0", b"1", b"2"]


def test_what_nobody_waits_for_any_more_is_not_begun(hand: Hand, maker: Maker) -> None:
    maker.submit(task("first"))
    hand.started.acquire()
    left, stays = maker.submit(task("left")), maker.submit(task("stays"))
    assert left.cancel()
    for _ in range(3):
        hand.go.release()
    assert stays.result(5).data == b"stays"
    time.sleep(0.05)
    assert hand.began == ["first", "stays"]


def test_the_queue_is_bounded_and_the_oldest_gives_way(hand: Hand, maker: Maker) -> None:
    maker.submit(task("first"))
    hand.started.acquire()
    patient = maker.submit(task("patient"), is_patient=True)
    futures = [maker.submit(task(str(number))) for number in range(300)]
    with pytest.raises(Dropped):
        futures[0].result(5)
    assert sum(future.done() for future in futures) == 300 - 256
    assert not patient.done()


def test_two_who_ask_for_the_same_get_the_same(hand: Hand, maker: Maker) -> None:
    maker.submit(task("first"))
    hand.started.acquire()
    one, other = maker.submit(task("same")), maker.submit(task("same"))
    hand.go.release()
    hand.go.release()
    assert one.result(5).data == other.result(5).data == b"same"
    assert hand.began == ["first", "same"]


def test_the_end_drops_what_waits(hand: Hand, maker: Maker) -> None:
    maker.submit(task("first"))
    hand.started.acquire()
    waiting = maker.submit(task("waiting"))
    maker.close()
    with pytest.raises(Dropped):
        waiting.result(5)
    with pytest.raises(Dropped):
        maker.submit(task("late")).result(5)


# The cache


def test_what_was_put_is_there_the_next_time(tmp_path: Path) -> None:
    path = str(tmp_path / "cache" / "thumbs.db")
    cache = ThumbCache(path)
    cache.put("v1", 384, b"one")
    assert (cache.get("v1", 384), cache.get("v1", 192), cache.get("v2", 384)) == (b"one", None, None)
    cache.close()
    again = ThumbCache(path)
    assert (again.get("v1", 384), again.total, again.path) == (b"one", 3, path)
    assert again.has("v1", 384)
    assert not again.has("v1", 192)
    again.close()


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        ThumbCache(str(tmp_path / "cache" / "thumbs.db")).close()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "cache" / "thumbs.db").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "cache").stat().st_mode) == 0o700


def test_the_least_recently_used_goes(tmp_path: Path) -> None:
    cache = ThumbCache(str(tmp_path / "thumbs.db"), 1000)
    for number in range(10):
        cache.put(str(number), 384, bytes(100))
    for number in (0, 1):
        cache.get(str(number), 384)
    cache.put("new", 384, bytes(100))
    there = [name for name in (*map(str, range(10)), "new") if cache.has(name, 384)]
    assert there == ["0", "1", "4", "5", "6", "7", "8", "9", "new"]
    assert cache.total == 900
    cache.close()


@pytest.mark.parametrize(
    "found", [b"no database at all, but long enough to look like one" * 30, b"", b"SQLite format 3\0"]
)
def test_a_cache_that_is_damaged_is_begun_again(tmp_path: Path, found: bytes) -> None:
    path = tmp_path / "thumbs.db"
    path.write_bytes(found)
    cache = ThumbCache(str(path))
    cache.put("v", 384, b"x")
    assert (cache.get("v", 384), cache.path) == (b"x", str(path))
    cache.close()


def test_where_none_can_be_kept_there_is_one_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    cache = ThumbCache(str(tmp_path / "file" / "thumbs.db"))
    cache.put("v", 384, b"x")
    assert (cache.get("v", 384), cache.path) == (b"x", None)
    cache.close()


# Ahead


def test_all_thumbnails_of_a_catalog_ahead(catalog: Path, folder: Path) -> None:
    with shown(catalog, folder) as client:
        (folder / "b.png").unlink()
        ahead = ThumbsAhead(client.gallery)
        ahead.start()
        ahead.join(20)
        assert ahead.made == 4
        again = ThumbsAhead(client.gallery)
        again.start()
        again.join(20)
        assert again.made == 0


def test_what_a_million_thumbnails_need() -> None:
    assert needed_bytes(1_000_000) == 20_480_000_000
