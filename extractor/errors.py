"""What the library raises. Every error of one file is an `ExtractorError`; nothing else escapes."""

from __future__ import annotations

import errno
from typing import Final, TypeVar


class ExtractorError(Exception):
    """Base of all errors about one file or one text.

    The message says what is wrong; the caller knows which file it asked for.
    """

    @property
    def reason(self) -> str:
        """What is wrong."""
        return str(self)

    @property
    def transient(self) -> bool:
        """Whether another try, later, may well succeed: it was the way to the bytes that failed, not the file."""
        return False


_PASSING: Final = frozenset(
    number
    for name in (
        *("EAGAIN", "ECONNABORTED", "ECONNREFUSED", "ECONNRESET", "EHOSTDOWN", "EHOSTUNREACH", "EINTR", "EIO"),
        *("EMFILE", "ENETDOWN", "ENETRESET", "ENETUNREACH", "ENFILE", "ENOBUFS", "ENOMEM", "ENOTCONN", "EPIPE"),
        *("EREMOTEIO", "ESTALE", "ETIMEDOUT"),
    )
    if (number := getattr(errno, name, None)) is not None
)
"""What a disk or a server behind a path says when it is busy or away."""


class FileAccessError(ExtractorError, OSError):
    """The path is missing, is not a regular file, or cannot be read. `errno` is set where the system gave one.

    What `extract` and `read_sidecar` raise names the path, as `filename` and in its text.
    """

    @property
    def reason(self) -> str:
        """What is wrong, without the path."""
        return self.strerror or Exception.__str__(self)

    @property
    def transient(self) -> bool:
        """See `ExtractorError.transient`."""
        return self.errno in _PASSING

    def __str__(self) -> str:
        return self.reason if self.filename is None else f"{self.reason}: {self.filename!r}"


class TransientError(FileAccessError):
    """A remote file could not be read now (the server is busy, the connection was cut, no answer came in time).

    Trying again later may succeed; it has been tried a few times already.
    """

    @property
    def transient(self) -> bool:
        """See `ExtractorError.transient`."""
        return True


class AccessDeniedError(FileAccessError):
    """The store wants other credentials, or there are none: it will say the same of every file of the bucket."""

    @property
    def transient(self) -> bool:
        """See `ExtractorError.transient`: with other credentials it may."""
        return True


class ReplacedError(TransientError):
    """A remote file was replaced while it was read, and again while that was tried once more."""


class UnsupportedFormatError(ExtractorError):
    """The bytes are not an image (or video) of a kind this library reads."""


class CorruptImageError(ExtractorError):
    """The bytes begin like a known container but nothing in it can be read."""


class LimitExceededError(ExtractorError):
    """A limit of `extractor.limits.Limits` was reached and nothing is left to return."""


class WorkerDiedError(ExtractorError):
    """The process that read the file was killed (out of memory, say) or crashed; others go on."""


class BatchError(ExtractorError):
    """A batch run cannot go on: its folder is not as this package left it, or it is another run's."""


class SidecarConflictError(ExtractorError):
    """The sidecar's place is taken by a file this library did not write."""


class OutputError(ExtractorError, OSError):
    """A sidecar or an export could not be written; what stood there before is unchanged."""

    def __str__(self) -> str:
        return self.strerror or Exception.__str__(self)


_SystemErrorT = TypeVar("_SystemErrorT", FileAccessError, TransientError, OutputError)
_UNSAID = {FileAccessError: "cannot be read", TransientError: "cannot be read now", OutputError: "cannot be written"}


def access_error(error: OSError | ValueError, kind: type[_SystemErrorT]) -> _SystemErrorT:
    """What the system (or Python, for text that can be no path) said about a file, as an error of ours."""
    if isinstance(error, OSError):
        return kind(error.errno, error.strerror or _UNSAID[kind])
    return kind(None, f"not a usable path: {error}")


def extra_command(extra: str) -> str:
    """What to type for an optional part that is missing; the distribution is not named like the package."""
    return f"pip install 'ai-image-metadata[{extra}]'"


class WriteRefusedError(ExtractorError):
    """A file is left as it is: it cannot be written to, or what was asked for cannot be done to it."""


class ContentCredentialsError(WriteRefusedError):
    """The file has content credentials, which any change makes invalid: choose ``c2pa="drop"`` or ``"keep"``."""


class OutrankedError(WriteRefusedError):
    """A graph in the file would outrank the new text: choose ``graphs="drop"`` or ``"keep"``."""


class DoesNotFitError(WriteRefusedError):
    """The container has no room for what was to be written; the message says what would fit."""
