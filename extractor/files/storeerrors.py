"""What the clients of stores raise, as errors of ours."""

from __future__ import annotations

import errno
import re
from typing import Final

from extractor.errors import AccessDeniedError, FileAccessError, ReplacedError, TransientError, access_error
from extractor.text.printable import one_line

_PERFORMING: Final = "Error performing"
_REASON: Final = 300
"""Characters of what a store says went wrong."""
REPLACED: Final = "the file was replaced while it was read"
_STATUS: Final = re.compile(r"status code: (\d{3})")
_LASTING: Final = ("builder error", "Account must be specified")
"""In messages of requests that did not even begin."""
_NO_CREDENTIALS: Final = ("169.254.169.254", "metadata.google.internal", "NoCredentials", "computeMetadata")
"""In messages of those who looked for credentials at the last place there is."""


def told(error: Exception, credentials: str = "") -> FileAccessError:
    """What a store's client raised, as an error of ours: by its class first, else by the status in its message."""
    if isinstance(error, FileAccessError):
        return error
    kind, code = type(error).__name__, status_of(error)
    if kind in ("PreconditionError", "NotModifiedError"):
        return ReplacedError(None, REPLACED)
    denial = _denial(error)
    if denial is not None:
        return AccessDeniedError(None, f"{denial}; {credentials}" if credentials else denial)
    if isinstance(error, FileNotFoundError):
        return FileAccessError(errno.ENOENT, "there is no such object")
    if isinstance(error, (ConnectionError, TimeoutError)):
        return TransientError(None, shortened(error))
    if isinstance(error, OSError) and error.errno is not None:
        return access_error(error, FileAccessError)
    lasting = kind != "GenericError" or code in _FINAL or any(word in str(error) for word in _LASTING)
    return (FileAccessError if lasting else TransientError)(None, shortened(error))


def _denial(error: Exception) -> str | None:
    """What a store that lets nobody in said; None for other trouble."""
    if any(word in str(error) for word in _NO_CREDENTIALS):
        return "no credentials were found"
    return "the store denies access" if status_of(error) in (401, 403) or isinstance(error, PermissionError) else None


def status_of(error: Exception) -> int:
    """The status code of the answer; 0 where there was none."""
    found = _STATUS.search(str(error))
    return int(found[1]) if found else 0


_FINAL: Final = frozenset((*range(300, 408), *range(409, 429), *range(430, 500)))
"""Status codes that will be the same the next time: not 408, 429 and those of the server's own trouble."""


def shortened(error: Exception) -> str:
    """What a client says, without its own state, times and numbers of requests: failures are counted by reason."""
    text = str(error).partition("\n\nDebug source:")[0].strip() or type(error).__name__
    _, tried, reason = text.rpartition(" - ")
    if _PERFORMING in text and tried:
        text = reason.partition(": <")[0]
    return one_line(text)[:_REASON]
