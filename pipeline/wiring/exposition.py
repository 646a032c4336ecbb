"""The real things behind `/metrics`. It imports no more than it needs, because it stands beside bots on a small device."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from pipeline import __version__
from pipeline.adapters.clock import SystemClock
from pipeline.adapters.home_disk import HomeDisk
from pipeline.adapters.ledger_news import LedgerNews
from pipeline.adapters.notices.reach_file import ReachFile
from pipeline.adapters.observations.file import is_shared
from pipeline.adapters.observations.latest import LatestObservations
from pipeline.adapters.supervisor.runtime import SupervisorRuntime
from pipeline.adapters.supervisor.watches import SupervisorWatches
from pipeline.adapters.watch_home import ENVIRONMENTS, Reads, WatchHome
from pipeline.config.brake_limits import written
from pipeline.domain.exposition.device import Written
from pipeline.domain.exposition.readings import readings
from pipeline.flows.exposition import Scrape, Sources
from pipeline.flows.stories import Stories
from pipeline.ports import Clock, Narrator, Runtime, Watches
from pipeline.render import exposition as render

LEDGER, OBSERVATIONS = "ledger.jsonl", "observations.sqlite"

PATH, CONTENT_TYPE = "/metrics", render.CONTENT_TYPE
"""Where a server answers with it, and as what."""


def exposition(home: Path, narrator: Narrator) -> str:
    """A device's metrics once, in Prometheus's text format; who asks again and again takes an `exporter`."""
    return exporter(home, narrator)()


def exporter(home: Path, narrator: Narrator) -> Callable[[], str]:
    """Makes a device's metrics whenever it is called; it remembers the ledgers, so that only what is new is read."""
    clock = SystemClock()
    return exporter_of(home, clock, SupervisorRuntime(home, clock), SupervisorWatches(home, clock), narrator)


def exporter_of(
    home: Path,
    clock: Clock,
    runtime: Runtime,
    watches: Watches,
    narrator: Narrator,
    stories: Stories | None = None,
) -> Callable[[], str]:
    """As `exporter`, with the runtime given, and the ledgers as far as they were read for something else in the same thread."""
    names, sources = partial(_names, home), partial(_sources, home, clock)
    scrape = Scrape(names, sources, runtime, watches, HomeDisk(home), clock, narrator, __version__, stories)
    return lambda: render.text(readings(scrape()))


def _names(home: Path) -> tuple[str, ...]:
    """The environments with a ledger; one whose ledger is gone and left its head file is a problem, and not nothing."""
    return tuple(
        sorted({file.parent.name for file in home.glob(f"*/{LEDGER}*") if file.name in (LEDGER, f"{LEDGER}.head")})
    )


def _sources(home: Path, clock: Clock, name: str) -> Sources:
    own = home / name
    reads: Callable[[], Reads] = partial(Reads, {})
    return Sources(
        LedgerNews(own / LEDGER),
        LatestObservations(own / OBSERVATIONS),
        WatchHome(home, name, reads, "", clock),
        partial(_written, own / "watch" / ENVIRONMENTS, name),
        elsewhere=own.is_symlink(),
        shared=partial(is_shared, own / OBSERVATIONS),
        reached=ReachFile(own).read,
    )


def _written(folder: Path, name: str, variables: Mapping[str, str]) -> Written | None:
    """The environment's file as a verb wrote it down last for its watch."""
    file = next((one for one in (folder / f"{name}.yml", folder / f"{name}.yaml") if one.is_file()), None)
    return written(file, variables) if file else None
