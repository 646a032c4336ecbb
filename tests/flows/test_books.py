"""A change of currency or exchange while trades are open: nothing new starts on them, what stands goes on for its exits, and nothing enters."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.domain.train.decisions import Soaked
from pipeline.domain.train.movements import TradePolicy
from pipeline.domain.train.plan import Order
from pipeline.domain.train.terms import BookedTrade, Terms
from pipeline.errors import Refused, ToolFailed, Undone
from pipeline.flows.converge import converge
from pipeline.flows.deploy import deploy
from pipeline.flows.road import Road
from pipeline.flows.roll_back import roll_back
from pipeline.flows.stop import release, stop
from tests.domain.trading.samples import DRY, LIVE
from tests.flows.road_ground import NEW, OLD, STRATEGY, Crash, Device, FakeDatabases, running

ORDER = Order(STRATEGY, NEW, "operator")
USDT, BTC = Terms("binance", "USDT"), Terms("binance", "BTC")
IN_BTC = replace(DRY, stake_currency="BTC", pairs=("ETH/BTC",))


def home(device: Device, slot: str = "a") -> tuple[str, Terms]:
    return device.terms[f"{DRY.name}-{STRATEGY}-{slot}"]


def told(device: Device) -> str:
    bundle = next(iter(device.alive()), OLD)
    return "; ".join(hold.reason for hold in device.road().state().holds(STRATEGY, bundle))


def reboot(device: Device) -> None:
    for process in device.processes.values():
        process.alive = process.reads_database = False
    device.clock.sleep(60)


def in_btc(device: Device) -> BookedTrade:
    return BookedTrade("ETH/BTC", device.clock.now(), BTC)


def test_a_deployment_in_another_currency_is_refused_while_trades_are_open_and_names_them_and_the_way_out(
    tmp_path: Path,
) -> None:
    device = running(tmp_path, trades=2)
    with pytest.raises(Refused) as refused:
        deploy(ORDER, device.road(IN_BTC))
    assert "2 trades are open in USDT on binance (BTC/USDT since " in refused.value.message
    assert "'test' trades BTC on binance now" in refused.value.message
    assert "`freqtrain stop test dip --exit`" in refused.value.message
    assert (device.entering(), home(device)) == ([OLD], (OLD, USDT)), "what ran goes on as it was"


def test_neither_may_the_exchange_change_under_open_trades(tmp_path: Path) -> None:
    device = running(tmp_path, LIVE)
    with pytest.raises(Refused, match=r"a trade is open in USDT on binance .* and 'sandbox' trades USDT on kraken now"):
        deploy(ORDER, device.road(replace(LIVE, exchange="kraken")))
    assert device.entering() == [OLD]


def test_the_same_bundle_may_not_be_started_anew_either(tmp_path: Path) -> None:
    device = running(tmp_path)
    with pytest.raises(Refused, match="a trade is open in USDT"):
        deploy(Order(STRATEGY, OLD, "operator", again=True), device.road(IN_BTC))
    assert device.entering() == [OLD]


def test_trades_that_are_closed_are_no_hindrance(tmp_path: Path) -> None:
    device = running(tmp_path, trades=0)
    deploy(ORDER, device.road(IN_BTC))
    assert (device.entering(), home(device, "b")) == ([NEW], (NEW, BTC))


def test_the_old_bot_may_sell_first(tmp_path: Path) -> None:
    device = running(tmp_path)
    deploy(replace(ORDER, trades=TradePolicy.EXIT), device.road(IN_BTC))
    assert (device.entering(), device.open_trades[STRATEGY]) == ([NEW], 0)


def test_a_warm_successor_may_wait_while_the_old_bot_sells(tmp_path: Path) -> None:
    device = running(tmp_path)
    deploy(replace(ORDER, trades=TradePolicy.EXIT, warm=True), device.road(IN_BTC))
    assert (device.entering(), device.violations) == ([NEW], [])


def test_the_old_bot_may_manage_them_to_their_end_first(tmp_path: Path) -> None:
    device = running(tmp_path)
    deploy(replace(ORDER, trades=TradePolicy.DRAIN), device.road(IN_BTC))
    assert (device.alive(), device.entering()) == ([OLD], [])
    device.open_trades[STRATEGY] = 0
    converge(device.road(IN_BTC), "timer")
    assert device.entering() == [NEW]


def test_what_is_left_when_a_drain_ends_is_not_handed_over(tmp_path: Path) -> None:
    device = running(tmp_path)
    deploy(replace(ORDER, trades=TradePolicy.DRAIN, drain_for=timedelta(hours=1)), device.road(IN_BTC))
    device.clock.sleep(2 * 3600)
    with pytest.raises(Refused, match="a trade is open in USDT"):
        converge(device.road(IN_BTC), "timer")
    converge(device.road(IN_BTC), "timer")
    assert (device.alive(), device.entering(), home(device)) == ([OLD], [], (OLD, USDT))
    assert "a trade is open in USDT" in told(device)


def test_a_trade_that_is_opened_after_the_preflight_is_noticed_before_the_start(tmp_path: Path) -> None:
    device = running(tmp_path, trades=0)

    class Filling(FakeDatabases):
        def copy(self, strategy: str) -> str:
            device.open_trades[strategy] = 1
            return super().copy(strategy)

    with pytest.raises(Undone, match="a trade is open in USDT"):
        deploy(ORDER, replace(device.road(IN_BTC), databases=Filling(device)))
    assert (device.alive(), home(device)) == ([OLD], (OLD, USDT))
    assert device.entering() == [], "the account's pairs are others by now, so that nothing could be compared"


def test_what_runs_while_the_file_is_changed_goes_on_as_it_is(tmp_path: Path) -> None:
    device = running(tmp_path)
    before = list(device.lines)
    converge(device.road(IN_BTC), "timer")
    assert (device.entering(), device.lines) == ([OLD], before)


def test_after_a_reboot_exits_go_on_under_the_earlier_configuration_and_a_person_is_told(tmp_path: Path) -> None:
    device = running(tmp_path)
    reboot(device)
    converge(device.road(IN_BTC), "timer")
    assert (device.alive(), device.entering(), home(device)) == ([OLD], [], (OLD, USDT))
    assert "'test' trades BTC on binance now, and the bot goes on in USDT on binance" in told(device)
    assert "a trade is open in USDT on binance (BTC/USDT since" in told(device)
    assert f"`freqtrain deploy test {OLD[7:19]} --again`" in told(device)
    count = len(device.lines)
    converge(device.road(IN_BTC), "timer")
    assert (len(device.lines), device.violations) == (count, []), "there is nothing more to be done"


@pytest.mark.parametrize("takes_effect", [False, True])
def test_whoever_dies_while_it_is_brought_back_leaves_it_to_the_next_one(tmp_path: Path, takes_effect: bool) -> None:
    for number in range(1, 100):
        device = running(tmp_path / str(number))
        reboot(device)
        device.calls, device.dies_at = 0, (number, takes_effect)
        try:
            converge(device.road(IN_BTC), "timer")
            break
        except Crash:
            device.dies_at = None
        device.clock.sleep(60)
        for _ in range(2):
            converge(device.road(IN_BTC), "timer")
        assert (device.alive(), device.entering(), home(device)) == ([OLD], [], (OLD, USDT)), device.died_in
        assert device.violations == []
    assert number > 15


def test_after_a_reboot_without_open_trades_the_environment_as_it_is_now_counts(tmp_path: Path) -> None:
    device = running(tmp_path, trades=0)
    reboot(device)
    converge(device.road(IN_BTC), "timer")
    assert (device.entering(), home(device)) == ([OLD], (OLD, BTC))


def test_only_a_new_deployment_leads_into_the_new_currency(tmp_path: Path) -> None:
    device = running(tmp_path)
    reboot(device)
    converge(device.road(IN_BTC), "timer")
    for trades in (1, 0):
        device.open_trades[STRATEGY] = trades
        device.clock.sleep(60)
        release((STRATEGY,), device.road(IN_BTC), "operator", "go on")
        assert device.entering() == [], "its pairs and limits are of the earlier currency"
    deploy(Order(STRATEGY, OLD, "operator", again=True), device.road(IN_BTC))
    assert home(device, "b") == (OLD, BTC)
    device.clock.sleep(60)
    release((STRATEGY,), device.road(IN_BTC), "operator", "none is left")
    assert device.entering() == [OLD]


def test_its_trades_can_be_sold_where_it_goes_on(tmp_path: Path) -> None:
    device = running(tmp_path)
    reboot(device)
    converge(device.road(IN_BTC), "timer")
    stop((STRATEGY,), device.road(IN_BTC), "operator", "another currency", exits=True)
    assert device.open_trades[STRATEGY] == 0


def test_the_earlier_configuration_put_back_is_as_if_nothing_had_been(tmp_path: Path) -> None:
    device = running(tmp_path)
    reboot(device)
    converge(device.road(IN_BTC), "timer")
    device.clock.sleep(60)
    release((STRATEGY,), device.road(), "operator", "it was a mistake")
    assert device.entering() == [OLD]


def new_runs(tmp_path: Path, road: Road | None = None) -> Device:
    """The new bundle runs in slot b, and the old one, whose home still lies in slot a, is known to be good."""
    device = running(tmp_path, trades=0)
    deploy(ORDER, road or device.road())
    device.road().record(Soaked(DRY.name, STRATEGY, OLD, 30.0, 5))
    return device


def test_a_roll_back_to_a_bundle_whose_home_is_of_the_open_trades_currency_is_made_into_that_home(
    tmp_path: Path,
) -> None:
    device = new_runs(tmp_path)
    device.open_trades[STRATEGY] = 1
    roll_back(STRATEGY, device.road(IN_BTC), "operator", "it lost")
    assert (device.alive(), device.entering(), home(device)) == ([OLD], [], (OLD, USDT))
    assert "a trade is open in USDT" in told(device)
    assert device.violations == []


def test_what_the_changed_environment_would_ask_of_a_new_home_keeps_no_bundle_from_coming_back_into_its_earlier_one(
    tmp_path: Path,
) -> None:
    """Its own pairs are none of the environment's any more, and there may be no key to the exchange that is named now."""
    device = new_runs(tmp_path)
    device.open_trades[STRATEGY] = 1
    device.speaks_against = ("test lets none of the strategy's pairs be traded: BTC/USDT",)
    roll_back(STRATEGY, device.road(IN_BTC), "operator", "it lost")
    assert (device.alive(), device.entering()) == ([OLD], [])


def test_a_roll_back_after_the_change_takes_the_new_currencys_trades_over(tmp_path: Path) -> None:
    device = running(tmp_path, trades=0)
    deploy(ORDER, device.road(IN_BTC))
    device.booked.append(in_btc(device))
    roll_back(STRATEGY, device.road(IN_BTC), "operator", "it lost")
    assert (device.entering(), home(device)) == ([OLD], (OLD, BTC)), "written anew, because those trades are in BTC"


def test_where_trades_of_both_currencies_are_open_the_good_bundle_comes_back_for_their_exits_and_enters_nothing(
    tmp_path: Path,
) -> None:
    device = running(tmp_path, trades=0)
    deploy(ORDER, device.road(IN_BTC))
    device.booked.append(in_btc(device))
    device.open_trades[STRATEGY] = 1
    roll_back(STRATEGY, device.road(IN_BTC), "operator", "it lost")
    assert (device.alive(), device.entering()) == ([OLD], [])
    assert "a trade is open in USDT on binance" in told(device)
    assert any("a trade is open in USDT" in line for line in device.narrator.lines), "whoever called is told as well"
    device.open_trades[STRATEGY] = 0
    device.clock.sleep(60)
    release((STRATEGY,), device.road(IN_BTC), "operator", "those in USDT have ended")
    assert device.entering() == [OLD]


def test_a_roll_back_is_refused_only_where_nothing_could_be_sold_and_the_sick_bundle_goes_on_for_its_exits(
    tmp_path: Path,
) -> None:
    device = running(tmp_path, LIVE)
    deploy(ORDER, device.road())
    device.terms.pop(f"{LIVE.name}-{STRATEGY}-a")
    with pytest.raises(Refused, match="a trade is open in USDT on binance"):
        roll_back(STRATEGY, device.road(replace(LIVE, exchange="kraken")), "operator", "it lost")
    assert (device.alive(), device.entering()) == ([NEW], [])


def test_trades_of_both_currencies_are_managed_to_their_end_after_a_reboot(tmp_path: Path) -> None:
    """On one exchange each trade's exit goes by its own pair, so that positions are never left alone."""
    device = running(tmp_path)
    device.booked.append(in_btc(device))
    reboot(device)
    converge(device.road(IN_BTC), "timer")
    assert (device.alive(), device.entering()) == ([OLD], [])
    assert "a trade is open in USDT" in told(device)


def test_a_bot_that_could_not_sell_what_is_open_is_not_started(tmp_path: Path) -> None:
    device = running(tmp_path, LIVE)
    device.terms.clear()
    reboot(device)
    with pytest.raises(ToolFailed, match="a trade is open in USDT on binance"):
        converge(device.road(replace(LIVE, exchange="kraken")), "timer")
    assert device.alive() == []


def test_a_database_that_cannot_be_read_keeps_nothing_from_being_taken_back(tmp_path: Path) -> None:
    device = new_runs(tmp_path)

    class Damaged(FakeDatabases):
        def open_trades(self, strategy: str) -> tuple[BookedTrade, ...]:
            raise Refused("it is damaged")

    road = replace(device.road(), databases=Damaged(device))
    roll_back(STRATEGY, road, "operator", "it lost")
    assert device.entering() == [OLD]
    with pytest.raises(Refused, match="it is damaged"):
        deploy(replace(ORDER, bundle="sha256:" + "c" * 64), road)
