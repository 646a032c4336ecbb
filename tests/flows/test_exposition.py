"""A scrape reads each part by itself, and asks for an environment's sources once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from pipeline.domain.exposition.device import Disk, Latest, Totals, Written
from pipeline.domain.ledger import Entry, Head, after, follow
from pipeline.domain.train.facts import Fact, body_of, kind_of
from pipeline.domain.train.movements import Deployed, Deploying, Purpose
from pipeline.domain.watch_process import WatchSpec
from pipeline.errors import Refused, ToolFailed
from pipeline.flows.exposition import Scrape, Sources
from tests.fake_runtime import FakeRuntime
from tests.fake_watches import FakeWatches
from tests.fakes import FakeClock, FakeNarrator

BUNDLE = "sha256:" + "1" * 64
FACTS: tuple[Fact, ...] = (
    Deploying("test", "trend", Purpose.DEPLOY, BUNDLE, "a", (), "ada"),
    Deployed("test", "trend", BUNDLE, "a", "ada"),
)


@dataclass
class FakeNews:
    """Tells entries from where it is asked on; `asked` are the lengths that were known."""

    entries: list[Entry] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    torn: bool = False

    def version(self) -> object:
        return len(self.entries), self.torn

    def news(self, known: Head) -> Iterator[tuple[Head, Sequence[Entry]]]:
        self.asked.append(known.length)
        if self.torn and known.length:
            raise Refused("it is not the one that it was")
        head = known
        for entry in self.entries[known.length :]:
            head = after(head, entry)
            yield head, [entry]


@dataclass
class FakeObservations:
    """Knows nothing of any bundle, or fails."""

    error: Exception | None = None
    asked: list[tuple[str, str, datetime]] = field(default_factory=list)

    def latest(self, strategy: str, bundle: str, since: datetime) -> Latest | None:
        self.asked.append((strategy, bundle, since))
        return None

    def totals(self) -> Mapping[str, Totals]:
        if self.error:
            raise self.error
        return {"trend": Totals(1)}

    def size_bytes(self) -> int | None:
        return 7


@dataclass
class FakeWatchHome:
    """Nobody watches; `error` where even that cannot be told."""

    error: Exception | None = None

    def prepare(self) -> WatchSpec:
        raise AssertionError("a scrape starts nothing")

    def watched_by(self) -> str:
        if self.error:
            raise self.error
        return ""

    def looked_at(self) -> tuple[datetime | None, datetime | None]:
        return None, None


@dataclass
class FakeDisk:
    def space(self) -> Disk:
        return Disk(1, 2)


@dataclass
class Bench:
    """A scrape of one environment, of fakes."""

    clock: FakeClock = field(default_factory=FakeClock)
    news: FakeNews = field(default_factory=FakeNews)
    observations: FakeObservations = field(default_factory=FakeObservations)
    watch: FakeWatchHome = field(default_factory=FakeWatchHome)
    watches: FakeWatches = field(default_factory=FakeWatches)
    narrator: FakeNarrator = field(default_factory=FakeNarrator)
    variables: list[Mapping[str, str]] = field(default_factory=list)
    written: Written | None = None
    elsewhere: bool = False
    made: int = 0

    def __post_init__(self) -> None:
        head = Head()
        for fact in FACTS:
            entry = follow(head, self.clock.now(), kind_of(fact), body_of(fact))
            head = after(head, entry)
            self.news.entries.append(entry)

    def scrape(self) -> Scrape:
        runtime = FakeRuntime(self.clock)
        own = (runtime, self.watches, FakeDisk(), self.clock, self.narrator, "1")
        return Scrape(lambda: ("test",), self._sources, *own)

    def _sources(self, name: str) -> Sources:
        self.made += 1
        return Sources(self.news, self.observations, self.watch, self._written, self.elsewhere)

    def _written(self, variables: Mapping[str, str]) -> Written | None:
        self.variables.append(variables)
        return self.written


def test_sources_are_asked_for_once_and_the_ledger_only_for_what_is_new() -> None:
    bench = Bench()
    scrape = bench.scrape()
    assert scrape() == scrape()
    assert (bench.made, bench.news.asked) == (1, [0, 2])


def test_a_ledger_that_does_not_go_on_is_read_from_its_beginning() -> None:
    bench = Bench()
    scrape = bench.scrape()
    scrape()
    bench.news.torn = True
    (place,) = scrape().places
    assert (bench.news.asked, place.problems) == ([0, 2, 0], frozenset())


def test_the_standing_bundle_is_asked_for_since_it_counts() -> None:
    bench = Bench()
    bench.scrape()()
    assert bench.observations.asked == [("trend", BUNDLE, bench.clock.at)]


def test_the_watchs_own_variables_fill_the_environments_file() -> None:
    bench = Bench()
    bench.watches.start(WatchSpec("test", "/d", "/d/test/watch", "x", (("MOST", "3%"),)))
    bench.scrape()()
    assert bench.variables == [{"MOST": "3%"}]


@pytest.mark.parametrize("error", [ToolFailed("broken"), KeyError("a mistake")])
def test_each_part_fails_by_itself(error: Exception) -> None:
    bench = Bench()
    bench.observations.error = bench.watch.error = error
    (place,) = bench.scrape()().places
    assert place.problems == {"observations", "watch"}
    assert (place.story is not None, place.watch, place.totals) == (True, None, {})
    assert {line.split(": ")[1] for line in bench.narrator.lines} == {"observations", "watch"}


@pytest.mark.parametrize(("runtime", "told"), [("", True), ("process", True), ("compose", False)])
def test_bots_in_containers_are_none_that_the_runtime_of_processes_tells_of(runtime: str, told: bool) -> None:
    (place,) = Bench(written=Written("live", {}, runtime)).scrape()().places
    assert (place.bots is not None) == told


def test_of_another_users_environment_the_ledger_alone_is_read() -> None:
    bench = Bench(elsewhere=True)
    bench.observations.error = bench.watch.error = ToolFailed("it is another user's")
    (place,) = bench.scrape()().places
    assert (place.elsewhere, place.problems, place.bots, bench.variables) == (True, frozenset(), None, [])
    assert place.story is not None
