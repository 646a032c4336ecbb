"""`freqtrain cut`: build a bundle of every strategy that passed, once, on evidence that is for exactly what is there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.domain.bundle import Bundle
from pipeline.domain.bundle_manifest import BundleManifest, Cut, Cuts
from pipeline.domain.canonical import Plain, plain
from pipeline.domain.environment import Environment
from pipeline.domain.evidence_record import EvidenceRecord, verdict_digest
from pipeline.domain.job import FACTS, Failure, Job
from pipeline.domain.trading_facts import TradingFacts
from pipeline.domain.verdict import Outcome
from pipeline.errors import ConfigError, Problem, UsageError
from pipeline.flows.cut_prepare import CutGround, CutWish, Ready, prepare
from pipeline.ports import Backtester, Bundles, Clock, Ledger, Narrator

CUT = "cut"
"""The kind of the ledger's entry."""


@dataclass(frozen=True, slots=True)
class CutTools:
    """What a cut works with; `scratch` is an empty folder that goes afterwards, `ledger` is None where none is kept."""

    backtester: Backtester
    bundles: Bundles
    clock: Clock
    narrator: Narrator
    scratch: Path
    ledger: Ledger | None = None


def cut(
    wish: CutWish, records: Mapping[str, EvidenceRecord], places: Mapping[str, str], ground: CutGround, tools: CutTools
) -> Cuts:
    """Cut bundles; all of them or, where anything speaks against one, none. With `each_alone`, none only where something speaks against every one.

    Args:
        wish: what the caller asked for.
        records: evidence by strategy.
        places: how messages call each document.
        ground: what the evidence is held against.
        tools: what to work with.

    Raises:
        UsageError: an id has no strategy.
        ConfigError: everything that speaks against any of them.
        ToolFailed: the engine or the disk; bundles that were stored before stay.
    """
    chosen, left = _choose(wish, records, ground, tools.narrator)
    ready: list[Ready] = []
    problems: list[Problem] = []
    for id in chosen:
        one, against = prepare(id, records[id], places[id], wish, ground)
        problems += against
        ready += [one] if one is not None and not against else []
    if problems and not (wish.each_alone and ready):
        hint = f"nothing was cut; judge again what is there now: freqtrain gate {' '.join(wish.ids)}".rstrip()
        raise ConfigError(tuple(problems), hint=hint)
    loaded, unloadable = _facts(ready, places, ground, tools)
    if unloadable and not (wish.each_alone and loaded):
        hint = "nothing was cut; does the strategy need a file that is not its own?"
        raise ConfigError((*problems, *unloadable), hint=hint)
    manifests = [(one, _manifest(one, facts, ground, tools, wish.image)) for one, facts in loaded]
    known = [entry.body for entry in tools.ledger.entries() if entry.kind == CUT] if tools.ledger is not None else []
    made = tuple(_store(one, manifest, known, tools) for one, manifest in manifests)
    return Cuts(made, left, (*problems, *unloadable))


def _choose(
    wish: CutWish, records: Mapping[str, EvidenceRecord], ground: CutGround, narrator: Narrator
) -> tuple[tuple[str, ...], tuple[tuple[str, Outcome], ...]]:
    """The ids to cut, and those that were not asked for by name and did not pass."""
    gone = [id for id in records if id not in ground.existing]
    if wish.ids:
        if gone:
            known = f"known are: {', '.join(ground.existing)}" if ground.existing else ""
            raise UsageError(f"there is no strategy {', '.join(gone)}", hint=known)
        return tuple(dict.fromkeys(wish.ids)), ()
    for id in gone:
        narrator.say(f"{id}: there is evidence, but no such strategy any more; nothing to cut")
    here = [(id, record.outcome) for id, record in records.items() if id not in gone]
    return tuple(id for id, outcome in here if outcome is Outcome.PASS), tuple(
        (id, outcome) for id, outcome in here if outcome is not Outcome.PASS
    )


def _facts(
    ready: Sequence[Ready], places: Mapping[str, str], ground: CutGround, tools: CutTools
) -> tuple[list[tuple[Ready, TradingFacts]], list[Problem]]:
    """Every strategy's trading facts, read where only the bundle's own files are; and what cannot be loaded there."""
    found: list[tuple[Ready, TradingFacts]] = []
    problems = []
    for one in ready:
        tools.narrator.say(f"{one.bundle.strategy}: reading what it does to an open trade")
        facts = tools.backtester.measure(_job(one.bundle, ground.environment, tools.scratch)).facts
        if isinstance(facts, TradingFacts):
            found.append((one, facts))
        else:
            why = f"{facts.kind}: {facts.message}" if isinstance(facts, Failure) else "nothing was answered"
            problems.append(Problem(places[one.bundle.strategy], 0, 0, f"The bundle cannot be loaded: {why}"))
    return found, problems


def _job(bundle: Bundle, environment: Environment, scratch: Path) -> Job:
    """Lay out the bundle's files, and an empty data set beside them."""
    home = scratch / bundle.strategy
    for path, content in bundle.files.items():
        (home / "strategy" / path).parent.mkdir(parents=True, exist_ok=True)
        (home / "strategy" / path).write_bytes(content)
    (home / "data").mkdir()
    (home / "markets.json").write_text("{}", encoding="utf-8")
    return Job(
        strategy_dir=str((home / "strategy").resolve()),
        class_name=bundle.class_name,
        exchange=environment.exchange,
        data_dir=str((home / "data").resolve()),
        markets=str((home / "markets.json").resolve()),
        pairs=(),
        timeframe=bundle.timeframe,
        windows=(),
        account=environment.account,
        tasks=(FACTS,),
        limits=environment.limits,
    )


def _manifest(one: Ready, facts: TradingFacts, ground: CutGround, tools: CutTools, image: str) -> BundleManifest:
    told, record = one.record.provenance, one.record
    return BundleManifest(
        bundle=one.bundle.digest,
        strategy=one.bundle.strategy,
        title=one.candidate.spec.title,
        owner=one.candidate.spec.owner,
        cut_at=tools.clock.now().replace(microsecond=0),
        commit=ground.checkout.commit,
        uncommitted=one.uncommitted,
        content=told.content_digest,
        evidence=record.digest,
        verdict=verdict_digest(record.findings),
        environment=ground.environment.name,
        environment_digest=told.environment_digest,
        policy_digest=record.policy_digest,
        incumbent=record.incumbent,
        dataset=told.dataset,
        dataset_digest=told.dataset_digest,
        markets_digest=told.markets_digest,
        simulated=told.simulated,
        isolation=told.isolation,
        versions=dict(sorted(told.versions.items())),
        facts=facts,
        image=image,
    )


def _store(one: Ready, manifest: BundleManifest, known: Sequence[Plain], tools: CutTools) -> Cut:
    """Keep the bundle, then tell the ledger, unless it knows: a cut that died in between is completed by the next."""
    kept, new = tools.bundles.put(one.bundle, manifest, one.record.document)
    body = {
        "strategy": kept.strategy,
        "bundle": kept.bundle,
        "manifest": kept.digest,
        "evidence": kept.evidence,
        "commit": kept.commit,
        "uncommitted": kept.uncommitted,
        "simulated": kept.simulated,
    }
    if tools.ledger is not None and plain(body) not in known:
        tools.ledger.append(CUT, body)
    return Cut(one.bundle, kept, new)
