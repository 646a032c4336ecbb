"""No secret gets anywhere but into the files that are meant to hold it, whatever is done with a device and whatever fails on it.

Secrets are planted, verbs are called as jobs call them, and all that they left or started is searched, in every form in which a text may be written.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.domain.trading import RuntimeKind
from tests.adapters.compose.engine import docker, need_engine, real_image
from tests.canary import files_with, leaks_in
from tests.journeys.canary_ground import GIVEN, Device, Table, backed_up, device, verbs_with_json

pytestmark = [pytest.mark.processes, pytest.mark.sockets]

SICK = "    def bot_start(self, **kwargs) -> None:\n        self.table = numpy.zeros(60_000_000)\n\n"
"""More than the memory of a bot; a backtest never touches it."""

NOWHERE = "sha256:" + "0" * 64
HUB = ("--repository", "o/r")

VERBS: dict[str, tuple[tuple[str, ...], int]] = {
    "gate": (("tide", "--dataset", "data"), 0),
    "status": ((), 0),
    "log": (("sandbox", "--verify"), 0),
    "data fetch": ((NOWHERE, *HUB), 3),
    "data import": (("data", "--out", "out/again"), 3),
    "data publish": (("data", *HUB), 0),
    "data pull": (("--exchange", "nosuch", "--pairs", "BTC/USDT", "--out", "out/pulled"), 3),
    "data simulate": (("--days", "1", "--out", "out/more"), 0),
    "data verify": (("data",), 0),
    "environment check": ((), 0),
    "environment diff": (("test", "sandbox"), 0),
    "environment schema": ((), 0),
    "secrets list": (("sandbox",), 0),
    "secrets set": (("sandbox",), 0),
    "rehearse": (("--folder", "strategies"), 3),
    "preflight": (("--environment", "environments/sandbox.yml"), 0),
    "update": (("--plan",), 3),
    "github apply": (("--plan", *HUB), 0),
    "github check": (HUB, 10),
    "github comment": (("--run", "7", *HUB), 3),
    "github rolled-back": (("--told", "out/rolled.json", "--run", "7", *HUB), 3),
    "github tell": (
        ("sandbox", "--commit", "0" * 40, "--told", "out/told.json", "--ended", "success", "--run", "7", *HUB),
        3,
    ),
    "github wait": (("sandbox", "--commit", "0" * 40, "--job", "cut", "--run", "7", "--minutes", "1", *HUB), 3),
    "cut": (("tide", "--dataset", "data", "--simulated-data-is-fine"), 0),
    "bundle fetch": (("--missing", *HUB), 0),
    "bundle list": ((), 0),
    "bundle publish": (("--commit", "HEAD", *HUB), 3),
    "bundle show": (("BUNDLE",), 0),
    "bundle verify": ((), 0),
    "promote": (("sandbox", "--tag", "v1", "--main", "refs/heads/main", "--plan"), 0),
    "rolled-back": ((), 0),
    "decide": (("sandbox",), 0),
    "policy simulate": (("--runs", "3"), 0),
}
"""Every verb with --json -> what it is called with here, and how it ends. Some are to fail: a refusal tells more than an answer."""


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


def test_every_verb_with_json_is_called_here() -> None:
    assert set(VERBS) == verbs_with_json()


def test_secrets_stay_where_they_belong_with_bots_as_processes(place: Device) -> None:
    tide = trade(place)
    ended = {verb: place.freqtrain(*_words(verb, tide), "--json", stdin=json.dumps(GIVEN)).code for verb in VERBS}
    import pprint; pprint.pprint([(v, c) for v, c in ended.items() if c != VERBS[v][1]]); pprint.pprint(leaks(place)); pprint.pprint(leaking(place.folder, place.folder, place.secrets)); pprint.pprint({k: v[-300:] for k,v in place.said.items()})
    assert ended == {verb: code for verb, (_, code) in VERBS.items()}
    assert_nothing_leaked(place)


def test_secrets_stay_where_they_belong_with_bots_in_containers(tmp_path: Path, image: str) -> None:
    with device(tmp_path, RuntimeKind.COMPOSE, image) as place:
        trade(place)
        assert {name for name in place.containers() if "sandbox" in name}
        assert_nothing_leaked(place)


def _words(verb: str, bundle: str) -> list[str]:
    return [bundle if one == "BUNDLE" else one for one in (*verb.split(), *VERBS[verb][0])]


def trade(place: Device) -> str:
    """A gate, a deployment with what the device keeps, one that fails with what a job injects, a roll-back; the bundle that runs."""
    assert place.freqtrain("data", "simulate", "--minutes", "--days", "10", "--pairs", "BTC/USDT,ETH/USDT", "--out", "data", "--json").code == 0  # fmt: skip
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
    assert {str(one.relative_to(place.folder)) for one in held - fragments} == {"home/sandbox/secrets.json"}
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
