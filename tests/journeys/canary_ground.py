"""A device whose verbs are given planted secrets, and everybody who looks where these have got to: files, processes, containers, answers."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import click

from pipeline.adapters import loopback
from pipeline.adapters.clock import SystemClock
from pipeline.adapters.compose.runtime import ComposeRuntime
from pipeline.adapters.supervisor.runtime import SupervisorRuntime
from pipeline.cli.main import freqtrain
from pipeline.domain.trading import RuntimeKind
from pipeline.rehearsal.exchange import Account, ExchangeInThread, Settings
from pipeline.rehearsal.world import lay_out
from tests.adapters.compose.engine import docker
from tests.adapters.test_git import git
from tests.github_double import GitHubDouble, github_double
from tests.github_double.world import Token
from tests.journeys.canary_processes import Processes
from tests.needs import ROOT

KEY, SECRET = f"000123{os.getpid():08}", f'it\'s "$ec#ret" of/sandbox%20+\\n{os.getpid()}'
"""Nobody else's: whoever looks through all processes of this machine meets those of other tests."""
LINE = "Y2FuYXJ5+of/a/private/key=="
PASSWORD = f"-----BEGIN PRIVATE KEY-----\n{LINE}\n-----END PRIVATE KEY-----"
TOKEN = "token-of-a-canary"
CHANNEL, PING = "json://127.0.0.1:9/channel-of-a-canary", "http://127.0.0.1:9/ping-of-a-canary"
"""Nobody listens there: what cannot be told is told in the log and by `status`."""

GIVEN = {
    **{"REHEARSAL_KEY": KEY, "REHEARSAL_SECRET": SECRET, "REHEARSAL_PASSWORD": PASSWORD},
    **{"APPRISE_URL": CHANNEL, "PING_URL": PING},
}
PLANTED = (KEY, SECRET, PASSWORD, LINE, TOKEN, "channel-of-a-canary", "ping-of-a-canary")
"""Numeric, with quotes, of several lines (also one of them alone), and plain."""

DATA = ("--dataset", "data", "--json")
GENERATED = ("password", "jwt_secret_key", "ws_token")
"""What a bot's own secret fragment holds besides, in its section `api_server`."""

SHOWN = ("git", "docker", "ssh-keygen", "bwrap", "unshare", "nft", "vcgencmd")
"""Programs that write down what they were started with: they end too soon to be met in the table of processes."""

Table = Mapping[str, bytes]
"""Where something was seen -> what."""


@dataclass
class Device:
    """One device in a folder of its own; everything that its verbs may write lies below that."""

    folder: Path
    kind: RuntimeKind
    hub: GitHubDouble
    image: str = ""
    said: dict[str, bytes] = field(default_factory=dict)
    generated: tuple[str, ...] = ()
    processes: Processes = field(init=False)

    def __post_init__(self) -> None:
        self.processes = Processes(lambda: self.secrets)
        for name in ("user", "tmp", "started", "programs"):
            (self.folder / name).mkdir()
        for name in SHOWN:
            if real := shutil.which(name):
                self._show(name, real)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def repository(self) -> Path:
        return self.folder / "repository"

    @property
    def secrets(self) -> tuple[str, ...]:
        """Those that were planted, and those that the device has made itself."""
        return (*PLANTED, *self.generated)

    def freqtrain(self, *arguments: str, stdin: str = "", given: Mapping[str, str] = GIVEN) -> "Said":
        """A verb as a job calls it: GitHub's secrets are its variables."""
        argv = [str(Path(sys.executable).with_name("freqtrain")), *arguments]
        variables = {
            "DOCKER_CONFIG": str(Path.home() / ".docker"),
            **{name: text for name, text in os.environ.items() if name in ("LANG", "PYTHONPATH", "DOCKER_CONFIG")},
            **{
                "PATH": f"{self.folder / 'programs'}{os.pathsep}{os.environ['PATH']}",
                "HOME": str(self.folder / "user"),
            },
            **{"TMPDIR": str(self.folder / "tmp"), "FREQTRAIN_HOME": str(self.home), "FREQTRAIN_WATCH_SECONDS": "1"},
            **{"GITHUB_TOKEN": TOKEN, "GITHUB_API_URL": self.hub.url, "FREQTRAIN_IMAGE": self.image},
            **{"REHEARSAL_EXCHANGE": "binance", "REHEARSAL_DRY_RUN": "false", **given},
        }
        with subprocess.Popen(
            argv, cwd=self.repository, env=variables, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ) as running:  # fmt: skip
            self.processes.verb(running.pid)
            out, err = running.communicate(stdin, timeout=300)
        self._learn()
        said = Said(running.returncode, out, err)
        self.said[f"{len(self.said)}: {' '.join(arguments)}"] = f"{out}\n{err}".encode()
        return said

    def commit(self, message: str) -> None:
        git(self.repository, "add", "-A")
        git(self.repository, "commit", "-q", "-m", message)

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.repository / file
        text = path.read_text()
        assert text.count(old) == 1
        path.write_text(text.replace(old, new))

    def cut(self, *strategies: str) -> dict[str, str]:
        """What passes the gate is built; strategy -> digest."""
        judged = self.freqtrain("gate", *strategies, *DATA)
        assert judged.code == 0, judged
        made = self.freqtrain("cut", *strategies, *DATA, "--simulated-data-is-fine")
        assert made.code == 0, made
        return {one["strategy"]: one["bundle"] for one in json.loads(made.out)["bundles"]}

    def started(self) -> Table:
        """Programs that were started, with what they were given."""
        return {path.name: path.read_bytes() for path in (self.folder / "started").iterdir()}

    def containers(self) -> Table:
        """What the engine shows of every container, and what each printed; empty where bots are processes."""
        if self.kind is not RuntimeKind.COMPOSE:
            return {}
        found = {}
        for one in docker("ps", "--all", "--quiet", "--no-trunc").split():
            with suppress(AssertionError):  # another's, which is gone by now
                shown = docker("inspect", one)
                done = subprocess.run(["docker", "logs", one], capture_output=True, timeout=60, check=True)
                found[json.loads(shown)[0]["Name"]] = shown.encode() + done.stdout + done.stderr
        return found

    def asked(self) -> Table:
        """What GitHub was asked and told, without the header that has to carry the token."""
        asked = enumerate(self.hub.world.asked)
        return {f"{n}: {one.path}": "\n".join((one.path, *one.query.values())).encode() + one.body for n, one in asked}

    def _learn(self) -> None:
        for file in self.home.glob("*/bots/*/secret.json"):
            with suppress(OSError, ValueError, KeyError):
                own = json.loads(file.read_text())["api_server"]
                self.generated = tuple({*self.generated, *(str(own[name]) for name in GENERATED if own.get(name))})

    def _show(self, name: str, real: str) -> None:
        path, told = self.folder / "programs" / name, self.folder / "started"
        path.write_text(f'#!/bin/sh\ncat /proc/$$/environ /proc/$$/cmdline >>"{told}/{name}.$$"\nexec {real} "$@"\n')
        path.chmod(0o755)


@dataclass(frozen=True)
class Said:
    """How a verb ended and what it said."""

    code: int
    out: str
    err: str


@contextmanager
def device(folder: Path, kind: RuntimeKind, image: str = "") -> Iterator[Device]:
    """A rehearsal's repository and home, with three secrets for sandbox; nothing of it is left running."""
    with ExitStack() as ending:
        hub = ending.enter_context(github_double())
        hub.world.tokens[TOKEN] = Token()
        account = Account("sandbox", KEY, SECRET, {"USDT": Decimal(1000)})
        exchange = ending.enter_context(ExchangeInThread(Settings(accounts=(account,), swing_ratio=0.1), SystemClock()))
        made = Device(folder, kind, hub, image)
        loopback.mark(made.home, exchange.address)
        lay_out(made.repository, kind)
        named = "access_secret: REHEARSAL_SECRET"
        made.edit("environments/sandbox.yml", named, f"{named}, access_password: REHEARSAL_PASSWORD")
        (made.repository / ".gitignore").write_text("/data/\n/out/\n/user_data/\n__pycache__/\n")
        git(made.repository, "init", "-q", "-b", "main")
        made.commit("Set the train up")
        if kind is RuntimeKind.COMPOSE:
            ending.callback(ComposeRuntime(made.home, SystemClock(), "").shutdown)
        ending.callback(SupervisorRuntime(made.home, SystemClock()).shutdown)
        made.processes.start()
        ending.callback(made.processes.end)
        yield made


def backed_up(device: Device, environment: str) -> Path:
    """What a backup carries off, as it would come back: the set that `keep` makes and the bundles; through restic where it is installed."""
    homes, back = device.folder / "homes", device.folder / "back"
    homes.mkdir()
    (homes / environment).symlink_to(device.home)
    own = {"PATH": os.environ["PATH"], "FREQTRAIN_HOMES": str(homes)}
    argv = [str(ROOT / "runner" / "files" / "keep"), environment]
    kept = subprocess.run(argv, env=own, capture_output=True, text=True, timeout=120, check=False)
    assert kept.returncode == 0, kept.stderr
    taken = (device.home / "kept" / "set", device.home / "store")
    if restic := shutil.which("restic"):
        own |= {
            "RESTIC_REPOSITORY": str(device.folder / "restic"),
            "RESTIC_PASSWORD": "of this test",
            "HOME": str(device.folder),
        }
        for one in (("init",), ("backup", *map(str, taken)), ("restore", "latest", "--target", str(back))):
            subprocess.run([restic, "--quiet", *one], env=own, capture_output=True, timeout=120, check=True)
    else:
        for folder in taken:
            shutil.copytree(folder, back / folder.name)
    return back


def verbs_with_json() -> set[str]:
    """Every verb that has `--json`, with its group, read from the command itself."""
    return {name for name, one in _verbs(freqtrain, "") if any("--json" in option.opts for option in one.params)}


def _verbs(group: click.Group, before: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        one = group.get_command(context, name)
        assert one is not None
        if isinstance(one, click.Group):
            yield from _verbs(one, f"{before}{name} ")
        else:
            yield f"{before}{name}", one
