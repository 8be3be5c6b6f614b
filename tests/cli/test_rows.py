"""Which rows a scan gives, in which order, and with which fields."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.clidriver import Cli, write
from tests.support import INFOTEXT, ROOT, png, text_chunk


@pytest.fixture
def pictures(folder: Path) -> Path:
    """Four pictures: seeds 1, none, 30 and 2^64 - 1."""
    for name, seed, model in (("bird", "30", "real"), ("dog", str(2**64 - 1), "Anime")):
        text = INFOTEXT.replace("cat", name).replace("Seed: 1", f"Seed: {seed}") + f", Model: {model}, Version: v1.9"
        write(f"pics/{name}.png", png(text_chunk("parameters", text)))
    return folder


def names(out: str) -> list[str]:
    return [json.loads(line)["path"][5:-4] for line in out.splitlines()]


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        (["--sort", "seed"], ["cat", "bird", "dog", "empty"]),
        (["--sort", "-seed"], ["dog", "bird", "cat", "empty"]),
        (["--sort", "Model"], ["dog", "bird", "cat", "empty"]),
        (["--sort", "-prompt"], ["dog", "cat", "bird", "empty"]),
        (["--sort", "path"], ["bird", "cat", "dog", "empty"]),
        (["--sort", "-seed", "--limit", "2"], ["dog", "bird"]),
        (["--sort", "meta.Version", "--limit", "3"], ["bird", "dog", "cat"]),
        (["--limit", "2"], ["bird", "cat"]),
        (["--limit", "0"], []),
        (["--only", "with", "--limit", "2", "--sort", "-path"], ["dog", "cat"]),
    ],
)
def test_order_and_number(cli: Cli, pictures: Path, options: list[str], wanted: list[str]) -> None:
    ran = cli("pics", "--no-hash", "-q", *options)
    assert (ran.code, names(ran.out)) == (0, wanted)


def test_a_limit_ends_the_scan(cli: Cli, pictures: Path) -> None:
    ran = cli("pics", "--no-hash", "--limit", "1", "--workers", "1")
    assert ran.err.startswith("1 file in ")


def test_only_ai_is_what_is_marked_and_nothing_else(cli: Cli, pictures: Path) -> None:
    write("pics/marked.png", (ROOT / "sample_images/c2pa-openai.png").read_bytes())
    assert names(cli("pics", "--no-hash", "-q", "--only", "ai").out) == ["marked"]
    assert names(cli("pics", "--no-hash", "-q", "--only", "without").out) == ["empty"]
    assert names(cli("pics", "--no-hash", "-q", "--only", "with").out) == ["bird", "cat", "dog"]
    ran = cli("pics", "--no-hash", "--only", "ai")
    assert ran.err.partition(": ")[2] == (
        "3 with metadata, 1 ai-marked, 1 without, 0 failed, 1 passed over\ngenerators: a1111 3\nai-marked: openai 1\n"
    )


@pytest.mark.parametrize(
    ("fields", "out"),
    [
        ("seed", "30\n1\n18446744073709551615\n\n"),
        ("prompt", "a bird\na cat\na dog\n\n"),
        ("meta.Version", "v1.9\n\nv1.9\n\n"),
        ("extraction.sources", '["png:tEXt:parameters"]\n' * 3 + "\n"),
        ("meta.resources", '[{"name": "real", "type": "model"}]\n\n[{"name": "Anime", "type": "model"}]\n\n'),
    ],
)
def test_one_field_is_printed_bare(cli: Cli, pictures: Path, fields: str, out: str) -> None:
    assert cli("pics", "--no-hash", "-q", "--fields", fields) == (0, out, "")
    assert cli("pics", "--no-hash", "-q", "--fields", fields, terminal=True) == (0, out, "")


def test_one_field_of_one_file(cli: Cli, pictures: Path) -> None:
    assert cli("pics/cat.png", "--fields", "seed", "-q", terminal=True) == (0, "1\n", "")
    ran = cli("gone.png", "--fields", "seed", "-q")
    assert (ran.code, ran.out) == (1, "")


def test_fields_as_json_lines(cli: Cli, pictures: Path) -> None:
    ran = cli("pics", "gone.png", "--no-hash", "-q", "--fields", "path,seed,meta.Version", "--only", "with")
    assert [json.loads(line) for line in ran.out.splitlines()] == [
        {"path": "pics/bird.png", "seed": 30, "meta.Version": "v1.9"},
        {"path": "pics/cat.png", "seed": 1, "meta.Version": None},
        {"path": "pics/dog.png", "seed": 2**64 - 1, "meta.Version": "v1.9"},
    ]
    assert '"seed": 1' in cli("pics/cat.png", "-q", "--fields", "seed", "--format", "jsonl").out


def test_fields_as_csv(cli: Cli, pictures: Path) -> None:
    ran = cli("pics", "gone.png", "--no-hash", "-q", "--fields", "path, seed ,meta.Version", "--format", "csv")
    assert list(csv.reader(io.StringIO(ran.out))) == [
        ["path", "seed", "meta.Version"],
        ["pics/bird.png", "30", "v1.9"],
        ["pics/cat.png", "1", ""],
        ["pics/dog.png", str(2**64 - 1), "v1.9"],
        ["pics/empty.png", "", ""],
    ]
    assert cli("pics", "--no-hash", "-q", "--fields", "seed", "-o", "rows.csv").code == 0
    assert Path("rows.csv").read_bytes() == b'seed\r\n30\r\n1\r\n18446744073709551615\r\n""\r\n'


def test_fields_as_a_table(cli: Cli, pictures: Path) -> None:
    assert cli("pics", "--no-hash", "-q", "--fields", "path,seed", "--only", "with", "--format", "table").out == (
        "path                           seed\n"
        "pics/bird.png                    30\n"
        "pics/cat.png                      1\n"
        "pics/dog.png   18446744073709551615\n"
    )


def test_excel(cli: Cli, pictures: Path) -> None:
    ran = cli("pics", "--no-hash", "-q", "--fields", "seed", "--format", "csv", "--excel")
    assert ran.out == '\ufeffseed\r\n30\r\n1\r\n\'18446744073709551615\r\n""\r\n'
    assert cli("pics", "--no-hash", "-q", "--excel", "-o", "rows.csv").code == 0
    assert Path("rows.csv").read_bytes().startswith(b"\xef\xbb\xbfpath,url,")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--fields", "sede"], "there is no field sede; did you mean seed"),
        (["--fields", "model"], "there is no field model; did you mean Model"),
        (["--fields", "zzz"], "there is no field zzz; a key of the tool is meta.zzz"),
        (["--sort", "-sede"], "there is no field sede; did you mean seed"),
        (["--fields", "seed,prompt", "-o", "rows.parquet"], "--fields is for table, jsonl, csv, not for parquet"),
        (["--fields", "seed", "-o", "rows.json"], "--fields is for table, jsonl, csv, not for json"),
        (["--excel"], "--excel is for CSV: --format csv or -o FILE.csv"),
        (["--limit", "-1"], "-1 is not in the range x>=0."),
    ],
)
def test_options_that_cannot_be(cli: Cli, pictures: Path, options: list[str], message: str) -> None:
    ran = cli("pics", "-q", *options)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err


def test_an_image_on_standard_input(cli: Cli, pictures: Path) -> None:
    data = Path("pics/cat.png").read_bytes()
    for command in ([], ["scan"]):
        ran = cli(*command, "pics/bird.png", "-", "gone.png", "--no-hash", "-q", stdin=data)
        rows = [json.loads(line) for line in ran.out.splitlines()]
        assert [row["path"] for row in rows] == ["pics/bird.png", "-", "gone.png"]
        assert (rows[1]["meta"]["prompt"], rows[1]["url"][:11]) == ("a cat", "urn:sha256:")
    ran = cli("-", "-q", stdin=b"junk")
    assert (ran.code, json.loads(ran.out)["error"]["type"]) == (1, "UnsupportedFormatError")
