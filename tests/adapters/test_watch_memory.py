"""What the watch remembers comes back as it was; what is damaged counts for nothing, and that is told."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.adapters.watch_memory import WatchMemoryFile
from pipeline.domain.train.account_brake import Lost
from pipeline.domain.train.brakes import Equity
from pipeline.domain.train.soak import Look, Soaking
from pipeline.domain.train.watching import Due, Kept, Remembered
from pipeline.errors import ToolFailed
from tests.fakes import FakeNarrator

AT = datetime(2026, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)
BOT = Remembered(
    "sha256:" + "a" * 64,
    AT,
    AT,
    (Equity(AT, 100.1), Equity(AT, 99.90000000000001)),
    AT,
    (Due("drawdown_max_ratio", "The drawdown is 12 %."),),
    Soaking(timedelta(hours=30, microseconds=7), 4, Look(AT, True, 4)),
    Lost(AT, 3.5, known=False),
)
KEPT = {"dip": Kept(BOT, 3, AT, "it does not come up"), "trend": Kept()}


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
