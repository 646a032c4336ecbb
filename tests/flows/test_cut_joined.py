"""Cutting what passed of a gate that many machines made: whoever failed, died or cannot be built keeps nobody else."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.domain.bundle_manifest import Cuts
from pipeline.domain.job import Failure, Job, Measured
from pipeline.domain.joining import Delivered, Ended, Expected, Joined, join
from pipeline.domain.verdict import Outcome
from pipeline.errors import ConfigError
from pipeline.flows.cut import CutTools
from pipeline.flows.cut_joined import cut_joined
from pipeline.flows.cut_prepare import Checkout, CutGround, CutWish
from tests.bundle_samples import COMMIT, ENVIRONMENT, EXTRA, FACTS, VERSIONS, candidate, dataset, present, record
from tests.fake_bundles import FakeBundles
from tests.fakes import FakeBacktester, FakeClock, FakeNarrator

PLANNED = ("alpha", "beta", "gamma")


def arrived(*ids: str) -> list[Delivered]:
    return [Delivered(f"gate-1/{id}/evidence.json", id, record(candidate(id))) for id in ids]


def joined(*delivered: Delivered) -> Joined:
    return join([Expected(present(candidate(id))) for id in PLANNED], delivered, Ended(), simulated=False)


def cut(of: Joined, scratch: Path, *, unloadable: tuple[str, ...] = (), live: tuple[str, ...] = ()) -> Cuts:
    def facts(job: Job) -> Measured:
        broken = any(f"/{id}/" in job.strategy_dir for id in unloadable)
        return Measured(
            (), (), {}, "test", facts=Failure("ImportError", "no module named nowhere") if broken else FACTS
        )

    here = {id: candidate(id) for id in PLANNED}
    checkout = Checkout(COMMIT, (), here.get)
    ground = CutGround(ENVIRONMENT, dataset(), VERSIONS, EXTRA, live, PLANNED, here.__getitem__, checkout)
    tools = CutTools(FakeBacktester(facts), FakeBundles(), FakeClock(), FakeNarrator(), scratch)
    return cut_joined(CutWish(), of, {id: f"shards/{id}" for id in PLANNED}, ground, tools)


def made(cuts: Cuts) -> list[str]:
    return [one.manifest.strategy for one in cuts.made]


def test_a_machine_that_died_keeps_nobody_else(tmp_path: Path) -> None:
    cuts = cut(joined(*arrived("alpha", "gamma")), tmp_path)
    assert made(cuts) == ["alpha", "gamma"]
    assert cuts.left == (("beta", Outcome.ERROR),)


def test_a_strategy_that_failed_is_left_out_by_name(tmp_path: Path) -> None:
    passing = joined(*arrived(*PLANNED))
    failed = replace(passing.verdicts[1], outcome=Outcome.FAIL)
    cuts = cut(replace(passing, verdicts=(passing.verdicts[0], failed, passing.verdicts[2])), tmp_path)
    assert made(cuts) == ["alpha", "gamma"]
    assert cuts.left == (("beta", Outcome.FAIL),)


def test_what_arrived_twice_or_calls_itself_better_than_it_is_is_not_cut(tmp_path: Path) -> None:
    (alpha,) = arrived("alpha")
    assert alpha.record is not None
    twice = Delivered("gate-2/alpha/evidence.json", "alpha", alpha.record)
    (beta,) = arrived("beta")
    other = replace(beta, record=record(candidate("beta", strategy_py=b"x = 1\n")))
    cuts = cut(joined(alpha, twice, other, *arrived("gamma")), tmp_path)
    assert made(cuts) == ["gamma"]
    assert cuts.left == (("alpha", Outcome.ERROR), ("beta", Outcome.ERROR))


@pytest.mark.parametrize("nothing", [(), ("stray",)])
def test_nothing_to_cut_is_no_error(tmp_path: Path, nothing: tuple[str, ...]) -> None:
    cuts = cut(joined(*arrived(*nothing)), tmp_path)
    assert (cuts.made, cuts.refused) == ((), ())
    assert cuts.left == tuple((id, Outcome.ERROR) for id in PLANNED)


def test_a_bundle_that_cannot_be_loaded_alone_keeps_no_other(tmp_path: Path) -> None:
    cuts = cut(joined(*arrived(*PLANNED)), tmp_path, unloadable=("beta",))
    assert made(cuts) == ["alpha", "gamma"]
    (problem,) = cuts.refused
    assert str(problem) == "shards/beta: The bundle cannot be loaded: ImportError: no module named nowhere"


def test_where_something_speaks_against_all_that_passed_nothing_is_cut_and_that_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        cut(joined(*arrived("alpha", "beta")), tmp_path, unloadable=("alpha", "beta"))
    assert len(refused.value.problems) == 2
    assert "nothing was cut" in refused.value.hint
