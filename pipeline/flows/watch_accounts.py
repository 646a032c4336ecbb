"""The brake on an account: all bots that share it are braked when they lost too much together."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from pipeline.domain.train.account_brake import NAME, read_account
from pipeline.domain.train.brake_readings import Share
from pipeline.domain.train.brakes_again import account_reading
from pipeline.domain.train.watching import Due, Remembered
from pipeline.domain.verdict import Outcome
from pipeline.flows.watch_post import Post


def overdrawn(remembered: Mapping[str, Remembered], post: Post) -> Iterator[tuple[str, Remembered]]:
    """The strategies of accounts that lost too much, with what is remembered of them, the limit that was reached included.

    A strategy with keys of its own has an account to itself. In a dry-run each bot has a wallet of its own, and all count together.
    """
    environment = post.road.environment
    limit = environment.brakes.account_loss_max_ratio
    if limit is None:
        return
    accounts: dict[str, list[str]] = {}
    for strategy in sorted(remembered):
        accounts.setdefault(strategy if environment.own_account(strategy) else "", []).append(strategy)
    for strategies in accounts.values():
        bots = {one: remembered[one] for one in strategies}
        members = [Share(bot.points, bot.lost_before) for bot in bots.values()]
        now = post.road.clock.now()
        found = read_account(limit.limit, ((one.points, one.before) for one in members), now)
        if found.outcome is Outcome.FAIL:
            for strategy, bot in bots.items():
                if all(due.brake != NAME for due in bot.due):
                    reading = account_reading(bot, found, limit.limit, members, now)
                    yield strategy, replace(bot, due=(*bot.due, Due(NAME, found.reason, reading)))
