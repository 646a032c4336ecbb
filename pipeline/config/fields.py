"""The pieces that several files share: thresholds, windows, amounts; each says in plain words what it takes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, ClassVar, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from pipeline.config.problems import OWN, did_you_mean
from pipeline.domain.metrics import METRICS
from pipeline.domain.policy import Scope, Span, Threshold
from pipeline.domain.verdict import Subject
from pipeline.domain.windows import Point, WindowSpec


class Strict(BaseModel):
    """What every object of a file obeys: no unknown keys, no guessing, no infinities."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
    refused_keys: ClassVar[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Amount:
    """A number; `percent` where it was written as `25%` (then `value` is 0.25)."""

    value: float
    percent: bool = False


def refuse(words: str, *, then: str = "", show: bool = True) -> NoReturn:
    """Stop a validator with a sentence of ours: the words, `, not <the value>` where it may be shown, and what to do `then`."""
    raise PydanticCustomError(OWN, "{words}{then}", {"words": words, "then": then, "show": show})


def amount(value: object) -> Amount:
    """A number or a percentage."""
    if isinstance(value, str) and (match := re.fullmatch(r"([-+]?[0-9]+(?:\.[0-9]+)?) ?%", value)):
        return Amount(float(Decimal(match[1]) / 100), percent=True)
    if isinstance(value, bool) or not isinstance(value, int | float):
        refuse("must be a number such as 0.25, or a percentage such as 25%")
    return Amount(float(value))


def metric(value: object) -> str:
    """The name of a metric that the train measures."""
    if not isinstance(value, str) or value not in METRICS:
        known = tuple(METRICS)
        refuse(f"is no metric{did_you_mean(value, known) if isinstance(value, str) else ''}", show=False)
    return value


def scope(value: object) -> Scope:
    """`each`, `all_together`, or `2 of 3`."""
    if value in (Span.EACH.value, Span.ALL_TOGETHER.value):
        return Scope(Span(value))
    match = re.fullmatch(r"([1-9][0-9]{0,2}) of ([1-9][0-9]{0,2})", value) if isinstance(value, str) else None
    if match is None:
        refuse("must be each, all_together or a text such as '2 of 3'")
    k, n = int(match[1]), int(match[2])
    if k > n:
        refuse(f"{k} of {n} windows cannot be", show=False)
    return Scope(Span.K_OF_N, k, n)


def point(value: object) -> Point:
    """`start`, `end`, a share of the data (`40%`), a distance back from its end (`-90d`), or a UTC date (`2025-01-01 12:00`)."""
    text = value if isinstance(value, str) else ""
    if text in ("start", "end"):
        return Point(share=1.0 if text == "end" else 0.0)
    if match := re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,6})?) ?%", text):
        share = float(Decimal(match[1]) / 100)
        return Point(share=share) if share <= 1 else refuse("is more than all of the data", show=False)
    if match := re.fullmatch(r"-([1-9][0-9]{0,4})([hdw])", text):
        return Point(before_end=int(match[1]) * _LENGTHS[match[2]])
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2})?", text):
        try:
            return Point(date=datetime.fromisoformat(text).replace(tzinfo=UTC))
        except ValueError:
            refuse("must be a date that the calendar has")
    forms = "start, end, a share such as 40%, a distance back from the end such as -90d (h, d, w), or a date such as 2025-01-01"
    refuse(f"must be {forms}")


_LENGTHS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}

Number = Annotated[
    Amount,
    PlainValidator(amount),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^[-+]?[0-9]+(\.[0-9]+)? ?%$"}]}),
]
MetricName = Annotated[str, PlainValidator(metric), WithJsonSchema({"enum": list(METRICS)})]
ScopeField = Annotated[
    Scope,
    PlainValidator(scope),
    WithJsonSchema(
        {"anyOf": [{"enum": ["each", "all_together"]}, {"type": "string", "pattern": "^[1-9][0-9]* of [1-9][0-9]*$"}]}
    ),
]
PointField = Annotated[
    Point,
    PlainValidator(point),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": ["start", "end"]},
                {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)? ?%$"},
                {"type": "string", "pattern": "^-[1-9][0-9]*[hdw]$"},
                {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2})?$"},
            ]
        }
    ),
]


class ThresholdEntry(Strict):
    """One demand on one metric."""

    metric: MetricName = Field(description="what is judged; docs/metrics.md defines each")
    scope: ScopeField = Field(description="each window, all_together, or a number of them such as '2 of 3'")
    above: Number | None = Field(None, description="lower bound that must be exceeded")
    at_least: Number | None = Field(None, description="lower bound that may be touched")
    at_most: Number | None = Field(None, description="upper bound that may be touched")
    below: Number | None = Field(None, description="upper bound that must not be reached")
    relative_to: Literal["market", "incumbent", "backtest"] | None = Field(
        None,
        description="judge the difference from another's number in the same window: of the market or the incumbent; where bots run, of the backtest",
    )
    minimum_trades: int = Field(0, ge=0, le=1_000_000, description="with fewer trades the number decides nothing")

    @property
    def bounds(self) -> dict[str, Amount]:
        """The bounds that are given, by key."""
        given = {"above": self.above, "at_least": self.at_least, "at_most": self.at_most, "below": self.below}
        return {key: bound for key, bound in given.items() if bound is not None}

    def threshold(self) -> Threshold:
        """As the domain's; needs at least one bound."""
        return Threshold(
            self.metric,
            self.scope,
            relative_to=Subject(self.relative_to) if self.relative_to else None,
            minimum_trades=self.minimum_trades,
            **{key: bound.value for key, bound in self.bounds.items()},
        )


class WindowEntry(Strict):
    """One stretch of the data set."""

    name: Annotated[str, Field(description="what reports call it")]
    start: PointField = Field(alias="from", description="its first candle: start, 40%, -90d or 2025-01-01")
    end: PointField = Field(alias="to", description="where it ends, that candle excluded: 70%, -30d, 2025-06-01 or end")

    def window(self) -> WindowSpec:
        return WindowSpec(self.name, self.start, self.end)
