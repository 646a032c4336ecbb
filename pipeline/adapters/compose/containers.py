"""The bots that a device runs in containers: started, stopped and forgotten, and what crashes left behind is put right."""

import json
import math
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pipeline.adapters.compose import launch, printed
from pipeline.adapters.compose.docker import Docker
from pipeline.adapters.compose.launch import Launch
from pipeline.adapters.compose.layout import ContainerFiles, Project, check, layout
from pipeline.adapters.compose.project import compose_file
from pipeline.adapters.compose.seen import Held, Seen
from pipeline.adapters.files import write_whole
from pipeline.adapters.folders import set_aside
from pipeline.adapters.supervisor import locks, record
from pipeline.adapters.supervisor.record import Record
from pipeline.domain.bot import BotSpec, BotState
from pipeline.errors import FreqtrainError, Refused, ToolFailed
from pipeline.ports import Clock

CALLS_SECONDS = 180.0
LAUNCH_SECONDS = 60.0
BEYOND_SECONDS = 15.0
"""How long the engine may take beyond a deadline."""


class Containers:
    """All containers of one device. `home` is the device's home."""

    def __init__(self, home: Path, clock: Clock) -> None:
        self._layout = layout(home)
        self._clock = clock
        self._docker = Docker()
        self.seen = Seen(self._layout, self._docker)
        self.mark = self._layout.mark

    def start(self, spec: BotSpec, made: Callable[[], Launch]) -> None:
        """See `ports.Runtime`. `made` says what the specification comes to; it is asked only where something is started."""
        check(spec.name)
        project = self._layout.project(spec.environment)
        files = project.files(spec.name)
        _check(spec)
        try:
            project.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with locks.holding(project.calls, CALLS_SECONDS, self._clock.sleep):
                if self._runs_already(project, spec):
                    return
                what = made()
                self._docker.demand(what.image)
                self._write(project, files, what)
                self._up(project, files, spec)
        except OSError as error:
            raise ToolFailed(
                f"{spec.name} could not be started: {error.strerror}: {error.filename}",
                hint="make room on the disk, or see who owns the folder",
            ) from error

    def stop(self, name: str, deadline_seconds: float) -> None:
        """See `ports.Runtime`; the engine itself keeps the deadline."""
        project = self._layout.holding(name)
        held = self.seen.one(project, name) if project else None
        if project is None or held is None or held.record.state is BotState.DOWN:
            return
        with suppress(OSError):  # On a full disk it only ends without the reason.
            write_whole(project.files(name).asked, json.dumps({"seconds": deadline_seconds}) + "\n")
        seconds = max(0, math.ceil(deadline_seconds))
        container = project.container(name)
        done = self._docker.tried("stop", "-t", str(seconds), container, seconds=seconds + BEYOND_SECONDS)
        if done.code != 0 and "no such container" not in done.err.lower():
            raise ToolFailed(f"{name} could not be stopped: {done.err.strip()}", hint=f"`docker inspect {container}`")

    def logs(self, name: str, lines: int) -> str:
        """See `ports.Runtime`."""
        project = self._layout.holding(name)
        if project is None or lines <= 0:
            return ""
        return printed.all_runs(self._docker, project.container(name), project.files(name), lines)

    def remove(self, name: str) -> None:
        """See `ports.Runtime`."""
        project = self._layout.holding(name)
        if project is None:
            return
        with locks.holding(project.calls, CALLS_SECONDS, self._clock.sleep):
            held = self.seen.one(project, name)
            if held is not None and held.record.state is not BotState.DOWN:
                raise Refused(f"{name} is {held.record.state} and cannot be removed", hint="stop it first")
            self._docker.forget(project.container(name))
            try:
                set_aside(project.files(name).folder)
                if project.names():
                    self._dump(project)
                elif project.file.exists():
                    self._docker.compose(project, "down", "--remove-orphans")
                    project.file.unlink()
            except OSError as error:
                told = f"{name} could not be removed: {error.strerror}: {error.filename}"
                raise ToolFailed(told, hint="make room on the disk, or see who owns the folder") from error

    def shutdown(self) -> bool:
        """End every container of the home in order, and remove them and their networks. What ran is still held, and down.

        Returns whether any environment of the home ever had containers.

        Raises:
            Refused, ToolFailed: the engine cannot be asked.
            Locked: somebody else is starting or removing and does not end.
        """
        projects = self._layout.projects()
        for project in projects:
            if not project.file.exists():
                continue
            with locks.holding(project.calls, CALLS_SECONDS, self._clock.sleep):
                specs = [launch.read(project.files(name).launch).spec for name in project.names()]
                seconds = max((spec.stop_seconds for spec in specs), default=0.0)
                self._docker.compose(project, "down", "--remove-orphans", seconds=seconds + 60.0)
        return bool(projects)

    def demand(self) -> None:
        """See `Docker.demand_compose`; also that the engine answers."""
        self._docker.demand_compose()
        self._docker.call("version", "--format", "{{.Server.Version}}")

    def last_image(self, spec: BotSpec) -> str:
        """What the bot's last container was made of, else the environment's last one; "" where there was none."""
        project = self._layout.project(spec.environment)
        files = {name: project.files(name).launch for name in project.names()}
        if spec.name in files and (own := launch.read(files[spec.name])).spec.bundle == spec.bundle:
            return own.image
        newest = max(files.values(), key=lambda path: path.stat().st_mtime, default=None)
        return launch.read(newest).image if newest else ""

    def _runs_already(self, project: Project, spec: BotSpec) -> bool:
        """Whether exactly this one runs; waits for one that is ending."""
        ends = time.monotonic() + spec.stop_seconds + BEYOND_SECONDS
        while (held := self.seen.one(project, spec.name)) and held.record.state is BotState.STOPPING:
            if time.monotonic() >= ends:
                self._end(project, spec.name)
                break
            self._clock.sleep(0.1)
        if held is None or held.record.state not in (BotState.STARTING, BotState.RUNNING):
            return False
        if held.launch.spec != spec:
            raise Refused(f"{spec.name} runs with another specification", hint="stop it first")
        return True

    def _end(self, project: Project, name: str) -> None:
        """End what nobody waits for any more, so that there are never two."""
        self._docker.call("kill", project.container(name))

    def _write(self, project: Project, files: ContainerFiles, what: Launch) -> None:
        """What is to be started, and a clean page for what becomes of it; what an earlier container printed is kept."""
        printed.keep(self._docker, project.container(what.spec.name), files)
        files.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        _give(files.state, what.user)
        for leftover in (files.asked, files.record):
            leftover.unlink(missing_ok=True)
        write_whole(files.launch, launch.written(what), mode=0o600)
        self._dump(project)

    def _dump(self, project: Project) -> None:
        launches = [launch.read(project.files(name).launch) for name in project.names()]
        content = json.dumps(compose_file(project, launches), indent=1) + "\n"
        write_whole(project.file, content, mode=0o600)

    def _up(self, project: Project, files: ContainerFiles, spec: BotSpec) -> None:
        try:
            self._docker.compose(project, "up", "--detach", "--no-deps", "--no-build", "--quiet-pull", spec.name)
        except FreqtrainError as error:
            self._note(files, f"it could not be launched: {error.message}", gave_up=False)
            told = f"{spec.name} could not be started: {error.message}"
            raise ToolFailed(told, hint=error.hint or f"see {project.file}") from error
        self._await_launch(project, spec)

    def _await_launch(self, project: Project, spec: BotSpec) -> None:
        """Wait until its process is there, or has ended.

        Raises:
            ToolFailed: its container ended before.
        """
        files, ends = project.files(spec.name), time.monotonic() + LAUNCH_SECONDS
        while True:
            if record.read(files.record).since != record.NEVER and not _beginning(record.read(files.record)):
                return
            held = self.seen.one(project, spec.name)
            if (held is not None and held.record.state is BotState.DOWN) or time.monotonic() >= ends:
                self._refuse_launch(project, spec, held)
            self._clock.sleep(0.02)

    def _refuse_launch(self, project: Project, spec: BotSpec, held: Held | None) -> None:
        if held is not None and record.read(project.files(spec.name).record).since != record.NEVER:
            return  # It began, and has ended already.
        said = self.logs(spec.name, 3).strip() or f"it did not begin within {LAUNCH_SECONDS:g} s"
        told = f"it could not be launched: {said}"
        if held is not None and held.record.state is not BotState.DOWN:  # Nobody could tell what becomes of it.
            self.stop(spec.name, spec.stop_seconds)
        self._note(project.files(spec.name), told, gave_up=True)
        full = "No space left on device" in said
        hint = "make room on the disk of the device's home" if full else "see whether the image is this version's"
        raise ToolFailed(f"{spec.name}: {told}", hint=hint)

    def _note(self, files: ContainerFiles, reason: str, *, gave_up: bool) -> None:
        with suppress(OSError):
            found = Record(BotState.DOWN, self._clock.now(), reason=reason, gave_up=gave_up)
            write_whole(files.record, record.written(found), mode=0o600)


def _beginning(found: Record) -> bool:
    """Whether the keeper has not come to start the bot for the first time yet."""
    return found.state is BotState.STARTING and not found.crashes


def _check(spec: BotSpec) -> None:
    if not Path(spec.home).is_absolute() or not Path(spec.home).is_dir():
        raise ToolFailed(f"{spec.name} could not be started: its home {spec.home} is not there")
    if spec.memory_mib <= 0 or not 0 <= spec.stop_seconds < float("inf"):
        raise ToolFailed(f"{spec.name} could not be started: its limits must be above 0")


def _give(folder: Path, user: str) -> None:
    """Let the container's user write there; only root runs containers as somebody else."""
    if os.getuid() == 0:
        uid, gid = (int(part) for part in user.split(":"))
        os.chown(folder, uid, gid)
