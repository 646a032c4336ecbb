"""What a strategy's trades are held to: the account's rules, and as much of the strategy's own exit rules as its text pins down."""

import ast
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from pipeline.domain.canonical import Plain
from pipeline.domain.job import Account
from pipeline.domain.strategy import PARAMETERS_FILE, STRATEGY_FILE, TEST_FILE, Candidate

STAKE_CALLBACKS = ("custom_stake_amount", "adjust_trade_position", "stake_amount")
ENTRY_PRICE_CALLBACKS = ("custom_entry_price", "adjust_entry_price", "adjust_order_price")
EXIT_PRICE_CALLBACKS = ("custom_exit_price", "adjust_exit_price", "adjust_order_price")

DEFAULT_BALANCE_SHARE = 0.99
"""freqtrade's tradable_balance_ratio where no setting says otherwise."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The rules of one run.

    Args:
        timeframe: length of a candle.
        pairs: in the order in which they were given; the first one's fee is what freqtrade charges for all of them.
        balance_share: the share (0..1) of the account that may be in trades.
        free_stake: whether the strategy, or a setting, may change stakes.
        free_entry_price, free_exit_price: whether the strategy has a callback that may name a price of its own.
        roi: minutes -> profit ratio at which freqtrade itself sells; None where the text does not pin it down.
        stoploss: positive share below the entry price, only where nothing ever moves the stop; else None.
        trailing_distance: smallest positive share below the highest price at which a trailing stop can lie; None where it is not pinned down.
    """

    timeframe: timedelta
    pairs: tuple[str, ...]
    balance_share: float = DEFAULT_BALANCE_SHARE
    free_stake: bool = True
    free_entry_price: bool = True
    free_exit_price: bool = True
    roi: Mapping[int, float] | None = None
    stoploss: float | None = None
    trailing_distance: float | None = None


def terms_of(
    candidate: Candidate, timeframe: timedelta, pairs: tuple[str, ...], settings: Mapping[str, Plain]
) -> Terms:
    """Read the terms from a strategy's files and the environment's freqtrade settings.

    What is not written out plainly counts as unknown, and unknown rules demand nothing: a callback may be defined wherever its name occurs, and
    a value that is mentioned twice, computed or overridden by strategy.json is not relied upon.
    """
    share = settings.get("tradable_balance_ratio", DEFAULT_BALANCE_SHARE)
    values = _Plainly(candidate)
    stoploss = values.number("stoploss")
    moved = values.mentions("custom_stoploss") or values.overridden("stoploss", "trailing")
    trailing = values.trails()
    return Terms(
        timeframe=timeframe,
        pairs=pairs,
        balance_share=float(share) if isinstance(share, int | float) else DEFAULT_BALANCE_SHARE,
        free_stake=any(values.mentions(name) for name in STAKE_CALLBACKS)
        or bool(settings.get("amend_last_stake_amount")),
        free_entry_price=any(values.mentions(name) for name in ENTRY_PRICE_CALLBACKS),
        free_exit_price=any(values.mentions(name) for name in EXIT_PRICE_CALLBACKS),
        roi=None if values.mentions("custom_roi") or values.overridden("roi") else values.roi(),
        stoploss=None if moved or trailing or stoploss is None else abs(stoploss),
        trailing_distance=None if moved or not trailing or stoploss is None else values.distance(abs(stoploss)),
    )


class _Plainly:
    """Class attributes of strategy.py that are written out once, as literals."""

    def __init__(self, candidate: Candidate) -> None:
        self._named: Counter[str] = Counter()
        self._literals: dict[str, object] = {}
        self._overridden = _parameter_spaces(candidate.files.get(PARAMETERS_FILE, b""))
        for path, content in candidate.files.items():
            if path.endswith(".py") and path != TEST_FILE:
                try:
                    self._read(ast.parse(content), own=path == STRATEGY_FILE)
                except (SyntaxError, ValueError, RecursionError, MemoryError):
                    self._overridden = None

    def _read(self, tree: ast.Module, *, own: bool) -> None:
        for node in ast.walk(tree):
            self._named.update(_names(node))
        for cls in (node for node in tree.body if own and isinstance(node, ast.ClassDef)):
            for name, value in _assignments(cls):
                try:
                    self._literals[name] = ast.literal_eval(value)
                except (ValueError, TypeError, SyntaxError):
                    continue

    def mentions(self, name: str) -> bool:
        """Whether a name occurs anywhere in the strategy's code; anything may where the code cannot be read."""
        return self._overridden is None or self._named[name] > 0

    def trails(self) -> bool:
        """Whether the stop may be a trailing one."""
        return self.mentions("trailing_stop") and self._value("trailing_stop") is not False

    def overridden(self, *spaces: str) -> bool:
        """Whether strategy.json may replace these."""
        return self._overridden is None or bool(self._overridden & set(spaces))

    def number(self, name: str) -> float | None:
        value = self._value(name)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    def roi(self) -> dict[int, float] | None:
        """minimal_roi with minutes for keys; None where it is not written out once."""
        value = self._value("minimal_roi")
        if not isinstance(value, dict):
            return None
        try:
            return {int(minutes): float(ratio) for minutes, ratio in value.items()}
        except (TypeError, ValueError):
            return None

    def distance(self, stoploss: float) -> float | None:
        """The smallest distance at which the trailing stop can follow."""
        if not self.mentions("trailing_stop_positive"):
            return stoploss
        positive = self.number("trailing_stop_positive")
        return None if positive is None else min(stoploss, abs(positive))

    def _value(self, name: str) -> object:
        return self._literals.get(name) if self._named[name] == 1 else None


def _names(node: ast.AST) -> tuple[str, ...]:
    """The identifiers that a node introduces or refers to, and texts, which `getattr` may be given."""
    if isinstance(node, ast.Name):
        return (node.id,)
    if isinstance(node, ast.Attribute):
        return (node.attr,)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return (node.name,)
    if isinstance(node, ast.alias):
        return (node.name, node.asname or "")
    return (node.value,) if isinstance(node, ast.Constant) and isinstance(node.value, str) else ()


def _assignments(cls: ast.ClassDef) -> list[tuple[str, ast.expr]]:
    found: list[tuple[str, ast.expr]] = []
    for node in cls.body:
        if isinstance(node, ast.Assign):
            found += [(target.id, node.value) for target in node.targets if isinstance(target, ast.Name)]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            found.append((node.target.id, node.value))
    return found


def _parameter_spaces(text: bytes) -> set[str] | None:
    """The spaces of strategy.json; None where it cannot be read, so that anything may be overridden."""
    if not text:
        return set()
    try:
        params = json.loads(text)["params"]
        return set(params)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def fee_ratio(account: Account, markets: Mapping[str, Plain], pairs: tuple[str, ...]) -> float | None:
    """What freqtrade charges per side: the account's fee, else the higher of the first pair's maker and taker fee."""
    if account.fee_ratio is not None:
        return account.fee_ratio
    market = markets.get(pairs[0]) if pairs else None
    if not isinstance(market, dict):
        return None
    fees = [fee for fee in (market.get("taker"), market.get("maker")) if isinstance(fee, int | float)]
    return max((float(fee) for fee in fees), default=None)
