"""Words that tools write in the place of a value they do not know."""

from __future__ import annotations

from typing import Final

NO_VALUES: Final = frozenset(
    (
        *("", "none", "(none)", "[none]", "<none>", "@none", "null", "nil", "undefined", "unknown"),
        *("n/a", "na", "n.a.", "-", "--", "nofile", "no file", "nan", "?", "??", "???", "false", "no model"),
        *("<unknown>", "(unknown)", "[unknown]", "unknown model", "not set", "not specified", "not available", "unset"),
    )
)
"""Words, case folded, for a value that is not known."""


def says_nothing(value: str) -> bool:
    """Whether a value of any kind is a word for one that is not known."""
    return value.strip().casefold() in NO_VALUES
