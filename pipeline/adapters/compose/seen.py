"""What became of containers: what their keepers wrote down, and what the engine knows where a keeper could not."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.adapters.compose import launch
from pipeline.adapters.compose.docker import Docker
from pipeline.adapters.compose.launch import Launch
from pipeline.adapters.compose.layout import ContainerFiles, Layout, Project
from pipeline.adapters.supervisor import record
from pipeline.adapters.supervisor.record import NEVER, Record
from pipeline.domain.bot import BotState, RunningBot
from pipeline.domain.restarts import killed_after

LOST = "it ended together with its container: the device was switched off, or somebody killed it"
GONE = "its container was removed by somebody else"
NOT_STARTED = "its container was made and never started"
UP = ("running", "paused", "restarting", "removing")
MIB = 2**20


@dataclass(frozen=True, slots=True)
class Held:
    """A container as it is: what was started, what became of it, and what the engine says of it (nothing where it has none)."""

    launch: Launch
    record: Record
    engine: Mapping[str, Any]

    @property
    def memory_limit(self) -> str:
        """In words; the engine drops a limit without a word where the kernel keeps no memory cgroup."""
        most = self.launch.spec.memory_mib
        kept = not self.engine or self.engine["HostConfig"].get("Memory") == most * MIB
        cgroup = "and the memory cgroup of its container" if kept else "alone: this kernel has no memory cgroup"
        return f"{most} MiB: RLIMIT_DATA for each process, {cgroup}"


class Seen:
    """The bots of one home; only looks."""

    def __init__(self, layout: Layout, docker: Docker) -> None:
        self._layout = layout
        self._docker = docker

    def bots(self) -> tuple[RunningBot, ...]:
        """Every bot, by name.

        Raises:
            Refused, ToolFailed: the engine cannot be asked, or a file of what is held is damaged.
        """
        found = sorted(self._all(), key=lambda held: held.launch.spec.name)
        return tuple(RunningBot(held.launch.spec, *_fields(held.record), held.memory_limit) for held in found)

    def one(self, project: Project, name: str) -> Held | None:
        """What is held under a name; raises as `bots`."""
        return next(iter(self._of([(project, name)])), None)

    def _all(self) -> Iterator[Held]:
        return self._of([(project, name) for project in self._layout.projects() for name in project.names()])

    def _of(self, wanted: list[tuple[Project, str]]) -> Iterator[Held]:
        known = self._docker.inspect([project.container(name) for project, name in wanted])
        for project, name in wanted:
            files, engine = project.files(name), known.get(project.container(name), {})
            try:
                what = launch.read(files.launch)
            except FileNotFoundError:
                continue  # It was removed meanwhile, or never started.
            yield Held(what, became(files, engine), engine)


def became(files: ContainerFiles, engine: Mapping[str, Any]) -> Record:
    """The keeper's record, unless the engine knows that the keeper is gone."""
    known = record.read(files.record)
    if not engine:
        if known.state is BotState.DOWN and known.since != NEVER:
            return known
        return _lost(known, GONE, _changed_at(files.launch))
    state = engine["State"]
    status = str(state["Status"])
    if status in UP:
        if known.state is BotState.DOWN:  # It is about to write its first word, or has written its last one.
            begun = parsed_time(state["StartedAt"]) or _changed_at(files.launch)
            return Record(BotState.STARTING, begun) if known.since < begun else replace(known, state=BotState.STOPPING)
        return replace(known, pid=bot_pid(int(state["Pid"]), known.pid))
    if known.state is BotState.DOWN and known.since != NEVER:
        return known
    ended = parsed_time(state["FinishedAt"]) or _changed_at(files.launch)
    if status == "created":
        return _lost(known, f"{NOT_STARTED}: {state['Error']}" if state.get("Error") else NOT_STARTED, ended)
    if known.state is BotState.STOPPING and (seconds := _asked_seconds(files)) is not None:
        return _lost(known, killed_after(seconds), ended)
    if state.get("OOMKilled"):
        return _lost(known, "it ended together with its container, which had used up its memory", ended)
    return _lost(known, LOST, ended)


def bot_pid(keeper: int, inside: int) -> int:
    """The bot's process as the device counts it, by the number that it has inside the container; the keeper's where that cannot be seen."""
    if inside == 0:
        return 0
    try:
        children = Path(f"/proc/{keeper}/task/{keeper}/children").read_text().split()
        for child in children:
            status = Path(f"/proc/{child}/status").read_text()
            numbers = re.search(r"^NSpid:\s+(.*)$", status, re.MULTILINE)
            if numbers and numbers[1].split()[-1] == str(inside):
                return int(child)
    except OSError:
        pass  # It ended meanwhile, or the engine runs elsewhere.
    return keeper


def parsed_time(text: str) -> datetime | None:
    """A time as the engine tells it, with nanoseconds; None for its year 1, which means never."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?(Z|[+-]\d\d:\d\d)", text)
    if found is None or found[1].startswith("0001"):
        return None
    zone = "+00:00" if found[3] == "Z" else found[3]
    return datetime.fromisoformat(f"{found[1]}.{(found[2] or '0').ljust(6, '0')}{zone}").astimezone(UTC)


def _lost(known: Record, reason: str, at: datetime) -> Record:
    return replace(known, state=BotState.DOWN, since=max(at, known.since), pid=0, reason=reason, gave_up=False)


def _asked_seconds(files: ContainerFiles) -> float | None:
    try:
        return float(json.loads(files.asked.read_bytes())["seconds"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _changed_at(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return NEVER


def _fields(found: Record) -> tuple[BotState, datetime, int, int, str, bool]:
    """As `RunningBot` has them."""
    return found.state, found.since, found.pid, found.restarts, found.reason, found.gave_up
