"""What a bundle's bot would run on here: the engine that is installed, or that of an image, held against the one it was measured with."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from pipeline.domain.bot import BotSpec
from pipeline.domain.bundle_manifest import StoredBundle
from pipeline.domain.engine_pins import differing
from pipeline.domain.image import Image, image_for
from pipeline.ports import Images

HINT = "install what requirements.lock pins, or cut the bundle again with this engine"
HINT_OF_IMAGE = "cut the bundle for an image that holds its engine, or cut it again with this engine"


@dataclass(frozen=True, slots=True)
class Footing:
    """Where a bot would run: in `image`, where it is a container. `problems` speak against it: sentences, each with a hint."""

    problems: tuple[tuple[str, str], ...] = ()
    image: Image | None = None
    note: str = ""


def footing(spec: BotSpec, stored: StoredBundle, images: Images | None, *, live: bool) -> Footing:
    """What a bot of a bundle would run on; without `images` a process, on what is installed.

    Raises:
        Refused, ToolFailed: the engine of the containers cannot be asked.
    """
    pins = stored.bundle.engine
    if images is None:
        return Footing(against_installed(pins))
    choice = image_for(stored.images(live=live), images.here(), images.otherwise(spec))
    if choice.image is None:
        return Footing(((choice.problem, choice.hint),))
    there = images.versions(choice.image, pins)
    told = f"in the image {choice.image.reference}"
    return Footing(_against(pins, there, told, HINT_OF_IMAGE), choice.image, choice.note)


def against_installed(pins: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What speaks against running a bundle with these pins on what is installed: sentences, each with a hint."""
    return _against(pins, _installed(pins), "installed", HINT)


def _against(
    pins: Mapping[str, str], versions: Mapping[str, str], where: str, hint: str
) -> tuple[tuple[str, str], ...]:
    told = [
        f"{name} {pins[name]}, and {f'{there} is {where}' if there else f'none is {where}'}"
        for name, there in sorted(differing(pins, versions).items())
    ]
    return ((f"the bundle was measured with {'; '.join(told)}", hint),) if told else ()


def _installed(pins: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for name in pins:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
