"""What a rehearsal acts on and looks at: the console script, git, the loopback exchange, the processes of this machine."""

import os
import shutil
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import psutil

from pipeline.adapters import process
from pipeline.adapters.clock import SystemClock
from pipeline.adapters.compose.runtime import ComposeRuntime
from pipeline.adapters.process import Completed
from pipeline.adapters.supervisor.runtime import SupervisorRuntime
from pipeline.domain.ledger import Entry
from pipeline.domain.trading import RuntimeKind
from pipeline.ports import Runtime
from pipeline.rehearsal.exchange import FaultKind, RemoteControl
from pipeline.wiring import road as wiring
from pipeline.wiring.runtime import ENGINE_VARIABLES

VERB_SECONDS = 600.0
WATCH_SECONDS = "2"
"""Between two looks of a watch. Three of them are the longest gap that a soak bears, and on a busy machine a look takes seconds."""
TRADING = ("test", "sandbox", "prod")
"""The environments with bots."""
PASSED_ON = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "PYTHONPATH", "VIRTUAL_ENV", "TERM")
"""Variables that commands of the rehearsal see; whatever else is set here is none of its business."""


class World(Protocol):
    """Everything that a story can do and see; a test breaks the story by answering otherwise."""

    def now(self) -> datetime: ...

    def sleep(self, seconds: float) -> None: ...

    def freqtrain(self, *arguments: str, variables: Mapping[str, str] | None = None) -> Completed:
        """The console script, run to its end in the rehearsal's repository."""
        ...

    def tool(self, *argv: str) -> Completed:
        """Another program, such as git, in the same folder."""
        ...

    def ledger(self, environment: str) -> tuple[Entry, ...]:
        """The entries of an environment's ledger, the oldest first."""
        ...

    def orders(self, account: str) -> list[dict[str, Any]]:
        """Every order that the exchange has accepted from an account, with its fills."""
        ...

    def known_orders(self, environment: str) -> set[str]:
        """The numbers of all orders that the databases of an environment's bots hold."""
        ...

    def closed_profits(self, environment: str, strategy: str) -> list[float]:
        """The profit ratios of all closed trades in the databases of a strategy's bots, fees included; the oldest first."""
        ...

    def books(self) -> dict[str, Any]:
        """The exchange's balances, prices, open orders."""
        ...

    def move(self, pair: str, ratio: float, seconds: float) -> None:
        """Let a price go."""
        ...

    def disturb(self, kind: FaultKind, **narrowed: object) -> None: ...

    def lift(self) -> None: ...

    def kill(self, environment: str) -> int:
        """`kill -9` to every bot of an environment, as when the power fails; how many there were."""
        ...

    def shut_down(self) -> None:
        """End every process of the rehearsal's device."""
        ...

    def processes(self) -> list[str]:
        """The command lines of processes that belong to the rehearsal's device."""
        ...


@dataclass(frozen=True)
class RealWorld:
    """The real one. `repository` and `home` are the rehearsal's folders."""

    repository: Path
    home: Path
    exchange: RemoteControl
    clock: SystemClock
    kind: RuntimeKind = RuntimeKind.PROCESS

    def now(self) -> datetime:
        return self.clock.now()

    def sleep(self, seconds: float) -> None:
        self.clock.sleep(seconds)

    def freqtrain(self, *arguments: str, variables: Mapping[str, str] | None = None) -> Completed:
        return self._run(self._argv(*arguments), variables or {})

    def tool(self, *argv: str) -> Completed:
        return self._run(argv, {})

    def _argv(self, *arguments: str) -> list[str]:
        script = Path(sys.executable).with_name("freqtrain")
        return [*([str(script)] if script.exists() else [sys.executable, "-m", "pipeline"]), *arguments]

    def _run(self, argv: Sequence[str], variables: Mapping[str, str]) -> Completed:
        environment = self._environment(variables)
        return process.run(argv, timeout_seconds=VERB_SECONDS, cwd=self.repository, env=environment)

    def _environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        contained = ENGINE_VARIABLES if self.kind is RuntimeKind.COMPOSE else ()
        own = {name: os.environ[name] for name in (*PASSED_ON, *contained) if name in os.environ}
        quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "PYTHONUTF8": "1"}
        return {**own, **quiet, "FREQTRAIN_HOME": str(self.home), "FREQTRAIN_WATCH_SECONDS": WATCH_SECONDS, **variables}

    def ledger(self, environment: str) -> tuple[Entry, ...]:
        return tuple(wiring.ledger(environment, self.home, _Silent()).entries())

    def orders(self, account: str) -> list[dict[str, Any]]:
        return self.exchange.orders(account)

    def known_orders(self, environment: str) -> set[str]:
        found: set[str] = set()
        for file in (self.home / environment / "databases").glob("*.live.sqlite"):
            with closing(sqlite3.connect(file.as_uri() + "?mode=ro", uri=True)) as database:
                found |= {str(row[0]) for row in database.execute("SELECT order_id FROM orders")}
        return found

    def closed_profits(self, environment: str, strategy: str) -> list[float]:
        found: list[float] = []
        for file in (self.home / environment / "databases").glob(f"{strategy}.*.sqlite"):
            with closing(sqlite3.connect(file.as_uri() + "?mode=ro", uri=True)) as database:
                rows = database.execute("SELECT close_profit FROM trades WHERE NOT is_open ORDER BY close_date")
                found += [float(row[0]) for row in rows]
        return found

    def books(self) -> dict[str, Any]:
        return self.exchange.state()

    def move(self, pair: str, ratio: float, seconds: float) -> None:
        self.exchange.move(pair, ratio, seconds)

    def disturb(self, kind: FaultKind, **narrowed: object) -> None:
        self.exchange.disturb(kind, **narrowed)

    def lift(self) -> None:
        self.exchange.lift()

    def kill(self, environment: str) -> int:
        held = [bot for bot in self._runtime.running() if bot.spec.environment == environment and bot.pid]
        for bot in held:
            psutil.Process(bot.pid).kill()
        return len(held)

    def shut_down(self) -> None:
        """Supervisord first, which keeps the watches under either runtime: they bring back what they miss."""
        SupervisorRuntime(self.home, self.clock).shutdown()
        if self.kind is RuntimeKind.COMPOSE:
            ComposeRuntime(self.home, self.clock, "").shutdown()

    def processes(self) -> list[str]:
        """Found by the home, which stands in the command line or in the working directory of all that a device runs."""
        found = []
        for one in psutil.process_iter():
            try:
                line, folder = " ".join(one.cmdline()), one.cwd()
            except (psutil.Error, OSError):
                continue
            if str(self.home) in line or folder.startswith(str(self.home)):
                found.append(line)
        return found

    @property
    def _runtime(self) -> Runtime:
        if self.kind is RuntimeKind.COMPOSE:
            return ComposeRuntime(self.home, self.clock, "")
        return SupervisorRuntime(self.home, self.clock)


def lay_out(repository: Path, kind: RuntimeKind = RuntimeKind.PROCESS) -> None:
    """The rehearsal's repository: environments and strategies, not yet under version control."""
    material = Path(__file__).parent / "repository"
    shutil.copytree(material, repository, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    for name in TRADING:
        file = repository / "environments" / f"{name}.yml"
        file.write_text(f"{file.read_text(encoding='utf-8')}runtime: {kind}\n", encoding="utf-8")


class _Silent:
    """Says nothing."""

    width = 110

    def say(self, text: str) -> None:
        """Nobody listens."""
