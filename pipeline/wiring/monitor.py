"""The real things behind `freqtrain monitor`. It imports no more than it needs: what the watch loads would be a hundred megabytes."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.ledger_news import LedgerNews
from pipeline.adapters.monitor_server import Address, MonitorServer
from pipeline.adapters.monitor_token import read_token
from pipeline.adapters.observations.curves import ObservationCurves
from pipeline.adapters.observations.file import is_shared
from pipeline.adapters.one_heap import keep_one_heap
from pipeline.adapters.open_positions import OpenPositions
from pipeline.adapters.proofs import StoreProofs
from pipeline.adapters.supervisor.runtime import SupervisorRuntime
from pipeline.adapters.supervisor.watches import SupervisorWatches
from pipeline.adapters.watch_home import ENVIRONMENTS, Reads, WatchHome
from pipeline.config.stops import stops_in
from pipeline.domain.environment import Mode
from pipeline.domain.monitor.curve import Span
from pipeline.domain.monitor.stops import Stop
from pipeline.errors import Refused
from pipeline.flows.monitor import Lookout, Place
from pipeline.flows.stories import Stories
from pipeline.ports import Clock, Narrator, Runtime, Watches
from pipeline.render import monitor as render
from pipeline.wiring import exposition
from pipeline.wiring.environment_files import environment_files

LEDGER, OBSERVATIONS, DATABASES, STORE = "ledger.jsonl", "observations.sqlite", "databases", "store"


class DevicePages:
    """See `ports.monitoring.Pages`."""

    def __init__(self, home: Path, clock: Clock, runtime: Runtime, watches: Watches) -> None:
        self._proofs = StoreProofs(home / STORE)
        place = partial(place_of, home, clock)
        self.stories = Stories()
        self._lookout = Lookout(DeviceStops(home), place, runtime, watches, self._proofs, clock, self.stories)
        self.policy = render.content_security_policy()

    def begin(self) -> None:
        """See `ports.monitoring.Pages`."""
        self.page(Span.MONTH)  # Which is shown to whoever does not choose.

    def page(self, span: Span) -> str:
        """See `ports.monitoring.Pages`."""
        return render.page(self._lookout.look(span))

    def document(self, span: Span) -> str:
        """See `ports.monitoring.Pages`."""
        return render.document(self._lookout.look(span))

    def evidence(self, bundle: str, evidence: str) -> bytes | None:
        """See `ports.monitoring.Pages`."""
        return self._proofs.document(bundle, evidence)


def server(home: Path, address: Address, token_file: Path | None, narrator: Narrator) -> MonitorServer:
    """What shows a device.

    Raises:
        Refused: others could reach it and no token is asked for, or the token's file will not do.
    """
    token = read_token(token_file) if token_file else None
    if token is None and not address.is_loopback:
        raise Refused(
            f"whoever reaches {address.host} would see what is traded here",
            hint="give --token-file, and put TLS in front (docs/monitor.md), or stay on 127.0.0.1",
        )
    keep_one_heap()
    clock = SystemClock()
    runtime, watches = SupervisorRuntime(home, clock), SupervisorWatches(home, clock)
    pages = DevicePages(home, clock, runtime, watches)
    told = exposition.exporter_of(home, clock, runtime, watches, narrator, pages.stories)
    metrics = exposition.CONTENT_TYPE, told
    return MonitorServer(pages, address, narrator, token, {exposition.PATH: metrics})


class DeviceStops:
    """See `ports.monitoring.Stops`: by the files that a verb wrote down for the watches last; in a checkout also others."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._read: tuple[object, tuple[tuple[Stop, ...], tuple[str, ...]]] = (None, ((), ()))
        """What the files were when they were read last, and what they said."""

    def __call__(self) -> tuple[tuple[Stop, ...], tuple[str, ...]]:
        """See `ports.monitoring.Stops`."""
        there = {ledger.parent.name for ledger in self._home.glob(f"*/{LEDGER}")}
        written = sorted(self._home.glob(f"*/watch/{ENVIRONMENTS}/*.y*ml"), key=_changed)
        files = {file.stem: file for file in environment_files()}
        files |= {file.stem: file for file in written}
        files |= {file.stem: file for file in written if file.parents[2].name == file.stem}
        named = {name: files.get(name) for name in sorted({*there, *files})}
        now = [(name, file, file and _changed(file)) for name, file in named.items()]
        if now != self._read[0]:
            self._read = (now, stops_in(named))
        return self._read[1]


def _changed(file: Path) -> tuple[int, int]:
    try:
        found = file.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def place_of(home: Path, clock: Clock, stop: Stop) -> Place:
    """Where one environment of a device is looked at."""
    own = home / stop.name
    reads: Callable[[], Reads] = partial(Reads, {})
    mode = stop.mode if stop.mode in (Mode.DRY_RUN.value, Mode.LIVE.value) else ""
    return Place(
        LedgerNews(own / LEDGER),
        ObservationCurves(own / OBSERVATIONS),
        OpenPositions(own / DATABASES, mode),
        WatchHome(home, stop.name, reads, "", clock),
        asked=stop.supervised,
        elsewhere=own.is_symlink(),
        shared=partial(is_shared, own / OBSERVATIONS),
    )
