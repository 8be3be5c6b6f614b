"""Makers of pictures by AI, and the names under which their products sign or mark what they make."""

from __future__ import annotations

import re
from typing import Final, NamedTuple


class Maker(NamedTuple):
    """A maker's products of one sort."""

    generator: str
    """Name in `Extraction.generator`."""
    words: tuple[str, ...]
    """Beginnings of the names of software agents and claim generators, case folded, blanks for ``_``."""
    only_ai: bool = True
    """Whether these products do nothing but generate, so that their name alone proves it."""
    tags: bool = False
    """Whether that holds for a tag too that anyone may write (EXIF ``Software``): no word of common use."""


MAKERS: Final = (
    Maker("openai", ("chatgpt", "dall-e", "dall·e"), tags=True),
    Maker("openai", ("openai", "gpt", "sora")),
    Maker("microsoft", ("bing image creator", "microsoft designer image", "azure openai"), tags=True),
    Maker("microsoft", ("microsoft", "bing", "azure", "copilot"), only_ai=False),
    Maker("adobe", ("adobe firefly",), tags=True),
    Maker("adobe", ("firefly",)),
    Maker("adobe", ("adobe", "photoshop", "lightroom"), only_ai=False),
    Maker("google", ("nano banana",), tags=True),
    Maker("google", ("imagen", "gemini", "veo")),
    Maker("google", ("google", "made with google ai"), only_ai=False),
    Maker("xai", ("grok", "xai", "x.ai"), tags=True),
    Maker("ideogram", ("ideogram",), tags=True),
    Maker("reve", ("reve.com", "reve.art", "reve image"), tags=True),
    Maker("reve", ("reve",)),
    Maker("black-forest-labs", ("black forest labs", "blackforestlabs", "bfl.ai", "flux.1", "flux.2"), tags=True),
    Maker("black-forest-labs", ("bfl", "flux")),
    Maker("stability-ai", ("stability ai", "stability.ai", "stabilityai", "dreamstudio", "stable image"), tags=True),
    Maker("stability-ai", ("stable diffusion",)),
    Maker("bytedance", ("doubao", "jimeng", "dreamina", "seedream", "seedance", "豆包", "即梦"), tags=True),
    Maker(
        "bytedance",
        ("bytedance", "byteplus", "volcengine", "capcut", "tiktok", "字节", "抖音", "北京字节", "剪映", "火山引擎"),
        only_ai=False,
    ),
    Maker("alibaba", ("qwen", "tongyi", "wanx", "通义", "千问"), tags=True),
    Maker("alibaba", ("alibaba", "aliyun", "阿里"), only_ai=False),
    Maker("kuaishou", ("kling", "kolors", "可灵", "可图"), tags=True),
    Maker("kuaishou", ("kuaishou", "快手"), only_ai=False),
    Maker("tencent", ("hunyuan", "yuanbao", "混元", "元宝"), tags=True),
    Maker("tencent", ("tencent", "腾讯"), only_ai=False),
    Maker("baidu", ("wenxin", "yige", "文心"), tags=True),
    Maker("baidu", ("baidu", "百度"), only_ai=False),
    Maker("minimax", ("minimax", "hailuo", "海螺"), tags=True),
    Maker("zhipu", ("zhipu", "cogview", "智谱"), tags=True),
    Maker("midjourney", ("midjourney",), tags=True),
    Maker("leonardo", ("leonardo.ai", "leonardo ai"), tags=True),
    Maker("recraft", ("recraft",), tags=True),
    Maker("amazon", ("amazon titan", "amazon nova", "titan image"), tags=True),
    Maker("amazon", ("amazon", "aws"), only_ai=False),
    Maker("meta", ("meta ai", "imagined with ai"), tags=True),
    Maker("canva", ("canva", "magic media"), only_ai=False),
    Maker("samsung", ("samsung", "galaxy ai", "photo assist"), only_ai=False),
)
"""The first whose word begins a name has it."""

_LONGEST: Final = 200


def _beginning(word: str) -> str:
    """A word of letters ends where they do: ``gpt`` begins ``gpt-image``, not ``gptools``. Chinese has no such ends."""
    return re.escape(word) + (r"(?![^\W\d_])" if word.isascii() else "")


_BEGINNINGS: Final = re.compile("|".join(f"({'|'.join(map(_beginning, maker.words))})" for maker in MAKERS))
"""One group for each maker."""


def maker_of(name: str) -> Maker | None:
    """The maker whose word stands at the beginning of a product's name."""
    match = _BEGINNINGS.match(name[:_LONGEST].replace("_", " ").strip().casefold())
    return None if match is None or match.lastindex is None else MAKERS[match.lastindex - 1]
