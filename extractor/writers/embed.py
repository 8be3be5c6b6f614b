"""`embed`: generation data into an image file, so that the tools of the field read it; no pixel is touched."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, Literal, TypeAlias

from extractor.embedded import Carrier, Text
from extractor.errors import ContentCredentialsError, ExtractorError, OutrankedError, WriteRefusedError
from extractor.extraction.given import Naming, Source, opened
from extractor.files.splice import Splice
from extractor.finding import SCHEMA_KEYS
from extractor.ledger import Ledger
from extractor.limits import DEFAULT_LIMITS, Limits
from extractor.readers.registry import read_embedded
from extractor.record import ImageRecord, Meta
from extractor.text.jsontext import clean_text
from extractor.writers.contents import Contents, Located, is_outranking, is_stale, meta_of
from extractor.writers.exif import USER_COMMENT, comment_value, edited
from extractor.writers.holdings import Changes
from extractor.writers.payload import PARAMETERS
from extractor.writers.report import WriteReport
from extractor.writers.target import Target, check_target, deliver, is_change
from extractor.writers.tiffedit import Value

Choice: TypeAlias = Literal["drop", "keep"]
Dialect: TypeAlias = Literal["a1111", "civitai"]

CHOICES: Final = (None, "drop", "keep")


def embed(
    source: Source,
    meta_or_text: Meta | ImageRecord | str,
    dest: Target | None = None,
    *,
    in_place: bool = False,
    graphs: Choice | None = None,
    dialect: Dialect | None = None,
    c2pa: Choice | None = None,
    split_exif: bool = False,
    keep_times: bool = False,
    fsync: bool = True,
    dry_run: bool = False,
    limits: Limits | None = None,
) -> WriteReport:
    """Write generation data into an image, in the place of what the file has of it; its pixels are not touched.

    Args:
        source: A path, the file's bytes, or a binary file object.
        meta_or_text: An infotext, or the data to write as one.
        dest: A path or a binary file object for the new file. None: `in_place`, or for anything but a path the
            report's `data`.
        in_place: Replace the file at the path `source`, in one step.
        graphs: What becomes of ComfyUI graphs in the file. None keeps them, unless one would be believed over the
            new text.
        dialect: ``"civitai"`` writes `Meta` as Civitai's site reads it without loss.
        c2pa: Content credentials do not hold for a changed file: ``"drop"`` them or ``"keep"`` what then looks forged.
        split_exif: Let EXIF that is too long for one segment of a JPEG go on in others.
        keep_times: Leave the time of modification as it is.
        fsync: Wait until a written file is on the disk.
        dry_run: Write nothing; the report says what would be written.
        limits: Bounds other than `Limits()`.

    Raises:
        ContentCredentialsError: The file has content credentials and `c2pa` does not say what becomes of them.
        OutrankedError: A graph of the file would be believed over the text and `graphs` does not say what then.
        DoesNotFitError: The container has no room for the text.
        WriteRefusedError: The file cannot be replaced, or the text cannot be written.
        UnsupportedFormatError: No image, or of a kind that is not written to (TIFF, BMP, video, sequences).
        OutputError: The system could not write. What stood at the target before is unchanged.
        ExtractorError: The file cannot be read.
        TypeError, ValueError: An argument is of the wrong type or makes no sense.
    """
    meta = meta_or_text.meta if isinstance(meta_or_text, ImageRecord) else meta_or_text
    text = _text(meta, dialect)
    check_choices(graphs=graphs, c2pa=c2pa)
    with Naming(source), opened(source, limits or DEFAULT_LIMITS) as file:
        check_target(file.path, dest, in_place=in_place, dry_run=dry_run)
        contents = Contents(file.bytes, limits or DEFAULT_LIMITS)
        report = WriteReport()
        changes = Changes()
        settle_credentials(contents, changes, report, c2pa)
        left = _plan(contents, text, graphs, changes, report)
        if isinstance(meta, Meta):
            _note_additions(contents, meta, text, left, report)
        splice = contents.editor.rewritten(changes, split_exif=split_exif)
        check_readable(splice, text, contents)
        if dry_run:
            report.changed = is_change(splice, file.bytes)
        else:
            deliver(splice, file.bytes, file.path, dest, report, keep_times=keep_times, fsync=fsync)
    return report


def _text(meta: Meta | str | None, dialect: Dialect | None) -> str:
    if dialect not in (None, "a1111", "civitai"):
        raise ValueError(f"dialect must be 'a1111' or 'civitai', not {dialect!r}")
    if isinstance(meta, str):
        if "\0" in meta:
            raise WriteRefusedError("a text with a NUL cannot be written")
        return clean_text(meta)
    if not isinstance(meta, Meta):
        raise TypeError(f"meta_or_text must be Meta or str, not {type(meta).__name__}")
    if dialect == "civitai":
        from extractor.writers.civitai import format_civitai

        return format_civitai(meta)
    from extractor.writers.infotext import format_infotext

    return format_infotext(meta)


def check_readable(splice: Splice, text: str, contents: Contents) -> None:
    """Raise `WriteRefusedError` when a text is not found again in what would be written: the file is too damaged."""
    try:
        texts = read_embedded(splice, Ledger(contents.limits)).texts
    except ExtractorError as error:
        raise WriteRefusedError(f"the file is too damaged to be written to: {error}") from error
    if not any(found.value == text for found in texts):
        raise WriteRefusedError("the file is too damaged to be written to: the text would not be read back")


def check_choices(**choices: object) -> None:
    """Raise ValueError for a choice that is none."""
    for name, choice in choices.items():
        if choice not in CHOICES:
            raise ValueError(f"{name} must be 'drop' or 'keep', not {choice!r}")


def settle_credentials(contents: Contents, changes: Changes, report: WriteReport, choice: Choice | None) -> None:
    """Drop or keep content credentials. Raises `ContentCredentialsError` where nobody said which."""
    for index, holding in enumerate(contents.holdings):
        if holding.kind != "c2pa":
            continue
        if choice is None:
            raise ContentCredentialsError(
                "the file has content credentials, which do not hold once it is changed: drop them or keep them (c2pa)"
            )
        if choice == "drop":
            changes.drop.add(index)
            report.removed.append(holding.place)
        else:
            report.kept.append(holding.place)


def _plan(contents: Contents, text: str, graphs: Choice | None, changes: Changes, report: WriteReport) -> list[Text]:
    """Fill changes and report; the texts of the file that stay."""
    gone = contents.generation()
    # What the new text replaces goes even if nobody could read it, and the comment that A1111 believes more.
    gone += [item for item in contents.located if _is_replaced(item) and item not in gone]
    if graphs == "drop":
        gone += [item for item in contents.located if item.text in contents.graphs and item not in gone]
    left = [item.text for item in contents.located if item not in gone]
    if graphs is None and is_outranking(left, contents.limits):
        raise OutrankedError(
            "a graph in the file would be believed over the text: drop the graphs or keep them (graphs)"
        )
    report.kept += [item.text.source for item in contents.located if item.text in contents.graphs and item not in gone]
    put_infotext(contents, text, gone, changes, report)
    return left


def _note_additions(contents: Contents, meta: Meta, text: str, left: list[Text], report: WriteReport) -> None:
    """Say which fields the data has not and the new file has, since a graph that is kept says them."""
    if not any(kept in contents.graphs for kept in left):
        return
    given = meta.model_dump(by_alias=True, exclude_none=True)
    new = Text(contents.editor.container, "tEXt", PARAMETERS, text, Carrier.CHUNK)
    read = meta_of([new, *left], contents.limits)
    report.lost += [
        f"{key}: it is to be absent, but is read from a graph that is kept"
        for key in read
        if key in SCHEMA_KEYS and key not in given
    ]


def _is_replaced(item: Located) -> bool:
    return item.tag == USER_COMMENT or item.text.key.casefold() == PARAMETERS


def put_infotext(
    contents: Contents, text: str | None, gone: Collection[Located], changes: Changes, report: WriteReport
) -> None:
    """Take these texts away and put an infotext where readers look for it in this container."""
    container = contents.editor.container
    values: dict[int, Value | None] = {}
    if text is not None:
        if container == "png":
            changes.texts.append((PARAMETERS, text))
            report.written.append(f"png:{'tEXt' if text.isascii() else 'iTXt'}:{PARAMETERS}")
        elif contents.editor.most_exif == 0:
            changes.texts.append(("", text))
            report.written.append(f"{container}:comment")
        else:
            values[USER_COMMENT] = comment_value(text)
            report.written.append(f"{container}:exif:UserComment")
    apply_to_blocks(contents, gone, values, changes, report)


def apply_to_blocks(
    contents: Contents,
    gone: Collection[Located],
    values: dict[int, Value | None],
    changes: Changes,
    report: WriteReport,
) -> None:
    """Drop the holdings of the texts that go; of EXIF blocks only their tags, and set `values` in the first of them."""
    tags: dict[int, set[int]] = {}
    for item in gone:
        _note(report.removed, item.text)
        if item.tag is not None:
            tags.setdefault(item.holding, set()).add(item.tag)
        else:
            changes.drop.add(item.holding)
    blocks = [index for index, holding in enumerate(contents.holdings) if holding.kind == "exif"]
    home = next((index for index in blocks if contents.holdings[index].form == ""), None)
    for index in blocks:
        set_here = values if index == home else {}
        remove = tags.get(index, set())
        if index in changes.drop or not (set_here or remove):
            continue
        block = edited(contents.holdings[index].data, set_here, contents.limits, remove=remove)
        if block and is_stale(block, remove | set_here.keys(), set_here, contents.limits):
            block = None
        if block:
            changes.replace[index] = block
            continue
        if block is not None:
            changes.drop.add(index)
            continue
        changes.drop.add(index)
        report.lost.append(f"{contents.holdings[index].place}: it cannot be edited and is left out")
        if index == home:
            home = None
    if values and home is None:
        changes.exif = edited(None, values, contents.limits)
    elif values:
        _drop_further(contents, blocks, home, changes, report)


def _drop_further(
    contents: Contents, blocks: list[int], home: int | None, changes: Changes, report: WriteReport
) -> None:
    """Readers take the first EXIF block or the last: one remains."""
    for index in blocks:
        if index != home and not contents.holdings[index].form and index not in changes.drop:
            changes.drop.add(index)
            changes.replace.pop(index, None)
            report.removed.append(f"{contents.holdings[index].place} (a further block)")


def _note(places: list[str], text: Text) -> None:
    if text.source not in places:
        places.append(text.source)
