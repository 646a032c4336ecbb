"""Listening to one chat on Telegram, in a thread of its own: whatever comes from elsewhere is counted, and nothing else is done about it."""

import threading
from collections.abc import Callable
from typing import Protocol

from pipeline.adapters.notices.telegram import BASE, LISTEN_SECONDS, NotDelivered, TelegramApi
from pipeline.domain.channels import Channels
from pipeline.domain.chat import Message

NAME = "chat"
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 2.0, 120.0
NOBODY_SECONDS = 15.0
"""How long until it looks again whether there is a chat to listen to."""

NONE_BEFORE = -1


class Note(Protocol):
    """Hears whether listening works, and how many messages more were ignored."""

    def __call__(self, what: str, problem: str = "", ignored: int = 0) -> None: ...


class Chat:
    """`channels` gives the chat, None where there is none to listen to now; `answer` says what a message of that chat is answered with."""

    def __init__(
        self,
        channels: Callable[[], Channels | None],
        answer: Callable[[Message], str],
        note: Note,
        base: str = BASE,
        listen_seconds: int = LISTEN_SECONDS,
    ) -> None:
        self._channels = channels
        self._answer = answer
        self._note = note
        self._base = base
        self._listen_seconds = listen_seconds
        self._ended = threading.Event()
        self._api: TelegramApi | None = None
        self._after = NONE_BEFORE
        self._wait = FIRST_WAIT_SECONDS

    def start(self) -> None:
        """Listen until the process ends, or `end` is called."""
        threading.Thread(target=self._run, name="chat", daemon=True).start()

    def end(self) -> None:
        """Listen no more, once what is asked now is answered."""
        self._ended.set()

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                wait = self._listen()
            except NotDelivered as error:
                self._note(NAME, error.message)
                wait = max(self._wait, min(error.wait_seconds, LONGEST_WAIT_SECONDS))
                self._wait = min(2 * self._wait, LONGEST_WAIT_SECONDS)
            except Exception as error:  # Whatever somebody writes, the watch goes on and listens.
                self._note(NAME, f"a message was not answered: {type(error).__name__}")
                wait = self._wait
            self._ended.wait(wait)

    def _listen(self) -> float:
        """Hear what was written, for as long as one question lasts; returns how long to wait before the next one, in seconds."""
        channels = self._channels()
        if channels is None or channels.telegram is None:
            return NOBODY_SECONDS
        if self._api is None or self._api.telegram != channels.telegram:
            self._api, self._after = TelegramApi(channels.telegram, self._base), NONE_BEFORE
        messages = self._api.messages(self._after, self._listen_seconds)
        self._wait = FIRST_WAIT_SECONDS
        self._note(NAME)
        for message in messages:
            self._after = max(self._after, message.number)
            if message.chat != channels.telegram.chat.reveal():
                self._note(NAME, ignored=1)
            elif message.text.startswith("/"):
                self._api.send(self._answer(message))
        return 0.0
