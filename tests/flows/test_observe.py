"""What was observed decides who boards: an edge that was shown boards, and nothing that is missing or too little does."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.domain.policy import Scope, Span, Threshold
from pipeline.domain.trading import Boarding
from pipeline.domain.train.decide import Decision
from pipeline.domain.train.decisions import EntriesStopped, ParityMeasured
from pipeline.domain.verdict import Outcome
from pipeline.flows.observe import observation, promise
from tests.flows.observe_ground import DEMANDED, Sandbox, sandbox
from tests.flows.promote_ground import DIP, DIP_1, DIP_2

ASKS_LITTLE = Boarding(24.0, 1)


@pytest.fixture
def ground(tmp_path: Path) -> Sandbox:
    return sandbox(tmp_path)


def seat(ground: Sandbox, demanded: Boarding = DEMANDED) -> tuple[str, str]:
    """What is decided about dip, and why; `decide` and `promote` have to agree."""
    (found,) = [seat for seat in ground.boards(demanded).boarding.seats if seat.strategy == DIP]
    if ground.past() is not None:
        assert found.boards == (ground.decided(demanded).decision is Decision.PROMOTE)
    return found.decision.value, found.reason


def test_an_edge_that_was_shown_boards_without_anybody_saying_so(ground: Sandbox) -> None:
    ground.earns(0.008, 200)
    ground.is_watched()
    assert seat(ground) == ("boards", "")
    assert ground.decided().power.startswith("200 of about ")


def test_whose_trades_were_not_found_to_be_its_backtests_does_not_board_where_that_is_asked(ground: Sandbox) -> None:
    together = Scope(Span.ALL_TOGETHER)
    asks = Boarding(24.0, 1, (Threshold("parity_ratio", together, at_least=0.9),))
    ground.earns(0.008, 200)
    ground.is_watched()
    assert seat(ground, asks) == ("stays", "Share of trades that are the backtest's was not measured over all windows")
    at, name = ground.bank.clock.now(), ground.bank.environment.name
    ground.bank.road().record(ParityMeasured(name, DIP, DIP_2, at, at, "sha256:0", 8, 10))
    decision, reason = seat(ground, asks)
    assert (decision, reason.startswith("Share of trades that are the backtest's is 80.00 %")) == ("stays", True)
    ground.bank.road().record(ParityMeasured(name, DIP, DIP_2, at, at, "sha256:0", 19, 20))
    assert seat(ground, asks) == ("boards", "")


def test_too_few_trades_stay_with_their_sentence(ground: Sandbox) -> None:
    ground.earns(0.0, 40)
    ground.is_watched()
    decision, reason = seat(ground)
    assert decision == "stays"
    assert reason.startswith("Lowest mean profit per trade that the trades leave possible")
    assert reason.endswith("it must be above 0.00 %")


def test_who_broke_its_promise_does_not_board_even_where_nothing_else_is_asked(ground: Sandbox) -> None:
    ground.earns(-0.008, 200)
    ground.is_watched()
    decision, reason = seat(ground, ASKS_LITTLE)
    assert (decision, "below the backtest's" in reason) == ("stays", True)
    assert ground.decided(ASKS_LITTLE).decision is Decision.ROLL_BACK


def test_without_a_promise_nobody_knows_whether_it_is_kept_and_it_stays(ground: Sandbox) -> None:
    ground.bundles.numbers = {}
    ground.earns(0.008, 200)
    ground.is_watched()
    decision, reason = seat(ground, ASKS_LITTLE)
    assert (decision, "was not measured" in reason) == ("stays", True)
    assert ground.decided(ASKS_LITTLE).staying.outcome is Outcome.ERROR


def test_without_observations_nothing_was_measured_and_the_ledger_counts(ground: Sandbox) -> None:
    ground.earns(0.008, 200)
    decision, reason = seat(ground)
    assert (decision, reason.startswith("Nothing was measured")) == ("stays", True)
    assert seat(ground, ASKS_LITTLE) == ("boards", "")
    assert ground.decided().decision is Decision.HOLD
    assert ground.decided().reasons[-1] == "Nobody has observed it here yet."


def test_a_bot_that_does_not_answer_leaves_its_open_trades_unknown_and_nothing_measured(ground: Sandbox) -> None:
    ground.earns(0.008, 200)
    ground.is_watched()
    ground.bank.silent.update(ground.bank.processes)
    decision, reason = seat(ground)
    assert (decision, "Nothing was measured" in reason) == ("stays", True)
    assert "does not answer" in ground.bank.narrator.lines[-1]
    assert ground.decided().reasons[-1] == "Its bot does not tell which trades are open."


def test_a_bundle_that_does_not_run_any_more_is_not_measured(ground: Sandbox) -> None:
    ground.is_watched()
    seen = observation(DIP, DIP_1, ground.road(), ground.past())
    assert (seen.trades, seen.open_since) == (None, None)


def test_trades_that_the_bot_tells_and_nobody_kept_yet_count_once(ground: Sandbox) -> None:
    ground.earns(0.008, 100)
    ground.is_watched()
    ground.bank.closes(1.0)
    ground.bank.open_trades[DIP] = 2
    seen = observation(DIP, DIP_2, ground.road(), ground.past())
    assert seen.trades is not None
    assert seen.open_since is not None
    assert (len(seen.trades), len(seen.open_since)) == (101, 2)


def test_trades_of_an_earlier_stake_currency_are_no_part_of_what_is_judged_and_none_is_missed(ground: Sandbox) -> None:
    ground.earns(0.008, 100)
    earlier = [replace(one, pair="BTC/EUR", profit=-1e6, profit_ratio=-0.9) for one in ground.bank.closed[:40]]
    ground.bank.closed[:40] = earlier
    ground.is_watched()
    seen = observation(DIP, DIP_2, ground.road(), ground.past())
    assert seen.trades is not None
    assert ({one.pair for one in seen.trades}, len(seen.trades), seen.damaged) == ({"BTC/USDT"}, 60, ())


def test_trades_that_the_ledger_counted_and_nobody_kept_are_missed(ground: Sandbox) -> None:
    ground.earns(0.008, 200, counted=230)
    ground.is_watched()
    assert seat(ground)[0] == "stays"
    assert "the ledger counted 230 closed trades, and 200 are kept" in str(ground.decided())


def test_equity_that_was_damaged_is_no_curve_and_trades_still_count(ground: Sandbox) -> None:
    ground.earns(0.008, 200)
    ground.file.write_bytes(b"x" * 8192)
    ground.is_watched()
    seen = observation(DIP, DIP_2, ground.road(), ground.past())
    assert seen.curve is not None
    assert len(seen.curve) == 0
    assert seat(ground) == ("boards", "")


def test_a_stop_there_keeps_it_from_boarding(ground: Sandbox) -> None:
    ground.earns(0.008, 200)
    ground.is_watched()
    ground.bank.road().record(EntriesStopped("sandbox", DIP, "operator", "I go on holiday"))
    decision, reason = seat(ground)
    assert (decision, "I go on holiday" in reason) == ("stays", True)


def test_evidence_that_cannot_be_read_promises_nothing_and_is_told(ground: Sandbox) -> None:
    ground.bundles.damaged.add(DIP_2)
    assert promise(DIP_2, ground.road()) is None
    assert ground.bank.narrator.lines[-1] == f"{DIP_2[:12]} is damaged"
