"""The workflows that ComfyUI's own documentation shows, with the inputs its nodes really have."""

from __future__ import annotations

from typing import Any

import pytest

from tests.parsers.comfyui.graphs import SAMPLER, facts, node, read, said, stock

LOAD = node("LoadImage", image="example.png")
EMPTY = node("CLIPTextEncode", text="", clip=["4", 1])


def encoder(text: str, clip: str = "4", slot: int = 1) -> dict[str, Any]:
    return node("CLIPTextEncode", text=text, clip=[clip, slot])


def area(conditioning: str) -> dict[str, Any]:
    return node("ConditioningSetArea", width=704, height=384, x=0, y=320, strength=1.0, conditioning=[conditioning, 0])


def combined(first: str, second: str) -> dict[str, Any]:
    return node("ConditioningCombine", conditioning_1=[first, 0], conditioning_2=[second, 0])


def unet(name: str) -> dict[str, Any]:
    return node("UNETLoader", unet_name=name, weight_dtype="default")


def custom(
    guider: dict[str, Any], scheduler: dict[str, Any], latent: dict[str, Any], **more: dict[str, Any]
) -> dict[str, Any]:
    """The graph of a SamplerCustomAdvanced, with a UNETLoader and loaders of its own for texts and VAE."""
    return {
        "5": latent,
        "6": encoder("a cat, ", "11", 0),
        "7": encoder("a dog", "11", 0),
        "8": node("VAEDecode", samples=["13", 0], vae=["10", 0]),
        "9": node("SaveImage", filename_prefix="ComfyUI", images=["8", 0]),
        "10": node("VAELoader", vae_name="ae.safetensors"),
        "11": node("CLIPLoader", clip_name="t5.safetensors", type="chroma", device="default"),
        "12": unet("unet.safetensors"),
        "13": node(
            "SamplerCustomAdvanced",
            noise=["25", 0],
            guider=["22", 0],
            sampler=["16", 0],
            sigmas=["17", 0],
            latent_image=["5", 0],
        ),
        "16": node("KSamplerSelect", sampler_name="euler"),
        "17": scheduler,
        "22": guider,
        "25": node("RandomNoise", noise_seed=219670278747233),
        **{name[1:]: value for name, value in more.items()},
    }


def custom_said(**changes: Any) -> dict[str, Any]:
    return said(
        **{
            "seed": 219670278747233,
            "sampler": "Euler",
            "scheduler": "simple",
            "model": "unet.safetensors",
            "vae": "ae.safetensors",
            "resources": [("vae", "ae.safetensors", None, None)],
        }
        | changes
    )


SIMPLE = node("BasicScheduler", scheduler="simple", steps=20, denoise=1.0, model=["12", 0])
SD3_LATENT = node("EmptySD3LatentImage", width=832, height=1216, batch_size=1)

CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "inpainting": (
        stock(
            {
                "5": node("VAEEncodeForInpaint", grow_mask_by=6, pixels=["20", 0], vae=["4", 2], mask=["20", 1]),
                "20": LOAD,
            }
        ),
        said(size=None),
    ),
    "inpainting model": (
        stock(
            {
                "20": LOAD,
                "21": node(
                    "InpaintModelConditioning",
                    noise_mask=True,
                    positive=["22", 0],
                    negative=["7", 0],
                    vae=["4", 2],
                    pixels=["20", 0],
                    mask=["20", 1],
                ),
                "22": node("FluxGuidance", guidance=30, conditioning=["6", 0]),
                "23": node("DifferentialDiffusion", model=["4", 0]),
            },
            n3={
                "model": ["23", 0],
                "positive": ["21", 0],
                "negative": ["21", 1],
                "latent_image": ["21", 2],
                "cfg": 1.0,
            },
        ),
        said(size=None, cfg_scale=1.0, other={"guidance": 30}),
    ),
    "area composition in two passes": (
        stock(
            {
                "1": encoder("evening sky"),
                "2": encoder("morning sky"),
                "6": encoder("a landscape, "),
                "10": area("1"),
                "11": area("2"),
                "12": combined("10", "11"),
                "13": combined("6", "12"),
                "14": node(
                    "LatentUpscale",
                    upscale_method="nearest-exact",
                    width=1088,
                    height=1920,
                    crop="disabled",
                    samples=["3", 0],
                ),
                "15": node(
                    "KSampler",
                    SAMPLER["inputs"],
                    seed=1,
                    steps=14,
                    cfg=7,
                    sampler_name="dpmpp_2m",
                    scheduler="simple",
                    denoise=0.5,
                    model=["24", 0],
                    positive=["25", 0],
                    negative=["7", 0],
                    latent_image=["14", 0],
                ),
                "24": node("CheckpointLoaderSimple", ckpt_name="second.safetensors"),
                "25": encoder("another landscape", "24"),
                "8": node("VAEDecode", samples=["15", 0], vae=["24", 2]),
            },
            n3={"positive": ["13", 0], "sampler_name": "dpmpp_sde", "scheduler": "normal"},
        ),
        said(
            prompt="a landscape, \nevening sky\nmorning sky",
            sampler="DPM++ SDE",
            scheduler="normal",
            resources=[("model", "second.safetensors", None, None)],
        ),
    ),
    "noisy latent composition": (
        stock(
            {
                "3": node(
                    "KSampler",
                    SAMPLER["inputs"],
                    latent_image=["20", 0],
                    positive=["6", 0],
                ),
                "20": node("LatentComposite", x=0, y=0, feather=64, samples_to=["21", 0], samples_from=["23", 0]),
                "21": node(
                    "KSamplerAdvanced",
                    add_noise="enable",
                    noise_seed=11,
                    steps=13,
                    cfg=8.5,
                    sampler_name="dpmpp_sde",
                    scheduler="normal",
                    start_at_step=0,
                    end_at_step=4,
                    return_with_leftover_noise="enable",
                    model=["4", 0],
                    positive=["22", 0],
                    negative=["7", 0],
                    latent_image=["5", 0],
                ),
                "22": encoder("background"),
                "23": node(
                    "KSamplerAdvanced",
                    add_noise="enable",
                    noise_seed=12,
                    steps=13,
                    cfg=8.5,
                    sampler_name="dpmpp_sde",
                    scheduler="normal",
                    start_at_step=0,
                    end_at_step=4,
                    return_with_leftover_noise="enable",
                    model=["4", 0],
                    positive=["24", 0],
                    negative=["7", 0],
                    latent_image=["25", 0],
                ),
                "24": encoder("subject"),
                "25": node("EmptyLatentImage", width=256, height=512, batch_size=1),
            }
        ),
        said(
            prompt="background",
            seed=11,
            steps=13,
            cfg_scale=8.5,
            sampler="DPM++ SDE",
            scheduler="normal",
            denoise=None,
        ),
    ),
    "ControlNet that patches the model": (
        stock(
            {
                "20": node(
                    "ControlNetApply", strength=0.9, conditioning=["6", 0], control_net=["21", 0], image=["22", 0]
                ),
                "21": node("DiffControlNetLoader", control_net_name="depth_diff.safetensors", model=["4", 0]),
                "22": LOAD,
            },
            n3={"positive": ["20", 0]},
        ),
        said(resources=[("controlnet", "depth_diff.safetensors", 0.9, None)]),
    ),
    "two ControlNets": (
        stock(
            {
                "20": node(
                    "ControlNetApply", strength=0.5, conditioning=["21", 0], control_net=["23", 0], image=["22", 0]
                ),
                "21": node(
                    "ControlNetApply", strength=1.0, conditioning=["6", 0], control_net=["24", 0], image=["22", 0]
                ),
                "22": LOAD,
                "23": node("ControlNetLoader", control_net_name="scribble.safetensors"),
                "24": node("SetUnionControlNetType", type="openpose", control_net=["25", 0]),
                "25": node("ControlNetLoader", control_net_name="union.safetensors"),
            },
            n3={"positive": ["20", 0]},
        ),
        said(
            resources=[
                ("controlnet", "union.safetensors", 1.0, None),
                ("controlnet", "scribble.safetensors", 0.5, None),
            ]
        ),
    ),
    "SD3 ControlNet": (
        stock(
            {
                "20": node(
                    "ControlNetApplySD3",
                    strength=0.66,
                    start_percent=0,
                    end_percent=1,
                    positive=["6", 0],
                    negative=["23", 0],
                    control_net=["21", 0],
                    vae=["4", 2],
                    image=["22", 0],
                ),
                "21": node("ControlNetLoader", control_net_name="sd3_canny.safetensors"),
                "22": LOAD,
                "23": node("ConditioningZeroOut", conditioning=["7", 0]),
            },
            n3={"positive": ["20", 0], "negative": ["20", 1]},
        ),
        said(negative_prompt=None, resources=[("controlnet", "sd3_canny.safetensors", 0.66, None)]),
    ),
    "GLIGEN": (
        stock(
            {
                "20": node(
                    "GLIGENTextBoxApply",
                    text="purple galaxy",
                    width=144,
                    height=144,
                    x=232,
                    y=144,
                    conditioning_to=["21", 0],
                    clip=["4", 1],
                    gligen_textbox_model=["22", 0],
                ),
                "21": node(
                    "GLIGENTextBoxApply",
                    text="a bottle",
                    width=144,
                    height=144,
                    x=232,
                    y=144,
                    conditioning_to=["6", 0],
                    clip=["4", 1],
                    gligen_textbox_model=["22", 0],
                ),
                "22": node("GLIGENLoader", gligen_name="gligen.safetensors"),
            },
            n3={"positive": ["20", 0]},
        ),
        said(),
    ),
    "unCLIP": (
        stock(
            {
                "4": node("unCLIPCheckpointLoader", ckpt_name="xl/cat.safetensors"),
                "20": node(
                    "unCLIPConditioning",
                    strength=1,
                    noise_augmentation=0,
                    conditioning=["6", 0],
                    clip_vision_output=["21", 0],
                ),
                "21": node("CLIPVisionEncode", crop="center", clip_vision=["4", 3], image=["22", 0]),
                "22": LOAD,
            },
            n3={"positive": ["20", 0]},
        ),
        said(),
    ),
    "style model": (
        custom(
            node("BasicGuider", model=["12", 0], conditioning=["40", 0]),
            SIMPLE,
            SD3_LATENT,
            n26=node("FluxGuidance", guidance=3.5, conditioning=["6", 0]),
            n40=node(
                "StyleModelApply",
                strength=1.0,
                strength_type="multiply",
                conditioning=["26", 0],
                style_model=["42", 0],
                clip_vision_output=["39", 0],
            ),
            n39=node("CLIPVisionEncode", crop="center", clip_vision=["38", 0], image=["41", 0]),
            n38=node("CLIPVisionLoader", clip_name="sigclip.safetensors"),
            n41=LOAD,
            n42=node("StyleModelLoader", style_model_name="redux.safetensors"),
        ),
        custom_said(negative_prompt=None, cfg_scale=3.5),
    ),
    "picture edited by reference": (
        stock(
            {
                "31": node("VAEEncode", pixels=["32", 0], vae=["4", 2]),
                "32": node("FluxKontextImageScale", image=["33", 0]),
                "33": node(
                    "ImageStitch",
                    direction="right",
                    match_image_size=True,
                    spacing_width=0,
                    spacing_color="white",
                    image1=["34", 0],
                ),
                "34": LOAD,
                "35": node("ReferenceLatent", conditioning=["6", 0], latent=["31", 0]),
                "36": node("FluxGuidance", guidance=2.5, conditioning=["35", 0]),
                "37": node("ConditioningZeroOut", conditioning=["6", 0]),
            },
            n3={"positive": ["36", 0], "negative": ["37", 0], "latent_image": ["31", 0], "cfg": 1.0},
        ),
        said(negative_prompt=None, size=None, cfg_scale=1.0, other={"guidance": 2.5}),
    ),
    "Chroma": (
        custom(
            node("CFGGuider", cfg=4.0, model=["30", 0], positive=["6", 0], negative=["7", 0]),
            node("BetaSamplingScheduler", steps=26, alpha=0.45, beta=0.45, model=["30", 0]),
            SD3_LATENT,
            n30=node("ModelSamplingAuraFlow", shift=1.0, model=["12", 0]),
            n31=node("T5TokenizerOptions", min_padding=1, min_length=0, clip=["11", 0]),
            n6=encoder("a cat, ", "31", 0),
        ),
        custom_said(steps=26, cfg_scale=4.0, scheduler="beta", denoise=None, other={"shift": 1.0}),
    ),
    "OmniGen2": (
        custom(
            node(
                "DualCFGGuider",
                cfg_conds=5.0,
                cfg_cond2_negative=2.0,
                style="regular",
                model=["12", 0],
                cond1=["32", 0],
                cond2=["33", 0],
                negative=["7", 0],
            ),
            SIMPLE,
            node("EmptySD3LatentImage", width=["35", 0], height=["35", 1], batch_size=1),
            n31=node("VAEEncode", pixels=["34", 0], vae=["10", 0]),
            n32=node("ReferenceLatent", conditioning=["6", 0], latent=["31", 0]),
            n33=node("ReferenceLatent", conditioning=["7", 0], latent=["31", 0]),
            n34=node("ImageScaleToTotalPixels", upscale_method="area", megapixels=1, image=["36", 0]),
            n35=node("GetImageSize", image=["34", 0]),
            n36=LOAD,
        ),
        custom_said(cfg_scale=5.0, size=None),
    ),
    "Flux 2": (
        custom(
            node("BasicGuider", model=["12", 0], conditioning=["32", 0]),
            node("Flux2Scheduler", steps=20, width=832, height=1216),
            node("EmptyFlux2LatentImage", width=832, height=1216, batch_size=1),
            n26=node("FluxGuidance", guidance=4, conditioning=["6", 0]),
            n31=node("VAEEncode", pixels=["36", 0], vae=["10", 0]),
            n32=node("ReferenceLatent", conditioning=["26", 0], latent=["31", 0]),
            n36=LOAD,
        ),
        custom_said(negative_prompt=None, cfg_scale=4, scheduler=None, denoise=None),
    ),
    "SD3 with a timed negative": (
        stock(
            {
                "5": SD3_LATENT,
                "20": combined("21", "22"),
                "21": node("ConditioningSetTimestepRange", start=0.1, end=1, conditioning=["23", 0]),
                "22": node("ConditioningSetTimestepRange", start=0, end=0.1, conditioning=["7", 0]),
                "23": node("ConditioningZeroOut", conditioning=["7", 0]),
                "24": node("ModelSamplingSD3", shift=3.0, model=["4", 0]),
            },
            n3={"model": ["24", 0], "negative": ["20", 0]},
        ),
        said(other={"shift": 3.0}),
    ),
    "HunyuanDiT": (
        stock({"6": node("CLIPTextEncodeHunyuanDiT", bert="a cat, ", mt5xl="a cat, ", clip=["4", 1])}),
        said(),
    ),
    "HiDream": (
        stock(
            {
                "6": node(
                    "CLIPTextEncodeHiDream",
                    clip_l="a cat",
                    clip_g="a cat",
                    t5xxl="a cat",
                    llama="a cat",
                    clip=["20", 0],
                ),
                "20": node("QuadrupleCLIPLoader", clip_name1="l", clip_name2="g", clip_name3="t5", clip_name4="llama"),
            }
        ),
        said(prompt="a cat"),
    ),
    "Z-Image": (
        stock(
            {
                "4": unet("z_image_turbo_bf16.safetensors"),
                "5": SD3_LATENT,
                "6": encoder("a cat, ", "20", 0),
                "7": node("ConditioningZeroOut", conditioning=["6", 0]),
                "20": node("CLIPLoader", clip_name="qwen_3_4b.safetensors", type="lumina2", device="default"),
                "21": node("ModelSamplingAuraFlow", shift=3, model=["4", 0]),
                "22": node("VAELoader", vae_name="ae.safetensors"),
                "8": node("VAEDecode", samples=["3", 0], vae=["22", 0]),
            },
            n3={"model": ["21", 0], "sampler_name": "res_multistep", "scheduler": "simple", "steps": 9, "cfg": 1},
        ),
        said(
            negative_prompt=None,
            steps=9,
            cfg_scale=1,
            sampler="res_multistep",
            scheduler="simple",
            model="z_image_turbo_bf16.safetensors",
            vae="ae.safetensors",
            resources=[("vae", "ae.safetensors", None, None)],
            other={"shift": 3},
        ),
    ),
    "one-step": (
        stock(
            {
                "3": node(
                    "SamplerCustom",
                    add_noise=True,
                    noise_seed=42,
                    cfg=1.0,
                    model=["4", 0],
                    positive=["6", 0],
                    negative=["7", 0],
                    sampler=["14", 0],
                    sigmas=["22", 0],
                    latent_image=["5", 0],
                ),
                "14": node("KSamplerSelect", sampler_name="euler_ancestral"),
                "22": node("SDTurboScheduler", steps=1, denoise=1, model=["4", 0]),
                "7": EMPTY,
            }
        ),
        said(negative_prompt="", steps=1, cfg_scale=1.0, sampler="Euler a", scheduler=None, denoise=1),
    ),
    "latent consistency": (
        stock(
            {
                "20": node(
                    "LoraLoader",
                    lora_name="lcm.safetensors",
                    strength_model=1,
                    strength_clip=1,
                    model=["4", 0],
                    clip=["4", 1],
                ),
                "21": node("ModelSamplingDiscrete", sampling="lcm", zsnr=False, model=["20", 0]),
                "6": encoder("a cat, ", "20"),
                "7": encoder("a dog", "20"),
            },
            n3={"model": ["21", 0], "sampler_name": "lcm", "scheduler": "sgm_uniform", "steps": 4, "cfg": 2},
        ),
        said(
            sampler="LCM",
            scheduler="sgm_uniform",
            steps=4,
            cfg_scale=2,
            resources=[("lora", "lcm.safetensors", 1, None)],
        ),
    ),
    "merged three ways": (
        stock(
            {
                "20": node("ModelMergeAdd", model1=["21", 0], model2=["4", 0]),
                "21": node("ModelMergeSubtract", multiplier=1, model1=["22", 0], model2=["23", 0]),
                "22": node("CheckpointLoaderSimple", ckpt_name="inpaint.safetensors"),
                "23": node("CheckpointLoaderSimple", ckpt_name="base.safetensors"),
                "24": node("CLIPMergeSimple", ratio=0.5, clip1=["25", 0], clip2=["4", 1]),
                "25": node("CLIPSetLastLayer", stop_at_clip_layer=-2, clip=["22", 1]),
                "26": node("CheckpointSave", filename_prefix="x", model=["20", 0], clip=["24", 0], vae=["4", 2]),
                "6": encoder("a cat, ", "24", 0),
            },
            n3={"model": ["20", 0]},
        ),
        said(
            model="inpaint.safetensors",
            clip_skip=2,
            resources=[("model", "base.safetensors", None, None), ("model", "xl/cat.safetensors", None, None)],
        ),
    ),
    "picture, then video of it": (
        stock(
            {
                "12": node(
                    "SVD_img2vid_Conditioning",
                    width=1024,
                    height=576,
                    video_frames=25,
                    motion_bucket_id=127,
                    fps=6,
                    augmentation_level=0,
                    clip_vision=["15", 1],
                    init_image=["8", 0],
                    vae=["15", 2],
                ),
                "13": node(
                    "KSampler",
                    SAMPLER["inputs"],
                    seed=1,
                    cfg=2.5,
                    model=["14", 0],
                    positive=["12", 0],
                    negative=["12", 1],
                    latent_image=["12", 2],
                ),
                "14": node("VideoLinearCFGGuidance", min_cfg=1, model=["15", 0]),
                "15": node("ImageOnlyCheckpointLoader", ckpt_name="svd_xt.safetensors"),
                "16": node("VAEDecode", samples=["13", 0], vae=["15", 2]),
                "9": node("SaveAnimatedWEBP", filename_prefix="c", fps=10, lossless=False, images=["16", 0]),
            }
        ),
        said(resources=[("model", "svd_xt.safetensors", None, None)]),
    ),
    "Stable Cascade from a picture": (
        stock(
            {
                "33": node(
                    "KSampler",
                    SAMPLER["inputs"],
                    seed=1,
                    steps=10,
                    cfg=1.1,
                    model=["30", 0],
                    positive=["36", 0],
                    negative=["40", 0],
                    latent_image=["34", 1],
                ),
                "30": node("CheckpointLoaderSimple", ckpt_name="stage_b.safetensors"),
                "34": node("StableCascade_StageC_VAEEncode", compression=42, image=["35", 0], vae=["4", 2]),
                "35": LOAD,
                "36": node("StableCascade_StageB_Conditioning", conditioning=["40", 0], stage_c=["3", 0]),
                "40": node("ConditioningZeroOut", conditioning=["6", 0]),
                "8": node("VAEDecode", samples=["33", 0], vae=["30", 2]),
            },
            n3={"latent_image": ["34", 0], "denoise": 0.7},
        ),
        said(size=None, denoise=0.7, resources=[("model", "stage_b.safetensors", None, None)]),
    ),
    "LTXV": (
        stock(
            {
                "3": node(
                    "SamplerCustom",
                    add_noise=True,
                    noise_seed=42,
                    cfg=3,
                    model=["4", 0],
                    positive=["69", 0],
                    negative=["69", 1],
                    sampler=["73", 0],
                    sigmas=["71", 0],
                    latent_image=["70", 0],
                ),
                "69": node("LTXVConditioning", frame_rate=25, positive=["6", 0], negative=["7", 0]),
                "70": node("EmptyLTXVLatentVideo", width=768, height=512, length=97, batch_size=1),
                "71": node(
                    "LTXVScheduler",
                    steps=30,
                    max_shift=2.05,
                    base_shift=0.95,
                    stretch=True,
                    terminal=0.1,
                    latent=["70", 0],
                ),
                "73": node("KSamplerSelect", sampler_name="euler"),
                "9": node("SaveAnimatedWEBP", filename_prefix="c", fps=24, images=["8", 0]),
            }
        ),
        said(steps=30, cfg_scale=3, sampler="Euler", scheduler=None, denoise=None, size="768x512"),
    ),
    "Hunyuan video": (
        custom(
            node("BasicGuider", model=["67", 0], conditioning=["26", 0]),
            SIMPLE,
            node("EmptyHunyuanLatentVideo", width=848, height=480, length=73, batch_size=1),
            n26=node("FluxGuidance", guidance=6, conditioning=["6", 0]),
            n67=node("ModelSamplingSD3", shift=7, model=["12", 0]),
            n8=node("VAEDecodeTiled", tile_size=256, overlap=64, samples=["13", 0], vae=["10", 0]),
        ),
        custom_said(negative_prompt=None, cfg_scale=6, size="848x480", other={"shift": 7}),
    ),
    "Wan 2.2 in two passes": (
        stock(
            {
                "50": node(
                    "KSamplerAdvanced",
                    add_noise="enable",
                    noise_seed=42,
                    steps=20,
                    cfg=3.5,
                    sampler_name="euler",
                    scheduler="simple",
                    start_at_step=0,
                    end_at_step=10,
                    return_with_leftover_noise="enable",
                    model=["54", 0],
                    positive=["57", 0],
                    negative=["57", 1],
                    latent_image=["57", 2],
                ),
                "3": node(
                    "KSamplerAdvanced",
                    add_noise="disable",
                    noise_seed=0,
                    steps=20,
                    cfg=1.5,
                    sampler_name="euler",
                    scheduler="simple",
                    start_at_step=10,
                    end_at_step=10000,
                    return_with_leftover_noise="disable",
                    model=["55", 0],
                    positive=["57", 0],
                    negative=["57", 1],
                    latent_image=["50", 0],
                ),
                "54": node("ModelSamplingSD3", shift=8, model=["37", 0]),
                "55": node("ModelSamplingSD3", shift=8, model=["56", 0]),
                "37": unet("wan2.2_high.safetensors"),
                "56": unet("wan2.2_low.safetensors"),
                "57": node(
                    "WanImageToVideo",
                    width=1280,
                    height=704,
                    length=41,
                    batch_size=1,
                    positive=["6", 0],
                    negative=["7", 0],
                    vae=["4", 2],
                    start_image=["58", 0],
                ),
                "58": LOAD,
            }
        ),
        said(
            cfg_scale=3.5,
            sampler="Euler",
            scheduler="simple",
            denoise=None,
            size="1280x704",
            model="wan2.2_high.safetensors",
            resources=[("model", "wan2.2_low.safetensors", None, None)],
            other={"shift": 8},
        ),
    ),
    "Wan VACE": (
        stock(
            {
                "49": node(
                    "WanVaceToVideo",
                    width=720,
                    height=480,
                    length=81,
                    batch_size=1,
                    strength=1,
                    positive=["6", 0],
                    negative=["7", 0],
                    vae=["4", 2],
                    control_video=["60", 0],
                    reference_image=["58", 0],
                ),
                "58": LOAD,
                "59": node("TrimVideoLatent", trim_amount=["49", 3], samples=["3", 0]),
                "60": LOAD,
                "8": node("VAEDecode", samples=["59", 0], vae=["4", 2]),
            },
            n3={"positive": ["49", 0], "negative": ["49", 1], "latent_image": ["49", 2]},
        ),
        said(size="720x480"),
    ),
    "audio": (
        stock(
            {
                "5": node("EmptyLatentAudio", seconds=47.6, batch_size=1),
                "8": node("VAEDecodeAudio", samples=["3", 0], vae=["4", 2]),
                "9": node("SaveAudio", filename_prefix="audio/ComfyUI", audio=["8", 0]),
            }
        ),
        said(size=None),
    ),
    "zero 123": (
        stock(
            {
                "4": node("ImageOnlyCheckpointLoader", ckpt_name="stable_zero123.ckpt"),
                "20": node(
                    "StableZero123_Conditioning",
                    width=256,
                    height=256,
                    batch_size=1,
                    elevation=10,
                    azimuth=142,
                    clip_vision=["4", 1],
                    init_image=["21", 0],
                    vae=["4", 2],
                ),
                "21": LOAD,
            },
            n3={"positive": ["20", 0], "negative": ["20", 1], "latent_image": ["20", 2]},
        ),
        said(prompt=None, negative_prompt=None, size="256x256", model="stable_zero123.ckpt"),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_example(name: str) -> None:
    graph, expected = CASES[name]
    assert facts(read(graph)) == expected
