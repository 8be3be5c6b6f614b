from __future__ import annotations

import errno
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from extractor.errors import (
    CorruptImageError,
    ExtractorError,
    FileAccessError,
    UnsupportedFormatError,
    WorkerDiedError,
)
from extractor.extraction.extract import extract
from extractor.record import ImageRecord
from extractor.scanning import process
from extractor.scanning import scan as scan_module
from extractor.scanning.scan import ScanResult, scan
from tests.support import INFOTEXT, ROOT, SHARED, needs_shared, png, text_chunk

IMAGE = png(text_chunk("parameters", INFOTEXT))
PLAIN = png()
MP4 = (24).to_bytes(4, "big") + b"ftypisom" + bytes(4) + b"isommp42"

posix = pytest.mark.skipif(os.name == "nt", reason="POSIX signals and permissions")


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def put(**files: bytes) -> None:
    """Files in the folder `r`; ``_`` in a name is its dot."""
    os.makedirs("r", exist_ok=True)
    for name, data in files.items():
        Path("r", name.replace("_", ".")).write_bytes(data)


def outcome(result: ScanResult) -> str:
    if result.error is not None:
        return f"{type(result.error).__name__}: {result.error}"
    if result.passed_over:
        return "passed over"
    if result.skipped:
        return "skipped"
    assert result.record is not None
    return "with" if result.record.meta is not None else "without"


def outcomes(*paths: str, **options: object) -> list[tuple[str, str]]:
    return [(result.path, outcome(result)) for result in scan(paths, hash=False, **options)]  # type: ignore[arg-type]


def test_a_record_is_that_of_extract() -> None:
    put(a_png=IMAGE)
    (result,) = scan(["r"])
    assert result == ScanResult("r/a.png", extract("r/a.png"))
    assert result.record is not None and len(result.record.hash or "") == 36


@pytest.mark.parametrize("workers", [1, 2, None])
def test_what_becomes_of_files_met_in_a_folder(workers: int | None) -> None:
    put(
        a_png=IMAGE,
        b_jpg=IMAGE,
        c=IMAGE,
        d_txt=IMAGE,
        e_png=PLAIN,
        f_png=b"no image",
        g_png=b"",
        h_txt=b"text",
        i_png=b"\x89PNG\r\n\x1a\n",
        j_dat=b"\x89PNG\r\n\x1a\n",
    )
    assert outcomes("r", workers=workers) == [
        ("r/a.png", "with"),
        ("r/b.jpg", "with"),
        ("r/c", "with"),
        ("r/d.txt", "with"),
        ("r/e.png", "without"),
        ("r/f.png", "UnsupportedFormatError: not an image or video of a known kind"),
        ("r/g.png", "UnsupportedFormatError: the file is empty"),
        ("r/h.txt", "passed over"),
        ("r/i.png", "CorruptImageError: png: nothing in the file can be read"),
        ("r/j.dat", "CorruptImageError: png: nothing in the file can be read"),
    ]


def test_a_named_file_is_never_passed_over() -> None:
    put(a_txt=b"text", b=b"")
    assert outcomes("r/a.txt", "r/b", "r/none.txt") == [
        ("r/a.txt", "UnsupportedFormatError: not an image or video of a known kind"),
        ("r/b", "UnsupportedFormatError: the file is empty"),
        ("r/none.txt", "FileAccessError: No such file or directory"),
    ]


def video(monkeypatch: pytest.MonkeyPatch, meta: dict[str, object] | None) -> list[bool]:
    """Let every file be a video; returns whether each reading of it was asked for hashes."""
    monkeypatch.setattr(process.sys, "executable", "")  # all is read in this process
    asked: list[bool] = []

    def reading(file: object, options: scan_module.Options, *_: object, **__: object) -> scan_module.ImageRecord:
        asked.append(options.hash)
        record = {"extraction": {"mimeType": "video/mp4"}} | ({"meta": meta} if meta else {})
        return scan_module.ImageRecord.model_validate(record)

    monkeypatch.setattr(scan_module, "extract_opened", reading)
    return asked


def test_videos_count_when_they_have_metadata_or_were_named(monkeypatch: pytest.MonkeyPatch) -> None:
    put(a_mp4=b"x", b=b"x")
    asked = video(monkeypatch, None)
    assert [outcome(result) for result in scan(["r"], workers=1)] == ["passed over", "passed over"]
    assert asked == [False, True]  # one with a video's name is not read whole before that is known
    assert [outcome(result) for result in scan(["r/a.mp4"], workers=1)] == ["without"]
    asked = video(monkeypatch, {"prompt": "a"})
    assert [outcome(result) for result in scan(["r"], workers=1)] == ["with", "with"]
    assert asked == [False, True, True]


def test_a_video_that_cannot_be_read_is_passed_over_unless_named(monkeypatch: pytest.MonkeyPatch) -> None:
    put(a_mp4=b"x", b_png=b"x")

    def failing(*_: object, **__: object) -> None:
        raise CorruptImageError("nothing")

    monkeypatch.setattr(scan_module, "extract_opened", failing)
    expected = [("r/a.mp4", "passed over"), ("r/b.png", "CorruptImageError: nothing")]
    assert outcomes("r", workers=1) == expected
    assert outcomes("r/a.mp4", workers=1) == [("r/a.mp4", "CorruptImageError: nothing")]


@pytest.mark.parametrize(
    ("name", "error", "expected"),
    [
        ("a.png", FileAccessError(errno.ENOENT, "gone"), "FileAccessError: gone"),
        ("a.dat", FileAccessError(errno.ENOENT, "gone"), "passed over"),
        ("a.dat", FileAccessError(errno.EACCES, "no"), "FileAccessError: no"),
        ("a.dat", UnsupportedFormatError("no"), "passed over"),
        ("a.PNG", UnsupportedFormatError("no"), "UnsupportedFormatError: no"),
    ],
)
def test_errors_of_files_met_in_a_folder(
    monkeypatch: pytest.MonkeyPatch, name: str, error: ExtractorError, expected: str
) -> None:
    put(**{name.replace(".", "_"): b"x"})

    def failing(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(scan_module, "opened", failing)
    assert outcomes("r", workers=1) == [(f"r/{name}", expected)]


def test_options_reach_the_records() -> None:
    put(a_png=IMAGE)
    (result,) = scan(["r"], hash=False, raw=True)
    record = result.record
    assert record is not None and record.extraction is not None
    assert record.hash is None and record.extraction.sha256 is None
    assert [text.source for text in record.extraction.raw or []] == ["png:tEXt:parameters"]


def test_urls_below_a_base() -> None:
    put(a_png=IMAGE)
    os.makedirs("r/ü b")
    Path("r/ü b/#1.png").write_bytes(IMAGE)
    results = list(scan(["r", "r/a.png", "./r/ü b/"], hash=False, base_url="https://x.test/i/"))
    records = [result.record for result in results if result.record is not None]
    assert [record.url for record in records] == [
        "https://x.test/i/a.png",
        "https://x.test/i/%C3%BC%20b/%231.png",
        "https://x.test/i/a.png",
        "https://x.test/i/%231.png",
    ]
    assert records[0].extraction is not None and records[0].extraction.stamp is not None
    assert records[0].extraction.stamp.options["baseUrl"] == "https://x.test/i/"


def test_other_tools_sidecars_are_read_and_stamped() -> None:
    put(a_png=PLAIN, a_txt=INFOTEXT.encode(), b_png=PLAIN)
    by_scan = {result.path: result.record for result in scan(["r"], hash=False)}
    for path in ("r/a.png", "r/b.png"):
        assert by_scan[path] == extract(path, hash=False)
    record = by_scan["r/a.png"]
    assert record is not None and record.meta is not None and record.meta.prompt == "a cat"
    assert record.extraction is not None and record.extraction.stamp is not None
    status = os.stat("r/a.txt")
    assert record.extraction.stamp.foreign == [("a.txt", status.st_size, status.st_mtime_ns)]
    assert outcomes("r/a.png", foreign_sidecars=False) == [("r/a.png", "without")]


def test_skip_is_asked_before_a_file_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    put(a_png=IMAGE, b_png=IMAGE, b_txt=b"x", c_png=IMAGE)
    records = {result.path: result.record for result in scan(["r"], hash=False)}
    asked: dict[str, object] = {}

    def skip(path: str, stamp: dict[str, object]) -> bool:
        asked[path] = stamp
        return path != "r/b.png"

    assert outcomes("r", skip=skip, workers=1) == [
        ("r/a.png", "skipped"),
        ("r/b.png", "with"),
        ("r/b.txt", "skipped"),
        ("r/c.png", "skipped"),
    ]
    for path in ("r/a.png", "r/b.png", "r/c.png"):
        record = records[path]
        assert record is not None
        dumped = record.model_dump(mode="json", by_alias=True, exclude_unset=True)
        assert asked[path] == dumped["extraction"]["stamp"]


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_while_the_walk_goes_on(workers: int) -> None:
    put(a_png=IMAGE)
    taken = 0

    def paths() -> Iterator[str]:
        nonlocal taken
        while True:
            taken += 1
            yield "r/a.png"

    results = scan(paths(), hash=False, workers=workers)
    for _ in range(5):
        assert next(results).path == "r/a.png"
    results.close()
    assert taken < 2000


@pytest.mark.parametrize(("workers", "error"), [(0, ValueError), (-1, ValueError), ("2", TypeError), (True, TypeError)])
def test_workers_that_are_no_number_of_workers(workers: object, error: type[Exception]) -> None:
    with pytest.raises(error, match="workers must be"):
        scan([], workers=workers)  # type: ignore[arg-type]


def fill(count: int) -> list[str]:
    os.makedirs("r/sub", exist_ok=True)
    paths = []
    for number in range(count):
        path = f"r/{'sub/' if number % 3 else ''}{number}.png"
        Path(path).write_bytes(png(text_chunk("parameters", f"{INFOTEXT}, Extra {number}: x")))
        paths.append(path)
    Path("r/bad.png").write_bytes(b"bad")
    return [*paths, "r/bad.png", "r/missing.png"]


def texts(results: Iterator[ScanResult]) -> dict[str, str]:
    found: dict[str, str] = {}
    for result in results:
        assert result.path not in found
        found[result.path] = outcome(result) + (result.record.model_dump_json() if result.record is not None else "")
    return found


def test_records_are_the_same_in_any_order_and_with_any_number_of_workers() -> None:
    paths = fill(60)
    expected = texts(scan(paths, workers=1))
    assert len(expected) == 62
    shuffled = random.Random(1).sample(paths, len(paths))
    assert texts(scan(shuffled, workers=1)) == expected
    assert texts(scan(shuffled, workers=2)) == expected
    assert texts(scan(paths, workers=1)) == expected
    del expected["r/missing.png"]
    by_one = list(scan(["r"], workers=1))
    by_two = list(scan(["r"], workers=2))
    assert [result.path for result in by_one] == [result.path for result in by_two]
    assert texts(iter(by_one)) == texts(iter(by_two)) == expected


@needs_shared
def test_records_of_real_files_are_the_same_with_any_number_of_workers() -> None:
    folder = str(SHARED / "samples")
    assert texts(scan([folder], hash=False, workers=2)) == texts(scan([folder], hash=False, workers=1))


@posix
def test_unreadable_files_and_folders_are_failures_and_the_rest_goes_on(tmp_path: Path) -> None:
    script = """
import os, sys
from extractor.scanning.scan import scan
list(scan([sys.argv[2]], hash=False, workers=1))  # all modules are loaded while it may
os.chdir(sys.argv[1])
if os.getuid() == 0:
    os.setuid(65534)
for result in scan(["r"], hash=False, workers=1):
    print(result.path, repr(result.error) if result.error else result.record.meta.prompt)
"""
    put(a_png=IMAGE, b_png=IMAGE, c_dat=IMAGE)
    os.makedirs("r/d")
    for path in ("r/b.png", "r/c.dat", "r/d"):
        os.chmod(path, 0)
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(folder.stat().st_mode | 0o055)
    try:
        process = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path), "r/a.png"], capture_output=True, text=True, check=True
        )
    finally:
        os.chmod("r/d", 0o755)
    assert process.stdout.splitlines() == [
        "r/a.png a cat",
        "r/b.png FileAccessError(13, 'Permission denied')",
        "r/c.dat FileAccessError(13, 'Permission denied')",
        "r/d FileAccessError(13, 'Permission denied')",
    ]


@posix
def test_names_that_are_not_utf8() -> None:
    put(a_png=IMAGE)
    os.rename("r/a.png", b"r/\xff\n\x1b[31m.png")
    Path("r/\udcff\n\x1b[31m.txt").write_bytes(b"x")
    for workers in (1, 2):
        (result, _) = scan(["r"], hash=False, workers=workers)
        assert os.fsencode(result.path) == b"r/\xff\n\x1b[31m.png"
        assert result.record is not None and result.record.url is not None
        assert result.record.url.endswith("/r/%FF%0A%1B%5B31m.png")
        assert '"foreign":[["�' in result.record.model_dump_json(by_alias=True)


@posix
@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_ends_a_scan_within_a_second(tmp_path: Path) -> None:
    put(**{f"{number}_png": IMAGE for number in range(50)})
    script = """
import itertools
from extractor.scanning.scan import scan
for number, result in enumerate(scan(itertools.repeat("r"), workers=2)):
    if number == 20:
        print("reading", flush=True)
"""
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"reading\n"
        start = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait() == -signal.SIGINT
        assert time.monotonic() - start < 1


def test_one_path_is_one_path(tmp_path: Path) -> None:
    put(a_png=IMAGE, b_png=IMAGE)
    for given in ("r", Path("r"), ["r"], ("r",)):
        assert [result.path for result in scan(given, hash=False)] == ["r/a.png", "r/b.png"]
    assert [result.path for result in scan("r", hash=False, include="a*")] == ["r/a.png"]
    assert [result.path for result in scan("r", hash=False, exclude="a*")] == ["r/b.png"]
    for wrong in (5, b"r", None):
        with pytest.raises(TypeError, match="paths must be"):
            scan(wrong)  # type: ignore[arg-type]


def test_memory_that_runs_out_costs_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    put(a_png=IMAGE, b_png=IMAGE, c_png=IMAGE)
    real = scan_module.extract_opened

    def reading(file: Any, *arguments: Any, **named: Any) -> ImageRecord:
        if file.path == "r/b.png":
            raise MemoryError
        return real(file, *arguments, **named)

    monkeypatch.setattr(scan_module, "extract_opened", reading)
    monkeypatch.setattr(process.sys, "executable", "")
    for workers in (1, 2, None):
        for hash in (False, True):
            results = list(scan("r", hash=hash, workers=workers))
            assert [result.record is not None for result in results] == [True, False, True]
            assert isinstance(results[1].error, WorkerDiedError)


def heic() -> bytes:
    """Enough of one for its decoder to be asked."""
    stream = io.BytesIO()
    Image.new("RGB", (80, 80)).save(stream, "AVIF", speed=10)
    return stream.getvalue().replace(b"avif", b"heic")


@posix
@pytest.mark.parametrize("workers", ["1", "2", None])
@pytest.mark.parametrize("command", ["scan", "sidecar"])
def test_a_decoder_that_crashes_costs_one_file(tmp_path: Path, workers: str | None, command: str) -> None:
    """A plugin of Pillow's that ends the process stands in for one that does so by a fault."""
    put(a_png=IMAGE, b_heic=heic(), c_png=IMAGE)
    plugin = tmp_path / "pillow_heif"
    plugin.mkdir()
    (plugin / "__init__.py").write_text("import os\nos.kill(os.getpid(), 9)\n")
    options = ["--workers", workers] if workers else []
    ran = subprocess.run(
        [sys.executable, "-m", "extractor", command, "r", "-q", *options],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])},
    )
    assert ran.returncode == 1
    if command == "scan":
        rows = [json.loads(line) for line in ran.stdout.splitlines()]
        assert [row["path"] for row in rows] == ["r/a.png", "r/b.heic", "r/c.png"]
        assert rows[1]["error"] == {
            "type": "WorkerDiedError",
            "message": "the process that read it ended: signal 9",
        }
        assert all(len(rows[place]["hash"]) == 36 for place in (0, 2))
    else:
        assert sorted(os.listdir("r")) == ["a.png", "a.png.json", "b.heic", "c.png", "c.png.json"]


def test_thumbnails_are_made_of_the_pixels_that_are_decoded(tmp_path: Path) -> None:
    target = io.BytesIO()
    Image.new("RGB", (300, 200), "red").save(target, "PNG")
    (tmp_path / "a.png").write_bytes(target.getvalue())
    (tmp_path / "b.txt").write_bytes(b"no picture")
    plain = [*scan([tmp_path], workers=1)]
    with_thumbnails = [*scan([tmp_path], workers=1, thumbnails=100)]
    assert [result.record for result in with_thumbnails] == [result.record for result in plain]
    assert [result.thumbnail is not None for result in with_thumbnails] == [True, False]
    with Image.open(io.BytesIO(with_thumbnails[0].thumbnail or b"")) as small:
        assert (small.format, small.size) == ("WEBP", (100, 67))
    assert [result.thumbnail for result in plain] == [None, None]
    assert [result.thumbnail for result in scan([tmp_path], hash=False, thumbnails=100)] == [None, None]
