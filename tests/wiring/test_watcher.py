"""The watch that a verb starts tells what it does in the verb's own form."""

import os
from pathlib import Path

import pytest

from pipeline.adapters.clock import SystemClock
from pipeline.config.trading import load_trading_environment
from pipeline.wiring.environments import environment_file
from pipeline.wiring.watcher import watcher
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
