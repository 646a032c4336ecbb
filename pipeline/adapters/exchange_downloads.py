"""Downloads candles and markets through freqtrade, in a child process of its own."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.adapters.process import Completed, run
from pipeline.errors import Refused, ToolFailed

_HOURS = 6
_PASSED_ON = (
    *("PATH", "HOME", "LANG", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"),
    *("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"),
)
_LAST_LINES = 5


@dataclass(frozen=True, slots=True)
class FreqtradeDownloads:
    """See `ports.Downloads`. The child sees no secret: of our environment it gets what a network needs."""

    argv: Sequence[str] = (sys.executable, "-m", "pipeline.adapters.freqtrade.pull")
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    def download(self, exchange: str, pairs: Sequence[str], timeframes: Sequence[str], days: int, into: Path) -> Path:
        """Fill a folder below `into` and return it.

        Raises:
            ToolFailed: the exchange could not be reached, or the child died.
            Refused: freqtrade or the exchange does not know what was asked for.
        """
        wish = {
            "exchange": exchange,
            "pairs": list(pairs),
            "timeframes": list(timeframes),
            "days": days,
            "into": str(into),
        }
        passed = {name: self.environment[name] for name in _PASSED_ON if name in self.environment}
        done = run(
            self.argv, timeout_seconds=_HOURS * 3600, env=passed | {"TZ": "UTC"}, stdin=json.dumps(wish).encode()
        )
        answer = _answer(done)
        message = str(answer.get("message", ""))
        if answer.get("outcome") == "unreachable":
            raise ToolFailed(
                message, hint="check the network; some exchanges refuse whole countries and hosted runners"
            )
        if answer.get("outcome") == "refused":
            raise Refused(message)
        if answer.get("outcome") != "done":
            raise ToolFailed(f"the download ended with code {done.code} and without an answer:\n{_tail(done.err)}")
        return into / "data"


def _answer(done: Completed) -> dict[str, object]:
    try:
        answer = json.loads(done.out.strip().rpartition("\n")[2] or "null")
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _tail(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-_LAST_LINES:])
