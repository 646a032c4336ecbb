"""The runtime that an environment's file asks for, and what is refused before anything starts."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.adapters.compose.runtime import ComposeRuntime
from pipeline.adapters.supervisor.runtime import SupervisorRuntime
from pipeline.domain.trading import RuntimeKind
from pipeline.errors import Refused, ToolFailed
from pipeline.wiring import runtime as wiring
from pipeline.wiring.runtime import engine_variables, runtime
from tests.domain.trading.samples import DRY
from tests.fake_runtime import FakeRuntime
from tests.fakes import FakeClock
from tests.runtime_contract import Bots

IMAGE = "ghcr.io/o/n@sha256:" + "1" * 64
CONTAINED = replace(DRY, runtime=RuntimeKind.COMPOSE)


@pytest.fixture
def up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeRuntime:
    """Both runtimes hold one bot of `DRY`, which runs."""
    fake = FakeRuntime(FakeClock())
    fake.start(replace(Bots(tmp_path / "bots").spec(), environment=DRY.name))
    monkeypatch.setattr(wiring, "SupervisorRuntime", lambda *_: fake)
    monkeypatch.setattr(wiring, "ComposeRuntime", lambda *_, **__: fake)
    return fake


def test_each_kind_has_its_runtime(tmp_path: Path) -> None:
    assert isinstance(runtime(DRY, tmp_path, FakeClock()), SupervisorRuntime)
    assert isinstance(runtime(CONTAINED, tmp_path, FakeClock()), ComposeRuntime)


def test_bots_in_containers_have_images_and_processes_have_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FREQTRAIN_IMAGE", IMAGE)
    found = wiring.images(runtime(CONTAINED, tmp_path, FakeClock()))
    assert found is not None
    assert found.otherwise(Bots(tmp_path / "bots").spec()) == IMAGE
    assert wiring.images(runtime(DRY, tmp_path, FakeClock())) is None


@pytest.mark.processes
def test_an_image_is_looked_for_where_a_bundle_is_known_and_not_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bundle that was cut for an earlier image must not be kept down because what is named for others is not here yet."""
    (tmp_path / "docker").write_text(f"#!/bin/sh\necho $* >> {tmp_path}/calls\necho 2.26.1\n")
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("FREQTRAIN_IMAGE", IMAGE)
    runtime(CONTAINED, tmp_path, FakeClock(), starts=True)
    assert "image" not in (tmp_path / "calls").read_text()


@pytest.mark.processes
def test_what_starts_containers_is_refused_where_there_is_no_engine_and_looking_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolFailed, match="docker is not installed"):
        runtime(CONTAINED, tmp_path, FakeClock(), starts=True)
    assert runtime(CONTAINED, tmp_path, FakeClock()).running() == ()


def test_an_environment_whose_bots_run_under_the_other_runtime_is_refused_until_they_are_stopped(
    tmp_path: Path, up: FakeRuntime
) -> None:
    (tmp_path / DRY.name / "compose").mkdir(parents=True)
    with pytest.raises(Refused, match="still runs under the runtime process"):
        runtime(CONTAINED, tmp_path, FakeClock())
    with pytest.raises(Refused, match="still runs under the runtime compose"):
        runtime(DRY, tmp_path, FakeClock())
    up.stop("test-swing-a", 20.0)
    runtime(CONTAINED, tmp_path, FakeClock())
    runtime(DRY, tmp_path, FakeClock())


def test_bots_of_another_environment_under_the_other_runtime_are_no_obstacle(tmp_path: Path, up: FakeRuntime) -> None:
    (spec,) = (bot.spec for bot in up.running())
    assert spec.environment == DRY.name
    assert runtime(replace(CONTAINED, name="other"), tmp_path, FakeClock()) is up


def test_the_watch_is_led_to_the_same_engine_and_told_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in (("FREQTRAIN_IMAGE", "sha256:1"), ("DOCKER_HOST", "unix:///x"), ("GITHUB_TOKEN", "t")):
        monkeypatch.setenv(name, text)
    for name in ("DOCKER_CONFIG", "DOCKER_CONTEXT"):
        monkeypatch.delenv(name, raising=False)
    assert engine_variables(CONTAINED) == {"FREQTRAIN_IMAGE": "sha256:1", "DOCKER_HOST": "unix:///x"}
    assert engine_variables(DRY) == {}
