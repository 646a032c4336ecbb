"""Which walls can stand around a strategy here, which the gate would use, and what forbids the better ones."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.preflight import Checked, Standing

GUARD = "the guard (audit hook and resource limits), which stops mistakes and no malice"
USUAL_NAMESPACES = 15_000


@dataclass(frozen=True, slots=True)
class Tried:
    """A kind of sandbox that was tried out by starting this interpreter in it: its name with the version, or why it does not work."""

    kind: str
    name: str = ""
    reason: str = ""
    hint: str = ""

    @property
    def works(self) -> bool:
        return bool(self.name)


@dataclass(frozen=True, slots=True)
class Namespaces:
    """Whether this user may make user namespaces, which bubblewrap is built on.

    `refused`: what the kernel said when it was tried, empty where it allowed it, None where that could not be tried. The rest are the
    settings that can forbid it; None where this kernel has no such setting.
    """

    refused: str | None
    apparmor_restricts: bool | None = None
    unprivileged_allowed: bool | None = None
    most: int | None = None
    in_container: bool = False


def sandboxes(tried: Sequence[Tried], required: bool) -> tuple[Checked, ...]:
    """A line for each kind, and one for what the gate would use; the first that works is the one."""
    used = next((one for one in tried if one.works), None)
    return (*(_sandbox(one, used) for one in tried), _used(used, required))


def namespaces(found: Namespaces, tried: Sequence[Tried]) -> tuple[Checked, ...]:
    """What forbids user namespaces, by the setting's own name; nothing where that is of no interest."""
    name = "user namespaces"
    if any(one.works and one.kind == "bubblewrap" for one in tried):
        return (Checked(name, Standing.GOOD, "allowed"),)
    if found.refused is None:
        return ()
    if not found.refused:
        return (Checked(name, Standing.GOOD, "allowed to this user"),)
    why, advice = _forbidden(found)
    lacking = Standing.OPTIONAL if any(one.works for one in tried) else Standing.WEAK
    return (Checked(name, lacking, f"forbidden to this user: {why}", advice),)


def _sandbox(one: Tried, used: Tried | None) -> Checked:
    if one.works:
        spare = "" if one is used else "; not needed"
        return Checked(one.kind, Standing.GOOD, f"{one.name} started this interpreter{spare}")
    standing = Standing.WEAK if used is None else Standing.OPTIONAL
    return Checked(one.kind, standing, one.reason, one.hint if used is None or one.kind == "bubblewrap" else "")


def _used(used: Tried | None, required: bool) -> Checked:
    if used is not None:
        return Checked("isolation", Standing.GOOD, f"the gate uses {used.name}")
    if required:
        return Checked("isolation", Standing.MISSING, "no sandbox works, and one is required", "make one of them work")
    return Checked(
        "isolation", Standing.WEAK, f"the gate uses {GUARD}", "make one of them work; GitHub Actions demands it"
    )


def _forbidden(found: Namespaces) -> tuple[str, str]:
    """The setting that forbids them, and the command that allows them; kept over a boot in /etc/sysctl.d."""
    if found.apparmor_restricts:
        setting, value = "kernel.apparmor_restrict_unprivileged_userns", 0
        narrower = "; or allow it to bubblewrap alone, as docs/sandbox.md says"
        return f"AppArmor, by {setting}=1", _sysctl(setting, value) + narrower
    if found.unprivileged_allowed is False:
        setting, value = "kernel.unprivileged_userns_clone", 1
        return f"{setting}=0", _sysctl(setting, value)
    if found.most == 0:
        setting, value = "user.max_user_namespaces", USUAL_NAMESPACES
        return f"{setting}=0", _sysctl(setting, value)
    if found.in_container:
        return "this is a container, whose seccomp profile does so", "run freqtrain outside of the container"
    return found.refused or "", "see docs/sandbox.md"


def _sysctl(setting: str, value: int) -> str:
    return f"sudo sysctl -w {setting}={value} (a file in /etc/sysctl.d keeps it)"
