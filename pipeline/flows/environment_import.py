"""`freqtrain environment import`: an environment goes on on this device, with its history, its databases and its open trades."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from pipeline.domain.moving import About, Fit, fit
from pipeline.domain.train.fold import fold_ledger
from pipeline.errors import Refused
from pipeline.ports import Arrival, Arrivals, Narrator

Suits: TypeAlias = Callable[[About], tuple[str, ...]]
"""Says what keeps an environment of this repository from going on out of an archive, one sentence each."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What arrived; `back` where it left from here and nothing ran elsewhere."""

    environment: str
    archive: str
    strategies: tuple[str, ...]
    bundles: int
    databases: int
    back: bool


def bring_in(file: Path, arrivals: Arrivals, suits: Suits, narrator: Narrator, by: str, digest: str = "") -> Imported:
    """Verify an archive as a whole, then put it in place at once. Nothing is started: `converge` does that.

    Args:
        digest: what the archive's digest must be, or the beginning of it; "" where nobody says.

    Raises:
        Refused: the archive, or the environment that is here already, does not allow it; nothing of the environment was changed.
        Locked: a verb is at work in the environment.
        ToolFailed: the disk.
    """
    with arrivals.opened(file) as found:
        if digest and not found.archive.startswith(digest if digest.startswith("sha256:") else f"sha256:{digest}"):
            raise Refused(f"{file} has the digest {found.archive}", hint="it is another archive, or was changed")
        about, name = found.about, found.about.environment
        state = fold_ledger(found.entries(), name)
        if state.away is None or state.away.archive:
            raise Refused(f"the ledger in {file} does not say that '{name}' was about to leave", hint="export it again")
        if wrong := suits(about):
            raise Refused(
                "\n".join([f"'{name}' cannot go on here:", *(f"  {one}" for one in wrong)]), hint="nothing was changed"
            )
        with found.locked():
            back = _goes_back(found, narrator)
            if back:
                found.stays(by)
            else:
                found.put(by)
        standing = tuple(sorted(one.strategy for one in state.strategies.values() if one.standing))
        return Imported(name, found.archive, standing, len(about.bundles), len(about.databases), back)


def _goes_back(found: Arrival, narrator: Narrator) -> bool:
    """Whether it is here still, and only has to be told to go on.

    Raises:
        Refused: what is here is another history.
    """
    name, there = found.about.environment, found.there()
    if not there:
        if others := found.in_the_way():
            raise Refused(
                f"there is something of '{name}' here already: {', '.join(others)}",
                hint="move it away; it may know of trades that the archive does not",
            )
        return False
    fits = fit(there, found.entries(), found.archive)
    if fits is Fit.HERE:
        raise Refused(f"'{name}' arrived here in this archive before", hint=f"`freqtrain converge {name}`")
    if fits is Fit.OTHER:
        raise Refused(
            f"'{name}' is here already, with another history",
            hint="the archive may lack trades that were made here; import it on another device or with another --home",
        )
    if fits is Fit.BACK:
        narrator.say(f"'{name}' left from here and is taken back: make sure that the archive was imported nowhere else")
    return fits is Fit.BACK
