"""How many processes a child has become and how much memory they hold: what no limit of a single process can bound."""

import psutil

from pipeline.domain.job import Job

EVERY_SECONDS = 0.5
SPARE_PROCESSES = 32
"""Beyond the worker and its tasks: a sandbox's own, and what a library may fork."""


def excess(pid: int, job: Job) -> str:
    """What the process and all that descend from it have too much of, in words; empty where all is well.

    Memory is resident memory; pages that forked processes share count once for each. A job may have as many times its memory per process as
    it may have tasks at once, and once more for the process that imports the engine.
    """
    family = _family(pid)
    if len(family) > job.parallel + 1 + SPARE_PROCESSES:
        return f"became more than {job.parallel + 1 + SPARE_PROCESSES} processes"
    most_mib = job.limits.memory_mib * (job.parallel + 1)
    if sum(map(_resident, family)) > most_mib * 2**20:
        return f"took more than {most_mib} MiB of memory together"
    return ""


def _family(pid: int) -> list[psutil.Process]:
    try:
        first = psutil.Process(pid)
        return [first, *first.children(recursive=True)]
    except psutil.Error:
        return []  # It has just ended; its answer or its exit code tells.


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0
