"""What job `cut` of a commit left, as GitHub reports it: the latest run of it that succeeded, and its artifact by its digest."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from pipeline.domain.canonical import digest_bytes
from pipeline.domain.evidence_record import EvidenceRecord
from pipeline.domain.github import WorkflowRun
from pipeline.domain.provenance import (
    ARTIFACT,
    EVENT,
    JOB,
    WORKFLOW,
    WORKFLOW_PATH,
    CutLeft,
    Origin,
    cut_objection,
    run_objections,
)
from pipeline.errors import Refused
from pipeline.ports import WorkflowRuns

EVIDENCE_FILE = "evidence.json"
MOST_ZIPPED_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class EvidenceTools:
    """How a stranger's files are read: `unzip` takes a zip file and what to call it, and raises Refused; `read` raises ValueError."""

    unzip: Callable[[bytes, str], Mapping[str, bytes]]
    read: Callable[[bytes], EvidenceRecord]


def left_by_cut(origin: Origin, runs: WorkflowRuns, tools: EvidenceTools) -> CutLeft:
    """What the latest job `cut` that succeeded left.

    The run itself may go on: the job that fetches is one of it.

    Raises:
        Refused: there is no such job, or what it left is gone, has no digest, or is no archive that can be read within bounds.
        ToolFailed: the network; the artifact is not what GitHub says it is.
    """
    run = _latest(origin, runs)
    artifact = next((one for one in runs.artifacts(run.id, ARTIFACT) if one.name == ARTIFACT), None)
    if artifact is None:
        raise Refused(f"{run.url} left no artifact {ARTIFACT}", hint=_HINT)
    if artifact.size > MOST_ZIPPED_BYTES:
        raise Refused(
            f"the artifact {ARTIFACT} of {run.url} has {artifact.size} bytes", hint=f"it may have {MOST_ZIPPED_BYTES}"
        )
    files = tools.unzip(runs.fetch(artifact, MOST_ZIPPED_BYTES), f"the artifact {ARTIFACT} of {run.url}")
    return CutLeft(run, _evidence(files, tools), frozenset(digest_bytes(content) for content in files.values()))


def _latest(origin: Origin, runs: WorkflowRuns) -> WorkflowRun:
    against = []
    for run in runs.of_commit(WORKFLOW, EVENT, origin.commit, origin.branch):
        wrong = ", ".join(run_objections(run, origin)) or cut_objection(runs.jobs(run.id))
        if not wrong:
            return run
        against.append(f"{run.url} {wrong}")
    told = "; ".join(against) or "there is no such run"
    raise Refused(
        f"no job {JOB} of {WORKFLOW_PATH} succeeded for the push of {origin.commit} to {origin.branch}: {told}",
        hint=_HINT,
    )


def _evidence(files: Mapping[str, bytes], tools: EvidenceTools) -> dict[str, EvidenceRecord]:
    """By its digest; a document that cannot be believed is as one that is not there."""
    found: dict[str, EvidenceRecord] = {}
    for path, content in files.items():
        if PurePosixPath(path).name != EVIDENCE_FILE:
            continue
        try:
            record = tools.read(content)
        except ValueError:
            continue
        found[record.digest] = record
    return found


_HINT = f"run {WORKFLOW_PATH} again for that commit"
