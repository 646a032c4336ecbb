"""The commands that mend, as a person types them."""

import shlex
from collections.abc import Iterable
from enum import StrEnum

NTP = "sudo timedatectl set-ntp true"


class Mend(StrEnum):
    """What `doctor --mend` does where no other verb does it; each sets aside what it takes away."""

    LEDGER_HEAD = "ledger-head"
    """Write the head file anew, where the lines hold together."""
    DATABASE = "database"
    """Set aside a database that is damaged or none of the strategy's, put the newest copy in its place, and hold entries."""
    OBSERVATIONS = "observations"
    """Set damaged observations aside."""
    LEFTOVERS = "leftovers"
    """Set aside what killed writers left, and remove what of it may hold secrets."""


def verb(name: str, environment: str, *words: str) -> str:
    """`freqtrain NAME ENVIRONMENT …`."""
    return shlex.join(["freqtrain", *name.split(), environment, *words])


def converge(environment: str, *words: str) -> str:
    return verb("converge", environment, *words)


def again(environment: str, bundle: str) -> str:
    """The bundle deployed once more, which writes its home anew and starts its bot anew."""
    return verb("deploy", environment, bundle.removeprefix("sha256:")[:12], "--again")


def release(environment: str, strategy: str) -> str:
    return f'{verb("stop", environment, strategy, "--release")} --reason "…"'


def hold(environment: str, strategy: str, *words: str) -> str:
    return f'{verb("stop", environment, strategy, *words)} --reason "…"'


def mend(environment: str, what: Mend) -> str:
    """Without changing anything yet: that says how to go on."""
    return verb("doctor", environment, "--mend", what.value, "--dry-run")


def fetch(commit: str) -> str:
    """Bundles of one commit, or where nobody knows of which, of main."""
    return f"freqtrain bundle fetch --commit {commit}" if commit else "freqtrain bundle fetch --missing"


def on_files(command: str, paths: Iterable[str]) -> str:
    return f"{command} {shlex.join(paths)}"
