"""One push to main, and what GitHub does about it: test.yml is run, and the double lists the run as GitHub would."""

import io
import re
import shutil
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.adapters.test_git import git
from tests.github_double import GitHubDouble, Repository, Token
from tests.github_double.routes_deployments import deploy_by_job
from tests.github_double.routes_runs import artifact, job, run
from tests.github_double.world import ACTIONS
from tests.needs import ROOT
from tests.workflows.engine import Given, Heard, Ran, execute
from tests.workflows.files import workflows

Json = Any
NAME = "o/r"
FREE = Path("/nonexistent")
"""No file: the device takes every job at once."""


@dataclass(frozen=True)
class Site:
    """Where everything is: below a folder, on a GitHub; `data` is the data set that the gate judges on."""

    folder: Path
    hub: GitHubDouble
    data: Path

    @property
    def origin(self) -> Path:
        """The remote, bare."""
        return self.folder / "origin.git"

    @property
    def home(self) -> Path:
        """The device's."""
        return self.folder / "device"

    @property
    def repository(self) -> Repository:
        return self.hub.world.repository(NAME)


@dataclass
class Push:
    """One push to main. `run` is what GitHub says of it, and `jobs` of those of the latest attempt."""

    site: Site
    before: str
    sha: str
    attempts: int = 0
    run: Json = None
    jobs: dict[str, Json] = field(default_factory=dict)

    def lines(self) -> list[tuple[str, str]]:
        """What stands under the commit, the newest first: state and sentence of each time that something was said."""
        said = self.site.repository.statuses.get(self.sha, [])
        return [(one["state"], one["description"]) for one in said[::-1] if one["context"] == "freqtrain/test"]

    def deployment(self) -> Json:
        """What GitHub's page of the deployment says last."""
        repository = self.site.repository
        (page,) = [one for one in repository.deployments if one["sha"] == self.sha]
        return repository.deployment_statuses[page["id"]][-1]

    def execute(self, *, busy: Path = FREE, dies: str = "", stops_at: str = "") -> Ran:
        """Run test.yml to its end, or once more.

        Args:
            busy: as long as this file is there, the device takes no job.
            dies: a shard whose machine dies.
            stops_at: somebody cancels the run when a job prints this.
        """
        self.attempts += 1
        site = self.site
        if self.run is None:
            self.run = run(site.hub.world, site.repository, self.sha, status="in_progress", conclusion=None)
        self.run |= {"run_attempt": self.attempts, "status": "in_progress", "conclusion": None}
        self.jobs = {}
        scratch = site.folder / "runs" / f"{self.run['id']}-{self.attempts}"
        checkout = scratch / "checkout"
        git(site.folder, "clone", "-q", str(site.origin), str(checkout))
        git(checkout, "checkout", "-q", "-B", "main", self.sha)
        git(checkout, "remote", "set-url", "origin", f"https://github.com/{NAME}.git")
        shutil.copytree(site.data, checkout / "user_data" / "data" / digest_of(site.data).removeprefix("sha256:"))
        self._programs(checkout / ".venv" / "bin", scratch / "programs", dies)
        event = {"before": self.before, "after": self.sha, "ref": "refs/heads/main"}
        env = {"GITHUB_RUN_ID": str(self.run["id"]), "GITHUB_RUN_ATTEMPT": str(self.attempts)}
        env |= {"GITHUB_REPOSITORY": NAME, "ORIGIN": str(site.origin), "BUSY": str(busy)}
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
        world = self.site.hub.world
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
        there = f"export FREQTRAIN_HOME={self.site.home} FREQTRAIN_WATCH_SECONDS=1"
        program(device / "freqtrain", f"{token}\n{there}\n{command}")
        program(device / "sudo", "exit 0")
        program(device / "make", '[ "$*" = .venv/.ready ]')

    def _hear(self, heard: Heard, store: Path, *, waits: bool) -> None:
        """GitHub lists a job once those before it have ended, says whether a device has taken it, and has what it left once it ended."""
        if not heard.job:
            return
        world, repository = self.site.hub.world, self.site.repository
        if heard.job not in self.jobs:
            made = job(world, repository, self.run, heard.job, status="queued", conclusion=None)
            self.jobs[heard.job] = made
            if heard.job == "deploy":
                deploy_by_job(world, repository, "test", self.sha, self.run["id"], made["id"])
        if self.jobs[heard.job]["status"] == "queued" and not (waits and heard.job == "deploy"):
            self.jobs[heard.job]["status"] = "in_progress"
        if heard.result:
            if heard.job == "cut" and (store / "evidence").is_dir():
                artifact(world, repository, self.run, "evidence", zipped(store / "evidence"))
            self.jobs[heard.job] |= {"status": "completed", "conclusion": heard.result}


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


def digest_of(data: Path) -> str:
    """What its manifest calls a data set."""
    (found,) = set(re.findall(r"^digest: (sha256:[0-9a-f]{64})$", (data / "manifest.yml").read_text(), re.MULTILINE))
    return str(found)
