"""The A1111 text taken apart: every writer's form, broken forms, and hostile ones."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.ledger import Ledger
from extractor.limits import Limits
from extractor.parsers.infotext.settings import read_settings
from extractor.parsers.infotext.split import Infotext, split_infotext, split_prompts
from tests.growth import UNBOUNDED, assert_linear, filled


def split(text: str) -> Infotext | None:
    """The parts of a text that must give no warning."""
    log = Ledger()
    infotext = split_infotext(text, log)
    assert log.items == []
    return infotext


def parts(text: str) -> tuple[str, str | None, dict[str, str]]:
    """(prompt, negative prompt, settings) of a text with no key twice and nothing left over."""
    infotext = split(text)
    assert infotext is not None
    assert infotext.tail == ""
    assert len(dict(infotext.settings)) == len(infotext.settings)
    return infotext.prompt, infotext.negative_prompt, dict(infotext.settings)


def pairs(line: str) -> list[tuple[str, str]]:
    log = Ledger()
    found, stray, end = read_settings(line, log)
    assert (stray, end) == ([], len(line))
    assert log.items == []
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "a cat\nNegative prompt: dog\nSteps: 20, Seed: 1",
            ("a cat", "dog", {"Steps": "20", "Seed": "1"}),
            id="usual",
        ),
        pytest.param("a cat\nSteps: 20", ("a cat", None, {"Steps": "20"}), id="no negative prompt"),
        pytest.param("Steps: 20, Seed: 1", ("", None, {"Steps": "20", "Seed": "1"}), id="settings alone"),
        pytest.param("Negative prompt: dog\nSteps: 20", ("", "dog", {"Steps": "20"}), id="no prompt"),
        pytest.param("a\nNegative prompt: \nSteps: 20", ("a", "", {"Steps": "20"}), id="empty negative prompt"),
        pytest.param("a\nNegative prompt:\nSteps: 20", ("a", "", {"Steps": "20"}), id="marker without its blank"),
        pytest.param(
            "a,\n\n b \nNegative prompt: c,\n\nd\n\nSteps: 20",
            ("a,\n\n b", "c,\n\nd", {"Steps": "20"}),
            id="inner line ends stay",
        ),
        pytest.param(
            "a, \r\nb\r\nNegative prompt: c\r\nd\r\nSteps: 20, Seed: 1\r\n",
            ("a, \r\nb", "c\r\nd", {"Steps": "20", "Seed": "1"}),
            id="CRLF",
        ),
        pytest.param(
            "Steps: 5 of stairs, Seed: 999, Model: of a house\nNegative prompt: no\nSteps: 20, Seed: 1",
            ("Steps: 5 of stairs, Seed: 999, Model: of a house", "no", {"Steps": "20", "Seed": "1"}),
            id="prompt that looks like settings",
        ),
        pytest.param(
            'a sign "Negative prompt: none", Steps: 3\nNegative prompt: dog\nSteps: 20',
            ('a sign "Negative prompt: none", Steps: 3', "dog", {"Steps": "20"}),
            id="prompt with every word in a line",
        ),
        pytest.param(
            "a\nNegative prompt: b\nSteps: 7 Sampler: c, Seed: d, Model: e\nSteps: 20",
            ("a", "b\nSteps: 7 Sampler: c, Seed: d, Model: e", {"Steps": "20"}),
            id="negative prompt that looks like settings",
        ),
        pytest.param(
            "a\nSampler: Euler, Seed: 1, Size: 1x1",
            ("a", None, {"Sampler": "Euler", "Seed": "1", "Size": "1x1"}),
            id="three known keys, no steps",
        ),
        pytest.param(
            "a\nTool: x, Steps: 20, Seed: 1, Size: 1x1",
            ("a", None, {"Tool": "x", "Steps": "20", "Seed": "1", "Size": "1x1"}),
            id="unknown key first",
        ),
        pytest.param(
            "a\nsteps: 20, CFG SCALE: 7", ("a", None, {"steps": "20", "CFG SCALE": "7"}), id="keys in another case"
        ),
        pytest.param(
            "a\nSteps:20,Seed:1,Size:1x1,Hashes:{}",
            ("a", None, {"Steps": "20", "Seed": "1", "Size": "1x1", "Hashes": "{}"}),
            id="no blanks",
        ),
    ],
)
def test_prompts_and_settings(text: str, expected: tuple[str, str | None, dict[str, str]]) -> None:
    assert parts(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "prompt text.Negative prompt: x.Steps: 24, Sampler: Euler, Seed: 1",
            ("prompt text", "x", {"Steps": "24", "Sampler": "Euler", "Seed": "1"}),
            id="full stops",
        ),
        pytest.param(
            "1girl, style: flat, Negative prompt: x, y, Steps: 24, Sampler: Euler, Seed: 1",
            ("1girl, style: flat,", "x, y,", {"Steps": "24", "Sampler": "Euler", "Seed": "1"}),
            id="commas",
        ),
        pytest.param(
            "photo: a girl. Steps: 24, Sampler: Euler, Seed: 1",
            ("photo: a girl.", None, {"Steps": "24", "Sampler": "Euler", "Seed": "1"}),
            id="prompt like a pair",
        ),
        pytest.param(
            "1girl ., Steps: 24, Sampler: Euler, Seed: 1",
            ("1girl .,", None, {"Steps": "24", "Sampler": "Euler", "Seed": "1"}),
            id="no negative prompt",
        ),
        pytest.param(
            "a, " * 100 + "b. Steps: 24, Sampler: Euler, Seed: 1",
            ("a, " * 100 + "b.", None, {"Steps": "24", "Sampler": "Euler", "Seed": "1"}),
            id="long prompt",
        ),
        pytest.param(
            "a,\nNegative prompt: x. Steps: 24, Sampler: Euler, Seed: 1",
            ("a,", "x.", {"Steps": "24", "Sampler": "Euler", "Seed": "1"}),
            id="one line end left",
        ),
    ],
)
def test_jammed_text(text: str, expected: tuple[str, str | None, dict[str, str]]) -> None:
    assert parts(text) == expected


S = "Steps: 20, Sampler: Euler, CFG scale: 7, Seed: 1"
READ = {"Steps": "20", "Sampler": "Euler", "CFG scale": "7", "Seed": "1"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            f'p\nNegative prompt: n\n{S}, Model: q, ADetailer prompt: "a,\n<lora:x:1>", Denoising strength: 0.3, '
            "Clip skip: 2, Size: 8x8, Version: v1.5.1",
            (
                "p",
                "n",
                READ
                | {"Model": "q", "ADetailer prompt": "a,\n<lora:x:1>", "Denoising strength": "0.3", "Clip skip": "2"}
                | {"Size": "8x8", "Version": "v1.5.1"},
            ),
            id="the line behind the quote looks like settings",
        ),
        pytest.param(
            f'p\n{S}, Wildcard prompt: "a\nb", Clip skip: 2',
            ("p", None, READ | {"Wildcard prompt": "a\nb", "Clip skip": "2"}),
            id="the line behind the quote does not",
        ),
        pytest.param(
            f'p\n{S}, Wildcard prompt: "a\n\nb, c: d\ne", Clip skip: 2\nTemplate: foo',
            ("p", None, READ | {"Wildcard prompt": "a\n\nb, c: d\ne", "Clip skip": "2", "Template": "foo"}),
            id="several line ends, and a template behind",
        ),
        pytest.param(
            f'p\r\n{S}, A prompt: "a,\r\nb", B prompt: "c,\r\nd", Clip skip: 2\r\n',
            ("p", None, READ | {"A prompt": "a,\r\nb", "B prompt": "c,\r\nd", "Clip skip": "2"}),
            id="two quotes, CRLF",
        ),
        pytest.param(
            f"p\nNegative prompt: n\n{S}, Model: q, ADetailer prompt: a\nb, Denoising strength: 0.3, Size: 8x8, "
            "Version: v1.5.1",
            (
                "p",
                "n",
                READ
                | {"Model": "q", "ADetailer prompt": "a\nb", "Denoising strength": "0.3"}
                | {"Size": "8x8", "Version": "v1.5.1"},
            ),
            id="no quotes, as there is no comma in the value",
        ),
        pytest.param(
            f'p\n{S}, Civitai resources: [\n  {{"type": "checkpoint"}}\n], Model: x',
            ("p", None, READ | {"Civitai resources": '[\n  {"type": "checkpoint"}\n]', "Model": "x"}),
            id="JSON over several lines",
        ),
        pytest.param(
            f'p\n{S}, Model: "a, b\nTemplate: "c", d',
            ("p", None, READ | {"Model": '"a, b', "Template": '"c", d'}),
            id="a quote that never closes",
        ),
    ],
)
def test_values_over_line_ends(text: str, expected: tuple[str, str | None, dict[str, str]]) -> None:
    assert parts(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 99,\nSize: 512x512, Model hash: 1234567890, "
            "Model: y, Clip skip: 2,\nVersion: v1",
            (
                "a cat",
                None,
                {"Steps": "20", "Sampler": "Euler a", "CFG scale": "7", "Seed": "99", "Size": "512x512"}
                | {"Model hash": "1234567890", "Model": "y", "Clip skip": "2", "Version": "v1"},
            ),
            id="wrapped behind commas",
        ),
        pytest.param(
            "a cat\nNegative prompt: dog\nSteps: 28\nSampler: DDIM\nCFG scale: 7\nSeed: 5\nSize: 8x8\nModel: m",
            (
                "a cat",
                "dog",
                {"Steps": "28", "Sampler": "DDIM", "CFG scale": "7", "Seed": "5", "Size": "8x8", "Model": "m"},
            ),
            id="a pair a line",
        ),
        pytest.param(
            "a cat\nSampler: DDIM\nSeed: 5\nSteps: 28\nModel: m",
            ("a cat", None, {"Sampler": "DDIM", "Seed": "5", "Steps": "28", "Model": "m"}),
            id="a pair a line, steps not first",
        ),
        pytest.param(
            "a cat\nSampler: DDIM\nSeed: 5\nModel: m",
            ("a cat", None, {"Sampler": "DDIM", "Seed": "5", "Model": "m"}),
            id="a pair a line, no steps",
        ),
        pytest.param(
            "a cat\nNegative prompt: n\nVersion: 56a8aea, Pipeline: X,\nSteps: 20, Seed: 1",
            ("a cat", "n", {"Version": "56a8aea", "Pipeline": "X", "Steps": "20", "Seed": "1"}),
            id="SD.Next, wrapped before the steps",
        ),
        pytest.param(
            "a cat\nSteps: 28\nWidth: 8\nHeight: 9\nSeed: 5",
            ("a cat", None, {"Steps": "28", "Width": "8", "Height": "9", "Seed": "5"}),
            id="a pair a line, some of unknown keys",
        ),
        pytest.param(
            "a cat\nSteps: 20, Seed: 1, Model:\nlong name, Clip skip: 2",
            ("a cat", None, {"Steps": "20", "Seed": "1", "Model": "long name", "Clip skip": "2"}),
            id="wrapped behind a key",
        ),
    ],
)
def test_settings_of_several_lines(text: str, expected: tuple[str, str | None, dict[str, str]]) -> None:
    assert parts(text) == expected


@pytest.mark.parametrize(
    ("prompt", "settings_"),
    [
        pytest.param("a\nModel: a woman, smiling", READ, id="a pair with a comma in its value"),
        pytest.param("a\nSeed: of the tree", {"Steps": "20", "Size": "1x1"}, id="a number's key with words"),
        pytest.param("a\nSeed: 4", READ, id="a key that stands in the settings"),
        pytest.param("a\nMood: dark", READ, id="an unknown key"),
        pytest.param("a\nTemplate: dark", READ, id="a template"),
        pytest.param('Steps: 5 "stairs\nof "stone", Model: m', READ, id="a quote that closes before"),
    ],
)
def test_lines_of_the_prompt_above_the_settings(prompt: str, settings_: dict[str, str]) -> None:
    line = ", ".join(f"{key}: {value}" for key, value in settings_.items())
    assert parts(f"{prompt}\n{line}") == (prompt, None, settings_)


@pytest.mark.parametrize(
    "label",
    [
        "Parameters                      : ",
        "parameters: ",
        "PARAMETERS :\n",
        "parameters\n",
        "parameters\r\n",
        "parameters\0",
        "User Comment                    : ",
        "UserComment: ",
        "Comment                         : ",
        "Image Description               : ",
        "parameters: parameters: ",
        "[EXIF] User Comment             : ",
        "[PNG] Parameters                : ",
        "charset=Unicode ",
        'charset="Ascii" ',
        "UNICODE\0",
        "ASCII\0\0\0",
        "\ufeff",
        "\u200b\ufeffparameters: \ufeff",
    ],
)
def test_labels_in_front(label: str) -> None:
    assert parts(f"{label}a cat\n{S}") == ("a cat", None, READ)
    assert parts(f"{label}a cat.Negative prompt: dog.{S}") == ("a cat", "dog", READ)
    assert parts(f"{label}Negative prompt: dog\n{S}") == ("", "dog", READ)
    assert parts(label + S) == ("", None, READ)


@pytest.mark.parametrize("sign", ["\\n", "\\r\\n", "<br>", "<br />"])
def test_signs_for_line_ends(sign: str) -> None:
    text = sign.join(("a", "cat", "Negative prompt: dog", S))
    assert parts(text) == ("a\ncat", "dog", READ)
    assert parts(f"a{sign}b\n{S}") == (f"a{sign}b", None, READ)
    assert parts(f"a{sign}b {S}") == (f"a{sign}b", None, READ)


def test_old_line_ends() -> None:
    assert parts("a\rcat\rNegative prompt: dog\rfox\rSteps: 20\rSeed: 1\rModel: m") == (
        "a\rcat",
        "dog\rfox",
        {"Steps": "20", "Seed": "1", "Model": "m"},
    )
    assert parts("a cat\rSteps: 20, Seed: 1") == ("a cat", None, {"Steps": "20", "Seed": "1"})


@pytest.mark.parametrize(
    "prompt",
    [
        "parameters of a machine",
        "comment: a cat",
        "a cat\nparameters: b",
        "parameters:a",
        "[cat] dog",
        "UNICODE",
        "[a] x: b",
    ],
)
def test_prompts_like_labels(prompt: str) -> None:
    assert parts(f"{prompt}\n{S}") == (prompt, None, READ)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"Santa on a motorcycle. {S}", ("Santa on a motorcycle.", None, READ)),
        (f"photo.{S}", ("photo", None, READ)),
        (f"photo...{S}", ("photo..", None, READ)),
        (f"a cat, {S}", ("a cat,", None, READ)),
        (f"a cat,{S}", ("a cat", None, READ)),
        (f"a cat. Negative prompt: dog. {S}", ("a cat.", "dog.", READ)),
        (f"a cat.Negative prompt: dog,{S}", ("a cat", "dog", READ)),
    ],
)
def test_marks_before_what_is_jammed(text: str, expected: tuple[str, str | None, dict[str, str]]) -> None:
    assert parts(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("a cat", id="prompt"),
        pytest.param("a cat\nNegative prompt: dog", id="prompts"),
        pytest.param("Created with GIMP", id="comment"),
        pytest.param("walk these Steps: 5, then rest", id="jammed, but one key only"),
        pytest.param("Steps: many, Size: big", id="two known keys"),
        pytest.param("App: Camera, Version: 3.2, User: bob, Size: M", id="common words only"),
        pytest.param("Negative prompt: Seed: 1, Size: 2, Model: 3", id="a negative prompt of settings"),
        pytest.param("Template: Seed: 1, Size: 2, Model: 3", id="a template of settings"),
    ],
)
def test_no_settings(text: str) -> None:
    assert split(text) is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param('A: "x, y: z"', [("A", "x, y: z")], id="quoted"),
        pytest.param(r'A: "say \"hi\"\n\\, \u00e9", B: 1', [("A", 'say "hi"\n\\, é'), ("B", "1")], id="escapes"),
        pytest.param('A: my "best" model, B: 1', [("A", 'my "best" model'), ("B", "1")], id="inner quotes, raw"),
        pytest.param('A: "best" model, B: 1', [("A", '"best" model'), ("B", "1")], id="quotes at the start only"),
        pytest.param(r'A: "C:\dir, x", B: 1', [("A", r'"C:\dir, x"'), ("B", "1")], id="bad escape stays as it is"),
        pytest.param('A: "\\ud800, x"', [("A", "\ufffd, x")], id="lone surrogate"),
        pytest.param('A: [1, {"b": "]"}], B: 1', [("A", '[1, {"b": "]"}]'), ("B", "1")], id="JSON"),
        pytest.param("A: {'b': [1, 2]}, B: 1", [("A", "{'b': [1, 2]}"), ("B", "1")], id="Python"),
        pytest.param("A: [anime] mix, B: 1", [("A", "[anime] mix"), ("B", "1")], id="name with brackets"),
        pytest.param("A: [anime, Seed: 1", [("A", "[anime"), ("Seed", "1")], id="open bracket, then a known key"),
        pytest.param('A: "anime, Seed: 1', [("A", '"anime'), ("Seed", "1")], id="open quote, then a known key"),
        pytest.param("A: , B: 1", [("A", ""), ("B", "1")], id="empty value"),
        pytest.param("A:, B: 1,", [("A", ""), ("B", "1")], id="empty value without a blank, trailing comma"),
        pytest.param("A: 1,, , B: 2, ,", [("A", "1"), ("B", "2")], id="doubled commas"),
        pytest.param("A: 1, Tiling, B: 2", [("A", "1"), ("Tiling", "Tiling"), ("B", "2")], id="bare known key"),
        pytest.param("A: x, y, z, B: 2", [("A", "x, y, z"), ("B", "2")], id="comma in a text"),
        pytest.param("A: 1, y, B: 2", [("A", "1"), ("y", "y"), ("B", "2")], id="a number takes nothing more"),
        pytest.param("Size: 1x2, y, B: 2", [("Size", "1x2"), ("y", "y"), ("B", "2")], id="nor does a size"),
        pytest.param("A: (0, 1), B: 2", [("A", "(0, 1)"), ("B", "2")], id="round brackets"),
        pytest.param("A: 2026-01-04T01:27:21.27Z, B: 2", [("A", "2026-01-04T01:27:21.27Z"), ("B", "2")], id="date"),
        pytest.param("A: http://x:1/y, B: 2", [("A", "http://x:1/y"), ("B", "2")], id="address"),
        pytest.param("A: x, foo:1, B: 2", [("A", "x, foo:1"), ("B", "2")], id="colon without a blank"),
        pytest.param("DPM++ (a.b) c: 1, e: 2, f_g: 3", [("DPM++ (a.b) c", "1"), ("e", "2"), ("f_g", "3")], id="keys"),
        pytest.param("a:b: c", [("a:b", "c")], id="key with a colon"),
        pytest.param(
            "Model: NAME Version: ComfyUI", [("Model", "NAME"), ("Version", "ComfyUI")], id="comma before Version"
        ),
        pytest.param(
            'Model: "a, b" Version: v1', [("Model", "a, b"), ("Version", "v1")], id="comma after a quoted value"
        ),
        pytest.param(
            "ADetailer Version: Neo, Version: neo", [("ADetailer Version", "Neo"), ("Version", "neo")], id="whole keys"
        ),
        pytest.param("A: 1, A: 2", [("A", "1"), ("A", "2")], id="repeats are kept"),
        pytest.param("A: 1, Resources: x, B: 2, Hashed prompt: y", [("A", "1")], id="old extension's noise"),
        pytest.param(
            'ControlNet 0: "Module: canny, Model: x [cab727d4], Weight: 1.0", ControlNet 1: , Eta: 0',
            [("ControlNet 0", "Module: canny, Model: x [cab727d4], Weight: 1.0"), ("ControlNet 1", ""), ("Eta", "0")],
            id="ControlNet units",
        ),
        pytest.param(
            'ControlNet 0: "preprocessor: canny, starting/ending: (0, 1), params: (512, 100)", RNG: CPU',
            [("ControlNet 0", "preprocessor: canny, starting/ending: (0, 1), params: (512, 100)"), ("RNG", "CPU")],
            id="ControlNet 1.1",
        ),
    ],
)
def test_settings_line(line: str, expected: list[tuple[str, str]]) -> None:
    assert pairs(line) == expected


@pytest.mark.parametrize(
    ("text", "settings_", "tail"),
    [
        pytest.param("Steps: 1, Sampler: Euler a, CFG sc", {"Steps": "1", "Sampler": "Euler a"}, "CFG sc", id="key"),
        pytest.param("Steps: 1, Sampler", {"Steps": "1"}, "Sampler", id="whole key"),
        pytest.param(
            'Steps: 1, Lora hashes: "a: 12, b: 3', {"Steps": "1", "Lora hashes": '"a: 12, b: 3'}, "", id="quoted value"
        ),
        pytest.param(
            'Steps: 1, Civitai resources: [{"a":1},{"b',
            {"Steps": "1", "Civitai resources": '[{"a":1},{"b'},
            "",
            id="JSON",
        ),
    ],
)
def test_cut_text(text: str, settings_: dict[str, str], tail: str) -> None:
    log = Ledger()
    infotext = split_infotext(text, log)
    assert infotext is not None
    assert (dict(infotext.settings), infotext.tail) == (settings_, tail)
    assert [warning.code for warning in log.items] == ["cut-text"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "a\nSteps: 1\nTemplate: b,\n {c|d}\nNegative Template: e",
            ("a", None, {"Steps": "1", "Template": "b,\n {c|d}", "Negative Template": "e"}),
            id="Dynamic Prompts, behind",
        ),
        pytest.param(
            'a\nSteps: 1\nTemplate: b, Hashes: {"model": "c"}',
            ("a", None, {"Steps": "1", "Template": "b", "Hashes": '{"model": "c"}'}),
            id="Hashes behind the template",
        ),
        pytest.param(
            "a\nNegative prompt: n\nTemplate: b\nNegative template: c\nSteps: 1",
            ("a", "n", {"Steps": "1", "Template": "b", "Negative template": "c"}),
            id="SD.Next, before",
        ),
        pytest.param(
            "a\nNegative prompt: \nParser: x, Version: 56a8aea, Steps: 1",
            ("a", "", {"Parser": "x", "Version": "56a8aea", "Steps": "1"}),
            id="SD.Next, parser first",
        ),
        pytest.param(
            "a\nSteps: 1\nPostprocess upscale by: 4, Postprocess upscaler: R-ESRGAN 4x+",
            ("a", None, {"Steps": "1", "Postprocess upscale by": "4", "Postprocess upscaler": "R-ESRGAN 4x+"}),
            id="Extras behind",
        ),
        pytest.param(
            "Postprocess upscale by: 4, Postprocess upscaler: R",
            ("", None, {"Postprocess upscale by": "4", "Postprocess upscaler": "R"}),
            id="Extras alone",
        ),
    ],
)
def test_lines_of_their_own(text: str, expected: tuple[str, str | None, dict[str, str]]) -> None:
    assert parts(text) == expected


def test_other_text_behind_the_settings_is_kept() -> None:
    infotext = split("a\nSteps: 1, Seed: 2\nmade by me\non a Monday\nTemplate: b")
    assert infotext == Infotext(
        "a", None, [("Steps", "1"), ("Seed", "2"), ("Template", "b")], "made by me\non a Monday"
    )


def test_piece_that_belongs_to_nothing_is_kept() -> None:
    infotext = split("Steps: 1, : x, Seed: 2")
    assert infotext == Infotext("", None, [("Steps", "1"), ("Seed", "2")], ": x")


def test_prompts_without_settings() -> None:
    assert split_prompts(" a\nNegative prompt: b ") == Infotext("a", "b")


@pytest.mark.parametrize(
    ("limits", "text", "code", "count"),
    [
        (Limits(settings=3), "Steps: 1, A: 1, B: 2, C: 3", "limit:settings", 3),
        (Limits(infotext_lines=2), "Steps: 1\na:\nb:\nc:", "limit:infotext_lines", None),
    ],
)
def test_limits(limits: Limits, text: str, code: str, count: int | None) -> None:
    log = Ledger(limits)
    infotext = split_infotext(text, log)
    assert (None if infotext is None else len(infotext.settings)) == count
    assert [warning.code for warning in log.items] == [code]


def test_depth_of_brackets_is_bounded() -> None:
    line = "A: " + "[" * 200 + "]" * 200 + ", B: 1"
    assert pairs(line) == [("A", "[" * 200 + "]" * 200), ("B", "1")]


HOSTILE = {
    "words": ("x\nSteps: 20, ", "a ", ""),
    "escaped quotes": ('x\nSteps: 20, Lora hashes: "', '\\"', ""),
    "open quotes": ("x\nSteps: 20, ", 'a: "x, ', ""),
    "open brackets": ("x\nSteps: 20, ", "a: [b, c: {d, ", ""),
    "closed too late": ("x\nSteps: 20, " + "a: [x, " * 500, "]", " x"),
    "deep": ("x\nSteps: 20, a: ", "[", ""),
    "commas": ("x\nSteps: 20", ",", ""),
    "colons": ("x\nSteps: 20, ", ":", ""),
    "lines": ("Steps: 2\n", "a:\n", ""),
    "markers": ("", "Negative prompt: ", "\nSteps: 2"),
    "lines of markers": ("", "Negative prompt: \n", "\nSteps: 2"),
    "jams": ("a", ". Steps: 1, ", ""),
    "jammed markers": ("a", "xNegative prompt: ", ". Steps: 1, Seed: 2, Size: 3x3"),
    "versions": ("Steps: 2, a: ", "x Version: ", ""),
    "templates": ("Negative prompt: \n", "Negative Template: x\n", "Steps: 2"),
    "hashes": ("Steps: 2\nTemplate: x", ", Hashes: {}", ""),
    "open hashes": ("Steps: 2\nTemplate: x", ", Hashes: {", "}"),
    "blanks": ("Steps: 2, a:", " ", "x"),
    "pairs a line": ("", "Seed: 1\n", ""),
    "lines of pairs": ("", "Seed: 1, Size: 1x1\n", "Steps: 2"),
    "lines of settings": ("", "Steps: 2, Seed: 1\n", ""),
    "unknown keys a line": ("Steps: 2\n", "Size: 1x1, a: b\n", "Seed: 3"),
    "lines in a quote": ('Steps: 2, a: "x', "Seed: 1, Size: 1x1\n", '", Model: m'),
    "lines with quotes": ("", 'Seed: 1, a: "b\n', "Steps: 2"),
    "settings with open quotes": ("", 'Steps: 2, a: "b\n', "Steps: 2"),
    "labels": ("", "parameters: ", "Steps: 2"),
    "JSON prompts": ("", '{"a": ', "\nSteps: 2"),
    "tags": ("", "<lora:", "\nSteps: 2"),
}
"""(beginning, what is repeated, end)"""


@pytest.mark.parametrize("name", HOSTILE)
def test_time_is_linear(name: str) -> None:
    beginning, repeated, end = HOSTILE[name]
    assert_linear(lambda text: split_infotext(text, Ledger(UNBOUNDED)), filled(repeated, beginning, end))


@settings(deadline=None, derandomize=True, max_examples=200)
@given(st.text(alphabet=st.sampled_from('aS: ,"\\[{}]\n.1é'), max_size=60), st.text(max_size=30))
def test_any_settings_line_is_read(line: str, prompt: str) -> None:
    infotext = split_infotext(f"{prompt}\nSteps: 1, {line}", Ledger())
    assert infotext is not None
    assert all(key and key == key.strip() for key, _ in infotext.settings)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(
    st.text(max_size=40).filter(lambda text: "Negative prompt:" not in text),
    st.text(max_size=40).filter(lambda text: "emplate:" not in text),
    st.integers(0, 2**64),
)
def test_written_prompts_come_back(prompt: str, negative: str, seed: int) -> None:
    infotext = split_infotext(f"{prompt}\nNegative prompt: {negative}\nSteps: 20, Seed: {seed}", Ledger())
    assert infotext == Infotext(prompt.strip(), negative.strip(), [("Steps", "20"), ("Seed", str(seed))])
