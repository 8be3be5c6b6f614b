from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from extractor.rows.same import Likeness, SameGroup, find_same
from tests.support import INFOTEXT, png, text_chunk


def picture(seed: int, size: tuple[int, int] = (256, 256), form: str = "PNG", **options: object) -> bytes:
    image = Image.new("RGB", (256, 256), (40 * seed % 256, 90 * seed % 256, 200))
    draw = ImageDraw.Draw(image)
    for step in range(8):
        place = (37 * seed * step) % 200
        draw.ellipse((place, 20 * step, place + 60, 20 * step + 80), (step * 30, 250 - step * 30, place))
    stream = io.BytesIO()
    image.resize(size).save(stream, form, **options)
    return stream.getvalue()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(**files: bytes) -> None:
    for name, data in files.items():
        Path(name.replace("_", ".")).write_bytes(data)


def test_looks(folder: Path) -> None:
    put(
        a_png=picture(1),
        b_jpg=picture(1, form="JPEG", quality=50),
        c_png=picture(2),
        d_webp=picture(1, (128, 128), "WEBP"),
        e_png=picture(3),
        f_png=picture(2, (512, 512)),
    )
    assert find_same(".", "look") == [
        SameGroup(Likeness.LOOK, ["./a.png", "./b.jpg", "./d.webp"]),
        SameGroup(Likeness.LOOK, ["./c.png", "./f.png"]),
    ]
    assert find_same(".", Likeness.LOOK, threshold=1) == [
        SameGroup(Likeness.LOOK, [f"./{name}" for name in sorted(os.listdir("."))])
    ]


def test_bytes_are_read_only_where_sizes_agree(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from extractor.rows import same

    one, other = (png(text_chunk("parameters", INFOTEXT.replace("cat", word))) for word in ("cat", "cow"))
    put(a_png=one, b_png=other, c_png=one, d_png=one + b"x", e_txt=one[:0])
    read = []
    digest = same._digest
    monkeypatch.setattr(same, "_digest", lambda path: (read.append(path), digest(path))[1])
    assert find_same("."), read == (
        [SameGroup(Likeness.BYTES, ["./a.png", "./c.png"])],
        ["./a.png", "./b.png", "./c.png"],
    )


def test_groups_are_in_the_order_of_their_first_members(folder: Path) -> None:
    one, other = png(), png(text_chunk("a", "b"))
    put(a_png=other, b_png=one, c_png=one, d_png=other)
    assert [group.paths for group in find_same(["."])] == [["./a.png", "./d.png"], ["./b.png", "./c.png"]]


def test_recipes_need_generation_data(folder: Path) -> None:
    put(a_png=png(), b_png=png(text_chunk("a", "b")))
    assert find_same(".", "recipe") == []


def test_every_result_is_seen(folder: Path) -> None:
    put(a_png=png(), b_txt=b"x")
    seen = []
    find_same([".", "gone.png"], seen=seen.append)
    assert [(result.path, result.error is None) for result in seen] == [
        ("./a.png", True),
        ("./b.txt", True),
        ("gone.png", False),
    ]


@pytest.mark.parametrize("wrong", [{"by": "taste"}, {"threshold": 2}, {"threshold": -0.1}])
def test_wrong_arguments(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        find_same(".", **wrong)  # type: ignore[arg-type]
