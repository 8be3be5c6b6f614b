from __future__ import annotations

import struct

import piexif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.containers.tiff import read_tags
from extractor.files.bytesource import BytesSource
from extractor.ledger import Ledger
from extractor.limits import DEFAULT_LIMITS, Limits
from extractor.writers.tiffedit import Changes, InvalidTiffError, Value, edit_tiff
from tests.readers.exifblocks import EXIF_POINTER, Entry, comment, text, tiff
from tests.writers.pictures import MAKER_NOTE, OLD, camera_exif

COMMENT = 0x9286
NEW = Value(7, b"UNICODE\0" + "new".encode("utf-16-be"))


def edit(block: bytes | None, ifd0: Changes | None = None, exif: Changes | None = None) -> bytes:
    return edit_tiff(block, ifd0 or {}, exif or {}, DEFAULT_LIMITS)


def tags(block: bytes) -> dict[int, bytes]:
    log = Ledger()
    found = {tag.number: tag.data for tag in read_tags(BytesSource(block), range(0x10000), log, "test")}
    assert log.items == []
    return found


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("exif", [None, [], [comment(b"ASCII\0\0\0old")], [text(0x9003, "2020:01:02 03:04:05")]])
def test_setting_a_comment(order: str, exif: list[Entry] | None) -> None:
    block = tiff([text(0x010F, "Canon"), (0x0112, 3, 1, struct.pack(order + "H", 6))], exif, order)
    new = edit(block, exif={COMMENT: NEW})
    before, after = tags(block), tags(new)
    assert after.pop(COMMENT) == NEW.data
    before.pop(COMMENT, None)
    assert {key: value for key, value in after.items() if key != EXIF_POINTER} == {
        key: value for key, value in before.items() if key != EXIF_POINTER
    }
    assert new[:4] == block[:4]
    assert b"old" not in new
    assert edit(new, exif={COMMENT: NEW}) == new


def test_a_block_of_its_own() -> None:
    new = edit(None, {0x010F: Value(2, b"workflow:{}\0")}, {COMMENT: NEW})
    assert tags(new) == {0x010F: b"workflow:{}\0", COMMENT: NEW.data}
    assert piexif.load(b"Exif\0\0" + new)["Exif"][COMMENT] == NEW.data
    assert new.index(b"workflow:") < new.index(b"UNICODE")
    assert new[new.index(b"workflow:") - 1] == 0


def test_taking_away_leaves_nothing() -> None:
    block = camera_exif()[6:]
    new = edit(block, exif={COMMENT: None})
    assert OLD[:10].encode("utf-16-be") not in new
    assert MAKER_NOTE in new
    assert COMMENT not in tags(new)
    assert edit(new, exif={COMMENT: None}) == new


def test_notes_keep_their_place() -> None:
    """Offsets in a MakerNote count from the beginning of the block."""
    block = camera_exif()[6:]
    assert edit(block, exif={COMMENT: NEW}).index(MAKER_NOTE) == block.index(MAKER_NOTE)


def test_thumbnails_stay() -> None:
    thumbnail = b"\xff\xd8 a thumbnail \xff\xd9"
    block = piexif.dump(
        {
            "0th": {piexif.ImageIFD.Make: b"Canon"},
            "Exif": {COMMENT: b"ASCII\0\0\0old text"},
            "GPS": {},
            "1st": {piexif.ImageIFD.Compression: 6},
            "thumbnail": None,
        }
    )[6:]
    # The first chained directory of piexif's own is only written with a thumbnail: append one by hand.
    at = len(block) + len(block) % 2
    chained = struct.pack(">HHHIIHHIII", 2, 0x0201, 4, 1, at + 30, 0x0202, 4, 1, len(thumbnail), 0)
    count = struct.unpack_from(">H", block, 8)[0]
    pointer = 10 + 12 * count
    data = bytearray(block.ljust(at, b"\0") + chained + thumbnail)
    struct.pack_into(">I", data, pointer, at)
    new = edit(bytes(data), exif={COMMENT: NEW})
    assert thumbnail in new
    assert new.index(thumbnail) == at + 30
    assert b"old text" not in new


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"II*\0",
        b"XX*\0\0\0\0\x08",
        b"II*\0\xff\xff\0\0",
        b"MM\0*\0\0\0\x08\xff\xff",
        b"II+\0\x08\0\0\0" + bytes(99),
    ],
)
def test_what_is_no_tiff(block: bytes) -> None:
    with pytest.raises(InvalidTiffError):
        edit(block, exif={COMMENT: NEW})


def test_a_directory_of_more_entries_than_are_read() -> None:
    block = tiff([text(number, "x") for number in range(0x9C00, 0x9C09)])
    with pytest.raises(InvalidTiffError):
        edit_tiff(block, {}, {COMMENT: NEW}, Limits(exif_entries=8))


def test_a_pointer_to_nowhere_is_replaced() -> None:
    block = tiff([text(0x010F, "Canon"), (EXIF_POINTER, 4, 1, b"\0\xff\xff\xff")])
    assert tags(edit(block, exif={COMMENT: NEW})) == {0x010F: b"Canon\0", COMMENT: NEW.data}


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_damage(data: st.DataObject) -> None:
    block = bytearray(camera_exif()[6:])
    for _ in range(data.draw(st.integers(0, 4))):
        block[data.draw(st.integers(0, len(block) - 1))] = data.draw(st.integers(0, 255))
    block = block[: data.draw(st.just(len(block)) | st.integers(0, len(block)))]
    try:
        new = edit(bytes(block), exif={COMMENT: NEW})
    except InvalidTiffError:
        return
    assert edit(new, exif={COMMENT: NEW})[:4] == bytes(block[:4])
    assert len(new) <= len(block) + 600


ENTRIES = st.lists(
    st.tuples(st.sampled_from([0x010E, 0x010F, 0x0131, 0x9C9C, 0xC000]), st.binary(min_size=1, max_size=30)),
    unique_by=lambda entry: entry[0],
)


@settings(max_examples=200, deadline=None)
@given(ENTRIES, ENTRIES, st.sampled_from(["<", ">"]), st.binary(max_size=60))
def test_all_other_tags_stay(
    first: list[tuple[int, bytes]], inner: list[tuple[int, bytes]], order: str, value: bytes
) -> None:
    block = tiff(
        [(tag, 7, len(data), data) for tag, data in sorted(first)],
        [(tag, 7, len(data), data) for tag, data in sorted(inner)] or None,
        order,
    )
    new = edit(block, {0x0131: Value(7, b"set" + value)}, {COMMENT: Value(7, value + b"!")})
    assert edit(new, {0x0131: Value(7, b"set" + value)}, {COMMENT: Value(7, value + b"!")}) == new
    kept = list(read_tags(BytesSource(new), range(0x10000), Ledger(), "test"))
    expected = [data for tag, data in sorted(first) if tag != 0x0131] + [data for _, data in sorted(inner)]
    assert sorted(tag.data for tag in kept) == sorted([*expected, b"set" + value, value + b"!"])
