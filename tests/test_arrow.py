"""Tables of images to tables of records."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import INFOTEXT, png, text_chunk

pa = pytest.importorskip("pyarrow")

from extractor.arrow import SCHEMA, extract_batch  # noqa: E402
from extractor.export import open_writer  # noqa: E402
from extractor.scanning.scan import scan  # noqa: E402

IMAGE = png(text_chunk("parameters", INFOTEXT))
PLAIN = png()


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cat.png").write_bytes(IMAGE)
    Path("plain.png").write_bytes(PLAIN)
    Path("not.png").write_bytes(b"buy milk")


def rows(columns: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
    made = extract_batch(pa.table(columns), **{"hash": False, **options})
    assert made.schema == SCHEMA
    listed: list[dict[str, Any]] = made.to_pylist()
    return listed


def test_as_many_rows_in_the_same_order_and_errors_are_rows(tmp_path: Path) -> None:
    made = rows({"url": ["not.png", "cat.png", "gone.png", None, "plain.png", "cat.png"]})
    assert [row["path"] for row in made] == ["not.png", "cat.png", "gone.png", "", "plain.png", "cat.png"]
    assert [row["url"] and row["url"].removeprefix(tmp_path.as_uri()) for row in made] == [
        "/not.png",
        "/cat.png",
        "/gone.png",
        None,
        "/plain.png",
        "/cat.png",
    ]
    assert [row["meta"] and row["meta"]["seed"] for row in made] == [None, 1, None, None, None, 1]
    assert [row["error"] for row in made] == [
        {"type": "UnsupportedFormatError", "message": "not an image or video of a known kind", "transient": False},
        None,
        {"type": "FileAccessError", "message": "No such file or directory", "transient": False},
        {"type": "FileAccessError", "message": "neither an address nor bytes", "transient": False},
        None,
        None,
    ]


def test_the_schema_is_that_of_the_parquet_files(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    with open_writer("scan.parquet") as writer:
        for result in scan(["cat.png", "not.png"]):
            writer.write(result)
    written = parquet.read_table("scan.parquet")
    made = extract_batch(pa.table({"url": ["cat.png", "not.png"]}))
    assert written.schema == made.schema == SCHEMA
    expected = written.to_pylist()
    expected[1]["url"] = (tmp_path / "not.png").as_uri()  # a scan's failure has only its path
    assert made.to_pylist() == expected


def test_bytes_are_read_in_place_of_anything_else() -> None:
    moment = datetime(2024, 5, 1, 3, 0, 0, 123456, tzinfo=UTC)
    made = rows(
        {
            "url": ["s3://bucket/a.png", "gone.png", None],
            "bytes": [IMAGE, PLAIN, b"milk"],
            "mtime": pa.array([moment, None, None], pa.timestamp("us", "UTC")),
        }
    )
    assert [row["url"] for row in made] == ["s3://bucket/a.png", "gone.png", None]
    assert (made[0]["createdAt"], made[0]["meta"]["prompt"]) == ("2024-05-01T03:00:00.123Z", "a cat")
    assert made[0]["extraction"]["stamp"]["mtimeNs"] == 1714532400123456000
    assert (made[1]["error"], made[1]["createdAt"]) == (None, None)
    assert made[2]["error"]["type"] == "UnsupportedFormatError"


def test_bytes_alone_are_named_by_their_digest() -> None:
    (row,) = rows({"bytes": [IMAGE]})
    assert row["url"].startswith("urn:sha256:")
    assert row["extraction"]["sha256"] is None


@pytest.mark.parametrize(
    ("unit", "value"), [("s", 1714532400), ("ms", 1714532400000), ("us", 1714532400000000), ("ns", 1714532400000000000)]
)
def test_times_in_every_unit(unit: str, value: int) -> None:
    (row,) = rows({"bytes": [PLAIN], "mtime": pa.array([value], pa.timestamp(unit))})
    assert row["createdAt"] == "2024-05-01T03:00:00.000Z"


@pytest.mark.parametrize("kind", ["string", "large_string", "string_view", pytest.param("dictionary", id="dictionary")])
def test_text_of_every_layout(kind: str) -> None:
    urls = pa.array(["cat.png"])
    urls = urls.dictionary_encode() if kind == "dictionary" else urls.cast(getattr(pa, kind)())
    assert rows({"url": urls})[0]["meta"]["seed"] == 1


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"path": ["cat.png"]}, "needs a column url, or bytes"),
        ({"url": [1]}, "the column url must hold text, not int64"),
        ({"url": ["a"], "mtime": [3]}, "the column mtime must hold timestamps, not int64"),
        ({"url": ["a"], "bytes": ["b"]}, "the column bytes must hold binary, not string"),
    ],
)
def test_a_table_that_does_not_tell_what_to_read(columns: dict[str, Any], says: str) -> None:
    with pytest.raises(TypeError, match=says):
        extract_batch(pa.table(columns))


def test_a_record_batch_no_rows_and_other_columns() -> None:
    batch = pa.RecordBatch.from_pydict({"url": ["cat.png"], "label": [3]})
    assert extract_batch(batch, hash=False).column("path").to_pylist() == ["cat.png"]
    assert extract_batch(pa.table({"url": pa.array([], pa.string())})).num_rows == 0


def test_more_rows_than_become_columns_at_once() -> None:
    urls = [f"{'cat' if number % 7 else 'gone'}.png" for number in range(700)]
    made = rows({"url": urls}, workers=2)
    assert [row["path"] for row in made] == urls
    assert [row["error"] is not None for row in made] == [number % 7 == 0 for number in range(700)]


@given(st.lists(st.sampled_from([IMAGE, PLAIN, b"", b"milk"])))
@settings(max_examples=30, deadline=None)
def test_one_row_for_each(files: list[bytes]) -> None:
    urls = [f"mem://{number}" for number in range(len(files))]
    made = extract_batch(
        pa.table({"url": pa.array(urls, pa.string()), "bytes": pa.array(files, pa.binary())}), hash=False
    )
    assert made.column("url").to_pylist() == urls
    assert [row is None for row in made.column("error").to_pylist()] == [file in (IMAGE, PLAIN) for file in files]


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_file_that_kills_its_process_costs_one_row(tmp_path: Path) -> None:
    """A plugin of Pillow's that ends the process stands in for a decoder that does so by a fault."""
    (tmp_path / "pillow_heif").mkdir()
    (tmp_path / "pillow_heif" / "__init__.py").write_text("import os\nos.kill(os.getpid(), 9)\n")
    from tests.scanning.test_scan import heic

    Path("b.heic").write_bytes(heic())
    code = (
        "import pyarrow; from extractor.arrow import extract_batch;"
        "made = extract_batch(pyarrow.table({'url': ['cat.png', 'b.heic', 'plain.png']}));"
        "print([row['error'] and row['error']['type'] for row in made.to_pylist()])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
    )
    assert ran.stdout == "[None, 'WorkerDiedError', None]\n"


def test_it_says_which_extra_is_missing() -> None:
    code = "import sys; sys.modules['pyarrow'] = None; import extractor.arrow"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "ImportError: extractor.arrow needs pyarrow: pip install 'ai-image-metadata[parquet]'" in ran.stderr
