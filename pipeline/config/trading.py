"""Load environments/<name>.yml where bots run: variables filled in, checked as a whole, every problem at once."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from pipeline.config.freeze import read_freeze
from pipeline.config.freqtrade_settings import owned_settings
from pipeline.config.source import Source, check, parse, read
from pipeline.config.thresholds import read_thresholds
from pipeline.config.trading_fields import ENVIRONMENT_PATTERN
from pipeline.config.trading_file import BrakesEntry, CountBrakeEntry, RatioBrakeEntry, TradingEnvironmentFile
from pipeline.config.trading_rules import contradictions
from pipeline.config.variables import fill
from pipeline.domain.environment import Mode
from pipeline.domain.policy import Threshold
from pipeline.domain.trading import (
    Approval,
    Boarding,
    Brake,
    BrakeAction,
    Brakes,
    Freeze,
    OpenTrades,
    OwnKeys,
    Promotion,
    RollBack,
    RuntimeKind,
    SecretNames,
    Team,
    TradingEnvironment,
    TradingLimits,
)
from pipeline.domain.trading.terms import KEEPS_ITS_PROMISE
from pipeline.errors import ConfigError, Problem

TRADING_MODES = (Mode.DRY_RUN.value, Mode.LIVE.value)


@dataclass(frozen=True, slots=True)
class LoadedTradingEnvironment:
    """A trading environment, the file that it came from, and the name of the variable that has to agree with its mode."""

    environment: TradingEnvironment
    source: Source
    dry_run_variable: str = "DRY_RUN"


def load_trading_environment(path: Path, variables: Mapping[str, str]) -> LoadedTradingEnvironment:
    """The environment in a file; its name is the file's.

    `variables` fill its `${NAME}` leaves, and EXCHANGE_NAME takes the place of its exchange where it is set. Secrets, and whether DRY_RUN agrees
    with the mode, are `inject`'s to check.

    Raises:
        ConfigError: all problems at once, in the order of the file.
    """
    return trading_environment_from(read(path), path.stem, variables)


def parse_trading_environment(
    text: str, file: str, name: str, variables: Mapping[str, str]
) -> LoadedTradingEnvironment:
    """As `load_trading_environment`, from a text that messages call `file`."""
    return trading_environment_from(parse(text, file), name, variables)


def trading_environment_from(written: Source, name: str, variables: Mapping[str, str]) -> LoadedTradingEnvironment:
    """As `load_trading_environment`, from a source whose variables are not filled in yet."""
    source, unset = fill(_with_exchange(written, variables), variables)
    if source.at(("mode",)) == Mode.HISTORY:
        words = f"must be 'dry_run' or 'live', not the text 'history': '{name}' judges, and no bots run there"
        raise ConfigError((source.problem(("mode",), words),))
    model, malformed = check(TradingEnvironmentFile, source)
    told = {(problem.line, problem.column) for problem in unset}
    thresholds, unsound = read_thresholds(source, ("boarding", "thresholds"), windows=1, observed=True)
    staying, unstable = read_thresholds(source, ("staying", "thresholds"), windows=1, observed=True)
    freeze, timeless = read_freeze(source, ("freeze",))
    problems = [
        *unset,
        *(problem for problem in malformed if (problem.line, problem.column) not in told),
        *unsound,
        *unstable,
        *timeless,
        *_name(source, name),
        *contradictions(source),
        *owned_settings(source, ("freqtrade",), trading=True),
    ]
    if model is None or problems:
        raise ConfigError(tuple(sorted(dict.fromkeys(problems), key=lambda problem: (problem.line, problem.column))))
    return LoadedTradingEnvironment(
        _environment(model, name, thresholds, staying, freeze), source, model.variables.dry_run
    )


def _with_exchange(written: Source, variables: Mapping[str, str]) -> Source:
    """The source with the variable EXCHANGE_NAME, where it is set, in place of its exchange."""
    name = written.at(("variables", "exchange_name")) or "EXCHANGE_NAME"
    if not isinstance(written.data, dict) or not isinstance(name, str) or not variables.get(name, "").strip():
        return written
    return replace(written, data={**written.data, "exchange": f"${{{name}}}"})


def _name(source: Source, name: str) -> Iterator[Problem]:
    if not re.fullmatch(ENVIRONMENT_PATTERN, name):
        words = f"the file's name is the environment's: {name!r} is not lower case letters, digits, - and _, starting with a letter"
        yield Problem(source.name, 0, 0, words)


def _environment(
    model: TradingEnvironmentFile,
    name: str,
    thresholds: tuple[Threshold, ...],
    staying: tuple[Threshold, ...],
    freeze: Freeze,
) -> TradingEnvironment:
    mode = Mode(model.mode)
    live = mode is Mode.LIVE
    capital = model.limits.capital_per_bot or model.dry_run_wallet
    assert capital is not None, "contradictions() lets none pass without"
    boarding, approval = model.boarding, model.approval
    return TradingEnvironment(
        name=name,
        after=model.after,
        mode=mode,
        exchange=model.exchange,
        stake_currency=model.stake_currency,
        stake=_stake(model.stake, capital),
        limits=TradingLimits(capital, model.limits.capital_in_all, model.limits.max_open_trades),
        boarding=Boarding(boarding.healthy_hours, boarding.closed_trades, thresholds) if boarding else None,
        brakes=_brakes(model.brakes),
        approval=Approval(approval.required, Team(approval.team), approval.allowed_signers or "", approval.valid_hours),
        promotion=Promotion(model.promotion or ("manual" if live else "automatic")),
        roll_back=RollBack(model.roll_back or ("brakes" if live else "automatic")),
        staying=staying if model.staying else (KEEPS_ITS_PROMISE,),
        pairs=model.pairs,
        dry_run_wallet=model.dry_run_wallet,
        stoploss_on_exchange=model.stoploss_on_exchange,
        freeze=freeze,
        open_trades=OpenTrades(model.open_trades),
        drain_hours=model.drain_hours,
        runtime=RuntimeKind(model.runtime),
        memory_mib=model.memory_mib,
        stop_seconds=model.stop_seconds,
        secrets=SecretNames(**model.secrets.model_dump()),
        own_keys=tuple(
            OwnKeys(keys.strategy, keys.access_key, keys.access_secret, keys.access_password or "")
            for keys in model.own_keys
        ),
        bots_on_telegram=model.bots_on_telegram,
        chat_control=model.chat_control,
        rehearsal=model.rehearsal,
        freqtrade=model.freqtrade,
    )


def _stake(stake: Decimal | tuple[Decimal] | None, capital: Decimal) -> Decimal | None:
    return stake[0] * capital if isinstance(stake, tuple) else stake


def _brakes(model: BrakesEntry) -> Brakes:
    return Brakes(
        drawdown_max_ratio=Brake(model.drawdown_max_ratio.limit, BrakeAction(model.drawdown_max_ratio.action)),
        daily_loss_max_ratio=Brake(model.daily_loss_max_ratio.limit, BrakeAction(model.daily_loss_max_ratio.action)),
        heartbeat_seconds=Brake(model.heartbeat_seconds.limit, BrakeAction(model.heartbeat_seconds.action)),
        consecutive_losses=_brake(model.consecutive_losses),
        stale_candles=_brake(model.stale_candles),
        order_errors=_brake(model.order_errors),
        account_loss_max_ratio=_brake(model.account_loss_max_ratio),
    )


def _brake(entry: CountBrakeEntry | RatioBrakeEntry | None) -> Brake | None:
    return None if entry is None else Brake(float(entry.limit), BrakeAction(entry.action))
