"""Before anything changes: everything that speaks against starting a bot here, found by looking, all at once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

from pipeline.domain.bot import BotSpec, BotState, RunningBot
from pipeline.domain.bundle_manifest import StoredBundle
from pipeline.domain.trades import quote_of
from pipeline.domain.trading import TradingEnvironment
from pipeline.domain.trading.environment import pairs_for
from pipeline.domain.train import preflight as judge
from pipeline.domain.train.account import against_sharing
from pipeline.domain.train.fold import fold_ledger
from pipeline.domain.train.preflight import Room, Share
from pipeline.errors import Refused, ToolFailed
from pipeline.flows.account_pairs import waiting
from pipeline.flows.problems import Problems, each
from pipeline.ports import (
    Bot,
    Bundles,
    Clock,
    Databases,
    Device,
    Exchange,
    ExchangeAccount,
    Homes,
    Ledger,
    Runtime,
)

DATABASES = "databases"


@dataclass(frozen=True, slots=True)
class DeployPreflight:
    """Called with the specification of a bot that shall start, it gives a sentence for everything that speaks against it: `Road.preflight`.

    `exchange` is asked without a key. `account` is None in a dry-run; strategies with keys of their own have theirs in `own_accounts`. `warm`:
    the new bot will start beside the old one.
    """

    environment: TradingEnvironment
    ledger: Ledger
    runtime: Runtime
    bundles: Bundles
    homes: Homes
    databases: Databases
    exchange: Exchange
    account: ExchangeAccount | None
    device: Device
    clock: Clock
    own_accounts: Mapping[str, ExchangeAccount] = field(default_factory=dict)
    warm: bool = False

    def __call__(self, spec: BotSpec) -> tuple[str, ...]:
        """Where a look cannot be made, that is told, the others are made, and only what depends on it is left out."""
        problems = Problems()
        problems.look(lambda: self._room(spec))
        if not self.environment.dry_run:
            problems.look(lambda: against_sharing(self.environment, spec.strategy, self.homes.sharing(spec)))
        stored = problems.get(lambda: self.bundles.get(spec.bundle))
        if stored is not None:
            problems.look(partial(self.homes.against, spec, stored))
        pairs = problems.get(lambda: self._pairs(stored)) if stored else None
        ahead_seconds = problems.get(self.exchange.clock_ahead_seconds)
        if ahead_seconds is not None:
            problems.found += judge.against_clock(self.environment.exchange, ahead_seconds)
        others = problems.get(lambda: self._others(spec.strategy))
        mine = Share(spec.strategy, pairs or (), self.environment.own_account(spec.strategy))
        if others is not None:
            problems.found += judge.against_share(self.environment, mine, others)
        if stored is None or pairs is None or ahead_seconds is None:
            return tuple(problems.found)
        now = self.clock.now() + timedelta(seconds=ahead_seconds)
        if problems.look(lambda: self._candles(stored, pairs, now)) and not self.environment.dry_run:
            self._live(problems, stored, mine, others or ())
        return tuple(problems.found)

    def _live(self, problems: Problems, stored: StoredBundle, mine: Share, others: Sequence[Share]) -> None:
        """Each look asks the exchange; where it does not answer one, or does not accept the key, the rest would say the same."""
        account = self.own_accounts.get(mine.strategy) if mine.own_account else self.account
        if account is None:
            problems.found.append(f"'{self.environment.name}' trades real money, and there is no key to its account")
            return
        sharing = (mine,) if mine.own_account else (mine, *(other for other in others if not other.own_account))
        looks: tuple[Callable[[], Iterable[str]], ...] = (
            lambda: judge.against_rights(self.environment.exchange, account.rights()),
            lambda: self._stake(stored, mine.pairs),
            lambda: self._orders(account, mine),
            lambda: self._balance(account, sharing),
        )
        all(problems.look(look) for look in looks)

    def _pairs(self, stored: StoredBundle) -> tuple[str, ...]:
        try:
            return pairs_for(self.environment, stored.bundle.pairs)
        except ValueError as error:
            raise Refused(str(error)) from error

    # The device

    def _room(self, spec: BotSpec) -> Iterable[str]:
        home = Path(spec.home)
        database = home.parent.parent / DATABASES / f"{spec.strategy}.{self.environment.mode.value}.sqlite"
        old = [bot for bot in self._up() if bot.spec.strategy == spec.strategy]
        room = Room(
            folders={str(folder): self.device.writable(folder) for folder in (home.parent, database.parent)},
            free_disk_mib=self.device.free_disk_mib(database.parent),
            database_mib=self.device.size_mib(database),
            available_mib=self.device.available_memory_mib(),
            old_mib=sum(self.device.used_memory_mib(bot.pid) for bot in old),
            port_held_by=self._port_holder(spec),
        )
        return judge.against_room(room, spec, warm=self.warm)

    def _port_holder(self, spec: BotSpec) -> str:
        if self.device.port_is_free(spec.api_port):
            return ""
        try:
            answers = self.homes.bot(spec).identity().name
        except ToolFailed:
            return "another program has it; end that, or give the environment other ports"
        return "" if answers == spec.name else f"{answers} has it"

    # The market

    def _candles(self, stored: StoredBundle, pairs: Sequence[str], now: datetime) -> Iterable[str]:
        """By the exchange's clock, so that a device whose own is wrong is told so once."""
        timeframe = stored.bundle.timeframe or stored.newest.facts.timeframe
        newest, refused = each(pairs, lambda pair: self.exchange.last_candle_at(pair, timeframe))
        return (*refused, *judge.against_candles(self.environment.exchange, timeframe, newest, now))

    def _stake(self, stored: StoredBundle, pairs: Sequence[str]) -> Iterable[str]:
        """What a pair is refused for was told with its candles."""
        least, _ = each(pairs, self.exchange.least_order)
        return judge.against_stake(self.environment, least, stored.newest.facts.stoploss_ratio)

    # The environment's bots

    def _up(self) -> list[RunningBot]:
        mine = [bot for bot in self.runtime.running() if bot.spec.environment == self.environment.name]
        return [bot for bot in mine if bot.state is not BotState.DOWN]

    def _others(self, strategy: str) -> tuple[Share, ...]:
        """All others that run or should: one that crashed comes back, and has its money in positions. A dry-run's may trade the same pairs."""
        bundles = self._bundles()
        bundles.pop(strategy, None)
        if self.environment.dry_run:
            return tuple(Share(other) for other in sorted(bundles))
        pairs = {
            other: {pair for one in theirs for pair in self._pairs(self.bundles.get(one))}
            for other, theirs in bundles.items()
        }
        return tuple(
            Share(other, tuple(sorted(pairs[other])), self.environment.own_account(other)) for other in sorted(pairs)
        )

    def _bundles(self) -> dict[str, set[str]]:
        """Strategy -> the bundles that run of it, should run, or are about to."""
        found: dict[str, set[str]] = {}
        for bot in self._up():
            found.setdefault(bot.spec.strategy, set()).add(bot.spec.bundle)
        state = fold_ledger(self.ledger.entries(), self.environment.name)
        for strategy, known in state.strategies.items():
            target = known.progress.target if known.progress else None
            for standing in (known.standing, target):
                if standing is not None:
                    found.setdefault(strategy, set()).add(standing.bundle)
        return found

    def _unspent(self, strategy: str) -> Decimal:
        """Where no bot tells what its positions hold, an empty database says that it is nothing; otherwise it may be all.

        What was traded in an earlier stake currency neither holds nor lost anything of this one.
        """
        capital, currency = self.environment.limits.capital_per_bot, self.environment.stake_currency
        bot, known = self._answering(strategy), self.databases.known_orders(strategy)
        if bot is None:
            return capital if known.since_at is None else Decimal(0)
        trades = [trade for trade in bot.open_trades() if quote_of(trade.pair) == currency]
        profit = bot.profit()
        if any(quote_of(pair) != currency for pair in known.pairs):
            earlier = (one.profit for one in bot.closed_trades() if quote_of(one.pair) != currency)
            profit = replace(profit, closed=profit.closed - sum((Decimal(str(one)) for one in earlier), Decimal(0)))
        return judge.unspent_of(capital, trades, profit)

    def _answering(self, strategy: str) -> Bot | None:
        """The bot that has the strategy's database; one that waits for it does not answer."""
        for bot in self._up():
            if bot.spec.strategy == strategy:
                try:
                    api = self.homes.bot(bot.spec)
                    if api.identity().name == bot.spec.name:
                        return api
                except ToolFailed:
                    continue
        return None

    # The account

    def _orders(self, account: ExchangeAccount, mine: Share) -> Iterable[str]:
        """The database is read after the account, so that what a bot orders meanwhile is in it."""
        if self.environment.dynamic_pairs:
            known = self.databases.known_orders(mine.strategy)
            looked = waiting(known.pairs, self.environment.stake_currency, account)
            orders, pairs = looked.orders, looked.pairs
        else:
            orders, pairs = account.open_orders(mine.pairs), mine.pairs
        return judge.against_orders(orders, self.databases.known_orders(mine.strategy), pairs)

    def _balance(self, account: ExchangeAccount, sharing: Sequence[Share]) -> Iterable[str]:
        free = account.free(self.environment.stake_currency)
        return judge.against_balance(
            self.environment, free, {one.strategy: self._unspent(one.strategy) for one in sharing}
        )
