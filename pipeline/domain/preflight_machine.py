"""Whether a machine can carry the train: interpreter, room on the disk, memory, and what its kernel can limit."""

from dataclasses import dataclass

from pipeline.domain.preflight import Checked, Standing
from pipeline.domain.schedule import memory_mib, parallelism

OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 13)

LEAST_DISK_MIB, ENOUGH_DISK_MIB = 512.0, 2048.0
"""Data sets, caches and reports: below the first a gate fails half-way, below the second it soon will."""

LARGE_ROWS = 10 * 365 * 288
"""Ten pairs and a year of 5m candles."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What is known of a machine; None and empty where it does not say.

    `model`: as a Raspberry Pi calls itself. `memory_groups`: the kernel can limit the memory of a container. `landlock`: it lets programs
    give up rights.
    """

    system: str
    release: str
    architecture: str
    bits: int
    python: tuple[int, int, int]
    cores: int
    memory_mib: float
    available_mib: float
    model: str = ""
    memory_groups: bool | None = None
    landlock: bool | None = None


def interpreter(machine: Machine) -> Checked:
    """A Python that is supported, in 64 bits: there are no wheels for others."""
    version = ".".join(map(str, machine.python))
    found = f"{version}, {machine.bits} bit, on {machine.system} {machine.release} ({machine.architecture})"
    if not OLDEST_PYTHON <= machine.python[:2] <= NEWEST_PYTHON:
        return Checked("Python", Standing.MISSING, found, "use Python 3.11, 3.12 or 3.13")
    if machine.bits != 64:
        system = "Raspberry Pi OS (64-bit)" if _is_pi(machine) else "a 64-bit system"
        return Checked(
            "Python", Standing.MISSING, found, f"install {system}: freqtrade's libraries have no 32-bit builds"
        )
    return Checked("Python", Standing.GOOD, found)


def disk(folder: str, free_mib: float) -> Checked:
    """Room for data sets, caches and reports."""
    found = f"{_size(free_mib)} free for {folder}"
    if free_mib < LEAST_DISK_MIB:
        return Checked("disk", Standing.MISSING, found, f"make room: {_size(LEAST_DISK_MIB)} at least")
    if free_mib < ENOUGH_DISK_MIB:
        return Checked("disk", Standing.WEAK, found, f"make room: {_size(ENOUGH_DISK_MIB)} last for a while")
    return Checked("disk", Standing.GOOD, found)


def memory(machine: Machine) -> Checked:
    """Memory for at least one backtest; how many large ones fit at once is the gate's own calculation."""
    found = f"{_size(machine.available_mib)} of {_size(machine.memory_mib)} free"
    usable = 0.8 * machine.available_mib
    if usable < memory_mib(0):
        needed = _size(memory_mib(0) / 0.8)
        return Checked(
            "memory", Standing.MISSING, found, f"end other programs: {needed} have to be free to import freqtrade"
        )
    if usable < memory_mib(LARGE_ROWS):
        told = f"{found}: enough for small data sets only"
        needed = _size(memory_mib(LARGE_ROWS) / 0.8)
        return Checked(
            "memory", Standing.WEAK, told, f"{needed} carry ten pairs and a year of 5m candles; or judge in CI"
        )
    at_once = parallelism(machine.cores, machine.available_mib, [LARGE_ROWS])
    backtests = "1 large backtest" if at_once == 1 else f"{at_once} large backtests"
    return Checked("memory", Standing.GOOD, f"{found}: {backtests} at once")


def memory_groups(machine: Machine, container_used: bool) -> tuple[Checked, ...]:
    """Whether Docker can limit memory; where it cannot, it ignores the limit without a word."""
    if machine.memory_groups is None:
        return ()
    if machine.memory_groups:
        return (Checked("memory limits", Standing.GOOD, "the kernel limits the memory of containers"),)
    place = " on the one line of /boot/firmware/cmdline.txt" if _is_pi(machine) else " to the kernel's command line"
    verb = "write" if _is_pi(machine) else "add"
    return (
        Checked(
            "memory limits",
            Standing.WEAK if container_used else Standing.OPTIONAL,
            "the kernel's memory cgroup is off: Docker ignores --memory without a word",
            f"{verb} cgroup_enable=memory cgroup_memory=1{place} and reboot",
        ),
    )


def landlock(machine: Machine) -> tuple[Checked, ...]:
    """Landlock, which nothing here needs; Raspberry Pi OS is built without it, and people ask."""
    if machine.landlock is None:
        return ()
    found = (
        "the kernel has it; nothing here needs it" if machine.landlock else "the kernel has none; nothing here needs it"
    )
    return (Checked("Landlock", Standing.GOOD if machine.landlock else Standing.OPTIONAL, found),)


def _is_pi(machine: Machine) -> bool:
    return machine.model.startswith("Raspberry Pi")


def _size(mib: float) -> str:
    return f"{mib / 1024:.1f} GiB" if mib >= 1000 else f"{mib:.0f} MiB"
