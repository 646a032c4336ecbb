"""A device's disk that is full while a bundle is stored, a home written and a container started: a real one, with a real engine.

It is filled up to a few pages, one more each time, so that it becomes full at every place there is.
"""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters.bot_homes import BotHomes
from pipeline.adapters.bundle_store import BundleStore
from pipeline.adapters.clock import SystemClock
from pipeline.adapters.compose import containers
from pipeline.domain.bot import BotState
from pipeline.errors import ExitCode, ToolFailed
from tests import bundle_samples
from tests.adapters.bot_device import environment, stored
from tests.adapters.compose.device import ContainerDevice
from tests.needs import missing
from tests.ports import free_port
from tests.runtime_contract import lives, wait_for

pytestmark = [pytest.mark.processes, pytest.mark.sockets]

SIZE = 1 << 20
MOST_PAGES = 60
BUNDLE = stored()


class SmallDisk:
    """A file system of its own with room for little."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def leave(self, pages: int) -> None:
        """Fill it, but for so many pages."""
        self._ballast.unlink(missing_ok=True)
        found = os.statvfs(self.folder)
        with self._ballast.open("wb") as stream:
            stream.write(b"x" * (found.f_bavail - pages) * found.f_bsize)
        assert os.statvfs(self.folder).f_bavail == pages

    def empty(self) -> None:
        self._ballast.unlink(missing_ok=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        missing("the right to mount a small file system")
    yield SmallDisk(folder)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def device(disk: SmallDisk, image: str) -> Iterator[ContainerDevice]:
    device = ContainerDevice(disk.folder / "home", image)
    device.home.mkdir()
    yield device
    disk.empty()
    device.end()


def error_of(call: Callable[[], object]) -> ToolFailed | None:
    """What a call fails with; it says what to do, and its exit code is that of a tool."""
    found: ToolFailed | None = None
    try:
        call()
    except ToolFailed as error:
        found = error
    assert found is None or (found.code == ExitCode.TOOL and "make room" in found.hint)
    return found


def whole(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def tried_with_ever_more_room(disk: SmallDisk, call: Callable[[], object], unharmed: Callable[[], object]) -> int:
    """Call it on a disk that is full, then with one page more each time, until it works; how often it failed."""
    for pages in range(MOST_PAGES):
        disk.leave(pages)
        if error_of(call) is None:
            disk.empty()
            return pages
        assert unharmed()
    raise AssertionError("it never works")


def test_a_bundle_a_home_and_a_container_are_there_as_a_whole_or_not_at_all(
    device: ContainerDevice, disk: SmallDisk
) -> None:
    store, kept, evidence = (
        BundleStore(device.home / "store"),
        bundle_samples.bundle(),
        bundle_samples.record().document,
    )
    assert tried_with_ever_more_room(
        disk, lambda: store.put(kept, bundle_samples.manifest(kept), evidence), lambda: store.digests() == ()
    )
    assert store.get(kept.digest).bundle == kept

    homes = BotHomes(device.home, environment(), SystemClock(), first_port=free_port())
    spec = homes.spec("eager", "a", BUNDLE.digest, 0)
    home = Path(spec.home)
    assert tried_with_ever_more_room(disk, lambda: homes.prepare(spec, BUNDLE, "first"), lambda: not home.exists())
    before = whole(home)
    assert tried_with_ever_more_room(disk, lambda: homes.prepare(spec, BUNDLE, "second"), lambda: whole(home) == before)
    assert whole(home) != before

    def stopped() -> bool:
        return device.containers() == [] and all(bot.state is BotState.DOWN for bot in device.runtime.running())

    assert tried_with_ever_more_room(disk, lambda: device.runtime.start(spec), stopped)
    device.runtime.stop(spec.name, 20.0)
    (home / "lives").unlink(missing_ok=True)
    device.runtime.start(spec)
    wait_for(device, lambda: lives(spec) == 1)


def test_a_container_whose_keeper_cannot_write_is_ended_and_says_why(
    device: ContainerDevice, disk: SmallDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk becomes full between the last file of whoever starts it and the first one of its keeper."""
    homes = BotHomes(device.home, environment(), SystemClock(), first_port=free_port())
    spec = homes.spec("eager", "a", BUNDLE.digest, 0)
    homes.prepare(spec, BUNDLE, "not proved yet")
    up = containers.Containers._up

    def becomes_full(*arguments: Any) -> None:
        disk.leave(0)
        up(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(containers, "LAUNCH_SECONDS", 15.0)  # by then its keeper has said what it met
        patch.setattr(containers.Containers, "_up", becomes_full)
        told = error_of(lambda: device.runtime.start(spec))
    assert told is not None
    assert "No space left on device" in told.message
    assert device.containers() == []
    disk.empty()
    (found,) = device.runtime.running()
    assert found.state is BotState.DOWN
    (Path(spec.home) / "lives").unlink(missing_ok=True)
    device.runtime.start(spec)
    wait_for(device, lambda: lives(spec) == 1)
