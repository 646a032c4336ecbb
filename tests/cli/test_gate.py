"""`freqtrain gate` as a person calls it, with the real freqtrade."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests import needs
from tests.cli.freqtrain import ROOT, environment, freqtrain
from tests.planted import plant, reasons

pytestmark = pytest.mark.processes


def test_the_first_key_is_the_outcome_and_the_worst_decides(planted: tuple[Path, dict[str, Any]]) -> None:
    document = planted[1]
    assert next(iter(document)) == "outcome"
    assert document["outcome"] == "FAIL"
    assert document["simulated"] is False
    outcomes = {strategy["id"]: strategy["outcome"] for strategy in document["strategies"]}
    assert outcomes == {"crasher": "ERROR", "loser": "FAIL", "rare": "INCONCLUSIVE", "shifted": "FAIL"}


def test_each_planted_fault_is_named(planted: tuple[Path, dict[str, Any]]) -> None:
    document = planted[1]
    assert "negative number" in reasons(document, "shifted")
    assert "must be above 0.00 %" in reasons(document, "loser")
    assert "Not enough trades (" in reasons(document, "rare")
    assert "of 30)" in reasons(document, "rare")
    assert "raised KeyError: 'rzi'" in reasons(document, "crasher")


@pytest.mark.parametrize(("id", "code"), [("loser", 10), ("rare", 11), ("crasher", 12), ("shifted", 10)])
def test_the_exit_code_is_the_outcome(
    planted: tuple[Path, dict[str, Any]], user_data: Path, id: str, code: int
) -> None:
    folder = planted[0]
    options = ("--dataset", folder / "data", "--environment", folder / "ci.yml")
    options = (*options, "--out", folder / f"out-{id}", "--user-data", user_data)
    said = freqtrain("gate", id, "--strategies", folder / "strategies", *options)
    assert said.code == code, said.out + said.err
    assert f"Report: {folder / f'out-{id}' / 'report.html'}" in said.out


def evidence(out: Path, id: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((out / id / "evidence.json").read_text())
    document.pop("run")
    return document


def test_equal_input_gives_equal_evidence_whatever_surrounds_it(
    planted: tuple[Path, dict[str, Any]], user_data: Path, tmp_path: Path
) -> None:
    moved = tmp_path / "elsewhere" / "strategies"
    shutil.copytree(planted[0] / "strategies" / "rare", moved / "rare")
    surroundings = {"TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "7", "LANG": "C"}
    said = freqtrain(
        *("gate", "rare", "--strategies", moved, "--out", tmp_path / "out", "--user-data", user_data, "--jobs", "1"),
        *("--no-cache", "--environment", planted[0] / "ci.yml", "--dataset", planted[0] / "data"),
        cwd=tmp_path,
        env=surroundings,
    )
    assert said.code == 11, said.err
    assert evidence(tmp_path / "out", "rare") == evidence(planted[0] / "out", "rare")


def test_a_strategy_is_judged_alone_whatever_stands_beside_it(
    planted: tuple[Path, dict[str, Any]], user_data: Path, tmp_path: Path
) -> None:
    options = ("--dataset", planted[0] / "data", "--environment", planted[0] / "ci.yml", "--user-data", user_data)
    freqtrain("gate", "rare", "--strategies", planted[0] / "strategies", "--out", tmp_path / "out", *options)
    assert evidence(planted[0] / "out", "rare") == evidence(tmp_path / "out", "rare")


def test_no_evidence_holds_a_path_of_this_machine(planted: tuple[Path, dict[str, Any]]) -> None:
    for file in (planted[0] / "out").rglob("evidence.json"):
        assert str(planted[0]) not in file.read_text()


def test_annotations_and_the_step_summary_appear_in_actions_only(
    planted: tuple[Path, dict[str, Any]], user_data: Path, tmp_path: Path
) -> None:
    summary = tmp_path / "summary"
    extra = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary), "GITHUB_EVENT_NAME": "pull_request"}
    folder = planted[0] / "strategies"
    said = freqtrain(
        *("gate", "crasher", "--strategies", folder, "--out", tmp_path / "out", "--user-data", user_data),
        "--no-require-sandbox",
        env=extra,
    )
    assert said.code == 12
    assert "::error file=" in said.out + said.err
    assert "strategy.py,line=20" in said.out + said.err
    assert "crasher" in summary.read_text()


def test_unknown_strategies_and_empty_folders_are_usage_errors(
    planted: tuple[Path, dict[str, Any]], user_data: Path, tmp_path: Path
) -> None:
    said = freqtrain("gate", "nobody", "--strategies", planted[0] / "strategies", "--user-data", user_data)
    assert (said.code, said.out) == (2, "")
    assert "there is no strategy nobody" in said.err
    (tmp_path / "strategies").mkdir()
    said = freqtrain("gate", "--strategies", tmp_path / "strategies", "--user-data", user_data)
    assert said.code == 2
    assert "freqtrain new" in said.err


def test_all_problems_of_all_descriptions_are_told_at_once(user_data: Path, tmp_path: Path) -> None:
    plant(tmp_path, "one", "rare", strategy_yml="class: Planted\ntimframe: 1h\n")
    plant(tmp_path, "two", "rare", strategy_yml="class: 3\npairs: [BTC/USDT\n")
    plant(tmp_path, "three", "rare", strategy_yml="title: no class\n")
    said = freqtrain("gate", "--strategies", tmp_path, "--user-data", user_data, "--out", tmp_path / "out")
    assert said.code == 3
    assert f"{tmp_path}/one/strategy.yml:2:1: timframe" in said.err
    assert "did you mean" in said.err
    assert f"{tmp_path}/two/strategy.yml:" in said.err
    assert f"{tmp_path}/three/strategy.yml:" in said.err
    assert not (tmp_path / "out").exists()


def test_pairs_that_the_data_lack_are_refused_at_their_line(user_data: Path, tmp_path: Path) -> None:
    plant(tmp_path, "one", "rare", strategy_yml="class: Planted\npairs:\n  - DOGE/USDT\n")
    said = freqtrain("gate", "--strategies", tmp_path, "--user-data", user_data, "--out", tmp_path / "out")
    assert said.code == 3
    assert f"{tmp_path}/one/strategy.yml:3:5: the data set 'simulated-1' has no" in said.err


def test_windows_outside_the_data_are_refused_at_their_line(user_data: Path, tmp_path: Path) -> None:
    plant(tmp_path / "strategies", "one", "rare")
    text = (ROOT / "environments" / "ci.yml").read_text().replace("from: 10%", "from: 2019-01-01")
    (tmp_path / "ci.yml").write_text(text)
    said = freqtrain(
        "gate", "--strategies", tmp_path / "strategies", "--environment", tmp_path / "ci.yml", "--user-data", user_data
    )
    assert said.code == 3
    line = next(number for number, row in enumerate(text.splitlines(), 1) if "2019-01-01" in row)
    assert f"{tmp_path}/ci.yml:{line}:" in said.err
    assert "lies outside the data" in said.err


def test_a_damaged_data_set_is_never_judged_on(user_data: Path, tmp_path: Path) -> None:
    plant(tmp_path / "strategies", "one", "rare")
    broken = tmp_path / "data"
    shutil.copytree(user_data / "data" / "simulated-1", broken)
    content = (broken / "BTC_USDT-1h.feather").read_bytes()
    (broken / "BTC_USDT-1h.feather").write_bytes(content[: len(content) // 2])
    said = freqtrain("gate", "--strategies", tmp_path / "strategies", "--dataset", broken, "--user-data", user_data)
    assert said.code == 3
    assert "does not verify" in said.err
    assert "BTC_USDT-1h.feather" in said.err


def start_endless(user_data: Path, folder: Path) -> tuple[subprocess.Popen[str], list[psutil.Process]]:
    """A gate over a strategy that never ends, and the processes below it, once its tasks run."""
    here = plant(folder / "strategies", "endless", "rare")
    source = (here / "strategy.py").read_text()
    (here / "strategy.py").write_text(
        source.replace('dataframe["day"] =', 'while True:\n            pass\n        dataframe["day"] =')
    )
    argv = [str(Path(sys.executable).parent / "freqtrain"), "gate", "--strategies", str(folder / "strategies")]
    argv += ["--out", str(folder / "out"), "--user-data", str(user_data)]
    heard = partial(
        signal.signal, signal.SIGINT, signal.SIG_DFL
    )  # a shell's background jobs, tests among them, ignore Ctrl-C
    gate = subprocess.Popen(argv, cwd=ROOT, env=environment(), stderr=subprocess.PIPE, text=True, preexec_fn=heard)
    return gate, _wait_for_children(gate.pid, 2)


def test_ctrl_c_ends_with_130_and_leaves_no_process_and_no_half_evidence(user_data: Path, tmp_path: Path) -> None:
    gate, children = start_endless(user_data, tmp_path)
    gate.send_signal(signal.SIGINT)
    _, err = gate.communicate(timeout=20)
    assert gate.returncode == 130
    assert "interrupted" in err
    assert "Traceback" not in err
    assert not (tmp_path / "out").exists()
    _, alive = psutil.wait_procs(children, timeout=5)
    assert alive == []


def test_kill_9_of_the_gate_leaves_no_process(user_data: Path, tmp_path: Path) -> None:
    gate, children = start_endless(user_data, tmp_path)
    gate.kill()
    gate.communicate()
    _, alive = psutil.wait_procs(children, timeout=5)
    assert alive == []


def _wait_for_children(pid: int, count: int) -> list[psutil.Process]:
    """The engine's process and its tasks, once they run."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        children = psutil.Process(pid).children(recursive=True)
        if len(children) >= count:
            time.sleep(0.5)
            return psutil.Process(pid).children(recursive=True)
        time.sleep(0.1)
    raise AssertionError("the engine did not start its tasks")


def test_the_real_candles_are_taken_in_and_judged_on(
    user_data: Path, planted: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    real = tmp_path / "real"
    assert freqtrain("data", "import", needs.real_candles(), "--out", real).code == 0
    folder = planted[0] / "strategies"
    said = freqtrain(
        "gate",
        "rare",
        "--strategies",
        folder,
        "--dataset",
        real,
        "--out",
        tmp_path / "out",
        "--user-data",
        user_data,
        "--json",
    )
    assert said.code in (10, 11), said.err
    document = json.loads(said.out)
    assert document["simulated"] is False
    assert "simulated" not in (tmp_path / "out" / "summary.md").read_text()


def test_every_command_explains_itself() -> None:
    assert os.access(Path(sys.executable).parent / "freqtrain", os.X_OK)
    for arguments in ((), ("gate",), ("new",), ("data",), ("environment",)):
        said = freqtrain(*arguments, "--help")
        assert said.code == 0
        assert "Usage: freqtrain" in said.out
    assert freqtrain("nonsense").code == 2


def test_a_full_disk_is_told_and_leaves_no_report(
    user_data: Path, planted: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    command = Path(sys.executable).parent / "freqtrain"
    arguments = f"gate rare --strategies {planted[0] / 'strategies'} --user-data {user_data} --out {tmp_path / 'out'}"
    limited = ["bash", "-c", f"ulimit -f 500; exec {command} {arguments}"]
    done = subprocess.run(limited, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 4, done.stderr
    assert "report.html" in done.stderr
    assert "File too large" in done.stderr
    assert not list((tmp_path / "out").glob("*report*"))


def test_a_quick_look_judges_nothing_and_writes_nothing(
    user_data: Path, planted: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    options = (
        "--strategies",
        planted[0] / "strategies",
        "--user-data",
        user_data,
        "--out",
        tmp_path / "out",
        "--quick",
    )
    looked = freqtrain("gate", "loser", "rare", *options, cwd=ROOT)
    assert looked.code == 11, looked.err
    assert looked.out.count("QUICK LOOK, NO VERDICT") == 2
    assert "It runs and trades (" in looked.out
    assert "PASS" not in looked.out
    crashed = freqtrain("gate", "crasher", *options, "--json", cwd=ROOT)
    assert crashed.code == 12
    assert json.loads(crashed.out)["outcome"] == "ERROR"
    assert not (tmp_path / "out").exists()


def test_hyperopts_results_belong_to_a_strategy_that_is_judged(tmp_path: Path, user_data: Path) -> None:
    results = tmp_path / "tried.fthypt"
    results.write_text('{"params_dict": {"x": 1}}\n')
    whose = freqtrain("gate", "--hyperopt-results", results, "--user-data", user_data)
    assert (whose.code, "whose are they?" in whose.err) == (2, True)
    nobodys = freqtrain(
        "gate", "range_dip", "--hyperopt-results", f"nobody={results}", "--user-data", user_data, cwd=ROOT
    )
    assert (nobodys.code, "which is not judged" in nobodys.err) == (2, True)
