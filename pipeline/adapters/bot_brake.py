"""The brake that lies in a bot's home: while it is there, the bot enters nothing, restarts included."""

import json
import os
from pathlib import Path

from pipeline.adapters.bot_home_files import PRIVATE, make_private, sync
from pipeline.adapters.files import write_whole
from pipeline.domain.bot_settings import BRAKE_FILE
from pipeline.domain.canonical import plain
from pipeline.errors import ToolFailed
from pipeline.ports import Clock


def hold(home: Path, reason: str, clock: Clock) -> None:
    """Put it there, in a home that is begun with it where there is none. A full disk leaves an empty brake, which brakes as well.

    Raises:
        ToolFailed: not even that could be written.
    """
    brake = home / BRAKE_FILE
    try:
        make_private(home)
        try:
            write_whole(brake, content(reason, clock), mode=PRIVATE)
        except OSError:
            os.close(os.open(brake, os.O_WRONLY | os.O_CREAT, PRIVATE))
        sync(home)
    except OSError as error:
        told = f"{brake}: the bot could not be braked: {error.strerror or error}"
        raise ToolFailed(told, hint="make room on the disk, or mend its rights; or stop the bot") from error


def unhold(home: Path) -> None:
    """Take it away; nothing happens where there is none. Raises ToolFailed for the disk."""
    brake = home / BRAKE_FILE
    try:
        brake.unlink(missing_ok=True)
        if home.is_dir():
            sync(home)
    except OSError as error:
        told = f"{brake}: the brake could not be taken away: {error.strerror or error}"
        raise ToolFailed(told, hint="mend the rights of the folder") from error


def held(home: Path) -> str:
    """Why the bot may enter nothing; "" where there is no brake. One that cannot be read brakes as well."""
    brake = home / BRAKE_FILE
    if not brake.exists():
        return ""
    try:
        return str(json.loads(brake.read_bytes())["reason"]) or "braked"
    except (OSError, ValueError, KeyError, TypeError):
        return "braked, and the brake does not say why"


def content(reason: str, clock: Clock) -> bytes:
    """What stands in it, for people."""
    return json.dumps({"reason": reason, "since": plain(clock.now())}, indent=1).encode() + b"\n"
