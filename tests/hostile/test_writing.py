"""Files made to break readers, written to: a result that holds the text, or one of our errors, in bounded time."""

from __future__ import annotations

import time

import pytest

from extractor import ExtractorError, copy_metadata, embed, extract, strip
from tests.hostile.case import Case
from tests.hostile.test_files import CASES, IDS
from tests.support import png, text_chunk
from tests.writers.pictures import ASCII, META

SECONDS = 20
"""Of processor time: ten times what the slowest takes."""


@pytest.mark.parametrize("case", CASES, ids=IDS)
@pytest.mark.filterwarnings("error")
def test_outcome(case: Case, capfd: pytest.CaptureFixture[str]) -> None:
    data = case.make()
    started = time.process_time()
    for write in (
        lambda: embed(data, ASCII, graphs="drop", c2pa="drop"),
        lambda: copy_metadata(png(text_chunk("parameters", ASCII)), data, c2pa="drop"),
    ):
        try:
            new = write().data
        except ExtractorError as error:
            assert str(error)
        else:
            assert new is not None
            assert extract(new, hash=False).meta == META["ascii"]
    try:
        report = strip(data)
    except ExtractorError as error:
        assert str(error)
    else:
        assert report.changed == (report.data != data)
    assert time.process_time() - started < SECONDS
    assert capfd.readouterr() == ("", "")
