"""No bot gets more memory than it may: what it allocates is bounded by the kernel, what it shares is watched."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.domain.bot import BotState, RunningBot
from tests.adapters.supervisor.device import SupervisedDevice
from tests.runtime_contract import NAME, Bots, bot, lives, started, wait_for

pytestmark = [pytest.mark.processes, pytest.mark.sockets]


def limit_of_data(pid: int) -> str:
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()
    return next(line.split()[3] for line in lines if line.startswith("Max data size"))


def test_what_a_bot_allocates_is_bounded_by_the_kernel(device: SupervisedDevice, bots: Bots) -> None:
    modest = replace(bots.spec("test-swing-b", allocate_mib=64), memory_mib=128)
    greedy = replace(bots.spec(allocate_mib=256), memory_mib=128)
    found = started(device, modest)
    assert limit_of_data(found.pid) == str(128 * 2**20)
    assert found.memory_limit.startswith("128 MiB: RLIMIT_DATA")
    device.runtime.start(greedy)
    wait_for(device, lambda: bot(device.runtime).reason.endswith("it ended with exit code 1: MemoryError"))
    assert bot(device.runtime, "test-swing-b").state is BotState.RUNNING


def test_what_a_bot_shares_is_watched_and_ends_it_in_order(device: SupervisedDevice, bots: Bots) -> None:
    spec = replace(bots.spec(mapped_mib=192), memory_mib=128)
    started(device, spec)
    seen: list[RunningBot] = []

    def ended() -> bool:  # It is down for a moment only, and then again: a slow machine may see it later.
        seen.append(bot(device.runtime))
        return seen[-1].reason != ""

    wait_for(device, ended)
    assert re.search(r"it used \d+ MiB of memory, and 128 MiB is its limit$", seen[-1].reason)
    assert "finished its loop" in device.runtime.logs(NAME, 1000)
    wait_for(device, lambda: lives(spec) >= 2)
    assert bot(device.runtime).restarts >= 1
