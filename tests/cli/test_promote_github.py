"""`freqtrain promote --ask` and `--github-approval` as a workflow calls them: the repository's own environments, against a GitHub on the loopback."""

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.ledger_file import LedgerFile
from pipeline.domain.bundle import bundle_of
from pipeline.domain.train.decisions import Approved, Asked, Observed
from pipeline.domain.train.facts import Fact, body_of, kind_of, recorded
from pipeline.domain.train.movements import Deployed, Deploying, Purpose
from tests import bundle_samples as samples
from tests.cli.freqtrain import Said, freqtrain
from tests.fakes import FakeNarrator
from tests.flows.travel_ground import Travel, git
from tests.github_double import Token, faults, github_double
from tests.github_double.double import validator
from tests.github_double.routes_runs import review, run
from tests.github_double.world import TOKEN
from tests.needs import ROOT

pytestmark = [pytest.mark.processes, pytest.mark.sockets]

RUN = 4711
SECRETS = {"DRY_RUN": "false", "EXCHANGE_ACCESS_KEY": "k" * 64, "EXCHANGE_ACCESS_SECRET": "s" * 64}
"""What a job gets that names the environment; the one that asks names none."""


@pytest.fixture
def travel(tmp_path: Path) -> Iterator[Travel]:
    """A device on which a bundle ran in sandbox, a tag that boards it, and a run of prod.yml at work."""
    validator()
    with github_double() as hub:
        made = Travel(tmp_path, hub)
        shutil.copytree(ROOT / "environments", made.origin / "environments")
        (made.origin / ".github").mkdir()
        shutil.copy(ROOT / ".github" / "freqtrain.yml", made.origin / ".github")
        head = made.committed()
        git(made.origin, "tag", "-a", "v1", "-m", "Version 1\n\nBoard: sma_trend it is known to be good")
        git(made.clone, "pull", "-q", "--tags")
        git(made.clone, "remote", "set-url", "origin", "https://github.com/o/r.git")
        candidate = samples.candidate()
        bundle, told = bundle_of(candidate, samples.ENGINE), samples.record(candidate)
        made.device.put(bundle, samples.manifest(bundle, told, commit=made.commit), told.document)
        for fact in (
            Deploying("sandbox", "sma_trend", Purpose.DEPLOY, bundle.digest, "a", (), "operator"),
            Deployed("sandbox", "sma_trend", bundle.digest, "a", "operator"),
            Observed("sandbox", "sma_trend", bundle.digest, 400.0, 40),
        ):
            ledger(made, "sandbox").append(kind_of(fact), body_of(fact))
        more = {"id": RUN, "status": "in_progress", "conclusion": None}
        run(hub.world, made.repository, head, workflow="prod.yml", event="workflow_dispatch", **more)
        yield made


def ledger(travel: Travel, environment: str) -> LedgerFile:
    return LedgerFile(travel.root / "device" / environment / "ledger.jsonl", SystemClock(), FakeNarrator())


def facts(travel: Travel) -> list[Fact]:
    return [one.fact for one in recorded(ledger(travel, "prod").entries())]


def promote(travel: Travel, *arguments: str, token: str = TOKEN, run_id: str = str(RUN), secrets: bool = True) -> Said:
    env = {"GITHUB_RUN_ID": run_id, "GITHUB_ACTOR": "bob", "GITHUB_TOKEN": token, "GH_TOKEN": ""}
    env |= {"GITHUB_API_URL": travel.hub.url, **(SECRETS if secrets else {})}
    told = ("promote", "prod", "--tag", "v1", "--home", travel.root / "device", *arguments)
    return freqtrain(*told, cwd=travel.clone, env=env)


def test_a_run_asks_its_owner_says_yes_and_that_is_recorded(travel: Travel) -> None:
    asked = promote(travel, "--ask", "--json", token="", secrets=False)
    assert asked.code == 0, asked.err
    assert json.loads(asked.out)["asked"]["run"] == RUN
    none = promote(travel, "--github-approval", "--no-deploy")
    assert (none.code, "Nobody approved 'prod' in this run; may: @o." in none.err) == (3, True), none.err
    review(travel.hub.world, travel.repository, RUN, "o", ["prod"])
    out = travel.root / "out" / "promotion.json"
    yes = promote(travel, "--github-approval", "--no-deploy", "--out", str(out))
    assert yes.code == 0, yes.err
    assert "Approved by @o" in yes.out
    assert json.loads(out.read_text())["approved_by"] == "@o"
    question, approved, *promoted = facts(travel)
    assert isinstance(question, Asked)
    assert isinstance(approved, Approved)
    assert (question.run, question.by, approved.run, approved.signer) == (RUN, "bob", RUN, "@o")
    assert [kind_of(one) for one in promoted] == ["promoted"]
    assert TOKEN not in none.err + yes.out + yes.err


def test_a_github_that_cannot_be_asked_is_no_yes(travel: Travel) -> None:
    assert promote(travel, "--ask", secrets=False).code == 0
    review(travel.hub.world, travel.repository, RUN, "o", ["prod"])
    travel.hub.faults.append(faults.primary_limit("approvals", reset=int(time.time()) + 3600))
    limited = promote(travel, "--github-approval")
    assert (limited.code, "rate limit" in limited.err) == (4, True), limited.err
    travel.repository.private = True
    travel.hub.world.tokens["weak"] = Token("w", {"metadata": "read", "contents": "read"})
    weak = promote(travel, "--github-approval", token="weak")
    assert (weak.code, "actions=read" in weak.err) == (3, True), weak.err
    assert [kind_of(one) for one in facts(travel)] == ["asked"]


def test_what_cannot_be_meant_is_said(travel: Travel) -> None:
    outside = promote(travel, "--ask", run_id="")
    assert (outside.code, "GITHUB_RUN_ID is not set" in outside.err) == (2, True)
    both = promote(travel, "--ask", "--plan")
    assert (both.code, "--plan and --ask cannot be meant together" in both.err) == (2, True)
    (travel.root / "approval.txt").write_text("yes\n")
    twice = promote(travel, "--github-approval", "--approval", str(travel.root / "approval.txt"))
    assert (twice.code, "--github-approval and --approval" in twice.err) == (2, True)
    history = freqtrain("promote", "ci", "--ask", "--tag", "v1", cwd=travel.clone, env={"GITHUB_RUN_ID": "1"})
    assert (history.code, "no bots run in 'ci'" in history.err) == (2, True)
