"""A service of the loopback for each test that asks for one."""

from collections.abc import Iterator

import pytest

from tests.adapters.notices.receiver import Receiver, receiver


@pytest.fixture
def service() -> Iterator[Receiver]:
    with receiver() as made:
        yield made
