from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from extractor import (
    ContentCredentialsError,
    CorruptImageError,
    DoesNotFitError,
    FileAccessError,
    ImageRecord,
    Limits,
    OutrankedError,
    UnsupportedFormatError,
    WriteRefusedError,
    embed,
    extract,
    parse_infotext,
)
from extractor.writers.jpeg import MOST_TIFF
from tests.support import ROOT, png, text_chunk
from tests.writers.pictures import ASCII, META, PICTURES, TEXTS, noise, saved
from tests.writers.rules import a1111_reads

SAMPLES = ROOT / "sample_images"
SAVER = {
    "1": {
        "class_type": "Image Saver",
        "inputs": {
            "images": ["2", 0],
            "positive": "unknown",
            "negative": "unknown",
            "steps": 20,
            "cfg": 7,
            "seed_value": 0,
        },
    },
    "2": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
    "3": {
        "class_type": "KSampler",
        "inputs": {
            "seed": 5,
            "steps": 20,
            "cfg": 8,
            "sampler_name": "euler",
            "scheduler": "normal",
            "denoise": 1,
            "model": ["4", 0],
            "positive": ["5", 0],
            "negative": ["6", 0],
            "latent_image": ["7", 0],
        },
    },
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "m.safetensors"}},
    "5": {"class_type": "CLIPTextEncode", "inputs": {"text": "a graph's cat", "clip": ["4", 1]}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "dog", "clip": ["4", 1]}},
    "7": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 512, "batch_size": 1}},
}
GRAPH = {key: node for key, node in SAVER.items() if key != "1"} | {
    "1": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "x"}}
}


def graph_png(graph: object) -> bytes:
    workflow = {"nodes": [{"id": 1, "type": "KSampler"}], "links": []}
    return png(text_chunk("prompt", json.dumps(graph)) + text_chunk("workflow", json.dumps(workflow)))


def test_bytes_in_bytes_out() -> None:
    report = embed(PICTURES["png"](), ASCII)
    assert report.changed
    assert report.data is not None
    assert report.written == ["png:tEXt:parameters"]
    assert (report.removed, report.kept, report.lost, report.path) == ([], [], [], None)
    assert a1111_reads(report.data) == ASCII


def test_meta_and_records() -> None:
    meta = META["ascii"]
    for what in (meta, ImageRecord(meta=meta)):
        report = embed(PICTURES["jpeg"](), what)
        assert report.written == ["jpeg:exif:UserComment"]
        assert extract(report.data or b"", hash=False).meta == meta


def test_file_objects() -> None:
    source, target = io.BytesIO(PICTURES["webp-vp8"]()), io.BytesIO()
    source.seek(3)
    report = embed(source, ASCII, target)
    assert report.data is None
    assert source.tell() == 3
    assert target.getvalue() == embed(source.getvalue(), ASCII).data


def test_graphs_are_kept_and_said() -> None:
    report = embed(graph_png(GRAPH), ASCII)
    assert report.kept == ["png:tEXt:prompt", "png:tEXt:workflow"]
    assert report.data is not None
    record = extract(report.data, hash=False)
    assert record.meta is not None
    assert record.meta.prompt == "a cat"
    assert b"a graph's cat" in report.data


def test_a_field_that_a_kept_graph_brings_back_is_said() -> None:
    data = graph_png(GRAPH)
    meta = extract(data, hash=False).meta
    assert meta is not None
    assert embed(data, meta).lost == []
    without = meta.model_copy(update={"seed": None})
    assert embed(data, without).lost == ["seed: it is to be absent, but is read from a graph that is kept"]
    assert embed(data, without, graphs="drop").lost == []


def test_a_graph_that_outranks_the_text() -> None:
    data = graph_png(SAVER)
    with pytest.raises(OutrankedError, match="graphs"):
        embed(data, ASCII)
    dropped = embed(data, ASCII, graphs="drop")
    assert dropped.removed == ["png:tEXt:prompt", "png:tEXt:workflow"]
    assert extract(dropped.data or b"", hash=False).meta == META["ascii"]
    kept = embed(data, ASCII, graphs="keep")
    assert kept.kept == ["png:tEXt:prompt", "png:tEXt:workflow"]


@pytest.mark.parametrize("name", ["c2pa-openai.png", "c2pa-adobe.jpg", "c2pa-google.webp"])
def test_content_credentials(name: str) -> None:
    data = (SAMPLES / name).read_bytes()
    try:
        embed(data, ASCII)
    except ContentCredentialsError as error:
        assert "c2pa" in str(error)
    except CorruptImageError:
        pytest.skip("there is no picture in it")
    else:
        pytest.fail("nobody asked")
    dropped, kept = embed(data, ASCII, c2pa="drop"), embed(data, ASCII, c2pa="keep")
    assert extract(dropped.data or b"", hash=False).extraction.content_credentials is None  # type: ignore[union-attr]
    assert extract(kept.data or b"", hash=False).extraction.content_credentials is not None  # type: ignore[union-attr]
    assert [place.rpartition(":")[2] for place in dropped.removed] == [place.rpartition(":")[2] for place in kept.kept]


@pytest.mark.parametrize(
    "name", ["invokeai.png", "novelai.png", "swarmui.png", "civitai-onsite.jpg", "civitai-onsite.png", "jpeg-com.jpg"]
)
def test_what_would_be_believed_more_is_gone(name: str) -> None:
    report = embed((SAMPLES / name).read_bytes(), TEXTS["wide"], graphs="drop")
    record = extract(report.data or b"", hash=False)
    assert record.meta == META["wide"]
    assert report.removed


def test_a_text_that_just_fits_a_jpeg() -> None:
    picture = PICTURES["jpeg"]()
    # TIFF header, IFD0 and Exif IFD of one entry each, and the header of the comment: two bytes a character.
    room = MOST_TIFF - (8 + 18 + 18 + 8)
    fits = "a" * (room // 2)
    report = embed(picture, fits)
    assert report.data is not None
    assert extract(report.data, hash=False, raw=True).extraction.raw[0].text == fits  # type: ignore[union-attr,index]
    with pytest.raises(DoesNotFitError, match="65527"):
        embed(picture, fits + "a")
    split = embed(picture, fits + "a", split_exif=True).data
    assert split is not None
    assert split.count(b"Exif\0\0") == 2
    assert a1111_reads(split) == fits + "a"


@pytest.mark.parametrize("name", ["png", "webp-vp8", "gif", "avif-plain"])
def test_a_long_text(name: str) -> None:
    text = ASCII.replace("a cat", "猫" * 300_000)
    new = embed(PICTURES[name](), text).data
    assert new is not None
    meta = extract(new, hash=False).meta
    assert meta is not None
    assert meta.prompt == "猫" * 300_000


@pytest.mark.parametrize("name", PICTURES)
def test_a_text_with_a_nul_is_refused(name: str) -> None:
    with pytest.raises(WriteRefusedError, match="NUL"):
        embed(PICTURES[name](), "a\0b")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no image",
        (SAMPLES / "a1111.tif").read_bytes(),
        (SAMPLES / "no-metadata.bmp").read_bytes(),
        (SAMPLES / "comfyui.mp4").read_bytes(),
    ],
)
def test_files_that_are_not_written_to(data: bytes) -> None:
    with pytest.raises(UnsupportedFormatError):
        embed(data, ASCII)


def test_image_sequences_are_refused() -> None:
    frames = [noise(), noise()]
    data = saved(frames[0], "AVIF", save_all=True, append_images=frames[1:])
    with pytest.raises(WriteRefusedError, match="sequences"):
        embed(data, ASCII)


def test_more_than_is_read_is_not_rewritten() -> None:
    data = png(text_chunk("comment", "x" * 2000))
    with pytest.raises(WriteRefusedError, match="too large"):
        embed(data, ASCII, limits=Limits(text_bytes=1000))


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"graphs": "maybe"}, ValueError),
        ({"c2pa": "maybe"}, ValueError),
        ({"dialect": "french"}, ValueError),
        ({"in_place": True}, ValueError),
    ],
)
def test_wrong_arguments(arguments: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        embed(PICTURES["png"](), ASCII, **arguments)  # type: ignore[arg-type]


def test_what_is_no_text() -> None:
    with pytest.raises(TypeError):
        embed(PICTURES["png"](), 5)  # type: ignore[arg-type]


def test_a_path_needs_a_target(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PICTURES["png"]())
    with pytest.raises(ValueError, match="in_place"):
        embed(path, ASCII)
    with pytest.raises(FileAccessError):
        embed(tmp_path / "missing.png", ASCII, in_place=True)
    report = embed(path, ASCII, dry_run=True)
    assert report.written == ["png:tEXt:parameters"]
    assert path.read_bytes() == PICTURES["png"]()


def test_the_civitai_dialect() -> None:
    meta = parse_infotext('x\nSteps: 2, Sampler: Euler, Seed: 1, Model: "a, b", Clip skip: None, Note: {"a": [1]}')
    report = embed(PICTURES["png"](), meta, dialect="civitai")
    assert a1111_reads(report.data or b"") == "x\nSteps: 2, Sampler: Euler, Seed: 1, Model: a b"
