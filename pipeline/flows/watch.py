"""`freqtrain watch`: somebody looks at every bot all the time, keeps the lease fresh, and acts on brakes without anybody."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import NoReturn

from pipeline.domain.bot import RunningBot
from pipeline.domain.train.sight import SeenBot
from pipeline.domain.train.state import EnvironmentState
from pipeline.domain.train.watching import Kept, Remembered, taken_up
from pipeline.errors import FreqtrainError, ToolFailed
from pipeline.flows.at_once import at_once
from pipeline.flows.road import Road
from pipeline.flows.watch_accounts import overdrawn
from pipeline.flows.watch_bot import Looks, Seen, standing
from pipeline.flows.watch_brakes import brake, braking, doubt, keep_held, remember, shown
from pipeline.flows.watch_compare import Comparing
from pipeline.flows.watch_decide import Deciding
from pipeline.flows.watch_mend import mend
from pipeline.flows.watch_notices import end, tell_news
from pipeline.flows.watch_observe import Observing
from pipeline.flows.watch_post import Post

JUMP = timedelta(seconds=30)
"""By how much more than what has passed the clock must have gone on to be called set."""

WELL_AGAIN = "the watch is well again: its last round was as it should be"


@dataclass(frozen=True, slots=True)
class Round:
    """What one round came to: how many bots were looked at, and what went wrong, one sentence each. `vouched`: the lease was touched at its end."""

    bots: int
    problems: tuple[str, ...]
    vouched: bool


def watch(post: Post, *, once: bool = False) -> Round | None:
    """Watch until somebody interrupts, which is no error; or for one round, which is returned.

    A round that fails as a whole is told, and the next one follows. It may end between any two of its calls: the next one finds its way.

    Raises:
        Locked: without `once`, where somebody else watches the environment.
        FreqtrainError: with `once`, where the ledger or the runtime could not be read. The lease was not touched.
    """
    watching = Watching(post, beside=once)
    try:
        if once:
            return watching.round()
        with post.alone():
            _watch(watching, post)
    except KeyboardInterrupt:
        if once:
            raise
        post.road.narrator.say(f"nobody watches '{post.road.environment.name}' any more; live bots stop entering soon")
    except FreqtrainError:
        raise
    except Exception as error:
        post.tell("", f"the watch ends by a mistake of its own: {type(error).__name__}: {error}")
        raise
    finally:
        watching.close()
        end(post)
    return None


def _watch(watching: "Watching", post: Post) -> NoReturn:
    last = ""
    while True:
        try:
            told = "; ".join(watching.round().problems)
        except FreqtrainError as error:
            told = f"nobody watches: {error.message}"
        except Exception as error:  # A watch that ends on its own mistake would leave every bot unwatched.
            told = f"the watch made a mistake, and goes on: {type(error).__name__}: {error}"
        if told != last:
            post.tell("", told or WELL_AGAIN)
        last = told
        post.road.clock.sleep(post.interval_seconds)


class Watching:
    """The rounds of one watch; `beside` says that another one may be there."""

    def __init__(self, post: Post, *, beside: bool = False) -> None:
        self._post = post
        self._looks = Looks()
        self._observing = Observing(post, beside=beside)
        self._deciding = Deciding(post)
        self._comparing = Comparing(replace(post, comparer=None) if beside else post)
        self._kept: dict[str, Kept] | None = None
        self._clocks: tuple[datetime, float] | None = None
        """What both clocks showed when they were compared last."""
        self._vouches = False
        """Whether the round before found and did all that it should; only then does the lease stay fresh while another one lasts."""

    def round(self) -> Round:
        """Look at every bot, then bring about what should run.

        Raises:
            FreqtrainError: the ledger or the runtime cannot be read. The lease is not touched: nobody knows what holds entries, and no brake
                could be recorded, so live bots must stop entering, which they do once the lease is old.
        """
        looked, seen = self._look()
        post = self._post
        road = post.looking_on(self._look_again)
        problems = list(looked.problems)
        first, state = self._tries(), post.road.state()
        for strategy, bots in seen.items():
            tries = self._tries()
            problems += self._tried(strategy, partial(self._mend, strategy, [one.bot for one in bots], state, road))
            if self._tries() != tries:
                state = post.road.state()
            problems += self._tried(strategy, partial(self._deciding.decide, strategy, state, road))
        problems += self._tried("", lambda: self._comparing.look(seen, post.road.state()))
        if self._tries() != first:  # Whoever runs now is seen from the beginning.
            looked, _ = self._look()
            problems += looked.problems
        problems += self._tried("", self._save)
        problems += [self._observing.problem] if self._observing.problem else []
        done = replace(looked, problems=tuple(dict.fromkeys(problems)))
        if post.notices is not None and done.vouched and not done.problems:
            post.notices.all_is_well()
        return done

    def close(self) -> None:
        """Let go of what only one may hold."""
        self._observing.close()
        self._comparing.close()

    def _look(self) -> tuple[Round, Mapping[str, tuple[Seen, ...]]]:
        self._compare_clocks()
        post, road = self._post, self._post.road
        state = road.state()
        running = [bot for bot in road.runtime.running() if bot.spec.environment == road.environment.name]
        strategies = sorted({bot.spec.strategy for bot in running} | set(state.strategies))
        found: dict[str, tuple[Seen, ...]] = dict.fromkeys(strategies, ())
        problems: list[str] = []
        mine = {one: [bot for bot in running if bot.spec.strategy == one] for one in strategies}
        for strategy, seen in at_once({one: partial(self._seen, bots) for one, bots in mine.items()}):
            problems += self._tried(strategy, partial(self._strategy, strategy, seen, state, found))
            if self._vouches and not problems:
                problems += self._tried("", post.lease.touch)
        problems += self._tried("", lambda: self._accounts(found, state))
        problems += self._tried("", self._save)
        if not problems:
            problems += self._tried("", post.lease.touch)
        self._vouches = not problems
        self._observing.keep(found, state)
        problems += self._tried("", partial(tell_news, post))
        return Round(len(running), tuple(problems), self._vouches), found

    def _seen(self, bots: Sequence[RunningBot]) -> tuple[Seen, ...]:
        """Look at one strategy's bots; others may be looked at beside them."""
        return tuple(self._looks.at(bot, self._post.road) for bot in bots)

    def _strategy(
        self,
        strategy: str,
        looks: Callable[[], tuple[Seen, ...]],
        state: EnvironmentState,
        found: dict[str, tuple[Seen, ...]],
    ) -> None:
        """Act on what is seen of one strategy's bots, one strategy after the other."""
        seen = found[strategy] = looks()
        self._compare_clocks()
        post, road = self._post, self._post.road
        now = max(
            (one.seen_at for one in seen), default=road.clock.now()
        )  # What was done for others meanwhile ages nothing.
        kept = self._of(strategy)
        bot, mine = taken_up(kept, state, strategy, now), standing(seen, state, strategy)
        if bot is not None and mine:
            bot = remember(mine[0], bot, state, post, now)
        kept = kept.seeing(bot)
        self._keep(strategy, kept)
        if bot is not None and mine:
            state = self._braked(mine[0], bot, state)
        doubtful = doubt(tuple(one for one in seen if one.bot.alive), strategy, state, post, now)
        if bot is not None and mine:
            self._keep(strategy, kept.seeing(shown(mine[0], bot, state, post, now, doubtful=doubtful)))

    def _accounts(self, found: Mapping[str, tuple[Seen, ...]], state: EnvironmentState) -> None:
        """Brake all bots of an account that lost too much together: each of them, whatever fails with the others."""
        failures: list[str] = []
        remembered = {strategy: kept.bot for strategy, kept in self._all().items() if kept.bot is not None}
        for strategy, bot in overdrawn(remembered, self._post):
            self._keep(strategy, self._of(strategy).seeing(bot))
            for seen in standing(found.get(strategy, ()), state, strategy):
                failures += self._tried(strategy, partial(self._braked, seen, bot, state))
        if failures:
            raise ToolFailed("; ".join(failures))

    def _braked(self, seen: Seen, bot: Remembered, state: EnvironmentState) -> EnvironmentState:
        """The state after the brakes that were reached: a ledger that is read anew decides, because a look may have taken long."""
        strategy = seen.bot.bot.spec.strategy
        if not braking(bot, state, strategy):
            keep_held(seen, state, self._post)
            return state
        saved = self._tried(
            "", self._save
        )  # A watch that dies from here on leaves a brake behind that the next one finds.
        state = self._post.road.state()
        known = state.of(strategy)
        same = known.standing and (known.standing.bundle, known.counts_since) == (bot.bundle, bot.since)
        if same and (facts := braking(bot, state, strategy)):
            brake(seen, facts, self._post)
            state = self._post.road.state()
        if saved:
            raise ToolFailed(saved[0])
        return state

    def _compare_clocks(self) -> None:
        """A clock that was set forward, or a device that slept, makes every loop look silent for as long."""
        if self._post.running_seconds is None:
            return
        now, running = self._post.road.clock.now(), self._post.running_seconds()
        if self._clocks is not None:
            passed = timedelta(seconds=running - self._clocks[1])
            if (now - self._clocks[0]) - passed > JUMP:
                self._post = replace(self._post, jumped_at=now)
                self._post.road.narrator.say("the clock was set forward, or the device slept: silence counts from now")
        self._clocks = now, running

    def _mend(self, strategy: str, seen: Sequence[SeenBot], state: EnvironmentState, road: Road) -> None:
        kept = mend(strategy, seen, self._of(strategy), state, self._post, road)
        self._keep(strategy, replace(self._of(strategy), tries=kept.tries, tried_at=kept.tried_at, told=kept.told))

    def _look_again(self) -> None:
        """While a verb of ours takes its time; a ledger or runtime that cannot be read is that verb's to tell."""
        try:
            self._look()
        except FreqtrainError as error:
            self._vouches = False
            self._post.road.narrator.say(error.message)

    def _tried(self, what: str, does: Callable[[], object]) -> list[str]:
        """What went wrong: one bot's failure, or our own mistake about it, must not leave the others unwatched."""
        try:
            does()
        except FreqtrainError as error:
            return [f"{what}: {error.message}" if what else error.message]
        except Exception as error:
            return [f"{what}: the watch made a mistake: {type(error).__name__}: {error}"]
        return []

    def _tries(self) -> list[datetime | None]:
        return [kept.tried_at for _, kept in sorted(self._all().items())]

    def _of(self, strategy: str) -> Kept:
        return self._all().get(strategy, Kept())

    def _keep(self, strategy: str, kept: Kept) -> None:
        self._all()[strategy] = kept

    def _all(self) -> dict[str, Kept]:
        if self._kept is None:
            self._kept = dict(self._post.memory.load())
        return self._kept

    def _save(self) -> None:
        self._post.memory.save(self._all())
