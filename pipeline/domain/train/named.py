"""What a tag or a commit names: the bundle of each strategy that it holds, and the words by which a ledger remembers it."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.domain.bundle import LEFT_OUT
from pipeline.domain.bundle_manifest import BundleManifest, StoredBundle
from pipeline.domain.strategy import TEST_FILE

Files = Mapping[str, str]
"""A strategy's files at a commit: path relative to its folder -> git's name of the content."""

_SOURCE = re.compile(r"tag (\S+) at ([0-9a-f]{40,64})")
_COMMIT = re.compile(r"commit ([0-9a-f]{40,64})")
_ANY_SOURCE = re.compile(r"(?:tag \S+ at|commit) ([0-9a-f]{40,64})")


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag as it is now; `message` is empty for a lightweight one, which has none."""

    name: str
    commit: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A commit that touches a strategy: the mail address of its author ("" without one), and those of the others that its message names.

    Where the message names somebody without an address, the name stands there.
    """

    commit: str
    author: str
    others: frozenset[str] = frozenset()


def source(commit: str, tag: str = "") -> str:
    """How the ledger names where a bundle was named: the tag keeps the commit that it named then."""
    return f"tag {tag} at {commit}" if tag else f"commit {commit}"


def named_in(source: str) -> tuple[str, str] | None:
    """The tag ("" without one), or else the commit ("" with a tag), that a ledger's words name; None where they are none of `source`."""
    if found := _SOURCE.fullmatch(source):
        return found[1], ""
    found = _COMMIT.fullmatch(source)
    return ("", found[1]) if found else None


def commit_in(source: str) -> str:
    """The commit that a ledger's words name, with a tag or without; empty where they are none of `source`."""
    found = _ANY_SOURCE.fullmatch(source)
    return found[1] if found else ""


def moved_from(tag: Tag, sources: Iterable[str]) -> str:
    """Another commit that the tag named before, by what ledgers say; empty where it names what it always did."""
    found = (_SOURCE.fullmatch(text) for text in sources)
    return next((match[2] for match in found if match and match[1] == tag.name and match[2] != tag.commit), "")


def later_than(commit: str, sources: Sequence[str], is_ancestor: Callable[[str, str], bool]) -> str:
    """What boarded last, by what a ledger says, if that is later than the commit: a commit that this one leads to. Empty where it is not."""
    last = sources[-1] if sources else ""
    found = _ANY_SOURCE.fullmatch(last)
    return last if found and found[1] != commit and is_ancestor(commit, found[1]) else ""


def bundles_at(
    commit: str,
    strategies_at: Callable[[str], Mapping[str, Files]],
    stored: Sequence[StoredBundle],
    is_ancestor: Callable[[str, str], bool],
) -> dict[str, str]:
    """Strategy -> digest of the bundle that was cut from it; empty where none was.

    A bundle counts where it was cut from this commit, or from an earlier one that holds the same strategy, and where it holds exactly the files
    that are there. Among several (of other engine versions) it is the one of this commit, and then the one that was cut last.

    Args:
        commit: the whole name of the commit.
        strategies_at: the strategies of a commit with their files.
        stored: every bundle that can be read.
        is_ancestor: whether the first commit leads to the second, or is it; False for a commit that nobody knows.
    """
    named = {}
    for strategy, files in strategies_at(commit).items():
        fitting = [
            (manifest.commit == commit, manifest.cut_at, kept.digest)
            for kept in stored
            if kept.bundle.strategy == strategy and _holds(kept, files)
            for manifest in kept.manifests
            if _leads(manifest, commit, files, strategies_at, is_ancestor)
        ]
        named[strategy] = max(fitting)[2] if fitting else ""
    return named


def content_name(content: bytes, length: int) -> str:
    """git's name of a file's content, as long as others in its repository: 40 digits (SHA-1) or 64 (SHA-256)."""
    framed = b"blob %d\0" % len(content) + content
    made = hashlib.sha256(framed) if length == 64 else hashlib.sha1(framed, usedforsecurity=False)
    return made.hexdigest()


def same_strategy(one: Files, other: Files) -> bool:
    """Whether two versions of a strategy make the same bundle, whatever their tests are."""
    return _that_trade(one) == _that_trade(other)


def _holds(kept: StoredBundle, files: Files) -> bool:
    """Whether a bundle's files are those of the commit, whatever its manifest says."""
    there = {path: name for path, name in files.items() if path not in LEFT_OUT}
    if there.keys() != kept.bundle.files.keys():
        return False
    return all(content_name(content, len(there[path])) == there[path] for path, content in kept.bundle.files.items())


def _leads(
    manifest: BundleManifest,
    commit: str,
    files: Files,
    strategies_at: Callable[[str], Mapping[str, Files]],
    is_ancestor: Callable[[str, str], bool],
) -> bool:
    if manifest.uncommitted or not manifest.commit:
        return False
    if manifest.commit == commit:
        return True
    if not is_ancestor(manifest.commit, commit):
        return False
    return same_strategy(strategies_at(manifest.commit).get(manifest.strategy, {}), files)


def _that_trade(files: Files) -> dict[str, str]:
    """All files but the tests; the description too, which decides about class, timeframe and pairs."""
    return {path: name for path, name in files.items() if path != TEST_FILE}
