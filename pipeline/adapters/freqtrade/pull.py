"""The entry point of the child that downloads candles: freqtrade's own download, and the exchange's markets as they are at that moment.

The wish comes as JSON on standard input; one line of JSON on what was standard output says how it ended, because freqtrade's exit codes do
not: `{"outcome": "done"}`, or "unreachable" or "refused" with a message.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from pipeline.domain.dataset import MARKETS_FILE


def main() -> None:
    """Download once, then exit."""
    answer_to = os.dup(1)
    os.dup2(2, 1)
    wish = json.load(sys.stdin)
    answer = download(wish["exchange"], wish["pairs"], wish["timeframes"], wish["days"], Path(wish["into"]))
    with os.fdopen(answer_to, "w", encoding="utf-8") as stream:
        stream.write(json.dumps(answer) + "\n")
    os._exit(0)


def download(name: str, pairs: list[str], timeframes: list[str], days: int, into: Path) -> dict[str, str]:
    """Candle files and the snapshot go into the folder `into`/data; freqtrade's user directory is the folder above it."""
    from freqtrade.commands import Arguments
    from freqtrade.configuration import setup_utils_configuration
    from freqtrade.data.history.history_utils import download_data
    from freqtrade.enums import RunMode
    from freqtrade.exceptions import FreqtradeException
    from freqtrade.resolvers import ExchangeResolver

    folder = into / "data"
    argv = ["download-data", "--exchange", name, "--days", str(days), "--userdir", str(into), "--datadir", str(folder)]
    argv += ["--data-format-ohlcv", "feather", "--pairs", *pairs, "--timeframes", *timeframes]
    try:
        config = setup_utils_configuration(Arguments(argv).get_parsed_arg(), RunMode.UTIL_EXCHANGE)
        exchange = ExchangeResolver.load_exchange(config, validate=False)
        markets = exchange.markets
        if not markets:
            return {"outcome": "unreachable", "message": f"{name} could not be reached"}
        wrong = _refusal(exchange, markets, pairs)
        if wrong:
            return {"outcome": "refused", "message": wrong}
        folder.mkdir(parents=True, exist_ok=True)
        snapshot = json.dumps({pair: markets[pair] for pair in pairs}, indent=1, sort_keys=True)
        (folder / MARKETS_FILE).write_text(snapshot, encoding="utf-8")
        download_data(config, exchange)
    except FreqtradeException as error:
        return {"outcome": "refused", "message": str(error)}
    return {"outcome": "done"}


def _refusal(exchange: Any, markets: dict[str, Any], pairs: list[str]) -> str:
    from freqtrade.exchange.exchange_utils import TICK_SIZE

    missing = [pair for pair in pairs if pair not in markets]
    if missing:
        return f"{exchange.name} has no market {', '.join(missing)}"
    if exchange.precisionMode != TICK_SIZE:
        return f"{exchange.name} counts precision in digits, not in ticks, which is not supported yet"
    return ""


if __name__ == "__main__":
    main()
