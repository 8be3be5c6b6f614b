"""Midjourney: ``a cat --ar 2:3 --v 6 Job ID: uuid`` in the description."""

from __future__ import annotations

import re
from typing import Final

from extractor.embedded import Carrier
from extractor.finding import Finding, Kind
from extractor.parsers.bundle import Bundle, Candidate
from extractor.parsers.flatjson import Fields
from extractor.text.coerce import to_seed
from extractor.text.jsontext import JsonObject

_JOB_MARK: Final = "Job ID:"
_JOB: Final = re.compile(r"Job ID:\s*+([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$")
_TAIL: Final = 80
"""Characters at the end of the text in which the job stands."""
_FLAG: Final = re.compile(r"(?<!\S)(--[A-Za-z][A-Za-z-]*+)(?!\S)")
_VERSION_FLAGS: Final = ("--v", "--version", "--niji")
_AUTHOR_KEYS: Final = ("author", "dc:creator", "artist")


def parse(bundle: Bundle) -> list[Finding]:
    """Findings of texts that end in a job id; flags alone prove nothing."""
    findings = []
    for candidate in bundle.unclaimed():
        text = candidate.value.rstrip()
        if text.find(_JOB_MARK, -_TAIL) < 0:
            continue
        job = _JOB.search(text, max(0, len(text) - _TAIL))
        if job is not None:
            candidate.claimed = True
            findings.append(_finding(candidate, text[: job.start()], job[1], bundle))
    return findings


def _finding(candidate: Candidate, text: str, job: str, bundle: Bundle) -> Finding:
    prompt, *pieces = _FLAG.split(text, bundle.log.limits.settings)
    flags: JsonObject = {}
    for flag, value in zip(pieces[::2], pieces[1::2], strict=True):
        flags.setdefault(flag, value.strip() or True)
    fields = Fields(flags, "midjourney", bundle.log)
    finding = Finding(
        generator="midjourney",
        kind=Kind.STRUCTURED,
        text=candidate.text,
        version=next((str(flags[flag]) for flag in _VERSION_FLAGS if flag in flags), None),
        prompt=prompt.strip(),
        seed=fields.take(to_seed, "--seed"),
    )
    flags["Job ID"] = job
    author = next((found for key in _AUTHOR_KEYS if (found := bundle.first(key)) is not None), None)
    if author is not None and author.text.carrier is not Carrier.SIDECAR:
        flags["Author"] = author.value.strip()
    finding.other = fields.left()
    return finding
