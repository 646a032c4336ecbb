"""Secrets as they come in: missing, empty, swapped, numeric, with quotes, #, $ and line breaks; and a dry-run that gets none."""

import json
from dataclasses import replace

import ccxt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.trading import Secret, SecretNames
from pipeline.domain.trading.injection import Injected, read_channels, read_secrets
from pipeline.domain.trading.sign_in import OTHER_SIGN_IN, PASSWORD_EXCHANGES
from tests.domain.trading.samples import DRY, LIVE

KEY, SECRET = "k" + "A1" * 31 + "x", "s" + "B2" * 31 + "y"
GIVEN = {"EXCHANGE_ACCESS_KEY": KEY, "EXCHANGE_ACCESS_SECRET": SECRET}
PEM = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA\n-----END PRIVATE KEY-----"
KRAKEN_KEY, KRAKEN_SECRET = "a/B+" * 14, "c0+/" * 21 + "cD" + "=="


def told(found: Injected) -> list[str]:
    return [f"{key}: {words}" for key, words in found.problems]


def revealed(secret: Secret | None) -> str:
    return secret.reveal() if secret else "(none)"


def access(exchange: str = "binance", **process: str) -> Injected:
    return read_secrets(replace(LIVE, exchange=exchange), {**GIVEN, **process})


def test_key_and_secret_are_passed_on_as_they_are() -> None:
    found = access()
    assert (found.problems, found.notes) == ((), ())
    assert revealed(found.secrets.access_key) == KEY
    assert revealed(found.secrets.access_secret) == SECRET
    assert found.secrets.access_password is None


def test_all_that_is_missing_or_empty_is_told_at_once_with_the_environment_that_it_belongs_to() -> None:
    where = "it belongs to the secrets of the GitHub Environment 'sandbox'"
    assert told(read_secrets(LIVE, {"EXCHANGE_ACCESS_SECRET": "  \n"})) == [
        f"access_key: EXCHANGE_ACCESS_KEY is not set; {where}",
        f"access_secret: EXCHANGE_ACCESS_SECRET is empty; {where}",
    ]


@pytest.mark.parametrize(
    "text",
    ["000123", "12e4", "1_000", "0x1f", "it's", 'a"b', "a#b", "# a", "$HOME", "a$(id)b", "`id`", "a\\nb", "{a: b}", "!tag",
     "&a", "*a", "true", "a=b;c", "%41", "a  b", "\\"],
)  # fmt: skip
def test_a_value_survives_untouched_whatever_a_shell_or_a_yaml_would_make_of_it(text: str) -> None:
    found = access(EXCHANGE_ACCESS_SECRET=text)
    assert told(found) == []
    assert revealed(found.secrets.access_secret) == text


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_one_line_break_at_the_end_is_left_out_and_it_is_said(end: str) -> None:
    found = access(EXCHANGE_ACCESS_KEY=KEY + end)
    assert revealed(found.secrets.access_key) == KEY
    assert found.notes == ("EXCHANGE_ACCESS_KEY ended with a line break, which is not part of it",)
    assert found.problems == ()


def test_quotes_around_a_value_are_kept_and_it_is_said() -> None:
    found = access(EXCHANGE_ACCESS_KEY=f'"{KEY}"')
    assert revealed(found.secrets.access_key) == f'"{KEY}"'
    assert found.notes == ("EXCHANGE_ACCESS_KEY stands in quotes, which are part of it",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (KEY + "\n\n", "begins or ends with white space"),
        (" " + KEY, "begins or ends with white space"),
        (KEY + "\t", "begins or ends with white space"),
        ("ab\ncd", "has a line break in the middle: was it pasted in two parts?"),
        ("ab\0cd", "has a character in it that cannot be printed"),
        ("ab\x1b[31mcd", "has a character in it that cannot be printed"),
        ("“abc”", "has a character in it that is no plain ASCII, such as a curly quote"),
        ("${EXCHANGE_ACCESS_KEY}", "holds a placeholder instead of the real thing"),
        ("${{ secrets.EXCHANGE_ACCESS_KEY }}", "holds a placeholder instead of the real thing"),
        ("<your key>", "holds a placeholder instead of the real thing"),
        ("your_api_key", "holds a placeholder instead of the real thing"),
        ("ChangeMe", "holds a placeholder instead of the real thing"),
        ("***", "holds a placeholder instead of the real thing"),
        ("null", "holds a placeholder instead of the real thing"),
    ],
)
def test_what_cannot_be_a_key_is_refused_without_showing_it(text: str, words: str) -> None:
    assert told(access(EXCHANGE_ACCESS_KEY=text)) == [f"access_key: EXCHANGE_ACCESS_KEY {words}"]


def test_a_private_key_of_several_lines_is_a_secret_as_it_is() -> None:
    found = access(EXCHANGE_ACCESS_SECRET=PEM + "\n")
    assert found.problems == ()
    assert revealed(found.secrets.access_secret) == PEM


def test_one_value_in_two_places_is_refused() -> None:
    assert told(access(EXCHANGE_ACCESS_SECRET=KEY)) == [
        "access_secret: EXCHANGE_ACCESS_SECRET holds the same as EXCHANGE_ACCESS_KEY"
    ]
    assert told(access(EXCHANGE_ACCESS_PASSWORD=SECRET)) == [
        "access_password: EXCHANGE_ACCESS_PASSWORD holds the same as EXCHANGE_ACCESS_SECRET"
    ]


@pytest.mark.parametrize(
    ("exchange", "key", "secret"),
    [
        ("binance", SECRET, PEM),
        ("kraken", KRAKEN_KEY, KRAKEN_SECRET),
        ("kucoin", "0123456789abcdef01234567", "01234567-89ab-cdef-0123-456789abcdef"),
        ("okx", "01234567-89ab-cdef-0123-456789abcdef", "0123456789ABCDEF0123456789ABCDEF"),
        ("coinbase", "organizations/a/apiKeys/b", PEM),
    ],
)
def test_key_and_secret_that_were_swapped_are_refused_where_their_forms_differ(
    exchange: str, key: str, secret: str
) -> None:
    straight = access(exchange, EXCHANGE_ACCESS_KEY=key, EXCHANGE_ACCESS_SECRET=secret, EXCHANGE_ACCESS_PASSWORD="p")
    assert straight.problems == ()
    swapped = access(exchange, EXCHANGE_ACCESS_KEY=secret, EXCHANGE_ACCESS_SECRET=key, EXCHANGE_ACCESS_PASSWORD="p")
    assert told(swapped) == ["access_key: EXCHANGE_ACCESS_KEY and EXCHANGE_ACCESS_SECRET look as if they were swapped"]


def test_binances_forms_cannot_be_told_apart() -> None:
    assert access(EXCHANGE_ACCESS_KEY=SECRET, EXCHANGE_ACCESS_SECRET=KEY).problems == ()


def test_a_password_must_be_there_for_exchanges_that_ask_for_one() -> None:
    [line] = told(access("bitget"))
    assert line.startswith("access_password: EXCHANGE_ACCESS_PASSWORD is not set, and bitget asks for one")
    assert access("bitget", EXCHANGE_ACCESS_PASSWORD="p w").problems == ()
    given = access(EXCHANGE_ACCESS_PASSWORD="p w").secrets.access_password
    assert revealed(given) == "p w"


def test_an_exchange_that_is_signed_in_to_otherwise_is_refused_with_its_reason() -> None:
    [line] = told(access("hyperliquid"))
    assert line.endswith("signed in to with a wallet's address and private key, which is not supported yet")


def test_what_exchanges_ask_for_is_what_ccxt_says() -> None:
    password, other = set(), set()
    for name in ccxt.exchanges:
        asked = {key for key, needed in getattr(ccxt, name)().requiredCredentials.items() if needed}
        if asked - {"apiKey", "secret", "password"}:
            other.add(name)
        elif "password" in asked:
            password.add(name)
    assert password == PASSWORD_EXCHANGES
    assert other == set(OTHER_SIGN_IN)


def test_a_dry_run_needs_no_key_and_a_present_one_is_not_passed_on_and_that_is_said_once() -> None:
    assert read_secrets(DRY, {}) == Injected(read_secrets(DRY, {}).secrets)
    found = read_secrets(DRY, {**GIVEN, "EXCHANGE_ACCESS_PASSWORD": "${X}"})
    assert (found.secrets.access_key, found.secrets.access_secret, found.secrets.access_password) == (None, None, None)
    assert found.problems == ()
    assert found.notes == (
        "a dry_run needs no access to the exchange: EXCHANGE_ACCESS_KEY and EXCHANGE_ACCESS_SECRET and EXCHANGE_ACCESS_PASSWORD"
        " will not be passed on",
    )


def test_secrets_are_read_under_the_names_that_the_environment_gives_them() -> None:
    named = replace(LIVE, secrets=SecretNames(access_key="K", access_secret="S", access_password=""))
    found = read_secrets(named, {"K": KEY, "S": SECRET, "EXCHANGE_ACCESS_PASSWORD": "p", "": "x"})
    assert found.problems == ()
    assert revealed(found.secrets.access_key) == KEY
    assert found.secrets.access_password is None


TOKEN = "123456:AAF-abc_def"


@pytest.mark.parametrize(
    ("process", "problems"),
    [
        ({}, []),
        ({"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_CHAT_ID": "-100123"}, []),
        ({"TELEGRAM_TOKEN": TOKEN}, ["telegram_chat_id: TELEGRAM_CHAT_ID is not set, but TELEGRAM_TOKEN is: Telegram takes both"]),
        ({"TELEGRAM_CHAT_ID": "1", "TELEGRAM_TOKEN": ""},
         ["telegram_token: TELEGRAM_TOKEN is not set, but TELEGRAM_CHAT_ID is: Telegram takes both"]),
        ({"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_CHAT_ID": "@me"}, ["telegram_chat_id: TELEGRAM_CHAT_ID must be a whole number"]),
        ({"TELEGRAM_TOKEN": "-100123", "TELEGRAM_CHAT_ID": TOKEN},
         ["telegram_chat_id: TELEGRAM_CHAT_ID must be a whole number: it was swapped with the token"]),
        ({"TELEGRAM_TOKEN": "abc", "TELEGRAM_CHAT_ID": "1"}, ["telegram_token: TELEGRAM_TOKEN must be a bot's token, with a colon in it"]),
    ],
)  # fmt: skip
def test_telegram_takes_both_of_its_values_or_none(process: dict[str, str], problems: list[str]) -> None:
    for environment in (LIVE, DRY):
        assert told(read_secrets(environment, {**GIVEN, **process})) == problems


def test_an_apprise_address_is_passed_on() -> None:
    found = read_secrets(DRY, {"APPRISE_URL": "mailto://a:b@c.example"})
    assert revealed(found.secrets.apprise_url) == "mailto://a:b@c.example"


def test_no_problem_and_no_note_shows_a_value() -> None:
    ugly = {
        name: f"hunter2\n{name}“" for name in (*GIVEN, "EXCHANGE_ACCESS_PASSWORD", "TELEGRAM_TOKEN", "TELEGRAM_CHAT_ID")
    }
    for environment in (LIVE, DRY):
        found = read_secrets(environment, ugly)
        assert found.problems
        assert "hunter2" not in repr(found)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_whatever_comes_in_is_passed_on_as_it_is_or_refused_without_being_shown(text: str) -> None:
    found = access(EXCHANGE_ACCESS_SECRET=text)
    if not found.problems:
        assert revealed(found.secrets.access_secret) in (text, text.removesuffix("\n"), text.removesuffix("\r\n"))
        assert json.loads(json.dumps({"secret": revealed(found.secrets.access_secret)}))["secret"] in text
    if len(text.strip()) > 8:
        assert text.strip() not in " ".join(words for _, words in found.problems)


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("PING_URL", "https://hc.example:8443/uuid?x=1", ""),
        ("PING_URL", "hc.example/uuid", "ping_url: PING_URL must be the address of a web page, such as https://…"),
        ("PING_URL", "file:///etc/passwd", "ping_url: PING_URL must be the address of a web page, such as https://…"),
        ("PING_URL", "https://a b", "ping_url: PING_URL must be the address of a web page, such as https://…"),
        ("APPRISE_URL", "discord://a/b  mailto://c:d@e.example", ""),
        (
            "APPRISE_URL",
            "hunter2",
            "apprise_url: APPRISE_URL must be an apprise URL, such as discord://…, or several with a space between",
        ),
    ],
)
def test_an_address_that_cannot_be_one_is_told_and_not_shown(name: str, value: str, problem: str) -> None:
    assert told(read_secrets(DRY, {name: value})) == ([problem] if problem else [])


def test_a_channel_that_is_malformed_is_left_out_and_fails_nothing() -> None:
    process = {"TELEGRAM_TOKEN": "1:a", "TELEGRAM_CHAT_ID": "@me", "PING_URL": "x", "APPRISE_URL": "json://a", **GIVEN}
    found = read_channels(LIVE, process)
    assert (found.telegram_token, found.telegram_chat_id, found.ping_url, found.access_key) == (None,) * 4
    assert revealed(found.apprise_url) == "json://a"
