"""LoRAs and everything else that took part, as loaders and stacks store it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.parsers.comfyui.graphs import facts, node, read, said, stock

LOADER = node(
    "LoraLoader", lora_name="l/a.safetensors", strength_model=0.8, strength_clip=0.8, model=["4", 0], clip=["4", 1]
)

LORAS: dict[str, tuple[dict[str, Any], list[tuple[Any, ...]]]] = {
    "loader": ({"20": LOADER}, [("lora", "l/a.safetensors", 0.8, None)]),
    "two strengths": (
        {"20": node("LoraLoader", LOADER["inputs"], strength_clip=0)},
        [("lora", "l/a.safetensors", 0.8, 0)],
    ),
    "model only": (
        {"20": node("LoraLoaderModelOnly", lora_name="b", strength_model=-1, model=["4", 0])},
        [("lora", "b", -1, None)],
    ),
    "chain, first applied first": (
        {
            "20": node("LoraLoader", lora_name="b", strength_model=1, strength_clip=1, model=["21", 0], clip=["21", 1]),
            "21": LOADER,
        },
        [("lora", "l/a.safetensors", 0.8, None), ("lora", "b", 1, None)],
    ),
    "none": ({"20": node("LoraLoader", lora_name="None", strength_model=1, model=["4", 0])}, []),
    "linked strength": (
        {"20": node("LoraLoader", LOADER["inputs"], strength_model=["21", 0]), "21": node("Dice")},
        [("lora", "l/a.safetensors", None, 0.8)],
    ),
    "linked strength that is stored": (
        {"20": node("LoraLoader", LOADER["inputs"], strength_model=["21", 0]), "21": node("PrimitiveFloat", value=0.8)},
        [("lora", "l/a.safetensors", 0.8, None)],
    ),
    "with a picture": (
        {"20": node("LoraLoader|pysssss", LOADER["inputs"], lora_name={"content": "c.safetensors", "image": None})},
        [("lora", "c.safetensors", 0.8, None)],
    ),
    "Power Lora Loader": (
        {
            "20": node(
                "Power Lora Loader (rgthree)",
                {
                    "PowerLoraLoaderHeaderWidget": {"type": "PowerLoraLoaderHeaderWidget"},
                    "lora_2": {"on": True, "lora": "b", "strength": 0.5, "strengthTwo": 0.25},
                    "lora_1": {"on": True, "lora": "a", "strength": 1},
                    "lora_3": {"on": False, "lora": "c", "strength": 1},
                    "➕ Add Lora": "",
                },
                model=["4", 0],
                clip=["4", 1],
            )
        },
        [("lora", "a", 1, None), ("lora", "b", 0.5, 0.25)],
    ),
    "rgthree stack": (
        {
            "20": node(
                "Lora Loader Stack (rgthree)",
                lora_01="a",
                strength_01=0.5,
                lora_02="None",
                strength_02=1,
                lora_10="b",
                strength_10=1,
                model=["4", 0],
                clip=["4", 1],
            )
        },
        [("lora", "a", 0.5, None), ("lora", "b", 1, None)],
    ),
    "applied stack with switches": (
        {
            "20": node("CR Apply LoRA Stack", model=["4", 0], clip=["4", 1], lora_stack=["21", 0]),
            "21": node(
                "CR LoRA Stack",
                switch_1="On",
                lora_name_1="a",
                model_weight_1=0.5,
                clip_weight_1=0.7,
                switch_2="Off",
                lora_name_2="b",
                model_weight_2=1,
                clip_weight_2=1,
                switch_3="On",
                lora_name_3="None",
                model_weight_3=1,
                clip_weight_3=1,
            ),
        },
        [("lora", "a", 0.5, 0.7)],
    ),
    "advanced stack": (
        {
            "20": node("CR Apply LoRA Stack", model=["4", 0], clip=["4", 1], lora_stack=["21", 0]),
            "21": node("LoRA Stacker", input_mode="advanced", lora_count=1, lora_name_1="a", lora_wt_1=1) | {},
        },
        [("lora", "a", 1, None)],
    ),
    "numbers inside the names": (
        {
            "20": node("easy loraStackApply", model=["4", 0], optional_clip=["4", 1], lora_stack=["21", 0]),
            "21": node(
                "easy loraStack",
                toggle=True,
                mode="simple",
                num_loras=2,
                lora_1_name="a",
                lora_1_strength=0.3,
                lora_1_model_strength=1,
                lora_1_clip_strength=0.3,
                lora_2_name="None",
                lora_2_strength=1,
                lora_3_name="beyond",
                lora_3_strength=1,
            ),
        },
        [("lora", "a", 0.3, None)],
    ),
    "switched off as a whole": (
        {
            "20": node("easy loraStackApply", model=["4", 0], lora_stack=["21", 0]),
            "21": node("easy loraStack", toggle=False, num_loras=1, lora_1_name="a", lora_1_strength=0.3),
        },
        [],
    ),
    "list of objects": (
        {"20": node("Lora Loader (LoraManager)", text="", loras=[{"name": "a", "strength": 0.4}], model=["4", 0])},
        [("lora", "a", 0.4, None)],
    ),
    "list as text": (
        {"20": node("Some Loras", loras='[{"name": "a", "strength": 0.4, "active": true}]', model=["4", 0])},
        [("lora", "a", 0.4, None)],
    ),
    "tags": (
        {
            "20": node("LoraTagLoader", text=["21", 0], model=["4", 0], clip=["4", 1]),
            "21": node("PrimitiveString", value="x <lora:a:0.5> <lora:b:1:0.5>"),
        },
        [("lora", "a", 0.5, None), ("lora", "b", 1, 0.5)],
    ),
    "unknown loader": (
        {"20": node("Mystery", lora="a.safetensors", strength=0.5, model=["4", 0])},
        [("lora", "a.safetensors", 0.5, None)],
    ),
    "malformed": (
        {
            "20": node("Power Lora Loader (rgthree)", lora_1={"on": True}, lora_2=[1], lora_3=5, loras=[1, {}, None])
            | {"_meta": 1}
        },
        [],
    ),
}


@pytest.mark.parametrize("name", LORAS)
def test_loras(name: str) -> None:
    more, expected = LORAS[name]
    facts_of = facts(read(stock(more, n3={"model": ["20", 0]})))
    assert facts_of.get("resources", []) == expected
    if "model" in more["20"]["inputs"]:
        assert facts_of["model"] == "xl/cat.safetensors"


OTHERS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "VAE": (
        {"20": node("VAELoader", vae_name="v.pt"), "8": node("VAEDecode", samples=["3", 0], vae=["20", 0])},
        said(vae="v.pt", resources=[("vae", "v.pt", None, None)]),
    ),
    "hypernetwork": (
        {
            "20": node("HypernetworkLoader", hypernetwork_name="h.pt", strength=0.5, model=["4", 0]),
            "3": node("KSampler", stock()["3"]["inputs"], model=["20", 0]),
        },
        said(resources=[("hypernet", "h.pt", 0.5, None)]),
    ),
    "ControlNet with its strength": (
        {
            "20": node("ControlNetApply", strength=0.6, conditioning=["6", 0], control_net=["21", 0], image=["22", 0]),
            "21": node("ControlNetLoader", control_net_name="c.pth"),
            "22": node("LoadImage", image="a.png"),
            "3": node("KSampler", stock()["3"]["inputs"], positive=["20", 0]),
        },
        said(resources=[("controlnet", "c.pth", 0.6, None)]),
    ),
    "embeddings": (
        {
            "6": node("CLIPTextEncode", text="a cat (embedding:fur:1.2), embedding:dir/eyes.pt, x", clip=["4", 1]),
            "7": node("CLIPTextEncode", text="embedding:bad", clip=["4", 1]),
        },
        said(
            prompt="a cat (embedding:fur:1.2), embedding:dir/eyes.pt, x",
            negative_prompt="embedding:bad",
            resources=[
                ("embed", "fur", 1.2, None),
                ("embed", "dir/eyes.pt", None, None),
                ("embed", "bad", None, None),
            ],
        ),
    ),
    "clip skip": (
        {
            "20": node("CLIPSetLastLayer", stop_at_clip_layer=-2, clip=["4", 1]),
            "6": node("CLIPTextEncode", text="a cat", clip=["20", 0]),
        },
        said(prompt="a cat", clip_skip=2),
    ),
    "clip skip of another encoder": (
        {
            "20": node("CLIPSetLastLayer", stop_at_clip_layer=-3, clip=["4", 1]),
            "21": node("CLIPTextEncode", text="unused", clip=["20", 0]),
        },
        said(),
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_others(name: str) -> None:
    more, expected = OTHERS[name]
    assert facts(read(stock(more))) == expected
