"""A catalog and a record at hand give the same answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractor.catalog.matching import matches
from extractor.catalog.query import PARTS, QueryError, parse_query
from extractor.catalog.search import CatalogSearch
from extractor.catalog.writer import Catalog
from extractor.errors import CorruptImageError, OutputError
from extractor.scanning.scan import ScanResult
from tests.scanresults import found


def picture(name: str, created: str | None, width: int = 512, height: int = 768, **meta: Any) -> ScanResult:
    record = {"createdAt": created, "width": width, "height": height, "meta": meta or None, "hash": None}
    return found(f"/pics/{name}", **record)


PICTURES = (
    picture(
        "2024/owl.png",
        "2024-05-01T00:00:00.000Z",
        prompt="A barn owl, Best Quality, blue-eyes, (masterpiece:1.2)",
        negativePrompt="blurry dog 50%",
        seed=2**64 - 1,
        steps=20,
        cfgScale=7.5,
        sampler="DPM++ 2M",
        Model="Flux_Dev",
        resources=[{"type": "lora", "name": "Fine Hair", "weight": 0.5}, {"type": "vae", "name": "owlvae"}],
        **{"Schedule type": "SGM Uniform"},
    ),
    picture("2024/heron.png", "2024-05-31T23:59:59Z", 1024, 1024, prompt="猫 neko猫耳 hare café", seed=2**64, steps=25),
    picture("wip/Crane 7.png", "2023-01-01T00:00Z", prompt="quality best", seed=-1, cfgScale=7, sampler="Euler Karras"),
    picture("wip/none.png", None, 0, 0),
    picture("été/odd.png", "1969-12-31T00:00:00.000Z", prompt="", seed=0, steps="30", Model="SDXL", resources=["odd"]),
)  # fmt: skip

QUERIES: tuple[tuple[str, str], ...] = (
    ("", "heron owl crane odd none"),
    ("owl", "owl"),
    ("OWL barn", "owl"),
    ("ow", ""),
    ("ow*", "owl"),
    ("quality", "owl crane"),
    ('"best quality"', "owl"),
    ('"quality best"', "crane"),
    ('"best qual"*', "owl"),
    ("-owl", "heron crane odd none"),
    ("owl OR heron", "heron owl"),
    ("quality -owl OR heron", "crane"),
    ("dog", ""),
    ("negative:DOG", "owl"),
    ("negative:50%", "owl"),
    ("negative:%", "owl"),
    ("negative:_", ""),
    ('prompt:"(masterpiece:1.2)"', "owl"),
    ("prompt:HERON", ""),
    ("blue", "owl"),
    ("blue-eyes", "owl"),
    ("1.2", "owl"),
    ("hair", "owl"),
    ("flux", "owl"),
    ("owlvae", ""),
    ("crane", "crane"),
    ("7", "crane"),
    ("猫", "heron"),
    ("猫耳", "heron"),
    ("耳猫", ""),
    ("neko", "heron"),
    ("cafe", "heron"),
    ("CAFÉ", "heron"),
    ("model:flux", "owl"),
    ("model:d", "owl odd"),
    ("lora:hair", "owl"),
    ("lora:vae", ""),
    ("sampler:2m", "owl"),
    ("sampler:karras", "crane"),
    ("sampler:EULER", "crane"),
    ("scheduler:karras", "crane"),
    ("scheduler:sgm", "owl"),
    ('scheduler:"SGM Uniform"', "owl"),
    ("generator:a11", "heron owl crane odd none"),
    ("seed:18446744073709551615", "owl"),
    ("seed:18446744073709551616", "heron"),
    ("seed:>18446744073709551614", "heron owl"),
    ("seed:18446744073709551616..18446744073709551617", "heron"),
    ("seed:-1", "crane"),
    ("seed:<0", "crane"),
    ("seed:-5..0", "crane odd"),
    ("seed:<=0", "crane odd"),
    ("seed:>99999999999999999999999", ""),
    ("steps:20..25", "heron owl"),
    ("steps:30", "odd"),
    ("steps:>20", "heron odd"),
    ("cfg:7.5", "owl"),
    ("cfg:<7.5", "crane"),
    ("size:512x768", "owl crane odd"),
    ("size:1024", "heron"),
    ("size:>=768", "heron owl crane odd"),
    ("size:>512x768", "heron"),
    ("size:<99999999999", "heron owl crane odd none"),
    ("after:2024-05-01", "heron owl"),
    ("before:2024-05-01", "crane odd"),
    ("before:1970", "odd"),
    ("after:2024-05-31 before:2024-06", "heron"),
    ("path:2024/", "heron owl"),
    ("path:CRANE", "crane"),
    ("path:ÉTÉ", "odd"),
    ("with:metadata", "heron owl crane odd"),
    ("without:metadata", "none"),
    ("with:prompt", "heron owl crane"),
    ("with:seed without:steps", "crane"),
    ("with:scheduler", "owl crane"),
    ("with:lora", "owl"),
    ("with:warnings -with:ai", "heron owl crane odd none"),
)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("catalog") / "all.db"
    with closing(Catalog(path)) as writer:
        for result in PICTURES:
            writer.write(result)
        writer.write(ScanResult("/pics/bad.png", error=CorruptImageError("cut off")))
    yield path


def names(results: Iterator[ScanResult]) -> str:
    return " ".join(Path(result.path).stem.split()[0].lower() for result in results)


@pytest.mark.parametrize(("text", "expected"), QUERIES)
def test_a_catalog_answers_newest_first(catalog: Path, text: str, expected: str) -> None:
    with closing(CatalogSearch(catalog)) as search:
        assert names(search.results(parse_query(text))) == expected


@pytest.mark.parametrize(("text", "expected"), QUERIES)
def test_a_record_at_hand_gives_the_same_answer(text: str, expected: str) -> None:
    query = parse_query(text)
    assert set(names(iter([result for result in PICTURES if matches(query, result)])).split()) == set(expected.split())


def test_a_failure_meets_nothing() -> None:
    assert not matches(parse_query(""), ScanResult("a.png", error=CorruptImageError("x")))


KNOWN = st.characters(max_codepoint=0x17F) | st.sampled_from("猫耳カ한ß\u0301١Ωя—“”　")
"""SQLite knows the characters of Unicode 6.1; those that came later are no letters to it."""


@given(st.data())
@settings(
    deadline=None, derandomize=True, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_both_agree_on_any_query(catalog: Path, data: st.DataObject) -> None:
    words = st.sampled_from([text for text, _ in QUERIES if text and " " not in text])
    signs = st.sampled_from(["", "-", "OR "])
    parts = data.draw(st.lists(st.tuples(signs, words | st.text(KNOWN, max_size=6)), max_size=4))
    text = " ".join(sign + word for sign, word in parts)
    try:
        query = parse_query(text)
    except QueryError:
        return
    with closing(CatalogSearch(catalog)) as search:
        found = {result.path for result in search.results(query)}
    assert found == {result.path for result in PICTURES if matches(query, result)}


def test_the_answer_is_a_whole_record(catalog: Path) -> None:
    with closing(CatalogSearch(catalog)) as search:
        (result,) = search.results(parse_query("owl"))
    assert result.record is not None
    assert result.record == PICTURES[0].record
    assert result.path == "/pics/2024/owl.png"


def test_a_limit_takes_the_newest(catalog: Path) -> None:
    with closing(CatalogSearch(catalog)) as search:
        assert names(search.results(parse_query("quality"), 1)) == "owl"
        assert names(search.results(parse_query("quality"), 0)) == ""


def test_what_is_written_meanwhile_is_found(tmp_path: Path) -> None:
    path = tmp_path / "all.db"
    Catalog(path).close()
    with closing(CatalogSearch(path)) as search, closing(Catalog(path)) as writer:
        assert names(search.results(parse_query(""))) == ""
        writer.write(PICTURES[0])
        assert names(search.results(parse_query(""))) == ""  # not yet committed, and not locked out
        writer.prune([])
        assert names(search.results(parse_query("lora:hair model:flux owl"))) == "owl"
        writer.write(found("/pics/2024/owl.png", meta={"prompt": "an owl no more"}))
        writer.prune([])
        assert names(search.results(parse_query("lora:hair"))) == ""
        assert names(search.results(parse_query("more"))) == "owl"


def test_names_of_parts_are_bits() -> None:
    assert len(PARTS) == len(set(PARTS)) <= 32
    assert PARTS[:3] == ("metadata", "prompt", "negative")


@pytest.mark.parametrize("content", [b"", b"no catalog", b"SQLite format 3\0" + bytes(100)])
def test_what_is_no_catalog_is_an_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "all.db"
    path.write_bytes(content)
    with pytest.raises(OutputError):
        CatalogSearch(path)
    assert path.read_bytes() == content
    with pytest.raises(OutputError):
        CatalogSearch(tmp_path / "missing.db")
    assert not (tmp_path / "missing.db").exists()
