"""The images on a Docker engine, as far as bots can run in them."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from pipeline.adapters.compose.docker import Docker
from pipeline.domain.bot import BotSpec
from pipeline.domain.image import Image
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


@dataclass(frozen=True, slots=True)
class EngineImages:
    """See `ports.Images`. `named` is what the caller names; where it is empty, `last` tells what a bot was made of before."""

    named: str
    last: Callable[[BotSpec], str]
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
