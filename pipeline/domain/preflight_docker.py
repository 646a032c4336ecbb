"""Whether Docker may hold bots: that it answers, and what it does with every container."""

import re
from dataclasses import dataclass

from pipeline.domain.preflight import Checked, Standing

SET_UP = "sudo runner/set-up --tags docker"
COMPOSE_AT_LEAST = (2, 20)
MEND_COMPOSE = (
    f"`compose: true` for the environment in /etc/freqtrain/settings.yml, then {SET_UP}; elsewhere than on a device install the package "
    "docker-compose-plugin"
)


@dataclass(frozen=True, slots=True)
class Docker:
    """What an engine says of itself; `refusal` is why it does not answer, with what to do about it."""

    version: str = ""
    memory_limits: bool = False
    live_restore: bool = False
    no_new_privileges: bool = False
    rotates_logs: bool = False
    refusal: tuple[str, str] = ("", "")


def engine(docker: Docker) -> tuple[Checked, ...]:
    """The engine, whether it can limit memory, and how it is hardened."""
    told, mend = docker.refusal
    if told:
        return (Checked("Docker", Standing.MISSING, told, mend),)
    return (Checked("Docker", Standing.GOOD, docker.version), _limits(docker), _hardening(docker))


def compose(version: str) -> Checked:
    """Docker's compose, by what it calls itself; empty where there is none."""
    problem = compose_problem(version)
    if problem:
        return Checked("compose", Standing.MISSING, problem, MEND_COMPOSE)
    return Checked("compose", Standing.GOOD, version.strip())


def compose_problem(version: str) -> str:
    """What is wrong with the compose that calls itself so; empty for nothing."""
    least, told = ".".join(map(str, COMPOSE_AT_LEAST)), version.strip()
    numbers = re.match(r"v?(\d+)\.(\d+)", told)
    if numbers is None:
        return f"docker has no compose, and {least} is needed"
    if (int(numbers[1]), int(numbers[2])) < COMPOSE_AT_LEAST:
        return f"compose is {told}, and {least} is needed"
    return ""


def _limits(docker: Docker) -> Checked:
    if docker.memory_limits:
        return Checked("Docker's limits", Standing.GOOD, "it limits the memory of containers")
    return Checked(
        "Docker's limits",
        Standing.MISSING,
        "it ignores memory limits without a word: the kernel's memory cgroup is off",
        "sudo runner/set-up --tags kernel, then reboot",
    )


def _hardening(docker: Docker) -> Checked:
    lacking = {
        "no-new-privileges": docker.no_new_privileges,
        "live-restore": docker.live_restore,
        "log rotation": docker.rotates_logs,
    }
    without = [name for name, there in lacking.items() if not there]
    if not without:
        return Checked("Docker's hardening", Standing.GOOD, ", ".join(lacking))
    standing = Standing.MISSING if "no-new-privileges" in without else Standing.WEAK
    return Checked("Docker's hardening", standing, f"/etc/docker/daemon.json lacks {', '.join(without)}", SET_UP)
