"""Whether a device may be trusted with bots: what was found on it, held against what an environment demands of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.preflight import Checked, Standing
from pipeline.domain.preflight_parts import Part

SET_UP = "sudo runner/set-up"
LITTLE_MEMORY_MIB = 3500.0
"""Below it a swap of two bots may need what the memory alone does not have."""

UNDER_VOLTAGE, CAPPED, THROTTLED, TOO_HOT = 0x1, 0x2, 0x4, 0x8
SINCE_BOOT = 16
"""So many bits further left the same is said of the time since the device was started."""


@dataclass(frozen=True, slots=True)
class Demands:
    """What an environment asks of its device; each includes what the lighter ones ask."""

    environment: str
    real_money: bool = False
    full_weight: bool = False
    """It boards what traded real money already: encrypted disk, backups off the device, nothing reachable but privately."""
    containers: bool = False


@dataclass(frozen=True, slots=True)
class Listener:
    """A port that something listens on; `own` where it belongs to the environment's bots."""

    address: str
    port: int
    own: bool


@dataclass(frozen=True, slots=True)
class Exposed:
    """A file or folder that others than its owner can get at: its mode, and who should be kept out. `foreign`: it belongs to somebody else."""

    path: str
    mode: int
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class Hook:
    """The runner's hook: where it should be, and what is wrong with it (empty: nothing)."""

    path: str
    problem: str = ""


def clock(synchronised: bool | None, demands: Demands) -> Checked:
    """A clock that somebody sets: candles, soak and signatures all count time."""
    advice = "sudo timedatectl set-ntp true; `timedatectl timesync-status` says whom it asks"
    if synchronised is None:
        return Checked("clock", Standing.WEAK, "the kernel does not say whether it is synchronised", advice)
    if synchronised:
        return Checked("clock", Standing.GOOD, "synchronised")
    return Checked("clock", _lacking(demands.real_money), "nobody synchronises it, or it was not reached yet", advice)


def swap(swap_mib: float, memory_mib: float) -> Checked:
    """Swap space, which a small device needs for the minute in which two bots are there."""
    found = f"{swap_mib:.0f} MiB beside {memory_mib:.0f} MiB of memory"
    if swap_mib < 256 and memory_mib < LITTLE_MEMORY_MIB:
        return Checked(
            "swap",
            Standing.WEAK,
            found,
            "sudo apt install systemd-zram-generator (in memory, compressed: it spares the SD card)",
        )
    return Checked("swap", Standing.GOOD, found)


def room(available_mib: float, largest_mib: float, whose: str, to_come: Sequence[Part] = ()) -> Checked:
    """Room for a second bot of the largest kind, beside the one that it replaces, when all that looks after bots runs as well.

    Args:
        to_come: what does not run yet, and will.
    """
    missing_mib = sum(part.mib for part in to_come)
    rest = (
        f", {missing_mib:.0f} MiB of it for what does not run yet ({', '.join(part.name for part in to_come)})"
        if to_come
        else ""
    )
    found = f"{available_mib:.0f} MiB free{rest}; the largest bot takes {largest_mib:.0f} MiB ({whose})"
    if available_mib - missing_mib < largest_mib:
        return Checked(
            "room to swap",
            Standing.WEAK,
            found,
            "leave --warm out, run fewer bots here, or take a larger device (docs/device.md)",
        )
    return Checked("room to swap", Standing.GOOD, found)


def power(throttled: int | None) -> tuple[Checked, ...]:
    """What a Raspberry Pi says of its power and heat; nothing where there is no such word."""
    if throttled is None:
        return ()
    words = {UNDER_VOLTAGE: "under-voltage", CAPPED: "a capped frequency", THROTTLED: "throttling", TOO_HOT: "heat"}
    now = [word for bit, word in words.items() if throttled & bit]
    before = [word for bit, word in words.items() if throttled & (bit << SINCE_BOOT)]
    mend = "use the power supply that belongs to the device, and cool it: under-voltage damages SD cards"
    if now:
        return (
            Checked(
                "power",
                Standing.MISSING if throttled & UNDER_VOLTAGE else Standing.WEAK,
                f"now: {', '.join(now)}",
                mend,
            ),
        )
    if before:
        return (Checked("power", Standing.WEAK, f"since it was started: {', '.join(before)}", mend),)
    return (Checked("power", Standing.GOOD, "no under-voltage, no throttling since it was started"),)


def installation(running_from: str, installed: str) -> Checked:
    """That what runs is what root installed, and no checkout that shadows it."""
    if running_from.startswith(installed.rstrip("/") + "/"):
        return Checked("installation", Standing.GOOD, f"root's, in {installed}")
    return Checked(
        "installation",
        Standing.MISSING,
        f"this freqtrain runs from {running_from}, which shadows the one in {installed}",
        "unset PYTHONPATH, leave the checkout's .venv, and call /usr/local/bin/freqtrain",
    )


def hook(found: Hook) -> Checked:
    """The hook that keeps strangers' jobs from the device."""
    if found.problem:
        return Checked("job hook", Standing.MISSING, f"{found.path}: {found.problem}", SET_UP)
    return Checked("job hook", Standing.GOOD, f"{found.path} belongs to root, and names the repository")


def ports(listeners: Sequence[Listener], demands: Demands) -> tuple[Checked, ...]:
    """Nothing of a bot is reachable from other machines; what else is, is told."""
    open_to_all = [
        one for one in listeners if one.address not in ("127.0.0.1", "::1") and not one.address.startswith("127.")
    ]
    own = [one for one in open_to_all if one.own]
    others = sorted({one.port for one in open_to_all if not one.own and one.port != 22})
    found: list[Checked] = []
    if own:
        told = f"a bot's API listens for other machines: {', '.join(f'{one.address}:{one.port}' for one in own)}"
        found.append(
            Checked(
                "bots' APIs",
                Standing.MISSING,
                told,
                f"freqtrain converge {demands.environment}: bots listen on 127.0.0.1 alone",
            )
        )
    else:
        found.append(Checked("bots' APIs", Standing.GOOD, "on the loopback alone"))
    if others:
        told = f"listening for other machines: {', '.join(map(str, others))}"
        found.append(
            Checked(
                "other ports",
                Standing.WEAK,
                told,
                "end what is not needed; `sudo nft list table inet freqtrain` shows what is let in",
            )
        )
    return tuple(found)


def monitor(port: int, problem: str) -> tuple[Checked, ...]:
    """The web page of the device, where it was set up with one (port 0: without); nothing that trades waits for it."""
    if not port:
        return ()
    if problem:
        mend = "sudo systemctl restart freqtrain-monitor; `journalctl -u freqtrain-monitor` says what is wrong"
        return (Checked("monitor", Standing.WEAK, f"127.0.0.1:{port}: {problem}", mend),)
    return (Checked("monitor", Standing.GOOD, f"answers on 127.0.0.1:{port}, to whoever has its token"),)


def file_modes(exposed: Sequence[Exposed], demands: Demands) -> Checked:
    """Homes and secrets for their owner alone."""
    if not exposed:
        return Checked("file modes", Standing.GOOD, "homes and secrets are their owner's alone")
    told = "; ".join(
        f"{one.path} {'belongs to another user' if one.foreign else f'has mode {one.mode:04o}'}" for one in exposed
    )
    names = " ".join(one.path for one in exposed)
    advice = (
        f"sudo chown -R freqtrain-{demands.environment}: {names}"
        if any(one.foreign for one in exposed)
        else f"chmod go-rwx {names}"
    )
    return Checked("file modes", Standing.MISSING, told, advice)


def _lacking(required: bool) -> Standing:
    return Standing.MISSING if required else Standing.WEAK
