"""Every generator in every container, every place of a container, and the table of them in README.md."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from _c2pa import FIREFLY, GOOGLE, OPENAI
from _comfyui import BASIC, graph_packet, workflow
from _exif import ascii_tag, comment_tag, exif, user_comment
from _infotexts import (
    CIVITAI_BLOCKS,
    CIVITAI_ON_SITE,
    EASY_REFORGE,
    FORGE,
    FORGE_CLASSIC,
    FORGE_NEO,
    FOX,
    REFORGE,
    SD_NEXT,
)
from _payloads import (
    EASY_DIFFUSION,
    FOOOCUS,
    FOOOCUS_A1111,
    FOOOCUS_MRE,
    GENERIC,
    HUGGING_FACE,
    INVOKE,
    MIDJOURNEY,
    NOVELAI,
    RUINED,
    SWARM,
)
from _tools import draw_things_packet, fooocus_exif, novelai_exif

from extractor import extract
from tests.carriers import PLACES, WITH_C2PA, WITH_EXIF, WITH_XMP, tiff
from tests.support import ROOT, png, text_chunk

File = Callable[[], bytes]
Cells = dict[tuple[str, str], File]
"""(container, place) -> a file with the data there; for a sidecar, the file beside the image."""


class Row(NamedTuple):
    """One tool's data of one picture, wherever it is read from."""

    label: str
    """As README.md names it; tools that write several forms have several rows."""
    generator: str
    prompt: str | None
    seed: int | None
    cells: Cells


SIDECAR = "sidecar"
CONTAINERS = (*PLACES, SIDECAR)
EXIF = [(container, "EXIF") for container in ("JPEG", "WebP", "AVIF", "HEIC", "JPEG XL", "TIFF")]
TEXTS = [("PNG", "tEXt"), *EXIF, ("GIF", "comment"), ("MP4, MOV", "tags"), ("WebM, MKV", "tags")]
STEALTH = [("PNG", "stealth alpha packed"), ("WebP", "stealth alpha packed")]


def carried(text: str, places: Iterable[tuple[str, str]]) -> Cells:
    """The text in each of the places."""
    return {(container, place): partial(PLACES[container][place], text) for container, place in places}


def with_exif(block: bytes, *containers: str) -> Cells:
    return {
        (container, "eXIf" if container == "PNG" else "EXIF"): partial(WITH_EXIF[container], block)
        for container in containers or [name for name in WITH_EXIF if name != "PNG"]
    }


def with_xmp(packet: str) -> Cells:
    return {(container, "XMP"): partial(build, packet) for container, build in WITH_XMP.items()}


def sample(name: str) -> File:
    return (ROOT / "sample_images" / name).read_bytes


def beside(**files: str | dict[str, Any]) -> Cells:
    """Sidecars by their suffix, in which ``_`` stands for a dot."""
    return {
        (SIDECAR, suffix.replace("_", ".")): (
            text if isinstance(text, str) else json.dumps(text, ensure_ascii=False)
        ).encode
        for suffix, text in files.items()
    }


def infotext(label: str, generator: str, text: str, prompt: str, seed: int) -> Row:
    return Row(label, generator, prompt, seed, carried(text, [*TEXTS, *STEALTH]) | beside(txt=text))


def flat(value: dict[str, Any], places: Iterable[tuple[str, str]]) -> Cells:
    return carried(json.dumps(value, ensure_ascii=False), places)


OWL = "a barn owl over a meadow, embedding:feathers:0.9"
OWL_SEED = 1125899906842624001
GRAPH, DRAWN = json.dumps(BASIC), json.dumps(workflow(BASIC))
COMFYUI: Cells = {
    ("PNG", "tEXt"): sample("comfyui.png"),
    **with_exif(exif({0x10F: f"workflow:{DRAWN}".encode(), 0x110: f"prompt:{GRAPH}".encode()})),
    ("JPEG", "EXIF"): sample("comfyui-jpeg-labels.jpg"),
    ("TIFF", "EXIF"): partial(tiff, [ascii_tag(0x10F, f"Prompt: {GRAPH}")]),
    **carried(json.dumps({"prompt": BASIC, "workflow": workflow(BASIC)}), [("GIF", "comment"), ("MP4, MOV", "tags")]),
    **with_xmp(graph_packet(BASIC)),
    ("WebM, MKV", "tags"): sample("comfyui.webm"),
}
KITE = user_comment(CIVITAI_ON_SITE)
PAPER_CRANE = "\n".join(
    (
        "Prompt: a paper crane on a desk",
        "Seed: 3072113925",
        "Stable Diffusion model: paperMix",
        "Sampler: euler_a",
        "Steps: 25",
    )
)
MAPS = MIDJOURNEY.replace("--v 6.1", "--seed 8812 --v 6.1")
CANAL = "\n".join(f"{key}: {value}" for key, value in GENERIC.items())

ROWS = [
    infotext("A1111", "a1111", FOX, "portrait of a red fox, snowfall, 85mm", 991),
    infotext("Forge", "forge", FORGE, "isometric greenhouse, tropical plants, morning mist", 3180422119),
    infotext("reForge", "reforge", REFORGE, "owl librarian, candlelight, <lora:storybook:1>", 15),
    infotext("EasyReforge", "easy-reforge", EASY_REFORGE, "stained glass koi", 60221),
    infotext("Forge Classic", "forge-classic", FORGE_CLASSIC, "paper boat on a puddle, macro", 88),
    infotext("Forge Neo", "forge-neo", FORGE_NEO, "a red bicycle against a blue wall", 720817),
    Row(
        "SD.Next",
        "sd-next",
        "harbour at low tide, gulls, <lora:fog:0.8> <lora:gulls:1.0>",
        3141592653,
        carried(SD_NEXT, TEXTS) | beside(txt=SD_NEXT),
    ),
    Row("ComfyUI", "comfyui", OWL, OWL_SEED, COMFYUI),
    Row(
        "SwarmUI",
        "swarmui",
        "a stone bridge in autumn, <lora:leaves>",
        1357913579,
        flat(SWARM, [*TEXTS, *STEALTH]) | {("PNG", "tEXt"): sample("swarmui.png")} | beside(swarm_json=SWARM),
    ),
    Row(
        "InvokeAI",
        "invokeai",
        "a cup of tea on a windowsill",
        0,
        {("PNG", "tEXt"): sample("invokeai.png"), **flat(INVOKE, EXIF)},
    ),
    Row(
        "InvokeAI",
        "invokeai",
        "a tin robot gardener",
        2086437562,
        {("PNG", "tEXt"): sample("invokeai-sd-metadata.png")},
    ),
    Row("InvokeAI", "invokeai", "a tin robot gardener", 123456, {("PNG", "tEXt"): sample("invokeai-dream.png")}),
    Row(
        "NovelAI",
        "novelai",
        "1girl, 2boys, picnic, year 2025, 桜",
        3721004512,
        {
            ("PNG", "tEXt"): sample("novelai.png"),
            **with_exif(novelai_exif()),
            **flat(NOVELAI, [("TIFF", "EXIF"), *STEALTH]),
        },
    ),
    Row(
        "Fooocus",
        "fooocus",
        "a mountain hut",
        5180426372819940573,
        {("PNG", "tEXt"): sample("fooocus.png"), **with_exif(fooocus_exif()), **flat(FOOOCUS, [("TIFF", "EXIF")])},
    ),
    Row(
        "Fooocus",
        "fooocus",
        "a mountain hut",
        5180426372819940573,
        {("PNG", "tEXt"): sample("fooocus-a1111.png"), **carried(FOOOCUS_A1111, EXIF)},
    ),
    Row(
        "RuinedFooocus",
        "ruined-fooocus",
        "a mountain hut, snow",
        9223372036854775807,
        flat(RUINED, [("PNG", "tEXt"), *EXIF]),
    ),
    Row(
        "Fooocus-MRE",
        "fooocus-mre",
        "a mountain hut",
        1844674407,
        {
            ("PNG", "tEXt"): sample("fooocus-mre.png"),
            **flat(FOOOCUS_MRE, [*EXIF, ("JPEG", "COM")]),
            **beside(json=FOOOCUS_MRE),
        },
    ),
    Row(
        "Easy Diffusion",
        "easy-diffusion",
        "a paper crane on a desk",
        3072113925,
        {
            ("PNG", "tEXt"): sample("easy-diffusion.png"),
            **flat(EASY_DIFFUSION, EXIF),
            **beside(json=EASY_DIFFUSION, txt=PAPER_CRANE),
        },
    ),
    Row(
        "Draw Things",
        "draw-things",
        "a tram on a steep street",
        4187532098,
        with_xmp(draw_things_packet(json_too=True)),
    ),
    Row(
        "Draw Things",
        "draw-things",
        "a tram on a steep street",
        4187532098,
        with_xmp(draw_things_packet(json_too=False)),
    ),
    Row(
        "Stability Matrix",
        "stability-matrix",
        "a walled garden,\r\nhollyhocks",
        7070707,
        {("PNG", "tEXt"): sample("stability-matrix.png")},
    ),
    Row("TensorArt", "tensorart", OWL, OWL_SEED, {("PNG", "tEXt"): sample("tensorart.png")}),
    Row(
        "Hugging Face spaces",
        "hf-space",
        "1girl, umbrella, rain, masterpiece",
        1029384756,
        flat(HUGGING_FACE, [("PNG", "tEXt"), *EXIF]),
    ),
    Row(
        "stable-diffusion.cpp",
        "stable-diffusion-cpp",
        "a pier in fog",
        31,
        carried(
            "a pier in fog\nSteps: 20, CFG scale: 7, Seed: 31, Model: , Unet: pier.gguf, TE: clip_l, TE: t5xxl, "
            "Sampler: euler discrete, Version: stable-diffusion.cpp",
            [("PNG", "tEXt"), *EXIF],
        ),
    ),
    Row(
        "Wan2GP",
        "wan2gp",
        "a heron lifts off",
        32,
        flat(
            {"prompt": "a heron lifts off", "seed": 32, "num_inference_steps": 30, "model_filename": "wan.safetensors"},
            [("PNG", "tEXt"), *EXIF, ("MP4, MOV", "tags")],
        ),
    ),
    Row(
        "MFLUX",
        "mflux",
        "a heron at rest",
        33,
        flat({"prompt": "a heron at rest", "seed": 33, "mflux_version": "0.9", "steps": 20}, [("PNG", "tEXt"), *EXIF]),
    ),
    Row(
        "Civitai generator",
        "civitai",
        "glass dragon, studio light",
        1205776341,
        carried(CIVITAI_BLOCKS, [("PNG", "tEXt"), *EXIF]),
    ),
    Row(
        "Civitai generator",
        "civitai",
        "a kite over dunes, long shadows",
        2222333344,
        {
            **with_exif(exif({0x13B: "ai"}, UserComment=KITE), *WITH_EXIF),
            ("TIFF", "EXIF"): partial(tiff, [ascii_tag(0x13B, "ai")], [comment_tag(KITE)]),
        },
    ),
    Row(
        "Civitai generator",
        "civitai",
        "a barn owl over a meadow, golden hour",
        OWL_SEED,
        {("JPEG", "EXIF"): sample("civitai-onsite-hires.jpg")},
    ),
    Row(
        "Midjourney",
        "midjourney",
        "a fox made of folded maps, soft light",
        8812,
        {
            ("PNG", "tEXt"): lambda: png(text_chunk("Description", MAPS)),
            **with_exif(exif({0x10E: MAPS.encode()})),
            ("TIFF", "EXIF"): partial(tiff, [ascii_tag(0x10E, MAPS)]),
            **{(container, "XMP"): partial(PLACES[container]["XMP"], MAPS) for container in WITH_XMP},
        },
    ),
    Row(
        "unknown, flat data",
        "unknown",
        "a quiet canal, reeds",
        42,
        flat(GENERIC, [*TEXTS, ("JPEG", "COM"), ("JPEG", "IPTC"), ("TIFF", "IPTC")]) | beside(json=GENERIC, txt=CANAL),
    ),
    *(
        Row(
            "OpenAI, Google, Adobe (C2PA)",
            generator,
            None,
            None,
            {(container, "C2PA"): partial(build, store) for container, build in WITH_C2PA.items()},
        )
        for generator, store in (("openai", OPENAI), ("google", GOOGLE), ("adobe", FIREFLY))
    ),
]

WARNINGS = {"Forge": ["hash-of-file-name"]}
"""Row -> what its sample is warned about: this one is of the half year of such hashes."""

CASES = [
    pytest.param(row, container, place, id=f"{row.label}-{container}-{place}")
    for row in ROWS
    for container, place in row.cells
]


@pytest.mark.parametrize(("row", "container", "place"), CASES)
def test_generator_in_container(row: Row, container: str, place: str, tmp_path: Path) -> None:
    data = row.cells[container, place]()
    if container == SIDECAR:
        image = tmp_path / "a.png"
        image.write_bytes(png())
        image.with_suffix(f".{place}").write_bytes(data)
        record = extract(image, hash=False)
    else:
        record = extract(data, hash=False, stealth=place.startswith("stealth"))
    meta = record.meta
    assert record.extraction is not None
    assert record.extraction.generator == row.generator
    assert (meta and meta.prompt, meta and meta.seed) == (row.prompt, row.seed)
    assert record.extraction.ai_generated is (True if row.prompt is None else None)
    assert [warning.code for warning in record.extraction.warnings or ()] == WARNINGS.get(row.label, [])


FOX_META = {
    "prompt": "portrait of a red fox, snowfall, 85mm",
    "negativePrompt": "dog, cartoon",
    "seed": 991,
    "steps": 20,
    "cfgScale": 7.5,
    "sampler": "DPM++ 2M Karras",
    "Size": "512x768",
    "Model": "wildlife_photo",
    "Model hash": "fc2511737a",
    "resources": [{"type": "model", "name": "wildlife_photo", "hash": "fc2511737a"}],
    "hashes": {"model": "fc2511737a"},
    "Version": "v1.6.0",
}


@pytest.mark.parametrize(
    ("container", "place"), [(container, place) for container, places in PLACES.items() for place in places]
)
def test_every_place_gives_the_same(container: str, place: str) -> None:
    record = extract(PLACES[container][place](FOX), hash=False, stealth=place.startswith("stealth"))
    assert record.to_civitai()["meta"] == FOX_META
    assert record.extraction is not None
    assert record.extraction.warnings in (None, [])
    assert len(record.extraction.sources or []) == 1


def words() -> dict[str, list[str]]:
    """Label -> what each container's cell says: the first word of each place, in the order of the rows."""
    table: dict[str, dict[str, dict[str, None]]] = {}
    for row in ROWS:
        for container, place in row.cells:
            cells = table.setdefault(row.label, {name: {} for name in CONTAINERS})
            cells[container][place.partition(" ")[0]] = None
    return {label: [", ".join(cells[container]) for container in CONTAINERS] for label, cells in table.items()}


def test_readme_has_this_table() -> None:
    lines = (ROOT / "README.md").read_text("utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("| generator |"))
    end = next(number for number, line in enumerate(lines[start:], start) if not line.startswith("|"))
    head, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines[start:end])
    assert head == ["generator", *CONTAINERS]
    assert {label: cells for label, *cells in rows} == words()
    assert len(rows) == len(words()), "a row stands twice"
