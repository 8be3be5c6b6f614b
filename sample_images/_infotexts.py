"""Pictures of A1111 and its relatives: one infotext for each dialect, one file for each place it is kept in."""

from __future__ import annotations

import hashlib
import struct
import zlib

from _containers import (
    SMALL_HEIGHT,
    SMALL_WIDTH,
    avif,
    bmp,
    box,
    chunk,
    compressed_text,
    exif_segment,
    gif,
    heic,
    hidden,
    international_text,
    jpeg,
    jxl,
    png,
    segment,
    text,
    webp,
    xmp_segment,
)
from _encoders import brotli_stream, mosaic
from _exif import ascii_tag, comment_tag, exif, tiff, tiff_picture, user_comment

LIGHTHOUSE = """\
a lighthouse on a cliff at dusk, warm light in the windows, <lora:inkwash_v2:0.7>, (sea spray:1.2)
BREAK
dramatic clouds, film grain
Negative prompt: blurry, lowres, text, watermark
Steps: 28, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 6.5, Seed: 2914702386, Size: 512x768, \
Model hash: 6ce0161689, Model: sketchMix_v30, VAE hash: 735e4c3a44, VAE: vae-ft-mse-840000-ema-pruned.safetensors, \
Denoising strength: 0.35, Clip skip: 2, Hires upscale: 1.5, Hires steps: 12, Hires upscaler: 4x-UltraSharp, \
Lora hashes: "inkwash_v2: 9f3b2c61d0aa", Version: v1.10.1"""

TEAHOUSE = """\
夕暮れの茶屋、提灯の明かり、雨に濡れた石畳、浴衣の少女 🏮
Negative prompt: 低品質、文字、透かし
Steps: 24, Sampler: Euler a, CFG scale: 7, Seed: 0, Size: 512x768, Model hash: a1535d0a42, Model: 和風ミックス_v2, \
Clip skip: 2, Version: v1.9.4"""

FOX = """\
portrait of a red fox, snowfall, 85mm
Negative prompt: dog, cartoon
Steps: 20, Sampler: DPM++ 2M Karras, CFG scale: 7.5, Seed: 991, Size: 512x768, Model hash: fc2511737a, \
Model: wildlife_photo, Version: v1.6.0"""

CAFE = """\
café crème on a zinc bar, Montréal in winter, São Paulo poster
Negative prompt: naïve art
Steps: 22, Sampler: UniPC, Schedule type: Automatic, CFG scale: 5, Seed: 77120, Size: 512x768, Model: bistroDiffusion"""

LORAS = """\
knight in a wheat field, <lora:armor detail v1.2:0.8:0.5>, <lyco:golden-hour:1>, <lora:styles/Oil: Heavy:-0.4>, \
<hypernet:soft_edges:0.6>, embroidery_ti
Negative prompt: easynegative, badhands
Steps: 30, Sampler: Euler a, CFG scale: 7, Seed: 5551234, Size: 640x960, Model hash: 31e35c80fc, \
Model: oilAndSteel_v4, Lora hashes: "armor detail v1.2: 0xb1c2d3e4f5, styles/Oil Heavy: 77aa88bb99cc", \
TI hashes: "embroidery_ti: 4c1d2e3f5a6b, easynegative: c74b4e810b03, easynegative: c74b4e810b03", Version: v1.10.0, \
Hashes: {"model": "31e35c80fc", "lora:golden-hour": "d41a9fe210", "embed:badhands": "aa7651be15", \
"lora:empty": "e3b0c44298"}"""

EXTENSIONS = """\
a ceramic teapot shaped like a hedgehog
Negative prompt: broken
Steps: 25, Sampler: DPM++ SDE, Schedule type: Karras, CFG scale: 6, Seed: 404404, Size: 768x768, \
Model hash: 1449e5b0b9, Model: clayworks_xl, Denoising strength: 0.4, Tiling, ADetailer model: hand_yolov8n.pt, \
ADetailer prompt: "photo: glazed hands, soft", ADetailer confidence: 0.3, ADetailer version: 24.11.1, \
ControlNet 0: "Module: canny, Model: control_v11p_sd15_canny [d14c016b], Weight: 0.9, Guidance Start: 0.0", \
Refiner: glazeFinish_v1 [5c91b8d3aa], Refiner switch at: 0.8, AddNet Enabled: True, AddNet Module 1: LoRA, \
AddNet Model 1: hedgehog(2)(9a1bd0c3e7f2), AddNet Weight A 1: 0.6, AddNet Weight B 1: 0.5, Version: v1.10.1
Template: a ceramic teapot shaped like a {hedgehog|fox}
Negative Template: broken"""

EXTRAS = "Postprocess upscale by: 4, Postprocess upscaler: R-ESRGAN 4x+, CodeFormer visibility: 0.5"

FORGE = """\
isometric greenhouse, tropical plants, morning mist
Steps: 24, Sampler: Euler, Schedule type: Simple, CFG scale: 1, Distilled CFG Scale: 3.5, Seed: 3180422119, \
Size: 896x1152, Model hash: bea01d51bd, Model: flux1-dev-bnb-nf4-v2, Beta schedule alpha: 0.6, \
Version: f2.0.1v1.10.1-previous-659-gc055f2d4, Diffusion in Low Bits: Automatic (fp16 LoRA), Module 1: ae, \
Module 2: t5xxl_fp16"""

FORGE_CLASSIC = """\
paper boat on a puddle, macro
Negative prompt: people
Steps: 26, Sampler: DPM++ 2M SDE, Schedule type: Exponential, CFG scale: 5.5, Seed: 88, Size: 832x1216, \
Model hash: 67ab2fd8ec, Model: puddleXL, Hires CFG Scale: 4, Hires upscale: 1.25, Version: classic"""

FORGE_NEO = """\
a red bicycle against a blue wall
Negative prompt: cars
Steps: 8, Sampler: Euler, Schedule type: Beta, CFG scale: 1, Shift: 9, Seed: 720817, Size: 1024x1024, \
Model hash: 2407613050, Model: z_image_turbo, RNG: CPU, Version: neo-2.28, Module 1: qwen_3_4b"""

REFORGE = """\
owl librarian, candlelight, <lora:storybook:1>
Negative prompt: worst quality
Steps: 32, Sampler: Euler a, Schedule type: Align Your Steps, CFG scale: 4.5, Seed: 15, Size: 832x1216, \
Model hash: e3c47aedb0, Model: fableXL_v12, freeu_b1: 1.3, dynthres_enabled: True, \
Lora hashes: "storybook: 5b1e70f9c2d4", Version: f1.0.0v2-v1.10.1RC-latest-2164-g3f2a9c1e"""

EASY_REFORGE = """\
stained glass koi
Negative prompt: frame
Steps: 28, Sampler: Euler a, CFG scale: 5, Seed: 60221, Size: 1024x1024, Model hash: 0d0a24ad6c, Model: vitraux_v5, \
Version: f1.3.0-v1.10.1RC-latest-2213-g5b3d1e0a"""

SD_NEXT = """\
harbour at low tide, gulls, <lora:fog:0.8> <lora:gulls:1.0>
Negative prompt:\x20
Steps: 20, Size: 1024x1024, Sampler: UniPC, Scheduler: UniPCMultistepScheduler, Seed: 3141592653, CFG scale: 6, \
CFG rescale: 0.7, CLiP-skip: 2, App: SD.Next, Version: 4a6b1c9, Parser: native, Pipeline: StableDiffusionXLPipeline, \
Operations: txt2img; hires, Model: tidewater_xl, Model hash: 7b6f6a8c1d, LoRA networks: "fog, gulls", \
LoRA hashes: "1f2e3d4c5b", VAE: default"""

CIVITAI_BLOCKS = """\
glass dragon, studio light
Negative prompt: low quality
Steps: 25, Sampler: Undefined, CFG scale: 4, Seed: 1205776341, Created Date: 2025-03-14T09:26:53.5897932Z, \
Clip skip: 2, Civitai resources: [{"type": "checkpoint", "modelVersionId": 914390, "modelName": "Prism XL", \
"modelVersionName": "v3"}, {"type": "lora", "weight": 0.75, "modelVersionId": 720175, "modelName": "Glass, Molten", \
"modelVersionName": "v1.0"}, {"type": "embed", "weight": 1, "modelVersionId": 106916, "modelName": "civit_nsfw_low"}], \
Civitai metadata: {"workflow": "txt2img", "quantity": 1, \
"aspectRatio": {"value": "2:3", "width": 832, "height": 1216}}"""

CIVITAI_ON_SITE = """\
a kite over dunes, long shadows
Negative prompt: crowd
Steps: 30, Sampler: Euler a, CFG scale: 6, Seed: 2222333344, Size: 832x1216, Clip skip: 2, Model: Desert Bloom"""

CIVITAI_HASHES = """\
moss garden, stepping stones
Negative prompt: people
Steps: 18, Sampler: DDIM, CFG scale: 8, Seed: 64, Size: 512x768, Model hash: cc6cb27103, \
Model: verdant, Version: v1.8.0, \
Hashes: {"vae": "c6a580b13a", "model": "cc6cb27103", "embed:mossy": "8f1c3d2e7a", "lora:stones": "1a2b3c4d5e"}"""

COMFYUI_SAVER = """\
windmill at noon, embedding:clean_lines
Negative prompt: fog
Steps: 20, Sampler: euler_ancestral_karras, CFG scale: 6.0, Seed: 9007199254740993, Size: 832x1216, \
Model hash: 4496b36d48, Model: plein_air.safetensors Version: ComfyUI"""


def description_packet(description: str) -> str:
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:description><rdf:Alt>'
        f'<rdf:li xml:lang="x-default">{description}</rdf:li>'
        '</rdf:Alt></dc:description></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    )


def raw_profile(block: bytes) -> str:
    lines = block.hex()
    rows = "\n".join(lines[at : at + 72] for at in range(0, len(lines), 72))
    return f"\nexif\n{len(block):8}\n{rows}\n"


def _long(infotext: str) -> str:
    """The infotext with a prompt of which one segment of a JPEG cannot hold all."""
    prompt, _, settings = infotext.partition("\n")
    words = ", ".join(f"star {number}" for number in range(1, 3401))
    return f"{prompt}, {words}\n{settings}"


def _split_exif(block: bytes) -> list[bytes]:
    return [exif_segment(block[at : at + 65_000]) for at in range(0, len(block), 65_000)]


def _tiff() -> bytes:
    rows = mosaic(SMALL_WIDTH, SMALL_HEIGHT, zlib.crc32(FOX.encode()))
    return tiff_picture(rows, [ascii_tag(0x131, "sketchpad 2.1")], [comment_tag(user_comment(FOX, "utf-16-le"))])


def _orientation(value: int) -> bytes:
    return exif({0x112: value}, UserComment=user_comment(FOX))


def _job(artist: str) -> dict[int, object]:
    return {0x131: "0b6f5d1e-6f3a-4c1b-9a57-2f8f1f0d6c11", 0x13B: artist}


def extended_xmp(packet: str) -> list[bytes]:
    """A main packet that only names the extended one, and that one in two segments, the second first."""
    data = packet.encode()
    guid = hashlib.md5(data, usedforsecurity=False).hexdigest().upper()
    main = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:xmpNote="http://ns.adobe.com/xmp/note/" '
        f'xmpNote:HasExtendedXMP="{guid}"/></rdf:RDF></x:xmpmeta>'
    )
    head = b"http://ns.adobe.com/xmp/extension/\0" + guid.encode() + struct.pack(">I", len(data))
    half = len(data) // 2
    return [
        xmp_segment(main),
        segment(0xE1, head + struct.pack(">I", half) + data[half:]),
        segment(0xE1, head + struct.pack(">I", 0) + data[:half]),
    ]


def _iptc(caption: str) -> bytes:
    """The caption of a Photoshop resource block."""
    data = b"\x1c\x02\x78" + struct.pack(">H", len(caption)) + caption.encode()
    return segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(data)) + data)


CAMERA: dict[int, object] = {
    0x10F: "Canon",
    0x110: "Canon EOS R5",
    0x131: "Adobe Photoshop Lightroom 7.4",
    0x13B: "M. Example",
}


def files() -> dict[str, bytes]:
    """File name -> contents."""
    fox_png, fox_jpeg = png(text("parameters", FOX)), jpeg(exif_segment(exif(UserComment=user_comment(FOX))))
    return {
        "a1111-png-text.png": png(text("parameters", LIGHTHOUSE)),
        "a1111-png-itxt.png": png(international_text("parameters", TEAHOUSE)),
        "a1111-extensions.png": png(text("parameters", EXTENSIONS)),
        "a1111-extras-tab.png": png(text("parameters", EXTRAS), text("postprocessing", EXTRAS)),
        "a1111-no-negative.png": png(text("parameters", FOX.replace("Negative prompt: dog, cartoon\n", ""))),
        "a1111-crlf.png": png(text("parameters", FOX.replace("\n", "\r\n"))),
        "a1111-one-line.png": png(text("parameters", FOX.replace("\n", "."))),
        "a1111-stealth-rgb.png": png(bits=hidden(b"stealth_rgbinfo", TEAHOUSE.encode(), 3)),
        "a1111-stealth-alpha.png": png(bits=hidden(b"stealth_pnginfo", FOX.encode(), 1)),
        "png-ztxt.png": png(compressed_text("parameters", LIGHTHOUSE)),
        "png-itxt-compressed.png": png(international_text("parameters", TEAHOUSE, compressed=True)),
        "png-text-after-idat.png": png(after=text("parameters", FOX)),
        "png-text-latin1.png": png(text("parameters", CAFE)),
        "png-utf8-in-text.png": png(text("parameters", TEAHOUSE, encoding="utf-8")),
        "png-keyword-case.png": png(text("Parameters", FOX)),
        "png-exif-usercomment.png": png(chunk(b"eXIf", exif(UserComment=user_comment(TEAHOUSE)))),
        "png-raw-profile.png": png(
            compressed_text("Raw profile type exif", raw_profile(b"Exif\0\0" + exif(UserComment=user_comment(FOX))))
        ),
        "png-xmp.png": png(international_text("XML:com.adobe.xmp", description_packet(CAFE))),
        "png-bad-crc.png": png(text("parameters", FOX)[:-4] + b"\0\0\0\0"),
        "a1111-jpeg-usercomment-utf16be.jpg": jpeg(exif_segment(exif(UserComment=user_comment(TEAHOUSE)))),
        "a1111-jpeg-usercomment-utf16le.jpg": jpeg(
            exif_segment(tiff([], [comment_tag(user_comment(TEAHOUSE, "utf-16-le"))]))
        ),
        "a1111-jpeg-usercomment-ascii.jpg": jpeg(
            exif_segment(exif(UserComment=user_comment(FOX, "ascii", b"ASCII\0\0\0")))
        ),
        "a1111-jpeg-usercomment-utf8.jpg": jpeg(
            exif_segment(exif(UserComment=user_comment(TEAHOUSE, "utf-8", bytes(8))))
        ),
        "jpeg-com.jpg": jpeg(segment(0xFE, FOX.encode())),
        "jpeg-com-beside-usercomment.jpg": jpeg(
            segment(0xFE, b"Created with GIMP"), exif_segment(exif(UserComment=user_comment(FOX)))
        ),
        "jpeg-xmp.jpg": jpeg(xmp_segment(description_packet(FOX))),
        "jpeg-xmp-extended.jpg": jpeg(*extended_xmp(description_packet(TEAHOUSE))),
        "jpeg-xpcomment.jpg": jpeg(exif_segment(exif({0x9C9C: (TEAHOUSE + "\0").encode("utf-16-le")}))),
        "jpeg-iptc.jpg": jpeg(_iptc(FOX)),
        "jpeg-split-exif.jpg": jpeg(*_split_exif(exif(UserComment=user_comment(_long(FOX))))),
        "jpeg-rotated.jpg": jpeg(exif_segment(_orientation(6))),
        "a1111.webp": webp(exif=exif(UserComment=user_comment(LIGHTHOUSE))),
        "a1111-webp-usercomment-utf8-noprefix.webp": webp(exif=exif(UserComment=user_comment(TEAHOUSE, "utf-8", b""))),
        "webp-exif-prefix.webp": webp(exif=b"Exif\0\0" + exif(UserComment=user_comment(FOX))),
        "webp-xmp.webp": webp(xmp=description_packet(FOX)),
        "a1111.avif": avif(exif=exif(UserComment=user_comment(LIGHTHOUSE))),
        "avif-xmp.avif": avif(xmp=description_packet(FOX)),
        "a1111.heic": heic(exif=exif(UserComment=user_comment(TEAHOUSE))),
        "heic-xmp.heic": heic(xmp=description_packet(FOX)),
        "a1111.jxl": jxl(box(b"Exif", bytes(4), exif(UserComment=user_comment(LIGHTHOUSE)))),
        "a1111-jxl-exif-without-offset.jxl": jxl(box(b"Exif", exif(UserComment=user_comment(FOX)))),
        "a1111-jxl-brotli.jxl": jxl(
            box(b"brob", b"Exif", brotli_stream(bytes(4) + exif(UserComment=user_comment(TEAHOUSE))))
        ),
        "jxl-xmp.jxl": jxl(box(b"xml ", description_packet(FOX).encode())),
        "a1111.gif": gif(TEAHOUSE),
        "gif-xmp.gif": gif(xmp=description_packet(FOX)),
        "a1111.tif": _tiff(),
        "lora-hashes.png": png(text("parameters", LORAS)),
        "forge.png": png(text("parameters", FORGE)),
        "forge-classic.jpg": jpeg(exif_segment(exif(UserComment=user_comment(FORGE_CLASSIC)))),
        "forge-neo.webp": webp(exif=exif(UserComment=user_comment(FORGE_NEO))),
        "reforge.png": png(text("parameters", REFORGE)),
        "easy-reforge.png": png(text("parameters", EASY_REFORGE)),
        "sd-next.jpg": jpeg(exif_segment(exif({0x131: "SD.Next"}, UserComment=user_comment(SD_NEXT)))),
        "civitai-resources.jpg": jpeg(exif_segment(exif(UserComment=user_comment(CIVITAI_BLOCKS)))),
        "civitai-hashes.png": png(text("parameters", CIVITAI_HASHES)),
        "civitai-onsite.jpg": jpeg(
            exif_segment(
                tiff(
                    [ascii_tag(number, str(value)) for number, value in _job("ai").items()],
                    [comment_tag(user_comment(CIVITAI_ON_SITE))],
                )
            )
        ),
        "civitai-onsite.png": png(
            chunk(b"eXIf", exif(_job("ai"), UserComment=user_comment(CIVITAI_BLOCKS.replace("Undefined", "Euler"))))
        ),
        "comfyui-infotext.jpg": jpeg(exif_segment(exif(UserComment=user_comment(COMFYUI_SAVER)))),
        "no-metadata.png": png(text("Software", "GIMP 2.10"), text("Comment", "Created with GIMP")),
        "no-metadata.bmp": bmp(),
        "no-metadata.webp": webp(),
        "camera.jpg": jpeg(
            exif_segment(
                exif(
                    CAMERA,
                    UserComment=user_comment("", "ascii", b"ASCII\0\0\0"),
                    FNumber=(28, 10),
                    DateTimeOriginal="2024:05:01 12:34:56",
                    OffsetTimeOriginal="+02:00",
                )
            )
        ),
        "truncated.png": fox_png[: fox_png.index(b"IDAT") + 90],
        "truncated.jpg": fox_jpeg[: fox_jpeg.index(b"\xff\xda") + 60],
        "caption-sidecar.png": png(chunk(b"pHYs", struct.pack(">IIB", 2835, 2835, 1))),
        "caption-sidecar.txt": b"a wooden chair in an empty room, window on the left, dust, 1970s\n",
        "infotext-sidecar.png": png(text("Title", "fox")),
        "infotext-sidecar.txt": FOX.encode() + b"\n",
    }
