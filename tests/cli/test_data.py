"""`freqtrain data` as a person or a program calls it."""

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.cli.boundary import run
from tests.cli.freqtrain import ROOT, environment, freqtrain
from tests.github_double import GitHubDouble, github_double
from tests.github_double.world import TOKEN
from tests.small_sets import small_set, spoil, with_value, without

Golden = Callable[[str, str], None]
Capture = pytest.CaptureFixture[str]
SMALL = ["--pairs", "BTC/USDT,ETH/USDT", "--days", "4"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty place to work in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "110")
    for name in ("GITHUB_TOKEN", "GH_TOKEN", "GITHUB_REPOSITORY", "GITHUB_API_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def hub(github_description: bool, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[GitHubDouble]:
    """A small GitHub that the command believes to be the real one."""
    with github_double() as running:
        monkeypatch.setenv("GITHUB_API_URL", running.url)
        yield running


def test_simulate_says_what_it_made_and_that_it_proves_the_train_only(
    folder: Path, capsys: Capture, golden: Golden
) -> None:
    assert run(["data", "simulate", *SMALL]) == 0
    said = capsys.readouterr()
    golden("cli/data_simulate.txt", said.out)
    assert said.err == ""
    assert run(["data", "simulate", *SMALL]) == 0
    again = capsys.readouterr()
    assert again.out == said.out
    assert again.err == "user_data/data/simulated-1-4d-2pairs holds this data set already\n"


def test_json_is_one_object_whose_first_key_is_the_outcome(folder: Path, capsys: Capture) -> None:
    assert run(["data", "simulate", *SMALL, "--out", "set", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert next(iter(made)) == "outcome"
    assert run(["data", "verify", "set", "--json"]) == 0
    verified = json.loads(capsys.readouterr().out)
    assert next(iter(verified)) == "outcome"
    assert (verified["outcome"], verified["digest"]) == ("DONE", made["digest"])
    spoil(folder / "set", "BTC_USDT-1h.feather", with_value(3, "high", 1.0))
    assert run(["data", "verify", "set", "--json"]) == 3
    broken = json.loads(capsys.readouterr().out)
    assert broken["outcome"] == "REFUSED"
    assert broken["problems"][0]["row"] == 3


def test_verify_says_every_problem_with_its_file_and_time(folder: Path, capsys: Capture, golden: Golden) -> None:
    small_set(folder / "set")
    spoil(folder / "set", "BTC_USDT-1h.feather", with_value(3, "high", 1.0))
    spoil(folder / "set", "BTC_USDT-5m.feather", without(7, 8))
    spoil(folder / "set", "ETH_USDT-1h.feather", lambda frame: frame.assign(volume=0.0))
    (folder / "set" / "ETH_USDT-5m.feather").unlink()
    assert run(["data", "verify", "set"]) == 3
    golden("cli/data_verify.txt", capsys.readouterr().out)


def test_import_takes_candles_in_and_names_what_it_assumed(folder: Path, capsys: Capture, golden: Golden) -> None:
    small_set(folder / "mine")
    for name in ("manifest.yml", "markets.json"):
        (folder / "mine" / name).unlink()
    (folder / "mine" / "notes.txt").write_text("x")
    spoil(folder / "mine", "BTC_USDT-1h.feather", without(7, 8))
    assert run(["data", "import", "mine", "--out", "set"]) == 0
    said = capsys.readouterr()
    golden("cli/data_import.txt", said.out + "--- standard error\n" + said.err)
    assert run(["data", "verify", "set"]) == 0


def test_import_of_broken_candles_is_refused_and_leaves_nothing(folder: Path, capsys: Capture) -> None:
    small_set(folder / "mine")
    assert run(["data", "import", "mine", "--out", "set"]) == 3
    assert "mine is a data set already" in capsys.readouterr().err
    (folder / "mine" / "manifest.yml").unlink()
    spoil(folder / "mine", "BTC_USDT-1h.feather", with_value(3, "high", 1.0))
    assert run(["data", "import", "mine", "--out", "set"]) == 3
    said = capsys.readouterr()
    assert said.out == ""
    assert "BTC_USDT-1h.feather row 3 (2025-12-28 03:00 UTC): high is below low" in said.err
    assert [path.name for path in folder.iterdir()] == ["mine"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["verify", "nowhere"], 2, "nowhere is no folder"),
        (["import", "nowhere", "--out", "x"], 2, "nowhere is no folder"),
        (["simulate", "--pairs", "BTC/USD"], 2, "did you mean BTC/USDT?"),
        (["simulate", "--days", "0"], 2, "0 is not in the range"),
        (["import", ".", "--out", "x", "--exchange", "Binance!"], 2, "is no exchange's name"),
        (["fetch", "abc", "--repository", "o/r"], 2, "is no digest"),
        (["fetch", "abc", "--repository", "../r"], 2, "is no repository"),
        (["fetch", "abc"], 2, "--repository"),
        (["fetch"], 2, "either a DIGEST or an --environment"),
        (["fetch", "abc", "--environment", "ci"], 2, "either a DIGEST or an --environment"),
    ],
)
def test_a_call_that_means_nothing_is_explained(
    folder: Path, capsys: Capture, arguments: list[str], code: int, said: str
) -> None:
    assert run(["data", *arguments]) == code
    assert said in capsys.readouterr().err
    assert list(folder.iterdir()) == []


@pytest.mark.sockets
def test_publish_and_fetch_bring_a_set_from_one_machine_to_another(
    folder: Path, hub: GitHubDouble, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    digest = small_set(folder / "set").manifest.digest
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    assert run(["data", "publish", "set", "--repository", "o/r"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("uploaded: http://127.0.0.1:")
    assert f"digest: {digest}" in said.out
    assert TOKEN not in said.out + said.err
    assert run(["data", "publish", "set", "--repository", "o/r"]) == 0
    assert capsys.readouterr().out.startswith("already there: ")
    assert run(["data", "fetch", digest, "--repository", "o/r"]) == 0
    assert f"in user_data/data/{digest[7:]}" in capsys.readouterr().out
    asked = len(hub.world.asked)
    assert run(["data", "fetch", digest, "--repository", "o/r", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["already_there"] is True
    assert len(hub.world.asked) == asked, "the cache needs no network"


@pytest.mark.sockets
def test_a_machine_fetches_what_its_environment_names(
    folder: Path, hub: GitHubDouble, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    digest = small_set(folder / "set").manifest.digest
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    assert run(["data", "publish", "set", "--repository", "o/r"]) == 0
    text = (ROOT / "environments" / "ci.yml").read_text()
    (folder / "real.yml").write_text(text.replace("digest: embedded", f"digest: {digest}\n  repository: o/r", 1))
    (folder / "simulated.yml").write_text(text)
    assert run(["data", "fetch", "--environment", "real.yml"]) == 0
    assert (folder / "user_data" / "data" / digest[7:]).is_dir()
    asked = len(hub.world.asked)
    assert run(["data", "fetch", "--environment", "simulated.yml"]) == 0
    assert "there is nothing to fetch" in capsys.readouterr().err
    assert len(hub.world.asked) == asked


@pytest.mark.sockets
def test_a_truncated_asset_is_a_failed_tool_and_leaves_nothing(
    folder: Path, hub: GitHubDouble, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    digest = small_set(folder / "set").manifest.digest
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    assert run(["data", "publish", "set", "--repository", "o/r"]) == 0
    kept = hub.world.repository().contents
    kept.update({key: content[: len(content) // 2] for key, content in kept.items()})
    assert run(["data", "fetch", digest, "--repository", "o/r"]) == 4
    assert not (folder / "user_data").exists()
    assert TOKEN not in capsys.readouterr().err


@pytest.mark.processes
def test_a_pull_without_a_network_is_a_failed_tool_and_leaves_nothing(folder: Path) -> None:
    dead = {"HTTPS_PROXY": "http://127.0.0.1:1", "https_proxy": "http://127.0.0.1:1", "TMPDIR": str(folder)}
    said = freqtrain(
        "data", "pull", "--exchange", "binance", "--pairs", "BTC/USDT", "--out", "set", cwd=folder, env=dead
    )
    assert said.code == 4, said.err
    assert "freqtrain: binance could not be reached\n  hint: check the network" in said.err
    assert list(folder.iterdir()) == []


@pytest.mark.processes
def test_a_disk_that_is_full_is_a_failed_tool_and_leaves_nothing(folder: Path) -> None:
    def small_disk() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    argv = [sys.executable, "-B", "-m", "pipeline", "data", "simulate", *SMALL, "--out", "set"]
    env = environment({"PYTHONPATH": os.pathsep.join(sys.path)})
    done = subprocess.run(
        argv, cwd=folder, env=env, capture_output=True, text=True, timeout=300, preexec_fn=small_disk, check=False
    )
    assert done.returncode == 4, done.stderr
    assert "File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(folder.iterdir()) == []


@pytest.mark.processes
def test_two_processes_that_ask_for_the_embedded_set_at_once_both_get_it(folder: Path) -> None:
    code = (
        "from pathlib import Path; from pipeline.wiring.data import data_sets; from pipeline.flows.data_embedded import embedded\n"
        "class Quiet:\n    def say(self, text): pass\n"
        "print(embedded(Path('user_data'), data_sets(), Quiet()).manifest.digest)"
    )
    argv = [sys.executable, "-W", "ignore", "-c", code]
    both = [subprocess.Popen(argv, cwd=folder, env=environment(), stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=300)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert said[0] == said[1]
    assert [path.name for path in (folder / "user_data" / "data").iterdir()] == ["simulated-1"]
