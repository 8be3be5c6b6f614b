"""Pictures of tools that write a format of their own."""

from __future__ import annotations

import json
import struct
from typing import Any

from _comfyui import BASIC, HIRES, Graph, chunks, node
from _containers import (
    box,
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

SWARM: dict[str, Any] = {
    "sui_image_params": {
        "prompt": "a stone bridge in autumn, <lora:leaves>",
        "negativeprompt": "cars",
        "model": "sdxl/bridgework_v2",
        "seed": 1357913579,
        "steps": 24,
        "cfgscale": 6.0,
        "aspectratio": "2:3",
        "width": 832,
        "height": 1216,
        "sampler": "dpmpp_2m",
        "scheduler": "karras",
        "vae": "sdxl_vae",
        "refinercontrolpercentage": 0.25,
        "refinerupscale": 1.5,
        "refinerupscalemethod": "pixel-lanczos",
        "loras": ["nature/leaves"],
        "loraweights": ["0.7"],
        "swarm_version": "0.9.6.2",
    },
    "sui_extra_data": {"date": "2025-10-04", "generation_time": "0.52 (prep) and 6.31 (gen) seconds"},
    "sui_models": [
        {"name": "sdxl/bridgework_v2.safetensors", "param": "model", "hash": "0x" + "4f1d" * 16},
        {"name": "nature/leaves.safetensors", "param": "loras", "hash": "0x" + "a09b" * 16},
        {"name": "sdxl_vae.safetensors", "param": "vae", "hash": None},
    ],
}
SWARM_GRAPH: Graph = {
    "4": node("CheckpointLoaderSimple", ckpt_name="sdxl/bridgework_v2.safetensors"),
    "5": node("EmptyLatentImage", batch_size=1, height=1216, width=832),
    "6": node(
        "SwarmClipTextEncodeAdvanced",
        clip=["100", 1],
        steps=24,
        prompt="a stone bridge in autumn, ",
        width=832,
        height=1216,
        guidance=-1,
    ),
    "7": node(
        "SwarmClipTextEncodeAdvanced", clip=["100", 1], steps=24, prompt="cars", width=832, height=1216, guidance=-1
    ),
    "8": node("VAEDecode", vae=["101", 0], samples=["10", 0]),
    "9": node("SwarmSaveImageWS", images=["8", 0]),
    "10": node(
        "SwarmKSampler",
        model=["100", 0],
        noise_seed=1357913579,
        steps=24,
        cfg=6.0,
        sampler_name="dpmpp_2m",
        scheduler="karras",
        positive=["6", 0],
        negative=["7", 0],
        latent_image=["5", 0],
        start_at_step=0,
        end_at_step=10000,
        add_noise="enable",
    ),
    "100": node(
        "LoraLoader",
        model=["4", 0],
        clip=["4", 1],
        lora_name="nature/leaves.safetensors",
        strength_model=0.7,
        strength_clip=0.7,
    ),
    "101": node("VAELoader", vae_name="sdxl_vae.safetensors"),
}

INVOKE = {
    "generation_mode": "sdxl_txt2img",
    "positive_prompt": "a cup of tea on a windowsill",
    "negative_prompt": "spoon",
    "width": 832,
    "height": 1216,
    "seed": 0,
    "rand_device": "cpu",
    "cfg_scale": 5.5,
    "steps": 30,
    "scheduler": "dpmpp_2m_k",
    "clip_skip": 0,
    "model": {
        "key": "7b0c9c6e-43f8-4b07-8a3c-d2a0a5d5a7c1",
        "hash": "blake3:5f6e7d8c9bad0e1f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091",
        "name": "Windowsill XL",
        "base": "sdxl",
        "type": "main",
    },
    "vae": {"key": "v", "hash": "blake3:0011223344556677", "name": "sdxl-vae-fp16-fix", "base": "sdxl", "type": "vae"},
    "loras": [
        {
            "model": {"key": "l", "hash": "blake3:8899aabbccddeeff", "name": "steam", "base": "sdxl", "type": "lora"},
            "weight": 0.75,
        }
    ],
    "app_version": "5.6.2",
}
INVOKE_SD = {
    "model": "stable diffusion",
    "model_weights": "stable-diffusion-1.5",
    "model_hash": "cc6cb27103417325ff94f52b7a5d2dde45a7515b25c255d8e396c90014281516",
    "app_id": "invoke-ai/InvokeAI",
    "app_version": "2.3.5",
    "image": {
        "prompt": [{"prompt": "a tin robot gardener [rust, dirt]", "weight": 1}],
        "steps": 40,
        "cfg_scale": 7.5,
        "threshold": 0,
        "perlin": 0,
        "height": 768,
        "width": 512,
        "seed": 2086437562,
        "seamless": False,
        "type": "txt2img",
        "sampler": "k_euler_a",
    },
}
INVOKE_DREAM = '"a tin robot gardener [rust]" -s 50 -S 123456 -W 512 -H 768 -C 7.5 -A k_lms'

NOVELAI_COMMENT = {
    "prompt": "1girl, 2boys, picnic, year 2025, 桜",
    "steps": 28,
    "height": 1216,
    "width": 832,
    "scale": 5.5,
    "uncond_scale": 0.0,
    "cfg_rescale": 0.1,
    "seed": 3721004512,
    "n_samples": 1,
    "noise_schedule": "karras",
    "sampler": "k_dpmpp_2m_sde",
    "v4_prompt": {
        "caption": {
            "base_caption": "1girl, 2boys, picnic, year 2025, 桜",
            "char_captions": [
                {"char_caption": "girl, straw hat", "centers": [{"x": 0.5, "y": 0.5}]},
                {"char_caption": "boy, kite", "centers": [{"x": 0.1, "y": 0.3}]},
            ],
        },
        "use_coords": True,
        "use_order": True,
    },
    "v4_negative_prompt": {
        "caption": {
            "base_caption": "lowres, jpeg artifacts",
            "char_captions": [
                {"char_caption": "", "centers": [{"x": 0.5, "y": 0.5}]},
                {"char_caption": "dog", "centers": [{"x": 0.1, "y": 0.3}]},
            ],
        }
    },
    "uc": "lowres, jpeg artifacts",
    "request_type": "PromptGenerateRequest",
}
NOVELAI = {
    "Title": "NovelAI generated image",
    "Description": NOVELAI_COMMENT["prompt"],
    "Software": "NovelAI",
    "Source": "NovelAI Diffusion V4.5 4BDE2A90",
    "Generation time": "4.31",
    "Comment": json.dumps(NOVELAI_COMMENT, ensure_ascii=False),
}

FOOOCUS = {
    "adm_guidance": "(1.5, 0.8, 0.3)",
    "base_model": "juniperXL_v6",
    "base_model_hash": "aeb7e9e689",
    "clip_skip": 2,
    "full_negative_prompt": ["plastic", "oversaturated"],
    "full_prompt": ["a mountain hut", "cinematic still a mountain hut, shallow depth of field"],
    "guidance_scale": 4.0,
    "lora_combined_1": "film_grain.safetensors : 0.25",
    "loras": [["film_grain.safetensors", 0.25, "4852686128"]],
    "metadata_scheme": "fooocus",
    "negative_prompt": "plastic",
    "performance": "Speed",
    "prompt": "a mountain hut",
    "refiner_model": "None",
    "refiner_switch": 0.5,
    "resolution": "(832, 1216)",
    "sampler": "dpmpp_2m_sde_gpu",
    "scheduler": "karras",
    "seed": "5180426372819940573",
    "sharpness": 2.0,
    "steps": 30,
    "styles": "['Fooocus V2', 'Fooocus Sharp']",
    "vae": "Default (model)",
    "version": "Fooocus v2.5.5",
}
FOOOCUS_A1111 = (
    "a mountain hut\nNegative prompt: plastic\nSteps: 30, Sampler: DPM++ 2M SDE Karras, Seed: 5180426372819940573, "
    'Size: 832x1216, CFG scale: 4.0, Sharpness: 2.0, ADM Guidance: "(1.5, 0.8, 0.3)", Model: juniperXL_v6, '
    "Model hash: aeb7e9e689, Performance: Speed, Scheduler: karras, VAE: Default (model), Raw prompt: a mountain hut, "
    'Lora hashes: "film_grain: 4852686128", Lora weights: "film_grain: 0.25", Version: Fooocus v2.5.5'
)
RUINED = {
    "Prompt": "a mountain hut, snow",
    "Negative": "people",
    "steps": 30,
    "cfg": 8.0,
    "width": 1152,
    "height": 896,
    "seed": 9223372036854775807,
    "sampler_name": "dpmpp_2m_sde_gpu",
    "scheduler": "karras",
    "base_model_name": "sd_xl_base_1.0_0.9vae.safetensors",
    "base_model_hash": "E6BB9EA8",
    "loras": "Loras:<snowdrift.safetensors:0.5>,<None:0.5>",
    "clip_skip": 1,
    "software": "RuinedFooocus",
}
FOOOCUS_MRE = {
    "prompt": "a mountain hut",
    "real_prompt": ["a mountain hut, watercolour"],
    "negative_prompt": "people",
    "real_negative_prompt": ["people"],
    "steps": 30,
    "cfg": 7.0,
    "width": 896,
    "height": 1152,
    "seed": 1844674407,
    "sampler": "dpmpp_2m_sde_gpu",
    "scheduler": "karras",
    "base_model": "sd_xl_base_1.0.safetensors",
    "refiner_model": "sd_xl_refiner_1.0.safetensors",
    "l1": "watercolour.safetensors",
    "w1": 0.6,
    "denoise": 1.0,
    "software": "Fooocus 1.0.51 MoonRide Edition",
}

EASY_DIFFUSION = {
    "prompt": "a paper crane on a desk",
    "negative_prompt": "hands",
    "seed": 3072113925,
    "use_stable_diffusion_model": "/home/me/easy-diffusion/models/stable-diffusion/paperMix.safetensors",
    "use_vae_model": "vae-ft-mse-840000-ema-pruned",
    "sampler_name": "euler_a",
    "num_inference_steps": 25,
    "guidance_scale": 7.5,
    "clip_skip": True,
    "width": 512,
    "height": 768,
    "use_lora_model": ["origami"],
    "lora_alpha": [0.5],
}

DRAW_THINGS = {
    "c": "a tram on a steep street",
    "uc": "bus",
    "model": "sd_xl_base_1.0_f16.ckpt",
    "sampler": "DPM++ 2M Karras",
    "scale": 7,
    "seed": 4187532098,
    "seed_mode": "Scale Alike",
    "steps": 30,
    "strength": 1,
    "size": "832x1216",
    "lora": [{"model": "tramlines_lora_f16.ckpt", "weight": 0.6}],
    "control": [],
}
DRAW_THINGS_TEXT = (
    "a tram on a steep street\n-bus\nSteps: 30, Sampler: DPM++ 2M Karras, Guidance Scale: 7.0, Seed: 4187532098, "
    "Size: 832x1216, Model: sd_xl_base_1.0_f16.ckpt, Strength: 1.0, Seed Mode: Scale Alike"
)

STABILITY_MATRIX = {
    "PositivePrompt": "a walled garden,\r\nhollyhocks\r\n",
    "NegativePrompt": "weeds, fence",
    "Steps": 20,
    "Sampler": "Euler Ancestral Karras",
    "CfgScale": 7,
    "Seed": 7070707,
    "Height": 1536,
    "Width": 1024,
    "ModelHash": "12AB34CD" * 8,
    "ModelName": "dreamyard.safetensors",
    "ModelVersionId": 501240,
    "ExtraNetworkModelVersionIds": [87153],
}
STABILITY_MATRIX_TEXT = (
    "a walled garden,\r\nhollyhocks\r\n\nNegative prompt: weeds, fence\nSteps: 20, Sampler: Euler Ancestral Karras, "
    "CFG scale: 7, Seed: 7070707, Size: 1024x1536, Model hash: " + "12AB34CD" * 8 + ", Model: dreamyard.safetensors"
)
STABILITY_MATRIX_PROJECT = {
    "Version": 2,
    "ProjectType": "TextToImage",
    "State": {"Model": {"ClipSkip": 2, "IsClipSkipEnabled": True}},
}

TENSORART = {
    "models": [{"label": "plumage", "type": "LORA", "modelFileName": "plumage-v2", "weight": 0.8, "hash": "9C0D1E2F"}],
    "prompt": "a barn owl over a meadow, embedding:feathers:0.9",
    "negativePrompt": "",
    "width": 832,
    "height": 1216,
    "imageCount": 1,
    "samplerName": "",
    "steps": 26,
    "cfgScale": 6.5,
    "seed": "-1",
    "clipSkip": 2,
    "baseModel": {"label": "v3", "type": "BASE_MODEL", "modelFileName": "meadowlark_v3", "hash": "5A1F0B7C"},
    "sdVae": "Automatic",
    "ksamplerName": "dpmpp_2m_sde",
    "schedule": "karras",
}

HUGGING_FACE = {
    "prompt": "1girl, umbrella, rain, masterpiece",
    "negative_prompt": "lowres, bad anatomy",
    "resolution": "832 x 1216",
    "guidance_scale": 6,
    "num_inference_steps": 28,
    "seed": 1029384756,
    "sampler": "Euler a",
    "sdxl_style": "(None)",
    "use_lora": None,
    "use_upscaler": {
        "upscale_method": "nearest-exact",
        "upscaler_strength": 0.55,
        "upscale_by": 1.5,
        "new_resolution": "1248 x 1824",
    },
    "Model": "Rainfall XL 3.1",
    "Model hash": "e3c47aedb0",
}

MIDJOURNEY = (
    "a fox made of folded maps, soft light --ar 2:3 --stylize 250 --no text, people --v 6.1 "
    "Job ID: 3f1c2a9e-5b7d-4e60-9a1b-8c2d4e6f7a90"
)

GENERIC = {
    "prompt": "a quiet canal, reeds",
    "negative_prompt": "boats",
    "steps": 20,
    "cfg_scale": 7.5,
    "seed": 42,
    "sampler": "euler",
    "width": 512,
    "height": 768,
    "model": "canal-diffusion.safetensors",
    "scheduler_type": "leading",
}

AI = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
EDITED = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"


def cbor(value: object) -> bytes:
    """A value as CBOR (RFC 8949): maps, lists, text and small numbers."""
    if isinstance(value, str):
        return _cbor_head(3, len(value.encode())) + value.encode()
    if isinstance(value, dict):
        return _cbor_head(5, len(value)) + b"".join(cbor(key) + cbor(item) for key, item in value.items())
    if isinstance(value, list):
        return _cbor_head(4, len(value)) + b"".join(map(cbor, value))
    assert isinstance(value, int)
    return _cbor_head(0, value)


def _cbor_head(major: int, argument: int) -> bytes:
    if argument < 24:
        return bytes([major << 5 | argument])
    return (
        struct.pack(">BB", major << 5 | 24, argument)
        if argument < 256
        else struct.pack(">BH", major << 5 | 25, argument)
    )


def _superbox(kind: bytes, label: str, *contents: bytes) -> bytes:
    uuid = kind + bytes.fromhex("00110010800000aa00389b71")
    return box(b"jumb", box(b"jumd", uuid + b"\3" + label.encode() + b"\0"), *contents)


def c2pa(claim: dict[str, object], *actions: dict[str, object], label: str = "c2pa.claim.v2") -> bytes:
    """A manifest store with one manifest: its actions and its claim. It is not signed."""
    assertion = _superbox(b"cbor", "c2pa.actions.v2", box(b"cbor", cbor({"actions": list(actions)})))
    return _superbox(
        b"c2pa",
        "c2pa",
        _superbox(
            b"c2ma",
            "urn:c2pa:8e4f5a1c-90f3-4a52-b7c2-1d6e3f708192",
            _superbox(b"c2as", "c2pa.assertions", assertion),
            _superbox(b"c2cl", label, box(b"cbor", cbor(claim))),
        ),
    )


OPENAI = c2pa(
    {"claim_generator_info": {"name": "ChatGPT"}, "instanceID": "xmp:iid:1"},
    {
        "action": "c2pa.created",
        "softwareAgent": {"name": "gpt-image", "version": "2.0"},
        "digitalSourceType": AI,
    },
    {"action": "c2pa.converted", "softwareAgent": {"name": "OpenAI API"}},
)
FIREFLY = c2pa(
    {"claim_generator": "Adobe_Firefly", "claim_generator_info": [{"name": "Adobe Firefly", "version": "1.0"}]},
    {"action": "c2pa.created", "softwareAgent": "Adobe Firefly", "digitalSourceType": AI},
    label="c2pa.claim",
)
GOOGLE = c2pa(
    {"claim_generator_info": {"name": "Google C2PA Core Generator Library", "version": "1.0.0"}},
    {"action": "c2pa.edited", "softwareAgent": {"name": "Google Generative AI"}, "digitalSourceType": EDITED},
)


def _app11(store: bytes) -> bytes:
    """The store in segments of a JPEG; each repeats the head of the box."""
    size = 60_000
    pieces = [store[8 + at : 8 + at + size] for at in range(0, len(store) - 8, size)]
    return b"".join(
        segment(0xEB, b"JP" + struct.pack(">HI", 1, index) + store[:8] + piece) for index, piece in enumerate(pieces, 1)
    )


def _draw_things(*, json_too: bool) -> str:
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


def _novelai_exif() -> bytes:
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


def _fooocus_exif() -> bytes:
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
        "novelai.webp": webp(exif=_novelai_exif()),
        "novelai-stealth.png": png(
            bits=hidden(b"stealth_pngcomp", gzip_stream(json.dumps(NOVELAI, ensure_ascii=False).encode()), 1)
        ),
        "fooocus.png": png(text("fooocus_scheme", "fooocus"), text("parameters", json.dumps(FOOOCUS))),
        "fooocus-a1111.png": png(text("fooocus_scheme", "a1111"), text("parameters", FOOOCUS_A1111)),
        "fooocus-jpeg.jpg": jpeg(exif_segment(_fooocus_exif())),
        "fooocus.webp": webp(exif=_fooocus_exif()),
        "ruined-fooocus.png": png(text("parameters", json.dumps(RUINED))),
        "fooocus-mre.png": png(text("Comment", json.dumps(FOOOCUS_MRE))),
        "fooocus-mre.jpg": jpeg(segment(0xFE, json.dumps(FOOOCUS_MRE).encode())),
        "easy-diffusion.png": png(*(text(key, str(value)) for key, value in EASY_DIFFUSION.items())),
        "easy-diffusion.jpg": jpeg(exif_segment(_comment(EASY_DIFFUSION))),
        "easy-diffusion-sidecar.png": png(text("Title", "crane")),
        "easy-diffusion-sidecar.json": json.dumps(EASY_DIFFUSION, indent=2).encode() + b"\n",
        "draw-things.png": png(international_text("XML:com.adobe.xmp", _draw_things(json_too=True))),
        "draw-things.jpg": jpeg(xmp_segment(_draw_things(json_too=True))),
        "draw-things-description.webp": webp(xmp=_draw_things(json_too=False)),
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
        "c2pa-adobe.jpg": jpeg(_app11(FIREFLY)),
        "c2pa-google.webp": webp(c2pa=GOOGLE),
        "generic.png": png(text("metadata", json.dumps(GENERIC))),
        "generic-lines.png": png(
            text("Comment", "\n".join(f"{key.replace('_', ' ').title()}: {value}" for key, value in GENERIC.items()))
        ),
    }
