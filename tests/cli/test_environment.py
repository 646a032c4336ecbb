"""`freqtrain environment` as a person or a program calls it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.cli.boundary import run
from tests.needs import ROOT

CI = (ROOT / "environments" / "ci.yml").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with two environments, one of them with problems."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "110")
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments" / "ci.yml").write_text(CI)
    other = CI.replace("wallet: 10000", "wallet: ${WALLET}").replace("at_most: 25%", "at_most: 20%")
    (tmp_path / "environments" / "strict.yml").write_text(other.replace("metric: trades", "metric: trade"))
    return tmp_path


def test_check_tells_every_problem_of_every_file_and_refuses(
    folder: Path, capsys: pytest.CaptureFixture[str], golden: Callable[[str, str], None]
) -> None:
    assert run(["environment", "check"]) == 3
    golden("cli/environment_check.txt", capsys.readouterr().out)


def test_check_of_a_good_file_is_done(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["environment", "check", "ci"]) == 0
    assert run(["environment", "check", "environments/ci.yml"]) == 0
    assert capsys.readouterr().out.count("environments/ci.yml: good (history, 3 windows, 14 thresholds") == 2


def test_check_reads_variables_from_the_process(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WALLET", "500")
    assert run(["environment", "check", "strict"]) == 3
    assert "WALLET" not in capsys.readouterr().out


def test_check_as_json_begins_with_its_outcome(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["environment", "check", "--json"]) == 3
    document = json.loads(capsys.readouterr().out)
    assert next(iter(document)) == "outcome"
    assert document["outcome"] == "REFUSED"
    assert [len(file["problems"]) for file in document["files"]] == [0, 2]
    assert document["files"][1]["problems"][0]["line"] > 0


def test_a_name_that_is_not_there_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["environment", "check", "nope"]) == 3
    assert capsys.readouterr().out == "environments/nope.yml: there is no such file\n"


def test_check_outside_a_repository_says_where_to_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["environment", "check"]) == 2
    assert "run it in the repository's root" in capsys.readouterr().err


def test_diff_lays_what_differs_side_by_side(
    folder: Path, capsys: pytest.CaptureFixture[str], golden: Callable[[str, str], None]
) -> None:
    assert run(["environment", "diff", "ci", "strict"]) == 0
    golden("cli/environment_diff.txt", capsys.readouterr().out)


def test_diff_as_json_leaves_out_the_side_that_has_no_such_key(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "short.yml").write_text("mode: history\n")
    assert run(["environment", "diff", "ci", "short.yml", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["outcome"] == "DONE"
    assert document["differences"][0] == {"key": "exchange", "left": "binance"}


def test_equal_environments_do_not_differ(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["environment", "diff", "ci", "ci"]) == 0
    assert capsys.readouterr().out == "ci and ci do not differ.\n"


def test_schema_lists_every_key(
    capsys: pytest.CaptureFixture[str], golden: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "140")
    assert run(["environment", "schema"]) == 0
    golden("cli/environment_schema.txt", capsys.readouterr().out)


def test_schema_as_json_is_a_json_schema_that_begins_with_its_outcome(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["environment", "schema", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert list(document)[:2] == ["outcome", "$schema"]
    assert document["additionalProperties"] is False
