from pathlib import Path

import pytest

from pipeline.adapters.freqtrade.contract import run_contract
from pipeline.adapters.freqtrade.loader import load_strategy
from pipeline.cli.boundary import run
from pipeline.domain.verdict import Outcome
from tests.adapters.freqtrade.test_behaviour import findings_of
from tests.testing.example import write_example

pytestmark = [pytest.mark.processes, pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")]


def test_a_new_strategy_passes_its_tests_and_every_contract_case_without_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["new", "my_idea"]) == 0
    assert capsys.readouterr().out == (
        "strategies/my_idea: MyIdea\n  strategy.py\n  strategy.yml\n  test_strategy.py\nnext: freqtrain gate my_idea\n"
    )
    folder = tmp_path / "strategies" / "my_idea"
    assert [finding["reason"] for finding in findings_of(folder, "MyIdea")] == ["6 tests passed"]
    found = run_contract(lambda: load_strategy(folder, "MyIdea"), str(folder))
    assert [finding for finding in found if finding.warning or finding.outcome is not Outcome.PASS] == []


def test_a_strategy_that_is_taken_in_passes_the_tests_that_come_with_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write_example(tmp_path / "old") / "strategy.py"
    root = tmp_path / "strategies"
    assert run(["new", "example", "--from", str(source), "--strategies", str(root)]) == 0
    assert capsys.readouterr().out.endswith(f"next: freqtrain gate example --strategies {root}\n")
    assert [finding["outcome"] for finding in findings_of(root / "example", "Example")] == ["PASS"]


def test_what_is_refused_says_why_and_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["new", "My-Idea", "--strategies", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "'My-Idea' cannot be a strategy's id" in said
    assert "hint: use up to 64 lower-case letters" in said
    assert run(["new", "idea", "--class", "X", "--strategies", str(tmp_path)]) == 2
    assert "--from" in capsys.readouterr().err
