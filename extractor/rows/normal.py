"""What the tables hold beside a record's own words, so that infotexts and graphs can be counted together."""

from __future__ import annotations

from typing import Any, Final

from extractor.rows.columns import BASE_SAMPLER
from extractor.text.coerce import to_number
from extractor.vocabulary.schedules import base_sampler, schedule_word

_SCHEDULES: Final = ("scheduler", "Schedule type")
_DENOISING: Final = ("denoise", "Denoising strength")
"""Keys of meta, ours before an infotext's own."""


def normal_row(row: dict[str, Any]) -> dict[str, Any]:
    """A copy of a row with ``scheduler`` and ``denoise`` of an infotext filled, and the sampler without its schedule.

    A schedule that is part of the sampler's name is one too; ``Automatic`` is none. A row without meta is itself.
    """
    meta = row.get("meta")
    if not isinstance(meta, dict):
        return row
    normal = dict(meta)
    sampler, schedule = meta.get("sampler"), next((meta[key] for key in _SCHEDULES if key in meta), None)
    base, joined = base_sampler(sampler) if isinstance(sampler, str) else (None, None)
    word = (schedule_word(schedule) if isinstance(schedule, str) else schedule) or joined
    denoise = next((meta[key] for key in _DENOISING if key in meta), None)
    number = to_number(denoise)
    filled = {"scheduler": word, "denoise": denoise if number is None else number}
    normal.update({key: value for key, value in filled.items() if value is not None})
    return {**row, "meta": normal, BASE_SAMPLER: base}
