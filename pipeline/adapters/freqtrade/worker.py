"""The entry point of the gate's child process: it imports freqtrade once and forks one process for every task.

The job comes as JSON on standard input; the answer leaves as JSON on what was standard output when the process started. From then on
standard output is standard error, so that nothing a strategy prints can be taken for an answer. Tasks answer over pipes of bytes; nothing
that a strategy could have written is ever unpickled.
"""

import json
import multiprocessing
import os
import platform
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType

from pipeline.adapters.freqtrade import fence, replay
from pipeline.domain.canonical import Plain, plain
from pipeline.domain.job import BACKTEST, BEHAVIOUR, BIAS, CONTRACT, FACTS, REPLAY, Job
from pipeline.domain.job_text import job_from_plain

READY = b" "
"""Said when the engine is imported: from then on the judge counts the job's time. Before an answer in JSON it means nothing."""

LINGER_SECONDS = 5.0
"""How long a task may take to end after it has answered."""

LIBRARIES = ("freqtrade", "ccxt", "pandas", "numpy", "TA-Lib", "technical", "ft-pandas-ta", "pyarrow")
"""The libraries whose version can change a trade."""


def main() -> None:
    """Answer one job, then exit."""
    answer_to = os.dup(1)
    os.set_inheritable(answer_to, False)
    os.dup2(2, 1)
    fence.die_with_parent(os.getppid())
    job = job_from_plain(json.load(sys.stdin))
    fence.enclose(job.limits)
    method = job.start_method or ("fork" if sys.platform == "linux" else "spawn")
    if method == "fork":
        import pipeline.adapters.freqtrade.tasks  # noqa: F401  (imported before forking, so that every task finds it warm)
    _say(answer_to, READY)
    began, began_at = time.monotonic(), datetime.now(UTC)  # noqa: TID251  (a child process has no ports)
    tasks: dict[str, Plain] = {}
    if REPLAY in job.tasks:
        replay.in_turn(job, lambda one: _run_all(one, method), lambda line: _say(answer_to, line))
    else:
        tasks = _run_all(job, method)
    answer = {
        "tasks": tasks,
        "versions": versions(),
        "peak_memory_mib": _peak_memory_mib(),
        "started_at": plain(began_at.replace(microsecond=0)),
        "seconds": round(time.monotonic() - began, 3),
    }
    with os.fdopen(answer_to, "wb") as stream:
        stream.write(json.dumps(answer, allow_nan=False).encode())
    os._exit(0)


def _say(answer_to: int, text: bytes) -> None:
    """Write it at once and whole: the judge acts on it before the rest of the answer comes."""
    while text:
        text = text[os.write(answer_to, text) :]


def versions() -> dict[str, str]:
    """Of Python, TA-Lib and the other libraries that can change a trade."""
    found = {"python": platform.python_version(), "machine": platform.machine()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    return found


def task_names(job: Job) -> Iterator[str]:
    """The job's tasks, the slowest first: long windows, short windows, looking ahead, contract cases, the strategy's own tests, its facts."""
    if BACKTEST in job.tasks:
        order = sorted(job.windows, key=lambda window: window.start - window.end)
        yield from (f"{BACKTEST}:{window.name}" for window in order)
    if BIAS in job.tasks:
        yield BIAS
    if CONTRACT in job.tasks:
        yield CONTRACT
    if BEHAVIOUR in job.tasks:
        yield BEHAVIOUR
    if FACTS in job.tasks:
        yield FACTS


@dataclass(slots=True)
class _Running:
    """A task on its way: its process, and what it has answered so far."""

    name: str
    process: BaseProcess
    said: bytearray = field(default_factory=bytearray)


def _run_all(job: Job, method: str) -> dict[str, Plain]:
    """Run every task in a process of its own, at most `job.parallel` at a time; a task that dies gets a failure for an answer."""
    context = multiprocessing.get_context("fork") if method == "fork" else multiprocessing.get_context("spawn")
    deadline = time.monotonic() + job.limits.seconds
    waiting = list(task_names(job))
    running: dict[Connection, _Running] = {}
    answers: dict[str, Plain] = {}
    while waiting or running:
        while waiting and len(running) < max(1, job.parallel):
            name = waiting.pop(0)
            ours, theirs = context.Pipe(duplex=False)
            process: BaseProcess = context.Process(target=_task, args=(plain(job), name, theirs, os.getpid()))
            process.start()
            theirs.close()
            running[ours] = _Running(name, process)
        for ready in wait(list(running), max(0.0, deadline - time.monotonic())):
            assert isinstance(ready, Connection)
            answer = _hear(ready, running[ready], job)
            if answer is not None:
                answers[running.pop(ready).name] = answer
                ready.close()
        if time.monotonic() >= deadline:
            for task in running.values():
                task.process.kill()
                answers[task.name] = {"died": f"did not finish within {job.limits.seconds:g} s"}
            answers.update({name: {"died": "was not started in time"} for name in waiting})
            return answers
    return answers


def _hear(pipe: Connection, task: _Running, job: Job) -> Plain:
    """Take what a task has just said; its whole answer once it closes the pipe, None until then.

    Nothing here waits for a task: one that says half a sentence and stops must not hold up the others.
    """
    chunk = os.read(pipe.fileno(), 1 << 20)
    task.said += chunk
    if len(task.said) > job.limits.answer_mib * 2**20:
        task.process.kill()
        return {"died": f"answered more than {job.limits.answer_mib} MiB"}
    if chunk:
        return None
    task.process.join(LINGER_SECONDS)
    if task.process.is_alive():
        task.process.kill()
        task.process.join()
        return {"died": "went on running after it had closed its answer"}
    if not task.said or task.process.exitcode != 0:
        return {"died": _how(task.process.exitcode)}
    try:
        answer: Plain = json.loads(task.said)
        json.dumps(answer, allow_nan=False, ensure_ascii=False).encode()  # half characters and numbers that are none
    except (ValueError, RecursionError) as error:
        return {"died": f"gave an answer that cannot be read ({error})"}
    return answer


def _how(code: int | None) -> str:
    if code is not None and code < 0:
        return f"was ended by signal {-code}" + (" (out of memory or time?)" if code in (-9, -24) else "")
    return f"ended itself with exit code {code} before it could answer"


def _task(job_as_plain: Plain, name: str, answer_to: Connection, parent: int) -> None:
    """Run one task in this process, which does nothing else in its life."""
    own = os.getpid()
    fence.die_with_parent(parent)
    job = job_from_plain(job_as_plain)
    fence.limit(job.limits)
    fence.keep_only(answer_to.fileno())
    from pipeline.adapters.freqtrade import tasks

    with tempfile.TemporaryDirectory(prefix="freqtrain-task-") as folder:
        os.chdir(folder)
        try:
            result = _result(tasks, job, name, Path(folder))
        finally:
            if os.getpid() != own:
                os._exit(1)  # A copy that the strategy forked: only the first process answers, and cleans up.
        _write(answer_to, json.dumps(plain(result), allow_nan=False).encode())


def _result(tasks: ModuleType, job: Job, name: str, folder: Path) -> object:
    if name.startswith(f"{BACKTEST}:"):
        window = next(window for window in job.windows if window.name == name.partition(":")[2])
        return tasks.backtest(job, window, folder)
    if name == BIAS:
        return tasks.bias(job, folder)
    if name == FACTS:
        return tasks.facts(job)
    return tasks.contract(job) if name == CONTRACT else tasks.behaviour(job)


def _write(answer_to: Connection, answer: bytes) -> None:
    """Everything, then the end: whoever reads sees by it that the answer is whole."""
    with os.fdopen(os.dup(answer_to.fileno()), "wb") as stream:
        answer_to.close()
        stream.write(answer)


def _peak_memory_mib() -> float:
    unit = 1024 if sys.platform == "linux" else 1024**2
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / unit


if __name__ == "__main__":
    main()
