"""Doubts beside databases: what they say, since when, and that one which cannot be understood is a doubt all the same."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.adapters.bot_doubts import BotDoubts


def doubts(folder: Path) -> BotDoubts:
    return BotDoubts(lambda strategy: folder / f"{strategy}.live.sqlite.doubt.json")


def test_there_is_none_where_there_is_no_file(tmp_path: Path) -> None:
    assert doubts(tmp_path).of("dip") is None


def test_it_tells_the_order_and_since_when(tmp_path: Path) -> None:
    file = tmp_path / "dip.live.sqlite.doubt.json"
    file.write_text(json.dumps({"pair": "BTC/USDT", "side": "buy", "at": "2026-01-01T00:00:00+00:00", "amount": 1}))
    os.utime(file, (1_767_225_600, 1_767_225_600))
    told = doubts(tmp_path).of("dip")
    assert told is not None
    assert told[0].startswith("an order to buy BTC/USDT was sent at 2026-01-01T00:00:00+00:00")
    assert told[1] == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"pair": 1}', b'{"pair":"a\\nb","side":"buy","at":"x"}'])
def test_one_that_cannot_be_understood_is_a_doubt_all_the_same(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "dip.live.sqlite.doubt.json").write_bytes(content)
    told = doubts(tmp_path).of("dip")
    assert told is not None
    assert told[0] == "dip.live.sqlite.doubt.json does not tell which order it is about"


def test_the_doubt_that_was_looked_at_is_settled_and_no_newer_one(tmp_path: Path) -> None:
    file, these = tmp_path / "dip.live.sqlite.doubt.json", doubts(tmp_path)
    file.write_text(json.dumps({"pair": "BTC/USDT", "side": "buy", "at": "2026-01-01T00:00:00+00:00"}))
    assert these.pair_of("dip") == "BTC/USDT"
    found = these.of("dip")
    assert found is not None
    os.utime(file, (1_767_225_600, 1_767_225_600))
    assert not these.settle("dip", found[1]), "it was written again meanwhile"
    newer = these.of("dip")
    assert newer is not None
    assert these.settle("dip", newer[1])
    assert not file.exists()
    assert (these.settle("dip", newer[1]), these.pair_of("dip")) == (False, "")
