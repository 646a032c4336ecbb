"""What a forked process of the gate's child does: one backtest, the bias check, the contract cases, the strategy's own tests, or its facts."""

import gc
import logging
from pathlib import Path

from freqtrade.strategy.interface import IStrategy

from pipeline.adapters.freqtrade import backtest as engine
from pipeline.adapters.freqtrade import behaviour as own_tests
from pipeline.adapters.freqtrade import bias as sight
from pipeline.adapters.freqtrade import contract as cases
from pipeline.adapters.freqtrade import facts as own_facts
from pipeline.adapters.freqtrade import loader, ticksize
from pipeline.domain.job import BacktestResult, Failure, Job
from pipeline.domain.trading_facts import TradingFacts
from pipeline.domain.verdict import Finding
from pipeline.domain.windows import Window

TESTS_SECONDS = 60.0
"""For all of a strategy's own tests together."""

ticksize.install()
logging.disable(logging.INFO)
gc.freeze()


def backtest(job: Job, window: Window, scratch: Path) -> BacktestResult:
    """The trades of one window."""
    return engine.backtest(job, window, scratch)


def contract(job: Job) -> tuple[Finding, ...]:
    """The contract cases, on candles that no test of the strategy can touch."""

    def load() -> IStrategy:
        return loader.load_strategy(Path(job.strategy_dir), job.class_name, timeframe=job.timeframe)

    return cases.run_contract(load, job.strategy_dir)


def bias(job: Job, scratch: Path) -> tuple[Finding, ...]:
    """Whether the strategy looks ahead, or depends on how much history there is."""
    return sight.run_bias(job, scratch)


def facts(job: Job) -> TradingFacts | Failure:
    """What a report about open trades needs, from the strategy as freqtrade resolves it; or why it cannot be loaded."""
    try:
        return own_facts.trading_facts(
            loader.load_strategy(Path(job.strategy_dir), job.class_name, timeframe=job.timeframe)
        )
    except Exception as error:
        return engine.failure(error, job.strategy_dir)


def behaviour(job: Job) -> tuple[Finding, ...]:
    """The strategy's own tests."""
    return own_tests.run_tests(
        job.strategy_dir, job.class_name, min(TESTS_SECONDS, job.limits.seconds), timeframe=job.timeframe
    )
