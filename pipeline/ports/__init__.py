"""What the flows need from the world: one Protocol a role, implemented in adapters/ and by the fakes in tests/."""

from pipeline.ports.basics import Clock, Ledger, Narrator, Notifier
from pipeline.ports.boarding import Bundles, Signatures, Tags
from pipeline.ports.bots import Bot, Databases, Device, Doubts, Homes, Lease, Runtime, WatchMemory
from pipeline.ports.exchanges import Exchange, ExchangeAccount
from pipeline.ports.judging import (
    Backtester,
    Candles,
    DataSets,
    Downloads,
    EarlierJudge,
    Lineages,
    Linter,
    Releases,
    Repository,
)
from pipeline.ports.observations import Observations

__all__ = [
    "Backtester",
    "Bot",
    "Bundles",
    "Candles",
    "Clock",
    "DataSets",
    "Databases",
    "Device",
    "Doubts",
    "Downloads",
    "EarlierJudge",
    "Exchange",
    "ExchangeAccount",
    "Homes",
    "Lease",
    "Ledger",
    "Lineages",
    "Linter",
    "Narrator",
    "Notifier",
    "Observations",
    "Releases",
    "Repository",
    "Runtime",
    "Signatures",
    "Tags",
    "WatchMemory",
]
