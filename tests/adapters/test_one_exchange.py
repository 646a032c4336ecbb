"""One exchange of ccxt is loaded without the others, and whoever wants all of ccxt afterwards has it."""

import sys

import pytest

from pipeline.adapters.one_exchange import exchange_class
from pipeline.adapters.process import run
from tests.needs import ROOT


def said_by_a_new_process(program: str) -> str:
    done = run([sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {program}"], timeout_seconds=120)
    assert done.code == 0, done.err
    return done.out.strip()


@pytest.mark.processes
def test_only_the_exchange_that_is_asked_for_is_loaded_and_afterwards_all_of_ccxt_can_be() -> None:
    said = said_by_a_new_process(
        "from pipeline.adapters.one_exchange import errors, exchange_class; one = exchange_class('binance'); "
        "print(one.__name__, len([m for m in sys.modules if m.startswith('ccxt.')]) < 40, 'ccxt.kraken' in sys.modules); "
        "import ccxt; print(ccxt.binance is one, ccxt.BadSymbol is errors.BadSymbol, 'kraken' in ccxt.exchanges, ccxt.kraken().id); "
        "import ccxt.pro; print(ccxt.pro.binance.__name__, exchange_class('kraken') is ccxt.kraken)"
    )
    assert said.splitlines() == ["binance True False", "True True True kraken", "binance True"]


@pytest.mark.parametrize(
    "name", ["nowhere", "base", "pro", "async_support", "abstract", "", "../os", "binance.x", "Binance"]
)
def test_what_is_no_exchange_is_none(name: str) -> None:
    assert exchange_class(name) is None


def test_an_exchange_is_known_by_ccxts_own_id() -> None:
    names = ["binance", "binanceus", "kraken", "okx"]
    assert [exchange_class(name)().id for name in names] == names
