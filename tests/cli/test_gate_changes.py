"""`freqtrain gate --changed-since` on a real repository: what a change touches is judged, against what it replaces."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.test_git import git
from tests.cli.freqtrain import ROOT, freqtrain
from tests.planted import plant, quick_policy, reasons

pytestmark = pytest.mark.processes


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the train's own code, its policy and one strategy on main."""
    root = tmp_path / "repository"
    shutil.copytree(ROOT / "pipeline", root / "pipeline", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "environments").mkdir()
    quick_policy(root / "environments" / "ci.yml")
    shutil.copy(ROOT / "pyproject.toml", root)
    (root / ".gitignore").write_text("__pycache__/\nout/\nuser_data/\n")
    plant(root / "strategies", "mine", "rare")
    plant(root / "strategies", "other", "rare")
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "main")
    return root


def test_only_what_a_change_touches_is_judged_and_against_its_incumbent(
    repository: Path, user_data: Path, planted: tuple[Path, dict[str, Any]]
) -> None:
    file = repository / "strategies" / "mine" / "strategy.py"
    file.write_text(file.read_text().replace("% 40 == 3", "% 40 == 4"))
    options = ("--dataset", planted[0] / "data", "--user-data", user_data, "--json")
    said = freqtrain("gate", "--changed-since", "main", *options, cwd=repository)
    assert said.code == 11, said.err
    (one,) = json.loads(said.out)["strategies"]
    assert (one["id"], one["chosen_because"]) == ("mine", "strategy.py changed")
    document = json.loads((repository / "out" / "mine" / "evidence.json").read_text())
    assert document["incumbent"]


def test_a_change_that_touches_no_strategy_passes_with_nothing_to_judge(repository: Path, user_data: Path) -> None:
    (repository / "README.md").write_text("hello\n")
    said = freqtrain("gate", "--changed-since", "main", "--user-data", user_data, "--json", cwd=repository)
    assert said.code == 0, said.err
    assert json.loads(said.out)["strategies"] == []


def test_a_change_that_loosens_its_own_judge_must_pass_the_judge_before(
    repository: Path, user_data: Path, planted: tuple[Path, dict[str, Any]]
) -> None:
    file = repository / "strategies" / "mine" / "strategy.py"
    file.write_text(file.read_text().replace("% 40 == 3", "% 40 == 4"))
    policy = repository / "environments" / "ci.yml"
    text = policy.read_text().replace("minimum_trades: 30", "minimum_trades: 5")
    for strict, loose in (
        ("at_least: 30}", "at_least: 5}"),
        ("above: 0,", "above: -50%,"),
        ("at_least: 1.1", "at_least: 0.1"),
    ):
        assert strict in text
        text = text.replace(strict, loose)
    policy.write_text(text)
    options = ("--dataset", planted[0] / "data", "--user-data", user_data, "--json")
    said = freqtrain("gate", "mine", "--changed-since", "main", *options, cwd=repository)
    assert said.code == 11, said.out + said.err
    told = reasons(json.loads(said.out), "mine")
    assert "touches its own judge" in told
    assert "INCONCLUSIVE" in told


def test_a_refactoring_passes_only_with_the_very_trades_of_what_it_replaces(
    repository: Path, user_data: Path, planted: tuple[Path, dict[str, Any]]
) -> None:
    file = repository / "strategies" / "mine" / "strategy.py"
    before = file.read_text()
    options = ("--dataset", planted[0] / "data", "--user-data", user_data, "--expect-same-trades")
    judge = ("gate", "--changed-since", "main", *options)
    file.write_text(before.replace('"""A planted strategy."""', '"""A strategy that was planted."""'))
    same = freqtrain(*judge, "--json", cwd=repository)
    assert same.code == 11, same.err  # as the incumbent: too few trades
    findings = json.loads((repository / "out" / "mine" / "evidence.json").read_text())["findings"]
    assert [one["outcome"] for one in findings if one["check"] == "same-trades"] == ["PASS"]
    file.write_text(before.replace("% 40 == 3", "% 40 == 4"))
    other = freqtrain(*judge, cwd=repository)
    assert other.code == 10, other.err
    assert "The trades are not those of the incumbent" in other.out
    assert "early, trade 1: opened is" in other.out
    assert "Where the trades part" in (repository / "out" / "report.html").read_text()
    assert "First differences between the trades" in (repository / "out" / "summary.md").read_text()


def test_the_same_trades_can_be_expected_of_a_change_only(repository: Path) -> None:
    said = freqtrain("gate", "--expect-same-trades", cwd=repository)
    assert said.code == 2
    assert "give --changed-since" in said.err
