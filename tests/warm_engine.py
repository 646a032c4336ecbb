"""The gate's engine without the 1.8 s of importing freqtrade for every job: tests fork it from a process that has imported it once."""

import multiprocessing
import os
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

from pipeline.adapters.freqtrade import tasks
from pipeline.domain.job import BacktestResult, Job, Measured
from pipeline.errors import ToolFailed


class WarmEngine:
    """A Backtester whose backtests are the real ones, each in a process of its own."""

    def measure(self, job: Job) -> Measured:
        results = tuple(self._one(job, number) for number in range(len(job.windows)))
        return Measured(results, (), {}, "a fork of the tests")

    def replay(self, job: Job, reveal: Callable[[int], None]) -> Measured:
        """Each window on what is there when its turn comes."""
        results = []
        for number, window in enumerate(job.windows):
            reveal(number)
            one = replace(job, windows=(window,), data_dir=f"{job.data_dir}/{number}")
            results += self.measure(one).backtests
        return Measured(tuple(results), (), {}, "a fork of the tests")

    def stop(self) -> None:
        """Nothing outlives its call."""

    @staticmethod
    def _one(job: Job, number: int) -> BacktestResult:
        context = multiprocessing.get_context("fork")
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_run, args=(job, number, theirs))
        process.start()
        theirs.close()
        try:
            result: BacktestResult = ours.recv()
        except EOFError:
            raise ToolFailed("the forked backtest died") from None
        finally:
            process.join()
            ours.close()
        return result


def _run(job: Job, number: int, answer_to: Connection) -> None:
    warnings.simplefilter("ignore")  # As in the gate's child; pytest makes errors of them.
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        answer_to.send(tasks.backtest(job, job.windows[number], Path(folder)))
        answer_to.close()
