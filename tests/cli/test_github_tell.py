"""`freqtrain github wait|tell|rolled-back` as a job calls them, against a GitHub on the loopback."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.ledger_file import LedgerFile
from pipeline.domain.train.facts import body_of, kind_of
from tests.adapters.github.ground import SHA
from tests.cli.freqtrain import Said, freqtrain
from tests.domain.train.test_roll_backs import BACK, BAD, BLOCKED, ENDED, GOOD
from tests.fakes import FakeNarrator
from tests.flows.tell_ground import TOKEN, document
from tests.github_double import GitHubDouble, Token, github_double
from tests.github_double.double import validator
from tests.github_double.routes_runs import job, run
from tests.github_double.world import ACTIONS

pytestmark = [pytest.mark.processes, pytest.mark.sockets]


@pytest.fixture
def hub() -> Iterator[GitHubDouble]:
    validator()
    with github_double() as running:
        yield running


def github(
    hub: GitHubDouble, folder: Path, run_id: int, *arguments: str, permissions: dict[str, str] | None = None
) -> Said:
    """As a job has it: its token, and the variables that a runner sets."""
    hub.world.tokens["token-of-the-job"] = Token(ACTIONS, permissions)
    env = {"GITHUB_TOKEN": "token-of-the-job", "GH_TOKEN": "", "GITHUB_API_URL": hub.url}
    env |= {"GITHUB_RUN_ID": str(run_id), "GITHUB_RUN_ATTEMPT": "1", "GITHUB_SHA": SHA}
    return freqtrain("github", *arguments, "--repository", "o/r", cwd=folder, env=env)


def test_a_job_that_runs_already_is_told_at_once(hub: GitHubDouble, tmp_path: Path) -> None:
    here = hub.world.repository("o/r")
    made = run(hub.world, here, SHA, status="in_progress", conclusion=None)
    job(hub.world, here, made, "deploy; $(x)", status="in_progress", conclusion=None, runner_name="pi")
    wait = ("wait", "test", "--commit", SHA, "--job", "deploy; $(x)", "--minutes", "15")
    said = github(hub, tmp_path, made["id"], *wait)
    assert (said.code, said.out, said.err) == (0, "pending: the device pi is at work\n", "")
    (status,) = here.statuses[SHA]
    assert status["target_url"] == f"https://github.com/o/r/actions/runs/{made['id']}"
    again = json.loads(github(hub, tmp_path, made["id"], *wait, "--json").out)
    assert (again["outcome"], again["job"], again["state"]) == ("DONE", "taken", "pending")


@pytest.mark.parametrize(
    "wrong",
    [("wait", "no env", "--commit", SHA, "--job", "x"), ("wait", "test", "--commit", "main", "--job", "x")],
)
def test_what_names_nothing_is_told_before_github_is_asked(
    hub: GitHubDouble, tmp_path: Path, wrong: tuple[str, ...]
) -> None:
    said = github(hub, tmp_path, 7, *wrong)
    assert said.code == 2
    assert "is no" in said.err
    assert hub.world.asked == []


def test_a_tag_with_a_command_in_its_name_is_told_word_for_word(hub: GitHubDouble, tmp_path: Path) -> None:
    tag = "v1;touch${IFS}owned;$(touch owned)"
    (tmp_path / "promotion.json").write_text(json.dumps(document(tag=tag)))
    tell = ("tell", "sandbox", "--commit", SHA, "--tag", tag, "--told", "promotion.json", "--ended", "success")
    said = github(hub, tmp_path, 700, *tell, permissions=TOKEN)
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(f"freqtrain/sandbox under {SHA[:12]}: success: 2 board, 1 stays\n")
    (made,) = hub.world.repository("o/r").releases
    assert made["tag_name"] == tag
    assert "boarding/sandbox" in made["body"]
    assert not (tmp_path / "owned").exists()


def test_what_could_not_be_told_makes_the_exit_code(hub: GitHubDouble, tmp_path: Path) -> None:
    tell = ("tell", "sandbox", "--commit", SHA, "--told", "missing.json", "--ended", "failure")
    said = github(hub, tmp_path, 700, *tell, permissions={"deployments": "write", "issues": "write"})
    assert said.code == 3
    assert "the token needs the permission statuses=write" in said.out
    again = json.loads(github(hub, tmp_path, 700, *tell, "--json", permissions={}).out)
    assert (again["outcome"], again["failed"][0]["outcome"]) == ("REFUSED", "REFUSED")


def test_what_a_device_took_back_by_itself_is_listed_there_and_told_elsewhere(
    hub: GitHubDouble, tmp_path: Path
) -> None:
    home, out = tmp_path / "home", tmp_path / "out" / "rolled-back.json"
    ledger = LedgerFile(home / "sandbox" / "ledger.jsonl", SystemClock(), FakeNarrator())
    for fact in (*GOOD, *BAD, BLOCKED, *BACK, ENDED):
        ledger.append(kind_of(fact), body_of(fact))
    there = ("--home", str(home), "--days", "3")
    said = freqtrain("rolled-back", *there, "--out", str(out), cwd=tmp_path)
    assert (said.code, said.err) == (0, "")
    assert "sandbox dip: 222222222222 was taken back to 111111111111, by brake: drawdown\n" in said.out
    shown = freqtrain("rolled-back", "sandbox", *there, "--json", cwd=tmp_path)
    assert json.loads(shown.out) == json.loads(out.read_text())
    told = github(hub, tmp_path, 700, "rolled-back", "--told", str(out), permissions={"issues": "write"})
    assert (told.code, told.err) == (0, "")
    (issue,) = hub.world.repository("o/r").issues
    assert issue["title"] == "dip was rolled back in sandbox"
    assert told.out == f"dip in sandbox: {issue['html_url']}\n"
    other = ("rolled-back", "--told", str(out), "--environment", "prod")
    told = github(hub, tmp_path, 700, *other, permissions={"issues": "write"})
    assert (told.code, told.out) == (0, "1 of other environments are left to the jobs that tell of those\n")
    assert github(hub, tmp_path, 700, *other[:-1], "no env").code == 2


def test_a_device_without_roll_backs_says_so_and_opens_nothing(hub: GitHubDouble, tmp_path: Path) -> None:
    job = {"GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": str(tmp_path / "outputs")}
    said = freqtrain("rolled-back", "--home", str(tmp_path / "home"), "--out", "told.json", cwd=tmp_path, env=job)
    assert (said.code, said.out) == (0, "Nothing was rolled back.\n")
    assert (tmp_path / "outputs").read_text() == "nothing=true\n"
    told = github(hub, tmp_path, 700, "rolled-back", "--told", "told.json")
    assert (told.code, told.out) == (0, "nothing was rolled back\n")
    assert hub.world.repository("o/r").issues == []


def test_a_damaged_ledger_is_told_and_a_missing_file_refused(hub: GitHubDouble, tmp_path: Path) -> None:
    (tmp_path / "home" / "test").mkdir(parents=True)
    (tmp_path / "home" / "test" / "ledger.jsonl").write_text("gone\n")
    said = freqtrain("rolled-back", "--home", str(tmp_path / "home"), "--out", "told.json", cwd=tmp_path)
    assert said.code == 3
    told = github(hub, tmp_path, 700, "rolled-back", "--told", "told.json")
    assert told.code == 0
    assert "the device says: " in told.out
    missing = github(hub, tmp_path, 700, "rolled-back", "--told", "missing.json")
    assert (missing.code, "the device left no word" in missing.err) == (3, True)
    assert freqtrain("rolled-back", "moon", "--home", str(tmp_path / "home"), cwd=tmp_path).code == 2


def test_an_end_that_github_does_not_know_is_refused(hub: GitHubDouble, tmp_path: Path) -> None:
    tell = ("tell", "sandbox", "--commit", SHA, "--told", "missing.json", "--ended", "")
    assert github(hub, tmp_path, 700, *tell).code == 2
    assert hub.world.asked == []
