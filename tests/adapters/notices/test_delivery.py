"""A message through the real apprise, in a process of its own, to a service of the loopback."""

import subprocess

import pytest

from pipeline.adapters.notices.delivery import Delivery
from pipeline.adapters.notices.telegram import NotDelivered
from pipeline.domain.channels import Channels, channels_of
from pipeline.domain.trading import Secret, Secrets
from tests.adapters.notices.receiver import CHAT, TOKEN, Receiver
from tests.canary import leaks_in

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
