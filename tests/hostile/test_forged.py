"""Trades that are made up in perfect form: the audit and the replay refuse them, with lint left out."""

from pathlib import Path

import pytest

from pipeline.adapters import sandbox
from pipeline.adapters.cut_candles import write_cut
from pipeline.adapters.engine import FreqtradeChild
from pipeline.adapters.market_snapshot import read_markets
from pipeline.domain.evidence import CheckResult
from pipeline.domain.job import Measured
from pipeline.domain.lint import lint
from pipeline.domain.policy import Policy
from pipeline.domain.strategy import STRATEGY_FILE, Candidate, StrategySpec
from pipeline.domain.verdict import Outcome
from pipeline.flows.gate_prepare import Prepared
from pipeline.flows.gate_replay import AuditTools, audited
from pipeline.flows.gate_select import Entrant
from tests.fakes import FakeNarrator
from tests.hostile import ground
from tests.hostile.case import Hostile, candidate, carrier
from tests.hostile.forge import FORESEE, FORGE
from tests.hostile.ground import Market

pytestmark = pytest.mark.processes

HONEST = "honest"


@pytest.fixture(scope="session")
def child() -> FreqtradeChild:
    return FreqtradeChild(sandbox.best().sandbox)


@pytest.fixture(scope="session")
def measured(child: FreqtradeChild, market: Market, tmp_path_factory: pytest.TempPathFactory) -> Measured:
    """Every forger's trades and those of the honest window, from one child."""
    attacks = (*FORGE, *FORESEE)
    names = [HONEST, *(attack.name for attack in attacks)]
    return child.measure(ground.job(market, tmp_path_factory.mktemp("forgers"), attacks, names))


def check(
    child: FreqtradeChild, market: Market, measured: Measured, folder: Path, attack: Hostile | None
) -> CheckResult:
    """What the audit says of one forger, or of the honest window."""
    attacks, name = ((attack,), attack.name) if attack else ((), HONEST)
    job = ground.job(market, folder, attacks, [name])
    candidate = Candidate(StrategySpec("hostile", "Hostile"), {STRATEGY_FILE: carrier(attacks).encode()})
    item = Prepared(
        Entrant(candidate),
        Policy(("audit",)),
        (),
        (),
        "1h",
        ground.PAIRS,
        job.windows,
        market.frames(),
        market.data_dir,
        "",
        {},
    )
    own = tuple(result for result in measured.backtests if result.window == name)
    tools = AuditTools(
        child, FakeNarrator(), read_markets(market.markets), "d", write_cut, b"s" * 32, folder, at_once=2
    )
    return audited(item, job, Measured(own, (), {}, "test"), tools)


@pytest.mark.parametrize("attack", [*FORGE, *FORESEE], ids=lambda attack: attack.name)
def test_its_form_alone_gives_a_forger_no_complaint(measured: Measured, market: Market, attack: Hostile) -> None:
    (own,) = [result for result in measured.backtests if result.window == attack.name]
    assert own.failure is None
    assert len(own.trades) > 3


@pytest.mark.parametrize("attack", [*FORGE, *FORESEE], ids=lambda attack: attack.name)
def test_trades_that_could_not_be_made_from_the_past_fail(
    child: FreqtradeChild, market: Market, measured: Measured, tmp_path: Path, attack: Hostile
) -> None:
    found = check(child, market, measured, tmp_path, attack).findings
    assert max(finding.outcome for finding in found) is Outcome.FAIL, found


def test_honest_trades_from_the_same_child_are_believed(
    child: FreqtradeChild, market: Market, measured: Measured, tmp_path: Path
) -> None:
    found = check(child, market, measured, tmp_path, None).findings
    assert [finding.outcome for finding in found] == [Outcome.PASS], found


@pytest.mark.parametrize("attack", [*FORGE, *FORESEE], ids=lambda attack: attack.name)
def test_lint_would_not_even_have_run_a_forger(attack: Hostile) -> None:
    assert any(finding.outcome is Outcome.FAIL for finding in lint(candidate(attack), frozenset({"talib"})))
