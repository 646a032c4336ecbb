"""Backtests one after the other, each on candles that are put there only when the one before has been answered.

What a process of this child keeps, for itself or for a later one, is the past of whatever comes later: no answer can be made of candles that
came after it.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from pipeline.domain.canonical import Plain
from pipeline.domain.job import BACKTEST, Job

LOOK_SECONDS = 0.005
"""How often the next folder is looked for."""


def in_turn(job: Job, run: Callable[[Job], Mapping[str, Plain]], say: Callable[[bytes], object]) -> None:
    """Run each window on the candles of the folder that is named by its place, `<data_dir>/0` and so on, and say its answer in a line.

    Args:
        run: gives the answers of a job's tasks by name.
        say: writes bytes to the judge, who puts the next folder there when a line has come.
    """
    deadline = time.monotonic() + job.limits.seconds
    for number, window in enumerate(job.windows):
        folder = Path(job.data_dir) / str(number)
        while not folder.is_dir() and time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS)  # noqa: TID251  (a child process has no ports)
        left = replace(job.limits, seconds=max(1.0, deadline - time.monotonic()))
        one = replace(job, tasks=(BACKTEST,), windows=(window,), data_dir=str(folder), parallel=1, limits=left)
        (answer,) = run(one).values()
        say(json.dumps(answer, allow_nan=False).encode() + b"\n")
