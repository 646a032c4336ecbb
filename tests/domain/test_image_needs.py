"""Which images are needed: those of bundles that run, are to run, or would be gone back to; and what else keeps one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pipeline.domain.image import Image
from pipeline.domain.image_needs import StockedImage, bundles_needed, may_board, needs
from pipeline.domain.train.movements import Purpose, TradePolicy
from pipeline.domain.train.state import (
    Block,
    Deployment,
    Drain,
    EnvironmentState,
    Progress,
    Standing,
    StrategyState,
)
from tests.adapters.bot_device import stored

AT = datetime(2026, 1, 1, tzinfo=UTC)
A, B, C, D = (f"sha256:{digit * 64}" for digit in "abcd")


def deployed(bundle: str, days: int, *, soaked: bool = True) -> Deployment:
    since = AT + timedelta(days=days)
    return Deployment(bundle, "a", since, "ann", "", "", Purpose.DEPLOY, soaked_at=since if soaked else None)


def state(**changed: object) -> EnvironmentState:
    known = replace(StrategyState("dip", 0), **changed)  # type: ignore[arg-type]
    return EnvironmentState("prod", {"dip": known})


def stocked(digest: str, days: int = 0, **changed: object) -> StockedImage:
    one = StockedImage(Image(digest, frozenset({digest})), ("freqtrain:x",), AT + timedelta(days=days), 10**6)
    return replace(one, **changed)  # type: ignore[arg-type]


def test_what_runs_and_what_a_roll_back_goes_to_is_needed_and_what_was_before_is_not() -> None:
    history = (deployed(C, 0), deployed(A, 1), deployed(B, 2, soaked=False))
    needed = bundles_needed([state(standing=Standing(B, "b"), deployments=history)])
    assert needed == {
        B: ("prod runs dip bbbbbbbbbbbb in it",),
        A: ("prod goes back to dip aaaaaaaaaaaa, which runs in it",),
    }


def test_where_the_last_known_good_is_blocked_the_one_before_it_is_needed() -> None:
    history = (deployed(C, 0), deployed(A, 1), deployed(B, 2))
    one = state(standing=Standing(B, "b"), deployments=history)
    blocked = replace(one, blocks={A: Block("dip", A, "ann", "it lost", AT)})
    assert set(bundles_needed([blocked])) == {B, C}


def test_what_is_on_its_way_and_what_it_replaces_is_needed() -> None:
    progress = Progress(Purpose.DEPLOY, Standing(B, "b"), Standing(A, "a"), (), "ann", AT)
    drain = Drain(A, C, AT, TradePolicy.CARRY, "ann")
    needed = bundles_needed([state(standing=Standing(A, "a"), progress=progress, drain=drain, promoted=D)])
    assert set(needed) == {A, B, C, D}


def test_what_several_environments_need_is_told_for_each() -> None:
    one = state(standing=Standing(A, "a"))
    needed = bundles_needed([one, replace(one, environment="test")])
    assert needed == {A: ("prod runs dip aaaaaaaaaaaa in it", "test runs dip aaaaaaaaaaaa in it")}


def test_the_newest_bundle_of_a_strategy_may_board_any_day() -> None:
    old, new = stored(), stored(files={"strategy.json": b"{}"})
    new = replace(new, manifests=(replace(new.newest, cut_at=AT + timedelta(days=1)),))
    assert set(may_board([new, old])) == set(may_board([old, new])) == {new.digest}


def test_an_image_that_nothing_needs_has_no_reasons() -> None:
    stock = (stocked(B, 2), stocked(A, 1), stocked(C))
    found = needs(stock, {A: ("prod runs it",)}, "")
    assert [need.reasons for need in found] == [("it is the newest",), ("prod runs it",), ()]
    assert found[1].by_bundles == ("prod runs it",)


def test_containers_other_homes_and_a_name_keep_an_image_too() -> None:
    first = stocked(A, containers=("one", "two"), kept_elsewhere=True)
    (need, _) = needs((first, stocked(B, 1)), {}, f"ghcr.io/o/n@{A}")
    assert need.by_bundles == ()
    assert need.reasons == (
        "the container one is made of it",
        "the container two is made of it",
        "another home of this device keeps it",
        "FREQTRAIN_IMAGE names it",
    )


def test_an_image_is_needed_under_any_of_its_digests() -> None:
    one = replace(stocked(A), image=Image(A, frozenset({A, D})))
    (need, _) = needs((one, stocked(B, 1)), {D: ("prod runs it",)}, "")
    assert need.reasons == ("prod runs it",)
