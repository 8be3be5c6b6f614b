"""`parse_infotext`: generation data that somebody pasted as text, without a file."""

from __future__ import annotations

from extractor.embedded import Carrier, Text
from extractor.finding import Finding, Kind
from extractor.ledger import Ledger
from extractor.merging.merge import merge_findings
from extractor.parsers.infotext.a1111 import settings_finding
from extractor.parsers.infotext.split import split_infotext, split_prompts
from extractor.record import Meta
from extractor.text.jsontext import clean_text


def parse_infotext(text: str) -> Meta:
    """The generation data of an A1111 parameters text.

    A text without settings is a prompt, with a negative prompt if it has that marker at the start of a line.

    Raises:
        TypeError: `text` is no string.
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be str, not {type(text).__name__}")
    log = Ledger()
    source = Text("text", "infotext", "", clean_text(text), Carrier.CHUNK)
    infotext = split_infotext(source.value, log)
    if infotext is not None:
        finding = settings_finding(infotext, source, log)
    else:
        infotext = split_prompts(source.value)
        finding = Finding(generator="unknown", kind=Kind.INFOTEXT, text=source, prompt=infotext.prompt)
        finding.negative_prompt = infotext.negative_prompt
    return Meta.model_validate(merge_findings([finding], log).meta or {})
