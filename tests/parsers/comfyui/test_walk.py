"""Hard graphs: what counts is what the saved picture was made of."""

from __future__ import annotations

from typing import Any

import pytest

from tests.parsers.comfyui.graphs import LATENT, NEGATIVE, SAMPLER, facts, node, read, said, stock

HIRES = {
    "10": node("LatentUpscaleBy", upscale_method="nearest-exact", scale_by=1.5, samples=["3", 0]),
    "11": node("KSampler", SAMPLER["inputs"], seed=7, steps=10, denoise=0.5, latent_image=["10", 0]),
    "8": node("VAEDecode", samples=["11", 0], vae=["4", 2]),
}
ESRGAN_HIRES = {
    "10": node("VAEDecode", samples=["3", 0], vae=["4", 2]),
    "11": node("ImageUpscaleWithModel", upscale_model=["12", 0], image=["10", 0]),
    "12": node("UpscaleModelLoader", model_name="4x_NMKD.pth"),
    "13": node("ImageScale", upscale_method="area", width=1248, height=1824, crop="disabled", image=["11", 0]),
    "14": node("VAEEncode", pixels=["13", 0], vae=["4", 2]),
    "15": node("KSampler", SAMPLER["inputs"], seed=7, steps=10, denoise=0.5, latent_image=["14", 0]),
    "8": node("VAEDecode", samples=["15", 0], vae=["4", 2]),
}
REFINER = {
    "3": node(
        "KSamplerAdvanced",
        add_noise="enable",
        noise_seed=18446744073709551615,
        steps=25,
        cfg=8.0,
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
    "10": node("CheckpointLoaderSimple", ckpt_name="refiner.safetensors"),
    "11": node(
        "KSamplerAdvanced",
        add_noise="disable",
        noise_seed=0,
        steps=25,
        cfg=8.0,
        sampler_name="euler",
        scheduler="normal",
        start_at_step=20,
        end_at_step=10000,
        return_with_leftover_noise="disable",
        model=["10", 0],
        positive=["12", 0],
        negative=["13", 0],
        latent_image=["3", 0],
    ),
    "12": node("CLIPTextEncodeSDXLRefiner", ascore=6, width=1024, height=1024, text="refined cat", clip=["10", 1]),
    "13": node("CLIPTextEncodeSDXLRefiner", ascore=2, width=1024, height=1024, text="refined dog", clip=["10", 1]),
    "8": node("VAEDecode", samples=["11", 0], vae=["10", 2]),
}
CUSTOM_ADVANCED = {
    "3": node(
        "SamplerCustomAdvanced",
        noise=["20", 0],
        guider=["21", 0],
        sampler=["22", 0],
        sigmas=["23", 0],
        latent_image=["5", 0],
    ),
    "20": node("RandomNoise", noise_seed=99),
    "22": node("KSamplerSelect", sampler_name="euler"),
    "23": node("BasicScheduler", scheduler="simple", steps=28, denoise=0.9, model=["4", 0]),
}
CFG_GUIDER = {
    **CUSTOM_ADVANCED,
    "21": node("CFGGuider", cfg=3.5, model=["4", 0], positive=["6", 0], negative=["7", 0]),
}
FLUX = {
    **CUSTOM_ADVANCED,
    "21": node("BasicGuider", model=["24", 0], conditioning=["25", 0]),
    "23": node("BasicScheduler", scheduler="simple", steps=28, denoise=1.0, model=["24", 0]),
    "24": node("ModelSamplingFlux", max_shift=1.15, base_shift=0.5, width=832, height=1216, model=["26", 0]),
    "25": node("FluxGuidance", guidance=3.5, conditioning=["6", 0]),
    "26": node("UNETLoader", unet_name="flux1-dev.safetensors", weight_dtype="default"),
    "27": node("VAELoader", vae_name="ae.safetensors"),
    "28": node("DualCLIPLoader", clip_name1="t5xxl_fp16.safetensors", clip_name2="clip_l.safetensors", type="flux"),
    "6": node("CLIPTextEncode", text="a cat, ", clip=["28", 0]),
    "8": node("VAEDecode", samples=["3", 0], vae=["27", 0]),
}
CASCADE = {
    "3": node("KSampler", SAMPLER["inputs"], latent_image=["34", 0], model=["41", 0]),
    "34": node("StableCascade_EmptyLatentImage", width=1024, height=768, compression=42, batch_size=1),
    "36": node("StableCascade_StageB_Conditioning", conditioning=["40", 0], stage_c=["3", 0]),
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
    "40": node("ConditioningZeroOut", conditioning=["6", 0]),
    "41": node("CheckpointLoaderSimple", ckpt_name="stage_c.safetensors"),
    "8": node("VAEDecode", samples=["33", 0], vae=["30", 2]),
}
GROUPED = {
    "30:6": node("CLIPTextEncode", text="inside", clip=["60:71:11", 0]),
    "60:71:11": node("CLIPSetLastLayer", stop_at_clip_layer=-2, clip=["4", 1]),
}
DETAILER = node(
    "FaceDetailer",
    SAMPLER["inputs"],
    image=["8", 0],
    seed=5,
    steps=12,
    denoise=0.4,
    positive=["30", 0],
    negative=["7", 0],
)

CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "stock": (stock(), said()),
    "latent hires": (stock(HIRES), said()),
    "upscaled hires": (stock(ESRGAN_HIRES), said(resources=[("upscaler", "4x_NMKD.pth", None, None)])),
    "SDXL base and refiner": (
        stock(REFINER),
        said(
            seed=18446744073709551615,
            steps=25,
            cfg_scale=8.0,
            sampler="Euler",
            scheduler="normal",
            denoise=None,
            resources=[("model", "refiner.safetensors", None, None)],
        ),
    ),
    "saved before and after hires": (
        stock(HIRES | {"90": node("SaveImage", images=["91", 0]), "91": node("VAEDecode", samples=["3", 0])}),
        said(),
    ),
    "preview branch with another prompt": (
        stock(
            {
                "1": node("CLIPTextEncode", text="previewed", clip=["4", 1]),
                "2": node("KSampler", SAMPLER["inputs"], positive=["1", 0], seed=1),
                "20": node("VAEDecode", samples=["2", 0], vae=["4", 2]),
                "21": node("PreviewImage", images=["20", 0]),
            }
        ),
        said(),
    ),
    "unwired encoder, latent, upscaler and LoRA": (
        stock(
            {
                "1": node("CLIPTextEncode", text="unwired", clip=["4", 1]),
                "2": node("EmptyLatentImage", width=64, height=64, batch_size=1),
                "20": node("UpscaleModelLoader", model_name="unused.pth"),
                "21": node("LoraLoader", lora_name="unused.safetensors", strength_model=1, model=["4", 0]),
            }
        ),
        said(),
    ),
    "zeroed negative": (
        stock({"7": node("ConditioningZeroOut", conditioning=["6", 0])}),
        said(negative_prompt=None),
    ),
    "zeroed negative behind a ControlNet": (
        stock(
            {
                "20": node("ConditioningZeroOut", conditioning=["6", 0]),
                "21": node(
                    "ControlNetApplyAdvanced",
                    strength=0.8,
                    positive=["6", 0],
                    negative=["20", 0],
                    control_net=["22", 0],
                ),
                "22": node("ControlNetLoader", control_net_name="canny.safetensors"),
            },
            n3={"positive": ["21", 0], "negative": ["21", 1]},
        ),
        said(negative_prompt=None, resources=[("controlnet", "canny.safetensors", 0.8, None)]),
    ),
    "empty negative": (stock(n7={"text": " "}), said(negative_prompt="")),
    "ControlNet slots": (
        stock(
            {"21": node("ControlNetApplyAdvanced", strength=0.8, positive=["7", 0], negative=["6", 0])},
            n3={"positive": ["21", 1], "negative": ["21", 0]},
        ),
        said(),
    ),
    "CFGGuider": (
        stock(CFG_GUIDER),
        said(seed=99, steps=28, cfg_scale=3.5, sampler="Euler", scheduler="simple", denoise=0.9),
    ),
    "BasicGuider": (
        stock(FLUX),
        said(
            negative_prompt=None,
            seed=99,
            steps=28,
            cfg_scale=3.5,
            sampler="Euler",
            scheduler="simple",
            denoise=1.0,
            model="flux1-dev.safetensors",
            vae="ae.safetensors",
            resources=[("vae", "ae.safetensors", None, None)],
        ),
    ),
    "guider of two conditionings": (
        stock(
            {
                **CUSTOM_ADVANCED,
                "21": node(
                    "DualCFGGuider",
                    cfg_conds=5.0,
                    cfg_cond2_negative=2.0,
                    model=["4", 0],
                    cond1=["6", 0],
                    cond2=["24", 0],
                    negative=["7", 0],
                ),
                "24": node("ReferenceLatent", conditioning=["7", 0], latent=["5", 0]),
            }
        ),
        said(seed=99, steps=28, cfg_scale=5.0, sampler="Euler", scheduler="simple", denoise=0.9),
    ),
    "picture to video without words": (
        stock(
            {
                "4": node("ImageOnlyCheckpointLoader", ckpt_name="svd.safetensors"),
                "5": node(
                    "SVD_img2vid_Conditioning",
                    width=1024,
                    height=576,
                    video_frames=14,
                    clip_vision=["4", 1],
                    init_image=["20", 0],
                    vae=["4", 2],
                ),
                "20": node("LoadImage", image="a.png"),
            },
            n3={"positive": ["5", 0], "negative": ["5", 1], "latent_image": ["5", 2]},
        ),
        said(prompt=None, negative_prompt=None, size="1024x576", model="svd.safetensors"),
    ),
    "scaled within bounds": (
        stock(
            {
                "5": node("VAEEncode", pixels=["20", 0], vae=["4", 2]),
                "20": node("ImageResize+", width=640, height=960, method="keep proportion", image=["21", 0]),
                "21": node("LoadImage", image="a.png"),
            }
        ),
        said(size=None),
    ),
    "distilled guidance under cfg 1": (
        stock({"25": FLUX["25"]}, n3={"positive": ["25", 0], "cfg": 1.0}),
        said(cfg_scale=1.0, other={"guidance": 3.5}),
    ),
    "SamplerCustom": (
        stock(
            {
                **CUSTOM_ADVANCED,
                "3": node(
                    "SamplerCustom",
                    add_noise=True,
                    noise_seed=-3,
                    cfg=1.0,
                    model=["4", 0],
                    positive=["6", 0],
                    negative=["7", 0],
                    sampler=["22", 0],
                    sigmas=["23", 0],
                    latent_image=["5", 0],
                ),
                "22": node("SamplerEulerAncestral", eta=1.0, s_noise=1.0),
                "23": node("SDTurboScheduler", steps=1, denoise=1, model=["4", 0]),
            }
        ),
        said(seed=-3, steps=1, cfg_scale=1.0, sampler="Euler a", scheduler=None, denoise=1),
    ),
    "split sigmas and written-out sigmas": (
        stock(
            CFG_GUIDER
            | {
                "23": node("SplitSigmas", step=2, sigmas=["29", 0]),
                "29": node("ManualSigmas", sigmas="1.0, 0.8, 0.3, 0.0"),
            }
        ),
        said(seed=99, steps=3, cfg_scale=3.5, sampler="Euler", scheduler=None, denoise=None),
    ),
    "Stable Cascade": (
        stock(CASCADE),
        said(
            size="1024x768",
            model="stage_c.safetensors",
            resources=[("model", "stage_b.safetensors", None, None)],
        ),
    ),
    "ids of groups and subgraphs": (
        stock(GROUPED, n3={"positive": ["30:6", 0]}),
        said(prompt="inside", clip_skip=2),
    ),
    "numeric ids in links": (stock(n8={"samples": [3, 0]}), said()),
    "detailer with a prompt of its own": (
        stock({"30": node("CLIPTextEncode", text="a face", clip=["4", 1]), "31": DETAILER}, n9={"images": ["31", 0]}),
        said(),
    ),
    "detailer alone": (
        {
            "4": stock()["4"],
            "7": NEGATIVE,
            "8": node("LoadImage", image="a.png"),
            "30": node("CLIPTextEncode", text="a face", clip=["4", 1]),
            "31": DETAILER,
            "9": node("SaveImage", images=["31", 0]),
        },
        said(prompt="a face", seed=5, steps=12, denoise=0.4, size=None),
    ),
    "picture to picture": (
        stock(
            {"5": node("VAEEncode", pixels=["20", 0], vae=["4", 2]), "20": node("LoadImage", image="a.png")},
            n3={"denoise": 0.6},
        ),
        said(denoise=0.6, size=None),
    ),
    "scaled picture to picture": (
        stock(
            {
                "5": node("VAEEncode", pixels=["20", 0], vae=["4", 2]),
                "20": node("ImageScale", width=640, height=960, image=["21", 0]),
                "21": node("LoadImage", image="a.png"),
            }
        ),
        said(size="640x960"),
    ),
    "upscaled picture only": (
        {
            "1": node("LoadImage", image="a.png"),
            "2": node("UpscaleModelLoader", model_name="4x.pth"),
            "3": node("ImageUpscaleWithModel", upscale_model=["2", 0], image=["1", 0]),
            "9": node("SaveImage", images=["3", 0]),
        },
        {"resources": [("upscaler", "4x.pth", None, None)]},
    ),
    "two high and low noise models": (
        stock(
            {
                "3": node("KSamplerAdvanced", SAMPLER["inputs"], model=["20", 0]),
                "11": node("KSamplerAdvanced", SAMPLER["inputs"], model=["22", 0], latent_image=["3", 0]),
                "20": node("ModelSamplingSD3", shift=8.0, model=["21", 0]),
                "21": node("UNETLoader", unet_name="wan2.2_high.safetensors"),
                "22": node("ModelSamplingSD3", shift=8.0, model=["23", 0]),
                "23": node("UNETLoader", unet_name="wan2.2_low.safetensors"),
                "8": node("VAEDecode", samples=["11", 0], vae=["4", 2]),
            }
        ),
        said(
            model="wan2.2_high.safetensors",
            resources=[("model", "wan2.2_low.safetensors", None, None)],
            other={"shift": 8.0},
        ),
    ),
    "merged models": (
        stock(
            {
                "20": node("ModelMergeSimple", ratio=0.5, model1=["4", 0], model2=["21", 0]),
                "21": node("CheckpointLoaderSimple", ckpt_name="other.ckpt"),
            },
            n3={"model": ["20", 0]},
        ),
        said(resources=[("model", "other.ckpt", None, None)]),
    ),
    "no save node: a preview": (stock({"9": node("PreviewImage", images=["8", 0])}), said()),
    "no end node: the sampler": ({key: value for key, value in stock().items() if key in "34567"}, said()),
    "an end of unknown class": (stock({"9": node("SendToTablet", picture=["8", 0])}), said()),
    "a number without a source is absent": (
        stock({"20": node("Mystery")}, n3={"seed": ["20", 0], "steps": ["20", 1], "cfg": ["nowhere", 0]}),
        said(seed=None, steps=None, cfg_scale=None),
    ),
    "numbers as text": (
        stock(n3={"seed": "18446744073709551616", "steps": "20", "cfg": "7.5"}),
        said(seed=18446744073709551616, cfg_scale=7.5),
    ),
    "seed zero": (stock(n3={"seed": 0}), said(seed=0)),
    "a missing link target": (
        stock(n3={"positive": ["404", 0], "latent_image": ["405", 0]}),
        said(prompt=None, size=None),
    ),
    "malformed nodes": (
        stock(
            {
                "6": {"class_type": "CLIPTextEncode"},
                "5": {"class_type": "EmptyLatentImage", "inputs": [1, 2]},
                "20": {"inputs": {}},
                "21": {"class_type": 5},
                "22": "text",
            }
        ),
        said(prompt=None, size=None),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_graph(name: str) -> None:
    graph, expected = CASES[name]
    assert facts(read(graph)) == expected


@pytest.mark.parametrize("name", CASES)
def test_the_order_of_nodes_does_not_matter(name: str) -> None:
    graph, expected = CASES[name]
    assert facts(read(dict(reversed(graph.items())))) == expected
    assert facts(read(dict(sorted(graph.items(), key=str)))) == expected


def test_latent_without_a_sampler_is_no_size() -> None:
    assert facts(read({"5": LATENT, "9": node("SaveImage", images=["5", 0])})) == {}


def test_cycles_end() -> None:
    graph = stock(
        {"20": node("ConditioningCombine", conditioning_1=["21", 0], conditioning_2=["6", 0])}
        | {"21": node("ConditioningConcat", conditioning_to=["20", 0], conditioning_from=["20", 0])},
        n3={"positive": ["20", 0], "latent_image": ["8", 0], "model": ["22", 0]},
    )
    graph["22"] = node("LoraLoaderModelOnly", lora_name="x", strength_model=1, model=["22", 0])
    assert facts(read(graph, warnings=("graph-cycle",))) == said(
        size=None, model=None, resources=[("lora", "x", 1, None)]
    )
