"""Self-hosted runners, which only those may see who administer the repository."""

from typing import Any

from tests.github_double.routing import Call, Reply, Routes, paged
from tests.github_double.world import Repository, World

Json = Any
ROUTES = Routes()


def runner(world: World, repository: Repository, name: str, labels: tuple[str, ...], *, status: str = "online") -> Json:
    """A runner that was registered."""
    kinds = [{"id": number, "name": label, "type": "custom"} for number, label in enumerate(labels, 1)]
    made = {"id": world.number(), "name": name, "os": "linux", "status": status, "busy": False, "labels": kinds}
    repository.runners.append(made)
    return made


@ROUTES.on("GET", "/repos/{owner}/{repo}/actions/runners", needs="administration=read")
def runners(call: Call) -> Reply:
    return paged(call, call.repository.runners, "runners")
