"""The real things behind `freqtrain preflight --environment ENV`: what a device has of what the environment demands."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from pipeline.adapters import device_facts as facts
from pipeline.adapters import device_files as files
from pipeline.adapters import machine as here
from pipeline.adapters.clock import SystemClock
from pipeline.adapters.device import ThisDevice
from pipeline.adapters.port_blocks import SIZE, first_port
from pipeline.adapters.supervisor.runtime import SupervisorRuntime
from pipeline.adapters.supervisor.watches import SupervisorWatches
from pipeline.domain import preflight_device as device
from pipeline.domain import preflight_docker as docker
from pipeline.domain import preflight_machine as machine
from pipeline.domain import preflight_parts as parts
from pipeline.domain.preflight import Checked, Standing
from pipeline.domain.preflight_device import Demands
from pipeline.domain.preflight_device_weight import Backups, of_full_weight
from pipeline.domain.trading import RuntimeKind, Team, TradingEnvironment
from pipeline.domain.train.fold import fold_ledger
from pipeline.domain.train.preflight import BOT_MIB
from pipeline.errors import UsageError
from pipeline.flows.preflight import Check
from pipeline.ports import Narrator
from pipeline.wiring.bundle import bundles
from pipeline.wiring.environments import environment_file, examine_other, full_weight
from pipeline.wiring.road import ledger, on_device


def device_checks(environment: str, home: Path, narrator: Narrator) -> tuple[Check, ...]:
    """What an environment demands of the device that holds it, in the order in which it is read.

    Raises:
        UsageError: there is no such environment in which bots run.
    """
    own = examine_other(environment_file(environment)).environment
    if not isinstance(own, TradingEnvironment):
        raise UsageError(
            f"'{environment}' is no environment in which bots run",
            hint="`freqtrain environment check` says what is wrong",
        )
    demands = Demands(own.name, not own.dry_run, full_weight(own), own.runtime is RuntimeKind.COMPOSE)
    checks: tuple[Check, ...] = (
        Check("clock", lambda: (device.clock(facts.clock_synchronised(), demands),)),
        Check("swap", lambda: (device.swap(facts.swap_mib(), here.machine().memory_mib),)),
        Check("power", lambda: device.power(facts.throttled())),
        Check("room to swap", lambda: _room(own, home, narrator)),
        Check("installation", _installation),
        Check("job hook", _hook),
        Check("monitor", _monitor),
        Check("bots' APIs", lambda: device.ports(facts.listeners(_ports(home, own.name)), demands)),
        Check("file modes", lambda: (device.file_modes(files.exposed(home, own.name), demands),)),
    )
    if demands.containers:
        checks += (
            Check("Docker", lambda: (*machine.memory_groups(here.machine(), True), *docker.engine(facts.docker()))),
            Check("compose", lambda: (docker.compose(facts.compose_version()),)),
        )
    if demands.full_weight:
        checks += (Check("full weight", lambda: _full_weight(own, home)),)
    return checks


def _room(own: TradingEnvironment, home: Path, narrator: Narrator) -> Sequence[Checked]:
    """The largest bot is what its backtest took at its peak, what a bot takes at least, and never more than it is allowed."""
    taken = {"a bot at least": BOT_MIB}
    if own.name in on_device(home):
        store = bundles(home)
        for strategy, known in fold_ledger(ledger(own.name, home, narrator).entries(), own.name).strategies.items():
            if known.standing is not None:
                run = store.evidence(store.get(known.standing.bundle).newest).get("run")
                peak = cast(Mapping[str, object], run).get("peak_memory_mib") if isinstance(run, dict) else None
                taken[f"{strategy}, by its evidence"] = float(peak) if isinstance(peak, int | float) else BOT_MIB
    whose, largest = max(taken.items(), key=lambda one: one[1])
    largest = min(max(largest, BOT_MIB), float(own.memory_mib))
    if own.runtime is RuntimeKind.COMPOSE:
        largest, whose = largest + parts.KEEPER.mib, f"{whose}, with {parts.KEEPER.name}"
    return (device.room(ThisDevice().available_memory_mib(), largest, whose, _to_come(own.name, home)),)


def _to_come(environment: str, home: Path) -> tuple[parts.Part, ...]:
    """Memory that is free now, and will not be when bots are looked after."""
    clock, port = SystemClock(), _monitor_port()
    watches = SupervisorWatches(home, clock).watching()
    return parts.to_come(
        watched=any(one.spec.environment == environment and one.pid for one in watches),
        supervised=bool(watches) or bool(SupervisorRuntime(home, clock).running()),
        monitored=not port or not facts.monitor_problem(port),
    )


def _monitor() -> Sequence[Checked]:
    port = _monitor_port()
    return device.monitor(port, facts.monitor_problem(port) if port else "")


def _monitor_port() -> int:
    known = files.device()
    return known.monitor_port if known else 0


def _installation() -> Sequence[Checked]:
    if not (files.INSTALLED / "current").exists():
        return (
            Checked(
                "installation",
                Standing.WEAK,
                f"freqtrain is not installed in {files.INSTALLED}, root-owned",
                "sudo runner/set-up",
            ),
        )
    return (device.installation(str(files.running_from()), str(files.INSTALLED)),)


def _hook() -> Sequence[Checked]:
    known = files.device()
    if known is None:
        return (
            Checked(
                "job hook",
                Standing.WEAK,
                "this machine was not set up as a device: no runner's jobs are looked at",
                "sudo runner/set-up",
            ),
        )
    return (device.hook(files.hook(known.repository)),)


def _ports(home: Path, environment: str) -> range:
    first = first_port(home, environment)
    return range(first, first + SIZE)


def _full_weight(own: TradingEnvironment, home: Path) -> Sequence[Checked]:
    known = files.device()
    last = facts.time_in(known.folder / f"backed-up-{own.name}") if known else None
    backups = Backups(known is not None and known.backup_off_device, last)
    two = own.approval.required and own.approval.team is Team.SEVERAL
    network = known.private_network if known else "none"
    return of_full_weight(facts.encrypted(home), backups, network, two, SystemClock().now())
