"""When a gate compares with an earlier engine: where the lock's engine differs from that of the reference, and something is replaced."""

from pathlib import Path

import pytest

from pipeline.adapters import earlier_engine
from pipeline.adapters.git import GitRepository
from pipeline.flows.gate_measure import EarlierEngine
from pipeline.flows.gate_select import Change, Entrant
from pipeline.wiring import gate_engines
from tests.adapters.test_git import git
from tests.fakes import FakeNarrator
from tests.flows.gate_ground import candidate

pytestmark = pytest.mark.processes

OLD = "freqtrade==2026.8 \\\n    --hash=sha256:00\nrich==14.0\n"
REPLACES, NEW = Entrant(candidate(), candidate()), Entrant(candidate())


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose main pins freqtrade 2026.8; nothing is installed, and the interpreter is called by the lock's content."""
    monkeypatch.setattr(gate_engines, "earlier_engine", lambda lock, folder, narrator: folder / lock.decode()[11:17])
    assert earlier_engine.LOCK == gate_engines.LOCK
    (tmp_path / "requirements.lock").write_text(OLD)
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "main")
    return tmp_path


def asked(root: Path, entrant: Entrant = REPLACES) -> EarlierEngine | None:
    repository = GitRepository(root)
    change = Change(repository, root, "main", repository.changed_files("main"))
    return gate_engines.earlier(change, (entrant,), None, None, root / "data", root / "scratch", FakeNarrator())


def test_a_bumped_engine_is_compared_with_the_one_that_was_pinned(repository: Path) -> None:
    (repository / "requirements.lock").write_text(OLD.replace("2026.8", "2026.9").replace("14.0", "15.0"))
    found = asked(repository)
    assert found is not None
    assert found.changes == {"freqtrade": ("2026.8", "2026.9")}
    assert found.identity["freqtrade"] == "2026.8"
    assert found.identity["earlier lock"].startswith("sha256:")
    assert asked(repository, NEW) is None


def test_packages_that_change_no_trade_are_no_other_engine(repository: Path) -> None:
    (repository / "requirements.lock").write_text(OLD.replace("14.0", "15.0"))
    assert asked(repository) is None


def test_without_another_lock_or_with_none_there_is_nothing_to_compare(repository: Path) -> None:
    assert asked(repository) is None
    (repository / "requirements.lock").unlink()
    assert asked(repository) is None
