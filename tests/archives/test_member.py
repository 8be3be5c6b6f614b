from __future__ import annotations

import os
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.archives.member import safe_relative


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("a.png", "a.png"),
        ("x/y/a b.png", "x/y/a b.png"),
        ("../../etc/a.png", "etc/a.png"),
        ("/abs/a.png", "abs/a.png"),
        ("..\\..\\a.png", "a.png"),
        ("C:\\x\\a.png", "C_/x/a.png"),
        ("./x/.././a.png", "x/a.png"),
        ("a\nb\x1b[31m.png", "a_b_[31m.png"),
        ("CON", "_CON"),
        ("x/nul.png", "x/_nul.png"),
        ("com1.tar.png", "_com1.tar.png"),
        ("console.png", "console.png"),
        ("a.", "a_"),
        ("x /a ", "x_/a_"),
        ("a:b?.png", "a_b_.png"),
        ("a\udcffb.png", "a_b.png"),
        ("", "_"),
        ("../..", "_"),
        ("日本/語.png", "日本/語.png"),
    ],
)
def test_names_that_are_safe_to_make_files_of(name: str, safe: str) -> None:
    assert safe_relative(name) == safe


def test_long_names_and_deep_ones() -> None:
    assert re.fullmatch(r"[0-9a-f]{32}\.png", safe_relative("x" * 300 + ".png"))
    assert safe_relative("x" * 300 + ".png") != safe_relative("x" * 301 + ".png")
    assert re.fullmatch(r"[0-9a-f]{32}/a\.png", safe_relative("d/" * 500 + "a.png"))


@given(st.text(alphabet=st.one_of(st.sampled_from("./\\: \0a"), st.characters()), max_size=60))
def test_whatever_the_name_it_stays_below(name: str) -> None:
    safe = safe_relative(name)
    joined = os.path.normpath(os.path.join("/out", safe))
    assert joined.startswith("/out/")
    assert joined == f"/out/{safe}"
    safe.encode()
