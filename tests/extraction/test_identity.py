from __future__ import annotations

import os
from pathlib import Path

import pytest

from extractor.extraction.identity import content_url, file_url, joined_url, record_id


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("file:///a/b.png", 5640945633610242),
        ("urn:sha256:00", 7074532452421223),
    ],
)
def test_ids_never_change(url: str, expected: int) -> None:
    assert record_id(url) == expected


def test_paths_become_absolute_uris(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert file_url("a b#.png") == f"file://{tmp_path}/a%20b%23.png"
    assert file_url(os.path.join("x", "..", "日.png")) == f"file://{tmp_path}/%E6%97%A5.png"


@pytest.mark.skipif(os.name == "nt", reason="names are bytes on POSIX only")
def test_names_that_are_not_text_keep_their_bytes() -> None:
    assert file_url(os.fsdecode(b"/x/\xff.png")) == "file:///x/%FF.png"


def test_symlinks_are_not_resolved(tmp_path: Path) -> None:
    (tmp_path / "link.png").symlink_to(tmp_path / "target.png")
    assert file_url(tmp_path / "link.png").endswith("/link.png")


def test_urls_without_a_local_path() -> None:
    assert joined_url("https://x.test/i/", "sub/a b.png") == "https://x.test/i/sub/a%20b.png"
    assert content_url("ab") == "urn:sha256:ab"
