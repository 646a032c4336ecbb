"""What a process is injected with is checked before anything starts, all of it at once, each at the place in the file that names it."""

import pytest

from pipeline.config.injection import inject
from pipeline.config.trading import LoadedTradingEnvironment, load_trading_environment, parse_trading_environment
from pipeline.errors import ConfigError, ExitCode
from tests.needs import ROOT

GIVEN = {"DRY_RUN": "false", "EXCHANGE_ACCESS_KEY": "key-000123", "EXCHANGE_ACCESS_SECRET": "it's $ec#ret"}


def loaded(name: str) -> LoadedTradingEnvironment:
    return load_trading_environment(ROOT / "environments" / f"{name}.yml", {})


def told(name: str, process: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        inject(loaded(name), process)
    assert caught.value.code is ExitCode.REFUSED
    assert name in caught.value.hint
    return [f"{problem.line > 0} {problem.message}" for problem in caught.value.problems]


def test_what_is_whole_is_handed_over() -> None:
    found = inject(loaded("sandbox"), GIVEN)
    assert found.secrets.access_key is not None
    assert found.secrets.access_key.reveal() == "key-000123"
    assert found.notes == ()
    assert "000123" not in repr(found)


def test_everything_that_is_wrong_is_told_at_once_at_its_place() -> None:
    where = "it belongs to the secrets of the GitHub Environment 'prod'"
    assert told("prod", {"DRY_RUN": "true", "EXCHANGE_ACCESS_KEY": "", "TELEGRAM_TOKEN": "1:a"}) == [
        "True mode: is live, but the variable DRY_RUN says true",
        f"True secrets.access_key: EXCHANGE_ACCESS_KEY is empty; {where}",
        f"True secrets.access_secret: EXCHANGE_ACCESS_SECRET is not set; {where}",
        "True secrets.telegram_chat_id: TELEGRAM_CHAT_ID is not set, but TELEGRAM_TOKEN is: Telegram takes both",
    ]


def test_a_secret_whose_name_the_file_leaves_to_its_default_is_told_too() -> None:
    text = loaded("sandbox").source
    assert text.where(("secrets", "access_key"))[0] > 0
    with pytest.raises(ConfigError) as caught:
        inject(loaded("sandbox"), {"DRY_RUN": "false"})
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize("given", ["True", "TRUE", "1", "0", "no", "False ", "falsch", "yes", " true"])
def test_dry_run_is_true_or_false_and_nothing_else(given: str) -> None:
    for name in ("test", "prod"):
        assert told(name, {**GIVEN, "DRY_RUN": given}) == [
            "True mode: the variable DRY_RUN must be true or false, in lower case"
        ]


def test_money_is_at_stake_only_where_dry_run_says_false() -> None:
    for process in ({}, {"DRY_RUN": ""}):
        assert told("prod", {**GIVEN, "DRY_RUN": "", **process}) == [
            "True mode: is live, but the variable DRY_RUN is not set: money is at stake only where it says false"
        ]


def test_a_dry_run_may_do_without_the_variable_but_not_against_it() -> None:
    assert inject(loaded("test"), {}).secrets.access_key is None
    assert inject(loaded("test"), {"DRY_RUN": "true"}).secrets.access_key is None
    assert told("test", {"DRY_RUN": "false"}) == ["True mode: is dry_run, but the variable DRY_RUN says false"]


def test_a_dry_run_is_given_no_access_though_it_is_there() -> None:
    found = inject(loaded("test"), {**GIVEN, "DRY_RUN": "true"})
    assert (found.secrets.access_key, found.secrets.access_secret) == (None, None)
    assert len(found.notes) == 1


OWN = "own_keys: [{strategy: dip, access_key: DIP_KEY, access_secret: DIP_SECRET}]"


def with_own_keys() -> LoadedTradingEnvironment:
    text = (ROOT / "environments" / "sandbox.yml").read_text(encoding="utf-8").replace("own_keys: []", OWN)
    return parse_trading_environment(text, "sandbox.yml", "sandbox", {})


def test_a_strategy_with_an_account_of_its_own_gets_its_own_keys_and_the_others_the_shared_ones() -> None:
    found = inject(with_own_keys(), {**GIVEN, "DIP_KEY": "dip-key\n", "DIP_SECRET": "dip-secret", "TELEGRAM_TOKEN": ""})
    keys = {name: found.of(name).access_key for name in ("dip", "other")}
    assert {name: key.reveal() if key else "" for name, key in keys.items()} == {
        "dip": "dip-key",
        "other": "key-000123",
    }
    assert found.notes == ("DIP_KEY ended with a line break, which is not part of it",)


def test_all_accounts_are_checked_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        inject(with_own_keys(), {"DRY_RUN": "false", "DIP_KEY": "x", "TELEGRAM_TOKEN": "1:a"})
    assert [problem.message.split(";")[0] for problem in caught.value.problems] == [
        "secrets.access_key: EXCHANGE_ACCESS_KEY is not set",
        "secrets.access_secret: EXCHANGE_ACCESS_SECRET is not set",
        "secrets.telegram_chat_id: TELEGRAM_CHAT_ID is not set, but TELEGRAM_TOKEN is: Telegram takes both",
        "own_keys[0].access_secret: DIP_SECRET is not set",
    ]


def test_one_account_under_two_names_is_no_account_of_its_own() -> None:
    with pytest.raises(
        ConfigError, match="DIP_KEY holds the same as EXCHANGE_ACCESS_KEY: that is no account of its own"
    ):
        inject(with_own_keys(), {**GIVEN, "DIP_KEY": GIVEN["EXCHANGE_ACCESS_KEY"], "DIP_SECRET": "s"})
