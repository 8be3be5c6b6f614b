from __future__ import annotations

import errno

import pytest

from extractor.errors import FileAccessError, OutputError, access_error


@pytest.mark.parametrize(
    ("error", "kind", "number", "message"),
    [
        (FileNotFoundError(errno.ENOENT, "No such file"), FileAccessError, errno.ENOENT, "No such file"),
        (OSError(errno.ENOSPC, "No space left"), OutputError, errno.ENOSPC, "No space left"),
        (OSError("no number"), FileAccessError, None, "cannot be read"),
        (OSError(), OutputError, None, "cannot be written"),
        (ValueError("embedded null byte"), FileAccessError, None, "not a usable path: embedded null byte"),
    ],
)
def test_what_the_system_says_becomes_an_error_of_ours(
    error: OSError | ValueError, kind: type[FileAccessError | OutputError], number: int | None, message: str
) -> None:
    told = access_error(error, kind)
    assert type(told) is kind
    assert (told.errno, str(told)) == (number, message)
