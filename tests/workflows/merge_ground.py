"""Where merges go to test: a remote, a GitHub on the loopback that runs the workflow, a device, and an exchange that its bots trade on."""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
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
from tests.github_double import github_double
from tests.github_double.double import validator
from tests.needs import ROOT
from tests.planted import HEAD, TESTS, quick_policy, write_waves
from tests.ports import free_places
from tests.workflows.push import NAME, Push, Site, digest_of

Json = Any
NOTHING = "0" * 40
"""What GitHub says was there before a first push."""


@dataclass
class MergeGround:
    """Everything that a merge passes on its way."""

    site: Site
    merges: int = 0

    @property
    def desk(self) -> Path:
        """Where a trader works."""
        return self.site.folder / "desk"

    # What people do

    def write(self, id: str, kind: Mapping[str, str]) -> None:
        """Write or rewrite a strategy."""
        here = self.desk / "strategies" / id
        here.mkdir(parents=True, exist_ok=True)
        (here / "strategy.py").write_text(HEAD.format(**kind))
        (here / "strategy.yml").write_text("class: Planted\n")
        (here / "test_strategy.py").write_text(TESTS)

    def delete(self, id: str) -> None:
        shutil.rmtree(self.desk / "strategies" / id)

    def merged(self, message: str) -> Push:
        """Everything that was written is pushed to main."""
        before = git(self.desk, "rev-parse", "--verify", "HEAD").strip() if self.merges else NOTHING
        self.merges += 1
        git(self.desk, "add", "-A")
        git(self.desk, "commit", "-q", "-m", message)
        git(self.desk, "push", "-q", "origin", "main")
        return Push(self.site, before, git(self.desk, "rev-parse", "HEAD").strip())

    # What can be seen afterwards

    def of_kind(self, kind: str) -> list[Entry]:
        """The entries of a kind in the ledger of test."""
        told = LedgerFile(self.site.home / "test" / "ledger.jsonl", SystemClock(), FakeNarrator()).entries()
        return [one for one in told if one.kind == kind]

    def bundles(self, sha: str) -> dict[str, str]:
        """Strategy -> bundle of what was published of a commit."""
        releases, contents = self.site.repository.releases, self.site.repository.contents
        names = [asset for one in releases if one["tag_name"] == f"bundles-{sha}" for asset in one["assets"]]
        manifests = [json.loads(contents[f"asset-{one['id']}"]) for one in names if one["name"].startswith("manifest-")]
        return {one["strategy"]: one["bundle"] for one in manifests}

    def released(self, sha: str) -> bool:
        return any(one["tag_name"] == f"bundles-{sha}" for one in self.site.repository.releases)

    def status(self) -> dict[str, Json]:
        """What `status` says, by strategy."""
        said = freqtrain("status", "test", "--json", cwd=self.desk, env={"FREQTRAIN_HOME": str(self.site.home)})
        return {one["strategy"]: one for one in json.loads(said.out)["strategies"]}

    def runs_bundle(self, id: str, bundle: str) -> bool:
        """Whether a bot of exactly that bundle is up and may enter; it is asked itself."""
        line = self.status().get(id, {})
        return (line.get("bundle"), line.get("bot"), line.get("entries")) == (bundle, "up", "yes")

    def started(self, id: str) -> list[Entry]:
        """Every deployment of a strategy that was begun."""
        return [one for one in self.of_kind("deploying") if one.body["strategy"] == id]


@contextmanager
def merge_ground(folder: Path) -> Iterator[MergeGround]:
    """All of it, with an empty main; every process that was started has ended when this ends."""
    validator()
    with ExitStack() as ending:
        hub = ending.enter_context(github_double())
        hub.world.repository(NAME).private = True  # so that a token may no more than is said
        exchange = ending.enter_context(ExchangeInThread(Settings(swing_ratio=0.1), SystemClock()))
        assert freqtrain("data", "import", write_waves(folder / "candles"), "--out", folder / "data").code == 0
        site = Site(folder, hub, folder / "data")
        ground = MergeGround(site)
        loopback.mark(site.home, exchange.address)
        (site.home / "ports.json").write_text(json.dumps({"test": free_places()}))
        ending.callback(_ended, site.home)
        _lay_out(ground)
        yield ground


def _lay_out(ground: MergeGround) -> None:
    """What a team has before its first merge: environments and workflows."""
    ground.desk.mkdir()
    git(ground.site.folder, "init", "-q", "--bare", "-b", "main", str(ground.site.origin))
    git(ground.desk, "init", "-q", "-b", "main")
    git(ground.desk, "remote", "add", "origin", str(ground.site.origin))
    shutil.copytree(ROOT / ".github", ground.desk / ".github")
    (ground.desk / ".gitignore").write_text("/out/\n/user_data/\n/.venv/\n__pycache__/\n")
    environments = ground.desk / "environments"
    environments.mkdir()
    policy = quick_policy(environments / "ci.yml")
    here = f"  digest: {digest_of(ground.site.data)}\n  repository: {NAME}"
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
