"""One question until its answer: waits and asks again within bounds, follows GitHub's redirects, refuses in plain words."""

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from urllib.parse import urljoin

from pipeline.adapters.github.origins import Origins
from pipeline.adapters.github.refusals import refusal
from pipeline.adapters.github.retries import Pause, back_off_seconds, pause_after
from pipeline.adapters.github.transport import Answer, AnswerLost, NotSent, Request, Transport
from pipeline.errors import ToolFailed
from pipeline.ports import Clock

MOST_TRIES = 6
PATIENCE_SECONDS = 180.0
BYTES = "application/octet-stream"
"""What a download asks for; nothing else may leave GitHub's hosts."""

_MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SAME_METHOD = frozenset({307, 308})


class Unanswered(ToolFailed):
    """Something was to be made, and no answer came: look whether it is there before asking again (`GitHubSession.post_once`)."""


@dataclass(frozen=True, slots=True)
class Asking:
    """How a question is put: at most `tries` times, and for at most `patience_seconds` with the waits."""

    repository: str
    origins: Origins
    transport: Transport
    clock: Clock
    tries: int = MOST_TRIES
    patience_seconds: float = PATIENCE_SECONDS

    def answer(self, request: Request) -> Answer:
        """The answer, which is one of 2xx.

        Raises:
            Unanswered: a POST whose fate is unknown.
            Refused, ToolFailed: see `GitHubSession`.
        """
        asked = request
        for _ in range(_MOST_REDIRECTS + 1):
            answer = self._patiently(asked)
            if answer.status not in _REDIRECTS:
                break
            asked = self._redirected(asked, answer)
        else:
            raise ToolFailed(f"GitHub sends {request} from one place to the next without an end")
        if not 200 <= answer.status < 300:
            raise refusal(answer, str(request), self.repository, self.transport.token)
        return answer

    def _patiently(self, request: Request) -> Answer:
        until = self.clock.now() + timedelta(seconds=self.patience_seconds)
        for tried in count(1):
            got = self._once(request, tried)
            if isinstance(got, Answer):
                return got
            if not (got.untouched or request.may_be_repeated):
                raise Unanswered(f"{got.why}: {request} may have been done or not", hint="look, and try again")
            again_at = self.clock.now() + timedelta(seconds=got.seconds)
            if tried >= self.tries or again_at > until:
                raise ToolFailed(
                    f"{got.why} ({request}, asked {tried} times)",
                    hint=f"try again after {again_at:%Y-%m-%d %H:%M:%S} UTC; githubstatus.com tells of outages",
                )
            self.clock.sleep(got.seconds)
        raise AssertionError("unreachable")

    def _once(self, request: Request, tried: int) -> Answer | Pause:
        try:
            answer = self.transport.send(request)
        except NotSent as error:
            return Pause(back_off_seconds(tried), f"GitHub could not be reached: {error}", untouched=True)
        except AnswerLost as error:
            return Pause(back_off_seconds(tried), f"GitHub did not answer: {error}", untouched=False)
        return pause_after(answer, tried, self.clock.now()) or answer

    def _redirected(self, request: Request, answer: Answer) -> Request:
        """The request to where GitHub points; only a download may leave GitHub's hosts, and the token stays behind for good."""
        to = urljoin(request.url, answer.headers.get("location", ""))
        at_home = request.with_token and self.origins.is_api(to)
        reads = request.method == "GET"
        if at_home and (reads or answer.status in _SAME_METHOD):
            return replace(request, url=to, query={})
        if reads and request.accept == BYTES and self.origins.may_store(to):
            return replace(request, url=to, query={}, with_token=False)
        raise ToolFailed(
            f"GitHub sends {request} elsewhere ({answer.status}), where we do not follow",
            hint=f"{self.repository} may have been renamed or moved: use its present name",
        )
