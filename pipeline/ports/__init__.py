"""What the flows need from the world: one Protocol a role, implemented in adapters/ and by the fakes in tests/.

The words that the roles speak in are imported for the type checker alone: a verb loads the parts of the domain that it works with, and no others.
"""

from pipeline.ports.basics import Clock, Ledger, Narrator, Notifier
from pipeline.ports.boarding import Bundles, Signatures, Tags
from pipeline.ports.bots import Bot, Databases, Device, Homes, Runtime
from pipeline.ports.exchanges import Exchange, ExchangeAccount
from pipeline.ports.github import (
    Comments,
    CommitStatuses,
    DeploymentPages,
    Issues,
    People,
    PullRequests,
    ReleasePages,
    Runners,
    TagPages,
    WorkflowRuns,
)
from pipeline.ports.images import Images, ImageStock
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
from pipeline.ports.moving import Arrival, Arrivals, Packing
from pipeline.ports.notices import Notices
from pipeline.ports.observations import Observations, PastObservations
from pipeline.ports.repositories import RepositorySettings
from pipeline.ports.secrets import KeptSecrets
from pipeline.ports.updating import Checkout
from pipeline.ports.watching import (
    AskedComparison,
    AskedDecision,
    Comparer,
    Decider,
    Doubts,
    Lease,
    OrderErrors,
    Watches,
    WatchHome,
    WatchMemory,
)

__all__ = [
    "Arrival",
    "Arrivals",
    "AskedComparison",
    "AskedDecision",
    "Backtester",
    "Bot",
    "Bundles",
    "Candles",
    "Checkout",
    "Clock",
    "Comments",
    "CommitStatuses",
    "Comparer",
    "DataSets",
    "Databases",
    "Decider",
    "DeploymentPages",
    "Device",
    "Doubts",
    "Downloads",
    "EarlierJudge",
    "Exchange",
    "ExchangeAccount",
    "Homes",
    "ImageStock",
    "Images",
    "Issues",
    "KeptSecrets",
    "Lease",
    "Ledger",
    "Lineages",
    "Linter",
    "Narrator",
    "Notices",
    "Notifier",
    "Observations",
    "OrderErrors",
    "Packing",
    "PastObservations",
    "People",
    "PullRequests",
    "ReleasePages",
    "Releases",
    "Repository",
    "RepositorySettings",
    "Runners",
    "Runtime",
    "Signatures",
    "TagPages",
    "Tags",
    "WatchHome",
    "WatchMemory",
    "Watches",
    "WorkflowRuns",
]
