"""A question to the network ends in time, whatever is at the other end, and never tells the address."""

import time

import pytest

from pipeline.adapters.notices.asking import MOST_BYTES, OutOfReach, ask
from tests.adapters.notices.receiver import Receiver
from tests.ports import free_port

pytestmark = pytest.mark.sockets


def test_it_comes_back_with_status_and_content(service: Receiver) -> None:
    service.status, service.answer = 404, b'{"a": 1}'
    answered = ask(f"{service.url}/some/word?x=1", b'{"b": 2}', 30)
    assert (answered.status, answered.json()) == (404, {"a": 1})
    assert service.asked == [("/some/word?x=1", {"b": 2})]


def test_what_hangs_and_what_drips_is_cut_off(service: Receiver) -> None:
    began = time.monotonic()
    service.hangs = True
    with pytest.raises(OutOfReach, match="no answer in time"):
        ask(f"{service.url}/secret", None, 0.5)
    service.hangs, service.drips = False, True
    with pytest.raises(OutOfReach, match="no answer in time"):
        ask(f"{service.url}/secret", None, 1.0)
    assert time.monotonic() - began < 60


def test_an_answer_that_is_too_long_is_none(service: Receiver) -> None:
    service.answer = b"x" * (MOST_BYTES + 1)
    with pytest.raises(OutOfReach, match="too long"):
        ask(service.url, None, 30)


def test_a_redirect_is_not_followed(service: Receiver) -> None:
    service.status = 302
    assert ask(service.url, None, 30).status == 302
    assert len(service.asked) == 1


def test_no_message_holds_the_address() -> None:
    port = free_port()
    for address in (
        f"http://127.0.0.1:{port}/secret",
        "ftp://x/secret",
        "http://[secret",
        "http:///secret",
        "https://127.0.0.1:0/secret",
    ):
        with pytest.raises(OutOfReach) as failed:
            ask(address, None, 5)
        assert "secret" not in str(failed.value)
        assert failed.value.__cause__ is None
