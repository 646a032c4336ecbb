"""The watch that a verb starts tells what it does in the verb's own form."""

import os
from pathlib import Path

import pytest

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.notices.channel_file import ChannelFile
from pipeline.config.trading import load_trading_environment
from pipeline.wiring.environments import environment_file
from pipeline.wiring.road import road
from pipeline.wiring.watcher import watcher
from tests.canary import files_with
from tests.fakes import FakeNarrator
from tests.needs import ROOT


def variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **given: str) -> dict[str, str]:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("FREQTRAIN_LOG", raising=False)
    for name, value in {"DRY_RUN": "true", **given}.items():
        monkeypatch.setenv(name, value)
    file = environment_file("test")
    spec = watcher(load_trading_environment(file, os.environ), file, tmp_path, SystemClock(), os.environ).home.prepare()
    return dict(spec.variables)


def test_a_verb_that_tells_json_starts_a_watch_that_does(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert variables(monkeypatch, tmp_path, FREQTRAIN_LOG="json")["FREQTRAIN_LOG"] == "json"


def test_a_verb_that_people_read_starts_one_that_they_can_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert "FREQTRAIN_LOG" not in variables(monkeypatch, tmp_path)


def test_a_verb_hands_its_channels_on_in_a_file_and_in_nothing_that_the_watch_is_started_with(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = {
        "DRY_RUN": "true",
        "APPRISE_URL": "discord://canary-word/of-apprise",
        "PING_URL": "https://ping.example/canary-word",
    }
    monkeypatch.chdir(ROOT)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    narrator = FakeNarrator()
    here = road("test", tmp_path, narrator, starts=False, trades=False)
    assert here.watcher is not None
    spec = here.watcher.home.prepare()
    kept = tmp_path / "test" / "watch" / "secrets.json"
    assert ChannelFile(tmp_path / "test").read().names == ("discord",)
    assert kept.stat().st_mode & 0o777 == 0o600
    assert files_with(tmp_path, ("canary-word",)) == {kept}
    assert "canary-word" not in repr(spec)
    monkeypatch.delenv("APPRISE_URL")
    monkeypatch.delenv("PING_URL")
    again = road("test", tmp_path, narrator, starts=False, trades=False)
    assert again.watcher is not None
    assert (
        again.watcher.home.prepare() == spec
    )  # Other channels are no reason to start the watch anew: it reads them while it runs.
    assert ChannelFile(tmp_path / "test").read().names == ("discord",)
    kept.chmod(0o644)
    monkeypatch.setenv("APPRISE_URL", "discord://other/one")
    other = road("test", tmp_path, narrator, starts=False, trades=False)
    assert other.watcher is not None
    other.watcher.home.prepare()
    assert "can be used by others" in narrator.lines[-1]  # It is told, and keeps no watch from being started.
