"""What a strategy's text pins down of its exits, and what it leaves open."""

from datetime import timedelta

import pytest

from pipeline.domain.audit import Terms, terms_of
from pipeline.domain.audit.terms import fee_ratio
from pipeline.domain.job import Account
from pipeline.domain.strategy import Candidate, StrategySpec

HOUR = timedelta(hours=1)


def read(text: str, settings: dict[str, object] | None = None, **files: bytes) -> Terms:
    body = "\n".join(f"    {line}" for line in text.splitlines())
    content = {"strategy.py": f"class Sample(IStrategy):\n{body}\n".encode(), **files}
    return terms_of(Candidate(StrategySpec("sample", "Sample"), content), HOUR, ("BTC/USDT",), settings or {})  # type: ignore[arg-type]


def test_literal_rules_are_read() -> None:
    terms = read('stoploss = -0.05\nminimal_roi = {"60": 0.01, "0": 0.02}')
    assert terms.stoploss == 0.05
    assert terms.roi == {60: 0.01, 0: 0.02}
    assert terms.trailing_distance is None
    assert (terms.free_entry_price, terms.free_exit_price) == (False, False)
    assert terms.balance_share == 0.99


def test_a_trailing_stop_follows_at_its_smaller_distance() -> None:
    assert read("stoploss = -0.05\ntrailing_stop = True").trailing_distance == 0.05
    positive = read("stoploss = -0.05\ntrailing_stop = True\ntrailing_stop_positive = 0.01")
    assert (positive.trailing_distance, positive.stoploss) == (0.01, None)
    assert read("stoploss = -0.05\ntrailing_stop = False").stoploss == 0.05


@pytest.mark.parametrize(
    "text",
    [
        'stoploss = -0.05\nminimal_roi = {"0": 0.02}\ndef custom_stoploss(self): ...\ndef custom_roi(self): ...',
        'stoploss = LEVEL\nminimal_roi = {"0": LEVEL}',
        "stoploss = -0.05\nminimal_roi = {}\ndef bot_start(self):\n    self.stoploss = -0.5\n    self.minimal_roi = {}",
        'stoploss = -0.05\nminimal_roi = {}\ndef bot_start(self):\n    setattr(self, "stoploss", -1)\n    setattr(self, "minimal_roi", 1)',
    ],
)
def test_what_is_moved_computed_or_set_twice_is_not_relied_upon(text: str) -> None:
    terms = read(text)
    assert (terms.stoploss, terms.roi) == (None, None)


def test_hyperopts_parameters_override_the_class() -> None:
    text = 'stoploss = -0.05\nminimal_roi = {"0": 0.02}'
    params = b'{"params": {"stoploss": {"stoploss": -0.2}, "roi": {"0": 0.1}}}'
    assert read(text, **{"strategy.json": params}).stoploss is None
    assert read(text, **{"strategy.json": params}).roi is None
    assert read(text, **{"strategy.json": b'{"params": {"buy": {}}}'}).stoploss == 0.05
    assert read(text, **{"strategy.json": b"no json"}).stoploss is None


def test_callbacks_that_name_prices_are_found_anywhere_but_in_the_tests() -> None:
    helper = b"def f(): return 1\ncustom_exit_price = f\n"
    assert read("stoploss = -0.05", **{"own/prices.py": helper}).free_exit_price
    assert not read("stoploss = -0.05", **{"test_strategy.py": helper}).free_exit_price
    both = read("def adjust_order_price(self): ...")
    assert (both.free_entry_price, both.free_exit_price) == (True, True)


def test_stakes_are_freqtrades_unless_a_callback_or_a_setting_decides_on_them() -> None:
    assert not read("stoploss = -0.05").free_stake
    assert read("def custom_stake_amount(self): ...").free_stake
    assert read("def adjust_trade_position(self): ...").free_stake
    assert read("stoploss = -0.05", {"amend_last_stake_amount": True}).free_stake


def test_the_environment_may_change_the_share_of_the_balance() -> None:
    assert read("stoploss = -0.05", {"tradable_balance_ratio": 0.5}).balance_share == 0.5


def test_the_fee_is_the_accounts_or_the_higher_one_of_the_first_pair() -> None:
    markets = {"A/B": {"maker": 0.001, "taker": 0.002}, "C/B": {"maker": 0.1, "taker": 0.1}}
    account = Account("B", 1000.0, None, 1)
    assert fee_ratio(account, markets, ("A/B", "C/B")) == 0.002  # type: ignore[arg-type]
    assert fee_ratio(Account("B", 1000.0, None, 1, 0.0), markets, ("A/B",)) == 0.0  # type: ignore[arg-type]
    assert fee_ratio(account, {}, ("A/B",)) is None
