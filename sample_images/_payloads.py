"""What tools write in formats of their own: the data of one picture each."""

from __future__ import annotations

import json
from typing import Any

from _comfyui import Graph, node

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
