"""What is done many times: tasks, and the job that does them in this process or another."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol, TypeVar

from extractor.errors import ExtractorError


class Handed:
    """A dataclass of which many are handed from process to process.

    Pickled as the call that makes it, in three fifths of the time: a frozen dataclass sets field by field by its name.
    """

    __slots__ = ()
    __match_args__: ClassVar[tuple[str, ...]] = ()

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        return type(self), tuple([getattr(self, name) for name in self.__match_args__])


class Task(Handed):
    """Something to do; subclasses are what jobs take."""

    __slots__ = ()

    @property
    def weight(self) -> int:
        """Bytes of a file that it brings along."""
        return 0


TaskT_contra = TypeVar("TaskT_contra", bound=Task, contravariant=True)
ResultT_co = TypeVar("ResultT_co", covariant=True)


class Job(Protocol[TaskT_contra, ResultT_co]):
    """What is done with each task. Pickled once for each process."""

    @property
    def batch(self) -> int:
        """How many tasks go to a process at once: few where one takes long."""

    def __call__(self, task: TaskT_contra) -> ResultT_co:
        """Do it."""

    def failed(self, task: TaskT_contra, error: ExtractorError) -> ResultT_co:
        """The result for a task that could not be done."""
