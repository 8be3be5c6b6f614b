"""Files made to break readers: each has its recipe here, and what comes of it is written out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from extractor import ExtractorError, ImageRecord, LimitExceededError, extract
from tests.hostile import jpeg_files, other_files, png_files, text_files
from tests.hostile.case import Case, Found, Long, Refused
from tests.support import SHARED, needs_shared

CASES = (*png_files.CASES, *text_files.CASES, *jpeg_files.CASES, *other_files.CASES)
IDS = [case.name for case in CASES]


def codes(record: ImageRecord) -> list[str]:
    assert record.extraction is not None
    return sorted(warning.code for warning in record.extraction.warnings or ())


@pytest.mark.parametrize("case", CASES, ids=IDS)
@pytest.mark.filterwarnings("error")
def test_outcome(case: Case, capfd: pytest.CaptureFixture[str]) -> None:
    data = case.make()
    if isinstance(case.expected, Refused):
        for hashed in (True, False):
            with pytest.raises(case.expected.error) as caught:
                extract(data, hash=hashed, raw=True)
            assert type(caught.value) is case.expected.error
            assert str(caught.value)
    else:
        _check(case.expected, extract(data, raw=True), extract(data, hash=False, raw=True))
    assert capfd.readouterr() == ("", "")


def _check(expected: Found, hashed: ImageRecord, plain: ImageRecord) -> None:
    for record in (hashed, plain):
        assert (record.width, record.height) == expected.size
        assert (record.meta and record.meta.prompt) == expected.prompt
        assert record.extraction is not None
        found = record.extraction.raw or []
        assert [item.source for item in found] == [source for source, _ in expected.raw]
        for item, (_, text) in zip(found, expected.raw, strict=True):
            if isinstance(text, Long):
                assert (len(item.text), item.text[: len(text.begin)]) == text
            else:
                assert item.text == text
        assert ImageRecord.model_validate_json(record.model_dump_json(by_alias=True)) == record
    assert codes(plain) == sorted(expected.codes)
    assert codes(hashed) == sorted((*expected.codes, *([expected.no_hash] if expected.no_hash else [])))
    assert plain.hash is None
    assert (hashed.hash is None) == (expected.no_hash is not None)


@needs_shared
def test_another_makers_files(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The same tricks from another hand: a record or an error for each, and nothing printed."""
    maker = SHARED / "hostile" / "make_nasty.py"
    subprocess.run([sys.executable, str(maker), str(tmp_path)], check=True, stdout=subprocess.DEVNULL)
    rows = (tmp_path / "MANIFEST.tsv").read_text().splitlines()[1:]
    names = [row.split("\t")[0] for row in rows]
    assert sorted(names) == sorted(IDS)
    expected = {case.name: case.expected for case in CASES}
    capfd.readouterr()
    for name in names:
        try:
            record = extract(tmp_path / name, hash=False)
        except ExtractorError as error:
            assert isinstance(expected[name], Refused), name
            assert type(error) is expected[name].error, name
        else:
            found = expected[name]
            assert isinstance(found, Found), name
            assert (record.width, record.height) == found.size, name
            assert codes(record) == sorted(found.codes), name
            assert (record.meta and record.meta.prompt) == found.prompt, name
    assert capfd.readouterr() == ("", "")


def test_a_limit_that_leaves_nothing_is_the_error() -> None:
    with pytest.raises(LimitExceededError, match="junk_bytes = 1048576"):
        extract(b"\xff\xd8" + bytes(2 << 20))
