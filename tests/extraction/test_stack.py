from __future__ import annotations

import itertools
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from extractor import ImageRecord, LimitExceededError, Limits, extract, format_infotext, parse_infotext, scan
from extractor.extraction import stack
from extractor.extraction.stack import NEEDED, with_room
from tests.extraction.records import without_place
from tests.support import INFOTEXT, png, text_chunk

T = TypeVar("T")
DEEPEST = Limits(json_depth=200, cbor_depth=200, box_depth=100, graph_depth=80)
DEPTHS = (0, 150, 250, 399, 783, 900, 940)


def from_depth(depth: int, work: Callable[[], T]) -> T:
    """What `work` gives when so many calls are open."""
    here, frame = 0, sys._getframe()
    while frame is not None:
        here, frame = here + 1, frame.f_back  # type: ignore[assignment]

    def down(left: int) -> T:
        return down(left - 1) if left > 0 else work()

    return down(depth - here)


def graph(**nodes: tuple[str, dict[str, Any]]) -> bytes:
    """A ComfyUI graph with a sampler whose positive input is the node `top`."""
    usual: dict[str, tuple[str, dict[str, Any]]] = {
        "model": ("CheckpointLoaderSimple", {"ckpt_name": "m.safetensors"}),
        "sampler": ("KSampler", {"seed": 1, "steps": 5, "cfg": 7, "model": ["model", 0], "positive": ["top", 0]}),
        "decode": ("VAEDecode", {"samples": ["sampler", 0]}),
        "save": ("SaveImage", {"images": ["decode", 0]}),
    }
    return png(
        text_chunk(
            "prompt",
            json.dumps(
                {name: {"class_type": kind, "inputs": inputs} for name, (kind, inputs) in (usual | nodes).items()}
            ),
        )
    )


def chain(kind: str, link: str, length: int = 120, **inputs: Any) -> bytes:
    """Nodes that each take their text, or what they are joined with, from the next."""
    names = ["top", *map(str, range(1, length)), "end"]
    nodes = {name: (kind, {link: [following, 0], **inputs}) for name, following in itertools.pairwise(names)}
    return graph(**nodes, end=("CLIPTextEncode", {"text": "a cat"}))


FILES = {
    "encoders": chain("CLIPTextEncode", "text"),
    "joined texts": chain("StringConcatenate", "string_a", string_b="x", delimiter=","),
    "joined conditionings": chain("ConditioningConcat", "conditioning_to", conditioning_from=["end", 0]),
    "combined conditionings": chain("ConditioningCombine", "conditioning_1", conditioning_2=["end", 0]),
    "JSON": png(text_chunk("Comment", '{"a":' * 190 + "1" + "}" * 190)),
    "JSON in an infotext": png(text_chunk("parameters", f"{INFOTEXT}, Hashes: " + '{"a":' * 190 + "1" + "}" * 190)),
}


@pytest.mark.parametrize("limits", [Limits(), DEEPEST], ids=["usual", "deepest"])
@pytest.mark.parametrize("name", FILES)
def test_a_deep_caller_gets_the_same_record(name: str, limits: Limits) -> None:
    data = FILES[name]

    def read() -> ImageRecord:
        return extract(data, hash=False, limits=limits, raw=True)

    expected = without_place(read())
    for depth in DEPTHS:
        assert without_place(from_depth(depth, read)) == expected


def test_pasted_texts_and_scans_too(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(FILES["encoders"])
    text = f"{INFOTEXT}, Hashes: " + '{"a":' * 90 + "1" + "}" * 90
    meta = parse_infotext(text)
    for depth in DEPTHS:
        assert from_depth(depth, lambda: parse_infotext(text)) == meta
        assert from_depth(depth, lambda: format_infotext(meta)) == format_infotext(meta)
        (result,) = from_depth(depth, lambda: list(scan([tmp_path], hash=False, workers=1)))
        assert result.record is not None


def test_most_callers_need_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack, "Thread", None)
    assert from_depth(150, lambda: with_room(lambda: "here")) == "here"


def test_errors_come_out_of_the_thread() -> None:
    def work() -> None:
        raise KeyError(threading.current_thread().daemon)

    with pytest.raises(KeyError, match="True"):
        from_depth(300, lambda: with_room(work))


def test_without_threads_it_is_tried_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    assert from_depth(300, lambda: with_room(lambda: 5)) == 5


def test_what_is_needed_is_enough(tmp_path: Path) -> None:
    """The files above in an interpreter that has no call to spare."""
    script = (
        "import sys\nfrom extractor import *\nfrom tests.extraction.test_stack import DEEPEST, FILES, NEEDED\n"
        "for data in FILES.values(): extract(data, hash=False, limits=DEEPEST)\n"
        "sys.setrecursionlimit(NEEDED + 1)\n"
        "for data in FILES.values(): extract(data, hash=False, limits=DEEPEST)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=Path(__file__).parents[2])


def test_an_interpreter_without_room_is_an_error_of_ours() -> None:
    script = (
        "import sys\nfrom extractor import *\nfrom tests.extraction.test_stack import DEEPEST, FILES\n"
        "extract(FILES['JSON'], hash=False)\nsys.setrecursionlimit(200)\n"
        "extract(FILES['joined texts'], hash=False, limits=DEEPEST)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], check=False, cwd=Path(__file__).parents[2], capture_output=True, text=True
    )
    assert "LimitExceededError: the interpreter is set to 200 nested calls" in ran.stderr
    assert issubclass(LimitExceededError, Exception) and NEEDED > 200
