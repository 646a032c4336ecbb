"""The repository's self-hosted runners."""

from dataclasses import dataclass

from pipeline.adapters.github.session import GitHubSession
from pipeline.adapters.github.shapes import Name, Shape, read
from pipeline.domain.github import Runner


@dataclass(frozen=True, slots=True)
class GitHubRunners:
    """See `ports.Runners`."""

    github: GitHubSession

    def with_labels(self, labels: frozenset[str]) -> tuple[Runner, ...]:
        """GitHub compares labels without regard to case, and gives a job to a runner that has all of them."""
        wanted = {label.lower() for label in labels}
        listed = [read(_Runner, one, "a runner") for one in self.github.pages("actions/runners", "runners")]
        found = [
            Runner(one.name, one.status == "online", one.busy, frozenset(label.name for label in one.labels))
            for one in listed
        ]
        return tuple(one for one in found if wanted <= {label.lower() for label in one.labels})


class _Label(Shape):
    name: Name


class _Runner(Shape):
    name: Name
    status: Name
    busy: bool
    labels: list[_Label]
