"""A device in miniature: two slots, one database, a ledger, and a verb that can die at any point. It asserts what must never happen."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pipeline.domain.bot import BotSpec, BotState, RunningBot
from pipeline.domain.ledger import Entry, Head, follow
from pipeline.domain.ledger import after as head_after
from pipeline.domain.train.converge import converge_one, drain_is_over, paused_by_hand
from pipeline.domain.train.decisions import EntriesStopped
from pipeline.domain.train.facts import Fact, body_of, kind_of, recorded
from pipeline.domain.train.fold import after
from pipeline.domain.train.movements import Drained, Purpose, StepBegan, StepEnded
from pipeline.domain.train.plan import Plan, undo
from pipeline.domain.train.plan_facts import closing, opening
from pipeline.domain.train.sight import Says, SeenBot
from pipeline.domain.train.state import EnvironmentState, StrategyState
from pipeline.domain.train.steps import SLOTS, Step, StepKind, bot_name

ENVIRONMENT, STRATEGY = "prod", "trend"
OLD, NEW = "sha256:" + "1" * 64, "sha256:" + "2" * 64
START = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)


class Death(Exception):
    """The verb was killed."""


class Restless(Exception):
    """Converge always finds more to do."""


class Skipped(Exception):
    """A step was not done, because a hold came meanwhile."""


class StepFailed(Exception):
    """A step did not do its work."""


@dataclass
class ToyBot:
    """A bot's process: `reconciled` since its start, `since` orders who has the database."""

    bundle: str
    alive: bool = True
    entering: bool = False
    reconciled: bool = False
    proved: bool = False
    halted: bool = False
    at: datetime = START
    since: int = 0


@dataclass
class World:
    """The device. `dies_at` counts the points (before and after every entry, and so before and after every step) until the verb dies; -1: never."""

    bots: dict[str, ToyBot] = field(default_factory=dict)
    trades: int = 0
    entries: list[Entry] = field(default_factory=list)
    head: Head = field(default_factory=Head)
    now: datetime = START
    dies_at: int = -1
    points: int = 0
    never_healthy: set[str] = field(default_factory=set)
    failing: set[StepKind] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    gave_up: set[str] = field(default_factory=set)
    done: list[Step] = field(default_factory=list)
    starts: int = 0
    state: EnvironmentState = field(default_factory=lambda: EnvironmentState(ENVIRONMENT))

    # What a verb does

    def carry_out(self, plan: Plan, by: str = "ada") -> None:
        """As a flow does it: intent before each step, outcome after it; what fails is undone."""
        if not plan.steps:
            return
        self.begin(plan, by)
        for number, step in enumerate(plan.steps):
            self.append(StepBegan(ENVIRONMENT, STRATEGY, number, step))
            if step.kind is StepKind.RECORD:
                self.append(closing(plan, self.known, by))
                return
            try:
                self.do(step)
                skipped = False
            except Skipped:
                skipped = True
            except StepFailed:
                if plan.purpose in (Purpose.UNDO, Purpose.CONVERGE):
                    return
                self.carry_out(undo(self.seen(), self.state, STRATEGY, f"failed at: {step}"))
                return
            self.append(StepEnded(ENVIRONMENT, STRATEGY, number, step, skipped=skipped))

    def begin(self, plan: Plan, by: str = "ada") -> None:
        self.append(opening(plan, self.known, by))

    def converge(self, rounds: int = 8) -> None:
        """What the timer does, until nothing is left to do."""
        for _ in range(rounds):
            if drain_is_over(self.seen(), self.state, STRATEGY, self.now):
                drain = self.known.drain
                assert drain is not None
                self.append(Drained(ENVIRONMENT, STRATEGY, drain.bundle, self.trades))
            if paused_by_hand(self.seen(), self.state, STRATEGY):
                self.append(EntriesStopped(ENVIRONMENT, STRATEGY, "somebody", "paused at the bot itself"))
            plan = converge_one(self.seen(), self.state, STRATEGY, self.now)
            if plan is None:
                return
            self.carry_out(plan, by="timer")
        raise Restless(f"did not come to rest: {plan}")

    def append(self, fact: Fact) -> None:
        self.point()
        entry = follow(self.head, self.now, kind_of(fact), body_of(fact))
        self.entries.append(entry)
        self.state = after(self.state, recorded((entry,))[0])
        self.head = head_after(self.head, entry)
        self.now += timedelta(seconds=1)
        self.point()

    def point(self) -> None:
        self.points += 1
        if self.points - 1 == self.dies_at:
            raise Death

    # What there is to see

    @property
    def known(self) -> StrategyState:
        return self.state.of(STRATEGY)

    def seen(self) -> tuple[SeenBot, ...]:
        return tuple(self._see(slot, bot) for slot, bot in sorted(self.bots.items()))

    def _see(self, slot: str, bot: ToyBot) -> SeenBot:
        spec = BotSpec(bot_name(ENVIRONMENT, STRATEGY, slot), ENVIRONMENT, STRATEGY, bot.bundle, f"/home/{slot}", 18000)
        running = RunningBot(spec, BotState.RUNNING if bot.alive else BotState.DOWN, bot.at)
        speaks = self.has_database(slot) and slot not in self.silent
        return SeenBot(
            running, Says(bot.bundle, bot.entering, self.trades, bot.halted) if speaks else None, slot in self.gave_up
        )

    def has_database(self, slot: str) -> bool:
        alive = {name: bot for name, bot in self.bots.items() if bot.alive}
        return slot in alive and min(alive, key=lambda name: alive[name].since) == slot

    @property
    def up(self) -> list[tuple[str, bool]]:
        """Bundle and whether it enters, of every bot that is up."""
        return [(bot.bundle, bot.entering) for bot in self.bots.values() if bot.alive]

    # What happens behind the verb's back

    def kill(self, slot: str, *, comes_back: bool) -> None:
        """A bot dies; the runtime may start it again, paused."""
        if slot in self.bots and self.bots[slot].alive:
            bundle = self.bots[slot].bundle
            self.bots[slot] = ToyBot(bundle, alive=comes_back, since=self._next_start(), at=self.now)

    # What a step does

    def do(self, step: Step) -> None:
        if step.kind in self.failing:
            raise StepFailed
        self.done.append(step)
        if step.slot:
            assert step.slot in SLOTS
        acts = {
            StepKind.STOP_ENTRIES: self._hold,
            StepKind.EXIT_TRADES: self._exit,
            StepKind.STOP_SAFELY: self._stop,
            StepKind.START_PAUSED: self._start,
            StepKind.PROVE: self._prove,
            StepKind.RECONCILE: self._prove,
            StepKind.RELEASE: self._release,
            StepKind.FORGET: self._forget,
        }
        if act := acts.get(step.kind):
            act(step)
        entering = [slot for slot, bot in self.bots.items() if bot.alive and bot.entering]
        assert len(entering) <= 1, "two bots on one database may enter"
        assert all(self.has_database(slot) for slot in entering), "a bot without the database may enter"

    def _alive(self, step: Step) -> ToyBot | None:
        bot = self.bots.get(step.slot)
        return bot if bot and bot.alive else None

    def _hold(self, step: Step) -> None:
        if bot := self._alive(step):
            bot.entering = False

    def _exit(self, step: Step) -> None:
        bot = self._alive(step)
        if bot is None or not self.has_database(step.slot) or bot.halted:
            raise StepFailed
        assert not bot.entering, "positions are sold while new ones may be opened"
        self.trades = 0

    def _stop(self, step: Step) -> None:
        if bot := self._alive(step):
            assert not bot.entering, "a bot was stopped whose entries were not"
            bot.halted = True
            self.point()
            bot.alive = False

    def _start(self, step: Step) -> None:
        there = self.bots.get(step.slot)
        if there and there.alive:
            assert there.bundle == step.bundle, "a bot was started where another one runs"
            assert not there.halted, "a bot was left halted"
            return
        assert there is None or there.bundle == step.bundle, "a bot was started where another one was not forgotten"
        self.bots[step.slot] = ToyBot(step.bundle, since=self._next_start(), at=self.now)

    def _prove(self, step: Step) -> None:
        bot = self._alive(step)
        if bot is None or not self.has_database(step.slot) or step.bundle in self.never_healthy or bot.halted:
            raise StepFailed
        assert bot.bundle == step.bundle
        if step.kind is StepKind.PROVE:
            bot.proved = True
        else:
            assert bot.proved, "an account was reconciled for a bot that was not proved"
            bot.reconciled = True

    def _release(self, step: Step) -> None:
        bot = self._alive(step)
        if bot is None:
            raise StepFailed
        assert bot.bundle == step.bundle
        assert bot.proved and bot.reconciled, "a bot was released that was not proved and reconciled since its start"  # noqa: PT018
        if self.state.holds(STRATEGY, step.bundle):
            raise Skipped
        bot.entering = True

    def _forget(self, step: Step) -> None:
        assert self._alive(step) is None, "a bot was forgotten that is up"
        self.bots.pop(step.slot, None)

    def _next_start(self) -> int:
        self.starts += 1
        return self.starts
