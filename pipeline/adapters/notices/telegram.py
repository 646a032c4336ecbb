"""Telegram's Bot API, as far as a bot that speaks with one chat needs it: https://core.telegram.org/bots/api."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from pipeline.adapters.notices.asking import Answered, OutOfReach, ask
from pipeline.domain.canonical import Plain
from pipeline.domain.channels import Channels, Telegram, without
from pipeline.domain.chat import Message
from pipeline.errors import ToolFailed
from pipeline.render.plain import plain_text

BASE = "https://api.telegram.org"
SEND_SECONDS = 15.0
LISTEN_SECONDS = 25
"""How long Telegram may wait with its answer until somebody writes; the longest that a proxy on the way usually lets a connection be silent is 30."""

MOST_CHARACTERS, MOST_OF_CAPTION = 4096, 1024
"""Of a text, and of the words below a picture."""

MOST_UPDATES = 20


class NotDelivered(ToolFailed):
    """It did not get there: the message says why, without a secret; the service wants to be left alone for `wait_seconds`."""

    def __init__(self, problem: str, wait_seconds: float = 0.0) -> None:
        super().__init__(problem)
        self.wait_seconds = wait_seconds


@dataclass(frozen=True, slots=True)
class TelegramApi:
    """One bot of Telegram's. Only tests give another `base`."""

    telegram: Telegram
    base: str = BASE

    def send(self, text: str) -> None:
        """Write into the chat: plain text, of which Telegram takes nothing for markup, and shows no page that it might name.

        Raises:
            NotDelivered: it is not there, as far as is known.
        """
        chat = self.telegram.chat.reveal()
        wanted: dict[str, Plain] = {
            "chat_id": chat,
            "text": text[:MOST_CHARACTERS],
            "link_preview_options": {"is_disabled": True},
        }
        self._call("sendMessage", wanted, SEND_SECONDS)

    def send_picture(self, png: bytes, words: str, *, silent: bool = False) -> None:
        """Show a picture in the chat, with plain words below it; `silent`, no phone rings. Raises as `send`."""
        fields = {"chat_id": self.telegram.chat.reveal(), "disable_notification": json.dumps(silent)}
        kind, content = form({**fields, **({"caption": words} if words else {})}, "photo", "week.png", png)
        self._called("sendPhoto", content, SEND_SECONDS, kind)

    def messages(self, after: int, listen_seconds: int = LISTEN_SECONDS) -> tuple[Message, ...]:
        """What was written to the bot, by whomever, after the update of that number; waits for it. Telegram forgets what came before.

        Raises:
            NotDelivered: Telegram cannot be asked, or does not answer that.
        """
        wanted: dict[str, Plain] = {
            "offset": after + 1,
            "limit": MOST_UPDATES,
            "timeout": listen_seconds,
            "allowed_updates": ["message"],
        }
        updates = self._call("getUpdates", wanted, listen_seconds + SEND_SECONDS)
        if not isinstance(updates, list):
            raise NotDelivered("Telegram answered something else")
        return tuple(_message(update) for update in updates if isinstance(update, dict))

    def _call(self, method: str, wanted: dict[str, Plain], seconds: float) -> Plain:
        return self._called(method, json.dumps(wanted).encode(), seconds, "application/json")

    def _called(self, method: str, content: bytes, seconds: float, kind: str) -> Plain:
        token = self.telegram.token.reveal()
        try:
            answered = ask(f"{self.base}/bot{token}/{method}", content, seconds, kind)
        except OutOfReach as error:
            raise NotDelivered(f"Telegram is out of reach: {error}") from None
        said = answered.json()
        if answered.status == 200 and isinstance(said, dict) and said.get("ok") is True:
            return said.get("result")
        raise self._refusal(answered, said)

    def _refusal(self, answered: Answered, said: Plain) -> NotDelivered:
        answer = said if isinstance(said, dict) else {}
        given = answer.get("parameters")
        asked = given.get("retry_after") if isinstance(given, dict) else 0
        wait = float(asked) if isinstance(asked, int) and asked > 0 else 0.0
        own = answer.get("description")
        words = plain_text(without(own, Channels(self.telegram).hidden), 120) if isinstance(own, str) else ""
        meant = _MEANS.get(answered.status, f"Telegram answered with status {answered.status}")
        return NotDelivered(f"{meant}{f' (it says: {words})' if words else ''}", wait)


def is_caption(words: str) -> bool:
    """Whether they have room below a picture; Telegram counts units of UTF-16."""
    return len(words.encode("utf-16-le", "replace")) // 2 <= MOST_OF_CAPTION


def form(fields: Mapping[str, str], name: str, file: str, png: bytes) -> tuple[str, bytes]:
    """Content type and content of a form with one picture in it (RFC 7578); the boundary is in none of its parts."""
    parts = [(f'name="{key}"', value.encode(errors="replace")) for key, value in fields.items()]
    parts.append((f'name="{name}"; filename="{file}"\r\nContent-Type: image/png', png))
    boundary = sha256(b"".join(content for _, content in parts)).hexdigest()
    told = [
        f"--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content + b"\r\n"
        for head, content in parts
    ]
    return f"multipart/form-data; boundary={boundary}", b"".join(told) + f"--{boundary}--\r\n".encode()


_MEANS = {
    400: "Telegram does not take it; is the chat the right one, and did it ever write to the bot?",
    401: "Telegram does not accept the token",
    403: "Telegram says that the bot may not write to the chat",
    404: "Telegram does not accept the token",
    409: "somebody else listens with the same token",
    429: "Telegram takes no more messages for now",
}


def _message(update: dict[str, Plain]) -> Message:
    """An update that is no message of a person's is one from no chat."""
    number = update.get("update_id")
    found = update.get("message")
    message = found if isinstance(found, dict) else {}
    chat, sender = message.get("chat"), message.get("from")
    person = sender if isinstance(sender, dict) else {}
    name = person.get("username") or person.get("id") or "somebody"
    at, text = message.get("date"), message.get("text")
    return Message(
        number if isinstance(number, int) else 0,
        str(chat.get("id", "")) if isinstance(chat, dict) else "",
        plain_text(str(name), 40),
        datetime.fromtimestamp(at, UTC)
        if isinstance(at, int) and 0 <= at < 1 << 40
        else datetime.min.replace(tzinfo=UTC),
        text if isinstance(text, str) else "",
    )
