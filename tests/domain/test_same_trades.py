"""Whether a refactoring made the same trades, and where it did not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pipeline.domain.evidence import WindowTrades
from pipeline.domain.same_trades import TOLD, differences, same_trades
from pipeline.domain.trades import ClosedTrade, trades_digest
from pipeline.domain.verdict import Outcome
from pipeline.domain.windows import Window

START = datetime(2025, 1, 1, tzinfo=UTC)
WINDOW = Window("early", START, START + timedelta(days=90))


def trade(number: int) -> ClosedTrade:
    opened = START + timedelta(hours=number)
    return ClosedTrade(
        "BTC/USDT", opened, opened + timedelta(hours=1), 100.0, 101.0, 1.0, 100.0, 0.0, 0.0, 1.0, 0.01, "tag", "roi", ()
    )  # fmt: skip


def window(*trades: ClosedTrade) -> list[WindowTrades]:
    return [WindowTrades(WINDOW, trades, trades_digest(trades))]


def test_the_same_trades_pass_in_whatever_order_they_are_listed() -> None:
    check = same_trades(window(trade(1), trade(2)), window(trade(2), trade(1)))
    (finding,) = check.findings
    assert (finding.outcome, finding.reason) == (Outcome.PASS, "All 2 trades are those of the incumbent.")


def test_last_bits_in_which_processors_differ_are_no_difference() -> None:
    off = replace(trade(1), open_rate=100.0 * (1 + 1e-14), profit=1.0000000001)
    assert same_trades(window(trade(1)), window(off)).findings[0].outcome is Outcome.PASS


def test_the_first_difference_is_told_with_both_values() -> None:
    other = replace(trade(2), close_rate=102.0, exit_reason="exit_signal")
    (finding,) = same_trades(window(trade(1), other, trade(3)), window(trade(1), trade(2), trade(3))).findings
    assert (finding.outcome, finding.window) == (Outcome.FAIL, "early")
    assert "The first difference is trade 2: exit reason is exit_signal, the incumbent's is roi." in finding.reason


def test_a_trade_that_only_one_side_makes_is_named() -> None:
    (more,) = same_trades(window(trade(1), trade(2)), window(trade(1))).findings
    assert "trade 2: only the candidate makes it (BTC/USDT, opened 2025-01-01 02:00)" in more.reason
    (fewer,) = same_trades(window(trade(1)), window(trade(1), trade(2))).findings
    assert "only the incumbent makes it" in fewer.reason


def test_only_the_first_differences_of_a_window_are_listed() -> None:
    mine = [trade(n) for n in range(30)]
    theirs = [replace(one, amount=2.0) for one in mine]
    found = differences(window(*mine), window(*theirs))
    assert [one.number for one in found] == list(range(1, TOLD + 1))
    assert all(one.fields == ("amount",) for one in found)


def test_without_an_incumbent_nothing_can_be_the_same() -> None:
    (finding,) = same_trades(window(trade(1)), None).findings
    assert finding.outcome is Outcome.FAIL
    assert "no incumbent" in finding.reason


def test_windows_that_were_not_measured_are_an_error() -> None:
    (finding,) = same_trades([], window(trade(1))).findings
    assert finding.outcome is Outcome.ERROR


def test_no_trades_on_both_sides_are_the_same_trades() -> None:
    assert same_trades(window(), window()).findings[0].outcome is Outcome.PASS
