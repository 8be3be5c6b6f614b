"""Infotexts: the settings become fields, and `Version` and `App` tell which tool of the family wrote them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from extractor.embedded import XMP_PACKET, Carrier, Text
from extractor.finding import SCHEMA_KEYS, Finding, Kind
from extractor.ledger import Ledger
from extractor.parsers.bundle import Bundle, Candidate
from extractor.parsers.infotext.keys import REPEATED_KEYS
from extractor.parsers.infotext.resources import TITLE_HASHES, name_and_hash, read_resources
from extractor.parsers.infotext.split import Infotext, split_infotext
from extractor.parsers.tools import civitai
from extractor.text.coerce import to_fraction, to_int, to_number
from extractor.vocabulary.air import civitai_resource, parse_air
from extractor.vocabulary.models import is_hash_word, is_no_name, strip_hash_prefix
from extractor.vocabulary.samplers import infotext_sampler, is_foreign_schedule

KEY_PREFIX: Final = "infotext:"
"""Before keys that the meta object has for something else (``infotext:resources``)."""
TAIL_KEY: Final = KEY_PREFIX + "tail"
"""Key of text around the settings that is none."""

TYPED_KEYS: Final = {
    "steps": "steps",
    "sampler": "sampler",
    "cfg scale": "cfg_scale",
    "seed": "seed",
    "size": "size",
    "model hash": "model_hash",
    "model": "model",
    "vae": "vae",
    "clip skip": "clip_skip",
    "clip-skip": "clip_skip",
}
"""Setting, case folded -> field of `Finding`."""

_NUMBERS: Final[dict[str, Callable[[object], int | float | None]]] = {
    "steps": to_int,
    "seed": to_int,
    "clip_skip": to_fraction,
    "cfg_scale": to_number,
}

_SCHEDULE_TYPE: Final = "Schedule type"
_UNET: Final = "unet"
"""Setting, case folded, that names the model where it has come apart into files."""
_NAMES: Final = frozenset(("sampler", "model", "vae"))

_VERSIONS: Final = (
    ("comfyui", r"ComfyUI()"),
    ("fooocus-mre", r"Fooocus-MRE\s?(.*)"),
    ("ruined-fooocus", r"RuinedFooocus\s?(.*)"),
    ("fooocus", r"Fooocus\s?(.*)"),
    ("forge-neo", r"((?i:neo)(?:[-.\s].*)?)"),
    ("forge-classic", r"((?i:classic)(?:[-.\s].*)?)"),
    ("reforge", r"(f1[.\d]*+v.*)"),
    ("easy-reforge", r"(f1[.\d]*+-v.*)"),
    ("forge", r"(f\d.*)"),
    ("stable-diffusion-cpp", r"stable-diffusion\.cpp\s?(.*)"),
    ("a1111", r"((?:v?\d+\.|<none>).*)"),
    ("sd-next", r"([0-9a-f]{7,8})"),
)
"""Generator and the whole `Version` it writes, whose one group is the generator's version."""
_VERSION: Final = re.compile("|".join(pattern for _, pattern in _VERSIONS))

_APPS: Final = {"sd.next": "sd-next"}
"""Setting ``App``, case folded -> generator."""


def parse(bundle: Bundle) -> list[Finding]:
    """A finding for every unclaimed text of the file that is an infotext."""
    findings = []
    for candidate in bundle.unclaimed():
        if _may_be_infotext(candidate):
            finding = infotext_finding(candidate.text, bundle.log)
            if finding is not None:
                candidate.claimed = True
                findings.append(finding)
    return civitai.mark_on_site(findings, bundle)


def _may_be_infotext(candidate: Candidate) -> bool:
    """JSON and XMP may hold an infotext, but are none: whoever knows their structure reads it."""
    if ":" not in candidate.value or (candidate.text.carrier is Carrier.XMP and candidate.text.key == XMP_PACKET):
        return False
    return not candidate.is_json()


def infotext_finding(text: Text, log: Ledger) -> Finding | None:
    """The fields of one text; None when it is no infotext."""
    infotext = split_infotext(text.value, log)
    return None if infotext is None else settings_finding(infotext, text, log)


def settings_finding(infotext: Infotext, text: Text, log: Ledger) -> Finding:
    """The fields of an infotext that was taken apart."""
    finding = Finding(generator="a1111", kind=Kind.INFOTEXT, text=text, negative_prompt=infotext.negative_prompt)
    folded = _read_settings(infotext.settings, finding, log)
    if infotext.tail:
        finding.other[TAIL_KEY] = infotext.tail
        log.add("text-after-settings", f"{text.source}: text around the settings is kept as {TAIL_KEY}")
    # Without a prompt and without steps nothing was generated (texts of the Extras tab).
    if infotext.prompt or finding.negative_prompt is not None or finding.steps is not None:
        finding.prompt = infotext.prompt
    if finding.model is None and not is_no_name(unet := folded.get(_UNET, "")):
        finding.model = unet
    _take_title(finding)
    _take_schedule(finding)
    finding.created_at = folded.get("created date")
    civitai.read_blocks(folded, finding, log)
    read_resources(folded, finding, log)
    finding.generator, finding.version = generator_of(folded)
    return finding


def _take_title(finding: Finding) -> None:
    """The name and the hash of a checkpoint's title (``a.safetensors [6ce0161689]``), which some savers write.

    Digits alone may be a date.
    """
    name, digest = name_and_hash(finding.model or "", "[]")
    if name is not None and digest is not None and len(digest) in TITLE_HASHES and not digest.isdecimal():
        finding.model = name
        finding.model_hash = finding.model_hash or digest


def _take_schedule(finding: Finding) -> None:
    """The other tool's scheduler that an infotext made from its data has as ``Schedule type``."""
    schedule = finding.other.get(_SCHEDULE_TYPE)
    if finding.sampler is None or finding.scheduler is not None or not isinstance(schedule, str):
        return
    if is_foreign_schedule(finding.sampler, schedule) and not is_no_name(schedule):
        finding.scheduler = schedule.lower()
        del finding.other[_SCHEDULE_TYPE]


def generator_of(folded: dict[str, str]) -> tuple[str, str | None]:
    """(generator, its version) from settings whose keys are case folded."""
    version = folded.get("version")
    app = _APPS.get(folded.get("app", "").casefold())
    if app is not None:
        return app, version
    if version is None:
        on_site = civitai.RESOURCES_KEY in folded or civitai.METADATA_KEY in folded
        return (civitai.GENERATOR if on_site else "a1111"), None
    match = _VERSION.fullmatch(version)
    if match is None or match.lastindex is None:
        return "unknown", version
    return _VERSIONS[match.lastindex - 1][0], match[match.lastindex].strip() or None


def reads_as_field(key: str, value: str) -> bool:
    """Whether another tool's key and value would be taken for a typed setting."""
    name = TYPED_KEYS.get(key.casefold())
    convert = _NUMBERS.get(name) if name is not None else None
    return name is not None and (convert is None or convert(value) is not None)


def _read_settings(settings: list[tuple[str, str]], finding: Finding, log: Ledger) -> dict[str, str]:
    """Fill the typed fields and `other`; returns all other settings under case-folded keys.

    Of a repeated key the first counts, but of those that repeat on purpose. Empty values are none.
    """
    folded: dict[str, str] = {}
    taken: set[str] = set()
    other = finding.other
    for key, value in settings:
        if not value or value.isspace():
            continue
        low = key.casefold()
        name = TYPED_KEYS.get(low)
        if name is None:
            kept = _kept(key)
            repeated = kept in other
            if repeated and low in REPEATED_KEYS:
                others = other[kept]
                other[kept] = [*others, value] if isinstance(others, list) else [others, value]
                continue
            if not repeated:
                other[kept] = value
                folded.setdefault(low, value)
        else:
            repeated = name in taken
            if not repeated:
                taken.add(name)
                if not _set_typed(finding, name, value):
                    other[_kept(key)] = value
                    _warn_bad(key, value, log)
        if repeated:
            log.add("repeated-key", f"{key}: only its first value counts")
    return folded


def _kept(key: str) -> str:
    """The key of a setting in the meta object."""
    return KEY_PREFIX + key if key in SCHEMA_KEYS or key.startswith(KEY_PREFIX) else key


def _warn_bad(key: str, value: str, log: Ledger) -> None:
    digits = value.strip().lstrip("+-")
    if digits.isdecimal():
        log.limit("integer_digits", f"{key}: an integer of {len(digits)} digits is kept as text")
    else:
        log.add("bad-value", f"{key}: {value[:100]} is kept as text")


def _set_typed(finding: Finding, name: str, value: str) -> bool:
    """Set a field; False when the value does not fit it."""
    convert = _NUMBERS.get(name)
    if convert is not None:
        number = convert(value)
        setattr(finding, name, number)
        return number is not None
    if name in _NAMES and is_no_name(value):
        return True
    if name == "sampler":
        finding.sampler, finding.scheduler = infotext_sampler(value)
    elif name == "model_hash":
        finding.model_hash = None if is_hash_word(value) else strip_hash_prefix(value) or None
    elif name == "model" and (air := parse_air(value)) is not None:
        finding.civitai_resources.append(civitai_resource(air))
        finding.other[KEY_PREFIX + "Model"] = value
    else:
        setattr(finding, name, value)
    return True
