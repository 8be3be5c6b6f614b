"""Files made to cost much: a few bytes, or a sparse gigabyte, that ask for memory or time."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import brotli
from PIL import Image

from tests.hostile import jpeg_files, other_files, png_files, text_files
from tests.readers.boxes import box
from tests.readers.exifblocks import comment, tiff
from tests.support import SIGNATURE, chunk, ihdr, itext_chunk, png, text_chunk, ztext_chunk

GIB = 1 << 30
MIB = 1 << 20

SPARSE: dict[str, bytes] = {
    "png: IDAT": SIGNATURE + ihdr() + struct.pack(">I4s", GIB, b"IDAT"),
    "png: tEXt": SIGNATURE + ihdr() + struct.pack(">I4s", GIB, b"tEXtparameters\0"),
    "png: zeros": SIGNATURE + ihdr(),
    "jpeg: zeros": b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(9),
    "jpeg: scan": jpeg_files.picture()[:-2],
    "webp: zeros": other_files.webp(other_files.canvas()),
    "webp: EXIF": other_files.webp(other_files.canvas()) + b"EXIF" + struct.pack("<I", GIB),
    "gif: zeros": other_files.COLOURLESS,
    "gif: comment": other_files.COLOURLESS + b"!\xfe\xff",
    "gif: frame": other_files.COLOURLESS + other_files.FRAME[:-1] + b"\1",
    "bmp: pixels": b"BM" + struct.pack("<IIIIiiHHI", GIB, 0, 54, 40, 16_000, 16_000, 1, 32, 0) + bytes(20),
    "tiff: tag": b"MM\0*" + struct.pack(">IHHHII", 8, 1, 0x010E, 2, 900_000_000, 26) + bytes(4),
    "tiff: directory": b"II*\0\x08\0\0\0\xff\xff",
    "avif: zeros": other_files.FTYP,
    "avif: meta": other_files.FTYP + struct.pack(">I4s", GIB, b"meta"),
    "avif: mdat": other_files.FTYP + struct.pack(">I4s", GIB, b"mdat"),
    "heic: meta": box(b"ftyp", b"heic\0\0\0\0heicmif1") + struct.pack(">I4s", GIB, b"meta"),
    "jxl: Exif": other_files.JXL_HEAD + struct.pack(">I4s", GIB, b"Exif"),
    "jxl: xml": other_files.JXL_HEAD + struct.pack(">I4s", GIB, b"xml "),
    "jxl: brob": other_files.JXL_HEAD + struct.pack(">I4s", GIB, b"brobxml "),
    "jxl: codestream": b"\xff\x0a",
    "mp4: moov": box(b"ftyp", b"isom\0\0\0\0isom") + struct.pack(">I4s", GIB, b"moov"),
    "mp4: zeros": box(b"ftyp", b"isom\0\0\0\0isom"),
    "webm: tags": bytes.fromhex("1a45dfa3808018538067 01ffffffffffffff 1254c367 01ffffffffffffff"),
    "webm: cluster": bytes.fromhex("1a45dfa380 18538067 01ffffffffffffff 1f43b675 01ffffffffffffff"),
}
"""What stands at the begin of a file of a gibibyte of zeros."""


def write_sparse(folder: Path) -> list[Path]:
    """One file for each of `SPARSE`; none takes more than a block of the disk."""
    paths = []
    for number, head in enumerate(SPARSE.values()):
        path = folder / f"{number}.bin"
        path.write_bytes(head)
        with path.open("r+b") as file:
            file.truncate(GIB)
        paths.append(path)
    return paths


def _parameters(text: str) -> bytes:
    return png(ztext_chunk("parameters", text.encode()))


def _filled(piece: str, length: int, begin: str = "", end: str = "") -> str:
    """`piece` repeated to about `length` characters."""
    return begin + piece * (length // len(piece)) + end


def _json_text(value: Any) -> bytes:
    return png(ztext_chunk("prompt", json.dumps(value).encode()))


def _nodes(count: int, inputs: Callable[[int], dict[str, Any]], kind: str = "KSampler") -> bytes:
    nodes = {str(number): {"class_type": kind, "inputs": inputs(number)} for number in range(count)}
    save = {"class_type": "SaveImage", "inputs": {"images": ["0", 0]}}
    return _json_text({**nodes, "save": save})


def _joined_prompts(count: int) -> bytes:
    """Each text is put together of the one before, twice."""
    return _json_text(
        {
            "s": {"class_type": "SaveImage", "inputs": {"images": ["k", 0]}},
            "k": {"class_type": "KSampler", "inputs": {"seed": 1, "positive": ["c", 0], "latent_image": ["x", 0]}},
            "c": {"class_type": "CLIPTextEncode", "inputs": {"text": ["0", 0]}},
            **{
                str(number): {
                    "class_type": "StringConcatenate",
                    "inputs": {"string_a": [str(number + 1), 0], "string_b": [str(number + 1), 0]},
                }
                for number in range(count)
            },
            str(count): {"class_type": "PrimitiveString", "inputs": {"value": "abc" * 1000}},
        }
    )


def _xmp(packet: str) -> bytes:
    return png(itext_chunk("XML:com.adobe.xmp", packet.encode()))


def _entries(count: int, kind: int, value: bytes) -> bytes:
    """A JPEG whose EXIF has as many entries as fit, of one kind."""
    rows = [(number % 65_536, kind, len(value), value) for number in range(count)]
    return png(chunk(b"eXIf", tiff(rows)))


MANY = 9_990
"""Texts, just within the limit of chunks."""
SETTINGS = 'a\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512, Model: m, Lora hashes: "a: b"'

BOMBS: dict[str, Callable[[], bytes]] = {
    "zTXt of a gibibyte": lambda: png(chunk(b"zTXt", b"parameters\0\0" + png_files.gibibyte())),
    "iTXt of brackets": lambda: png(itext_chunk("workflow", b"[" * (64 * MIB), compressed=True)),
    "eight megabytes of braces": lambda: png(ztext_chunk("prompt", b'{"":' * (2 * MIB - 99))),
    "120 zTXt": lambda: png(b"".join(ztext_chunk(f"k{number}", b"A" * 1_000_000) for number in range(120))),
    "60,000 chunks": lambda: png(b"".join(text_chunk(f"k{number}", "v") for number in range(60_000))),
    "broken zTXt": lambda: png(chunk(b"zTXt", b"parameters\0\0" + png_files.gibibyte()[:-600_000] + b"broken" * 999)),
    "brob": lambda: other_files.JXL_HEAD + box(b"brob", b"xml ", brotli.compress(b" " * (128 * MIB), quality=5)),
    "empty lists": lambda: png(ztext_chunk("prompt", b'{"class_type":[' + b"[]," * 7_000_000 + b"1]}")),
    "values": lambda: png(ztext_chunk("prompt", b'{"class_type":[' + b"[]," * 240_000 + b"1]}")),
    "numbers": lambda: png(ztext_chunk("Comment", b'{"prompt":[' + b"0.5," * 499_000 + b"1]}")),
    "keys": lambda: png(ztext_chunk("Comment", json.dumps({f"key {n}": n for n in range(240_000)}).encode())),
    "surrogates": lambda: png(ztext_chunk("Comment", b'{"prompt":"' + b"\\ud800" * 1_000_000 + b'"}')),
    "deep JSON": lambda: png(ztext_chunk("prompt", b'{"class_type":' + b"[" * 1_000_000 + b"]" * 1_000_000 + b"}")),
    "chain of nodes": text_files.chain,
    "wide graph": lambda: _nodes(19_000, lambda n: {f"in{k}": [str((n * 7 + k) % 19_000), 0] for k in range(6)}),
    "graph of loops": lambda: _nodes(19_000, lambda n: {"latent_image": [str((n + 1) % 19_000), 0], "seed": n}),
    "graph of prompts": lambda: _nodes(
        9_000, lambda n: {"positive": [str((n + 1) % 9_000), 0], "text": "<lora:a:1>" * 30}
    ),
    "doubling texts": lambda: _joined_prompts(60),
    "overlapping EXIF": jpeg_files.overlapping,
    "65,000 EXIF entries": lambda: _entries(65_000, 2, b"text"),
    "EXIF of 12 MB": lambda: png(
        chunk(b"eXIf", tiff([], [comment(b"UNICODE\0" + ("日a" * 3_000_000).encode("utf-16-be"))]))
    ),
    "XMP attributes": lambda: _xmp("<a xmlns:b='c' " + " ".join(f"b:a{n}='v'" for n in range(70_000)) + "/>"),
    "XMP elements": lambda: _xmp("<a>" + "<b>x</b>" * 120_000 + "</a>"),
    "XMP namespaces": lambda: _xmp("<a>" + "".join(f"<b xmlns:n{n}='u{n}'/>" for n in range(40_000)) + "</a>"),
    "XMP depth": lambda: _xmp("<a>" * 250_000),
    "XMP laughs": lambda: _xmp(text_files.laughs()),
    "XMP in UTF-16": lambda: png(itext_chunk("XML:com.adobe.xmp", ("<a>" + "日" * 500_000 + "</a>").encode("utf-16"))),
    "settings": lambda: _parameters(_filled("key: value, ", 16 * MIB - 99, "a\nSteps: 1, ")),
    "settings of words": lambda: _parameters(_filled("a ", 16 * MIB - 99, "a\nSteps: 1, ")),
    "lines": lambda: _parameters(_filled("\n", 16 * MIB - 99, "a\nSteps: 1")),
    "settings lines": lambda: _parameters(_filled("Steps: 1, Seed: 2\n", 16 * MIB - 99)),
    "negative prompts": lambda: _parameters(_filled("Negative prompt: a\n", 16 * MIB - 99, end="Steps: 1, Seed: 2")),
    "quotes": lambda: _parameters(_filled('\\"', 16 * MIB - 99, 'a\nSteps: 1, Lora hashes: "')),
    "open quotes": lambda: _parameters(_filled('a: "', 16 * MIB - 99, "a\nSteps: 1, ")),
    "lora tags": lambda: _parameters(_filled("<lora:a:1>", 16 * MIB - 99, end="\nSteps: 1, Seed: 2")),
    "different lora tags": lambda: _parameters(
        "".join(f"<lora:a{n}:1>" for n in range(500_000)) + "\nSteps: 1, Seed: 2"
    ),
    "open tags": lambda: _parameters(_filled("<lora:", 16 * MIB - 99, end="\nSteps: 1, Seed: 2")),
    "hashes": lambda: _parameters(
        'a\nSteps: 1, Lora hashes: "' + ", ".join(f"a{n}: {n:012x}" for n in range(400_000)) + '"'
    ),
    "Civitai resources": lambda: _parameters(
        "a\nSteps: 1, Civitai resources: " + json.dumps([{"type": "lora", "modelVersionId": n} for n in range(60_000)])
    ),
    "words": lambda: png(ztext_chunk("Comment", b"prompt: a; " * (16 * MIB // 11 - 9))),
    "one word": lambda: png(ztext_chunk("Comment", b"a" * (16 * MIB - 99))),
    "colons": lambda: png(ztext_chunk("Comment", b":" * (16 * MIB - 99))),
    "commas": lambda: png(ztext_chunk("UserComment", b"," * (16 * MIB - 99))),
    "ten thousand infotexts": lambda: png(text_chunk("parameters", SETTINGS) * MANY),
    "ten thousand long infotexts": lambda: png(text_chunk("parameters", SETTINGS + ", b: c" * 400) * MANY),
    "ten thousand objects": lambda: png(
        text_chunk("Comment", json.dumps({"prompt": "a", "steps": 20, "x": [0] * 99})) * MANY
    ),
    "ten thousand graphs": lambda: png(
        text_chunk("prompt", '{"1":{"class_type":"KSampler","inputs":{"seed":1,"latent_image":["1",0]}}}') * MANY
    ),
    "ten thousand workflows": lambda: png(text_chunk("workflow", '{"nodes":[]}' * 9) * MANY),
    "ten thousand profiles": lambda: png(text_chunk("Raw profile type exif", "\nexif\n 8\n4d4d002a00000008") * MANY),
    "ten thousand packets": lambda: png(itext_chunk("XML:com.adobe.xmp", b"<x a='1'/>") * MANY),
    "small bombs": lambda: png(ztext_chunk("parameters", b"a\nSteps: 1, " + b"k: v, " * 600) * MANY),
    "ten thousand comments": lambda: jpeg_files.jpeg(*[jpeg_files.segment(0xFE, SETTINGS.encode())] * MANY),
    "60,000 tags": lambda: _xmp(
        "<a xmlns:d='http://purl.org/dc/elements/1.1/'>"
        + "<d:description>a\nSteps: 1, Seed: 2</d:description>" * 20_000
        + "</a>"
    ),
    "ten thousand texts of no settings": lambda: png(text_chunk("parameters", "a: b\n" * 600) * MANY),
    "ten thousand labelled texts": lambda: png(text_chunk("Comment", "prompt: a, " * 280) * MANY),
    "ten thousand lists of numbers": lambda: png(
        text_chunk("Comment", '{"a":[' + "0.5," * 750 + "1]}") * MANY,
    ),
    "four objects of numbers": lambda: png(
        ztext_chunk("Comment", b'{"prompt":[' + b"0.12345678," * 498_000 + b"1]}") * 5
    ),
    "four broken objects": lambda: png(ztext_chunk("Comment", b'{"prompt":[' + b"0.12345678," * 498_000) * 5),
    "objects in strings": lambda: png(ztext_chunk("Comment", b'{"prompt":"' + b"{[" * 4_000_000 + b'"}') * 3),
    "strings of brackets": lambda: png(ztext_chunk("Comment", b'{"prompt":[' + b'"[",' * 240_000 + b"1]}") * 9),
    "wide strings": lambda: png(
        ztext_chunk("Comment", ('{"prompt":[' + '"\U0001f600[",' * 1_200_000 + "1]}").encode()) * 2
    ),
    "eight graphs of loops": lambda: png(
        ztext_chunk(
            "prompt",
            json.dumps(
                {
                    str(n): {"class_type": "KSampler", "inputs": {"latent_image": [str(n + 1), 0], "seed": n}}
                    for n in range(15_000)
                }
            ).encode(),
        )
        * 20
    ),
}


def _encoded(mode: str, size: tuple[int, int], container: str, **options: Any) -> bytes:
    stream = BytesIO()
    Image.new(mode, size).save(stream, container, **options)
    return stream.getvalue()


def _many_scans() -> bytes:
    """A progressive JPEG whose last scan is repeated 20,000 times."""
    data = _encoded("RGB", (1_000, 1_000), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * 20_000 + data[-2:]


def _flat_png(width: int, height: int) -> bytes:
    """Black pixels of 4 bytes each."""
    encoder = zlib.compressobj(1)
    row = bytes(1 + 4 * width)
    pixels = b"".join(encoder.compress(row) for _ in range(height)) + encoder.flush()
    return png(header=ihdr(width, height, 8, 6), pixels=chunk(b"IDAT", pixels))


def _frame_header(data: bytes, width: int, height: int) -> bytes:
    """A JPEG with another size in its frame header."""
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


PICTURES: dict[str, tuple[int, Callable[[], bytes]]] = {
    "JPEG of many scans": (1_000_000, _many_scans),
    "JPEG of zeros": (1_000_000, lambda: _encoded("RGB", (1_000, 1_000), "JPEG")[:-400] + bytes(20 * MIB)),
    "JPEG that says 65,000 square": (0, lambda: _frame_header(_encoded("RGB", (8, 8), "JPEG"), 65_000, 65_000)),
    "JPEG that says 9,000 square": (
        81_000_000,
        lambda: _frame_header(_encoded("RGB", (8, 8), "JPEG"), 9_000, 9_000),
    ),
    "PNG of 80 megapixels": (80_000_000, lambda: _flat_png(8_000, 10_000)),
    "PNG with a gibibyte for one pixel": (1, lambda: png(pixels=chunk(b"IDAT", png_files.gibibyte()))),
    "PNG of many pixel chunks": (1, lambda: png(pixels=chunk(b"IDAT", b"x") * 200_000)),
    "PNG that says 9,000 square": (81_000_000, lambda: png(header=ihdr(9_000, 9_000))),
    "GIF that says 9,000 square": (
        81_000_000,
        lambda: b"GIF89a" + struct.pack("<HH", 9_000, 9_000) + bytes(3) + other_files.FRAME + b";",
    ),
    "GIF of zeros": (1, lambda: other_files.COLOURLESS + bytes(20 * MIB)),
    "GIF of empty frames": (1, lambda: other_files.COLOURLESS + other_files.FRAME * 200_000),
    "WebP that says 16,000 square": (
        0,
        lambda: other_files.webp(_canvas_of(16_000, 16_000), other_files.pixels()),
    ),
    "WebP that says 9,000 square": (81_000_000, lambda: other_files.webp(_canvas_of(9_000, 9_000))),
    "WebP of many frames": (64, lambda: other_files.webp(other_files.canvas(2), *[other_files.pixels()] * 9_000)),
    "BMP that says 9,000 square": (
        81_000_000,
        lambda: b"BM" + struct.pack("<IIIIiiHHI", 54, 0, 54, 40, 9_000, 9_000, 1, 24, 0) + bytes(20),
    ),
    "AVIF of 20 megapixels": (20_000_000, lambda: _encoded("RGB", (5_000, 4_000), "AVIF", speed=10)),
}
"""Pictures (and how many pixels are decoded) that ask for more than they are."""


def _canvas_of(width: int, height: int) -> bytes:
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return other_files.chunk(b"VP8X", bytes(4) + size)
