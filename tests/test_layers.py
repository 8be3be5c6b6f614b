"""The order of the rooms: a module imports from its own room and from earlier ones, and there are no circles."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

import extractor

HOME = Path(extractor.__file__).parent
ROOMS = (
    *("version", "record", "embedded", "finding", "errors", "limits", "ledger"),
    *("text", "files", "containers", "archives", "readers", "pixels", "vocabulary", "parsers", "merging", "extraction"),
    *("writers", "scanning", "sidecars", "rows", "catalog", "export", "library", "arrow", "batch", "gallery", "cli"),
    *("__init__", "__main__"),
)
"""Foundation first."""
BELOW = {"finding": ("text",), "record": ("text", "rows")}
"""What stages hand each other may be of a later room's words; `ImageRecord.flat` asks for the table of columns."""


def module(path: Path) -> str:
    parts = path.relative_to(HOME).with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


MODULES = {module(path): path for path in sorted(HOME.rglob("*.py"))}


def imports(tree: ast.Module) -> Iterator[str]:
    """The modules of the package that a module imports anywhere: at its top, in functions, for types."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").split(".")[0] == "extractor"):
            assert not node.level, f"line {node.lineno}: a relative import"
            home = ".".join((node.module or "").split(".")[1:])
            for name in node.names:
                inner = f"{home}.{name.name}".lstrip(".")
                yield inner if inner in MODULES else home or "__init__"
        elif isinstance(node, ast.Import):
            names = (name.name.split(".") for name in node.names)
            yield from (".".join(name[1:]) or "__init__" for name in names if name[0] == "extractor")


def named(tree: ast.Module) -> Iterator[str]:
    """The modules that ``import_module`` is given by name ; of ``f"extractor.room.{name}"`` the room."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) == "import_module" and node.args:
            argument = node.args[0]
            known = argument.values[0] if isinstance(argument, ast.JoinedStr) else argument
            if isinstance(known, ast.Constant) and str(known.value).startswith("extractor."):
                yield str(known.value).removeprefix("extractor.").rstrip(".") or "__init__"


class Graph(NamedTuple):
    """What each module imports."""

    imports: dict[str, list[str]]
    named: dict[str, list[str]]


@pytest.fixture(scope="module")
def graph() -> Graph:
    trees = {name: ast.parse(path.read_text("utf-8"), path) for name, path in MODULES.items()}
    return Graph(
        {name: sorted(set(imports(tree))) for name, tree in trees.items()},
        {name: sorted(set(named(tree))) for name, tree in trees.items()},
    )


def room(name: str) -> str:
    return name.partition(".")[0]


def test_every_module_has_a_room() -> None:
    assert {room(name) for name in MODULES} <= set(ROOMS)


def test_imports_only_point_to_earlier_rooms(graph: Graph) -> None:
    upwards = [
        f"{name} imports {other}"
        for name, others in graph.imports.items()
        for other in (*others, *graph.named[name])
        if ROOMS.index(room(other)) > ROOMS.index(room(name)) and room(other) not in BELOW.get(name, ())
    ]
    assert upwards == []


def test_there_are_no_circles(graph: Graph) -> None:
    others = {name: set(imported) - {name} for name, imported in graph.imports.items()}
    order = list(TopologicalSorter(others).static_order())
    assert set(order) == set(MODULES)


def test_the_imports_are_seen(graph: Graph) -> None:
    assert "extraction.reading" in graph.imports["extraction.extract"]
    assert "pixels.read" in graph.imports["extraction.reading"]  # inside a function
    assert "rows.rows" in graph.named["record"]  # by its name
    assert "scanning.scan" in graph.imports["rows.base"]  # for types only
    assert "version" in graph.imports["__init__"]
