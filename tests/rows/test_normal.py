from __future__ import annotations

from typing import Any

import pytest

from extractor.rows.normal import normal_row

INFOTEXT = {"sampler": "DPM++ 2M", "Schedule type": "Karras", "Denoising strength": "0.4"}


@pytest.mark.parametrize(
    ("meta", "base", "scheduler", "denoise"),
    [
        (INFOTEXT, "DPM++ 2M", "karras", 0.4),
        ({"sampler": "DPM++ 2M Karras", "scheduler": "karras", "denoise": 1}, "DPM++ 2M", "karras", 1),
        ({"sampler": "DPM++ 2M Karras"}, "DPM++ 2M", "karras", None),
        ({"sampler": "DPM++ 2M Karras", "Schedule type": "Automatic"}, "DPM++ 2M", "karras", None),
        ({"sampler": "Euler a", "Schedule type": "Automatic"}, "Euler a", None, None),
        ({"scheduler": "Karras", "Schedule type": "Simple"}, None, "karras", None),
        ({"Denoising strength": "strong"}, None, None, "strong"),
        ({"sampler": 5}, None, None, None),
    ],
)
def test_infotexts_and_graphs_meet(meta: dict[str, Any], base: str | None, scheduler: Any, denoise: Any) -> None:
    row = {"path": "a.png", "meta": dict(meta)}
    normal = normal_row(row)
    assert row == {"path": "a.png", "meta": meta}
    assert (normal["baseSampler"], normal["meta"].get("scheduler"), normal["meta"].get("denoise")) == (
        base, scheduler, denoise
    )  # fmt: skip


@pytest.mark.parametrize("row", [{"path": "a.png"}, {"meta": None}, {"meta": "broken"}])
def test_a_row_without_meta_is_itself(row: dict[str, Any]) -> None:
    assert normal_row(row) == row
