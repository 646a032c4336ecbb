"""What a bot's container is made from and sees of the device: the image that its home names; its home, the folder of its database, and the watch's
lease, nothing else."""

import json
import os
from contextlib import suppress
from pathlib import Path

from pipeline.adapters.compose.launch import Mount
from pipeline.domain.bot_settings import SETTINGS_FILE, BotSettings, read_settings
from pipeline.domain.image import IMAGE_FILE
from pipeline.errors import ToolFailed


def owner(home: Path) -> str:
    """UID:GID of whoever owns a home, as whom its bot runs."""
    found = home.stat()
    return f"{found.st_uid}:{found.st_gid}"


def image_of(home: Path) -> str:
    """The image that a home names; "" where it names none.

    Raises:
        ToolFailed: nobody wrote it like that.
    """
    try:
        return str(json.loads((home / IMAGE_FILE).read_bytes())["image"])
    except FileNotFoundError:
        return ""
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ToolFailed(
            f"{home / IMAGE_FILE} does not name an image", hint="`freqtrain converge` writes the home anew"
        ) from error


def of_bot(home: Path) -> tuple[Mount, ...]:
    """What its settings name. The database's folder and the lease are made where they are not there yet.

    Raises:
        OSError: the disk.
    """
    own = (Mount(str(home)),)
    settings = _settings(home)
    if settings is None:
        return own
    strategy = home / settings.strategy_dir
    code = (Mount(str(strategy), read_only=True),) if strategy.is_dir() else ()
    databases = (home / settings.database).parent
    _make_folder(databases, owner(home))
    lease = home / settings.lease_file if settings.lease_file else None
    if lease is not None:
        _make_old(lease)
    watched = (Mount(str(lease), read_only=True),) if lease else ()
    return (*own, *code, Mount(str(databases)), *watched)


def _settings(home: Path) -> BotSettings | None:
    """None where they cannot be read: the bot itself says what is wrong with them."""
    try:
        return read_settings(json.loads((home / SETTINGS_FILE).read_bytes()))
    except (OSError, ValueError, RecursionError):
        return None


def _make_folder(folder: Path, user: str) -> None:
    if folder.is_dir():
        return
    folder.mkdir(mode=0o700, parents=True)
    if os.getuid() == 0:
        uid, gid = (int(part) for part in user.split(":"))
        os.chown(folder, uid, gid)


def _make_old(lease: Path) -> None:
    """A container needs something that it can be given. A lease that nobody has touched yet is as old as can be, so that it lets nothing enter."""
    with suppress(FileExistsError):
        handle = os.open(lease, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        os.utime(handle, (0, 0))
        os.close(handle)
