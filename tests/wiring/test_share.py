"""What an environment shares is what a promotion would have seen by itself, and nothing else of another user's environment is read."""

import os
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.observations.store import ObservationStore
from pipeline.errors import ToolFailed, UsageError
from pipeline.wiring.observations import observations
from pipeline.wiring.share import share
from tests.domain.train.test_edge import trades
from tests.fakes import FakeNarrator
from tests.wiring.test_promote import BUNDLE, asked, home

__all__ = ["home"]
pytestmark = pytest.mark.processes
SOMEBODY_ELSE = 65_534


@pytest.fixture
def observed(home: Path) -> Path:
    with closing(ObservationStore(observations(home, "test"), SystemClock(), FakeNarrator())) as store:
        store.record_trades("dip", BUNDLE, "USDT", trades(0.01, 3))
    return home


def given_away(device: Path) -> None:
    """From now on the environment `test` belongs to another user."""
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    os.chown(device / "test", SOMEBODY_ELSE, -1)


def test_what_is_shared_is_what_would_have_been_seen(observed: Path) -> None:
    seen = asked(observed).before.shown("dip", BUNDLE)
    assert share("test", observed, FakeNarrator()) == 1
    given_away(observed)
    observations(observed, "test").unlink()
    (observed.parent / "repository" / ".git").rename(observed.parent / "before")
    (observed.parent / "repository").rmdir()
    assert asked(observed).before.shown("dip", BUNDLE) == seen


def test_another_users_environment_that_shared_nothing_boards_nobody(observed: Path) -> None:
    given_away(observed)
    with pytest.raises(ToolFailed, match="shows cannot be read"):
        asked(observed)


def test_where_nothing_was_deployed_there_is_nothing_to_share(observed: Path) -> None:
    with pytest.raises(UsageError, match="nothing was ever deployed"):
        share("sandbox", observed, FakeNarrator())
