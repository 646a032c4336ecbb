"""`freqtrain report` and `freqtrain incident` as a person calls them."""

import gc
import json
import re
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.cli.boundary import run
from tests.canary import leaks_in
from tests.cli.freqtrain import ROOT, Said, freqtrain
from tests.incident_ground import PLANTED, Wreck, wreck

pytestmark = pytest.mark.processes

DAYS = ("--days", "3000")
"""The story is of a spring, and the command's clock is the machine's."""


Called = Callable[..., Said]


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Called:
    """The command within this process: what imports nothing of its own need not be started anew."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    threshold = gc.get_threshold()

    def call(*arguments: str | Path) -> Said:
        try:
            code = run([str(argument) for argument in arguments])
        finally:
            gc.set_threshold(*threshold)
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return call


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> Wreck:
    return wreck(tmp_path_factory.mktemp("device") / "home")


def test_a_report_lands_among_the_environments_own_and_says_where(device: Wreck, called: Called) -> None:
    said = freqtrain("report", "sandbox", *DAYS, "--home", device.home)
    assert said.code == 0, said.err
    file = Path(said.out.splitlines()[-1])
    assert file.parent == device.own / "reports"
    assert re.fullmatch(r"report-\d{4}-\d\d-\d\d\.html", file.name)
    assert "1 strategy: " in said.out
    assert file.read_text().startswith("<!DOCTYPE html>")


def test_a_program_is_told_the_same_and_the_page_lands_where_it_asks(
    device: Wreck, tmp_path: Path, called: Called
) -> None:
    page = tmp_path / "pages" / "x.html"
    said = called("report", "sandbox", *DAYS, "--home", device.home, "--out", page, "--json")
    assert said.code == 0, said.err
    told = json.loads(said.out)
    assert next(iter(told)) == "outcome"
    assert (told["file"], page.is_file()) == (str(page), True)
    assert [one["strategy"] for one in told["strategies"]] == ["sma_trend"]
    assert called("report", "nowhere", "--home", device.home).code == 2


def test_an_incident_is_packed_shown_unpacked_and_checked(device: Wreck, tmp_path: Path, called: Called) -> None:
    archive, home = tmp_path / "case.tar.gz", ("--home", device.home)
    packed = freqtrain("incident", "sandbox", "--since", "2026-02-19", "--out", archive, *home, "--json", cwd=tmp_path)
    assert packed.code == 0, packed.err
    assert next(iter(json.loads(packed.out))) == "outcome"
    assert not leaks_in(packed.out.encode() + packed.err.encode(), PLANTED)

    shown = called("incident", "show", archive)
    assert shown.code == 0, shown.err
    assert "stood in slot b" in shown.out
    assert "held: brake since 2026-03-01 09:00 UTC" in shown.out
    assert json.loads(called("incident", "show", archive, "--json").out)["outcome"] == "DONE"

    again = called("incident", "replay", archive)
    assert (again.code, "daily_loss_max_ratio: what it read was not kept" in again.out) == (11, True)
    assert "decision made: the policy in force is not packed" in again.out  # the story's exchange is none

    folder = tmp_path / "braked"
    assert called("incident", "unpack", archive, folder).code == 0
    assert (folder / "expected.json").is_file()
    assert not (folder / "observations.sqlite").exists()
    assert called("incident", "check", folder).code == 0
    assert called("incident", "check", archive, "--expects", folder / "expected.json").code == 0
    (folder / "expected.json").write_text('{"entries": 0}')
    differs = called("incident", "check", folder, "--json")
    assert (differs.code, json.loads(differs.out)["outcome"]) == (10, "FAIL")

    again = called("incident", "pack", "sandbox", "--out", archive, *home)
    assert (again.code, "is there already" in again.err) == (2, True)
    archive.write_bytes(archive.read_bytes()[:-20])
    assert called("incident", "show", archive).code == 3


def test_what_was_braked_and_decided_is_said_again_and_a_difference_has_an_exit_code(
    called: Called, tmp_path: Path
) -> None:
    case = tmp_path / "case"
    shutil.copytree(ROOT / "tests" / "incidents" / "a_fall_that_braked_an_account", case)
    same = called("incident", "replay", case)
    assert (same.code, "6 entries of the ledger, 6 with the same outcome and reason" in same.out) == (0, True), same.err
    assert "released: by owner" in same.out

    replayed = (case / "replay.json").read_text()
    (case / "replay.json").write_text(replayed.replace('"limit": 0.2', '"limit": 0.25'))
    differs = called("incident", "replay", case)
    assert differs.code == 10
    assert "recorded: The drawdown is 21.25 % (limit 20 %)." in differs.out
    assert "today: not braked (PASS): The drawdown is 21.25 % (limit 25 %)." in differs.out
    told = json.loads(called("incident", "replay", case, "--json").out)
    assert (next(iter(told)), told["outcome"], told["cases"][0]["same"]) == ("outcome", "FAIL", False)
    assert called("incident", "check", case).code == 10

    (case / "replay.json").unlink()
    assert called("incident", "replay", case).code == 11


def test_an_incident_that_would_tell_a_secret_is_refused(device: Wreck, tmp_path: Path, called: Called) -> None:
    other = device.copy(tmp_path / "home")
    names = other.own / "watch" / "environments" / "sandbox.yml"
    names.write_text(names.read_text() + "# a comment that is 000123456789\n")
    kept = called("incident", "sandbox", "--out", tmp_path / "a.tar.gz", "--home", other.home)
    assert kept.code == 0, kept.err  # what is text is blacked out
    (other.own / "logs" / "000123456789.log").write_text("x")
    named = called("incident", "sandbox", "--out", tmp_path / "b.tar.gz", "--home", other.home)
    assert (named.code, (tmp_path / "b.tar.gz").exists()) == (3, False)
    assert "find out how it got there" in named.err
    shutil.rmtree(other.home)


def test_the_help_of_incident_names_its_verbs(called: Called) -> None:
    said = called("incident", "--help")
    assert said.code == 0
    assert all(name in said.out for name in ("pack", "show", "unpack", "replay", "check"))
    assert called("incident", "nowhere", "--out", "/tmp/never.tar.gz", "--home", "/tmp/never-a-home").code == 2
