"""Who let a run into an environment, and what it still waits for."""

from pipeline.adapters.github.session import GitHubSession
from pipeline.adapters.github.shapes import Name, Number, Shape, Text, User, read
from pipeline.domain.github import Review, WaitingDeployment


def of_run(github: GitHubSession, run_id: int) -> tuple[Review, ...]:
    """All answers, those of earlier attempts too."""
    said = read(list[_Review], github.get(f"actions/runs/{run_id}/approvals"), "a list of reviews")
    return tuple(
        Review(one.state, one.user.person(), tuple(environment.name for environment in one.environments), one.comment)
        for one in said
    )


def waiting(github: GitHubSession, run_id: int) -> tuple[WaitingDeployment, ...]:
    """The environments that it waits before."""
    said = read(list[_Waiting], github.get(f"actions/runs/{run_id}/pending_deployments"), "a list of deployments")
    return tuple(
        WaitingDeployment(
            one.environment.name, tuple(str(each.reviewer) for each in one.reviewers), one.current_user_can_approve
        )
        for one in said
    )


class _Environment(Shape):
    id: Number
    name: Name


class _Review(Shape):
    state: Name
    user: User
    environments: list[_Environment]
    comment: Text


class _PersonOrTeam(Shape):
    login: Name | None = None
    slug: Name | None = None

    def __str__(self) -> str:
        return self.login or f"@{self.slug or '?'}"


class _Reviewer(Shape):
    reviewer: _PersonOrTeam


class _Waiting(Shape):
    environment: _Environment
    reviewers: list[_Reviewer]
    current_user_can_approve: bool
