"""A deploying job on the double, what its device left, and what is told of it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.adapters.github.commit_statuses import GitHubCommitStatuses
from pipeline.adapters.github.deployments import GitHubDeployments
from pipeline.adapters.github.issues import GitHubIssues
from pipeline.adapters.github.releases import GitHubReleases
from pipeline.adapters.github.tags import GitHubTags
from pipeline.adapters.github.workflow_runs import GitHubWorkflowRuns
from pipeline.adapters.promotion_file import read_promotion
from pipeline.domain.promotion_account import Deploy, Ended
from pipeline.flows.github_tell import Ground, Told, tell
from tests.adapters.github.ground import SHA, repository, session
from tests.fakes import FakeClock
from tests.github_double import GitHubDouble, Token
from tests.github_double.routes_deployments import deploy_by_job
from tests.github_double.world import ACTIONS

Json = Any
RUN = 700
TOKEN = {"actions": "read", "contents": "write", "deployments": "write", "issues": "write", "statuses": "write"}
"""What the job `tell` asks for."""

BUNDLE, OTHER = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def seat(strategy: str = "dip", decision: str = "boards", reason: str = "", **more: Json) -> Json:
    findings = [{"rule": "healthy_hours", "outcome": "PASS", "reason": "49 of 48 hours healthy"}]
    boards = decision.startswith("boards")
    whole = {"strategy": strategy, "bundle": BUNDLE, "decision": decision, "boards": boards, "reason": reason}
    return {**whole, "overridden": "", "findings": findings, **more}


def attempt(strategy: str = "dip", outcome: str = "DONE", told: str = "it runs", hint: str = "", **more: Json) -> Json:
    return {"strategy": strategy, "outcome": outcome, "told": told, "hint": hint, **more}


STAYS = seat(
    "trend",
    "stays",
    "41 of 48 hours healthy",
    bundle=OTHER,
    findings=[{"rule": "healthy_hours", "outcome": "INCONCLUSIVE", "reason": "41 of 48 hours healthy"}],
)


def document(outcome: str = "DONE", *seats: Json, **more: Json) -> Json:
    """What `promote --out` leaves: two board and one stays, where nothing else is said."""
    listed = list(seats) or [seat(), seat("wave"), STAYS]
    attempts = [attempt(one["strategy"]) for one in listed if one["boards"]]
    whole = {"environment": "sandbox", "tag": "v1.4", "commit": SHA, "planned": False, "recorded": True, "to_sign": ""}
    return {"outcome": outcome, **whole, "told": "", "hint": "", "strategies": listed, "attempts": attempts, **more}


def undone(**more: Json) -> Json:
    """One of two was taken back."""
    told = "dip: start the bot paused: it did not loop; what ran before runs again"
    back = attempt("dip", "UNDONE", told, "look at its log", runs=OTHER, **more)
    return document("UNDONE", seat(), seat("wave"), attempts=[back, attempt("wave")])


def deploy(ended: Ended = Ended.SUCCESS, **more: Json) -> Deploy:
    whole = {"environment": "sandbox", "sha": SHA, "tag": "v1.4", "ended": ended, "run": (RUN, 1), **more}
    return Deploy(link=f"https://github.com/o/r/actions/runs/{whole['run'][0]}", **whole)


def told(
    hub: GitHubDouble,
    said: Json,
    folder: Path,
    of: Deploy | None = None,
    permissions: Mapping[str, str] = TOKEN,
    clock: FakeClock | None = None,
) -> Told:
    """Tell it as the job does; `said` None: the device left no file, bytes: that very file."""
    file = folder / "promotion.json"
    if said is not None:
        file.write_bytes(said if isinstance(said, bytes) else json.dumps(said).encode())
    hub.world.tokens["token-of-the-job"] = Token(ACTIONS, permissions)
    github = session(hub, "token-of-the-job", clock)
    ground = Ground(
        GitHubDeployments(github),
        GitHubCommitStatuses(github),
        GitHubReleases(github),
        GitHubIssues(github),
        GitHubTags(github),
        GitHubWorkflowRuns(github),
        lambda: read_promotion(file),
    )
    return tell(of or deploy(), ground)


def page(hub: GitHubDouble, **more: Json) -> Json:
    """The deployment that GitHub made for the job."""
    whole = {"environment": "sandbox", "sha": SHA, "run_id": RUN, **more}
    return deploy_by_job(hub.world, repository(hub), **whole)


def under_commit(hub: GitHubDouble, sha: str = SHA) -> list[tuple[str, str]]:
    return [(one["state"], one["description"]) for one in repository(hub).statuses.get(sha, [])]


def on_page(hub: GitHubDouble, of: Json) -> list[tuple[str, str]]:
    """What was said of a deployment, without what GitHub said itself."""
    return [(one["state"], one["description"]) for one in repository(hub).deployment_statuses[of["id"]][1:]]


def notes(hub: GitHubDouble) -> str:
    """The text of the only release."""
    (only,) = repository(hub).releases
    return str(only["body"])


def issues(hub: GitHubDouble) -> list[Json]:
    return list(repository(hub).issues)
