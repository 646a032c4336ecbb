"""A release: the repository with its tags, a device that watched its strategies, and at the other end GitHub and an exchange of the loopback."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import Any

from pipeline.adapters.bundle_store import BundleStore
from pipeline.adapters.clock import SystemClock
from pipeline.adapters.ledger_file import LedgerFile
from pipeline.adapters.observations.store import ObservationStore
from pipeline.adapters.strategies import load_files
from pipeline.adapters.supervisor.runtime import SupervisorRuntime
from pipeline.domain.bot import BotState
from pipeline.domain.bundle import bundle_of
from pipeline.domain.engine_pins import ENGINE, normal
from pipeline.domain.ledger import Entry
from pipeline.domain.strategy import Candidate, StrategySpec
from pipeline.domain.trading_facts import TradingFacts
from pipeline.domain.train.decisions import Observed, Promoted
from pipeline.domain.train.facts import Fact, body_of, kind_of
from pipeline.domain.train.movements import Deployed, Deploying, Purpose
from pipeline.domain.train.named import source
from pipeline.rehearsal.exchange import RemoteControl
from tests import bundle_samples
from tests.adapters.test_git import git
from tests.bot_ground import until
from tests.domain.train.test_edge import trades as closed
from tests.fakes import FakeNarrator
from tests.github_double import GitHubDouble
from tests.github_double.routes_deployments import deploy_by_job
from tests.github_double.routes_repository import commit
from tests.github_double.routes_runs import job, review, run
from tests.workflows.engine import Given, Heard, Ran, execute

MAIN = "refs/remotes/origin/main"
CLASSES = {"tide": "Tide", "reef": "Reef"}
FACTS = TradingFacts("1m", -0.02, {0: 0.005}, 5)
PASSWORD = "secret-of-the-account"


@dataclass
class Ground:
    """`repository` is a checkout with its whole history, `home` the device's."""

    root: Path
    hub: GitHubDouble
    exchange: RemoteControl
    attempts: "count[int]" = field(default_factory=lambda: count(1))
    number: int = 0
    """Of the last run."""

    page: int = 0
    """The deployment that GitHub made for it."""

    @property
    def repository(self) -> Path:
        return self.root / "repository"

    @property
    def home(self) -> Path:
        return self.root / "device"

    @property
    def runtime(self) -> SupervisorRuntime:
        return SupervisorRuntime(self.home, SystemClock())

    # What happened before

    def merge(self, message: str) -> str:
        """Everything that was written is on the protected main; the commit."""
        git(self.repository, "checkout", "-q", "-B", "main")
        git(self.repository, "add", "-A")
        git(self.repository, "commit", "-q", "-m", message)
        git(self.repository, "update-ref", MAIN, "HEAD")
        commit(self.hub.world, self.hub.world.repository("o/r"), self.head(), "test@example.org", "trader")
        return self.head()

    def edit(self, file: str, old: str, new: str) -> None:
        """Change a text that is there once, on the protected main."""
        git(self.repository, "checkout", "-q", "main")
        path = self.repository / file
        assert path.read_text().count(old) == 1
        path.write_text(path.read_text().replace(old, new))

    def head(self) -> str:
        return git(self.repository, "rev-parse", "HEAD").strip()

    def cut(self, strategy: str) -> str:
        """The device has the bundle of a strategy as it was merged last; its digest."""
        files = load_files(self.repository / "strategies" / strategy)
        spec = StrategySpec(strategy, CLASSES[strategy], title=strategy, owner="@trader", timeframe="1m")
        candidate = Candidate(spec, files, f"strategies/{strategy}")
        engine = {normal(part): version(part) for part in ENGINE}
        bundle = bundle_of(candidate, engine)
        told = bundle_samples.record(candidate, simulated=True, class_name=spec.class_name, versions=engine)
        manifest = bundle_samples.manifest(bundle, told, commit=self.head(), versions=engine, facts=FACTS)
        BundleStore(self.home / "store").put(bundle, manifest, told.document)
        return bundle.digest

    def showed(self, environment: str, strategy: str, bundle: str, hours: float, trades: int) -> None:
        """The bundle ran in that environment, and its watch counted that."""
        self.record(environment, Deploying(environment, strategy, Purpose.DEPLOY, bundle, "a", (), "trader"))
        self.record(environment, Deployed(environment, strategy, bundle, "a", "trader"))
        self.observed(environment, strategy, bundle, hours, trades)

    def observed(self, environment: str, strategy: str, bundle: str, hours: float, trades: int) -> None:
        """So much by now: the trades are kept, and the ledger has counted them."""
        file = self.home / environment / "observations.sqlite"
        with closing(ObservationStore(file, SystemClock(), FakeNarrator())) as store:
            store.record_trades(strategy, bundle, "USDT", closed(0.01, trades))
        self.record(environment, Observed(environment, strategy, bundle, hours, trades))

    def promoted(self, environment: str, strategy: str, bundle: str, tag: str) -> None:
        """A tag that named main's head let the bundle board there."""
        fact = Promoted(environment, strategy, bundle, "owner", "boards", "", source(self.head(), tag))
        self.record(environment, fact)

    def record(self, environment: str, fact: Fact) -> None:
        self._ledger(environment).append(kind_of(fact), body_of(fact))

    def tag(self, name: str, message: str = "") -> None:
        """Somebody tags main's head."""
        git(self.repository, "tag", "--annotate", "--message", message or name, name, MAIN)

    # What happens

    def pushed(self, tag: str) -> Ran:
        """GitHub starts sandbox.yml, because a tag was pushed."""
        git(self.repository, "checkout", "-q", "--detach", tag)
        return self.run("sandbox.yml", "push", {"ref": f"refs/tags/{tag}", "after": self.head(), "deleted": False})

    def pressed(self, workflow: str, again: int = 0, **inputs: str) -> Ran:
        """Somebody fills in a form and presses the button, or lets a run of it run again."""
        git(self.repository, "checkout", "-q", "main")
        return self.run(workflow, "workflow_dispatch", {"ref": "refs/heads/main", "inputs": inputs}, again)

    def daily(self, workflow: str) -> Ran:
        """GitHub starts it by its schedule, on main as it is."""
        git(self.repository, "checkout", "-q", "main")
        return self.run(workflow, "schedule", {"ref": "refs/heads/main", "schedule": "17 6 * * *"})

    def approve(self, environment: str, login: str, number: int = 0) -> None:
        """Somebody lets the last run, or that one, into an environment."""
        review(self.hub.world, self.hub.world.repository("o/r"), number or self.number, login, [environment])

    @contextmanager
    def when_asked(self, environment: str, do: Callable[[int], None]) -> Iterator[None]:
        """Something happens after a run asked for an approval, and before the job begins that needs it; it is handed the run's number."""
        hold, known = self.root / "hold", len(self.entries(environment, "asked"))
        hold.touch()

        def act() -> None:
            try:
                until(lambda: len(self.entries(environment, "asked")) > known, lambda: "it never asked", seconds=600)
                do(self.number)
            finally:
                hold.unlink()

        acting = threading.Thread(target=act)
        acting.start()
        try:
            yield
        finally:
            acting.join()

    def run(self, workflow: str, on: str, event: Mapping[str, Any], again: int = 0) -> Ran:
        """A run of a workflow, or of the numbered run another attempt. A device takes its jobs at once, as far as GitHub tells."""
        world, repository = self.hub.world, self.hub.world.repository("o/r")
        running = {"status": "in_progress", "conclusion": None}
        if again:
            made = next(one for one in repository.runs if one["id"] == again)
            made["run_attempt"] += 1
        else:
            branch = str(event["ref"]).split("/", 2)[2]
            made = run(world, repository, self.head(), workflow=workflow, event=on, branch=branch, **running)
        jobs = {name: job(world, repository, made, name, **running) for name in ("ask", "deploy")}

        def listen(heard: Heard) -> bool:
            """GitHub knows by then that a job has ended: whoever waits for it says nothing more."""
            if heard.result and heard.job in jobs:
                jobs[heard.job] |= {"status": "completed", "conclusion": heard.result}
            return True

        if (environment := workflow.removesuffix(".yml")) in ("sandbox", "prod"):
            self.page = deploy_by_job(world, repository, environment, self.head(), made["id"])["id"]
        self.number = made["id"]
        name = workflow.removesuffix(".yml")
        scratch = self.root / f"run-{next(self.attempts)}"
        scratch.mkdir()
        event = {**event, "repository": {"full_name": "o/r", "default_branch": "main"}}
        secrets = {"EXCHANGE_ACCESS_KEY": f"key-of-{name}", "EXCHANGE_ACCESS_SECRET": PASSWORD}
        given = Given(
            env={
                "GITHUB_API_URL": self.hub.url,
                "GITHUB_RUN_ID": str(self.number),
                "GITHUB_RUN_ATTEMPT": str(made["run_attempt"]),
            },
            variables={"EXCHANGE_NAME": "binance", "DRY_RUN": "false"},
            secrets={"GITHUB_TOKEN": "of the job", **secrets},
        )
        programs = self.root / "programs"
        return execute(workflow, on, event, self.repository, scratch, programs, "owner", given, listen)

    # What there is then

    def left(self) -> Path:
        """The artifacts of the last run."""
        runs = sorted(self.root.glob("run-*"), key=lambda run: int(run.name.removeprefix("run-")))
        return runs[-1] / "store"

    def notes(self, tag: str) -> str:
        """What the release of a tag says."""
        (release,) = [one for one in self.hub.world.repository("o/r").releases if one["tag_name"] == tag]
        return str(release["body"])

    def line(self, environment: str) -> tuple[str, str]:
        """State and sentence of the line under the last run's commit."""
        listed = self.hub.world.repository("o/r").statuses[self.head()]
        last = [one for one in listed if one["context"] == f"freqtrain/{environment}"][-1]
        return str(last["state"]), str(last["description"])

    def deployment(self) -> str:
        """What GitHub's page of deployments says of the last run."""
        return str(self.hub.world.repository("o/r").deployment_statuses[self.page][-1]["state"])

    def entries(self, environment: str, kind: str = "") -> list[Entry]:
        return [entry for entry in self._ledger(environment).entries() if kind in ("", entry.kind)]

    def running(self, environment: str) -> dict[str, str]:
        """Strategy -> bundle of the bots that are up there."""
        bots = [bot for bot in self.runtime.running() if bot.spec.environment == environment]
        return {bot.spec.strategy: bot.spec.bundle for bot in bots if bot.state is not BotState.DOWN}

    def bought(self, account: str) -> int:
        """How many orders of an account the exchange filled."""
        return sum(order["side"] == "BUY" and order["status"] == "FILLED" for order in self.exchange.orders(account))

    def _ledger(self, environment: str) -> LedgerFile:
        return LedgerFile(self.home / environment / "ledger.jsonl", SystemClock(), FakeNarrator())
