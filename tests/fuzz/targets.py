"""One function per reader and parser: takes any bytes, and fails when what must hold for all bytes does not."""

from __future__ import annotations

import io
import json
import warnings
import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from PIL import Image

from extractor import ExtractorError, ImageRecord, extract, format_infotext, parse_infotext
from extractor.archives.member import Archive, Member, safe_relative
from extractor.archives.opening import data_of
from extractor.archives.registry import members_of
from extractor.embedded import Carrier, Embedded, Text
from extractor.files.address import Known
from extractor.files.bytesource import BytesSource
from extractor.ledger import Ledger
from extractor.limits import DEFAULT_LIMITS
from extractor.merging.merge import merge_findings
from extractor.parsers.bundle import Bundle
from extractor.parsers.comfyui import keys, parse, textkeys
from extractor.parsers.credentials import credentials
from extractor.parsers.registry import find
from extractor.pixels.stealth import PillowBits, StealthMode, read_stealth
from extractor.readers.blocks.c2pa import add_c2pa
from extractor.readers.blocks.cbor import CborLoader
from extractor.readers.blocks.exif import read_exif
from extractor.readers.blocks.iptc import read_iptc, read_photoshop
from extractor.readers.blocks.usercomment import decode_user_comment
from extractor.readers.blocks.xmp import read_xmp
from extractor.readers.bmp import read_bmp
from extractor.readers.gif import read_gif
from extractor.readers.heif import read_avif
from extractor.readers.jpeg import read_jpeg
from extractor.readers.jxl import read_jxl
from extractor.readers.mp4 import read_mp4
from extractor.readers.png import read_png
from extractor.readers.tiff import read_tiff
from extractor.readers.webm import read_webm
from extractor.readers.webp import read_webp
from extractor.text.jsontext import dump_json, load_json
from tests.pixels.compare import same_both_ways
from tests.readers.damage import Reader, survives
from tests.support import chunk, ihdr, png

Target = Callable[[bytes], None]

TEXT_KEYS: Final = (
    *("parameters", "prompt", "workflow", "Comment", "Description", "Title", "Software", "Source", "Dream"),
    *("sd-metadata", "invokeai_metadata", "invokeai_graph", "generation_data", "parameters-json", "smproj"),
    *("fooocus_scheme", "sui_image_params", "UserComment", "ImageDescription", "XPComment", "Make", "Model"),
    *("xmp:CreatorTool", "dc:description", "exif:UserComment", "comment", "extra", "extraMetadata"),
    "use_stable_diffusion_model",
)
"""Keys under which generation data stands; the first byte of a text in the parser targets picks one."""

SEPARATOR: Final = b"\xff"
"""Between the texts of one input; never part of UTF-8."""


def _reader(read: Reader) -> Target:
    return lambda data: survives(read, data)


def _block(read: Callable[[bytes, Embedded, Ledger], object]) -> Target:
    """A reader of one block inside a container."""

    def target(data: bytes) -> None:
        embedded = Embedded("jpeg", "image/jpeg")
        read(data, embedded, Ledger())
        for text in embedded.texts:
            assert isinstance(text.value, str)
        credentials(embedded.c2pa, embedded.texts, Ledger())

    return target


def _usercomment(data: bytes) -> None:
    for big_endian in (True, False):
        text = decode_user_comment(data, big_endian)
        assert not text.startswith("\0")
        assert not text.endswith("\0")
        assert len(text) <= len(data)


def _iptc(data: bytes, embedded: Embedded, log: Ledger) -> None:
    read_iptc(data, embedded, log)
    read_photoshop(data, embedded, log)


def _cbor(data: bytes) -> None:
    CborLoader(Ledger(), "fuzz").load(data)


def _jsontext(data: bytes) -> None:
    """What is no UTF-8 becomes lone surrogates."""
    value = load_json(data.decode("utf-8", "surrogateescape"), Ledger(), "fuzz")
    text = dump_json(value)
    text.encode()
    assert load_json(text, Ledger(), "fuzz") == value


def _infotext(data: bytes) -> None:
    """Whatever is read from a text is read again from what is written of it."""
    meta = parse_infotext(data.decode("utf-8", "replace"))
    assert parse_infotext(format_infotext(meta)) == meta


def _texts(data: bytes) -> list[Text]:
    texts = []
    for part in data.split(SEPARATOR):
        number = part[0] if part else 0
        carrier = Carrier(number // len(TEXT_KEYS) % len(Carrier))
        key = TEXT_KEYS[number % len(TEXT_KEYS)]
        place = "txt" if carrier is Carrier.SIDECAR else "tEXt"
        texts.append(Text("png", place, key, part[1:].decode("utf-8", "replace"), carrier))
    return texts


def _parsers(data: bytes) -> None:
    """All parsers, merging and joining over a few texts of one file."""
    log = Ledger()
    merged = merge_findings(find(_texts(data), log), log)
    _check_meta(merged.meta)


def _json_parsers(data: bytes) -> None:
    """The same over one JSON text under every key that matters."""
    text = data.decode("utf-8", "replace")
    for key in ("parameters", "prompt", "Comment", "extraMetadata", "UserComment"):
        log = Ledger()
        merged = merge_findings(find([Text("png", "tEXt", key, text, Carrier.CHUNK)], log), log)
        _check_meta(merged.meta)


def _check_meta(meta: Any) -> None:
    if meta is not None:
        json.dumps(meta, allow_nan=False, ensure_ascii=False).encode()


def _words(*modules: Any) -> list[str]:
    """Every string in the tables of these modules."""
    words: set[str] = set()
    pending = [value for module in modules for name, value in vars(module).items() if name.isupper()]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            words.add(value)
        elif isinstance(value, (tuple, list, set, frozenset)):
            pending.extend(value)
        elif isinstance(value, dict):
            pending.extend((*value, *value.values()))
    return sorted(words)


_INPUTS: Final = _words(keys, textkeys)
_CLASSES: Final = (
    *("KSampler", "KSamplerAdvanced", "SamplerCustomAdvanced", "SaveImage", "PreviewImage", "VAEDecode"),
    *("VAEEncode", "CLIPTextEncode", "CheckpointLoaderSimple", "UNETLoader", "LoraLoader"),
    *("EmptyLatentImage", "LatentUpscale", "ConditioningCombine", "ConditioningZeroOut", "ControlNetApply"),
    *("FluxGuidance", "RandomNoise", "BasicScheduler", "KarrasScheduler", "KSamplerSelect", "CFGGuider"),
    *("ImpactSwitch", "Switch", "ShowText|pysssss", "StringConcatenate", "ImpactWildcardProcessor"),
    *("SaveImageWithMetaData", "UltimateSDUpscale", "CLIPSetLastLayer", "Reroute", "PrimitiveNode"),
    *("easy_pipe", "SDPromptSaver"),
)
_LEAVES: Final[tuple[Any, ...]] = (
    None, True, False, 0, 1, -1, 20, 1.5, 10**30, "", "a cat", "832x1216", "a.safetensors", "None", "euler", "karras",
    "<lora:x:0.5>", "embedding:y", "urn:air:sdxl:lora:civitai:3@40", "{a|b}", [], {}, ["1"], {"lora": "x", "on": True},
)  # fmt: skip


def graph_of(data: bytes) -> dict[str, Any]:
    """A graph in API form: byte by byte a node's class, the number of its inputs, and name and value of each."""
    numbers = iter(data)

    def pick(choices: Any) -> Any:
        return choices[next(numbers) % len(choices)]

    graph: dict[str, Any] = {}
    try:
        while len(graph) < 64:
            inputs: dict[str, Any] = {}
            graph[str(len(graph))] = {"class_type": pick(_CLASSES), "inputs": inputs}
            for _ in range(next(numbers) % 12):
                name = _INPUTS[(next(numbers) << 8 | next(numbers)) % len(_INPUTS)]
                kind = next(numbers)
                inputs[name] = [str(kind % 32), next(numbers) % 3] if kind < 160 else _LEAVES[kind % len(_LEAVES)]
    except StopIteration:
        pass
    return graph


def _graph(data: bytes) -> None:
    """The walk over a graph of known words, wired at random."""
    texts = [Text("png", "tEXt", "prompt", json.dumps(graph_of(data)), Carrier.CHUNK)]
    log = Ledger()
    _check_meta(merge_findings(parse(Bundle.of(texts, log)), log).meta)


def workflow_of(data: bytes) -> dict[str, Any]:
    """A workflow as the editor saves it, some of its nodes in a subgraph, from the bytes of a graph."""
    top: list[dict[str, Any]] = []
    inner: list[dict[str, Any]] = []
    links: list[Any] = []
    for number, (node_id, node) in enumerate(graph_of(data[1:]).items()):
        entries = []
        for name, value in node["inputs"].items():
            wired = isinstance(value, list) and len(value) == 2
            entries.append({"name": name, "type": name[:2], "link": len(links) if wired else None})
            if wired:
                links.append([len(links), *value, node_id, len(entries), "*"])
            elif number % 3:
                entries[-1]["widget"] = {"name": name}
        values = [value for value in node["inputs"].values() if not isinstance(value, list)]
        is_inner = number % 5 == 2
        kinds = (node["class_type"], *_EDITOR_CLASSES[is_inner:])
        kind = kinds[(number * 7 + len(values)) % len(kinds)]
        drawn = {"id": node_id, "type": kind, "mode": (0, 0, 0, 2, 4)[len(entries) % 5], "inputs": entries}
        (inner if is_inner else top).append(drawn | {"widgets_values": values, "outputs": [{"type": "la"}]})
    rim = [*links[::2], [len(links), "2", 0, -20, 0, "*"], [len(links) + 1, -10, 1, "7", 0, "*"]]
    subgraph = {"id": _EDITOR_CLASSES[0], "nodes": inner, "links": rim}
    everywhere = [{"downstream": 0, "downstream_slot": 0, "upstream": "1", "upstream_slot": data[0] if data else 0}]
    return {
        "nodes": top,
        "links": links,
        "definitions": {"subgraphs": [subgraph]},
        "extra": {"ue_links": everywhere},
    }


_EDITOR_CLASSES: Final = ("0-subgraph", "Reroute", "PrimitiveNode", "GetNode", "SetNode", "Note", "KSampler")


def _workflow(data: bytes) -> None:
    """What only the editor left."""
    texts = [Text("png", "tEXt", "workflow", json.dumps(workflow_of(data)), Carrier.CHUNK)]
    log = Ledger()
    _check_meta(merge_findings(parse(Bundle.of(texts, log)), log).meta)


def _graph_json(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    texts = [Text("png", "tEXt", key, text, Carrier.CHUNK) for key in ("prompt", "workflow")]
    log = Ledger()
    _check_meta(merge_findings(parse(Bundle.of(texts, log)), log).meta)


def _stealth(data: bytes) -> None:
    """The bits of the input as the lowest bits of a picture, column by column."""
    bits = "".join(f"{byte:08b}" for byte in data)
    height = 16
    width = max(1, -(-len(bits) // height))
    image = Image.new("RGBA", (width, height))
    samples = bytearray(width * height * 4)
    for index, bit in enumerate(bits):
        column, row = divmod(index, height)
        samples[(row * width + column) * 4 + 3] = 254 + (bit == "1")
    image.frombytes(bytes(samples))
    for text in read_stealth(PillowBits(image, Ledger()), StealthMode.ALL, Ledger(), DEFAULT_LIMITS):
        text.text.encode()


def _png_rows(data: bytes) -> None:
    """The first bytes are a picture's size, kind and cuts, the others its filtered rows as they come out of zlib."""
    width, height, kind, cut = (*data[:4], *bytes(4))[:4]
    stream = zlib.compress(data[4:], 1)
    parts = [stream[: cut + 1], stream[cut + 1 :]]
    header = ihdr(1 + width % 80, 1 + height % 80, 8, 6 if kind & 1 else 2)
    same_both_ways(png(header=header, pixels=b"".join(chunk(b"IDAT", part) for part in parts)))


def check_record(record: ImageRecord) -> None:
    """Fails when a record is no valid JSON or is not read back."""
    text = record.model_dump_json(by_alias=True, exclude_none=True)
    text.encode()
    json.loads(text, parse_constant=_no_constant)
    assert ImageRecord.model_validate_json(text).model_dump_json(by_alias=True, exclude_none=True) == text


def _no_constant(name: str) -> None:
    raise AssertionError(f"{name} is no JSON")


def _extract(*, hash: bool) -> Target:
    def target(data: bytes) -> None:
        try:
            record = extract(data, hash=hash, raw=True)
        except ExtractorError as error:
            assert str(error)
        else:
            check_record(record)

    return target


class Misbehaving(io.BytesIO):
    """A file object that answers as a script says: each byte is what the next read does."""

    def __init__(self, data: bytes, script: bytes) -> None:
        super().__init__(data)
        self._script = iter(script)
        self._can_seek = next(self._script, 0) % 2 == 0

    def seekable(self) -> bool:
        return self._can_seek

    def read(self, size: int | None = -1, /) -> Any:
        order = next(self._script, 255)
        data = super().read(size)
        match order % 32:
            case 0:
                raise (RuntimeError, OSError, ValueError, ConnectionResetError)[order // 32 % 4]("fuzz")
            case 1:
                return (None, "text", 5, bytearray(data), [data])[order // 32 % 5]
            case 2:
                return data + b"more" * order
            case 3:
                return data[: len(data) // 2]
            case 4:
                return b""
            case 5:
                self.seek(order)
        return data


def _streams(data: bytes) -> None:
    """The first bytes say how the file object misbehaves: a record, an error of ours or a `TypeError`."""
    length = data[0] % 32 if data else 0
    try:
        check_record(extract(Misbehaving(data[1 + length :], data[1 : 1 + length])))
    except (ExtractorError, TypeError) as error:
        assert str(error)


_STATES: Final[tuple[Callable[[Image.Image], object], ...]] = (
    lambda image: None,
    lambda image: image.load(),
    lambda image: image.close(),
    lambda image: setattr(image, "fp", None),
    lambda image: (image.load(), setattr(image, "fp", None)),
    lambda image: (image.load(), image.close()),
    lambda image: (image.load(), setattr(image, "fp", None), setattr(image, "palette", None)),
    lambda image: image.seek(1),
    lambda image: setattr(image, "_size", (0, 7)),
)
_MOST_PIXELS: Final = 1_000_000


def _pil(data: bytes) -> None:
    """A picture as Pillow opens it, in one of its states."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(data[1:]))
            if image.width * image.height > _MOST_PIXELS:
                return
            _STATES[data[0] % len(_STATES)](image)
    except Exception:  # noqa: BLE001 - nothing to do with us
        return
    _extract_source(image)


def _archive(scheme: str) -> Target:
    """The members of an archive, each of which holds what it says or is an error."""

    def target(data: bytes) -> None:
        source = BytesSource(data)
        archive = Archive(scheme, "x", "file:///x", Known(len(data), 5, "e"))
        try:
            for found in members_of(source, archive, DEFAULT_LIMITS):
                assert safe_relative(found.name)
                if isinstance(found, Member) and found.place is not None:
                    with suppress(ExtractorError):
                        opened = data_of(source, found.place.offset, found, found.place, DEFAULT_LIMITS)
                        assert len(opened.read_at(0, opened.size)) <= opened.size
        except ExtractorError as error:
            assert str(error)

    return target


def _extract_source(source: Any) -> None:
    try:
        check_record(extract(source, raw=True))
    except ExtractorError as error:
        assert str(error)


TARGETS: Final[dict[str, Target]] = {
    "streams": _streams,
    "pil": _pil,
    "png": _reader(read_png),
    "jpeg": _reader(read_jpeg),
    "webp": _reader(read_webp),
    "gif": _reader(read_gif),
    "bmp": _reader(read_bmp),
    "tiff": _reader(read_tiff),
    "heif": _reader(read_avif),
    "jxl": _reader(read_jxl),
    "mp4": _reader(read_mp4),
    "webm": _reader(read_webm),
    "exif": _block(read_exif),
    "xmp": _block(read_xmp),
    "iptc": _block(_iptc),
    "c2pa": _block(add_c2pa),
    "cbor": _cbor,
    "usercomment": _usercomment,
    "jsontext": _jsontext,
    "infotext": _infotext,
    "parsers": _parsers,
    "jsonparsers": _json_parsers,
    "graph": _graph,
    "workflow": _workflow,
    "graphjson": _graph_json,
    "stealth": _stealth,
    "pngrows": _png_rows,
    "zip": _archive("zip"),
    "tar": _archive("tar"),
    "extract": _extract(hash=False),
    "pixels": _extract(hash=True),
}
