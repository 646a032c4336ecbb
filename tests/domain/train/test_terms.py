"""What is said of open trades that were entered on other terms than the environment's, and what is to be done about them."""

from dataclasses import replace
from datetime import UTC, datetime

from pipeline.domain.train.terms import BookedTrade, Terms, against_open_trades, elsewhere, foreign, held_for, terms_of
from tests.domain.trading.samples import LIVE

AT = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
USDT, BTC = Terms("binance", "USDT"), Terms("binance", "BTC")
IN_BTC = replace(LIVE, stake_currency="BTC", pairs=("ETH/BTC",))


def trade(pair: str = "BTC/USDT", terms: Terms = USDT) -> BookedTrade:
    return BookedTrade(pair, AT, terms)


def test_the_names_of_exchanges_and_coins_are_the_same_in_any_case() -> None:
    assert foreign([trade(terms=Terms("Binance", "usdt"))], terms_of(LIVE)) == ()
    assert foreign([trade(terms=Terms("binanceus", "USDT"))], terms_of(LIVE)) != ()


def test_only_another_exchange_is_elsewhere() -> None:
    mine, there = trade(terms=BTC), trade(terms=Terms("kraken", "USDT"))
    assert elsewhere([mine, there], USDT) == (there,)


def test_trades_are_named_by_their_terms_and_no_more_than_a_person_reads() -> None:
    many = [trade(f"C{number}/USDT") for number in range(7)]
    told = against_open_trades(IN_BTC, "dip", [*many, trade("ETH/EUR", Terms("binance", "EUR")), trade("ETH/BTC", BTC)])
    assert told.startswith(
        "a trade is open in EUR on binance (ETH/EUR since 2026-01-02 03:04 UTC), and 7 trades are open in USDT on binance (C0/USDT since "
    )
    assert "C4/USDT since 2026-01-02 03:04 UTC and 2 more), and 'sandbox' trades BTC on binance now" in told
    assert "ETH/BTC" not in told
    assert against_open_trades(LIVE, "dip", many) == ""


def test_a_bot_on_the_environment_s_terms_enters_unless_a_trade_of_others_is_open() -> None:
    assert held_for(LIVE, "dip", "ab12", USDT, [trade()]) == ""
    told = held_for(LIVE, "dip", "ab12", USDT, [trade("ETH/BTC", BTC)])
    assert told == (
        "'sandbox' trades USDT on binance now; a trade is open in BTC on binance (ETH/BTC since 2026-01-02 03:04 UTC): it manages exits and "
        "enters nothing; sell them or let it end them, and when none is left: `freqtrain stop sandbox dip --release --reason …`"
    )


def test_a_bot_on_earlier_terms_is_to_be_deployed_again_when_its_trades_have_ended() -> None:
    told = held_for(IN_BTC, "dip", "ab12", USDT, [trade()])
    assert "now, and the bot goes on in USDT on binance, with which it was started before; a trade is open" in told
    assert told.endswith(
        "`freqtrain deploy sandbox ab12 --again`, then `freqtrain stop sandbox dip --release --reason …`"
    )
    ended = held_for(IN_BTC, "dip", "ab12", USDT, [])
    assert ended.endswith("with which it was started before: `freqtrain deploy sandbox ab12 --again`, then `freqtrain stop "
                          "sandbox dip --release --reason …`")  # fmt: skip
