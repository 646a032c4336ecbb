"""A Runtime without processes: bots live in memory and do what HOME/behaviour.json tells a stand-in bot (tests/stand_in_bot.py) to do.

What would take time on a device happens when the fake clock has moved on and somebody looks.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline.domain.bot import BotSpec, BotState, RunningBot
from pipeline.domain.restarts import STOPPED, Aftermath, after_crash, after_exit, killed_after
from pipeline.errors import Refused
from tests.fakes import FakeClock

RESTART_AFTER = timedelta(seconds=5)
READY = "the stand-in bot is ready"


@dataclass
class FakeBot:
    """One bot's mutable truth: what a caller sees of it, what it was told, and what it left."""

    seen: RunningBot
    told: Mapping[str, Any] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    crashes: tuple[datetime, ...] = ()


@dataclass
class FakeRuntime:
    """`bots` is the device: runtimes that share it are several callers' on one device."""

    clock: FakeClock
    bots: dict[str, FakeBot] = field(default_factory=dict)
    pids: int = 100

    def running(self) -> tuple[RunningBot, ...]:
        self._live()
        return tuple(self.bots[name].seen for name in sorted(self.bots))

    def start(self, spec: BotSpec) -> None:
        self._check(spec.name)
        self._live()
        held = self.bots.get(spec.name)
        if held is not None and held.seen.state is not BotState.DOWN:
            if held.seen.spec != spec:
                raise Refused(f"{spec.name} runs with another specification", hint="stop it first")
            return
        limit = f"{spec.memory_mib} MiB: kept by nobody, this is a fake"
        seen = RunningBot(spec, BotState.STARTING, self.clock.now(), memory_limit=limit)
        self.bots[spec.name] = FakeBot(seen, lines=held.lines if held else [])
        self._begin(self.bots[spec.name])

    def stop(self, name: str, deadline_seconds: float) -> None:
        self._check(name)
        self._live()
        held = self.bots.get(name)
        if held is None or held.seen.state is BotState.DOWN:
            return
        needs = float("inf") if held.told.get("ignore_term") else float(held.told.get("finish_seconds", 0.0))
        if needs > deadline_seconds:
            self.clock.sleep(deadline_seconds)
            self._down(held, killed_after(deadline_seconds))
        else:
            self.clock.sleep(needs)
            held.lines.append("the stand-in bot finished its loop, holding 0 blocks")
            self._down(held, STOPPED)

    def logs(self, name: str, lines: int) -> str:
        self._check(name)
        held = self.bots.get(name)
        return "".join(f"{line}\n" for line in held.lines[-lines:]) if held and lines > 0 else ""

    def remove(self, name: str) -> None:
        self._check(name)
        self._live()
        held = self.bots.get(name)
        if held is not None and held.seen.state is not BotState.DOWN:
            raise Refused(f"{name} is {held.seen.state} and cannot be removed", hint="stop it first")
        self.bots.pop(name, None)

    def end(self, name: str, code: int, words: str = "") -> None:
        """The bot's process ends by itself, or is killed (code -1)."""
        held = self.bots[name]
        self._after(held, after_exit(code, words, held.crashes, self.clock.now()))

    def lose_power(self) -> None:
        """Everything ends at once."""
        for held in self.bots.values():
            if held.seen.state is not BotState.DOWN:
                self._down(held, "it ended with the device")

    def _live(self) -> None:
        """Start again what crashed long enough ago."""
        for held in self.bots.values():
            while held.seen.state is BotState.STARTING and self.clock.now() >= held.seen.since + RESTART_AFTER:
                held.seen = replace(held.seen, restarts=held.seen.restarts + 1)
                self._begin(held)

    def _begin(self, held: FakeBot) -> None:
        home = Path(held.seen.spec.home)
        path = home / "behaviour.json"
        held.told = json.loads(path.read_text()) if path.is_file() else {}
        self.pids += 1
        with (home / "lives").open("a") as file:
            file.write(f"{self.pids}\n")
        held.lines.append(READY)
        held.seen = replace(held.seen, state=BotState.RUNNING, since=self.clock.now(), pid=self.pids, reason="")
        if "crash" in held.told:
            self.end(held.seen.spec.name, 1, f"RuntimeError: {held.told['crash']}")
        elif "exit" in held.told:
            self.end(held.seen.spec.name, held.told["exit"], READY)
        elif held.told.get("allocate_mib", 0) > held.seen.spec.memory_mib:
            told = f"it used more memory than {held.seen.spec.memory_mib} MiB"
            self._after(held, after_crash(told, held.crashes, self.clock.now()))

    def _after(self, held: FakeBot, what: Aftermath) -> None:
        state = BotState.STARTING if what.restart else BotState.DOWN
        held.crashes = what.crashes
        held.seen = replace(
            held.seen, state=state, since=self.clock.now(), pid=0, reason=what.reason, gave_up=what.gave_up
        )

    def _down(self, held: FakeBot, reason: str) -> None:
        held.seen = replace(held.seen, state=BotState.DOWN, since=self.clock.now(), pid=0, reason=reason, gave_up=False)

    def _check(self, name: str) -> None:
        if not re.fullmatch(r"[a-z0-9][a-z0-9_.-]{0,99}", name):
            raise Refused(f"{name!r} cannot be a bot's name")
