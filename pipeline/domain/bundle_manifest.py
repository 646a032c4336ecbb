"""What is attached to a bundle and is no part of its name: why it was cut, from where, on which evidence, and what it does to a trade."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline.domain.bundle import LEFT_OUT, Bundle
from pipeline.domain.canonical import Plain, digest, digest_bytes, plain
from pipeline.domain.engine_pins import differing
from pipeline.domain.trading_facts import TradingFacts
from pipeline.domain.verdict import Outcome
from pipeline.errors import Problem

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class BundleManifest:
    """One time that a bundle was cut. An unchanged strategy with new evidence gets another manifest, and keeps its bundle.

    Args:
        bundle: the digest of the bundle that it speaks of.
        cut_at: aware UTC.
        commit: the commit that holds these files; "" where there is none.
        uncommitted: whether something that counts was not in that commit; a label, `simulated` is one too.
        evidence: the digest of the evidence document, which the store keeps too.
        verdict: the digest of all findings; the outcome was PASS, otherwise there were no bundle.
        environment: name of the environment whose policy judged, with its digest and that of the policy as it was applied.
        incumbent: the content digest of what the candidate was compared with; "" where it was compared with none.
        simulated: whether the data were: such evidence proves the train, not the strategy.
        versions: everything that is known of the engine and the judge by name, interpreter and machine included.
        facts: what the strategy does to an open trade.
        image: the digest of the image that its bots run in where they run in containers; "" where any that holds its engine will do.
    """

    bundle: str
    strategy: str
    title: str
    owner: str
    cut_at: datetime
    commit: str
    uncommitted: bool
    content: str
    evidence: str
    verdict: str
    environment: str
    environment_digest: str
    policy_digest: str
    incumbent: str
    dataset: str
    dataset_digest: str
    markets_digest: str
    simulated: bool
    isolation: str
    versions: dict[str, str]
    facts: TradingFacts
    image: str = ""
    schema: int = SCHEMA

    @property
    def written(self) -> dict[str, Plain]:
        """What is written down of it. An image that it does not name is not mentioned, so that older manifests keep their names."""
        fields = plain(self)
        assert isinstance(fields, dict)
        return {name: value for name, value in fields.items() if name != "image" or value}

    @property
    def digest(self) -> str:
        """Names this manifest."""
        return digest(self.written)

    @property
    def against_live(self) -> tuple[str, ...]:
        """Why no bundle may trade real money on this manifest, a sentence each; none where it may."""
        reasons = []
        if self.simulated:
            reasons.append("It was judged on simulated data, which prove the train and not the strategy.")
        if self.uncommitted or not self.commit:
            reasons.append("It was cut from files that are in no commit.")
        return tuple(reasons)

    def says_the_same(self, other: "BundleManifest") -> bool:
        """Whether the two differ in nothing but when they were made."""
        return replace(self, cut_at=other.cut_at) == other


@dataclass(frozen=True, slots=True)
class StoredBundle:
    """A bundle with all its manifests, the newest last; there is at least one."""

    bundle: Bundle
    digest: str
    manifests: tuple[BundleManifest, ...]

    @property
    def newest(self) -> BundleManifest:
        return self.manifests[-1]

    @property
    def for_live(self) -> BundleManifest | None:
        """The newest manifest on which the bundle may trade real money, or None; a rehearsal with a real bundle takes nothing from it."""
        return newest_for_live(self.manifests)

    def images(self, *, live: bool) -> tuple[str, ...]:
        """The digests of the images that it was cut for, the newest first; none where any will do that holds its engine.

        The newest manifest decides whether one is named; with real money (`live`) only manifests count on which it may trade that.
        """
        counted = [one for one in self.manifests if not (live and one.against_live)] or [self.newest]
        named = [one.image for one in reversed(counted) if one.image]
        return tuple(dict.fromkeys(named)) if counted[-1].image else ()


@dataclass(frozen=True, slots=True)
class Cut:
    """One bundle and its manifest; `new` is False where both were there already."""

    bundle: Bundle
    manifest: BundleManifest
    new: bool


@dataclass(frozen=True, slots=True)
class Cuts:
    """What was cut, and whose evidence is no PASS (id and outcome): nothing was cut of those, and nobody had asked for them.

    `refused` speaks against strategies that passed and could not be cut beside those that were.
    """

    made: tuple[Cut, ...]
    left: tuple[tuple[str, Outcome], ...]
    refused: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Verified:
    """One bundle and what is wrong with it: nothing, where `stored` is there and `problems` is empty."""

    digest: str
    stored: StoredBundle | None
    problems: tuple[str, ...]


def contradictions(bundle: Bundle, manifest: BundleManifest, evidence: Mapping[str, Plain]) -> tuple[str, ...]:
    """In which points a bundle, its manifest and the evidence do not speak of the same thing; none where they do.

    Whoever could write them all could make them fit; a mix-up and an edited manifest show.
    """
    told = evidence.get("provenance")
    if not isinstance(told, dict):
        return ("the evidence does not say what it was made of",)
    claims: dict[str, Plain] = {
        "strategy": manifest.strategy,
        "class_name": bundle.class_name,
        "content_digest": manifest.content,
        "policy_digest": manifest.policy_digest,
        "environment_digest": manifest.environment_digest,
        "dataset_digest": manifest.dataset_digest,
        "markets_digest": manifest.markets_digest,
        "simulated": manifest.simulated,
        "isolation": manifest.isolation,
        "versions": dict(manifest.versions),
    }
    apart = [
        f"the manifest's {name} is not the evidence's" for name, claim in claims.items() if told.get(name) != claim
    ]
    if (manifest.bundle, manifest.strategy) != (bundle.digest, bundle.strategy):
        apart.append(f"the manifest speaks of {manifest.strategy} ({manifest.bundle})")
    apart += [f"the evidence was made with another {name}" for name in differing(bundle.engine, manifest.versions)]
    if evidence.get("outcome") != Outcome.PASS.name:
        apart.append("the evidence is no PASS")
    measured = told.get("files")
    if not isinstance(measured, dict) or {p: d for p, d in measured.items() if p not in LEFT_OUT} != {
        path: digest_bytes(content) for path, content in bundle.files.items()
    }:
        apart.append("the evidence is for other files")
    return tuple(apart)


def newest_for_live(manifests: Sequence[BundleManifest]) -> BundleManifest | None:
    """The last manifest that nothing speaks against."""
    return next((manifest for manifest in reversed(manifests) if not manifest.against_live), None)
