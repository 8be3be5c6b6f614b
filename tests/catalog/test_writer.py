from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from extractor.catalog.shelf import ROW
from extractor.catalog.writer import Catalog
from extractor.errors import CorruptImageError, OutputError
from extractor.extraction.options import Options
from extractor.extraction.stamp import make_stamp
from extractor.scanning.scan import ScanResult, scan
from tests.scanresults import ALL, FAILED, RECORD, found, found_meta
from tests.support import png


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def store(*results: ScanResult) -> None:
    with closing(Catalog("catalog.db")) as catalog:
        for result in results:
            catalog.write(result)


def query(sql: str, *values: Any) -> list[Any]:
    with closing(sqlite3.connect("catalog.db")) as connection:
        return connection.execute(sql, values).fetchall()


def model(path: str, prompt: str, name: str, seed: int, *loras: str) -> ScanResult:
    resources = [{"type": "lora", "name": lora, "weight": 0.5} for lora in loras]
    return found_meta(path, prompt=prompt, Model=name, seed=seed, resources=resources)


def test_tables_of_images_resources_and_failures(folder: Path) -> None:
    store(*ALL)
    columns = "path, url, record_id, width, height, hash, created_at, generator, generator_version, prompt"
    assert query(f"SELECT {columns} FROM images") == [
        (
            str(folder / "pics/a.png"),
            "https://example.org/a.png",
            7,
            512,
            768,
            "U00000",
            "2024-05-01T03:00:00.000Z",
            "a1111",
            "v1.10.1",
            "a cat, <lora:Fine Hair:0.8>",
        )
    ]
    columns = "negative_prompt, seed, steps, cfg_scale, sampler, clip_skip, size, model, model_hash, sha256, mime_type"
    assert query(f"SELECT {columns} FROM images") == [
        ("dog", "18446744073709551615", 20, 7.5, "Euler a", 2, "512x768", "real", "0123456789", "ab" * 32, "image/png")
    ]
    assert query("SELECT type, name, hash, weight FROM resources ORDER BY position") == [
        ("lora", "Fine Hair", None, 0.8),
        ("model", "real", "0123456789", None),
    ]
    assert query("SELECT * FROM failures") == [(str(folder / "pics/b.png"), "UnsupportedFormatError", "not an image")]
    assert json.loads(query("SELECT record FROM images")[0][0]) == RECORD
    assert query("SELECT count(*) FROM texts") == [(0,)]


def test_a_second_run_updates(folder: Path) -> None:
    store(found(), found("pics/other.png"), FAILED)
    store(found_meta(prompt="a cow"), found("pics/b.png"))
    assert query("SELECT id, path, prompt FROM images") == [
        (1, str(folder / "pics/a.png"), "a cow"),
        (2, str(folder / "pics/other.png"), "a cat, <lora:Fine Hair:0.8>"),
        (3, str(folder / "pics/b.png"), "a cat, <lora:Fine Hair:0.8>"),
    ]
    assert query("SELECT image_id, count(*) FROM resources GROUP BY 1") == [(2, 2), (3, 2)]
    assert query("SELECT rowid FROM prompts WHERE prompts MATCH 'cow'") == [(1,)]
    assert query("SELECT rowid FROM prompts WHERE prompts MATCH 'cat'") == [(2,), (3,)]
    assert query("SELECT * FROM failures") == []
    query("INSERT INTO prompts (prompts) VALUES ('integrity-check')")


def test_what_failed_keeps_what_was_known(folder: Path) -> None:
    store(found())
    store(ScanResult("pics/a.png", error=CorruptImageError("cut off")))
    assert query("SELECT seed FROM images") == [("18446744073709551615",)]
    assert query("SELECT type, message FROM failures") == [("CorruptImageError", "cut off")]


def test_the_queries_people_want(folder: Path) -> None:
    store(
        model("1.png", "a cat", "real", 1, "Fine Hair"),
        model("2.png", "a cat", "Real", 2, "fine hair", "Grain"),
        model("3.png", "a dog on a mat", "toon", 3),
    )
    assert query(
        "SELECT path, weight FROM images JOIN resources ON image_id = images.id WHERE type = 'lora' AND name = ?",
        "FINE HAIR",
    ) == [(str(folder / "1.png"), 0.5), (str(folder / "2.png"), 0.5)]
    assert query("SELECT model, count(*) FROM images GROUP BY model ORDER BY 2 DESC") == [("real", 2), ("toon", 1)]
    assert query("SELECT seed FROM images WHERE prompt = ? ORDER BY seed", "a cat") == [(1,), (2,)]
    assert query("SELECT path FROM prompts JOIN images ON id = prompts.rowid WHERE prompts MATCH ?", "dog mat") == [
        (str(folder / "3.png"),)
    ]


def test_raw_texts_have_a_table_of_their_own(folder: Path) -> None:
    raw = [{"source": "png:tEXt:parameters", "text": "a cat"}, {"source": "png:tEXt:Comment", "text": "b\0\ud800"}]
    store(found(extraction={**RECORD["extraction"], "raw": raw}))
    assert query("SELECT source, text FROM texts ORDER BY position") == [
        ("png:tEXt:parameters", "a cat"),
        ("png:tEXt:Comment", "b\0\\ud800"),
    ]
    assert "raw" not in json.loads(query("SELECT record FROM images")[0][0])["extraction"]


@pytest.mark.parametrize(
    ("seed", "stored"),
    [(0, 0), (-1, -1), (2**63 - 1, 2**63 - 1), (2**63, str(2**63)), (10**39, "1" + "0" * 39), ("x", "x")],
)
def test_integers_are_exact(folder: Path, seed: object, stored: object) -> None:
    store(found_meta(seed=seed))
    assert query("SELECT seed FROM images WHERE seed = ?", stored) == [(stored,)]


def test_a_path_that_is_not_utf8_is_its_bytes(folder: Path) -> None:
    store(found("caf\udce9.png"), found("caf\\udce9.png"))
    assert query("SELECT path FROM images ORDER BY id") == [
        (os.fsencode(folder / "caf\udce9.png"),),
        (str(folder / "caf\\udce9.png"),),
    ]


def test_a_stamp_that_agrees_is_known(folder: Path) -> None:
    stamp = {"options": {"hash": True}, "size": 1234, "mtimeNs": 5, "extractor": "0.1.0"}
    extraction = {key: value for key, value in RECORD["extraction"].items() if key != "warnings"}
    kept = ("U00000", "ab" * 32)
    with closing(Catalog("catalog.db")) as catalog:
        assert catalog.known("pics/a.png", stamp) is False
        catalog.write(found(extraction=extraction))
        assert catalog.skip("pics/a.png", stamp) is True
        assert catalog.known(str(folder / "pics/a.png"), stamp) is True
        assert catalog.known("pics/a.png", {**stamp, "options": {"hash": False}}) is True
        assert catalog.known("pics/a.png", {**stamp, "extractor": "0.2.0"}) == kept
        assert catalog.known("pics/a.png", {**stamp, "extractor": "0.2.0", "options": {"hash": False}}) == kept
        assert catalog.known("pics/a.png", {**stamp, "mtimeNs": 6}) is False
        assert catalog.known("pics/a.png", {**stamp, "options": {"hash": True, "raw": True}}) is False
        assert catalog.known("a.png", stamp) is False


@pytest.mark.parametrize("made", [True, "bilinear", "mipmap"])
def test_a_record_with_a_hash_serves_a_run_without_and_not_one_with_another(folder: Path, made: Any) -> None:
    stamps = {hash: make_stamp(1234, 5, Options(hash=hash), []) for hash in (False, True, "bilinear", "mipmap")}
    with closing(Catalog("catalog.db")) as catalog:
        catalog.write(found(extraction={"stamp": stamps[made]}))
        current = {hash for hash, stamp in stamps.items() if catalog.known("pics/a.png", stamp) is True}
    assert current == {False, "mipmap"} if made == "mipmap" else {False, True, "bilinear"}


def test_a_run_without_hash_keeps_the_hash_of_the_very_file(folder: Path) -> None:
    stamp = {"size": 1234, "mtimeNs": 5, "extractor": "0.2.0", "options": {"hash": False}}
    extraction = {"generator": "forge", "stamp": stamp}
    store(found())
    store(found(hash=None, extraction=extraction, meta={"prompt": "read again"}))
    assert query("SELECT hash, sha256, prompt, generator FROM images") == [("U00000", "ab" * 32, "read again", "forge")]
    record = json.loads(query("SELECT record FROM images")[0][0])
    assert (record["hash"], record["extraction"]["sha256"]) == ("U00000", "ab" * 32)
    assert record["extraction"]["stamp"] == stamp
    store(found(hash=None, extraction={"stamp": {**stamp, "mtimeNs": 6}}))
    assert query("SELECT hash, sha256 FROM images") == [(None, None)]


def test_readers_are_not_locked_out_and_see_whole_transactions(folder: Path) -> None:
    store(found("1.png"))
    with closing(Catalog("catalog.db")) as catalog:
        assert query("PRAGMA journal_mode") == [("wal",)]
        catalog.write(found("2.png"))
        assert query("SELECT count(*) FROM images") == [(1,)]
    assert query("SELECT count(*) FROM images") == [(2,)]
    assert os.listdir(folder) == ["catalog.db"]


def test_where_the_file_system_bears_no_wal_the_old_way_serves(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Without(sqlite3.Connection):
        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            if sql.startswith("PRAGMA journal_mode"):
                raise sqlite3.OperationalError("locking protocol")
            return super().execute(sql, *values)

    connect = sqlite3.connect
    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", lambda *given, **named: connect(*given, **named, factory=Without))
        store(found("1.png"))
    assert query("PRAGMA journal_mode") == [("delete",)]
    assert query("SELECT count(*) FROM images") == [(1,)]


def test_a_second_writer_waits_for_the_first(folder: Path) -> None:
    store()
    first = sqlite3.connect("catalog.db", isolation_level=None, check_same_thread=False)
    first.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.3, lambda: first.execute("COMMIT"))
    with closing(Catalog("catalog.db")) as catalog:
        release.start()
        catalog.write(found("2.png"))
    release.join()
    first.close()
    assert query("SELECT path FROM images") == [(str(folder / "2.png"),)]


def test_or_says_plainly_that_another_run_writes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store()
    monkeypatch.setattr("extractor.catalog.opening._PATIENCE", 0.05)
    monkeypatch.setattr("extractor.catalog.writer._BATCH_ROWS", 1)
    with (
        closing(sqlite3.connect("catalog.db", isolation_level=None)) as first,
        closing(Catalog("catalog.db")) as catalog,
    ):
        first.execute("BEGIN IMMEDIATE")
        with pytest.raises(OutputError, match="another run is writing to this catalog; try again when it has ended"):
            catalog.write(found("2.png"))


def test_what_is_passed_over_for_long_keeps_nobody_waiting(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(Catalog("catalog.db")) as catalog:
        catalog.write(found("1.png"))
        monkeypatch.setattr("extractor.catalog.writer._BATCH_SECONDS", -1)
        catalog.known("2.png", {})
        assert query("SELECT count(*) FROM images") == [(1,)]


def test_columns_are_normal_and_the_record_keeps_the_tools_words(folder: Path) -> None:
    meta = {"sampler": "DPM++ 2M Karras", "Schedule type": "Automatic", "Denoising strength": "0.4", "clipSkip": 1.5}
    store(found_meta("a/b.png", **meta))
    assert query("SELECT sampler, base_sampler, scheduler, denoise, clip_skip, folder FROM images") == [
        ("DPM++ 2M Karras", "DPM++ 2M", "karras", 0.4, 1.5, str(folder / "a"))
    ]
    assert json.loads(query("SELECT record FROM images")[0][0])["meta"] == meta


def test_prune_takes_out_only_what_is_gone_below_the_roots(folder: Path) -> None:
    for path in ("pics/here.png", "pics2/gone.png"):
        (folder / path).parent.mkdir(exist_ok=True)
    (folder / "pics/here.png").touch()
    paths = ("pics/here.png", "pics/gone.png", "pics/sub/gone.png", "pics2/gone.png", "away/gone.png")
    with closing(Catalog("catalog.db")) as catalog:
        for path in paths:
            catalog.write(found(path))
        catalog.write(ScanResult("pics/bad.png", error=CorruptImageError("cut off")))
        assert catalog.prune(["pics", "away"]) == 2
        assert catalog.prune(["pics"]) == 0
    assert query("SELECT path FROM images ORDER BY id") == [
        (str(folder / path),) for path in ("pics/here.png", "pics2/gone.png", "away/gone.png")
    ]
    assert query("SELECT count(*) FROM resources") == [(6,)]
    assert query("SELECT count(*) FROM prompts WHERE prompts MATCH 'cat'") == [(3,)]
    assert query("SELECT count(*) FROM failures") == [(0,)]


def test_an_interrupted_row_is_not_there_and_those_before_are(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KeyboardInterrupt), closing(Catalog("catalog.db")) as catalog:
        catalog.write(found("1.png"))
        monkeypatch.setattr("extractor.catalog.stored.RESOURCE_COLUMNS", _Interrupting())
        catalog.write(found("2.png"))
    assert query("SELECT path FROM images") == [(str(folder / "1.png"),)]
    assert query("SELECT count(*) FROM resources") == [(2,)]


class _Interrupting(tuple[str, ...]):
    def __iter__(self) -> Iterator[str]:
        raise KeyboardInterrupt


def test_what_is_interrupted_while_it_is_written_is_written_at_the_end(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(found("1.png"))
    with pytest.raises(KeyboardInterrupt), closing(Catalog("catalog.db")) as catalog:
        catalog.write(found_meta("1.png", prompt="a cow"))
        catalog.write(FAILED)
        with monkeypatch.context() as patch:
            patch.setattr("extractor.catalog.staging._numbered", _interrupted)
            patch.setattr("extractor.catalog.writer._BATCH_ROWS", 3)
            catalog.write(found("2.png"))
    assert query("SELECT id, path, prompt FROM images") == [
        (1, str(folder / "1.png"), "a cow"),
        (2, str(folder / "2.png"), "a cat, <lora:Fine Hair:0.8>"),
    ]
    assert query("SELECT image_id, count(*) FROM resources GROUP BY 1") == [(2, 2)]
    assert query("SELECT count(*) FROM failures") == [(1,)]
    query("INSERT INTO prompts (prompts) VALUES ('integrity-check')")


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def test_what_cannot_be_written_leaves_what_was(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store(found("1.png"))
    with closing(sqlite3.connect("catalog.db")) as other, other:
        other.execute(
            "CREATE TRIGGER full BEFORE INSERT ON resources WHEN new.image_id > 2 "
            "BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
        )
    monkeypatch.setattr("extractor.catalog.writer._BATCH_ROWS", 2)
    with closing(Catalog("catalog.db")) as catalog:
        catalog.write(found("2.png"))
        with pytest.raises(OutputError, match="the disk is full"):
            catalog.write(found("3.png"))
        catalog.write(found("4.png"))
    assert query("SELECT path FROM images") == [(str(folder / "1.png"),), (str(folder / "4.png"),)]
    assert query("SELECT image_id, count(*) FROM resources GROUP BY 1") == [(1, 2), (2, 2)]
    query("INSERT INTO prompts (prompts) VALUES ('integrity-check')")


def test_of_one_path_the_last_result_counts(folder: Path) -> None:
    failed = ScanResult("pics/a.png", error=CorruptImageError("cut off"))
    with closing(Catalog("catalog.db")) as catalog:
        for result in (failed, found_meta(prompt="a cow"), found_meta(prompt="a hen"), FAILED, found("pics/b.png")):
            catalog.write(result)
    assert query("SELECT path, prompt FROM images") == [
        (str(folder / "pics/a.png"), "a hen"),
        (str(folder / "pics/b.png"), "a cat, <lora:Fine Hair:0.8>"),
    ]
    assert query("SELECT count(*) FROM failures") == [(0,)]
    store(found_meta(prompt="a cow"), failed)
    assert query("SELECT prompt FROM images WHERE id = 1") == [("a cow",)]
    assert query("SELECT path FROM failures") == [(str(folder / "pics/a.png"),)]


def test_full_text_is_made_once_for_many_images(folder: Path) -> None:
    """Each image with a part of the index of its own was four times as slow."""
    store(*(found(f"{number}.png") for number in range(100)))
    assert query("SELECT count(DISTINCT segid) FROM prompts_idx") == [(1,)]


@pytest.mark.parametrize(
    ("limit", "value", "written"), [("_BATCH_ROWS", 2, 2), ("_BATCH_SECONDS", -1, 3), ("_BATCH_LENGTH", 1_000, 2)]
)
def test_batches_are_committed_on_the_way(
    folder: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, written: int
) -> None:
    monkeypatch.setattr(f"extractor.catalog.writer.{limit}", value)
    with closing(Catalog("catalog.db")) as catalog:
        for number in range(3):
            catalog.write(found(f"{number}.png"))
        assert query("SELECT count(*) FROM images") == [(written,)]


def test_a_growing_catalog_is_packed_on_the_way(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extractor.catalog.writer._PACK_ROWS", 3)
    monkeypatch.setattr("extractor.catalog.writer._BATCH_ROWS", 1)
    with closing(Catalog("catalog.db")) as catalog:
        for number in range(4):
            catalog.write(found(f"{number}.png"))
        assert query("SELECT length(rows) FROM shelf") == [(3 * ROW.itemsize,)]
        assert query("SELECT chunk FROM stale") == [(0,)]
    assert query("SELECT length(rows), (SELECT count(*) FROM stale) FROM shelf") == [(4 * ROW.itemsize, 0)]


def test_an_interrupted_packing_leaves_the_images(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(connection: sqlite3.Connection) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("extractor.catalog.shelf.refill", interrupted)
    with pytest.raises(KeyboardInterrupt):
        store(found("1.png"))
    assert query("SELECT count(*), (SELECT count(*) FROM stale) FROM images") == [(1, 1)]
    assert os.listdir(folder) == ["catalog.db"]


def _other_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("CREATE TABLE images (id)")


def _newer_catalog(path: Path) -> None:
    Catalog(path).close()
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("PRAGMA user_version = 99")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (_other_database, "not a catalog of this program"),
        (_newer_catalog, "of version 99, and this program knows versions up to 2: update the program"),
        (lambda path: path.write_bytes(b"not a database" * 100), "file is not a database"),
        (lambda path: path.write_bytes(b"x"), "not a catalog of this program"),
        (lambda path: path.mkdir(), "unable to open"),
    ],
)
def test_what_is_not_ours_is_left_alone(folder: Path, make: Any, message: str) -> None:
    path = folder / "catalog.db"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(OutputError, match=message):
        Catalog(path)
    assert (path.read_bytes() if path.is_file() else None) == before
    assert os.listdir(folder) == ["catalog.db"]


def test_an_empty_file_becomes_a_catalog(folder: Path) -> None:
    (folder / "catalog.db").touch()
    store(found())
    assert query("PRAGMA application_id") == [(0x45585452,)]


def test_an_emptied_folder_is_not_pruned_unless_it_is_forced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pics").mkdir()
    Path("few").mkdir()
    names = [f"pics/{number}.png" for number in range(43)] + ["few/a.png"]
    for name in names:
        Path(name).write_bytes(png())
    with closing(Catalog("all.db")) as catalog:
        for result in scan(["pics", "few"], hash=False):
            catalog.write(result)
        for name in names[:22]:
            Path(name).unlink()
        with pytest.raises(OutputError, match="pics: nothing is pruned: the images of 22 of 43 records are gone"):
            catalog.prune(["few", "pics"])
        assert catalog.prune(["few"]) == 0
        Path("few/a.png").unlink()
        with pytest.raises(OutputError, match="few: nothing is pruned: the folder is empty, to which 1 records belong"):
            catalog.prune(["few"])
        assert catalog.prune(["pics", "few"], force=True) == 23
        Path(names[30]).unlink()
        assert catalog.prune(["pics"]) == 1
