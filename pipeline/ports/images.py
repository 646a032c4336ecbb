"""What running bots in containers needs of a device: the images that are there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pipeline.domain.bot import BotSpec
    from pipeline.domain.image import Image
    from pipeline.domain.image_needs import StockedImage


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

    def keep(self, image: Image) -> None:
        """From now on this home keeps an image: it goes with `ImageStock.remove` alone, and with what removes everything that no container uses."""
        ...


class ImageStock(Protocol):
    """freqtrain's own images on this device. Raises as `Images`."""

    def stock(self) -> tuple[StockedImage, ...]:
        """All of them, the newest first."""
        ...

    def keep(self, image: Image) -> None:
        """See `Images`."""
        ...

    def remove(self, image: Image) -> None:
        """Remove an image under all its names. Nothing happens where it is gone.

        Raises:
            ToolFailed: another home keeps it, a container is made of it, or an image that was made of it is here.
        """
        ...
