"""Facts that were decided or found, by a person, a brake or the judge: each is one kind of ledger entry."""

import math
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Cut:
    """A bundle was built from a commit."""

    strategy: str
    bundle: str
    commit: str
    by: str = ""
    evidence: str = ""
    manifest: str = ""
    uncommitted: bool = False
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Promoted:
    """The environment should run this bundle. `overridden` is the reason for which a person boarded it though it lacked something."""

    environment: str
    strategy: str
    bundle: str
    by: str
    reason: str
    evidence: str = ""
    source: str = ""
    """The tag or commit that named it."""
    overridden: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A run on GitHub asks for a yes to these bundles: whoever lets it into the environment before `expires_at` says it."""

    environment: str
    run: int
    bundles: tuple[str, ...]
    policy: str
    source: str
    by: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Approved:
    """A person said yes to these bundles; `text` is the digest of the text that says to what, which is the signed one where it was signed."""

    environment: str
    bundles: tuple[str, ...]
    policy: str
    signer: str
    expires_at: datetime
    text: str
    run: int = 0
    """The run that was let in on GitHub; then `signer` is a login there, such as `@ada`. 0: it was signed."""


@dataclass(frozen=True, slots=True)
class EntriesStopped:
    """A person wants no new positions, and with `exits` none at all; only `released` ends it."""

    environment: str
    strategy: str
    by: str
    reason: str = ""
    exits: bool = False


@dataclass(frozen=True, slots=True)
class Released:
    """A person allows entries again after a stop, a brake or a doubt."""

    environment: str
    strategy: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Braked:
    """A hard limit was passed: this bundle enters nothing until a person releases it or another bundle is deployed."""

    environment: str
    strategy: str
    bundle: str
    brake: str
    reason: str


@dataclass(frozen=True, slots=True)
class Blocked:
    """The bundle may not board, and enters nothing where it runs, until a person lifts the block."""

    environment: str
    strategy: str
    bundle: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class BlockLifted:
    """A person lifted the block."""

    environment: str
    bundle: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class RolledBack:
    """The last known good bundle came back; `to` is empty where there was none: then entries stay stopped and exits are managed."""

    environment: str
    strategy: str
    bundle: str
    by: str
    reason: str
    to: str = ""


@dataclass(frozen=True, slots=True)
class Retired:
    """The strategy was deleted: it enters nothing more, manages its trades to their end and stops; `at_once`, it stops without waiting."""

    environment: str
    strategy: str
    bundle: str
    reason: str
    at_once: bool = False
    by: str = ""


@dataclass(frozen=True, slots=True)
class Soaked:
    """The bundle was healthy for as long as its environment demands: from now on it is a known good one."""

    environment: str
    strategy: str
    bundle: str
    healthy_hours: float
    closed_trades: int
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Observed:
    """What the bundle has shown in this environment up to now, all its deployments taken together."""

    environment: str
    strategy: str
    bundle: str
    healthy_hours: float
    closed_trades: int
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class DecisionMade:
    """What was decided about a bundle by what it had shown, as the watch does once a day: `decision` is one of `domain.train.decide.Decision`.

    It changes nothing by itself: what follows from it is recorded as what it is.
    """

    environment: str
    strategy: str
    bundle: str
    decision: str
    reasons: tuple[str, ...]
    power: str = ""


@dataclass(frozen=True, slots=True)
class ParityMeasured:
    """A backtest of the bundle on the candles of its time here made `alike` of `compared` trades as its bot did; `dataset` names the candles.

    `mismatches` are classes with how many there were of each, such as "missed_entry: 2".
    """

    environment: str
    strategy: str
    bundle: str
    since_at: datetime
    until_at: datetime
    dataset: str
    alike: int
    compared: int
    mismatches: tuple[str, ...] = ()
    by: str = ""

    @property
    def ratio(self) -> float:
        """The share of trades that both made alike, 0..1; NaN where nothing was compared."""
        return self.alike / self.compared if self.compared else math.nan


@dataclass(frozen=True, slots=True)
class Moving:
    """The environment leaves this device: from now on nothing of it is started here. An archive of it holds this as its last entry."""

    environment: str
    by: str


@dataclass(frozen=True, slots=True)
class Moved:
    """The environment left in the archive of this digest, and goes on wherever that is imported."""

    environment: str
    by: str
    archive: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """The environment goes on here, out of the archive of this digest; empty where it never left, because it could not be packed."""

    environment: str
    by: str
    archive: str = ""


@dataclass(frozen=True, slots=True)
class Doubted:
    """Something does not add up, such as a fill that no database explains: nothing is entered until a person has looked."""

    environment: str
    strategy: str
    reason: str


@dataclass(frozen=True, slots=True)
class Mended:
    """A person had something on the device's disk mended: `what` as `doctor --mend` calls it, and what was done. It changes no decision."""

    environment: str
    what: str
    by: str
    done: str
