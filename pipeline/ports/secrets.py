"""Who keeps an environment's secrets where GitHub does not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from pipeline.domain.trading.kept import Kept
    from pipeline.domain.trading.secrets import Secret


class KeptSecrets(Protocol):
    """The values of one environment on this device."""

    def kept(self) -> Mapping[str, Kept]:
        """All of them by name, none where nothing was ever kept.

        Raises:
            Refused: others could have read or written them, or what lies there cannot be read.
        """
        ...

    def change(self, put: Mapping[str, Secret], drop: Collection[str], at: datetime) -> None:
        """Keep the former since then and forget the latter, all of it or nothing.

        Raises:
            Refused: as above.
            ToolFailed: the disk; what was kept stays.
        """
        ...
