"""What deployments before lost on a day counts for the account's brake, also where the watch's memory of it is lost."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.adapters.observations.reader import ObservationReader
from pipeline.adapters.observations.store import ObservationStore
from pipeline.adapters.watch_memory import WatchMemoryFile
from pipeline.domain.trading import Brake
from pipeline.domain.train.decisions import Observed
from pipeline.domain.train.plan import Order
from pipeline.flows.deploy import deploy
from pipeline.flows.stop import release
from pipeline.flows.watch import Round, watch
from pipeline.flows.watch_post import Post
from tests.flows.watch_ground import BRAKED, NEW, OLD, STOPS, STRATEGY, Bank, bank

ACCOUNT = replace(BRAKED, brakes=replace(BRAKED.brakes, account_loss_max_ratio=Brake(0.06, STOPS)))
"""Six of a hundred in a day, and ten by the bundle alone."""
NOT_KNOWN = "what deployments before lost on this day is not known"


def post(device: Bank) -> Post:
    file = device.root / "observations.sqlite"
    return replace(
        device.post(),
        memory=WatchMemoryFile(device.root / "watch.json", device.narrator),
        observe=lambda: closing(ObservationStore(file, device.clock, device.narrator)),
        past=lambda: ObservationReader(file) if file.exists() else None,
    )


def looked(device: Bank) -> Round:
    """One round, a while later, by a watch that has just been started."""
    device.wait(10)
    done = watch(post(device), once=True)
    assert done is not None
    return done


def second_of_a_day(tmp_path: Path) -> Bank:
    """The old bundle lost three and a half of its hundred today, and the new one stands."""
    device = bank(tmp_path, ACCOUNT)
    looked(device)
    device.wait(10)
    device.closes(-3.5)
    looked(device)
    deploy(Order(STRATEGY, NEW, "operator"), device.road())
    looked(device)
    assert device.entering() == [NEW]
    return device


def forgets(device: Bank) -> None:
    (device.root / "watch.json").unlink()


def nothing_was_kept(device: Bank) -> None:
    for file in device.root.glob("observations.sqlite*"):
        file.unlink()


def begun_anew(device: Bank) -> None:
    """The bot's database."""
    device.closed.clear()


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: None,
        lambda file: file.unlink(),
        lambda file: file.write_bytes(file.read_bytes()[:-40]),
        lambda file: file.write_bytes(b'{"dip": 7}'),
        lambda file: file.write_bytes(b"\xff\x00"),
        lambda file: file.write_bytes(b""),
    ],
    ids=["there", "removed", "torn", "nonsense", "no text", "empty"],
)
def test_an_account_is_braked_by_what_all_deployments_of_the_day_lost_whatever_became_of_the_memory(
    damage: Callable[[Path], object], tmp_path: Path
) -> None:
    device = second_of_a_day(tmp_path)
    damage(tmp_path / "watch.json")
    assert looked(device).problems == ()
    device.closes(-2.4)
    looked(device)
    assert (device.entering(), device.count("braked")) == ([NEW], 0), "5.9 of 6"
    device.closes(-0.2)
    looked(device)
    assert (device.entering(), device.count("braked")) == ([], 1)
    assert "The account's bots lost 6.10 % together" in device.told[-1]


@pytest.mark.parametrize("lost", [begun_anew, nothing_was_kept], ids=["the database", "the observations"])
def test_either_the_database_or_the_observations_tell_it(lost: Callable[[Bank], None], tmp_path: Path) -> None:
    device = second_of_a_day(tmp_path)
    device.road().record(Observed(ACCOUNT.name, STRATEGY, OLD, 13.0, 1))
    lost(device)
    forgets(device)
    assert looked(device).problems == ()
    device.closes(-2.8)  # A database that begins anew begins with all of the capital.
    looked(device)
    assert device.entering() == []


def test_what_nobody_can_tell_is_said_and_counts_no_time_as_healthy(tmp_path: Path) -> None:
    device = second_of_a_day(tmp_path)
    device.road().record(Observed(ACCOUNT.name, STRATEGY, OLD, 13.0, 1))
    begun_anew(device)
    nothing_was_kept(device)
    forgets(device)
    for _ in range(3):
        done = looked(device)
        assert [NOT_KNOWN in problem for problem in done.problems] == [True]
        assert done.vouched, "the other brakes act"
    kept = post(device).memory.load()[STRATEGY].bot
    assert kept is not None
    assert kept.lost_before is not None
    assert (kept.lost_before.known, kept.soaking.healthy.total_seconds()) == (False, 0.0)
    device.closes(-4.0)
    looked(device)
    assert device.entering() == [NEW]
    device.closes(-2.1)
    looked(device)
    assert device.entering() == [], "what is known alone reaches the limit"


def test_a_persons_release_or_the_next_day_ends_what_is_not_known(tmp_path: Path) -> None:
    for ends in (
        lambda device: release((STRATEGY,), device.road(), "operator", "I looked"),
        lambda device: device.wait(12 * 3600),
    ):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        device = second_of_a_day(folder)
        device.road().record(Observed(ACCOUNT.name, STRATEGY, OLD, 13.0, 1))
        begun_anew(device)
        nothing_was_kept(device)
        forgets(device)
        assert NOT_KNOWN in "".join(looked(device).problems)
        ends(device)
        assert NOT_KNOWN not in "".join(looked(device).problems)


def test_what_was_lost_before_a_persons_release_of_the_day_stays_forgotten(tmp_path: Path) -> None:
    device = bank(tmp_path, ACCOUNT)
    looked(device)
    device.closes(-4.5)
    looked(device)
    device.wait(10)
    release((STRATEGY,), device.road(), "operator", "I looked")
    looked(device)
    device.wait(10)
    device.closes(-1.0)
    looked(device)
    deploy(Order(STRATEGY, NEW, "operator"), device.road())
    forgets(device)
    device.closes(-2.0)
    looked(device)
    assert device.entering() == [NEW], "3 since then"
    device.closes(-3.1)
    looked(device)
    assert device.entering() == []


def test_a_deployment_of_the_day_that_no_watch_saw_counts(tmp_path: Path) -> None:
    device = bank(tmp_path, ACCOUNT)
    looked(device)
    deploy(Order(STRATEGY, NEW, "operator"), device.road())
    device.wait(60)
    device.closes(-3.5)
    device.wait(60)
    deploy(Order(STRATEGY, OLD, "operator"), device.road())
    looked(device)
    device.closes(-2.6)
    looked(device)
    assert device.entering() == []


def test_where_observations_cannot_be_read_the_bots_trades_tell_what_they_can(tmp_path: Path) -> None:
    device = second_of_a_day(tmp_path)
    nothing_was_kept(device)
    (tmp_path / "observations.sqlite").write_bytes(b"nonsense" * 1000)
    forgets(device)
    looked(device)
    device.closes(-2.6)
    looked(device)
    assert device.entering() == []
