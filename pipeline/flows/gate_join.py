"""`freqtrain gate --join`: plan anew, take what the shards delivered, and say one verdict."""

from collections.abc import Mapping, Sequence

from pipeline.domain.dataset import Manifest
from pipeline.domain.engine_pins import normal
from pipeline.domain.environment import Environment
from pipeline.domain.evidence_record import JUDGING_CODE, Present
from pipeline.domain.joining import Delivered, Ended, Expected, Joined, join
from pipeline.flows.gate_select import Entrant

OF_THE_MACHINE = ("python", "machine", JUDGING_CODE)
"""What identifies the engine and is no distribution; the judge's own code is compared on its own."""


def gate_join(
    entrants: Sequence[Entrant],
    delivered: Sequence[Delivered],
    ended: Ended,
    environment: Environment,
    dataset: Manifest,
    versions: Mapping[str, str],
) -> Joined:
    """One verdict on a commit.

    Args:
        entrants: all that a gate of this commit judges, chosen anew.
        delivered: what the shards left.
        ended: how their jobs ended.
        environment: whose policy judges, as this commit has it.
        dataset: what it names.
        versions: the engine and the judge as they are installed here; the shards must have had the same.
    """
    pins = {normal(name): version for name, version in versions.items() if name not in OF_THE_MACHINE}
    expected = [
        Expected(
            Present(entrant.candidate, environment, dataset, versions, pins),
            entrant.incumbent.content_digest if entrant.incumbent else "",
            entrant.because,
        )
        for entrant in entrants
    ]
    return join(expected, delivered, ended, simulated=dataset.simulated)
