"""strategy.yml: what a strategy is called, what it trades, and how much stricter than the environment it wants to be judged."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field, PlainValidator, WithJsonSchema

from pipeline.config.fields import Strict, ThresholdEntry, refuse
from pipeline.config.problems import did_you_mean, shown
from pipeline.config.source import Source, check, parse, read
from pipeline.config.thresholds import read_thresholds
from pipeline.domain.policy import Policy, tighten
from pipeline.domain.strategy import StrategySpec
from pipeline.domain.timeframes import TIMEFRAMES, looks_like_timeframe
from pipeline.errors import ConfigError, Problem

ALL_PAIRS = "all"


def load_strategy(path: Path, id: str, policy: Policy | None = None) -> StrategySpec:
    """The description in a file; with a `policy`, overrides that would loosen it are problems too.

    Raises:
        ConfigError: all problems at once.
    """
    return strategy_from(read(path), id, policy)


def parse_strategy(text: str, name: str, id: str, policy: Policy | None = None) -> StrategySpec:
    """As `load_strategy`, from a text that messages call `name`."""
    return strategy_from(parse(text, name), id, policy)


def strategy_from(source: Source, id: str, policy: Policy | None = None) -> StrategySpec:
    """As `load_strategy`, from a source."""
    model, problems = check(StrategyFile, source)
    overrides, meant = read_thresholds(source, ("policy",))
    problems += (*meant, *_single_pairs(source))
    if policy is not None and not problems:
        problems = tuple(source.problem(("policy", index), words) for index, words in tighten(policy, overrides)[1])
    if model is None or problems:
        raise ConfigError(tuple(sorted(problems, key=lambda problem: (problem.line, problem.column))))
    return StrategySpec(
        id=id,
        class_name=model.class_name,
        title=model.title,
        description=model.description.strip(),
        owner=model.owner,
        timeframe=model.timeframe,
        pairs=model.pairs,
        overrides=overrides,
    )


def _class_name(value: object) -> str:
    """The name of a Python class."""
    if not isinstance(value, str) or not value.isidentifier():
        refuse("must be the name of the class in strategy.py")
    return value


def _timeframe(value: object) -> str:
    """One of the timeframes that the train knows."""
    if not isinstance(value, str) or value not in TIMEFRAMES:
        hint = (
            f"; known are {', '.join(TIMEFRAMES)}"
            if looks_like_timeframe(str(value))
            else did_you_mean(str(value), tuple(TIMEFRAMES))
        )
        refuse(f"is no timeframe{hint or '; write for example 1h'}", show=False)
    return value


def _pairs(value: object) -> tuple[object, ...]:
    """`all` (every pair of the data set, an empty tuple), or a list, whose items are looked at one by one."""
    if value == ALL_PAIRS:
        return ()
    if not isinstance(value, list) or not value:
        refuse("must be all, or a list such as [BTC/USDT, ETH/USDT]", show=bool(value))
    return tuple(value)


def _single_pairs(source: Source) -> Iterator[Problem]:
    pairs = source.at(("pairs",))
    for index, pair in enumerate(pairs if isinstance(pairs, list) else ()):
        if isinstance(pair, str) and re.fullmatch(r"[A-Za-z0-9]+/[A-Za-z0-9]+:.*", pair):
            yield source.problem(
                ("pairs", index), f"{pair} is a future; only spot pairs such as BTC/USDT are supported"
            )
        elif not isinstance(pair, str) or not re.fullmatch(r"[A-Za-z0-9]+/[A-Za-z0-9]+", pair):
            yield source.problem(("pairs", index), f"must be a pair such as BTC/USDT, not {shown(pair)}")
        elif isinstance(pairs, list) and pair in pairs[:index]:
            yield source.problem(("pairs", index), f"{pair} stands twice")


_UNSUPPORTED = "is not supported yet: "
_IN_CLASS = "belongs into the class in strategy.py, not here"


class StrategyFile(Strict):
    """What strategy.yml may hold."""

    class_name: Annotated[str, PlainValidator(_class_name), WithJsonSchema({"type": "string"})] = Field(
        alias="class", description="the IStrategy class in strategy.py"
    )
    title: str = Field("", max_length=80, description="a short name for people; the id without it")
    description: str = Field(
        "", max_length=4000, description="what it looks for in the market, and when it should fail"
    )
    owner: str = Field("", max_length=80, description="who answers for it")
    timeframe: Annotated[str, PlainValidator(_timeframe), WithJsonSchema({"enum": list(TIMEFRAMES)})] = Field(
        "", description="length of a candle; the class's own without it"
    )
    pairs: Annotated[
        tuple[str, ...],
        PlainValidator(_pairs),
        WithJsonSchema(
            {"anyOf": [{"const": ALL_PAIRS}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
        ),
    ] = Field((), description="all pairs of the data set, or a list")
    policy: tuple[ThresholdEntry, ...] = Field((), description="thresholds that are stricter than the environment's")

    refused_keys: ClassVar[Mapping[str, str]] = {
        "freqai": _UNSUPPORTED + "FreqAI",
        "freqaimodel": _UNSUPPORTED + "FreqAI",
        "can_short": _UNSUPPORTED + "short positions",
        "shorts": _UNSUPPORTED + "short positions",
        "short": _UNSUPPORTED + "short positions",
        "trading_mode": _UNSUPPORTED + "only spot markets are traded",
        "margin_mode": _UNSUPPORTED + "only spot markets are traded",
        "futures": _UNSUPPORTED + "only spot markets are traded",
        "leverage": _UNSUPPORTED + "only spot markets are traded",
        "id": "is not written here: the name of the strategy's folder is its id",
        "stoploss": _IN_CLASS,
        "minimal_roi": _IN_CLASS,
        "startup_candle_count": _IN_CLASS,
        "exchange": "belongs into the environment, not into the strategy",
        "stake_amount": "belongs into the environment, not into the strategy",
    }
