"""The machine that bots run on: what is free of it, found out by looking and not by reading settings."""

import errno
import socket
import tempfile
from contextlib import suppress
from pathlib import Path

import psutil

from pipeline.adapters.machine import MIB, free_mib
from pipeline.errors import ToolFailed


class ThisDevice:
    """See `ports.Device`."""

    def writable(self, folder: Path) -> bool:
        """A file without a name is written: a mount that has become read-only or is full says no as well."""
        there = folder.absolute()
        try:
            while not there.exists():
                there = there.parent
            with tempfile.TemporaryFile(dir=there) as file:
                file.write(b"\0")
                file.flush()
        except OSError:
            return False
        return True

    def free_disk_mib(self, folder: Path) -> float:
        """See `ports.Device`."""
        try:
            return free_mib(folder)
        except OSError as error:
            raise ToolFailed(
                f"{folder}: its disk does not tell what is free: {error.strerror}", hint="look at the disk"
            ) from error

    def size_mib(self, file: Path) -> float:
        """See `ports.Device`. What SQLite has written beside a database counts as its own."""
        return sum(_size(file.with_name(file.name + end)) for end in ("", "-wal", "-journal")) / MIB

    def available_memory_mib(self) -> float:
        """See `ports.Device`."""
        return psutil.virtual_memory().available / MIB

    def used_memory_mib(self, pid: int) -> float:
        """See `ports.Device`. What is shared with processes that stay is counted too, so it is an upper bound."""
        if pid <= 0:
            return 0.0
        total = 0
        with suppress(psutil.Error):
            process = psutil.Process(pid)
            for one in (process, *process.children(recursive=True)):
                with suppress(psutil.Error):
                    total += one.memory_info().rss
        return total / MIB

    def port_is_free(self, port: int) -> bool:
        """Tried out as a server does it; a port below 1024 is not free for who may not have it."""
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", port))
                listener.listen(1)
            except OSError as error:
                if error.errno in (errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL):
                    return False
                raise ToolFailed(f"no port of this device can be opened: {error.strerror}") from error
        return True


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
