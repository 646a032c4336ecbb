"""Whether the bot of this container loops: `python -m pipeline.adapters.bot_health`, which the image's health check runs.

It finds the bot by what the container's first process was started with, so that nothing has to be configured. The standard library alone: it
runs every minute beside every bot, and on a small machine an import costs.
"""

import http.client
import json
import sys
from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline.adapters.clock import SystemClock

BOT = "pipeline.adapters.freqtrade.bot"
FIRST_PROCESS = Path("/proc/1/cmdline")
OLDEST = timedelta(seconds=180)
"""A loop takes seconds, with many pairs and a slow exchange a minute. The check's own retries come on top."""
ANSWER_SECONDS = 10.0
_MOST_BYTES = 1 << 20


class Unhealthy(Exception):
    """The bot does not loop; the message says in a sentence why."""


def main(first_process: Path = FIRST_PROCESS) -> int:
    """Say how the bot is; the exit code that Docker expects (0 or 1)."""
    home = bot_home(first_process.read_bytes().decode(errors="replace").split("\0"))
    if home is None:
        return _said("no bot: it runs, and that is all there is to know", 0)
    try:
        loop_at = last_loop(home)
        age = SystemClock().now() - loop_at
        if age > OLDEST:
            raise Unhealthy(f"the last loop ended {age.total_seconds():.0f} s ago")
    except Unhealthy as error:
        return _said(str(error), 1)
    return _said(f"the last loop ended {age.total_seconds():.0f} s ago", 0)


def bot_home(argv: Sequence[str]) -> Path | None:
    """The home of the bot that a process was started as, or started to keep; None where it is something else."""
    after = argv[argv.index(BOT) + 1 :] if BOT in argv else []
    return Path(after[0]) if after and after[0] else None


def last_loop(home: Path) -> datetime:
    """When the bot finished a loop, aware UTC, by its own word.

    Raises:
        Unhealthy: it does not say, or has not looped yet.
    """
    try:
        api = _api(home)
        said = json.loads(_answer(int(api["listen_port"]), str(api["username"]), str(api["password"])))
        at = said["last_process"]
    except (OSError, http.client.HTTPException) as error:
        raise Unhealthy(f"its API does not answer: {type(error).__name__}") from error
    except (ValueError, TypeError, KeyError) as error:
        raise Unhealthy(f"{home} does not lead to its API, or that answers something else") from error
    if at is None:
        raise Unhealthy("it has not finished a loop yet")
    try:
        return datetime.fromisoformat(at).astimezone(UTC)
    except (ValueError, TypeError) as error:
        raise Unhealthy("its API answers something else") from error


def _api(home: Path) -> dict[str, Any]:
    """The section about the API, spliced from the bot's fragments as freqtrade does it."""
    api: dict[str, Any] = {}
    for fragment in json.loads((home / "bot.json").read_bytes())["config_files"]:
        api |= json.loads((home / fragment).read_bytes()).get("api_server", {})
    return api


def _answer(port: int, user: str, password: str) -> bytes:
    access = b64encode(f"{user}:{password}".encode()).decode()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", "/api/v1/health", headers={"Authorization": f"Basic {access}"})
        response = connection.getresponse()
        said = response.read(_MOST_BYTES)
    finally:
        connection.close()
    if response.status != 200:
        raise Unhealthy(f"its API refuses to say ({response.status})")
    return said


def _said(sentence: str, code: int) -> int:
    sys.stdout.write(f"{sentence}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
