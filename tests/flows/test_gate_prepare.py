"""What is made ready before anything runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd
import pytest

from pipeline.domain.verdict import Finding, Outcome
from pipeline.errors import ToolFailed
from pipeline.flows.gate_prepare import prepare
from pipeline.flows.gate_select import Entrant
from tests.fakes import FakeBacktester, FakeCandles
from tests.flows.gate_ground import FILES, SOURCE, answering, bench, candidate


@dataclass
class CountedCandles(FakeCandles):
    """Counts what is read."""

    read: list[tuple[str, str]] = field(default_factory=list)

    def frame(self, pair: str, timeframe: str) -> pd.DataFrame:
        self.read.append((pair, timeframe))
        return super().frame(pair, timeframe)


class EchoingLinter:
    """Finds in each strategy what its source ends with."""

    def lint(self, files: Mapping[str, bytes]) -> Sequence[Finding]:
        last = files["strategy.py"].decode().splitlines()[-1]
        return (Finding("lint", "E1", Outcome.PASS, last, warning=True),)


class BrokenLinter:
    def lint(self, files: Mapping[str, bytes]) -> Sequence[Finding]:
        raise ToolFailed("ruff is not installed")


def entrants(count: int) -> list[Entrant]:
    files = [{**FILES, "strategy.py": SOURCE + f"# number {number}\n".encode()} for number in range(count)]
    return [Entrant(candidate(one)) for one in files]


def test_strategies_with_the_same_pairs_share_what_was_read_once(tmp_path: Path) -> None:
    ground = bench(FakeBacktester(answering(0.01)), tmp_path).ground
    candles = CountedCandles(ground.candles.frames)  # type: ignore[attr-defined]
    first, second = prepare(entrants(2), replace(ground, candles=candles))
    assert candles.read == [("BTC/USDT", "1h"), ("ETH/USDT", "1h")]
    assert first.frames["BTC/USDT"] is second.frames["BTC/USDT"]


def test_every_strategy_gets_the_linters_word_on_itself(tmp_path: Path) -> None:
    ground = replace(bench(FakeBacktester(answering(0.01)), tmp_path).ground, linter=EchoingLinter())
    told = [item.lint[-1].reason for item in prepare(entrants(9), ground)]
    assert told == [f"# number {number}" for number in range(9)]


def test_a_linter_that_fails_stops_the_gate(tmp_path: Path) -> None:
    ground = replace(bench(FakeBacktester(answering(0.01)), tmp_path).ground, linter=BrokenLinter())
    with pytest.raises(ToolFailed, match="ruff is not installed"):
        prepare(entrants(2), ground)
