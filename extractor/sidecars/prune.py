"""Sidecars of images that are gone: removed from the folders that are gone through, after they were counted."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from extractor.containers.kinds import IMAGE_SUFFIXES, VIDEO_SUFFIXES, has_suffix
from extractor.errors import ExtractorError, OutputError, access_error
from extractor.files.address import Address
from extractor.files.paths import is_gone
from extractor.scanning.walk import Filters, Folder, walk
from extractor.sidecars.file import content, name_in_url, own_record, path_of
from extractor.sidecars.place import Place
from extractor.sidecars.result import SidecarResult, SidecarStatus

_FEW: Final = 20
"""So many go without a question, whatever their share."""


@dataclass(slots=True)
class Pruning:
    """What is removed below the arguments of one run.

    A root below which more than half of the sidecars, and more than `_FEW`, would go is left as it is unless
    `force`: its images are more likely on a disk that is not there.
    """

    place: Place
    filters: Filters
    dry_run: bool
    force: bool
    _refused: str | None = field(default=None, init=False)
    """The root that is gone through now, if it is left as it is."""

    def below(self, folder: Folder) -> Iterator[SidecarResult]:
        """Remove what belongs to `folder`; the counting is done when the walk of its root begins."""
        if isinstance(folder.path, Address):
            return  # whether a remote file is gone is not for this machine to say
        if not folder.relative and not self.force:
            refusal = self._refusal(folder.root)
            self._refused = folder.root if refusal is not None else None
            if refusal is not None:
                yield SidecarResult(folder.root, SidecarStatus.FAILED, error=refusal)
        if self._refused == folder.root or not folder.is_whole:
            return
        for image, sidecar in self._orphans(folder):
            yield self._removed(image, sidecar)

    def _refusal(self, root: str) -> OutputError | None:
        gone = standing = names = 0
        for found in walk([root], self.filters):
            if isinstance(found, Folder):
                names += len(found.names)
                standing += self.place.count(found)
                if found.is_whole:
                    gone += sum(1 for _ in self._orphans(found))
        return refusal(gone, standing, is_empty=not names)

    def _orphans(self, folder: Folder) -> Iterator[tuple[str, str]]:
        for image, sidecar in self.place.orphans(folder, self.filters):
            if _is_orphan(image, sidecar, self.place.is_shared):
                yield image, sidecar

    def _removed(self, image: str, sidecar: str) -> SidecarResult:
        if self.dry_run:
            return SidecarResult(image, SidecarStatus.WOULD_PRUNE, sidecar)
        try:
            os.unlink(sidecar)
        except OSError as error:
            return SidecarResult(image, SidecarStatus.FAILED, sidecar, error=access_error(error, OutputError))
        return SidecarResult(image, SidecarStatus.PRUNED, sidecar)


def refusal(gone: int, standing: int, *, is_empty: bool) -> OutputError | None:
    """Why the records of a folder are not pruned: its images are more likely on a disk that is not there."""
    if gone and is_empty:
        reason = f"the folder is empty, to which {gone} records belong"
    elif gone > _FEW and 2 * gone > standing:
        reason = f"the images of {gone} of {standing} records are gone"
    else:
        return None
    return OutputError(None, f"nothing is pruned: {reason}; --force-prune does it all the same")


def _is_orphan(image: str, sidecar: str, is_shared: bool) -> bool:
    """Whether it is a sidecar of ours whose image is gone: a record somebody saved under a name of theirs is none."""
    try:
        record = own_record(content(sidecar))
    except ExtractorError:
        return False
    if record is None:
        return False
    url = record.get("url")
    if name_in_url(url) != os.path.basename(image) and not has_suffix(image, IMAGE_SUFFIXES | VIDEO_SUFFIXES):
        return False
    original = path_of(url) if is_shared else None
    return is_gone(image) and (original is None or is_gone(original))
