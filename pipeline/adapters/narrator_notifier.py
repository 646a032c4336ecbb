"""Notifications as lines of progress, for whoever reads the log."""

from pipeline.ports import Narrator


class NarratorNotifier:
    """See `ports.Notifier`."""

    def __init__(self, narrator: Narrator) -> None:
        self._narrator = narrator

    def tell(self, title: str, text: str) -> None:
        self._narrator.say(f"{title}: {text}")
