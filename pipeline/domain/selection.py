"""Which strategies a change touches or affects, and why; and whether it touches its own judge."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

ENVIRONMENT = "environments/ci.yml"
PINS = ("pyproject.toml", "requirements.lock")
JUDGE = "pipeline/"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A strategy that is judged, and why in a few words."""

    id: str
    because: str


def select(
    ids: Sequence[str], changed: Iterable[str], *, strategies: str = "strategies", environment: str = ENVIRONMENT
) -> tuple[Chosen, ...]:
    """The strategies that a change touches or affects.

    Args:
        ids: the strategies that exist now.
        changed: paths (POSIX, relative to the repository) that differ from the reference.
        strategies: the folder that holds the strategies, relative to the repository.
        environment: the file that holds the gate's policy and names its data.

    A strategy's own files touch it; the environment's file, the pinned versions and the judge's own code affect every strategy.
    """
    paths = tuple(changed)
    touched: dict[str, str] = {}
    for path in paths:
        if path.startswith(f"{strategies}/"):
            parts = path[len(strategies) + 1 :].split("/")
            touched.setdefault(parts[0], f"{'/'.join(parts[1:]) or parts[0]} changed")
    everything = _affects_all(paths, environment)
    return tuple(Chosen(id, touched.get(id, everything)) for id in ids if id in touched or everything)


def _affects_all(paths: tuple[str, ...], environment: str) -> str:
    for path in paths:
        if path == environment:
            return f"{environment} (policy, data) changed"
        if path in PINS:
            return f"{path} (pinned versions) changed"
    return next((f"the judge changed ({path})" for path in paths if path.startswith(JUDGE)), "")


def touches_own_judge(
    changed: Iterable[str], *, strategies: str = "strategies", environment: str = ENVIRONMENT
) -> tuple[str, ...]:
    """The judge's files that a change touches together with strategies; empty where it touches only one of the two."""
    paths = tuple(changed)
    judge = judges_files(paths, environment=environment)
    return judge if any(path.startswith(f"{strategies}/") for path in paths) else ()


def judges_files(paths: Iterable[str], *, environment: str = ENVIRONMENT) -> tuple[str, ...]:
    """Those of the paths that decide about every strategy: the policy, the pinned versions, the judge's own code."""
    return tuple(path for path in paths if path == environment or path in PINS or path.startswith(JUDGE))


def shard(chosen: Sequence[Chosen], index: int, count: int) -> tuple[Chosen, ...]:
    """The `index`-th (from 1) of `count` parts; every strategy is in exactly one part, and parts differ by at most one strategy."""
    return tuple(chosen[index - 1 :: count])
