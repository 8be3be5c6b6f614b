"""A record as a line for A1111's script "Prompts from file or textbox"."""

from __future__ import annotations

from typing import Final

from extractor.extraction.pasted import parse_infotext
from extractor.record import Meta
from extractor.text.coerce import to_int
from extractor.writers.infotext import format_infotext

_OPTIONS: Final = (
    ("negative_prompt", "negative_prompt"),
    ("steps", "steps"),
    ("cfg_scale", "cfg_scale"),
    ("seed", "seed"),
)
"""Option of the script, in the order it is written -> attribute of meta."""
_AUTOMATIC: Final = "automatic"


def format_arguments(meta: Meta) -> str:
    """One line, ``--prompt "a cat" --steps 20 ...``, of what the infotext of the same record says.

    The script takes a line apart as a shell does, so quotation marks and backslashes are escaped; line ends within
    a prompt become blanks. The model is not named: the script stops at one that is not installed.

    Raises:
        TypeError: `meta` is no `Meta`.
    """
    said = parse_infotext(format_infotext(meta))
    parts = [f"--prompt {_quoted(said.prompt or '')}"]
    for option, name in _OPTIONS:
        value = getattr(said, name)
        if value is not None:
            parts.append(f"--{option} {_quoted(value) if isinstance(value, str) else value}")
    if said.sampler:
        parts.append(f"--sampler_name {_quoted(_sampler(said))}")
    width, _, height = (said.size or "").partition("x")
    if to_int(width) and to_int(height):
        parts.append(f"--width {to_int(width)} --height {to_int(height)}")
    return " ".join(parts)


def _sampler(meta: Meta) -> str:
    """The sampler with its schedule: there is no option for that one."""
    name = str(meta.sampler)
    schedule = (meta.model_extra or {}).get("Schedule type")
    if not isinstance(schedule, str) or schedule.lower() == _AUTOMATIC or name.endswith(f" {schedule}"):
        return name
    return f"{name} {schedule}"


def _quoted(text: str) -> str:
    line = " ".join(text.splitlines())
    return '"' + line.replace("\\", "\\\\").replace('"', '\\"') + '"'
