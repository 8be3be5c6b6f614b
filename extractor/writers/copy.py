"""`copy_metadata`: the generation data of one image into another, whatever their containers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Final

from extractor.embedded import Text
from extractor.errors import DoesNotFitError, ExtractorError, WriteRefusedError
from extractor.extraction.given import Naming, Source, opened
from extractor.files.bytesource import ByteSource
from extractor.files.splice import Splice
from extractor.finding import SCHEMA_KEYS
from extractor.ledger import Ledger
from extractor.limits import DEFAULT_LIMITS, Limits
from extractor.readers.registry import read_embedded
from extractor.text.jsontext import JsonObject
from extractor.writers.contents import (
    TAG_NUMBERS,
    Contents,
    meta_of,
)
from extractor.writers.embed import Choice, apply_to_blocks, check_choices, settle_credentials
from extractor.writers.exif import LABELS, USER_COMMENT, ascii_value, comment_value, label_value
from extractor.writers.holdings import Changes
from extractor.writers.payload import Payload, payloads
from extractor.writers.png import text_chunk
from extractor.writers.report import WriteReport
from extractor.writers.target import Target, check_target, deliver, is_change
from extractor.writers.tiffedit import Value
from extractor.writers.xmp import make_packet

_RUNGS: Final[tuple[tuple[str, ...], ...]] = ((), ("workflow",), ("workflow", "prompt"))
"""What is left out, step by step, where not all fits."""


def copy_metadata(
    source: Source,
    image: Source,
    dest: Target | None = None,
    *,
    in_place: bool = False,
    drop_workflow: bool = False,
    c2pa: Choice | None = None,
    split_exif: bool = False,
    keep_times: bool = False,
    fsync: bool = True,
    dry_run: bool = False,
    limits: Limits | None = None,
) -> WriteReport:
    """Write the generation data of `source` into `image`, in the place of what that has; no pixel is touched.

    Texts are copied as they stand where the new container can hold them so that the same data is read back; otherwise
    the data is written as an infotext, and the report names what that could not say. Orientation, thumbnails, cameras
    and places of `source` are not copied.

    Args:
        source: Where the data is: any image or video that `extract` reads.
        image: The image to write to, as in `embed`.
        dest: As in `embed`.
        in_place: Replace the file at the path `image`, in one step.
        drop_workflow: Where not all fits, leave out the editor's workflow, then the graph itself.
        c2pa: As in `embed`, for the credentials of `image`. Those of `source` are never copied.
        split_exif: As in `embed`.
        keep_times: As in `embed`.
        fsync: As in `embed`.
        dry_run: Write nothing; the report says what would be written.
        limits: Bounds other than `Limits()`.

    Raises:
        WriteRefusedError: `source` has no generation data, or as in `embed`.
        ExtractorError, TypeError, ValueError: As in `embed`.
    """
    check_choices(c2pa=c2pa)
    bounds = limits or DEFAULT_LIMITS
    with ExitStack() as stack:
        with Naming(source):
            given = stack.enter_context(opened(source, bounds))
        stack.enter_context(Naming(image))
        file = stack.enter_context(opened(image, bounds))
        check_target(file.path, dest, in_place=in_place, dry_run=dry_run)
        texts = read_embedded(given.bytes, Ledger(bounds)).texts
        wanted = meta_of(texts, bounds)
        if not wanted:
            raise WriteRefusedError("there is no generation data to copy")
        contents = Contents(file.bytes, bounds)
        raw = _raw_chunks(given.bytes, bounds) if contents.editor.container == "png" else {}
        splice, report = _fitting(
            contents, texts, wanted, raw, c2pa, _RUNGS if drop_workflow else _RUNGS[:1], split_exif=split_exif
        )
        if dry_run:
            report.changed = is_change(splice, file.bytes)
        else:
            deliver(splice, file.bytes, file.path, dest, report, keep_times=keep_times, fsync=fsync)
    return report


def _raw_chunks(source: ByteSource, limits: Limits) -> dict[tuple[str, str], bytes]:
    """(keyword, text) -> the whole chunk, of a PNG: sound graphs are copied from one to another byte for byte."""
    from extractor.containers.kinds import HEAD, sniff
    from extractor.containers.png import make_chunk
    from extractor.writers.png import PngEditor

    if sniff(source.read_at(0, HEAD)) != "png":
        return {}
    holdings = PngEditor(source, Ledger(limits)).holdings
    chunks = {}
    for holding in holdings:
        start, end = holding.ranges[0]
        chunk = source.read_at(start, end - start)
        if holding.kind == "text" and chunk == make_chunk(chunk[4:8], chunk[8:-4]):
            chunks[holding.key, holding.value.strip("\0")] = chunk
    return chunks


def _fitting(
    contents: Contents,
    texts: list[Text],
    wanted: JsonObject,
    raw: dict[tuple[str, str], bytes],
    c2pa: Choice | None,
    rungs: Sequence[tuple[str, ...]],
    *,
    split_exif: bool,
) -> tuple[Splice, WriteReport]:
    """The first of the rungs that the container has room for."""
    failure: DoesNotFitError | None = None
    for left_out in rungs:
        changes, report = Changes(), WriteReport()
        settle_credentials(contents, changes, report, c2pa)
        _plan(contents, texts, wanted, raw, left_out, changes, report)
        try:
            splice = contents.editor.rewritten(changes, split_exif=split_exif)
            _check_readable(splice, contents)
            return splice, report
        except DoesNotFitError as error:
            failure = error
    raise failure if failure is not None else DoesNotFitError("nothing fits")


def _check_readable(splice: Splice, contents: Contents) -> None:
    """Raise `WriteRefusedError` when nothing would be found again: the file is too damaged."""
    try:
        found = meta_of(read_embedded(splice, Ledger(contents.limits)).texts, contents.limits)
    except ExtractorError as error:
        raise WriteRefusedError(f"the file is too damaged to be written to: {error}") from error
    if not found:
        raise WriteRefusedError("the file is too damaged to be written to: the data would not be read back")


def _plan(
    contents: Contents,
    texts: list[Text],
    wanted: JsonObject,
    raw: dict[tuple[str, str], bytes],
    left_out: tuple[str, ...],
    changes: Changes,
    report: WriteReport,
) -> None:
    limits, container = contents.limits, contents.editor.container
    has_exif = contents.editor.most_exif != 0
    gone = contents.generation()
    gone += [item for item in contents.located if item.text in contents.graphs and item not in gone]
    gone += [item for item in contents.located if item.tag == USER_COMMENT and item not in gone]
    left = [item for item in contents.located if item not in gone]
    taken = {item.tag for item in left}
    payload = _best(
        [_trimmed(option, left_out, taken, container, report) for option in payloads(texts, wanted, container, limits)],
        [item.text for item in left],
        wanted,
        contents,
        report,
        has_exif=has_exif,
    )
    _write(payload, container, raw, changes, report, has_exif=has_exif)
    values = _exif_values(payload, container) if has_exif else {}
    report.written += [f"{container}:exif:{name}" for name, tag in TAG_NUMBERS.items() if tag in values]
    apply_to_blocks(contents, gone, values, changes, report)
    if payload.xmp:
        changes.xmp = make_packet(payload.xmp)
        report.written.append(f"{container}:xmp")


def _trimmed(
    payload: Payload, left_out: tuple[str, ...], taken: set[int | None], container: str, report: WriteReport
) -> Payload:
    """Without graphs that are to be left out, or whose place a camera's name has."""
    graphs = {}
    for key, graph in payload.graphs.items():
        if key in left_out:
            _note(report, f"{key}: left out, since not all fits")
        elif container not in ("png", "gif") and LABELS[key] in taken:
            _note(report, f"{key}: the camera's name stands in its place")
        else:
            graphs[key] = graph
    return replace(payload, graphs=graphs)


def _note(report: WriteReport, words: str) -> None:
    if words not in report.lost:
        report.lost.append(words)


def _best(
    options: list[Payload],
    left: list[Text],
    wanted: JsonObject,
    contents: Contents,
    report: WriteReport,
    *,
    has_exif: bool,
) -> Payload:
    """The first option that reads back as the same data, else the one that misses least; what it misses is said."""
    best, missing = options[0], list(wanted)
    for option in options:
        read = meta_of([*option.texts(contents.editor.container, has_exif=has_exif), *left], contents.limits)
        misses = [key for key, value in wanted.items() if key in SCHEMA_KEYS and read.get(key) != value]
        misses += [key for key in wanted if key not in SCHEMA_KEYS and key not in read]
        if len(misses) < len(missing):
            best, missing = option, misses
        if not misses:
            break
    for key in missing:
        _note(report, f"{key}: not read back in the same way")
    return best


def _write(
    payload: Payload,
    container: str,
    raw: dict[tuple[str, str], bytes],
    changes: Changes,
    report: WriteReport,
    *,
    has_exif: bool,
) -> None:
    if container == "png":
        # Others than graphs are written in the form that every reader decodes alike, whatever the source has.
        chunks = [(key, text_chunk(key, text.strip("\0"))) for key, text in payload.chunks]
        for key, graph in payload.graphs.items():
            plain = graph.strip("\0")
            chunks.append((key, raw.get((key, plain)) or text_chunk(key, plain)))
        for key, chunk in chunks:
            changes.chunks.append(chunk)
            report.written.append(f"png:{chunk[4:8].decode()}:{key}")
    elif not has_exif:
        texts = [] if payload.comment is None else [payload.comment]
        texts += [f"{key}:{graph}" for key, graph in payload.graphs.items()]
        changes.texts += [("", text) for text in texts]
        report.written += [f"{container}:comment"] * len(texts)


def _exif_values(payload: Payload, container: str) -> dict[int, Value | None]:
    values: dict[int, Value | None] = {tag: ascii_value(text) for tag, text in sorted(payload.marks.items())}
    if container != "png":
        for key in sorted(payload.graphs, key=lambda key: LABELS[key]):
            values[LABELS[key]] = label_value(key, payload.graphs[key])
    if payload.comment is not None:
        values[USER_COMMENT] = comment_value(payload.comment)
    return values
