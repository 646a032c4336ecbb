"""The exchange as a process of its own: prints its address, and ends when it is told to or when its parent is gone."""

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from pipeline.adapters.clock import SystemClock
from pipeline.rehearsal.exchange.server import LoopbackExchange
from pipeline.rehearsal.exchange.settings import Settings, settings_of

LOOK_SECONDS = 0.5


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 when it was asked to end or its parent ended, 2 for settings that make no sense, 4 for a port that is taken."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.rehearsal.exchange", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="where to listen on 127.0.0.1; 0: a free port")
    parser.add_argument(
        "--settings", type=Path, help="a JSON file with the fields of Settings: accounts, pairs, seed, ..."
    )
    parser.add_argument(
        "--parent", type=int, default=os.getppid(), help="end when this process is not the parent any more"
    )
    chosen = parser.parse_args(arguments)
    try:
        settings = settings_of(json.loads(chosen.settings.read_bytes())) if chosen.settings else Settings()
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{chosen.settings}: {error}\n")
        return 2
    try:
        asyncio.run(_run(replace(settings, port=chosen.port), chosen.parent))
    except OSError as error:
        sys.stderr.write(f"the exchange cannot listen on port {chosen.port}: {error}\n")
        return 4
    return 0


async def _run(settings: Settings, parent: int) -> None:
    ended = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, ended.set)
    async with LoopbackExchange(settings, SystemClock()) as exchange:
        sys.stdout.write(f"{exchange.address}\n")
        sys.stdout.flush()
        while os.getppid() == parent and not ended.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), LOOK_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
