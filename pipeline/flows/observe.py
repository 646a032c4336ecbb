"""What is known of a bundle in one environment: the ledger, the observations of its watch, its bot's own words, and its evidence."""

from dataclasses import dataclass

from pipeline.domain.bot import BotState
from pipeline.domain.bot_report import OpenTrade
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.train.boarding import Shown
from pipeline.domain.train.decide import Observation, shown_of
from pipeline.domain.train.edge import Promise
from pipeline.domain.train.observed import Words, in_ledger, observed
from pipeline.domain.train.promised import promise_in
from pipeline.errors import FreqtrainError, ToolFailed
from pipeline.flows.road import Road
from pipeline.ports import PastObservations


def shown(strategy: str, bundle: str, road: Road, past: PastObservations | None) -> Shown | None:
    """What a bundle brings along from that environment; None where nobody observed it.

    Raises:
        ToolFailed: the observations cannot be read.
    """
    if past is None or (strategy, bundle) not in past.bundles():
        return None
    seen = observation(strategy, bundle, road, past)
    return shown_of(seen, promise(bundle, road), road.environment.staying)


def observation(strategy: str, bundle: str, road: Road, past: PastObservations | None) -> Observation:
    """What was seen of a bundle.

    Which of its trades are open, only its bot can tell, which also tells trades that are not kept yet. Of a bundle that does not run any more, or
    whose bot does not answer, that stays unknown, and so does everything that follows from trades.

    Raises:
        ToolFailed: the observations cannot be read.
    """
    state = road.state()
    if past is None or (strategy, bundle) not in past.bundles():
        return in_ledger(strategy, bundle, state)
    told = told_by_bot(strategy, bundle, road)
    said = Words(tuple(one.opened_at for one in told.open), told.closed, told.currency) if told else None
    kept, gaps = past.trades(strategy, bundle), past.gaps(strategy, bundle)
    return observed(strategy, bundle, state, kept, gaps, lambda: past.equity(strategy, bundle), said)


def promise(bundle: str, road: Road) -> Promise | None:
    """What the bundle's evidence promises of a trade; None where it promises nothing, or cannot be read, which is told."""
    try:
        document = road.bundles.evidence(road.bundles.get(bundle).newest)
    except FreqtrainError as error:
        road.narrator.say(error.message)
        return None
    return promise_in(document, simulated=road.rehearsal)


@dataclass(frozen=True, slots=True)
class Told:
    """What a bot tells: its open positions, all closed trades of its database, and in which currency it stakes."""

    open: tuple[OpenTrade, ...]
    closed: tuple[ClosedTrade, ...]
    currency: str


def told_by_bot(strategy: str, bundle: str, road: Road) -> Told | None:
    """What the bundle's bot tells; None where it runs none that answers."""
    standing = road.state().of(strategy).standing
    if standing is None or standing.bundle != bundle:
        return None
    for bot in road.runtime.running():
        spec = bot.spec
        mine = (spec.environment, spec.strategy, spec.bundle) == (road.environment.name, strategy, bundle)
        if not mine or bot.state is BotState.DOWN:
            continue
        try:
            api = road.homes.bot(spec)
            said = api.identity()
            if (said.name, said.bundle) == (spec.name, bundle):
                opened = api.open_trades()  # First: what is closed meanwhile counts as both.
                return Told(opened, api.closed_trades(), said.stake_currency)
        except ToolFailed as error:
            road.narrator.say(f"{spec.name} does not answer: {error.message}")
    return None
