"""Views: which images, in which order, with which counts beside them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from extractor.catalog.query import parse_query
from extractor.catalog.writer import Catalog
from extractor.gallery.filters import FilterError, parse_filter
from extractor.gallery.source import Source
from extractor.gallery.views import Question, Views, terms
from extractor.scanning.scan import ScanResult
from tests.gallery.galleries import Client, make_catalog
from tests.scanresults import found


def test_the_whole_catalog_is_the_newest_first(client: Client) -> None:
    assert client.names() == ["a1.png", "a2.png", "b.png", "c.png", "plain.png"]


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"sort": "oldest"}, "plain.png c.png b.png a2.png a1.png"),
        ({"sort": "name"}, "a1.png a2.png b.png c.png plain.png"),
        ({"sort": "size"}, "c.png a1.png a2.png b.png plain.png"),
        ({"q": "castle"}, "a1.png a2.png"),
        ({"q": "cast"}, ""),
        ({"q": "cast", "prefix": "1"}, "a1.png a2.png"),
        ({"q": "red cast", "prefix": "1"}, "a1.png a2.png"),
        ({"q": "steps:28", "prefix": "1"}, "b.png"),
        ({"q": "-castle with:prompt"}, "b.png c.png"),
        ({"q": "castle", "stacks": "1"}, "a1.png"),
        ({"stacks": "1"}, "a1.png b.png c.png plain.png"),
        ({"f": "model:flux"}, "b.png c.png"),
        ({"f": ["model:flux", "model:dream"]}, "a1.png a2.png b.png c.png"),
        ({"f": ["model:flux", "sampler:UniPC"]}, "c.png"),
        ({"f": "-model:flux"}, "a1.png a2.png plain.png"),
        ({"f": "model:"}, "plain.png"),
        ({"f": ["-model:flux", "-model:"]}, "a1.png a2.png"),
        ({"f": "lora:stone"}, "a1.png a2.png"),
        ({"f": "lora:"}, "b.png c.png plain.png"),
        ({"f": "-lora:stone", "q": "with:prompt"}, "b.png c.png"),
        ({"f": "sampler:DPM++ 2M"}, "b.png"),
        ({"f": "scheduler:karras"}, "b.png"),
        ({"f": "size:48x64"}, "a1.png a2.png"),
        ({"f": "has:lora"}, "a1.png a2.png"),
        ({"f": "-has:metadata"}, "plain.png"),
        ({"f": "month:2023-11"}, "a1.png"),
        ({"f": "generator:a1111"}, "a1.png a2.png b.png c.png"),
        ({"f": "seed:3"}, "b.png c.png"),
        ({"f": "-seed:3", "q": "with:seed"}, "a1.png a2.png"),
        ({"f": "model:no such"}, ""),
        ({"f": "base:SDXL"}, ""),
    ],
)
def test_what_is_found(client: Client, asked: dict[str, Any], names: str) -> None:
    assert client.names(**asked) == names.split()


def test_filters_that_an_image_gives(client: Client) -> None:
    a1 = client.id("a1.png")
    same = client.get(f"image/{a1}")["same"]
    assert same["loras"] == {"count": 2, "filter": f"f=loras:{a1}"}
    assert same["seed"] == {"count": 1, "filter": "f=seed:1"}
    assert same["recipe"]["count"] == 2
    assert client.names(f=same["recipe"]["filter"][2:]) == ["a1.png", "a2.png"]
    assert client.names(f=f"loras:{a1}") == ["a1.png", "a2.png"]
    assert client.names(f=f"ids:{client.id('b.png')},{a1},999") == ["a1.png", "b.png"]


def test_what_the_page_is_told_of_a_view(client: Client) -> None:
    view = client.view(q="-cats", f=["model:flux", "-size:32x32"])
    facets = {facet["kind"]: facet for facet in view.pop("facets")}
    key = view.pop("key")
    assert len(key) == 20
    assert view == {
        "total": 1,
        "all": 5,
        "revision": client.gallery.snapshot.revision,
        "images": 1,
        "terms": [],
        "stacked": False,
        "histogram": [{"month": "2023-10", "count": 1, "first": 0}],
        "chips": [
            {"f": "model:flux", "label": "Model: flux", "out": False},
            {"f": "-size:32x32", "label": "Size: 32x32", "out": True},
        ],
    }
    # Without its own includes, so that a second one can be chosen.
    assert facets["model"] == {
        "kind": "model",
        "label": "Models",
        "distinct": 2,
        "values": [{"value": "dream", "count": 2, "state": ""}, {"value": "flux", "count": 1, "state": "in"}],
    }
    assert facets["size"]["values"] == [
        {"value": "64x48", "count": 1, "state": ""},
        {"value": "32x32", "count": 0, "state": "out"},
    ]
    assert list(facets) == ["model", "lora", "sampler", "scheduler", "size", "generator", "folder", "has"]


def test_months_tell_where_their_tiles_begin(client: Client) -> None:
    newest = client.view()["histogram"]
    assert [(month["month"], month["first"]) for month in newest] == [
        ("2023-08", 4), ("2023-09", 3), ("2023-10", 1), ("2023-11", 0)
    ]  # fmt: skip
    assert [month["first"] for month in client.view(sort="oldest")["histogram"]] == [0, 1, 2, 4]
    assert [month["first"] for month in client.view(stacks="1")["histogram"]] == [3, 2, 1, 0]
    assert {month["first"] for month in client.view(sort="name")["histogram"]} == {None}


def test_what_to_leave_out_where_nothing_is_found(client: Client) -> None:
    view = client.view(q="castle", f=["model:flux", "-seed:9"])
    assert (view["total"], view["drop"]) == (0, [{"f": "model:flux", "total": 2}, {"q": "castle", "total": 2}])
    assert "drop" not in client.view(q="castle")


def test_values_by_a_part_of_their_name(client: Client) -> None:
    assert client.get("facet", params={"kind": "model", "contains": "LU"}) == {
        "values": [{"value": "flux", "count": 2, "state": ""}]
    }
    found = client.get("facet", params={"kind": "sampler", "f": ["sampler:UniPC", "model:flux"]})["values"]
    assert found == [{"value": "DPM++ 2M", "count": 1, "state": ""}, {"value": "UniPC", "count": 1, "state": "in"}]
    assert client.get("facet", 400, params={"kind": "seed"})["error"]["message"] == "no facet: seed"


@pytest.mark.parametrize(
    ("asked", "message", "position"),
    [
        ({"q": "castle stepz:20"}, "unknown key stepz: (known are ", 7),
        ({"q": '"open'}, "this quote has no end", 0),
        ({"f": "nothing"}, "no filter: 'nothing'", None),
        ({"f": "elsewhere:x"}, "no filter: 'elsewhere:x'", None),
        ({"f": "seed:x"}, "seed: does not take such a value", None),
        ({"f": "recipe:../x"}, "recipe: does not take such a value", None),
        ({"f": "ids:1,-2"}, "ids: does not take such a value", None),
        ({"f": "model:" + "x" * 10_001}, "model: does not take such a value", None),
        ({"f": ["model:x"] * 201}, "more than 200 filters", None),
        ({"sort": "magic"}, "sort is one of newest, oldest, name, size", None),
    ],
)
def test_bad_questions(client: Client, asked: dict[str, Any], message: str, position: int | None) -> None:
    error = client.get("view", 400, params=asked)["error"]
    assert error["message"].startswith(message)
    assert error["position"] == position


def test_a_key_that_is_not_known(client: Client) -> None:
    for address in ("shape", "cells", "place?id=1"):
        message = client.get(f"view/0123456789/{address}", 410)["error"]["message"]
        assert message == "this view is no longer known; ask for it again"


@pytest.mark.parametrize(
    ("query", "marked"),
    [
        ("castle red", ["castle", "red"]),
        ('"red castle" OR light*', ["red castle", "light*"]),
        ("-castle prompt:ston negative:x model:flux", ["ston"]),
        ("", []),
    ],
)
def test_terms(query: str, marked: list[str]) -> None:
    assert terms(parse_query(query)) == marked


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("cast", "cast*"),
        ("red cast", "red cast*"),
        ("-cast", "-cast*"),
        ("cast*", "cast*"),
        ("red OR", "red OR"),
        ('"red cast', '"red cast"*'),
        ('a "b c" "', 'a "b c" '),
        ('a "b c" d', 'a "b c" d*'),
        ("model:fl", "model:fl"),
        ("red ", "red "),
        ("...", "..."),
        ("", ""),
    ],
)
def test_the_word_that_is_typed_is_a_prefix(typed: str, words: str) -> None:
    assert Question(typed, is_typed=True).words == words
    assert Question(typed).words == typed


def test_filters_read_back_as_they_are_written() -> None:
    for text in ("model:a:b", "-lora:-x", "size:1x2", "model:", "-recipe:ff", "folder:/a b/ü"):
        assert str(parse_filter(text)) == text
    with pytest.raises(FilterError):
        parse_filter("model")


# Many images, against plain Python

MODELS, LORAS, SAMPLERS = ("m1", "m2", "m3", None), ("l1", "l2", "l3"), ("Euler a", "UniPC", "DPM++ 2M Karras")


def many(count: int) -> Iterator[ScanResult]:
    chance = random.Random(7)
    for number in range(count):
        meta = {
            "prompt": chance.choice(("castle", "tower", "castle tower")),
            "Model": chance.choice(MODELS),
            "sampler": chance.choice(SAMPLERS),
            "seed": number,
            "resources": [{"type": "lora", "name": name} for name in LORAS if chance.random() < 0.4],
        }
        created = f"20{chance.randrange(20, 24)}-{chance.randrange(1, 13):02}-03T00:00:00.000Z"
        yield found(
            f"/pics/{chance.randrange(3)}/{number}.png",
            createdAt=created if chance.random() < 0.9 else None,
            width=chance.choice((512, 768)),
            height=512,
            meta={key: value for key, value in meta.items() if value is not None},
        )


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Source]:
    path = tmp_path_factory.mktemp("many") / "catalog.db"
    with closing(Catalog(path)) as catalog:
        for result in many(600):
            catalog.write(result)
    source = Source(str(path))
    yield source
    source.close()


FILTERS = (
    *("model:m1", "model:m2", "-model:m1", "model:", "lora:l1", "-lora:l2", "lora:", "sampler:UniPC", "size:512x512"),
    *("-size:768x512", "month:2021-05", "-month:2022-01", "has:lora", "-has:model", "folder:/pics/1"),
)


def facts(result: ScanResult) -> dict[str, set[str]]:
    assert result.record is not None
    meta = result.record.meta
    assert meta is not None
    loras = {resource.name for resource in meta.resources or () if resource.name}
    return {
        "model": {meta.model or ""},
        "lora": loras or {""},
        "sampler": {str(meta.sampler).removesuffix(" Karras")},
        "size": {f"{result.record.width}x{result.record.height}"},
        "month": {(result.record.created_at or "")[:7]},
        "has": {*({"lora"} if loras else ()), *({"model"} if meta.model else ())},
        "folder": {result.path.rpartition("/")[0]},
    }


def holds(known: dict[str, set[str]], filters: list[str], but: str = "") -> bool:
    kinds = {text.lstrip("-").partition(":")[0] for text in filters}
    for kind in kinds:
        included = {text.partition(":")[2] for text in filters if text.startswith(f"{kind}:")}
        excluded = {text.partition(":")[2] for text in filters if text.startswith(f"-{kind}:")}
        if (included and kind != but and not included & known[kind]) or excluded & known[kind]:
            return False
    return True


def test_any_filters_count_what_plain_python_counts(source: Source) -> None:
    everything = [(result, facts(result)) for result in many(600)]
    chance = random.Random(3)
    views = Views(source.snapshot)
    for _ in range(60):
        filters = chance.sample(FILTERS, chance.randrange(4))
        question = Question(filters=tuple(map(parse_filter, filters)), sort=chance.choice(("newest", "oldest", "size")))
        with source.connection() as connection:
            answer = views.view(question, connection).answer
        assert answer["total"] == sum(holds(known, filters) for _, known in everything), filters
        for facet in answer["facets"]:
            kind = facet["kind"]
            if kind in ("scheduler", "generator"):
                continue
            counts = Counter(
                value for _, known in everything if holds(known, filters, but=kind) for value in known[kind]
            )
            told = {value["value"]: value["count"] for value in facet["values"] if value["count"]}
            if kind == "has":
                told = {value: count for value, count in told.items() if value in ("lora", "model")}
            assert told == dict(counts), (kind, filters)
        months = Counter(month for _, known in everything if holds(known, filters) for month in known["month"] if month)
        assert {month["month"]: month["count"] for month in answer["histogram"]} == dict(months)


def test_where_months_begin_is_where_they_are(source: Source) -> None:
    views = Views(source.snapshot)
    months = {number: next(iter(facts(result)["month"])) for number, result in enumerate(many(600), 1)}
    for sort in ("newest", "oldest"):
        for is_stacked in (False, True):
            with source.connection() as connection:
                view = views.view(Question(sort=sort, is_stacked=is_stacked), connection)
            shown = [months[image] for image in view.ids.tolist()]
            for month in view.answer["histogram"]:
                if month["month"] in shown:
                    assert month["first"] == shown.index(month["month"])
            assert shown[-1] == ""  # those without a date at the end, either way


def test_old_views_are_forgotten_when_room_is_needed(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extractor.gallery.views._KEPT_BYTES", 20_000)
    views = Views(source.snapshot)
    with source.connection() as connection:
        keys = [views.view(Question(sort=sort), connection).key for sort in ("newest", "oldest", "size", "name")]
    assert views.get(keys[0]) is None
    assert views.get(keys[-1]) is not None


def test_views_of_two_runs_have_different_keys(folder: Path, tmp_path: Path) -> None:
    path = make_catalog(folder, tmp_path / "catalog.db")
    keys = set()
    for _ in range(2):
        with closing(Source(str(path))) as source, source.connection() as connection:
            keys.add(Views(source.snapshot).view(Question(), connection).key)
    assert len(keys) == 2


def test_a_view_of_before_stays_while_the_catalog_grows(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    with closing(Catalog(path)) as catalog:
        catalog.write(found("/pics/1.png", meta={"prompt": "castle"}))
    source = Source(str(path))
    views = Views(source.snapshot)
    with source.connection() as connection:
        before = views.view(Question(), connection)
    with closing(Catalog(path)) as catalog:
        catalog.write(found("/pics/2.png", meta={"prompt": "castle"}))
    snapshot = source.newer()
    assert snapshot is not None
    views.renew(snapshot)
    with source.connection() as connection:
        after = views.view(Question(text="castle"), connection)
    assert (before.answer["total"], after.answer["total"]) == (1, 2)
    assert after.answer["revision"] == before.answer["revision"] + 1
    assert views.get(before.key) is before
    assert source.newer() is None
    source.close()
