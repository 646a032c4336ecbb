"""What a run left behind."""

from pipeline.adapters.github.refusals import NotFound
from pipeline.adapters.github.session import GitHubSession
from pipeline.adapters.github.shapes import MaybeText, Name, Number, Shape, Time, read
from pipeline.domain.canonical import digest_bytes
from pipeline.domain.github import Artifact
from pipeline.errors import Refused, ToolFailed


def of_run(github: GitHubSession, run_id: int, name: str = "") -> tuple[Artifact, ...]:
    """The artifacts of all its attempts, the newest first."""
    listed = github.pages(f"actions/runs/{run_id}/artifacts", "artifacts", name=name or None)
    found = [read(_Artifact, one, "an artifact") for one in listed]
    ours = [
        one for one in found if name in ("", one.name) and (one.workflow_run is None or one.workflow_run.id == run_id)
    ]
    return tuple(
        Artifact(one.id, one.name, one.size_in_bytes, one.digest, one.expired, run_id, one.created_at)
        for one in sorted(ours, key=lambda one: -one.id)
    )


def fetch(github: GitHubSession, artifact: Artifact, most_bytes: int) -> bytes:
    """The zip file; nothing is believed of it but its digest."""
    if artifact.expired:
        raise Refused(f"artifact {artifact.name} of run {artifact.run_id} has expired", hint="run the workflow again")
    if not artifact.digest:
        raise Refused(
            f"GitHub reports no digest of artifact {artifact.name}",
            hint="upload it with actions/upload-artifact@v4 or newer",
        )
    try:
        content = github.download(f"actions/artifacts/{artifact.id}/zip", most_bytes)
    except NotFound as error:
        raise Refused(
            f"artifact {artifact.name} of run {artifact.run_id} is gone", hint="run the workflow again"
        ) from error
    if digest_bytes(content) != artifact.digest:
        raise ToolFailed(f"artifact {artifact.name} is not what GitHub says it is: {artifact.digest}", hint="try again")
    return content


class _Of(Shape):
    id: Number


class _Artifact(Shape):
    id: Number
    name: Name
    size_in_bytes: Number
    digest: MaybeText = ""
    expired: bool
    created_at: Time | None = None
    workflow_run: _Of | None = None
