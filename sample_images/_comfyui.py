"""Pictures and videos of ComfyUI: executed graphs, in each place a save node puts them."""

from __future__ import annotations

import json
from typing import Any

from _containers import avif, exif_segment, jpeg, mp4, png, text, webm, webp
from _exif import ascii_tag, comment_tag, exif, tiff, user_comment

Graph = dict[str, dict[str, Any]]


def node(kind: str, **inputs: Any) -> dict[str, Any]:
    return {"inputs": inputs, "class_type": kind, "_meta": {"title": kind}}


BASIC: Graph = {
    "3": node(
        "KSampler",
        seed=1125899906842624001,
        steps=26,
        cfg=6.5,
        sampler_name="dpmpp_2m_sde",
        scheduler="karras",
        denoise=1,
        model=["10", 0],
        positive=["6", 0],
        negative=["7", 0],
        latent_image=["5", 0],
    ),
    "4": node("CheckpointLoaderSimple", ckpt_name="sdxl\\meadowlark_v3.safetensors"),
    "5": node("EmptyLatentImage", width=832, height=1216, batch_size=1),
    "6": node("CLIPTextEncode", text="a barn owl over a meadow, embedding:feathers:0.9", clip=["10", 1]),
    "7": node("CLIPTextEncode", text="", clip=["10", 1]),
    "8": node("VAEDecode", samples=["3", 0], vae=["11", 0]),
    "9": node("SaveImage", filename_prefix="owl", images=["8", 0]),
    "10": node(
        "LoraLoader",
        lora_name="birds/plumage-v2.safetensors",
        strength_model=0.8,
        strength_clip=0.6,
        model=["4", 0],
        clip=["12", 0],
    ),
    "11": node("VAELoader", vae_name="sdxl_vae_fp16_fix.safetensors"),
    "12": node("CLIPSetLastLayer", stop_at_clip_layer=-2, clip=["4", 1]),
}
"""Text to image with a LoRA, a VAE and clip skip; the negative prompt is empty."""

HIRES: Graph = {
    "1": node("CheckpointLoaderSimple", ckpt_name="dreamyard.safetensors"),
    "2": node("StringConcatenate", string_a="a walled garden", string_b="hollyhocks", delimiter=", "),
    "3": node("CLIPTextEncode", text=["2", 0], clip=["1", 1]),
    "4": node("CLIPTextEncode", text="weeds, fence", clip=["1", 1]),
    "5": node("EmptyLatentImage", width=512, height=768, batch_size=1),
    "6": node("PrimitiveInt", value=7070707),
    "7": node(
        "KSampler",
        seed=["6", 0],
        steps=20,
        cfg=7,
        sampler_name="euler_ancestral",
        scheduler="normal",
        denoise=1,
        model=["1", 0],
        positive=["3", 0],
        negative=["4", 0],
        latent_image=["5", 0],
    ),
    "8": node("VAEDecode", samples=["7", 0], vae=["1", 2]),
    "9": node("UpscaleModelLoader", model_name="RealESRGAN_x2plus.pth"),
    "10": node("ImageUpscaleWithModel", upscale_model=["9", 0], image=["8", 0]),
    "11": node("VAEEncode", pixels=["10", 0], vae=["1", 2]),
    "12": node(
        "KSampler",
        seed=99,
        steps=12,
        cfg=5,
        sampler_name="dpmpp_sde",
        scheduler="karras",
        denoise=0.4,
        model=["1", 0],
        positive=["3", 0],
        negative=["4", 0],
        latent_image=["11", 0],
    ),
    "13": node("VAEDecode", samples=["12", 0], vae=["1", 2]),
    "14": node("SaveImage", filename_prefix="garden", images=["13", 0]),
    "15": node("CLIPTextEncode", text="never used", clip=["1", 1]),
    "16": node("PreviewImage", images=["8", 0]),
}
"""Two passes: the first one made the picture, the second one enlarged it. One encoder is not wired."""

REFINER: Graph = {
    "4": node("CheckpointLoaderSimple", ckpt_name="sd_xl_base_1.0.safetensors"),
    "12": node("CheckpointLoaderSimple", ckpt_name="sd_xl_refiner_1.0.safetensors"),
    "5": node("EmptyLatentImage", width=1024, height=1024, batch_size=1),
    "6": node(
        "CLIPTextEncodeSDXL",
        width=4096,
        height=4096,
        crop_w=0,
        crop_h=0,
        target_width=4096,
        target_height=4096,
        text_g="a steam locomotive in fog",
        text_l="cinematic still, brass",
        clip=["4", 1],
    ),
    "7": node("CLIPTextEncode", text="modern train", clip=["4", 1]),
    "15": node("CLIPTextEncode", text="a steam locomotive in fog", clip=["12", 1]),
    "16": node("CLIPTextEncode", text="modern train", clip=["12", 1]),
    "10": node(
        "KSamplerAdvanced",
        add_noise="enable",
        noise_seed=721897303308196,
        steps=25,
        cfg=8,
        sampler_name="euler",
        scheduler="normal",
        start_at_step=0,
        end_at_step=20,
        return_with_leftover_noise="enable",
        model=["4", 0],
        positive=["6", 0],
        negative=["7", 0],
        latent_image=["5", 0],
    ),
    "11": node(
        "KSamplerAdvanced",
        add_noise="disable",
        noise_seed=0,
        steps=25,
        cfg=8,
        sampler_name="euler",
        scheduler="normal",
        start_at_step=20,
        end_at_step=10000,
        return_with_leftover_noise="disable",
        model=["12", 0],
        positive=["15", 0],
        negative=["16", 0],
        latent_image=["10", 0],
    ),
    "17": node("VAEDecode", samples=["11", 0], vae=["12", 2]),
    "19": node("SaveImage", filename_prefix="train", images=["17", 0]),
}

FLUX: Graph = {
    "8": node("VAEDecode", samples=["13", 0], vae=["10", 0]),
    "9": node("SaveImage", filename_prefix="flux", images=["8", 0]),
    "10": node("VAELoader", vae_name="ae.safetensors"),
    "11": node("DualCLIPLoader", clip_name1="t5xxl_fp16.safetensors", clip_name2="clip_l.safetensors", type="flux"),
    "12": node("UNETLoader", unet_name="flux1-dev.safetensors", weight_dtype="default"),
    "13": node(
        "SamplerCustomAdvanced",
        noise=["25", 0],
        guider=["22", 0],
        sampler=["16", 0],
        sigmas=["17", 0],
        latent_image=["27", 0],
    ),
    "16": node("KSamplerSelect", sampler_name="euler"),
    "17": node("BasicScheduler", scheduler="simple", steps=20, denoise=1, model=["40", 0]),
    "22": node("BasicGuider", model=["40", 0], conditioning=["26", 0]),
    "25": node("RandomNoise", noise_seed=219670278747233),
    "26": node("FluxGuidance", guidance=3.5, conditioning=["6", 0]),
    "6": node("CLIPTextEncode", text="a neon sign that says OPEN, rain, 35mm", clip=["40", 1]),
    "27": node("EmptySD3LatentImage", width=1024, height=1024, batch_size=1),
    "40": node(
        "Power Lora Loader (rgthree)",
        PowerLoraLoaderHeaderWidget={"type": "PowerLoraLoaderHeaderWidget"},
        lora_1={"on": True, "lora": "flux/neon_glow.safetensors", "strength": 0.9},
        lora_2={"on": False, "lora": "flux/unused.safetensors", "strength": 1},
        model=["12", 0],
        clip=["11", 0],
    ),
}
"""Flux: the guider has no negative side, the guidance is distilled."""

SAVER: Graph = {
    **{key: value for key, value in BASIC.items() if key != "9"},
    "20": node(
        "Image Saver",
        filename="%time_%seed",
        path="",
        extension="png",
        steps=20,
        cfg=8,
        modelname="",
        sampler_name="euler",
        scheduler="simple",
        positive="unknown",
        negative="unknown",
        seed_value=0,
        width=512,
        height=512,
        images=["8", 0],
    ),
}
SAVER_TEXT = (
    "unknown\nNegative prompt: unknown\nSteps: 20, Sampler: euler_simple, CFG scale: 8.0, Seed: 0, Size: 512x512, "
    "Version: ComfyUI"
)
"""What a save node writes of its own unwired widgets."""

METADATA_SAVER_TEXT = (
    "a barn owl over a meadow, embedding:feathers:0.9\nSteps: 26, Sampler: DPM++ 2M SDE Karras, CFG scale: 6.5, "
    "Seed: 1125899906842624001, Size: 832x1216, Clip skip: 2, Model hash: 5a1f0b7c33, Model: meadowlark_v3, "
    'Lora hashes: "plumage-v2: 0c9d8e7f6a5b", Version: ComfyUI, '
    'Hashes: {"model": "5a1f0b7c33", "lora:plumage-v2": "0c9d8e7f6a", "embed:feathers": "d2e4f6a8b0"}'
)

ON_SITE = {
    **{key: value for key, value in BASIC.items() if key not in ("4", "10", "11")},
    "6": node("CLIPTextEncode", text="a barn owl over a meadow, golden hour", clip=["10", 1]),
    "7": node("CLIPTextEncode", text="cage", clip=["10", 1]),
    "8": node("VAEDecode", samples=["3", 0], vae=["resource-stack", 2]),
    "resource-stack": node("CheckpointLoaderSimple", ckpt_name="urn:air:sdxl:checkpoint:civitai:827184@2514310"),
    "10": node(
        "LoraLoader",
        lora_name="urn:air:sdxl:lora:civitai:118427@128461",
        strength_model=0.65,
        strength_clip=1,
        model=["resource-stack", 0],
        clip=["12", 0],
    ),
    "12": node("CLIPSetLastLayer", stop_at_clip_layer=-2, clip=["resource-stack", 1]),
    "extra": {"airs": ["urn:air:sdxl:checkpoint:civitai:827184@2514310", "urn:air:sdxl:lora:civitai:118427@128461"]},
    "extraMetadata": json.dumps(
        {
            "prompt": "a barn owl over a meadow, golden hour",
            "negativePrompt": "cage",
            "steps": 26,
            "cfgScale": 6.5,
            "sampler": "dpmpp_2m_sde",
            "seed": 1125899906842624001,
            "clipSkip": 2,
            "width": 832,
            "height": 1216,
            "baseModel": "Illustrious",
            "workflowId": "txt2img-hires",
            "resources": [
                {"modelVersionId": 2514310, "strength": 1},
                {"modelVersionId": 128461, "strength": 0.65},
            ],
        }
    ),
}
"""What Civitai's generator writes for a picture that it enlarged."""


def workflow(graph: Graph) -> dict[str, Any]:
    """A drawing of the graph as the editor keeps it: nodes with their widgets in a row."""
    nodes = [
        {
            "id": int(number),
            "type": values["class_type"],
            "pos": [40 * int(number), 60],
            "widgets_values": [value for value in values["inputs"].values() if not isinstance(value, list)],
        }
        for number, values in graph.items()
        if number.isdigit()
    ]
    return {"last_node_id": len(nodes), "nodes": nodes, "links": [], "version": 0.4}


def _pair(graph: Graph) -> tuple[str, str]:
    return json.dumps(graph), json.dumps(workflow(graph))


def chunks(graph: Graph) -> tuple[bytes, bytes]:
    prompt, drawn = _pair(graph)
    return text("prompt", prompt), text("workflow", drawn)


def graph_packet(graph: Graph) -> str:
    prompt, drawn = (value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for value in _pair(graph))
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:comfy="https://github.com/Comfy-Org/ComfyUI">'
        f"<comfy:prompt>{prompt}</comfy:prompt><comfy:workflow>{drawn}</comfy:workflow>"
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    )


def files() -> dict[str, bytes]:
    """File name -> contents."""
    basic, drawn = _pair(BASIC)
    both = json.dumps({"prompt": BASIC, "workflow": workflow(BASIC)})
    return {
        "comfyui.png": png(*chunks(BASIC)),
        "comfyui-hires.png": png(*chunks(HIRES)),
        "comfyui-sdxl-refiner.png": png(*chunks(REFINER)),
        "comfyui-flux.png": png(*chunks(FLUX)),
        "comfyui-jpeg-labels.jpg": jpeg(
            exif_segment(exif({0x10E: f"Workflow: {drawn}".encode(), 0x10F: f"Prompt: {basic}".encode()}))
        ),
        "comfyui-webp-labels.webp": webp(
            exif=exif({0x10F: f"workflow:{drawn}".encode(), 0x110: f"prompt:{basic}".encode()})
        ),
        "comfyui-usercomment-ifd0.webp": webp(exif=tiff([comment_tag(both.encode() + b"\0", kind=2)], order=">")),
        "comfyui-image-saver.png": png(text("parameters", SAVER_TEXT), *chunks(SAVER)),
        "comfyui-image-saver-defaults.jpg": jpeg(exif_segment(exif(UserComment=user_comment(SAVER_TEXT)))),
        "comfyui-saver-hashes.png": png(text("parameters", METADATA_SAVER_TEXT), *chunks(BASIC)),
        "comfyui-xmp.avif": avif(xmp=graph_packet(HIRES)),
        "comfyui.mp4": mp4(both),
        "comfyui.webm": webm(PROMPT=basic, WORKFLOW=drawn),
        "civitai-onsite-graph.jpg": jpeg(
            exif_segment(tiff([ascii_tag(0x13B, "ai")], [comment_tag(user_comment(json.dumps(HIRES)))]))
        ),
        "civitai-onsite-hires.jpg": jpeg(
            exif_segment(
                tiff(
                    [ascii_tag(0x131, "4d0c2a6e-91d7-4f6b-8f0e-b0a51c1f7d22"), ascii_tag(0x13B, "ai")],
                    [comment_tag(user_comment(json.dumps(ON_SITE)))],
                )
            )
        ),
    }
