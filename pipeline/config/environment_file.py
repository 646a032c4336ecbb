"""The keys of environments/<name>.yml: their types, defaults and meanings."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, PlainValidator, WithJsonSchema

from pipeline.config.fields import Amount, Strict, ThresholdEntry, WindowEntry, amount, refuse
from pipeline.config.problems import did_you_mean
from pipeline.domain.environment import EMBEDDED
from pipeline.domain.job import Limits
from pipeline.domain.policy import CHECKS

UNLIMITED = "unlimited"
SNAPSHOT = "snapshot"
_DEFAULTS = Limits()


def _stake(value: object) -> Amount | None:
    if value == UNLIMITED:
        return None
    if isinstance(value, str) and not value.endswith("%"):
        refuse("must be unlimited, an amount such as 100, or a share of the wallet such as 20%")
    stake = amount(value)
    if stake.value <= 0 or (stake.percent and stake.value > 1):
        refuse(f"must be above 0{' and at most 100%' if stake.percent else ''}")
    return stake


def _fee(value: object) -> Amount | None:
    if value == SNAPSHOT:
        return None
    if isinstance(value, str) and not value.endswith("%"):
        refuse("must be snapshot, or a ratio per side such as 0.001 or 0.1%")
    fee = amount(value)
    if not 0 <= fee.value < 0.1:
        refuse("must be at least 0 and below 10% per side", then="; write 0.1% for a tenth of a percent")
    return fee


def _slipped(value: object) -> float:
    if isinstance(value, str) and not value.endswith("%"):
        refuse("must be a ratio such as 0.0008 or 0.08%")
    slipped = amount(value)
    if not 0 <= slipped.value < 0.1:
        refuse("must be at least 0 and below 10%", then="; write 0.08% for eight hundredths of a percent")
    return slipped.value


def _check_name(value: object) -> str:
    if not isinstance(value, str) or value not in CHECKS:
        refuse(f"is no check{did_you_mean(str(value), CHECKS)}", show=False)
    return value


def _exchange(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[a-z0-9_]{2,40}", value):
        refuse("must be the name of an exchange in lower case, such as binance")
    return value


def _currency(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Z0-9]{2,20}", value):
        refuse("must be a currency in capitals, such as USDT")
    return value


def _dataset(value: object) -> str:
    if value != EMBEDDED and not (isinstance(value, str) and re.fullmatch(r"sha256:[0-9a-f]{64}", value)):
        refuse(f"must be {EMBEDDED}, or sha256: and 64 digits as the data set's manifest.yml names itself")
    return str(value)


def _repository(value: object) -> str:
    if value is not None and not (isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+", value)):
        refuse("must be owner/name")
    return str(value or "")


def _settings(value: object) -> object:
    if not isinstance(value, dict):
        refuse("must be an object of freqtrade settings, or {}")
    return value


_NUMBER = {"type": "number"}
_PERCENT = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)? ?%$"}
_DIGEST = {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}
_TEXT = {"type": "string"}

Stake = Annotated[
    Amount | None,
    PlainValidator(_stake),
    WithJsonSchema({"anyOf": [{"const": UNLIMITED}, _NUMBER, _PERCENT]}),
]
Fee = Annotated[
    Amount | None,
    PlainValidator(_fee),
    WithJsonSchema(
        {
            "anyOf": [{"const": SNAPSHOT}, _NUMBER, _PERCENT],
            "default": SNAPSHOT,
        }
    ),
]
Slipped = Annotated[float, PlainValidator(_slipped), WithJsonSchema({"anyOf": [_NUMBER, _PERCENT]})]
Exchange = Annotated[str, PlainValidator(_exchange), WithJsonSchema(_TEXT)]
Currency = Annotated[str, PlainValidator(_currency), WithJsonSchema(_TEXT)]
Settings = Annotated[dict[str, Any], PlainValidator(_settings), WithJsonSchema({"type": "object"})]
CheckName = Annotated[str, PlainValidator(_check_name), WithJsonSchema({"enum": list(CHECKS)})]


class DatasetEntry(Strict):
    """Which candles are judged on."""

    digest: Annotated[
        str,
        PlainValidator(_dataset),
        WithJsonSchema({"anyOf": [{"const": EMBEDDED}, _DIGEST]}),
    ] = Field(description="embedded (the simulated market) or the digest that a data set's manifest.yml names")
    repository: Annotated[str, PlainValidator(_repository), WithJsonSchema(_TEXT)] = Field(
        "", description="owner/name of the GitHub repository whose releases hold the data set; only with a digest"
    )


class SlippageEntry(Strict):
    """What bots were seen to lose on an order."""

    ratio: Slipped = Field(
        description="mean by which fills were worse than asked, such as 0.08%; `freqtrain decide` shows it"
    )
    source: str = Field(
        min_length=1,
        max_length=200,
        description="where and when it was measured, such as: sandbox until 2026-11-20, 412 trades",
    )


class AccountEntry(Strict):
    """The money that every backtest starts with."""

    stake_currency: Currency = Field(description="the currency that is staked, and in which profit is counted")
    wallet: float = Field(
        gt=0, le=1e15, description="what the wallet holds at the start of every window, in the stake currency"
    )
    stake: Stake = Field(
        description="per trade: unlimited (an equal share of the wallet per free slot), an amount, or 20% of the starting wallet"
    )
    max_open_trades: int = Field(ge=1, le=1000, description="slots: how many trades may be open at once")
    fee: Fee = Field(
        None,
        json_schema_extra={"default": SNAPSHOT},
        description="per side: snapshot (the data set's), or a ratio such as 0.001 or 0.1%",
    )
    slippage: SlippageEntry | None = Field(
        None,
        description="slippage that bots were measured to have; where it is more than half a spread, it takes its place in the cost stress",
    )


class PolicyEntry(Strict):
    """What a strategy has to show."""

    checks: tuple[CheckName, ...] = Field(
        min_length=1,
        description="the checks that must have been made: lint, behaviour, backtest, bias, audit, robustness",
    )
    thresholds: tuple[ThresholdEntry, ...] = Field((), description="demands on the numbers that the backtest measures")


class LimitsEntry(Strict):
    """What one child process may use."""

    seconds: float = Field(default=_DEFAULTS.seconds, gt=0, le=86_400, description="wall time")
    memory_mib: int = Field(
        default=_DEFAULTS.memory_mib, ge=512, le=1 << 20, description="memory of each process, in MiB"
    )
    answer_mib: int = Field(
        default=_DEFAULTS.answer_mib, ge=1, le=1024, description="size of the child's answer, in MiB"
    )


class EnvironmentFile(Strict):
    """One environment, complete: files do not inherit from each other."""

    mode: Literal["history"] = Field(description="how it trades: history replays candles")
    exchange: Exchange = Field(description="the exchange whose rules are applied; it must be the data set's")
    dataset: DatasetEntry = Field(description="which candles are judged on")
    account: AccountEntry = Field(description="the money that every backtest starts with")
    windows: tuple[WindowEntry, ...] = Field(min_length=1, max_length=50, description="stretches of the data set")
    policy: PolicyEntry = Field(description="what a strategy has to show")
    limits: LimitsEntry = Field(default_factory=LimitsEntry, description="what one child process may use")
    freqtrade: Settings = Field(
        default_factory=dict,
        description="any other freqtrade setting, such as pricing or order types; what the train owns is refused",
    )

    refused_keys: ClassVar[Mapping[str, str]] = {
        "name": "is not written here: the file's name is the environment's name",
        "extends": "is not known: an environment is one complete file",
        "api_key": "is a secret, which never stands in an environment's file",
        "secret": "is a secret, which never stands in an environment's file",
    }
