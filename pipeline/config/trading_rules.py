"""What a trading environment's file contradicts itself in: money without a limit, brakes that cannot act, thresholds on nothing."""

from collections.abc import Iterator
from decimal import Decimal

from pydantic import TypeAdapter, ValidationError

from pipeline.config.fields import ThresholdEntry
from pipeline.config.money import Money, TradingStake
from pipeline.config.small_yaml import Route
from pipeline.config.source import Source, check_part
from pipeline.config.trading_file import BoardingEntry, OwnKeysEntry
from pipeline.domain.environment import Mode
from pipeline.domain.policy import Span
from pipeline.domain.trading.secrets import SecretNames
from pipeline.domain.trading.terms import BRAKES, OBSERVED_METRICS, PROMISED_METRICS
from pipeline.domain.verdict import Subject
from pipeline.errors import Problem


def contradictions(source: Source) -> Iterator[Problem]:
    """Every problem that single values do not show; what is malformed was told by the check of the whole file, and is passed over here."""
    yield from _mode(source)
    yield from _money(source)
    yield from _pairs(source)
    yield from _boarding(source)
    yield from _people(source)
    yield from _own_keys(source)
    yield from _chat(source)


def _mode(source: Source) -> Iterator[Problem]:
    if ("mode",) in source.filled:
        words = f"must be written out: whether money is real is never a variable ({source.filled[('mode',)]} may only agree with it)"
        yield source.problem(("mode",), words)


def _money(source: Source) -> Iterator[Problem]:
    live = source.at(("mode",)) == Mode.LIVE
    wallet = _amount(source, ("dry_run_wallet",))
    per_bot, in_all = (_amount(source, ("limits", key)) for key in ("capital_per_bot", "capital_in_all"))
    if live:
        yield from _limited(source)
        if source.at(("dry_run_wallet",)) is not None:
            yield source.problem(("dry_run_wallet",), "is of no use in a live environment: the account holds the money")
    elif source.at(("mode",)) == Mode.DRY_RUN and source.at(("dry_run_wallet",)) is None:
        yield source.problem(("dry_run_wallet",), "is missing: what does each bot's simulated wallet hold?")
    if per_bot and in_all and per_bot > in_all:
        yield source.problem(
            ("limits", "capital_per_bot"),
            f"is more than capital_in_all{_said(source, ('limits', 'capital_in_all'), in_all)}",
        )
    if per_bot and wallet and per_bot > wallet:
        yield source.problem(
            ("limits", "capital_per_bot"),
            f"is more than the dry_run_wallet holds{_said(source, ('dry_run_wallet',), wallet)}",
        )
    yield from _stake(source, *((("limits", "capital_per_bot"), per_bot) if per_bot else (("dry_run_wallet",), wallet)))


def _limited(source: Source) -> Iterator[Problem]:
    for key in ("capital_per_bot", "capital_in_all"):
        if source.at(("limits", key)) is None:
            words = "is missing: nothing live starts without a limit to its capital; stake is none to a strategy that asks for more"
            yield source.problem(("limits", key), words)


def _stake(source: Source, route: Route, capital: Decimal | None) -> Iterator[Problem]:
    try:
        stake = TypeAdapter(TradingStake).validate_python(source.at(("stake",)))
    except ValidationError:
        return
    if isinstance(stake, Decimal) and capital and stake > capital:
        yield source.problem(("stake",), f"is more than one bot's capital{_said(source, route, capital)}")


def _pairs(source: Source) -> Iterator[Problem]:
    pairs, currency = source.at(("pairs",)), source.at(("stake_currency",))
    lists = source.at(("freqtrade", "pairlists", 0, "method"))
    if not isinstance(pairs, list):
        return
    for index, pair in enumerate(pairs):
        if pair in pairs[:index]:
            yield source.problem(("pairs", index), "stands twice")
        elif isinstance(pair, str) and isinstance(currency, str) and not pair.endswith(f"/{currency}"):
            yield source.problem(("pairs", index), "is not paid with the stake_currency")
    if pairs and lists not in (None, "StaticPairList"):
        yield source.problem(
            ("pairs",), f"is of no use: freqtrade.pairlists begins with {lists}, which chooses pairs itself"
        )


def _boarding(source: Source) -> Iterator[Problem]:
    boarding = check_part(BoardingEntry, source, ("boarding",)) if source.at(("boarding",)) is not None else None
    if boarding and not (boarding.healthy_hours or boarding.closed_trades or boarding.thresholds):
        yield source.problem(("boarding",), "demands nothing, so everything would board")
    for part in ("boarding", "staying"):
        written = source.at((part, "thresholds"))
        for index in range(len(written) if isinstance(written, list) else 0):
            here = (part, "thresholds", index)
            entry = check_part(ThresholdEntry, source, here)
            if entry is not None:
                yield from _observable(source, here, entry)


def _observable(source: Source, here: Route, entry: ThresholdEntry) -> Iterator[Problem]:
    if entry.metric not in OBSERVED_METRICS:
        words = f"{entry.metric} is not measured of a running bot; known are {', '.join(OBSERVED_METRICS)}"
        yield source.problem((*here, "metric"), words)
    if entry.metric == "trades":
        demanded = "is what closed_trades demands" if here[0] == "boarding" else "says nothing about staying"
        yield source.problem((*here, "metric"), demanded)
    if entry.scope.span is not Span.ALL_TOGETHER:
        yield source.problem((*here, "scope"), "must be all_together: an observation is one stretch of time")
    if entry.relative_to is None or entry.metric not in OBSERVED_METRICS:
        return
    if Subject(entry.relative_to) is not Subject.BACKTEST:
        words = "is not known here: a bot is observed alone, or beside its own backtest"
        yield source.problem((*here, "relative_to"), words)
    elif entry.metric not in PROMISED_METRICS:
        words = f"no backtest promises {entry.metric} of single trades; it promises {', '.join(PROMISED_METRICS)}"
        yield source.problem((*here, "relative_to"), words)


def _people(source: Source) -> Iterator[Problem]:
    required, signers = source.at(("approval", "required")), source.at(("approval", "allowed_signers"))
    if required is True and signers is None:
        yield source.problem(("approval", "allowed_signers"), "is missing: who may sign?")
    roll_back = source.at(("roll_back",))
    for name in BRAKES:
        route = ("brakes", name, "action")
        if roll_back == "manual" and source.at(route) == "stop_and_roll_back":
            yield source.problem(route, "cannot be: roll_back is manual; write stop_entries, or roll_back: brakes")


def _own_keys(source: Source) -> Iterator[Problem]:
    written = source.at(("own_keys",))
    told: dict[str, str] = {}
    shared = source.at(("secrets", "access_key")) or SecretNames().access_key
    for index in range(len(written) if isinstance(written, list) else 0):
        here = ("own_keys", index)
        entry = check_part(OwnKeysEntry, source, here)
        if entry is None:
            continue
        if entry.strategy in told:
            yield source.problem((*here, "strategy"), f"{entry.strategy} stands twice")
        if entry.access_key == shared or entry.access_key in told.values():
            yield source.problem((*here, "access_key"), "is another account's key already")
        told[entry.strategy] = entry.access_key


def _chat(source: Source) -> Iterator[Problem]:
    if source.at(("chat_control",)) is True and source.at(("bots_on_telegram",)) is True:
        words = "does not go with bots_on_telegram: Telegram gives what is written to one listener of a token only"
        yield source.problem(("chat_control",), words)


def _said(source: Source, route: Route, amount: Decimal) -> str:
    """An amount as it stands in the file; nothing where it came from a variable, whose value messages never show."""
    return "" if route in source.filled else f" ({amount:f})"


def _amount(source: Source, route: Route) -> Decimal | None:
    """The money at a route, or None where there is none, or none that could be meant."""
    try:
        return TypeAdapter(Money).validate_python(source.at(route))
    except ValidationError:
        return None
