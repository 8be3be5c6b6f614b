from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.embedded import XMP_PACKET, Carrier, Embedded
from extractor.ledger import Ledger
from extractor.limits import Limits
from extractor.readers.blocks.xmp import read_xmp

NAMESPACES = (
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:xap="http://ns.adobe.com/xap/1.0/" xmlns:e="http://ns.adobe.com/exif/1.0/" '
    'xmlns:mm="http://ns.adobe.com/xap/1.0/mm/" xmlns:ev="http://ns.adobe.com/xap/1.0/sType/ResourceEvent#" '
    'xmlns:ext="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:c="https://github.com/Comfy-Org/ComfyUI" '
    'xmlns:own="http://example.org/own/"'
)


def packet(properties: str = "", attributes: str = "") -> str:
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="toolkit"><rdf:RDF {NAMESPACES}>'
        f'<rdf:Description rdf:about="" {attributes}>{properties}</rdf:Description></rdf:RDF></x:xmpmeta>'
        '<?xpacket end="w"?>'
    )


def read(data: bytes, limits: Limits | None = None) -> tuple[list[tuple[str, str]], list[str]]:
    """The properties, after the packet itself, and the codes of the warnings."""
    log, embedded = Ledger(limits or Limits()), Embedded("png", "image/png")
    read_xmp(data, embedded, log)
    assert all(found.place == "xmp" and found.carrier is Carrier.XMP for found in embedded.texts)
    assert [found.key for found in embedded.texts[:1]] in ([], [XMP_PACKET])
    return [(found.key, found.value) for found in embedded.texts[1:]], [warning.code for warning in log.items]


@pytest.mark.parametrize(
    ("properties", "attributes", "found"),
    [
        pytest.param("", 'xap:CreatorTool="Draw Things"', [("xmp:CreatorTool", "Draw Things")], id="attribute"),
        pytest.param("<dc:title>a &amp; b\n日本</dc:title>", "", [("dc:title", "a & b\n日本")], id="element"),
        pytest.param("<dc:title> \n </dc:title>", 'dc:format=""', [], id="blank"),
        pytest.param("<dc:title><![CDATA[<a>]]></dc:title>", "", [("dc:title", "<a>")], id="CDATA"),
        pytest.param(
            '<dc:description><rdf:Alt><rdf:li xml:lang="de">eins</rdf:li>'
            '<rdf:li xml:lang="x-default">one</rdf:li><rdf:li xml:lang="fr">un</rdf:li></rdf:Alt></dc:description>',
            "",
            [("dc:description", "one")],
            id="the default language",
        ),
        pytest.param(
            '<dc:title><rdf:Alt><rdf:li xml:lang="de">eins</rdf:li><rdf:li>zwei</rdf:li></rdf:Alt></dc:title>',
            "",
            [("dc:title", "eins")],
            id="the first where none is the default",
        ),
        pytest.param(
            "<dc:subject><rdf:Bag><rdf:li>a</rdf:li><rdf:li>b</rdf:li></rdf:Bag></dc:subject>",
            "",
            [("dc:subject", "a"), ("dc:subject", "b")],
            id="every item of a bag",
        ),
        pytest.param(
            '<e:UserComment><rdf:Alt><rdf:li xml:lang="x-default">{"c":"a cat"}</rdf:li></rdf:Alt></e:UserComment>',
            "",
            [("exif:UserComment", '{"c":"a cat"}')],
            id="JSON in UserComment",
        ),
        pytest.param(
            '<mm:History><rdf:Seq><rdf:li ev:action="saved"/><rdf:li rdf:parseType="Resource">'
            "<ev:softwareAgent>tool</ev:softwareAgent></rdf:li></rdf:Seq></mm:History>",
            "",
            [("xmpMM:History/stEvt:action", "saved"), ("xmpMM:History/stEvt:softwareAgent", "tool")],
            id="fields of structures",
        ),
        pytest.param(
            '<ext:DigitalSourceType rdf:resource="http://cv.iptc.org/x/trainedAlgorithmicMedia"/>',
            "",
            [("Iptc4xmpExt:DigitalSourceType", "http://cv.iptc.org/x/trainedAlgorithmicMedia")],
            id="resource",
        ),
        pytest.param(
            "<c:prompt>{}</c:prompt><own:a>1</own:a>",
            'own:b="2"',
            [("{http://example.org/own/}b", "2"), ("comfy:prompt", "{}"), ("{http://example.org/own/}a", "1")],
            id="known and unknown namespaces",
        ),
    ],
)
def test_properties(properties: str, attributes: str, found: list[tuple[str, str]]) -> None:
    assert read(packet(properties, attributes).encode()) == (found, [])


WHOLE = packet("<dc:title>日本</dc:title>")
TITLE = [("dc:title", "日本")]


@pytest.mark.parametrize(
    ("data", "found", "codes"),
    [
        pytest.param(WHOLE.encode() + bytes(100), TITLE, [], id="NULs after"),
        pytest.param(WHOLE.encode() + b" junk < & \0 more", TITLE, [], id="junk after"),
        pytest.param(b"junk" + WHOLE.encode(), TITLE, [], id="junk before"),
        pytest.param(b"\xef\xbb\xbf" + WHOLE.encode(), TITLE, [], id="UTF-8 BOM"),
        pytest.param(WHOLE.encode("utf-16"), TITLE, [], id="UTF-16 with BOM"),
        pytest.param(WHOLE.encode("utf-16-be"), TITLE, [], id="UTF-16 big-endian"),
        pytest.param(WHOLE.encode("utf-16-le") + b"\0\0\0", TITLE, [], id="UTF-16 little-endian with NULs"),
        pytest.param(
            packet("<dc:title>caf\xe9</dc:title>")
            .encode("utf-8")
            .replace(b"\xc3\xa9", b"\xe9")
            .replace(b"\xef\xbb\xbf", b""),
            [("dc:title", "café")],
            [],
            id="Latin-1",
        ),
        pytest.param(b'<?xml version="1.0" encoding="UTF-16"?><a>b</a>', [("a", "b")], [], id="wrong declaration"),
        pytest.param(WHOLE.encode()[:-40], TITLE, ["xmp-invalid"], id="cut"),
        pytest.param(b"<a><b>1</b><c>\x01</c></a>", [("a/b", "1")], ["xmp-invalid"], id="control character"),
        pytest.param(b"<a><b>1</b>&unknown;</a>", [("a/b", "1")], ["xmp-invalid"], id="entity"),
        pytest.param(b"no XML", [], ["xmp-invalid"], id="no XML"),
        pytest.param(b" \n\0\0", [], [], id="blank"),
        pytest.param(b"<x/>", [], [], id="empty element"),
        pytest.param(b"<a>" * 5000 + b"</a>" * 5000, [], ["limit:xmp_depth"], id="5000 deep"),
        pytest.param(
            b'<!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><l>&b;</l>', [], ["xmp-invalid"], id="laughs"
        ),
        pytest.param(
            b'<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><l>&a;</l>', [], ["xmp-invalid"], id="file entity"
        ),
        pytest.param(b'<a xmlns:u="' + b"u" * 600 + b'"><u:b>1</u:b></a>', [], ["xmp-invalid"], id="endless namespace"),
    ],
)
def test_odd_packets(data: bytes, found: list[tuple[str, str]], codes: list[str]) -> None:
    assert read(data) == (found, codes)


def test_the_packet_is_kept_as_it_stands() -> None:
    embedded = Embedded("png", "image/png")
    read_xmp(WHOLE.encode("utf-16") + b"\0\0", embedded, Ledger())
    assert (embedded.texts[0].key, embedded.texts[0].value) == (XMP_PACKET, WHOLE)


@pytest.mark.parametrize(
    ("limits", "found", "code"),
    [
        (Limits(xmp_bytes=13), [("a/b", "1")], "limit:xmp_bytes"),
        (Limits(xmp_depth=1), [], "limit:xmp_depth"),
        (Limits(xmp_items=2), [("a/b", "1")], "limit:xmp_items"),
        (Limits(xmp_packets=0), [], "limit:xmp_packets"),
    ],
)
def test_limits(limits: Limits, found: list[tuple[str, str]], code: str) -> None:
    properties, codes = read(b"<a><b>1</b><c>2</c></a>", limits)
    assert properties == found
    assert code in codes


def test_packets_of_one_file_are_counted_together() -> None:
    embedded, log = Embedded("png", "image/png"), Ledger(Limits(xmp_packets=2))
    for _ in range(3):
        read_xmp(b"<x/>", embedded, log)
    assert len(embedded.texts) == 2
    assert [warning.code for warning in log.items] == ["limit:xmp_packets"]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.text(alphabet="<>/=\"'&;:?!ab x\n\0é日", max_size=60),
    st.integers(0, len(WHOLE)),
    st.sampled_from(["utf-8", "utf-16-le", "utf-16-be", "latin-1"]),
)
def test_damage_never_escapes(noise: str, at: int, codec: str) -> None:
    read((WHOLE[:at] + noise + WHOLE[at:]).encode(codec, "replace"))
