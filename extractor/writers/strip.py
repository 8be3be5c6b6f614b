"""`strip`: an image without the texts that tell how it was made; no pixel is touched."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final, Literal, TypeAlias, get_args

from extractor.embedded import Text
from extractor.extraction.given import Naming, Source, opened
from extractor.ledger import Ledger
from extractor.limits import DEFAULT_LIMITS, Limits
from extractor.readers.registry import read_embedded
from extractor.text.jsontext import load_object, looks_like_object
from extractor.writers.contents import Contents, Located, is_packet
from extractor.writers.embed import apply_to_blocks
from extractor.writers.exif import LABELS, MAKER_NOTE, TEXT_TAGS, orientation_only
from extractor.writers.holdings import Changes
from extractor.writers.report import WriteReport
from extractor.writers.target import Target, check_target, deliver, is_change
from extractor.writers.xmp import make_packet

Keepable: TypeAlias = Literal["parameters", "graphs", "texts", "exif", "xmp", "iptc", "c2pa"]
KEEPABLE: Final = get_args(Keepable)
"""What `strip` can be told to leave: generation data but for graphs, graphs, other texts, and whole blocks."""

_DIGITAL_SOURCE_TYPE: Final = "Iptc4xmpExt:DigitalSourceType"
_AIGC: Final = "AIGC"
_TRAILERS: Final = ("jpeg",)
"""Containers behind whose pictures cameras put films and other things of theirs."""


def strip(
    source: Source,
    dest: Target | None = None,
    *,
    in_place: bool = False,
    all: bool = False,
    keep: Iterable[Keepable] = (),
    reencode: bool = False,
    stealth: bool | None = None,
    keep_times: bool = False,
    fsync: bool = True,
    dry_run: bool = False,
    limits: Limits | None = None,
) -> WriteReport:
    """Take generation data, comments, XMP, IPTC and content credentials out of an image; its pixels are not touched.

    What a camera or a person put into EXIF stays, and so do orientation and colour profile, and the marks of AI origin
    that laws ask for (IPTC's DigitalSourceType, AIGC).

    Args:
        source: A path, the file's bytes, or a binary file object.
        dest: A path or a binary file object for the new file. None: `in_place`, or for anything but a path the
            report's `data`.
        in_place: Replace the file at the path `source`, in one step. A file without anything to take is left alone.
        all: Take the marks of AI origin too, all of EXIF but the orientation, and what stands behind a JPEG, which
            may be a camera's film.
        keep: What stays: ``parameters`` (generation data but for graphs), ``graphs``, ``texts`` (all others),
            ``exif``, ``xmp``, ``iptc``, ``c2pa``.
        reencode: Also clear data hidden in the lowest bits of the pixels, which changes those bits (PNG only).
        stealth: None looks for hidden data in the alpha channel, True in the colours too, False nowhere.
        keep_times: Leave the time of modification as it is.
        fsync: Wait until a written file is on the disk.
        dry_run: Write nothing; the report says what would be taken.
        limits: Bounds other than `Limits()`.

    Raises:
        WriteRefusedError: The file cannot be replaced or rewritten.
        UnsupportedFormatError: No image, or of a kind that is not written to (TIFF, BMP, video, sequences).
        OutputError: The system could not write. What stood at the target before is unchanged.
        ExtractorError: The file cannot be read.
        TypeError, ValueError: An argument is of the wrong type or makes no sense.
    """
    kept = frozenset(keep)
    unknown = kept - set(KEEPABLE)
    if isinstance(keep, str) or unknown:
        raise ValueError(f"keep is made of {', '.join(KEEPABLE)}, not {keep!r}")
    bounds = limits or DEFAULT_LIMITS
    with Naming(source), opened(source, bounds) as file:
        check_target(file.path, dest, in_place=in_place, dry_run=dry_run)
        contents = Contents(file.bytes, bounds)
        report, changes = WriteReport(), Changes()
        _plan(contents, kept, changes, report, all=all)
        if contents.editor.has_trailing:
            changes.cut_trailing = all or contents.editor.container not in _TRAILERS
            places = report.removed if changes.cut_trailing else report.kept
            places.append(f"{contents.editor.container}: bytes behind the picture")
        splice = contents.editor.rewritten(changes)
        if stealth is not False:
            from extractor.writers.hidden import clear_hidden

            clear_hidden(file.bytes, splice, report, bounds, colours=stealth is True, reencode=reencode)
        if dry_run:
            report.changed = is_change(splice, file.bytes)
        else:
            deliver(splice, file.bytes, file.path, dest, report, keep_times=keep_times, fsync=fsync)
    return report


def _plan(contents: Contents, keep: Collection[str], changes: Changes, report: WriteReport, *, all: bool) -> None:
    generation = {item.text for item in contents.generation()}
    marks: list[Text] = []
    gone: list[Located] = []
    for item in contents.located:
        kind = contents.holdings[item.holding].kind
        if kind in ("xmp", "iptc") or (kind == "exif" and item.tag is None):
            if _is_mark(item.text):
                marks.append(item.text)
            continue
        if _category(item, contents, generation) in keep or (not all and _is_mark(item.text)):
            report.kept.append(item.text.source)
        elif kind == "text" or (kind == "exif" and "exif" not in keep and _goes(item, contents, generation)):
            gone.append(item)
    for index, holding in enumerate(contents.holdings):
        if holding.kind in ("xmp", "iptc", "c2pa"):
            if holding.kind in keep:
                report.kept.append(holding.place)
            else:
                changes.drop.add(index)
                report.removed.append(holding.place)
    apply_to_blocks(contents, gone, {}, changes, report)
    if all and "exif" not in keep:
        _drop_exif(contents, changes, report)
    if marks and not all and "xmp" not in keep:
        packet = make_packet(marks)
        if packet is not None:
            changes.xmp = packet
            report.kept += sorted({f"{mark.source} (mark of AI origin)" for mark in marks})


def _category(item: Located, contents: Contents, generation: Collection[Text]) -> str:
    if item.text in contents.graphs:
        return "graphs"
    return "parameters" if item.text in generation else "texts"


def _goes(item: Located, contents: Contents, generation: Collection[Text]) -> bool:
    """Whether a tag is one of those that generators write, or holds what they write."""
    if item.text in generation or item.text in contents.graphs or item.tag in TEXT_TAGS:
        return True
    if item.tag in LABELS.values():
        return item.text.value.partition(":")[0] in LABELS or item.text.value.startswith("{")
    return item.tag == MAKER_NOTE


def _drop_exif(contents: Contents, changes: Changes, report: WriteReport) -> None:
    orientation = read_embedded(contents.source, Ledger(contents.limits)).orientation
    turned = contents.editor.container in ("png", "jpeg")
    for index, holding in enumerate(contents.holdings):
        if holding.kind == "exif":
            changes.replace.pop(index, None)
            changes.drop.add(index)
            if holding.place not in report.removed:
                report.removed.append(holding.place)
            if turned and changes.exif is None:
                changes.exif = orientation_only(orientation, contents.limits)


def _is_mark(text: Text) -> bool:
    """Whether a text is a mark of AI origin that laws ask for."""
    if is_packet(text):
        return False
    name = text.key.rpartition("/")[2].rpartition(":")[2].rpartition("}")[2]
    return text.key.endswith(_DIGITAL_SOURCE_TYPE) or name.upper() == _AIGC or _is_label(text.value)


def _is_label(value: str) -> bool:
    """Whether a text is an object that holds China's label and nothing else."""
    if not looks_like_object(value) or f'"{_AIGC}"' not in value.upper():
        return False
    members = load_object(value, Ledger(), "AIGC")
    return members is not None and [key.upper() for key in members] == [_AIGC]
