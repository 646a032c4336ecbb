"""A Strategy as it lies in `strategies/<id>/`: a closed list of files, its description, and the digest that names its content."""

from dataclasses import dataclass

from pipeline.domain.canonical import digest, digest_bytes
from pipeline.domain.policy import Threshold

STRATEGY_FILE = "strategy.py"
DESCRIPTION_FILE = "strategy.yml"
TEST_FILE = "test_strategy.py"
PARAMETERS_FILE = "strategy.json"

ID_PATTERN = r"[a-z][a-z0-9_]{0,63}"
"""An id is also a folder, a Python module and a bot's name: lower case, digits and underscores, starting with a letter."""


@dataclass(frozen=True, slots=True)
class StrategySpec:
    """What `strategy.yml` says. `timeframe` and `pairs` are empty where the class and the data set decide."""

    id: str
    class_name: str
    title: str = ""
    description: str = ""
    owner: str = ""
    timeframe: str = ""
    pairs: tuple[str, ...] = ()
    overrides: tuple[Threshold, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A Strategy at a commit or in a working tree.

    `files` maps each path relative to the strategy's folder (POSIX, sorted) to its content, the whole folder without byte code. `folder` is
    how messages call the place it was read from, such as `strategies/sma_trend`.
    """

    spec: StrategySpec
    files: dict[str, bytes]
    folder: str = ""

    @property
    def id(self) -> str:
        return self.spec.id

    @property
    def file_digests(self) -> dict[str, str]:
        """Each file's sha256, by path."""
        return {path: digest_bytes(content) for path, content in sorted(self.files.items())}

    @property
    def content_digest(self) -> str:
        """Names the content: paths and bytes of every file, nothing else."""
        return digest(self.file_digests)
