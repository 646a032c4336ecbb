"""The channels that an environment's watch tells by: secrets in its home, in a file that its user alone can read."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from pipeline.adapters.remembered_variables import WATCH
from pipeline.adapters.secret_file import SecretFile
from pipeline.domain.channels import KEYS, Channels, channels_of
from pipeline.domain.trading import Secret, Secrets


class ChannelFile:
    """`<device home>/<environment>/watch/secrets.json`. See `SecretFile` for what is refused."""

    def __init__(self, environment: Path) -> None:
        self._file = SecretFile(environment / WATCH)

    def read(self) -> Channels:
        """What lies there; no channel where there is no file.

        Raises:
            Refused: the file cannot be trusted or is damaged.
            ToolFailed: it cannot be read.
        """
        return channels_of(_secrets({key: one.value for key, one in self._file.kept().items()}))

    def keep(self, given: Secrets, at: datetime) -> None:
        """Write down what was given, Telegram's two together or not at all; what was not given stays as it is. Raises as `read`."""
        values = {key: value for key in KEYS if (value := getattr(given, key)) is not None}
        if not (given.telegram_token and given.telegram_chat_id):
            values = {key: value for key, value in values.items() if not key.startswith("telegram")}
        kept = self._file.kept()
        if any(key not in kept or kept[key].value != value for key, value in values.items()):
            self._file.change(values, (), at)

    def forget(self, at: datetime) -> None:
        """Nobody is told any more; raises as `read`."""
        if self._file.path.exists():
            self._file.change({}, KEYS, at)


def _secrets(values: Mapping[str, Secret]) -> Secrets:
    known = {key: values[key] for key in KEYS if key in values}
    return Secrets(**known)
