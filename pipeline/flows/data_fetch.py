"""`freqtrain data fetch`: the data set of a digest, from the cache or from a GitHub release, believed only after it verified."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from pipeline.domain.dataset import Severity
from pipeline.errors import ConfigError, Refused, UsageError
from pipeline.flows.data_publish import asset_of, hexadecimal, tag_of
from pipeline.ports import Candles, DataSets, Narrator, Releases


@dataclass(frozen=True, slots=True)
class Fetched:
    """The data set, and whether it was in the cache."""

    dataset: Candles
    cached: bool


def folder_of(digest: str, user_data: Path) -> Path:
    """Where the data set of a digest is kept below freqtrade's user directory."""
    return user_data / "data" / hexadecimal(digest)


def fetch(
    digest: str,
    user_data: Path,
    *,
    sets: DataSets,
    releases: Releases,
    unpack: Callable[[Path, Path], None],
    whole_folder: Callable[[Path], AbstractContextManager[Path]],
    narrator: Narrator,
    scratch: Path,
) -> Fetched:
    """Download, unpack, verify, and only then put it where it is looked for.

    Raises:
        UsageError: that is no digest.
        Refused: no release has it; or what came is another data set, or does not verify.
        ToolFailed: the network.
    """
    if not re.fullmatch(r"(sha256:)?[0-9a-f]{64}", digest):
        raise UsageError(
            f"{digest!r} is no digest", hint="it is sha256: and 64 digits; manifest.yml of a data set names its own"
        )
    digest = f"sha256:{hexadecimal(digest)}"
    root = folder_of(digest, user_data)
    if root.exists():
        cached = _sound(root, digest, sets)
        if cached is not None:
            return Fetched(cached, cached=True)
        narrator.say(f"{root} is damaged: fetching it anew")
        sets.remove(root)
    archive = scratch / asset_of(digest)
    narrator.say(f"downloading the data set {digest}")
    releases.download(tag_of(digest), archive.name, archive)
    try:
        with whole_folder(root) as folder:
            unpack(archive, folder)
            _demand(folder, digest, sets)
    except FileExistsError:
        narrator.say(f"{root} was made by another process meanwhile")
    return Fetched(sets.open(root), cached=False)


def _demand(folder: Path, digest: str, sets: DataSets) -> None:
    dataset = sets.open(folder)
    if dataset.manifest.digest != digest:
        raise Refused(
            f"the release holds another data set: {dataset.manifest.digest} instead of {digest}; nothing was kept"
        )
    errors = [str(problem) for problem in sets.verify(dataset) if problem.severity is Severity.ERROR]
    if errors:
        raise Refused("what the release holds does not verify; nothing was kept:\n" + "\n".join(errors))


def _sound(root: Path, digest: str, sets: DataSets) -> Candles | None:
    try:
        dataset = sets.open(root)
    except (UsageError, ConfigError):
        return None
    errors = any(problem.severity is Severity.ERROR for problem in sets.verify(dataset))
    return None if errors or dataset.manifest.digest != digest else dataset
