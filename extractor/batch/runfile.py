"""``run.json``: what a run reads, how, and in how many parts. Whoever takes part reads it first."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, cast

from extractor.batch.manifest import Count
from extractor.batch.store import Store
from extractor.errors import BatchError
from extractor.extraction.options import Completer, Options, checked_options
from extractor.extraction.stamp import make_stamp
from extractor.files.address import Address
from extractor.ledger import Ledger
from extractor.limits import DEFAULT_LIMITS, RUN_BYTES, RUN_PARTS, Limits
from extractor.text.jsontext import load_json
from extractor.version import __version__

NAME: Final = "run.json"
_FORMAT: Final = 2
_PATHS: Final = 1_000
"""Inputs that are written down; of more of them only the digest is."""
_TOKEN_DIGITS: Final = frozenset("0123456789abcdef")
TOKEN_BYTES: Final = 8
_OPTIONS: Final = {
    "hash": "hash",
    "stealth": "stealth",
    "raw": "raw",
    "foreign_sidecars": "foreignSidecars",
    "limits": "limits",
}
"""Option of `extract` -> its key among the options."""
_COLUMN: Final = "image_column"
_CHOICE: Final[dict[str, type]] = {
    "include": list,
    "exclude": list,
    "hidden": bool,
    "follow_symlinks": bool,
    "archives": bool,
    _COLUMN: str,
}
"""How files are chosen: what stands among the inputs, and of which type. Those of lists are strings."""


@dataclass(frozen=True, slots=True)
class RunFile:
    """What the file says; all that it may say wrongly has been checked."""

    format: int
    extractor: str
    """Version of the program that began the run."""
    options: dict[str, Any]
    """Those that change a record, as in its stamp."""
    digest: str
    """Of the options."""
    inputs: dict[str, Any]
    """``digest`` of what was named and how files were chosen; the rest is for people."""
    rows: int
    """Files of a part, at most."""
    parts: int
    files: int
    archives: int
    """Those of the files that are gone into."""
    token: str
    """Which of the lists that were made is the run's."""

    def check_options(self, options: Options) -> None:
        """Raise `BatchError` unless the run was begun by this version and with these options."""
        if self.extractor != __version__:
            raise BatchError(
                f"the run was begun by version {self.extractor[:20]}, this is {__version__}: "
                "finish it with that version, or begin another folder"
            )
        now = _stamped(options)
        if self.digest != _digest(now):
            differing = [key for key in sorted({**self.options, **now}) if self.options.get(key) != now.get(key)]
            differing = [key for key in differing if key != "hashRevision"] or differing
            told = ", ".join(f"{key} was {_word(self.options, key)}, is {_word(now, key)}" for key in differing[:5])
            raise BatchError(
                f"the run was begun with other options ({told}): give the same again, or begin another folder"
            )

    def check_inputs(self, inputs: Inputs) -> None:
        """Raise `BatchError` unless the run's manifest is of these inputs."""
        if inputs.rows not in (None, self.rows):
            raise BatchError(f"the run has parts of {self.rows:,} rows, not of {inputs.rows:,}: leave out --rows")
        if inputs.paths and self.inputs.get("digest") != inputs.described()["digest"]:
            paths = self.inputs.get("paths")
            told = f" ({', '.join(map(str, paths[:3]))})" if isinstance(paths, list) and paths else ""
            raise BatchError(
                f"the run in this folder reads other files{told}, or chooses them otherwise: "
                "name the same or none, or begin another folder"
            )

    def choice(self) -> tuple[dict[str, Any], str | None]:
        """How files are chosen, as arguments of `extractor.scanning.walk.Filters`, and the column of tables."""
        chosen = {key: self.inputs[key] for key in _CHOICE if key in self.inputs}
        return chosen, chosen.pop(_COLUMN, None)

    def stored_options(self, models: Completer | None) -> Options:
        """The options the run was begun with. Raises `BatchError` where they are none, or need a library of models."""
        if "models" in self.options and models is None:
            raise BatchError("the run completes records from a library of models: give the same one with --models")
        given = {name: self.options[key] for name, key in _OPTIONS.items() if key in self.options}
        try:
            given["limits"] = Limits(**given.get("limits", {}))
            return checked_options(**{"stealth": None, "base_url": None, **given, "models": models})
        except (TypeError, ValueError) as error:
            raise BatchError(f"{NAME} has impossible options: {error}") from error


@dataclass(frozen=True, slots=True)
class Inputs:
    """What is to be listed, and how."""

    paths: Sequence[str]
    filters: Mapping[str, Any]
    """Arguments of `extractor.scanning.walk.Filters`."""
    rows: int | None = None
    """Files of a part; None: the usual number, or what the run has."""
    more: Iterable[str] = ()
    """Further paths, taken as they come; they are not compared."""
    column: str | None = None
    """Of the images in tables; None: the only one that holds bytes."""

    def described(self) -> dict[str, Any]:
        """As they stand in the file."""
        paths = [path if isinstance(path, Address) else os.path.abspath(path) for path in self.paths]
        chosen = {key: value for key, value in {**self.filters, _COLUMN: self.column}.items() if value}
        described = {"digest": _digest([paths, chosen]), **chosen}
        return {**described, "paths": paths} if len(paths) <= _PATHS else described


def write_run(store: Store, inputs: Inputs, options: Options, *, rows: int, count: Count, token: str) -> None:
    """Begin a run whose list is made, unless another one has begun meanwhile."""
    stamped = _stamped(options)
    described, digest = inputs.described(), _digest(stamped)
    file = RunFile(
        _FORMAT, __version__, stamped, digest, described, rows, count.parts, count.files, count.archives, token
    )
    store.create(NAME, f"{json.dumps(asdict(file), indent=2)}\n".encode())


def read_run(store: Store) -> RunFile | None:
    """What stands in the file; None where there is none. Raises `BatchError` when it is not one of ours."""
    data = store.read(NAME, RUN_BYTES)
    if data is None:
        return None
    value = load_json(data.decode("utf-8", "replace"), Ledger(DEFAULT_LIMITS), NAME)
    if not isinstance(value, dict) or not all(_fits(value.get(key), kind) for key, kind in _KINDS.items()):
        raise BatchError(f"{NAME} is none that this program wrote")
    file = RunFile(**{key: cast("Any", value[key]) for key in _KINDS})
    if file.format != _FORMAT:
        raise BatchError(f"{NAME} is of another version of this program: {file.extractor[:20]}")
    if not 0 <= file.parts <= min(file.files, RUN_PARTS) or not 0 <= file.archives <= file.files:
        raise BatchError(f"{NAME} has impossible numbers")
    if not all(_fits(file.inputs[key], kind) for key, kind in _CHOICE.items() if key in file.inputs):
        raise BatchError(f"{NAME} chooses files in an impossible way")
    if file.digest != _digest(file.options):
        raise BatchError(f"{NAME} was changed: its options are not those of their digest")
    if len(file.token) != 2 * TOKEN_BYTES or not _TOKEN_DIGITS.issuperset(file.token):
        raise BatchError(f"{NAME} is none that this program wrote")
    return file


_KINDS: Final[dict[str, type]] = {
    "format": int,
    "extractor": str,
    "options": dict,
    "digest": str,
    "inputs": dict,
    "rows": int,
    "parts": int,
    "files": int,
    "archives": int,
    "token": str,
}


def _fits(value: object, kind: type) -> bool:
    return type(value) is kind and (not isinstance(value, list) or all(isinstance(item, str) for item in value))


def _stamped(options: Options) -> dict[str, Any]:
    """The options that change a record."""
    stamp = make_stamp(0, None, options, [])
    return {**stamp["options"], **{key: stamp[key] for key in ("hashRevision", "models") if key in stamp}}


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _word(options: Mapping[str, Any], key: str) -> str:
    return json.dumps(options[key])[:80] if key in options else "not given"
