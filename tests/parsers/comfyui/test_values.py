"""Numbers, names, sizes and texts behind the small nodes that packs keep them in."""

from __future__ import annotations

from typing import Any

import pytest

from tests.parsers.comfyui.graphs import facts, node, read, said, stock

NUMBERS: dict[str, dict[str, Any]] = {
    "20": node("easy seed", seed=42),
    "21": node("INTConstant", value=20),
    "22": node("FloatConstant", value=7.0),
    "23": node("Sampler Selector", sampler_name="dpmpp_2m"),
    "24": node("Scheduler Selector", scheduler="karras"),
}
WIRED: dict[str, Any] = {
    "seed": ["20", 0],
    "steps": ["21", 0],
    "cfg": ["22", 0],
    "sampler_name": ["23", 0],
    "scheduler": ["24", 0],
}
SETTINGS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "constants": ({}, {}),
    "literals": (
        {
            "20": node("Seed Generator", seed=42),
            "21": node("Int Literal", int=20),
            "22": node("Cfg Literal", float=7.0),
        },
        {},
    ),
    "sliders": (
        {
            "20": node("mxSeed", seed=42),
            "21": node("mxSlider", Xi=20, Xf=20.4, isfloatX=0),
            "22": node("mxSlider", Xi=7, Xf=7.5, isfloatX=1),
        },
        {"cfg_scale": 7.5},
    ),
    "numbers of a type of their own": (
        {
            "20": node("Number to Seed", number=["25", 0]),
            "21": node("Number to Int", number=["26", 0]),
            "25": node("Constant Number", number_type="integer", number=42),
            "26": node("Constant Number", number_type="integer", number=20),
        },
        {},
    ),
    "a number that was rolled": (
        {
            "20": node("Number to Int", number=["25", 0]),
            "25": node("Random Number", number_type="integer", minimum=0, maximum=100000, seed=9),
        },
        {"seed": None},
    ),
    "a slider with bounds": ({"22": node("FloatSlider", value=7.0, min_value=0, max_value=20)}, {}),
    "calculated": (
        {
            "21": node("MathExpression|pysssss", expression="a*2", a=["25", 0]),
            "22": node("SimpleMath+", value="a/2", a=["25", 0]),
            "25": node("INTConstant", value=10),
        },
        {"steps": None, "cfg_scale": None},
    ),
    "an expression of one number": (
        {"21": node("MathExpression|pysssss", expression="20"), "22": node("SimpleMath+", value="7.0")},
        {},
    ),
    "converted": (
        {
            "21": node("easy convertAnything", {"*": ["25", 0]}, output_type="int"),
            "22": node("CM_IntToFloat", a=["26", 0]),
            "25": node("PrimitiveInt", value=20),
            "26": node("PrimitiveInt", value=7),
        },
        {"cfg_scale": 7},
    ),
    "calculated before it is converted": (
        {"21": node("CM_FloatToInt", a=["25", 0]), "25": node("CM_FloatUnaryOperation", op="Neg", a=20.0)},
        {"steps": None},
    ),
    "capital numbers in text": ({"21": node("Int-🔬", Number="20"), "22": node("Float-🔬", Number="7.0")}, {}),
    "all on one node": (
        {
            str(number): node(
                "Input Parameters (Image Saver)",
                seed=42,
                steps=20,
                cfg=7.0,
                sampler_name="dpmpp_2m",
                scheduler="karras",
                denoise=1.0,
            )
            for number in range(20, 25)
        },
        {},
    ),
    "steps of two passes": (
        {"21": node("KSampler Config (rgthree)", steps_total=20, refiner_step=16, cfg=1.0, sampler_name="x")},
        {},
    ),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_settings(name: str) -> None:
    more, changes = SETTINGS[name]
    assert facts(read(stock({**NUMBERS, **more}, n3=WIRED))) == said(**changes)


SIZES: dict[str, tuple[dict[str, Any], str | None]] = {
    "slider of two axes": (
        node("mxSlider2D", Xi=640, Xf=1.5, Yi=960, Yf=2.5, isfloatX=0, isfloatY=0),
        "640x960",
    ),
    "by ratio and megapixels": (
        node("FluxResolutionNode", megapixel="1.0", aspect_ratio="9:16 (Slim Vertical)", divisible_by="64"),
        None,
    ),
    "custom": (node("CR Aspect Ratio", width=640, height=960, aspect_ratio="custom", swap_dimensions="Off"), "640x960"),
    "custom, swapped": (
        node("CR Aspect Ratio", width=640, height=960, aspect_ratio="custom", swap_dimensions="On"),
        "960x640",
    ),
    "of a loaded picture": (node("GetImageSize+", image=["21", 0]), None),
    "manual": (node("ResolutionMaster", mode="Manual", width=640, height=960, rescale_value=1.5), "640x960"),
    "in words": (node("SDXL Resolutions (JPS)", resolution="portrait - 640x960 (13:19)"), "640x960"),
    "behind a bar": (node("AspectSize", model_type="SDXL", aspect_ratio="9:16 | 768x1344 Portrait"), "768x1344"),
}


@pytest.mark.parametrize("name", SIZES)
def test_size_pickers(name: str) -> None:
    picker, size = SIZES[name]
    graph = stock({"20": picker, "21": node("LoadImage", image="a.png")}, n5={"width": ["20", 0], "height": ["20", 1]})
    assert facts(read(graph)) == said(size=size)


LATENTS: dict[str, tuple[dict[str, Any], str]] = {
    "rgthree": (
        node("SDXL Empty Latent Image (rgthree)", dimensions=" 640 x 960  (portrait)", batch_size=1),
        "640x960",
    ),
    "inverted preset": (node("EmptyLatentImagePresets", dimensions="640 x 960", invert=True, batch_size=1), "960x640"),
    "made by a picker": (
        node("CR Aspect Ratio", width=1, height=1, aspect_ratio="SDXL - 3:4 portrait 896x1152", upscale_factor=1.5),
        "896x1152",
    ),
}


PICTURES: dict[str, tuple[dict[str, Any], str | None]] = {
    "cropped": (node("Image Resize (rgthree)", width=640, height=960, fit="crop", image=["21", 0]), "640x960"),
    "within": (node("Image Resize (rgthree)", width=640, height=960, fit="contain", image=["21", 0]), None),
    "by a factor": (node("Image Resize", mode="rescale", rescale_factor=2, resize_width=1024, image=["21", 0]), None),
    "by a side": (
        node("LayerUtility: ImageScaleByAspectRatio V2", fit="letterbox", scale_to_length=1024, image=["21", 0]),
        None,
    ),
}


@pytest.mark.parametrize("name", PICTURES)
def test_scaled_pictures(name: str) -> None:
    scaler, size = PICTURES[name]
    graph = stock(
        {
            "5": node("VAEEncode", pixels=["20", 0], vae=["4", 2]),
            "20": scaler,
            "21": node("LoadImage", image="a.png"),
        }
    )
    assert facts(read(graph)) == said(size=size)


@pytest.mark.parametrize("name", LATENTS)
def test_latents(name: str) -> None:
    latent, size = LATENTS[name]
    assert facts(read(stock({"5": latent}))) == said(size=size)


LLM = node("OllamaGenerateV2", prompt="write", system="you are", keep_alive=5)
STRINGS: dict[str, tuple[dict[str, Any], str]] = {
    "a function that appends": (
        {
            "20": node(
                "StringFunction|pysssss", action="append", tidy_tags="yes", text_a="a cat,", text_b="b  c", text_c=""
            )
        },
        "a cat, b c",
    ),
    "a function that appends as it is": (
        {"20": node("StringFunction|pysssss", action="append", tidy_tags="no", text_a="a cat,", text_b="b", text_c="")},
        "a cat,b",
    ),
    "a function that replaces": (
        {
            "20": node(
                "StringFunction|pysssss", action="replace", tidy_tags="yes", text_a="a dog", text_b="dog", text_c="cat"
            )
        },
        "a cat",
    ),
    "joined by what has no widget": ({"20": node("LayerUtility: TextJoin", text_1="a", text_2="b")}, "a, b"),
    "joined by line ends": (
        {"20": node("Text Concatenate", text_a="a", text_b="b", linebreak_addition="true")},
        "a\nb",
    ),
    "parts": ({"20": node("CR Combine Prompt", part1="a", part2="", part3="b", part4="", separator=", ")}, "a, b"),
    "a plain pattern": (
        {"20": node("RegexReplace", string="a dog", regex_pattern="dog", replace="cat", case_insensitive=True)},
        "a cat",
    ),
    "three replacements": (
        {
            "20": node(
                "CR Text Replace",
                text="a X Y",
                find1="X",
                replace1="cat",
                find2=" Y",
                replace2="",
                find3="",
                replace3="",
            )
        },
        "a cat",
    ),
    "the second text": ({"20": node("easy promptConcat", prompt1="a", prompt2="b", separator=" + ")}, "a + b"),
    "trigger words joined": (
        {
            "20": node("JoinStringMulti", inputcount=2, delimiter=", ", string_1=["22", 0], string_2=["21", 0]),
            "21": node(
                "TriggerWord Toggle (LoraManager)",
                toggle_trigger_words={"__value__": [{"text": "fur", "active": True}]},
                trigger_words=["23", 2],
            ),
            "22": node("StringConstantMultiline", string="a cat", strip_newlines=True),
            "23": node("Lora Loader (LoraManager)", text="", loras={"__value__": []}),
        },
        "a cat, fur",
    ),
    "no trigger words": (
        {
            "20": node("JoinStrings", delimiter=" ", string1="a cat", string2=["21", 0]),
            "21": node("TriggerWord Toggle (LoraManager)", toggle_trigger_words=[], trigger_words=["23", 2]),
            "23": node("Lora Loader (LoraManager)", text="", loras={"__value__": []}),
        },
        "a cat",
    ),
    "what a preview showed": (
        {"20": node("PreviewAny", preview_markdown="a cat", preview_text="a cat", previewMode=False, source=["21", 0])}
        | {"21": LLM},
        "a cat",
    ),
    "what a preview showed before": (
        {"20": node("easy showAnything", text="a dog", anything=["21", 0])}
        | {"21": node("PrimitiveString", value="a cat")},
        "a cat",
    ),
    "what another preview showed": (
        {"20": node("easy showAnything", text="a cat", anything=["21", 0]), "21": LLM},
        "a cat",
    ),
    "a preview that showed nothing yet": (
        {"20": node("Display Any (rgthree)", output="", source=["21", 0])}
        | {"21": node("PrimitiveString", value="a cat")},
        "a cat",
    ),
    "one line of one": ({"20": node("easy promptLine", prompt="a cat\n", start_index=0, max_rows=1000)}, "a cat"),
    "a style": (
        {"20": node("easy stylesSelector", styles="fooocus_styles", select_styles="", positive=["21", 0])}
        | {"21": node("easy positive", positive="a cat")},
        "a cat",
    ),
}


@pytest.mark.parametrize("name", STRINGS)
def test_strings(name: str) -> None:
    more, expected = STRINGS[name]
    assert facts(read(stock(more, n6={"text": ["20", 0]}))) == said(prompt=expected)


PATTERNS = {
    "a function": node(
        "StringFunction|pysssss", action="replace", tidy_tags="no", text_a="a dog", text_b="/d.g/", text_c="cat"
    ),
    "a node": node("RegexReplace", string="a dog", regex_pattern="d.g", replace="cat"),
}


@pytest.mark.parametrize("name", PATTERNS)
def test_patterns_of_a_file_are_never_run(name: str) -> None:
    graph = stock({"20": PATTERNS[name]}, n6={"text": ["20", 0]})
    assert facts(read(graph, warnings=("prompt-not-stored",))) == said(prompt="a dog")


@pytest.mark.parametrize(
    "maker",
    [
        node("DPMagicPrompt", text="a cat", seed=1),
        node("Power Puter (rgthree)", outputs={"outputs": ["STRING"]}, code="a + b", a=["21", 0]),
    ],
)
def test_what_a_node_makes_of_a_text_is_not_known(maker: dict[str, Any]) -> None:
    graph = stock({"20": maker, "21": node("PrimitiveString", value="b")}, n6={"text": ["20", 0]})
    assert facts(read(graph, warnings=("prompt-not-stored",))) == said(prompt=None)


@pytest.mark.parametrize(
    "picker",
    [node("Text Random Line", text="a cat\na dog", seed=1), node("easy promptLine", prompt="a cat\na dog", max_rows=9)],
)
def test_one_of_many_lines_is_not_known(picker: dict[str, Any]) -> None:
    graph = stock({"20": picker}, n6={"text": ["20", 0]})
    assert facts(read(graph, warnings=("prompt-not-stored",))) == said(prompt=None)


ENCODERS: dict[str, dict[str, Any]] = {
    "BNK_CLIPTextEncodeAdvanced": {
        "text": "a cat",
        "token_normalization": "none",
        "weight_interpretation": "A1111",
    },
    "PCLazyTextEncode": {"text": "a cat"},
    "PCLazyTextEncodeAdvanced": {"text": "a cat", "steps": 20, "num_steps": 20},
    "CLIPTextEncodeSDXL": {"width": 1, "height": 1, "text_g": "a cat", "text_l": "a cat"},
    "CLIPTextEncodeSD3": {"clip_l": "a cat", "clip_g": "a cat", "t5xxl": "", "empty_padding": "none"},
    "TextEncodeQwenImageEdit": {"prompt": "a cat"},
    "CLIPTextEncodeLumina2": {"system_prompt": "superior", "user_prompt": "a cat"},
    "CLIPTextEncodePixArtAlpha": {"width": 1, "height": 1, "text": "a cat"},
    "CLIPTextEncodeControlnet": {"text": "a cat", "conditioning": ["21", 0]},
    "RegionalConditioningSimple //Inspire": {"strength": 1.0, "set_cond_area": "default", "prompt": "a cat"},
    "TextEncodeZImageOmni": {"prompt": "a cat", "auto_resize_images": True},
    "TextEncodeHunyuanVideo_ImageToVideo": {"prompt": "a cat", "image_interleave": 2},
    "CLIP Positive-Negative w/Text (WLSH)": {"positive_text": "a cat", "negative_text": "x"},
}


@pytest.mark.parametrize("kind", ENCODERS)
def test_encoders(kind: str) -> None:
    graph = stock({"6": node(kind, ENCODERS[kind], clip=["4", 1]), "21": node("CLIPTextEncode", text="a cat")})
    assert facts(read(graph)) == said(prompt="a cat")


def test_a_styler_of_two_encoders() -> None:
    styler = node(
        "SDXLPromptStylerAdvanced",
        text_positive_g="a cat",
        text_positive_l="a cat",
        text_negative="a dog",
        style="base",
        negative_prompt_to="Both",
    )
    graph = stock(
        {
            "20": styler,
            "6": node("CLIPTextEncodeSDXL", text_g=["20", 0], text_l=["20", 1], width=1, height=1, clip=["4", 1]),
            "7": node("CLIPTextEncodeSDXL", text_g=["20", 4], text_l=["20", 5], width=1, height=1, clip=["4", 1]),
        }
    )
    assert facts(read(graph)) == said(prompt="a cat")


LOADERS: dict[str, dict[str, Any]] = {
    "CheckpointLoaderSimpleShared //Inspire": {"ckpt_name": "m.safetensors", "key_opt": "", "mode": "Auto"},
    "CheckpointLoader": {"config_name": "v1.yaml", "ckpt_name": "m.safetensors"},
    "DiffusersLoader": {"model_path": "m.safetensors"},
    "NunchakuFluxDiTLoader": {"model_path": "m.safetensors", "attention": "nunchaku-fp16", "i2f_mode": "enabled"},
    "LoadDiffusionModelShared //Inspire": {"model_name": "m.safetensors", "weight_dtype": "default", "key_opt": ""},
    "CivitAI_Checkpoint_Loader": {"ckpt_air": "12@34", "ckpt_name": "m.safetensors", "download_path": "x"},
    "UNETLoaderDisTorch2MultiGPU": {"unet_name": "m.safetensors", "compute_device": "cuda:0"},
    "WanVideoModelLoader": {"model": "m.safetensors", "base_precision": "bf16"},
    "PixArtCheckpointLoader": {"ckpt_name": "m.safetensors", "model": "PixArtMS_XL_2"},
    "Some Loader": {"checkpoint": "m.safetensors", "config": "x.bin"},
}


@pytest.mark.parametrize("kind", LOADERS)
def test_loaders(kind: str) -> None:
    assert facts(read(stock({"4": node(kind, LOADERS[kind])}))) == said(model="m.safetensors")
