"""Which of a device's images are still needed, and by what: images that nothing needs may go, and no other."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.domain.bundle_manifest import StoredBundle
from pipeline.domain.image import Image
from pipeline.domain.train.state import EnvironmentState
from pipeline.domain.train.steps import short


@dataclass(frozen=True, slots=True)
class StockedImage:
    """One of freqtrain's images on a device.

    `names` are those that people gave it, `containers` all that are made of it, running or not, whoever made them. `kept_elsewhere` says that
    another home of this device keeps it.
    """

    image: Image
    names: tuple[str, ...]
    made_at: datetime
    """Aware UTC."""
    size_bytes: int
    containers: tuple[str, ...] = ()
    kept_elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """An image and what it is needed for, in sentences. `by_bundles` are those of bundles: for their sake this home keeps it."""

    stocked: StockedImage
    by_bundles: tuple[str, ...]
    besides: tuple[str, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """All of them; nothing needs it where there are none."""
        return (*self.by_bundles, *self.besides)


def bundles_needed(states: Iterable[EnvironmentState]) -> Mapping[str, tuple[str, ...]]:
    """The bundles that environments run, are about to, or go back to, by digest, each with sentences that say so."""
    found: dict[str, list[str]] = {}
    for state in states:
        for bundle, told in _of(state):
            if bundle and told not in found.setdefault(bundle, []):
                found[bundle].append(told)
    return {bundle: tuple(told) for bundle, told in found.items()}


def _of(state: EnvironmentState) -> Iterator[tuple[str, str]]:
    where = state.environment
    for strategy, known in state.strategies.items():
        standing = known.standing.bundle if known.standing else ""
        good = state.known_good(strategy, besides=standing)
        yield standing, f"{where} runs {strategy} {short(standing)} in it"
        yield good, f"{where} goes back to {strategy} {short(good)}, which runs in it"
        for one in (known.progress.target, known.progress.old) if known.progress else ():
            if one is not None:
                yield one.bundle, f"a deployment in {where} that was not ended is about {strategy} {short(one.bundle)}"
        for bundle in (known.promoted, known.drain.successor if known.drain else ""):
            yield bundle, f"{where} is to run {strategy} {short(bundle)} in it"


def may_board(stored: Iterable[StoredBundle]) -> Mapping[str, tuple[str, ...]]:
    """The newest bundle of each strategy that a device keeps: it may board any day."""
    newest: dict[str, StoredBundle] = {}
    for one in stored:
        known = newest.get(one.bundle.strategy)
        if known is None or one.newest.cut_at >= known.newest.cut_at:
            newest[one.bundle.strategy] = one
    return {
        one.digest: (f"{strategy} {short(one.digest)} was cut for it, and is the newest here",)
        for strategy, one in newest.items()
    }


def needs(stock: Sequence[StockedImage], wanted: Mapping[str, Sequence[str]], named: str) -> tuple[Need, ...]:
    """What each image is needed for, in the order of the stock.

    Args:
        wanted: sentences by the digest of the image that a bundle was cut for.
        named: what FREQTRAIN_IMAGE names, or "".
    """
    newest = max((one.made_at for one in stock), default=None)
    found = []
    for one in stock:
        bundles = [told for digest, sentences in wanted.items() if digest in one.image.digests for told in sentences]
        besides = [f"the container {name} is made of it" for name in one.containers]
        besides += ["another home of this device keeps it"] if one.kept_elsewhere else []
        besides += ["FREQTRAIN_IMAGE names it"] if named and named.rpartition("@")[2] in one.image.digests else []
        besides += ["it is the newest"] if one.made_at == newest else []
        found.append(Need(one, tuple(dict.fromkeys(bundles)), tuple(besides)))
    return tuple(found)
