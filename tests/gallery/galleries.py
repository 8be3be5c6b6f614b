"""Small galleries: a folder of real pictures with recipes, its catalog, and a client that has the token."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from PIL import Image, PngImagePlugin
from starlette.testclient import TestClient

from extractor.catalog.writer import Catalog
from extractor.extraction.extract import extract
from extractor.gallery.app import Server
from extractor.gallery.cache import ThumbCache
from extractor.gallery.gallery import Gallery
from extractor.gallery.source import Source
from extractor.scanning.scan import ScanResult

TOKEN = "T" * 32
HOST = "127.0.0.1:7777"


def picture(
    infotext: str | None = None, size: tuple[int, int] = (48, 64), colour: str = "#336699", **texts: str
) -> bytes:
    """A PNG of one colour with an infotext and other texts."""
    info = PngImagePlugin.PngInfo()
    for key, text in ({"parameters": infotext} if infotext is not None else {}).items() | texts.items():
        info.add_itxt(key, text)
    target = io.BytesIO()
    Image.new("RGB", size, colour).save(target, "PNG", pnginfo=info)
    return target.getvalue()


def infotext(
    prompt: str, seed: int = 1, model: str = "dream", steps: int = 20, sampler: str = "Euler a", negative: str = "bad"
) -> str:
    return (
        f"{prompt}\nNegative prompt: {negative}\nSteps: {steps}, Sampler: {sampler}, CFG scale: 7, Seed: {seed}, "
        f"Size: 512x768, Model: {model}"
    )


PICTURES = {
    "a1.png": picture(infotext("a red castle, <lora:stone:0.7>", 1)),
    "a2.png": picture(infotext("a red castle, <lora:stone:0.7>", 2)),
    "b.png": picture(infotext("a blue lighthouse", 3, "flux", 28, "DPM++ 2M Karras"), (64, 48)),
    "sub/c.png": picture(infotext("two cats", 3, "flux", sampler="UniPC"), (64, 64)),
    "sub/plain.png": picture(None, (32, 32)),
}


def make_folder(folder: Path, pictures: dict[str, bytes] = PICTURES) -> Path:
    for name, data in pictures.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def make_catalog(folder: Path, catalog: Path, **options: Any) -> Path:
    """The catalog of a folder, as a scan would make it; without its processes, which take longer than all else."""
    with closing(Catalog(catalog)) as writer:
        for path in sorted(path for path in folder.rglob("*") if path.suffix in (".png", ".jpg")):
            writer.write(ScanResult(str(path), extract(path, **options)))
    return catalog


@contextmanager
def shown(catalog: Path, folder: Path | None = None, **options: Any) -> Iterator[Client]:
    """A gallery of a catalog, asked without a socket."""
    gallery = Gallery(
        Source(str(catalog)),
        title="pictures",
        command="extractor scan FOLDER -o catalog.db",
        folders=None if folder is None else [str(folder)],
        processes=1,
        **{"cache": ThumbCache(None), **options},
    )
    server = Server(gallery, TOKEN, 7777)
    try:
        yield Client(TestClient(server.app, base_url=f"http://{HOST}"), gallery)
    finally:
        server.close()
        gallery.close()


class Client:
    """What a page asks."""

    def __init__(self, http: TestClient, gallery: Gallery) -> None:
        self.http = http
        self.gallery = gallery

    def get(self, path: str, status: int = 200, **more: Any) -> Any:
        """The answer to an address below the token: JSON, or bytes of anything else."""
        answer = self.http.get(f"/{TOKEN}/{path}", **more)
        assert answer.status_code == status, (answer.status_code, answer.text[:300])
        return answer.json() if answer.headers["content-type"] == "application/json" else answer.content

    def view(self, **asked: Any) -> dict[str, Any]:
        """A view."""
        found: dict[str, Any] = self.get("view", params=asked)
        return found

    def names(self, **asked: Any) -> list[str]:
        """The names of a view's tiles, in their order."""
        cells = self.get(f"view/{self.view(**asked)['key']}/cells")["cells"]
        return [cell["name"] for cell in cells]

    def id(self, name: str) -> int:
        """The id of a picture."""
        for cell in self.get(f"view/{self.view()['key']}/cells")["cells"]:
            if cell["name"] == name:
                return int(cell["id"])
        raise AssertionError(name)
