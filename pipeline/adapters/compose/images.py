"""The images on a Docker engine, as far as bots can run in them."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pipeline.adapters.compose.docker import KEPT, Docker, parsed
from pipeline.adapters.compose.seen import parsed_time
from pipeline.domain.bot import BotSpec
from pipeline.domain.image import Image
from pipeline.domain.image_needs import StockedImage
from pipeline.errors import ToolFailed

CONFINED = ("--network", "none", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")
VERSIONS = """\
import json, sys
from importlib.metadata import PackageNotFoundError, version
found = {}
for name in sys.argv[1:]:
    try:
        found[name] = version(name)
    except PackageNotFoundError:
        pass
print(json.dumps(found))
"""
ASK_SECONDS = 120.0
"""A slow device starts a container within seconds."""
REMOVE_SECONDS = 300.0
LABEL = "org.opencontainers.image.title=freqtrain"
"""By which the Dockerfile marks freqtrain's images."""


@dataclass(frozen=True, slots=True)
class EngineImages:
    """See `ports.Images` and `ports.ImageStock`.

    `named` is what the caller names; where it is empty, `last` tells what a bot was made of before. What a home keeps has a name with the home's
    `mark`, so that the engine does not take it for left over, and other homes see that somebody needs it.
    """

    named: str
    last: Callable[[BotSpec], str]
    mark: str = ""
    label: str = LABEL
    docker: Docker = field(default_factory=Docker)
    _asked: dict[tuple[str, tuple[str, ...]], Mapping[str, str]] = field(default_factory=dict)

    def here(self) -> tuple[Image, ...]:
        """See `ports.Images`."""
        return self.docker.images()

    def otherwise(self, spec: BotSpec) -> str:
        """See `ports.Images`."""
        return self.named or self.last(spec)

    def versions(self, image: Image, names: Collection[str]) -> Mapping[str, str]:
        """See `ports.Images`. What stands in an image never changes, so each is asked once."""
        key = (image.reference, tuple(sorted(names)))
        if key not in self._asked:
            asked = ("--entrypoint", "python3", image.reference, "-I", "-c", VERSIONS, *key[1])
            said = self.docker.call("run", "--rm", "--pull", "never", *CONFINED, *asked, seconds=ASK_SECONDS)
            self._asked[key] = _read(said, image)
        return self._asked[key]

    def keep(self, image: Image) -> None:
        """See `ports.Images`."""
        digits = image.reference.rpartition(":")[2][:12]
        self.docker.call("image", "tag", image.reference, f"{KEPT}:{self.mark}-{digits}")

    def stock(self) -> tuple[StockedImage, ...]:
        """See `ports.ImageStock`."""
        listed = self.docker.call("image", "ls", "--no-trunc", "--quiet", "--filter", f"label={self.label}").split()
        own = self._inspected(tuple(dict.fromkeys(listed)))
        made_of = self._containers() if own else {}
        found = [self._stocked(one, made_of.get(str(one["Id"]), ())) for one in own]
        return tuple(sorted(found, key=lambda one: one.made_at, reverse=True))

    def remove(self, image: Image) -> None:
        """See `ports.ImageStock`. Never by force: the engine itself refuses what a container is made of."""
        for one in self._inspected((image.reference,)):
            if self._stocked(one, ()).kept_elsewhere:
                raise ToolFailed(f"another home of this device keeps the image {image.reference} by now")
            for name in (*_texts(one, "RepoTags"), *_texts(one, "RepoDigests")):
                self.docker.tried("image", "rm", name, seconds=REMOVE_SECONDS)
            if self._inspected((str(one["Id"]),)):
                self.docker.call("image", "rm", str(one["Id"]), seconds=REMOVE_SECONDS)

    def let_go(self) -> None:
        """Keep nothing any more for this home; raises as `stock`. An image stays, also one that has no other name."""
        filters = ("--filter", f"reference={KEPT}:{self.mark}-*")
        kept = self.docker.call("image", "ls", "--no-trunc", "--quiet", *filters).split()
        for one in self._inspected(tuple(dict.fromkeys(kept))):
            mine = [tag for tag in _texts(one, "RepoTags") if tag.startswith(f"{KEPT}:{self.mark}-")]
            if len(mine) < len((*_texts(one, "RepoTags"), *_texts(one, "RepoDigests"))):
                self.docker.call("image", "rm", *mine)

    def _inspected(self, images: Sequence[str]) -> list[dict[str, Any]]:
        """What the engine knows of images; those that are not there are left out."""
        done = self.docker.tried("image", "inspect", *images) if images else None
        return parsed(done.out) if done else []

    def _containers(self) -> Mapping[str, tuple[str, ...]]:
        """The Id of an image -> the names of all containers that are made of it."""
        names = self.docker.call("container", "ls", "--all", "--no-trunc", "--format", "{{.Names}}").split()
        found: dict[str, tuple[str, ...]] = {}
        for name, one in self.docker.inspect(names).items():
            found[str(one["Image"])] = (*found.get(str(one["Image"]), ()), name)
        return found

    def _stocked(self, one: Mapping[str, Any], containers: tuple[str, ...]) -> StockedImage:
        tags, digests = _texts(one, "RepoTags"), _texts(one, "RepoDigests")
        known = frozenset({str(one["Id"]), *(digest.rpartition("@")[2] for digest in digests)})
        marks = [tag.rpartition(":")[2] for tag in tags if tag.startswith(f"{KEPT}:")]
        made_at = parsed_time(str(one["Created"])) or datetime.fromtimestamp(0, UTC)
        return StockedImage(
            Image(str(one["Id"]), known),
            tuple(name for name in (*tags, *digests) if not name.startswith(KEPT)),
            made_at,
            int(one["Size"]),
            tuple(sorted(containers)),
            any(not mark.startswith(f"{self.mark}-") for mark in marks),
        )


def _texts(one: Mapping[str, Any], key: str) -> tuple[str, ...]:
    return tuple(str(each) for each in one.get(key) or ())


def _read(said: str, image: Image) -> Mapping[str, str]:
    try:
        found = json.loads(said)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ToolFailed(
            f"the image {image.reference} does not tell what is installed in it", hint="is it freqtrain's?"
        )
    return {str(name): str(version) for name, version in found.items()}
