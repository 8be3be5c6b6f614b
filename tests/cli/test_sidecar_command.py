from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.clidriver import Cli

CONFLICT = "conflict: pics/cat.png: another program's file stands in the sidecar's place\n"


def summary(text: str) -> str:
    start, _, rest = text.splitlines()[-1].partition(" in ")
    return start + rest[rest.index(":") :]


def test_a_record_beside_each_image_once(cli: Cli, folder: Path) -> None:
    ran = cli("sidecar", "pics", "--no-hash")
    assert (ran.code, ran.out) == (0, "")
    assert summary(ran.err) == "2 files: 2 written, 0 unchanged, 0 in conflict, 0 failed, 1 passed over"
    assert json.loads(Path("pics/cat.png.json").read_text())["meta"]["prompt"] == "a cat"
    assert "meta" not in json.loads(Path("pics/empty.png.json").read_text())
    again = cli("sidecar", "pics", "--no-hash")
    assert summary(again.err) == "2 files: 0 written, 2 unchanged, 0 in conflict, 0 failed, 3 passed over"


def test_a_dry_run_writes_nothing(cli: Cli, folder: Path) -> None:
    ran = cli("sidecar", "pics", "--no-hash", "--dry-run")
    assert (ran.code, ran.out) == (0, "would-write: pics/cat.png.json\nwould-write: pics/empty.png.json\n")
    assert summary(ran.err) == "2 files: 2 would be written, 0 unchanged, 0 in conflict, 0 failed, 1 passed over"
    assert sorted(os.listdir("pics")) == ["cat.png", "empty.png", "notes.txt"]


def test_a_conflict_is_left_alone_unless_forced(cli: Cli, folder: Path) -> None:
    Path("pics/cat.png.json").write_text("{}")
    assert cli("sidecar", "pics", "--no-hash", "-q") == (1, "", CONFLICT)
    assert Path("pics/cat.png.json").read_text() == "{}"
    assert cli("sidecar", "pics", "--no-hash", "-q", "--force") == (0, "", "")
    assert json.loads(Path("pics/cat.png.json").read_text())["meta"]["prompt"] == "a cat"


def test_a_failure_is_a_line_and_exit_code_1(cli: Cli, folder: Path) -> None:
    ran = cli("sidecar", "pics", "gone.png", "--no-hash", "-q")
    assert ran == (1, "", "failed: gone.png: No such file or directory\n")
    assert Path("pics/cat.png.json").exists()


def test_out_dir_keeps_the_shape_of_the_tree(cli: Cli, folder: Path) -> None:
    assert cli("sidecar", "pics", "--no-hash", "-q", "--out-dir", "out").code == 0
    assert sorted(os.listdir("out/pics")) == ["cat.png.json", "empty.png.json"]
    assert sorted(os.listdir("pics")) == ["cat.png", "empty.png", "notes.txt"]


def test_prune_removes_what_belongs_to_no_image(cli: Cli, folder: Path) -> None:
    cli("sidecar", "pics", "--no-hash", "-q")
    os.remove("pics/cat.png")
    assert cli("sidecar", "pics", "--no-hash", "-q").code == 0
    assert Path("pics/cat.png.json").exists()
    dry = cli("sidecar", "pics", "--no-hash", "-q", "--prune", "--dry-run")
    assert dry == (0, "would-prune: pics/cat.png.json\n", "")
    ran = cli("sidecar", "pics", "--no-hash", "--prune")
    assert summary(ran.err).endswith(", 1 removed as their image is gone")
    assert sorted(os.listdir("pics")) == ["empty.png", "empty.png.json", "notes.txt"]


def test_prune_of_many_is_refused_unless_forced(cli: Cli, folder: Path) -> None:
    for number in range(21):
        Path(f"pics/{number}.png").write_bytes(Path("pics/cat.png").read_bytes())
    cli("sidecar", "pics", "--no-hash", "-q")
    for number in range(21):
        os.remove(f"pics/{number}.png")
    ran = cli("sidecar", "pics", "--no-hash", "-q", "--prune")
    message = "nothing is pruned: the images of 21 of 23 records are gone; --force-prune does it all the same"
    assert ran == (1, "", f"failed: pics: {message}\n")
    assert cli("sidecar", "pics", "--no-hash", "-q", "--force-prune").code == 0
    assert sorted(os.listdir("pics")) == ["cat.png", "cat.png.json", "empty.png", "empty.png.json", "notes.txt"]


def test_a_cut_off_sidecar_is_told(cli: Cli, folder: Path) -> None:
    Path("pics/cat.png.json").touch()
    ran = cli("sidecar", "pics", "--no-hash", "-q")
    assert ran == (0, "", "warning: pics/cat.png.json: the sidecar was cut off while it was written\n")


@pytest.mark.parametrize("arguments", [(), ("-q",), ("pics", "--out-dir")])
def test_wrong_usage_is_exit_code_2(cli: Cli, folder: Path, arguments: tuple[str, ...]) -> None:
    assert cli("sidecar", *arguments).code == 2
