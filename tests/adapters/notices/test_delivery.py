"""A message through the real apprise, in a process of its own, to a service of the loopback."""

import base64
import subprocess
from pathlib import Path

import pytest

from pipeline.adapters.notices import delivery
from pipeline.adapters.notices.delivery import Delivery
from pipeline.adapters.notices.picture import NotShown, draw
from pipeline.adapters.notices.telegram import NotDelivered
from pipeline.domain.channels import Channels, channels_of
from pipeline.domain.trading import Secret, Secrets
from pipeline.render.notices import Illustrated
from tests.adapters.notices.receiver import CHAT, TOKEN, Receiver
from tests.canary import leaks_in
from tests.domain.test_week_picture import PICTURE

pytestmark = [pytest.mark.sockets, pytest.mark.processes]

LONG = 120.0
"""Seconds; apprise takes one or two, and on a loaded machine many times that."""

HOSTILE = "dip: <script>alert(1)</script> *bold* \\n {app_id} :smile:"


def channels(*addresses: str) -> Channels:
    return channels_of(
        Secrets(telegram_token=Secret(TOKEN), telegram_chat_id=Secret(CHAT), apprise_url=Secret(" ".join(addresses)))
    )


def test_the_words_arrive_as_they_are(service: Receiver) -> None:
    Delivery(seconds=LONG)(channels(service.json_url), "json", "freqtrain · prod", HOSTILE)
    ((path, said),) = service.asked
    assert path == "/hooks/canary-word-of-apprise"
    assert (said["title"], said["message"]) == ("freqtrain · prod", HOSTILE)


def test_telegram_is_written_to_without_another_process(service: Receiver) -> None:
    Delivery(service.url)(channels(), "telegram", "freqtrain · prod", HOSTILE)
    assert service.texts() == [f"freqtrain · prod\n{HOSTILE}"]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("drawn") / "original.png"
    draw(PICTURE, path)
    return path.read_bytes()


@pytest.fixture
def original(drawn: bytes, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """The picture's bytes, drawn once and put wherever it is to be drawn."""
    monkeypatch.setattr(delivery, "draw", lambda _, path: path.write_bytes(drawn))
    return drawn


WEEK = Illustrated("dip: 7 trades closed.", PICTURE)
LETTERS = "dip: 7 trades closed.\n▁▂▃▄▅▆▇█"


def told(service: Receiver, name: str, *addresses: str, text: str = LETTERS, week: Illustrated = WEEK) -> str:
    made = Delivery(service.url)
    return made(channels(*addresses), name, "freqtrain · prod: the week", text, week)


def test_a_picture_arrives_byte_for_byte_with_its_words(service: Receiver, original: bytes) -> None:
    assert told(service, "json", service.json_url) == ""
    ((_, said),) = service.asked
    assert (said["title"], said["message"]) == ("freqtrain · prod: the week", WEEK.text)
    (attached,) = said["attachments"]
    assert (attached["filename"], attached["mimetype"]) == ("week.png", "image/png")
    assert base64.b64decode(attached["base64"]) == original


def test_a_picture_arrives_as_a_file_of_a_form(service: Receiver, original: bytes) -> None:
    assert told(service, "form", service.json_url.replace("json", "form")) == ""
    ((_, said),) = service.asked
    assert said["message"] == WEEK.text
    assert [value for value in said.values() if isinstance(value, bytes)] == [original]


def test_one_that_takes_no_pictures_gets_the_words_with_letters(service: Receiver, original: bytes) -> None:
    address = service.json_url.replace("json", "gotify")
    assert told(service, "gotify", address) == "the service takes no pictures"
    ((_, said),) = service.asked
    assert said["message"] == LETTERS


def test_one_that_refuses_the_picture_gets_the_words(service: Receiver, original: bytes) -> None:
    service.refuses = ("picture",)
    lacking = told(service, "json", service.json_url)
    assert "400" in lacking
    assert not leaks_in(lacking.encode(), ("canary-word-of-apprise",))
    (_, (_, said)) = service.asked
    assert (said["message"], said["attachments"]) == (LETTERS, [])


def test_one_that_refuses_everything_was_not_told(service: Receiver, original: bytes) -> None:
    service.refuses = ("/sendPhoto", "/sendMessage")
    with pytest.raises(NotDelivered, match="Telegram does not take it"):
        told(service, "telegram")
    assert [path.rpartition("/")[2] for path, _ in service.asked] == ["sendPhoto", "sendMessage"]


def test_without_a_picture_the_words_go_all_the_same(service: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise NotShown("Pillow is not installed")

    monkeypatch.setattr(delivery, "draw", fails)
    assert told(service, "telegram") == "Pillow is not installed"
    assert service.texts() == [f"freqtrain · prod: the week\n{LETTERS}"]


def test_a_disk_without_room_for_the_picture_keeps_no_words_back(
    service: Receiver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(delivery.TemporaryDirectory, "__init__", full_disk)
    assert told(service, "telegram") == "there is no room to draw it: No space left on device"
    assert service.texts() == [f"freqtrain · prod: the week\n{LETTERS}"]


def full_disk(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


def test_in_telegram_the_words_stand_below_the_picture(service: Receiver, original: bytes) -> None:
    assert told(service, "telegram") == ""
    ((path, said),) = service.asked
    assert path.endswith("/sendPhoto")
    assert said == {
        "chat_id": CHAT,
        "disable_notification": "false",
        "caption": f"freqtrain · prod: the week\n{WEEK.text}",
        "photo": original,
    }


def test_where_there_is_no_room_below_it_the_picture_follows_and_no_phone_rings_twice(
    service: Receiver, original: bytes
) -> None:
    words = "\n".join(f"strategy {number}: 7 trades closed." for number in range(40))
    assert told(service, "telegram", text=words, week=Illustrated(words, PICTURE)) == ""
    (first, said), (second, shown) = service.asked
    assert (first[-12:], second[-10:]) == ("/sendMessage", "/sendPhoto")
    assert said["text"] == f"freqtrain · prod: the week\n{words}"
    assert shown == {"chat_id": CHAT, "disable_notification": "true", "photo": original}


@pytest.mark.parametrize("lines", [1, 40])
def test_a_chat_that_takes_no_picture_gets_the_words_once(service: Receiver, original: bytes, lines: int) -> None:
    service.refuses = ("/sendPhoto",)
    words = "\n".join(f"strategy {number}: 7 trades closed." for number in range(lines))
    lacking = told(service, "telegram", text=words, week=Illustrated(words, PICTURE))
    assert lacking.startswith("Telegram does not take it")
    assert [said["text"] for path, said in service.asked if path.endswith("/sendMessage")] == [
        f"freqtrain · prod: the week\n{words}"
    ]


def test_telegram_that_wants_to_be_left_alone_is(service: Receiver, original: bytes) -> None:
    service.status = 429
    with pytest.raises(NotDelivered) as failed:
        told(service, "telegram")
    assert failed.value.wait_seconds == 33.0
    assert len(service.asked) == 1


def test_a_service_that_refuses_is_told_without_its_address(service: Receiver) -> None:
    service.status = 401
    with pytest.raises(NotDelivered) as failed:
        Delivery(seconds=LONG)(channels(service.json_url), "json", "t", "x")
    assert "401" in failed.value.message
    assert not leaks_in(failed.value.message.encode(), ("canary-word-of-apprise",))


def test_one_that_drips_is_ended(service: Receiver) -> None:
    service.drips = True
    with pytest.raises(NotDelivered, match="it did not go within 4 s"):
        Delivery(seconds=4.0)(channels(service.json_url), "json", "t", "x")


@pytest.mark.parametrize("address", ["nosuch://x/canary-word", "json://", "canary-word-alone"])
def test_an_address_that_apprise_does_not_know_is_told_as_that(address: str) -> None:
    found = channels(address)
    with pytest.raises(NotDelivered, match="does not understand the address") as failed:
        Delivery(seconds=LONG)(found, found.names[-1], "t", "x")
    assert "canary-word" not in failed.value.message


def test_a_machine_that_starts_nothing_more_is_told_as_that(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess.Popen, "__init__", full)
    with pytest.raises(NotDelivered, match="could not be started: Resource temporarily unavailable"):
        Delivery(seconds=LONG)(channels("json://127.0.0.1:1"), "json", "t", "x")
