"""What a device looks like now: ledgers, observations, runtime and store, read and nothing else."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from pipeline.domain.bot import RunningBot
from pipeline.domain.monitor.curve import Curve, Span
from pipeline.domain.monitor.expectation import Expectation
from pipeline.domain.monitor.overview import Condition, DeviceView, EnvironmentView, Position, Ran, StrategyView
from pipeline.domain.monitor.standing import elsewhere, standing
from pipeline.domain.monitor.stops import Stop
from pipeline.domain.monitor.story import Story
from pipeline.domain.train.state import Deployment, EnvironmentState, StrategyState
from pipeline.domain.train.status import WatchLine, watch_line
from pipeline.domain.watch_process import RunningWatch
from pipeline.errors import FreqtrainError
from pipeline.flows.stories import Stories
from pipeline.ports import Clock, Runtime, Watches, WatchHome
from pipeline.ports.monitoring import Curves, LedgerNews, Positions, Proofs, Stops

MOST_BUNDLES = 8
"""Of one strategy in a chart, the latest."""

MOST_UNTOLD = 40
"""Bundles that are shown where the ledger does not tell which ones stand, the latest."""

SHORTEST = timedelta(minutes=10)
"""A chart of all that was observed is at least as long."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one environment is looked at.

    `asked`: whether the runtime tells of its bots; otherwise its watch's word counts. `elsewhere`: it is another user's, who shows its ledger only,
    and where it is `shared` what was observed as well.
    """

    ledger: LedgerNews
    curves: Curves
    positions: Positions
    watch: WatchHome
    asked: bool = True
    elsewhere: bool = False
    shared: Callable[[], bool] = lambda: False


@dataclass(slots=True)
class _Look:
    """One look at the device: what was seen of all environments at once."""

    now: datetime
    since: datetime
    bots: tuple[RunningBot, ...] | None = None
    """None where the runtime cannot be asked."""
    watches: tuple[RunningWatch, ...] = ()
    problems: list[str] = field(default_factory=list)

    def bots_of(self, environment: str) -> tuple[RunningBot, ...]:
        """Those that are known to be held there."""
        return tuple(bot for bot in self.bots or () if bot.spec.environment == environment)

    @contextmanager
    def minding(self, problems: list[str] | None = None) -> Iterator[None]:
        """What cannot be read is told, and the rest is shown."""
        try:
            yield
        except FreqtrainError as error:
            told = self.problems if problems is None else problems
            if error.message not in told:
                told.append(error.message)


class Lookout:
    """Looks at a device as often as it is asked, and remembers the ledgers as far as it has read them, in `stories` where others share them."""

    def __init__(
        self,
        stops: Stops,
        place: Callable[[Stop], Place],
        runtime: Runtime,
        watches: Watches,
        proofs: Proofs,
        clock: Clock,
        stories: Stories | None = None,
    ) -> None:
        self._stops, self._place = stops, place
        self._runtime, self._watches, self._proofs, self._clock = runtime, watches, proofs, clock
        self._stories = stories or Stories()
        self._places: dict[Stop, Place] = {}

    def look(self, span: Span, since: datetime | None = None) -> DeviceView:
        """The device now; whatever cannot be read is a problem of its environment, and breaks nothing else.

        Args:
            since: where charts begin, if not where the span says.
        """
        now = self._clock.now()
        stops, wrong = self._stops()
        look = _Look(now, since or self._since(stops, span, now), problems=list(wrong))
        with look.minding():
            look.bots = tuple(self._runtime.running())
        with look.minding():
            look.watches = tuple(self._watches.watching())
        views = tuple(self._environment(stop, look) for stop in stops)
        return DeviceView(now, span, look.since, views, tuple(look.problems))

    def _environment(self, stop: Stop, look: _Look) -> EnvironmentView:
        view = EnvironmentView(stop.name, stop.mode, stop.after, stop.rehearsal)
        if stop.on_history:
            return replace(view, cut=self._proofs.cut())
        place, problems = self._at(stop), list[str]()
        story: Story | None = None
        with look.minding(problems):
            story = self._stories.of(stop.name, place.ledger)
        if story is None:
            strategies = self._untold(stop.name, place, look, problems)
            return replace(view, strategies=strategies, problems=tuple(problems))
        bots = look.bots_of(stop.name)
        names = sorted({*story.state.strategies, *(bot.spec.strategy for bot in bots)})
        strategies = tuple(self._strategy(story, name, place, look) for name in names)
        watch = None
        with look.minding(problems):
            watch = None if place.elsewhere else _watch(story.state, bots, place, look)
        told = tuple(reversed(story.told))
        return replace(view, watch=watch, strategies=strategies, told=told, problems=tuple(problems))

    def _strategy(self, story: Story, strategy: str, place: Place, look: _Look) -> StrategyView:
        state, problems = story.state, list[str]()
        known = state.of(strategy)
        if place.elsewhere and not place.shared():
            return self._of_another(story, strategy, look)
        bots = [bot for bot in look.bots_of(state.environment) if bot.spec.strategy == strategy]
        ran = self._ran(known, place.curves, look, problems)
        bundle = known.standing.bundle if known.standing else ""
        own = next((one for one in ran if one.curve.bundle == bundle), None)
        latest = own.curve.latest if own else None
        positions: tuple[Position, ...] | None = None
        if not place.elsewhere:
            with look.minding(problems):
                positions = place.positions.open(strategy)
        asked = place.asked and look.bots is not None and not place.elsewhere
        condition, told = standing(state, known, bots if asked else None, latest, look.now)
        view = StrategyView(
            *(strategy, condition, told, bundle),
            observed=known.observed.get(bundle),
            holds=state.holds(strategy, bundle) if bundle else (),
            latest=latest,
            currency=own.curve.currency if own else "",
            expectation=own.expectation if own else None,
            positions=positions,
            decided=known.decided,
            decided_at=known.decided_at,
            ran=ran,
            marks=tuple(one for one in story.marks if one.strategy == strategy and one.at >= look.since),
            problems=tuple(problems),
        )
        return _with_deployment(view, known)

    def _of_another(self, story: Story, strategy: str, look: _Look) -> StrategyView:
        """What the ledger tells of a strategy whose bot is another user's."""
        known, bundle = story.state.of(strategy), ""
        if known.standing:
            bundle = known.standing.bundle
        view = StrategyView(
            *(strategy, *elsewhere(story.state, known), bundle),
            observed=known.observed.get(bundle),
            holds=story.state.holds(strategy, bundle) if bundle else (),
            decided=known.decided,
            decided_at=known.decided_at,
            marks=tuple(one for one in story.marks if one.strategy == strategy and one.at >= look.since),
        )
        return _with_deployment(view, known)

    def _untold(self, environment: str, place: Place, look: _Look, problems: list[str]) -> tuple[StrategyView, ...]:
        """Where the ledger cannot be read: what was observed, and what runs; nobody knows what should."""
        ran: dict[str, list[Ran]] = {bot.spec.strategy: [] for bot in look.bots_of(environment)}
        with look.minding([] if place.elsewhere else problems):
            for strategy, bundle in place.curves.bundles()[-MOST_UNTOLD:]:
                curve = place.curves.curve(strategy, bundle, look.since, look.now)
                ran.setdefault(strategy, []).append(Ran(curve, None))
        told = "the ledger cannot be read, so that nobody knows what should run"
        return tuple(StrategyView(name, Condition.UNSEEN, told, ran=tuple(ran[name])) for name in sorted(ran))

    def _ran(self, known: StrategyState, curves: Curves, look: _Look, problems: list[str]) -> tuple[Ran, ...]:
        """The bundles that stood since the charts begin, the standing one even where it was not seen since."""
        lately = [made for made in known.deployments if made.until_at is None or made.until_at >= look.since]
        named = {made.bundle: made.evidence for made in lately}
        if known.standing:
            named.setdefault(known.standing.bundle, "")
        found: list[Ran] = []
        for bundle, evidence in list(named.items())[-MOST_BUNDLES:]:
            curve: Curve | None = None
            with look.minding(problems):
                curve = curves.curve(known.strategy, bundle, look.since, look.now)
            if curve is not None:
                found.append(Ran(curve, self._expectation(bundle, evidence, look, problems)))
        return tuple(found)

    def _expectation(self, bundle: str, evidence: str, look: _Look, problems: list[str]) -> Expectation | None:
        found: Expectation | None = None
        if evidence:
            with look.minding(problems):
                found = self._proofs.expectation(bundle, evidence)
        return found

    def _since(self, stops: Sequence[Stop], span: Span, now: datetime) -> datetime:
        if span.length is not None:
            return now - span.length
        began = []
        for stop in stops:
            try:
                began.append(None if stop.on_history else self._at(stop).curves.began_at())
            except FreqtrainError:
                continue  # It is told with the environment.
        return min([one for one in began if one is not None] + [now - SHORTEST])

    def _at(self, stop: Stop) -> Place:
        if stop not in self._places:
            self._places[stop] = self._place(stop)
        return self._places[stop]


def _with_deployment(view: StrategyView, known: StrategyState) -> StrategyView:
    made: Deployment | None = next(
        (one for one in reversed(known.deployments) if one.bundle == view.bundle and one.until_at is None), None
    )
    if made is None:
        return view
    soaked = max(
        (one.soaked_at for one in known.deployments if one.bundle == made.bundle and one.soaked_at), default=None
    )
    return replace(
        view, since_at=made.since_at, by=made.by, reason=made.reason, evidence=made.evidence, soaked_at=soaked
    )


def _watch(state: EnvironmentState, bots: Sequence[RunningBot], place: Place, look: _Look) -> WatchLine | None:
    """Who watches; None where there is nothing to be watched."""
    if not bots and not any(known.standing for known in state.strategies.values()):
        return None
    found = next((one for one in look.watches if one.spec.environment == state.environment), None)
    return watch_line(state.environment, found, place.watch.watched_by(), place.watch.looked_at(), look.now)
