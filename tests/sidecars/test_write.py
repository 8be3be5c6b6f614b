from __future__ import annotations

import errno
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from extractor.errors import FileAccessError, OutputError, SidecarConflictError
from extractor.extraction.extract import extract
from extractor.files import atomic
from extractor.record import ImageRecord
from extractor.scanning import process
from extractor.scanning import scan as scanning
from extractor.sidecars.write import SidecarResult, read_sidecar, sidecar_path, write_sidecars
from tests.support import INFOTEXT, png, text_chunk

IMAGE = png(text_chunk("parameters", INFOTEXT))
PLAIN = png()
posix = pytest.mark.skipif(os.name == "nt", reason="POSIX permissions and signals")


_FORCED = "; --force-prune does it all the same"


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def put(path: str, data: bytes = IMAGE) -> Path:
    """A file with a modification time of its own."""
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    os.utime(file, ns=(1, sum(map(ord, path)) * 10**9))
    return file


def run(*paths: str, **options: object) -> list[SidecarResult]:
    options = {"hash": False, "fsync": False, "workers": 1} | options
    return list(write_sidecars(paths, **options))  # type: ignore[arg-type]


def statuses(*paths: str, **options: object) -> dict[str, str]:
    return {result.path: str(result.status) for result in run(*paths, **options)}


def tree(folder: str = ".") -> list[str]:
    return sorted(str(path) for path in Path(folder).rglob("*") if not path.is_dir())


@pytest.fixture
def no_image_is_opened(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    def start() -> None:
        def refuse(*_: object) -> None:
            raise AssertionError("an image was opened")

        monkeypatch.setattr(scanning, "opened", refuse)

    return start


def test_a_sidecar_is_the_record_word_for_word() -> None:
    put("r/a.png")
    (result,) = run("r", hash=True, base_url="https://x.test")
    assert (result.path, result.status, result.sidecar) == ("r/a.png", "written", "r/a.png.json")
    text = Path("r/a.png.json").read_text(encoding="utf-8")
    digest = extract(IMAGE).extraction
    assert digest is not None and digest.sha256 is not None
    assert result.record is not None
    assert text == (
        f"""{{
  "id": {result.record.id},
  "url": "https://x.test/a.png",
  "hash": "{result.record.hash}",
  "width": 1,
  "height": 1,
  "createdAt": "1970-01-01T00:10:29.000Z",
  "meta": {{
    "prompt": "a cat",
    "negativePrompt": "dog",
    "seed": 1,
    "steps": 20,
    "cfgScale": 7,
    "sampler": "Euler a",
    "Size": "512x512"
  }},
  "extraction": {{
    "generator": "a1111",
    "sources": [
      "png:tEXt:parameters"
    ],
    "sha256": "{digest.sha256}",
    "fileSize": {len(IMAGE)},
    "mimeType": "image/png",
    "stamp": {{
      "size": {len(IMAGE)},
      "mtimeNs": 629000000000,
      "extractor": "0.1.0",
      "hashRevision": 1,
      "options": {{
        "hash": "bilinear",
        "raw": false,
        "foreignSidecars": true,
        "baseUrl": "https://x.test"
      }}
    }}
  }}
}}
"""
    )
    assert ImageRecord.model_validate_json(text) == result.record == read_sidecar("r/a.png.json")


@pytest.mark.parametrize("workers", [1, 2])
def test_each_image_gets_one_and_nothing_else_does(workers: int) -> None:
    put("r/a.png")
    put("r/b.png", PLAIN)
    put("r/c.png", b"no image")
    put("r/d.txt", b"text")
    put("r/e", IMAGE)
    put("r/sub/f.jpg")
    assert statuses("r", "none.png", workers=workers) == {
        "r/a.png": "written",
        "r/b.png": "written",
        "r/c.png": "failed",
        "r/d.txt": "passed-over",
        "r/e": "written",
        "r/sub/f.jpg": "written",
        "none.png": "failed",
    }
    assert [name for name in tree("r") if name.endswith(".json")] == [
        "r/a.png.json",
        "r/b.png.json",
        "r/e.json",
        "r/sub/f.jpg.json",
    ]


def test_the_second_time_no_image_is_opened(no_image_is_opened: Callable[[], None]) -> None:
    for name in ("r/a.png", "r/b.png", "r/e", "r/ü\n.png", "named.png"):
        put(name)
    put("r/b.txt", INFOTEXT.encode())
    first = statuses("r", "named.png")
    before = {name: os.stat(name).st_mtime_ns for name in tree()}
    no_image_is_opened()
    put_aside = Path("r/b.txt").rename("b.txt")  # a text is looked into each time: it might be an image
    os.rename(put_aside, "r/b.txt")
    second = statuses("r", "named.png", exclude=["b.txt"])
    assert set(first.values()) == {"written", "passed-over"}
    assert second == {
        "r/a.png": "unchanged",
        "r/a.png.json": "passed-over",
        "r/b.png": "unchanged",
        "r/b.png.json": "passed-over",
        "r/e": "unchanged",
        "r/e.json": "passed-over",
        "r/ü\n.png": "unchanged",
        "r/ü\n.png.json": "passed-over",
        "named.png": "unchanged",
    }
    assert {name: os.stat(name).st_mtime_ns for name in tree()} == before


def test_a_sidecar_written_in_another_style_is_up_to_date_too(no_image_is_opened: Callable[[], None]) -> None:
    put("r/a.png")
    run("r")
    text = json.dumps(json.loads(Path("r/a.png.json").read_bytes()), sort_keys=True)
    Path("r/a.png.json").write_text(text)
    no_image_is_opened()
    assert statuses("r")["r/a.png"] == "unchanged"
    assert Path("r/a.png.json").read_text() == text


CHANGES: dict[str, Callable[[], dict[str, object]]] = {
    "size": lambda: put("r/a.png", IMAGE + b"x") and {},
    "mtime": lambda: os.utime("r/a.png", ns=(1, 5)) or {},
    "hash": lambda: {"hash": True},
    "raw": lambda: {"raw": True},
    "stealth": lambda: {"stealth": False},
    "base_url": lambda: {"base_url": "https://y.test"},
    "limits": lambda: {"limits": scanning.Limits(chunks=5)},
    "foreign option": lambda: {"foreign_sidecars": False},
    "foreign new": lambda: put("r/a.txt") and {},
    "foreign changed": lambda: put("r/a.swarm.json", b"{ }") and {},
    "foreign gone": lambda: os.unlink("r/a.swarm.json") or {},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_makes_a_sidecar_out_of_date(change: Callable[[], dict[str, object]]) -> None:
    put("r/a.png")
    put("r/a.swarm.json", b"{}")
    run("r")
    assert statuses("r")["r/a.png"] == "unchanged"
    options = change()
    assert statuses("r", **options)["r/a.png"] == "written"
    assert statuses("r", **options)["r/a.png"] == "unchanged"


def test_another_version_makes_it_out_of_date(monkeypatch: pytest.MonkeyPatch) -> None:
    put("r/a.png")
    run("r")
    monkeypatch.setattr("extractor.extraction.stamp.__version__", "0.2.0")
    assert statuses("r")["r/a.png"] == "written"
    assert '"extractor": "0.2.0"' in Path("r/a.png.json").read_text()


FOREIGN = [
    b"text",
    b"{}",
    b"[1]",
    b'{"extraction": 1}',
    b'{"extraction": {}}',
    b'{"extraction": {"stamp": 1}}',
    b'{"prompt": "x"',
    b"[" * 100_000,
    b'"\\ud800"',
    b"\xff\xfe",
    b"1" * 5000,
]


@pytest.mark.parametrize("content", FOREIGN, ids=range(len(FOREIGN)))
def test_other_files_in_the_place_are_left_alone_unless_forced(content: bytes) -> None:
    put("r/a.png")
    put("r/a.png.json", content)
    (result, _) = run("r")
    assert (result.status, result.record) == ("conflict", None)
    assert isinstance(result.error, SidecarConflictError)
    assert str(result.error) == "another program's file stands in the sidecar's place"
    assert Path("r/a.png.json").read_bytes() == content
    assert statuses("r", force=True)["r/a.png"] == "written"
    assert statuses("r", force=True)["r/a.png"] == "unchanged"


def test_no_image_no_conflict() -> None:
    put("r/a.txt", b"text")
    put("r/a.txt.json", b"{}")
    put("r/b.png", b"no image")
    put("r/b.png.json", b"{}")
    assert statuses("r", force=True) == {
        "r/a.txt": "passed-over",
        "r/a.txt.json": "passed-over",
        "r/b.png": "failed",
        "r/b.png.json": "passed-over",
    }
    assert Path("r/a.txt.json").read_bytes() == Path("r/b.png.json").read_bytes() == b"{}"


def test_a_sidecar_stays_when_its_image_cannot_be_read_any_more() -> None:
    put("r/a.png")
    run("r")
    old = Path("r/a.png.json").read_bytes()
    put("r/a.png", b"no image")
    assert statuses("r", prune=True)["r/a.png"] == "failed"
    assert Path("r/a.png.json").read_bytes() == old


@posix
def test_a_sidecar_is_never_written_through_a_symlink() -> None:
    put("r/a.png")
    victim = put("victim", b"victim")
    os.symlink("../victim", "r/a.png.json")
    (result, _) = run("r")
    assert result.status == "conflict"
    assert str(result.error) == "a folder, a link or a device stands in the sidecar's place"
    assert statuses("r/a.png") == {"r/a.png": "conflict"}
    assert statuses("r", force=True)["r/a.png"] == "written"
    assert victim.read_bytes() == b"victim"
    assert not Path("r/a.png.json").is_symlink()


def test_a_folder_in_the_place_is_a_conflict_that_force_does_not_end() -> None:
    put("r/a.png")
    os.mkdir("r/a.png.json")
    assert statuses("r")["r/a.png"] == "conflict"
    assert statuses("r", force=True)["r/a.png"] == "failed"


def test_an_image_whose_name_leaves_no_room_fails() -> None:
    name = "a" * 249 + ".png"
    put(f"r/{name}")
    (result,) = run("r")
    assert (result.status, result.path) == ("failed", f"r/{name}")
    assert isinstance(result.error, (OutputError, FileAccessError)) and result.error.errno == errno.ENAMETOOLONG


def test_names_that_could_be_taken_for_sidecars() -> None:
    put("r/a")
    put("r/a.png")
    put("r/a.png.json")
    put("r/a.png.png")
    first = statuses("r")
    assert first == {
        "r/a": "written",
        "r/a.png": "conflict",
        "r/a.png.json": "passed-over",
        "r/a.png.png": "written",
    }
    second = statuses("r")
    assert second["r/a"] == second["r/a.png.png"] == "unchanged"
    assert Path("r/a.png.json").read_bytes() == IMAGE


def test_own_sidecars_are_nobodys_sources() -> None:
    put("r/a.png")
    run("r")
    put("r/a.png.png", PLAIN)
    run("r")
    assert read_sidecar("r/a.png.png.json").meta is None
    assert statuses("r")["r/a.png.png"] == "unchanged"


def test_a_dry_run_tells_and_changes_nothing() -> None:
    put("r/new.png")
    put("r/done.png")
    run("r/done.png")
    put("r/bad.png", b"no image")
    put("r/text.txt", b"text")
    put("r/taken.png")
    put("r/taken.png.json", b"{}")
    put("r/gone.png")
    run("r/gone.png")
    os.unlink("r/gone.png")
    leftover = put(f"r/.extractor-{atomic._host()}-4000000-0123456789abcdef.tmp", b"x")
    before = {name: Path(name).read_bytes() for name in tree()}
    found = statuses("r", dry_run=True, prune=True)
    assert {path: status for path, status in found.items() if status != "passed-over"} == {
        "r/gone.png": "would-prune",
        "r/bad.png": "failed",
        "r/done.png": "unchanged",
        "r/new.png": "would-write",
        "r/taken.png": "conflict",
    }
    assert {name: Path(name).read_bytes() for name in tree()} == before
    assert leftover.exists()


def test_prune_removes_own_sidecars_without_an_image_and_nothing_else() -> None:
    for name in ("r/gone.png", "r/moved", "r/kept.png", "r/.hidden.png", "r/out.gif", "other/gone.png"):
        put(name)
    run("r", "other", hidden=True)
    for name in ("r/gone.png", "r/moved", "r/.hidden.png", "r/out.gif", "other/gone.png"):
        os.unlink(name)
    put("r/foreign.png.json", b"{}")
    put("r/text.json", b"text")
    saved = put("r/saved.json", extract("r/kept.png").model_dump_json(by_alias=True).encode())
    assert statuses("r", prune=False)["r/gone.png.json"] == "passed-over"
    found = run("r", prune=True, exclude=["*.gif"])
    pruned = [(result.path, result.sidecar) for result in found if result.status == "pruned"]
    assert pruned == [("r/gone.png", "r/gone.png.json"), ("r/moved", "r/moved.json")]
    assert saved.exists()
    assert tree() == [
        "other/gone.png.json",
        "r/.hidden.png.json",
        "r/foreign.png.json",
        "r/kept.png",
        "r/kept.png.json",
        "r/out.gif.json",
        "r/saved.json",
        "r/text.json",
    ]


@posix
def test_prune_leaves_links_and_sidecars_of_links_that_lead_nowhere() -> None:
    put("r/a.png")
    put("b.png")
    os.symlink("../b.png", "r/b.png")
    run("r", "b.png")
    os.symlink("a.png.json", "r/link.png.json")
    os.unlink("b.png")
    os.symlink("../b.png.json", "r/c.png.json")
    assert "pruned" not in statuses("r", prune=True).values()


def test_nothing_is_pruned_from_a_folder_that_could_not_be_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    put("r/a.png")
    run("r")
    scandir = os.scandir

    class Half:
        def __init__(self, path: str) -> None:
            self._entries = scandir(path)

        def __enter__(self) -> Half:
            return self

        def __exit__(self, *_: object) -> None:
            self._entries.close()

        def __iter__(self) -> Half:
            return self

        def __next__(self) -> os.DirEntry[str]:
            entry = next(self._entries)
            if entry.name == "a.png":
                raise OSError(errno.EIO, "Input/output error")
            return entry

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", Half)
        found = statuses("r", prune=True)
    assert found["r"] == "failed"
    assert "pruned" not in found.values()
    assert Path("r/a.png.json").exists()


def test_another_folder_for_sidecars(no_image_is_opened: Callable[[], None]) -> None:
    put("x/r/a.png")
    put("x/r/sub/deep/b.png")
    put("c.png")
    assert set(statuses("x/r", "c.png", out_dir="out/put").values()) == {"written"}
    assert tree("out") == ["out/put/c.png.json", "out/put/r/a.png.json", "out/put/r/sub/deep/b.png.json"]
    assert tree("x") == ["x/r/a.png", "x/r/sub/deep/b.png"]
    no_image_is_opened()
    assert set(statuses("x/r/", "./c.png", out_dir="out/put").values()) == {"unchanged"}
    os.chdir("x/r/sub")
    assert set(statuses("..", out_dir="../../../out/put").values()) == {"unchanged"}


def test_two_images_for_one_sidecar_are_a_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    put("x/r/a.png")
    put("y/r/a.png")
    put("y/r/b.png")
    put("x/c.png")
    put("y/c.png")
    expected = {
        "x/r/a.png": "written",
        "y/r/a.png": "conflict",
        "y/r/b.png": "written",
        "x/c.png": "written",
        "y/c.png": "conflict",
    }
    paths = ("x/r", "y/r", "x/c.png", "y/c.png")
    results = run(*paths, out_dir="out")
    assert {result.path: str(result.status) for result in results} == expected
    assert str(results[1].error) == "it is also the sidecar of x/r/a.png"
    again = {path: "unchanged" if status == "written" else status for path, status in expected.items()}
    assert statuses(*paths, out_dir="out", force=True) == again


def test_two_images_for_one_sidecar_in_two_runs_are_a_conflict() -> None:
    put("x/r/a.png")
    run("x/r", out_dir="out")
    old = Path("out/r/a.png.json").read_bytes()
    put("y/r/a.png")
    os.utime("y/r/a.png", ns=(1, os.stat("x/r/a.png").st_mtime_ns))
    (result,) = run("y/r", out_dir="out")
    assert (result.status, str(result.error)) == ("conflict", f"it is the sidecar of {os.path.abspath('x/r/a.png')}")
    assert Path("out/r/a.png.json").read_bytes() == old
    os.unlink("x/r/a.png")
    assert statuses("y/r", out_dir="out") == {"y/r/a.png": "written"}


def test_prune_in_another_folder() -> None:
    for name in ("x/r/a.png", "x/r/sub/b.png", "x/r/sub/c.png", "y/r/d.png"):
        put(name)
    run("x/r", "y/r", out_dir="out")
    os.unlink("x/r/a.png")
    os.unlink("x/r/sub/b.png")
    put("out/r/e.png.json", b"{}")
    found = run("x/r", out_dir="out", prune=True)
    assert [(result.path, str(result.status), result.sidecar) for result in found] == [
        ("x/r/a.png", "pruned", "out/r/a.png.json"),
        ("x/r/sub/b.png", "pruned", "out/r/sub/b.png.json"),
        ("x/r/sub/c.png", "unchanged", "out/r/sub/c.png.json"),
    ]
    assert tree("out") == ["out/r/d.png.json", "out/r/e.png.json", "out/r/sub/c.png.json"]


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444])
def test_permissions_are_the_images(mode: int) -> None:
    put("r/a.png").chmod(mode)
    run("r", out_dir=None)
    assert stat.S_IMODE(os.stat("r/a.png.json").st_mode) == mode


@pytest.mark.parametrize("function", ["open", "fsync", "replace"])
def test_a_failure_to_write_costs_that_sidecar_and_leaves_the_old_one(
    monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    put("r/a.png")
    run("r")
    old = Path("r/a.png.json").read_bytes()
    put("r/a.png", IMAGE + b"x")
    put("r/b.png")
    real = getattr(os, function)
    failures = 0

    def failing(*arguments: object, **named: object) -> object:
        nonlocal failures
        is_writing = function != "open" or ".extractor-" in str(arguments[0])
        if is_writing and not failures:
            failures += 1
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(os, function, failing)
        results = run("r", fsync=True)
    assert [(result.path, result.status) for result in results if result.status != "passed-over"] == [
        ("r/a.png", "failed"),
        ("r/b.png", "written"),
    ]
    assert isinstance(results[0].error, OutputError) and str(results[0].error) == "No space left on device"
    assert Path("r/a.png.json").read_bytes() == old
    assert tree() == ["r/a.png", "r/a.png.json", "r/b.png", "r/b.png.json"]


KILLED = """
import os, signal, sys
from extractor.files import atomic
from extractor.sidecars.write import write_sidecars
function, moment = sys.argv[1:]
real = getattr(os, function)
def dying(*arguments, **named):
    if function == "open" and ".extractor-" not in str(arguments[0]):
        return real(*arguments, **named)
    if moment == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    real(*arguments, **named)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(atomic.os, function, dying)
list(write_sidecars(["r"], hash=False, workers=1))
"""


@posix
@pytest.mark.parametrize(
    ("function", "moment"),
    [("open", "after"), ("fchmod", "after"), ("fsync", "after"), ("replace", "before"), ("replace", "after")],
)
def test_killed_at_any_step_a_sidecar_is_whole_or_absent(function: str, moment: str) -> None:
    put("r/a.png")
    process = subprocess.run([sys.executable, "-c", KILLED, function, moment], check=False)
    assert process.returncode == -signal.SIGKILL
    was_written = (function, moment) == ("replace", "after")
    assert os.path.exists("r/a.png.json") == was_written
    assert len(os.listdir("r")) == 2
    assert statuses("r")["r/a.png"] == ("unchanged" if was_written else "written")
    assert sorted(os.listdir("r")) == ["a.png", "a.png.json"]
    assert read_sidecar("r/a.png.json").meta is not None


def test_a_killed_run_is_cleaned_up_after_by_a_run_on_one_file() -> None:
    put("r/a.png")
    put(f"r/.extractor-{atomic._host()}-4000000-0123456789abcdef.tmp", b"x")
    put(f"out/.extractor-{atomic._host()}-4000000-0123456789abcdef.tmp", b"x")
    run("r/a.png")
    run("r/a.png", out_dir="out")
    assert tree() == ["out/a.png.json", "r/a.png", "r/a.png.json"]


UNPRIVILEGED = """
import os, sys
from extractor.sidecars.write import write_sidecars
list(write_sidecars(["warm"], hash=False, workers=1))  # all modules are loaded while it may
os.chmod("r", 0o555)
if os.getuid() == 0:
    os.setuid(65534)
for result in write_sidecars(["r"], hash=False, workers=1):
    print(result.path, result.status, repr(result.error))
"""


@posix
def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    put("warm/a.png")
    put("r/a.png")
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(folder.stat().st_mode | 0o055)
    process = subprocess.run([sys.executable, "-c", UNPRIVILEGED], capture_output=True, text=True, check=True)
    os.chmod("r", 0o755)
    assert process.stdout == "r/a.png failed OutputError(13, 'Permission denied')\n"
    assert tree("r") == ["r/a.png"]


FULL = """
import resource
from extractor.sidecars.write import write_sidecars
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
for result in write_sidecars(["r"], hash=False, raw=True, workers=1):
    print(result.path, result.status, result.error)
"""


@posix
def test_a_full_disk_costs_the_sidecars_that_do_not_fit() -> None:
    put("r/a.png", png(text_chunk("parameters", "x" * 3000 + INFOTEXT)))
    put("r/b.png", PLAIN)
    process = subprocess.run([sys.executable, "-c", FULL], capture_output=True, text=True, check=True)
    assert process.stdout == "r/a.png failed File too large\nr/b.png written None\n"
    assert tree() == ["r/a.png", "r/b.png", "r/b.png.json"]


def test_what_was_written_before_an_end_stays() -> None:
    for number in range(9):
        put(f"r/{number}.png")
    results = write_sidecars(["r"], hash=False, fsync=False, workers=1)
    next(results)
    next(results)
    results.close()
    assert [name for name in tree() if name.endswith(".json")] == ["r/0.png.json", "r/1.png.json"]


def test_sidecars_are_the_same_with_any_number_of_workers() -> None:
    for number in range(80):
        put(f"r/{number}.png", png(text_chunk("parameters", f"{INFOTEXT}, Extra: {number}")))
    run("r")
    alone = {name: Path(name).read_bytes() for name in tree()}
    for name in tree():
        if name.endswith(".json"):
            os.unlink(name)
    results = run("r", workers=2)
    assert {result.status for result in results} == {"written"}
    assert {name: Path(name).read_bytes() for name in tree()} == alone
    records = [result.record for result in results]
    assert records == [read_sidecar(sidecar_path(result.path)) for result in results]


def test_reading_sidecars() -> None:
    put("a.json", b"{}")
    with pytest.raises(SidecarConflictError):
        read_sidecar("a.json")
    with pytest.raises(FileAccessError):
        read_sidecar("none.json")
    with pytest.raises(FileAccessError):
        read_sidecar(".")
    assert sidecar_path("x/a.png") == "x/a.png.json"


@pytest.mark.parametrize("left", [b"", bytes(500), b'{\n  "id": 61', b'{\n  "id": 5,\n  "url": "file:///'])
def test_what_a_cut_off_write_left_is_written_again_with_a_warning(left: bytes) -> None:
    put("r/a.png")
    Path("r/a.png.json").write_bytes(left)
    assert next((str(result.status), result.warning) for result in run("r", dry_run=True)) == (
        "would-write",
        "the sidecar was cut off while it was written",
    )
    with pytest.raises(SidecarConflictError):
        read_sidecar("r/a.png.json")
    (result, _) = run("r")
    assert (str(result.status), result.warning) == ("written", "the sidecar was cut off while it was written")
    assert read_sidecar("r/a.png.json") == result.record
    assert next((str(result.status), result.warning) for result in run("r")) == ("unchanged", None)


ADDED = {
    "username": "someone",
    "nsfw": True,
    "nsfwLevel": "Soft",
    "postId": 12,
    "stats": {"likeCount": 3, "mine": 10**30},
    "rating": 5.5,
    "tags": ["a", {"b": None}],
}


def test_what_a_person_added_at_the_top_level_is_kept() -> None:
    put("r/a.png")
    run("r")
    path = Path("r/a.png.json")
    record = json.loads(path.read_text())
    path.write_text(json.dumps({"rating": 5.5} | record | ADDED | {"width": 99, "meta": {"prompt": "mine"}}))
    assert statuses("r")["r/a.png"] == "unchanged"
    os.utime("r/a.png", ns=(1, 5))
    (result, _) = run("r")
    written = json.loads(path.read_text())
    assert {key: written[key] for key in ADDED} == ADDED
    assert (written["width"], written["meta"]) == (1, record["meta"])
    assert list(written)[:2] == ["id", "url"] and list(written)[-2:] == ["rating", "tags"]
    assert read_sidecar(path) == result.record
    put("r/a.png", PLAIN)
    run("r", force=True, hash=True)
    written = json.loads(path.read_text())
    assert {key: written[key] for key in ADDED} == ADDED
    assert "meta" not in written


def test_a_moved_folder_gets_its_urls_without_its_images_being_opened(no_image_is_opened: Callable[[], None]) -> None:
    put("r/a b.png")
    put("r/sub/c.png")
    run("r")
    kept = json.loads(Path("r/a b.png.json").read_text())
    Path("r/a b.png.json").write_text(json.dumps(kept | {"username": "me"}))
    os.rename("r", "moved")
    no_image_is_opened()
    assert statuses("moved", dry_run=True)["moved/a b.png"] == "would-write"
    found = {result.path: result for result in run("moved") if result.status != "passed-over"}
    assert {path: str(result.status) for path, result in found.items()} == {
        "moved/a b.png": "written",
        "moved/sub/c.png": "written",
    }
    written = json.loads(Path("moved/a b.png.json").read_text())
    url = Path("moved/a b.png").absolute().as_uri()
    assert written == kept | {"username": "me", "url": url, "id": written["id"]}
    assert written["id"] != kept["id"]
    assert statuses("moved")["moved/a b.png"] == "unchanged"
    assert statuses("moved/a b.png")["moved/a b.png"] == "unchanged"


def test_a_moved_image_whose_sidecar_cannot_be_read_any_more_is_read_again() -> None:
    put("r/a.png")
    run("r")
    path = Path("r/a.png.json")
    record = json.loads(path.read_text())
    record["extraction"]["warnings"] = 5
    record["url"] = "elsewhere"
    path.write_text(json.dumps(record))
    with pytest.raises(SidecarConflictError):
        read_sidecar(path)
    assert statuses("r")["r/a.png"] == "written"
    assert read_sidecar(path).url == Path("r/a.png").absolute().as_uri()


def test_a_moved_folder_with_sidecars_elsewhere(no_image_is_opened: Callable[[], None]) -> None:
    put("x/r/a.png")
    run("x/r", out_dir="out")
    os.rename("x", "y")
    no_image_is_opened()
    assert statuses("y/r", out_dir="out") == {"y/r/a.png": "written"}
    assert read_sidecar("out/r/a.png.json").url == Path("y/r/a.png").absolute().as_uri()
    assert statuses("y/r", out_dir="out") == {"y/r/a.png": "unchanged"}


@pytest.mark.parametrize(
    ("gone", "left", "refused"), [(20, 0, False), (21, 0, True), (21, 20, True), (21, 21, False), (60, 70, False)]
)
def test_prune_counts_first(gone: int, left: int, refused: bool) -> None:
    for number in range(gone + left):
        put(f"r/{number % 3}/{number:03}.png")
    run("r")
    for number in range(gone):
        os.unlink(f"r/{number % 3}/{number:03}.png")
    for dry_run in (True, False):
        found = run("r", prune=True, dry_run=dry_run)
        pruned = [result for result in found if result.status in ("pruned", "would-prune")]
        failed = [(result.path, str(result.error)) for result in found if result.status == "failed"]
        if refused:
            message = f"nothing is pruned: the images of {gone} of {gone + left} records are gone{_FORCED}"
            assert (pruned, failed) == ([], [("r", message)])
        else:
            assert (len(pruned), failed) == (gone, [])
    forced = run("r", force_prune=True)
    assert len([result for result in forced if result.status == "pruned"]) == (gone if refused else 0)
    assert len([name for name in tree("r") if name.endswith(".json")]) == left


def test_an_empty_root_is_not_pruned() -> None:
    """As the place is where a disk would be that is not there."""
    put("r/a.png")
    run("r", out_dir="out")
    os.unlink("r/a.png")
    (result,) = run("r", out_dir="out", prune=True)
    assert str(result.error) == "nothing is pruned: the folder is empty, to which 1 records belong" + _FORCED
    assert statuses("r", "gone", out_dir="out", prune=True) == {"r": "failed", "gone": "failed"}
    assert tree("out") == ["out/r/a.png.json"]
    assert statuses("r", out_dir="out", force_prune=True) == {"r/a.png": "pruned"}


@pytest.fixture
def no_pixels_are_decoded(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    def start() -> None:
        def refuse(*_: object, **__: object) -> None:
            raise AssertionError("pixels were decoded")

        monkeypatch.setattr(process.sys, "executable", "")  # all is read in this process
        monkeypatch.setattr("extractor.extraction.reading._read_pixels", refuse)

    return start


def test_a_new_version_decodes_nothing_again_and_writes_what_changed(
    monkeypatch: pytest.MonkeyPatch, no_pixels_are_decoded: Callable[[], None]
) -> None:
    put("r/same.png")
    put("r/new.png")
    put("r/none.png", PLAIN)
    run("r/same.png", "r/new.png", "r/none.png", hash=True)
    before = {name: json.loads(Path(f"r/{name}.png.json").read_text()) for name in ("same", "new", "none")}
    older = before["new"] | {"meta": {"prompt": "as read by an older version"}, "username": "me"}
    Path("r/new.png.json").write_text(json.dumps(older))
    monkeypatch.setattr("extractor.extraction.stamp.__version__", "0.2.0")
    no_pixels_are_decoded()
    assert statuses("r", dry_run=True, hash=True)["r/new.png"] == "would-write"
    assert {status for path, status in statuses("r", hash=True).items() if path.endswith(".png")} == {"written"}
    for name, record in before.items():
        stamp = record["extraction"]["stamp"] | {"extractor": "0.2.0"}
        expected = record | {"extraction": record["extraction"] | {"stamp": stamp}}
        expected |= {"username": "me"} if name == "new" else {}
        assert json.loads(Path(f"r/{name}.png.json").read_text()) == expected
        assert len(expected["hash"]) == 36 and len(expected["extraction"]["sha256"]) == 64
    assert statuses("r", hash=True)["r/new.png"] == "unchanged"


def test_a_hash_satisfies_a_run_without(no_image_is_opened: Callable[[], None]) -> None:
    put("r/a.png")
    run("r", hash=True)
    no_image_is_opened()
    assert statuses("r", hash=False)["r/a.png"] == "unchanged"
    assert statuses("r", hash=True)["r/a.png"] == "unchanged"


def test_another_file_beside_it_leaves_the_hash(no_pixels_are_decoded: Callable[[], None]) -> None:
    put("r/a.png", PLAIN)
    run("r", hash=True)
    before = json.loads(Path("r/a.png.json").read_text())
    put("r/a.txt", INFOTEXT.encode())
    no_pixels_are_decoded()
    assert statuses("r", hash=True)["r/a.png"] == "written"
    after = json.loads(Path("r/a.png.json").read_text())
    assert after["meta"]["prompt"] == "a cat"
    assert [after["hash"], after["extraction"]["sha256"]] == [before["hash"], before["extraction"]["sha256"]]
    assert statuses("r", hash=True)["r/a.png"] == "unchanged"


@pytest.mark.parametrize(
    "change",
    [
        lambda record: record["extraction"]["stamp"].update(hashRevision=0),
        lambda record: record["extraction"]["stamp"]["options"].update(hash="mipmap"),
        lambda record: record["extraction"]["stamp"].update(size=5, extractor="0"),
        lambda record: record["extraction"]["stamp"].update(mtimeNs=5, extractor="0"),
        lambda record: (record.pop("hash"), record["extraction"]["stamp"].update(extractor="0")),
        lambda record: record["extraction"].update(
            sources=["png:stealth-alpha"], stamp=record["extraction"]["stamp"] | {"extractor": "0"}
        ),
        lambda record: record["extraction"].update(stamp=record["extraction"]["stamp"] | {"options": 5}),
    ],
)
def test_pixels_are_decoded_again_where_the_hash_may_be_another(change: Callable[[dict[str, object]], object]) -> None:
    put("r/a.png")
    run("r", hash=True)
    path = Path("r/a.png.json")
    whole = path.read_bytes()
    record = json.loads(whole)
    change(record)
    if "hash" in record:
        record["hash"] = "stale"
    path.write_text(json.dumps(record))
    assert statuses("r", hash=True)["r/a.png"] == "written"
    assert path.read_bytes() == whole


@pytest.mark.parametrize("workers", [1, 2])
def test_records_that_nobody_wants_are_not_handed_over(workers: int) -> None:
    put("r/a.png")
    put("r/b.png", PLAIN)
    results = list(write_sidecars(["r"], workers=workers, records=False))
    assert [result.record for result in results] == [None, None]
    assert [(result.facts.has_metadata, result.facts.generator) for result in results] == [
        (True, "a1111"),
        (False, None),
    ]
    assert read_sidecar("r/a.png.json").meta is not None


@posix
def test_a_name_without_room_for_the_ending_is_told_as_the_sidecars() -> None:
    name = "a" * 247 + ".png"
    put(f"r/{name}")
    (result,) = run("r")
    assert (str(result.status), type(result.error)) == ("failed", OutputError)
    assert str(result.error) == "the sidecar's name (256 bytes) is longer than the system takes"
    assert tree("r") == [f"r/{name}"]
