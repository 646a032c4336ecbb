"""A device with environments and bundles as the train has them, for the homes and databases of its bots."""

import resource
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from pipeline.config.trading import parse_trading_environment
from pipeline.domain.bundle import Bundle
from pipeline.domain.bundle_manifest import BundleManifest, StoredBundle
from pipeline.domain.engine_pins import ENGINE, normal
from pipeline.domain.trading import Secret, Secrets, TradingEnvironment
from pipeline.domain.trading_facts import TradingFacts
from tests.bot_ground import EAGER
from tests.needs import ROOT

FIRST_PORT = 18_080
SECRETS = Secrets(access_key=Secret("key-of-prod"), access_secret=Secret("secret-of-prod"))
TELEGRAM = Secrets(telegram_token=Secret("1:token"), telegram_chat_id=Secret("-100"))


def environment(name: str = "test", **changed: Any) -> TradingEnvironment:
    """An environment of this repository, as its file has it but for what is changed."""
    text = (ROOT / "environments" / f"{name}.yml").read_text(encoding="utf-8")
    return replace(parse_trading_environment(text, f"{name}.yml", name, {}).environment, **changed)


def stored(
    *,
    files: Mapping[str, bytes] | None = None,
    engine: Mapping[str, str] | None = None,
    pairs: tuple[str, ...] = (),
    order_types: Mapping[str, str | bool] | None = None,
    **manifest: Any,
) -> StoredBundle:
    """A bundle of the strategy `eager`, cut for this engine from a commit and real data, as far as nothing else is asked for."""
    pins = {normal(part): version(part) for part in ENGINE} | dict(engine or {})
    bundle = Bundle("eager", "Eager", "1m", pairs, pins, {"strategy.py": EAGER.encode(), **(files or {})})
    facts = TradingFacts("1m", -0.5, {0: 10.0}, 1, order_types=dict(order_types or {}))
    told = dict.fromkeys(_TEXTS, "") | {"commit": "c" * 40, **manifest}
    flags = {"uncommitted": False, "simulated": False, **{key: told.pop(key) for key in _FLAGS & told.keys()}}
    made = BundleManifest(
        **told,  # type: ignore[arg-type]
        **flags,
        bundle=bundle.digest,
        strategy=bundle.strategy,
        cut_at=datetime(2026, 1, 1, tzinfo=UTC),
        versions=pins,
        facts=facts,
    )
    return StoredBundle(bundle, bundle.digest, (made,))


@contextmanager
def full_disk(most_bytes: int) -> Iterator[None]:
    """No file can grow beyond that, as on a disk without room: the write that goes further fails in its middle."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


_FLAGS = {"uncommitted", "simulated"}
_TEXTS = (
    *("title", "owner", "commit", "content", "evidence", "verdict", "environment", "environment_digest"),
    *("policy_digest", "incumbent", "dataset", "dataset_digest", "markets_digest", "isolation"),
)
