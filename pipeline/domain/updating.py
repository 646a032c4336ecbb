"""Taking a newer framework into a repository that was made from it: which files are the user's, and what is merged with what."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

MINE = (
    "strategies/",
    "environments/",
    "user_data/",
    ".github/freqtrain.yml",
    ".github/CODEOWNERS",
    ".github/allowed_signers",
)
"""What belongs to the user: never changed, never added to, never removed."""

MARK = ".github/framework"
"""Names the framework's commit that was taken last: pull requests that are squashed or rebased lose who was merged."""

FOLLOWS = ("pyproject.toml", "requirements.lock")
"""What is the framework's as a whole: half of one version's pins and half of another's would be no engine that anybody tested."""

Files = Mapping[str, str]
"""Path -> what git knows a file by (mode and object)."""


@dataclass(frozen=True, slots=True)
class Sides:
    """Three sets of files that are merged: what both began with, the user's, the framework's."""

    origin: Files
    ours: Files
    theirs: Files


@dataclass(frozen=True, slots=True)
class Merge:
    """What is merged, and what a person should know of it.

    `not_taken` are files of the user's that the framework changed; `replaced` those in which the user's own changes give way to the framework's.
    """

    sides: Sides
    not_taken: tuple[str, ...]
    replaced: tuple[str, ...]


def merge_of(found: Sides, mark: str, keep: Sequence[str] = (), take: Sequence[str] = ()) -> Merge:
    """The sides with the user's files equal in all three, so that nothing is merged there, and those that are taken equal to the framework's.

    Args:
        mark: what MARK becomes, as in Files.
        keep: further files or folders (`name/`) that stay as the user has them.
        take: further ones that become the framework's.
    """
    mine, taken = _within((*MINE, *keep)), _within((*FOLLOWS, *take))

    def follows(path: str) -> bool:
        return taken(path) and not mine(path)

    def laid(files: Files) -> Files:
        rest = _only(files, lambda path: not mine(path) and not follows(path))
        return {**rest, **_only(found.ours, mine), **_only(found.theirs, follows), MARK: mark}

    sides = Sides(laid(found.origin), laid(found.ours), laid(found.theirs))
    not_taken = [path for path in _differing(found.origin, found.theirs) if mine(path)]
    replaced = [
        path
        for path in _differing(found.origin, found.ours)
        if follows(path) and found.ours.get(path) != found.theirs.get(path)
    ]
    return Merge(sides, tuple(not_taken), tuple(replaced))


def _within(names: Sequence[str]) -> Callable[[str], bool]:
    return lambda path: any(path == name.rstrip("/") or path.startswith(name.rstrip("/") + "/") for name in names)


def _only(files: Files, wanted: Callable[[str], bool]) -> Files:
    return {path: one for path, one in files.items() if wanted(path)}


def _differing(one: Files, other: Files) -> list[str]:
    return sorted(path for path in {*one, *other} if one.get(path) != other.get(path))
