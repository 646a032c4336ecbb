"""Measurements plus where they come from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.domain.policy import Policy
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.verdict import Finding, Measurement, Verdict
from pipeline.domain.windows import Window

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = 1
"""The version of evidence.json."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """What the numbers were made of; equal provenance means equal evidence.

    Digests name content, never paths or times. `simulated` evidence proves the train, not the strategy.
    """

    strategy: str
    class_name: str
    timeframe: str
    pairs: tuple[str, ...]
    content_digest: str
    files: dict[str, str]
    policy_digest: str
    environment_digest: str
    dataset: str
    dataset_digest: str
    markets_digest: str
    simulated: bool
    versions: dict[str, str]
    isolation: str
    title: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check that was made, with what it found; a check that could not be made carries an ERROR."""

    name: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class WindowTrades:
    """The trades of one window and the digest that names them."""

    window: Window
    trades: tuple[ClosedTrade, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class Run:
    """How this particular run went: the only part of evidence that may differ between two equal runs."""

    started_at: str = ""
    seconds: float = 0.0
    peak_memory_mib: float = 0.0
    cached: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known about one Candidate when it is judged."""

    provenance: Provenance
    checks: tuple[CheckResult, ...]
    measurements: tuple[Measurement, ...]
    windows: tuple[WindowTrades, ...]
    run: Run = field(default_factory=Run, compare=False)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A Candidate with its evidence, the policy that was applied and what came of it; what the gate reports, one a strategy.

    `incumbent` is the evidence of what it would replace; `chosen_because` says why this strategy was judged at all.
    """

    evidence: Evidence
    policy: Policy
    verdict: Verdict
    incumbent: Evidence | None = None
    chosen_because: str = ""


@dataclass(frozen=True, slots=True)
class WindowPicture:
    """What a chart needs of one window.

    `equity`, `market` and, where there is one, `incumbent`: float (n + 1,), account values indexed by UTC time, all from the same starting
    balance. `closes`: float (n, pairs), closing prices indexed by opening time.
    """

    window: Window
    equity: pd.Series
    market: pd.Series
    closes: pd.DataFrame
    incumbent: pd.Series | None = None
