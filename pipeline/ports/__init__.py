"""What the flows need from the world: one Protocol a role, implemented in adapters/ and by the fakes in tests/.

The words that the roles speak in are imported for the type checker alone: a verb loads the parts of the domain that it works with, and no others.
"""

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
    "Releases",
    "Repository",
    "Runtime",
    "Signatures",
    "Tags",
    "WatchMemory",
]
