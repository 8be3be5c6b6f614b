"""Generation data that somebody pasted as text, without a file: `parse_infotext`, `parse_workflow`."""

from __future__ import annotations

from extractor.embedded import Carrier, Text
from extractor.errors import UnsupportedFormatError
from extractor.extraction.stack import with_room
from extractor.ledger import Ledger
from extractor.merging.merge import merge_findings
from extractor.parsers import comfyui
from extractor.parsers.bundle import Bundle
from extractor.parsers.infotext.a1111 import settings_finding
from extractor.parsers.infotext.split import split_infotext, split_unset
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
    return with_room(lambda: _parse(text))


def _parse(text: str) -> Meta:
    log = Ledger()
    source = Text("text", "infotext", "", clean_text(text), Carrier.CHUNK)
    infotext = split_infotext(source.value, log)
    if infotext is not None:
        finding = settings_finding(infotext, source, log)
    else:
        infotext = split_unset(source.value, log)
        finding = settings_finding(infotext, source, log)
        finding.prompt = infotext.prompt
    return Meta.model_validate(merge_findings([finding], log).meta or {})


def parse_workflow(text: str) -> Meta:
    """The generation data of a ComfyUI graph as JSON text.

    Either form is read: the graph as it was executed (API format), or as the editor saves it. The latter gives only
    what is certain: a value without a name is left out, and so is a seed that changes with each run.

    Raises:
        TypeError: `text` is no string.
        UnsupportedFormatError: It holds no graph of ComfyUI.
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be str, not {type(text).__name__}")
    log = Ledger()
    source = Text("text", "workflow", "", clean_text(text), Carrier.CHUNK)
    findings = comfyui.parse(Bundle.of([source], log))
    if not findings:
        raise UnsupportedFormatError("the text holds no ComfyUI graph")
    return Meta.model_validate(merge_findings(findings, log).meta or {})
