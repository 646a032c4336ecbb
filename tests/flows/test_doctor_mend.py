"""What `doctor --mend` does: what was wrong is right afterwards, nothing is lost by it, and the ledger tells of it."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.adapters.observations.file import take_lock
from pipeline.domain.bot import BotState
from pipeline.domain.doctor.commands import Mend
from pipeline.domain.doctor.kinds import Kind
from pipeline.domain.doctor.mending import MENDS
from pipeline.domain.train.state import HoldKind
from pipeline.errors import Locked, Refused, ToolFailed
from pipeline.flows.doctor import diagnose, mend, planned
from pipeline.wiring.doctor import AbsentRuntime
from tests.doctor_ground import HOUR, STRATEGY, Ground, sound
from tests.doctor_plants import PLANTS, copied


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    with sound(tmp_path / "device") as made:
        yield made


def plant(ground: Ground, kind: Kind) -> None:
    PLANTS[kind](ground, pytest.MonkeyPatch())


def mended(ground: Ground, what: Mend) -> tuple[str, ...]:
    return mend(what, ground.practice(), ground.disk(), "ada")


def kinds(ground: Ground) -> list[Kind]:
    return [one.kind for one in diagnose(ground.practice()).disagreements]


def aside(ground: Ground) -> dict[str, bytes]:
    """What was set aside, by path below the folder of that time."""
    (folder,) = (ground.home / "set-aside").iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def doubts(ground: Ground) -> list[str]:
    holds = ground.practice().road.state().of(STRATEGY).holds
    return [one.reason for one in holds if one.kind is HoldKind.DOUBT]


@pytest.mark.parametrize("kind", MENDS)
def test_a_dry_run_says_what_would_be_done_and_does_nothing(ground: Ground, kind: Kind) -> None:
    plant(ground, kind)
    before = ground.content()
    (task,) = planned(MENDS[kind], ground.practice())
    assert task.told
    assert ground.content() == before
    (told,) = diagnose(ground.practice()).disagreements
    assert told.command == f"freqtrain doctor sandbox --mend {MENDS[kind].value} --dry-run"


@pytest.mark.parametrize("what", Mend)
def test_what_is_sound_is_not_mended(ground: Ground, what: Mend) -> None:
    before = ground.content()
    with pytest.raises(Refused, match="there is nothing to mend"):
        mended(ground, what)
    assert planned(what, ground.practice()) == ()
    assert set(ground.content()) - {"sandbox/lock"} == set(before)


def test_nothing_is_mended_while_another_verb_is_at_work(ground: Ground) -> None:
    plant(ground, Kind.LEDGER_HEAD)
    with ground.practice().road.locked("deploy"), pytest.raises(Locked, match="deploy by tests"):
        mended(ground, Mend.LEDGER_HEAD)
    assert not (ground.own / "ledger.jsonl.head").exists()


def test_a_head_file_that_is_gone_is_written_as_it_was_and_the_ledger_goes_on(ground: Ground) -> None:
    head = ground.own / "ledger.jsonl.head"
    before = head.read_bytes()
    head.unlink()
    (told,) = mended(ground, Mend.LEDGER_HEAD)
    assert told.startswith("ledger.jsonl.head counts 7 entries, up to sha256:")
    entries = ground.ledger().entries()
    assert (entries[-1].kind, entries[-1].body["what"], entries[-1].body["by"]) == ("mended", "ledger-head", "ada")
    assert entries[-2].hash.encode() in before
    assert kinds(ground) == []


def test_an_edited_head_file_is_kept_beside(ground: Ground) -> None:
    head = ground.own / "ledger.jsonl.head"
    head.write_bytes(b"{}\n")
    mended(ground, Mend.LEDGER_HEAD)
    assert aside(ground) == {"ledger.jsonl.head": b"{}\n"}
    assert kinds(ground) == []


def test_no_head_is_made_for_lines_that_do_not_hold_together(ground: Ground) -> None:
    plant(ground, Kind.LEDGER_BROKEN)
    (ground.own / "ledger.jsonl.head").unlink()
    assert kinds(ground) == [Kind.LEDGER_BROKEN]
    with pytest.raises(Refused, match="nothing to mend"):
        mended(ground, Mend.LEDGER_HEAD)


@pytest.mark.parametrize("kind", [Kind.DATABASE_DAMAGED, Kind.DATABASE_OTHER])
def test_a_database_that_cannot_go_on_gives_way_to_its_newest_copy_and_nobody_enters(
    ground: Ground, kind: Kind
) -> None:
    copy, good = copied(ground), ground.database.read_bytes()
    plant(ground, kind)
    bad = ground.database.read_bytes()
    assert bad != good
    (told,) = mended(ground, Mend.DATABASE)
    assert told.endswith(f"{copy} took its place")
    assert aside(ground) == {ground.database.name: bad}
    assert ground.database.stat().st_mode & 0o777 == 0o600
    assert len(doubts(ground)) == 1
    assert (ground.bot_home / "brake.json").exists()
    (bot,) = ground.runtime.running()
    assert (bot.state, bot.reason) == (BotState.DOWN, "it was stopped")
    assert [entry.kind for entry in ground.ledger().entries()][-2:] == ["doubted", "mended"]
    assert kinds(ground) == [Kind.BOT_MISSING]


def test_a_missing_database_comes_back_from_its_copy_without_what_lay_beside_it(ground: Ground) -> None:
    copied(ground)
    ground.database.unlink()
    stale = ground.database.with_name(f"{ground.database.name}-wal")
    stale.write_bytes(b"of another one")
    mended(ground, Mend.DATABASE)
    assert aside(ground) == {stale.name: b"of another one"}
    assert len(ground.disk().database(STRATEGY).trades) == 1


def test_a_database_is_never_set_aside_because_the_environments_currency_was_changed(ground: Ground) -> None:
    """Its open trades are real: an older copy in its place would know less of them."""
    copied(ground)
    plant(ground, Kind.TRADES_FOREIGN)
    with pytest.raises(Refused, match="nothing to mend"):
        mended(ground, Mend.DATABASE)
    ground.database.unlink()
    (told,) = mended(ground, Mend.DATABASE)
    assert told.endswith("took its place"), "one that is lost comes back all the same"


def test_a_copy_that_is_damaged_or_of_another_mode_is_passed_over(ground: Ground) -> None:
    older = ground.database.with_name("copies") / copied(ground)
    for name, content in (("zz1", b"no database"), ("zz2", older.read_bytes()[:-4096])):
        older.with_name(f"{ground.database.stem}.{name}.sqlite").write_bytes(content)
    ground.database.unlink()
    ground.put_database(order="dry_run_buy_1", mode="dry_run")
    newest = ground.database.with_name("copies") / f"{ground.database.stem}.zz3.sqlite"
    newest.write_bytes(ground.database.read_bytes())
    (told,) = mended(ground, Mend.DATABASE)
    assert told.endswith(f"{older.name} took its place")
    assert not list(ground.database.parent.glob(".*.part*"))


def test_without_a_copy_entries_are_held_and_the_next_bot_begins_an_empty_database(ground: Ground) -> None:
    plant(ground, Kind.DATABASE_DAMAGED)
    (told,) = mended(ground, Mend.DATABASE)
    assert told.endswith("begins an empty one")
    assert not ground.database.exists()
    assert len(doubts(ground)) == 1
    missing = [one for one in diagnose(ground.practice()).disagreements if one.kind is Kind.DATABASE_MISSING]
    assert [one.command for one in missing] == ["freqtrain converge sandbox"]


def test_a_database_is_left_alone_where_entries_cannot_be_held_in_the_ledger(ground: Ground) -> None:
    plant(ground, Kind.DATABASE_DAMAGED)
    practice, bad = ground.practice(), ground.database.read_bytes()
    full = replace(practice, road=replace(practice.road, ledger=FullLedger(practice.road.ledger)))
    with pytest.raises(ToolFailed, match="no room"):
        mend(Mend.DATABASE, full, ground.disk(), "ada")
    assert ground.database.read_bytes() == bad
    assert not (ground.home / "set-aside").exists()


def test_a_database_that_a_stranger_has_is_left_alone(ground: Ground) -> None:
    plant(ground, Kind.DATABASE_OTHER)
    plant(ground, Kind.DATABASE_LOCKED)
    bad = ground.database.read_bytes()
    with pytest.raises(Refused, match="in use by a-stranger"):
        mended(ground, Mend.DATABASE)
    assert ground.database.read_bytes() == bad
    assert doubts(ground) == []
    assert ground.runtime.running()[0].state is BotState.RUNNING


def test_a_database_is_left_alone_where_nobody_can_see_which_bots_run(ground: Ground) -> None:
    plant(ground, Kind.DATABASE_DAMAGED)
    practice = ground.practice()
    silent = replace(practice, road=replace(practice.road, runtime=AbsentRuntime(ToolFailed("no engine"))))
    with pytest.raises(Refused, match="which bots run cannot be seen"):
        mend(Mend.DATABASE, silent, ground.disk(), "ada")
    assert doubts(ground) == []


def test_damaged_observations_are_set_aside_unless_the_watch_writes_them(ground: Ground) -> None:
    plant(ground, Kind.OBSERVATIONS_DAMAGED)
    bad = ground.observations.read_bytes()
    with os.fdopen(take_lock(ground.observations, "now")):
        with pytest.raises(Locked):
            mended(ground, Mend.OBSERVATIONS)
        assert ground.observations.read_bytes() == bad
    mended(ground, Mend.OBSERVATIONS)
    assert ground.observations.with_name("observations.sqlite.damaged-1").read_bytes() == bad
    assert kinds(ground) == []


def test_leftovers_are_set_aside_and_what_may_hold_secrets_is_removed(ground: Ground) -> None:
    own, bots = ground.own, ground.own / "bots"
    ground.touched(own / ".watch.json.ab12cd34", 2 * HOUR).write_text("{}")
    ground.touched(own / ".watch.json.ab12cd34", 2 * HOUR)
    for path in (own / ".secrets.json.ab12cd34", ground.database.with_name(".sma_trend.part")):
        ground.touched(path, 2 * HOUR)
    (bots / f".{ground.bot}.new").mkdir()
    ground.touched(bots / f".{ground.bot}.new" / "secret.json", 2 * HOUR).chmod(0o600)
    ground.touched(bots / f".{ground.bot}.new", 2 * HOUR)
    ground.touched(own / ".ledger.jsonl.head.ab12cd35")  # somebody may be writing it
    assert kinds(ground) == [Kind.LEFTOVERS]
    (told,) = mended(ground, Mend.LEFTOVERS)
    assert "2 set aside" in told
    assert "2 that may hold secrets removed" in told
    assert set(aside(ground)) == {"sandbox/.watch.json.ab12cd34", "sandbox/databases/.sma_trend.part"}
    assert not (own / ".secrets.json.ab12cd34").exists()
    assert [path.name for path in bots.iterdir()] == [ground.bot]
    assert (own / ".ledger.jsonl.head.ab12cd35").exists()
    assert kinds(ground) == []


def test_an_old_home_that_is_all_there_is_of_a_bots_secrets_is_no_leftover(ground: Ground) -> None:
    ground.bot_home.rename(ground.bot_home.with_name(f".{ground.bot}.old"))
    ground.touched(ground.bot_home.with_name(f".{ground.bot}.old"), 2 * HOUR)
    assert kinds(ground) == [Kind.HOME_MISSING]


def test_a_torn_line_at_the_ledgers_end_is_cleared_up_with_the_rest(ground: Ground) -> None:
    ledger = ground.own / "ledger.jsonl"
    ledger.write_bytes(ledger.read_bytes() + b'{"at":"2026-')
    assert kinds(ground) == [Kind.LEFTOVERS]
    mended(ground, Mend.LEFTOVERS)
    assert ledger.with_name("ledger.jsonl.torn-1").read_bytes() == b'{"at":"2026-'
    assert kinds(ground) == []


class FullLedger:
    """One that can be read and has no room."""

    def __init__(self, kept: object) -> None:
        self._kept = kept

    def append(self, kind: str, body: object) -> None:
        raise ToolFailed("there is no room")

    def __getattr__(self, name: str) -> object:
        return getattr(self._kept, name)
