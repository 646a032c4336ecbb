"""`freqtrain bundle fetch --missing`: what main has and this device lacks, from the commits that it was cut of, the newest first."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pipeline.domain.bundle_manifest import StoredBundle
from pipeline.domain.provenance import CarriedBundles, commit_of
from pipeline.domain.train.named import bundles_at, same_strategy
from pipeline.errors import FreqtrainError, Refused, ToolFailed
from pipeline.ports import Bundles, Narrator, Tags

MOST_COMMITS = 50
"""How many releases are looked into at the most; each takes a few requests."""


@dataclass(frozen=True, slots=True)
class Missing:
    """What was fetched, of which strategies of main there still is no bundle here, and what spoke against some that were published."""

    carried: tuple[CarriedBundles, ...]
    lacking: tuple[str, ...]
    refused: tuple[str, ...]


def fetch_missing(
    tags: Tags,
    bundles: Bundles,
    published: Callable[[], Iterable[str]],
    fetch: Callable[[str], CarriedBundles],
    narrator: Narrator,
) -> Missing:
    """Fetch, of every strategy as main has it, a bundle if this device has none: a job that was dropped is made up for by the next one.

    Nothing is believed that `fetch` would not believe. A commit whose bundles are refused keeps no other from being fetched.

    Args:
        published: the tags of the releases that hold bundles, the newest first; asked for only where something is lacking.
        fetch: has the bundles of one commit in the store.

    Raises:
        ToolFailed: git, the network or the disk; what was fetched before stays.
    """
    head = tags.main()
    lacking = _lacking(head, tags, bundles)
    carried: list[CarriedBundles] = []
    refused: list[str] = []
    tried = 0
    for tag in published() if lacking else ():
        commit = commit_of(tag)
        if not commit or not tags.is_ancestor(commit, head) or not _helps(commit, head, lacking, tags):
            continue
        tried += 1
        narrator.say(f"{', '.join(lacking)}: looking into {tag}")
        try:
            carried.append(fetch(commit))
        except ToolFailed:
            raise
        except FreqtrainError as error:
            refused.append(f"{commit[:12]}: {error.message}")
        lacking = _lacking(head, tags, bundles)
        if not lacking or tried >= MOST_COMMITS:
            break
    return Missing(tuple(carried), lacking, tuple(refused) if lacking else ())


def _lacking(head: str, tags: Tags, bundles: Bundles) -> tuple[str, ...]:
    """The strategies of main of which no sound bundle is here."""
    named = bundles_at(head, tags.strategies, _sound(bundles), tags.is_ancestor)
    return tuple(sorted(strategy for strategy, bundle in named.items() if not bundle))


def _sound(bundles: Bundles) -> tuple[StoredBundle, ...]:
    found = []
    for digest in bundles.digests():
        try:
            found.append(bundles.get(digest))
        except Refused:
            continue  # One that is damaged is fetched again.
    return tuple(found)


def _helps(commit: str, head: str, lacking: Iterable[str], tags: Tags) -> bool:
    """Whether a strategy that is lacking is there as main has it now."""
    there, now = tags.strategies(commit), tags.strategies(head)
    return any(strategy in there and same_strategy(there[strategy], now[strategy]) for strategy in lacking)
