"""What a cut is held against, and everything that speaks against it: told at once, before anything is built."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.domain.bundle import Bundle, bundle_of
from pipeline.domain.dataset import Manifest
from pipeline.domain.engine_pins import engine_pins
from pipeline.domain.environment import Environment
from pipeline.domain.evidence_record import EvidenceRecord, Present, objections
from pipeline.domain.strategy import Candidate
from pipeline.errors import ConfigError, FreqtrainError, Problem


@dataclass(frozen=True, slots=True)
class CutWish:
    """What the caller asked for: `ids` to cut (empty: all that passed), and what he lets pass, which the manifests then say.

    `image` is the digest of the image that the bundles' bots are to run in; "" for any that holds their engine.
    With `each_alone`, what speaks against one strategy keeps no other one from being cut.
    """

    ids: tuple[str, ...] = ()
    simulated_is_fine: bool = False
    uncommitted_is_fine: bool = False
    image: str = ""
    each_alone: bool = False


@dataclass(frozen=True, slots=True)
class Checkout:
    """Where the files come from.

    `commit` is "" outside of a repository; `changed` are the paths of policy, pins and judge that differ from it; `committed` gives a strategy
    as it is in the commit, or None where it is not there.
    """

    commit: str
    changed: tuple[str, ...]
    committed: Callable[[str], Candidate | None]


@dataclass(frozen=True, slots=True)
class CutGround:
    """What is there now: the environment that judged and the data set that it names, what is installed, and the strategies.

    `extra` maps the modules that strategies may import to the lines that pin them; `live` names the environments beside this one in which
    real money may be at stake; `load` reads a strategy and raises FreqtrainError where there is none.
    """

    environment: Environment
    dataset: Manifest
    versions: Mapping[str, str]
    extra: Mapping[str, str]
    live: tuple[str, ...]
    existing: Sequence[str]
    load: Callable[[str], Candidate]
    checkout: Checkout


@dataclass(frozen=True, slots=True)
class Ready:
    """A bundle that may be cut, what it is made of, and whether something of it is in no commit."""

    record: EvidenceRecord
    bundle: Bundle
    candidate: Candidate
    uncommitted: bool


def prepare(
    id: str, record: EvidenceRecord, place: str, wish: CutWish, ground: CutGround
) -> tuple[Ready | None, tuple[Problem, ...]]:
    """A bundle that may be cut, or everything that speaks against it; `place` is what messages call the evidence."""
    try:
        candidate = ground.load(id)
        pins = engine_pins(candidate.files, ground.versions, ground.extra)
        bundle = bundle_of(candidate, pins)
    except ConfigError as error:
        return None, error.problems
    except (FreqtrainError, ValueError) as error:
        return None, (Problem(place, 0, 0, f"The strategy cannot be built: {error}"),)
    against = objections(record, Present(candidate, ground.environment, ground.dataset, ground.versions, pins))
    loose = _uncommitted(candidate, ground.checkout)
    if loose and not wish.uncommitted_is_fine:
        against += (
            f"{loose} Commit it, or say --uncommitted-is-fine: then no environment with real money takes the bundle.",
        )
    if record.provenance.simulated and ground.live and not wish.simulated_is_fine:
        against += (
            f"The data were simulated, and {', '.join(ground.live)} could trade real money: simulated data prove the train, not the strategy. "
            "Judge on real candles; for a rehearsal say --simulated-data-is-fine: then no environment with real money takes the bundle.",
        )
    return Ready(record, bundle, candidate, bool(loose)), tuple(Problem(place, 0, 0, words) for words in against)


def _uncommitted(candidate: Candidate, checkout: Checkout) -> str:
    """What is not in the commit, in a sentence; "" where all of it is."""
    if not checkout.commit:
        return "The strategy is in no commit."
    committed = checkout.committed(candidate.id)
    if committed is None or committed.content_digest != candidate.content_digest:
        return f"The strategy's files are not those of the commit {checkout.commit[:12]}."
    if checkout.changed:
        return f"{checkout.changed[0]} is not as it is in the commit {checkout.commit[:12]}, and it decides about every strategy."
    return ""
