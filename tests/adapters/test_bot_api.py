"""What flows may expect of a bot, on the fake and on a real one; and an API that answers nonsense."""

import http.server
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.adapters.bot_api import BotApi, of_home
from pipeline.adapters.clock import SystemClock
from pipeline.domain.bot_report import Trading
from pipeline.errors import ToolFailed
from pipeline.ports import Bot
from pipeline.rehearsal.exchange import ExchangeInThread, Settings
from tests.bot_ground import BUNDLE, PAIRS, Home, running
from tests.fake_bot import FakeBot, position
from tests.fakes import FakeClock
from tests.ports import free_port

pytestmark = [pytest.mark.processes, pytest.mark.sockets]


@dataclass
class Tried:
    """A bot that is running, and how to wait until something holds of it."""

    bot: Bot
    until: Callable[[Callable[[], object], str], None]


@contextmanager
def real(folder: Path) -> Iterator[Tried]:
    # Prices stand still: whether a trade wins by its fees is not to depend on the minute.
    exchange = ExchangeInThread(Settings(pairs=PAIRS, swing_ratio=0.0), SystemClock())
    with exchange, running(Home(folder, exchange.address, freqtrade={"max_open_trades": 2})) as bot:
        bot.until_looping()
        yield Tried(bot.api, bot.until)


@contextmanager
def fake(_folder: Path) -> Iterator[Tried]:
    clock = FakeClock()
    bot = FakeBot(clock)

    def wait(holds: Callable[[], object], what: str) -> None:
        clock.sleep(1.0)
        bot.loop()
        if bot.state is Trading.RUNNING and not bot.trades:
            bot.trades += [position(clock, 2, "ETH/USDT"), position(clock, 1)]
        assert holds(), what

    yield Tried(bot, wait)


@pytest.mark.parametrize("kind", [fake, real])
def test_a_bot_tells_who_it_is_trades_when_released_and_stops(
    kind: Callable[[Path], "contextmanager[Tried]"], tmp_path: Path
) -> None:
    with kind(tmp_path) as tried:  # type: ignore[attr-defined]
        bot = tried.bot
        identity = bot.identity()
        assert (identity.name, identity.bundle, identity.class_name) == ("test-eager-a", BUNDLE, "Eager")
        assert (identity.dry_run, identity.state, identity.exchange) == (True, Trading.PAUSED, "binance")
        assert (identity.stake_currency, identity.capital, identity.engine) == ("USDT", Decimal(100), "2026.9")

        first = bot.health()
        assert first.last_loop_at is not None
        assert first.started_at is not None
        assert first.last_loop_at.tzinfo is not None
        tried.until(lambda: bot.health().last_loop_at != first.last_loop_at, "it does not loop")
        assert bot.open_trades() == bot.closed_trades() == ()
        assert identity.timeframe == "1m"
        tried.until(lambda: all(bot.candle(pair, "1m") for pair in bot.pairs()), "it has no candles")
        for pair in bot.pairs():
            candle = bot.candle(pair, "1m")
            assert candle is not None
            closed_at = candle.began_at + candle.timeframe
            # A loop that took in what has just closed may not have ended yet.
            tried.until(lambda at=closed_at: (bot.health().last_loop_at or first.last_loop_at) >= at, "no new loop")
            age = (bot.health().last_loop_at or candle.began_at) - closed_at
            assert (candle.timeframe, timedelta(0) <= age < 3 * candle.timeframe) == (timedelta(minutes=1), True)
        assert bot.candle("NONE/USDT", "1m") is None

        bot.start()
        bot.start()
        tried.until(lambda: len([t for t in bot.open_trades() if t.amount]) == 2, "it does not enter")
        assert bot.identity().state is Trading.RUNNING
        trades = bot.open_trades()
        assert [trade.id for trade in trades] == [1, 2]
        for trade in trades:
            assert 19 < trade.stake <= 20
            assert trade.stop_rate is not None
            assert trade.stop_rate < trade.open_rate
            assert trade.stop_ratio == -0.5
            assert trade.profit is not None
            assert trade.profit < 0
        assert bot.profit().open_trades == 2
        assert bot.profit().closed_trades == 0
        assert (bot.profit().with_open or 0) < 0

        bot.stop_entries()
        tried.until(lambda: bot.identity().state is Trading.PAUSED, "it does not pause")
        with pytest.raises(ToolFailed, match="refuses /forceexit"):
            bot.force_exit(99)
        bot.force_exit(1)
        tried.until(lambda: [trade.id for trade in bot.open_trades()] == [2], "it does not exit")
        (closed,) = bot.closed_trades()
        assert (closed.pair, closed.exit_reason) == (trades[0].pair, "force_exit")
        assert bool(closed.fills) is (kind is real)
        assert all(fill.asked and abs(fill.price / fill.asked - 1) < 0.05 for fill in closed.fills)
        assert closed.profit < 0 < closed.closed_at.timestamp() - closed.opened_at.timestamp()
        assert bot.profit().closed == pytest.approx(Decimal(str(closed.profit)))
        bot.force_exit()
        tried.until(lambda: bot.open_trades() == (), "it does not exit")
        assert len(bot.closed_trades()) == 2

        balance = bot.balance()
        assert balance.stake_currency == "USDT"
        assert {coin.currency for coin in balance.coins} == {"USDT"}
        assert 9_990 < balance.total < 10_000

        before = bot.logs()
        bot.stop(60.0)
        bot.stop(60.0)
        assert bot.identity().state is Trading.STOPPED
        new = bot.logs(before[-1].at)
        assert any("to: STOPPED" in line.text for line in new)
        assert all(line.at > before[-1].at for line in new)
        with pytest.raises(ToolFailed, match="refuses /forceexit"):
            bot.force_exit()
        bot.start()
        tried.until(lambda: bot.identity().state is Trading.RUNNING, "it does not go on")


def test_a_bot_that_is_not_there_is_a_tool_that_failed() -> None:
    bot = BotApi(free_port(), "tester", SystemClock(), "x")
    with pytest.raises(ToolFailed, match=r"does not answer /show_config: nothing listens there"):
        bot.identity()


def test_a_fake_that_is_silent_or_deaf_fails_as_the_real_one_does() -> None:
    clock = FakeClock()
    bot = FakeBot(clock, hears=False)
    with pytest.raises(ToolFailed, match="did not finish its loop within 5 s"):
        bot.stop(5.0)
    bot.answers = False
    with pytest.raises(ToolFailed, match="nothing listens there"):
        bot.identity()


class _Stranger(http.server.BaseHTTPRequestHandler):
    """Answers everything with what the server was given, and notes what it was asked."""

    status, said, asked = 200, b"", []  # type: ignore[var-annotated]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(self.status)
        self.send_header("Location", "http://192.0.2.1/")
        self.end_headers()
        self.wfile.write(self.said)

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def stranger(status: int, said: bytes) -> Iterator[BotApi]:
    kind = type("Stranger", (_Stranger,), {"status": status, "said": said})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), kind)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield BotApi(server.server_address[1], "tester", SystemClock(), "x")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "said", "told"),
    [
        (401, b"{}", "does not accept our password"),
        (302, b"", r"refuses /show_config \(302\)"),
        (502, b'{"error": "trader is not running"}', r"\(502\): trader is not running"),
        (500, b"<html>" * 1000, r"\(500\): <html>"),
        (500, b"[" * 10_000, r"\(500\): \["),
        (200, b"pong", "answered /show_config with something else"),
        (200, b"{}", "bot_name: Field required"),
        (200, b"[" * 10_000, "answered /show_config with something else"),
        (200, b'{"bot_name": 7}', "bot_name: Input should be a valid string"),
    ],
)
def test_whatever_else_answers_is_no_bot(status: int, said: bytes, told: str) -> None:
    with stranger(status, said) as bot, pytest.raises(ToolFailed, match=told):
        bot.identity()


def test_an_answer_without_an_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.adapters.bot_api._MOST_BYTES", 1000)
    with stranger(200, b"x" * 2000) as bot, pytest.raises(ToolFailed, match="without an end"):
        bot.logs()


@pytest.mark.parametrize("said", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}"])
def test_whoever_breaks_off_has_not_answered(said: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            taken, _ = server.accept()
            with taken:
                taken.recv(1 << 16)
                taken.sendall(said)

        thread = threading.Thread(target=answer)
        thread.start()
        bot = BotApi(server.getsockname()[1], "tester", SystemClock(), "x")
        with pytest.raises(ToolFailed, match="does not answer /show_config"):
            bot.identity()
        thread.join()


def test_a_bot_that_keeps_silent_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        bot = BotApi(server.getsockname()[1], "tester", SystemClock(), "x", answer_seconds=0.2)
        with pytest.raises(ToolFailed, match="no answer in time"):
            bot.identity()


@pytest.mark.parametrize(
    "drops", [b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 400, b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 400]
)
def test_an_answer_that_drips_is_given_up_when_its_time_is_over(drops: bytes) -> None:
    """Each byte comes in time, header or content, and the whole never would."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        given_up = threading.Event()

        def drip() -> None:
            taken, _ = server.accept()
            with taken, suppress(OSError):
                taken.recv(1 << 16)
                for drop in drops:
                    if given_up.wait(0.02):
                        return
                    taken.sendall(bytes([drop]))

        thread = threading.Thread(target=drip)
        thread.start()
        bot = BotApi(server.getsockname()[1], "tester", SystemClock(), "x", answer_seconds=0.5)
        with pytest.raises(ToolFailed, match="no answer in time"):
            bot.identity()
        given_up.set()
        thread.join()


def test_a_line_that_is_too_long_is_cut_and_the_others_are_read() -> None:
    said = b'{"log_count": 2, "logs": [["t", 1.5, "a", "INFO", "%s"], ["t", 2500.0, "b", "INFO", "ok"]]}' % (
        b"x" * 50_000
    )
    with stranger(200, said) as bot:
        long, short = bot.logs()
    assert (len(long.text), short.text, short.at.timestamp()) == (20_000, "ok", 2.5)


def test_numbers_that_are_none_are_refused() -> None:
    said = b'{"currencies": [], "stake": "USDT", "total": NaN, "total_bot": 0.0, "starting_capital": 0.0}'
    with stranger(200, said) as bot, pytest.raises(ToolFailed, match="something else: "):
        bot.balance()


def test_money_is_read_as_it_is_written() -> None:
    said = b'{"currencies": [], "stake": "USDT", "total": 0.1, "total_bot": 1e-8, "starting_capital": 12345678.9}'
    with stranger(200, said) as bot:
        balance = bot.balance()
    assert (balance.total, balance.of_bot) == (Decimal("0.1"), Decimal("1E-8"))
    assert balance.starting_capital == Decimal("12345678.9")


def test_while_the_exchange_gives_no_price_a_trade_is_told_without_one() -> None:
    said = (
        b'[{"trade_id": 1, "pair": "A/B", "is_short": false, "amount": 1.5, "stake_amount": 3, "open_rate": 2.0,'
        b' "open_timestamp": 1700000000123, "orders": [], "current_rate": null, "total_profit_abs": null, "more": {}}]'
    )
    with stranger(200, said) as bot:
        (trade,) = bot.open_trades()
    assert (trade.current_rate, trade.profit, trade.stake, trade.amount) == (None, None, Decimal(3), Decimal("1.5"))
    assert trade.opened_at.isoformat() == "2023-11-14T22:13:20.123000+00:00"


def test_the_time_of_a_stop_order_that_is_not_triggered_is_none() -> None:
    order = b'{"order_id": "7", "ft_order_side": "stoploss", "amount": 1.5, "filled": 0, "safe_price": 1.0, "is_open": true,'
    order += b' "status": "open", "order_timestamp": -1000, "order_filled_timestamp": null}'
    said = (
        b'[{"trade_id": 1, "pair": "A/B", "is_short": false, "amount": 1.5, "stake_amount": 3, "open_rate": 2.0,'
        b' "open_timestamp": 1700000000123, "orders": [%s], "current_rate": null, "total_profit_abs": null}]' % order
    )
    with stranger(200, said) as bot:
        (trade,) = bot.open_trades()
    assert [one.placed_at for one in trade.orders] == [None]


def test_the_password_is_read_from_the_home_and_never_shown(tmp_path: Path) -> None:
    with pytest.raises(ToolFailed, match="does not tell the API's user and password"):
        of_home(tmp_path, 1, SystemClock())
    (tmp_path / "secret.json").write_text('{"api_server": {"username": "u", "password": "hidden"}}')
    bot = of_home(tmp_path, 1, SystemClock())
    assert bot.password == "hidden"
    assert "hidden" not in repr(bot)


def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    monkeypatch.delenv("no_proxy", raising=False)
    with stranger(200, b'{"last_process": null, "bot_startup": null}') as bot:
        assert bot.health().last_loop_at is None
