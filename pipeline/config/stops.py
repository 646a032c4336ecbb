"""Name, mode and `after` of each environment, for whoever only shows them: the files are checked where something depends on them."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from pipeline.config.small_yaml import parse_text
from pipeline.domain.monitor.stops import Stop, in_order

LARGEST_BYTES = 1 << 20


def stops_in(files: Mapping[str, Path | None]) -> tuple[tuple[Stop, ...], tuple[str, ...]]:
    """The environments by name, in the order of the train, and a sentence about each file that cannot be read; None where there is no file."""
    found, problems = [], []
    for one in _each(files):
        if isinstance(one, Stop):
            found.append(one)
        else:
            problems.append(one)
    return in_order(found), tuple(problems)


def _each(files: Mapping[str, Path | None]) -> Iterator[Stop | str]:
    for name, path in files.items():
        if path is None:
            yield Stop(name)
            continue
        try:
            with path.open("rb") as file:
                parsed = parse_text(file.read(LARGEST_BYTES).decode("utf-8-sig"))
        except (OSError, ValueError) as error:
            yield Stop(name)
            yield f"{path.name} cannot be read: {error}"
            continue
        data = parsed.data if isinstance(parsed.data, dict) else {}
        mode, after = data.get("mode"), data.get("after")
        if parsed.problems or not isinstance(mode, str):
            yield Stop(name)
            yield f"{path.name} is no environment's file: `freqtrain environment check` tells why"
        else:
            runtime = data.get("runtime")
            yield Stop(
                name,
                mode,
                after if isinstance(after, str) else "",
                data.get("rehearsal") is True,
                runtime if isinstance(runtime, str) else "",
            )
