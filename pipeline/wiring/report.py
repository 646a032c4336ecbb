"""The real things behind `freqtrain report`."""

from datetime import timedelta
from pathlib import Path

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.proofs import StoreProofs
from pipeline.adapters.report_folder import REPORTS, keep_report, write_report
from pipeline.adapters.supervisor.runtime import SupervisorRuntime
from pipeline.adapters.supervisor.watches import SupervisorWatches
from pipeline.domain.environment_report import EnvironmentReport
from pipeline.errors import UsageError
from pipeline.flows.report import report
from pipeline.ports import Clock, Runtime, Watches
from pipeline.render import environment_report as render
from pipeline.wiring.monitor import LEDGER, STORE, DeviceStops, place_of
from pipeline.wiring.observations import past


def report_on(environment: str, home: Path, length: timedelta) -> EnvironmentReport:
    """An environment of this device over the time of that length that ends now."""
    clock = SystemClock()
    return report_at(environment, home, length, clock, SupervisorRuntime(home, clock), SupervisorWatches(home, clock))


def report_at(
    environment: str, home: Path, length: timedelta, clock: Clock, runtime: Runtime, watches: Watches
) -> EnvironmentReport:
    """As `report_on`, with clock and runtime given.

    Raises:
        UsageError: nothing was ever deployed there.
    """
    stops, _ = DeviceStops(home)()
    stop = next((one for one in stops if one.name == environment), None)
    own = home / environment
    if stop is None or not any((own / name).exists() for name in (LEDGER, f"{LEDGER}.head")):
        there = sorted({file.parent.name for file in home.glob(f"*/{LEDGER}*")})
        raise UsageError(
            f"nothing was ever deployed to '{environment}' here", hint=f"there are: {', '.join(there) or 'none'}"
        )
    place = place_of(home, clock, stop)
    kept = None if place.elsewhere else past(home, environment)
    return report(stop, place, kept, runtime, watches, StoreProofs(home / STORE), clock, length)


def put(made: EnvironmentReport, home: Path, out: Path | None) -> Path:
    """Write the page to `out`, or among the environment's own reports; returns where it is."""
    page = render.page(made)
    if out is None:
        return keep_report(home / made.environment / REPORTS, page, made.until)
    write_report(out, page)
    return out
