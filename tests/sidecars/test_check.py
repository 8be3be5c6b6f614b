"""What tells that a sidecar is up to date: the quick look at it and the thorough one agree about every content."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractor.scanning import scan as scanning
from extractor.sidecars import file as sidecarfile
from extractor.sidecars import place as sidecarplace
from extractor.sidecars.write import write_sidecars
from tests.support import INFOTEXT, png, text_chunk

IMAGE = "r/a.png"
SIDECAR = "r/a.png.json"
posix = pytest.mark.skipif(os.name == "nt", reason="symbolic links")


def make() -> bytes:
    """An image and its sidecar, which is up to date; the sidecar's content."""
    os.mkdir("r")
    Path(IMAGE).write_bytes(png(text_chunk("parameters", INFOTEXT)))
    os.utime(IMAGE, ns=(1, 1_700_000_000_000_000_000))
    assert status() == "written"
    return Path(SIDECAR).read_bytes()


def status(path: str = "r", **options: Any) -> str:
    found = write_sidecars([path], hash=False, fsync=False, workers=1, **options)
    return next(str(result.status) for result in found if result.path == IMAGE)


def thorough(monkeypatch: pytest.MonkeyPatch, path: str = "r", **options: Any) -> str:
    """As `status`, without the quick look."""
    with monkeypatch.context() as patched:
        patched.setattr(sidecarplace, "usual_record", lambda path: None)
        return status(path, **options)


@pytest.fixture
def sidecar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    monkeypatch.chdir(tmp_path)
    return make()


def edited(content: bytes, change: Callable[[dict[str, Any]], object], **style: Any) -> bytes:
    record = json.loads(content)
    change(record)
    return json.dumps(record, **({"indent": 2} | style)).encode()


def tail(content: bytes) -> bytes:
    """The stamp and what closes it."""
    return content[content.index(b'\n    "stamp": ') :]


OLD = {"size": 1, "mtimeNs": 1, "extractor": "0", "options": {}}

CASES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "as written": (lambda it: it, "unchanged"),
    "other style": (lambda it: edited(it, lambda record: None, indent=None, sort_keys=True), "unchanged"),
    "other order": (lambda it: edited(it, lambda record: record.update(url=record.pop("url"))), "unchanged"),
    "edited prompt": (lambda it: edited(it, lambda record: record["meta"].update(prompt="dog")), "unchanged"),
    "blanks around": (lambda it: b"\n\t " + it + b" \r\n", "unchanged"),
    "no line end": (lambda it: it.rstrip(), "unchanged"),
    "key twice, last holds": (lambda it: it.replace(b"{", b'{"extraction": 1,', 1), "unchanged"),
    "key twice, last is none of ours": (lambda it: it.rstrip()[:-1] + b', "extraction": 1}', "conflict"),
    "key twice, last is old": (
        lambda it: it.rstrip()[:-1] + b', "extraction": {"stamp": ' + json.dumps(OLD).encode() + b"}}",
        "would-write",
    ),
    "old stamp": (lambda it: edited(it, lambda record: record["extraction"].update(stamp=OLD)), "would-write"),
    "old stamp, this one in a prompt": (
        lambda it: edited(
            it, lambda record: (record["extraction"].update(stamp=OLD), record["meta"].update(prompt=tail(it).decode()))
        ),
        "would-write",
    ),
    "old stamp, this one at the end of another object": (
        lambda it: (
            edited(it, lambda record: record["extraction"].update(stamp=OLD)).rstrip()[:-1]
            + b',\n  "more": {'
            + tail(it)
        ),
        "would-write",
    ),
    "stamp with more": (
        lambda it: edited(it, lambda record: record["extraction"]["stamp"].update(foreign=[])),
        "would-write",
    ),
    "stamp under another key": (lambda it: it.replace(b'"extraction"', b'"extracted"'), "conflict"),
    "stamp one level up": (lambda it: edited(it, lambda record: record.update(record.pop("extraction"))), "conflict"),
    "in a list": (lambda it: b"[" + it + b"]", "conflict"),
    "end alone": (tail, "conflict"),
    "another text before the end": (lambda it: b"{" * 20 + tail(it), "conflict"),
    "broken string": (lambda it: it.replace(b'"prompt": "', b'"prompt": ""', 1), "conflict"),
    "line end in a string": (lambda it: it.replace(b"a cat", b"a\ncat", 1), "conflict"),
    "not UTF-8": (lambda it: it.replace(b"a cat", b"a c\xe4t", 1), "conflict"),
    "byte order mark": (lambda it: b"\xef\xbb\xbf" + it, "conflict"),
    "something behind": (lambda it: it + b"x", "conflict"),
    "twice": (lambda it: it + it, "conflict"),
    "zeros behind": (lambda it: it + b"\0" * 9, "conflict"),
    "cut off": (lambda it: it[:-3], "would-write"),
    "cut off in a string": (lambda it: it[: it.index(b"a cat") + 2], "would-write"),
    "cut off in a character": (
        lambda it: (part := it.replace(b"a cat", "a \u732b".encode()))[: part.index(b"\xe7\x8c") + 2],
        "would-write",
    ),
    "cut off, then zeros": (lambda it: it[:100] + bytes(300), "would-write"),
    "cut off in its first line": (lambda it: it[:7], "would-write"),
    "empty": (lambda it: b"", "would-write"),
    "zeros": (lambda it: bytes(len(it)), "would-write"),
    "another's, cut off": (lambda it: b'{"id": 5, "prompt": "x', "conflict"),
    "another's that begins as ours": (lambda it: b'{\n  "id": 5,\n  "url": "x"\n}', "conflict"),
    "null": (lambda it: b"null", "conflict"),
    "long": (lambda it: edited(it, lambda record: record["meta"].update(prompt="x" * 70_000)), "unchanged"),
    "long and old": (
        lambda it: edited(
            it, lambda record: (record["extraction"].update(stamp=OLD), record["meta"].update(prompt="x" * 70_000))
        ),
        "would-write",
    ),
    "blanks up to the length that is read at once": (lambda it: it.ljust(64 * 1024), "unchanged"),
    "something behind that length": (lambda it: it.ljust(64 * 1024) + b"x", "conflict"),
}


@pytest.mark.parametrize(("change", "expected"), CASES.values(), ids=CASES)
def test_the_verdict_on_a_content(
    change: Callable[[bytes], bytes], expected: str, sidecar: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = change(sidecar)
    Path(SIDECAR).write_bytes(content)
    os.makedirs("out/r")
    Path("out", SIDECAR).write_bytes(content)
    for place in ({}, {"out_dir": "out"}):
        assert status(dry_run=True, **place) == expected
        assert thorough(monkeypatch, dry_run=True, **place) == expected
    assert status(IMAGE, dry_run=True) == expected
    assert Path(SIDECAR).read_bytes() == content


def test_no_image_is_opened_for_a_long_sidecar_either(sidecar: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    Path(SIDECAR).write_bytes(sidecar + b" " * 100_000)

    def refuse(*_: object) -> None:
        raise AssertionError("an image was opened")

    monkeypatch.setattr(scanning, "opened", refuse)
    assert status() == "unchanged"


PIECES = (
    b'"',
    b"\\",
    b"\n",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b" ",
    b"0",
    b"\xff",
    b"null",
    b'"extraction": {"stamp"',
)


@settings(
    max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_the_quick_look_and_the_thorough_one_agree(
    data: st.DataObject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.chdir(tmp_path)
        content = bytearray(make() if not os.path.isdir("r") else Path("kept").read_bytes())
        if not os.path.exists("kept"):
            Path("kept").write_bytes(content)
        for _ in range(data.draw(st.integers(0, 3))):
            start = data.draw(st.integers(0, len(content)))
            end = start + data.draw(st.integers(0, 12) | st.integers(0, len(content) - start))
            content[start:end] = data.draw(st.sampled_from(PIECES) | st.just(bytes(content[start:end]) * 2))
        Path(SIDECAR).write_bytes(content)
        quick = status(dry_run=True)
        assert thorough(patched, dry_run=True) == quick
        record = sidecarfile.own_record(bytes(content))
        assert (quick == "conflict") is (record is None and not sidecarfile._is_begun(bytes(content)))


@posix
def test_a_link_to_an_up_to_date_sidecar_is_none(sidecar: bytes) -> None:
    os.rename(SIDECAR, "elsewhere.json")
    os.symlink(os.path.abspath("elsewhere.json"), SIDECAR)
    assert status() == "conflict"
    assert status(IMAGE) == "conflict"


def test_a_sidecar_in_a_tree_of_its_own_is_up_to_date_for_its_image_only(sidecar: bytes) -> None:
    assert status(out_dir="out") == "written"
    assert status(out_dir="out") == "unchanged"
    os.makedirs("other/r")
    other = Path("other", IMAGE)
    other.write_bytes(Path(IMAGE).read_bytes())
    os.utime(other, ns=(1, os.stat(IMAGE).st_mtime_ns))
    (result,) = write_sidecars(["other/r"], out_dir="out", hash=False, workers=1)
    assert (result.status, str(result.error)) == ("conflict", f"it is the sidecar of {os.path.abspath(IMAGE)}")
