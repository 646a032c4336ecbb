"""What looks like a secret is blacked out, whoever's it is; what does not stays readable."""

import pytest

from pipeline.domain.redaction import BLACK, redacted, without_secrets

HIDDEN = "hunter2-hunter2"


@pytest.mark.parametrize(
    "text",
    [
        f"password={HIDDEN}",
        f'{{"api_key": "{HIDDEN}"}}',
        f"apiKey: '{HIDDEN}'",
        f"X-MBX-ACCESS-KEY: {HIDDEN}",
        f"EXCHANGE_ACCESS_SECRET={HIDDEN}",
        f"Authorization: Bearer {HIDDEN}",
        f"Basic {HIDDEN}==",
        f"https://user:{HIDDEN}@host/x",
        f"GET /order?symbol=BTC&signature={HIDDEN}&x=1",
        f"jwt_secret_key = {HIDDEN}",
        f"-----BEGIN EC PRIVATE KEY-----\n{HIDDEN}\n-----END EC PRIVATE KEY-----",
        f"-----BEGIN PRIVATE KEY-----\n{HIDDEN}",
        f"https://api.telegram.org/bot1234567:AA{HIDDEN}{HIDDEN}/sendMessage",
    ],
)
def test_what_stands_where_a_secret_stands_is_blacked_out(text: str) -> None:
    found, count = redacted(f"before {text} after")
    assert HIDDEN not in found
    assert BLACK in found
    assert count >= 1
    assert found.startswith("before")


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-28 10:00:01 - freqtrade.worker - INFO - Bot heartbeat. PID=12, version='2026.9', state='RUNNING'",
        "Found open order for Trade(id=1, pair=BTC/USDT, amount=0.0016, open_rate=63000.5)",
        "sma_trend: 5a527cfe74c0 was braked by daily_loss_max_ratio: it lost 2.1 %",
        "http://127.0.0.1:18100/api/v1/ping",
        "mail to trader@example.org",
        "nothing is taken from this device's secrets: environments/sandbox.yml:3:1: mode: is live",
    ],
)
def test_what_a_log_says_stays(text: str) -> None:
    assert redacted(text) == (text, 0)


def test_what_was_blacked_out_once_stays_as_it_is() -> None:
    once, _ = redacted(f"token={HIDDEN} Bearer {HIDDEN}")
    assert redacted(once) == (once, 0)


def test_in_data_the_key_decides_and_what_is_empty_or_no_text_stays() -> None:
    told = {
        "exchange": {"name": "binance", "key": HIDDEN, "pair_whitelist": ["BTC/USDT"]},
        "telegram": {"enabled": False, "token": "", "chat_id": HIDDEN},
        "webhook": {"url": f"https://u:{HIDDEN}@x/y", "retries": 3},
        "nested": [{"ws_token": HIDDEN}, 1.5, None, True],
    }
    found, count = without_secrets(told)
    assert count == 4
    assert HIDDEN not in repr(found)
    assert isinstance(found, dict)
    assert found["exchange"] == {"name": "binance", "key": BLACK, "pair_whitelist": ["BTC/USDT"]}
    assert found["telegram"] == {"enabled": False, "token": "", "chat_id": BLACK}
