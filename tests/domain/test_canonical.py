"""Equal things have equal digests."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from pipeline.domain.canonical import canonical, digest, plain
from pipeline.domain.verdict import Outcome, Subject


@dataclass(frozen=True)
class Thing:
    name: str
    at: datetime | None = None


def test_order_of_keys_does_not_matter_but_order_of_lists_does() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest([1, 2]) != digest([2, 1])
    assert digest({"b", "a"}) == digest({"a", "b"})


def test_every_kind_of_value_has_one_form() -> None:
    noon = datetime(2025, 1, 1, 12, tzinfo=UTC)
    assert plain(Thing("x", noon.astimezone(timezone(timedelta(hours=9))))) == {
        "name": "x",
        "at": "2025-01-01T12:00:00Z",
    }
    assert plain((Outcome.FAIL, Subject.MARKET, Decimal("1.50"), True, None)) == ["FAIL", "market", "1.5", True, None]
    assert plain([math.nan, math.inf, -math.inf]) == ["nan", "inf", "-inf"]
    assert plain(noon + timedelta(milliseconds=5)) == "2025-01-01T12:00:00.005Z"


def test_an_unknown_kind_of_value_gets_no_digest_by_accident() -> None:
    with pytest.raises(TypeError, match="has no canonical form"):
        digest({"x": object()})


def test_the_canonical_text_is_compact_utf8() -> None:
    assert canonical({"ü": [1, 2.5]}) == '{"ü":[1,2.5]}'.encode()
