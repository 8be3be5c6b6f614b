"""Reports and plots: one file, no script, any text as text."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.gallery.plots import Bar, bars, columns, shortened, xml_text
from extractor.gallery.report import Entry, report
from extractor.gallery.statistics import most_frequent
from tests.gallery.galleries import TOKEN, Client

HOSTILE = "</style><script>alert(1)</script>\"'><img src=x onerror=alert(2)>\0\x1b\ud800&amp;"
SVG = "{http://www.w3.org/2000/svg}"


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def parsed(text: str) -> Tags:
    tags = Tags()
    tags.feed(text)
    return tags


def entry(path: str = "/home/me/secret folder/x.png", thumb: bytes | None = b"RIFF", **meta: Any) -> Entry:
    return Entry(path, {"width": 512, "height": 768, "url": f"file://{path}", "meta": meta}, thumb)


def made(*entries: Entry, title: str = "Pictures", prompts: bool = True, paths: bool = False, more: int = 0) -> str:
    return "".join(report(title, entries, has_prompts=prompts, has_paths=paths, more=more))


def test_a_report() -> None:
    meta = {"prompt": "a castle", "negativePrompt": "bad", "seed": 2**64 - 1, "steps": 20, "cfgScale": 7}
    meta["Model"] = "dream"
    loras = [{"type": "lora", "name": "stone", "weight": 0.7}, {"type": "model", "name": "dream"}]
    text = made(entry(**meta, resources=loras), entry(thumb=None), more=98)
    tags = parsed(text)
    assert [attributes["src"] for tag, attributes in tags.tags if tag == "img"] == [
        "data:image/webp;base64," + base64.b64encode(b"RIFF").decode()
    ]
    said = [text.strip() for text in tags.texts if text.strip()]
    start = said.index("a castle")
    assert said[start : start + 14] == [
        "a castle", "Negative: bad", "Model", "dream", "Steps", "20", "CFG scale", "7", "Seed", "18446744073709551615",
        "Size", "512 x 768", "lora", "stone (0.7)",
    ]  # fmt: skip
    assert "no preview" in said
    assert any(line.startswith("2 pictures of 100, ") for line in said)


def test_nothing_runs_and_nothing_is_loaded() -> None:
    tags = parsed(made(entry(prompt="x")))
    names = {tag for tag, _ in tags.tags}
    assert not names & {"script", "link", "iframe", "object", "embed", "form", "a", "base"}
    policy = [attributes["content"] for _, attributes in tags.tags if attributes.get("http-equiv")]
    assert policy == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]
    assert not any(name.startswith("on") for _, attributes in tags.tags for name in attributes)


def test_any_text_is_text() -> None:
    text = made(
        entry(f"/x/{HOSTILE}", prompt=HOSTILE, negativePrompt=HOSTILE, Model=HOSTILE, sampler=HOSTILE,
              resources=[{"type": HOSTILE, "name": HOSTILE, "weight": HOSTILE}]),
        entry(Model="other", sampler="other"),
        title=HOSTILE,
        paths=True,
    )  # fmt: skip
    text.encode()
    tags = parsed(text)
    assert {tag for tag, _ in tags.tags} <= {
        "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "section", "div", "svg", "g", "rect",
        "text", "ol", "li", "img", "dl", "dt", "dd",
    }  # fmt: skip
    assert "alert(1)" in "".join(tags.texts)  # it is there, and only told


def test_paths_prompts_and_what_tools_add_are_told_only_when_asked_for() -> None:
    shown = entry(prompt="a secret castle", negativePrompt="secret", out="/home/me/secret", extra={"path": "/home/me"})
    assert "secret" not in made(shown, prompts=False)
    assert "/home" not in made(shown)
    assert "x.png" not in made(shown)
    assert "/home/me/secret folder/x.png" in made(shown, paths=True)


def test_a_report_has_500_pictures_at_most() -> None:
    assert made(*[entry() for _ in range(501)]).count("<li class") == 500


def test_a_report_of_a_view_and_of_a_selection(client: Client) -> None:
    asked = {"key": client.view(q="castle")["key"], "title": "Cästles/1", "prompts": True}
    answer = client.http.post(f"/{TOKEN}/report", json=asked)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-disposition"].endswith("; filename*=UTF-8''C%C3%A4stles-1.html")
    assert answer.text.count("data:image/webp") == 2
    assert "a red castle" in answer.text
    assert "a1.png" not in answer.text
    ids = [client.id("c.png"), client.id("b.png"), 4711]
    answer = client.http.post(f"/{TOKEN}/report", json={"ids": ids, "paths": True})
    assert re.findall(r"<dt>File</dt><dd>[^<]*/(\w+\.png)", answer.text) == ["c.png", "b.png"]
    assert "two cats" not in answer.text


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[]", 400),
        (b"{", 400),
        (b'{"ids": ["x"]}', 400),
        (b'{"ids": [-1]}', 400),
        (b'{"key": "no"}', 410),
        (b" " * 70_000, 413),
    ],
)
def test_bad_requests_for_a_report(client: Client, body: bytes, status: int) -> None:
    answer = client.http.post(f"/{TOKEN}/report", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status


def test_statistics(client: Client) -> None:
    answer = client.get("stats", params={"q": "with:prompt"})
    assert answer["total"] == 4
    sections = {section["kind"]: section for section in answer["sections"]}
    assert list(sections) == ["model", "lora", "sampler", "scheduler", "size", "generator", "month"]
    assert sections["model"]["rows"] == [
        {"value": "dream", "count": 2, "filter": "f=model:dream"},
        {"value": "flux", "count": 2, "filter": "f=model:flux"},
    ]
    assert [row["value"] for row in sections["month"]["rows"]] == ["2023-09", "2023-10", "2023-11"]
    for section in sections.values():
        root = ElementTree.fromstring(section["svg"])
        assert len(root.findall(f"{SVG}g")) == len(section["rows"])
        for row in section["rows"]:
            key, _, value = row["filter"].partition("=")
            assert client.view(q="with:prompt", **{key: value})["total"] == row["count"]


@given(st.lists(st.tuples(st.text(), st.integers(1, 10**9)), max_size=20))
def test_plots_are_xml_whatever_is_counted(rows: list[tuple[str, int]]) -> None:
    for draw in (bars, columns):
        root = ElementTree.fromstring(draw([Bar(*row) for row in rows], "\0<b>"))
        assert [group.get("data-row") for group in root.findall(f"{SVG}g")] == [str(n) for n in range(len(rows))]
        for part in root.iter():
            assert not any(name == "style" or name.startswith("on") for name in part.attrib)
            assert part.tag.removeprefix(SVG) in {"svg", "title", "g", "rect", "text"}


@given(st.text())
def test_any_text_can_stand_in_xml(text: str) -> None:
    root = ElementTree.fromstring(f'<a b="{xml_text(text)}">{xml_text(text)}</a>')
    clean = re.sub("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)
    assert (root.text or "") == clean.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("short", "short"),
        ("two\n lines", "two lines"),
        ("a_very_long_name_of_a_model_v2", "a_very_long_na…odel_v2"),
        ("猫" * 20, "猫" * 7 + "…" + "猫" * 3),
    ],
)
def test_long_names_keep_both_ends(text: str, short: str) -> None:
    assert shortened(text, 22) == short


def test_the_most_frequent() -> None:
    rows = [Bar("b", 1), Bar("A", 1), Bar("c", 3)]
    assert most_frequent(rows, 2) == [Bar("c", 3), Bar("A", 1)]


def test_the_style_is_part_of_the_package() -> None:
    import extractor.gallery

    assert (Path(extractor.gallery.__file__).parent / "report.css").is_file()
