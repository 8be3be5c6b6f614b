"""What README.md shows of its commands is what comes out."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from PIL import Image

from extractor.containers.kinds import IMAGE_SUFFIXES, VIDEO_SUFFIXES, has_suffix
from tests.clidriver import Cli, write
from tests.support import ROOT, png, text_chunk

_PASSING = re.compile(r"(in \d+\.\d s|  created .*|  url .*|  id .*)")
"""Times, and what depends on where and when the repository was unpacked."""
_HOME: Final = "/home/me"
_SAMPLES: Final = ROOT / "sample_images"
_ELSEWHERE: Final = re.compile(r"extractor (models|watch|gallery|show pictures/comfyui.png --models)\b")
"""Commands with tests of their own, which need model files or time, or serve."""
_LIGHTHOUSE: Final = """a lighthouse on a cliff at dusk, warm light, film grain
Negative prompt: blurry
Steps: 28, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 6.5, Seed: 2914702386, Size: 512x768, \
Model: sketchMix_v30"""


def shown() -> list[tuple[str, str]]:
    """Each command of the README, and the output below it."""
    found = []
    for block in re.findall(r"```console\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            lines = part.splitlines(keepends=True)
            length = next(n for n in range(1, len(lines) + 1) if _is_whole("".join(lines[:n])))
            found.append(("".join(lines[:length]).rstrip("\n"), "".join(lines[length:])))
    return [(command, output) for command, output in found if not _ELSEWHERE.match(command)]


def _is_whole(command: str) -> bool:
    try:
        shlex.split(command)
    except ValueError:  # a quote is open
        return False
    return True


SHOWN: Final = shown()


def take(*names: str) -> None:
    """These samples in the folder `pictures`."""
    Path("pictures").mkdir(exist_ok=True)
    for name in names:
        write(f"pictures/{name}", (_SAMPLES / name).read_bytes())


def three() -> None:
    take("a1111-png-text.png", "comfyui.png", "forge.png")


def all_samples() -> None:
    take(*sorted(path.name for path in _SAMPLES.iterdir() if has_suffix(path.name, IMAGE_SUFFIXES | VIDEO_SUFFIXES)))
    for path in _SAMPLES.iterdir():
        if path.suffix in (".txt", ".json"):
            write(f"pictures/{path.name}", path.read_bytes())


def two_lighthouses() -> None:
    write("a.png", png(text_chunk("parameters", _LIGHTHOUSE)))
    other = _LIGHTHOUSE.replace("dusk", "dawn").replace("2914702386", "77").replace("28", "32")
    write("b.png", png(text_chunk("parameters", other)))


def before(cli: Cli, command: str) -> None:
    """Make the files that a command is run on."""
    if "sample_images" in command:
        os.symlink(_SAMPLES, "sample_images")
    elif "--verify" in command:
        all_samples()
        os.rename("pictures/comfyui.png", "pictures/owl.png")
        cli(*("scan pictures -o catalog.db" if "catalog.db" in command else "sidecar pictures").split())
        data = bytearray(Path("pictures/owl.png").read_bytes())
        data[-20] ^= 1
        write("pictures/owl.png", bytes(data))
    elif "catalog.db" in command:
        all_samples()
        cli("scan", "pictures", "-o", "catalog.db", "-q")
    elif "original.png" in command:
        shutil.copy(_SAMPLES / "comfyui.png", "original.png")
        Image.new("RGB", (8, 8)).save("resized.jpg")
    elif "a.png" in command:
        two_lighthouses()
    elif "lora:" in command:
        all_samples()
    else:
        three()
        if "pictures.zip" in command:
            with zipfile.ZipFile("pictures.zip", "w") as archive:
                for path in sorted(Path("pictures").iterdir()):
                    archive.write(path, path.name)
        if "batch --status" in command:
            cli(*["batch", "pictures", "-o", "run", "--no-hash", "--rows", "2", "-q"])
        if command == "extractor same pictures":
            shutil.copy("pictures/forge.png", "pictures/forge-copy.png")


def comparable(text: str, folder: Path) -> str:
    """Without times, the folder's name, and the widths that follow from it."""
    return re.sub(" {2,}", "  ", _PASSING.sub("", text.replace(str(folder), _HOME))).strip()


def test_there_are_some() -> None:
    assert len(SHOWN) == 24


@pytest.fixture
def ran(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")

    def run(command: str) -> str:
        monkeypatch.setenv("COLUMNS", "300" if "--fields path," in command else "125")
        done = cli(*shlex.split(command)[1:], terminal="--format" not in command)
        return comparable(done.out + done.err, tmp_path)

    return run


@pytest.mark.parametrize(("place", "command", "output"), [(n, *item) for n, item in enumerate(SHOWN)])
def test_output(cli: Cli, tmp_path: Path, ran: Callable[[str], str], place: int, command: str, output: str) -> None:
    before(cli, command)
    if place and SHOWN[place - 1][0] == command:  # shown twice: what the second run says
        ran(command)
    expected = comparable(output, tmp_path)
    whole, found = expected.removesuffix("..."), ran(command)
    assert (found[: len(whole)] if whole != expected else found) == whole
