"""Where the repository's environments are written down."""

from pathlib import Path

FOLDER = Path("environments")


def environment_file(name: str) -> Path:
    """The file of an environment that is given by name or by path."""
    return Path(name) if "/" in name or name.endswith((".yml", ".yaml")) else FOLDER / f"{name}.yml"


def environment_files() -> tuple[Path, ...]:
    """The files of all the environments of the repository that the process runs in."""
    return tuple(sorted(FOLDER.glob("*.y*ml")))
