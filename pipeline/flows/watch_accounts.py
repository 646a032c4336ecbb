"""The brake on an account: all bots that share it are braked when they lost too much together."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline.domain.train.account_brake import FORGOTTEN, NAME, forgotten, read_account
from pipeline.domain.train.brake_readings import Share
from pipeline.domain.train.brakes_again import account_reading
from pipeline.domain.train.watching import Due, Remembered
from pipeline.domain.verdict import Finding, Outcome
from pipeline.flows.watch_post import Post


@dataclass(frozen=True, slots=True)
class _Account:
    """The strategies of an account, with what is remembered of them, and how its brake was read at `at`."""

    bots: Mapping[str, Remembered]
    limit: float
    at: datetime

    @property
    def shares(self) -> tuple[Share, ...]:
        return tuple(Share(bot.points, bot.lost_before) for bot in self.bots.values())

    def read(self) -> Finding:
        return read_account(self.limit, ((one.points, one.before) for one in self.shares), self.at)

    def due(self, bot: Remembered, found: Finding) -> Due:
        return Due(NAME, found.reason, account_reading(bot, found, self.limit, self.shares, self.at))


def overdrawn(remembered: Mapping[str, Remembered], unseen: Set[str], post: Post) -> Iterator[tuple[str, Remembered]]:
    """The strategies of accounts that lost too much, with what is remembered of them, the limit that was reached included.

    An account with an `unseen` strategy, whose bot this watch has never heard, is not read yet: what it earned may be as much as others lost.
    """
    for account in _accounts(remembered, unseen, post):
        found = account.read()
        if found.outcome is Outcome.FAIL:
            for strategy, bot in account.bots.items():
                if all(due.brake != NAME for due in bot.due):
                    yield strategy, replace(bot, due=(*bot.due, account.due(bot, found)))


def unknown(remembered: Mapping[str, Remembered], post: Post) -> Iterator[str]:
    """Of each account that may have lost too much, because a part of what it lost was forgotten: which strategies', in a sentence."""
    for account in _accounts(remembered, frozenset(), post):
        names = ", ".join(strategy for strategy, bot in account.bots.items() if forgotten(bot.lost_before, account.at))
        if names and account.read().outcome is Outcome.ERROR:
            yield f"{names}: whether the account's brake is reached is not known until midnight UTC: {FORGOTTEN}; `stop --release` counts anew"


def _accounts(remembered: Mapping[str, Remembered], unseen: Set[str], post: Post) -> Iterator[_Account]:
    """Each account that can be read.

    A strategy with keys of its own has an account to itself. In a dry-run each bot has a wallet of its own, and all count together.
    """
    environment = post.road.environment
    limit = environment.brakes.account_loss_max_ratio
    if limit is None:
        return
    accounts: dict[str, list[str]] = {}
    for strategy in sorted({*remembered, *unseen}):
        accounts.setdefault(strategy if environment.own_account(strategy) else "", []).append(strategy)
    for strategies in accounts.values():
        if unseen.isdisjoint(strategies):
            yield _Account({one: remembered[one] for one in strategies}, limit.limit, post.road.clock.now())
