"""supervisord's configuration as text: only numbers and checked names stand in it, and all paths are relative to its folder."""

from collections.abc import Mapping

Section = Mapping[str, object]
LOG_BYTES = 5 * 2**20


def supervisord(identifier: str, socket: str) -> dict[str, Section]:
    """The configuration of the whole, to which the bots' sections are added by the include."""
    return {
        "supervisord": {
            "identifier": identifier,
            "logfile": "supervisord.log",
            "logfile_maxbytes": LOG_BYTES,
            "logfile_backups": 1,
            "pidfile": "supervisord.pid",
            "childlogdir": ".",
            "nocleanup": "true",
            "umask": "077",
            "minfds": 512,
        },
        "unix_http_server": {"file": socket, "chmod": "0600"},
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        },
        "rpcinterface:freqtrain": {
            "supervisor.rpcinterface_factory": "pipeline.adapters.supervisor.inside:make_interface"
        },
        "include": {"files": "bots/*/program.conf"},
    }


def program(name: str, stop_seconds: float) -> dict[str, Section]:
    """One bot. supervisord itself never starts one: that is asked for, or decided after a crash (`inside`). It keeps no log: see `rotation`."""
    return {
        f"program:{name}": {
            "command": f"/bin/sh launch.sh bots/{name}",
            "autostart": "false",
            "autorestart": "false",
            "startsecs": 0,
            "startretries": 0,
            "stopsignal": "TERM",
            "stopwaitsecs": max(1, round(stop_seconds)),
            "killasgroup": "true",
            "redirect_stderr": "true",
            "stdout_logfile": "NONE",
        }
    }


def rendered(sections: Mapping[str, Section]) -> str:
    """As supervisord reads it; the same sections give the same text."""
    parts = (
        "\n".join([f"[{title}]", *(f"{key} = {value}" for key, value in section.items())])
        for title, section in sections.items()
    )
    return "\n\n".join(parts) + "\n"
