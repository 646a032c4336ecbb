"""The verbs of the road as a person calls them: what is refused before anything starts, and what is told."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from pipeline.adapters.bundle_store import BundleStore
from pipeline.adapters.clock import SystemClock
from pipeline.adapters.environment_lock import EnvironmentLock
from pipeline.adapters.ledger_file import LedgerFile
from pipeline.adapters.supervisor.runtime import SupervisorRuntime
from pipeline.domain.train.decisions import Blocked, EntriesStopped
from pipeline.domain.train.facts import body_of, kind_of
from pipeline.domain.train.movements import Deployed, Deploying, Purpose
from tests.cli.freqtrain import ROOT, Said, environment, freqtrain
from tests.fakes import FakeNarrator

pytestmark = pytest.mark.processes

BUNDLE = "sha256:" + "a" * 64
LIVE = {"DRY_RUN": "false", "EXCHANGE_ACCESS_KEY": "k" * 64, "EXCHANGE_ACCESS_SECRET": "s" * 64}


def road(home: Path, *arguments: str, env: Mapping[str, str] | None = None) -> Said:
    return freqtrain(*arguments, "--home", home, cwd=ROOT, env=env)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A device on which a bundle was deployed to test, and is down."""
    ledger = LedgerFile(tmp_path / "device" / "test" / "ledger.jsonl", SystemClock(), FakeNarrator())
    for fact in (
        Deploying("test", "dip", Purpose.DEPLOY, BUNDLE, "a", (), "operator"),
        Deployed("test", "dip", BUNDLE, "a", "operator"),
        EntriesStopped("test", "dip", "operator", "I go on holiday"),
    ):
        ledger.append(kind_of(fact), body_of(fact))
    return tmp_path / "device"


def test_status_says_what_should_run_and_what_wants_a_look(home: Path) -> None:
    said = road(home, "status")
    assert said.code == 0, said.err
    assert "dip" in said.out
    assert "stop by operator" in said.out.replace("\n", " ")
    assert "1 of 1 want a look. 1 is not watched." in said.out
    assert "test: nobody watches." in said.out
    document = json.loads(road(home, "status", "--json").out)
    assert next(iter(document)) == "outcome"
    assert document["strategies"][0]["bundle"] == BUNDLE


def test_status_says_that_observations_are_damaged_as_it_says_that_nobody_watches(home: Path) -> None:
    (home / "test" / "observations.sqlite").write_bytes(b"x" * 8192)
    (home / "test" / "observations.sqlite.damaged-1").write_bytes(b"x" * 8192)
    said = road(home, "status")
    assert said.code == 0, said.err
    told = " ".join(said.out.split())
    assert "test: the observations cannot be read:" in told
    assert "was set aside as observations.sqlite.damaged-1" in told
    assert said.out.endswith("What is observed wants a look.\n")
    assert len(json.loads(road(home, "status", "--json").out)["unobserved"]) == 2


def test_log_tells_sentences_and_the_hash_to_note_elsewhere(home: Path) -> None:
    said = road(home, "log", "test")
    assert said.code == 0, said.err
    assert "dip: aaaaaaaaaaaa was deployed by operator" in said.out
    hash_ = said.out.split()[-1]
    assert road(home, "log", "test", "--against", hash_).code == 0
    strange = road(home, "log", "test", "--against", "f" * 64)
    assert (strange.code, "was written anew" in strange.out) == (3, True)


def test_a_ledger_that_was_edited_shows_and_decides_nothing(home: Path) -> None:
    file = home / "test" / "ledger.jsonl"
    file.write_bytes(file.read_bytes().replace(b"holiday", b"pension"))
    said = road(home, "log", "test", "--verify")
    assert said.code == 3
    assert "line 3: was edited" in said.out
    assert road(home, "status").code == 3
    assert road(home, "converge", "test").code == 3


def test_unknown_environments_bundles_and_strategies_are_named(home: Path) -> None:
    nowhere = road(home, "converge", "nowhere")
    assert (nowhere.code, "nowhere" in nowhere.err) == (3, True)
    assert road(home, "log", "nowhere").code == 2
    bundle = road(home, "deploy", "test", "abcdef123456", env={"DRY_RUN": "true"})
    assert (bundle.code, "there is no bundle sha256:abcdef123456 here" in bundle.err) == (2, True)
    strategy = road(home, "stop", "test", "nothing")
    assert (strategy.code, "nothing: not in 'test'" in strategy.err) == (2, True)
    assert road(home, "roll-back", "test", "dip").code == 2, "without a reason"


def test_a_bundle_is_blocked_and_the_block_lifted_by_hand(home: Path) -> None:
    assert road(home, "block", "set", "test", "dip").code == 2, "without a reason"
    said = road(home, "block", "set", "test", "dip", "--bundle", BUNDLE[:20], "--reason", "it trades at night")
    # What stands is down and has no bundle in the store, so it cannot be started: the block stands all the same.
    assert (said.code, "it is blocked" in said.err) == (4, True), said.err
    assert "it trades at night" in " ".join(road(home, "status").out.split())
    assert "aaaaaaaaaaaa was blocked" in road(home, "log", "test").out
    other = "sha256:" + "b" * 64
    block = Blocked("test", "dip", other, "operator", "it reads the future")
    LedgerFile(home / "test" / "ledger.jsonl", SystemClock(), FakeNarrator()).append(kind_of(block), body_of(block))
    assert "bbbbbbbbbbbb (dip) is blocked by operator since" in road(home, "status").out
    assert [one["stands"] for one in json.loads(road(home, "status", "--json").out)["blocked"]] == [True, False]
    assert "is blocked already" in road(home, "block", "set", "test", "dip", "--reason", "again").err
    lifted = road(home, "block", "lift", "test", BUNDLE[:20], "--reason", "it was the clock")
    assert lifted.code == 0, lifted.err


@contextmanager
def begun(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """A verb that goes on; it is killed at the end where it still runs."""
    argv = [str(Path(sys.executable).parent / "freqtrain"), *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(argv, cwd=ROOT, env=environment(), stdout=pipe, stderr=pipe, text=True) as verb:
        try:
            yield verb
        finally:
            verb.kill()


@pytest.mark.sockets
def test_selling_and_releasing_wait_for_a_verb_that_is_at_work_and_stopping_entries_does_not(home: Path) -> None:
    """The watch converges what a stop has just recorded: whoever stops must not have to do it twice because of that."""
    lock = EnvironmentLock(home / "test" / "lock", "watch", SystemClock())
    patient = ("--home", str(home), "--wait", "10")
    with ExitStack() as ending:
        with lock("watch"):
            at_once = road(home, "stop", "test", "dip")
            assert "entries are stopped; 'test' is locked: watch by watch" in at_once.err, at_once.err
            sells = ending.enter_context(begun("stop", "test", "dip", "--exit", *patient))
            releases = ending.enter_context(
                begun("stop", "test", "dip", "--release", "--reason", "back again", *patient)
            )
            for verb in (sells, releases):
                assert verb.stderr is not None
                assert any("waiting for it to end" in line for line in verb.stderr), "it does not wait"
            assert [verb.poll() for verb in (sells, releases)] == [None, None]
        said = [(verb.communicate(timeout=300)[1], verb.returncode) for verb in (sells, releases)]
    SupervisorRuntime(home, SystemClock()).shutdown()  # A release sees to it that somebody watches.
    # What stood has no bundle in the store, so that it cannot be started: that is all that is left to say.
    assert [code for _, code in said] == [4, 4], said


def test_selling_waits_no_longer_than_it_is_told_to(home: Path) -> None:
    with EnvironmentLock(home / "test" / "lock", "anna", SystemClock())("deploy dip"):
        said = road(home, "stop", "test", "dip", "--exit", "--wait", "0.01")
    assert said.code == 5
    assert "entries are stopped, and nothing is sold yet: 'test' is locked: deploy dip by anna" in said.err
    assert "stopped by" in road(home, "log", "test").out


def test_a_plan_is_said_and_nothing_is_done(home: Path) -> None:
    before = (home / "test" / "ledger.jsonl").read_bytes()
    said = road(home, "converge", "test", "--plan")
    assert said.code == 0, said.err
    assert "start the bot, paused [a, aaaaaaaaaaaa]" in said.out
    assert (home / "test" / "ledger.jsonl").read_bytes() == before


def test_secrets_that_are_missing_are_refused_before_anything_starts(tmp_path: Path) -> None:
    said = road(tmp_path, "deploy", "sandbox", "abcdef123456", env={"DRY_RUN": "false"})
    assert said.code == 3
    assert "EXCHANGE_ACCESS_KEY" in said.err
    assert "EXCHANGE_ACCESS_SECRET" in said.err
    wrong = road(tmp_path, "deploy", "sandbox", "abcdef123456", env={**LIVE, "DRY_RUN": "true"})
    assert (wrong.code, "DRY_RUN" in wrong.err) == (3, True)
    assert BundleStore(tmp_path / "store").digests() == ()
    assert "k" * 64 not in said.err + wrong.err


def test_a_home_in_a_checkout_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    said = road(tmp_path / "device", "converge", "test")
    assert said.code == 3
    assert "lies in the repository" in said.err


@pytest.mark.sockets
def test_converging_has_the_environment_watched_though_its_bot_does_not_come_up(home: Path) -> None:
    runtime = SupervisorRuntime(home, SystemClock())
    try:
        said = road(home, "converge", "test", env={"STAKE": "1", "EXCHANGE_ACCESS_KEY": "k" * 64})
        assert said.code == 4, said.err
        second = road(home, "watch", "test")
        assert (second.code, "'test' is watched already: watch by" in second.err) == (5, True), second.err
        (watch,) = json.loads(road(home, "status", "--json").out)["watches"]
        assert watch["told"].startswith("watched since ")
        launch = (home / "runtime" / "bots" / "watch.test" / "launch.json").read_text()
        assert "k" * 64 not in launch
        assert "STAKE" not in launch, "no leaf is filled by it"
        kept = home / "test" / "watch" / "environments" / "test.yml"
        assert kept.read_bytes() == (ROOT / "environments" / "test.yml").read_bytes()
    finally:
        runtime.shutdown()


def test_one_round_of_the_watch_keeps_the_lease(tmp_path: Path) -> None:
    said = road(tmp_path, "watch", "test", "--once")
    assert (said.code, said.out) == (0, "0 bots looked at; the lease was kept\n"), said.err
    assert (tmp_path / "test" / "lease").exists()


def test_nothing_at_all_is_said_as_such(tmp_path: Path) -> None:
    said = road(tmp_path, "status")
    assert (said.code, said.out) == (0, "Nothing was deployed on this device.\n")
    assert road(tmp_path, "stop", "test", "--all").code == 2
