"""The engine of a cluster: parts as tasks of Ray Core, which starts again those whose worker is killed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any

from extractor.batch.part import Hands, PartReport, Told, Work, alone
from extractor.batch.run import Run
from extractor.errors import BatchError, extra_command
from extractor.scanning.workers import available_processors


def do_parts(
    work: Work, run: Run, numbers: Iterable[int], hands: Hands, told: Told | None = None
) -> Iterator[PartReport]:
    """Do parts side by side; a report for each, as they are done.

    The cluster is that of the environment (RAY_ADDRESS, or this process is of one); else one is started here with so
    many workers (None: as there are processors) and ended with the last part.
    """
    ray = _ray()
    started = not ray.is_initialized()
    if started:
        start(ray, hands.workers)
    try:
        each = Hands(1, hands.connections)
        task = ray.remote(num_cpus=1)(alone)
        waiting = {task.remote(work, run, number, each): number for number in numbers}
        while waiting:
            done, _ = ray.wait(list(waiting), num_returns=1)
            for one in done:
                report = _taken(ray, one, waiting.pop(one))
                if told is not None:
                    told(report.rows)
                yield report
    finally:
        if started:
            ray.shutdown()


def _ray() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise BatchError(f"the engine ray needs Ray: {extra_command('ray')}") from error
    return ray


def start(ray: Any, workers: int | None) -> None:
    """Join the cluster of the environment, or start one here that only this machine reaches."""
    quiet = {"log_to_driver": False, "logging_level": "ERROR"}
    if os.environ.get("RAY_ADDRESS"):
        ray.init(**quiet)
    else:
        processors = workers or available_processors()
        ray.init("local", num_cpus=processors, include_dashboard=False, _node_ip_address="127.0.0.1", **quiet)


def _taken(ray: Any, done: Any, number: int) -> PartReport:
    try:
        report: PartReport = ray.get(done)
    except ray.exceptions.RayError as error:
        return PartReport(number, problem=f"its worker failed: {str(error).splitlines()[0]}")
    return report
