"""GitHub's pages of deployments: the one that a job made by itself, or one of ours by digest."""

from dataclasses import dataclass

from pipeline.adapters.github.session import GitHubSession
from pipeline.adapters.github.shapes import MaybeText, Name, Number, Shape, read
from pipeline.domain.canonical import Plain
from pipeline.domain.github import MOST_SENTENCE, DeploymentPage, DeploymentState
from pipeline.render.plain import plain_text

TASK = "freqtrain"
"""What tells our own deployments from those of jobs, whose task is `deploy`."""


@dataclass(frozen=True, slots=True)
class GitHubDeployments:
    """See `ports.DeploymentPages`."""

    github: GitHubSession

    def of_run(self, environment: str, sha: str, run_id: int) -> DeploymentPage | None:
        """GitHub names the run only in the address that the job's own statuses lead to. Each attempt makes one; the newest is the latest's."""
        for one in sorted(self._listed(environment=environment, sha=sha), key=lambda one: -one.id):
            if any(
                f"/actions/runs/{run_id}/" in f"{link}/"
                for said in self._statuses(one.id)
                for link in (said.log_url, said.target_url)
            ):
                return _page(one)
        return None

    def of_digest(self, environment: str, sha: str, digest: str) -> DeploymentPage:
        """The digest is its description."""
        there = self._of_digest(environment, sha, digest)
        if there is not None:
            return _page(read(_Deployment, there, "a deployment"))
        wish: Plain = {
            "ref": sha,
            "environment": environment,
            "task": TASK,
            "description": digest,
            "auto_merge": False,
            "required_contexts": [],
        }
        made = self.github.post_once("deployments", wish, lambda: self._of_digest(environment, sha, digest))
        first = (
            self._of_digest(environment, sha, digest) or made
        )  # somebody may have made one at the same time: the oldest counts
        return _page(read(_Deployment, first, "a deployment"))

    def tell(
        self, page: DeploymentPage, state: DeploymentState, digest: str, *, sentence: str = "", link: str = ""
    ) -> None:
        """A deployment's description is cut to what GitHub takes."""
        wanted = (state.value, plain_text(f"{digest} {sentence}", MOST_SENTENCE), link)

        def told() -> Plain:
            latest = next(iter(self._statuses(page.id)), None)
            return True if latest and (latest.state, latest.description, latest.environment_url) == wanted else None

        if told():
            return
        body: dict[str, Plain] = {"state": state.value, "description": wanted[1]}
        if link:
            body["environment_url"] = link
        self.github.post_once(f"deployments/{page.id}/statuses", body, told)

    def _of_digest(self, environment: str, sha: str, digest: str) -> Plain:
        listed = self._listed(environment=environment, sha=sha, task=TASK)
        oldest = min((one for one in listed if one.description == digest), key=lambda one: one.id, default=None)
        return oldest.model_dump() if oldest else None

    def _listed(self, **query: str) -> "list[_Deployment]":
        return [read(_Deployment, one, "a deployment") for one in self.github.pages("deployments", **query)]

    def _statuses(self, deployment: int) -> "list[_DeploymentStatus]":
        """The newest first, whatever GitHub's order is."""
        listed = self.github.pages(f"deployments/{deployment}/statuses")
        found = [read(_DeploymentStatus, one, "a deployment's status") for one in listed]
        return sorted(found, key=lambda one: -one.id)


class _Deployment(Shape):
    id: Number
    sha: Name
    environment: Name
    description: MaybeText = ""


class _DeploymentStatus(Shape):
    id: Number
    state: Name
    """What jobs say of themselves has words that nobody else may use, as `waiting`."""

    description: MaybeText = ""
    environment_url: MaybeText = ""
    log_url: MaybeText = ""
    target_url: MaybeText = ""


def _page(said: _Deployment) -> DeploymentPage:
    return DeploymentPage(said.id, said.environment, said.sha)
