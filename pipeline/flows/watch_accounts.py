"""The brake on an account: all bots that share it are braked when they lost too much together."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import replace

from pipeline.domain.train.account_brake import FORGOTTEN, NAME, forgotten, read_account
from pipeline.domain.train.watching import Due, Remembered
from pipeline.domain.verdict import Finding, Outcome
from pipeline.flows.watch_post import Post


def overdrawn(remembered: Mapping[str, Remembered], unseen: Set[str], post: Post) -> Iterator[tuple[str, Remembered]]:
    """The strategies of accounts that lost too much, with what is remembered of them, the limit that was reached included.

    An account with an `unseen` strategy, whose bot this watch has never heard, is not read yet: what it earned may be as much as others lost.
    """
    for found, bots in _read(remembered, unseen, post):
        if found.outcome is Outcome.FAIL:
            for strategy, bot in bots.items():
                if all(due.brake != NAME for due in bot.due):
                    yield strategy, replace(bot, due=(*bot.due, Due(NAME, found.reason)))


def unknown(remembered: Mapping[str, Remembered], post: Post) -> Iterator[str]:
    """Of each account that may have lost too much, because a part of what it lost was forgotten: which strategies', in a sentence."""
    now = post.road.clock.now()
    for found, bots in _read(remembered, frozenset(), post):
        names = ", ".join(strategy for strategy, bot in bots.items() if forgotten(bot.lost_before, now))
        if found.outcome is Outcome.ERROR and names:
            yield f"{names}: whether the account's brake is reached is not known until midnight UTC: {FORGOTTEN}; `stop --release` counts anew"


def _read(
    remembered: Mapping[str, Remembered], unseen: Set[str], post: Post
) -> Iterator[tuple[Finding, Mapping[str, Remembered]]]:
    """Each account, and its strategies.

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
            bots = {one: remembered[one] for one in strategies}
            members = [(bot.points, bot.lost_before) for bot in bots.values()]
            yield read_account(limit.limit, members, post.road.clock.now()), bots
