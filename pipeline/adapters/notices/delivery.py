"""One message to one channel: Telegram by itself, everything else through apprise in a process of its own that ends in time.

A picture goes with it where that works; nobody goes without the words because it does not.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from pipeline.adapters.notices.picture import NotShown, draw
from pipeline.adapters.notices.telegram import BASE, NotDelivered, TelegramApi, is_caption
from pipeline.adapters.process import run
from pipeline.adapters.supervisor.master import ROOT
from pipeline.domain.channels import TELEGRAM, Channels, without
from pipeline.errors import ToolFailed
from pipeline.render.notices import Illustrated
from pipeline.render.plain import plain_text

SECONDS = 30.0
"""How long a message may take: apprise's own bounds hold for each read, not for all of it."""

CHILD = "import sys; sys.path.insert(0, {root!r}); from pipeline.adapters.notices.apprise_child import main; main()"

PICTURE = "week.png"


class Deliver(Protocol):
    """Tells one channel."""

    def __call__(
        self, channels: Channels, name: str, title: str, text: str, illustrated: Illustrated | None = None
    ) -> str:
        """Send it, to the channel of that name; where there is a picture, that and its words instead of `text`.

        Returns:
            Why it went without the picture; "" where nothing is missing.

        Raises:
            NotDelivered: it is not there, as far as is known. What it says holds no secret.
        """
        ...


@dataclass(frozen=True, slots=True)
class Delivery:
    """Only tests give another address of Telegram's, or less time."""

    telegram: str = BASE
    seconds: float = SECONDS

    def __call__(
        self, channels: Channels, name: str, title: str, text: str, illustrated: Illustrated | None = None
    ) -> str:
        """See `Deliver`. What went wrong after the words were there may bring them twice, and never not at all."""
        lacking = ""
        if illustrated is not None:
            try:
                with TemporaryDirectory(prefix="freqtrain-picture-", ignore_cleanup_errors=True) as folder:
                    drawn = Path(folder) / PICTURE
                    draw(illustrated.picture, drawn)
                    return self._show(channels, name, title, (text, illustrated.text), drawn)
            except NotShown as error:
                lacking = error.message
            except OSError as error:
                lacking = f"there is no room to draw it: {error.strerror}"
        self._tell(channels, name, title, text)
        return lacking

    def _tell(self, channels: Channels, name: str, title: str, text: str, picture: Path | None = None) -> None:
        if name == TELEGRAM and channels.telegram is not None:
            TelegramApi(channels.telegram, self.telegram).send(f"{title}\n{text}")
            return
        address = next((one for known, one in channels.messengers if known == name), None)
        if address is None:
            raise NotDelivered("there is no such channel any more")
        problem = self._through_apprise(address.reveal(), title, text, picture)
        if problem:
            raise NotDelivered(plain_text(without(problem, channels.hidden), 200))

    def _show(self, channels: Channels, name: str, title: str, texts: tuple[str, str], picture: Path) -> str:
        """Words and picture as one message, as far as the messenger takes that; `texts` with and without curves in letters.

        Returns:
            Why the words went alone; "" where nothing is missing.

        Raises:
            NotShown: as far as is known nothing has arrived.
            NotDelivered: nothing has, and trying again at once would be in vain.
        """
        whole, bare = texts
        if name != TELEGRAM or channels.telegram is None:
            try:
                self._tell(channels, name, title, bare, picture)
            except NotDelivered as error:
                raise NotShown(error.message) from None
            return ""
        api, caption = TelegramApi(channels.telegram, self.telegram), f"{title}\n{bare}"
        if is_caption(caption):
            try:
                api.send_picture(picture.read_bytes(), caption)
            except NotDelivered as error:
                if error.wait_seconds:
                    raise
                raise NotShown(error.message) from None
            return ""
        self._tell(channels, name, title, whole)
        try:
            api.send_picture(picture.read_bytes(), "", silent=True)
        except NotDelivered as error:
            return error.message
        return ""

    def _through_apprise(self, url: str, title: str, text: str, picture: Path | None) -> str:
        wanted = {"url": url, "title": title, "text": text, "seconds": self.seconds}
        wanted |= {"picture": str(picture)} if picture else {}
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
