"""The real things behind `freqtrain bundle publish|fetch`: the store, the device's clone, and GitHub."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from pipeline.adapters import git, pins
from pipeline.adapters.evidence_file import read_evidence
from pipeline.adapters.git_tags import GitTags
from pipeline.adapters.github.releases import GitHubReleases
from pipeline.adapters.github.workflow_runs import GitHubWorkflowRuns
from pipeline.adapters.github.zip_files import files_of
from pipeline.adapters.manifest_text import manifest_text, read_manifest
from pipeline.domain.bundle import bundle_of
from pipeline.domain.engine_pins import engine_pins
from pipeline.domain.provenance import CarriedBundles, Origin, Own
from pipeline.errors import UsageError
from pipeline.flows.bundle_evidence import EvidenceTools
from pipeline.flows.bundle_fetch import FetchTools, fetch
from pipeline.flows.bundle_missing import Missing, fetch_missing
from pipeline.flows.bundle_publish import PublishTools, publish
from pipeline.ports import Narrator, ReleasePages, WorkflowRuns
from pipeline.wiring.bundle import bundles
from pipeline.wiring.cut import pinned_lines
from pipeline.wiring.gate import load_candidate
from pipeline.wiring.github_session import branch_of, lazy_session, origin_of

STRATEGIES = "strategies"
MOST_UNPACKED_BYTES = 256 * 2**20
MOST_FILES = 1000
EVIDENCE = EvidenceTools(
    lambda content, what: files_of(content, what, most_bytes=MOST_UNPACKED_BYTES, most_files=MOST_FILES), read_evidence
)


def publish_bundles(
    commit: str, repository: str | None, token_file: Path | None, home: Path, narrator: Narrator
) -> CarriedBundles:
    """Have the bundles of a commit in its release."""
    with _scratch("publish") as scratch, lazy_session(repository, token_file) as session:
        return publish(commit, PublishTools(bundles(home), GitHubReleases(session()), manifest_text, narrator, scratch))


def fetch_bundles(
    commit: str,
    repository: str | None,
    token_file: Path | None,
    clone: Path,
    main: str,
    home: Path,
    narrator: Narrator,
) -> CarriedBundles:
    """Have the bundles of a commit in the device's store.

    Raises:
        UsageError: the clone is none, or `main` is not the whole name of a branch.
    """
    root = _root(clone)
    tags = _tags(root, main)
    name = repository or origin_of(root)
    with _scratch("fetch") as scratch, lazy_session(name, token_file) as session:

        def github() -> tuple[ReleasePages, WorkflowRuns]:
            return GitHubReleases(session()), GitHubWorkflowRuns(session())

        own = partial(own_build, root, commit, scratch / "own", pins.engine_identity(), pinned_lines())
        (scratch / "assets").mkdir()
        tools = FetchTools(bundles(home), tags, own, github, read_manifest, EVIDENCE, narrator, scratch / "assets")
        return fetch(Origin(name, commit, branch_of(main)), tools)


def fetch_missing_bundles(
    repository: str | None, token_file: Path | None, clone: Path, main: str, home: Path, narrator: Narrator
) -> Missing:
    """Have a bundle of every strategy that main has, as far as they were published; raises as `fetch_bundles`."""
    root = _root(clone)
    name = repository or origin_of(root)
    with lazy_session(name, token_file) as session:

        def published() -> Iterator[str]:
            return GitHubReleases(session()).tags()

        def fetch_one(commit: str) -> CarriedBundles:
            return fetch_bundles(commit, name, token_file, clone, main, home, narrator)

        return fetch_missing(_tags(root, main), bundles(home), published, fetch_one, narrator)


def own_build(
    root: Path, commit: str, scratch: Path, versions: Mapping[str, str], extra: Mapping[str, str], id: str
) -> Own:
    """A strategy as the clone has it at a commit, and the bundle that `cut` would make of it on this engine.

    Raises:
        FreqtrainError, ValueError: there is no such strategy, or no bundle can be made of it.
    """
    if id not in GitTags(root).strategies(commit):
        raise ValueError("there is no such strategy")
    there = scratch / id
    git.GitRepository(root).export(commit, f"{STRATEGIES}/{id}", there)
    candidate = load_candidate(None, there / STRATEGIES, id)
    return Own(candidate, bundle_of(candidate, engine_pins(candidate.files, versions, extra)))


def _root(clone: Path) -> Path:
    root = git.repository_root(clone)
    if root is None:
        raise UsageError(f"{clone} lies in no git repository", hint="give --clone the device's own clone")
    return root


def _tags(root: Path, main: str) -> GitTags:
    try:
        return GitTags(root, main, STRATEGIES)
    except ValueError as error:
        raise UsageError(str(error), hint="refs/remotes/origin/main, or refs/heads/main") from error


@contextmanager
def _scratch(what: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix=f"freqtrain-bundle-{what}-") as made:
        yield Path(made)
