"""bot.json is read strictly, all problems at once, and written as it is read."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pipeline.domain.bot_settings import LIVE, BotSettings, read_settings
from pipeline.domain.canonical import canonical, plain

SETTINGS = BotSettings(
    name="sandbox-trend-a",
    environment="sandbox",
    strategy="trend",
    bundle="sha256:" + "0" * 64,
    class_name="Trend",
    mode=LIVE,
    capital=Decimal("250.50"),
    strategy_dir="strategy",
    database="/home/x/trend.live.sqlite",
    config_files=("public.json", "secret.json"),
    lease_file="/home/x/lease",
    lease_seconds=120.0,
    strategy_files={"strategy.py": "sha256:" + "1" * 64},
)


def written(**changes: object) -> dict[str, Any]:
    value = plain(SETTINGS)
    assert isinstance(value, dict)
    return {**value, **changes}


def test_what_is_written_is_read_back() -> None:
    assert read_settings(json.loads(canonical(SETTINGS))) == SETTINGS


def test_the_lock_and_the_doubt_lie_beside_the_database() -> None:
    assert SETTINGS.lock == "/home/x/trend.live.sqlite.lock"
    assert SETTINGS.doubt == "/home/x/trend.live.sqlite.doubt.json"


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("capital", 100, "capital: must be an amount"),
        ("capital", "0", "capital: must be an amount"),
        ("capital", "-1", "capital: must be an amount"),
        ("capital", "Infinity", "capital: must be an amount"),
        ("capital", "much", "capital: must be an amount"),
        ("mode", "history", "mode: must be dry_run or live"),
        ("bundle", "latest", "bundle: must be a digest"),
        ("class_name", "a:b", "class_name: must be the name of a class"),
        ("strategy", "../x", "strategy: must be a strategy's id"),
        ("name", "a b", "name: must be a name"),
        ("config_files", [], "config_files: must be a list of paths"),
        ("config_files", "public.json", "config_files: must be a list of paths"),
        ("lease_seconds", True, "lease_seconds: must be a number of seconds"),
        ("loopback_only", "yes", "loopback_only: must be true or false"),
        ("lease_seconds", -1, "lease_seconds: must be a number of seconds"),
        ("lease_seconds", 0, "lease_file and lease_seconds: belong together"),
        ("database", "", "database: must be a text"),
        ("database", "a\nb", "database: must be a text"),
        ("strategy_files", {"a.py": "x"}, "strategy_files: must be a digest"),
        ("password", "x", "password: is not known here"),
    ],
)
def test_what_does_not_fit_is_named(key: str, value: object, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read_settings(written(**{key: value}))


def test_all_problems_are_told_at_once() -> None:
    value = written(capital=1, mode="paper")
    del value["bundle"]
    with pytest.raises(ValueError, match="capital") as refused:
        read_settings(value)
    assert len(str(refused.value).splitlines()) == 3


def test_a_live_bot_needs_a_lease_and_a_dry_run_bot_does_not() -> None:
    without = replace(SETTINGS, lease_file="", lease_seconds=0.0)
    with pytest.raises(ValueError, match="a live bot needs the watch's lease"):
        read_settings(plain(without))
    assert read_settings(plain(replace(without, mode="dry_run"))).dry_run


@pytest.mark.parametrize("value", [None, [], "x", 1])
def test_what_is_no_object_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="holds no JSON object"):
        read_settings(value)
