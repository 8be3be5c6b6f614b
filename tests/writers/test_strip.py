from __future__ import annotations

import json

import pytest

from extractor import copy_metadata, embed, extract, strip
from tests.support import ROOT, png, text_chunk
from tests.writers.pictures import (
    ASCII,
    OLD,
    PICTURES,
    after_soi,
    frames,
    multi_picture,
    noise,
    saved,
    second_picture,
    segment,
)
from tests.writers.test_embed import GRAPH, graph_png

SAMPLES = ROOT / "sample_images"
XMP = (
    b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
    b"<rdf:Description rdf:about='' xmlns:e='http://iptc.org/std/Iptc4xmpExt/2008-02-29/' "
    b"xmlns:t='http://www.tc260.org.cn/ns/AIGC/1.0/' xmlns:dc='http://purl.org/dc/elements/1.1/' "
    b"e:DigitalSourceType='http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia' "
    b"t:AIGC='{&quot;Label&quot;:&quot;1&quot;}' dc:description='a secret'/></rdf:RDF></x:xmpmeta>"
)


def marked() -> bytes:
    return after_soi(saved(noise(), "JPEG"), segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP))


def raw(data: bytes | None) -> dict[str, str]:
    extraction = extract(data or b"", hash=False, raw=True).extraction
    assert extraction is not None
    return {text.source: text.text for text in extraction.raw or ()}


def test_marks_of_ai_origin_stay_unless_all_goes() -> None:
    report = strip(marked())
    assert report.data is not None
    assert b"a secret" not in report.data
    record = extract(report.data, hash=False)
    assert record.extraction is not None
    assert record.extraction.ai_generated
    assert any("DigitalSourceType" in place for place in report.kept)
    assert '{"Label":"1"}' in raw(report.data).values()
    everything = strip(marked(), all=True)
    assert raw(everything.data) == {}


@pytest.mark.parametrize("name", ["png", "jpeg"])
def test_a_label_in_a_comment_stays_too(name: str) -> None:
    label = '{"AIGC": {"Label": "1", "ContentProducer": "x"}}'
    data = png(text_chunk("AIGC", label)) if name == "png" else embed(PICTURES[name](), label).data or b""
    assert label in raw(strip(data).data).values()
    assert raw(strip(data, all=True).data) == {}


@pytest.mark.parametrize(
    ("keep", "left"),
    [
        ((), set()),
        (("parameters",), {"png:tEXt:parameters"}),
        (("graphs",), {"png:tEXt:prompt", "png:tEXt:workflow"}),
        (("texts",), {"png:tEXt:Author"}),
        (
            ("parameters", "graphs", "texts"),
            {"png:tEXt:parameters", "png:tEXt:prompt", "png:tEXt:workflow", "png:tEXt:Author"},
        ),
    ],
)
def test_what_is_kept(keep: tuple[str, ...], left: set[str]) -> None:
    data = embed(graph_png(GRAPH), ASCII).data or b""
    data = data[:33] + text_chunk("Author", "me") + data[33:]
    report = strip(data, keep=keep)  # type: ignore[arg-type]
    assert raw(report.data).keys() == left
    assert left <= set(report.kept)


def test_graphs_behind_camera_tags() -> None:
    twin = copy_metadata(graph_png(GRAPH), PICTURES["jpeg"]()).data or b""
    assert raw(twin).keys() == {"jpeg:exif:Make", "jpeg:exif:Model"}
    assert raw(strip(twin).data) == {}
    assert raw(strip(twin, keep=["graphs"]).data).keys() == {"jpeg:exif:Make", "jpeg:exif:Model"}


def test_a_clean_file_is_left_as_it_is() -> None:
    for name in ("png", "jpeg", "webp-vp8", "gif", "avif-plain"):
        report = strip(PICTURES[name]())
        assert not report.changed
        assert report.data == PICTURES[name]()
        assert report.removed == []


def test_content_credentials_are_taken_and_named() -> None:
    report = strip((SAMPLES / "c2pa-openai.png").read_bytes())
    assert report.removed == ["png:caBX"]
    assert b"caBX" not in (report.data or b"")
    assert strip((SAMPLES / "c2pa-openai.png").read_bytes(), keep=["c2pa"]).kept == ["png:caBX"]


def test_hidden_data_is_reported_and_cleared_on_demand() -> None:
    data = (SAMPLES / "a1111-stealth-alpha.png").read_bytes()
    report = strip(data)
    assert any("stealth-alpha" in place for place in report.kept)
    assert extract(report.data or b"").meta is not None
    cleared = strip(data, reencode=True)
    assert cleared.removed == ["png:stealth-alpha"]
    assert extract(cleared.data or b"", stealth=True).meta is None
    assert strip(data, stealth=False).kept == []


def test_hidden_data_in_colours_when_told() -> None:
    data = (SAMPLES / "a1111-stealth-rgb.png").read_bytes()
    assert strip(data).kept == []
    assert any("stealth-rgb" in place for place in strip(data, stealth=True).kept)
    cleared = strip(data, stealth=True, reencode=True)
    assert extract(cleared.data or b"", stealth=True).meta is None


def test_wrong_words() -> None:
    for keep in ("graphs", ["everything"]):
        with pytest.raises(ValueError, match="keep"):
            strip(PICTURES["png"](), keep=keep)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["png", "jpeg", "gif", "apng", "jpeg-two-pictures"])
def test_what_was_embedded_is_taken_again(name: str) -> None:
    picture = PICTURES[name]()
    data = embed(picture, ASCII).data or b""
    for everything in (False, True):
        assert strip(data, all=everything).data == picture.replace(b"GIF87a", b"GIF89a")


def test_text_chunks_of_any_tool() -> None:
    data = png(text_chunk("invokeai_metadata", json.dumps({"positive_prompt": "x"})) + text_chunk("Software", "y"))
    assert strip(data).data == png()


def test_a_generators_mark_stays_with_what_it_marks() -> None:
    data = (SAMPLES / "civitai-onsite.jpg").read_bytes()
    kept = strip(data, keep=["parameters"]).data or b""
    assert extract(kept, hash=False).extraction.generator == "civitai"  # type: ignore[union-attr]
    assert b"ai\0" not in (strip(data).data or b"")


BEHIND = OLD.encode() + b"\xff\xd9"


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_blocks": 1}])
@pytest.mark.parametrize("size", [(40, 24), (700, 500)])
def test_what_stands_behind_a_jpeg(options: dict[str, object], size: tuple[int, int]) -> None:
    """It may be a camera's film: it is named, and goes when all goes."""
    plain = saved(noise(size=size), "JPEG", **options)
    kept, gone = strip(plain + BEHIND), strip(plain + BEHIND, all=True)
    assert (kept.kept, kept.data) == (["jpeg: bytes behind the picture"], plain + BEHIND)
    assert (gone.removed, gone.data) == (["jpeg: bytes behind the picture"], plain)
    assert strip(plain, all=True).removed == strip(plain).kept == []


def test_pictures_of_an_index_are_not_behind_the_picture() -> None:
    data, second = multi_picture()
    report = strip(data + BEHIND, all=True)
    assert second_picture(report.data or b"") == second
    assert (report.data or b"").endswith(second)
    assert strip(data, all=True).data == data


def test_what_an_index_says_of_sizes_is_not_believed() -> None:
    data, _ = multi_picture()
    at = data.index(b"MPF\0") + 4 + 38 + 16 + 4
    damaged = data[:at] + b"\1\0\0\0" + data[at + 4 :]
    assert strip(damaged + BEHIND, all=True).data == damaged
    cut = damaged[:-2]
    assert strip(cut, all=True).data == cut


def test_a_jpeg_without_an_end_has_nothing_behind_it() -> None:
    data = saved(noise(), "JPEG")[:-40]
    assert strip(data, all=True).data == data
    assert strip(data + b"\xff", all=True).data == data + b"\xff"


def test_what_stands_behind_a_webp_goes() -> None:
    for plain in (PICTURES["webp-vp8"](), PICTURES["webp-odd-icc"]()):
        report = strip(plain + BEHIND)
        assert report.data == strip(plain).data
        assert "webp: bytes behind the picture" in report.removed


@pytest.mark.parametrize("declared", [-1, -7, -41])
def test_a_webp_that_says_it_ends_within_its_exif(declared: int) -> None:
    """Such a file does not decode; without what is cut off it does."""
    data = saved(noise(), "WEBP", exif=b"II*\0" + bytes(60))
    data = data[:4] + (len(data) - 8 + declared).to_bytes(4, "little") + data[8:]
    report = strip(data, all=True)
    assert frames(report.data or b"") == frames(saved(noise(), "WEBP"))
    assert "webp:exif" in report.removed
