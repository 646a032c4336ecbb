"""Honest strategies of many kinds are not stopped. They are kept as texts, so that each may have the style that it has."""

from pathlib import Path

import pytest

from pipeline.domain.lint import facts, lint
from tests.domain.lint.sources import PINNED, candidate, errors, warnings

FILES = sorted((Path(__file__).parent / "honest").glob("*.txt"))
PACKAGE = {
    "sample_lib/__init__.py": b"""\
from .bands import Bands
from sample_lib.channels import channel

DEPTH = 12 * 4
__all__ = ["DEPTH", "Bands", "channel"]
""",
    "sample_lib/bands.py": b"""\
from pandas import DataFrame, Series


class Bands:
    def __init__(self, dataframe: DataFrame) -> None:
        self.close = dataframe["close"]

    def width(self, length: int) -> Series:
        return self.close.rolling(length).max() - self.close.rolling(length).min()
""",
    "sample_lib/channels.py": b"""\
import numpy as np
from pandas import Series


def channel(close: Series, length: int) -> tuple[Series, Series]:
    '''The highest and lowest close of the last candles.'''
    return close.rolling(length).max(), close.rolling(length).min().replace(0, np.nan)
""",
}


def _class_name(path: Path) -> str:
    return "".join(part.capitalize() for part in path.stem.split("_"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_honest_strategy_has_no_error(path: Path):
    package = PACKAGE if path.stem == "with_package" else {}
    found = lint(candidate(path.read_bytes(), _class_name(path), **package), PINNED)
    assert errors(found) == [], [finding for finding in found if not finding.warning]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_facts_of_an_honest_strategy_are_read(path: Path):
    package = PACKAGE if path.stem == "with_package" else {}
    told = facts(candidate(path.read_bytes(), _class_name(path), **package))
    assert told.class_names == (_class_name(path),)
    assert told.interface_version == 3
    assert told.timeframe in told.timeframes
    assert told.startup_candle_count


def test_what_is_worth_knowing_of_them_is_told_as_warnings():
    told = {path.stem: warnings(lint(candidate(path.read_bytes(), _class_name(path)), PINNED)) for path in FILES}
    assert "FT404" in told["hyperopted"]
    assert "FT108" in told["hyperopted"]
    assert told["ema_cross"] == []
    assert told["informative_merge"] == []
    assert told["callbacks"] == []
