"""The engine's child process from outside: started clean, bounded in time, memory and words, and gone afterwards."""

import json
import os
import selectors
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO

import pipeline
from pipeline.adapters import census, process
from pipeline.adapters.answer_cache import AnswerCache
from pipeline.adapters.clean_environment import clean_environment
from pipeline.adapters.engine_answer import gathered, read_answer
from pipeline.adapters.process import Process
from pipeline.adapters.sandbox import Sandbox
from pipeline.domain.canonical import digest, plain
from pipeline.domain.job import Job, Measured
from pipeline.domain.verdict import Outcome
from pipeline.errors import ToolFailed

ROOT = Path(pipeline.__file__).resolve().parent.parent
BOOTSTRAP = "import sys; sys.path.insert(0, {root!r}); from pipeline.adapters.freqtrade.worker import main; main()"
"""Isolated mode ignores the folder and the environment it is started from; this is the judge's own code and no other's."""

GUARD = "guard (audit hook and resource limits, no sandbox)"
STARTING_SECONDS = 300.0
"""Until the child says that it has imported the engine. That is as slow as the disk, and no fault of a strategy, so it is not in the job's limit."""

GRACE_SECONDS = 30.0
"""For the answer; the child itself ends tasks that exceed the job's limit, which counts from its word that it is ready."""

KEPT_OF_STDERR = 64 * 1024
MOST_OF_STDERR = 64 * 2**20


class FreqtradeChild:
    """The Backtester behind which the real freqtrade stands: one child process a job.

    `python` is the interpreter whose packages hold the engine: this one, or one with the engine of an earlier commit.
    """

    def __init__(
        self, sandbox: Sandbox | None = None, cache: AnswerCache | None = None, python: str = sys.executable
    ) -> None:
        self._python = python
        self._sandbox = sandbox
        self._isolation = sandbox.name if sandbox is not None else GUARD
        self._cache = cache
        self._running: set[Process] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def measure(self, job: Job) -> Measured:
        """See `ports.Backtester`."""
        return self._measure(job, lambda: self._ask(job))

    def replay(self, job: Job, reveal: Callable[[int], None]) -> Measured:
        """See `ports.Backtester`."""

        lines = 0

        def heard(chunk: bytes) -> None:
            nonlocal lines
            for _ in range(chunk.count(b"\n")):
                lines += 1
                if lines < len(job.windows):
                    reveal(lines)

        def ask() -> bytes:
            reveal(0)
            return gathered(self._ask(job, heard), job)

        return self._measure(job, ask)

    def _measure(self, job: Job, ask: Callable[[], bytes]) -> Measured:
        # What was answered behind the guard is not what a sandbox would have answered.
        identity = digest([job.identity, self._isolation]) if job.identity else ""
        remembered = self._cache.get(identity) if self._cache and identity else None
        if remembered is not None:
            return replace(read_answer(remembered, job, self._isolation), cached=True)
        answer = ask()
        measured = read_answer(answer, job, self._isolation)
        if self._cache and identity and _whole(measured):
            self._cache.put(identity, answer)
        return measured

    def _ask(self, job: Job, heard: Callable[[bytes], None] = lambda _: None) -> bytes:
        """Start a child, ask it, and see that nothing of it stays; `heard` gets the answer's pieces as they come."""
        scratch = Path(tempfile.mkdtemp(prefix="freqtrain-child-"))
        try:
            argv: list[str] = [self._python, "-I", "-c", BOOTSTRAP.format(root=str(ROOT))]
            if self._sandbox is not None:
                argv, job = self._sandbox.enter(argv, job, scratch)
            with self._lock:
                if self._stopped:
                    raise ToolFailed("the gate was interrupted")
                child = process.start(argv, env=clean_environment(scratch), cwd=scratch)
                self._running.add(child)
            try:
                out, err = _converse(child, json.dumps(plain(job)).encode(), job, heard)
            finally:
                _end(child)
                if self._sandbox is not None:
                    self._sandbox.leave(scratch)
                with self._lock:
                    self._running.discard(child)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        if child.returncode != 0 or not out.strip():
            raise ToolFailed(f"the engine's process {_how(child.returncode)}", hint=_last_words(err))
        return out

    def stop(self) -> None:
        """End every child that runs; `measure` then raises in the threads that wait for one."""
        with self._lock:
            self._stopped = True
            for child in self._running:
                _kill(child)


def _whole(measured: Measured) -> bool:
    """Whether nothing failed: a failure may come from this machine and not from the strategy, so it is tried again."""
    return all(result.failure is None for result in measured.backtests) and all(
        finding.outcome is not Outcome.ERROR for finding in (*measured.behaviour, *measured.bias)
    )


def _converse(child: Process, question: bytes, job: Job, heard: Callable[[bytes], None]) -> tuple[bytes, bytes]:
    """Send the job and gather the answer and the last words, within the job's limits."""
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stderr is not None
    deadline, ready = time.monotonic() + STARTING_SECONDS, False
    writer = threading.Thread(target=_write, args=(child.stdin, question), daemon=True)
    writer.start()
    out, err, said, counted_at = bytearray(), bytearray(), 0, time.monotonic()
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ, "out")
        selector.register(child.stderr, selectors.EVENT_READ, "err")
        while selector.get_map():
            left = deadline - time.monotonic()
            if left <= 0:
                raise _late(job, ready)
            if time.monotonic() - counted_at > census.EVERY_SECONDS:
                counted_at, excess = time.monotonic(), census.excess(child.pid, job)
                if excess:
                    raise ToolFailed(f"the engine's process {excess}")
            for key, _ in selector.select(min(left, census.EVERY_SECONDS)):
                chunk = os.read(key.fd, 1 << 16)
                if not chunk:
                    selector.unregister(key.fileobj)
                elif key.data == "out":
                    out += chunk
                    heard(chunk)
                else:
                    said += len(chunk)
                    err = (err + chunk)[-KEPT_OF_STDERR:]
            if out and not ready:
                deadline, ready = time.monotonic() + job.limits.seconds + GRACE_SECONDS, True
            if flood := _flood(len(out), said, job):
                raise ToolFailed(flood)
    child.wait(max(1.0, deadline - time.monotonic()))
    return bytes(out), bytes(err)


def _flood(answered: int, said: int, job: Job) -> str:
    if answered > job.limits.answer_mib * 2**20:
        return f"the engine answered more than {job.limits.answer_mib} MiB"
    return f"the engine printed more than {MOST_OF_STDERR // 2**20} MiB" if said > MOST_OF_STDERR else ""


def _late(job: Job, ready: bool) -> ToolFailed:
    if not ready:
        return ToolFailed(
            f"the engine did not start within {STARTING_SECONDS:g} s",
            hint="nothing was asked of it yet: the machine is too busy, or its disk too slow; try again when it is quiet",
        )
    return ToolFailed(
        f"the engine did not finish within {job.limits.seconds:g} s",
        hint="judge fewer candles, or raise limits.seconds in the environment's file",
    )


def _write(stream: IO[bytes], question: bytes) -> None:
    try:
        with stream:
            stream.write(question)
    except OSError:
        pass  # The child has gone; its exit code tells.


def _end(child: Process) -> None:
    _kill(child)
    child.wait()
    for stream in (child.stdout, child.stderr):
        if stream is not None:
            stream.close()


def _kill(child: Process) -> None:
    """End the child and all that it started: it leads a process group of its own, whose id stays taken while a member lives."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _how(code: int | None) -> str:
    if code is not None and (code < 0 or code > 128):
        number = -code if code < 0 else code - 128  # a sandbox says it as a shell does
        return f"was ended by signal {number}" + (" (out of memory?)" if number == signal.SIGKILL else "")
    return f"ended with exit code {code}" if code else "answered nothing"


def _last_words(err: bytes) -> str:
    lines = [line for line in err.decode(errors="replace").splitlines() if line.strip()]
    return "its last words: " + " | ".join(lines[-5:])[-1500:] if lines else ""
