"""Where "from zero" is followed: a desk, a GitHub on the loopback with a bare repository behind it, a device, and an exchange for its bots."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from pipeline.adapters import loopback
from pipeline.adapters.clock import SystemClock
from pipeline.adapters.supervisor.runtime import SupervisorRuntime
from pipeline.rehearsal.exchange import Account, ExchangeInThread, Settings
from tests.adapters.test_git import git
from tests.cli.freqtrain import environment
from tests.flows.travel_ground import zipped
from tests.github_double import GitHubDouble, github_double
from tests.github_double.double import validator
from tests.github_double.routes_pulls import open_pull
from tests.github_double.routes_runs import artifact, job, run
from tests.github_double.world import TOKEN
from tests.needs import ROOT
from tests.planted import quick_policy
from tests.ports import free_places

REPOSITORY = "o/r"
DESK, DEVICE = "desk", "device"
KEY, SECRET = f"000321{os.getpid():08}", f'it\'s "$ec#ret" from/zero%20+\\n{os.getpid()}'
"""Nobody else's: whoever looks through all processes of this machine meets those of other tests."""
_BLOCK = re.compile(r"<!-- (\w+) -->\n```sh\n(.*?)```", re.DOTALL)
_ANY_BLOCK = re.compile(r"^```", re.MULTILINE)


@dataclass(frozen=True)
class Command:
    """One line of the page, and on whose machine it is typed."""

    place: str
    line: str


def commands(page: Path) -> tuple[Command, ...]:
    """Every command of the page, in its order; every block of code has to say whose it is."""
    text = page.read_text(encoding="utf-8")
    blocks = _BLOCK.findall(text)
    assert len(_ANY_BLOCK.findall(text)) == 2 * len(blocks), "a block says not where it is typed"
    assert {place for place, _ in blocks} == {DESK, DEVICE}
    return tuple(Command(place, line) for place, lines in blocks for line in lines.splitlines() if line.strip())


@dataclass
class Machine:
    """Somebody's shell: where it is, and what it has exported."""

    cwd: Path
    env: dict[str, str]
    scratch: Path

    def type(self, line: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run one line as a person types it; what it exports and where it goes is kept."""
        state = self.scratch / "state"
        script = f"trap '{{ pwd; env -0; }} >\"{state}\"' EXIT\n{line}\n"
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-c", script],
            cwd=self.cwd, env=self.env, input=stdin, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        where, _, variables = state.read_text(encoding="utf-8").partition("\n")
        self.cwd = Path(where)
        self.env = dict(one.split("=", 1) for one in variables.split("\0") if "=" in one)
        return done


@dataclass
class Zero:
    """Everything; what people click on GitHub, and what its machines do, are its methods."""

    folder: Path
    hub: GitHubDouble
    machines: dict[str, Machine] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        """The device's."""
        return self.folder / "home"

    @property
    def desk(self) -> Path:
        return self.machines[DESK].cwd

    @property
    def bare(self) -> Path:
        """What GitHub keeps."""
        return self.folder / "remote" / f"{REPOSITORY}.git"

    def type(self, command: Command, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return self.machines[command.place].type(command.line.replace("OWNER/NAME", REPOSITORY), stdin)

    def open_pull_request(self, branch: str) -> None:
        sha = git(self.bare, "rev-parse", f"refs/heads/{branch}").strip()
        open_pull(self.hub.world, self.hub.world.repository(REPOSITORY), sha, branch=branch)

    def merge(self, branch: str) -> str:
        """Somebody presses the button; main's new head."""
        git(self.bare, "update-ref", "refs/heads/main", f"refs/heads/{branch}")
        return git(self.bare, "rev-parse", "refs/heads/main").strip()

    def run_test_workflow(self, sha: str) -> None:
        """What the jobs of test.yml do with the evidence of a gate: cut, publish, and on the device fetch and promote."""
        hosted, home, world = self.folder / "hosted", self.folder / "hosted-home", self.hub.world
        git(self.folder, "clone", "-q", str(self.bare), str(hosted))
        shutil.copytree(self.desk / "user_data" / "data", hosted / "user_data" / "data", dirs_exist_ok=True)
        shutil.copytree(self.desk / "out", hosted / "out")
        job_of = Machine(hosted, {**self.machines[DESK].env, "GITHUB_TOKEN": TOKEN}, self.folder / "hosted-scratch")
        job_of.scratch.mkdir()
        _good(job_of.type(f"freqtrain cut --home {home}"))
        _good(job_of.type(f"freqtrain bundle publish --commit {sha} --home {home} --repository {REPOSITORY}"))
        repository = world.repository(REPOSITORY)
        of = run(world, repository, sha, status="in_progress", conclusion=None)
        job(world, repository, of, "cut", conclusion="success", status="completed")
        left = {f"manifests/{n}": one.read_bytes() for n, one in enumerate(home.glob("store/sha256/*/manifest-*.json"))}
        left = {f"store/{name.split('/')[1]}/manifest-000001.json": content for name, content in left.items()}
        evidence = (hosted / "out" / "my_idea" / "evidence.json").read_bytes()
        artifact(world, repository, of, "evidence", zipped({"out/my_idea/evidence.json": evidence, **left}))
        device = self.machines[DEVICE]
        job_of = Machine(device.cwd, {**device.env, "GITHUB_TOKEN": TOKEN}, device.scratch)
        _good(job_of.type("git fetch -q --tags origin"))
        _good(job_of.type(f"freqtrain bundle fetch --commit {sha} --repository {REPOSITORY}"))
        _good(job_of.type("git merge -q --ff-only origin/main"))
        _good(job_of.type("freqtrain promote test --commit refs/remotes/origin/main --out out/promotion.json"))

    def run_sandbox_workflow(self, tag: str) -> str:
        """What the device's job of sandbox.yml does; what it prints."""
        device = self.machines[DEVICE]
        _good(device.type("git fetch -q --tags origin"))
        return _good(device.type(f"freqtrain promote sandbox --tag {tag} --out out/promotion.json"))


@contextmanager
def zero(folder: Path) -> Iterator[Zero]:
    """All of it before the first step: GitHub has the repository that "Use this template" made."""
    validator()
    with ExitStack() as ending:
        hub = ending.enter_context(github_double())
        account = Account("sandbox", KEY, SECRET, {"USDT": Decimal(1000)})
        exchange = ending.enter_context(ExchangeInThread(Settings(accounts=(account,), swing_ratio=0.1), SystemClock()))
        made = Zero(folder, hub)
        loopback.mark(made.home, exchange.address)
        (made.home / "ports.json").write_text(json.dumps({name: free_places() for name in ("test", "sandbox")}))
        ending.callback(SupervisorRuntime(made.home, SystemClock()).shutdown)
        _use_template(made.bare, folder / "template")
        for name in (DESK, DEVICE):
            (folder / name).mkdir()
            (folder / f"{name}-scratch").mkdir()
            made.machines[name] = Machine(folder / name, _variables(made, folder), folder / f"{name}-scratch")
        yield made


def _variables(zero: Zero, folder: Path) -> dict[str, str]:
    """As on a machine where freqtrain is installed; its ssh reaches what GitHub keeps, and `sudo` asks for nothing."""
    programs = folder / "programs"
    programs.mkdir(exist_ok=True)
    _program(programs / "ssh", f'cd "{folder / "remote"}" && for last; do :; done; eval "$last"')
    _program(programs / "sudo", 'exec "$@"')
    _program(programs / "freqtrain", f'PYTHONPATH={ROOT} exec {sys.executable} -m pipeline "$@"')
    (folder / "gitconfig").write_text("[user]\nname = ada\nemail = ada@example.org\n")
    own = {name: text for name, text in environment().items() if not name.startswith(("GIT_", "EXCHANGE_", "DRY_RUN"))}
    return {
        **own,
        "PATH": f"{programs}{os.pathsep}{own['PATH']}",
        "HOME": str(folder),
        "GIT_CONFIG_GLOBAL": str(folder / "gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_SSH_COMMAND": str(programs / "ssh"),
        "GIT_SSH_VARIANT": "simple",
        "GITHUB_API_URL": zero.hub.url,
        "GH_TOKEN": "",
        "FREQTRAIN_HOME": str(zero.home),
        "FREQTRAIN_WATCH_SECONDS": "1",
    }


def _use_template(bare: Path, template: Path) -> None:
    """One commit of all files, as GitHub makes it; bots of this template trade on the loopback, and its policy is a quick one."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in listed.split("\0"):
        if name and not name.startswith("tests/") and (ROOT / name).is_file():
            (template / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, template / name)
    quick_policy(template / "environments" / "ci.yml")
    for name in ("test", "sandbox"):
        text = (ROOT / "pipeline" / "rehearsal" / "repository" / "environments" / f"{name}.yml").read_text()
        names = {"REHEARSAL_EXCHANGE": "EXCHANGE_NAME", "REHEARSAL_DRY_RUN": "DRY_RUN"}
        for rehearsed, real in {
            **names,
            "REHEARSAL_KEY": "EXCHANGE_ACCESS_KEY",
            "REHEARSAL_SECRET": "EXCHANGE_ACCESS_SECRET",
        }.items():
            text = text.replace(rehearsed, real)
        (template / "environments" / f"{name}.yml").write_text(text)
    bare.parent.mkdir(parents=True)
    git(bare.parent, "init", "-q", "--bare", "-b", "main", str(bare))
    git(template, "init", "-q", "-b", "main")
    git(template, "add", "-A", "-f")
    git(template, "commit", "-q", "-m", "Initial commit")
    git(template, "push", "-q", str(bare), "main")


def digest_told(printed: str) -> str:
    """The digest of a data set in what a command printed."""
    found = re.findall(r"sha256:[0-9a-f]{64}", printed)
    assert found, printed
    return str(found[0])


def running(zero: Zero, name: str) -> dict[str, object]:
    """What `status --json` says of my_idea there; empty where nothing of it runs."""
    said = _good(zero.machines[DEVICE].type(f"freqtrain status {name} --json"))
    return next((one for one in json.loads(said)["strategies"] if one["strategy"] == "my_idea"), {})


def _good(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, f"{done.args[-1]}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def _program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
