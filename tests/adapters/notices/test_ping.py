"""The dead man's ping goes after good rounds, at most once a minute, and never keeps anybody waiting."""

import threading
from dataclasses import dataclass, field

import pytest

from pipeline.adapters.notices.ping import Ping
from pipeline.domain.trading import Secret
from tests.adapters.notices.receiver import Receiver
from tests.fakes import FakeClock

pytestmark = pytest.mark.sockets

LONG = 60.0


@dataclass
class Noted:
    clock: FakeClock = field(default_factory=FakeClock)
    problems: list[str] = field(default_factory=list)

    def ping(self, service: Receiver) -> Ping:
        return Ping(
            self.clock, lambda: Secret(f"{service.url}/canary-word"), lambda _, problem: self.problems.append(problem)
        )


def test_it_goes_once_a_minute_at_the_most(service: Receiver) -> None:
    noted = Noted()
    ping = noted.ping(service)
    for _ in range(13):
        ping.all_is_well()
        ping.settle(LONG)
        noted.clock.sleep(10)
    assert [path for path, _ in service.asked] == ["/canary-word"] * 3
    assert noted.problems == [""] * 3


def test_a_clock_that_was_set_back_does_not_silence_it(service: Receiver) -> None:
    noted = Noted()
    ping = noted.ping(service)
    ping.all_is_well()
    ping.settle(LONG)
    noted.clock.sleep(-86400)
    ping.all_is_well()
    ping.settle(LONG)
    assert len(service.asked) == 2


def test_that_it_fails_is_noted_without_the_address(service: Receiver) -> None:
    noted = Noted()
    service.status = 503
    ping = noted.ping(service)
    ping.all_is_well()
    ping.settle(LONG)
    assert noted.problems == ["it answers with status 503"]


def test_one_that_hangs_keeps_nobody_waiting_and_is_asked_only_once(service: Receiver) -> None:
    service.hangs = True
    noted = Noted()
    ping = noted.ping(service)
    for _ in range(100):
        ping.all_is_well()
        noted.clock.sleep(61)
    ping.settle(0.1)
    service.over.set()
    ping.settle(LONG)
    assert len(service.asked) == 1


def test_without_an_address_nothing_is_begun() -> None:
    before = threading.active_count()
    Ping(FakeClock(), lambda: None, lambda _, __: None).all_is_well()
    assert threading.active_count() == before
