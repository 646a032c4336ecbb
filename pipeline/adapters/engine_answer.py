"""The child's answer, believed only as far as its shape: strict types, bounded sizes, nothing that was not asked for."""

import json
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import (
    Annotated,
    Literal,
    NotRequired,  # pydantic wants this one before Python 3.12
)

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from pipeline.adapters.trading_facts_model import FactsModel
from pipeline.domain.job import (
    BACKTEST,
    BEHAVIOUR,
    BIAS,
    CONTRACT,
    FACTS,
    REPLAY,
    BacktestResult,
    Failure,
    Job,
    Measured,
)
from pipeline.domain.trades import ClosedTrade, Fill
from pipeline.domain.trading_facts import TradingFacts
from pipeline.domain.verdict import Finding, Outcome, Place
from pipeline.errors import ToolFailed

Text = Annotated[str, Field(max_length=4096)]
Name = Annotated[str, Field(max_length=255)]
Number = Annotated[float, Field(allow_inf_nan=False)]


def _inside(path: str) -> str:
    """A path within the strategy's folder: what an annotation points to must not be another file of the repository."""
    if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
        raise ValueError("the path leads out of the strategy's folder")
    return path


File = Annotated[str, Field(max_length=255), AfterValidator(_inside)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Fill(TypedDict):
    """A dictionary and no model, as `_Trade`: there are thousands of them, and they only live until they are domain objects."""

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True)  # type: ignore[misc]

    side: Literal["buy", "sell"]
    at: Name
    price: Number
    amount: Number
    asked: NotRequired[None]


class _Trade(TypedDict):
    __pydantic_config__ = ConfigDict(extra="forbid", strict=True)  # type: ignore[misc]

    pair: Name
    opened_at: Name
    closed_at: Name
    open_rate: Number
    close_rate: Number
    amount: Number
    stake: Number
    fee_open_ratio: Number
    fee_close_ratio: Number
    profit: Number
    profit_ratio: Number
    enter_tag: Name
    exit_reason: Name
    fills: Annotated[list[_Fill], Field(max_length=10_000)]


class _Failure(_Model):
    kind: Name
    message: Text
    file: File = ""
    line: int = 0


class _Backtest(_Model):
    window: Name
    trades: Annotated[list[_Trade], Field(max_length=500_000)]
    ending_balance: Number
    started_at: Name | None
    failure: _Failure | None


class _Place(_Model):
    file: File
    line: int
    column: int


class _Finding(_Model):
    check: Literal["behaviour", "bias"]
    rule: Name
    outcome: Literal["PASS", "INCONCLUSIVE", "ERROR", "FAIL"]
    reason: Text
    place: _Place | None
    warning: bool
    window: Name


class _Died(_Model):
    died: Text


class _Answer(_Model):
    tasks: Annotated[dict[Name, object], Field(max_length=1000)]
    versions: Annotated[dict[Name, Name], Field(max_length=50)]
    peak_memory_mib: Number
    started_at: Name
    seconds: Number


_BACKTEST: TypeAdapter[_Backtest | _Died] = TypeAdapter(_Backtest | _Died)
_FACTS: TypeAdapter[FactsModel | _Failure | _Died] = TypeAdapter(
    FactsModel | _Failure | _Died, config=ConfigDict(defer_build=True)
)
_FINDINGS: TypeAdapter[list[_Finding] | _Died] = TypeAdapter(Annotated[list[_Finding], Field(max_length=1000)] | _Died)


def read_answer(text: bytes, job: Job, isolation: str) -> Measured:
    """The answer to `job`.

    Raises:
        ToolFailed: it is not one; the message says where it departs from the expected shape.
    """
    try:
        answer = _Answer.model_validate_json(text)
        backtests = (
            tuple(_backtest(answer.tasks, window.name) for window in job.windows)
            if BACKTEST in job.tasks or REPLAY in job.tasks
            else ()
        )
        behaviour = tuple(
            f for task in (CONTRACT, BEHAVIOUR) if task in job.tasks for f in _findings(answer.tasks, task)
        )
        bias = tuple(_findings(answer.tasks, BIAS)) if BIAS in job.tasks else ()
        facts = _facts(answer.tasks) if FACTS in job.tasks else None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise ToolFailed(f"the engine's answer is not one: {where}: {first['msg']}") from error
    except ValueError as error:
        raise ToolFailed(f"the engine's answer is not one: {error}") from error
    versions = dict(sorted(answer.versions.items()))
    peak, began, seconds = answer.peak_memory_mib, answer.started_at, answer.seconds
    return Measured(backtests, behaviour, versions, isolation, peak, False, began, seconds, bias, facts)


def gathered(said: bytes, job: Job) -> bytes:
    """The answer to a replay, put together from its lines: one a window as it came, then everything else.

    Raises:
        ToolFailed: there are more lines or fewer, or one is no JSON.
    """
    *lines, rest = said.split(b"\n")
    try:
        answer = json.loads(rest)
        if len(lines) != len(job.windows) or not isinstance(answer, dict):
            raise ValueError(f"{len(lines)} of {len(job.windows)} replays were answered")
        tasks = {f"{BACKTEST}:{window.name}": json.loads(line) for window, line in zip(job.windows, lines, strict=True)}
        return json.dumps({**answer, "tasks": tasks}, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise ToolFailed(f"the engine's answer is not one: {error}") from error


def _backtest(tasks: dict[str, object], window: str) -> BacktestResult:
    got = _BACKTEST.validate_python(tasks.get(f"{BACKTEST}:{window}"))
    if isinstance(got, _Died):
        return BacktestResult(window, failure=Failure("died", f"The backtest's process {got.died}."))
    if got.window != window:
        raise ValueError(f"asked for window {window!r}, answered {got.window!r}")
    failure = Failure(**got.failure.model_dump()) if got.failure else None
    trades = tuple(_trade(trade) for trade in got.trades)
    return BacktestResult(window, trades, got.ending_balance, _at(got.started_at) if got.started_at else None, failure)


def _trade(trade: _Trade) -> ClosedTrade:
    fills = tuple([Fill(fill["side"], _at(fill["at"]), fill["price"], fill["amount"]) for fill in trade["fills"]])
    times = {"opened_at": _at(trade["opened_at"]), "closed_at": _at(trade["closed_at"])}
    return ClosedTrade(**{**trade, **times, "fills": fills})  # type: ignore[arg-type]  # the two have the same fields


def _at(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


def _facts(tasks: dict[str, object]) -> TradingFacts | Failure:
    got = _FACTS.validate_python(tasks.get(FACTS))
    if isinstance(got, _Died):
        return Failure("died", f"The process that reads the strategy's settings {got.died}.")
    return got.facts() if isinstance(got, FactsModel) else Failure(**got.model_dump())


def _findings(tasks: dict[str, object], task: str) -> list[Finding]:
    got = _FINDINGS.validate_python(tasks.get(task))
    check = BIAS if task == BIAS else BEHAVIOUR
    if isinstance(got, _Died):
        what = {BEHAVIOUR: "strategy's tests", CONTRACT: "contract cases", BIAS: "bias check"}[task]
        return [Finding(check, task, Outcome.ERROR, f"The process of the {what} {got.died}.")]
    if any(finding.check != check for finding in got):
        raise ValueError(f"the task {task!r} answered for another check")
    return [
        Finding(
            f.check,
            f.rule,
            Outcome[f.outcome],
            f.reason,
            Place(**f.place.model_dump()) if f.place else None,
            f.warning,
            f.window,
        )
        for f in got
    ]
