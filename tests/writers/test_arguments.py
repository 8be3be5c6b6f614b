from __future__ import annotations

import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.extraction.pasted import parse_infotext
from extractor.record import Meta
from extractor.writers.arguments import format_arguments

BASE = "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x768"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            f"a cat\nNegative prompt: dog\n{BASE}, Model: real, Clip skip: 2",
            '--prompt "a cat" --negative_prompt "dog" --steps 20 --cfg_scale 7 --seed 1 --sampler_name "Euler a" '
            "--width 512 --height 768",
        ),
        (
            "a cat\nSteps: 20, Sampler: DPM++ 2M, Schedule type: Karras, Seed: 1",
            '--prompt "a cat" --steps 20 --seed 1 --sampler_name "DPM++ 2M Karras"',
        ),
        (
            "a cat\nSteps: 20, Sampler: DPM++ 2M, Schedule type: Automatic, Seed: 1",
            '--prompt "a cat" --steps 20 --seed 1 --sampler_name "DPM++ 2M"',
        ),
        (
            'say "hi" \\ a\nb\nSteps: 1, Seed: 2, Size: 8x8',
            '--prompt "say \\"hi\\" \\\\ a b" --steps 1 --seed 2 --width 8 --height 8',
        ),
    ],
)
def test_lines(text: str, line: str) -> None:
    assert format_arguments(parse_infotext(text)) == line


def test_nothing_but_a_prompt() -> None:
    assert format_arguments(Meta.model_validate({"prompt": "a cat"})) == '--prompt "a cat"'


@settings(deadline=None, derandomize=True)
@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=40))
def test_the_script_gets_the_prompt_back(prompt: str) -> None:
    """It takes a line apart with shlex."""
    line = format_arguments(Meta.model_validate({"prompt": prompt, "seed": 1}))
    assert len(line.splitlines()) == 1
    words = shlex.split(line)
    assert (words[0], "".join(words[1].split())) == ("--prompt", "".join(prompt.split()))
