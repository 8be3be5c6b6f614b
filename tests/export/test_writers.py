from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from extractor.errors import OutputError
from extractor.export import format_of, open_writer
from tests.scanresults import ALL

WHOLE = {
    "rows.jsonl": b'{"path":"pics/a.png"',
    "rows.json": b'[\n{"path"',
    "rows.csv": b"path,url,",
    "rows.parquet": b"PAR1",
}


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("a.jsonl", "jsonl"),
        ("a.ndjson", "jsonl"),
        ("a.JSON", "json"),
        ("b/a.csv", "csv"),
        ("a.parquet", "parquet"),
        ("a.db", "sqlite"),
        ("a.sqlite", "sqlite"),
        ("a.sqlite3", "sqlite"),
        ("a.txt", None),
        ("csv", None),
        (".csv", None),
    ],
)
def test_the_extension_says_the_format(name: str, format: str | None) -> None:
    assert format_of(name) == format
    assert format_of(Path(name)) == format


@pytest.mark.parametrize("name", WHOLE)
def test_the_file_is_there_when_the_block_has_ended(tmp_path: Path, name: str) -> None:
    target = tmp_path / name
    target.write_text("old")
    with open_writer(target) as writer:
        for result in ALL:
            writer.write(result)
        assert target.read_text() == "old"
    assert target.read_bytes().startswith(WHOLE[name])
    assert os.listdir(tmp_path) == [name]


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, OutputError])
@pytest.mark.parametrize("name", WHOLE)
def test_an_interrupted_export_leaves_the_old_file(tmp_path: Path, name: str, error: type[BaseException]) -> None:
    target = tmp_path / name
    target.write_text("old")
    with pytest.raises(error), open_writer(target) as writer:
        writer.write(ALL[0])
        raise error("stop")
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == [name]


def test_the_format_can_be_given(tmp_path: Path) -> None:
    with open_writer(tmp_path / "rows.txt", "json") as writer:
        writer.write(ALL[1])
    assert (tmp_path / "rows.txt").read_text().startswith("[\n")


@pytest.mark.parametrize(("name", "format"), [("rows.txt", None), ("rows.csv", "xml"), ("rows", None)])
def test_an_unknown_format_is_a_value_error(tmp_path: Path, name: str, format: str | None) -> None:
    with (
        pytest.raises(ValueError, match="one of jsonl, json, csv, parquet, sqlite"),
        open_writer(tmp_path / name, format),
    ):
        pass
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["no/rows.csv", "folder.csv", "no/rows.db", "folder.db"])
def test_what_cannot_be_written_is_an_output_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "folder.db").mkdir()
    with pytest.raises(OutputError), open_writer(tmp_path / name):
        pass
    assert sorted(os.listdir(tmp_path)) == ["folder.csv", "folder.db"]


@pytest.mark.skipif(os.name == "nt", reason="POSIX devices")
def test_a_device_is_written_to_not_replaced(tmp_path: Path) -> None:
    device = tmp_path / "null"
    device.symlink_to(os.devnull)
    with open_writer(device, "csv") as writer:
        writer.write(ALL[0])
    assert device.is_symlink()


def test_parquet_without_pyarrow_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    target = tmp_path / "rows.parquet"
    with pytest.raises(OutputError, match=r"pip install 'ai-image-metadata\[parquet\]'"), open_writer(target):
        pass
    assert os.listdir(tmp_path) == []
