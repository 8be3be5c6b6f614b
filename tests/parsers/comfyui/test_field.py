"""Kinds of fault that were met in the field: each with graphs of several packs that share its shape."""

from __future__ import annotations

from typing import Any

import pytest

from extractor.ledger import Ledger
from extractor.parsers.bundle import Bundle
from extractor.parsers.comfyui import parse
from tests.parsers.comfyui.graphs import (
    NEGATIVE,
    POSITIVE,
    SAMPLER,
    STOCK,
    Graph,
    facts,
    node,
    read,
    said,
    stock,
    texts_of,
)

UNSTORED = ("prompt-not-stored",)
Case = tuple[Graph, Graph, tuple[str, ...]]


def prompt_from(changes: Graph, slot: int = 0) -> Graph:
    """The stock workflow with the text of its positive prompt from node 20."""
    return stock(changes, n6={"text": ["20", slot]})


def setting(changes: Graph, /, slot: int = 0, **wired: str) -> Graph:
    """The stock workflow with settings of its sampler wired to nodes of `changes`."""
    return stock(changes, n3={key: [target, slot] for key, target in wired.items()})


INT_7 = node("PrimitiveInt", value=7)
NUMBERS: dict[str, Case] = {
    "an index beside a text of no known name": (
        prompt_from({"20": node("ScenePicker", act=["21", 0], lines_of_scene="a heron"), "21": INT_7}),
        said(prompt=None),
        UNSTORED,
    ),
    "a float": (
        prompt_from({"20": node("Beat", at=["21", 0]), "21": node("FloatConstant", value=0.5)}),
        said(prompt=None),
        UNSTORED,
    ),
    "a number itself": (prompt_from({"20": INT_7}), said(prompt=None), UNSTORED),
    "a number behind a converter": (
        prompt_from({"20": node("IntToString", int=["21", 0]), "21": INT_7}),
        said(prompt=None),
        UNSTORED,
    ),
    "a number that is shown": (
        prompt_from({"20": node("easy showAnything", text="3", anything=["21", 0]), "21": INT_7}),
        said(prompt=None),
        UNSTORED,
    ),
    "two numbers joined": (
        prompt_from({"20": node("StringConcatenate", string_a=["21", 0], string_b=8, delimiter="/"), "21": INT_7}),
        said(prompt=None),
        UNSTORED,
    ),
    "a number joined to a text": (
        prompt_from(
            {"20": node("StringConcatenate", string_a="herons:", string_b=["21", 0], delimiter=" "), "21": INT_7}
        ),
        said(prompt="herons: 7"),
        (),
    ),
    "a number beside the other encoder's text": (
        stock({"6": node("CLIPTextEncodeSDXL", text_g="a heron", text_l=["21", 0], clip=["4", 1]), "21": INT_7}),
        said(prompt="a heron"),
        UNSTORED,
    ),
    "the encoder's own text under another name": (
        stock(
            {
                "6": node("Timeline", global_prompt="a heron", clip=["4", 1], second=["21", 0]),
                "21": node("FloatValue", value=0),
            }
        ),
        said(prompt="a heron"),
        (),
    ),
    "main prompt in camel case": (
        stock({"6": node("SceneEncode", mainPrompt="a heron", clip=["4", 1], length=["21", 0]), "21": INT_7}),
        said(prompt="a heron"),
        (),
    ),
    "a word of a choice list": (
        prompt_from({"20": node("Picker", mode=["21", 0]), "21": node("PrimitiveString", value="karras")}),
        said(prompt=None),
        UNSTORED,
    ),
    "a number as a text": (
        prompt_from({"20": node("Picker", page=["21", 0]), "21": node("PrimitiveString", value=" 28 ")}),
        said(prompt=None),
        UNSTORED,
    ),
    "one of several texts": (
        stock({"6": node("CLIPTextEncode", text=["20", 1], clip=["4", 1]), "20": node("P", text_1="a", text_2="b")}),
        said(prompt=None),
        UNSTORED,
    ),
    "two texts under other names": (
        stock({"6": node("SceneEncode", day_prompt="a heron", night_prompt="an owl", clip=["4", 1])}),
        said(prompt=None),
        UNSTORED,
    ),
}

ENCODER_SIDES = {"model": ["4", 0], "clip": ["4", 1], "vae": ["4", 2], "positive": ["6", 0], "negative": ["7", 0]}
DETAILER = node(
    "FaceDetailer",
    ENCODER_SIDES,
    image=["10", 0],
    seed=42,
    steps=20,
    cfg=7.0,
    sampler_name="dpmpp_2m",
    scheduler="karras",
    denoise=0.5,
    sam_mask_hint_use_negative="Outter",
)
DETAILED: Graph = {
    "3": DETAILER,
    "4": STOCK["4"],
    "6": POSITIVE,
    "7": NEGATIVE,
    "9": node("SaveImage", images=["3", 0]),
    "10": node("LoadImage", image="a.png"),
}
PIPED = {
    **DETAILED,
    "3": node(
        "FaceDetailerPipe",
        {key: value for key, value in DETAILER["inputs"].items() if key not in ENCODER_SIDES},
        detailer_pipe=["11", 0],
    ),
    "11": node("BasicPipeToDetailerPipe", basic_pipe=["12", 0], sam_mask_hint_use_negative=False),
    "12": node("ToBasicPipe", ENCODER_SIDES),
}
IN_PLACE = {"denoise": 0.5, "size": None}
SIDES: dict[str, Case] = {
    "a choice beside the link": (DETAILED, said(**IN_PLACE), ()),
    "a flag as a word beside the link": (
        stock(DETAILED, n3={"sam_mask_hint_use_negative": "False"}),
        said(**IN_PLACE),
        (),
    ),
    "a choice beside a pipe": (PIPED, said(**IN_PLACE), ()),
    "a choice and no words": (
        stock({**DETAILED, "7": node("ConditioningZeroOut", conditioning=["6", 0])}),
        said(**IN_PLACE, negative_prompt=None),
        (),
    ),
    "flags of both sides": (
        stock(n3={"use_positive_hint": "enable", "negative_only": "no", "apply_to_negative": "yes"}),
        said(),
        (),
    ),
    "a method": (
        stock(n3={"uncond_method": "zero", "positive_color": "a, b", "neg_amount": "0.5"}),
        said(),
        (),
    ),
    "a word for none beside the words of the other side": (
        stock(
            {
                **STOCK,
                "6": node("PromptBox", positive="a heron, a jetty", negative_prompt="disabled", clip=["4", 1]),
                "7": node("Reroute", {"": ["6", 1]}),
            }
        ),
        said(prompt="a heron, a jetty", negative_prompt=None),
        (),
    ),
    "a flag beside the conditioning of the other side": (
        stock({**STOCK, "20": node("ApplyThing", positive=["6", 0], use_negative=False)}, n3={"negative": ["20", 1]}),
        said(negative_prompt=None),
        (),
    ),
    "an old text beside the link": (stock(n3={"negative_prompt": "an old dog"}), said(), ()),
    "a text of one word beside a bundle": (
        {
            "1": node(
                "All In One Sampler",
                {key: value for key, value in SAMPLER["inputs"].items() if not isinstance(value, list)},
                pipe=["2", 0],
                negative_prompt="fog",
            ),
            "2": node("ToBasicPipe", model=["4", 0], positive=["6", 0], negative=["7", 0]),
            "4": STOCK["4"],
            "6": POSITIVE,
            "7": NEGATIVE,
            "9": node("SaveImage", images=["1", 0]),
        },
        said(negative_prompt="fog", size=None),
        (),
    ),
}

CONFIG = node(
    "KSampler Config (rgthree)", steps_total=20, refiner_step=15, cfg=7.0, sampler_name="dpmpp_2m", scheduler="karras"
)
DISPLAYS: dict[str, Case] = {
    "sampler, scheduler and steps": (
        setting(
            {
                "20": CONFIG,
                "21": node("easy showAnything", text="ddim", anything=["20", 3]),
                "22": node("easy showAnything", text="normal", anything=["20", 4]),
                "23": node("easy showAnything", text="99", anything=["20", 0]),
            },
            sampler_name="21",
            scheduler="22",
            steps="23",
        ),
        said(),
        (),
    ),
    "a display of text": (
        setting({"20": CONFIG, "21": node("ShowText|pysssss", text=["20", 3], text_0="ddim")}, sampler_name="21"),
        said(),
        (),
    ),
    "a preview of the core": (
        setting(
            {"20": node("PrimitiveInt", value=20), "21": node("PreviewAny", source=["20", 0], preview_text="99")},
            steps="21",
        ),
        said(),
        (),
    ),
    "a display of one link under any name": (
        setting(
            {"20": node("easy seed", seed=42), "21": node("Display Int", text="99", number_in=["20", 0])}, seed="21"
        ),
        said(),
        (),
    ),
    "a display of a display": (
        setting(
            {
                "20": node("easy seed", seed=42),
                "21": node("easy showAnything", text="7", anything=["20", 0]),
                "22": node("easy showAnything", text="8", anything=["21", 0]),
            },
            seed="22",
        ),
        said(),
        (),
    ),
    "an encoder that shows what it encodes": (
        stock({"6": node("Text Encode With Preview", text="a heron", mode="x", clip=["4", 1])}),
        said(prompt="a heron"),
        (),
    ),
    "a text changed by an unknown node": (
        prompt_from(
            {
                "20": node("easy showAnything", text="the run before", anything=["21", 0]),
                "21": node("Text Styler", text="a heron", mood="calm"),
            }
        ),
        said(prompt="a heron"),
        (),
    ),
    "a text that only a language model made": (
        prompt_from(
            {
                "20": node("ShowText|pysssss", text=["21", 0], text_0="a heron, shown"),
                "21": node("OllamaGenerate", prompt="a heron", temperature=1),
            }
        ),
        said(prompt="a heron, shown"),
        (),
    ),
}

NAMES: dict[str, Case] = {
    "what a chosen model adds": (
        {
            "1": node(
                "VideoApi",
                {"model": "v-9", "model.prompt": "a heron", "model.negative_prompt": "fog", "model.ratio": "9:16"},
                seed=42,
            ),
            "2": node("SaveVideo", video=["1", 0]),
        },
        {"prompt": "a heron", "negative_prompt": "fog", "seed": 42, "model": "v-9"},
        (),
    ),
    "settings of a chosen mode": (
        stock(
            {
                "3": node(
                    "KSamplerV3",
                    {
                        **{key: value for key, value in SAMPLER["inputs"].items() if key not in ("steps", "cfg")},
                        "quality": "custom",
                        "quality.steps": 20,
                        "quality.cfg": 7.0,
                    },
                )
            }
        ),
        said(),
        (),
    ),
    "links of a chosen mode": (
        stock({"8": node("Decode", {"mode": "tiled", "mode.samples": ["3", 0], "mode.vae": ["4", 2]})}),
        said(),
        (),
    ),
    "a plain name wins": (stock(n3={"extra.seed": 7, "extra.steps": 9}), said(), ()),
}

FLUX: Graph = {
    "3": node("SamplerCustomAdvanced", noise=["20", 0], guider=["21", 0], sampler=["22", 0], sigmas=["23", 0])
}
FLUX["3"]["inputs"]["latent_image"] = ["5", 0]
FLUX |= {
    "20": node("RandomNoise", noise_seed=42),
    "22": node("KSamplerSelect", sampler_name="dpmpp_2m"),
    "23": node("BasicScheduler", scheduler="karras", steps=20, denoise=1.0, model=["4", 0]),
}
PAIR = node("InstructPixToPixConditioning", positive=["6", 0], negative=["7", 0], vae=["4", 2], pixels=["24", 0])
PICTURE = {"24": node("LoadImage", image="a.png")}


def guided(guider: Graph, **more: Graph) -> Graph:
    return stock({**FLUX, **PICTURE, "21": guider, **{name[1:]: value for name, value in more.items()}})


GUIDERS: dict[str, Case] = {
    "the pair's second between both": (
        guided(
            node("DualCFGGuider", cfg_conds=7.0, model=["4", 0], cond1=["25", 0], cond2=["25", 1], negative=["6", 0]),
            n25=PAIR,
        ),
        said(),
        (),
    ),
    "the pair's second, its texts with guidance": (
        guided(
            node("DualCFGGuider", cfg_conds=7.0, model=["4", 0], cond1=["25", 0], cond2=["25", 1], negative=["26", 0]),
            n25=PAIR,
            n26=node("ConditioningSetTimestepRange", conditioning=["6", 0], start=0, end=1),
        ),
        said(),
        (),
    ),
    "two prompts and a negative": (
        guided(
            node("DualCFGGuider", cfg_conds=7.0, model=["4", 0], cond1=["6", 0], cond2=["26", 0], negative=["7", 0]),
            n26=node("CLIPTextEncode", text="a cow", clip=["4", 1]),
        ),
        said(),
        (),
    ),
    "one conditioning for both sides of a guider": (
        guided(node("CFGGuider", cfg=7.0, model=["4", 0], positive=["6", 0], negative=["6", 0])),
        said(negative_prompt=None),
        (),
    ),
    "one conditioning for both sides of a sampler": (
        stock({"26": node("FluxGuidance", guidance=3.5, conditioning=["6", 0])}, n3={"positive": ["26", 0]})
        | {"7": node("Reroute Conditioning", conditioning=["6", 0])},
        said(negative_prompt=None, other={"guidance": 3.5}),
        (),
    ),
    "the same words encoded twice": (stock(n7={"text": "a cat, "}), said(negative_prompt="a cat,"), ()),
}

BLOCKS = "positive: a heron\nnegative: fog\n---\npositive: an owl,\n at night\nnegative: rust\n-----\nmud"


def zipped(index: Any, text: str = BLOCKS) -> Graph:
    return stock(
        {
            "20": node("UnzipPrompt //Inspire", zipped_prompt=["21", 0]),
            "21": node("LoadSinglePromptFromFile //Inspire", prompt_file="p.txt", index=index, text_data_opt=["22", 0]),
            "22": node("PrimitiveStringMultiline", value=text),
            "23": node("PrimitiveInt", value=1),
        },
        n6={"text": ["20", 0]},
        n7={"text": ["20", 1]},
    )


LISTED = {"20": node("easy promptList", prompt_1="a heron", prompt_2="an owl", prompt_3="")}
BOTH_UNSTORED = UNSTORED * 2
LISTS: dict[str, Case] = {
    "by a linked index": (zipped(["23", 0]), said(prompt="an owl,\n at night", negative_prompt="rust"), ()),
    "by its own index": (zipped(0), said(prompt="a heron", negative_prompt="fog"), ()),
    "an entry without both sides": (zipped(2), said(prompt=None, negative_prompt=None), BOTH_UNSTORED),
    "beyond the end": (zipped(9), said(prompt=None, negative_prompt=None), BOTH_UNSTORED),
    "an index made at run time": (zipped(["9", 0]), said(prompt=None, negative_prompt=None), BOTH_UNSTORED),
    "a file": (
        stock(
            {
                "20": node("UnzipPrompt //Inspire", zipped_prompt=["21", 0]),
                "21": node("LoadSinglePromptFromFile //Inspire", prompt_file="p.txt", index=3),
            },
            n6={"text": ["20", 0]},
            n7={"text": ["20", 1]},
        ),
        said(prompt=None, negative_prompt=None),
        BOTH_UNSTORED,
    ),
    "a pair zipped": (
        stock(
            {
                "20": node("UnzipPrompt //Inspire", zipped_prompt=["21", 0]),
                "21": node("ZipPrompt //Inspire", positive="a heron", negative="fog"),
            },
            n6={"text": ["20", 0]},
            n7={"text": ["20", 1]},
        ),
        said(prompt="a heron", negative_prompt="fog"),
        (),
    ),
    "one after the other": (prompt_from(LISTED), said(prompt=None), UNSTORED),
    "a list of one": (
        prompt_from({"20": node("easy promptList", prompt_1="a heron", prompt_2="")}),
        said(prompt="a heron"),
        (),
    ),
    "one of a list": (
        prompt_from({"20": node("easy indexAnything", any=["21", 0], index=1), "21": LISTED["20"]}),
        said(prompt="an owl"),
        (),
    ),
    "lines of a text": (
        prompt_from({"20": node("easy promptLine", prompt="a heron\nan owl", start_index=0, max_rows=1000)}),
        said(prompt=None),
        UNSTORED,
    ),
    "a line by its number": (
        prompt_from({"20": node("Prompt Picker", prompts="a heron\nan owl\na crow", index=1)}),
        said(prompt=None),
        UNSTORED,
    ),
    "a line of a linked text": (
        prompt_from(
            {
                "20": node("Line Of Text", text=["21", 0], line_index=["22", 0]),
                "21": node("PrimitiveStringMultiline", value="a heron\nan owl"),
                "22": INT_7,
            }
        ),
        said(prompt=None),
        UNSTORED,
    ),
    "the only line": (
        prompt_from({"20": node("Prompt Picker", prompts="a heron\n", index=0)}),
        said(prompt="a heron"),
        (),
    ),
    "a piece of a text": (
        prompt_from({"20": node("Split String", text="a heron|an owl", delimiter="|", index=1)}),
        said(prompt=None),
        UNSTORED,
    ),
}

RES = {"sampler_name": "res_2m", "scheduler": "beta"}
BOTH_SIDES = ("positive", "negative")
UNSAMPLER = node("ClownsharKSampler", SAMPLER["inputs"], **RES, seed=7, steps=60, latent_image=["21", 0])


def without(changed: Graph, *keys: str, **more: Any) -> Graph:
    inputs = {key: value for key, value in changed["inputs"].items() if key not in keys}
    return {**changed, "inputs": {**inputs, **more}}


ENCODED = {"21": node("VAEEncode", pixels=["22", 0], vae=["4", 2]), "22": node("LoadImage", image="a.png")}


def after(first: Graph, **more: Graph) -> Graph:
    return stock(
        {**ENCODED, "20": first, **{name[1:]: value for name, value in more.items()}}, n3={"latent_image": ["20", 0]}
    )


PREPARING: dict[str, Case] = {
    "no words": (after(without(UNSAMPLER, "positive", "negative")), said(size=None), ()),
    "a mode that says it": (after(without(UNSAMPLER, sampler_mode="unsample")), said(size=None), ()),
    "its class says it turns pictures into noise": (
        after({**UNSAMPLER, "class_type": "KSampler Inversed"}),
        said(size=None),
        (),
    ),
    "its class says it": (after({**UNSAMPLER, "class_type": "Flux Unsampler Advanced"}), said(size=None), ()),
    "its guider has no words": (
        after(
            node("SamplerCustomAdvanced", noise=["23", 0], guider=["24", 0], sampler=["25", 0], sigmas=["26", 0]),
            n23=node("DisableNoise"),
            n24=node("PlainGuider", model=["4", 0]),
            n25=node("KSamplerSelect", sampler_name="ddim"),
            n26=node("BasicScheduler", scheduler="normal", steps=9, denoise=1, model=["4", 0]),
        ),
        said(size=None),
        (),
    ),
    "its steps are turned around": (
        after(
            node(
                "SamplerCustom",
                add_noise=False,
                noise_seed=5,
                cfg=1,
                model=["4", 0],
                positive=["6", 0],
                negative=["7", 0],
                sampler=["25", 0],
                sigmas=["26", 0],
                latent_image=["21", 0],
            ),
            n25=node("KSamplerSelect", sampler_name="ddim"),
            n26=node("FlipSigmas", sigmas=["27", 0]),
            n27=node("BasicScheduler", scheduler="normal", steps=9, denoise=1, model=["4", 0]),
        ),
        said(size=None),
        (),
    ),
    "an ordinary first pass": (
        after(without(UNSAMPLER, latent_image=["5", 0], sampler_mode="standard")),
        said(seed=7, steps=60, sampler="res_2m", scheduler="beta"),
        (),
    ),
    "none has words": (
        stock(
            {
                **ENCODED,
                "20": without(UNSAMPLER, "positive", "negative"),
                "3": without(SAMPLER, "positive", "negative"),
            },
            n3={"latent_image": ["20", 0]},
        ),
        said(prompt=None, negative_prompt=None, seed=7, steps=60, sampler="res_2m", scheduler="beta", size=None),
        (),
    ),
}

SETTINGS_NODE = node("Settings", seed=42, steps=20, cfg=7.0, sampler_name="dpmpp_2m", scheduler="karras", denoise=1.0)
TEXTS = {"7": node("Words", prompt="a dog"), "6": node("Words", prompt="a cat, ")}
HIDDEN = said(size=None)


def bundled(link: str) -> Graph:
    """Settings, models and texts one behind the other in bundles of a name."""
    return {
        "1": node("Sampling", {link: ["2", 0]}),
        "2": without(SETTINGS_NODE, **{link: ["3", 0]}),
        "3": node("Models", {link: ["4", 0]}, base_checkpoint="xl/cat.safetensors"),
        "4": node("Prompts", main_prompt=["6", 0], negative_main_prompt=["7", 0]),
        **TEXTS,
        "9": node("SaveImage", images=["1", 1]),
    }


SPLIT_PIPES = {
    "1": node("Unified Sampler", model_pipe=["2", 0], config_pipe=["3", 0], main_sampler="dpmpp_2m", steps=20),
    "2": node("Model Pipe", model=["4", 0]),
    "3": node("Config", prompt="a cat, ", seed=42),
    "4": STOCK["4"],
    "9": node("VHS_VideoCombine", images=["1", 0]),
}
BUNDLES: dict[str, Case] = {
    "data, the only link": (bundled("data"), HIDDEN, ()),
    "another pipe": (bundled("stuff_pipe"), HIDDEN, ()),
    "a numbered pipe": (bundled("pipe_2"), HIDDEN, ()),
    "a name that says nothing": (bundled("cargo"), HIDDEN, ()),
    "several pipes": (
        SPLIT_PIPES,
        said(negative_prompt=None, cfg_scale=None, sampler="DPM++ 2M", scheduler=None, denoise=None, size=None),
        (),
    ),
    "words behind a name that says nothing": (
        {
            "1": without(SETTINGS_NODE, kit=["2", 0], model=["3", 0]) | {"class_type": "Sampling"},
            "2": node("Kit", main_prompt=["6", 0], negative_main_prompt=["7", 0]),
            "3": STOCK["4"],
            **TEXTS,
            "9": node("SaveImage", images=["1", 1]),
        },
        HIDDEN,
        (),
    ),
    "two seeds behind names that say nothing": (
        bundled("cargo") | {"3": node("Models", cargo=["4", 0], base_checkpoint="xl/cat.safetensors", seed=9)},
        HIDDEN | {"seed": None},
        (),
    ),
    "a loaded picture with a text on it": (
        {
            "1": node("Draw Text", image=["2", 0], text="a caption"),
            "2": node("LoadImage", image="a.png"),
            "9": node("SaveImage", images=["1", 0]),
        },
        {},
        (),
    ),
}

LOADED = {"20": node("FluxLoader", model_name="xl/cat.safetensors", vae_name=".use_ckpt_vae", clip_name1=".none")}
MODELS: dict[str, Case] = {
    "the VAE of the checkpoint": (stock(LOADED, n8={"vae": ["20", 2]}), said(), ()),
    "in a folder": (
        stock({"20": node("VAELoader", vae_name="flux\\.none")}, n8={"vae": ["20", 0]}),
        said(),
        (),
    ),
    "a hidden file": (
        stock({"20": node("VAELoader", vae_name=".v.safetensors")}, n8={"vae": ["20", 0]}),
        said(vae=".v.safetensors", resources=[("vae", ".v.safetensors", None, None)]),
        (),
    ),
    "a LoRA that is none": (
        stock(
            {"20": node("LoraLoader", lora_name=".no_lora", strength_model=1, strength_clip=1, model=["4", 0])},
            n3={"model": ["20", 0]},
        ),
        said(),
        (),
    ),
    "an autoencoder under another name": (
        stock({"20": node("VAELoader", vae_name="v.safetensors"), "8": node("Decode", latent=["3", 0], ae=["20", 0])}),
        said(vae="v.safetensors", resources=[("vae", "v.safetensors", None, None)]),
        (),
    ),
    "a function for a sampler": (stock(n3={"sampler_name": "sample_dpmpp_2m"}), said(), ()),
    "the size of the generation": (
        stock({"5": node("Latent Picker", generation_width=832, generation_height=1216)}),
        said(),
        (),
    ),
}

LOW_FIRST = {"low_noise_model": ["12", 0], "high_noise_model": ["11", 0]}
UNETS = {
    "11": node("UNETLoader", unet_name="high.safetensors"),
    "12": node("UNETLoader", unet_name="low.safetensors"),
}
HIGH = said(model="high.safetensors", resources=[("model", "low.safetensors", None, None)])
WAYS: dict[str, Case] = {
    "high before low": (stock({**UNETS, "3": without(SAMPLER, "model", **LOW_FIRST)}), HIGH, ()),
    "behind a name that says nothing": (
        stock(
            {
                **UNETS,
                "3": without(SAMPLER, "model", model_high=["20", 0], model_low=["12", 0]),
                "20": node("Accelerator", base_high=["11", 0], state=["21", 0]),
                "21": node("Plan", steps_wanted=8),
            }
        ),
        HIGH,
        (),
    ),
    "two names on one loader": (
        stock(
            {
                "3": without(SAMPLER, "model", model=["20", 0]),
                "20": node("Pair Loader", low_file="low.safetensors", high_file="high.safetensors"),
            }
        ),
        said(model="high.safetensors"),
        (),
    ),
    "the named way ends": (
        stock(
            {
                "3": without(SAMPLER, "model", model=["20", 0]),
                "20": node("Wrapper", model=["21", 0], wrapped=["4", 0]),
                "21": node("ModelPatcher", amount=1),
            }
        ),
        said(),
        (),
    ),
    "a text encoder is no model": (
        stock(
            {
                "3": without(SAMPLER, "model", model=["20", 0]),
                "20": node("Wrapper", clip=["21", 0], text_model=["21", 0], amount=1),
                "21": node("CLIPLoader", clip_name="t5.safetensors"),
            }
        ),
        said(model=None),
        (),
    ),
}

WRAPPED = node(
    "WanVideoSampler", steps=20, cfg=7.0, shift=5, seed=42, scheduler="unipc", model=["4", 0], image_embeds=["5", 0]
)
VIDEO: Graph = {
    "3": without(WRAPPED, text_embeds=["20", 0]),
    "4": node("WanVideoModelLoader", model="xl/cat.safetensors"),
    "5": node("WanVideoEmptyEmbeds", width=832, height=1216, num_frames=5),
    "8": node("WanVideoDecode", samples=["3", 0], vae=["9", 0]),
    "9": node("WanVideoVAELoader", model_name="v.safetensors"),
    "10": node("VHS_VideoCombine", images=["8", 0]),
}
VIDEO_FACTS = said(sampler="UniPC", scheduler="unipc", denoise=None, vae="v.safetensors", other={"shift": 5})
BOTH = node("WanVideoTextEncode", positive_prompt="a cat, ", negative_prompt="a dog", t5=["11", 0])
GUIDED_AWAY: dict[str, Case] = {
    "both links to one encoder": (
        {
            **VIDEO,
            "20": node("WanVideoApplyNAG", original_text_embeds=["21", 0], nag_text_embeds=["21", 1], nag_scale=11),
            "21": BOTH,
        },
        VIDEO_FACTS,
        (),
    ),
    "an encoder of its own": (
        {
            **VIDEO,
            "20": node("WanVideoApplyNAG", original_text_embeds=["21", 0], nag_text_embeds=["22", 0], nag_scale=11),
            "21": node("WanVideoTextEncodeSingle", prompt="a cat, ", t5=["11", 0]),
            "22": node("WanVideoTextEncodeSingle", prompt="a dog", t5=["11", 0]),
        },
        VIDEO_FACTS,
        (),
    ),
    "through a further bundle": (
        {**VIDEO, "20": node("EmbedsBridge", cached_text_embeds=["21", 0]), "21": BOTH},
        VIDEO_FACTS,
        (),
    ),
}

LOADER = {"ckpt_name": "xl/cat.safetensors", "positive": "a cat, ", "negative": "a dog"}


def piped(vae: str, **more: Any) -> Graph:
    sampler = without(SETTINGS_NODE, pipe=["1", 0], image_output="Preview")
    return {
        "1": node("easy fullLoader", LOADER, vae_name=vae, empty_latent_width=832, empty_latent_height=1216),
        "2": {**sampler, "class_type": "easy fullkSampler"},
        "3": node("SaveImage", images=["2", 1]),
        **more,
    }


VAES: dict[str, Case] = {
    "of the loader": (
        piped("v.safetensors"),
        said(vae="v.safetensors", resources=[("vae", "v.safetensors", None, None)]),
        (),
    ),
    "of the checkpoint": (piped("Baked VAE"), said(), ()),
    "on the sampler itself": (
        stock(
            {
                "3": node("All In One", SAMPLER["inputs"], vae_name="v.safetensors"),
                "9": node("SaveImage", images=["3", 0], vae_name="of the saver"),
            }
        ),
        said(vae="v.safetensors", resources=[("vae", "v.safetensors", None, None)]),
        (),
    ),
    "of the decoder": (
        {
            **piped("v.safetensors"),
            "3": node("SaveImage", images=["4", 0]),
            "4": node("VAEDecode", samples=["2", 3], vae=["5", 0]),
            "5": node("VAELoader", vae_name="w.safetensors"),
        },
        said(
            vae="w.safetensors",
            resources=[("vae", "v.safetensors", None, None), ("vae", "w.safetensors", None, None)],
        ),
        (),
    ),
}


def with_lora(kind: str, inputs: Graph, **more: Graph) -> Graph:
    return stock(
        {"20": node(kind, inputs, model=["4", 0], clip=["4", 1]), **{name[1:]: value for name, value in more.items()}},
        n3={"model": ["20", 0]},
    )


NAME = "a.safetensors"
LORAS: dict[str, Case] = {
    "off on both": (
        with_lora("LoraLoader", {"lora_name": NAME, "strength_model": 0, "strength_clip": 0.0}),
        said(),
        (),
    ),
    "off, for the model only": (
        with_lora("LoraLoaderModelOnly", {"lora_name": NAME, "strength_model": 0.0}),
        said(),
        (),
    ),
    "only its text encoder": (
        with_lora("LoraLoader", {"lora_name": NAME, "strength_model": 0, "strength_clip": 0.5}),
        said(resources=[("lora", NAME, 0, 0.5)]),
        (),
    ),
    "a wired strength": (
        with_lora(
            "LoraLoader",
            {"lora_name": NAME, "strength_model": ["21", 0], "strength_clip": ["21", 0]},
            n21=node("PrimitiveFloat", value=0),
        ),
        said(resources=[("lora", NAME, 0, None)]),
        (),
    ),
    "no strength": (with_lora("Lora Simple", {"lora_name": NAME}), said(resources=[("lora", NAME, None, None)]), ()),
    "in a stack": (
        with_lora(
            "CR LoRA Stack",
            {
                "switch_1": "On",
                "lora_name_1": NAME,
                "model_weight_1": 0,
                "clip_weight_1": 0,
                "switch_2": "On",
                "lora_name_2": "b.safetensors",
                "model_weight_2": 0.5,
                "clip_weight_2": 0.5,
            },
        ),
        said(resources=[("lora", "b.safetensors", 0.5, None)]),
        (),
    ),
    "in an object": (
        with_lora(
            "Power Lora Loader (rgthree)",
            {
                "lora_1": {"on": True, "lora": NAME, "strength": 0, "strengthTwo": None},
                "lora_2": {"on": True, "lora": "b.safetensors", "strength": 0, "strengthTwo": 1},
            },
        ),
        said(resources=[("lora", "b.safetensors", 0, 1)]),
        (),
    ),
    "in a tag": (
        with_lora("LoraTagLoader", {"text": "<lora:a:0> <lora:b:0.5>"}),
        said(resources=[("lora", "b", 0.5, None)]),
        (),
    ),
}

FLAGS: dict[str, Case] = {
    "both": (
        setting(
            {
                "20": node("SamplerSelectHelper+", euler=False, dpmpp_2m=True, heun=False),
                "21": node("SchedulerSelectHelper+", normal=False, karras=True),
            },
            sampler_name="20",
            scheduler="21",
        ),
        said(),
        (),
    ),
    "a scheduler for a sampler": (
        setting({"20": node("SchedulerSelectHelper+", normal=False, karras=True)}, sampler_name="20"),
        said(sampler=None),
        (),
    ),
    "two are on": (
        setting({"20": node("SamplerSelectHelper+", euler=True, dpmpp_2m=True)}, sampler_name="20"),
        said(sampler=None),
        (),
    ),
    "none is on": (
        setting({"20": node("SamplerSelectHelper+", euler=False, dpmpp_2m=False)}, sampler_name="20"),
        said(sampler=None),
        (),
    ),
    "no name of a sampler": (
        setting({"20": node("Toggles", fast=True, slow=False)}, sampler_name="20"),
        said(sampler=None),
        (),
    ),
    "behind a display": (
        setting(
            {
                "20": node("easy showAnything", text="heun", anything=["21", 0]),
                "21": node("SamplerSelectHelper+", euler=False, dpmpp_2m=True),
            },
            sampler_name="20",
        ),
        said(),
        (),
    ),
}

OTHER: Graph = {
    "13": node("KSampler", {**SAMPLER["inputs"], "positive": ["16", 0], "latent_image": ["15", 0], "seed": 7}),
    "15": node("EmptyLatentImage", width=640, height=448, batch_size=1),
    "16": node("CLIPTextEncode", text="an owl", clip=["4", 1]),
    "18": node("VAEDecode", samples=["13", 0], vae=["4", 2]),
    "19": node("SaveImage", images=["18", 0]),
}
OWL = said(prompt="an owl", seed=7, size="640x448")
LARGER = {
    "23": node("KSampler", {**SAMPLER["inputs"], "latent_image": ["24", 0], "denoise": 0.4}),
    "24": node("LatentUpscale", width=1248, height=1824, samples=["3", 0]),
    "28": node("VAEDecode", samples=["23", 0], vae=["4", 2]),
    "29": node("SaveImage", images=["28", 0]),
}
SEVERAL = ("several-pictures",)
SAVERS: dict[str, tuple[Graph, tuple[int, int], Graph, tuple[str, ...]]] = {
    "the first": (stock(OTHER), (832, 1216), said(), ()),
    "the second": (stock(OTHER), (640, 448), OWL, ()),
    "neither": (stock(OTHER), (100, 100), said(), SEVERAL),
    "no size": (stock(OTHER), (0, 0), said(), SEVERAL),
    "both": (stock(OTHER, n15={"width": 832, "height": 1216}), (832, 1216), said(), SEVERAL),
    "both, of the same values": (
        stock(OTHER, n15={"width": 832, "height": 1216}, n13={"positive": ["6", 0], "seed": 42}),
        (832, 1216),
        said(),
        (),
    ),
    "a picture and the same upscaled": (stock(LARGER), (100, 100), said(), ()),
    "one of them upscaled": (stock(OTHER | LARGER), (1248, 1824), said(), ()),
    "not the one with most passes": (stock(OTHER | LARGER), (640, 448), OWL, ()),
    "behind a resize": (
        stock(OTHER | {"19": node("SaveImage", images=["20", 0])})
        | {"20": node("ImageScale", image=["18", 0], width=1280, height=896, crop="disabled")},
        (1280, 896),
        OWL,
        (),
    ),
}


@pytest.mark.parametrize("name", SAVERS)
def test_the_picture_of_this_size(name: str) -> None:
    graph, size, wanted, warnings = SAVERS[name]
    log = Ledger()
    (finding,) = parse(Bundle.of(texts_of(graph), log, size))
    assert facts(finding) == wanted
    assert tuple(warning.code for warning in log.items) == warnings


def test_no_more_than_a_few_pictures_are_compared() -> None:
    graph = dict(STOCK)
    for number in range(100, 700, 3):
        graph[f"{number}"] = node("KSampler", {**SAMPLER["inputs"], "seed": number})
        graph[f"{number + 1}"] = node("VAEDecode", samples=[f"{number}", 0], vae=["4", 2])
        graph[f"{number + 2}"] = node("SaveImage", images=[f"{number + 1}", 0])
    assert facts(read(graph, warnings=SEVERAL)) == said()


KINDS = {
    "numbers": NUMBERS,
    "sides": SIDES,
    "displays": DISPLAYS,
    "names": NAMES,
    "guiders": GUIDERS,
    "lists": LISTS,
    "preparing": PREPARING,
    "bundles": BUNDLES,
    "models": MODELS,
    "ways": WAYS,
    "guided away": GUIDED_AWAY,
    "vaes": VAES,
    "loras": LORAS,
    "flags": FLAGS,
}
CASES = {f"{kind}: {name}": case for kind, cases in KINDS.items() for name, case in cases.items()}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_kind(case: Case) -> None:
    graph, wanted, warnings = case
    assert facts(read(graph, warnings=warnings)) == {key: value for key, value in wanted.items() if value is not None}
