"""Open an issue for every roll-back that has none yet: most of them happen on a device without anybody, and without GitHub."""

from collections.abc import Sequence

from pipeline.domain.train.roll_backs import RollBack
from pipeline.errors import FreqtrainError
from pipeline.flows.github_tell import LABEL, MOST_ISSUES, Told, bundle_key, key_of
from pipeline.ports import Issues
from pipeline.render.github_roll_back import issue_markdown, issue_title


def tell(roll_backs: Sequence[RollBack], issues: Issues, link: str, environment: str = "") -> Told:
    """Twice is as once: environment, strategy, bundle and the ledger's entry name an issue for ever, open or closed.

    One that cannot be opened keeps no other from being opened. With an environment, what was taken back elsewhere is left to who tells of that:
    a device that has two environments is asked for each.
    """
    lines: list[str] = []
    failed: list[FreqtrainError] = []
    known = len(roll_backs)
    roll_backs = [one for one in roll_backs if environment in ("", one.environment)]
    if known > len(roll_backs):
        lines.append(f"{known - len(roll_backs)} of other environments are left to the jobs that tell of those")
    in_order = sorted(roll_backs, key=lambda one: one.ended_at or one.began_at)
    for one in in_order[-MOST_ISSUES:]:
        try:
            opened = issues.open_once(name_of(one), issue_title(one), issue_markdown(one, link), (LABEL,))
            lines.append(f"{one.strategy} in {one.environment}: {opened.url}")
        except FreqtrainError as error:
            failed.append(error)
    if len(roll_backs) > MOST_ISSUES:
        lines.append(f"{len(roll_backs) - MOST_ISSUES} older ones were left out; the device's ledger has them")
    return Told(tuple(lines), tuple(failed))


def name_of(one: RollBack) -> str:
    """What its issue is found by."""
    place = f"{key_of(one.environment)}/{one.strategy}/{bundle_key(one.bundle)}"
    return f"rolled-back/{place}/{bundle_key(one.entry)}"
