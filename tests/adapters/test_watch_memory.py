"""What the watch remembers comes back as it was; what is damaged counts for nothing, and that is told."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.adapters.watch_memory import WatchMemoryFile
from pipeline.domain.bot_report import Candle
from pipeline.domain.train.account_brake import Lost
from pipeline.domain.train.brake_readings import BrakeReading, LoopRead, Share
from pipeline.domain.train.brakes import Closed, Equity
from pipeline.domain.train.soak import Look, Soaking
from pipeline.domain.train.watching import Due, Kept, Remembered
from pipeline.errors import ToolFailed
from tests.fakes import FakeNarrator

AT = datetime(2026, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)
READING = BrakeReading(
    *("sha256:" + "a" * 64, "stale_candles", AT, 3.0, AT, "3 candles were due."),
    points=(Equity(AT, 1.5),),
    losses=(Closed(AT, -0.1),),
    loop=LoopRead(AT, None, AT),
    candle=Candle(AT, timedelta(minutes=5)),
    failed_orders=(AT,),
    account=(Share((Equity(AT, 2.5),), Lost(AT, 0.5)),),
)
BOT = Remembered(
    "sha256:" + "a" * 64,
    AT,
    AT,
    (Equity(AT, 100.1), Equity(AT, 99.90000000000001)),
    AT,
    (Due("drawdown_max_ratio", "The drawdown is 12 %."), Due("stale_candles", "3 candles were due.", READING)),
    Soaking(timedelta(hours=30, microseconds=7), 4, Look(AT, True, 4)),
    Lost(AT, 3.5, known=False),
)
KEPT = {"dip": Kept(BOT, 3, AT, "it does not come up"), "trend": Kept(readings=(READING, READING))}


def memory(path: Path) -> tuple[WatchMemoryFile, FakeNarrator]:
    narrator = FakeNarrator()
    return WatchMemoryFile(path, narrator), narrator


def test_it_comes_back_as_it_was(tmp_path: Path) -> None:
    kept, narrator = memory(tmp_path / "watch.json")
    assert kept.load() == {}
    kept.save(KEPT)
    assert kept.load() == KEPT
    assert narrator.lines == []
    assert [file.name for file in tmp_path.iterdir()] == ["watch.json"]


def test_what_brakes_read_that_is_of_another_form_does_not_lose_the_rest(tmp_path: Path) -> None:
    kept, narrator = memory(tmp_path / "watch.json")
    kept.save(KEPT)
    content = json.loads((tmp_path / "watch.json").read_text())
    del content["dip"]["bot"]["due"][1]["reading"]["limit"]
    content["trend"]["readings"] = "of a later version"
    (tmp_path / "watch.json").write_text(json.dumps(content))
    due = (BOT.due[0], replace(BOT.due[1], reading=None))
    assert kept.load() == {"dip": replace(KEPT["dip"], bot=replace(BOT, due=due)), "trend": Kept()}
    assert narrator.lines == []


def test_what_an_earlier_watch_remembered_to_be_lost_is_known(tmp_path: Path) -> None:
    kept, _ = memory(tmp_path / "watch.json")
    kept.save(KEPT)
    before = (tmp_path / "watch.json").read_text()
    (tmp_path / "watch.json").write_text(re.sub(r',\s*"known": false', "", before))
    bot = kept.load()["dip"].bot
    assert bot is not None
    assert bot.lost_before == Lost(AT, 3.5)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"dip": {"bot": {"bundle": "a"}}}',
        b'{"dip": {"tries": 1, "tried_at": "2026-01-01T00:00:00"}}',
        b'{"dip": {"tries": 1, "tried_at": "2026-01-01T00:00:00+02:00"}}',
        b"\xff",
    ],
)
def test_what_is_damaged_counts_for_nothing_and_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "watch.json").write_bytes(content)
    kept, narrator = memory(tmp_path / "watch.json")
    assert kept.load() == {}
    assert "what the watch remembered is lost" in narrator.lines[0]


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    other, _ = memory(tmp_path / "other.json")
    other.save(KEPT)
    (tmp_path / "watch.json").symlink_to(tmp_path / "other.json")
    assert memory(tmp_path / "watch.json")[0].load() == {}


def test_where_it_cannot_be_written_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ToolFailed, match="cannot be written"):
        memory(tmp_path / "file" / "watch.json")[0].save(KEPT)
