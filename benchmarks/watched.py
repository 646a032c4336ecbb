"""A device whose bots are simulated, for whatever is measured of its watch: homes and ledger as a deployment leaves them."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.adapters.files import write_whole
from pipeline.domain.bot import BotSpec
from pipeline.domain.canonical import canonical
from pipeline.domain.ledger import Head, after, follow, line
from pipeline.domain.train.decisions import Observed
from pipeline.domain.train.facts import body_of, kind_of
from pipeline.domain.train.movements import Deployed, Deploying, Purpose
from pipeline.domain.train.steps import bot_name

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = "test"
PROGRAM = ROOT / "benchmarks" / "simulated_bots.py"
PATIENCE_SECONDS = 120.0


def command(*homes: str) -> tuple[str, ...]:
    """What answers for the bots of these homes."""
    return (sys.executable, "-I", "-S", str(PROGRAM), *homes)


def environments(folder: Path, heartbeat_seconds: float = 86_400.0) -> Path:
    """The repository's environments, but for how long a loop may be silent; returns where commands are to be started."""
    (folder / "environments").mkdir(parents=True)
    for file in (ROOT / "environments").glob("*.yml"):
        content, limit = file.read_text(), "heartbeat_seconds: {limit: 180,"
        if file.stem == ENVIRONMENT:
            assert content.count(limit) == 1, "the environment has another heartbeat"
            content = content.replace(limit, f"heartbeat_seconds: {{limit: {heartbeat_seconds:g},")
        (folder / "environments" / file.name).write_text(content)
    return folder


def laid_out(
    device: Path, count: int, *, deployed: timedelta, closed: int = 30, opened: int = 2, hourly: bool = False
) -> tuple[BotSpec, ...]:
    """So many bots in one environment, each of a strategy of its own, that were deployed so long ago; `hourly`: and observed in each hour since."""
    ports, specs = _free_ports(count), list[BotSpec]()
    head, lines, at = Head(), list[bytes](), datetime.now(UTC) - deployed
    for number, port in enumerate(ports):
        strategy, bundle = f"bot_{number:03}", f"sha256:{number:064x}"
        name = bot_name(ENVIRONMENT, strategy, "a")
        for fact in (
            Deploying(ENVIRONMENT, strategy, Purpose.DEPLOY, bundle, "a", (), "benchmark"),
            Deployed(ENVIRONMENT, strategy, bundle, "a", "benchmark"),
        ):
            entry = follow(head, at, kind_of(fact), body_of(fact))
            head = after(head, entry)
            lines.append(line(entry))
        home = device / ENVIRONMENT / "bots" / name
        home.mkdir(parents=True)
        told = {"port": port, "name": name, "bundle": bundle, "open": opened, "closed": closed}
        (home / "behaviour.json").write_text(json.dumps(told))
        (home / "secret.json").write_text(json.dumps({"api_server": {"username": "train", "password": "x"}}))
        specs.append(BotSpec(name, ENVIRONMENT, strategy, bundle, str(home), port))
    for hour in range(1, int(deployed.total_seconds() // 3600) if hourly else 0):
        for spec in specs:
            fact = Observed(ENVIRONMENT, spec.strategy, spec.bundle, float(hour), 0)
            entry = follow(head, at + timedelta(hours=hour), kind_of(fact), body_of(fact))
            head = after(head, entry)
            lines.append(line(entry))
    ledger = device / ENVIRONMENT / "ledger.jsonl"
    ledger.write_bytes(b"".join(lines))
    write_whole(ledger.with_name("ledger.jsonl.head"), canonical(head) + b"\n")
    return tuple(specs)


@contextmanager
def answering(specs: Sequence[BotSpec], processes: int) -> Iterator[None]:
    """The bots answer, shared among so many processes."""
    shares = [[spec.home for spec in specs[number::processes]] for number in range(processes)]
    started = [subprocess.Popen(command(*homes)) for homes in shares if homes]
    try:
        for spec in specs:
            until(lambda port=spec.api_port: _listens(port), "a simulated bot does not answer")
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(timeout=60)


@contextmanager
def freqtrain(*words: str, cwd: Path = ROOT) -> Iterator[subprocess.Popen[str]]:
    """The command as a process of its own, ended afterwards."""
    script = str(Path(sys.executable).parent / "freqtrain")
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([script, *words], cwd=cwd, env=env, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=60)


def until(what: Callable[[], bool], told: str) -> None:
    """Wait until something is so, or end."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while not what():
        if time.monotonic() > ends:
            raise SystemExit(told)
        time.sleep(0.02)


def rounds_of(device: Path, count: int) -> None:
    """Wait for so many rounds of the environment's watch: each writes what it remembers once or twice, and keeps the lease."""
    lease, seen = device / ENVIRONMENT / "lease", 0.0
    for _ in range(count):
        until(lambda seen=seen: lease.exists() and lease.stat().st_mtime >= seen, "nobody watches")
        seen = lease.stat().st_mtime + 0.1


def resident_mib(pid: int) -> float:
    """What a process holds in memory."""
    return _mib(pid, "VmRSS")


def most_resident_mib(pid: int) -> float:
    """The most that it ever held."""
    return _mib(pid, "VmHWM")


def _mib(pid: int, what: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(text.split()[1]) for text in status.splitlines() if text.startswith(what)) / 1024


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def _free_ports(count: int) -> list[int]:
    """All held at once, so that they differ."""
    held = [socket.socket() for _ in range(count)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in held]
    finally:
        for one in held:
            one.close()
