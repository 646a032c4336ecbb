"""Where a device may keep what outlives a working tree."""

from pathlib import Path

from pipeline.errors import Refused


def outside(folder: Path, option: str = "--home") -> None:
    """What trades must not lie in a checkout: a clean-up of the working tree would take the databases along.

    Raises:
        Refused: it does, or would if it were there; `option` names the folder.
    """
    inside = next((one for one in (folder.resolve(), *folder.resolve().parents) if (one / ".git").exists()), None)
    if inside is not None:
        raise Refused(
            f"{folder} lies in the repository {inside}", hint=f"give {option} a folder outside of any checkout"
        )
