from __future__ import annotations

import json

import piexif
import pytest

from extractor import DoesNotFitError, WriteRefusedError, copy_metadata, embed, extract
from extractor.containers.png import make_chunk
from tests.support import ROOT, itext_chunk, png, text_chunk, ztext_chunk
from tests.writers.pictures import ASCII, PICTURES, WIDE, noise, saved
from tests.writers.rules import a1111_reads
from tests.writers.test_embed import GRAPH, graph_png

SAMPLES = ROOT / "sample_images"


def raw(data: bytes | None) -> dict[str, str]:
    extraction = extract(data or b"", hash=False, raw=True).extraction
    assert extraction is not None
    return {text.source: text.text for text in extraction.raw or ()}


def test_graphs_are_copied_byte_for_byte() -> None:
    graph = json.dumps(GRAPH, indent=1, ensure_ascii=True)
    for chunk in (text_chunk("prompt", graph), ztext_chunk("prompt", graph.encode())):
        assert chunk in (copy_metadata(png(chunk), PICTURES["png"]()).data or b"")


@pytest.mark.parametrize(
    "chunks",
    [
        (ztext_chunk("parameters", WIDE.encode()),),
        (make_chunk(b"tEXt", b"parameters\0" + WIDE.encode()),),
        (itext_chunk("Parameters", WIDE.encode()),),
        (text_chunk("parameters", ASCII), itext_chunk("parameters", WIDE.encode())),
    ],
)
def test_infotexts_are_copied_so_that_all_read_them(chunks: tuple[bytes, ...]) -> None:
    report = copy_metadata(png(b"".join(chunks)), PICTURES["png"]())
    assert report.written == ["png:iTXt:parameters"]
    assert report.lost == []
    assert itext_chunk("parameters", WIDE.encode()) in (report.data or b"")
    assert a1111_reads(report.data or b"") == WIDE


@pytest.mark.parametrize("name", ["easy-diffusion.png", "midjourney.png", "stability-matrix.png", "novelai.png"])
def test_what_stands_beside_goes_and_is_copied_with_it(name: str) -> None:
    source = (SAMPLES / name).read_bytes()
    before = extract(source, hash=False)
    copied = copy_metadata(source, PICTURES["png"]())
    after = extract(copied.data or b"", hash=False)
    assert copied.lost == []
    assert after.meta == before.meta
    assert after.extraction.generator == before.extraction.generator  # type: ignore[union-attr]
    replaced = raw(embed(source, ASCII, graphs="drop").data)
    assert replaced == {"png:tEXt:parameters": ASCII}


def test_easy_diffusion_in_a_jpeg_is_its_own_json() -> None:
    source = (SAMPLES / "easy-diffusion.png").read_bytes()
    copied = copy_metadata(source, PICTURES["jpeg"]())
    assert copied.lost == []
    assert extract(copied.data or b"", hash=False).extraction.generator == "easy-diffusion"  # type: ignore[union-attr]


def test_nothing_of_the_camera_is_copied() -> None:
    report = copy_metadata(PICTURES["jpeg-camera"](), PICTURES["jpeg"]())
    assert report.written == ["jpeg:exif:UserComment"]
    assert b"Canon" not in (report.data or b"")
    record = extract(report.data or b"", hash=False)
    assert (record.width, record.height) == (40, 24)


def test_a_cameras_name_is_not_overwritten() -> None:
    report = copy_metadata(graph_png(GRAPH), PICTURES["jpeg-camera"]())
    assert b"EOS 5D" in (report.data or b"")
    assert sorted(words.partition(":")[0] for words in report.lost) == ["denoise", "prompt", "workflow"]
    meta = extract(report.data or b"", hash=False).meta
    assert meta is not None
    assert meta.prompt == "a graph's cat"


def big(size: int, workflow_size: int) -> bytes:
    graph = GRAPH | {"99": {"class_type": "Note", "inputs": {"text": "n" * size}}}
    workflow = {"nodes": [{"id": 1, "type": "Note", "widgets_values": ["w" * workflow_size]}]}
    return png(text_chunk("prompt", json.dumps(graph)) + text_chunk("workflow", json.dumps(workflow)))


@pytest.mark.parametrize(
    ("sizes", "written", "lost"),
    [
        ((10, 10), ["Make", "Model"], []),
        ((10, 70_000), ["Model"], ["workflow"]),
        ((70_000, 10), ["UserComment"], ["denoise", "prompt", "workflow"]),
    ],
)
def test_the_ladder(sizes: tuple[int, int], written: list[str], lost: list[str]) -> None:
    source, picture = big(*sizes), PICTURES["jpeg"]()
    if lost:
        with pytest.raises(DoesNotFitError, match="workflow"):
            copy_metadata(source, picture)
        assert copy_metadata(source, picture, split_exif=True).lost == []
    report = copy_metadata(source, picture, drop_workflow=True)
    assert [place.rpartition(":")[2] for place in report.written] == written
    assert sorted(words.partition(":")[0] for words in report.lost) == lost
    meta = extract(report.data or b"", hash=False).meta
    assert meta is not None
    assert (meta.prompt, meta.seed, meta.cfg_scale) == ("a graph's cat", 5, 8)


def test_what_the_target_had_is_replaced() -> None:
    report = copy_metadata(png(text_chunk("parameters", ASCII)), (SAMPLES / "novelai.png").read_bytes())
    assert extract(report.data or b"", hash=False).extraction.generator == "a1111"  # type: ignore[union-attr]
    assert "png:tEXt:Comment" in report.removed


def test_nothing_to_copy() -> None:
    with pytest.raises(WriteRefusedError, match="no generation data"):
        copy_metadata(PICTURES["jpeg"](), PICTURES["png"]())


def test_labels_follow_a_nul() -> None:
    """Readers that split at NULs find them."""
    data = copy_metadata(graph_png(GRAPH), PICTURES["webp-vp8"]()).data or b""
    for label in (b"workflow:{", b"prompt:{"):
        assert data[data.index(label) - 1] == 0


def test_graphs_are_ascii_behind_labels() -> None:
    graph = json.loads(json.dumps(GRAPH).replace("a graph's cat", "猫 🐈"))
    source = png(make_chunk(b"iTXt", b"prompt\0\0\0\0\0" + json.dumps(graph, ensure_ascii=False).encode()))
    data = copy_metadata(source, PICTURES["jpeg"]()).data or b""
    assert b'"\\u732b \\ud83d\\udc08"' in data
    meta = extract(data, hash=False).meta
    assert meta is not None
    assert meta.prompt == "猫 🐈"


def test_a_mark_of_the_targets_generator_goes_with_its_data() -> None:
    """EXIF Artist and Software of Civitai's pictures would say of any text that it is Civitai's."""
    target = (SAMPLES / "civitai-onsite.jpg").read_bytes()
    copied = copy_metadata(png(text_chunk("parameters", ASCII)), target)
    written = embed(target, ASCII)
    for report in (copied, written):
        assert {"jpeg:exif:Artist", "jpeg:exif:Software"} <= set(report.removed)
        assert extract(report.data or b"", hash=False).extraction.generator == "a1111"  # type: ignore[union-attr]


def test_a_mark_is_copied_with_its_data() -> None:
    source = (SAMPLES / "civitai-onsite.jpg").read_bytes()
    for target in (PICTURES["jpeg"](), (SAMPLES / "civitai-onsite-hires.jpg").read_bytes()):
        data = copy_metadata(source, target).data or b""
        assert extract(data, hash=False).extraction.generator == "civitai"  # type: ignore[union-attr]


def test_an_artist_who_is_a_person_stays() -> None:
    target = saved(noise(), "JPEG", exif=piexif.dump({"0th": {piexif.ImageIFD.Artist: b"Ai Weiwei"}}))
    assert b"Ai Weiwei" in (copy_metadata(png(text_chunk("parameters", ASCII)), target).data or b"")
