"""What a verb has to tell: it is left for the environment's watch, and where nobody watches, sent before the verb ends."""

from pathlib import Path

from pipeline.adapters.notices.channel_file import ChannelFile
from pipeline.adapters.notices.delivery import Deliver
from pipeline.adapters.notices.outbox_file import OutboxFile
from pipeline.adapters.notices.sender import NoticeSender
from pipeline.domain.notices import Notice
from pipeline.errors import ToolFailed
from pipeline.ports import Clock, Narrator

SECONDS = 15.0


class NoticeInbox:
    """See `ports.Notifier`. `folder` is the environment's; without a channel nothing is left there."""

    def __init__(self, environment: str, folder: Path, clock: Clock, narrator: Narrator, deliver: Deliver) -> None:
        self._environment = environment
        self._folder = folder
        self._clock = clock
        self._narrator = narrator
        self._deliver = deliver

    def tell(self, title: str, text: str) -> None:
        """See `ports.Notifier`; raises Refused and ToolFailed."""
        if not ChannelFile(self._folder).read().names:
            return
        try:
            OutboxFile(self._folder).put(Notice(self._clock.now(), title, text))
        except OSError as error:
            raise ToolFailed(f"nobody can be told: {error.filename}: {error.strerror}") from error
        sender = NoticeSender(self._environment, self._folder, self._clock, self._narrator, self._deliver)
        sender.start()
        sender.close(SECONDS)
