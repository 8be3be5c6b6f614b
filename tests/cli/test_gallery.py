"""``extractor gallery`` and ``extractor report`` as they are started."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from extractor.gallery.browser import open_browser, redirect_file
from tests.clidriver import Cli
from tests.gallery.galleries import infotext, make_catalog, make_folder, picture
from tests.support import ROOT

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX signals and permissions")


class Running:
    """A gallery in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.process = process
        self.address = address
        self.parts = urlsplit(address)

    def get(self, path: str, **asked: Any) -> Any:
        with closing(self.connection()) as connection:
            connection.request("GET", f"{self.parts.path}{path}?{urlencode(asked, doseq=True)}")
            answer = connection.getresponse()
            data = answer.read()
            assert answer.status == 200, data
            return json.loads(data) if answer.headers["content-type"] == "application/json" else data

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.parts.port or 0, timeout=20)

    def until(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first view of all for which something holds."""
        for _ in range(200):
            view: dict[str, Any] = self.get("view")
            if holds(view):
                return view
            time.sleep(0.1)
        raise AssertionError(view)


@contextmanager
def started(tmp_path: Path, *arguments: str, **environment: str) -> Iterator[Running]:
    process = subprocess.Popen(
        [sys.executable, "-m", "extractor", "gallery", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache"), **environment},
    )
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        address = process.stdout.readline().strip()
        assert address, process.stderr.read()
        yield Running(process, address)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pictures = {f"{number}.png": picture(infotext(f"castle {number}", number)) for number in range(3)}
    return make_folder(tmp_path / "pics", pictures)


def test_a_folder_is_scanned_while_its_page_is_open(folder: Path, tmp_path: Path, interruptible: None) -> None:
    with started(tmp_path, str(folder), "--no-open") as running:
        assert re.fullmatch(r"http://127\.0\.0\.1:[0-9]+/[\w-]{32}/", running.address)
        view = running.until(lambda view: view["total"] == 3)
        cells = running.get(f"view/{view['key']}/cells")["cells"]
        assert sorted(cell["name"] for cell in cells) == ["0.png", "1.png", "2.png"]
        assert running.get(f"thumb/{cells[0]['id']}").startswith(b"RIFF")
        assert running.get("info")["title"] == "pics"
        (catalog,) = (tmp_path / "cache" / "ai-image-metadata" / "indexes").glob("*.db")
        assert stat.S_IMODE(catalog.parent.stat().st_mode) == 0o700
        # What another run adds to the catalog comes too.
        make_folder(folder, {"late.png": picture(infotext("a late castle"))})
        make_catalog(folder, catalog)
        assert running.until(lambda view: view["total"] == 4)["revision"] > view["revision"]
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(5) == 0
    assert not list(catalog.parent.glob("*-wal"))


def test_a_catalog_of_one_s_own(folder: Path, tmp_path: Path) -> None:
    with started(tmp_path, str(folder), "--no-open", "--db", str(tmp_path / "mine" / "c.db")) as running:
        running.until(lambda view: view["total"] == 3)
    (folder / "0.png").unlink()
    with started(tmp_path, str(folder), "--no-open", "--db", str(tmp_path / "mine" / "c.db")) as running:
        with events(running) as stream:
            while json.loads(next_data(stream))["scanning"]:
                pass
        assert running.get("view")["total"] == 3  # only a catalog of ours is pruned


@contextmanager
def events(running: Running) -> Iterator[http.client.HTTPResponse]:
    with closing(running.connection()) as connection:
        connection.request("GET", f"{running.parts.path}events")
        with closing(connection.getresponse()) as answer:
            yield answer


def next_data(stream: http.client.HTTPResponse) -> str:
    while not (line := stream.readline()).startswith(b"data: "):
        assert line, "the stream has ended"
    return line[6:].decode()


def test_ctrl_c_ends_it_within_a_second_whoever_listens(folder: Path, tmp_path: Path, interruptible: None) -> None:
    catalog = make_catalog(folder, tmp_path / "catalog.db")
    with started(tmp_path, str(catalog), "--no-open") as running, ExitStack() as stack:
        tabs = [stack.enter_context(events(running)) for _ in range(4)]
        assert {tab.headers["content-type"] for tab in tabs} == {"text/event-stream; charset=utf-8"}
        state = [json.loads(next_data(tab)) for tab in tabs][-1]
        assert state == {
            "scanning": False, "done": 0, "total": None, "failures": 0, "error": None, "images": 3,
            "root": "catalog.db", "revision": state["revision"],
        }  # fmt: skip
        idle = socket.create_connection(("127.0.0.1", running.parts.port or 0))
        began = time.monotonic()
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(10) == 0
        took = time.monotonic() - began
        idle.close()
    assert took < 1.5  # a second, and what a busy machine adds
    assert not list(tmp_path.glob("catalog.db-*"))


def test_ctrl_c_during_a_scan(tmp_path: Path, interruptible: None) -> None:
    data = picture(infotext("x"), (1500, 1500))
    folder = make_folder(tmp_path / "pics", {f"{number}.png": data for number in range(200)})
    with started(tmp_path, str(folder), "--no-open") as running:
        running.until(lambda view: view["total"] >= 1)
        began = time.monotonic()
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(10) == 0
        assert time.monotonic() - began < 2


def test_only_this_computer_can_come(folder: Path, tmp_path: Path) -> None:
    catalog = make_catalog(folder, tmp_path / "catalog.db")
    with started(tmp_path, str(catalog), "--no-open") as running:
        port = running.parts.port or 0
        listening = Path("/proc/net/tcp").read_text() if Path("/proc/net/tcp").exists() else ""
        own = [line.split()[1] for line in listening.splitlines() if f":{port:04X} " in line.split("rem")[0][:25]]
        assert own in ([f"0100007F:{port:04X}"], []) or set(own) == {f"0100007F:{port:04X}"}
        with suppress(OSError):
            host = socket.gethostbyname(socket.gethostname())
            if not host.startswith("127."):
                with pytest.raises(OSError, match=r"refused|unreachable|timed out"):
                    socket.create_connection((host, port), timeout=1)


def test_the_token_stands_in_no_process_list(folder: Path, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf "%s" "$1" > {seen}.part && mv {seen}.part {seen}\nsleep 4\n')
    browser.chmod(0o755)
    catalog = make_catalog(folder, tmp_path / "catalog.db")
    with started(tmp_path, str(catalog), BROWSER=f"{browser} %s &") as running:
        token = running.parts.path.strip("/")
        for _ in range(100):
            if seen.exists():
                break
            time.sleep(0.1)
        given = seen.read_text()
        assert given.startswith("file://")
        page = Path(given.removeprefix("file://"))
        assert token in page.read_text()
        assert stat.S_IMODE(page.stat().st_mode) == 0o600
        assert stat.S_IMODE(page.parent.stat().st_mode) == 0o700
        shown = subprocess.run(["ps", "-ww", "-eo", "args"], capture_output=True, text=True, check=True).stdout
        assert str(browser) in shown
        assert token not in shown
        running.process.send_signal(signal.SIGTERM)
        running.process.wait(10)
    assert not page.exists()


def test_a_redirect_file_leads_to_the_page_and_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    with redirect_file('http://127.0.0.1:1/a"b/') as path:
        assert 'content="0;url=http://127.0.0.1:1/a&quot;b/"' in Path(path).read_text()
        assert open_browser(path, lambda url: url == Path(path).as_uri())
        assert not open_browser(path, lambda _: False)
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
            monkeypatch.delenv(name, raising=False)
        assert sys.platform == "darwin" or not open_browser(path, lambda _: pytest.fail("it would take the terminal"))
    assert not Path(path).parent.exists()


def test_a_tunnel_leads_to_the_page(folder: Path, tmp_path: Path) -> None:
    catalog = make_catalog(folder, tmp_path / "catalog.db")
    with started(tmp_path, str(catalog), "--no-open") as running, closing(running.connection()) as connection:
        connection.request("GET", f"{running.parts.path}info", headers={"Host": "localhost:9999"})
        assert json.loads(connection.getresponse().read())["images"] == 3


@pytest.mark.parametrize(
    "path", ["/../../etc/passwd", "/..%2f..%2fetc/passwd", "//etc/passwd", "/static/../../guard.py"]
)
def test_raw_paths_that_climb(folder: Path, tmp_path: Path, path: str) -> None:
    catalog = make_catalog(folder, tmp_path / "catalog.db")
    with (
        started(tmp_path, str(catalog), "--no-open") as running,
        socket.create_connection(("127.0.0.1", running.parts.port or 0)) as raw,
    ):
        token = running.parts.path.rstrip("/")
        raw.sendall(f"GET {token}{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while block := raw.recv(65536):
            answer += block
    assert answer.startswith(b"HTTP/1.1 404")
    assert b"root:" not in answer


def test_a_port_that_is_taken(cli: Cli, folder: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = cli("gallery", str(folder), "--port", str(port))
    assert (ran.code, ran.err) == (1, f"Error: port {port}: Address already in use\n")


def test_what_is_no_source(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"something else" * 100)
    assert (
        cli("gallery", str(tmp_path / "none")).err == f"Error: {tmp_path / 'none'}: there is no folder and no catalog\n"
    )
    ran = cli("gallery", str(tmp_path / "x.db"), "--no-open")
    assert (ran.code, ran.err) == (1, "Error: the catalog cannot be used: file is not a database\n")
    ran = cli("gallery", str(tmp_path / "x.db"), "--db", "y.db")
    assert ran.code == 2
    assert "--db names the catalog of a folder" in ran.err


@pytest.mark.parametrize("missing", ["starlette", "uvicorn"])
def test_without_the_extra_it_says_what_to_install(
    cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    for name in [
        name for name in sys.modules if name.split(".")[0] == missing or name.startswith("extractor.gallery.")
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    ran = cli("gallery", str(folder))
    assert (ran.code, ran.err) == (1, "Error: the gallery needs more: pip install 'ai-image-metadata[gallery]'\n")


def test_there_is_no_option_for_another_address(cli: Cli) -> None:
    help_text = cli("gallery", "--help").out
    assert "--host" not in help_text
    assert "--bind" not in help_text
    assert cli("gallery", "x", "--host", "0.0.0.0").code == 2


# Reports


def test_a_report_of_a_folder(cli: Cli, folder: Path, tmp_path: Path) -> None:
    (folder / "bad.png").write_bytes(b"no picture")
    ran = cli("report", str(folder), "-o", str(tmp_path / "r.html"), "--title", "My <castles>", "--where", "castle -2")
    assert ran.code == 1  # one could not be read
    assert ran.err.startswith(f"2 pictures in {tmp_path / 'r.html'}\n")
    text = (tmp_path / "r.html").read_text("utf-8")
    assert "<h1>My &lt;castles&gt;</h1>" in text
    assert text.count("data:image/webp;base64,") == 2
    assert "<p>castle 0</p>" in text
    assert "<script" not in text
    assert str(folder) not in text
    assert "0.png" not in text


def test_a_report_tells_texts_that_are_hidden_in_pixels(cli: Cli, tmp_path: Path) -> None:
    ran = cli("report", str(ROOT / "sample_images/a1111-stealth-alpha.png"), "-o", str(tmp_path / "r.html"))
    assert (ran.code, ran.err) == (0, f"1 picture in {tmp_path / 'r.html'}\n")
    assert "<p>portrait of a red fox, snowfall, 85mm</p>" in (tmp_path / "r.html").read_text("utf-8")


def test_a_report_of_a_catalog(cli: Cli, folder: Path, tmp_path: Path) -> None:
    catalog = make_catalog(folder, tmp_path / "catalog.db")
    (folder / "1.png").unlink()
    ran = cli("report", str(catalog), "-o", str(tmp_path / "r.html"), "--no-prompts", "--paths", "--limit", "2")
    assert (ran.code, ran.err) == (0, f"2 pictures in {tmp_path / 'r.html'}\n")
    text = (tmp_path / "r.html").read_text("utf-8")
    assert "castle" not in text
    assert str(folder / "2.png") in text
    assert text.count("no preview") == 1


def test_a_report_needs_a_place(cli: Cli, folder: Path) -> None:
    ran = cli("report", str(folder))
    assert ran.code == 2
    assert "Missing option '-o'" in ran.err
