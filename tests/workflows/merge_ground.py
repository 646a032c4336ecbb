"""Where merges go to test: a remote, a GitHub on the loopback that runs the workflow, a device, and an exchange that its bots trade on."""

import io
import json
import re
import shutil
import sys
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from pipeline.adapters import loopback
from pipeline.adapters.clock import SystemClock
from pipeline.adapters.ledger_file import LedgerFile
from pipeline.adapters.supervisor.runtime import SupervisorRuntime
from pipeline.domain.ledger import Entry
from pipeline.rehearsal.exchange import ExchangeInThread, Settings
from tests.adapters.test_git import git
from tests.cli.freqtrain import freqtrain
from tests.fakes import FakeNarrator
from tests.github_double import GitHubDouble, Token, github_double
from tests.github_double.double import validator
from tests.github_double.routes_deployments import deploy_by_job
from tests.github_double.routes_runs import artifact, job, run
from tests.github_double.world import ACTIONS
from tests.needs import ROOT
from tests.planted import HEAD, TESTS, quick_policy, write_waves
from tests.workflows.engine import Given, Heard, Ran, execute
from tests.workflows.files import workflows

Json = Any
NOTHING = "0" * 40
"""What GitHub says was there before a first push."""

RIDER = {
    "roi": "10",
    "indicators": 'dataframe["slope"] = dataframe["close"].diff(12)',
    "enter": '(dataframe["slope"] > 0)',
    "leave": '(dataframe["slope"] < 0)',
}
"""Rides every wave from its foot to its crest: a PASS."""

SINKER = {**RIDER, "enter": RIDER["leave"], "leave": RIDER["enter"]}
"""Buys at the crest and sells at the foot: a FAIL."""


@dataclass
class MergeGround:
    """Everything that a merge passes on its way."""

    folder: Path
    hub: GitHubDouble
    data: Path
    runs: int = 0

    @property
    def origin(self) -> Path:
        return self.folder / "origin.git"

    @property
    def home(self) -> Path:
        """The device's."""
        return self.folder / "device"

    @property
    def desk(self) -> Path:
        """Where a trader works."""
        return self.folder / "desk"

    # What people do

    def write(self, id: str, kind: Mapping[str, str], words: str = "A planted strategy.") -> None:
        """Write or rewrite a strategy."""
        here = self.desk / "strategies" / id
        here.mkdir(parents=True, exist_ok=True)
        (here / "strategy.py").write_text(HEAD.format(**kind).replace("A planted strategy.", words))
        (here / "strategy.yml").write_text("class: Planted\n")
        (here / "test_strategy.py").write_text(TESTS)

    def delete(self, id: str) -> None:
        shutil.rmtree(self.desk / "strategies" / id)

    def merged(self, message: str) -> "Push":
        """Everything that was written is pushed to main."""
        before = git(self.desk, "rev-parse", "--verify", "HEAD").strip() if self.runs else NOTHING
        self.runs += 1
        git(self.desk, "add", "-A")
        git(self.desk, "commit", "-q", "-m", message)
        git(self.desk, "push", "-q", "origin", "main")
        return Push(self, before, git(self.desk, "rev-parse", "HEAD").strip())

    # What can be seen afterwards

    def of_kind(self, kind: str) -> list[Entry]:
        """The entries of a kind in the ledger of test."""
        told = LedgerFile(self.home / "test" / "ledger.jsonl", SystemClock(), FakeNarrator()).entries()
        return [one for one in told if one.kind == kind]

    def bundles(self, sha: str) -> dict[str, str]:
        """Strategy -> bundle of what was published of a commit."""
        releases = self.hub.world.repository("o/r").releases
        names = [asset for one in releases if one["tag_name"] == f"bundles-{sha}" for asset in one["assets"]]
        contents = self.hub.world.repository("o/r").contents
        manifests = [json.loads(contents[f"asset-{one['id']}"]) for one in names if one["name"].startswith("manifest-")]
        return {one["strategy"]: one["bundle"] for one in manifests}

    def released(self, sha: str) -> bool:
        return any(one["tag_name"] == f"bundles-{sha}" for one in self.hub.world.repository("o/r").releases)

    def status(self) -> dict[str, Json]:
        """What `status` says, by strategy."""
        said = freqtrain("status", "test", "--json", cwd=self.desk, env={"FREQTRAIN_HOME": str(self.home)})
        return {one["strategy"]: one for one in json.loads(said.out)["strategies"]}

    def runs_bundle(self, id: str, bundle: str) -> bool:
        """Whether a bot of exactly that bundle is up and may enter; it is asked itself."""
        line = self.status().get(id, {})
        return (line.get("bundle"), line.get("bot"), line.get("entries")) == (bundle, "up", "yes")

    def started(self, id: str) -> list[Entry]:
        """Every deployment of a strategy that was begun."""
        return [one for one in self.of_kind("deploying") if one.body["strategy"] == id]


@dataclass
class Push:
    """One push to main, and what GitHub does about it."""

    ground: MergeGround
    before: str
    sha: str
    attempts: int = 0
    run: Json = None
    jobs: dict[str, Json] = field(default_factory=dict)

    def lines(self) -> list[tuple[str, str]]:
        """What stands under the commit, the newest first: state and sentence of each time that something was said."""
        said = self.ground.hub.world.repository("o/r").statuses.get(self.sha, [])
        return [(one["state"], one["description"]) for one in said[::-1] if one["context"] == "freqtrain/test"]

    def deployment(self) -> Json:
        """What GitHub's page of the deployment says last."""
        repository = self.ground.hub.world.repository("o/r")
        (page,) = [one for one in repository.deployments if one["sha"] == self.sha]
        return repository.deployment_statuses[page["id"]][-1]

    def execute(self, *, busy: Path = Path("/nonexistent"), dies: str = "", stops_at: str = "") -> Ran:
        """Run test.yml to its end, or once more.

        Args:
            busy: as long as this file is there, the device takes no job.
            dies: a shard whose machine dies.
            stops_at: somebody cancels the run when a job prints this.
        """
        self.attempts += 1
        ground, world = self.ground, self.ground.hub.world
        repository = world.repository("o/r")
        if self.run is None:
            self.run = run(world, repository, self.sha, status="in_progress", conclusion=None)
        self.run |= {"run_attempt": self.attempts, "status": "in_progress", "conclusion": None}
        self.jobs = {}
        scratch = ground.folder / "runs" / f"{self.run['id']}-{self.attempts}"
        checkout = scratch / "checkout"
        git(ground.folder, "clone", "-q", str(ground.origin), str(checkout))
        git(checkout, "checkout", "-q", "-B", "main", self.sha)
        git(checkout, "remote", "set-url", "origin", "https://github.com/o/r.git")
        shutil.copytree(ground.data, checkout / "user_data" / "data" / digest_of(ground.data).removeprefix("sha256:"))
        self._programs(checkout / ".venv" / "bin", scratch / "programs", dies)
        event = {"before": self.before, "after": self.sha, "ref": "refs/heads/main"}
        env = {"GITHUB_RUN_ID": str(self.run["id"]), "GITHUB_RUN_ATTEMPT": str(self.attempts)}
        env |= {"GITHUB_REPOSITORY": "o/r", "ORIGIN": str(ground.origin), "BUSY": str(busy)}
        given = Given(env, {"EXCHANGE_NAME": "binance", "DRY_RUN": "true"}, {"GITHUB_TOKEN": "the-token-of-the-job"})

        def listen(heard: Heard) -> bool:
            self._hear(heard, scratch / "engine" / "store", waits=busy.exists())
            return not (stops_at and stops_at in heard.message)

        ran = execute(
            *("test.yml", "push", event, checkout, scratch / "engine", scratch / "programs"), given=given, listen=listen
        )
        self.run |= {"status": "completed", "conclusion": "failure" if ran.code else "success"}
        return ran

    def _programs(self, hosted: Path, device: Path, dies: str) -> None:
        """The command as hosted machines install it, and as the device has it; each job's token may what its file says."""
        world = self.ground.hub.world
        (test,) = [one for one in workflows() if one.name == "test.yml"]
        for one in test.jobs:
            may = {what.replace("-", "_"): how for what, how in one.permissions.items()}
            world.tokens[f"token-of-{one.id}"] = Token(ACTIONS, {"metadata": "read", **may})
        token = (
            f'[ -z "$GITHUB_TOKEN" ] || export GITHUB_TOKEN="token-of-$GITHUB_JOB"\nexport GITHUB_API_URL={world.url}'
        )
        command = f'PYTHONPATH={ROOT} exec {sys.executable} -m pipeline "$@"'
        death = f'case "$*" in *"--shard {dies}"*) kill -9 $$ ;; esac\n' if dies else ""
        program(hosted / "freqtrain", f"{token}\n{death}{command}")
        there = f"export FREQTRAIN_HOME={self.ground.home} FREQTRAIN_WATCH_SECONDS=1"
        program(device / "freqtrain", f"{token}\n{there}\n{command}")
        program(device / "sudo", "exit 0")
        program(device / "make", '[ "$*" = .venv/.ready ]')

    def _hear(self, heard: Heard, store: Path, *, waits: bool) -> None:
        """GitHub lists a job once those before it have ended, says whether a device has taken it, and has what it left once it ended."""
        if not heard.job:
            return
        world = self.ground.hub.world
        repository = world.repository("o/r")
        if heard.job not in self.jobs:
            made = job(world, repository, self.run, heard.job, status="queued", conclusion=None)
            self.jobs[heard.job] = made
            if heard.job == "deploy":
                deploy_by_job(world, repository, "test", self.sha, self.run["id"], made["id"])
        if heard.job != "deploy" or not waits:
            self.jobs[heard.job]["status"] = "in_progress"
        if heard.result:
            if heard.job == "cut" and (store / "evidence").is_dir():
                artifact(world, repository, self.run, "evidence", zipped(store / "evidence"))
            self.jobs[heard.job] |= {"status": "completed", "conclusion": heard.result}


@contextmanager
def merge_ground(folder: Path) -> Iterator[MergeGround]:
    """All of it, with an empty main; every process that was started has ended when this ends."""
    validator()
    with ExitStack() as ending:
        hub = ending.enter_context(github_double())
        hub.world.repository("o/r").private = True  # so that a token may no more than is said
        exchange = ending.enter_context(ExchangeInThread(Settings(swing_ratio=0.1), SystemClock()))
        assert freqtrain("data", "import", write_waves(folder / "candles"), "--out", folder / "data").code == 0
        ground = MergeGround(folder, hub, folder / "data")
        loopback.mark(ground.home, exchange.address)
        ending.callback(_ended, ground.home)
        _lay_out(ground)
        yield ground


def _lay_out(ground: MergeGround) -> None:
    """What a team has before its first merge: environments and workflows."""
    ground.desk.mkdir()
    git(ground.folder, "init", "-q", "--bare", "-b", "main", str(ground.origin))
    git(ground.desk, "init", "-q", "-b", "main")
    git(ground.desk, "remote", "add", "origin", str(ground.origin))
    shutil.copytree(ROOT / ".github", ground.desk / ".github")
    (ground.desk / ".gitignore").write_text("/out/\n/user_data/\n/.venv/\n__pycache__/\n")
    environments = ground.desk / "environments"
    environments.mkdir()
    policy = quick_policy(environments / "ci.yml")
    here = f"  digest: {digest_of(ground.data)}\n  repository: o/r"
    policy.write_text(policy.read_text().replace("  digest: embedded", here))
    test = (ROOT / "pipeline" / "rehearsal" / "repository" / "environments" / "test.yml").read_text()
    names = {"REHEARSAL_EXCHANGE": "EXCHANGE_NAME", "REHEARSAL_DRY_RUN": "DRY_RUN"}
    names |= {"REHEARSAL_KEY": "EXCHANGE_ACCESS_KEY", "REHEARSAL_SECRET": "EXCHANGE_ACCESS_SECRET"}
    for rehearsed, real in names.items():
        assert rehearsed in test
        test = test.replace(rehearsed, real)
    (environments / "test.yml").write_text(test)


def _ended(home: Path) -> None:
    """Bots, watches and their supervisor."""
    SupervisorRuntime(home, SystemClock()).shutdown()


def processes_of(folder: Path) -> list[psutil.Process]:
    """Whatever still runs of it."""
    found = []
    for one in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if str(folder) in " ".join(one.cmdline()) or one.cwd().startswith(str(folder)):
                found.append(one)
    return found


def digest_of(data: Path) -> str:
    """What its manifest calls a data set."""
    (found,) = set(re.findall(r"^digest: (sha256:[0-9a-f]{64})$", (data / "manifest.yml").read_text(), re.MULTILINE))
    return str(found)


def zipped(folder: Path) -> bytes:
    """As upload-artifact packs it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder).as_posix())
    return packed.getvalue()


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
