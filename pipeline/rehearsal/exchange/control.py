"""The control endpoints, /_control/...: what a rehearsal or a test reads and sets; no exchange has them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal, InvalidOperation

from pipeline.rehearsal.exchange.faults import ActiveFault, Fault, FaultKind, Faults
from pipeline.rehearsal.exchange.log import Json, as_json
from pipeline.rehearsal.exchange.settings import account_of, move_of
from pipeline.rehearsal.exchange.venue import Venue

PREFIX = "/_control/"


class Control:
    """Answers the control endpoints of one exchange."""

    def __init__(self, venue: Venue, faults: Faults, calls: Mapping[str, int]) -> None:
        self._venue = venue
        self._faults = faults
        self._calls = calls
        self._answers: dict[tuple[str, str], Callable[[Json], object]] = {
            ("GET", "state"): self._state,
            ("GET", "orders"): self._orders,
            ("GET", "log"): self._log,
            ("GET", "calls"): lambda asked: dict(self._calls),
            ("GET", "faults"): lambda asked: [_fault_json(active) for active in self._faults.listed()],
            ("POST", "faults"): self._add_fault,
            ("DELETE", "faults"): self._lift,
            ("POST", "moves"): self._plan_move,
            ("POST", "liquidity"): self._set_liquidity,
            ("POST", "accounts"): self._open_account,
        }

    def answer(self, method: str, path: str, query: Mapping[str, str], body: str) -> tuple[int, object]:
        """Status and JSON."""
        answer = self._answers.get((method, path.removeprefix(PREFIX)))
        if answer is None:
            known = ", ".join(f"{verb} {PREFIX}{name}" for verb, name in self._answers)
            return 404, {"error": f"no such control; there are {known}"}
        try:
            asked = dict(query) | (json.loads(body) if body else {})
            return 200, answer(asked)
        except (ValueError, KeyError, TypeError, InvalidOperation) as error:
            return 400, {"error": f"{type(error).__name__}: {error}"}

    def _state(self, asked: Json) -> object:
        books, market = self._venue.books, self._venue.market
        return {
            "at": self._venue.now().isoformat(),
            "accounts": {
                name: {
                    asset: {"free": f"{balance.free:f}", "locked": f"{balance.locked:f}"}
                    for asset, balance in books.balances(name).items()
                }
                for name in self._venue.accounts
            },
            "open_orders": sum(order.open for order in books.orders()),
            "fills": sum(1 for _ in books.fills()),
            "prices": {symbol.pair: f"{market.depth(name).last:f}" for name, symbol in self._venue.symbols.items()},
        }

    def _orders(self, asked: Json) -> object:
        account = str(asked["account"]) if "account" in asked else None
        fills: dict[int, list[Json]] = {}
        for fill in self._venue.books.fills(account):
            fills.setdefault(fill.order_id, []).append(as_json(fill))
        return [as_json(order) | {"fills": fills.get(order.id, [])} for order in self._venue.books.orders(account)]

    def _log(self, asked: Json) -> object:
        return [as_json(event) for event in self._venue.books.log.events(int(str(asked.get("after", 0))))]

    def _add_fault(self, asked: Json) -> object:
        active = self._faults.add(Fault(**(asked | {"kind": FaultKind(str(asked["kind"]))})))  # type: ignore[arg-type]
        self._apply()
        return _fault_json(active)

    def _lift(self, asked: Json) -> object:
        number = asked.get("number")
        lifted = self._faults.lift(None if number is None else int(str(number)))
        self._apply()
        return {"lifted": lifted}

    def _plan_move(self, asked: Json) -> object:
        move, market = move_of(asked, self._venue.now()), self._venue.market
        if "at" in asked:
            market.plan(move)
        else:
            move = market.begin(move)
        return {"pair": move.pair, "at": move.at.isoformat(), "ratio": move.ratio, "seconds": move.seconds}

    def _set_liquidity(self, asked: Json) -> object:
        amount = Decimal(str(asked["amount"]))
        if not amount.is_finite() or amount <= 0:
            raise ValueError("the amount must be above 0")
        self._venue.market.set_liquidity(amount)
        return {"amount": str(amount)}

    def _open_account(self, asked: Json) -> object:
        account = account_of(asked)
        self._venue.open_account(account)
        return {"name": account.name}

    def _apply(self) -> None:
        """Give the market and the clock the faults that are theirs."""
        self._venue.skew = timedelta(seconds=sum(fault.seconds for fault in self._faults.of(FaultKind.CLOCK_SKEW)))
        if any(self._faults.of(FaultKind.FROZEN_FEED)):
            self._venue.market.freeze()
        else:
            self._venue.market.thaw()


def _fault_json(active: ActiveFault) -> Json:
    return {"number": active.number, "met": active.met, "holding": active.holding, **asdict(active.fault)}
