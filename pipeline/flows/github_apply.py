"""Bring a repository on GitHub to what the files say, call by call; whatever it is cut off at, the next time goes on from there."""

from pipeline.domain.repository.checked import Applied, Checked, RefusedCall
from pipeline.errors import Refused, ToolFailed
from pipeline.flows.github_check import Ground, check
from pipeline.ports import Narrator


def apply(checked: Checked, ground: Ground, narrator: Narrator) -> Applied:
    """Make the changes of a check. What is refused keeps nothing else; then everything is looked at once more.

    Raises:
        ToolFailed: GitHub does not answer, or took the calls and did not change; the next call goes on from there.
    """
    made, refused = 0, []
    total = sum(len(change.calls) for change in checked.changes)
    for change in checked.changes:
        for call in change.calls:
            try:
                ground.settings.carry_out(call)
            except Refused as error:
                refused.append(RefusedCall(call.words, error.message, error.hint))
                break
            except ToolFailed as error:
                told = f"{error.message} ({made} of {total} changes were made before)"
                raise ToolFailed(told, hint="run `freqtrain github apply` again: it goes on from here") from error
            made += 1
            narrator.say(f"done: {call.words}")
    if checked.owners is not None:
        ground.write(ground.codeowners, checked.owners)
        made += 1
        narrator.say(f"wrote {ground.codeowners}; commit it, since GitHub reads it from the default branch")
    after = check(ground)
    if after.changes and not refused:
        parts = ", ".join(change.part for change in after.changes)
        raise ToolFailed(f"GitHub took every change, and still differs: {parts}", hint="freqtrain github check")
    return Applied(made, tuple(refused), after)
