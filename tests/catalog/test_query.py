from __future__ import annotations

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.catalog.query import (
    LONGEST,
    MOST_TERMS,
    Contains,
    Either,
    Every,
    Has,
    Not,
    Query,
    QueryError,
    Span,
    Words,
    parse_query,
)
from extractor.errors import ExtractorError

DAY = 86_400_000


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", Every(())),
        ("  \t", Every(())),
        ("cat", Words("cat")),
        ("cat dog", Every((Words("cat"), Words("dog")))),
        ("cat*", Words("cat", is_prefix=True)),
        ("blue-eyes", Words("blue-eyes")),
        ("-cat", Not(Words("cat"))),
        ('"a cat" -"two dogs"', Every((Words("a cat"), Not(Words("two dogs"))))),
        ('"best qual"*', Words("best qual", is_prefix=True)),
        ('"model:x"', Words("model:x")),
        ("(masterpiece:1.2)", Words("(masterpiece:1.2)")),
        ("cat OR dog", Either((Words("cat"), Words("dog")))),
        ("a cat OR dog OR cow b", Every((Words("a"), Either((Words("cat"), Words("dog"), Words("cow"))), Words("b")))),
        ('"OR" or', Every((Words("OR"), Words("or")))),
        ("model:Flux", Contains("model", "Flux")),
        ('LORA:"fine hair"', Contains("lora", "fine hair")),
        ("-path:wip/ sampler:euler", Every((Not(Contains("path", "wip/")), Contains("sampler", "euler")))),
        ("seed:18446744073709551616", Span("seed", 2**64, 2**64)),
        ("seed:-1", Span("seed", -1, -1)),
        ("steps:20..30", Span("steps", 20, 30)),
        ("steps:..30", Span("steps", None, 30)),
        ("steps:20..", Span("steps", 20, None)),
        ("steps:>20", Span("steps", low=20, low_is_open=True)),
        ("cfg:>=6.5", Span("cfg", low=6.5)),
        ("cfg:<7", Span("cfg", high=7, high_is_open=True)),
        ("cfg:<=7", Span("cfg", high=7)),
        ("cfg:-1.5..-0.5", Span("cfg", -1.5, -0.5)),
        ("size:512x768", Every((Span("width", 512, 512), Span("height", 768, 768)))),
        ("size:1024", Either((Span("width", 1024, 1024), Span("height", 1024, 1024)))),
        ("size:>1024", Span("side", low=1024, low_is_open=True)),
        ("size:512..1024", Span("side", 512, 1024)),
        ("size:>=1024x1024", Span("pixels", low=1024 * 1024)),
        ("size:100X100..200x200", Span("pixels", 10_000, 40_000)),
        ("after:1970", Span("created", low=0)),
        ("before:1970-02", Span("created", high=31 * DAY, high_is_open=True)),
        ("after:1970-01-02", Span("created", low=DAY)),
        ("after:1970-01-02T01:00", Span("created", low=DAY + 3_600_000)),
        ("with:metadata without:LoRA", Every((Has("metadata"), Not(Has("lora"))))),
    ],
)
def test_what_a_query_means(text: str, query: Query) -> None:
    assert parse_query(text) == query


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("a colour:red", 2, r"unknown key colour: \(known are model, lora, .*; in quotes it is words\)"),
        ("https://example.org", 0, "unknown key https:"),
        ('cat "a dog', 4, "this quote has no end"),
        ("model:", 6, "model: lacks its value"),
        ("model: x", 6, "model: lacks its value"),
        ('model:""', 7, "model: lacks its value"),
        ("cat -", 5, "no letter or digit to look for"),
        ("cat ...", 4, "no letter or digit to look for"),
        ("*", 0, "no letter or digit to look for"),
        ("OR cat", 0, "OR stands between two conditions"),
        ("cat OR", 4, "OR stands between two conditions"),
        ("cat OR OR dog", 7, "OR stands between two conditions"),
        ("steps:many", 6, r"steps: takes a number, a comparison \(>20\) or a range \(20\.\.\), not this"),
        ("steps:1..2..3", 6, "steps: takes a number"),
        ("steps:..", 6, "steps: takes a number"),
        ("steps:>1..2", 6, "steps: takes a number"),
        ("steps:nan", 6, "steps: takes a number"),
        ("seed:1.5", 5, "a seed is a whole number"),
        ("size:bigx", 5, "size: takes a number"),
        ("size:>1x", 5, "size: takes a number"),
        ("before:yesterday", 7, "before: takes a date such as 2024, 2024-05 or 2024-05-31"),
        ("after:2024-02-30", 6, "after: takes a date"),
        ("with:everything", 5, "with: takes one of metadata, prompt, "),
    ],
)
def test_what_is_wrong_and_where(text: str, position: int, message: str) -> None:
    with pytest.raises(QueryError, match=message) as caught:
        parse_query(text)
    assert caught.value.position == position
    assert str(caught.value).endswith(f"(at character {position + 1})")
    assert isinstance(caught.value, ExtractorError)
    assert isinstance(caught.value, ValueError)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_queries_are_bounded() -> None:
    with pytest.raises(QueryError, match="longer than 10,000 characters"):
        parse_query("a" * (LONGEST + 1))
    assert parse_query("a " * MOST_TERMS) == Every((Words("a"),) * MOST_TERMS)
    with pytest.raises(QueryError, match="more than 200 conditions"):
        parse_query("a " * (MOST_TERMS + 1))


@given(st.text(st.sampled_from('ab-":*OR .><19x\t猫modelsz'), max_size=40) | st.text(max_size=40))
@settings(deadline=None, derandomize=True, max_examples=400)
def test_any_text_is_a_query_or_an_error_with_its_place(text: str) -> None:
    try:
        parse_query(text)
    except QueryError as error:
        assert 0 <= error.position <= len(text)
