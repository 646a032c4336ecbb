"""What running bots in containers needs of a device: the images that are there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pipeline.domain.bot import BotSpec
    from pipeline.domain.image import Image


class Images(Protocol):
    """The images on this device. Every call raises ToolFailed where the engine does not answer, and Refused where the caller may not ask it."""

    def here(self) -> tuple[Image, ...]:
        """All of them."""
        ...

    def otherwise(self, spec: BotSpec) -> str:
        """Names the image of a bot whose bundle was cut for none; "" where nobody named one and nothing ran there."""
        ...

    def versions(self, image: Image, names: Collection[str]) -> Mapping[str, str]:
        """Distribution -> version as it is installed in an image; those that are not are left out."""
        ...
