"""One look at all bots of an environment, and what is done about them at once: no bot that hangs keeps another one from being seen or held."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from pipeline.domain.bot import RunningBot
from pipeline.domain.train.state import EnvironmentState
from pipeline.domain.train.watching import Remembered, taken_up
from pipeline.errors import FreqtrainError, ToolFailed
from pipeline.flows.at_once import AtOnce
from pipeline.flows.watch_accounts import overdrawn
from pipeline.flows.watch_bot import Looks, Seen, standing, unheard
from pipeline.flows.watch_brakes import brake, braking, doubt, keep_held, not_told, pause, remember, shown
from pipeline.flows.watch_clocks import Clocks
from pipeline.flows.watch_kept import Keeping
from pipeline.flows.watch_lost import found_again
from pipeline.flows.watch_notices import tell_news
from pipeline.flows.watch_observe import Observing
from pipeline.flows.watch_post import Post
from pipeline.flows.watch_tried import tried

LATE_SECONDS = 1.0
"""How often it is looked between two rounds whether a bot that was asked in the first one has answered by now."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a look came to: how many bots there are, what went wrong, one sentence each, and what bots told since the look before, by strategy.

    `vouched`: the lease was touched at its end. A strategy whose bots are still being asked is not in `told`.
    """

    bots: int
    problems: tuple[str, ...]
    vouched: bool
    told: Mapping[str, tuple[Seen, ...]]


class Looking:
    """The looks of one watch.

    Args:
        patience_seconds: how long a look waits for bots to answer; those that take longer are acted on when they have. None: as long as it takes.
    """

    def __init__(self, post: Post, keeping: Keeping, observing: Observing, patience_seconds: float | None) -> None:
        self._post, self._keeping, self._observing, self._patience = post, keeping, observing, patience_seconds
        self._looks, self._clocks, self._asking = Looks(), Clocks(), AtOnce()
        self._state = EnvironmentState(post.road.environment.name)
        self.seen: dict[str, tuple[Seen, ...]] = {}
        """The bots of each strategy that there is, as far as they have told anything in this look."""
        self._names: dict[str, str] = {}
        """What the question to the bots of each strategy is called."""
        self._new: dict[str, tuple[Seen, ...]] = {}
        """Those whose answers were acted on and not kept yet."""
        self._told: dict[str, tuple[Seen, ...]] = {}
        self._heard: set[str] = set()
        """The strategies whose bots have answered this watch, or were found not to."""
        self._problems: list[str] = []
        self.vouches = False
        """Whether the look before found and did all that it should; only then does the lease stay fresh while another one lasts."""

    def look(self) -> Look:
        """Look at every bot, and act on the limits that are reached, as soon as each has answered.

        Raises:
            FreqtrainError: the ledger or the runtime cannot be read. The lease is not touched.
        """
        road = self._post.road
        self._post = self._clocks.compared(self._post)
        try:
            self._state = state = road.state()
            held = road.runtime.running()
        except FreqtrainError:
            self.vouches = False
            raise
        running = [bot for bot in held if bot.spec.environment == road.environment.name]
        strategies = sorted({bot.spec.strategy for bot in running} | set(state.strategies))
        now = road.clock.now()
        self.seen = {one: tuple(unheard(bot, now) for bot in running if bot.spec.strategy == one) for one in strategies}
        self._names = {}
        for one in strategies:
            self._ask(one)
        self._asking.wait(self._patience)
        self._acted(whole=True)
        problems, self._problems = tuple(self._problems), []
        told, self._told = self._told, {}
        return Look(len(running), problems, self.vouches, dict(sorted(told.items())))

    def rest(self, seconds: float) -> None:
        """Wait; a bot that answers late meanwhile is acted on at once. What goes wrong is told by the next look."""
        while self._asking.out and seconds > 0:
            self._post.road.clock.sleep(min(LATE_SECONDS, seconds))
            seconds -= LATE_SECONDS
            self._problems += tried("", self._catch_up)
            self.vouches = self.vouches and not self._problems
        if seconds > 0:
            self._post.road.clock.sleep(seconds)

    def pause(self, seen: Seen) -> None:
        """Have a bot told to enter nothing, beside whatever else is asked; whether it hears decides nothing, because its home holds it."""
        if seen.bot.alive:
            name, road = seen.bot.bot.spec.name, self._post.road
            self._asking.ask(f"pause {name}", partial(pause, seen, road), partial(self._paused, seen))

    def finish(self) -> None:
        """Tell the bots that are to be paused, as far as they hear in time."""
        if self._asking.unasked:
            self._asking.wait(self._patience)

    def close(self) -> None:
        """Nobody is asked any more."""
        self._asking.close()

    def _catch_up(self) -> None:
        if self._asking.ready or self._asking.unasked:
            self._state = self._post.road.state()
            self._asking.wait(0.0)
            if self._new:
                self._acted(whole=False)

    def _acted(self, *, whole: bool) -> None:
        """What is to be done once those who answered in time were acted on, each of them alone; `whole` where all were asked for it."""
        if self._late():
            self._problems += tried("", self._accounts)
            if self._asking.unasked:
                self._asking.wait(0.0)
        self._problems += tried("", self._keeping.save)
        if (whole or self.vouches) and not self._problems:
            self._problems += tried("", self._post.lease.touch)
        self.vouches = (whole or self.vouches) and not self._problems
        self._observing.keep(self._new, self._state)
        self._told, self._new = {**self._told, **self._new}, {}
        self._problems += tried("", partial(tell_news, self._post))

    def _at(self, bots: Sequence[RunningBot]) -> tuple[Seen, ...]:
        """Look at one strategy's bots; others may be looked at beside them."""
        return tuple(self._looks.at(bot, self._post.road) for bot in bots)

    def _ask(self, strategy: str) -> None:
        """Have a strategy's bots asked, unless they still are. Those that have replaced others are, though the others still hang."""
        bots = tuple(one.bot.bot for one in self.seen[strategy])
        name = " ".join([strategy, *(f"{bot.spec.name} {bot.spec.bundle}" for bot in bots)])
        self._names[strategy] = name
        self._asking.ask(name, partial(self._at, bots), partial(self._heard_of, strategy, name))

    def _heard_of(self, strategy: str, name: str, answer: Callable[[], tuple[Seen, ...]]) -> None:
        if self._names.get(strategy) != name:
            return  # Others run by now; what those of before say counts for nothing.
        self._heard.add(strategy)
        self._problems += tried(strategy, partial(self._act, strategy, answer))
        if not self._late():
            self._problems += tried("", self._accounts)
        if self.vouches and not self._problems:
            self._problems += tried("", self._post.lease.touch)

    def _paused(self, seen: Seen, answer: Callable[[], None]) -> None:
        self._problems += tried(seen.bot.bot.spec.strategy, partial(not_told, seen, answer, self._post))

    def _late(self) -> frozenset[str]:
        """The strategies whose bots are still being asked."""
        out = self._asking.out
        return frozenset(strategy for strategy, name in self._names.items() if name in out)

    def _act(self, strategy: str, answer: Callable[[], tuple[Seen, ...]]) -> None:
        """Act on what is seen of one strategy's bots."""
        seen = self._new[strategy] = self.seen[strategy] = answer()
        self._post = self._clocks.compared(self._post)
        post, state, kept = self._post, self._state, self._keeping.of(strategy)
        # What was done for others meanwhile ages nothing.
        now = max((one.seen_at for one in seen), default=post.road.clock.now())
        bot, mine = taken_up(kept, state, strategy, now), standing(seen, state, strategy)
        if bot is not None and mine:
            bot = remember(mine[0], bot, state, post, now)
        kept = kept.seeing(bot)
        self._keeping.keep(strategy, kept)
        if bot is not None and mine:
            self._braked(mine[0], bot)
        alive = tuple(one for one in seen if one.bot.alive)
        doubtful = doubt(alive, strategy, self._state, post, now, self.pause)
        if bot is not None and mine:
            bot = found_again(mine[0], bot, self._state, post, now)
            bot = shown(mine[0], bot, self._state, post, now, doubtful=doubtful)
            self._keeping.keep(strategy, kept.seeing(bot))

    def _accounts(self) -> None:
        """Brake all bots of an account that lost too much together: each of them, whatever fails with the others, and whoever hangs."""
        failures: list[str] = []
        found = tuple(overdrawn(self._keeping.remembered(), self._late() - self._heard, self._post))
        for strategy, bot in found:
            self._keeping.keep(strategy, self._keeping.of(strategy).seeing(bot))
        for strategy, bot in found:
            for seen in standing(self.seen.get(strategy, ()), self._state, strategy):
                failures += tried(strategy, partial(self._braked, seen, bot))
        if failures:
            raise ToolFailed("; ".join(failures))

    def _braked(self, seen: Seen, bot: Remembered) -> None:
        """Act on the brakes that were reached: a ledger that is read anew decides, because a look may have taken long."""
        strategy = seen.bot.bot.spec.strategy
        if not braking(bot, self._state, strategy):
            keep_held(seen, self._state, self._post)
            return
        # A watch that dies from here on leaves a brake behind that the next one finds.
        unsaved = tried("", self._keeping.save_changes)
        state = self._post.road.state()
        known = state.of(strategy)
        same = known.standing and (known.standing.bundle, known.counts_since) == (bot.bundle, bot.since)
        if same and (facts := braking(bot, state, strategy)):
            brake(seen, facts, self._post, self.pause)
            state = self._post.road.state()
        self._state = state
        if unsaved:
            raise ToolFailed(unsaved[0])
