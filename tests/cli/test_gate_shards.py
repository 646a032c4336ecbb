"""`freqtrain gate --plan`, shards and `--join` on a real repository: what several machines find is one verdict."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.test_git import git
from tests.cli.freqtrain import Said, freqtrain
from tests.planted import ROOT, plant, quick_policy

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two strategies on main, and a branch that changes one of them and adds a third."""
    root = tmp_path_factory.mktemp("shards") / "repository"
    (root / "environments").mkdir(parents=True)
    quick_policy(root / "environments" / "ci.yml")
    shutil.copy(ROOT / "pyproject.toml", root)
    (root / ".gitignore").write_text("out/\nshards/\n")
    plant(root / "strategies", "mine", "rare")
    plant(root / "strategies", "other", "rare")
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "main")
    git(root, "checkout", "-q", "-b", "proposal")
    file = root / "strategies" / "mine" / "strategy.py"
    file.write_text(file.read_text().replace("% 40 == 3", "% 40 == 4"))
    plant(root / "strategies", "third", "loser")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "propose")
    return root


@pytest.fixture(scope="module")
def options(user_data: Path, planted: tuple[Path, dict[str, Any]]) -> tuple[str | Path, ...]:
    return ("--changed-since", "main", "--dataset", planted[0] / "data", "--user-data", user_data)


@pytest.fixture(scope="module")
def shards(repository: Path, options: tuple[str | Path, ...]) -> Path:
    """What two shards leave."""
    for number, code in ((1, 11), (2, 10)):
        out = repository / "shards" / f"gate-{number}"
        said = freqtrain("gate", "--shard", f"{number}/2", "--out", out, *options, cwd=repository)
        assert said.code == code, said.err
    return repository / "shards"


def joined(repository: Path, options: tuple[str | Path, ...], shards: Path, *more: str) -> Said:
    return freqtrain("gate", "--join", shards, "--shards-ended", "failure", *options, *more, cwd=repository)


@pytest.mark.parametrize("gone", ["0" * 40, "1234567890" * 4])
def test_a_plan_names_everything_after_a_first_or_a_forced_push(repository: Path, gone: str) -> None:
    said = freqtrain("gate", "--plan", "--changed-since", gone, "--json", cwd=repository)
    assert said.code == 0, said.err
    chosen = json.loads(said.out)["strategies"]
    assert [(one["id"], one["chosen_because"]) for one in chosen] == [
        (id, "all strategies") for id in ("mine", "other", "third")
    ]


def test_a_plan_names_what_changed_and_hands_the_matrix_on(
    repository: Path, options: tuple[str | Path, ...], tmp_path: Path
) -> None:
    (tmp_path / "output").write_text("before=1\n")
    in_actions = {"GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": str(tmp_path / "output")}
    said = freqtrain("gate", "--plan", "--shards", "2", "--json", *options, cwd=repository, env=in_actions)
    assert said.code == 0, said.err
    assert json.loads(said.out)["strategies"] == [
        {"id": "mine", "chosen_because": "strategy.py changed"},
        {"id": "third", "chosen_because": "strategy.py changed"},
    ]
    before, some, matrix = (tmp_path / "output").read_text().splitlines()
    assert (before, some) == ("before=1", "any=true")
    assert [one["shard"] for one in json.loads(matrix.removeprefix("shards="))] == ["1/2", "2/2"]


def test_a_plan_tells_the_problems_of_all_descriptions_at_once(repository: Path, tmp_path: Path) -> None:
    plant(tmp_path, "one", "rare", strategy_yml="clas: Planted\n")
    plant(tmp_path, "two", "rare", strategy_yml="class: 3\n")
    in_actions = {"GITHUB_ACTIONS": "true"}
    said = freqtrain("gate", "--plan", "--strategies", tmp_path, cwd=repository, env=in_actions)
    assert said.code == 3
    assert f"::error file={tmp_path}/one/strategy.yml,line=1,col=1::clas" in said.err
    assert f"{tmp_path}/one/strategy.yml:1:1" in said.err
    assert f"{tmp_path}/two/strategy.yml:1:" in said.err


def test_the_verdicts_of_all_shards_are_one(repository: Path, options: tuple[str | Path, ...], shards: Path) -> None:
    said = joined(repository, options, shards, "--json")
    assert said.code == 10, said.out + said.err
    document = json.loads(said.out)
    assert [(one["id"], one["outcome"]) for one in document["strategies"]] == [
        ("mine", "INCONCLUSIVE"),
        ("third", "FAIL"),
    ]
    assert document["problems"] == []
    assert document["strategies"][1]["reasons"]
    assert set(document["strategies"][0]["measurements"]) >= {"candidate", "incumbent", "market"}
    assert json.loads((repository / "out" / "joined.json").read_text()) == document


def test_a_shard_that_died_is_missed(
    repository: Path, options: tuple[str | Path, ...], shards: Path, tmp_path: Path
) -> None:
    shutil.copytree(shards / "gate-1", tmp_path / "left" / "gate-1")
    said = joined(repository, options, tmp_path / "left")
    assert said.code == 12
    assert "third could not be measured" in said.out
    assert "No verdict arrived" in said.out


def test_evidence_of_another_commit_is_not_taken(
    repository: Path, options: tuple[str | Path, ...], shards: Path
) -> None:
    file = repository / "strategies" / "mine" / "strategy.py"
    before = file.read_text()
    try:
        file.write_text(before.replace("% 40 == 4", "% 40 == 6"))
        said = joined(repository, options, shards)
    finally:
        file.write_text(before)
    assert said.code == 10  # the other one fails still, and a failure outranks an error
    assert "other files: strategy.py changed since" in said.out


def test_a_change_that_touches_no_strategy_is_green_and_the_check_says_what_the_market_was(
    repository: Path, user_data: Path, tmp_path: Path
) -> None:
    summary = tmp_path / "summary.md"
    in_actions = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    again = ("--changed-since", "HEAD", "--user-data", user_data)
    said = freqtrain(
        "gate", "--join", tmp_path / "none", "--shards-ended", "skipped", *again, cwd=repository, env=in_actions
    )
    assert said.code == 0, said.err
    assert said.out == "PASS: Nothing was to be judged.\n"
    assert "::notice title=Simulated data%3A not evidence::" in said.err
    assert "simulated: proves the train, not the strategy" in summary.read_text()


@pytest.mark.parametrize("more", [("--quick",), ("--shard", "1/2"), ("--join", "x"), ("--expect-same-trades",)])
def test_a_plan_stands_alone(repository: Path, more: tuple[str, ...]) -> None:
    said = freqtrain("gate", "--plan", "--changed-since", "main", *more, cwd=repository)
    assert said.code == 2
    assert "--plan and --join stand alone" in said.err or "--changed-since" in said.err
