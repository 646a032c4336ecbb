"""Environments besides the one that a process was called for: its variables tell of that one, and hide no other."""

import pytest

from pipeline.domain.trading import TradingEnvironment
from pipeline.wiring.environments import environment_file, examine_other, following
from tests.needs import ROOT


@pytest.fixture(autouse=True)
def _in_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize("said", [None, "true", "false"])
def test_what_dry_run_says_is_about_another_environment(monkeypatch: pytest.MonkeyPatch, said: str | None) -> None:
    if said is None:
        monkeypatch.delenv("DRY_RUN", raising=False)
    else:
        monkeypatch.setenv("DRY_RUN", said)
    for name in ("test", "sandbox", "prod"):
        found = examine_other(environment_file(name))
        assert isinstance(found.environment, TradingEnvironment), found.problems
        assert found.environment.dry_run == (name == "test")


@pytest.mark.parametrize(("name", "after"), [("test", "sandbox"), ("sandbox", "prod"), ("prod", "")])
def test_the_environment_that_follows_says_what_is_demanded(
    monkeypatch: pytest.MonkeyPatch, name: str, after: str
) -> None:
    monkeypatch.setenv("DRY_RUN", "true")
    found = following(name)
    assert (found.name if found else "") == after
