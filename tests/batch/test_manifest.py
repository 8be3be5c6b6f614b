from __future__ import annotations

import os
from pathlib import Path

import pytest

pytest.importorskip("pyarrow")

from extractor.batch.manifest import Count, list_files, part_name, part_numbers
from extractor.errors import BatchError
from extractor.scanning.walk import Filters
from tests.support import png


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pics/deep").mkdir(parents=True)
    for name in ("a.png", "a.png.json", "b.txt", "film.mp4", "noext", "deep/ü c.webp", ".hidden.png"):
        Path("pics", name).write_bytes(png())
        os.utime(Path("pics", name), ns=(0, 1_700_000_000_123_456_789))


def listed(*paths: str, **filters: object) -> tuple[list[str], int]:
    count = Count()
    files = list(list_files(paths, Filters(**filters), count))  # type: ignore[arg-type]
    home = Path.cwd().as_uri() + "/"
    return [file.url.removeprefix(home) for file in files], count.passed_over


def test_what_has_an_images_name() -> None:
    assert listed("pics") == (["pics/a.png", "pics/deep/%C3%BC%20c.webp"], 4)
    (file, _) = list_files(["pics"], Filters(), Count())
    assert (file.size, file.mtime, file.etag) == (len(png()), 1_700_000_000_123_456, None)


def test_what_was_named_or_asked_for_by_a_glob() -> None:
    assert listed("pics/noext", "pics/film.mp4")[0] == ["pics/noext", "pics/film.mp4"]
    assert listed("pics", include=["*.mp4", "no*"]) == (["pics/film.mp4", "pics/noext"], 0)
    assert listed("pics", exclude=["deep"], hidden=True)[0] == ["pics/.hidden.png", "pics/a.png"]


def test_what_cannot_be_read_is_listed() -> None:
    os.symlink("nowhere", "pics/link.png")
    assert listed("pics")[0] == ["pics/a.png", "pics/deep/%C3%BC%20c.webp", "pics/link.png"]


def test_a_missing_path_is_an_error() -> None:
    with pytest.raises(BatchError, match="there is nothing at gone"):
        listed("pics", "gone")


def test_names_of_parts() -> None:
    assert [part_name("rows", number) for number in (0, 99_999, 100_000)] == [
        "rows/part-00000.parquet",
        "rows/part-99999.parquet",
        "rows/part-100000.parquet",
    ]
    names = [
        "part-00007.parquet",
        "part-100000.parquet",
        "part-7.parquet",
        "part-00008.parquet.tmp",
        ".x",
        "part-00a.parquet",
    ]
    assert part_numbers(names) == {7, 100_000}
