"""A data set as one file: a plain tar archive, equal byte for byte for equal files."""

import re
import shutil
import tarfile
from pathlib import Path

from pipeline.domain.dataset import MANIFEST_FILE, MARKETS_FILE
from pipeline.errors import Refused, ToolFailed
from pipeline.ports import Candles

LARGEST_BYTES = 8 * 2**30
MOST_FILES = 20_000

_CANDLE_FILE = re.compile(r"[A-Za-z0-9]{1,24}_[A-Za-z0-9]{1,24}-[0-9]{1,3}[mhdw]\.feather")


def pack(dataset: Candles, archive: Path) -> None:
    """Write manifest, market snapshot and the candle files that the manifest lists, in a fixed order and without times or owners."""
    names = [MANIFEST_FILE, MARKETS_FILE, *sorted(file.path for file in dataset.manifest.files)]
    with tarfile.open(archive, "w", format=tarfile.USTAR_FORMAT) as tar:
        for name in names:
            entry = tarfile.TarInfo(name)
            entry.size = (dataset.root / name).stat().st_size
            entry.mode = 0o644
            with (dataset.root / name).open("rb") as content:
                tar.addfile(entry, content)


def unpack(archive: Path, folder: Path) -> None:
    """Write the files of an archive into a folder; anything but plain files with the names of a data set is refused before it is written.

    Raises:
        ToolFailed: it is no whole archive.
        Refused: it holds something that a data set does not, or too much.
    """
    try:
        with tarfile.open(archive, "r:") as tar:
            seen: set[str] = set()
            total = 0
            for entry in tar:
                total += entry.size
                _refuse(entry, seen, total)
                seen.add(entry.name)
                content = tar.extractfile(entry)
                assert content is not None, "a plain file has content"
                with (folder / entry.name).open("xb") as written:
                    shutil.copyfileobj(content, written)
                    if written.tell() != entry.size:
                        raise tarfile.ReadError(f"{entry.name} has {written.tell()} of {entry.size} bytes")
    except (tarfile.TarError, EOFError) as error:
        raise ToolFailed(f"{archive.name} is no whole archive: {error}", hint="download it again") from error


def _refuse(entry: tarfile.TarInfo, seen: set[str], total: int) -> None:
    if not entry.isreg():
        raise Refused(f"the archive holds {entry.name!r}, which is no plain file; nothing was kept")
    if entry.name not in (MANIFEST_FILE, MARKETS_FILE) and not _CANDLE_FILE.fullmatch(entry.name):
        raise Refused(f"the archive holds {entry.name!r}, which does not belong into a data set; nothing was kept")
    if entry.name in seen:
        raise Refused(f"the archive holds {entry.name!r} twice; nothing was kept")
    if total > LARGEST_BYTES or len(seen) >= MOST_FILES:
        raise Refused("the archive is too large for a data set; nothing was kept")
