from __future__ import annotations

from typing import Any

import pytest

from extractor.extraction.options import Options
from extractor.extraction.stamp import make_stamp
from extractor.limits import Limits
from extractor.readers.beside import ForeignSidecar
from extractor.version import __version__

USUAL = {"hash": True, "raw": False, "foreignSidecars": True}


@pytest.mark.parametrize(
    ("options", "stamped"),
    [
        (Options(), USUAL),
        (Options(hash=False, raw=True, foreign_sidecars=False), {"hash": False, "raw": True, "foreignSidecars": False}),
        (Options(stealth=False), USUAL | {"stealth": False}),
        (Options(base_url="https://x.test"), USUAL | {"baseUrl": "https://x.test"}),
        (Options(limits=Limits()), USUAL),
        (Options(limits=Limits(pixels=5, chunks=6)), USUAL | {"limits": {"chunks": 6, "pixels": 5}}),
    ],
)
def test_options_that_change_a_record_are_in_its_stamp(options: Options, stamped: dict[str, Any]) -> None:
    assert make_stamp(7, None, options, []) == {"size": 7, "extractor": __version__, "options": stamped}


def test_files_beside_it_are_in_its_stamp() -> None:
    beside = [ForeignSidecar("d/a.txt", "txt", 3, 4), ForeignSidecar("d/a\udcff.json", "json", 5, 6)]
    stamp = make_stamp(7, 8, Options(), beside)
    assert (stamp["mtimeNs"], stamp["foreign"]) == (8, [["a.txt", 3, 4], ["a\ufffd.json", 5, 6]])
