"""No secret gets anywhere but into the files that are meant to hold it, whatever is done with a device and whatever fails on it.

Secrets are planted, verbs are called as jobs call them, and all that they left or started is searched, in every form in which a text may be written.
"""

import base64
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest

from pipeline.domain.trading import RuntimeKind
from tests.adapters.compose.engine import docker, need_engine, real_image
from tests.adapters.test_git import git
from tests.canary import files_with, leaks_in
from tests.github_double.world import Asked
from tests.journeys.canary_ground import GIVEN, PLANTED, SECRET, Device, Table, backed_up, device, verbs_with_json

pytestmark = [pytest.mark.processes, pytest.mark.sockets]

SICK = "    def bot_start(self, **kwargs) -> None:\n        self.table = numpy.zeros(60_000_000)\n\n"
"""More than the memory of a bot; a backtest never touches it."""

NOWHERE = "sha256:" + "0" * 64
HUB = ("--repository", "o/r")

VERBS: dict[str, tuple[tuple[str, ...], int | None]] = {
    "environment export": (("sandbox", "--out", "out/sandbox.tar"), 3),
    "environment import": (("out/nowhere.tar",), None),
    "gate": (("tide", "--dataset", "data"), 0),
    "status": ((), 0),
    "log": (("sandbox", "--verify"), 0),
    "doctor": (("sandbox",), 0),
    "data fetch": ((NOWHERE, *HUB), 3),
    "data import": (("data", "--out", "out/again"), 3),
    "data publish": (("data", *HUB), 0),
    "data pull": (("--exchange", "nosuch", "--pairs", "BTC/USDT", "--out", "out/pulled"), 3),
    "data simulate": (("--days", "2", "--out", "out/more"), 0),
    "data verify": (("data",), 0),
    "environment check": ((), 0),
    "environment diff": (("test", "sandbox"), 0),
    "environment schema": ((), 0),
    "report": (("sandbox", "--out", "out/report.html"), 0),
    "incident pack": (("sandbox", "--out", "out/incident.tar.gz"), 0),
    "incident show": (("out/incident.tar.gz",), 0),
    "incident check": (("out/incident.tar.gz", "--record"), 0),
    "incident replay": (("out/incident.tar.gz",), None),
    "secrets list": (("sandbox",), 0),
    "secrets set": (("sandbox",), 0),
    "notify": (("sandbox",), 0),
    "rehearse": (("--folder", "strategies"), 3),
    "image list": ((), None),
    "image prune": (("--plan",), None),
    "preflight": (("--environment", "environments/sandbox.yml"), None),
    "update": (("--plan",), 2),
    "github apply": (("--plan", *HUB), 0),
    "github check": (HUB, 10),
    "github comment": (("--run", "7", *HUB), 3),
    "github rolled-back": (("--told", "out/rolled.json", "--run", "7", *HUB), 3),
    "github tell": (
        ("sandbox", "--commit", "0" * 40, "--told", "out/told.json", "--ended", "success", "--run", "7", *HUB),
        0,
    ),
    "github wait": (("sandbox", "--commit", "0" * 40, "--job", "cut", "--run", "7", "--minutes", "1", *HUB), 3),
    "cut": (("tide", "--dataset", "data", "--simulated-data-is-fine"), 0),
    "bundle fetch": (("--missing", "--main", "refs/heads/main", *HUB), 0),
    "bundle list": ((), 0),
    "bundle publish": (("--commit", "COMMIT", *HUB), 0),
    "bundle show": (("BUNDLE",), 0),
    "bundle verify": ((), 0),
    "promote": (("sandbox", "--tag", "v1", "--main", "refs/heads/main", "--plan"), 3),
    "rolled-back": ((), 0),
    "decide": (("sandbox",), 0),
    "reconcile": (("sandbox",), 0),
    "parity": (("sandbox", "tide", "--dataset", "data"), 3),
    "policy simulate": (("--runs", "3"), 0),
}
"""Every verb with --json -> what it is called with here, and how it ends. None: as the machine is.

Some are to fail: a refusal tells more than an answer. `data pull` and `rehearse` are refused, as they would need an exchange and minutes."""


@pytest.fixture(scope="module")
def image() -> Iterator[str]:
    need_engine()
    tag = f"freqtrain-canaries:{os.getpid()}"
    yield real_image(tag)
    docker("image", "rm", "--force", tag)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Device]:
    with device(tmp_path, RuntimeKind.PROCESS) as made:
        yield made


PLANTED_FILES = (
    "home/sandbox/ledger.jsonl",
    "home/runtime/bots/one/output.log",
    "home/store/sha256/x/manifest.json",
    "repository/out/x.json",
)


@pytest.mark.parametrize(
    "secret", PLANTED, ids=["key", "secret", "password", "a line of it", "token", "channel", "ping"]
)
def test_a_leak_is_found_in_a_file_an_answer_a_program_a_process_and_a_backup(place: Device, secret: str) -> None:
    assert leaks(place) == []
    for name in PLANTED_FILES:
        (place.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (place.folder / name).write_text(json.dumps({"deep": secret}))
    assert leaking(place.folder, place.folder, place.secrets) == set(PLANTED_FILES)
    for name in ("observations.sqlite", "databases/tide.live.sqlite"):
        (place.home / "sandbox" / name).parent.mkdir(exist_ok=True)
        with closing(sqlite3.connect(place.home / "sandbox" / name)) as database, database:
            database.execute("CREATE TABLE told (text TEXT)")
            database.execute("INSERT INTO told VALUES (?)", (quote(secret),))
    found = {one.rsplit("/", 1)[-1] for one in leaking(place.folder, backed_up(place, "sandbox"), place.secrets)}
    assert found == {"ledger.jsonl", "manifest.json", "observations.sqlite", "tide.live.sqlite"}

    place.hub.world.asked.append(Asked("GET", "/x", {"key": secret}, "", b""))
    place.said["a verb"] = base64.b64encode(b"u:" + secret.encode())
    subprocess.run(
        [place.folder / "programs" / "git", "--version"], env={"GIVEN": secret}, check=True, capture_output=True
    )
    subprocess.run([place.folder / "programs" / "git", "--version", secret], env={}, check=False, capture_output=True)
    sleeping = [sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()"]
    for argv, env in (([*sleeping, secret], {}), (sleeping, {"GIVEN": secret})):
        with subprocess.Popen(argv, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
            assert running.stdout is not None
            running.stdout.readline()
            place.processes.look()
    found = leaks(place)
    assert {one.split()[0] for one in found if "import sys" in one} == {"argv", "environ"}
    assert len([one for one in found if one.startswith("started: git.")]) == 2
    assert {"github: 0: /x", "said: a verb"} <= {*found}


@pytest.mark.parametrize("how", ["label", "variable", "argument", "log"])
def test_a_leak_is_found_in_what_an_engine_shows_of_a_container_and_in_what_it_printed(
    tmp_path: Path, image: str, how: str
) -> None:
    name = f"freqtrain-canary-{os.getpid()}-{how}"
    shown = {"label": ("--label", f"a={SECRET}"), "variable": ("--env", f"A={SECRET}")}.get(how, ())
    printed = {"argument": ("cat", SECRET)}.get(how, ("cat",))
    argv = ("docker", "run", "--interactive", "--name", name, "--network", "none", "--entrypoint", "")
    with device(tmp_path, RuntimeKind.COMPOSE, image) as place:
        try:
            told = SECRET if how == "log" else ""
            subprocess.run(
                [*argv, *shown, image, *printed], input=told, text=True, capture_output=True, timeout=120, check=False
            )
            assert [one for one in leaks(place) if one.startswith("container")] == [f"container: /{name}"]
        finally:
            docker("rm", "--force", name)


def test_every_verb_with_json_is_called_here() -> None:
    assert set(VERBS) == verbs_with_json()


def test_secrets_stay_where_they_belong_with_bots_as_processes(place: Device) -> None:
    tide = trade(place)
    names = {"BUNDLE": tide, "COMMIT": git(place.repository, "rev-parse", "HEAD").strip()}
    ended = {verb: place.freqtrain(*_words(verb, names), "--json", stdin=json.dumps(GIVEN)).code for verb in VERBS}
    assert 1 not in ended.values()
    assert ended == {verb: ended[verb] if code is None else code for verb, (_, code) in VERBS.items()}
    assert_nothing_leaked(place)


def test_secrets_stay_where_they_belong_with_bots_in_containers(tmp_path: Path, image: str) -> None:
    with device(tmp_path, RuntimeKind.COMPOSE, image) as place:
        trade(place)
        assert {name for name in place.containers() if "sandbox" in name}
        assert_nothing_leaked(place)


def _words(verb: str, names: Mapping[str, str]) -> list[str]:
    return [names.get(one, one) for one in (*verb.split(), *VERBS[verb][0])]


def trade(place: Device) -> str:
    """A gate, a deployment with what the device keeps, one that fails with what a job injects, a roll-back; the bundle that runs."""
    market = ("--minutes", "--days", "10", "--pairs", "BTC/USDT,ETH/USDT", "--out", "data")
    assert place.freqtrain("data", "simulate", *market, "--json").code == 0
    tide = place.cut("tide")["tide"]
    kept = place.freqtrain("secrets", "set", "sandbox", "--json", stdin=json.dumps(GIVEN))
    assert kept.code == 0, kept
    deployed = place.freqtrain("deploy", "sandbox", tide, given={})
    assert deployed.code == 0, deployed
    file = "strategies/tide/strategy.py"
    place.edit(file, "from freqtrade.strategy", "import numpy\nfrom freqtrade.strategy")
    place.edit(file, "    def populate_indicators(", f"{SICK}    def populate_indicators(")
    place.commit("Give tide a table")
    sick = place.cut("tide")["tide"]
    undone = place.freqtrain("deploy", "sandbox", sick)
    assert undone.code == 6, undone
    assert "MemoryError" in undone.out + undone.err or place.kind is RuntimeKind.COMPOSE, undone
    git(place.repository, "tag", "-a", "v1", "-m", "The first release")
    back = place.freqtrain("roll-back", "sandbox", "tide", "--reason", "enough")
    assert back.code == 0, back
    return tide


def assert_nothing_leaked(place: Device) -> None:
    place.processes.look()
    assert leaks(place) == []
    assert leaking(place.folder, backed_up(place, "sandbox"), place.secrets) == set()
    held = files_with(place.folder, place.secrets)
    fragments = set(place.home.glob("sandbox/bots/*/secret.json"))
    assert fragments
    assert {str(one.relative_to(place.folder)) for one in held - fragments} == {
        "home/sandbox/secrets.json",
        "home/sandbox/watch/secrets.json",
    }
    for path in held:
        assert (path.stat().st_mode & 0o777, path.stat().st_uid) == (0o600, os.getuid()), path


def leaks(place: Device) -> list[str]:
    """Where a secret stands that no file is: answers of verbs, programs that were started, processes, containers, what GitHub was told."""
    tables: dict[str, Table] = {
        "said": place.said, "started": place.started(), "container": place.containers(), "github": place.asked(),
    }  # fmt: skip
    found = [
        f"{kind}: {where}"
        for kind, table in tables.items()
        for where, what in table.items()
        if leaks_in(what, place.secrets)
    ]
    return sorted([*found, *place.processes.found])


def leaking(root: Path, folder: Path, secrets: tuple[str, ...]) -> set[str]:
    return {str(one.relative_to(root)) for one in files_with(folder, secrets)}
