"""How others read what is written: A1111's rule, and the site's for infotexts, as small functions."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import piexif
import piexif.helper
import pytest
from PIL import Image

needs_exiftool = pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")


def a1111_reads(data: bytes) -> str | None:
    """What ``read_info_from_image`` of A1111 and Forge takes from a file."""
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        items = dict(image.info)
    text = items.pop("parameters", None)
    if "exif" in items:
        try:
            exif = piexif.load(items["exif"])
        except OSError:
            exif = None
        comment = (exif or {}).get("Exif", {}).get(piexif.ExifIFD.UserComment, b"")
        try:
            comment = piexif.helper.UserComment.load(comment)
        except ValueError:
            comment = comment.decode("utf8", errors="ignore")
        if comment:
            text = comment
    elif "comment" in items:
        text = items["comment"].decode("utf8", errors="ignore")
    return text


_PAIR = re.compile(r'\s*([\w ()/+.-]+):\s*("(?:\\"[^,]|\\"|\\|[^"])+"|[^,]*)(?:,|$)')
_BLOCK = re.compile(r", (Hashes|Civitai resources|Civitai metadata): ")


def civitai_reads(text: str) -> dict[str, Any]:
    """What Civitai's site makes of an infotext: nothing at all when a value does not fit its schema."""
    lines = text.split("\n")
    at = next((number for number, line in enumerate(lines) if line.startswith("Steps: ")), None)
    if at is None:
        return {}
    line, blocks = lines[at], {}
    while found := _BLOCK.search(line):
        value, end = json.JSONDecoder().raw_decode(line, found.end())
        blocks[found[1]] = value
        line = line[: found.start()] + line[end:]
    settings = {key.strip(): value for key, value in _PAIR.findall(line)}
    if any(value.startswith(("{", "[")) or '"' in value[1:-1] for value in settings.values()):
        return {}
    if settings.get("Model", "").startswith('"') or not settings.get("Clip skip", "1").isdecimal():
        return {}
    if settings.get("AddNet Enabled") == "True" and not all(
        f"AddNet Weight {key.removeprefix('AddNet Model ')}" in settings
        for key in settings
        if key.startswith("AddNet Model ")
    ):
        return {}
    if any(mark in json.dumps(blocks.get("Civitai resources"))[1:-1] for mark in "[]"):
        return {}
    for item in blocks.get("Civitai resources", ()):
        if not isinstance(item.get("modelVersionId"), int):
            return {}
    return settings | blocks


def exiftool_says(data: bytes, folder: Path) -> tuple[set[str], set[str]]:
    """(exiftool's warnings and errors about a file, the texts that it reads)."""
    path = folder / "picture"
    path.write_bytes(data)

    def values(*tags: str) -> set[str]:
        command = ["exiftool", "-a", "-b", "-sep", "\x1e", *tags, "-json", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return {str(value) for key, value in json.loads(done.stdout)[0].items() if key != "SourceFile"}

    complaints = subprocess.run(
        ["exiftool", "-a", "-s3", "-Warning", "-Error", str(path)], capture_output=True, text=True, check=False
    )
    return set(complaints.stdout.splitlines()), values("-Parameters", "-UserComment", "-Comment")
