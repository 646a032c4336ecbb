"""Docker's command line, and what its failures mean."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.adapters import process
from pipeline.adapters.compose.layout import Project
from pipeline.adapters.process import Completed
from pipeline.domain.image import Image
from pipeline.domain.preflight_docker import MEND_COMPOSE, compose_problem
from pipeline.errors import Refused, ToolFailed

CALL_SECONDS = 60.0
UP_SECONDS = 180.0
DIGEST = re.compile(r"(?:[^\s@]+@)?sha256:[0-9a-f]{64}")

KEPT = "freqtrain-kept"
"""The name by which homes keep images; each has a tag of its own."""
NONE = "<none>"
"""What the engine says for a name or a digest that is not there."""

UNREACHABLE = ("cannot connect to the docker daemon", "failed to connect to the docker", "connection refused")
FULL = "no space left on device"
LOST = ("error during connect", "unexpected eof", "connection reset", "use of closed network connection")


class Docker:
    """One engine, as `docker` on the PATH and the caller's DOCKER_HOST and DOCKER_CONFIG reach it."""

    def call(self, *arguments: str, seconds: float = CALL_SECONDS) -> str:
        """Run `docker …`; what it said.

        Raises:
            Refused: the caller may not ask the engine.
            ToolFailed: there is no docker, no engine, it did not answer in time, or it refuses.
        """
        done = self.tried(*arguments, seconds=seconds)
        if done.code != 0:
            raise ToolFailed(f"docker {_verb(arguments)}: {last_line(done.err) or f'exit code {done.code}'}")
        return done.out

    def tried(self, *arguments: str, seconds: float = CALL_SECONDS) -> Completed:
        """Run `docker …`, whatever the engine answers; raises as `call` where it does not."""
        done = process.run(("docker", *arguments), timeout_seconds=seconds)
        if done.code != 0:
            _against_engine(done.err)
        return done

    def compose(self, project: Project, *arguments: str, seconds: float = UP_SECONDS) -> str:
        """Run `docker compose …` on a project; raises as `call`. Nothing is filled in from a file or the environment."""
        own = ("--project-name", project.name, "--file", str(project.file), "--env-file", "/dev/null")
        return self.call("compose", "--ansi", "never", "--progress", "plain", *own, *arguments, seconds=seconds)

    def inspect(self, containers: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """What the engine knows of containers, by name; those that are not there are left out."""
        if not containers:
            return {}
        done = self.tried("container", "inspect", *containers)
        strange = [line for line in done.err.splitlines() if line and "no such container" not in line.lower()]
        if done.code != 0 and strange:
            raise ToolFailed(f"docker container inspect: {strange[-1]}")
        return {str(one["Name"]).lstrip("/"): one for one in parsed(done.out)}

    def forget(self, container: str) -> None:
        """Remove a container that is down; nothing happens where there is none.

        Raises:
            Refused, ToolFailed: as `call`.
        """
        done = self.tried("container", "rm", "--volumes", container)
        if done.code != 0 and "no such container" not in done.err.lower():
            raise ToolFailed(f"docker container rm: {last_line(done.err)}", hint="see what holds it: `docker ps --all`")

    def demand(self, image: str) -> None:
        """See that containers of the image can be started here.

        Raises:
            Refused: compose is missing or too old, or the image is not here under that digest.
        """
        self.demand_compose()
        if not DIGEST.fullmatch(image):
            told = f"the image {image} is not named by its digest" if image else "no image was named for the containers"
            raise Refused(
                told, hint="set FREQTRAIN_IMAGE to NAME@sha256:…, or to the sha256:… of `docker image inspect`"
            )
        found = self.tried("image", "inspect", "--format", "{{.Id}}", image)
        if found.code == 0:
            return
        told = f"the image {image} is not on this device"
        if others := self._digests(image):
            raise Refused(
                f"{told}: what is here of that name is {', '.join(others)}",
                hint=f"`docker pull {image}`, or name another",
            )
        raise Refused(told, hint=f"`docker pull {image}`, or build it here and name it by its digest")

    def images(self) -> tuple[Image, ...]:
        """Every image that is here; raises as `call`."""
        listed = self.call("image", "ls", "--digests", "--no-trunc", "--format", "{{.ID}} {{.Repository}} {{.Digest}}")
        digests: dict[str, set[str]] = {}
        references: dict[str, str] = {}
        for line in listed.splitlines():
            own, name, digest = line.split()
            digests.setdefault(own, {own})
            references.setdefault(own, own)
            if digest != NONE:
                digests[own].add(digest)
                if name not in (NONE, KEPT):
                    references[own] = f"{name}@{digest}"
        return tuple(Image(references[own], frozenset(known)) for own, known in digests.items())

    def demand_compose(self) -> None:
        """See that there is a compose that is new enough; raises as `demand`."""
        done = self.tried("compose", "version", "--short")
        if problem := compose_problem("" if done.code != 0 else done.out):
            raise Refused(problem, hint=MEND_COMPOSE)

    def _digests(self, image: str) -> tuple[str, ...]:
        """The digests under which another image of the same name is here."""
        name, at, _ = image.partition("@")
        if not at:
            return ()
        found = self.tried("image", "ls", "--no-trunc", "--format", "{{.Digest}} {{.ID}}", name)
        pairs = (line.split() for line in found.out.splitlines())
        return tuple(dict.fromkeys(digest if digest != "<none>" else own for digest, own in pairs))


def last_line(text: str) -> str:
    """The last line that says something; an engine's error ends with what happened."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def _verb(arguments: Sequence[str]) -> str:
    """What was asked, without options and what they say."""
    first, *rest = arguments
    if first != "compose":
        return first
    return f"compose {next((each for each in rest if each in ('up', 'down', 'version')), '')}".strip()


def parsed(text: str) -> list[dict[str, Any]]:
    """What an inspection printed; raises ToolFailed where it cannot be read."""
    try:
        value = json.loads(text or "[]")
    except ValueError as error:
        raise ToolFailed("docker's answer cannot be read", hint="see `docker version`") from error
    return value if isinstance(value, list) else []


def _against_engine(said: str) -> None:
    """Raise where it was not the request's fault."""
    low = said.lower()
    if "permission denied" in low and "sock" in low:
        raise Refused(
            "this user may not ask Docker's engine",
            hint="run it as a user who may (the group docker is as mighty as root), or by sudo as the device's set-up allows",
        )
    if any(each in low for each in UNREACHABLE):
        raise ToolFailed(
            f"Docker's engine does not answer: {last_line(said)}",
            hint="start it (`systemctl start docker`), then `freqtrain converge`",
        )
    if FULL in low:
        raise ToolFailed(
            f"Docker's disk is full: {last_line(said)}",
            hint="`docker system df` says what fills it, `docker image prune` removes images that have no name; then `freqtrain converge`",
        )
    if any(each in low for each in LOST):
        raise ToolFailed(
            f"Docker's engine went away in the middle: {last_line(said)}",
            hint="see whether it runs again (`docker info`), then `freqtrain converge`",
        )
