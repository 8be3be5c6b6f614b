from __future__ import annotations

import pytest

from extractor.embedded import C2pa
from extractor.parsers.credentials import c2pa_generator, credentials
from tests.parsers.texts import xmp

AI = ("trainedAlgorithmicMedia",)
MIXED = ("compositeWithTrainedAlgorithmicMedia",)
IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"


@pytest.mark.parametrize(
    ("c2pa", "wanted"),
    [
        (C2pa("ChatGPT", (("gpt-image", "2.0"),), AI), ("openai", "2.0", True)),
        (C2pa("OpenAI-API c2pa-rs/0.31.3", (), AI), ("openai", None, True)),
        (C2pa(None, (("GPT-4o", None),), ()), ("openai", None, True)),
        (C2pa(None, (("DALL·E", None),), AI), ("openai", None, True)),
        (C2pa("Adobe_Firefly/1.0 c2pa-rs/0.9", (), AI), ("adobe", "1.0", True)),
        (C2pa("Adobe_Photoshop/25.0", (("Adobe Photoshop", "25.0"),), MIXED), ("adobe", "25.0", True)),
        (C2pa("Adobe_Photoshop/25.0", (("Adobe Photoshop", "25.0"),), ()), (None, None, False)),
        (C2pa("Google C2PA Core Generator Library", (), AI), ("google", None, True)),
        (C2pa("Google C2PA Core Generator Library", (), ("computationalCapture",)), (None, None, False)),
        (C2pa("Microsoft_Responsible_AI/1.0", (("Bing Image Creator", None),), AI), ("unknown", None, True)),
        (C2pa("Leica M11-P", (), ("digitalCapture",)), (None, None, False)),
        (C2pa("GPTools", (), ()), (None, None, False)),
        (C2pa(), (None, None, False)),
    ],
)
def test_c2pa(c2pa: C2pa, wanted: tuple[str | None, str | None, bool]) -> None:
    assert c2pa_generator(c2pa) == wanted
    assert credentials(c2pa, []) == wanted


SOURCE_TYPE = xmp("Iptc4xmpExt:DigitalSourceType", IPTC + "trainedAlgorithmicMedia")


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        ((SOURCE_TYPE, xmp("photoshop:Credit", "Made with Google AI")), ("google", None, True)),
        ((SOURCE_TYPE,), ("unknown", None, True)),
        ((xmp("photoshop:Credit", "Made with Google AI"),), (None, None, False)),
        ((xmp("Iptc4xmpExt:DigitalSourceType", IPTC + "digitalCapture"),), (None, None, False)),
        ((), (None, None, False)),
    ],
)
def test_iptc(texts: tuple[object, ...], wanted: tuple[str | None, str | None, bool]) -> None:
    assert credentials(None, texts) == wanted  # type: ignore[arg-type]
    assert credentials(C2pa("Leica M11-P", (), ("digitalCapture",)), texts) == wanted  # type: ignore[arg-type]
