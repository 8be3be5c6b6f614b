"""A program as callers write them: mypy in its strict mode and pyright find nothing wrong with it."""

from __future__ import annotations

from extractor import (
    ImageRecord,
    Meta,
    Resource,
    Stats,
    extract,
    format_infotext,
    parse_infotext,
    scan,
    scan_rows,
    search,
)


def build() -> ImageRecord:
    """Constructors take the attributes' names."""
    lora = Resource(name="Fine Hair", type="lora", weight=0.8, strength_clip=1, model_version_id=5)
    meta = Meta(
        prompt="a cat", negative_prompt="", seed=2**64, cfg_scale=7, model="m", model_hash="ab", resources=[lora]
    )
    stats = Stats(like_count=1)
    return ImageRecord(id=1, url="x", width=512, height=768, created_at="2024-05-01T00:00:00Z", meta=meta, stats=stats)


def read(record: ImageRecord) -> tuple[str, int, float, str | None]:
    """Attributes have types."""
    meta = record.meta
    if meta is None or meta.prompt is None or meta.seed is None:
        return "", 0, 0.0, None
    names: list[str] = [resource.name for resource in meta.resources or [] if resource.name]
    generator: str | None = record.extraction.generator if record.extraction is not None else None
    return meta.prompt + ", ".join(names), meta.seed, float(meta.cfg_scale or 0), generator


def copy(record: ImageRecord) -> ImageRecord:
    """Copies and both directions of JSON."""
    text: str = record.to_json(indent=2)
    again = ImageRecord.model_validate_json(text)
    return again.model_copy(update={"post_id": 5})


def use(path: str) -> None:
    """What the library does with files."""
    record: ImageRecord = extract(path, hash=False)
    plain: dict[str, object] = record.to_civitai()
    flat: dict[str, str | int | float | None] = record.flat()
    seeds: list[int | None] = [
        result.record.meta.seed for result in scan([path]) if result.record and result.record.meta
    ]
    rows = [row["prompt"] for row in scan_rows(path)]
    infotext: str = format_infotext(parse_infotext("a cat\nSteps: 20, Seed: 1"))
    found: list[str] = [result.path for result in search("cat steps:>20", path)]
    print(found, plain, flat, seeds, rows, infotext)
