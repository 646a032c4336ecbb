"""What keeps a rehearsal's bot on this machine: whatever it tries to reach elsewhere is refused inside the interpreter."""

import ipaddress
import sys

CONNECTS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind"})
NAMES = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})


def stay_on_loopback() -> None:
    """From now on, for the whole process and for good: addresses of the loopback only, and sockets that have no network."""
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event in NAMES:
        _demand(arguments[0])
    elif event in CONNECTS and len(arguments) > 1 and isinstance(arguments[1], tuple):
        _demand(arguments[1][0])


def _demand(host: object) -> None:
    if isinstance(host, bytes):
        host = host.decode(errors="replace")
    if host in (None, "", "localhost"):
        return
    try:
        inside = ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        inside = False
    if not inside:
        raise PermissionError(f"a rehearsal reaches nothing but this machine, and not {host}")
