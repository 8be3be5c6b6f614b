"""Every sample image gives exactly the record that stands in ``sample_records.json``."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from extractor import ImageRecord, extract
from extractor.record import Extraction
from tests.support import ROOT

FOLDER = ROOT / "sample_images"
SIDECARS = {".txt", ".json"}
FILES = sorted(path for path in FOLDER.iterdir() if path.is_file() and path.suffix != ".py")
IMAGES = [path for path in FILES if path.suffix not in SIDECARS]
WANTED: dict[str, Any] = json.loads((ROOT / "tests" / "sample_records.json").read_text("utf-8"))
SCHEMA = json.loads((ROOT / "extractor" / "schema" / "civitai-image-schema.json").read_text("utf-8"))

LONG_PROMPT = "portrait of a red fox, snowfall, 85mm, " + ", ".join(f"star {number}" for number in range(1, 3401))
"""Of ``jpeg-split-exif.jpg``: longer than one segment of a JPEG."""
DECODERS = {".heic": ("pillow_heif", "heif"), ".jxl": ("pillow_jxl", "jxl")}
"""Suffix -> (module that decodes it, extra that installs that)."""
EXTRACTION_KEYS = ("generator", "version", "aiGenerated", "sources", "contentCredentials", "warnings")


def wanted(name: str) -> dict[str, Any]:
    """The expectation for a file, on this installation."""
    expected: dict[str, Any] = json.loads(json.dumps(WANTED[name]))
    module, extra = DECODERS.get(Path(name).suffix, ("PIL", ""))
    if importlib.util.find_spec(module) is None:
        del expected["record"]["hash"]
        message = f"no hash: its decoder comes with pip install 'ai-image-metadata[{extra}]'"
        expected["extraction"]["warnings"] = [{"code": "hash-needs-extra", "message": message}]
    if name == "jpeg-split-exif.jpg":
        expected["record"]["meta"]["prompt"] = LONG_PROMPT
    return expected


def said(record: ImageRecord) -> dict[str, Any]:
    """What does not depend on the place and the time of the file, nor on the words of Pillow's errors."""
    assert isinstance(record.extraction, Extraction)
    extraction = json.loads(record.extraction.model_dump_json(by_alias=True, exclude_none=True))
    for warning in extraction.get("warnings", ()):
        warning["message"] = warning["message"].partition(" (")[0]
    return {
        "record": {key: value for key, value in record.to_civitai().items() if key not in ("url", "id")},
        "extraction": {key: extraction[key] for key in EXTRACTION_KEYS if key in extraction},
    }


def test_every_image_has_an_expectation() -> None:
    assert [path.name for path in IMAGES] == sorted(WANTED)


@pytest.mark.parametrize("path", IMAGES, ids=lambda path: path.name)
def test_record(path: Path) -> None:
    record = extract(path)
    expected, found = wanted(path.name), said(record)
    if "createdAt" not in expected["record"]:
        del found["record"]["createdAt"]
    assert found == expected
    assert json.dumps(found, sort_keys=True) == json.dumps(expected, sort_keys=True), "7 is not 7.0"
    jsonschema.validate(record.to_civitai(), SCHEMA)
    loaded = ImageRecord.model_validate_json(record.model_dump_json(by_alias=True, exclude_none=True))
    assert loaded.to_civitai() == record.to_civitai()


@pytest.mark.parametrize("path", IMAGES, ids=lambda path: path.name)
def test_bytes_give_the_same_record(path: Path) -> None:
    if any(path.with_name(f"{path.stem}{suffix}").exists() for suffix in (".txt", ".json", ".swarm.json")):
        assert "meta" not in extract(path.read_bytes(), hash=False).to_civitai()
        return
    by_path, by_bytes = said(extract(path, hash=False)), said(extract(path.read_bytes(), hash=False))
    by_path["record"].pop("createdAt")
    by_bytes["record"].pop("createdAt", None)
    assert by_bytes == by_path


def test_text_in_the_colours_is_read_when_asked_for() -> None:
    found = said(extract(FOLDER / "a1111-stealth-rgb.png", stealth=True))
    same_text = wanted("a1111-png-itxt.png")
    assert found["record"]["meta"] == same_text["record"]["meta"]
    assert found["extraction"] == {"generator": "a1111", "version": "v1.9.4", "sources": ["png:stealth-rgb"]}


def test_the_script_remakes_the_same_bytes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, FOLDER / "make.py", tmp_path], check=True)
    remade = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert sorted(remade) == [path.name for path in FILES]
    assert [path.name for path in FILES if path.read_bytes() != remade[path.name]] == []


def test_samples_stay_small() -> None:
    large = [path.name for path in FILES if path.stat().st_size > 8 * 1024]
    assert large == ["jpeg-split-exif.jpg"]


def test_the_folder_scans_without_failure() -> None:
    command = [sys.executable, "-m", "extractor", str(FOLDER), "--no-hash", "--quiet"]
    scanned = subprocess.run(command, capture_output=True, check=True)
    rows = [json.loads(line) for line in scanned.stdout.splitlines()]
    assert [Path(row["path"]).name for row in rows] == [path.name for path in IMAGES]
    assert scanned.stderr == b""
