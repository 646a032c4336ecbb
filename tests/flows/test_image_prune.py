"""Images that nothing needs are removed, and none where it cannot be said what is needed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.domain.bundle_manifest import StoredBundle
from pipeline.domain.image import Image
from pipeline.domain.image_needs import StockedImage
from pipeline.domain.train.movements import Purpose
from pipeline.domain.train.state import Deployment, EnvironmentState, Standing, StrategyState
from pipeline.errors import Refused, UsageError
from pipeline.flows.image_prune import ImageGround, look, prune
from pipeline.render import images as render
from tests.adapters.bot_device import stored

AT = datetime(2026, 1, 1, tzinfo=UTC)
FIRST, SECOND, THIRD, NEWEST = (f"sha256:{digit * 64}" for digit in "1234")


@dataclass
class FakeStock:
    """Four images, one a day; and what was done to them."""

    kept: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)

    def stock(self) -> tuple[StockedImage, ...]:
        made = ((digest, AT + timedelta(days=number)) for number, digest in enumerate((FIRST, SECOND, THIRD, NEWEST)))
        found = (StockedImage(Image(digest, frozenset({digest})), (), at, 764_000_000) for digest, at in made)
        return tuple(reversed(tuple(found)))

    def keep(self, image: Image) -> None:
        self.kept.append(image.reference)

    def remove(self, image: Image) -> None:
        self.removed.append(image.reference)


@dataclass
class FakeBundles:
    held: Mapping[str, StoredBundle]

    def get(self, digest: str) -> StoredBundle:
        if digest not in self.held:
            raise UsageError(f"there is no bundle {digest}")
        return self.held[digest]

    def digests(self) -> tuple[str, ...]:
        return tuple(self.held)


def cut(content: bytes, image: str, days: int) -> StoredBundle:
    one = stored(files={"strategy.json": content})
    return replace(one, manifests=(replace(one.newest, image=image, cut_at=AT + timedelta(days=days)),))


GOOD, BETWEEN, RUNS = cut(b"1", FIRST, 1), cut(b"2", SECOND, 2), cut(b"3", THIRD, 3)


def ground(*held: StoredBundle) -> tuple[ImageGround, FakeStock]:
    history = (
        Deployment(GOOD.digest, "a", AT, "ann", "", "", Purpose.DEPLOY, soaked_at=AT),
        Deployment(RUNS.digest, "b", AT + timedelta(days=3), "ann", "", "", Purpose.DEPLOY),
    )
    known = StrategyState("eager", 0, Standing(RUNS.digest, "b"), deployments=history)
    stock = FakeStock()
    bundles = FakeBundles({one.digest: one for one in held})
    return ImageGround([EnvironmentState("prod", {"eager": known})], bundles, stock), stock  # type: ignore[arg-type]


def test_the_image_of_a_known_good_bundle_stays_and_one_that_nothing_needs_goes() -> None:
    here, stock = ground(GOOD, BETWEEN, RUNS)
    (gone,) = prune(here)
    assert gone.stocked.image.reference == SECOND
    assert stock.removed == [SECOND]
    assert set(stock.kept) == {FIRST, THIRD}


def test_looking_removes_and_keeps_nothing() -> None:
    here, stock = ground(GOOD, BETWEEN, RUNS)
    found = look(here)
    assert (stock.removed, stock.kept) == ([], [])
    told = render.text(found)
    assert f"prod goes back to eager {GOOD.digest[7:19]}" in told
    assert "nothing needs it" in told
    assert render.document(found)["outcome"] == "DONE"
    assert "764 MB" in render.removed([found[2]], planned=True)
    assert render.removed([], planned=False) == "every image that is here is needed\n"
    assert render.text([]) == "no image of freqtrain is here\n"


def test_where_a_bundle_that_is_needed_is_gone_nothing_is_removed() -> None:
    here, stock = ground(BETWEEN, RUNS)
    with pytest.raises(Refused, match="which images are needed cannot be said: there is no bundle"):
        prune(here)
    assert stock.removed == []
