"""Two keys lead bots to a loopback exchange: what the environment's file says, and the mark in the device's home."""

import json
from pathlib import Path

import pytest

from pipeline.adapters.loopback import MARK, exchange_settings, mark
from pipeline.errors import Refused

ADDRESS = "http://127.0.0.1:4711"


def test_a_marked_home_leads_a_rehearsed_environment_to_the_loopback(tmp_path: Path) -> None:
    mark(tmp_path / "home", ADDRESS)
    settings = exchange_settings(tmp_path / "home", "sandbox", rehearsal=True)
    assert settings is not None
    addresses = json.dumps(settings["urls"])
    assert "127.0.0.1:4711" in addresses
    assert "binance.com" not in addresses


def test_without_mark_and_without_the_word_the_exchange_is_the_real_one(tmp_path: Path) -> None:
    assert exchange_settings(tmp_path, "prod", rehearsal=False) is None


def test_a_file_alone_does_not_lead_real_bots_to_the_loopback(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"'prod' is an environment of a rehearsal, and .* is no rehearsal's home"):
        exchange_settings(tmp_path, "prod", rehearsal=True)


def test_a_rehearsals_home_takes_no_real_environment(tmp_path: Path) -> None:
    mark(tmp_path / "home", ADDRESS)
    with pytest.raises(Refused, match="is the home of a rehearsal, and 'prod' is not rehearsed"):
        exchange_settings(tmp_path / "home", "prod", rehearsal=False)


def test_a_home_in_which_something_ran_cannot_become_a_rehearsals(tmp_path: Path) -> None:
    (tmp_path / "prod").mkdir()
    with pytest.raises(Refused, match="is not empty"):
        mark(tmp_path, ADDRESS)
    assert not (tmp_path / MARK).exists()


@pytest.mark.parametrize(
    "address",
    [
        "https://api.binance.com",
        "http://127.0.0.1",
        "http://127.0.0.1.example:80",
        "http://10.0.0.1:80",
        "http://127.0.0.1:80/x",
    ],
)
def test_only_an_address_of_the_loopback_will_do(tmp_path: Path, address: str) -> None:
    with pytest.raises(Refused, match="no address of the loopback"):
        mark(tmp_path / "home", address)
    mark(tmp_path / "home", ADDRESS)
    (tmp_path / "home" / MARK).write_text(json.dumps({"exchange": address}))
    with pytest.raises(Refused, match="names no exchange of the loopback"):
        exchange_settings(tmp_path / "home", "test", rehearsal=True)


@pytest.mark.parametrize("content", ["", "[]", "{}", "null", '{"exchange": 1}', "x" * 5000])
def test_a_mark_that_is_damaged_is_refused_and_does_not_lead_to_the_real_exchange(tmp_path: Path, content: str) -> None:
    (tmp_path / MARK).write_text(content)
    with pytest.raises(Refused, match="names no exchange of the loopback"):
        exchange_settings(tmp_path, "test", rehearsal=True)
