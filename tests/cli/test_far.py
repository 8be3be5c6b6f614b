"""URLs and archives on the command line."""

from __future__ import annotations

import csv
import io
import json
import signal
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path

import pytest

from tests.clidriver import Cli
from tests.rangeserver import Store
from tests.support import INFOTEXT, png, text_chunk

PICTURE = png(text_chunk("parameters", INFOTEXT))


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with zipfile.ZipFile("a.zip", "w") as archive:
        archive.writestr("x/a.png", PICTURE)
        archive.writestr("note.txt", "x")
    with tarfile.open("t.tar", "w") as tar:
        info = tarfile.TarInfo("b.png")
        info.size = len(PICTURE)
        tar.addfile(info, io.BytesIO(PICTURE))


def paths(out: str) -> list[str]:
    return [json.loads(line)["path"] for line in out.splitlines()]


def test_scan_takes_urls_and_archives(cli: Cli, store: Store) -> None:
    store.objects |= {"/b/p/a.png": PICTURE, "/b/a.zip": Path("a.zip").read_bytes()}
    web = f"http://127.0.0.1:{store.port}/b/p/a.png"
    given = ("s3://b/p/", "a.zip", "t.tar", "s3://b/a.zip", web)
    ran = cli("scan", *given, "--no-hash", "--connections", "4")
    assert ran.code == 0
    assert paths(ran.out) == [
        "s3://b/p/a.png", "zip://x/a.png::a.zip", "tar://b.png::t.tar", "zip://x/a.png::s3://b/a.zip", web,
    ]  # fmt: skip
    assert "5 files" in ran.err and "1 failed" not in ran.err
    assert cli(*given, "-o", "all.csv", "-q").code == 0
    rows = list(csv.DictReader(Path("all.csv").read_text("utf-8").splitlines()))
    assert [row["seed"] for row in rows] == ["1"] * 5
    assert all(row["hash"] for row in rows)


def test_a_path_that_is_there_comes_first(cli: Cli, store: Store) -> None:
    Path("s3:/b").mkdir(parents=True)
    Path("s3:/b/a.png").write_bytes(PICTURE)
    ran = cli("s3://b/a.png", "--no-hash")
    assert ran.code == 0
    assert json.loads(ran.out)["url"].startswith("file://")
    assert store.requests == []


def test_a_list_holds_paths_alone(cli: Cli, store: Store) -> None:
    store.objects["/b/a.png"] = PICTURE
    ran = cli("scan", "--files-from", "-", "--no-hash", stdin=b"s3://b/a.png\n")
    assert ran.code == 1
    assert "No such file" in ran.out
    assert store.requests == []


def test_show(cli: Cli, store: Store) -> None:
    store.objects["/b/p/a.png"] = PICTURE
    for given in ("a.zip", "t.tar", "s3://b/p", "s3://b/p/a.png", "zip://x/a.png::a.zip", "'s3://b/p/a.png'"):
        ran = cli("show", given, "--infotext")
        assert (ran.code, ran.out) == (0, f"{INFOTEXT}\n"), given
    details = cli("a.zip", "--format", "table", "--no-hash").out.splitlines()
    assert [line.split()[0] for line in details] == ["file", "a.zip/x/", "a.png"]
    alone = cli("zip://x/a.png::a.zip", terminal=True).out
    assert "Negative prompt" in alone
    gone = cli("show", "zip://gone.png::a.zip")
    assert (gone.code, gone.err) == (1, "Error: zip://gone.png::a.zip: there is no such member in the archive\n")


def test_tables(cli: Cli) -> None:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"image": [PICTURE], "other": [b"x"]}), "d.parquet")
    ran = cli("d.parquet", "--no-hash")
    assert ran.code == 1
    assert "which column holds the images is not clear: there are 'image', 'other'; say --image-column NAME" in ran.out
    for command in ("scan", "show"):
        ran = cli(command, "d.parquet", "--image-column", "image", "--no-hash")
        assert ran.code == 0
        assert "image/0" in ran.out


def test_sidecars(cli: Cli, store: Store) -> None:
    store.objects["/b/p/a.png"] = PICTURE
    assert cli("sidecar", "a.zip", "s3://b/p/", "--out-dir", "out", "--no-hash").code == 0
    assert Path("out/a.zip/x/a.png.json").is_file()
    assert Path("out/p/a.png.json").is_file()
    ran = cli("sidecar", "a.zip", "--no-hash")
    assert ran.code == 1
    assert "give --out-dir" in ran.err


def test_catalogs(cli: Cli, store: Store) -> None:
    store.objects["/b/p/a.png"] = PICTURE
    for unchanged in (0, 2):
        ran = cli("a.zip", "s3://b/p/", "-o", "c.db", "--no-hash", "--prune")
        assert ran.code == 0
        assert (f"{unchanged} unchanged" in ran.err) == bool(unchanged)
    assert "0 taken out" in ran.err
    store.objects["/b/p/b.png"] = store.objects.pop("/b/p/a.png")
    ran = cli("s3://b/p/", "-o", "c.db", "--no-hash", "--prune")
    assert (ran.code, ran.err.splitlines()[-1]) == (0, "1 taken out of the catalog, as they are gone")
    store.objects["/b/p/a.png"] = store.objects.pop("/b/p/b.png")
    cli("s3://b/p/", "-o", "c.db", "--no-hash", "--prune")
    assert cli("search", "cat", "c.db", "--fields", "path").out.splitlines()[-1] == "s3://b/p/a.png"
    assert cli("search", "cat", "s3://b/p/", "--fields", "path").out == "s3://b/p/a.png\n"


def test_what_is_refused(cli: Cli, store: Store) -> None:
    store.objects["/b/p/a.png"] = PICTURE
    store.fault = lambda method, path, number: "403"
    ran = cli("s3://b/p/a.png", "--no-hash")
    assert ran.code == 1
    assert "set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION" in ran.err
    Path("x.tgz").write_bytes(b"\x1f\x8b\x08" + bytes(100))
    assert "gzip archives are not read; unpack it first: gunzip" in cli("x.tgz").err
    for command in (("strip", "--in-place"), ("embed", "--in-place", "--meta", "x.json"), ("check",)):
        assert cli(*command, "s3://b/p/a.png").code != 0


@pytest.mark.parametrize("given", [("s3://b/p/",), ("show", "s3://b/p/a.png"), ("s3://b/a.zip",)])
def test_ctrl_c_does_not_wait_for_a_store_that_hangs(given: tuple[str, ...], store: Store, interruptible: None) -> None:
    store.objects |= {"/b/p/a.png": PICTURE, "/b/a.zip": Path("a.zip").read_bytes()}
    store.fault = lambda method, path, number: "hang"
    with subprocess.Popen([sys.executable, "-m", "extractor", *given, "--no-hash"], stderr=subprocess.PIPE) as process:
        for _ in range(200):
            if store.requests:
                break
            time.sleep(0.05)
        assert store.requests
        begin = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 130
    assert time.monotonic() - begin < 5  # the store is given 15 seconds for an answer
