"""A bot that cannot trade says why: exit code 2 where a restart is in vain, 1 where it may help."""

import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.adapters.freqtrade.bot_database import claim
from pipeline.domain.bot_settings import read_settings
from tests.bot_ground import EAGER, Home, running
from tests.ports import free_port

pytestmark = [pytest.mark.processes, pytest.mark.sockets]


def told(home: Home, code: int) -> str:
    """Start it, and what it says last when it ends with that code."""
    with running(home) as bot:
        assert bot.code() == code, bot.said()[-3000:]
        return bot.said()[-3000:]


def test_a_key_that_the_exchange_does_not_know_is_in_vain(tmp_path: Path, exchange_address: str) -> None:
    said = told(Home(tmp_path, exchange_address, mode="live"), 2)
    assert "bot: the exchange refuses the key: binance" in said


def test_an_exchange_that_is_out_of_reach_may_be_back(tmp_path: Path) -> None:
    said = told(Home(tmp_path, f"http://127.0.0.1:{free_port()}"), 1)
    assert "Could not load markets" in said


def test_a_port_that_a_stranger_has_is_no_reason_to_wait_for_ever(tmp_path: Path, exchange_address: str) -> None:
    home = Home(tmp_path, exchange_address)
    with socket.socket() as other:
        other.bind(("127.0.0.1", home.port))
        other.listen()
        assert f"bot: the API cannot listen on 127.0.0.1 port {home.port}: Address already in use" in told(home, 1)


def test_a_database_of_the_other_mode_is_not_opened(tmp_path: Path, exchange_address: str) -> None:
    home = Home(tmp_path, exchange_address, settings={"database": str(tmp_path / "one.sqlite")})
    other = read_settings({**_settings(home), "mode": "live"})
    claim(tmp_path / "one.sqlite", other)
    assert "bot: the database belongs to the mode live, and this bot is of the mode dry_run" in told(home, 2)


def _settings(home: Home) -> dict[str, object]:
    value: dict[str, object] = json.loads((home.path / "bot.json").read_bytes())
    return value


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda home: home.freqtrade.update(dry_run=False),
            "bot: the configuration says dry_run False, and the bot is of the mode dry_run",
        ),
        (
            lambda home: home.freqtrade.update(max_open_trades="many"),
            "bot: freqtrade refuses the configuration: 'many' is not of type",
        ),
        (
            lambda home: _rewrite(
                home, EAGER.replace("return dataframe\n\n    def populate_entry", "retrun x\n\n    def p")
            ),
            "bot: the strategy cannot be loaded: strategy.py:",
        ),
    ],
)
def test_what_freqtrade_or_the_strategy_does_not_allow_is_told_before_the_database_is_touched(
    tmp_path: Path, exchange_address: str, change: Callable[[Home], None], sentence: str
) -> None:
    home = Home(tmp_path, exchange_address)
    change(home)
    home.write()
    assert sentence in told(home, 2)
    assert not home.database.exists()


def _rewrite(home: Home, source: str) -> None:
    (home.path / "strategy" / "strategy.py").write_text(source)
