"""Candidates, bundles, manifests and evidence that fit together, for tests of everything that handles them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from pipeline.adapters.evidence_file import read_evidence
from pipeline.domain.bundle import LEFT_OUT, Bundle, bundle_of
from pipeline.domain.bundle_manifest import BundleManifest
from pipeline.domain.dataset import CandleFile, Manifest
from pipeline.domain.environment import DatasetReference, Environment, Mode
from pipeline.domain.evidence import Judgement
from pipeline.domain.evidence_record import EvidenceRecord, Present
from pipeline.domain.job import Account
from pipeline.domain.judge import judge
from pipeline.domain.strategy import Candidate, StrategySpec
from pipeline.domain.trading_facts import TradingFacts
from pipeline.domain.windows import Point, WindowSpec
from pipeline.render.evidence_json import evidence_document, to_text
from tests.render import samples

VERSIONS = {
    "freqtrade": "2026.9",
    "ccxt": "4.5.90",
    "numpy": "2.4.6",
    "pandas": "3.1.1",
    "pyarrow": "26.0.1",
    "TA-Lib": "0.8.2",
    "technical": "1.7.0",
    "python": "3.11.14",
    "judging code": "sha256:" + "c" * 64,
}
EXTRA = {"technical": "technical==1.7.0", "pandas_ta": "ft-pandas-ta==0.3.16", "talib": "TA-Lib==0.8.2"}
ENGINE = {
    "ccxt": "4.5.90",
    "freqtrade": "2026.9",
    "numpy": "2.4.6",
    "pandas": "3.1.1",
    "pyarrow": "26.0.1",
    "ta-lib": "0.8.2",
}
COMMIT = "0123456789abcdef0123456789abcdef01234567"
FILES = {
    "strategy.json": b'{"strategy_name": "SmaTrend", "params": {}}\n',
    "strategy.py": b"import talib\nfrom freqtrade.strategy import IStrategy\n\n\nclass SmaTrend(IStrategy):\n    timeframe = '1h'\n",
    "strategy.yml": b"class: SmaTrend\ntitle: Moving averages that cross\nowner: '@trader'\n",
    "test_strategy.py": b"def test_it(strategy):\n    assert strategy\n",
}
FACTS = TradingFacts(
    timeframe="1h",
    stoploss_ratio=-0.1,
    minimal_roi={0: 0.04, 60: 0.01},
    startup_candle_count=100,
    trailing_stop=True,
    trailing_stop_positive_ratio=0.02,
    trailing_stop_positive_offset_ratio=0.03,
    trailing_only_offset_is_reached=True,
    order_types={"entry": "limit", "exit": "limit", "stoploss": "market", "stoploss_on_exchange": True},
    order_time_in_force={"entry": "GTC", "exit": "GTC"},
    callbacks=("custom_exit",),
)


def candidate(id: str = "sma_trend", *, spec: Mapping[str, Any] | None = None, **files: bytes | None) -> Candidate:
    """A candidate; `files` (suffix as `_`: `strategy_py`) replace, add or, where None, remove files."""
    changed = {f"{name.rpartition('_')[0]}.{name.rpartition('_')[2]}": content for name, content in files.items()}
    content = {path: text for path, text in {**FILES, **changed}.items() if text is not None}
    about = StrategySpec(id, "SmaTrend", title="Moving averages that cross", owner="@trader")
    return Candidate(replace(about, **(spec or {})), dict(sorted(content.items())), f"strategies/{id}")


def bundle(id: str = "sma_trend", **files: bytes | None) -> Bundle:
    """The bundle of `candidate`."""
    return bundle_of(candidate(id, **files), ENGINE)


ENVIRONMENT = Environment(
    name="ci",
    mode=Mode.HISTORY,
    exchange="binance",
    dataset=DatasetReference("sha256:" + "d" * 64),
    account=Account("USDT", 1000.0, None, 3),
    windows=(WindowSpec("early", Point(share=0.0), Point(share=1.0)),),
    policy=samples.POLICY,
)


def dataset(*, simulated: bool = False) -> Manifest:
    """The manifest of the data set that the evidence speaks of."""
    at = datetime(2025, 1, 1, tzinfo=UTC)
    files = (CandleFile("BTC_USDT-1h.feather", "BTC/USDT", "1h", 1, at, at, "sha256:" + "1" * 64),)
    return Manifest("waves", "simulated" if simulated else "imported", "binance", "sha256:" + "2" * 64, files)


@cache
def _passing() -> Judgement:
    return samples.judgement("sma_trend", samples.TREND)[0]


def judgement(of: Candidate, *, simulated: bool = False, **changes: Any) -> Judgement:
    """A PASS for exactly this candidate; `changes` replace fields of its provenance."""
    passing, data = _passing(), dataset(simulated=simulated)
    told = replace(
        passing.evidence.provenance,
        **{
            "strategy": of.id,
            "content_digest": of.content_digest,
            "files": of.file_digests,
            "environment_digest": ENVIRONMENT.digest,
            "dataset": data.name,
            "dataset_digest": data.digest,
            "markets_digest": data.markets_sha256,
            "simulated": simulated,
            "isolation": "bubblewrap 0.8.0",
            "versions": VERSIONS,
            **changes,
        },
    )
    evidence = replace(passing.evidence, provenance=told)
    return replace(passing, evidence=evidence, verdict=judge(evidence.checks, evidence.measurements, passing.policy))


def evidence_text(of: Candidate, *, simulated: bool = False, **changes: Any) -> bytes:
    """evidence.json of that judgement."""
    return to_text(evidence_document(judgement(of, simulated=simulated, **changes))).encode()


def record(of: Candidate | None = None, *, simulated: bool = False, **changes: Any) -> EvidenceRecord:
    """The same, read back."""
    return read_evidence(evidence_text(of or candidate(), simulated=simulated, **changes))


def present(of: Candidate | None = None, **changes: Any) -> Present:
    """What the evidence of `record` is for."""
    return replace(Present(of or candidate(), ENVIRONMENT, dataset(), VERSIONS, ENGINE), **changes)


def evidence_of(of: Bundle, **changes: Any) -> EvidenceRecord:
    """Evidence for what a bundle was made of."""
    left_out = {path: FILES[path] for path in LEFT_OUT}
    return record(replace(candidate(of.strategy), files=dict(sorted({**of.files, **left_out}.items()))), **changes)


def manifest(of: Bundle | None = None, told: EvidenceRecord | None = None, **changes: Any) -> BundleManifest:
    """A manifest for a bundle and evidence, that of `evidence_of` where none is given."""
    of = of or bundle()
    told = told or evidence_of(of)
    fields: dict[str, Any] = {
        "bundle": of.digest,
        "strategy": of.strategy,
        "title": "Moving averages that cross",
        "owner": "@trader",
        "cut_at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "commit": COMMIT,
        "uncommitted": False,
        "content": told.provenance.content_digest,
        "evidence": told.digest,
        "verdict": "sha256:" + "5" * 64,
        "environment": "ci",
        "environment_digest": ENVIRONMENT.digest,
        "policy_digest": told.policy_digest,
        "incumbent": "",
        "dataset": "waves",
        "dataset_digest": told.provenance.dataset_digest,
        "markets_digest": told.provenance.markets_digest,
        "simulated": told.provenance.simulated,
        "isolation": told.provenance.isolation,
        "versions": VERSIONS,
        "facts": FACTS,
    }
    return BundleManifest(**{**fields, **changes})
