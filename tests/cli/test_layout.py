from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from extractor.cli.layout import USUAL, Layout, chosen

SEED = "18446744073709551615"
ROW = ["a1111-extensions.png", "832x1216", "a1111", "clayworks_xl", "DPM++ 2M Karras", "25", "6.5", "404404", "a " * 40]
BIG = ["b.png", "832x1216", "comfyui", "clayworks_xl", "Euler", "25", "6.5", SEED, "a " * 40]


def titles(width: int, *rows: list[str], complete: bool = False) -> list[str]:
    return [column.title for column in Layout(USUAL, rows, width, complete=complete).columns]


@pytest.mark.parametrize(
    ("width", "columns"),
    [
        (40, ["file", "prompt"]),
        (60, ["file", "seed", "prompt"]),
        (80, ["file", "model", "sampler", "steps", "seed", "prompt"]),
        (100, ["file", "generator", "model", "sampler", "steps", "CFG", "seed", "prompt"]),
        (120, ["file", "size", "generator", "model", "sampler", "steps", "CFG", "seed", "prompt"]),
        (300, ["file", "size", "generator", "model", "sampler", "steps", "CFG", "seed", "prompt"]),
    ],
)
def test_columns_go_by_rank(width: int, columns: list[str]) -> None:
    assert titles(width, ROW) == columns


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200, 300])
def test_a_seed_is_never_cut_and_no_line_breaks(width: int) -> None:
    layout = Layout(USUAL, [ROW] * 20 + [BIG], width, complete=False)
    for row in (ROW, BIG):
        line = layout.line([row[index] for index in layout.indices])
        assert cell_len(line) <= width
        assert row[7] in line.split()


def test_a_seed_that_was_not_expected_takes_room_from_the_prompt() -> None:
    layout = Layout(USUAL, [ROW] * 20, 80, complete=False)
    line = layout.line([BIG[index] for index in layout.indices])
    assert (cell_len(line) <= 80, f"  {SEED}  a a" in line) == (True, True)


def test_a_seed_of_any_length_takes_room_from_the_name_too() -> None:
    layout = Layout(USUAL, [ROW] * 20, 60, complete=False)
    line = layout.line([{"seed": "9" * 40, "file": "f" * 20}.get(column.title, "p") for column in layout.columns])
    assert (cell_len(line) <= 60, "9" * 40 in line) == (True, True)


def test_columns_without_content_are_not_shown_once_all_rows_are_known() -> None:
    rows = [["cat.png", "1x1", "", "", "", "", "", "", ""]]
    assert titles(120, *rows, complete=True) == ["file", "size"]
    assert len(titles(120, *rows)) == 9
    assert titles(120, complete=False) == [column.title for column in USUAL]


def test_wide_terminals_are_not_filled_up() -> None:
    layout = Layout(USUAL, [["a.png", "1x1", "a1111", "", "Euler a", "20", "7", "1", "a cat"]], 300, complete=True)
    assert layout.titles == "file   size  generator  sampler  steps  CFG  seed  prompt"


def test_an_error_spans_the_columns() -> None:
    layout = Layout(USUAL, [ROW], 60, complete=False)
    assert layout.spanning("gone.png", "No such file or directory") == "gone.png              No such file or directory"
    assert cell_len(layout.spanning("gone.png", "long " * 100)) == 60


def test_fields_of_ones_own() -> None:
    columns = [chosen(("meta", "seed"), "meta.seed", 0), chosen(("extraction", "sha256"), "sha256", 1)]
    layout = Layout(columns, [[SEED, "ab" * 32]], 60, complete=True)
    assert layout.titles == "           meta.seed  sha256"
    assert layout.line([SEED, "ab" * 32]) == f"{SEED}  " + "ab" * 18 + "a…"


@settings(deadline=None, derandomize=True)
@given(
    st.lists(st.lists(st.text(st.sampled_from("ab9 テ"), max_size=50), min_size=9, max_size=9), max_size=5),
    st.integers(60, 300),
    st.booleans(),
)
def test_lines_fit(rows: list[list[str]], width: int, complete: bool) -> None:
    rows = [[cell.strip() for cell in row[:7]] + ["9" * (len(row[7]) % 21), row[8].strip()] for row in rows]
    layout = Layout(USUAL, rows, width, complete=complete)
    assert cell_len(layout.titles) <= width
    for row in rows:
        assert cell_len(layout.line([row[index] for index in layout.indices])) <= width
