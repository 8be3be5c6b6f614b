"""PNGs whose texts are traps for JSON, infotext and XMP parsers, or for whoever prints them."""

from __future__ import annotations

import json
from typing import Any

from tests.hostile.case import Case, Found, Long
from tests.hostile.png_files import CAT, PARAMETERS, VALUE
from tests.support import itext_chunk, png, text_chunk, ztext_chunk

XMP = "XML:com.adobe.xmp"
SAMPLER = '{"1":{"class_type":"KSampler","inputs":{%s}}}'


def only(key: str, value: str) -> bytes:
    return png(text_chunk(key, value))


def raw(key: str, value: str | Long) -> tuple[tuple[str, str | Long], ...]:
    return ((f"png:tEXt:{key}", value),)


def case(name: str, key: str, value: str, *codes: str, prompt: str | None = None) -> Case:
    """One text that comes back as it is."""
    return Case(name, lambda: only(key, value), Found(raw=raw(key, value), codes=codes, prompt=prompt))


def graph(nodes: dict[str, Any]) -> bytes:
    return only("prompt", json.dumps(nodes))


def cycle() -> bytes:
    """Fifty nodes, each linked to itself and to the next, the last to the first."""
    return graph(
        {
            str(number): {
                "class_type": ("KSampler", "CLIPTextEncode")[number % 2],
                "inputs": {key: [str((number + 1) % 50), 0] for key in ("text", "positive")}
                | {"model": [str(number), 0]},
            }
            for number in range(50)
        }
    )


def chain() -> bytes:
    """5,000 nodes, each with two links to the next: 2**5000 ways to the end."""
    link = ("conditioning_1", "conditioning_2")
    return graph(
        {
            str(number): {"class_type": "ConditioningCombine", "inputs": {key: [str(number + 1), 0] for key in link}}
            for number in range(5000)
        }
    )


def big_workflow() -> bytes:
    nodes = [{"id": number, "type": "KSampler"} for number in range(60_000)]
    return png(ztext_chunk("workflow", json.dumps({"nodes": nodes}).encode()))


def laughs() -> str:
    """Each entity ten times the one before."""
    entities = "".join(f'<!ENTITY {chr(98 + level)} "{f"&{chr(97 + level)};" * 10}">' for level in range(9))
    return f'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">{entities}]><l>&j;</l>'


OUTSIDE = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><l>&a;</l>'

JSON = (
    Case(
        "png_json_deep.png",
        lambda: png(text_chunk("workflow", "[" * 200_000 + "]" * 200_000) + PARAMETERS),
        Found(raw=(*raw("workflow", Long(400_000, "[[[[")), *VALUE), prompt="a cat", codes=("limit:json_depth",)),
    ),
    case("png_json_deep900.png", "workflow", '{"a":' * 900 + "1" + "}" * 900, "limit:json_depth"),
    case("png_json_bigint.png", "prompt", SAMPLER % ('"seed":' + "9" * 5000), "limit:integer_digits"),
    case(
        "png_json_nan.png",
        "prompt",
        '{"1":{"class_type":"KSampler","inputs":{"seed":1,"cfg":NaN,"denoise":Infinity},"is_changed":[NaN]}}',
    ),
    case("png_json_1e400.png", "prompt", SAMPLER % '"seed":1e400,"steps":1e400'),
    case("png_json_surrogate.png", "prompt", '{"1":{"class_type":"CLIPTextEncode","inputs":{"text":"\\ud800 x"}}}'),
    Case(
        "png_json_types.png",
        lambda: png(
            text_chunk(
                "prompt",
                '{"1":[],"2":null,"3":{"class_type":7,"inputs":"x"},"4":{"inputs":{"text":["9",0]}},"5":5}',
            )
            + text_chunk("workflow", '"str"')
        ),
        Found(
            raw=(
                *raw(
                    "prompt",
                    '{"1":[],"2":null,"3":{"class_type":7,"inputs":"x"},"4":{"inputs":{"text":["9",0]}},"5":5}',
                ),
                *raw("workflow", '"str"'),
            ),
            codes=("unrecognised-text",),
        ),
    ),
    Case("png_json_cycle.png", cycle, Found(raw=raw("prompt", Long(5_510, '{"0": {"class_type": "KSampler"')))),
    Case(
        "png_json_chain5000.png",
        chain,
        Found(raw=raw("prompt", Long(601_676, '{"0": {"class_type": "ConditioningCombine"'))),
    ),
    case(
        "png_json_dupkeys.png",
        "prompt",
        '{"1":{"class_type":"A","class_type":"KSampler","inputs":{"seed":1,"seed":2}}}',
    ),
    case("png_json_trailing.png", "prompt", '{"1":{}}\0\0'),
    Case(
        "png_json_bom.png",
        lambda: png(itext_chunk("prompt", b'\xef\xbb\xbf{"1":{}}')),
        Found(raw=(("png:iTXt:prompt", '\ufeff{"1":{}}'),)),
    ),
    Case(
        "png_ztxt_3mb_legit.png",
        big_workflow,
        Found(raw=(("png:zTXt:workflow", Long(2_088_901, '{"nodes": [{"id": 0, "type": "KSampler"}')),)),
    ),
)

INFOTEXTS = (
    Case(
        "png_a1111_redos.png",
        lambda: only("parameters", "x\nSteps: 20, " + "a " * 60_000),
        Found(raw=raw("parameters", Long(120_013, "x\nSteps: 20, a a ")), prompt="x"),
    ),
    Case(
        "png_a1111_quotes.png",
        lambda: only("parameters", 'x\nSteps: 20, Lora hashes: "' + '\\"' * 50_000),
        Found(raw=raw("parameters", Long(100_027, 'x\nSteps: 20, Lora hashes: "')), prompt="x", codes=("cut-text",)),
    ),
    Case(
        "png_lora_redos.png",
        lambda: only("parameters", "<lora:" * 20_000 + "\nSteps: 1"),
        Found(raw=raw("parameters", Long(120_009, "<lora:<lora:")), prompt="<lora:" * 20_000),
    ),
    case(
        "png_a1111_seed_huge.png",
        "parameters",
        f"x\nSteps: {'9' * 5000}, Seed: -1e999, CFG scale: nan, Size: 0x999999999999999999",
        *("limit:integer_digits", "bad-value", "bad-value"),
        prompt="x",
    ),
    case("png_a1111_negative_only.png", "parameters", "Negative prompt: "),
    case(
        "png_control_chars.png",
        "parameters",
        "\x1b[31mred\x1b[0m \x07\x08\x00\x9b \r\nSteps: 1",
        prompt="\x1b[31mred\x1b[0m \x07\x08\x00\x9b",
    ),
    case("png_formula.png", "parameters", "=cmd|' /C calc'!A0\nSteps: 1", prompt="=cmd|' /C calc'!A0"),
    Case(
        "png_bidi.png",
        lambda: png(itext_chunk("parameters", "safe\u202eexe.\u2066".encode())),
        Found(raw=(("png:iTXt:parameters", "safe\u202eexe.\u2066"),)),
    ),
)

PACKETS = (
    Case(
        "png_xmp_laughs.png",
        lambda: png(itext_chunk(XMP, laughs().encode()) + PARAMETERS),
        Found(
            raw=(("png:xmp:packet", Long(466, '<?xml version="1.0"?><!DOCTYPE l')), *VALUE),
            prompt=CAT.prompt,
            codes=("xmp-invalid",),
        ),
    ),
    Case(
        "png_xmp_xxe.png",
        lambda: png(itext_chunk(XMP, OUTSIDE.encode())),
        Found(raw=(("png:xmp:packet", OUTSIDE),), codes=("xmp-invalid",)),
    ),
    Case(
        "png_xmp_deep.png",
        lambda: png(itext_chunk(XMP, b"<a>" * 5_000 + b"</a>" * 5_000) + PARAMETERS),
        Found(
            raw=(("png:xmp:packet", Long(35_000, "<a><a><a>")), *VALUE),
            prompt=CAT.prompt,
            codes=("limit:xmp_depth",),
        ),
    ),
)

CASES = (*JSON, *INFOTEXTS, *PACKETS)
