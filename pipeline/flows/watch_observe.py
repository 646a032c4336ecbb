"""What a watch sees is kept over time, apart from all that it acts on: observations that cannot be written stop no brake and no lease."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.domain.trades import ClosedTrade, quote_of
from pipeline.domain.train.own import in_currency, own_closed, stood
from pipeline.domain.train.samples import KEPT_WHOLE, Gap, Sample, sample_of
from pipeline.domain.train.state import EnvironmentState
from pipeline.errors import FreqtrainError, Locked
from pipeline.flows.watch_bot import Seen
from pipeline.flows.watch_post import Post
from pipeline.ports import Observations

EVERY = timedelta(minutes=1)
"""How far two samples of a bot are apart, while nothing changes."""

COMPACTED_EVERY = timedelta(hours=1)
DOWN, SILENT, STRANGE = "down", "silent", "strange"
"""States of a bot that tells nothing: its process is not there, does not answer, or is not what it was started as."""


@dataclass(slots=True)
class Last:
    """What was kept of a bundle last; `errors` counts its failed looks so far, `untold_since` is when it ceased to tell anything."""

    at: datetime | None = None
    state: str = ""
    closed: tuple[ClosedTrade, ...] | None = None
    errors: int = 0
    untold_since: datetime | None = None


class Observing:
    """Keeps the observations of one watch.

    The file is opened when there is something to write. After a failure it is opened anew, a minute later at the earliest; until that works,
    `problem` says what is wrong.

    Args:
        beside: whether another watch may be there, which keeps them then.
    """

    def __init__(self, post: Post, *, beside: bool = False) -> None:
        self._post, self._beside = post, beside
        self._open = ExitStack()
        self._kept: Observations | None = None
        self._last: dict[tuple[str, str], Last] = {}
        self._failed_at: datetime | None = None
        self._compacted_at: datetime | None = None
        self.problem = ""

    def keep(self, found: Mapping[str, Sequence[Seen]], state: EnvironmentState) -> None:
        """Keep what one look at all bots saw, as far as it is time to; what goes wrong is in `problem` afterwards."""
        now = self._post.road.clock.now()
        mine = [one for seen in found.values() for one in seen if _stands(one, state)]
        if self._post.observe is None or not mine or not _over(self._failed_at, EVERY, now):
            return
        try:
            self._keep(mine, state, now)
            self._failed_at, self.problem = None, ""
        except Locked as error:
            self._failed(now, "" if self._beside else f"nothing is observed: {error.message}")
        except FreqtrainError as error:
            self._failed(now, f"nothing is observed: {error.message}")
        except Exception as error:  # Whatever it is, bots go on being watched.
            self._failed(now, f"nothing is observed, by a mistake: {type(error).__name__}: {error}")

    def close(self) -> None:
        """Let somebody else write; what comes after opens the file anew."""
        self._kept = None
        try:
            self._open.close()
        except Exception as error:  # It is on the disk or it is not; the next one to open it finds out.
            self._post.road.narrator.say(f"the observations were not closed properly: {error}")

    def _keep(self, mine: Sequence[Seen], state: EnvironmentState, now: datetime) -> None:
        kept = self._opened()
        taken = [(one, self._known(one, kept)) for one in mine]
        for one, last in taken:
            last.errors += bool(one.wrong(self._post.road))
        due = [(one, last) for one, last in taken if self._due(one, last, now)]
        if not due:
            return
        for one, _ in due:
            self._keep_trades(one, state, kept)
        samples = [self._sample(one, last, state, now) for one, last in due]
        for sample, (_, last) in zip(samples, due, strict=True):
            if last.untold_since is not None and sample.balance is not None and last.untold_since < now:
                why = "its bot was down" if last.state == DOWN else "its bot did not tell"
                kept.record_gap(Gap(sample.strategy, sample.bundle, last.untold_since, now, why))
                last.untold_since = None
        kept.record(samples)
        for sample, (one, last) in zip(samples, due, strict=True):
            last.at, last.state, last.closed = now, sample.state, one.closed
            if sample.balance is None:
                last.untold_since = last.untold_since or now
        if _over(self._compacted_at, COMPACTED_EVERY, now):
            kept.compact(now)
            self._compacted_at = now

    def _keep_trades(self, one: Seen, state: EnvironmentState, kept: Observations) -> None:
        """Of every bundle that the database knows trades of: the last ones of the one before may not be kept yet."""
        strategy = one.bot.bot.spec.strategy
        if one.closed is None or one.identity is None or one.wrong(self._post.road):
            return
        if self._last[strategy, one.bot.bundle].closed == one.closed:
            return
        for bundle in dict.fromkeys(made.bundle for made in state.of(strategy).deployments):
            own = own_closed(one.closed, state, strategy, bundle)
            for currency in dict.fromkeys(quote_of(trade.pair) for trade in own):
                kept.record_trades(strategy, bundle, currency, in_currency(own, currency))

    def _due(self, one: Seen, last: Last, now: datetime) -> bool:
        return _over(last.at, EVERY, now) or last.state != _state(one, self._post) or last.closed != one.closed

    def _sample(self, one: Seen, last: Last, state: EnvironmentState, now: datetime) -> Sample:
        road, strategy, bundle = self._post.road, one.bot.bot.spec.strategy, one.bot.bundle
        told = one.identity is not None and not one.wrong(road) and one.closed is not None
        currency = one.identity.stake_currency if one.identity and told else road.environment.stake_currency
        closed = own_closed(in_currency(one.closed or (), currency), state, strategy, bundle) if told else None
        positions = one.positions if told else None
        capital = one.capital(road)
        own = [trade for trade in one.still_open() if stood(trade.opened_at, state, strategy, bundle)]
        floating = [trade.profit for trade in own if trade.amount and quote_of(trade.pair) == currency]
        equity = None
        if closed is not None and positions is not None and None not in floating:
            earned = sum(trade.profit for trade in closed)
            equity = float(capital) + earned + sum(float(profit) for profit in floating if profit is not None)
        return sample_of(
            (strategy, bundle, currency),
            now,
            _state(one, self._post),
            capital=float(capital),
            equity=equity,
            closed=closed,
            open_trades=None if positions is None else len(positions),
            health=one.health,
            errors=last.errors,
        )

    def _known(self, one: Seen, kept: Observations) -> Last:
        """What was kept of it last, by an earlier watch too."""
        key = one.bot.bot.spec.strategy, one.bot.bundle
        if key not in self._last:
            recent = kept.samples(*key, since=self._post.road.clock.now() - KEPT_WHOLE) or kept.samples(*key)
            told = [place for place, sample in enumerate(recent) if sample.balance is not None]
            untold = recent[told[-1] + 1 if told else 0 :]
            latest = recent[-1] if recent else None
            self._last[key] = Last(
                state=latest.state if latest else "",
                errors=latest.errors if latest else 0,
                untold_since=untold[0].at if untold else None,
            )
        return self._last[key]

    def _opened(self) -> Observations:
        if self._kept is None:
            assert self._post.observe is not None
            self._kept = self._open.enter_context(self._post.observe())
        return self._kept

    def _failed(self, now: datetime, problem: str) -> None:
        self.close()
        self._last.clear()  # What is on the disk is asked again, and every trade is told anew.
        self._failed_at, self.problem = now, problem


def _stands(one: Seen, state: EnvironmentState) -> bool:
    standing = state.of(one.bot.bot.spec.strategy).standing
    return standing is not None and (one.bot.slot, one.bot.bundle) == (standing.slot, standing.bundle)


def _state(one: Seen, post: Post) -> str:
    if not one.bot.alive:
        return DOWN
    if one.identity is None:
        return SILENT
    return STRANGE if one.wrong(post.road) and one.closed is not None else one.identity.state.value


def _over(last: datetime | None, length: timedelta, now: datetime) -> bool:
    """Whether it was so long ago; a clock that was set back may."""
    return last is None or now < last or now - last >= length
