"""One chat is listened to, by long questions; whatever comes from elsewhere is counted and answered with nothing."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.notices.channel_file import ChannelFile
from pipeline.adapters.notices.chat import Chat
from pipeline.adapters.notices.delivery import Delivery
from pipeline.adapters.notices.sender import NoticeSender
from pipeline.domain.channels import Channels, Telegram
from pipeline.domain.chat import Message
from pipeline.domain.trading import Secret, Secrets
from pipeline.flows.chat import ChatGround, answer
from pipeline.wiring.notices import notice_lines
from tests.adapters.notices.receiver import CHAT, TOKEN, Receiver
from tests.fakes import FakeNarrator
from tests.flows.road_ground import OLD, running

pytestmark = pytest.mark.sockets

LONG = 60.0


@dataclass
class Listener:
    """What was asked, what was noted; `fails` makes answering a mistake of ours."""

    service: Receiver
    fails: bool = False
    asked: list[Message] = field(default_factory=list)
    notes: list[tuple[str, int]] = field(default_factory=list)
    there: bool = True

    def channels(self) -> Channels | None:
        return Channels(Telegram(Secret(TOKEN), Secret(CHAT))) if self.there else None

    def answer(self, message: Message) -> str:
        self.asked.append(message)
        if self.fails and len(self.asked) == 1:
            raise KeyError("x")
        return f"answered: {message.text}"

    def note(self, what: str, problem: str = "", ignored: int = 0) -> None:
        self.notes.append((problem, ignored))

    @contextmanager
    def listening(self) -> Iterator[None]:
        chat = Chat(self.channels, self.answer, self.note, self.service.url, 1)
        chat.start()
        try:
            yield
        finally:
            chat.end()


def until(what: object) -> None:
    """Wait until a condition holds."""
    assert callable(what)
    for _ in range(int(LONG * 20)):
        if what():
            return
        threading.Event().wait(0.05)
    pytest.fail("it did not come")


def test_the_chat_is_answered_and_others_are_ignored_and_counted(service: Receiver) -> None:
    listener = Listener(service)
    service.wrote("/stop", chat="666")
    service.wrote("/status")
    service.wrote("good morning, all")
    service.wrote("/stop", chat=f"-{CHAT}")
    with listener.listening():
        until(lambda: service.texts() == ["answered: /status"])
        service.wrote("/stop dip", by="ben")
        until(lambda: service.texts() == ["answered: /status", "answered: /stop dip"])
    assert [(one.text, one.by) for one in listener.asked] == [("/status", "ada"), ("/stop dip", "ben")]
    assert sum(ignored for _, ignored in listener.notes) == 2


def test_a_message_is_heard_once(service: Receiver) -> None:
    listener = Listener(service)
    service.wrote("/stop")
    with listener.listening():
        until(lambda: sum(path.endswith("getUpdates") for path, _ in service.asked) >= 3)
    assert [one.text for one in listener.asked] == ["/stop"]
    offsets = [said["offset"] for path, said in service.asked if path.endswith("getUpdates")]
    assert offsets[:2] == [0, 2]


def test_a_service_that_is_out_of_order_is_noted_and_asked_again_later(service: Receiver) -> None:
    listener = Listener(service)
    service.status = 409
    with listener.listening():
        until(lambda: any("somebody else listens" in problem for problem, _ in listener.notes))
        service.status = 200
    assert TOKEN not in str(listener.notes)


def test_a_mistake_of_ours_ends_nothing(service: Receiver) -> None:
    listener = Listener(service, fails=True)
    service.wrote("/status")
    service.wrote("/stop")
    with listener.listening():
        until(lambda: service.texts() == ["answered: /stop"])
    assert any("was not answered: KeyError" in problem for problem, _ in listener.notes)


def test_nobody_is_asked_while_there_is_no_chat(service: Receiver) -> None:
    listener = Listener(service, there=False)
    with listener.listening():
        threading.Event().wait(0.3)
    assert service.asked == []


def test_a_stop_that_is_written_in_the_chat_ends_entries_and_one_from_elsewhere_does_not(
    service: Receiver, tmp_path: Path
) -> None:
    """All of it together: the channels as the watch reads them, Telegram's double, the flow, a device whose bot enters."""
    device, clock = running(tmp_path / "device"), SystemClock()
    ChannelFile(tmp_path / "test").keep(
        Secrets(telegram_token=Secret(TOKEN), telegram_chat_id=Secret(CHAT)), clock.now()
    )
    sender = NoticeSender("test", tmp_path / "test", clock, FakeNarrator(), Delivery(service.url))
    sender.start()
    heard = ChatGround(clock, device.road)
    chat = Chat(sender.channels, lambda message: answer(message, heard), sender.note, service.url, 1)
    now = int(clock.now().timestamp())
    service.wrote("/stop", chat="666", at=now)
    service.wrote("/status", at=now)
    chat.start()
    until(lambda: len(service.texts()) == 1)
    assert (device.entering(), ", enters" in service.texts()[0]) == ([OLD], True)
    service.wrote("/stop", by="ben", at=now)
    until(lambda: len(service.texts()) == 2)
    chat.end()
    sender.close(LONG)
    assert device.entering() == []
    assert "stopped" in service.texts()[1]
    assert "entries_stopped" in device.kinds()
    (line,) = notice_lines("test", tmp_path)
    assert "1 messages from other chats were ignored" in line.told
