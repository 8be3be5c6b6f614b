from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.ledger import Ledger
from extractor.limits import Limits
from extractor.text.jsontext import JsonValue, load_json


def load(text: str, **limits: int) -> tuple[JsonValue, list[str]]:
    log = Ledger(Limits(**limits))
    return load_json(text, log, "here"), [warning.code for warning in log.items]


@pytest.mark.parametrize(
    ("text", "value", "codes"),
    [
        ('{"a": 1}', {"a": 1}, []),
        ('\ufeff {"a": 1}', {"a": 1}, []),
        ('{"a": 1}\0\0', {"a": 1}, []),
        ('{"a": 1} and more', {"a": 1}, []),
        ('{"a": "line\nend"}', {"a": "line\nend"}, []),
        ('{"a": NaN, "b": -Infinity, "c": 1e400}', {"a": None, "b": None, "c": None}, []),
        ('{"a": 1, "a": 2}', {"a": 2}, []),
        ('"\\ud800 x"', "\ufffd x", []),
        ('["\\ud83d\\ude00"]', ["😀"], []),
        (r'["\\ud83d\ude00"]', ["\\ud83d\N{REPLACEMENT CHARACTER}"], []),
        (r'["\\\ud83d\ude00", "\ud83d\ud83d\ude00"]', ["\\😀", "\N{REPLACEMENT CHARACTER}😀"], []),
        ('{"\\udc00": 1}', {"\ufffd": 1}, []),
        (f"[{'9' * 40}]", [int("9" * 40)], []),
        (f"[{'9' * 5000}]", ["9" * 5000], ["limit:integer_digits"]),
        (f"[-{'9' * 41}]", [f"-{'9' * 41}"], ["limit:integer_digits"]),
        ("", None, ["json-invalid"]),
        ('{"a": ', None, ["json-invalid"]),
        ("{'a': 1}", None, ["json-invalid"]),
    ],
)
def test_what_writers_write(text: str, value: JsonValue, codes: list[str]) -> None:
    assert load(text) == (value, codes)


@pytest.mark.parametrize(
    ("text", "limits", "codes"),
    [
        ("[" * 100 + "]" * 100, {}, []),
        ("[" * 101 + "]" * 101, {}, ["limit:json_depth"]),
        ('{"a":' * 200_000 + "1" + "}" * 200_000, {}, ["limit:json_depth"]),
        ("[" * 2_000_000, {}, ["limit:json_depth"]),
        ('["' + "[" * 5000 + '"]', {}, []),
        ('["' + '\\"[' * 5000 + '"]', {}, []),
        ('["\\\\", ' + "[" * 101 + "]" * 102, {}, ["limit:json_depth"]),
        ("[" + "[]," * 500 + "[]]", {"json_values": 1000}, ["limit:json_values"]),
        ("[" + "1," * 999 + "1]", {"json_values": 999}, ["limit:json_values"]),
        ('["' + "," * 5000 + '"]', {"json_values": 100}, []),
        ("[1,2,3]", {"json_bytes": 6}, ["limit:json_bytes"]),
    ],
)
def test_bounds(text: str, limits: dict[str, int], codes: list[str]) -> None:
    value, warnings = load(text, **limits)
    assert warnings == codes
    assert (value is None) == bool(codes)


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**39), 10**39)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(_JSON)
@settings(deadline=None, derandomize=True, max_examples=200)
def test_sound_json_is_read_as_the_standard_library_reads_it(value: JsonValue) -> None:
    for ascii_only in (True, False):
        text = json.dumps(value, ensure_ascii=ascii_only)
        assert load(text) == (json.loads(text), [])


@given(st.text(alphabet='[]{}",:\\ 019eE-.aNtrueud8\n', max_size=60))
@settings(deadline=None, derandomize=True, max_examples=500)
def test_any_text_gives_a_value_or_a_warning(text: str) -> None:
    value, codes = load(text)
    json.dumps(value, allow_nan=False).encode()
    if value is None and not codes:
        assert text.lstrip("\ufeff \t\r\n").startswith(("null", "NaN"))
