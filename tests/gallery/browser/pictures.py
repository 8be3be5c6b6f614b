"""A folder of small pictures for a gallery: months, models, LoRAs, one recipe with many seeds, hostile words."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from PIL import Image, PngImagePlugin

HOSTILE: Final = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    '"><svg/onload=alert(3)>',
    "javascript:alert(4)",
    "\u202eevil\u2066 words",
    "${7*7}{{7*7}} %3Cb%3E &lt;i&gt;",
    "a \\' --><!-- `x`",
)
"""Texts that would run, or turn a line around, where a page takes them for markup."""

SHAPES: Final = ((96, 64), (64, 96), (80, 80), (120, 48), (48, 120))
MODELS: Final = ("ponyDiffusionV6XL", "dreamshaper_8", "juggernautXL_v9")
LORAS: Final = ("add_detail", "epiNoise", "")
COUNT: Final = 62
"""Pictures that :func:`fill` makes, hostile ones included."""


def infotext(prompt: str, **values: object) -> str:
    """What A1111 would write; `values` replace those of the settings line."""
    settings: dict[str, object] = {
        "Steps": 20,
        "Sampler": "Euler a",
        "CFG scale": 7,
        "Seed": 1,
        "Size": "512x768",
        "Model hash": "67ab2fd8ec",
        "Model": MODELS[0],
        "Version": "v1.9.0",
    }
    settings.update({key.replace("_", " "): value for key, value in values.items()})
    return f"{prompt}\nNegative prompt: lowres, bad anatomy\n" + ", ".join(f"{k}: {v}" for k, v in settings.items())


def picture(
    path: Path, text: str | None, *, shape: tuple[int, int] = (64, 64), number: int = 0, when: str = "2024-01-01"
) -> Path:
    """One PNG of a gradient with an infotext, of a day."""
    gradient = Image.linear_gradient("L").resize(shape)
    colour = Image.new("RGB", shape, (37 * number % 256, 91 * number % 256, 151 * number % 256))
    image = Image.composite(colour, Image.new("RGB", shape, (240, 230, 210)), gradient)
    info = PngImagePlugin.PngInfo()
    if text is not None:
        info.add_itxt("parameters", text)
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, pnginfo=info)
    seconds = datetime.fromisoformat(when).replace(tzinfo=UTC).timestamp()
    os.utime(path, (seconds, seconds))
    return path


def plain(folder: Path, number: int) -> Path:
    """One of many, as its number has it: the first is the newest."""
    lora = LORAS[number % 3]
    prompt = f"a castle number{number}, {'red dress' if number % 2 else 'blue sky'}" + (
        f", <lora:{lora}:0.8>" if lora else ""
    )
    text = infotext(prompt, Model=MODELS[number % 3], Seed=number, Sampler=("Euler a", "DPM++ 2M Karras")[number % 2])
    when = f"{2024 - number // 24}-{12 - number // 2 % 12:02d}-{28 - number % 2:02d}"
    name = f"{number:03d}.png"
    return picture(folder / f"set{number % 2}" / name, text, shape=SHAPES[number % 5], number=number, when=when)


def fill(folder: Path) -> None:
    """Forty-eight plain pictures, six of one recipe, one without recipe, and hostile ones."""
    for number in range(48):
        plain(folder, number)
    for seed in range(6):
        text = infotext("one recipe, many seeds", Seed=1000 + seed)
        picture(folder / "stack" / f"seed{seed}.png", text, number=seed, when=f"2022-05-{10 + seed}")
    picture(folder / "photo.png", None, when="2022-04-01")
    for number, words in enumerate(HOSTILE):
        hostile(folder, number, words)


def hostile(folder: Path, number: int, words: str) -> Path:
    """One picture that has the words wherever a file can have words."""
    text = infotext(
        f"hostile {words}",
        Model=f'"{words}"' if '"' not in words else words,
        Sampler=words.replace(",", " "),
        Seed=number,
    )
    return picture(folder / f"hostile {words.replace('/', '∕')}.png", text, when=f"2021-0{number + 1}-01")
