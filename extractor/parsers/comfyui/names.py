"""What the names of inputs say where no table of `keys` has the answer: by the words in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from extractor.parsers.comfyui import keys, textkeys
from extractor.parsers.comfyui.widgets import CORE

T = TypeVar("T")


class Answers(dict[str, T]):
    """What a question about names gives: for the usual names once and for all, for others each time it is asked.

    Nearly all names of a graph are usual: to look for no words in them saves 6 % of reading a file.
    """

    def __init__(self, answer: Callable[[str], T]) -> None:
        super().__init__({name: answer(name) for name in _USUAL})
        self._answer = answer

    def __missing__(self, name: str) -> T:
        return self._answer(name)


def _picture_rank(name: str) -> int | None:
    if name in keys.PICTURES:
        return keys.PICTURES[name]
    lower = name.lower()
    if keys.PICTURE_WORDS.search(lower) is not None and keys.NOT_PICTURE_WORDS.search(lower) is None:
        return keys.FIRST_OTHER_RANK
    return None


def _is_picture(name: str) -> bool:
    rank = _picture_rank(name)
    return rank is not None and rank <= keys.FIRST_OTHER_RANK


def _sides(name: str) -> tuple[int, ...]:
    lower = name.lower()
    if textkeys.SIDE_BEGINNINGS.search(lower) is None:
        return ()
    words = lower.replace(" ", "_").split("_")
    if words[-1] == "to" or not textkeys.NOT_SIDE_WORDS.isdisjoint(words):
        # The former names an encoder, such as the one the negative words are for.
        return ()
    return tuple(side for side, names in enumerate(textkeys.SIDES) if not names.isdisjoint(words))


def _is_conditioning(name: str) -> bool:
    lower = name.lower()
    return (
        keys.CONDITIONING.search(lower) is not None
        and "control" not in lower
        and textkeys.NOT_SIDE_WORDS.isdisjoint(lower.split("_"))
    )


_USUAL: Final = frozenset(
    (
        *keys.PICTURES,
        *(*keys.SETTINGS, *keys.DRIVERS, *keys.MODELS, *keys.CLIP_LINKS, *keys.VAE_LINKS, *keys.GUIDE_LINKS),
        *(*keys.CONDITIONING_LINKS, *keys.RESOURCE_LINKS, *keys.MODEL_NAMES, *keys.RESOURCE_NAMES),
        *(widget for widgets in CORE.values() for widget in widgets),
        *(*textkeys.CLIPS, *textkeys.ENCODER_WIDGETS, *textkeys.PROMPT_NAMES),
        *("negative", "noise", "sigmas", "lora_name", "strength_model", "strength_clip", "mask"),
    )
)

PICTURE_RANK: Final = Answers(_picture_rank)
"""The place of an input in the order in which pictures are followed; None when it brings none."""
IS_PICTURE: Final = Answers(_is_picture)
"""Whether an input brings pixels or a latent."""
SIDES: Final = Answers(_sides)
"""The places in `textkeys.SIDES` of the sides an input is named after."""
IS_CONDITIONING: Final = Answers(_is_conditioning)
"""Whether a link brings a conditioning."""
