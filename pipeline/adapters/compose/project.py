"""The compose file of one environment as data: what each container may, and nothing more."""

import math
from collections.abc import Iterable, Mapping

from pipeline.adapters.compose.launch import Launch
from pipeline.adapters.compose.layout import Project

Plain = str | int | bool | list["Plain"] | dict[str, "Plain"]

PIDS = 512
"""Processes and threads of one container; a bot has some thirty."""
SCRATCH_MIB = 64
"""Its /tmp, in memory; counts as its memory."""
LOG_SIZE, LOG_FILES = "5m", "4"
NETWORK = "bots"
KEEPER = ("python3", "-I", "-m", "pipeline.adapters.compose.keeper")
"""What every container begins with: the image's interpreter, in which freqtrain is installed, and nothing from elsewhere."""
ENVIRONMENT = {
    "HOME": "/tmp",
    "TMPDIR": "/tmp",
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "NUMEXPR_MAX_THREADS": "1",
}


def compose_file(project: Project, launches: Iterable[Launch]) -> dict[str, Plain]:
    """The whole file; the same launches give the same file."""
    services: dict[str, Plain] = {launch.spec.name: _service(project, launch) for launch in launches}
    network: Plain = {
        "name": project.name,
        "driver": "bridge",
        "driver_opts": {
            "com.docker.network.bridge.name": project.bridge,
            "com.docker.network.bridge.enable_icc": "false",
        },
    }
    return {"name": project.name, "services": services, "networks": {NETWORK: network}}


def _service(project: Project, launch: Launch) -> Plain:
    spec = launch.spec
    memory = f"{spec.memory_mib}m"
    state = str(project.files(spec.name).state)
    mounts: list[Plain] = [_mount(one.path, one.read_only) for one in launch.mounts]
    return {
        "image": launch.image,
        "pull_policy": "never",
        "container_name": project.container(spec.name),
        "entrypoint": list(KEEPER),
        "command": [literal(each) for each in (state, str(spec.memory_mib), spec.home, *launch.argv)],
        "environment": {**ENVIRONMENT},
        "working_dir": "/",
        "user": launch.user,
        "volumes": [*mounts, _mount(state, False)],
        "restart": "no",
        "stop_signal": "SIGTERM",
        "stop_grace_period": f"{math.ceil(spec.stop_seconds)}s",
        "mem_limit": memory,
        "memswap_limit": memory,
        "pids_limit": PIDS,
        "ulimits": {"core": 0},
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "read_only": True,
        "tmpfs": [f"/tmp:size={SCRATCH_MIB}m,mode=1777"],
        "logging": {"driver": "json-file", "options": {"max-size": LOG_SIZE, "max-file": LOG_FILES}},
        **_network(launch),
    }


def _network(launch: Launch) -> Mapping[str, Plain]:
    if launch.host_network:
        return {"network_mode": "host"}
    port = launch.spec.api_port
    published: Plain = {"target": port, "published": str(port), "host_ip": "127.0.0.1", "protocol": "tcp"}
    return {"networks": [NETWORK], "ports": [published]}


def _mount(path: str, read_only: bool) -> Plain:
    return {
        "type": "bind",
        "source": literal(path),
        "target": literal(path),
        "read_only": read_only,
        "bind": {"create_host_path": False},
    }


def literal(text: str) -> str:
    """Text that compose takes as it is: it would fill in variables."""
    return text.replace("$", "$$")
