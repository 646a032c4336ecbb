"""`freqtrain bundle fetch`: a device keeps the bundles of a commit if it makes the same ones itself, and their evidence is what GitHub saw made."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline.domain.bundle_manifest import BundleManifest
from pipeline.domain.github import ReleasePage
from pipeline.domain.provenance import (
    Came,
    Carried,
    CarriedBundles,
    CutLeft,
    Origin,
    Own,
    is_commit,
    manifest_named,
    objections,
    tag_of,
)
from pipeline.errors import ConfigError, FreqtrainError, Problem, Refused, UsageError
from pipeline.flows.bundle_download import Downloads
from pipeline.flows.bundle_evidence import EvidenceTools, left_by_cut
from pipeline.ports import Bundles, Narrator, ReleasePages, Tags, WorkflowRuns

MOST_MANIFESTS = 200
"""Of one commit."""


@dataclass(frozen=True, slots=True)
class FetchTools:
    """What fetching works with.

    `own` gives a strategy as the clone has it at the commit, and raises FreqtrainError or ValueError where there is none; `github` is asked
    for no sooner than it is needed; `read_manifest` raises ValueError; `scratch` is an empty folder that goes afterwards.
    """

    bundles: Bundles
    tags: Tags
    own: Callable[[str], Own]
    github: Callable[[], tuple[ReleasePages, WorkflowRuns]]
    read_manifest: Callable[[bytes], BundleManifest]
    evidence: EvidenceTools
    narrator: Narrator
    scratch: Path


def fetch(origin: Origin, tools: FetchTools) -> CarriedBundles:
    """Have the bundles of a commit in the store: all that its release holds or, where anything does not hold, none more than before.

    Raises:
        UsageError: that is no commit.
        Refused: the commit is not on the protected main, nothing was published, or no successful job `cut` stands behind it.
        ConfigError: everything that speaks against any of the bundles.
        ToolFailed: git, the network or the disk.
    """
    _demand_on_main(origin.commit, tools.tags)
    here = _here(origin.commit, tools.bundles)
    before = tuple(Carried(manifest, new=False) for manifest in here)
    if tools.tags.strategies(origin.commit).keys() <= {manifest.strategy for manifest in here}:
        return CarriedBundles(origin.commit, before)
    releases, runs = tools.github()
    page = releases.of_tag(tag_of(origin.commit))
    if page is None:
        raise Refused(
            f"no release of {origin.repository} holds the bundles of {origin.commit}",
            hint="`freqtrain bundle publish` makes it, in the workflow test.yml; look how that ended",
        )
    came, problems = _new(page, {manifest.digest for manifest in here}, releases, tools)
    kept = _store(came, problems, origin, runs, tools) if came or problems else ()
    return CarriedBundles(origin.commit, (*before, *(one for one in kept if one.manifest not in here)), page.url)


def _demand_on_main(commit: str, tags: Tags) -> None:
    if not is_commit(commit):
        raise UsageError(f"{commit!r} is no commit's whole name", hint="git rev-parse says it")
    if not tags.is_ancestor(commit, tags.main()):
        raise Refused(
            f"{commit} is not on the protected main of this device's clone",
            hint="fetch into the clone first; a commit that is on no main is never kept",
        )


def _here(commit: str, bundles: Bundles) -> list[BundleManifest]:
    """The manifests of that commit that the store holds with sound bundles; a damaged one is fetched anew, or refused by the store."""
    found: list[BundleManifest] = []
    for digest in bundles.digests():
        try:
            mine = [one for one in bundles.get(digest).manifests if one.commit == commit and not one.uncommitted]
            for manifest in mine:
                bundles.evidence(manifest)
        except FreqtrainError:
            continue
        found += mine
    return sorted(found, key=lambda one: (one.strategy, one.cut_at))


def _new(
    page: ReleasePage, known: set[str], releases: ReleasePages, tools: FetchTools
) -> tuple[list[Came], list[Problem]]:
    """Everything that the release holds and the store does not, as it came, and what cannot be read of it."""
    downloads = Downloads(releases, page, tools.scratch)
    named = {name: digest for name in sorted(downloads.names) if (digest := manifest_named(name))}
    if len(named) > MOST_MANIFESTS:
        raise Refused(f"{page.tag} holds {len(named)} manifests", hint=f"it may hold {MOST_MANIFESTS}")
    if not named:
        tools.narrator.say(f"{page.url} holds no bundles: nothing was cut")
    came: list[Came] = []
    problems: list[Problem] = []
    for name, digest in named.items():
        if digest in known:
            continue
        tools.narrator.say(f"downloading {name} and what it names")
        text = downloads.manifest(name) or b""
        try:
            manifest = tools.read_manifest(text)
            if manifest.digest != digest:
                raise ValueError("is another manifest than its name says")
        except ValueError as error:
            problems.append(Problem(f"{page.tag}/{name}", 0, 0, f"The file {error}."))
            continue
        came.append(Came(manifest, text, downloads.archive(manifest), downloads.evidence(manifest)))
    return came, [*downloads.problems, *problems]


def _store(
    came: list[Came], problems: list[Problem], origin: Origin, runs: WorkflowRuns, tools: FetchTools
) -> tuple[Carried, ...]:
    """Keep all that is proved, once every strategy's manifest is; those of earlier attempts are passed over beside one that is."""
    left, refused = _left(origin, runs, tools)
    proved: list[tuple[Own, BundleManifest]] = []
    against: list[tuple[str, str]] = []
    for one in came:
        strategy = one.manifest.strategy
        try:
            own = tools.own(strategy)
        except (FreqtrainError, ValueError) as error:
            against.append((strategy, f"The commit's own files make no bundle: {error}"))
            continue
        found = objections(one, own, left, origin)
        against += [(strategy, words) for words in found]
        proved += [] if found or left is None else [(own, one.manifest)]
    sound = {manifest.strategy for _, manifest in proved}
    for strategy, words in against:
        if strategy in sound:
            tools.narrator.say(f"{strategy}: another manifest was passed over: {words}")
        else:
            problems.append(Problem(f"{tag_of(origin.commit)}/{strategy}", 0, 0, words))
    if refused is not None:
        problems.append(Problem(tag_of(origin.commit), 0, 0, f"{refused.message} ({refused.hint})"))
    if problems or left is None:
        raise ConfigError(tuple(problems), hint=_HINT)
    puts = [tools.bundles.put(own.bundle, one, left.evidence[one.evidence].document) for own, one in proved]
    return tuple(Carried(manifest, new) for manifest, new in puts)


def _left(origin: Origin, runs: WorkflowRuns, tools: FetchTools) -> tuple[CutLeft | None, Refused | None]:
    """What job `cut` left, or why nothing of it counts: that is told beside everything else."""
    try:
        return left_by_cut(origin, runs, tools.evidence), None
    except Refused as refused:
        return None, refused


_HINT = "nothing was kept; if the release is not what the job `cut` made, find out who changed it"
