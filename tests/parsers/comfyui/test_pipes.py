"""Pipes, contexts and long chains: what is asked for lies several bundles away."""

from __future__ import annotations

from typing import Any

import pytest

from tests.parsers.comfyui.graphs import SAMPLER, facts, node, read, said, stock

WIRES = ("model", "positive", "negative", "latent_image")
PLAIN = {key: value for key, value in SAMPLER["inputs"].items() if key not in WIRES}
"""The settings of the stock sampler."""
BASIC = {"model": ["4", 0], "clip": ["4", 1], "vae": ["4", 2]}
FACE = node("CLIPTextEncode", text="a face", clip=["4", 1])


def basic_sampler(pipe: str) -> dict[str, Any]:
    return {
        "3": node("ImpactKSamplerBasicPipe", PLAIN, basic_pipe=[pipe, 0], latent_image=["5", 0]),
        "8": node("VAEDecode", samples=["3", 1], vae=["3", 2]),
    }


EASY_LOADER = node(
    "easy a1111Loader",
    ckpt_name="xl/cat.safetensors",
    vae_name="Baked VAE",
    clip_skip=-2,
    lora_name="None",
    lora_model_strength=1.0,
    lora_clip_strength=1.0,
    resolution="width x height (custom)",
    empty_latent_width=832,
    empty_latent_height=1216,
    positive="a cat, ",
    negative="a dog",
    batch_size=1,
)
TINY_LOADER = node(
    "ttN pipeLoader_v2",
    EASY_LOADER["inputs"],
    resolution="",
    loras="",
    empty_latent_aspect="width x height [custom]",
    seed=3,
)
TINY_SAMPLER = node(
    "ttN pipeKSampler_v2",
    PLAIN,
    lora_name="None",
    lora_strength=1.0,
    upscale_method="None",
    upscale_model_name="4x.pth",
    width=1024,
    height=1024,
    image_output="Save",
    pipe=["1", 0],
)
EFFICIENT = {
    "1": node("Efficient Loader", EASY_LOADER["inputs"], lora_stack=["5", 0], cnet_stack=["6", 0]),
    "2": node(
        "KSampler (Efficient)",
        PLAIN,
        model=["1", 0],
        positive=["1", 1],
        negative=["1", 2],
        latent_image=["1", 3],
        optional_vae=["1", 4],
        script=["7", 0],
    ),
    "5": node(
        "LoRA Stacker",
        input_mode="advanced",
        lora_count=1,
        lora_name_1="a.safetensors",
        lora_wt_1=1,
        model_str_1=0.7,
        clip_str_1=0.6,
    ),
    "6": node("Control Net Stacker", strength=0.6, control_net=["8", 0], image=["10", 0]),
    "7": node(
        "HighRes-Fix Script",
        upscale_type="latent",
        hires_ckpt_name="(use same)",
        upscale_by=1.5,
        seed=9,
        hires_steps=12,
        denoise=0.5,
        use_controlnet=False,
        control_net_name="unused.safetensors",
        strength=1,
    ),
    "8": node("ControlNetLoader", control_net_name="cn.safetensors"),
    "9": node("SaveImage", images=["2", 5]),
    "10": node("LoadImage", image="a.png"),
}


def easy(loaded: str = "1", *, output: str = "Save", **more: dict[str, Any]) -> dict[str, Any]:
    """Loader, settings and sampler; `loaded` is the node whose pipe the settings take."""
    graph = {
        "1": EASY_LOADER,
        "2": node(
            "easy preSampling",
            steps=20,
            cfg=7.0,
            sampler_name="dpmpp_2m",
            scheduler="karras",
            denoise=1.0,
            seed=42,
            pipe=[loaded, 0],
        ),
        "3": node("easy kSampler", image_output=output, link_id=0, save_prefix="ComfyUI", pipe=["2", 0]),
    }
    return graph | {name[1:]: value for name, value in more.items()}


TO_BASIC = node("ToBasicPipe", BASIC, positive=["6", 0], negative=["7", 0])
TO_OTHER = node("ToBasicPipe", BASIC, positive=["30", 0], negative=["30", 0])
OTHER = node("CLIPTextEncode", text="replaced", clip=["4", 1])
CONTEXT = node("Context (rgthree)", BASIC, positive=["6", 0], negative=["7", 0], latent=["5", 0], seed=["23", 0])
SEED = node("Seed (rgthree)", seed=42)
DETAILED = {"seed": 5, "steps": 12, "denoise": 0.4}

CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "taken apart again": (
        stock(
            {"20": TO_BASIC, "21": node("FromBasicPipe_v2", basic_pipe=["20", 0])},
            n3={"model": ["21", 1], "positive": ["21", 4], "negative": ["21", 5]},
        ),
        said(),
    ),
    "only the negative replaced": (
        stock(
            {
                "20": node("ToBasicPipe", BASIC, positive=["6", 0], negative=["30", 0]),
                "21": node("EditBasicPipe", basic_pipe=["20", 0], negative=["7", 0]),
                "30": OTHER,
            }
            | basic_sampler("21")
        ),
        said(),
    ),
    "only the positive replaced": (
        stock(
            {
                "20": node("ToBasicPipe", BASIC, positive=["30", 0], negative=["7", 0]),
                "21": node("EditBasicPipe", basic_pipe=["20", 0], positive=["6", 0]),
                "30": OTHER,
            }
            | basic_sampler("21")
        ),
        said(),
    ),
    "detailer with a pipe": (
        stock(
            {
                "20": node("ToDetailerPipe", BASIC, positive=["30", 0], negative=["7", 0], wildcard=""),
                "30": FACE,
                "31": node("FaceDetailerPipe", PLAIN | DETAILED, image=["8", 0], detailer_pipe=["20", 0]),
            },
            n9={"images": ["31", 0]},
        ),
        said(),
    ),
    "detailed pieces pasted": (
        stock(
            {
                "20": TO_OTHER,
                "30": FACE,
                "31": node("SEGSDetailer", PLAIN | DETAILED, image=["8", 0], segs=["32", 0], basic_pipe=["20", 0]),
                "32": node("BboxDetectorSEGS", bbox_detector=["33", 0], image=["8", 0]),
                "33": node("UltralyticsDetectorProvider", model_name="bbox/face.pt"),
                "34": node("SEGSPaste", feather=5, alpha=255, image=["8", 0], segs=["31", 0]),
            },
            n9={"images": ["34", 0]},
        ),
        said(),
    ),
    "context switch": (
        stock(
            {"20": CONTEXT, "21": node("Context Switch Big (rgthree)", ctx_02=["20", 0]), "23": SEED},
            n3={
                "model": ["21", 1],
                "positive": ["21", 4],
                "negative": ["21", 5],
                "latent_image": ["21", 6],
                "seed": ["21", 8],
            },
        ),
        said(),
    ),
    "contexts merged": (
        stock(
            {
                "20": node("Context (rgthree)", BASIC),
                "21": node("Context Merge (rgthree)", ctx_01=["20", 0], ctx_02=["22", 0]),
                "22": node("Context (rgthree)", positive=["6", 0], negative=["7", 0]),
            },
            n3={"model": ["21", 1], "positive": ["21", 4], "negative": ["21", 5]},
        ),
        said(),
    ),
    "second pass out of a context": (
        stock(
            {
                "20": CONTEXT,
                "23": SEED,
                "24": node("Context (rgthree)", base_ctx=["20", 0], latent=["3", 0], images=["8", 0]),
                "25": node("LatentUpscaleBy", upscale_method="bislerp", scale_by=1.5, samples=["24", 6]),
                "26": node(
                    "KSampler",
                    PLAIN | DETAILED,
                    seed=["24", 8],
                    model=["24", 1],
                    positive=["24", 4],
                    negative=["24", 5],
                    latent_image=["25", 0],
                ),
                "27": node("VAEDecode", samples=["26", 0], vae=["24", 3]),
            },
            n3={
                "model": ["20", 1],
                "positive": ["20", 4],
                "negative": ["20", 5],
                "latent_image": ["20", 6],
                "seed": ["20", 8],
            },
            n9={"images": ["27", 0]},
        ),
        said(),
    ),
    "easy": (easy(), said(clip_skip=2)),
    "easy, saved elsewhere": (
        easy(
            output="Hide",
            n5=node("easy pipeOut", pipe=["3", 0]),
            n9=node("SaveImage", images=["5", 6]),
        ),
        said(clip_skip=2),
    ),
    "easy, edited without words": (
        easy(
            "4",
            n4=node(
                "easy pipeEdit",
                clip_skip=-2,
                optional_positive="",
                optional_negative="",
                conditioning_mode="replace",
                pipe=["1", 0],
            ),
        ),
        said(clip_skip=2),
    ),
    "easy, edited by conditionings": (
        easy(
            "4",
            n4=node("easy pipeIn", pipe=["1", 0], pos=["6", 0], neg=["7", 0]),
            n6=node("CLIPTextEncode", text="b", clip=["1", 4]),
            n7=node("CLIPTextEncode", text="c", clip=["1", 4]),
        ),
        said(prompt="b", negative_prompt="c", clip_skip=2),
    ),
    "easy, guided by a picture": (
        easy(
            "4",
            n4=node(
                "easy controlnetLoader",
                control_net_name="canny.safetensors",
                strength=0.7,
                pipe=["1", 0],
                image=["5", 0],
            ),
            n5=node("LoadImage", image="a.png"),
        ),
        said(clip_skip=2, resources=[("controlnet", "canny.safetensors", 0.7, None)]),
    ),
    "easy, in two passes": (
        easy(
            output="Hide",
            n5=node(
                "easy hiresFix", model_name="4x.pth", rescale_after_model=True, width=1024, height=1024, pipe=["3", 0]
            ),
            n6=node("easy preSampling", PLAIN | DETAILED, pipe=["5", 0]),
            n7=node("easy kSampler", image_output="Save", pipe=["6", 0]),
        ),
        said(clip_skip=2, resources=[("upscaler", "4x.pth", None, None)]),
    ),
    "easy, a model of one's own": (
        easy(
            n1=node("easy fluxLoader", EASY_LOADER["inputs"], ckpt_name="None", model_override=["4", 0]),
            n4=node("UNETLoader", unet_name="flux.safetensors", weight_dtype="default"),
        ),
        said(clip_skip=2, model="flux.safetensors"),
    ),
    "tiny": ({"1": TINY_LOADER, "2": TINY_SAMPLER}, said(clip_skip=2)),
    "tiny, size by aspect": (
        {
            "1": node("ttN pipeLoader_v2", TINY_LOADER["inputs"], empty_latent_aspect="1:1 [1024x1024 square]"),
            "2": TINY_SAMPLER,
        },
        said(clip_skip=2, size="1024x1024"),
    ),
    "tiny, LoRAs in a line": (
        {
            "1": node("ttN pipeLoader_v2", TINY_LOADER["inputs"], loras="<lora:a:0.5> <lora:b:1>"),
            "2": TINY_SAMPLER,
        },
        said(clip_skip=2, resources=[("lora", "a", 0.5, None), ("lora", "b", 1, None)]),
    ),
    "tiny, LoRAs in a stack": (
        {
            "1": TINY_LOADER,
            "2": node("ttN pipeKSampler_v2", TINY_SAMPLER["inputs"], pipe=["3", 0]),
            "3": node(
                "ttN pipeLoraStack",
                toggle=True,
                mode="simple",
                num_loras=1,
                lora_1_name="a.safetensors",
                lora_1_strength=0.5,
                lora_1_model_strength=1,
                lora_1_clip_strength=1,
                optional_pipe=["1", 0],
            ),
        },
        said(clip_skip=2, resources=[("lora", "a.safetensors", 0.5, None)]),
    ),
    "efficient, with scripts and stacks": (
        EFFICIENT,
        said(clip_skip=2, resources=[("lora", "a.safetensors", 0.7, 0.6), ("controlnet", "cn.safetensors", 0.6, None)]),
    ),
    "clip behind a stack": (
        stock(
            {
                "20": node("easy loraStackApply", model=["4", 0], optional_clip=["21", 0]),
                "21": node("CLIPSetLastLayer", stop_at_clip_layer=-2, clip=["4", 1]),
                "6": node("CLIPTextEncode", text="a cat", clip=["20", 1]),
            }
        ),
        said(prompt="a cat", clip_skip=2),
    ),
    "clip of a later pass only": (
        stock(
            {
                "21": node("CLIPSetLastLayer", stop_at_clip_layer=-2, clip=["4", 1]),
                "30": node("CLIPTextEncode", text="a face", clip=["21", 0]),
                "31": node(
                    "FaceDetailer", SAMPLER["inputs"] | DETAILED, image=["8", 0], clip=["21", 0], positive=["30", 0]
                ),
            },
            n9={"images": ["31", 0]},
        ),
        said(),
    ),
    "motion beside the model": (
        stock(
            {
                "30": node("ADE_UseEvolvedSampling", beta_schedule="x", model=["4", 0], m_models=["31", 0]),
                "31": node("ADE_ApplyAnimateDiffModelSimple", motion_model=["32", 0]),
                "32": node("ADE_LoadAnimateDiffModel", model_name="mm.ckpt"),
            },
            n3={"model": ["30", 0]},
        ),
        said(resources=[("motion", "mm.ckpt", None, None)]),
    ),
    "merged in a stack": (
        stock(
            {
                "30": node("CR Apply Model Merge", merge_method="Recursive", model_merge_stack=["31", 0]),
                "31": node(
                    "CR Model Merge Stack",
                    switch_1="On",
                    ckpt_name1="a.safetensors",
                    switch_2="Off",
                    ckpt_name2="b.safetensors",
                    switch_3="On",
                    ckpt_name3="c.safetensors",
                ),
            },
            n3={"model": ["30", 0]},
        ),
        said(model="a.safetensors", resources=[("model", "c.safetensors", None, None)]),
    ),
}
SAMPLERS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "two models by noise": (
        {
            "3": node(
                "WanMoeKSampler",
                {key: value for key, value in SAMPLER["inputs"].items() if key not in ("cfg", "model")},
                boundary=0.875,
                cfg_high_noise=7.0,
                cfg_low_noise=3.0,
                sigma_shift=8,
                model_high_noise=["30", 0],
                model_low_noise=["31", 0],
            ),
            "30": node("UNETLoader", unet_name="high.safetensors"),
            "31": node("UNETLoader", unet_name="low.safetensors"),
        },
        said(model="high.safetensors", resources=[("model", "low.safetensors", None, None)]),
    ),
    "base and refiner on one node": (
        {
            "3": node(
                "SeargeSDXLSampler",
                PLAIN,
                noise_seed=42,
                base_ratio=0.8,
                base_model=["4", 0],
                base_positive=["6", 0],
                base_negative=["7", 0],
                refiner_model=["30", 0],
                refiner_positive=["31", 0],
                refiner_negative=["31", 0],
                latent_image=["5", 0],
            ),
            "30": node("CheckpointLoaderSimple", ckpt_name="refiner.safetensors"),
            "31": node("CLIPTextEncode", text="refined", clip=["30", 1]),
        },
        said(resources=[("model", "refiner.safetensors", None, None)]),
    ),
    "conditionings of both sides": (
        {
            "3": node(
                "XlabsSampler",
                noise_seed=42,
                steps=20,
                true_gs=3.5,
                denoise_strength=1.0,
                model=["4", 0],
                conditioning=["6", 0],
                neg_conditioning=["7", 0],
                latent_image=["5", 0],
                controlnet_condition=["30", 0],
            ),
            "30": node("ApplyFluxControlNet", strength=0.7, controlnet=["31", 0], image=["32", 0]),
            "31": node("LoadFluxControlNet", model_name="flux-dev", controlnet_path="canny.safetensors"),
            "32": node("LoadImage", image="a.png"),
        },
        said(cfg_scale=3.5, sampler=None, scheduler=None),
    ),
    "one tool after another": (
        {
            "20": node("ReActorFaceSwap", enabled=True, source_image=["22", 0], input_image=["8", 0]),
            "21": node("ColorMatch", method="mkl", image_ref=["22", 0], image_target=["20", 0]),
            "22": node("LoadImage", image="a.png"),
            "9": node("SaveImage", images=["21", 0]),
        },
        said(),
    ),
    "cropped and stitched": (
        {
            "5": node("VAEEncode", pixels=["21", 1], vae=["4", 2]),
            "20": node("InpaintStitchImproved", stitcher=["21", 0], inpainted_image=["8", 0]),
            "21": node("InpaintCropImproved", output_target_width=512, image=["22", 0], mask=["22", 1]),
            "22": node("LoadImage", image="a.png"),
            "9": node("SaveImage", images=["20", 0]),
        },
        said(size=None),
    ),
    "latent chosen by a word": (
        {
            "3": node("KSampler", SAMPLER["inputs"], latent_image=["20", 0]),
            "20": node("CR Img2Img Process Switch", Input="txt2img", txt2img=["5", 0], img2img=["21", 0]),
            "21": node("VAEEncode", pixels=["22", 0], vae=["4", 2]),
            "22": node("LoadImage", image="a.png"),
        },
        said(),
    ),
    "sound beside the picture": (
        {
            "3": node("KSampler", SAMPLER["inputs"], latent_image=["25", 0]),
            "25": node("LTXVConcatAVLatent", video_latent=["26", 0], audio_latent=["27", 0]),
            "26": node("EmptyLTXVLatentVideo", width=768, height=512, length=97),
            "27": node("LTXVEmptyLatentAudio", frames_number=97),
            "29": node("LTXVSeparateAVLatent", av_latent=["3", 0]),
            "8": node("VAEDecode", samples=["29", 0], vae=["4", 2]),
        },
        said(size="768x512"),
    ),
}


@pytest.mark.parametrize("name", SAMPLERS)
def test_samplers(name: str) -> None:
    more, expected = SAMPLERS[name]
    assert facts(read(stock(more))) == expected


PATCHES: list[dict[str, Any]] = [
    {"class_type": "PatchModelAddDownscale", "block_number": 3},
    {"class_type": "FreeU_V2", "b1": 1.3, "s2": 0.2},
    {"class_type": "SelfAttentionGuidance", "scale": 0.5, "blur_sigma": 2},
    {"class_type": "PerturbedAttentionGuidance", "scale": 3.0},
    {"class_type": "RescaleCFG", "multiplier": 0.7},
    {"class_type": "DynamicThresholdingFull", "mimic_scale": 7, "cfg_mode": "Constant"},
    {"class_type": "TeaCache", "model_type": "flux", "rel_l1_thresh": 0.4},
    {"class_type": "TorchCompileModel", "backend": "inductor"},
    {"class_type": "IPAdapterUnifiedLoader", "preset": "PLUS (high strength)"},
    {"class_type": "TiledDiffusion", "method": "MultiDiffusion", "tile_width": 768, "tile_height": 768},
    {"class_type": "PathchSageAttentionKJ", "sage_attention": "auto"},
    {"class_type": "ModelSamplingDiscrete", "sampling": "v_prediction", "zsnr": True},
    {"class_type": "ApplyFBCacheOnModel", "object_to_patch": "diffusion_model"},
    {"class_type": "Automatic CFG", "hard_mode": True, "boost": True},
    {"class_type": "HyperTile", "tile_size": 256},
]


@pytest.mark.parametrize("name", CASES)
def test_pipe(name: str) -> None:
    graph, expected = CASES[name]
    assert facts(read(graph)) == expected


def test_the_model_behind_many_patches() -> None:
    graph = {}
    below = "4"
    for number, patch in enumerate(PATCHES, start=30):
        inputs = {key: value for key, value in patch.items() if key != "class_type"}
        graph[str(number)] = node(patch["class_type"], inputs, model=[below, 0])
        below = str(number)
    assert facts(read(stock(graph, n3={"model": [below, 0]}))) == said()


CUSTOM = {
    "3": node(
        "SamplerCustomAdvanced",
        noise=["20", 0],
        guider=["21", 0],
        sampler=["22", 0],
        sigmas=["23", 0],
        latent_image=["5", 0],
    ),
    "20": node("RandomNoise", noise_seed=42),
    "21": node("CFGGuider", cfg=7.0, model=["4", 0], positive=["6", 0], negative=["7", 0]),
    "22": node("KSamplerSelect", sampler_name="dpmpp_2m"),
    "23": node("BasicScheduler", scheduler="karras", steps=20, denoise=1.0, model=["4", 0]),
}
NO_WORDS = node("ConditioningZeroOut", conditioning=["6", 0])
SCHEDULELESS = {"scheduler": None, "sampler": "DPM++ 2M", "steps": 10}
CUSTOMS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "plain": ({}, {}),
    "sampler wrapped": (
        {
            "22": node(
                "DetailDaemonSamplerNode", detail_amount=0.1, start=0.2, cfg_scale_override=0, sampler=["24", 0]
            ),
            "24": CUSTOM["22"],
        },
        {},
    ),
    "perpendicular negative": (
        {
            "21": node("PerpNegGuider", CUSTOM["21"]["inputs"], neg_scale=1.0, empty_conditioning=["25", 0]),
            "25": node("CLIPTextEncode", text="empty", clip=["4", 1]),
        },
        {},
    ),
    "normalised attention": (
        {
            "21": node("NAGCFGGuider", CUSTOM["21"]["inputs"], negative=["25", 0], nag_scale=5, nag_negative=["7", 0]),
            "25": NO_WORDS,
        },
        {},
    ),
    "align your steps": ({"23": node("AlignYourStepsScheduler", model_type="SDXL", steps=10, denoise=1)}, SCHEDULELESS),
    "optimal steps": ({"23": node("OptimalStepsScheduler", model_type="FLUX", steps=10, denoise=1)}, SCHEDULELESS),
    "Karras by its class": ({"23": node("KarrasScheduler", steps=20, sigma_max=14.6, rho=7.0)}, {"denoise": None}),
    "two halves of the sigmas": (
        {
            "23": node("SplitSigmas", step=10, sigmas=["26", 0]),
            "26": CUSTOM["23"],
            "30": node(
                "SamplerCustomAdvanced",
                noise=["31", 0],
                guider=["21", 0],
                sampler=["22", 0],
                sigmas=["23", 1],
                latent_image=["3", 0],
            ),
            "31": node("DisableNoise"),
            "8": node("VAEDecode", samples=["30", 0], vae=["4", 2]),
        },
        {},
    ),
    "noise into the latent": (
        {
            "3": node("SamplerCustomAdvanced", CUSTOM["3"]["inputs"], latent_image=["27", 0]),
            "27": node("InjectLatentNoise+", noise_seed=9, noise_strength=0.5, latent=["5", 0]),
        },
        {},
    ),
    "a sampler that takes one": (
        {
            "3": node(
                "SharkSampler_Beta",
                {key: value for key, value in PLAIN.items() if key != "sampler_name"},
                noise_type_init="gaussian",
                model=["4", 0],
                positive=["6", 0],
                negative=["7", 0],
                sampler=["22", 0],
                latent_image=["5", 0],
            ),
            "22": node("ClownSampler_Beta", eta=0.5, seed=-1, sampler_name="exponential/res_2m"),
        },
        {"sampler": "exponential/res_2m"},
    ),
}


@pytest.mark.parametrize("name", CUSTOMS)
def test_custom_samplers(name: str) -> None:
    more, changes = CUSTOMS[name]
    assert facts(read(stock(CUSTOM | more))) == said(**changes)
