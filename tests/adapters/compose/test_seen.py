"""What became of a container where its keeper and the engine do not say the same, and where the device's clock was wrong meanwhile."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.adapters.compose.layout import ContainerFiles
from pipeline.adapters.compose.project import KEEPER
from pipeline.adapters.compose.runtime import bot_command
from pipeline.adapters.compose.seen import GONE, LOST, became
from pipeline.adapters.supervisor import record
from pipeline.adapters.supervisor.record import NEVER, Record
from pipeline.domain.bot import BotSpec, BotState

BEGUN = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NEVER_TEXT = "0001-01-01T00:00:00Z"


def engine(
    status: str = "running", begun: datetime = BEGUN, finished: datetime | None = None, **more: object
) -> Mapping[str, object]:
    """What the engine says."""
    ended = finished.isoformat() if finished else NEVER_TEXT
    return {"State": {"Status": status, "Pid": 0, "StartedAt": begun.isoformat(), "FinishedAt": ended, **more}}


@pytest.fixture
def files(tmp_path: Path) -> ContainerFiles:
    found = ContainerFiles(tmp_path)
    found.state.mkdir()
    found.launch.write_text("{}")
    return found


def wrote(files: ContainerFiles, state: BotState, since: datetime, **more: object) -> None:
    """What its keeper wrote."""
    files.record.write_text(record.written(Record(state, since, **more)))  # type: ignore[arg-type]


def test_a_container_whose_keeper_has_not_spoken_yet_is_starting(files: ContainerFiles) -> None:
    assert became(files, engine()) == Record(BotState.STARTING, BEGUN)


@pytest.mark.parametrize("skew", [-HOUR, timedelta(0), HOUR], ids=["set forward", "right", "set back"])
def test_a_bot_runs_whatever_the_clock_did_after_its_start(files: ContainerFiles, skew: timedelta) -> None:
    wrote(files, BotState.RUNNING, BEGUN + skew)
    assert became(files, engine()).state is BotState.RUNNING


@pytest.mark.parametrize("skew", [-HOUR, HOUR], ids=["set back", "set forward"])
def test_an_end_is_never_before_what_was_known_already(files: ContainerFiles, skew: timedelta) -> None:
    wrote(files, BotState.RUNNING, BEGUN)
    found = became(files, engine("exited", finished=BEGUN + skew))
    assert (found.state, found.reason, found.since) == (BotState.DOWN, LOST, max(BEGUN, BEGUN + skew))


def test_a_container_that_never_ran_is_down_since_its_file_was_written(files: ContainerFiles) -> None:
    found = became(files, engine("created", begun=datetime(1, 1, 1, tzinfo=UTC), Error="no space left on device"))
    assert (found.state, found.reason) == (
        BotState.DOWN,
        "its container was made and never started: no space left on device",
    )
    assert found.since > NEVER


def test_a_container_that_was_taken_away_is_down(files: ContainerFiles) -> None:
    wrote(files, BotState.RUNNING, BEGUN)
    assert (became(files, {}).state, became(files, {}).reason) == (BotState.DOWN, GONE)


def test_a_kernel_that_ended_the_keeper_too_for_memory_is_told(files: ContainerFiles) -> None:
    wrote(files, BotState.RUNNING, BEGUN)
    found = became(files, engine("exited", finished=BEGUN + HOUR, OOMKilled=True))
    assert "which had used up its memory" in found.reason


def test_nothing_in_a_bots_home_shadows_the_freqtrain_of_the_image() -> None:
    """Python looks neither into the working directory nor at variables: a checkout that lies there is never imported."""
    spec = BotSpec("prod-dip-a", "prod", "dip", "sha256:" + "1" * 64, "/home", 18001)
    assert KEEPER[:2] == bot_command(spec)[:2] == ("python3", "-I")
