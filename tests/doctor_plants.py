"""Every kind of disagreement, planted on a device on which everything agreed."""

import fcntl
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.domain.bot_report import Trading
from pipeline.domain.doctor.kinds import Kind
from pipeline.domain.train.decisions import EntriesStopped
from pipeline.domain.train.movements import Deploying, Purpose, Stopped
from tests.doctor_ground import COMMIT, HOUR, KEY, STRATEGY, Ground, Words, other

Plant = Callable[[Ground, pytest.MonkeyPatch], None]


def _edit_ledger(ground: Ground, _: pytest.MonkeyPatch) -> None:
    ledger = ground.own / "ledger.jsonl"
    ledger.write_bytes(ledger.read_bytes().replace(b'"it earned it"', b'"it paid for it"'))


def _foreign_entry(ground: Ground, _: pytest.MonkeyPatch) -> None:
    ground.ledger().append("married", {"to": "nobody"})


def _ahead(ground: Ground, _: pytest.MonkeyPatch) -> None:
    ground.tell(EntriesStopped("sandbox", STRATEGY, "ada"), ago=-HOUR)
    ground.said[ground.bot] = Words(ground.bundle.digest, Trading.PAUSED)


def _interrupt(ground: Ground, _: pytest.MonkeyPatch) -> None:
    old = ground.bundle.digest
    ground.tell(Deploying("sandbox", STRATEGY, Purpose.DEPLOY, old, "b", (), "ada", old_bundle=old, old_slot="a"))


def _stray(ground: Ground, _: pytest.MonkeyPatch) -> None:
    (ground.own / "bots" / f"sandbox-{STRATEGY}-b").mkdir(mode=0o700)
    ground.runtime.start(ground.spec("b"))


def _missing_bot(ground: Ground, _: pytest.MonkeyPatch) -> None:
    ground.runtime.bots.clear()


def _give_up(ground: Ground, _: pytest.MonkeyPatch) -> None:
    ground.runtime.end(ground.bot, 2, "bot: the key is refused")


def _says(**words: object) -> Plant:
    def plant(ground: Ground, _: pytest.MonkeyPatch) -> None:
        ground.said[ground.bot] = Words(**{"bundle": ground.bundle.digest, **words})  # type: ignore[arg-type]

    return plant


def _enters(ground: Ground, _: pytest.MonkeyPatch) -> None:
    ground.tell(EntriesStopped("sandbox", STRATEGY, "ada"))


def _old_lease(ground: Ground, _: pytest.MonkeyPatch) -> None:
    ground.touched(ground.own / "lease", timedelta(minutes=16))


def _end_watch(ground: Ground, _: pytest.MonkeyPatch) -> None:
    ground.ending.close()


def _stored(ground: Ground) -> Path:
    return ground.home / "store" / "sha256" / ground.bundle.digest.removeprefix("sha256:")


def _missing_bundle(ground: Ground, _: pytest.MonkeyPatch) -> None:
    _stored(ground).rename(ground.home / "elsewhere")


def _damaged_bundle(ground: Ground, _: pytest.MonkeyPatch) -> None:
    archive = _stored(ground) / "bundle.tar"
    archive.chmod(0o600)
    archive.write_bytes(archive.read_bytes() + b"x")


def _missing_home(ground: Ground, _: pytest.MonkeyPatch) -> None:
    ground.bot_home.rename(ground.home / "elsewhere")


def _edited_home(ground: Ground, _: pytest.MonkeyPatch) -> None:
    (ground.bot_home / "strategy" / "more.py").write_text("import os\n")


def _left_home(ground: Ground, _: pytest.MonkeyPatch) -> None:
    ground.tell(Stopped("sandbox", STRATEGY, ground.bundle.digest, "it was deleted"))
    ground.runtime.bots.clear()
    ground.ending.close()
    ground.database.unlink()
    ground.put_database()


def _leave_trades(ground: Ground, _: pytest.MonkeyPatch) -> None:
    ground.tell(Stopped("sandbox", STRATEGY, ground.bundle.digest, "it was deleted"))
    ground.runtime.bots.clear()
    ground.ending.close()
    shutil.rmtree(ground.bot_home)


def _open_secret(ground: Ground, _: pytest.MonkeyPatch) -> None:
    (ground.bot_home / "secret.json").chmod(0o644)


def _foreign_file(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: mine + 1)


def _shared_key(ground: Ground, _: pytest.MonkeyPatch) -> None:
    home = ground.home / "prod" / "bots" / "prod-dip-a"
    home.mkdir(parents=True)
    (home / "public.json").write_text(json.dumps({"exchange": {"name": "binance"}}))
    (home / "secret.json").write_text(json.dumps({"exchange": KEY}))


def _missing_database(ground: Ground, _: pytest.MonkeyPatch) -> None:
    ground.database.unlink()


def _damaged_database(ground: Ground, _: pytest.MonkeyPatch) -> None:
    content = ground.database.read_bytes()
    ground.database.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))


def _other_database(ground: Ground, _: pytest.MonkeyPatch) -> None:
    ground.database.unlink()
    ground.put_database(order="dry_run_buy_1", mode="dry_run")


def _locked_database(ground: Ground, _: pytest.MonkeyPatch) -> None:
    lock = ground.database.with_name(f"{ground.database.name}.lock")
    lock.write_text(json.dumps({"bot": "a-stranger", "pid": 1}))
    file = ground.ending.enter_context(lock.open())
    fcntl.flock(file, fcntl.LOCK_EX)


def _unknown_trade(ground: Ground, _: pytest.MonkeyPatch) -> None:
    ground.database.unlink()
    ground.put_database(2 * HOUR, 30 * HOUR)


def _foreign_trade(ground: Ground, _: pytest.MonkeyPatch) -> None:
    ground.environment = replace(ground.environment, stake_currency="BTC", pairs=("ETH/BTC",))


def _unknown_order(ground: Ground, _: pytest.MonkeyPatch) -> None:
    ground.account.orders.append(ground.order())


def _doubt(ground: Ground, _: pytest.MonkeyPatch) -> None:
    file = ground.database.with_name(f"{ground.database.name}.doubt.json")
    file.write_text(json.dumps({"pair": "BTC/USDT", "side": "buy", "at": "just before"}))
    ground.touched(file, HOUR)


def _damaged_observations(ground: Ground, _: pytest.MonkeyPatch) -> None:
    content = ground.observations.read_bytes()
    ground.observations.write_bytes(b"\xff" * len(content))


def _observed_ahead(ground: Ground, _: pytest.MonkeyPatch) -> None:
    ground.observe(-HOUR)


def _observed_unknown(ground: Ground, _: pytest.MonkeyPatch) -> None:
    ground.observe(timedelta(minutes=1), bundle=other())


def _move_tag(ground: Ground, _: pytest.MonkeyPatch) -> None:
    assert ground.tags.named["v1"] == COMMIT
    ground.tags.named["v1"] = "d" * 40


def _leftovers(ground: Ground, _: pytest.MonkeyPatch) -> None:
    ground.touched(ground.own / ".ledger.jsonl.head.ab12cd34", 2 * HOUR)


PLANTS: Mapping[Kind, Plant] = {
    Kind.LEDGER_BROKEN: _edit_ledger,
    Kind.LEDGER_HEAD: lambda ground, _: (ground.own / "ledger.jsonl.head").unlink(),
    Kind.LEDGER_FOREIGN: _foreign_entry,
    Kind.LEDGER_AHEAD: _ahead,
    Kind.INTERRUPTED: _interrupt,
    Kind.TAG_MOVED: _move_tag,
    Kind.BOT_MISSING: _missing_bot,
    Kind.BOT_GAVE_UP: _give_up,
    Kind.BOT_STRAY: _stray,
    Kind.BOT_OTHER: _says(bundle=other()),
    Kind.BOT_SILENT: _says(silent=True),
    Kind.BOT_ENTERS: _enters,
    Kind.BOT_PAUSED: _says(state=Trading.PAUSED),
    Kind.WATCH_MISSING: _end_watch,
    Kind.LEASE_OLD: _old_lease,
    Kind.BUNDLE_MISSING: _missing_bundle,
    Kind.BUNDLE_DAMAGED: _damaged_bundle,
    Kind.HOME_MISSING: _missing_home,
    Kind.HOME_EDITED: _edited_home,
    Kind.HOME_LEFT: _left_home,
    Kind.FILE_MODES: _open_secret,
    Kind.FILE_OWNER: _foreign_file,
    Kind.KEY_SHARED: _shared_key,
    Kind.DATABASE_MISSING: _missing_database,
    Kind.DATABASE_DAMAGED: _damaged_database,
    Kind.DATABASE_OTHER: _other_database,
    Kind.DATABASE_LOCKED: _locked_database,
    Kind.TRADES_UNKNOWN: _unknown_trade,
    Kind.TRADES_FOREIGN: _foreign_trade,
    Kind.TRADES_LEFT: _leave_trades,
    Kind.ACCOUNT_UNKNOWN: _unknown_order,
    Kind.DOUBT: _doubt,
    Kind.OBSERVATIONS_DAMAGED: _damaged_observations,
    Kind.OBSERVATIONS_AHEAD: _observed_ahead,
    Kind.OBSERVED_UNKNOWN: _observed_unknown,
    Kind.LEFTOVERS: _leftovers,
}


def copied(ground: Ground) -> str:
    """A copy of the database as it is now, as a deployment makes one; its name."""
    copies = ground.database.with_name("copies")
    copies.mkdir(mode=0o700, exist_ok=True)
    name = f"{ground.database.stem}.20260101T000000.000000Z.sqlite"
    with closing(sqlite3.connect(ground.database)) as source, closing(sqlite3.connect(copies / name)) as target:
        source.backup(target)
    return name
