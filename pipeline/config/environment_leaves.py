"""An environment's file as a flat list of leaves, named so that two files can be laid side by side."""

from collections.abc import Iterator
from pathlib import Path

from pipeline.config.source import read
from pipeline.domain.canonical import Plain


def leaves(path: Path) -> dict[str, Plain]:
    """Key -> value of every leaf, in the order of the file, as it is written: a variable stays `${NAME}`.

    A window is called by its name, a threshold by what it judges (`policy.thresholds[trades, each].at_least`), keys by their strategy, so that
    another order of a list is no difference.

    Raises:
        ConfigError: the file is not the small YAML.
    """
    return dict(_walk(read(path).data, ""))


def _walk(value: Plain, name: str) -> Iterator[tuple[str, Plain]]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _walk(item, f"{name}.{key}" if name else key)
    elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        labels = [_label(item) for item in value]
        for index, item in enumerate(value):
            label = labels[index] if labels[index] and labels.count(labels[index]) == 1 else str(index)
            yield from _walk(item, f"{name}[{label}]")
    else:
        yield name, value


def _label(item: Plain) -> str:
    if not isinstance(item, dict):
        return ""
    keys = next((keys for keys in _LABELS if keys[0] in item), ())
    return ", ".join(str(item[key]) for key in keys if item.get(key) is not None)


_LABELS = (("name",), ("metric", "scope", "relative_to"), ("strategy",), ("method",))
"""By which keys an object in a list is called; the first of them decides."""
