"""`freqtrain secrets` as a person calls it: what is typed is shown nowhere, what is kept reaches the verbs, and an emergency goes on without it."""

import json
import os
import stat
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.ledger_file import LedgerFile
from pipeline.adapters.watch_home import Reads, WatchHome
from pipeline.domain.train.facts import body_of, kind_of
from pipeline.domain.train.movements import Deployed, Deploying, Purpose
from tests.cli.freqtrain import ROOT, Said, environment, freqtrain
from tests.fakes import FakeNarrator

pytestmark = pytest.mark.processes

KEY, SECRET = "000123", 'it\'s "$ec#ret"'
BUNDLE = "sha256:" + "a" * 64


def given(home: Path, text: str, *arguments: str) -> Said:
    """`secrets set` with that text on standard input."""
    argv = [str(Path(sys.executable).parent / "freqtrain"), "secrets", "set", *arguments, "--home", str(home)]
    done = subprocess.run(
        argv, cwd=ROOT, env=environment(), input=text.encode(), capture_output=True, timeout=300, check=False
    )
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


def kept(home: Path, name: str = "sandbox") -> dict[str, str]:
    document = json.loads((home / name / "secrets.json").read_text())
    return {key: one["value"] for key, one in document["kept"].items()}


def called(home: Path, *arguments: str, env: Mapping[str, str] | None = None) -> Said:
    return freqtrain(*arguments, "--home", home, cwd=ROOT, env=env)


def test_what_is_handed_over_is_kept_exactly_listed_by_name_and_removed(tmp_path: Path) -> None:
    home, pem = tmp_path / "device", "-----BEGIN K-----\nx\n-----END K-----\n"
    said = given(
        home, json.dumps({"EXCHANGE_ACCESS_KEY": KEY, "EXCHANGE_ACCESS_SECRET": pem, "APPRISE_URL": ""}), "sandbox"
    )
    assert said.code == 0, said.err
    assert "sandbox: kept on this device: EXCHANGE_ACCESS_KEY, EXCHANGE_ACCESS_SECRET, APPRISE_URL" in said.out
    assert "not here: DRY_RUN" in said.err
    assert kept(home) == {"EXCHANGE_ACCESS_KEY": KEY, "EXCHANGE_ACCESS_SECRET": pem, "APPRISE_URL": ""}
    file = home / "sandbox" / "secrets.json"
    assert [stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent)] == [0o600, 0o700]
    lines = given(home, f"DRY_RUN=false\nEXCHANGE_ACCESS_SECRET={SECRET}\n", "sandbox", "--json")
    document = json.loads(lines.out)
    assert (next(iter(document)), document["set"], document["missing"]) == (
        "outcome",
        ["DRY_RUN", "EXCHANGE_ACCESS_SECRET"],
        [],
    )
    listed = called(home, "secrets", "list", "sandbox", env={"TELEGRAM_TOKEN": "1:a"})
    assert "EXCHANGE_ACCESS_KEY       secret    kept since " in listed.out
    assert "TELEGRAM_TOKEN            secret    with this process" in listed.out
    removed = called(home, "secrets", "remove", "sandbox", "APPRISE_URL")
    assert removed.code == 0, removed.err
    assert kept(home) == {"DRY_RUN": "false", "EXCHANGE_ACCESS_KEY": KEY, "EXCHANGE_ACCESS_SECRET": SECRET}
    for one in (said, lines, listed, removed):
        assert not any(text in one.out + one.err for text in (KEY, SECRET, pem))


def test_what_cannot_be_kept_is_refused_without_being_shown(tmp_path: Path) -> None:
    home = tmp_path / "device"
    strange = given(home, "EXCHANGE_ACCES_KEY=hunter2\n", "sandbox")
    assert (strange.code, "did you mean 'EXCHANGE_ACCESS_KEY'?" in strange.err) == (3, True), strange.err
    malformed = given(home, "hunter2\n", "sandbox")
    assert (malformed.code, "line 1 is not NAME=VALUE" in malformed.err) == (3, True)
    named = given(home, "EXCHANGE_ACCESS_KEY=hunter2\n", "sandbox", "EXCHANGE_ACCESS_KEZ")
    assert (named.code, "did you mean 'EXCHANGE_ACCESS_KEY'?" in named.err) == (3, True)
    assert given(home, "A=hunter2\n", "nowhere").code == 3
    assert given(home, "A=hunter2\n", "ci").code == 2
    assert not any("hunter2" in one.err + one.out for one in (strange, malformed, named))
    assert not (home / "sandbox" / "secrets.json").exists()
    inside = given(ROOT / "out" / "device", "EXCHANGE_ACCESS_KEY=hunter2\n", "sandbox")
    assert (inside.code, "lies in the repository" in inside.err) == (3, True)


def test_on_a_terminal_nothing_that_is_typed_is_shown_and_an_interrupt_changes_nothing(tmp_path: Path) -> None:
    home = tmp_path / "device"
    names = ("EXCHANGE_ACCESS_KEY", "EXCHANGE_ACCESS_SECRET")
    code, shown = typed(home, [b"hunter2\n", b"\n"], *names)
    assert code == 0, shown
    assert kept(home) == {"EXCHANGE_ACCESS_KEY": "hunter2"}, "Enter alone keeps nothing"
    assert "EXCHANGE_ACCESS_SECRET (secret, needed)" in shown
    code, again = typed(home, [b"hunter3\n", b"\x03"], *names)
    assert (code, "interrupted" in again) == (130, True), again
    assert kept(home) == {"EXCHANGE_ACCESS_KEY": "hunter2"}
    assert "hunter" not in shown + again


def typed(home: Path, keys: list[bytes], *names: str) -> tuple[int, str]:
    """`secrets set sandbox` on a terminal of its own, where somebody answers each question."""
    ours, theirs = os.openpty()
    argv = [str(Path(sys.executable).parent / "freqtrain"), "secrets", "set", "sandbox", *names, "--home", str(home)]
    child = """
import fcntl, os, signal, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
signal.signal(signal.SIGINT, signal.SIG_DFL)  # a background job of a shell ignores it, and so would its children
os.execv(sys.argv[1], sys.argv[1:])
"""
    running = subprocess.Popen(
        [sys.executable, "-c", child, *argv], cwd=ROOT, env=environment(), stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    try:
        for number, key in enumerate(keys):
            shown += _until(ours, f"{names[number]} (".encode())
            while _echoes(ours):
                time.sleep(0.01)
            os.write(ours, key)
        shown += _until(ours, None)
        return running.wait(timeout=300), shown.decode()
    finally:
        os.close(ours)
        running.kill()


def _until(terminal: int, mark: bytes | None) -> bytes:
    read = b""
    while mark is None or mark not in read:
        try:
            part = os.read(terminal, 4096)
        except OSError:  # the other end is closed
            return read
        if not part:
            return read
        read += part
    return read


def _echoes(terminal: int) -> bool:
    return bool(termios.tcgetattr(terminal)[3] & termios.ECHO)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A device on which a bundle was deployed to sandbox, and is down."""
    ledger = LedgerFile(tmp_path / "device" / "sandbox" / "ledger.jsonl", SystemClock(), FakeNarrator())
    for fact in (
        Deploying("sandbox", "dip", Purpose.DEPLOY, BUNDLE, "a", (), "operator"),
        Deployed("sandbox", "dip", BUNDLE, "a", "operator"),
    ):
        ledger.append(kind_of(fact), body_of(fact))
    return tmp_path / "device"


def test_a_deployment_takes_what_the_device_keeps(home: Path) -> None:
    lacking = called(home, "deploy", "sandbox", BUNDLE[7:19])
    assert (lacking.code, "EXCHANGE_ACCESS_SECRET is not set" in lacking.err) == (3, True)
    assert "freqtrain secrets set sandbox" in lacking.err
    assert (
        given(home, f"DRY_RUN=false\nEXCHANGE_ACCESS_KEY=a{KEY}\nEXCHANGE_ACCESS_SECRET={SECRET}", "sandbox").code == 0
    )
    empty = {"DRY_RUN": "", "EXCHANGE_ACCESS_KEY": "", "EXCHANGE_ACCESS_SECRET": ""}
    said = called(home, "deploy", "sandbox", BUNDLE[7:19], env=empty)
    assert "is not set" not in said.err
    assert "no bundle" in said.err, "the secrets were accepted, and only the bundle is not there"
    first = called(home, "deploy", "sandbox", BUNDLE[7:19], env={"DRY_RUN": "true"})
    assert "the variable DRY_RUN says true" in first.err, "the process comes first"


def test_what_others_could_read_starts_nothing_and_stops_no_emergency(home: Path) -> None:
    assert given(home, f"DRY_RUN=false\nEXCHANGE_ACCESS_KEY={KEY}\nEXCHANGE_ACCESS_SECRET=x", "sandbox").code == 0
    file = home / "sandbox" / "secrets.json"
    file.chmod(0o644)
    said = called(home, "deploy", "sandbox", BUNDLE[7:19])
    assert (said.code, f"chmod 600 {file}" in said.err) == (3, True), said.err
    stopped = called(home, "stop", "sandbox", "dip", "--reason", "x")
    assert "nothing is taken from this device's secrets" in stopped.err
    assert "stop by" in called(home, "status").out.replace("\n", " ")
    ledger = (home / "sandbox" / "ledger.jsonl").read_text()
    assert '"entries_stopped"' in ledger
    assert KEY not in ledger + stopped.err + said.err


def test_an_emergency_goes_on_though_what_is_kept_does_not_do(home: Path) -> None:
    assert given(home, f"DRY_RUN=true\nEXCHANGE_ACCESS_KEY={KEY}", "sandbox").code == 0
    stopped = called(home, "stop", "sandbox", "dip", "--reason", "x")
    assert "nothing is taken from this device's secrets" in stopped.err
    assert '"entries_stopped"' in (home / "sandbox" / "ledger.jsonl").read_text()


def test_checks_say_what_is_missing_by_name(home: Path) -> None:
    assert given(home, f"EXCHANGE_ACCESS_KEY={KEY}", "sandbox").code == 0
    said = called(home, "environment", "check", "sandbox")
    assert said.code == 0, said.err
    assert "sandbox: not here: DRY_RUN, EXCHANGE_ACCESS_SECRET" in said.err
    document = json.loads(called(home, "environment", "check", "--json").out)
    assert list(document["not_here"]) == ["sandbox"], "the others are not on this device"
    rows = json.loads(called(home, "preflight", "--json").out)["checks"]
    (row,) = [one for one in rows if one["name"] == "secrets of sandbox"]
    assert (row["standing"], row["advice"]) == ("weak", "freqtrain secrets set sandbox")
    assert "missing: DRY_RUN, EXCHANGE_ACCESS_SECRET" in row["found"]
    (home / "sandbox" / "secrets.json").chmod(0o640)
    rows = json.loads(called(home, "preflight", "--json").out)["checks"]
    (row,) = [one for one in rows if one["name"] == "secrets of sandbox"]
    assert (row["standing"], row["advice"].startswith("chmod 600 ")) == ("missing", True)


def test_a_variable_that_the_device_keeps_fills_its_leaf(tmp_path: Path) -> None:
    checkout, home = tmp_path / "checkout", tmp_path / "device"
    (checkout / "environments").mkdir(parents=True)
    text = (ROOT / "environments" / "test.yml").read_text()
    (checkout / "environments" / "ci.yml").write_bytes((ROOT / "environments" / "ci.yml").read_bytes())
    filled = [
        line.replace(line.split(": ", 1)[1], "${CAPITAL}") if line.startswith("  capital_per_bot:") else line
        for line in text.splitlines()
    ]
    assert "${CAPITAL}" in "\n".join(filled)
    (checkout / "environments" / "test.yml").write_text("\n".join(filled) + "\n")
    argv = ("environment", "check", "test", "--home", home)
    assert "the variable CAPITAL is not set" in freqtrain(*argv, cwd=checkout).out
    done = subprocess.run(
        [str(Path(sys.executable).parent / "freqtrain"), "secrets", "set", "test", "--home", str(home)],
        cwd=checkout, env=environment(), input=b"CAPITAL=123\n", capture_output=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = freqtrain(*argv, cwd=checkout)
    assert (said.code, "123 USDT a bot" in said.out) == (0, True), said.out


def test_an_emergency_is_given_no_variables_and_takes_those_of_the_last_deployment(home: Path, tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    (checkout / "environments").mkdir(parents=True)
    file = checkout / "environments" / "sandbox.yml"
    text = (ROOT / "environments" / "sandbox.yml").read_text()
    assert "\nstake: 20\n" in text
    file.write_text(text.replace("\nstake: 20\n", "\nstake: ${STAKE}\n"))
    argv = ("stop", "sandbox", "dip", "--reason", "x", "--home", home)
    unknown = freqtrain(*argv, cwd=checkout)
    assert (unknown.code, "the variable STAKE is not set" in unknown.err) == (3, True)
    reads = Reads({"sandbox.yml": file.read_bytes()}, {"STAKE": "20"})
    WatchHome(home, "sandbox", lambda: reads, "freqtrain", SystemClock()).prepare()
    stopped = freqtrain(*argv, cwd=checkout)
    assert "is not set" not in stopped.err
    assert '"entries_stopped"' in (home / "sandbox" / "ledger.jsonl").read_text()
    deployed = freqtrain("deploy", "sandbox", BUNDLE[7:19], "--home", home, cwd=checkout)
    assert "the variable STAKE is not set" in deployed.err, "what starts anew is given everything anew"
