"""A packed incident holds what is needed to understand it, nothing that is secret, and is there whole or not at all."""

import json
import math
import shutil
import sqlite3
import stat
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from pipeline.adapters.incident_material import read_material, to_text
from pipeline.adapters.incident_packing import Wish
from pipeline.adapters.known_secrets import known_secrets
from pipeline.domain.contents import Contents
from pipeline.domain.incident_material import Material, Opened, PolicyInForce, SeenBundle
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.train.decisions import EntriesStopped
from pipeline.errors import FreqtrainError, Refused, ToolFailed, UsageError
from pipeline.wiring.data_sets import data_sets
from tests.adapters.bot_device import full_disk
from tests.canary import files_with, leaks_in
from tests.incident_ground import CHAT, KEY, LINE, PLANTED, SECRET, SINCE, Wreck, contents, wreck
from tests.monitor_ground import NOW, OLD, damage

DATABASE = "databases/sma_trend.live.sqlite"


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Wreck:
    return wreck(tmp_path_factory.mktemp("device") / "home")


@pytest.fixture
def ground(made_once: Wreck, tmp_path: Path) -> Wreck:
    return made_once.copy(tmp_path / "home")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out" / "case.tar.gz"


def test_everything_that_tells_of_the_incident_is_in_it(ground: Wreck, out: Path) -> None:
    made = ground.pack(out)
    found = contents(out)
    assert found["ledger.jsonl"] == (ground.own / "ledger.jsonl").read_bytes()
    assert found["environments/sandbox.yml"] == (ground.own / "watch" / "environments" / "sandbox.yml").read_bytes()
    assert json.loads(found["bots/sandbox-sma_trend-b/public.json"])["exchange"]["pair_whitelist"] == ["BTC/USDT"]
    assert b"braked: it lost 2.1 %" in found["logs/sandbox-sma_trend-b.output.log"]
    assert {name for name in found if name.startswith("logs/")} == {
        "logs/sandbox-sma_trend-a.20260225T000000Z.log",
        "logs/sandbox-sma_trend-b.output.log",
        "logs/watch.sandbox.output.log",
    }
    assert json.loads(found["state.json"])["strategies"][0]["condition"] == "held"
    assert found["report.html"].startswith(b"<!DOCTYPE html>")
    assert {DATABASE, "observations.sqlite", "watch.json"} <= set(found)
    assert [(one.strategies, one.packed, one.bundle == OLD) for one in made.index.bundles] == [
        (("sma_trend",), True, False),
        (("sma_trend",), False, True),
    ]
    assert made.index.versions["freqtrain"] == "0.1.0"
    assert made.index.ledger.entries == 7
    assert [file.path for file in made.index.files] == sorted(found)


def test_no_secret_of_the_device_is_in_it_in_any_form(ground: Wreck, out: Path) -> None:
    made = ground.pack(out)
    assert files_with(out.parent, PLANTED) == set()
    for path, content in contents(out).items():
        assert not leaks_in(content, PLANTED), path
        assert not leaks_in(content, ["unknown-to-the-device", "user:hidden-here"]), path
    assert made.index.searched.secrets >= len(PLANTED)
    assert (made.index.searched.short, made.index.searched.redacted >= 8) == (1, True)
    assert not any("secret" in file.path for file in made.index.files)


def test_it_is_for_its_owner_alone_and_equal_for_equal_files(ground: Wreck, out: Path) -> None:
    first = ground.pack(out)
    again = ground.pack(out.with_name("again.tar.gz"))
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert (first.digest, out.read_bytes()) == (again.digest, out.with_name("again.tar.gz").read_bytes())
    assert {path.name for path in out.parent.iterdir()} == {"case.tar.gz", "again.tar.gz"}


def test_nothing_on_the_device_is_changed(ground: Wreck, out: Path) -> None:
    def state() -> Mapping[str, bytes]:
        return {
            str(path): path.read_bytes() for path in ground.home.rglob("*") if path.is_file() and path.suffix != ".lock"
        }

    before = state()
    ground.pack(out)
    after = state()
    assert {name: content for name, content in after.items() if not name.endswith(("-shm", "-wal"))} == before


def test_a_ledger_that_holds_a_secret_is_told_and_nothing_is_written(ground: Wreck, out: Path) -> None:
    ground.ground.tell("sandbox", EntriesStopped("sandbox", "sma_trend", "owner", f"the key {KEY} was lost"))
    with pytest.raises(Refused) as refused:
        ground.pack(out)
    assert "ledger.jsonl" in refused.value.message
    assert not leaks_in(str(refused.value).encode(), PLANTED)
    assert list(out.parent.iterdir()) == []


def test_a_database_that_holds_a_secret_is_told_and_nothing_is_written(ground: Wreck, out: Path) -> None:
    with closing(sqlite3.connect(ground.own / DATABASE)) as database, database:
        database.execute("UPDATE trades SET enter_tag = ?", ("x" * 5000 + SECRET,))
    with pytest.raises(Refused, match=DATABASE):
        ground.pack(out)
    assert list(out.parent.iterdir()) == []


def test_a_trade_that_a_decision_read_and_that_holds_a_secret_is_told_and_nothing_is_written(
    ground: Wreck, out: Path
) -> None:
    with closing(sqlite3.connect(ground.own / "observations.sqlite")) as database, database:
        database.execute("UPDATE trades SET enter_tag = ?", (SECRET,))
    with pytest.raises(Refused, match=r"observations\.sqlite.*replay\.json"):
        ground.pack(out)
    assert list(out.parent.iterdir()) == []


def test_what_decisions_read_is_in_it_and_what_of_it_cannot_be_had_is_told(ground: Wreck, out: Path) -> None:
    policy = PolicyInForce((), None, mode="live")
    made = ground.packing().pack(Wish("sandbox", SINCE, 1 << 30, policy=policy), out)
    told = read_material(contents(out)["replay.json"])
    (seen,) = told.bundles
    assert (seen.strategy, seen.since, len(seen.trades)) == ("sma_trend", NOW - timedelta(days=9), 9)
    assert told.policy == policy
    assert all(one <= (NOW - timedelta(days=1)).timestamp() * 1000 for one in seen.equity_at)
    assert [one.cut_at for one in seen.promised] == [datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)]
    assert told.opened == {}
    left = {one.what: one.why for one in made.index.left_out}
    assert left["which trades of sma_trend were open"] == "no such column: close_date"
    damage(ground.own / "observations.sqlite")
    without = ground.packing().pack(Wish("sandbox", SINCE, 1 << 30), out.with_name("b.tar.gz"))
    left = {one.what: one.why for one in without.index.left_out}
    assert "cannot be read" in left["replay.json"]
    assert left["the policy of 'sandbox'"] == "its file, or a variable in it, cannot be read"


def test_when_trades_were_open_comes_from_the_bots_database_of_the_environments_mode(ground: Wreck, out: Path) -> None:
    with closing(sqlite3.connect(ground.own / DATABASE)) as database, database:
        database.execute("ALTER TABLE trades ADD COLUMN close_date TEXT")
        database.execute(
            "INSERT INTO trades (is_open, open_date, close_date) VALUES (0, '2026-02-25 01:00:00', '2026-02-26 02:00:00.5')"
        )
    (ground.own / "databases" / "sma_trend.dry_run.sqlite").write_bytes(b"of an earlier mode")
    ground.packing().pack(Wish("sandbox", SINCE, 1 << 30, policy=PolicyInForce((), None, mode="live")), out)
    opened = read_material(contents(out)["replay.json"]).opened
    assert opened == {
        "sma_trend": (
            Opened(datetime(2026, 2, 25, 1, tzinfo=UTC), datetime(2026, 2, 26, 2, 0, 0, 500_000, tzinfo=UTC)),
            Opened(datetime(2026, 3, 1, 9, 30, tzinfo=UTC)),
        )
    }
    assert opened["sma_trend"][0].is_open(datetime(2026, 2, 26, 2, tzinfo=UTC))
    assert not opened["sma_trend"][0].is_open(datetime(2026, 2, 26, 2, 0, 1, tzinfo=UTC))
    assert opened["sma_trend"][1].is_open(NOW)
    both = ground.packing().pack(Wish("sandbox", SINCE, 1 << 30), out.with_name("b.tar.gz"))
    assert {"which trades of sma_trend were open": "there are 2 databases of sma_trend"}.items() <= {
        one.what: one.why for one in both.index.left_out
    }.items()


def test_numbers_that_are_none_come_back_as_they_were() -> None:
    trade = ClosedTrade("A/B", NOW, NOW, math.nan, 1.0, 1.0, 1.0, 0.0, 0.0, -math.inf, 0.1, "[\n1, 2]", "roi")
    made = Material(NOW, bundles=(SeenBundle("x", "y", NOW, (trade,), (1, 2), (1e-7, 2.5e300)),))
    text = to_text(made)
    assert b'"equity": [1e-07, 2.5e+300]' in text
    (again,) = read_material(text).bundles
    assert again.equity == (1e-7, 2.5e300)
    assert math.isnan(again.trades[0].open_rate)
    assert (again.trades[0].profit, again.trades[0].enter_tag) == (-math.inf, "[\n1, 2]")
    with pytest.raises(ValueError, match=r"replay\.json"):
        read_material(b"[]")


def test_what_was_deleted_from_a_database_is_not_in_its_copy(ground: Wreck, out: Path) -> None:
    with closing(sqlite3.connect(ground.own / DATABASE)) as database:
        database.execute("PRAGMA secure_delete = OFF")
        database.execute("CREATE TABLE told (text TEXT)")
        database.executemany("INSERT INTO told VALUES (?)", [(KEY + "x" * 500,)] * 50)
        database.commit()
        database.execute("DELETE FROM told")
        database.commit()
    assert leaks_in((ground.own / DATABASE).read_bytes(), [KEY])
    ground.pack(out)
    assert not leaks_in(contents(out)[DATABASE], [KEY])


def test_a_database_that_a_bot_is_writing_is_copied_with_what_is_not_in_its_file_yet(ground: Wreck, out: Path) -> None:
    with closing(sqlite3.connect(ground.own / DATABASE)) as bot:
        bot.execute("PRAGMA journal_mode = WAL")
        bot.execute("INSERT INTO trades (pair, is_open) VALUES ('NEW/USDT', 1)")
        bot.commit()
        ground.pack(out)
    copy = out.with_name("copy.sqlite")
    copy.write_bytes(contents(out)[DATABASE])
    with closing(sqlite3.connect(copy)) as database:
        assert ("NEW/USDT",) in database.execute("SELECT pair FROM trades").fetchall()


def test_a_database_that_is_damaged_is_left_out_and_that_is_said(ground: Wreck, out: Path) -> None:
    damage(ground.own / DATABASE)
    made = ground.pack(out)
    assert DATABASE not in contents(out)
    assert [one.what for one in made.index.left_out if one.what.startswith("databases")] == [DATABASE]


def test_what_has_a_name_that_no_archive_may_hold_is_left_out_so_that_it_can_be_read(ground: Wreck, out: Path) -> None:
    (ground.own / "databases" / "Strange Name.sqlite").write_bytes((ground.own / DATABASE).read_bytes())
    made = ground.pack(out)
    assert "databases/Strange Name.sqlite" in {one.what for one in made.index.left_out}
    assert DATABASE in contents(out)


def test_a_ledger_that_is_not_intact_is_packed_as_it_is(ground: Wreck, out: Path) -> None:
    file = ground.own / "ledger.jsonl"
    file.write_bytes(file.read_bytes().replace(b"nobody", b"NOBODY").replace(b"tag v1.4", b"tag v1.5"))
    made = ground.pack(out)
    assert contents(out)["ledger.jsonl"] == file.read_bytes()
    assert made.index.ledger.breaks
    assert "was edited" in made.index.ledger.breaks[0]


def test_of_observations_only_those_since_then_are_in_it(ground: Wreck, out: Path) -> None:
    ground.pack(out)
    copy = out.with_name("copy.sqlite")
    copy.write_bytes(contents(out)["observations.sqlite"])
    with closing(sqlite3.connect(copy)) as database:
        (first,) = database.execute("SELECT min(at) FROM samples").fetchone()
    assert datetime.fromtimestamp(first / 1000, UTC) >= SINCE


def test_what_does_not_fit_is_left_out_the_least_important_first(ground: Wreck, out: Path) -> None:
    whole = ground.pack(out)
    most = sum(file.size for file in whole.index.files) - 1000
    less = ground.pack(out.with_name("less.tar.gz"), most=most)
    assert sum(file.size for file in less.index.files) <= most
    gone = {file.path for file in whole.index.files} - {file.path for file in less.index.files}
    assert gone
    assert all(path.startswith("bundles/") for path in gone)
    assert gone <= {one.what for one in less.index.left_out}
    tiny = ground.pack(out.with_name("tiny.tar.gz"), most=6000)
    assert {"ledger.jsonl", "ledger.jsonl.head"} <= {file.path for file in tiny.index.files}


def test_where_no_file_was_written_down_for_a_watch_those_of_the_checkout_are_taken(ground: Wreck, out: Path) -> None:
    file = ground.own / "watch" / "environments" / "test.yml"
    content = file.read_bytes()
    written = out.with_name("sandbox.yml")
    written.write_bytes(content)
    shutil.rmtree(file.parent)
    ground.packing().pack(Wish("sandbox", SINCE, 1 << 30, written=(written,)), out)
    assert {path: text for path, text in contents(out).items() if path.endswith(".yml")} == {
        "environments/sandbox.yml": content
    }


def test_strategies_can_stay_at_home(ground: Wreck, out: Path) -> None:
    made = ground.pack(out, content=False)
    assert not any(file.path.endswith("bundle.tar") for file in made.index.files)
    assert any(file.path.endswith("manifest-000001.json") for file in made.index.files)
    assert [one.packed for one in made.index.bundles] == [False, False]
    assert any(one.what == "bundles/*/bundle.tar" for one in made.index.left_out)


def test_candles_of_the_pairs_that_bots_list_and_traded_come_from_the_devices_own_data_sets(
    ground: Wreck, out: Path, tmp_path: Path
) -> None:
    frame = candles(SINCE - timedelta(days=60), NOW + timedelta(days=1))
    pairs = ("BTC/USDT", "ETH/USDT", "ADA/USDT")
    public = ground.own / "bots" / "sandbox-sma_trend-b" / "public.json"
    public.write_text(public.read_text().replace('["BTC/USDT"]', '["ETH/USDT"]'))
    markets = {pair: {"symbol": pair, "limits": {}, "precision": {"amount": 0.001, "price": 0.01}} for pair in pairs}
    held = Contents("binance", "pulled", "binance", {(pair, "1h"): frame for pair in pairs}, markets, (), NOW)
    made = ground.pack(out, sets=(data_sets().write(held, tmp_path / "data"),))
    found = {file.path for file in made.index.files if file.path.startswith("candles/")}
    (folder,) = {path.rpartition("/")[0] for path in found}
    assert folder.startswith("candles/binance-")
    assert found == {f"{folder}/{name}" for name in ("BTC_USDT-1h.feather", "ETH_USDT-1h.feather", "markets.json")}
    (out.parent / "x.feather").write_bytes(contents(out)[f"{folder}/BTC_USDT-1h.feather"])
    cut = pd.read_feather(out.parent / "x.feather")
    assert cut["date"].min() == pd.Timestamp(SINCE) - 500 * pd.Timedelta(1, "h")
    assert cut["date"].max() == pd.Timestamp(NOW)


def test_an_interrupt_leaves_nothing(ground: Wreck, out: Path) -> None:
    def pages() -> Mapping[str, bytes]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ground.packing(pages=pages).pack(Wish("sandbox", SINCE, 1 << 30), out)
    assert list(out.parent.iterdir()) == []


def test_what_cannot_be_said_of_now_is_left_out(ground: Wreck, out: Path) -> None:
    def pages() -> Mapping[str, bytes]:
        raise FreqtrainError("the runtime cannot be asked")

    made = ground.packing(pages=pages).pack(Wish("sandbox", SINCE, 1 << 30), out)
    assert [(one.what, one.why) for one in made.index.left_out if one.what == "state.json"] == [
        ("state.json", "the runtime cannot be asked")
    ]


def test_what_containers_printed_is_asked_for_and_redacted(ground: Wreck, out: Path) -> None:
    ground.packing(printed=lambda: {"sandbox-x-a": f"key {KEY}\ntoken=whatever-it-is\n", "silent": ""}).pack(
        Wish("sandbox", SINCE, 1 << 30), out
    )
    assert contents(out)["logs/sandbox-x-a.output.log"] == b"key [redacted]\ntoken=[redacted]\n"

    def unreachable() -> Mapping[str, str]:
        raise ToolFailed("the engine does not answer")

    made = ground.packing(printed=unreachable).pack(Wish("sandbox", SINCE, 1 << 30), out.with_name("b.tar.gz"))
    assert [one.why for one in made.index.left_out if one.what == "logs of containers"] == [
        "the engine does not answer"
    ]


def test_an_archive_that_is_there_is_not_replaced(ground: Wreck, out: Path) -> None:
    out.write_text("mine")
    with pytest.raises(UsageError):
        ground.pack(out)
    assert out.read_text() == "mine"
    with pytest.raises(UsageError):
        ground.pack(out.parent / "nowhere" / "x.tar.gz")


@pytest.mark.parametrize("most_bytes", [2000, 20_000])
def test_a_disk_that_is_full_leaves_nothing(ground: Wreck, out: Path, most_bytes: int) -> None:
    with full_disk(most_bytes), pytest.raises(ToolFailed, match="could not be packed"):
        ground.pack(out)
    assert list(out.parent.iterdir()) == []


def test_all_files_with_secrets_are_known_and_variables_are_none(ground: Wreck) -> None:
    found = known_secrets(ground.home, "sandbox", {"sandbox": {"EXCHANGE_NAME"}})
    assert {KEY, SECRET, CHAT} <= found
    assert any(LINE in one for one in found)
    assert not found & {"binance-by-its-long-name", "freqtrain"}
    assert "binance-by-its-long-name" in known_secrets(ground.home, "sandbox", {})


def test_secrets_that_cannot_be_read_keep_the_incident_at_home(ground: Wreck) -> None:
    (ground.own / "bots" / "sandbox-sma_trend-b" / "secret.json").write_text("{")
    with pytest.raises(Refused, match=r"secret\.json cannot be read"):
        known_secrets(ground.home, "sandbox", {})
    assert known_secrets(ground.home, "test", {})


def candles(since: datetime, until: datetime) -> pd.DataFrame:
    dates = pd.date_range(since, until, freq="1h", tz="UTC").as_unit("ms")
    return pd.DataFrame({"date": dates, **{name: 100.0 for name in ("open", "high", "low", "close")}, "volume": 1.0})
