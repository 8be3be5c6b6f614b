"""All kinds of hashes, against hashlib on slices."""

from __future__ import annotations

import hashlib
import os
import zlib
from contextlib import closing
from pathlib import Path

import pytest

from extractor.files.bytesource import BytesSource, FileSource
from extractor.library import hashing
from extractor.library.hashing import autov1, available_kinds, ends_digest, hash_file
from tests.library.modelfiles import put, safetensors

MIB = 1024 * 1024


def hashed(path: Path, kinds: frozenset[str], data_start: int | None) -> dict[str, str] | None:
    with closing(FileSource(path)) as source:
        return hash_file(source, kinds, data_start=data_start)


@pytest.mark.parametrize("size", [0, 1, 100, 4 * MIB - 30, 4 * MIB, 4 * MIB + 1, 9 * MIB])
def test_every_kind_by_its_definition(tmp_path: Path, size: int) -> None:
    data = safetensors(header=b'{"x":1}  ', data=bytes(range(256)) * (size // 256) + b"r" * (size % 256))
    path = put(tmp_path / "a.safetensors", data)
    found = hashed(path, available_kinds() - {"blake3"}, 17)
    assert found == {
        "sha256": hashlib.sha256(data).hexdigest(),
        "tensors": hashlib.sha256(data[17:]).hexdigest(),
        "crc32": f"{zlib.crc32(data):08x}",
    }


def test_a_header_longer_than_a_block(tmp_path: Path) -> None:
    data = safetensors(header=b"{" + b" " * (9 * MIB) + b"}", data=b"tensors")
    assert hashed(put(tmp_path / "a.safetensors", data), frozenset(("tensors",)), len(data) - 7) == {
        "tensors": hashlib.sha256(b"tensors").hexdigest()
    }


def test_blake3_is_the_packages() -> None:
    assert ("blake3" in available_kinds()) == (__import__("importlib.util").util.find_spec("blake3") is not None)


def test_blake3(tmp_path: Path) -> None:
    blake3 = pytest.importorskip("blake3", reason="the extra 'models' is not installed").blake3
    data = os.urandom(5 * MIB)
    assert hashed(put(tmp_path / "a.pt", data), frozenset(("blake3",)), None) == {"blake3": blake3(data).hexdigest()}


def test_tensors_need_to_know_where_they_begin(tmp_path: Path) -> None:
    assert hashed(put(tmp_path / "a.ckpt", b"PK\3\4"), frozenset(("tensors",)), None) == {}


def test_autov1_is_a_slice() -> None:
    data = os.urandom(MIB + 70_000)
    assert autov1(BytesSource(data)) == hashlib.sha256(data[0x100000:0x110000]).hexdigest()[:8]
    short = data[: MIB + 10]
    assert autov1(BytesSource(short)) == hashlib.sha256(short[0x100000:]).hexdigest()[:8]


@pytest.mark.parametrize("size", [0, 10, MIB])
def test_small_files_have_no_autov1(size: int) -> None:
    """All of them would have the hash of nothing, e3b0c442."""
    assert autov1(BytesSource(bytes(size))) is None


def test_the_ends_tell_files_apart() -> None:
    data = bytearray(os.urandom(200_000))
    digest = ends_digest(BytesSource(bytes(data)))
    data[100_000] ^= 1
    assert ends_digest(BytesSource(bytes(data))) == digest
    for position in (0, 65_535, 134_464, 199_999):
        changed = bytearray(data)
        changed[position] ^= 1
        assert ends_digest(BytesSource(bytes(changed))) != digest


def test_a_file_that_changes_meanwhile_has_no_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path / "a.pt", b"x" * 100)
    with closing(FileSource(path)) as source:
        assert hash_file(source, ["sha256"], progress=lambda _: path.write_bytes(b"y" * 99) and None) is None
    monkeypatch.setattr(hashing, "_BLOCK", 10)
    path.write_bytes(b"x" * 100)
    with closing(FileSource(path)) as source:
        assert hash_file(source, ["sha256"], progress=lambda _: path.write_bytes(b"") and None) is None


def test_progress_counts_every_byte(tmp_path: Path) -> None:
    path = put(tmp_path / "a.pt", b"x" * (9 * MIB + 5))
    counts: list[int] = []
    with closing(FileSource(path)) as source:
        hash_file(source, ["sha256"], progress=counts.append)
    assert sum(counts) == 9 * MIB + 5
    assert len(counts) == 3
