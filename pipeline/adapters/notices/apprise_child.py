"""Entry point of a process that sends one message through apprise and ends: its plug-ins cost memory, and nobody vouches for how long they take.

It reads one JSON object (`url`, `title`, `text`, `seconds`, and the path of a `picture` where there is one) and writes one (`problem`, empty where
the message went).
"""

import json
import logging
import os
import signal
import sys
from pathlib import Path

REFUSED = "apprise does not understand the address"
NO_PICTURES = "the service takes no pictures"


def main() -> None:
    """Send; whatever apprise or a plug-in prints goes nowhere, because it may hold the address."""
    signal.signal(
        signal.SIGTERM, signal.SIG_IGN
    )  # Whoever ends the watch waits for its last words, for as long as `seconds` say.
    wanted = json.load(sys.stdin)
    signal.alarm(int(wanted["seconds"]) + 1)
    answer = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    problem = send(str(wanted["url"]), str(wanted["title"]), str(wanted["text"]), str(wanted.get("picture", "")))
    os.write(answer, json.dumps({"problem": problem}).encode())


def send(url: str, title: str, text: str, picture: str = "") -> str:
    """What went wrong, in apprise's words, which may hold the address; empty where the message went.

    Nothing goes to a service that takes no pictures where there is one: apprise would leave it out without a word.
    """
    import apprise
    from apprise.attachment.file import AttachFile

    heard = _Heard()
    log = logging.getLogger("apprise")
    log.addHandler(heard)
    log.propagate = False
    asset = apprise.AppriseAsset(app_id="freqtrain", app_desc="freqtrain", app_url="", async_mode=False)
    messenger = apprise.Apprise(asset=asset)
    if not messenger.add(url):
        return REFUSED
    attached = None
    if picture:
        if not all(service.attachment_support for service in messenger):
            return NO_PICTURES
        attached = apprise.AppriseAttachment(AttachFile(picture, name=Path(picture).name, mimetype="image/png"))
    if messenger.notify(body=text, title=title, body_format=apprise.NotifyFormat.TEXT, attach=attached):
        return ""
    return heard.words or "the service did not take it"


class _Heard(logging.Handler):
    """The latest that apprise says of what goes wrong."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.words = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.words = record.getMessage()


if __name__ == "__main__":
    main()
