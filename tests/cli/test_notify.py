"""`freqtrain notify` as a person calls it, with a service of the loopback at the other end."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.adapters.notices.reach_file import ReachFile
from pipeline.domain.notices import Reached
from tests.adapters.notices.receiver import Receiver, receiver
from tests.canary import files_with, leaks_in
from tests.cli.freqtrain import ROOT, Said, freqtrain

pytestmark = [pytest.mark.processes, pytest.mark.sockets]

WORD = "canary-word-of-apprise"


@pytest.fixture
def service() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


def notify(home: Path, *arguments: str, url: str = "") -> Said:
    env = {"APPRISE_URL": url} if url else {}
    return freqtrain("notify", "test", *arguments, "--home", home, cwd=ROOT, env=env)


def test_it_tells_says_what_came_of_it_and_can_be_taken_back(tmp_path: Path, service: Receiver) -> None:
    said = notify(tmp_path, "--test", url=service.json_url)
    assert (said.code, said.out) == (0, "json: told\n"), said.err
    assert [text.partition(".")[0] for text in service.texts()] == [
        "This is a test: what happens in 'test' is told here"
    ]
    assert service.asked[0][1]["attachments"][0]["mimetype"] == "image/png"
    service.status = 500
    again = notify(tmp_path, "--test", "--json")
    document = json.loads(again.out)
    assert (again.code, next(iter(document)), document["outcome"]) == (4, "outcome", "TOOL"), again.err
    assert document["tested"][0]["channel"] == "json"
    assert document["notifications"][0]["channels"] == ["json"]
    assert files_with(tmp_path, (WORD,)) == {tmp_path / "test" / "watch" / "secrets.json"}
    assert not leaks_in("".join((said.out, said.err, again.out, again.err)).encode(), (WORD,))
    reach = ReachFile(tmp_path / "test")
    reach.write(Reached(1, 3, 1))
    gone = notify(tmp_path, "--forget")
    assert (gone.code, gone.out) == (0, "test: nobody is told any more\n"), gone.err
    assert files_with(tmp_path, (WORD,)) == set()
    assert reach.read() is None
