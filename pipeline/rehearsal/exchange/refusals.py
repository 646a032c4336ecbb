"""How the exchange says no: its error codes and their messages, word for word, because clients compare them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the exchange answers: `code` and `message` as documented, `status` as HTTP has it."""

    code: int
    message: str
    status: int = 400

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class Rejected(Exception):
    """A request that the exchange does not carry out."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


def filter_failure(name: str) -> Rejected:
    """An order that a filter of its symbol forbids."""
    return Rejected(Refusal(-1013, f"Filter failure: {name}"))


def missing(parameter: str) -> Refusal:
    """A parameter that the request cannot do without."""
    return Refusal(-1102, f"Mandatory parameter '{parameter}' was not sent, was empty/null, or malformed.")


def illegal(parameter: str) -> Refusal:
    """A parameter that does not look as it should."""
    return Refusal(-1100, f"Illegal characters found in parameter '{parameter}'.")


TOO_LATE = Refusal(-1021, "Timestamp for this request is outside of the recvWindow.")
TOO_EARLY = Refusal(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
BAD_SIGNATURE = Refusal(-1022, "Signature for this request is not valid.")
EITHER_ID = Refusal(-1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!")
TOO_PRECISE = Refusal(-1111, "Precision is over the maximum defined for this asset.")
NO_SUCH_TIME_IN_FORCE = Refusal(-1115, "Invalid timeInForce.")
NO_SUCH_TYPE = Refusal(-1116, "Invalid orderType.")
NO_SUCH_SIDE = Refusal(-1117, "Invalid side.")
NO_SUCH_INTERVAL = Refusal(-1120, "Invalid interval.")
NO_SUCH_SYMBOL = Refusal(-1121, "Invalid symbol.")
WINDOW_TOO_WIDE = Refusal(-1131, "recvWindow must be less than 60000.")
NO_FUNDS = Refusal(-2010, "Account has insufficient balance for requested action.")
DUPLICATE = Refusal(-2010, "Duplicate order sent.")
WOULD_TAKE = Refusal(-2010, "Order would immediately match and take.")
WOULD_TRIGGER = Refusal(-2010, "Stop price would trigger immediately.")
MAY_NOT_TRADE = Refusal(-2010, "This account may not place or cancel orders.")
UNKNOWN_ORDER = Refusal(-2011, "Unknown order sent.")
NO_SUCH_ORDER = Refusal(-2013, "Order does not exist.")
BAD_KEY = Refusal(-2014, "API-key format invalid.", 401)
WRONG_KEY = Refusal(-2015, "Invalid API-key, IP, or permissions for action.", 401)
