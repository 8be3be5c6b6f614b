from __future__ import annotations

import pickle

import pytest

from extractor.files.address import (
    Address,
    address_of,
    folder_and_name,
    is_prefix,
    member_address,
    name_of,
    parts_of,
    split_member,
)
from extractor.files.paths import absolute, archive_of, stored_path


@pytest.mark.parametrize(
    "text",
    ["s3://b/a.png", "https://h/a.png?x=1", "gs://b", "az://c/a", "memory://x", "zip://a.png::x.zip", "S3://B/a"],
)
def test_what_has_a_scheme_is_an_address(text: str) -> None:
    address = address_of(text)
    assert type(address) is Address
    assert address == text
    assert type(pickle.loads(pickle.dumps(address))) is Address


@pytest.mark.parametrize(
    "text",
    ["a.png", "/s3://b", "C://x", "file:///a.png", "local://x", "s3:/b/a.png", "s3:b", "://x", "", " s3://b", "é://b"],
)
def test_anything_else_is_none(text: str) -> None:
    assert address_of(text) is None


@pytest.mark.parametrize(
    ("address", "parts", "name", "prefix"),
    [
        ("s3://b/x/a b#?.png", ("s3", "s3://b", "x/a b#?.png"), "a b#?.png", False),
        ("s3://b/x/", ("s3", "s3://b", "x/"), "x", True),
        ("s3://b", ("s3", "s3://b", ""), "b", True),
        ("https://h:8/x/a%20b.png?sig=/1", ("https", "https://h:8", "x/a%20b.png?sig=/1"), "a b.png", False),
        ("https://h/x/", ("https", "https://h", "x/"), "x", False),
        ("https://h", ("https", "https://h", ""), "h", False),
    ],
)
def test_an_address_taken_apart(address: str, parts: tuple[str, str, str], name: str, prefix: bool) -> None:
    assert (tuple(parts_of(address)), name_of(address), is_prefix(address)) == (parts, name, prefix)


def test_the_address_of_a_member() -> None:
    address = member_address("zip", "x/a::b.png", "s3://b/x.zip")
    assert address == "zip://x/a::b.png::s3://b/x.zip"
    assert split_member(address) == ("zip", "x/a::b.png", "s3://b/x.zip")
    assert split_member("s3://b/a::b") is None
    assert split_member("zip://a.png") is None
    assert folder_and_name("zip://x/y/a.png::p/b.zip") == ("p/b.zip/x/y", "a.png")
    assert folder_and_name("tar://a.png::b.tar") == ("b.tar", "a.png")
    assert folder_and_name("s3://b/a.png") is None


def test_addresses_are_not_made_absolute_paths(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(str(tmp_path))
    assert stored_path(Address("s3://b/../a.png")) == "s3://b/../a.png"
    assert stored_path("s3://b/a.png") == f"{tmp_path}/s3:/b/a.png"  # a path, whatever it looks like
    assert absolute(Address("zip://a.png::p/../x.zip")) == f"zip://a.png::{tmp_path}/x.zip"
    assert absolute(Address("zip://a.png::s3://b/x.zip")) == "zip://a.png::s3://b/x.zip"
    assert archive_of("zip://a.png::/x.zip") == "/x.zip"
    assert archive_of("zip://a.png::s3://b/x.zip") is None
    assert archive_of("/a.png") is None
