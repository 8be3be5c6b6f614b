"""The order of the rooms: a module imports from its own room and from earlier ones, and there are no circles."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

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


def imports(path: Path) -> Iterator[str]:
    """The modules of the package that a module imports anywhere: at its top, in functions, for types."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").split(".")[0] == "extractor"):
            assert not node.level, f"{path}: a relative import"
            home = ".".join((node.module or "").split(".")[1:])
            for name in node.names:
                inner = f"{home}.{name.name}".lstrip(".")
                yield inner if inner in MODULES else home or "__init__"
        elif isinstance(node, ast.Import):
            names = (name.name.split(".") for name in node.names)
            yield from (".".join(name[1:]) or "__init__" for name in names if name[0] == "extractor")


def named(path: Path) -> Iterator[str]:
    """The modules that ``import_module`` is given by name ; of ``f"extractor.room.{name}"`` the room."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) == "import_module" and node.args:
            argument = node.args[0]
            known = argument.values[0] if isinstance(argument, ast.JoinedStr) else argument
            if isinstance(known, ast.Constant) and str(known.value).startswith("extractor."):
                yield str(known.value).removeprefix("extractor.").rstrip(".") or "__init__"


IMPORTS = {name: sorted(set(imports(path))) for name, path in MODULES.items()}
NAMED = {name: sorted(set(named(path))) for name, path in MODULES.items()}


def room(name: str) -> str:
    return name.partition(".")[0]


def test_every_module_has_a_room() -> None:
    assert {room(name) for name in MODULES} <= set(ROOMS)


def test_imports_only_point_to_earlier_rooms() -> None:
    upwards = [
        f"{name} imports {other}"
        for name, others in IMPORTS.items()
        for other in (*others, *NAMED[name])
        if ROOMS.index(room(other)) > ROOMS.index(room(name)) and room(other) not in BELOW.get(name, ())
    ]
    assert upwards == []


def test_there_are_no_circles() -> None:
    order = list(TopologicalSorter({name: set(others) - {name} for name, others in IMPORTS.items()}).static_order())
    assert set(order) == set(MODULES)


def test_the_imports_are_seen() -> None:
    assert "extraction.reading" in IMPORTS["extraction.extract"]
    assert "pixels.read" in IMPORTS["extraction.reading"]  # inside a function
    assert "rows.rows" in NAMED["record"]  # by its name
    assert "scanning.scan" in IMPORTS["rows.base"]  # for types only
    assert "version" in IMPORTS["__init__"]
