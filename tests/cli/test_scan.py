from __future__ import annotations

import base64
import csv
import io
import json
import os
import re
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.clidriver import Cli, write
from tests.support import INFOTEXT, ROOT, png, text_chunk

CAT = (
    '{"path":"pics/cat.png","id":1581687537531953,"url":"https://example.org/cat.png","width":1,"height":1,'
    '"createdAt":"2023-11-14T22:13:20.000Z","meta":{"prompt":"a cat","negativePrompt":"dog","seed":1,"steps":20,'
    '"cfgScale":7,"sampler":"Euler a","Size":"512x512"},"extraction":{"generator":"a1111",'
    '"sources":["png:tEXt:parameters"],"fileSize":184,"mimeType":"image/png","stamp":{"size":184,'
    '"mtimeNs":1700000000000000000,"extractor":"0.1.0","options":{"hash":false,"raw":false,"foreignSidecars":true,'
    '"baseUrl":"https://example.org"}}}}'
)
EMPTY = (
    '{"path":"pics/empty.png","id":6359128083844276,"url":"https://example.org/empty.png","width":1,"height":1,'
    '"createdAt":"2023-11-14T22:13:20.000Z","extraction":{"fileSize":69,"mimeType":"image/png","stamp":{"size":69,'
    '"mtimeNs":1700000000000000000,"extractor":"0.1.0","options":{"hash":false,"raw":false,"foreignSidecars":true,'
    '"baseUrl":"https://example.org"}}}}'
)
GONE = '{"path":"gone.png","error":{"type":"FileAccessError","message":"No such file or directory"}}'
HEADERS_ONLY = ("--no-hash", "--base-url", "https://example.org", "--workers", "1")


def without_duration(text: str) -> str:
    start, _, rest = text.partition(" in ")
    return start + rest[rest.index(":") :]


@pytest.mark.parametrize("command", [(), ("scan",)])
def test_paths_alone_are_scanned_as_json_lines(cli: Cli, folder: Path, command: tuple[str, ...]) -> None:
    ran = cli(*command, "pics", "gone.png", *HEADERS_ONLY)
    assert ran.code == 1
    assert ran.out == f"{CAT}\n{EMPTY}\n{GONE}\n"
    assert without_duration(ran.err) == (
        "3 files: 1 with metadata, 1 without, 1 failed, 1 passed over\n"
        "generators: a1111 1\n"
        "failed (1): No such file or directory: gone.png\n"
    )


def test_all_read_is_exit_code_0(cli: Cli, folder: Path) -> None:
    assert cli("pics", *HEADERS_ONLY, "--quiet") == (0, f"{CAT}\n{EMPTY}\n", "")


def test_options_may_come_first(cli: Cli, folder: Path) -> None:
    assert cli("-q", "pics/cat.png", *HEADERS_ONLY) == (0, f"{CAT}\n", "")


def test_json_is_one_array(cli: Cli, folder: Path) -> None:
    assert cli("pics", *HEADERS_ONLY, "-q", "--format", "json").out == f"[\n{CAT},\n{EMPTY}\n]\n"
    assert cli("pics/notes.txt", "-q", "--format", "json", "--only", "with").out == "[]\n"


def test_csv_has_one_line_per_image(cli: Cli, folder: Path) -> None:
    ran = cli("pics", "gone.png", *HEADERS_ONLY, "-q", "--format", "csv")
    assert ran.out == (
        "path,url,id,width,height,hash,createdAt,generator,generatorVersion,prompt,negativePrompt,seed,steps,cfgScale,"
        "sampler,baseSampler,scheduler,denoise,clipSkip,Size,Model,Model hash,VAE,resources,hashes,civitaiResources,"
        "characterPrompts,extra,otherMeta,aiGenerated,sources,warnings,sha256,fileSize,mimeType,errorType,"
        "errorMessage\r\n"
        "pics/cat.png,https://example.org/cat.png,1581687537531953,1,1,,2023-11-14T22:13:20.000Z,a1111,,a cat,dog,1,"
        '20,7,Euler a,Euler a,,,,512x512,,,,,,,,,,,"[""png:tEXt:parameters""]",,,184,image/png,,\r\n'
        "pics/empty.png,https://example.org/empty.png,6359128083844276,1,1,,2023-11-14T22:13:20.000Z,,,,,,,,,,,,,,,,,"
        ",,,,,,,,,,69,image/png,,\r\n"
        "gone.png,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,FileAccessError,No such file or directory\r\n"
    )


def test_a_table_is_as_wide_as_its_content(cli: Cli, folder: Path) -> None:
    ran = cli("pics", "gone.png", *HEADERS_ONLY, "-q", "--format", "table")
    assert ran.out == (
        "file         size  generator  sampler  steps  CFG  seed  prompt\n"
        "pics/\n"
        "  cat.png    1x1   a1111      Euler a     20    7     1  a cat\n"
        "  empty.png  1x1\n"
        "./\n"
        "gone.png     No such file or directory\n"
    )


def test_a_terminal_gets_a_table(cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    ran = cli("pics/cat.png", "gone.png", "--no-hash", "-q", terminal=True)
    assert ran.out == (
        "\x1b[1mfile       size  generator  sampler  steps  CFG  seed  prompt\x1b[0m\n"
        "\x1b[36mpics/\x1b[0m\n"
        "  cat.png  1x1   a1111      Euler a     20    7     1  a cat\n"
        "\x1b[36m./\x1b[0m\n"
        "\x1b[31mgone.png   No such file or directory\x1b[0m\n"
    )
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in cli("pics/cat.png", "gone.png", "--no-hash", "-q", terminal=True).out


@pytest.mark.parametrize(
    ("options", "environment", "colored"),
    [
        ((), {}, False),
        ((), {"FORCE_COLOR": "1"}, True),
        ((), {"CLICOLOR_FORCE": "1"}, True),
        ((), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ((), {"FORCE_COLOR": "0"}, False),
        (("--color", "always"), {"NO_COLOR": "1"}, True),
        (("--color=never",), {"FORCE_COLOR": "1"}, False),
    ],
)
@pytest.mark.parametrize("front", [True, False])
def test_who_decides_on_colors(
    cli: Cli,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    environment: dict[str, str],
    colored: bool,
    front: bool,
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    arguments = ("pics", "--no-hash", "-q", "--format", "jsonl")
    ran = cli(*options, *arguments) if front else cli(*arguments, *options)
    assert (ran.code, "\x1b" in ran.out) == (0, colored)
    assert [json.loads(re.sub(r"\x1b\[\d+m", "", line))["path"] for line in ran.out.splitlines()] == [
        "pics/cat.png",
        "pics/empty.png",
    ]


def test_one_file_alone_shows_its_details_on_a_terminal(
    cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    for argument in ("pics/cat.png", "'pics/cat.png' "):
        assert cli(argument, terminal=True) == cli("show", "pics/cat.png", terminal=True)
    assert cli("gone.png", terminal=True) == (1, "", "Error: gone.png: No such file or directory\n")
    assert cli("pics/cat.png", "--format", "table", "-q", terminal=True).out.startswith("file ")
    assert cli("pics", "-q", terminal=True).out.startswith("file ")


def test_a_table_decodes_no_pixels_but_where_texts_may_hide(
    cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from extractor.extraction import reading

    decoded = []
    read_pixels = reading._read_pixels
    monkeypatch.setattr(
        reading, "_read_pixels", lambda *arguments: (decoded.append(arguments[1].container), read_pixels(*arguments))[1]
    )
    write("pics/hidden.png", (ROOT / "sample_images/a1111-stealth-alpha.png").read_bytes())
    write("pics/seen.png", (ROOT / "sample_images/a1111-stealth-rgb.png").read_bytes())
    ran = cli("pics", "-q", "--format", "table", "--workers", "1")
    assert [line.split()[:3] for line in ran.out.splitlines()[2:]] == [
        ["cat.png", "1x1", "a1111"],
        ["empty.png", "1x1"],
        ["hidden.png", "64x96", "a1111"],
        ["seen.png", "64x96"],
    ]
    assert decoded == ["png"]
    for options in (["--fields", "seed"], ["--fields", "path,generator,Model hash", "--sort", "seed"]):
        assert cli("pics", "-q", "--workers", "1", *options).code == 0
    assert decoded == ["png"] * 3
    assert len(cli("pics", "-q", "--fields", "hash").out.split()) == 4
    assert '"sha256": null' not in cli("pics", "-q", "--fields", "seed,sha256").out
    ran = cli("pics", "-q", "--format", "table", "--sort", "-hash", "--limit", "1")
    assert ran.out.splitlines()[2].split()[0] == "cat.png"
    decoded[1:] = []
    assert cli("pics", "-q", "--format", "table", "--workers", "1", "--no-hash").out.splitlines()[4].split() == [
        "hidden.png",
        "64x96",
    ]
    assert decoded == ["png"]


def test_names_and_prompts_do_not_steer_the_terminal(cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    text = "a \x1b[31m[red]cat\nSteps: 20, Sampler: \x9b2J, Seed: 1"
    write("\x1b]0;x\x07\n.png", png(text_chunk("parameters", text)))
    write("caf\udce9\u202e.png", png())
    for arguments in ((), ("--format", "csv"), ("--format", "jsonl"), ("--format", "json")):
        ran = cli(".", "gone\x1b", "--no-hash", *arguments, terminal=True)
        printed = ran.out + ran.err
        assert printed.isprintable() or set(filter(lambda char: not char.isprintable(), printed)) == {"\n"}
    assert cli("\x1b]0;x\x07\n.png", "--no-hash", "-q", "--format", "table").out.splitlines()[1] == (
        r"\u001b]0;x\u0007\u000a.png  1x1   a1111      \u009b2J     20     1  a \u001b[31m[red]cat"
    )


def test_a_path_that_is_not_utf8_is_still_json(cli: Cli, folder: Path) -> None:
    write("caf\udce9.png", png())
    row = json.loads(cli("caf\udce9.png", "gone\udce9.png", "--no-hash", "-q").out.splitlines()[0])
    assert (row["path"], row["pathBytes"]) == ("caf\ufffd.png", "Y2Fm6S5wbmc=")
    assert os.fsencode("caf\udce9.png") == base64.b64decode(row["pathBytes"])
    out = cli("caf\udce9.png", "gone\udce9.png", "--no-hash", "-q").out
    assert "\\ud" not in out
    assert json.loads(out.splitlines()[1])["pathBytes"] == "Z29uZekucG5n"


@pytest.mark.parametrize(
    ("only", "paths"),
    [("with", ["pics/cat.png"]), ("without", ["pics/empty.png"]), (None, ["pics/cat.png", "pics/empty.png", "gone"])],
)
def test_only(cli: Cli, folder: Path, only: str | None, paths: list[str]) -> None:
    ran = cli("pics", "gone", "--no-hash", "-q", *(["--only", only] if only else []))
    assert [json.loads(line)["path"] for line in ran.out.splitlines()] == paths
    assert ran.code == 1


def test_errors_go_to_a_file_too(cli: Cli, folder: Path) -> None:
    ran = cli("gone.png", "pics", *HEADERS_ONLY, "-q", "--errors", "errors.jsonl")
    assert ran == (1, f"{GONE}\n{CAT}\n{EMPTY}\n", "")
    assert Path("errors.jsonl").read_text() == f"{GONE}\n"


@pytest.mark.parametrize(
    ("options", "listed"),
    [(("-",), b"pics/cat.png\n'pics/empty.png'\n"), (("-", "-0"), b"pics/cat.png\0pics/empty.png\0")],
)
def test_paths_from_standard_input(cli: Cli, folder: Path, options: tuple[str, ...], listed: bytes) -> None:
    assert cli("--files-from", *options, *HEADERS_ONLY, "-q", stdin=listed).out == f"{CAT}\n{EMPTY}\n"


def test_paths_from_a_file_follow_the_named_ones(cli: Cli, folder: Path) -> None:
    Path("list").write_text("pics/cat.png\n\n")
    assert cli("gone.png", "--files-from", "list", *HEADERS_ONLY, "-q").out == f"{GONE}\n{CAT}\n"


@pytest.mark.parametrize("argument", ["'pics/cat.png' ", "pics/c\\at.png", "file://{folder}/pics/cat.png"])
def test_arguments_as_a_terminal_hands_them_over(cli: Cli, folder: Path, argument: str) -> None:
    ran = cli(argument.format(folder=folder), "--no-hash", "-q")
    assert (ran.code, json.loads(ran.out)["meta"]["prompt"]) == (0, "a cat")


def test_a_folder_named_like_a_command_needs_a_dot(cli: Cli, folder: Path) -> None:
    Path("pics").rename("show")
    assert cli("./show", "--no-hash", "-q").code == 0
    assert cli("show", "-q").code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("scan",),
        ("-q",),
        ("scan", "-q"),
        ("pics", "--no-such-option"),
        ("pics", "--only", "some"),
        ("pics", "-o", "rows.txt"),
        ("pics", "--format", "parquet"),
        ("pics", "--format", "sqlite"),
        ("pics", "--prune"),
        ("pics", "-o", "rows.csv", "--prune"),
        ("pics", "--workers", "0"),
        ("--files-from", "no-such-list"),
    ],
)
def test_wrong_usage_is_exit_code_2(cli: Cli, folder: Path, arguments: tuple[str, ...]) -> None:
    ran = cli(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert "Usage: extractor" in ran.err
    assert sorted(os.listdir()) == ["pics"]


def test_no_argument_is_the_help(cli: Cli) -> None:
    assert cli().err == cli("--help").out


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rows.jsonl", f"{CAT}\n{EMPTY}\n"),
        ("rows.ndjson", f"{CAT}\n{EMPTY}\n"),
        ("rows.JSON", f"[\n{CAT},\n{EMPTY}\n]\n"),
    ],
)
def test_output_goes_to_a_file_by_its_extension(cli: Cli, folder: Path, name: str, content: str) -> None:
    Path(name).write_text("old")
    assert cli("pics", *HEADERS_ONLY, "-q", "-o", name) == (0, "", "")
    assert Path(name).read_text() == content
    assert sorted(os.listdir()) == ["pics", name]


def test_the_format_beats_the_extension(cli: Cli, folder: Path) -> None:
    assert cli("pics", "--no-hash", "-q", "-o", "rows.json", "--format", "csv").code == 0
    assert next(csv.reader(io.StringIO(Path("rows.json").read_text())))[:2] == ["path", "url"]
    assert cli("pics/empty.png", "--no-hash", "-q", "-o", "rows.txt", "--format", "table").code == 0
    assert Path("rows.txt").read_text().splitlines()[1:] == ["pics/", "  empty.png  1x1"]
    assert cli("pics/cat.png", *HEADERS_ONLY, "-q", "-o", "-").out == f"{CAT}\n"


@pytest.mark.parametrize("name", ["no/such/folder/rows.csv", "pics.csv"])
def test_an_output_that_cannot_be_written(cli: Cli, folder: Path, name: str) -> None:
    Path("pics.csv").mkdir()
    ran = cli("pics", "--no-hash", "-q", "-o", name)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith(f"Error: {name}: ")
    assert len(ran.err.splitlines()) == 1


def test_a_catalog_reads_only_what_is_new_or_changed(cli: Cli, folder: Path) -> None:
    scan = ("pics", "--no-hash", "-o", "catalog.db")
    assert without_duration(cli(*scan).err).startswith("2 files: 1 with metadata, 1 without, 0 failed")
    assert without_duration(cli(*scan).err).startswith("2 files: 0 with metadata, 0 without, 2 unchanged, 0 failed")
    write("pics/empty.png", png(text_chunk("parameters", INFOTEXT.replace("cat", "cow"))))
    write("pics/new.png", png())
    assert without_duration(cli(*scan).err).startswith("3 files: 1 with metadata, 1 without, 1 unchanged, 0 failed")
    os.remove("pics/cat.png")
    assert cli(*scan, "--prune").err.splitlines()[-1] == "1 taken out of the catalog, as they are gone"
    with sqlite3.connect("catalog.db") as catalog:
        rows = catalog.execute("SELECT path, prompt FROM images ORDER BY path").fetchall()
    catalog.close()
    assert rows == [(str(folder / "pics/empty.png"), "a cow"), (str(folder / "pics/new.png"), None)]


def test_a_database_of_another_program_is_left_alone(cli: Cli, folder: Path) -> None:
    with sqlite3.connect("other.db") as other:
        other.execute("CREATE TABLE images (id)")
    other.close()
    before = Path("other.db").read_bytes()
    ran = cli("pics", "-o", "other.db")
    assert ran == (1, "", "Error: other.db: not a catalog of this program; it is left alone\n")
    assert Path("other.db").read_bytes() == before


def test_a_scan_of_an_emptied_folder_leaves_the_catalog(cli: Cli, folder: Path) -> None:
    Path("new").mkdir()
    Path("new/a.png").write_bytes(png())
    assert cli("new", "-o", "all.db", "-q").code == 0
    Path("new/a.png").unlink()
    ran = cli("new", "-o", "all.db", "-q", "--prune")
    assert ran.code == 1
    assert "the folder is empty, to which 1 records belong; --force-prune does it all the same" in ran.err
    assert cli("stats", "all.db").out.startswith("1 image,")
    assert cli("new", "-o", "all.db", "--force-prune").err.endswith("1 taken out of the catalog, as they are gone\n")
    assert cli("stats", "all.db").out.startswith("0 images,")


def test_a_path_that_was_asked_for_is_whole_where_there_is_room(
    cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"pics/{'long' * 20}.png"
    shutil.copy("pics/cat.png", path)
    for columns, shown in ((150, True), (60, False)):
        monkeypatch.setenv("COLUMNS", str(columns))
        out = cli("pics", "--fields", "path,seed,prompt", "--format", "table", "-q").out
        assert (path in out) is shown
        assert max(map(len, out.splitlines())) <= columns


@pytest.mark.parametrize("command", [["pics"], ["search", "cat", "pics"]])
@pytest.mark.parametrize("fields", ["", " , "])
def test_no_field_is_wrong_usage(cli: Cli, folder: Path, command: list[str], fields: str) -> None:
    ran = cli(*command, "--fields", fields)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.endswith("Error: --fields names no field\n")
