"""Which ports of the loopback belong to which environment: a block each, given once and kept in the device's home."""

import fcntl
import json
import os
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

from pipeline.adapters.files import write_whole
from pipeline.errors import Refused

FIRST = 18_100
SIZE = 200
"""A hundred strategies with two ports each."""

TRIES = 20

LAST = 32_000
"""From here on, systems hand out ports by themselves."""


def listening() -> frozenset[int]:
    """The TCP ports of this machine on which somebody listens; none where the system does not let anybody ask."""
    try:
        found = psutil.net_connections(kind="tcp")
    except (psutil.AccessDenied, OSError):
        return frozenset()
    return frozenset(one.laddr.port for one in found if one.status == psutil.CONN_LISTEN and one.laddr)


def first_port(home: Path, environment: str, busy: Callable[[], frozenset[int]] = listening) -> int:
    """The first port of an environment's block.

    A block in which somebody listens when it is to be given is passed over, while there are others: another home's bots may run on this machine.

    Raises:
        Refused: the file that keeps the blocks is damaged, or there are no more blocks.
    """
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = home / "ports.json"
    lock = os.open(home / "ports.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        blocks = _read(path)
        if environment not in blocks:
            left = [port for port in range(FIRST, LAST, SIZE) if port not in blocks.values()]
            if not left:
                raise Refused(
                    f"{path}: all blocks of ports are given away", hint="remove those of environments that are gone"
                )
            taken = busy()
            blocks[environment] = next((port for port in left if taken.isdisjoint(range(port, port + SIZE))), left[0])
            write_whole(path, json.dumps(blocks, indent=2, sort_keys=True).encode() + b"\n")
        return blocks[environment]
    finally:
        os.close(lock)


def scatter(
    home: Path,
    environments: Sequence[str],
    busy: Callable[[], frozenset[int]] = listening,
    pick: Callable[[int], int] = secrets.randbelow,
) -> None:
    """Give all environments of a new home their blocks, side by side and anywhere: a home that lives for minutes beside others of its kind.

    Blocks that are given in order meet those of another home whose bots do not listen yet, or just not now, because they start again.
    """
    size, taken = SIZE * len(environments), busy()
    for _ in range(TRIES):
        start = FIRST + 2 * pick((LAST - FIRST - size) // 2)
        if taken.isdisjoint(range(start, start + size)):
            break
    blocks = {name: start + SIZE * number for number, name in enumerate(environments)}
    write_whole(home / "ports.json", json.dumps(blocks, indent=2, sort_keys=True).encode() + b"\n")


def _read(path: Path) -> dict[str, int]:
    try:
        blocks = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except ValueError:
        blocks = None
    if not isinstance(blocks, dict) or not all(type(port) is int and FIRST <= port < LAST for port in blocks.values()):
        raise Refused(f"{path}: does not hold ports", hint="stop all bots and delete it; it is written anew")
    return blocks
