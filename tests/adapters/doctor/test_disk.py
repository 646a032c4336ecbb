"""Homes, observations and leftovers as a doctor sees them on a disk."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.adapters.bot_databases import database_file
from pipeline.adapters.bot_homes import BotHomes
from pipeline.adapters.doctor.homes import home_facts
from pipeline.adapters.doctor.leftovers import leftovers
from pipeline.adapters.doctor.observed import observation_facts
from pipeline.domain.bot import BotState, RunningBot
from pipeline.domain.canonical import digest_bytes
from pipeline.domain.doctor.examine import examine
from pipeline.domain.doctor.facts import BundleFacts, DatabaseFacts, Facts, ObservationFacts
from pipeline.domain.train.movements import Purpose
from pipeline.domain.train.sight import Says, SeenBot
from pipeline.domain.train.state import Deployment, EnvironmentState, Standing, StrategyState
from pipeline.errors import Refused
from tests.adapters import bot_device
from tests.doctor_ground import HOUR, STRATEGY, Ground, other, sound
from tests.fakes import FakeClock


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    with sound(tmp_path / "device") as made:
        yield made


def test_a_home_tells_its_settings_and_the_digests_of_its_files(ground: Ground) -> None:
    (found,) = home_facts(ground.home, "sandbox")
    assert (found.name, found.strategy, found.path) == (ground.bot, STRATEGY, str(ground.bot_home))
    assert found.settings == ground.settings()
    assert found.files == ground.settings().strategy_files


def test_byte_code_that_python_leaves_changes_nothing_and_a_link_does(ground: Ground) -> None:
    cache = ground.bot_home / "strategy" / "__pycache__"
    cache.mkdir()
    (cache / "strategy.cpython-311.pyc").write_bytes(b"x")
    (found,) = home_facts(ground.home, "sandbox")
    assert found.files == ground.settings().strategy_files
    (ground.bot_home / "strategy" / "more.py").symlink_to("/etc/hostname")
    (found,) = home_facts(ground.home, "sandbox")
    assert found.files["more.py"] == "unreadable: is a symbolic link"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "bot.json is missing"),
        (b"{", "bot.json is not what the train writes"),
        (b"[]", "bot.json is not what the train writes"),
        (b"[" * 100_000, "bot.json is not what the train writes"),
        (json.dumps({"name": "x", "password": "s3cret-word"}).encode(), "bot.json is not what the train writes"),
        (b"\xff" * 10, "bot.json is not what the train writes"),
    ],
)
def test_settings_that_cannot_be_read_are_told_without_what_stands_in_them(
    ground: Ground, content: bytes | None, problem: str
) -> None:
    file = ground.bot_home / "bot.json"
    file.unlink() if content is None else file.write_bytes(content)
    (found,) = home_facts(ground.home, "sandbox")
    assert (found.settings, found.problem) == (None, problem)


def test_only_folders_that_the_train_names_are_homes(ground: Ground) -> None:
    bots = ground.own / "bots"
    for name in ("other-dip-a", "sandbox-dip-c", ".sandbox-dip-a.old", "sandbox-Dip-a"):
        (bots / name).mkdir()
    (bots / "sandbox-dip-b").write_text("no folder")
    assert [one.name for one in home_facts(ground.home, "sandbox")] == [ground.bot]
    assert home_facts(ground.home, "nowhere") == ()


def test_observations_tell_their_bundles_and_their_latest_sample(ground: Ground) -> None:
    ground.observe(timedelta(minutes=5), bundle=other())
    names = sorted(path.name for path in ground.own.iterdir())
    found = observation_facts(ground.observations)
    assert found is not None
    assert set(found.bundles) == {(STRATEGY, ground.bundle.digest), (STRATEGY, other())}
    assert found.last_at == ground.clock.at - timedelta(minutes=1)
    assert sorted(path.name for path in ground.own.iterdir()) == names
    assert observation_facts(ground.own / "nothing.sqlite") is None


def test_a_file_that_the_watch_is_about_to_begin_is_in_order(tmp_path: Path) -> None:
    (tmp_path / "observations.sqlite").touch()
    assert observation_facts(tmp_path / "observations.sqlite") == ObservationFacts()


def test_another_programs_file_is_damage_and_a_newer_freqtrains_is_not_touched(ground: Ground, tmp_path: Path) -> None:
    strange = tmp_path / "strange.sqlite"
    with closing(sqlite3.connect(strange)) as database, database:
        database.execute("CREATE TABLE songs (title TEXT)")
    assert observation_facts(strange) == ObservationFacts("it holds somebody else's tables")
    with closing(sqlite3.connect(ground.observations)) as database:
        database.execute("PRAGMA user_version = 99")
    with pytest.raises(Refused, match="newer freqtrain"):
        observation_facts(ground.observations)


def test_leftovers_are_known_by_the_names_under_which_is_written_aside(ground: Ground) -> None:
    own, store = ground.own, ground.home / "store" / "sha256"
    left = [
        own / ".ledger.jsonl.head.ab12cd34",
        own / ".export-x1",
        own / "watch" / ".test.yml.ab12cd34",
        own / "databases" / ".dip.part",
        own / "databases" / "copies" / ".dip.part",
        ground.bot_home / ".brake.json.ab12cd34",
        own / "bots" / ".sandbox-dip-a.new",
        own / "bots" / f".{ground.bot}.old",
        store / f".{'a' * 64}.x1y2.part",
        store / ground.bundle.digest.removeprefix("sha256:") / ".manifest-12-ab",
    ]
    kept = [
        own / "ledger.jsonl.torn-1",
        own / "observations.sqlite.damaged-1",
        own / ".hidden",
        own / "bots" / ".x-a.old",
    ]
    for path in (*left, *kept):
        ground.touched(path, 2 * HOUR)
    assert {Path(one.path) for one in leftovers(ground.home, "sandbox")} == set(left)
    assert {one.changed_at for one in leftovers(ground.home, "sandbox")} == {ground.clock.at - 2 * HOUR}


@pytest.mark.parametrize("vanishes", ["lstat", "is_file", "iterdir"])
def test_what_a_writer_takes_away_while_somebody_looks_hides_nothing_that_was_left(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, vanishes: str
) -> None:
    """A watch writes files aside all the time, and puts them in their place a moment later."""
    left, written = ground.own / ".export-x1", ground.own / "watch" / ".watch.json.ab12cd34"
    for path in (left, written):
        ground.touched(path, 2 * HOUR)
    real = getattr(Path, vanishes)

    def meanwhile(path: Path) -> object:
        if written.parent.exists() and path in (written, written.parent):
            shutil.rmtree(written.parent)
        return real(path)

    monkeypatch.setattr(Path, vanishes, meanwhile)
    assert [Path(one.path) for one in leftovers(ground.home, "sandbox")] == [left]


def test_a_home_that_the_train_has_written_is_in_order(tmp_path: Path) -> None:
    environment, bundle, clock = bot_device.environment(), bot_device.stored(), FakeClock()
    homes = BotHomes(tmp_path, environment, clock, first_port=18_100)
    spec = homes.spec("eager", "a", bundle.digest, 0)
    homes.prepare(spec, bundle, "")
    made = Deployment(bundle.digest, "a", clock.now(), "ada", "", "", Purpose.DEPLOY)
    known = StrategyState("eager", 0, Standing(bundle.digest, "a"), deployments=(made,))
    up = SeenBot(RunningBot(spec, BotState.RUNNING, clock.now()), Says(bundle.digest, True, 0))
    files = {path: digest_bytes(content) for path, content in bundle.bundle.files.items()}
    facts = Facts(
        environment.name,
        clock.now(),
        state=EnvironmentState(environment.name, {"eager": known}),
        bots=(up,),
        bundles=(BundleFacts(bundle.digest, files=files),),
        homes=home_facts(tmp_path.resolve(), environment.name),
        databases=(DatabaseFacts("eager", str(database_file(tmp_path.resolve(), environment, "eager"))),),
    )
    assert len(facts.homes or ()) == 1
    assert examine(facts).disagreements == ()
