"""What ran on GitHub: runs and their jobs."""

from dataclasses import dataclass

from pipeline.adapters.github import artifacts, reviews
from pipeline.adapters.github.session import GitHubSession, segment
from pipeline.adapters.github.shapes import MaybeText, Name, Number, OfRepository, Shape, Time, read
from pipeline.domain.github import Artifact, Review, WaitingDeployment, WorkflowJob, WorkflowRun

WORKFLOWS = ".github/workflows/"


@dataclass(frozen=True, slots=True)
class GitHubWorkflowRuns:
    """See `ports.WorkflowRuns`."""

    github: GitHubSession

    def get(self, run_id: int) -> WorkflowRun:
        return _run(read(_Run, self.github.get(f"actions/runs/{run_id}"), "a run"))

    def of_commit(self, workflow: str, event: str, sha: str, branch: str) -> tuple[WorkflowRun, ...]:
        """Whatever GitHub lists is compared once more: an unknown filter is one that it passes over in silence."""
        path = f"actions/workflows/{segment(workflow)}/runs"
        listed = self.github.pages(path, "workflow_runs", event=event, head_sha=sha, branch=branch)
        wanted = (f"{WORKFLOWS}{workflow}", event, sha, branch, self.github.repository.lower())
        found = {one.id: one for one in (_run(read(_Run, said, "a run")) for said in listed)}
        return tuple(sorted((one for one in found.values() if _identity(one) == wanted), key=lambda one: -one.id))

    def jobs(self, run_id: int) -> tuple[WorkflowJob, ...]:
        listed = self.github.pages(f"actions/runs/{run_id}/jobs", "jobs", filter="latest")
        found = [read(_Job, one, "a job") for one in listed]
        return tuple(
            WorkflowJob(one.id, one.name, one.status, one.conclusion, tuple(one.labels), one.runner_name, one.html_url)
            for one in found
        )

    def artifacts(self, run_id: int, name: str = "") -> tuple[Artifact, ...]:
        return artifacts.of_run(self.github, run_id, name)

    def fetch(self, artifact: Artifact, most_bytes: int) -> bytes:
        return artifacts.fetch(self.github, artifact, most_bytes)

    def reviews(self, run_id: int) -> tuple[Review, ...]:
        return reviews.of_run(self.github, run_id)

    def waiting(self, run_id: int) -> tuple[WaitingDeployment, ...]:
        return reviews.waiting(self.github, run_id)


class _Run(Shape):
    id: Number
    run_attempt: Number = 1
    path: Name
    event: Name
    head_sha: Name
    head_branch: MaybeText
    head_repository: OfRepository | None
    status: MaybeText
    conclusion: MaybeText
    html_url: Name
    created_at: Time
    run_number: Number
    run_started_at: Time | None = None


class _Job(Shape):
    id: Number
    name: Name
    status: Name
    conclusion: MaybeText
    labels: list[Name]
    runner_name: MaybeText
    html_url: MaybeText


def _run(said: _Run) -> WorkflowRun:
    return WorkflowRun(
        id=said.id,
        attempt=said.run_attempt,
        workflow=said.path.partition("@")[0],
        event=said.event,
        sha=said.head_sha,
        branch=said.head_branch,
        head_repository=said.head_repository.full_name if said.head_repository else "",
        status=said.status,
        conclusion=said.conclusion,
        url=said.html_url,
        created_at=said.created_at,
        number=said.run_number,
        started_at=said.run_started_at,
    )


def _identity(run: WorkflowRun) -> tuple[str, str, str, str, str]:
    return run.workflow, run.event, run.sha, run.branch, run.head_repository.lower()
