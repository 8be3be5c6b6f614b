"""Nodes of widely used packs, as they stand in executed graphs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.parsers.comfyui.graphs import SAMPLER, facts, node, read, said, stock

EFFICIENT = {
    "1": node(
        "Efficient Loader",
        ckpt_name="xl/cat.safetensors",
        vae_name="Baked VAE",
        clip_skip=-2,
        lora_name="None",
        lora_model_strength=1.0,
        lora_clip_strength=1.0,
        positive="a cat, ",
        negative="a dog\n",
        token_normalization="none",
        weight_interpretation="comfy",
        empty_latent_width=832,
        empty_latent_height=1216,
        batch_size=1,
        lora_stack=["3", 0],
    ),
    "2": node(
        "KSampler (Efficient)",
        seed=42,
        steps=20,
        cfg=7.0,
        sampler_name="dpmpp_2m",
        scheduler="karras",
        denoise=1.0,
        preview_method="auto",
        vae_decode="true",
        model=["1", 0],
        positive=["1", 1],
        negative=["1", 2],
        latent_image=["1", 3],
        optional_vae=["1", 4],
    ),
    "3": node(
        "LoRA Stacker",
        input_mode="simple",
        lora_count=2,
        lora_name_1="a.safetensors",
        lora_wt_1=0.5,
        model_str_1=1.0,
        clip_str_1=1.0,
        lora_name_2="None",
        lora_wt_2=1.0,
        model_str_2=1.0,
        clip_str_2=1.0,
        lora_name_3="beyond the count.safetensors",
        lora_wt_3=1.0,
        model_str_3=1.0,
        clip_str_3=1.0,
    ),
    "9": node("SaveImage", images=["2", 5]),
}
EASY = {
    "1": node(
        "easy fullLoader",
        ckpt_name="xl/cat.safetensors",
        config_name="Default",
        vae_name="Baked VAE",
        clip_skip=-2,
        lora_name="x.safetensors",
        lora_model_strength=0.8,
        lora_clip_strength=1.0,
        resolution="832 x 1216",
        empty_latent_width=512,
        empty_latent_height=512,
        positive=["5", 0],
        positive_token_normalization="none",
        positive_weight_interpretation="comfy",
        negative="a dog\n",
        negative_token_normalization="none",
        negative_weight_interpretation="comfy",
        batch_size=1,
        a1111_prompt_style=False,
    ),
    "2": node(
        "easy preSampling",
        steps=20,
        cfg=7.0,
        sampler_name="dpmpp_2m",
        scheduler="karras",
        denoise=1.0,
        seed=["4", 0],
        pipe=["1", 0],
    ),
    "3": node("easy kSampler", image_output="Save", link_id=0, save_prefix="ComfyUI", pipe=["2", 0]),
    "4": node("easy seed", seed=42),
    "5": node("easy positive", positive="a cat, "),
}
BASIC_PIPE = stock(
    {
        "20": node("ToBasicPipe", model=["4", 0], clip=["4", 1], vae=["4", 2], positive=["6", 0], negative=["7", 0]),
        "3": node(
            "ImpactKSamplerBasicPipe",
            seed=42,
            steps=20,
            cfg=7.0,
            sampler_name="dpmpp_2m",
            scheduler="karras",
            denoise=1.0,
            basic_pipe=["20", 0],
            latent_image=["5", 0],
        ),
        "8": node("VAEDecode", samples=["3", 1], vae=["3", 2]),
    }
)
CONTEXT = stock(
    {
        "20": node("Context (rgthree)", model=["4", 0], clip=["4", 1], vae=["4", 2], seed=["23", 0], latent=["5", 0]),
        "21": node("Context (rgthree)", base_ctx=["20", 0], positive=["6", 0], negative=["7", 0]),
        "22": node("Context Big (rgthree)", base_ctx=["21", 0], steps=["24", 0], cfg=["24", 2], sampler=["24", 3]),
        "23": node("Seed (rgthree)", seed=42),
        "24": node(
            "KSampler Config (rgthree)",
            steps_total=20,
            refiner_step=16,
            cfg=7.0,
            sampler_name="dpmpp_2m",
            scheduler="karras",
        ),
        "3": node(
            "KSampler",
            seed=["22", 8],
            steps=["22", 9],
            cfg=["22", 11],
            sampler_name=["22", 13],
            scheduler="karras",
            denoise=1.0,
            model=["22", 1],
            positive=["22", 4],
            negative=["22", 5],
            latent_image=["22", 6],
        ),
    }
)
WAN_WRAPPER = {
    "1": node("WanVideoModelLoader", model="Wan/wan2.1.safetensors", base_precision="bf16", lora=["2", 0]),
    "2": node("WanVideoLoraSelect", lora="speed.safetensors", strength=0.9, low_mem_load=False),
    "3": node("WanVideoTextEncode", positive_prompt="a cat walks", negative_prompt="static", t5=["4", 0]),
    "4": node("LoadWanVideoT5TextEncoder", model_name="umt5.safetensors", precision="bf16"),
    "5": node("WanVideoEmptyEmbeds", width=832, height=480, num_frames=81),
    "6": node(
        "WanVideoSampler",
        steps=30,
        cfg=6.0,
        shift=5.0,
        seed=7,
        force_offload=True,
        scheduler="unipc",
        riflex_freq_index=0,
        model=["1", 0],
        text_embeds=["3", 0],
        image_embeds=["5", 0],
    ),
    "7": node("WanVideoDecode", vae=["8", 0], samples=["6", 0]),
    "8": node("WanVideoVAELoader", model_name="wan_vae.safetensors"),
    "9": node("VHS_VideoCombine", frame_rate=16, format="video/h264-mp4", images=["7", 0]),
}
WAN_NATIVE = stock(
    {
        "5": node(
            "WanImageToVideo",
            width=640,
            height=480,
            length=33,
            positive=["6", 0],
            negative=["7", 0],
            vae=["4", 2],
            start_image=["20", 0],
        ),
        "20": node("LoadImage", image="a.png"),
        "21": node("CreateVideo", fps=24, images=["8", 0]),
        "9": node("SaveVideo", filename_prefix="v", video=["21", 0]),
    },
    n3={"positive": ["5", 0], "negative": ["5", 1], "latent_image": ["5", 2]},
)
LORA_MANAGER = stock(
    {
        "20": node(
            "Lora Loader (LoraManager)",
            text="<lora:a:0.5> <lora:off:1>",
            loras={
                "__value__": [
                    {"name": "a", "strength": 0.5, "clipStrength": 0.5, "active": True},
                    {"name": "b", "strength": "0.7", "clipStrength": 0.2, "active": True},
                    {"name": "off", "strength": 1, "active": False},
                ]
            },
            model=["4", 0],
            clip=["4", 1],
        ),
        "21": node(
            "TriggerWord Toggle (LoraManager)",
            group_mode=True,
            toggle_trigger_words={
                "__value__": [{"text": "furry", "active": True}, {"text": "hidden", "active": False}]
            },
            trigger_words=["20", 2],
        ),
        "6": node("Prompt (LoraManager)", text="a cat", clip=["20", 1], trigger_words1=["21", 0]),
    },
    n3={"model": ["20", 0]},
)
STYLER = stock(
    {
        "20": node("SDXLPromptStyler", text_positive="a cat, ", text_negative="a dog", style="base", log_prompt="No"),
        "6": node("CLIPTextEncodeSDXL", text_g=["20", 0], text_l=["20", 0], width=1024, height=1024, clip=["4", 1]),
        "7": node("CLIPTextEncode", text=["20", 1], clip=["4", 1]),
    }
)
CLOWNSHARK = stock(
    {
        "3": node(
            "ClownsharKSampler_Beta",
            eta=0.5,
            sampler_name="exponential/res_2s",
            scheduler="bong_tangent",
            steps=20,
            steps_to_run=10,
            denoise=1.0,
            cfg=5.5,
            seed=42,
            sampler_mode="standard",
            bongmath=True,
            model=["4", 0],
            positive=["6", 0],
            negative=["7", 0],
            latent_image=["5", 0],
        ),
        "20": node(
            "ClownsharkChainsampler_Beta",
            sampler_name="exponential/res_2s",
            steps_to_run=-1,
            cfg=1.0,
            latent_image=["3", 0],
        ),
        "8": node("VAEDecode", samples=["20", 0], vae=["4", 2]),
    }
)
SCENERY = {
    "Ultimate SD Upscale": (
        stock(
            {
                "20": node(
                    "UltimateSDUpscale", SAMPLER["inputs"], image=["8", 0], upscale_by=2, upscale_model=["21", 0]
                ),
                "21": node("UpscaleModelLoader", model_name="4x.pth"),
            },
            n9={"images": ["20", 0]},
        ),
        said(resources=[("upscaler", "4x.pth", None, None)]),
    ),
    "Efficient": (EFFICIENT, said(clip_skip=2, resources=[("lora", "a.safetensors", 0.5, None)])),
    "Easy-Use": (EASY, said(clip_skip=2, resources=[("lora", "x.safetensors", 0.8, 1.0)])),
    "Impact basic pipe": (BASIC_PIPE, said()),
    "rgthree context": (CONTEXT, said()),
    "Wan wrapper": (
        WAN_WRAPPER,
        {
            "prompt": "a cat walks",
            "negative_prompt": "static",
            "seed": 7,
            "steps": 30,
            "cfg_scale": 6.0,
            "sampler": "UniPC",
            "scheduler": "unipc",
            "size": "832x480",
            "model": "Wan/wan2.1.safetensors",
            "vae": "wan_vae.safetensors",
            "resources": [("lora", "speed.safetensors", 0.9, None)],
            "other": {"shift": 5.0},
        },
    ),
    "Wan": (WAN_NATIVE, said(size="640x480")),
    "LoraManager": (
        LORA_MANAGER,
        said(prompt="furry, a cat", resources=[("lora", "a", 0.5, None), ("lora", "b", 0.7, 0.2)]),
    ),
    "SDXL styler": (STYLER, said()),
    "RES4LYF": (
        CLOWNSHARK,
        said(sampler="exponential/res_2s", scheduler="bong_tangent", cfg_scale=5.5),
    ),
    "Flux sampler with lists in text": (
        stock(
            {
                "3": node(
                    "FluxSamplerParams+",
                    seed="42",
                    steps="20",
                    sampler="dpmpp_2m",
                    scheduler="karras",
                    guidance="3.5",
                    max_shift="",
                    base_shift="",
                    denoise="1.0",
                    model=["4", 0],
                    conditioning=["6", 0],
                    latent_image=["5", 0],
                )
            }
        ),
        said(negative_prompt=None, cfg_scale=3.5),
    ),
    "Impact wildcards": (
        stock(
            {
                "6": node(
                    "ImpactWildcardEncode",
                    wildcard_text="a {cat|dog}",
                    populated_text="a cat,",
                    mode="populate",
                    seed=1,
                    model=["4", 0],
                    clip=["4", 1],
                )
            },
            n3={"positive": ["6", 2]},
        ),
        said(),
    ),
    "Power Prompt": (
        stock({"6": node("Power Prompt (rgthree)", prompt="a cat,", insert_lora="CHOOSE", opt_clip=["4", 1])}),
        said(),
    ),
    "checkpoint with a preview": (
        stock(
            {
                "4": node(
                    "CheckpointLoader|pysssss", ckpt_name={"content": "xl/cat.safetensors", "image": None}, prompt=""
                )
            }
        ),
        said(),
    ),
    "checkpoint by name": (
        stock(
            {
                "20": node("Checkpoint Selector (Image Saver)", ckpt_name="xl/cat.safetensors"),
                "4": node("CheckpointLoaderSimple", ckpt_name=["20", 0]),
            }
        ),
        said(),
    ),
    "GGUF": (stock(n3={"model": ["20", 0]}) | {"20": node("UnetLoaderGGUF", unet_name="q.gguf")}, said(model="q.gguf")),
    "AnimateDiff": (
        stock(
            {"20": node("ADE_AnimateDiffLoaderGen1", model_name="mm.ckpt", beta_schedule="autoselect", model=["4", 0])},
            n3={"model": ["20", 0]},
        ),
        said(resources=[("motion", "mm.ckpt", None, None)]),
    ),
    "SD3 texts": (
        stock({"6": node("CLIPTextEncodeSD3", clip_l="a cat", clip_g="a cat", t5xxl="long cat", clip=["4", 1])}),
        said(prompt="a cat\nlong cat"),
    ),
    "Flux texts": (
        stock({"6": node("CLIPTextEncodeFlux", clip_l="a cat", t5xxl="a cat", guidance=3.5, clip=["4", 1])}),
        said(prompt="a cat", other={"guidance": 3.5}),
    ),
    "Lumina texts": (
        stock({"6": node("CLIPTextEncodeLumina2", system_prompt="superior", user_prompt="a cat", clip=["4", 1])}),
        said(prompt="a cat"),
    ),
    "Qwen edit": (
        stock({"6": node("TextEncodeQwenImageEditPlus", prompt="a hat", clip=["4", 1], vae=["4", 2], image1=["20", 0])})
        | {"20": node("LoadImage", image="a.png")},
        said(prompt="a hat"),
    ),
    "InstantID": (
        stock(
            {
                "20": node(
                    "ApplyInstantID",
                    weight=0.8,
                    model=["4", 0],
                    positive=["6", 0],
                    negative=["7", 0],
                    control_net=["21", 0],
                    image=["22", 0],
                ),
                "21": node("ControlNetLoader", control_net_name="id.safetensors"),
                "22": node("LoadImage", image="a.png"),
            },
            n3={"model": ["20", 0], "positive": ["20", 1], "negative": ["20", 2]},
        ),
        said(resources=[("controlnet", "id.safetensors", 0.8, None)]),
    ),
    "Comfyroll aspect ratio": (
        stock(
            {
                "20": node(
                    "CR SDXL Aspect Ratio",
                    width=1024,
                    height=1024,
                    aspect_ratio="3:4 portrait 896x1152",
                    swap_dimensions="On",
                )
            },
            n5={"width": ["20", 0], "height": ["20", 1]},
        ),
        said(size="1152x896"),
    ),
    "size with overrides": (
        stock(
            {
                "5": node(
                    "SDXLEmptyLatentSizePicker+",
                    resolution="832x1216 (0.68)",
                    width_override=0,
                    height_override=1000,
                    batch_size=1,
                )
            }
        ),
        said(size="832x1000"),
    ),
    "sides crossed": (
        stock(
            {"20": node("ImageSize", width=640, height=960)},
            n5={"width": ["20", 1], "height": ["20", 0]},
        ),
        said(size="960x640"),
    ),
    "tinyterra": (
        {
            "1": node(
                "ttN pipeLoader_v2",
                ckpt_name="xl/cat.safetensors",
                vae_name="Baked VAE",
                clip_skip=-1,
                positive="a cat, ",
                negative="a dog",
                empty_latent_width=832,
                empty_latent_height=1216,
                seed=3,
            ),
            "2": node(
                "ttN pipeKSampler_v2",
                SAMPLER["inputs"],
                model=None,
                lora_name="None",
                lora_strength=1.0,
                upscale_method="None",
                upscale_model_name="4x.pth",
                width=1024,
                height=1024,
                image_output="Save",
                positive=None,
                negative=None,
                latent_image=None,
                pipe=["1", 0],
            ),
        },
        said(clip_skip=1),
    ),
    "HunyuanVideo wrapper": (
        {
            "1": node("HyVideoModelLoader", model="hy.safetensors", base_precision="bf16"),
            "3": node("HyVideoTextEncode", prompt="a cat", text_encoders=["4", 0], hyvid_cfg=["8", 0]),
            "4": node("DownloadAndLoadHyVideoTextEncoder", llm_model="Kijai/llava", clip_model="openai/clip"),
            "8": node("HyVideoCFG", negative_prompt="a dog", cfg=6.0, start_percent=0.0, end_percent=0.5),
            "5": node(
                "HyVideoSampler",
                width=512,
                height=320,
                num_frames=85,
                steps=30,
                embedded_guidance_scale=6.0,
                flow_shift=9.0,
                seed=6,
                denoise_strength=1.0,
                scheduler="FlowMatchDiscreteScheduler",
                model=["1", 0],
                hyvid_embeds=["3", 0],
            ),
            "6": node("HyVideoDecode", samples=["5", 0]),
            "9": node("VHS_VideoCombine", images=["6", 0], frame_rate=24),
        },
        {
            "prompt": "a cat",
            "negative_prompt": "a dog",
            "seed": 6,
            "steps": 30,
            "cfg_scale": 6.0,
            "sampler": "FlowMatchDiscreteScheduler",
            "scheduler": "flowmatchdiscretescheduler",
            "denoise": 1.0,
            "size": "512x320",
            "model": "hy.safetensors",
        },
    ),
    "SDXL pair": (
        {
            "1": node(
                "Eff. Loader SDXL",
                base_ckpt_name="b.safetensors",
                base_clip_skip=-2,
                refiner_ckpt_name="r.safetensors",
                vae_name="Baked VAE",
                positive="a cat",
                negative="a dog",
                empty_latent_width=1024,
                empty_latent_height=768,
            ),
            "2": node(
                "KSampler SDXL (Eff.)",
                noise_seed=5,
                steps=20,
                cfg=7.0,
                sampler_name="euler",
                scheduler="normal",
                start_at_step=0,
                refine_at_step=16,
                sdxl_tuple=["1", 0],
                latent_image=["1", 1],
            ),
            "3": node("SaveImage", images=["2", 3]),
        },
        {
            "prompt": "a cat",
            "negative_prompt": "a dog",
            "seed": 5,
            "steps": 20,
            "cfg_scale": 7.0,
            "sampler": "Euler",
            "scheduler": "normal",
            "clip_skip": 2,
            "size": "1024x768",
            "model": "b.safetensors",
            "resources": [("model", "r.safetensors", None, None)],
        },
    ),
    "hosted model with a size": (
        {
            "1": node(
                "ByteDanceSeedreamNode",
                model="seedream-4",
                prompt="a cat",
                size_preset="2048x2048 (1:1)",
                width=1024,
                height=1024,
                seed=5,
            ),
            "9": node("SaveImage", images=["1", 0]),
        },
        {"prompt": "a cat", "seed": 5, "size": "2048x2048", "model": "seedream-4"},
    ),
    "VAE of a sampler that decodes": (
        stock(
            {
                "3": node("KSampler (Efficient)", SAMPLER["inputs"], vae_decode="true", optional_vae=["20", 0]),
                "20": node("VAELoader", vae_name="v.safetensors"),
                "9": node("SaveImage", images=["3", 5]),
            }
        ),
        said(vae="v.safetensors", resources=[("vae", "v.safetensors", None, None)]),
    ),
    "prompt on the sampler": (
        {
            "1": node("GeminiImageNode", prompt="a cat", model="gemini-2.5-flash-image", seed=42, aspect_ratio="auto"),
            "9": node("SaveImage", images=["1", 0]),
        },
        {"prompt": "a cat", "seed": 42, "model": "gemini-2.5-flash-image"},
    ),
}


@pytest.mark.parametrize("name", SCENERY)
def test_pack(name: str) -> None:
    graph, expected = SCENERY[name]
    assert facts(read(graph)) == expected


SELECTOR: dict[str, Any] = {
    "air": "urn:air:sdxl:checkpoint:civitai:1@20",
    "resources_json": '{"bySlot": {"model": {"air": "urn:air:sdxl:checkpoint:civitai:1@20"},'
    ' "lora": [{"air": "urn:air:sdxl:lora:civitai:3@40", "strength": 0.6}]}}',
}


def test_civitai_selector() -> None:
    assert facts(read(stock({"4": node("CivitaiModelSelector", SELECTOR)}))) == said(
        model=None,
        civitai_resources=[
            {"type": "checkpoint", "modelVersionId": 20},
            {"type": "lora", "modelVersionId": 40, "weight": 0.6},
        ],
    )


def test_civitai_generator() -> None:
    graph = stock(
        {
            "resource-stack": node("CheckpointLoaderSimple", ckpt_name="urn:air:sdxl:checkpoint:civitai:1@20"),
            "resource-stack-1": node(
                "LoraLoader",
                lora_name="urn:air:sdxl:lora:civitai:3@40",
                strength_model=0.6,
                strength_clip=1,
                model=["resource-stack", 0],
                clip=["resource-stack", 1],
            ),
            "extra": {"airs": ["urn:air:sdxl:lora:civitai:3@40", "urn:air:other:upscaler:civitai:5@60"]},
            "extraMetadata": "{}",
        },
        n3={"model": ["resource-stack-1", 0]},
    )
    assert facts(read(graph)) == said(
        model=None,
        civitai_resources=[
            {"type": "checkpoint", "modelVersionId": 20},
            {"type": "lora", "modelVersionId": 40, "weight": 0.6},
            {"type": "upscaler", "modelVersionId": 60},
        ],
    )
