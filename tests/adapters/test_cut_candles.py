"""Cut candle files on the disk."""

from datetime import timedelta
from pathlib import Path

from pipeline.adapters.cut_candles import write_cut
from pipeline.adapters.feather import read_candles
from pipeline.domain.replay import Cut
from pipeline.domain.windows import Window
from tests.small_sets import small_set


def test_every_file_of_a_folder_ends_at_the_cut(tmp_path: Path) -> None:
    data = small_set(tmp_path / "data").derive(["1h", "4h", "5m"], tmp_path / "derived")
    first = read_candles(data / "BTC_USDT-1h.feather")["date"].iloc[0].to_pydatetime()
    cut = Cut(Window("w", first, first + timedelta(days=3)), first + timedelta(hours=30), timedelta(hours=1))
    write_cut(data, cut, tmp_path / "cut")
    assert sorted(path.name for path in (tmp_path / "cut").iterdir()) == sorted(path.name for path in data.iterdir())
    for path in (tmp_path / "cut").iterdir():
        frame, hours = read_candles(path), {"1h": 1.0, "4h": 4.0, "5m": 1 / 12}[path.stem.split("-")[1]]
        flat = 2 if hours == 1 else 0
        known = frame.iloc[: len(frame) - flat]
        assert known["date"].iloc[-1].to_pydatetime() + timedelta(hours=hours) <= cut.at
        assert len(frame) > 5
