"""Take a newer framework in, and leave alone what is the user's: all of it or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.updating import MINE, Files, Merge, Sides, merge_of
from pipeline.errors import Refused
from pipeline.ports import Checkout, Narrator


@dataclass(frozen=True, slots=True)
class Wanted:
    """From where (a remote's name or an address), which version ("": the newest), and what a person decided where both sides changed something.

    `made_from` names the framework's commit that the repository was made from, where it cannot be found out.
    """

    source: str
    version: str = ""
    made_from: str = ""
    keep: Sequence[str] = ()
    take: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Updated:
    """What came of it. `commit` is the framework's; `made` the new one of this repository, "" where nothing was changed."""

    branch: str
    commit: str
    origin: str = ""
    made: str = ""
    changed: tuple[str, ...] = ()
    not_taken: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()


def update(wanted: Wanted, checkout: Checkout, narrator: Narrator, *, only_plan: bool = False) -> Updated:
    """Merge the framework's version into the branch that is checked out, with one commit; with `only_plan` nothing but say what that would do.

    Raises:
        Refused: the checkout is not ready, nobody knows where it began, or both sides changed the same lines. Nothing was changed.
        UsageError, ToolFailed: it could not be fetched. Nothing was changed.
    """
    if obstacles := checkout.obstacles():
        raise Refused("\n".join(obstacles), hint="nothing was changed")
    narrator.say(f"fetching {wanted.version or 'the newest version'} of the framework")
    commit, branch = checkout.fetch(wanted.source, wanted.version), checkout.branch()
    if checkout.has(commit):
        return Updated(branch, commit)
    origin = checkout.origin(commit, wanted.made_from)
    if origin == commit:
        return Updated(branch, commit)
    if not origin:
        raise Refused(
            "this repository shares no history with the framework, and its first files are those of none of its commits",
            hint="say from which it was made, once: freqtrain update --made-from COMMIT",
        )
    found = Sides(checkout.files(origin), checkout.files("HEAD"), checkout.files(commit))
    merge = merge_of(found, checkout.marked(commit), wanted.keep, wanted.take)
    tree, conflicts = checkout.merged(merge.sides)
    if conflicts:
        raise _both(conflicts)
    changed = _changed(found.ours, checkout.files(tree))
    made = "" if only_plan else checkout.advance(tree, commit, _message(commit, merge))
    return Updated(branch, commit, origin, made, changed, merge.not_taken, merge.replaced)


def _both(conflicts: Sequence[str]) -> Refused:
    lines = "\n".join(f"  {path}" for path in conflicts)
    return Refused(
        f"you and the framework changed the same lines, or one of you removed what the other changed:\n{lines}",
        hint="nothing was changed. Decide for each: --keep FILE leaves yours, --take FILE gives you the framework's, on which you "
        "can make your change again",
    )


def _message(commit: str, merge: Merge) -> str:
    taken = (
        f"\n\nThe framework's as a whole, in spite of own changes: {', '.join(merge.replaced)}"
        if merge.replaced
        else ""
    )
    return f"Update the framework to {commit[:12]}\n\nUntouched: {', '.join(MINE)}{taken}"


def _changed(before: Files, after: Files) -> tuple[str, ...]:
    return tuple(sorted(path for path in {*before, *after} if before.get(path) != after.get(path)))
