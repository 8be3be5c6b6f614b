from __future__ import annotations

from typing import Any

import pytest

from extractor.embedded import C2pa, Text
from extractor.ledger import Ledger
from extractor.parsers.credentials import credentials
from tests.parsers.texts import exif, png, xmp

AI = ("trainedAlgorithmicMedia",)
MIXED = ("compositeWithTrainedAlgorithmicMedia",)
IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
NOTHING = (None, None, False)


def marked(*texts: Text, c2pa: C2pa | None = None) -> tuple[str | None, str | None, bool]:
    log = Ledger()
    found = credentials(c2pa, texts, log)
    assert log.items == []
    return found


@pytest.mark.parametrize(
    ("c2pa", "wanted"),
    [
        (C2pa("ChatGPT", (("gpt-image", "2.0"),), AI), ("openai", "2.0", True)),
        (C2pa("OpenAI-API c2pa-rs/0.31.3", (), AI), ("openai", None, True)),
        (C2pa(None, (("GPT-4o", None),), ()), ("openai", None, True)),
        (C2pa(None, (("DALL·E", None),), AI), ("openai", None, True)),
        (C2pa("Adobe_Firefly/1.0 c2pa-rs/0.9", (), AI), ("adobe", "1.0", True)),
        (C2pa("Adobe_Photoshop/25.0", (("Adobe Photoshop", "25.0"),), MIXED), ("adobe", "25.0", True)),
        (C2pa("Adobe_Photoshop/25.0", (("Adobe Photoshop", "25.0"),), ()), NOTHING),
        (C2pa("Google C2PA Core Generator Library", (), AI), ("google", None, True)),
        (C2pa("Google C2PA Core Generator Library", (), ("computationalCapture",)), NOTHING),
        (C2pa("Microsoft_Responsible_AI/1.0", (("Bing Image Creator", None),), AI), ("microsoft", None, True)),
        (C2pa("Microsoft_Responsible_AI/1.0", (), ()), NOTHING),
        (C2pa("Azure OpenAI ImageGen", (), ()), ("microsoft", None, True)),
        (C2pa("Black Forest Labs API/1.0", (), AI), ("black-forest-labs", None, True)),
        (C2pa("BFL/1.1", (("FLUX.1 [pro]", None),), ()), ("black-forest-labs", None, True)),
        (C2pa("Stability AI", (), AI), ("stability-ai", None, True)),
        (C2pa("Stability_AI/2.0", (), ()), ("stability-ai", "2.0", True)),
        (C2pa("Canva", (), AI), ("canva", None, True)),
        (C2pa("Canva/1.0", (), ()), NOTHING),
        (C2pa("ByteDance", (), AI), ("bytedance", None, True)),
        (C2pa("CapCut/3.0", (), ()), NOTHING),
        (C2pa("Jimeng", (), ()), ("bytedance", None, True)),
        (C2pa("Samsung Galaxy S24/1", (), MIXED), ("samsung", None, True)),
        (C2pa("Samsung Galaxy S24/1", (), ("digitalCapture",)), NOTHING),
        (C2pa("Samsung Galaxy S24", (), (), True), ("samsung", None, True)),
        (C2pa("Somebody", (), (), True), ("unknown", None, True)),
        (C2pa("Somebody", (), AI), ("unknown", None, True)),
        (C2pa("Imaginary Studio", (), ()), NOTHING),
        (C2pa("Leica M11-P", (), ("digitalCapture",)), NOTHING),
        (C2pa("GPTools", (), ()), NOTHING),
        (C2pa(), NOTHING),
    ],
)
def test_c2pa(c2pa: C2pa, wanted: tuple[str | None, str | None, bool]) -> None:
    assert marked(c2pa=c2pa) == wanted


SOURCE_TYPE = xmp("Iptc4xmpExt:DigitalSourceType", IPTC + "trainedAlgorithmicMedia")


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        ((SOURCE_TYPE, xmp("photoshop:Credit", "Made with Google AI")), ("google", None, True)),
        ((SOURCE_TYPE,), ("unknown", None, True)),
        ((xmp("Iptc4xmpExt:DigitalSourceType", "digsrctype:trainedAlgorithmicMedia"),), ("unknown", None, True)),
        ((xmp("photoshop:Credit", "Made with Google AI"),), NOTHING),
        ((xmp("Iptc4xmpExt:DigitalSourceType", IPTC + "digitalCapture"),), NOTHING),
        (
            (xmp("Iptc4xmpExt:AISystemUsed", "FLUX.2"), xmp("Iptc4xmpExt:AISystemVersionUsed", "dev")),
            ("black-forest-labs", "dev", True),
        ),
        ((xmp("Iptc4xmpExt:AISystemUsed", "Acme Painter"),), ("unknown", None, True)),
        ((xmp("Iptc4xmpExt:AIPromptInformation", "a cat"),), ("unknown", None, True)),
        ((xmp("Iptc4xmpExt:AISystemUsed", " "), xmp("Iptc4xmpExt:AISystemVersionUsed", "1")), NOTHING),
        ((), NOTHING),
    ],
)
def test_iptc(texts: tuple[Text, ...], wanted: tuple[str | None, str | None, bool]) -> None:
    assert marked(*texts) == wanted
    assert marked(*texts, c2pa=C2pa("Leica M11-P", (), ("digitalCapture",))) == wanted


MADE = {"Label": "1", "ContentProducer": "Doubao", "ProduceID": "x", "ReservedCode1": ""}


@pytest.mark.parametrize(
    ("text", "generator"),
    [
        (png("AIGC", MADE), "bytedance"),
        (png("AIGC", {"AIGC": MADE}), "bytedance"),
        (xmp("TC260:AIGC", MADE), "bytedance"),
        (xmp("{http://www.tc260.org.cn/ns/AIGC/1.1}AIGC", MADE), "bytedance"),
        (exif("UserComment", {"AIGC": MADE}), "bytedance"),
        (exif("UserComment", {"aigc": {"label": 1, "contentProducer": "通义万相"}, "x": 1}), "alibaba"),
        (exif("UserComment", {"AIGC": '{"Label": "1", "ContentProducer": "001191110102MACQD9K64010000"}'}), "unknown"),
        (png("AIGC", {"Label": "1", "ContentProducer": "", "ContentPropagator": "即梦AI"}), "bytedance"),
    ],
)
def test_label_of_china(text: Text, generator: str) -> None:
    assert marked(text) == (generator, None, True)


@pytest.mark.parametrize(
    "texts",
    [
        (png("AIGC", {"Label": "2", "ContentProducer": "Doubao"}),),
        (png("AIGC", {"ContentProducer": "Doubao"}),),
        (png("AIGC", "1"),),
        (png("AIGC", "{broken"),),
        (png("Comment", {"Label": "1", "ContentProducer": "Doubao"}),),
        (exif("UserComment", {"AIGC": {"AIGC": {"AIGC": {"AIGC": {"AIGC": MADE}}}}}),),
        (xmp("TC260:AIGC/TC260:Label", "3"),),
        (xmp("dc:title/x:Label", "1"),),
    ],
)
def test_other_labels(texts: tuple[Text, ...]) -> None:
    assert marked(*texts) == NOTHING


def test_label_of_china_in_fields() -> None:
    texts = (xmp("TC260:AIGC/TC260:Label", "1"), xmp("TC260:AIGC/TC260:ContentProducer", "Kling"))
    assert marked(*texts) == ("kuaishou", None, True)


SIGNATURE = exif("ImageDescription", "Signature: " + "aB3+/" * 20 + "==")
UUID = exif("Artist", "01234567-89ab-cdef-0123-456789abcdef")


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        ((SIGNATURE, UUID), ("xai", None, True)),
        ((SIGNATURE,), NOTHING),
        ((UUID,), NOTHING),
        ((SIGNATURE, exif("Artist", "Ann")), NOTHING),
        ((exif("ImageDescription", "Signature: Ann of the hill"), UUID), NOTHING),
        ((exif("Make", "Ideogram AI"),), ("ideogram", None, True)),
        ((exif("Software", "reve.com"),), ("reve", None, True)),
        ((png("Software", "Adobe Firefly 3"),), ("adobe", None, True)),
        ((xmp("xmp:CreatorTool", "Recraft V3"),), ("recraft", None, True)),
        ((exif("Software", "Adobe Photoshop 25.0"),), NOTHING),
        ((exif("Software", "Imagen 2"),), NOTHING),
        ((exif("Make", "Canon"), exif("Model", "Ideogram AI")), NOTHING),
        ((png("Title", "reve.com"),), NOTHING),
    ],
)
def test_tags_of_makers(texts: tuple[Any, ...], wanted: tuple[str | None, str | None, bool]) -> None:
    assert marked(*texts) == wanted


def test_any_mark_is_enough_and_any_may_name_the_maker() -> None:
    assert marked(png("AIGC", {"Label": "1"}), c2pa=C2pa("Canva", (), ())) == ("unknown", None, True)
    assert marked(exif("Make", "Ideogram AI"), c2pa=C2pa("Somebody", (), AI)) == ("ideogram", None, True)
