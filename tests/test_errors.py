from __future__ import annotations

import errno
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from extractor import UnsupportedFormatError, copy_metadata, embed, extract, read_sidecar, scan, strip
from extractor.errors import FileAccessError, OutputError, access_error


@pytest.mark.parametrize(
    ("error", "kind", "number", "message"),
    [
        (FileNotFoundError(errno.ENOENT, "No such file"), FileAccessError, errno.ENOENT, "No such file"),
        (OSError(errno.ENOSPC, "No space left"), OutputError, errno.ENOSPC, "No space left"),
        (OSError("no number"), FileAccessError, None, "cannot be read"),
        (OSError(), OutputError, None, "cannot be written"),
        (ValueError("embedded null byte"), FileAccessError, None, "not a usable path: embedded null byte"),
    ],
)
def test_what_the_system_says_becomes_an_error_of_ours(
    error: OSError | ValueError, kind: type[FileAccessError | OutputError], number: int | None, message: str
) -> None:
    told = access_error(error, kind)
    assert type(told) is kind
    assert (told.errno, str(told)) == (number, message)


def test_what_extract_and_read_sidecar_raise_names_the_path(tmp_path: Path) -> None:
    path = tmp_path / "gone.png"
    for read in (extract, read_sidecar):
        for given in (path, str(path)):
            with pytest.raises(FileAccessError) as caught:
                read(given)
            error = caught.value
            assert (error.errno, error.filename) == (errno.ENOENT, str(path))
            assert str(error) == f"No such file or directory: {str(path)!r}"
            assert error.reason == "No such file or directory"
            copy = pickle.loads(pickle.dumps(error))
            assert (type(copy), copy.filename, str(copy)) == (FileAccessError, str(path), str(error))
    with pytest.raises(UnsupportedFormatError) as other:
        extract(b"text")
    assert other.value.reason == str(other.value)


def test_the_result_of_a_scan_has_its_path_already(tmp_path: Path) -> None:
    (result,) = scan(tmp_path / "gone.png")
    assert (str(result.error), result.path) == ("No such file or directory", str(tmp_path / "gone.png"))


@pytest.mark.parametrize(
    ("write", "missing"),
    [
        (lambda: strip("gone.png", "new.png"), "gone.png"),
        (lambda: embed(Path("gone.png"), "a cat", "new.png"), "gone.png"),
        (lambda: copy_metadata("gone.png", b"", "new.png"), "gone.png"),
        (lambda: copy_metadata(b"x", "gone.png", "new.png"), "gone.png"),
    ],
)
def test_what_cannot_be_written_to_is_named(
    write: Callable[[], object], missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileAccessError) as caught:
        write()
    assert (caught.value.filename, str(caught.value)) == (missing, f"No such file or directory: {missing!r}")
