"""`freqtrain github` as a person calls it, in a checkout of its own, against a GitHub on the loopback."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.freqtrain import ROOT, Said, environment, freqtrain
from tests.flows.comment_ground import document, gated, proposed, text
from tests.github_double import GitHubDouble, github_double
from tests.github_double.double import validator
from tests.github_double.routes_settings import settings_of
from tests.github_double.world import TOKEN

pytestmark = [pytest.mark.processes, pytest.mark.sockets]

NAMES = ("EXCHANGE_ACCESS_KEY", "EXCHANGE_ACCESS_SECRET")


@pytest.fixture
def hub() -> Iterator[GitHubDouble]:
    validator()
    with github_double() as running:
        yield running


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The environments that the train comes with, and a team of one, of which the file of prod knows nothing."""
    shutil.copytree(ROOT / "environments", tmp_path / "environments")
    prod = tmp_path / "environments" / "prod.yml"
    prod.write_text(prod.read_text(encoding="utf-8").replace("  team: solo", "  team: several"), encoding="utf-8")
    (tmp_path / ".github").mkdir()
    (tmp_path / ".github" / "freqtrain.yml").write_text("team: solo\n")
    return tmp_path


def github(hub: GitHubDouble, checkout: Path, *arguments: str, token: str = TOKEN) -> Said:
    env = {"GITHUB_TOKEN": token, "GITHUB_API_URL": hub.url, "GH_TOKEN": ""}
    return freqtrain("github", *arguments, "--repository", "o/r", cwd=checkout, env=env)


def test_check_apply_check_is_all_it_takes(hub: GitHubDouble, checkout: Path) -> None:
    said = github(hub, checkout, "check")
    assert said.code == 10, said.err
    assert "ruleset freqtrain main\n  is not there, and must be:\n" in said.out
    assert "the check 'gate' counts from: GitHub Actions" in said.out
    assert "environments/prod.yml says `approval.team: several`" in said.out
    planned = github(hub, checkout, "apply", "--plan")
    assert planned.code == 0
    assert "14. create ruleset freqtrain release tags stay" in planned.out
    assert all(asked.method == "GET" for asked in hub.world.asked)
    done = github(hub, checkout, "apply", "--yes")
    assert done.code == 0, done.err
    assert "14 changes were made; everything that freqtrain sets is as it must be." in done.out
    assert "gh secret set EXCHANGE_ACCESS_KEY --env sandbox --repo o/r" in done.out
    settings = settings_of(hub.world.repository("o/r"))
    for name in ("sandbox", "prod"):
        settings["secrets"][name], settings["variables"][name] = [*NAMES], ["DRY_RUN"]
    good = github(hub, checkout, "check", "--json")
    document = json.loads(good.out)
    assert (good.code, next(iter(document)), document["outcome"]) == (0, "outcome", "PASS")
    assert document["differences"] == document["by_hand"] == []
    assert document["notes"]
    assert TOKEN not in said.out + said.err + done.out + done.err + good.out


def test_nobody_is_asked_where_nobody_is_there(hub: GitHubDouble, checkout: Path) -> None:
    said = github(hub, checkout, "apply")
    assert said.code == 2
    assert "give --yes" in said.err
    assert all(asked.method == "GET" for asked in hub.world.asked)


def test_whoever_says_no_changes_nothing(hub: GitHubDouble, checkout: Path) -> None:
    ours, theirs = os.openpty()
    argv = [str(Path(sys.executable).parent / "freqtrain"), "github", "apply", "--repository", "o/r"]
    env = environment({"GITHUB_TOKEN": TOKEN, "GITHUB_API_URL": hub.url})
    running = subprocess.Popen(
        argv, cwd=checkout, env=env, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    os.close(theirs)
    os.write(ours, b"n\n")
    out, err = running.communicate(timeout=300)
    os.close(ours)
    assert running.returncode == 130
    assert b"Changes:" in out
    assert b"Change it? [y/N]" in err
    assert all(asked.method == "GET" for asked in hub.world.asked)


def test_bad_files_are_refused_before_github_is_asked(hub: GitHubDouble, checkout: Path) -> None:
    (checkout / ".github" / "freqtrain.yml").write_text("team: many\n")
    said = github(hub, checkout, "check")
    assert (said.code, hub.world.asked) == (3, [])
    assert ".github/freqtrain.yml:1:7: team: must be 'solo' or 'roles'" in said.err


def test_a_missing_token_and_a_wrong_one_are_refused(hub: GitHubDouble, checkout: Path) -> None:
    assert github(hub, checkout, "check", token="").code == 3
    said = github(hub, checkout, "check", token="revoked-token")
    assert said.code == 3
    assert "revoked-token" not in said.out + said.err


def test_a_token_is_read_from_a_file_and_no_option_takes_one(hub: GitHubDouble, checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN)
    said = github(hub, checkout, "check", "--token-file", str(tmp_path / "token"), token="")
    assert said.code == 10
    assert github(hub, checkout, "check", "--token", TOKEN).code == 2


def test_a_program_reads_what_became_of_it_and_what_was_planned_beforehand(hub: GitHubDouble, checkout: Path) -> None:
    said = github(hub, checkout, "apply", "--yes", "--json")
    document = json.loads(said.out)
    assert next(iter(document)) == "outcome"
    assert (said.code, document["outcome"], document["made"], document["refused"]) == (0, "DONE", 14, [])
    assert len(document["by_hand"]) == 6
    assert "Changes:" in said.err
    planned = json.loads(github(hub, checkout, "apply", "--plan", "--json").out)
    assert (planned["outcome"], planned["changes"]) == ("DONE", [])


def test_outside_of_a_checkout_it_says_where_to_go(hub: GitHubDouble, tmp_path: Path) -> None:
    said = github(hub, tmp_path, "check")
    assert said.code == 2
    assert "run it in the root of the repository" in said.err


def test_a_pull_request_is_told_from_anywhere_how_its_gate_ended(hub: GitHubDouble, tmp_path: Path) -> None:
    proposed(hub)
    run = str(gated(hub, document())["id"])
    said = github(hub, tmp_path, "comment", "--run", run)
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("#1 is told: http://127.0.0.1:")
    assert "The gate passed" in text(hub)
    hub.world.repository("o/r").pulls[0]["state"] = "closed"
    again = github(hub, tmp_path, "comment", "--run", run, "--json")
    told = json.loads(again.out)
    assert (again.code, next(iter(told)), told["outcome"], told["comments"]) == (0, "outcome", "DONE", [])
    assert "no open pull request" in told["left_alone"][0]
    assert TOKEN not in said.out + again.out


def test_a_number_that_is_no_run_is_refused(hub: GitHubDouble, tmp_path: Path) -> None:
    assert github(hub, tmp_path, "comment", "--run", "404").code == 3
    assert github(hub, tmp_path, "comment", "--run", "0").code == 2
    assert github(hub, tmp_path, "comment").code == 2
