"""Cutting bundles, with fakes around the flow: what is built, what is refused, and what a crash in between leaves to do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.domain.canonical import plain
from pipeline.domain.evidence_record import EvidenceRecord
from pipeline.domain.job import FACTS as FACTS_TASK
from pipeline.domain.job import Failure, Job, Measured
from pipeline.domain.ledger import Break, Entry, Head, after, follow
from pipeline.domain.strategy import Candidate
from pipeline.domain.verdict import Outcome
from pipeline.errors import ConfigError, Problem, ToolFailed, UsageError
from pipeline.flows.cut import CutTools, cut
from pipeline.flows.cut_prepare import Checkout, CutGround, CutWish
from tests.bundle_samples import COMMIT, ENVIRONMENT, EXTRA, FACTS, VERSIONS, bundle, candidate, dataset, record
from tests.fake_bundles import FakeBundles
from tests.fakes import FakeBacktester, FakeClock, FakeNarrator


@dataclass
class FakeLedger:
    """A ledger in memory; `full` makes the next append fail."""

    kept: list[Entry] = field(default_factory=list)
    full: bool = False

    def append(self, kind: str, body: Mapping[str, object]) -> Entry:
        if self.full:
            raise ToolFailed("no room")
        head = Head()
        for entry in self.kept:
            head = after(head, entry)
        self.kept.append(follow(head, datetime(2026, 1, 1, tzinfo=UTC), kind, body))
        return self.kept[-1]

    def entries(self) -> tuple[Entry, ...]:
        return tuple(self.kept)

    def verify(self) -> tuple[Break, ...]:
        return ()


def answering(facts: object = FACTS) -> Callable[[Job], Measured]:
    return lambda job: Measured((), (), {}, "test", facts=facts)  # type: ignore[arg-type]


@dataclass
class Scene:
    """A repository with strategies, evidence about them, and everything that a cut works with."""

    scratch: Path
    candidates: dict[str, Candidate] = field(default_factory=lambda: {"sma_trend": candidate()})
    records: dict[str, EvidenceRecord] = field(default_factory=lambda: {"sma_trend": record()})
    ground: dict[str, Any] = field(default_factory=dict)
    checkout: dict[str, Any] = field(default_factory=dict)
    backtester: FakeBacktester = field(default_factory=lambda: FakeBacktester(answering()))
    bundles: FakeBundles = field(default_factory=FakeBundles)
    narrator: FakeNarrator = field(default_factory=FakeNarrator)
    clock: FakeClock = field(default_factory=FakeClock)
    ledger: FakeLedger | None = None
    runs: int = 0

    def load(self, id: str) -> Candidate:
        return self.candidates[id]

    def cut(self, *ids: str, **wish: Any) -> Any:
        self.runs += 1
        there = {"commit": COMMIT, "changed": (), "committed": self.candidates.get, **self.checkout}
        settings: dict[str, Any] = {
            "environment": ENVIRONMENT,
            "dataset": dataset(),
            "versions": VERSIONS,
            "extra": EXTRA,
            "live": (),
            "existing": tuple(self.candidates),
            "load": self.load,
            "checkout": Checkout(**there),
        }
        tools = CutTools(
            self.backtester,
            self.bundles,
            self.clock,
            self.narrator,
            self.scratch / str(self.runs),
            self.ledger,
        )
        places = {id: f"out/{id}/evidence.json" for id in self.records}
        return cut(CutWish(ids, **wish), self.records, places, CutGround(**{**settings, **self.ground}), tools)

    def problems(self, *ids: str, **wish: bool) -> list[str]:
        with pytest.raises(ConfigError) as refused:
            self.cut(*ids, **wish)
        assert "nothing was cut" in refused.value.hint
        assert self.bundles.digests() == ()
        return [str(problem) for problem in refused.value.problems]


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_a_passed_strategy_becomes_a_bundle_with_its_evidence(scene: Scene) -> None:
    (made,) = scene.cut().made
    stored = scene.bundles.get(bundle().digest)
    assert (made.bundle, made.new) == (bundle(), True)
    assert stored.manifests == (made.manifest,)
    told, evidence = made.manifest, scene.records["sma_trend"]
    assert (told.commit, told.uncommitted, told.simulated, told.against_live) == (COMMIT, False, False, ())
    assert (told.evidence, told.content) == (evidence.digest, candidate().content_digest)
    assert (told.policy_digest, told.environment_digest) == (ENVIRONMENT.policy.digest, ENVIRONMENT.digest)
    assert (told.dataset_digest, told.versions, told.facts) == (dataset().digest, dict(sorted(VERSIONS.items())), FACTS)
    assert told.cut_at == scene.clock.at
    assert scene.bundles.evidence(told) == evidence.document


def test_the_facts_are_read_where_only_the_bundle_is(scene: Scene) -> None:
    scene.cut()
    (job,) = scene.backtester.jobs
    assert (job.tasks, job.class_name, job.windows, job.pairs) == ((FACTS_TASK,), "SmaTrend", (), ())
    assert scene.backtester.files[""] == bundle().files
    assert list(Path(job.data_dir).iterdir()) == []


def test_cutting_again_changes_nothing(scene: Scene) -> None:
    scene.ledger = FakeLedger()
    (first,) = scene.cut().made
    scene.clock.at += timedelta(hours=1)
    (second,) = scene.cut().made
    assert (second.new, second.manifest) == (False, first.manifest)
    assert len(scene.bundles.get(bundle().digest).manifests) == 1
    assert len(scene.ledger.kept) == 1


def test_an_unchanged_strategy_keeps_its_bundle_and_gets_another_manifest(scene: Scene) -> None:
    (first,) = scene.cut().made
    scene.checkout["commit"] = "f" * 40
    scene.candidates["sma_trend"] = candidate(test_strategy_py=b"# a better test\n")
    scene.records["sma_trend"] = record(scene.candidates["sma_trend"])
    (second,) = scene.cut().made
    assert second.new
    assert second.bundle.digest == first.bundle.digest
    assert scene.bundles.get(bundle().digest).manifests == (first.manifest, second.manifest)


def test_the_ledger_is_told_what_was_cut(scene: Scene) -> None:
    scene.ledger = FakeLedger()
    (made,) = scene.cut().made
    (entry,) = scene.ledger.kept
    assert entry.kind == "cut"
    assert entry.body == plain(
        {
            "strategy": "sma_trend",
            "bundle": bundle().digest,
            "manifest": made.manifest.digest,
            "evidence": made.manifest.evidence,
            "commit": COMMIT,
            "uncommitted": False,
            "simulated": False,
        }
    )


def test_a_ledger_that_could_not_be_told_is_told_by_the_next_cut(scene: Scene) -> None:
    scene.ledger = FakeLedger(full=True)
    with pytest.raises(ToolFailed):
        scene.cut()
    scene.ledger.full = False
    (made,) = scene.cut().made
    assert not made.new
    assert [entry.body["manifest"] for entry in scene.ledger.kept] == [made.manifest.digest]


def add(scene: Scene, id: str, **changes: Any) -> None:
    scene.candidates[id] = candidate(id)
    scene.records[id] = replace(record(candidate(id)), **changes)


def test_all_that_passed_are_cut_and_the_others_named(scene: Scene) -> None:
    add(scene, "second")
    add(scene, "loser", outcome=Outcome.FAIL)
    cuts = scene.cut()
    assert [one.bundle.strategy for one in cuts.made] == ["sma_trend", "second"]
    assert cuts.left == (("loser", Outcome.FAIL),)


def test_only_what_is_named_is_cut(scene: Scene) -> None:
    add(scene, "second")
    assert [one.bundle.strategy for one in scene.cut("second", "second").made] == ["second"]


def test_a_strategy_that_is_named_and_did_not_pass_is_refused(scene: Scene) -> None:
    add(scene, "loser", outcome=Outcome.FAIL)
    (told,) = scene.problems("loser")
    assert told == "out/loser/evidence.json: It calls itself FAIL, and judged again it is PASS."


def test_evidence_about_a_strategy_that_is_gone_is_passed_over_unless_it_is_named(scene: Scene) -> None:
    add(scene, "gone")
    del scene.candidates["gone"]
    assert [one.bundle.strategy for one in scene.cut().made] == ["sma_trend"]
    assert "gone: there is evidence, but no such strategy any more; nothing to cut" in scene.narrator.lines
    with pytest.raises(UsageError, match="there is no strategy gone"):
        scene.cut("gone")


def test_nothing_is_cut_where_anything_speaks_against_one_and_all_of_it_is_told(scene: Scene) -> None:
    add(scene, "second")
    add(scene, "third")
    scene.candidates["sma_trend"] = candidate(strategy_py=b"x = 1\n")
    scene.ground["versions"] = {**VERSIONS, "ccxt": "5.0"}
    scene.checkout["changed"] = ("environments/ci.yml",)
    told = scene.problems()
    assert [line.split(":")[0] for line in told] == [f"out/{id}/evidence.json" for id in (
        "sma_trend", "sma_trend", "sma_trend", "second", "second", "third", "third"
    )]  # fmt: skip
    assert scene.backtester.jobs == []


def test_a_strategy_that_cannot_be_read_is_told_at_its_own_place(scene: Scene) -> None:
    def load(id: str) -> Candidate:
        raise ConfigError((Problem("strategies/sma_trend/strategy.yml", 1, 1, "class: must be a name"),))

    scene.ground["load"] = load
    assert scene.problems() == ["strategies/sma_trend/strategy.yml:1:1: class: must be a name"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(b"x = (", "strategy.py:1: this is not valid Python"), (b"x" * 600_000, "is larger than 512 KiB")],
)
def test_a_strategy_that_cannot_be_built_is_told(scene: Scene, content: bytes, complaint: str) -> None:
    scene.candidates["sma_trend"] = candidate(strategy_py=content)
    assert complaint in scene.problems()[0]


def test_files_that_are_in_no_commit_are_refused(scene: Scene) -> None:
    scene.checkout["committed"] = lambda id: candidate(strategy_json=None)
    assert "are not those of the commit 0123456789ab" in scene.problems()[0]
    scene.checkout["committed"] = lambda id: None
    assert "are not those of the commit 0123456789ab" in scene.problems()[0]
    scene.checkout = {"changed": ("pipeline/domain/judge.py", "pyproject.toml")}
    assert "pipeline/domain/judge.py is not as it is in the commit" in scene.problems()[0]
    scene.checkout = {"commit": ""}
    assert "is in no commit" in scene.problems()[0]


def test_uncommitted_files_may_be_cut_on_request_and_the_manifest_says_so(scene: Scene) -> None:
    scene.checkout["committed"] = lambda id: None
    (made,) = scene.cut(uncommitted_is_fine=True).made
    assert made.manifest.uncommitted
    assert made.manifest.against_live


def test_simulated_data_are_refused_where_an_environment_could_trade_real_money(scene: Scene) -> None:
    scene.records["sma_trend"] = record(simulated=True)
    scene.ground = {"dataset": dataset(simulated=True), "live": ("sandbox", "prod")}
    (told,) = scene.problems()
    assert "The data were simulated, and sandbox, prod could trade real money" in told
    (made,) = scene.cut(simulated_is_fine=True).made
    assert made.manifest.simulated
    assert made.manifest.against_live


def test_simulated_data_without_such_an_environment_are_labelled_all_the_same(scene: Scene) -> None:
    scene.records["sma_trend"] = record(simulated=True)
    scene.ground = {"dataset": dataset(simulated=True)}
    (made,) = scene.cut().made
    assert made.manifest.against_live


def test_to_call_simulated_data_fine_is_no_excuse_for_anything_else(scene: Scene) -> None:
    scene.records["sma_trend"] = record(simulated=True)
    (told,) = scene.problems(simulated_is_fine=True, uncommitted_is_fine=True)
    assert "measured on the data set waves" in told


@pytest.mark.parametrize("facts", [Failure("ImportError", "no module named nowhere", "strategy.py", 3), None])
def test_a_bundle_that_cannot_be_loaded_alone_is_not_kept(scene: Scene, facts: object) -> None:
    scene.backtester.answer = answering(facts)
    scene.ledger = FakeLedger()
    (told,) = scene.problems()
    assert told.startswith("out/sma_trend/evidence.json: The bundle cannot be loaded: ")
    assert scene.ledger.kept == []


def test_a_bundle_that_is_cut_for_an_image_keeps_its_name_and_its_new_manifest_names_the_image(scene: Scene) -> None:
    image = "sha256:" + "d" * 64
    (any_image,), (bound,) = scene.cut().made, scene.cut(image=image).made
    assert (any_image.manifest.image, bound.manifest.image) == ("", image)
    assert any_image.bundle.digest == bound.bundle.digest
    assert bound.new
