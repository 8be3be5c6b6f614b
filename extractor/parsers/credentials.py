"""Content credentials: which generator a C2PA manifest or IPTC fields name. They hold no parameters."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from extractor.embedded import C2pa, Text

_AI_SOURCES: Final = frozenset(("trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia"))
"""IPTC digital source types that say that a model made the picture, or a part of it."""


_SOURCE_TYPE_KEY: Final = "digitalsourcetype"
_CREDIT_KEY: Final = "credit"


class _Vendor(NamedTuple):
    generator: str
    words: tuple[str, ...]
    """Beginnings of the names of software agents and claim generators, lower case, blanks for ``_``."""
    only_ai: bool
    """Whether the software does nothing but generate, so that its name alone proves it."""


_VENDORS: Final = (
    _Vendor("openai", ("chatgpt", "openai", "gpt", "dall-e", "dall·e", "sora"), True),
    _Vendor("adobe", ("adobe firefly", "firefly"), True),
    _Vendor("adobe", ("adobe", "photoshop", "lightroom"), False),
    _Vendor("google", ("imagen", "gemini", "nano banana", "veo"), True),
    _Vendor("google", ("google", "made with google ai"), False),
)

_PRODUCT: Final = re.compile(r"\S{1,100}/(\d[\w.+-]{0,40})")
"""``Adobe_Firefly/1.0``: the first product of a claim generator, which reads like a user agent."""


def c2pa_generator(c2pa: C2pa) -> tuple[str | None, str | None, bool]:
    """(generator, its version, whether the picture was made by AI) as the manifest says, unverified.

    ``unknown`` stands for AI of a maker that has no name here. A picture that no AI made has no generator,
    whatever edited it.
    """
    vendor, version = _vendor(c2pa)
    is_ai = not _AI_SOURCES.isdisjoint(c2pa.digital_source_types) or (vendor is not None and vendor.only_ai)
    if not is_ai:
        return None, None, False
    if vendor is None:
        return "unknown", None, True
    return vendor.generator, version, True


def credentials(c2pa: C2pa | None, texts: Iterable[Text]) -> tuple[str | None, str | None, bool]:
    """`c2pa_generator`, or what the IPTC fields of the XMP say where no manifest speaks of AI."""
    found = c2pa_generator(c2pa) if c2pa is not None else (None, None, False)
    return found if found[2] else _iptc_generator(texts)


def _iptc_generator(texts: Iterable[Text]) -> tuple[str | None, str | None, bool]:
    """By ``Iptc4xmpExt:DigitalSourceType``; ``photoshop:Credit`` names the maker (``Made with Google AI``)."""
    credits = []
    is_ai = False
    for text in texts:
        key = text.key.casefold()
        if key.endswith(_SOURCE_TYPE_KEY):
            is_ai = is_ai or text.value.strip().rpartition("/")[2] in _AI_SOURCES
        elif key.endswith(_CREDIT_KEY):
            credits.append(text.value)
    if not is_ai:
        return None, None, False
    vendor = next((vendor for value in credits if (vendor := _known(value)) is not None), None)
    return (vendor.generator if vendor is not None else "unknown"), None, True


def _vendor(c2pa: C2pa) -> tuple[_Vendor | None, str | None]:
    """The vendor of the first agent that one is known for, else that of the claim generator."""
    for name, version in c2pa.software_agents:
        vendor = _known(name)
        if vendor is not None:
            return vendor, version
    claim = c2pa.claim_generator or ""
    product = _PRODUCT.match(claim)
    return _known(claim), product[1] if product else None


def _known(name: str) -> _Vendor | None:
    text = name[:200].replace("_", " ").strip().casefold()
    return next((vendor for vendor in _VENDORS if any(_begins(text, word) for word in vendor.words)), None)


def _begins(text: str, word: str) -> bool:
    """Whether `word` stands at the beginning as a whole word: ``gpt`` begins ``gpt-image``."""
    return text.startswith(word) and not text[len(word) : len(word) + 1].isalpha()
