"""`freqtrain report` and `freqtrain incident` as a person calls them."""

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.canary import leaks_in
from tests.cli.freqtrain import freqtrain
from tests.incident_ground import PLANTED, Wreck, wreck
from tests.render.browser import browse, complaints

pytestmark = pytest.mark.processes

DAYS = ("--days", "3000")
"""The story is of a spring, and the command's clock is the machine's."""


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> Wreck:
    return wreck(tmp_path_factory.mktemp("device") / "home")


def test_a_report_lands_among_the_environments_own_and_says_where(device: Wreck) -> None:
    said = freqtrain("report", "sandbox", *DAYS, "--home", device.home)
    assert said.code == 0, said.err
    file = Path(said.out.splitlines()[-1])
    assert file.parent == device.own / "reports"
    assert re.fullmatch(r"report-\d{4}-\d\d-\d\d\.html", file.name)
    assert "1 strategy: " in said.out
    assert file.read_text().startswith("<!DOCTYPE html>")


def test_a_program_is_told_the_same_and_the_page_lands_where_it_asks(device: Wreck, tmp_path: Path) -> None:
    page = tmp_path / "pages" / "x.html"
    said = freqtrain("report", "sandbox", *DAYS, "--home", device.home, "--out", page, "--json")
    assert said.code == 0, said.err
    told = json.loads(said.out)
    assert next(iter(told)) == "outcome"
    assert (told["file"], page.is_file()) == (str(page), True)
    assert [one["strategy"] for one in told["strategies"]] == ["sma_trend"]
    assert freqtrain("report", "nowhere", "--home", device.home).code == 2


def test_an_incident_is_packed_shown_unpacked_and_checked(device: Wreck, tmp_path: Path) -> None:
    archive, home = tmp_path / "case.tar.gz", ("--home", device.home)
    packed = freqtrain("incident", "sandbox", "--since", "2026-02-19", "--out", archive, *home, "--json", cwd=tmp_path)
    assert packed.code == 0, packed.err
    assert next(iter(json.loads(packed.out))) == "outcome"
    assert not leaks_in(packed.out.encode() + packed.err.encode(), PLANTED)

    shown = freqtrain("incident", "show", archive)
    assert shown.code == 0, shown.err
    assert "stood in slot b" in shown.out
    assert "held: brake since 2026-03-01 09:00 UTC" in shown.out
    assert json.loads(freqtrain("incident", "show", archive, "--json").out)["outcome"] == "DONE"

    folder = tmp_path / "braked"
    assert freqtrain("incident", "unpack", archive, folder).code == 0
    assert (folder / "expected.json").is_file()
    assert not (folder / "observations.sqlite").exists()
    assert freqtrain("incident", "check", folder).code == 0
    assert freqtrain("incident", "check", archive, "--expects", folder / "expected.json").code == 0
    (folder / "expected.json").write_text('{"entries": 0}')
    differs = freqtrain("incident", "check", folder, "--json")
    assert (differs.code, json.loads(differs.out)["outcome"]) == (10, "FAIL")

    again = freqtrain("incident", "pack", "sandbox", "--out", archive, *home)
    assert (again.code, "is there already" in again.err) == (2, True)
    archive.write_bytes(archive.read_bytes()[:-20])
    assert freqtrain("incident", "show", archive).code == 3


def test_an_incident_that_would_tell_a_secret_is_refused(device: Wreck, tmp_path: Path) -> None:
    other = device.copy(tmp_path / "home")
    names = other.own / "watch" / "environments" / "sandbox.yml"
    names.write_text(names.read_text() + "# a comment that is 000123456789\n")
    kept = freqtrain("incident", "sandbox", "--out", tmp_path / "a.tar.gz", "--home", other.home, cwd=tmp_path)
    assert kept.code == 0, kept.err  # what is text is blacked out
    (other.own / "logs" / "000123456789.log").write_text("x")
    named = freqtrain("incident", "sandbox", "--out", tmp_path / "b.tar.gz", "--home", other.home, cwd=tmp_path)
    assert (named.code, (tmp_path / "b.tar.gz").exists()) == (3, False)
    assert "find out how it got there" in named.err
    shutil.rmtree(other.home)


def test_the_help_of_incident_names_its_verbs() -> None:
    said = freqtrain("incident", "--help")
    assert said.code == 0
    assert all(name in said.out for name in ("pack", "show", "unpack", "check"))
    assert freqtrain("incident", "nowhere", "--out", "/tmp/never.tar.gz", "--home", "/tmp/never-a-home").code == 2


@pytest.mark.sockets
def test_the_page_in_a_packed_incident_opens_in_a_browser(device: Wreck, tmp_path: Path) -> None:
    archive = tmp_path / "case.tar.gz"
    assert freqtrain("incident", "sandbox", "--since", "2026-02-19", "--out", archive, "--home", device.home).code == 0
    assert freqtrain("incident", "unpack", "--all", archive, tmp_path / "whole").code == 0
    seen = browse(tmp_path / "whole" / "report.html", tmp_path / "profile", "--dump-dom")
    assert complaints(seen.stderr) == []
    assert "sma_trend" in seen.stdout
