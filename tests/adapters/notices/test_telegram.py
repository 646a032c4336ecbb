"""The part of Telegram's Bot API that is spoken: plain text to one chat, and what was written to the bot."""

import json
from datetime import UTC, datetime

import pytest

from pipeline.adapters.notices.telegram import MOST_CHARACTERS, NotDelivered, TelegramApi
from pipeline.domain.channels import Telegram
from pipeline.domain.chat import Message
from pipeline.domain.trading import Secret
from tests.adapters.notices.receiver import CHAT, TOKEN, Receiver

pytestmark = pytest.mark.sockets


def api(service: Receiver) -> TelegramApi:
    return TelegramApi(Telegram(Secret(TOKEN), Secret(CHAT)), service.url)


def test_what_is_written_is_no_markup_and_shows_no_page(service: Receiver) -> None:
    api(service).send("<b>dip</b> *was* braked " + "x" * 9000)
    ((path, said),) = service.asked
    assert path == f"/bot{TOKEN}/sendMessage"
    assert said["text"].startswith("<b>dip</b> *was* braked")
    assert len(said["text"]) == MOST_CHARACTERS
    assert (said["chat_id"], said["link_preview_options"]) == (CHAT, {"is_disabled": True})
    assert "parse_mode" not in said


@pytest.mark.parametrize(
    ("status", "means"),
    [
        (401, "does not accept the token"),
        (400, "is the chat the right one"),
        (409, "somebody else listens"),
        (502, "status 502"),
    ],
)
def test_a_refusal_says_what_it_means_and_shows_no_secret(service: Receiver, status: int, means: str) -> None:
    service.status = status
    with pytest.raises(NotDelivered, match=means) as refused:
        api(service).send("x")
    assert TOKEN not in refused.value.message


def test_too_many_messages_are_left_alone_for_as_long_as_it_asks(service: Receiver) -> None:
    service.status = 429
    with pytest.raises(NotDelivered) as refused:
        api(service).send("x")
    assert refused.value.wait_seconds == 33.0


def test_what_was_written_comes_once_and_what_is_no_message_comes_from_no_chat(service: Receiver) -> None:
    service.wrote("/status", at=1_767_600_000)
    service.updates.append({"update_id": 2, "my_chat_member": {"from": {"id": 3}}})
    first, second = api(service).messages(-1, 0)
    assert first == Message(1, CHAT, "ada", datetime.fromtimestamp(1_767_600_000, UTC), "/status")
    assert (second.number, second.chat, second.text) == (2, "", "")
    assert api(service).messages(2, 0) == ()


@pytest.mark.parametrize("nonsense", [b"", b"[]", b'{"ok": true, "result": 7}', b"<html>", b'{"ok": 1, "result": []}'])
def test_nonsense_is_no_message(service: Receiver, nonsense: bytes) -> None:
    strange = TelegramApi(Telegram(Secret("9:z"), Secret(CHAT)), service.url)
    service.answer = nonsense
    with pytest.raises(NotDelivered):
        strange.messages(-1, 0)


def test_fields_of_other_types_are_read_as_nothing(service: Receiver) -> None:
    message = {"chat": "x", "from": 3, "date": "today", "text": {"a": 1}}
    service.answer = json.dumps({"ok": True, "result": [{"update_id": "x", "message": message}, 3]}).encode()
    (found,) = TelegramApi(Telegram(Secret("9:z"), Secret(CHAT)), service.url).messages(-1, 0)
    assert (found.number, found.chat, found.by, found.text) == (0, "", "somebody", "")
