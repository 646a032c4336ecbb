"""A device of fakes with a repository: what boards, from which commits, and what was earned in the environment before."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from pipeline.domain.bundle import Bundle
from pipeline.domain.bundle_manifest import BundleManifest, StoredBundle
from pipeline.domain.canonical import Plain
from pipeline.domain.trading_facts import TradingFacts
from pipeline.domain.train.approval import Signature, Signed
from pipeline.domain.train.decisions import Observed
from pipeline.domain.train.facts import Fact, Recorded
from pipeline.domain.train.fold import fold
from pipeline.domain.train.movements import Deployed, Deploying, Purpose
from pipeline.domain.train.named import Files, Tag, Written, content_name
from pipeline.errors import Refused, UsageError
from pipeline.flows.promote_decide import Before, PromoteGround
from tests.flows.road_ground import Device

FIRST, SECOND, THIRD, ASTRAY = ("1" * 40, "2" * 40, "3" * 40, "f" * 40)
"""Three commits of main, the oldest first, and one that is not on it."""

DIP, TREND = "dip", "trend"
DIP_1, DIP_2, TREND_1 = ("sha256:" + digit * 64 for digit in "abc")


def contents(strategy: str, version: int) -> dict[str, bytes]:
    """A strategy's folder in one of its versions."""
    return {
        "strategy.py": f"{strategy} {version}".encode(),
        "strategy.yml": b"class: X\n",
        "test_strategy.py": b"",
    }


def stored(
    digest: str, strategy: str, version: int, *commits: str, simulated: bool = False, uncommitted: bool = False
) -> StoredBundle:
    """A bundle of that version, cut from these commits, one day after the other."""
    files = {"strategy.py": contents(strategy, version)["strategy.py"]}
    manifests = tuple(
        BundleManifest(
            digest, strategy, "", "", datetime(2026, 1, day, tzinfo=UTC), commit, uncommitted, "sha256:0", "sha256:1", "sha256:2",
            "ci", "sha256:3", "sha256:4", "", "real", "sha256:5", "sha256:6", simulated, "bubblewrap", {},
            TradingFacts("5m", -0.1, {0: 0.05}),
        )
        for day, commit in enumerate(commits, start=1)
    )  # fmt: skip
    return StoredBundle(Bundle(strategy, "X", "5m", (), {}, files), digest, manifests)


@dataclass
class FakeTags:
    """A repository: dip is changed by the second commit, trend comes with it and stays."""

    history: list[str] = field(default_factory=lambda: [FIRST, SECOND, THIRD])
    versions: dict[str, dict[str, int]] = field(
        default_factory=lambda: {
            FIRST: {DIP: 1},
            SECOND: {DIP: 2, TREND: 1},
            THIRD: {DIP: 2, TREND: 1},
            ASTRAY: {DIP: 2},
        }
    )
    tags: dict[str, Tag] = field(default_factory=dict)
    wrote: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    """(strategy, commit) -> who wrote it there."""
    files: dict[str, bytes] = field(default_factory=dict)

    def name(self, name: str, commit: str, message: str = "") -> None:
        self.tags[name] = Tag(name, commit, message)

    def tag(self, name: str) -> Tag:
        if name not in self.tags:
            raise UsageError(f"there is no tag {name!r}")
        return self.tags[name]

    def commit(self, ref: str) -> str:
        if ref not in self.versions:
            raise UsageError(f"{ref!r} names no commit")
        return ref

    def main(self) -> str:
        return self.history[-1]

    def is_ancestor(self, commit: str, of: str) -> bool:
        if commit == of:
            return True
        known = commit in self.history and of in self.history
        return known and self.history.index(commit) <= self.history.index(of)

    def strategies(self, commit: str) -> Mapping[str, Files]:
        return {
            strategy: {path: content_name(content, 40) for path, content in contents(strategy, version).items()}
            for strategy, version in self.versions[commit].items()
        }

    def written(self, strategy: str, commit: str, since: str = "") -> tuple[Written, ...]:
        span = [c for c in self.history if self.is_ancestor(c, commit) and not (since and self.is_ancestor(c, since))]
        wrote = [(c, sorted(self.wrote.get((strategy, c), ()))) for c in span]
        return tuple(Written(c, who[0], frozenset(who[1:])) for c, who in wrote if who)

    def read_main(self, path: str) -> bytes:
        if path not in self.files:
            raise Refused(f"main holds no file {path}")
        return self.files[path]


@dataclass
class KeptBundles:
    """A store of given bundles; `damaged` ones are refused."""

    kept: dict[str, StoredBundle]
    damaged: set[str] = field(default_factory=set)

    def get(self, digest: str) -> StoredBundle:
        if digest in self.damaged:
            raise Refused(f"{digest[:12]} is damaged")
        if digest not in self.kept:
            raise UsageError(f"there is no bundle {digest}")
        return self.kept[digest]

    def digests(self) -> tuple[str, ...]:
        return tuple(sorted(self.kept))

    def put(
        self, bundle: Bundle, manifest: BundleManifest, evidence: Mapping[str, Plain]
    ) -> tuple[BundleManifest, bool]:
        raise AssertionError("nothing is cut in a promotion")

    def evidence(self, manifest: BundleManifest) -> Mapping[str, Plain]:
        raise AssertionError("nobody reads evidence in a promotion")


@dataclass
class FakeSignatures:
    """Everything that is signed at all was signed by `signer`."""

    signer: str = "ada@example.org"
    signature: Signature = Signature.VALID
    meanwhile: Callable[[], None] = lambda: None
    asked: list[bytes] = field(default_factory=list)

    def verify(self, text: str, signature: str, allowed_signers: bytes, revoked: bytes = b"") -> Signed:
        self.asked.append(allowed_signers)
        self.meanwhile()
        return Signed(self.signature, self.signer) if signature else Signed(Signature.MISSING)


def no_file(path: Path) -> bytes:
    raise AssertionError(f"nobody reads {path}")


@dataclass
class Town:
    """The whole ground; `earned` is what the ledger of the environment before holds."""

    device: Device
    tags: FakeTags = field(default_factory=FakeTags)
    signatures: FakeSignatures = field(default_factory=FakeSignatures)
    earned: list[Fact] = field(default_factory=list)
    protected: Callable[[Path], bytes] = no_file
    bundles: KeptBundles = field(
        default_factory=lambda: KeptBundles(
            {
                DIP_1: stored(DIP_1, DIP, 1, FIRST),
                DIP_2: stored(DIP_2, DIP, 2, SECOND),
                TREND_1: stored(TREND_1, TREND, 1, SECOND),
            }
        )
    )

    def earn(self, strategy: str, bundle: str, hours: float = 100.0, trades: int = 50) -> None:
        """The bundle ran in the environment before, and showed that."""
        before = self.device.environment.after
        self.earned += [
            Deploying(before, strategy, Purpose.DEPLOY, bundle, "a", (), "ci"),
            Deployed(before, strategy, bundle, "a", "ci"),
            Observed(before, strategy, bundle, hours, trades),
        ]

    def ground(self) -> PromoteGround:
        at = datetime(2026, 1, 1, tzinfo=UTC)
        facts = (Recorded(line, at, fact) for line, fact in enumerate(self.earned, start=1))
        before = Before(fold(facts, self.device.environment.after))
        road = replace(self.device.road(), bundles=self.bundles)
        return PromoteGround(road, before, self.tags, self.signatures, self.protected)
