"""What a device's metrics say now: each part is read by itself, so that one that cannot be read hides no other."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.domain.bot import RunningBot
from pipeline.domain.exposition.device import Device, Disk, Latest, Place, Totals, Written
from pipeline.domain.monitor.story import Story
from pipeline.domain.notices import Reached
from pipeline.domain.train.state import EnvironmentState
from pipeline.domain.train.status import WatchLine, watch_line
from pipeline.domain.watch_process import RunningWatch
from pipeline.errors import FreqtrainError
from pipeline.flows.stories import Stories
from pipeline.ports import Clock, Narrator, Runtime, Watches, WatchHome
from pipeline.ports.exposition import HomeDisk, LatestObservations
from pipeline.ports.monitoring import LedgerNews


@dataclass(frozen=True, slots=True)
class Sources:
    """What is read of one environment; `written` reads its file with these variables in it, None where there is no file.

    `reached` is how far people are told, None where nobody ever told.
    `elsewhere`: it is another user's, who shows its ledger only, and where it is `shared` what was observed as well.
    """

    ledger: LedgerNews
    observations: LatestObservations
    watch: WatchHome
    written: Callable[[Mapping[str, str]], Written | None]
    elsewhere: bool = False
    shared: Callable[[], bool] = lambda: False
    reached: Callable[[], Reached | None] = lambda: None


@dataclass(slots=True)
class _Parts:
    """Which parts could not be read, and why."""

    where: str
    problems: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def reading(self, part: str) -> Iterator[None]:
        try:
            yield
        except FreqtrainError as error:
            self.problems[part] = error.message
        except Exception as error:  # A mistake about one part hides no other.
            self.problems[part] = f"a mistake: {type(error).__name__}: {error}"


class Scrape:
    """Reads a device as often as it is asked, and remembers the ledgers as far as it has read them.

    A problem is told to the narrator when it begins, and not again before it ended.

    Args:
        names: tells the environments that have a ledger.
        sources: what is read of one of them; asked once, so that a source may remember what it has read.
        stories: the ledgers as far as somebody else has read them, in the same thread.
    """

    def __init__(
        self,
        names: Callable[[], Sequence[str]],
        sources: Callable[[str], Sources],
        runtime: Runtime,
        watches: Watches,
        disk: HomeDisk,
        clock: Clock,
        narrator: Narrator,
        version: str,
        stories: Stories | None = None,
    ) -> None:
        self._names, self._sources = names, sources
        self._runtime, self._watches, self._disk = runtime, watches, disk
        self._clock, self._narrator, self._version = clock, narrator, version
        self._stories = stories or Stories()
        self._known: dict[str, Sources] = {}
        self._told: frozenset[tuple[str, str]] = frozenset()

    def __call__(self) -> Device:
        """The device now."""
        now, device = self._clock.now(), _Parts("")
        bots: tuple[RunningBot, ...] | None = None
        watches: tuple[RunningWatch, ...] = ()
        disk: Disk | None = None
        with device.reading("runtime"):
            bots = tuple(self._runtime.running())
            watches = tuple(self._watches.watching())
        with device.reading("disk"):
            disk = self._disk.space()
        read = [(name, _Parts(name)) for name in self._names()]
        places = tuple(self._place(name, parts, bots, watches, now) for name, parts in read)
        self._tell([device, *(parts for _, parts in read)])
        seconds = max(0.0, (self._clock.now() - now).total_seconds())
        return Device(now, self._version, places, disk, frozenset(device.problems), seconds)

    def _place(
        self,
        name: str,
        parts: _Parts,
        bots: tuple[RunningBot, ...] | None,
        watches: Sequence[RunningWatch],
        now: datetime,
    ) -> Place:
        if name not in self._known:
            self._known[name] = self._sources(name)
        sources, story = self._known[name], None
        with parts.reading("ledger"):
            story = self._stories.of(name, sources.ledger)
        if sources.elsewhere and not sources.shared():
            return Place(name, story=story, problems=frozenset(parts.problems), elsewhere=True)
        found = next((one for one in watches if one.spec.environment == name), None)
        written: Written | None = None
        watch: WatchLine | None = None
        totals: Mapping[str, Totals] = {}
        size: int | None = None
        if not sources.elsewhere:
            with parts.reading("environment_file"):
                written = sources.written(dict(found.spec.variables) if found else {})
        asked = bots is not None and not sources.elsewhere and (written is None or written.supervised)
        mine = tuple(bot for bot in bots or () if bot.spec.environment == name)
        latest: dict[str, Latest] = {}
        with parts.reading("observations"):
            size = sources.observations.size_bytes()
            totals = sources.observations.totals()
            if story:
                latest.update(_latest(story.state, sources.observations))
        reached: Reached | None = None
        with parts.reading("notices"):
            reached = sources.reached()
        if not sources.elsewhere and (mine or _any_standing(story)):
            with parts.reading("watch"):
                watch = watch_line(name, found, sources.watch.watched_by(), sources.watch.looked_at(), now)
        own = mine if asked else None
        return Place(name, written, story, own, watch, latest, totals, size, reached, frozenset(parts.problems))

    def _tell(self, read: Sequence[_Parts]) -> None:
        found = {(one.where, part): why for one in read for part, why in one.problems.items()}
        for (where, part), why in found.items():
            if (where, part) not in self._told:
                self._narrator.say(f"{where or 'the device'}: {part.replace('_', ' ')}: {why}")
        self._told = frozenset(found)


def _any_standing(story: Story | None) -> bool:
    return story is not None and any(known.standing for known in story.state.strategies.values())


def _latest(state: EnvironmentState, observations: LatestObservations) -> Iterator[tuple[str, Latest]]:
    """The last look at each bundle that should run."""
    for known in state.strategies.values():
        if known.standing is None:
            continue
        made = next((one.since_at for one in reversed(known.deployments) if one.bundle == known.standing.bundle), None)
        since = known.counts_since or made
        found = observations.latest(known.strategy, known.standing.bundle, since) if since else None
        if found:
            yield known.strategy, found
