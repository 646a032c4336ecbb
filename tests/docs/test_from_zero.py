"""docs/from-zero.md, followed: its commands are typed as they stand there, and what a person clicks or writes between them is done at the double.

Every command is typed, or stands in NOT_TYPED with the reason.
"""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.canary import files_with, leaks_in, processes_with
from tests.cli.freqtrain import freqtrain
from tests.docs.from_zero_ground import DEVICE, KEY, SECRET, Zero, commands, digest_told, running, zero
from tests.github_double.routes_settings import settings_of
from tests.github_double.world import TOKEN
from tests.needs import ROOT
from tests.planted import HEAD, write_waves

pytestmark = [pytest.mark.processes, pytest.mark.sockets]

PAGE = ROOT / "docs" / "from-zero.md"

NOT_TYPED = {
    "make gate": "installs packages from the network, and judges the samples: tests/test_samples.py does",
    ". .venv/bin/activate": "what it would activate was not installed; this test's own is on the PATH",
    "freqtrain data pull": "asks a real exchange; tests/cli/test_data.py asks a stand-in. Candles are imported in its place",
    "sudo apt-get install -y git": "changes the machine",
    "git clone https://github.com/OWNER/NAME.git train": "the device's clone: made below, where the provisioning keeps it",
    "sudo train/runner/set-up": "changes the machine: tests/runner applies it in a container",
    "sudo freqtrain preflight": "tells of this machine: tests/cli/test_preflight.py",
}
"""How commands begin that are not typed here, and why."""

RIDER = {
    "roi": "10",
    "indicators": 'dataframe["slope"] = dataframe["close"].diff(12)',
    "enter": '(dataframe["slope"] > 0)',
    "leave": '(dataframe["slope"] < 0)',
}
"""Rides every wave of the candles from its foot to its crest."""

CODES = {"freqtrain github check": 10}
"""Exit codes that are not 0: the repository is not as it must be yet."""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Zero]:
    with zero(tmp_path) as made:
        yield made


def test_every_command_that_is_not_typed_stands_on_the_page() -> None:
    lines = [one.line for one in commands(PAGE)]
    for beginning in NOT_TYPED:
        assert any(line.startswith(beginning) for line in lines), beginning


def test_who_follows_the_page_has_a_strategy_in_sandbox(place: Zero) -> None:
    said: dict[str, subprocess.CompletedProcess[str]] = {}
    for command in commands(PAGE):
        if instead := _starting(INSTEAD, command.line):
            instead(place)
        if _starting(NOT_TYPED, command.line):
            continue
        if before := _starting(BEFORE, command.line):
            before(place, said)
        done = place.type(command, STDIN.get(command.line, ""))
        said[command.line] = done
        shown = f"{command.line}\n{done.stdout}\n{done.stderr}"
        assert done.returncode == CODES.get(command.line, 0), shown
        assert SECRET not in shown
        assert TOKEN not in shown
        if after := AFTER.get(command.line):
            after(place, done)
    assert running(place, "sandbox")["entries"] == "yes"
    ledger = (place.home / "sandbox" / "ledger.jsonl").read_text()
    assert "it is the first one, and 100 USDT at most" in ledger
    says_nothing(place)


def says_nothing(place: Zero) -> None:
    """Every verb that tells, then a deployment that is refused and one that is taken back; and the keys lie where they must, and nowhere else."""
    kept, machine = place.home / "sandbox" / "secrets.json", place.machines[DEVICE]
    bundle = str(running(place, "sandbox")["bundle"])
    printed = [
        machine.type(f"freqtrain {verb}")
        for verb in (
            *("status --json", "log sandbox --json", "secrets list sandbox --json"),
            *("bundle list --json", "decide sandbox --json", "promote sandbox --tag v1.1 --plan --json"),
            f"deploy sandbox {bundle} --again --plan",
        )
    ]
    assert [one.returncode for one in printed] == [0] * len(printed), [one.stderr for one in printed]
    kept.chmod(0o640)
    refused = machine.type(f"freqtrain deploy sandbox {bundle} --again")
    assert (refused.returncode, "chmod 600" in refused.stderr) == (3, True)
    kept.chmod(0o600)
    back = machine.type("freqtrain roll-back sandbox my_idea --reason enough")
    assert back.returncode == 0, back.stderr
    assert processes_with((KEY, SECRET)) == []
    assert not leaks_in("".join(one.stdout + one.stderr for one in (*printed, refused, back)).encode(), (KEY, SECRET))
    assert not leaks_in(b"\n".join(one.path.encode() + one.body for one in place.hub.world.asked), (KEY, SECRET))
    held = files_with(place.folder, (KEY, SECRET))
    bots = {path for path in held if path.match("home/sandbox/bots/*/secret.json")}
    assert bots
    assert held - bots == {kept}, "no log, ledger, bundle, clone or answer holds one"
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in held)


# What a person writes or clicks, before a command


def write_ci(place: Zero, said: dict[str, subprocess.CompletedProcess[str]]) -> None:
    """The digest goes into the file, as the page says."""
    (published,) = [done for line, done in said.items() if line.startswith("freqtrain data publish")]
    file = place.desk / "environments" / "ci.yml"
    text, count = re.subn(
        r"^  digest: embedded$",
        f"  digest: {digest_told(published.stdout + published.stderr)}\n  repository: o/r",
        file.read_text(),
        flags=re.MULTILINE,
    )
    assert count == 1
    file.write_text(text)


def write_strategy(place: Zero, _: object) -> None:
    """The trader's work."""
    here = place.desk / "strategies" / "my_idea"
    assert {one.name for one in here.iterdir()} == {"strategy.py", "strategy.yml", "test_strategy.py"}
    (here / "strategy.py").write_text(HEAD.format(**RIDER).replace("class Planted", "class MyIdea"))
    (here / "test_strategy.py").write_text(
        "from pipeline.testing import flat\n\n\ndef test_flat(strategy):\n    strategy.on(flat(300))\n"
    )


def merged(place: Zero, _: object) -> None:
    """Merge pull request, and what test.yml does then."""
    place.run_test_workflow(place.merge("my_idea"))
    assert running(place, "test")["entries"] == "yes"


BEFORE: dict[str, Callable[[Zero, dict[str, subprocess.CompletedProcess[str]]], None]] = {
    "freqtrain data fetch": write_ci,
    "freqtrain gate my_idea": write_strategy,
    "sudo freqtrain status test": merged,
}


# What happens in place of a command, or after it


def candles(place: Zero) -> None:
    waves = write_waves(place.folder / "waves")
    made = freqtrain("data", "import", waves, "--out", place.desk / "user_data" / "data" / "candles")
    assert made.code == 0, made.err


def device(place: Zero) -> None:
    """The provisioning's clone."""
    machine = place.machines[DEVICE]
    assert machine.type("git clone -q git@github.com:o/r.git clone").returncode == 0
    machine.cwd = machine.cwd / "clone"


INSTEAD: dict[str, Callable[[Zero], None]] = {"freqtrain data pull": candles, "sudo train/runner/set-up": device}


def applied(place: Zero, done: subprocess.CompletedProcess[str]) -> None:
    """The keys are set on GitHub, as step 6 says; nothing differs then."""
    assert "gh secret set EXCHANGE_ACCESS_KEY --env sandbox --repo o/r" in done.stdout
    settings = settings_of(place.hub.world.repository("o/r"))
    for name in ("sandbox", "prod"):
        settings["secrets"][name] = ["EXCHANGE_ACCESS_KEY", "EXCHANGE_ACCESS_SECRET"]
        settings["variables"][name] = ["DRY_RUN"]
    checked = place.machines["desk"].type("freqtrain github check")
    assert checked.returncode == 0, checked.stdout


def proposed(place: Zero, _: object) -> None:
    place.open_pull_request("my_idea")


def tagged(place: Zero, _: object) -> None:
    assert "stays" in place.run_sandbox_workflow("v1.0")
    assert not (place.home / "sandbox" / "ledger.jsonl").exists(), "nothing was deployed there"


def stays(_: Zero, done: subprocess.CompletedProcess[str]) -> None:
    assert "stays" in done.stdout


def boards(place: Zero, _: object) -> None:
    place.run_sandbox_workflow("v1.1")


def gated(_: Zero, done: subprocess.CompletedProcess[str]) -> None:
    assert "PASS" in done.stdout


def holds(_: Zero, done: subprocess.CompletedProcess[str]) -> None:
    assert "my_idea" in done.stdout
    assert "closed trades" in done.stdout


def listed(_: Zero, done: subprocess.CompletedProcess[str]) -> None:
    assert "missing" not in done.stdout


AFTER: dict[str, Callable[[Zero, subprocess.CompletedProcess[str]], None]] = {
    "freqtrain github apply --yes": applied,
    "freqtrain gate my_idea": gated,
    "sudo freqtrain decide test": holds,
    "git push -u origin my_idea": proposed,
    "sudo freqtrain secrets list sandbox": listed,
    "git push origin v1.0": tagged,
    "sudo freqtrain promote sandbox --tag v1.0 --plan": stays,
    "git push origin v1.1": boards,
}

STDIN = {
    "read -rs GITHUB_TOKEN && export GITHUB_TOKEN": f"{TOKEN}\n",
    "sudo freqtrain secrets set sandbox": json.dumps(
        {"EXCHANGE_ACCESS_KEY": KEY, "EXCHANGE_ACCESS_SECRET": SECRET, "DRY_RUN": "false"}
    ),
}


def _starting(table: dict[str, object], line: str) -> object:
    return next((found for beginning, found in table.items() if line.startswith(beginning)), None)
