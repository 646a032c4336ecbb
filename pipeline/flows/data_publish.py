"""`freqtrain data publish`: a data set becomes an asset of a GitHub release, for machines that no exchange serves."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline.domain.dataset import Manifest, Severity
from pipeline.errors import Refused
from pipeline.ports import Candles, DataSets, Narrator, Releases


@dataclass(frozen=True, slots=True)
class Published:
    """What was published, where, and whether it had been before."""

    manifest: Manifest
    url: str
    already_there: bool


def tag_of(digest: str) -> str:
    """The release that a data set goes into unless another tag is named."""
    return f"data-{hexadecimal(digest)[:16]}"


def asset_of(digest: str) -> str:
    """The asset's name: the whole digest, so that it can be found by it."""
    return f"{hexadecimal(digest)}.tar"


def hexadecimal(digest: str) -> str:
    """The 64 digits of a digest."""
    return digest.removeprefix("sha256:")


def publish(
    root: Path,
    tag: str,
    *,
    sets: DataSets,
    pack: Callable[[Candles, Path], None],
    releases: Releases,
    narrator: Narrator,
    scratch: Path,
) -> Published:
    """Verify, pack into one archive, upload. Publishing again changes nothing.

    Raises:
        Refused: the set does not verify; the repository is not there, or the token may not write to it.
        ToolFailed: the network.
    """
    dataset = sets.open(root)
    manifest = dataset.manifest
    errors = [str(problem) for problem in sets.verify(dataset) if problem.severity is Severity.ERROR]
    if errors:
        raise Refused(f"{root} does not verify:\n" + "\n".join(errors), hint=f"freqtrain data verify {root}")
    archive = scratch / asset_of(manifest.digest)
    pack(dataset, archive)
    narrator.say(f"uploading {manifest.name} ({archive.stat().st_size / 2**20:.1f} MiB)")
    text = "\n".join(
        [f"Candles for `freqtrain gate`: `{manifest.digest}`", "", *(f"- {note}" for note in manifest.notes)]
    )
    title = f"data set {manifest.name}"
    url, already_there = releases.upload(tag or tag_of(manifest.digest), title, text, archive.name, archive)
    return Published(manifest, url, already_there)
