"""Marks of AI origin: content credentials, IPTC fields, China's label, and tags that only AI writes. No parameters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, TypeAlias

from extractor.embedded import C2pa, Carrier, Text
from extractor.ledger import Ledger
from extractor.text.coerce import to_text
from extractor.text.jsontext import JsonObject, JsonValue, load_object, looks_like_object
from extractor.vocabulary.makers import Maker, maker_of

_AI_SOURCES: Final = frozenset(
    ("trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia", "trainedAlgorithmicData")
)
"""Digital source types of IPTC and C2PA that say that a model made the picture, or a part of it."""

_SOURCE_TYPE_KEY: Final = "digitalsourcetype"
_CREDIT_KEY: Final = "credit"
_AI_SYSTEM_KEY: Final = "iptc4xmpext:aisystemused"
_AI_VERSION_KEY: Final = "iptc4xmpext:aisystemversionused"
_AI_KEYS: Final = frozenset((_AI_SYSTEM_KEY, "iptc4xmpext:aipromptinformation", "iptc4xmpext:aipromptwritername"))
"""Properties of IPTC 2025.1 that a picture has whose maker was an AI system."""
_IPTC_KEYS: Final = _AI_KEYS | {_AI_VERSION_KEY}

_LABEL_NAME: Final = "aigc"
"""Name of China's label (TC260): a text's key, the property in XMP, or the member of an object."""
_LABEL_MEMBERS: Final = (f'"{_LABEL_NAME.upper()}"', f'"{_LABEL_NAME}"')
_LABEL_DEPTH: Final = 4
_LABEL_LONGEST: Final = 64 * 1024
_IS_MADE: Final = "1"
"""Value of its member ``Label``: made by AI. 2 and 3 say that it may be."""
_PRODUCERS: Final = ("contentproducer", "contentpropagator")
_NAMESPACE: Final = re.compile(r"\{[^}]*+\}|[^/:{}]*+:")
"""What stands before a property's own name: ``TC260:`` or ``{uri}``."""

_TAG_KEYS: Final = frozenset(("software", "make", "xmp:creatortool", "creatortool"))
_GROK_KEYS: Final = ("imagedescription", "artist")
_KEYS: Final = _IPTC_KEYS.union(_TAG_KEYS, _GROK_KEYS)
_KEY_ENDINGS: Final = (_SOURCE_TYPE_KEY, _CREDIT_KEY)
"""With `_KEYS`, what the keys of marks are but for the label's."""
_SIGNATURE: Final = re.compile(r"Signature: ?[A-Za-z0-9+/=\s]{40,}+\Z")
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

_PRODUCT: Final = re.compile(r"\S{1,100}/(\d[\w.+-]{0,40})")
"""``Adobe_Firefly/1.0``: the first product of a claim generator, which reads like a user agent."""


class Mark(NamedTuple):
    """One mark that says that AI made the picture."""

    generator: str | None
    """The maker, if the mark names one that is known."""
    version: str | None = None


_Keyed: TypeAlias = Sequence[tuple[str, Text]]
"""Texts, each with its key case folded."""


def credentials(c2pa: C2pa | None, texts: Sequence[Text], log: Ledger) -> tuple[str | None, str | None, bool]:
    """(generator, its version, whether the picture was made by AI) as the marks of a file say, unverified.

    ``unknown`` stands for AI of a maker that has no name here. A picture that no AI made has no generator, whatever
    edited or signed it.
    """
    keyed = [(key, text) for text in texts if _may_mark(key := text.key.casefold(), text.value)]
    if c2pa is None and not keyed:  # as for most files: 3 % of reading their texts
        return None, None, False
    marks = [_c2pa_mark(c2pa) if c2pa is not None else None, _iptc_mark(keyed), _label_mark(keyed, log)]
    found = [mark for mark in (*marks, _tag_mark(keyed), _grok_mark(keyed)) if mark is not None]
    if not found:
        return None, None, False
    named = next((mark for mark in found if mark.generator is not None), Mark("unknown"))
    return named.generator, named.version, True


def _may_mark(key: str, value: str) -> bool:
    return key in _KEYS or key.endswith(_KEY_ENDINGS) or _LABEL_NAME in key or _has_member(value)


def _c2pa_mark(c2pa: C2pa) -> Mark | None:
    """A source type or an assertion of AI, or a product that makes nothing else: who signed alone says nothing."""
    maker, version = _signer(c2pa)
    proven = c2pa.ai_assertion or not _AI_SOURCES.isdisjoint(c2pa.digital_source_types)
    if not proven and not (maker is not None and maker.only_ai):
        return None
    return Mark(None) if maker is None else Mark(maker.generator, version)


def _signer(c2pa: C2pa) -> tuple[Maker | None, str | None]:
    """The maker of the first agent that one is known for, else that of the claim generator."""
    for name, version in c2pa.software_agents:
        maker = maker_of(name)
        if maker is not None:
            return maker, version
    claim = c2pa.claim_generator or ""
    product = _PRODUCT.match(claim)
    return maker_of(claim), product[1] if product else None


def _iptc_mark(keyed: _Keyed) -> Mark | None:
    """By the source type or the AI system; ``photoshop:Credit`` may name the maker (``Made with Google AI``)."""
    named: dict[str, str] = {}
    credits = []
    is_ai = False
    for key, text in keyed:
        if key.endswith(_SOURCE_TYPE_KEY):
            is_ai = is_ai or text.value.strip().rpartition("/")[2].rpartition(":")[2] in _AI_SOURCES
        elif key.endswith(_CREDIT_KEY):
            credits.append(text.value.strip())
        elif key in _IPTC_KEYS and (value := text.value.strip()):
            named.setdefault(key, value)
    if not is_ai and _AI_KEYS.isdisjoint(named):
        return None
    maker = _first_maker((named.get(_AI_SYSTEM_KEY, ""), *credits))
    return Mark(None) if maker is None else Mark(maker.generator, named.get(_AI_VERSION_KEY))


def _first_maker(names: Iterable[str]) -> Maker | None:
    return next((maker for name in names if (maker := maker_of(name)) is not None), None)


def _label_mark(keyed: _Keyed, log: Ledger) -> Mark | None:
    """``AIGC`` with Label 1, which China asks for: a text, a property of XMP or its fields, or an object's member."""
    fields: dict[str, JsonValue] = {}
    for key, text in keyed:
        if len(text.value) > _LABEL_LONGEST or not (_LABEL_NAME in key or _has_member(text.value)):
            continue
        path = _NAMESPACE.sub("", text.key).casefold()
        parent, _, name = path.rpartition("/")
        if parent == _LABEL_NAME:
            fields[name] = text.value
        mark = _made(_label_in(text, path == _LABEL_NAME, log))
        if mark is not None:
            return mark
    return _made(fields)


def _has_member(value: str) -> bool:
    """Whether a text may be an object with the label as a member."""
    if len(value) > _LABEL_LONGEST or not looks_like_object(value):
        return False
    upper, lower = _LABEL_MEMBERS
    return upper in value or lower in value


def _label_in(text: Text, named: bool, log: Ledger) -> JsonObject:
    """The label that a text is, if `named` so, or holds as a member; empty without one."""
    if not (named or _has_member(text.value)):
        return {}
    data: JsonValue = text.value
    for _ in range(_LABEL_DEPTH):
        if isinstance(data, str):
            data = load_object(data, log.aside(), text.source) if looks_like_object(data) else None
        if not isinstance(data, dict):
            return {}
        inner = next((value for name, value in data.items() if name.casefold() == _LABEL_NAME), None)
        if inner is None:
            return data
        data = inner
    return {}


def _made(label: JsonObject) -> Mark | None:
    folded = {key.casefold(): value for key, value in label.items()}
    if str(folded.get("label", "")).strip() != _IS_MADE:
        return None
    maker = _first_maker(to_text(folded.get(key)) or "" for key in _PRODUCERS)
    return Mark(None if maker is None else maker.generator)


def _tag_mark(keyed: _Keyed) -> Mark | None:
    """A tag for the software or the camera that names a product which makes nothing but pictures by AI."""
    for key, text in keyed:
        if key in _TAG_KEYS:
            maker = maker_of(text.value)
            if maker is not None and maker.tags:
                return Mark(maker.generator)
    return None


def _grok_mark(keyed: _Keyed) -> Mark | None:
    """Grok's pair of EXIF tags: a signature as the description, a UUID as the artist."""
    exif = {key: text.value.strip() for key, text in keyed if key in _GROK_KEYS and text.carrier is Carrier.EXIF}
    if len(exif) < len(_GROK_KEYS):
        return None
    description, artist = (exif[key] for key in _GROK_KEYS)
    signed = _SIGNATURE.match(description[:_LABEL_LONGEST])
    return Mark("xai") if signed and _UUID.fullmatch(artist) else None
