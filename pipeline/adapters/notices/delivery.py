"""One message to one channel: Telegram by itself, everything else through apprise in a process of its own that ends in time."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass

from pipeline.adapters.notices.telegram import BASE, NotDelivered, TelegramApi
from pipeline.adapters.process import run
from pipeline.adapters.supervisor.master import ROOT
from pipeline.domain.channels import TELEGRAM, Channels, without
from pipeline.errors import ToolFailed
from pipeline.render.plain import plain_text

SECONDS = 30.0
"""How long a message may take: apprise's own bounds hold for each read, not for all of it."""

CHILD = "import sys; sys.path.insert(0, {root!r}); from pipeline.adapters.notices.apprise_child import main; main()"

Deliver = Callable[[Channels, str, str, str], None]
"""Channels, the name of one of them, title, text; raises NotDelivered."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Only tests give another address of Telegram's, or less time."""

    telegram: str = BASE
    seconds: float = SECONDS

    def __call__(self, channels: Channels, name: str, title: str, text: str) -> None:
        """Send it.

        Raises:
            NotDelivered: it is not there, as far as is known. What it says holds no secret.
        """
        if name == TELEGRAM and channels.telegram is not None:
            TelegramApi(channels.telegram, self.telegram).send(f"{title}\n{text}")
            return
        address = next((one for known, one in channels.messengers if known == name), None)
        if address is None:
            raise NotDelivered("there is no such channel any more")
        problem = self._through_apprise(address.reveal(), title, text)
        if problem:
            raise NotDelivered(plain_text(without(problem, channels.hidden), 200))

    def _through_apprise(self, url: str, title: str, text: str) -> str:
        wanted = {"url": url, "title": title, "text": text, "seconds": self.seconds}
        argv = (sys.executable, "-I", "-c", CHILD.format(root=ROOT))
        try:
            done = run(argv, timeout_seconds=self.seconds, stdin=json.dumps(wanted).encode())
        except ToolFailed:
            return f"it did not go within {self.seconds:g} s"
        except OSError as error:
            return f"what sends it could not be started: {error.strerror}"
        try:
            return str(json.loads(done.out)["problem"])
        except (ValueError, KeyError, TypeError):
            return f"what sends it ended with {done.code}"
