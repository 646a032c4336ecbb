"""The preflight of a deployment on a device of fakes: what is looked at, what is left out, and that all of it is told at once."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.adapters.exchange_account import CcxtAccount
from pipeline.domain.account_report import AccountFill, AccountOrder, AccountRights, KnownOrders
from pipeline.domain.bot import BotSpec, BotState, RunningBot
from pipeline.domain.bundle import Bundle
from pipeline.domain.bundle_manifest import BundleManifest, StoredBundle
from pipeline.domain.ledger import Entry, Head, after, follow
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.trading import OwnKeys, Secret, Secrets, TradingEnvironment, TradingLimits
from pipeline.domain.trading_facts import TradingFacts
from pipeline.domain.train.account import Account
from pipeline.domain.train.facts import Fact, body_of, kind_of
from pipeline.domain.train.movements import Deployed, Deploying, Purpose
from pipeline.domain.train.steps import api_port, bot_name
from pipeline.errors import FreqtrainError, Refused, ToolFailed
from pipeline.flows.deploy_preflight import DeployPreflight
from pipeline.rehearsal.exchange import ExchangeInThread, FaultKind, RemoteControl, Settings, ccxt_settings
from tests.domain.trading.samples import DRY, LIVE
from tests.fake_bot import FakeBot, position
from tests.fakes import FakeClock
from tests.rehearsal.exchange.clients import FIRST, PAIR, SECOND, sync_client

NEW, OTHER = "sha256:" + "b" * 64, "sha256:" + "c" * 64
PAIRS = ("BTC/USDT", "ETH/USDT")
SOUND = AccountRights(may_trade=True, may_withdraw=False)


@dataclass
class FakeDevice:
    """Has room, unless a test takes it away."""

    read_only: set[str] = field(default_factory=set)
    free_mib: float = 5000.0
    sizes: dict[str, float] = field(default_factory=dict)
    available_mib: float = 2000.0
    used: dict[int, float] = field(default_factory=dict)
    taken: set[int] = field(default_factory=set)

    def writable(self, folder: Path) -> bool:
        return str(folder) not in self.read_only

    def free_disk_mib(self, folder: Path) -> float:
        return self.free_mib

    def size_mib(self, file: Path) -> float:
        return self.sizes.get(str(file), 0.0)

    def available_memory_mib(self) -> float:
        return self.available_mib

    def used_memory_mib(self, pid: int) -> float:
        return self.used.get(pid, 0.0)

    def port_is_free(self, port: int) -> bool:
        return port not in self.taken


@dataclass
class FakeExchange:
    """Exchange and account in one. `fault` is raised by the calls in `failing`, or by all; `asked` says what was called."""

    clock: FakeClock
    ahead: float = 0.0
    candles: dict[str, datetime] = field(default_factory=dict)
    least: Decimal = Decimal(5)
    can: AccountRights = SOUND
    balance: Decimal = Decimal(300)
    orders: tuple[AccountOrder, ...] = ()
    fault: FreqtrainError | None = None
    failing: frozenset[str] = frozenset()
    asked: list[str] = field(default_factory=list)

    def clock_ahead_seconds(self) -> float:
        self._ask("time")
        return self.ahead

    def least_order(self, pair: str) -> Decimal:
        self._ask("limits")
        return self.least

    def last_candle_at(self, pair: str, timeframe: str) -> datetime:
        self._ask("candles")
        if pair not in PAIRS:
            raise Refused(f"binance does not trade {pair}", hint="correct the pairs")
        return self.candles.get(pair, self.clock.now() + timedelta(seconds=self.ahead))

    def open_orders(self, pairs: Sequence[str]) -> tuple[AccountOrder, ...]:
        self._ask("orders")
        return tuple(order for order in self.orders if order.pair in pairs)

    def open_orders_anywhere(self) -> tuple[AccountOrder, ...] | None:
        self._ask("all orders")
        return self.orders

    def listed(self, pairs: Sequence[str]) -> tuple[str, ...]:
        return tuple(pair for pair in pairs if pair in PAIRS)

    def fills(self, pairs: Sequence[str], since_at: datetime) -> tuple[AccountFill, ...]:
        raise AssertionError("fills are reconciled after the start")

    def cancel(self, order: AccountOrder) -> None:
        raise AssertionError("the preflight only looks")

    def free(self, currency: str) -> Decimal:
        self._ask("balance")
        assert currency == "USDT"
        return self.balance

    def rights(self) -> AccountRights:
        self._ask("rights")
        return self.can

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.fault is not None and (not self.failing or what in self.failing):
            raise self.fault


@dataclass
class Ground:
    """A device with one environment; every port of the preflight is this one object."""

    environment: TradingEnvironment = LIVE
    clock: FakeClock = field(default_factory=FakeClock)
    device: FakeDevice = field(default_factory=FakeDevice)
    held: list[RunningBot] = field(default_factory=list)
    bots: dict[str, FakeBot] = field(default_factory=dict)
    known: dict[str, KnownOrders | Refused] = field(default_factory=dict)
    stored: dict[str, tuple[tuple[str, ...], float]] = field(default_factory=lambda: {NEW: (PAIRS, -0.1)})
    entered: list[Entry] = field(default_factory=list)
    head: Head = field(default_factory=Head)
    warm: bool = False
    own_accounts: Mapping[str, FakeExchange] = field(default_factory=dict)
    keys: bool = True
    shared: tuple[Account, ...] | Refused = ()
    unfit: tuple[str, ...] | ToolFailed = ()

    def __post_init__(self) -> None:
        self.exchange = FakeExchange(self.clock)

    def told(self, spec: BotSpec | None = None) -> tuple[str, ...]:
        account = self.exchange if self.keys and not self.environment.dry_run else None
        look = DeployPreflight(
            self.environment,
            self,  # type: ignore[arg-type]
            self,  # type: ignore[arg-type]
            self,  # type: ignore[arg-type]
            self,  # type: ignore[arg-type]
            self,  # type: ignore[arg-type]
            self.exchange,
            account,
            self.device,
            self.clock,
            self.own_accounts,
            self.warm,
        )
        return look(spec or self.spec())

    def spec(self, strategy: str = "dip", slot: str = "a", bundle: str = NEW, place: int = 0) -> BotSpec:
        name = bot_name(self.environment.name, strategy, slot)
        home = f"/home/{self.environment.name}/bots/{name}"
        return BotSpec(name, self.environment.name, strategy, bundle, home, api_port(18_000, place, slot))

    def up(self, spec: BotSpec, *, answers: bool = True, state: BotState = BotState.RUNNING) -> FakeBot:
        """A bot that runs."""
        self.held.append(RunningBot(spec, state, self.clock.now(), pid=100 + len(self.held)))
        self.device.taken.add(spec.api_port)
        self.bots[spec.name] = FakeBot(self.clock, spec.name, spec.bundle, answers=answers)
        return self.bots[spec.name]

    def record(self, fact: Fact) -> None:
        self.entered.append(follow(self.head, self.clock.now(), kind_of(fact), body_of(fact)))
        self.head = after(self.head, self.entered[-1])

    def entries(self) -> Sequence[Entry]:
        return self.entered

    def running(self) -> tuple[RunningBot, ...]:
        return tuple(self.held)

    def against(self, spec: BotSpec, stored: StoredBundle) -> tuple[str, ...]:
        if isinstance(self.unfit, ToolFailed):
            raise self.unfit
        return self.unfit

    def sharing(self, spec: BotSpec) -> tuple[Account, ...]:
        if isinstance(self.shared, Refused):
            raise self.shared
        return self.shared

    def bot(self, spec: BotSpec) -> FakeBot:
        if spec.name not in self.bots:
            raise ToolFailed(f"{spec.name} has no home")
        return self.bots[spec.name]

    def known_orders(self, strategy: str) -> KnownOrders:
        known = self.known.get(strategy, KnownOrders(frozenset(), None))
        if isinstance(known, Refused):
            raise known
        return known

    def get(self, digest: str) -> StoredBundle:
        if digest not in self.stored:
            raise Refused(f"{digest[:12]} is damaged", hint="cut it again")
        pairs, stoploss = self.stored[digest]
        bundle = Bundle("dip", "Dip", "", pairs, {}, {})
        facts = TradingFacts("5m", stoploss, {0: 0.1})
        texts = dict.fromkeys(BundleManifest.__dataclass_fields__, "")
        manifest = BundleManifest(
            **{
                **texts,
                "cut_at": self.clock.now(),
                "uncommitted": False,
                "simulated": False,
                "versions": {},
                "facts": facts,
                "schema": 1,
            }  # type: ignore[arg-type]
        )
        return StoredBundle(bundle, digest, (manifest,))


@pytest.fixture
def ground() -> Ground:
    return Ground()


def test_where_nothing_speaks_against_it_nothing_is_said(ground: Ground) -> None:
    assert ground.told() == ()
    assert set(ground.exchange.asked) == {"time", "candles", "rights", "limits", "orders", "balance"}


def test_a_dry_run_asks_for_nothing_that_needs_a_key() -> None:
    ground = Ground(DRY)
    assert ground.told() == ()
    assert set(ground.exchange.asked) == {"time", "candles"}


def test_everything_is_told_at_once(ground: Ground) -> None:
    ground.environment = replace(LIVE, limits=TradingLimits(Decimal(100), Decimal(99), 3))
    ground.device = FakeDevice(
        read_only={"/home/sandbox/bots", "/home/sandbox/databases"},
        free_mib=100,
        available_mib=100,
        taken={18_000},
    )
    exchange = ground.exchange
    exchange.ahead, exchange.least, exchange.balance = 60.0, Decimal(19), Decimal(1)
    exchange.can = AccountRights(False, True)
    exchange.candles = {"ETH/USDT": ground.clock.now() - timedelta(hours=1)}
    exchange.orders = (_order(ground, "7"),)
    told = ground.told()
    expected = (
        "/home/sandbox/bots cannot be written to",
        "/home/sandbox/databases cannot be written to",
        "100 MiB of the disk are free",
        "100 MiB of memory",
        "port 18000",
        "the device's clock is 60 s behind",
        "'dip' makes 100 USDT at work",
        "binance has no new candle of 5m for ETH/USDT",
        "the key may not trade",
        "the key may withdraw",
        "a stake of 20 USDT is worth 18 USDT",
        "the account and the database do not agree",
        "1 USDT are free in the account",
    )
    assert len(told) == len(expected), told
    assert all(start in one for one, start in zip(told, expected, strict=True)), told


def test_what_the_bundle_would_run_on_is_looked_at_too(ground: Ground) -> None:
    ground.unfit = ("the bundle was cut for an image that is not on this device: `docker pull` it",)
    assert ground.told() == ground.unfit
    ground.unfit = ToolFailed("Docker's engine does not answer", hint="start it")
    assert ground.told() == ("Docker's engine does not answer: start it",)


def test_the_database_is_looked_for_where_the_environment_keeps_them(ground: Ground) -> None:
    ground.device.sizes["/home/sandbox/databases/dip.live.sqlite"] = 2000.0
    (told,) = ground.told()
    assert "6000 MiB are needed" in told


def test_a_cold_swap_has_the_old_bot_s_memory_and_a_warm_one_has_not(ground: Ground) -> None:
    ground.up(ground.spec(slot="b"))
    ground.device.available_mib = 200
    ground.device.used = {100: 350.0}
    assert ground.told() == ()
    ground.warm = True
    (told,) = ground.told()
    assert "beside the bot that still runs" in told
    ground.warm, ground.held = False, []
    ground.up(replace(ground.spec("grid", place=1), environment="prod"))
    ground.up(ground.spec("grid", bundle=OTHER, place=1))
    ground.stored[OTHER] = (("SOL/USDT",), -0.1)
    ground.environment = replace(LIVE, pairs=())
    ground.device.used = {100: 350.0, 101: 350.0}
    assert "200 MiB of memory are there" in ground.told()[0], "other bots stay"


@pytest.mark.parametrize(
    ("name", "answers", "told"),
    [
        ("sandbox-dip-a", True, ""),
        ("sandbox-dip-a", False, "another program has it"),
        ("sandbox-grid-a", True, "sandbox-grid-a has it"),
        ("", False, "another program has it"),
    ],
)
def test_a_port_is_free_or_this_very_bot_answers_there(ground: Ground, name: str, answers: bool, told: str) -> None:
    ground.device.taken.add(18_000)
    if name:
        ground.bots["sandbox-dip-a"] = FakeBot(ground.clock, name, NEW, answers=answers)
    found = ground.told()
    assert len(found) == (1 if told else 0)
    assert all(told in one for one in found)


def test_an_exchange_that_does_not_answer_is_told_once_and_the_rest_is_looked_at(ground: Ground) -> None:
    ground.exchange.fault = ToolFailed("binance could not be reached", hint="check the network")
    ground.device.free_mib = 10
    ground.environment = replace(LIVE, limits=TradingLimits(Decimal(100), Decimal(99), 3))
    told = ground.told()
    assert [one.split(":")[0] for one in told] == [
        "10 MiB of the disk are free, and 1024 MiB are needed",
        "binance could not be reached",
        "'dip' makes 100 USDT at work, and limits.capital_in_all of 'sandbox' is 99 USDT",
    ]
    assert ground.exchange.asked == ["time"]


@pytest.mark.parametrize("ahead", [3600.0, -3600.0])
def test_candles_are_fresh_by_the_exchange_s_clock(ground: Ground, ahead: float) -> None:
    ground.exchange.ahead = ahead
    (told,) = ground.told()
    assert told.startswith("the device's clock is 3600 s")
    ground.exchange.candles = {PAIR: ground.clock.now() + timedelta(seconds=ahead) - timedelta(minutes=16)}
    assert len(ground.told()) == 2


def test_a_runtime_that_does_not_answer_is_told_once(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> tuple[RunningBot, ...]:
        raise ToolFailed("the supervisor does not answer")

    monkeypatch.setattr(ground, "running", gone)
    assert ground.told() == ("the supervisor does not answer",)


@pytest.mark.parametrize("what", ["candles", "rights", "limits", "orders", "balance"])
def test_an_exchange_that_goes_down_meanwhile_is_asked_no_more(ground: Ground, what: str) -> None:
    ground.exchange.fault, ground.exchange.failing = ToolFailed("binance is out of order"), frozenset({what})
    assert ground.told() == ("binance is out of order",)
    assert ground.exchange.asked.count(what) == 1
    assert ground.exchange.asked[-1] == what


def test_a_wrong_key_is_told_once(ground: Ground) -> None:
    ground.exchange.fault = Refused("binance does not accept the key", hint="compare it")
    ground.exchange.failing = frozenset({"rights", "orders", "balance"})
    assert ground.told() == ("binance does not accept the key: compare it",)


def test_real_money_without_a_key_is_told(ground: Ground) -> None:
    ground.keys = False
    assert ground.told() == ("'sandbox' trades real money, and there is no key to its account",)


def test_pairs_that_the_exchange_does_not_trade_are_all_told(ground: Ground) -> None:
    ground.environment = replace(LIVE, pairs=())
    ground.stored[NEW] = (("OLD/USDT", "BTC/USDT", "GONE/USDT"), -0.1)
    told = [one for one in ground.told() if "does not trade" in one]
    assert told == [
        "binance does not trade OLD/USDT: correct the pairs",
        "binance does not trade GONE/USDT: correct the pairs",
    ]


def test_a_bundle_that_cannot_be_read_is_told_and_the_device_looked_at(ground: Ground) -> None:
    ground.device.free_mib = 10
    told = ground.told(ground.spec(bundle=OTHER))
    assert len(told) == 2
    assert told[1] == "sha256:ccccc is damaged: cut it again"


def test_a_bundle_with_nothing_to_trade_here_is_told(ground: Ground) -> None:
    ground.stored[NEW] = (("DOGE/USDT",), -0.1)
    (told,) = ground.told()
    assert "lets none of the strategy's pairs be traded" in told


def test_others_count_whether_they_run_or_should(ground: Ground) -> None:
    ground.stored[OTHER] = (("ETH/USDT",), -0.1)
    ground.exchange.balance = Decimal(1000)
    ground.up(ground.spec("grid", bundle=OTHER, place=1))
    assert [one[:6] for one in ground.told()] == ["'grid'"]
    ground.held[0] = replace(ground.held[0], state=BotState.DOWN)
    assert ground.told() == (), "one that was stopped for good is none"
    ground.record(Deploying("sandbox", "grid", Purpose.DEPLOY, OTHER, "a", (), "ada"))
    assert [one[:6] for one in ground.told()] == ["'grid'"], "it is on its way"
    ground.record(Deployed("sandbox", "grid", OTHER, "a", "ada"))
    assert [one[:6] for one in ground.told()] == ["'grid'"], "it should run, and comes back"
    ground.record(Deployed("prod", "swing", OTHER, "a", "ada"))
    assert len(ground.told()) == 1, "another environment has another account"


def test_a_strategy_s_own_old_bot_is_no_other(ground: Ground) -> None:
    ground.stored[OTHER] = (PAIRS, -0.1)
    ground.up(ground.spec(slot="b", bundle=OTHER))
    ground.record(Deployed("sandbox", "dip", OTHER, "b", "ada"))
    assert ground.told() == ()


def test_an_other_whose_pairs_nobody_knows_may_trade_the_same(ground: Ground) -> None:
    ground.record(Deployed("sandbox", "grid", OTHER, "a", "ada"))
    assert ground.told() == ("sha256:ccccc is damaged: cut it again",)


def test_what_positions_hold_and_what_was_lost_need_not_be_free(ground: Ground) -> None:
    old = ground.up(ground.spec(slot="b"))
    old.trades = [position(ground.clock, number) for number in (1, 2, 3)]
    ground.exchange.balance = Decimal(40)
    assert ground.told() == ()
    ground.exchange.balance = Decimal(38)
    assert re.match(r"38 USDT are free in the account, and the bot may still spend 40 USDT", ground.told()[0])


def test_what_was_held_and_lost_in_an_earlier_currency_covers_nothing_of_the_new_one_s_capital(ground: Ground) -> None:
    at = ground.clock.now()
    old = ground.up(ground.spec(slot="b"))
    old.trades = [replace(position(ground.clock, 1), pair="ETH/EUR")]
    old.closed = [
        ClosedTrade(pair, at, at, 1, 1, 1, 1, 0, 0, lost, -0.5, "", "roi")
        for pair, lost in (("BTC/EUR", -500.0), ("BTC/USDT", -10.0))
    ]
    ground.known["dip"] = KnownOrders(frozenset(), at, frozenset({"BTC/EUR", "BTC/USDT", "ETH/EUR"}))
    ground.exchange.balance = Decimal(80)
    (told,) = ground.told()
    assert re.match(r"80 USDT are free in the account, and the bot may still spend 90 USDT", told)


def test_an_account_covers_all_bots_that_share_it(ground: Ground) -> None:
    ground.stored[OTHER] = (("SOL/USDT",), -0.1)
    ground.environment = replace(LIVE, pairs=())
    ground.up(ground.spec("grid", bundle=OTHER, place=1))
    ground.exchange.balance = Decimal(150)
    assert re.match(r"150 USDT are free .* the account's 2 bots may still spend 200 USDT", ground.told()[0])


def test_a_bot_that_is_down_with_trades_in_its_database_can_be_replaced(ground: Ground) -> None:
    ground.exchange.balance = Decimal(0)
    assert ground.told(), "a first bot has its capital before it"
    ground.known["dip"] = KnownOrders(frozenset({"1"}), ground.clock.now())
    ground.up(ground.spec(slot="b"), answers=False)
    assert ground.told() == (), "its positions may hold all of it, and nobody manages them"


def test_a_database_that_cannot_be_read_is_told(ground: Ground) -> None:
    ground.known["dip"] = Refused("the database cannot be read", hint="look at its copies")
    assert ground.told() == ("the database cannot be read: look at its copies",)


def test_orders_of_the_bot_and_of_other_pairs_are_no_problem(ground: Ground) -> None:
    ground.known["dip"] = KnownOrders(frozenset({"7"}), ground.clock.now() - timedelta(days=1))
    ground.exchange.orders = (_order(ground, "7"), _order(ground, "8"), replace(_order(ground, "9"), pair="SOL/USDT"))
    assert ground.told() == (), "an unknown order that is younger than the database is cancelled after the start"


def test_where_pair_lists_choose_an_older_order_on_any_pair_in_the_stake_currency_speaks_against_it(
    ground: Ground,
) -> None:
    ground.environment = replace(
        LIVE, pairs=(), freqtrade={"pairlists": [{"method": "VolumePairList", "number_assets": 5}]}
    )
    ground.stored[NEW] = ((), -0.1)
    assert ground.told() == ()
    assert "all orders" in ground.exchange.asked
    btc = replace(_order(ground, "9"), pair="SOL/BTC")
    ground.exchange.orders = (btc, replace(_order(ground, "8"), pair="SOL/USDT"))
    (told,) = ground.told()
    assert "the order 8 waits" in told
    assert "the order 9" not in told
    ground.known["dip"] = KnownOrders(frozenset({"8"}), ground.clock.now(), frozenset({PAIRS[0], "GONE/USDT"}))
    assert ground.told() == ()


def test_a_strategy_with_keys_of_its_own_is_judged_by_its_own_account(ground: Ground) -> None:
    ground.environment = replace(LIVE, own_keys=(OwnKeys("dip", "K", "S"),))
    ground.stored[OTHER] = (PAIRS, -0.1)
    ground.up(ground.spec("grid", bundle=OTHER, place=1))
    assert ground.told() == ("'sandbox' trades real money, and there is no key to its account",)
    ground.own_accounts = {"dip": FakeExchange(ground.clock, balance=Decimal(99), can=AccountRights(True, True))}
    (told,) = ground.told()
    assert "may withdraw" in told
    assert "rights" not in ground.exchange.asked


@pytest.mark.sockets
def test_the_real_thing_says_the_same_of_a_real_exchange() -> None:
    settings = Settings(accounts=(FIRST, SECOND), pairs=PAIRS, swing_ratio=0.0)
    clock = FakeClock()
    with ExchangeInThread(settings, clock) as running:
        control = RemoteControl(running.address)
        config = ccxt_settings(running.address) | {"milliseconds": lambda: round(clock.now().timestamp() * 1000)}
        keys = [Secrets(Secret(one.key), Secret(one.secret)) for one in (FIRST, SECOND)]
        keys.append(replace(keys[0], access_key=Secret("nobody")))
        mine, withdrawing, wrong = (CcxtAccount("binance", one, config, clock) for one in keys)
        ground = Ground(clock=clock)

        def told(account: CcxtAccount) -> tuple[str, ...]:
            ground.exchange = account  # type: ignore[assignment]
            return ground.told()

        try:
            assert told(mine) == ()
            assert [one.split(":")[0] for one in told(withdrawing)] == [
                "the key may withdraw money from binance",
                "50 USDT are free in the account, and the bot may still spend 100 USDT",
            ]
            (refused,) = told(wrong)
            assert refused.startswith("binance does not accept the key")
            control.disturb(FaultKind.FROZEN_FEED)
            clock.sleep(1800)
            assert any(one.startswith("binance has no new candle of 5m for BTC/USDT") for one in told(mine))
            control.lift()
            control.disturb(FaultKind.CLOCK_SKEW, seconds=30)
            assert "the device's clock is 30 s behind binance's" in told(mine)[0]
            control.lift()
            control.disturb(FaultKind.STATUS, status=503)
            (down,) = told(mine)
            assert down.startswith("binance is out of order")
            control.lift()
            trader = sync_client(running.address, milliseconds=config["milliseconds"])
            trader.create_order(PAIR, "limit", "buy", 0.01, 50_000)
            trader.close()
            (strange,) = told(mine)
            assert "waits (buy 0.01" in strange
            assert "cancel them on the exchange's page" in strange
        finally:
            for account in (mine, withdrawing, wrong):
                account.close()
            control.close()


def _order(ground: Ground, id: str) -> AccountOrder:
    return AccountOrder(id, "", "BTC/USDT", "buy", Decimal(1), Decimal(0), Decimal(60_000), ground.clock.now())


def test_a_key_that_another_environment_trades_with_is_refused_by_its_name() -> None:
    ground = Ground(shared=(Account("prod"), Account("prod", "rsi")))
    assert ground.told() == (
        "'sandbox' was given the key with which 'prod' trades on binance, and an account belongs to one environment, or to one strategy with "
        "keys of its own: put another account's key into EXCHANGE_ACCESS_KEY",
        "'sandbox' was given the key with which 'rsi' in 'prod' trades on binance, and an account belongs to one environment, or to one "
        "strategy with keys of its own: put another account's key into EXCHANGE_ACCESS_KEY",
    )
    own = replace(LIVE, own_keys=(OwnKeys("dip", "DIP_KEY", "S"),))
    ground = Ground(own, own_accounts={"dip": FakeExchange(FakeClock())}, shared=(Account("sandbox"),))
    assert ground.told() == (
        "'dip' in 'sandbox' was given the key with which 'sandbox' trades on binance, and an account belongs to one environment, or to one "
        "strategy with keys of its own: put another account's key into DIP_KEY",
    )
    ground = Ground(shared=Refused("a bot of 'sandbox' needs KEY", hint="set it"))
    assert ground.told() == ("a bot of 'sandbox' needs KEY: set it",)
    assert Ground(DRY, shared=Refused("a dry-run has no key")).told() == ()
