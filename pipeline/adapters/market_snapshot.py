"""markets.json: the frozen ccxt snapshot of a data set."""

import json
from pathlib import Path

from pipeline.adapters.feather import Unreadable
from pipeline.domain.canonical import Plain


def read_markets(path: Path) -> dict[str, Plain]:
    """A market snapshot: pair -> ccxt's unified market.

    Raises:
        Unreadable: it is missing, no JSON, or no object.
    """
    try:
        markets = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse_constant)
    except FileNotFoundError:
        raise Unreadable("the file is missing") from None
    except json.JSONDecodeError as error:
        raise Unreadable(f"line {error.lineno}, column {error.colno}: it is no JSON: {error.msg}") from None
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"it is no JSON: {error}") from None
    if not isinstance(markets, dict):
        raise Unreadable("it holds no object of markets by pair")
    return markets


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")
