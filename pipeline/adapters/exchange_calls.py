"""Calls to an exchange through ccxt: repeated within a bound, and what goes wrong told in our words, without a secret in them."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from pipeline.adapters.one_exchange import errors
from pipeline.domain.trading import Secrets
from pipeline.errors import FreqtrainError, Refused, ToolFailed
from pipeline.ports import Clock

ATTEMPTS = 4
PATIENCE_SECONDS = 30.0
"""How long one call waits at the most between its attempts, all waits together, those that the exchange asks for included."""

_FIRST_PAUSE_SECONDS = 0.5
_WORDS = 200
_NONSENSE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
_BROKEN: tuple[tuple[type[Exception], str, str], ...] = (
    (
        errors.InvalidNonce,
        "does not take our requests, because its clock and the device's differ",
        "let the device's clock be set from the network: timedatectl set-ntp true",
    ),
    (errors.RequestTimeout, "did not answer in time", "check the device's network, and the exchange's status page"),
    (
        errors.DDoSProtection,
        "takes no more requests for now",
        "wait; too many programs may use this address or this key",
    ),
    (
        errors.RateLimitExceeded,
        "takes no more requests for now",
        "wait; too many programs may use this address or this key",
    ),
    (
        errors.ExchangeNotAvailable,
        "is out of order, or does not serve this address",
        "wait, and look at the exchange's status page; a status of 403 or 451 means that it does not serve the device's country",
    ),
    (errors.OperationFailed, "could not be reached", "check the device's network, and the exchange's status page"),
)
"""What may pass: the first kind that fits, what it means, what to do."""

_NO: tuple[tuple[type[Exception], str, str], ...] = (
    (
        errors.AuthenticationError,
        "does not accept the key",
        "compare key and secret with the exchange's page, and whether the key may trade, from this address",
    ),
    (errors.BadSymbol, "does not trade that pair", "correct the pairs, or choose another exchange"),
    (errors.NotSupported, "cannot be asked for that", "choose another exchange"),
)
"""What stays as it is until a person changes something."""

_Answer = TypeVar("_Answer")


class ExchangeCalls:
    """Asks one exchange. No message carries a text of ccxt's as it is: they hold whole addresses, and those hold signatures and keys."""

    def __init__(self, client: Any, secrets: Secrets, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        held = (secrets.access_key, secrets.access_secret, secrets.access_password)
        self._hidden = tuple(secret.reveal() for secret in held if secret is not None and secret.reveal())

    def ask(self, what: str, question: Callable[[], _Answer]) -> _Answer:
        """The answer to a question that may be repeated, `what` says what it is about.

        Raises:
            Refused: the key is wrong or may not do it, or the exchange does not know what is asked for.
            ToolFailed: the exchange is out of reach or out of order, takes no more requests, or answers nonsense.
        """
        left = PATIENCE_SECONDS
        for pause in _pauses():
            # ccxt takes -2015 for a passing ban once a key has worked; a key can be withdrawn as well.
            self._client.options["hasAlreadyAuthenticatedSuccessfully"] = False
            self._client.last_response_headers = self._client.last_json_response = None
            try:
                return self._understood(question())
            except errors.BaseError as error:
                asked = _retry_after(self._client.last_response_headers)
                wait = max(pause, asked)
                if not _may_pass(error) or not pause or wait > left:
                    raise self._told(what, error, asked) from None
            except _NONSENSE as error:
                told = f"{self._client.id} answered something else than {what}: {type(error).__name__}"
                raise ToolFailed(
                    told, hint="wait; if it stays, this version of ccxt does not fit the exchange"
                ) from None
            self._clock.sleep(wait)
            left -= wait
        raise AssertionError("the last attempt raises")

    def _understood(self, answer: _Answer) -> _Answer:
        """ccxt makes empty lists of a page that is no JSON, such as a gateway's."""
        if not isinstance(self._client.last_json_response, dict | list):
            raise ValueError("no JSON")
        return answer

    def _told(self, what: str, error: Exception, asked_seconds: float) -> FreqtrainError:
        for kind, words, hint in _NO:
            if isinstance(error, kind):
                return Refused(self._sentence(what, words, error), hint=hint)
        for kind, words, hint in _BROKEN:
            if isinstance(error, kind):
                later = f", and asks to be left alone for {asked_seconds:g} s" if asked_seconds else ""
                return ToolFailed(self._sentence(what, words + later, error), hint=hint)
        told = self._sentence(what, "refuses it", error)
        return ToolFailed(told, hint="the exchange's documentation explains its words")

    def _sentence(self, what: str, words: str, error: Exception) -> str:
        own = _own_words(str(error))
        for text in self._hidden:
            own = own.replace(text, "***")
        return f"{self._client.id} {words} (asked for {what}{f'; it says: {own}' if own else ''})"


def _pauses() -> Iterator[float]:
    """One for each attempt, to be made after it; the last is 0: nothing follows."""
    yield from (_FIRST_PAUSE_SECONDS * 2**attempt for attempt in range(ATTEMPTS - 1))
    yield 0.0


def _may_pass(error: Exception) -> bool:
    """A clock that differs does so at the next attempt as well."""
    return isinstance(error, errors.OperationFailed) and not isinstance(error, errors.InvalidNonce)


def _retry_after(headers: Mapping[str, str] | None) -> float:
    """Seconds, 0 where the exchange does not say so in seconds."""
    said = (headers or {}).get("Retry-After", "")
    return float(said) if re.fullmatch("[0-9]{1,9}", said) else 0.0


def _own_words(text: str) -> str:
    """Code and message of the exchange's JSON, else the status of its page; empty where there is neither."""
    found = re.search(r"\{.*\}", text, re.DOTALL)
    try:
        said = json.loads(found[0]) if found else None
    except (ValueError, RecursionError):
        said = None
    if isinstance(said, dict):
        parts = [str(said[key]) for key in ("code", "msg", "message", "error") if said.get(key)]
        return " ".join(" ".join(parts).split())[:_WORDS]
    status = re.search(r" ([45][0-9]{2}) [A-Z]", text)
    return f"status {status[1]}" if status else ""
