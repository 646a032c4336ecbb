"""The real things behind `freqtrain preflight`: a list of checks, one function a subject."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from pipeline.adapters import machine as here
from pipeline.adapters.sandbox import attempts
from pipeline.domain import preflight_isolation as isolation
from pipeline.domain import preflight_machine as machine
from pipeline.domain.preflight import Checked, Standing
from pipeline.domain.preflight_secrets import kept_secrets
from pipeline.flows import preflight as flow
from pipeline.flows.preflight import Check
from pipeline.ports import Narrator
from pipeline.wiring.preflight_device import device_checks
from pipeline.wiring.secrets import standings_here

PACKAGES = ("freqtrade", "ruff")
"""What the gate starts besides itself."""


def preflight(
    user_data: Path, *, require_sandbox: bool, narrator: Narrator, environment: str = "", home: Path = Path()
) -> tuple[Checked, ...]:
    """Check this machine for all that the gate needs, with an environment instead for all that its bots need of a device; and for what it keeps."""
    checks = (
        (*machine_checks(home), *device_checks(environment, home, narrator))
        if environment
        else gate_checks(user_data, require_sandbox)
    )
    secrets = Check("secrets", lambda: tuple(kept_secrets(*one) for one in standings_here(home).items()))
    return flow.preflight((*checks, secrets), narrator)


def machine_checks(home: Path) -> tuple[Check, ...]:
    """What any device needs, whatever runs on it."""
    return (
        Check("Python", lambda: (machine.interpreter(here.machine()),)),
        Check("git", _git),
        Check("disk", lambda: (machine.disk(str(home), here.free_mib(home)),)),
    )


def gate_checks(user_data: Path, require_sandbox: bool) -> tuple[Check, ...]:
    """What the gate needs, in the order in which it is read."""
    return (
        Check("Python", lambda: (machine.interpreter(here.machine()),)),
        Check("packages", _packages),
        Check("git", _git),
        Check("disk", lambda: _disk(user_data)),
        Check("memory", lambda: (machine.memory(here.machine()),)),
        Check("isolation", lambda: _isolation(require_sandbox), told="trying the sandboxes"),
    )


def _packages() -> list[Checked]:
    found = [(name, here.installed(name)) for name in PACKAGES]
    return [
        Checked(name, Standing.GOOD, version)
        if version
        else Checked(
            name,
            Standing.MISSING,
            "not installed",
            "run freqtrain from the .venv of the checkout, which `make test` sets up",
        )
        for name, version in found
    ]


def _git() -> Sequence[Checked]:
    return (Checked("git", Standing.GOOD, here.git_version()),)


def _disk(user_data: Path) -> list[Checked]:
    folders = (user_data, Path(tempfile.gettempdir()))
    return [machine.disk(str(folder), here.free_mib(folder)) for folder in folders]


def _isolation(required: bool) -> tuple[Checked, ...]:
    tried = attempts()
    found = here.machine()
    container_used = next((one.kind for one in tried if one.works), "") == "Docker"
    return (
        *isolation.namespaces(here.namespaces(), tried),
        *machine.memory_groups(found, container_used),
        *machine.landlock(found),
        *isolation.sandboxes(tried, required),
    )
