"""The engine that is installed, compared with the one with which a bundle was measured."""

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

from pipeline.domain.engine_pins import differing


def against_engine(pins: Mapping[str, str]) -> list[tuple[str, str]]:
    """What speaks against running a bundle of these pins here, with a hint; nothing where they are what is installed."""
    told = [
        f"{name} {pins[name]}, and {f'{there} is installed' if there else 'none is installed'}"
        for name, there in sorted(differing(pins, _installed(pins)).items())
    ]
    hint = "install what requirements.lock pins, or cut the bundle again with this engine"
    return [(f"the bundle was measured with {'; '.join(told)}", hint)] if told else []


def _installed(pins: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for name in pins:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
