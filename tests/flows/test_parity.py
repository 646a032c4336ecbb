"""A bot's time replayed: real trades with planted differences, and everything that can keep two accounts from being compared."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.adapters.datasets import DataSet
from pipeline.adapters.engine import FreqtradeChild
from pipeline.adapters.sandbox import best
from pipeline.domain.job import BacktestResult, Failure, Measured
from pipeline.domain.parity import Class, Compared
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.train.decisions import Observed, ParityMeasured
from pipeline.domain.train.facts import recorded
from pipeline.domain.train.own import BY_HAND
from pipeline.domain.train.plan import Order
from pipeline.errors import FreqtrainError, Refused, ToolFailed, UsageError
from pipeline.flows.deploy import deploy
from pipeline.flows.observe import observation
from pipeline.flows.parity import compared, record
from pipeline.flows.parity_fit import job_of, replayable, stretches
from tests.domain.trading.samples import DRY
from tests.fakes import FakeBacktester
from tests.flows.parity_ground import BEGAN, CANDLE, END, FIRST_CANDLE, Replayed, replayed
from tests.flows.road_ground import NEW, OLD, STRATEGY
from tests.small_sets import small_set
from tests.warm_engine import WarmEngine

MOMENT = timedelta(seconds=6)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> DataSet:
    return small_set(tmp_path_factory.mktemp("candles") / "set", 7)


@pytest.fixture
def device(tmp_path: Path, data: DataSet) -> Replayed:
    return replayed(tmp_path, data)


def later(trade: ClosedTrade, by: timedelta = MOMENT) -> ClosedTrade:
    """The trade of a bot, which needs a moment."""
    fills = tuple(replace(fill, at=fill.at + by) for fill in trade.fills)
    return replace(trade, opened_at=trade.opened_at + by, closed_at=trade.closed_at + by, fills=fills)


def _sold_later(trade: ClosedTrade) -> ClosedTrade:
    """What the backtest sold because it ended, a bot holds on to."""
    after = END + timedelta(minutes=1)
    return replace(
        trade, closed_at=after, fills=(trade.fills[0], replace(trade.fills[-1], at=after)), exit_reason="roi"
    )


def of(device: Replayed) -> Compared:
    return compared(STRATEGY, None, None, device.ground())


@pytest.mark.processes
@pytest.mark.sockets
def test_a_bots_trades_are_those_of_the_engine_but_for_what_was_planted(device: Replayed) -> None:
    what = replayable(device.bundle, DRY, device.data)
    windows = stretches(device.road().state().of(STRATEGY).deployments, None, END, what)
    folder = device.scratch / "again"
    folder.mkdir()
    job = job_of(what, windows, DRY, device.data, folder, device.ground().limits)
    (answer,) = WarmEngine().measure(job).backtests
    assert answer.failure is None
    made = [_sold_later(one) if one.exit_reason == "force_exit" else one for one in answer.trades]
    assert len(made) >= 12, "too few trades to plant anything in"
    device.backtester = FreqtradeChild(best().sandbox)

    device.observed([later(one) for one in made])
    same = of(device)
    assert (same.parity.mismatches, same.parity.ratio) == ((), 1.0)
    assert same.parity.alike == len(made)

    (device.bank.root / "observations.sqlite").unlink()
    missed, late, sold, other, revised, *rest = (later(one) for one in made[3:-2])
    waited = 4 * CANDLE
    price = device.opening(late.pair, made[4].opened_at + waited)
    bought = replace(late.fills[0], at=late.fills[0].at + waited, price=price)
    dear = tuple(replace(fill, price=fill.price * 1.2) for fill in revised.fills)
    device.observed(
        [
            *(later(one) for one in (*made[:3], *made[-2:])),
            *rest,
            replace(late, opened_at=late.opened_at + waited, open_rate=price, fills=(bought, *late.fills[1:])),
            replace(sold, exit_reason="custom"),
            replace(other, pair="DOGE/USDT"),
            replace(revised, open_rate=revised.open_rate * 1.2, fills=dear),
        ]
    )
    found = of(device).parity
    assert found.counts == {
        Class.MISSED_ENTRY: 2,  # one that is gone, and one that was made in another pair
        Class.LATE_FILL: 1,
        Class.CALLBACK: 1,
        Class.PAIR_LIST: 1,
        Class.DATA_REVISED: 1,
    }
    assert (missed.pair, missed.opened_at - MOMENT) in {(one.pair, one.at) for one in found.mismatches}
    assert found.alike == len(made) - 5
    assert found.ratio == pytest.approx((len(made) - 5) / (len(made) + 1))


def test_the_engine_is_asked_for_the_time_in_which_the_bundle_stood_with_the_bots_money(device: Replayed) -> None:
    device.observed([])
    found = of(device)
    (job,) = device.jobs
    assert [(one.start, one.end) for one in job.windows] == [(FIRST_CANDLE, END)]
    assert (job.account.wallet, job.account.stake, job.account.max_open_trades) == (1000.0, None, 5)
    assert (job.pairs, job.timeframe, job.tasks) == (("BTC/USDT", "ETH/USDT"), "5m", ("backtest",))
    assert job.freqtrade["available_capital"] == 1000.0
    assert (found.windows, found.dataset, found.parity.compared) == (job.windows, device.data.manifest.digest, 0)


def test_each_deployment_is_a_time_of_its_own_and_candles_bound_it(device: Replayed) -> None:
    bank = device.bank
    bank.clock.at = BEGAN + timedelta(hours=10)
    deploy(Order(STRATEGY, NEW, "operator"), bank.road())
    bank.clock.at += timedelta(hours=5)
    deploy(Order(STRATEGY, OLD, "operator"), bank.road())
    bank.clock.at = END + timedelta(hours=3)
    device.observed([])
    first, second = of(device).windows
    assert (first.start, first.end) == (FIRST_CANDLE, FIRST_CANDLE.replace(hour=16, minute=0))
    assert (second.start, second.end) == (FIRST_CANDLE.replace(hour=21), END)
    assert any("What came after 2026-01-01 00:00 UTC is not compared." in note for note in of(device).notes)
    since, until = BEGAN + timedelta(hours=20), BEGAN + timedelta(hours=22)
    (part,) = compared(STRATEGY, since, until, device.ground()).windows
    assert (part.start, part.end) == (
        FIRST_CANDLE + timedelta(hours=20),
        FIRST_CANDLE.replace(day=29, hour=4, minute=0),
    )


def test_what_the_strategy_needs_before_its_first_trade_is_not_traded(device: Replayed) -> None:
    code = device.bundle.files["strategy.py"].replace(b"startup_candle_count = 30", b"startup_candle_count = 100")
    device.bundle = replace(device.bundle, files={"strategy.py": code})
    device.observed([])
    assert of(device).windows[0].start == FIRST_CANDLE.replace(hour=0, minute=0) + 100 * CANDLE


def test_what_was_found_is_recorded_and_judged_from_then_on(device: Replayed) -> None:
    device.theirs = [device.trade(candle) for candle in range(20, 220, 20)]
    device.observed([later(one) for one in device.theirs[1:]])
    record(of(device), device.road(), "ada")
    (fact,) = (one.fact for one in recorded(device.bank.entries()) if isinstance(one.fact, ParityMeasured))
    assert (fact.alike, fact.compared, fact.mismatches, fact.by) == (9, 10, ("missed_entry: 1",), "ada")
    assert (fact.since_at, fact.until_at, fact.dataset) == (FIRST_CANDLE, END, device.data.manifest.digest)
    assert observation(STRATEGY, OLD, device.road(), device.ground().past).parity == fact


def test_nothing_is_recorded_while_another_verb_is_at_work(device: Replayed) -> None:
    device.observed([])
    device.bank.locked_by = "deploy"
    found, before = of(device), device.bank.kinds()
    with pytest.raises(FreqtrainError, match="'deploy' is at work"):
        record(found, device.road(), "ada")
    device.bank.locked_by = ""
    assert device.bank.kinds() == before


def test_trades_that_only_the_bot_tells_count_too_and_those_of_a_person_do_not(device: Replayed) -> None:
    device.theirs = [device.trade(20), device.trade(60)]
    forced = replace(device.trade(100, "ETH/USDT"), enter_tag=BY_HAND)
    device.bank.closed = [later(device.trade(20)), later(device.trade(60)), later(forced)]
    found = of(device)
    assert (found.parity.alike, found.parity.mismatches) == (2, ())


def test_trades_of_an_earlier_stake_currency_are_not_compared(device: Replayed) -> None:
    """No backtest in the new one could make them alike."""
    device.theirs = [device.trade(40)]
    device.bank.closed = [later(replace(device.trade(10), pair="BTC/EUR")), later(device.trade(40))]
    found = of(device)
    assert (found.parity.alike, found.parity.mismatches) == (1, ())


def test_a_position_of_a_person_keeps_the_strategy_out_of_its_pair(device: Replayed) -> None:
    device.theirs = [device.trade(20), device.trade(60)]
    forced = replace(device.trade(58, length=10), enter_tag=BY_HAND)
    device.bank.closed = [later(device.trade(20)), later(forced)]
    (mismatch,) = of(device).parity.mismatches
    assert (mismatch.kind, mismatch.excused) == (
        Class.MISSED_ENTRY,
        "the bot held that pair from before, or for a person",
    )


def test_what_a_bot_missed_while_it_was_down_or_paused_does_not_count(device: Replayed) -> None:
    device.theirs = [device.trade(candle) for candle in (20, 60, 100)]
    states = [
        (BEGAN, "running"),
        (FIRST_CANDLE + 59 * CANDLE, "down"),
        (FIRST_CANDLE + 62 * CANDLE, "running"),
    ]
    device.observed([later(device.theirs[0])], states)
    found = of(device).parity
    assert [one.excused for one in found.mismatches] == ["the bot was down", ""]
    assert (found.alike, found.compared) == (1, 2)


def test_a_silent_bot_is_compared_by_what_was_kept_and_that_is_said(device: Replayed) -> None:
    still_open = replace(device.trade(800), exit_reason="force_exit")
    device.theirs = [device.trade(20), still_open]
    device.observed([later(device.trade(20))])
    device.bank.silent.add(f"{DRY.name}-{STRATEGY}-a")
    found = of(device)
    assert (found.parity.alike, found.parity.compared) == (1, 1)
    assert "Its bot does not answer: what it still holds is not known." in found.notes


def test_pairs_without_candles_are_told(device: Replayed) -> None:
    device.bank.environment = replace(DRY, pairs=("BTC/USDT", "SOL/USDT"))
    device.observed([replace(later(device.trade(20)), pair="SOL/USDT")])
    found = of(device)
    assert "There are no candles of SOL/USDT: what was traded of these shows as pair_list." in found.notes
    assert found.parity.counts == {Class.PAIR_LIST: 1}
    assert device.jobs[0].pairs == ("BTC/USDT",)


def test_where_pair_lists_choose_every_pair_of_the_data_is_replayed_without_them(device: Replayed) -> None:
    lists = [{"method": "VolumePairList", "number_assets": 5}]
    device.bank.environment = replace(DRY, pairs=(), freqtrade={"pairlists": lists, "unfilledtimeout": {"entry": 5}})
    device.theirs = [device.trade(20), device.trade(60, "ETH/USDT")]
    device.observed([later(device.trade(20))])
    found = of(device)
    assert found.parity.counts == {Class.PAIR_LIST: 1}
    assert device.jobs[0].pairs == ("BTC/USDT", "ETH/USDT")
    assert device.jobs[0].freqtrade == {"unfilledtimeout": {"entry": 5}, "available_capital": 1000.0}
    assert any(note.startswith("Pair lists choose") for note in found.notes)


def refused(device: Replayed, kind: type[FreqtrainError], told: str, strategy: str = STRATEGY) -> None:
    with pytest.raises(kind, match=told):
        compared(strategy, None, None, device.ground())


def test_what_cannot_be_compared_is_refused_with_its_reason(device: Replayed) -> None:
    refused(device, UsageError, "nothing of 'nobody' runs in 'test'", "nobody")
    device.bank.silent.add(f"{DRY.name}-{STRATEGY}-a")
    refused(device, Refused, "nobody observed it, and its bot does not answer")
    device.bank.silent.clear()
    device.bank.road().record(Observed(DRY.name, STRATEGY, OLD, 50.0, 3))
    refused(device, Refused, "trades are missing: the ledger counted 3 closed ones")
    device.against = [("the bundle was measured with freqtrade 2020.1", "install it")]
    refused(device, Refused, "the bundle was measured with freqtrade 2020.1")
    device.against = []
    device.bank.environment = replace(DRY, exchange="kraken")
    refused(device, Refused, "'test' trades on kraken, and the candles are binance's")
    device.bank.environment = replace(DRY, pairs=("DOGE/USDT",))
    refused(device, Refused, r"has none of its pairs \(DOGE/USDT\)")
    device.bank.environment = DRY
    device.bundle = replace(device.bundle, timeframe="7m")
    refused(device, Refused, "candles of 7m can be neither found")


def test_a_bundle_that_stood_beside_the_candles_is_refused(tmp_path: Path, data: DataSet) -> None:
    device = replayed(tmp_path, data)
    with pytest.raises(Refused, match=r"did not stand long enough .* \(2025-12-28 02:30 to 2026-01-01 00:00 UTC\)"):
        compared(STRATEGY, END - timedelta(minutes=20), None, device.ground())


def test_a_backtest_that_fails_is_a_tool_that_failed(device: Replayed) -> None:
    failure = BacktestResult("1", failure=Failure("KeyError", "rsi"))
    device.backtester = FakeBacktester(lambda _: Measured((failure,), (), {}, "none"))
    device.observed([])
    refused(device, ToolFailed, "the backtest failed: KeyError: rsi")
