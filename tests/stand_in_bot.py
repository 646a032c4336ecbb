"""A bot that needs no freqtrade: `python tests/stand_in_bot.py HOME`. What it does stands in HOME/behaviour.json (all keys optional):

- `port`: answers /api/v1/ping on 127.0.0.1 there, and whatever else `answers` holds by its path, each after `answer_seconds`
- `exit`: ends with that code; `crash`: raises with that text; both `after` so many seconds (0)
- `ignore_term`: goes on when it is asked to end; `finish_seconds`: how long its loop takes to finish then; `finish_when`: a file without which
  it does not finish
- `allocate_mib`: takes memory, 16 MiB at a time; `mapped_mib`: holds so much of shared memory, which no limit on data counts
- `print_mib`: prints so much
- `child`: starts a child that ignores TERM, in its own session if it says "session"

It appends a line to HOME/lives for each time that it began, and holds a lock on HOME/database.lock, as a bot does on its database: where that is
taken, it ends with 9.
"""

import fcntl
import json
import mmap
import os
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

TAKEN_CODE = 9
PING = "/api/v1/ping"
IGNORES_TERM = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"


def main(home: Path) -> int:
    """Live as told; the exit code."""
    lock = os.open(home / "database.lock", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return TAKEN_CODE
    asked = threading.Event()
    told = json.loads((home / "behaviour.json").read_text()) if (home / "behaviour.json").is_file() else {}
    signal.signal(signal.SIGTERM, lambda *_: None if told.get("ignore_term") else asked.set())
    signal.signal(signal.SIGINT, lambda *_: asked.set())
    with (home / "lives").open("a") as file:
        file.write(f"{os.getpid()}\n")
    say("the stand-in bot is ready")
    for _ in range(1024 * told.get("print_mib", 0)):
        say("." * 1023)
    if "child" in told:
        _start_child(told["child"])
    if "port" in told:
        _answer(told["port"], {PING: {"status": "pong"}, **told.get("answers", {})}, told.get("answer_seconds", 0))
    asked.wait(told.get("after", 0))
    if "crash" in told:
        raise RuntimeError(told["crash"])
    if "exit" in told:
        return int(told["exit"])
    held = _take(told.get("allocate_mib", 0))
    shared = mmap.mmap(-1, told["mapped_mib"] * 2**20) if "mapped_mib" in told else None
    if shared is not None:
        for start in range(0, len(shared), 4096):
            shared[start] = 1
    while not asked.wait(0.1):
        pass
    _finish(told)
    say(f"the stand-in bot finished its loop, holding {len(held)} blocks")
    return 0


def say(line: str) -> None:
    """Print, at once."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def _finish(told: dict[str, Any]) -> None:
    while "finish_when" in told and not Path(told["finish_when"]).exists():
        time.sleep(0.05)
    time.sleep(told.get("finish_seconds", 0))


def _take(mib: int) -> list[bytearray]:
    return [bytearray(b"x" * (16 * 2**20)) for _ in range(mib // 16)]


def _start_child(kind: str) -> None:
    pid = os.fork()
    if pid == 0:
        if kind == "session":
            os.setsid()
        os.execv(sys.executable, [sys.executable, "-I", "-S", "-c", IGNORES_TERM])


def _answer(port: int, answers: dict[str, object], seconds: float) -> None:
    class Api(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            time.sleep(seconds)
            body = json.dumps(answers.get(self.path, {})).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", port), Api)
    threading.Thread(target=server.serve_forever, daemon=True).start()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
