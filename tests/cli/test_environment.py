"""`freqtrain environment` as a person or a program calls it."""

import json
import re
import shutil
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
    assert document["$defs"]["EnvironmentFile"]["additionalProperties"] is False
    assert document["$defs"]["TradingEnvironmentFile"]["additionalProperties"] is False


@pytest.fixture
def train(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the four environments that the train comes with."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "150")
    shutil.copytree(ROOT / "environments", tmp_path / "environments", ignore=shutil.ignore_patterns("[!a-z]*"))
    for name in ("EXCHANGE_NAME", "DRY_RUN"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "environments"


def edit(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text()
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text)


@pytest.mark.processes
def test_all_environments_of_the_train_are_good(train: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["environment", "check"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert [line.split(", sha256")[0] for line in told[1:]] == [
        "environments/prod.yml: good (live, after sandbox, 1000 of 3000 USDT a bot",
        "environments/sandbox.yml: good (live, after test, 100 of 300 USDT a bot",
        "environments/test.yml: good (dry_run, after ci, 1000 USDT a bot",
    ]


@pytest.mark.processes
def test_check_tells_what_is_wrong_alone_beside_the_others_and_to_freqtrade(
    train: Path, capsys: pytest.CaptureFixture[str], golden: Callable[[str, str], None]
) -> None:
    edit(
        train / "sandbox.yml",
        ("capital_per_bot: 100 ", "capital_per_bot: 2000 "),
        ("capital_in_all: 300 ", "capital_in_all: 4000 "),
        ("entry: 10, exit: 10, unit: minutes", "entry: ten, exit: 10, unit: minutes"),
    )
    edit(train / "test.yml", ("freqtrade:\n", "freqtrade:\n  dry_run: true\n  unfiledtimeout: {}\n"))
    assert run(["environment", "check"]) == 3
    golden("cli/environment_check_train.txt", "\n".join(capsys.readouterr().out.splitlines()[1:]) + "\n")


@pytest.mark.processes
def test_check_of_one_file_compares_it_with_the_others(train: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(train / "sandbox.yml", ("stake: 20\n", "stake: 20%\n"), ("after: test", "after: tset"))
    edit(train / "prod.yml", ("after: sandbox", "after: nowhere"))
    assert run(["environment", "check", "sandbox"]) == 3
    assert capsys.readouterr().out == (
        "environments/sandbox.yml:7:8: after: there is no environment 'tset'; there is ci, prod, test, by file name\n"
    )


@pytest.mark.processes
def test_a_value_that_came_from_a_variable_is_not_shown_by_freqtrade_either(
    train: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATIENCE", "hunter2")
    edit(train / "test.yml", ("entry: 10, exit", "entry: '${PATIENCE}', exit"))
    assert run(["environment", "check", "test"]) == 3
    told = capsys.readouterr().out
    assert "freqtrade.unfilledtimeout.entry: is not what can stand here (it comes from the variable PATIENCE)" in told
    assert "hunter2" not in told


@pytest.mark.processes
def test_check_as_json_names_modes_and_policies(train: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["environment", "check", "sandbox", "--json"]) == 0
    [file] = json.loads(capsys.readouterr().out)["files"]
    assert (file["name"], file["mode"]) == ("sandbox", "live")
    assert file["policy"].startswith("sha256:")


def test_diff_of_two_environments_with_bots_begins_with_their_weights(
    train: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str], golden: Callable[[str, str], None]
) -> None:
    assert run(["environment", "diff", "sandbox", "prod"]) == 0
    said = capsys.readouterr().out
    golden("cli/environment_diff_weights.txt", said)
    weights = "".join(f"    {line}\n" for line in said.split("\n\n")[0].splitlines())
    page = ROOT / "docs" / "environments.md"
    pattern = re.compile("(<!-- weights -->\n)(.*?)(<!-- /weights -->)", re.DOTALL)
    if request.config.getoption("--update-golden"):
        page.write_text(pattern.sub(lambda match: f"{match[1]}\n{weights}\n{match[3]}", page.read_text()))
    written = pattern.search(page.read_text())
    assert written is not None
    assert written[2].strip("\n") == weights.strip("\n"), "rewrite it with --update-golden"


def test_diff_as_json_holds_the_weights(train: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["environment", "diff", "sandbox", "prod", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["weights"][1] == {
        "what": "capital of a bot", "left": "100 USDT", "right": "1000 USDT", "times": "x 10",
    }  # fmt: skip


def test_weights_follow_variables(
    train: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(train / "sandbox.yml", ("stake: 20\n", "stake: ${STAKE}\n"))
    assert run(["environment", "diff", "sandbox", "prod"]) == 0
    said = capsys.readouterr()
    assert "weights are not shown" in said.err
    assert "${STAKE}" in said.out
    monkeypatch.setenv("STAKE", "40")
    assert run(["environment", "diff", "sandbox", "prod"]) == 0
    assert "40 USDT" in capsys.readouterr().out
