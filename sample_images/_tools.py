"""Pictures of tools that write a format of their own."""

from __future__ import annotations

import json

from _c2pa import FIREFLY, GOOGLE, OPENAI, app11
from _comfyui import BASIC, HIRES, chunks
from _containers import (
    chunk,
    exif_segment,
    hidden,
    international_text,
    jpeg,
    png,
    segment,
    text,
    webp,
    xmp_segment,
)
from _encoders import gzip_stream
from _exif import ascii_tag, comment_tag, exif, tiff, user_comment
from _payloads import (
    DRAW_THINGS,
    DRAW_THINGS_TEXT,
    EASY_DIFFUSION,
    FOOOCUS,
    FOOOCUS_A1111,
    FOOOCUS_MRE,
    GENERIC,
    HUGGING_FACE,
    INVOKE,
    INVOKE_DREAM,
    INVOKE_SD,
    MIDJOURNEY,
    NOVELAI,
    RUINED,
    STABILITY_MATRIX,
    STABILITY_MATRIX_PROJECT,
    STABILITY_MATRIX_TEXT,
    SWARM,
    SWARM_GRAPH,
    TENSORART,
)


def draw_things_packet(*, json_too: bool) -> str:
    data = json.dumps(DRAW_THINGS).replace("&", "&amp;").replace("<", "&lt;")
    comment = f'<exif:UserComment><rdf:Alt><rdf:li xml:lang="x-default">{data}</rdf:li></rdf:Alt></exif:UserComment>'
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 6.0.0">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><xmp:CreatorTool>Draw Things</xmp:CreatorTool>'
        f'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{DRAW_THINGS_TEXT}</rdf:li></rdf:Alt></dc:description>'
        f"{comment if json_too else ''}</rdf:Description></rdf:RDF></x:xmpmeta>"
    )


def _comment(value: object) -> bytes:
    return exif(UserComment=user_comment(json.dumps(value)))


def novelai_exif() -> bytes:
    envelope = json.dumps(NOVELAI, ensure_ascii=False)
    described = b"\0\0\0\0" + str(NOVELAI["Description"]).encode()
    return tiff(
        [
            ascii_tag(0x131, "NovelAI Diffusion V4.5 4BDE2A90"),
            ascii_tag(0x10D, "NovelAI generated image"),
            (0x10E, 2, len(described) + 1, described + b"\0"),
        ],
        [comment_tag(user_comment(envelope, "utf-8", b"ASCII\0\0\0"))],
        order=">",
    )


def fooocus_exif() -> bytes:
    return exif({0x131: "Fooocus v2.5.5"}, UserComment=user_comment(json.dumps(FOOOCUS)), MakerNote=b"fooocus")


def _utf8_text(key: str, value: object) -> bytes:
    return text(key, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), encoding="utf-8")


def files() -> dict[str, bytes]:
    """File name -> contents."""
    swarm = json.dumps(SWARM, indent=2)
    return {
        "swarmui.png": png(text("parameters", swarm), chunks(SWARM_GRAPH)[0]),
        "swarmui-jpeg.jpg": jpeg(exif_segment(tiff([], [comment_tag(user_comment(swarm, "utf-16-le"))]))),
        "swarmui-sidecar.png": png(text("Title", "swarm")),
        "swarmui-sidecar.swarm.json": swarm.encode() + b"\n",
        "invokeai.png": png(text("invokeai_metadata", json.dumps(INVOKE))),
        "invokeai-sd-metadata.png": png(text("sd-metadata", json.dumps(INVOKE_SD))),
        "invokeai-dream.png": png(text("Dream", INVOKE_DREAM)),
        "novelai.png": png(*(_utf8_text(key, value) for key, value in NOVELAI.items())),
        "novelai.webp": webp(exif=novelai_exif()),
        "novelai-stealth.png": png(
            bits=hidden(b"stealth_pngcomp", gzip_stream(json.dumps(NOVELAI, ensure_ascii=False).encode()), 1)
        ),
        "fooocus.png": png(text("fooocus_scheme", "fooocus"), text("parameters", json.dumps(FOOOCUS))),
        "fooocus-a1111.png": png(text("fooocus_scheme", "a1111"), text("parameters", FOOOCUS_A1111)),
        "fooocus-jpeg.jpg": jpeg(exif_segment(fooocus_exif())),
        "fooocus.webp": webp(exif=fooocus_exif()),
        "ruined-fooocus.png": png(text("parameters", json.dumps(RUINED))),
        "fooocus-mre.png": png(text("Comment", json.dumps(FOOOCUS_MRE))),
        "fooocus-mre.jpg": jpeg(segment(0xFE, json.dumps(FOOOCUS_MRE).encode())),
        "easy-diffusion.png": png(*(text(key, str(value)) for key, value in EASY_DIFFUSION.items())),
        "easy-diffusion.jpg": jpeg(exif_segment(_comment(EASY_DIFFUSION))),
        "easy-diffusion-sidecar.png": png(text("Title", "crane")),
        "easy-diffusion-sidecar.json": json.dumps(EASY_DIFFUSION, indent=2).encode() + b"\n",
        "draw-things.png": png(international_text("XML:com.adobe.xmp", draw_things_packet(json_too=True))),
        "draw-things.jpg": jpeg(xmp_segment(draw_things_packet(json_too=True))),
        "draw-things-description.webp": webp(xmp=draw_things_packet(json_too=False)),
        "stability-matrix.png": png(
            text("parameters", STABILITY_MATRIX_TEXT),
            text("parameters-json", json.dumps(STABILITY_MATRIX)),
            text("smproj", json.dumps(STABILITY_MATRIX_PROJECT)),
            chunks(HIRES)[0],
        ),
        "tensorart.png": png(_utf8_text("generation_data", json.dumps(TENSORART) + "\0"), chunks(BASIC)[0]),
        "hugging-face.png": png(text("parameters", json.dumps(HUGGING_FACE))),
        "midjourney.png": png(text("Description", MIDJOURNEY), text("Author", "mapmaker")),
        "c2pa-openai.png": png(chunk(b"caBX", OPENAI)),
        "c2pa-adobe.jpg": jpeg(app11(FIREFLY)),
        "c2pa-google.webp": webp(c2pa=GOOGLE),
        "generic.png": png(text("metadata", json.dumps(GENERIC))),
        "generic-lines.png": png(
            text("Comment", "\n".join(f"{key.replace('_', ' ').title()}: {value}" for key, value in GENERIC.items()))
        ),
    }
