"""Where a bundle that came over the network must come from: what has to agree before a device keeps it, in plain sentences."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.domain.bundle import Bundle
from pipeline.domain.bundle_manifest import BundleManifest, contradictions
from pipeline.domain.canonical import digest_bytes
from pipeline.domain.engine_pins import differing
from pipeline.domain.evidence_record import EvidenceRecord
from pipeline.domain.github import WorkflowJob, WorkflowRun
from pipeline.domain.strategy import Candidate

WORKFLOW = "test.yml"
WORKFLOW_PATH = f".github/workflows/{WORKFLOW}"
EVENT = "push"
JOB = "cut"
ARTIFACT = "evidence"
"""What job `cut` leaves: every evidence.json, and every manifest that was cut on one."""

_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_TAG = "bundles-"
_FILE = re.compile(r"(bundle|evidence|manifest)-([0-9a-f]{64})\.(?:tar|json)")


@dataclass(frozen=True, slots=True)
class Origin:
    """The push that everything must come from: repository (owner/name), commit, and the protected branch by its short name."""

    repository: str
    commit: str
    branch: str


@dataclass(frozen=True, slots=True)
class Own:
    """A strategy as the device's own clone has it at the commit, and the bundle that it makes of it."""

    candidate: Candidate
    bundle: Bundle


@dataclass(frozen=True, slots=True)
class CutLeft:
    """What job `cut` left: evidence by its digest, and the digests of the bytes of all its files."""

    run: WorkflowRun
    evidence: Mapping[str, EvidenceRecord]
    files: frozenset[str]


@dataclass(frozen=True, slots=True)
class Carried:
    """A manifest with its bundle and evidence where it was to be; `new` is False where it was there before."""

    manifest: BundleManifest
    new: bool


@dataclass(frozen=True, slots=True)
class CarriedBundles:
    """All of one commit; `url` is the page of its release, "" where GitHub was not asked."""

    commit: str
    bundles: tuple[Carried, ...]
    url: str = ""


@dataclass(frozen=True, slots=True)
class Came:
    """One manifest as it came, and the bytes of the files that it names; None for one that did not come."""

    manifest: BundleManifest
    text: bytes
    archive: bytes | None
    evidence: bytes | None


def is_commit(text: str) -> bool:
    """Whether it is a commit's whole name."""
    return _COMMIT.fullmatch(text) is not None


def tag_of(commit: str) -> str:
    """The release that holds a commit's bundles: never a release tag, which begins with `v`."""
    return f"{_TAG}{commit}"


def commit_of(tag: str) -> str:
    """The commit whose bundles the release of a tag holds; empty where it holds none."""
    commit = tag.removeprefix(_TAG)
    return commit if tag.startswith(_TAG) and is_commit(commit) else ""


def archive_name(bundle: str) -> str:
    """What an archive is called in a release."""
    return f"bundle-{_digits(bundle)}.tar"


def evidence_name(evidence: str) -> str:
    """What an evidence document is called in a release."""
    return f"evidence-{_digits(evidence)}.json"


def manifest_name(manifest: str) -> str:
    """What a manifest is called in a release."""
    return f"manifest-{_digits(manifest)}.json"


def manifest_named(name: str) -> str:
    """The digest of the manifest that a file of a release is called after, "" where it is called otherwise."""
    found = _FILE.fullmatch(name)
    return f"sha256:{found[2]}" if found and name == manifest_name(found[2]) else ""


def run_objections(run: WorkflowRun, origin: Origin) -> tuple[str, ...]:
    """Why a run is not the one that may have cut a commit's bundles; none where it is."""
    said = {
        "workflow": (run.workflow, WORKFLOW_PATH),
        "event": (run.event, EVENT),
        "commit": (run.sha, origin.commit),
        "branch": (run.branch, origin.branch),
        "repository": (run.head_repository.lower(), origin.repository.lower()),
    }
    return tuple(f"its {name} is {is_!r}, not {must!r}" for name, (is_, must) in said.items() if is_ != must)


def cut_objection(jobs: Sequence[WorkflowJob]) -> str:
    """Why no evidence of a run counts, "" where its one job `cut` succeeded."""
    found = [job for job in jobs if job.name == JOB]
    if len(found) != 1:
        return f"has {len(found)} jobs called {JOB}" if found else f"has no job {JOB}"
    (job,) = found
    if (job.status, job.conclusion) == ("completed", "success"):
        return ""
    return f"its job {JOB} ended with {job.conclusion}" if job.conclusion else f"its job {JOB} has not ended"


def objections(came: Came, own: Own, left: CutLeft | None, origin: Origin) -> tuple[str, ...]:
    """Why a device does not keep a bundle with this manifest, a sentence each; none where all of it agrees.

    The bundle must be what the device computes itself, and evidence and manifest what job `cut` left: a release is only how they travel.
    `left` is None where no such job counts: then nothing may be kept whatever this says, and it says the rest of what is wrong.
    """
    of_evidence = _of_evidence(came, own, left) if left is not None else []
    return (*_of_content(came, own, origin), *of_evidence, *_of_files(came))


def _of_content(came: Came, own: Own, origin: Origin) -> list[str]:
    manifest, found = came.manifest, []
    if manifest.commit != origin.commit or manifest.uncommitted:
        found.append(f"The manifest speaks of {manifest.commit or 'files in no commit'}, not of {origin.commit}.")
    if manifest.strategy != own.candidate.id:
        found.append(f"The manifest speaks of the strategy {manifest.strategy!r}, not of {own.candidate.id}.")
    if manifest.content != own.candidate.content_digest:
        found.append(f"The manifest is for other files than the commit's: {manifest.content}.")
    if manifest.bundle != own.bundle.digest:
        apart = differing(own.bundle.engine, manifest.versions)
        why = ", ".join(
            f"{name} {own.bundle.engine[name]} here and {there or 'none'} there" for name, there in apart.items()
        )
        found.append(
            f"This device makes {own.bundle.digest} of the commit's files, not {manifest.bundle}{f' ({why})' if why else ''}."
        )
    return found


def _of_evidence(came: Came, own: Own, left: CutLeft) -> list[str]:
    manifest, found = came.manifest, []
    record = left.evidence.get(manifest.evidence)
    if record is None:
        found.append(f"The artifact {ARTIFACT} of {left.run.url} holds no evidence {manifest.evidence}.")
    elif manifest.bundle == own.bundle.digest:
        found += [f"It does not fit: {words}." for words in contradictions(own.bundle, manifest, record.document)]
    if digest_bytes(came.text) not in left.files:
        found.append(f"The artifact {ARTIFACT} of {left.run.url} does not hold this manifest.")
    return found


def _of_files(came: Came) -> list[str]:
    manifest, found = came.manifest, []
    if came.archive is None:
        found.append(f"The release does not hold {archive_name(manifest.bundle)}, whole.")
    elif digest_bytes(came.archive) != manifest.bundle:
        found.append(f"The release's {archive_name(manifest.bundle)} is another file.")
    if came.evidence is None:
        found.append(f"The release does not hold {evidence_name(manifest.evidence)}, whole.")
    elif digest_bytes(came.evidence) != manifest.evidence:
        found.append(f"The release's {evidence_name(manifest.evidence)} is another file.")
    return found


def _digits(digest: str) -> str:
    return digest.removeprefix("sha256:")
